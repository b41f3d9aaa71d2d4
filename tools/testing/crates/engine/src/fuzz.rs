// SPDX-License-Identifier: GPL-2.0

//! Bytes that are writes: what a fuzzer makes up is done to an engine and to the model.

use core::ffi::CStr;

use kernel::alloc::short;
use kernel_ext::{
    cpu,
    tracepoint, //
};

use crate::{
    Engine,
    Model, //
};

/// The events that there are: few, so that bytes at random may be their names.
pub const EVENTS: [&str; 8] = [
    "a:b",
    "a:bc",
    "ab:a",
    "b:a",
    "function:f",
    "function:fg",
    "syscalls:sys_exit_a",
    "x-1:_y",
];

/// The disks that there are.
const DISKS: [&CStr; 2] = [c"sda", c"sdb"];

/// Few enough to be passed.
pub const LIMIT: u32 = 5;

/// What is between two writes.
const END: u8 = 0xff;

/// Says what became of the writes of one input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    pub writes: u64,
    pub succeeded: u64,
    pub invalid: u64,
    pub refused: u64,
    pub out_of_memory: u64,
}

impl core::ops::AddAssign for Done {
    fn add_assign(&mut self, other: Self) {
        self.writes += other.writes;
        self.succeeded += other.succeeded;
        self.invalid += other.invalid;
        self.refused += other.refused;
        self.out_of_memory += other.out_of_memory;
    }
}

/// Does what an input says. Panics if the engine does anything but what the model does.
///
/// The first byte says which allocation of each write fails, if it makes so many; such a write must
/// fail of that and change nothing, or do what it does if that allocation was not needed.
pub fn one(input: &[u8]) -> Done {
    let Some((&first, text)) = input.split_first() else {
        return Done::default();
    };
    let engine = Engine::new(&EVENTS, LIMIT, 1 << 20);
    for (addr, disk) in DISKS.into_iter().enumerate() {
        engine.add_disk(addr, disk);
    }
    let mut model = Model::new(&EVENTS, LIMIT);
    let mut done = Done::default();

    for (number, text) in text.split(|&byte| byte == END).enumerate() {
        let said = format!("write {number}, {:?}", String::from_utf8_lossy(text));
        let before = engine.held();
        let (found, fired) = short(usize::from(first), || engine.write(text));
        done.writes += 1;
        if found == 12 {
            assert!(fired, "{said}: ENOMEM, and there was memory");
            assert_eq!(
                engine.held(),
                before,
                "{said}: it failed and left something"
            );
            done.out_of_memory += 1;
        } else {
            let wanted = model.write(text);
            assert_eq!(found, wanted, "{said}: the errno");
            match found {
                0 => done.succeeded += 1,
                crate::model::EINVAL => done.invalid += 1,
                _ => done.refused += 1,
            }
        }

        cpu::run_on(number % 2);
        for name in EVENTS {
            tracepoint::happen(name);
            model.happen(name);
        }
        if number % 3 == 2 {
            engine.kill(1);
            cpu::set_online(1, true);
        }
        same(&engine, &model, &said);
    }
    done
}

/// Panics unless the engine shows what the model has.
fn same(engine: &Engine, model: &Model, said: &str) {
    let mut events = Vec::new();
    let mut times = Vec::new();
    let mut latencies = Vec::new();
    for (header, values) in engine.records() {
        match header.split_once(' ') {
            Some(("Event", name)) => events.push((name.to_string(), values[0].1)),
            Some(("Time", name)) => times.push(name.to_string()),
            Some(("Latency", name)) => latencies.push(name.to_string()),
            _ => panic!("{said}: {header}"),
        }
    }
    latencies.sort();
    let mut wanted = Vec::new();
    for what in &model.latencies {
        wanted.push(what.to_string());
        if what.starts_with("each_disk_") {
            let disks = DISKS.iter().map(|disk| disk.to_string_lossy());
            wanted.extend(disks.map(|disk| format!("{what} {disk}")));
        }
    }
    wanted.sort();
    assert_eq!(latencies, wanted, "{said}: the latencies");
    events.sort();
    times.sort();

    let name = |(system, event): &(String, String)| format!("{system}:{event}");
    let mut wanted: Vec<_> = model
        .events
        .iter()
        .map(|(parts, count)| (name(parts), *count))
        .collect();
    wanted.sort();
    assert_eq!(events, wanted, "{said}: the events");
    let ends = |[a, b, c, d]: &[String; 4]| format!("{a}:{b}..{c}:{d}");
    let mut wanted: Vec<_> = model.times.iter().map(ends).collect();
    wanted.extend(model.handlers.iter().cloned());
    wanted.sort();
    assert_eq!(times, wanted, "{said}: the times");
}
