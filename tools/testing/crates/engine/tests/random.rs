// SPDX-License-Identifier: GPL-2.0

//! Writes at random, beside the model: what a fuzzer does, and bounded. FUZZ_SEED repeats a run,
//! FUZZ_WRITES says how many inputs there are.

#[path = "../../../../tally/procfs/tests/common/random.rs"]
mod random;

use std::env;

use random::Random;
use tally_engine::fuzz::{
    one,
    Done,
    EVENTS, //
};

const INPUTS: u64 = 5000;

impl Random {
    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// A name, or a glob that may stand for it.
    fn name(&mut self) -> String {
        let name = self.of(&EVENTS);
        let (system, event) = name.split_once(':').expect("it is a name");
        match self.below(9) {
            8 => self
                .of(&[
                    "latency:runqueue",
                    "latency:run*",
                    "latency:disk_*",
                    "latency:each_disk_queued",
                    "latency:each_*",
                    "latency:*",
                    "latency:x",
                    "softirq:net_rx",
                    "softirq:net_*",
                    "softirq:none",
                    "interrupt:24",
                    "interrupt:*",
                    "interrupt:7",
                    "interrupt:04",
                    "interrupt:32",
                ])
                .to_string(),
            0 => format!("{system}:*"),
            1 => format!("*:{event}"),
            2 => format!("{}?:{event}", &system[..system.len() - 1]),
            3 => format!("{system}:[{}a-c_]*", self.of(&["", "!"])),
            4 => format!("{system}:{event}_later"),
            _ => name.to_string(),
        }
    }

    fn line(&mut self) -> String {
        let mark = self.of(&["", "", "", "!", "!", "+"]);
        match self.below(10) {
            0 => self.of(&["", "# nothing", "#"]).to_string(),
            1 | 2 => format!("{mark}{}..{}", self.of(&EVENTS), self.of(&EVENTS)),
            _ => format!("{mark}{}", self.name()),
        }
    }

    /// Some writes, in which a few bytes may be others.
    fn input(&mut self) -> Vec<u8> {
        // As a rule memory is not short.
        let short = [255, 255, 255, self.below(40)][self.below(4)];
        let mut input = vec![u8::try_from(short).expect("it is a byte")];
        for write in 0..=self.below(5) {
            if write > 0 {
                input.push(0xff);
            }
            for _ in 0..=self.below(3) {
                input.extend(self.line().into_bytes());
                input.push(b'\n');
            }
        }
        if self.below(3) == 0 {
            for _ in 0..=self.below(3) {
                let place = self.below(input.len());
                input[place] = b"\0\n!+:*?[]-.#ab_\x80\xff"[self.below(17)];
            }
        }
        input
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn random_writes_do_what_the_model_does() {
    let seed = number("FUZZ_SEED").unwrap_or_else(|| u64::from(std::process::id()) + 1);
    let inputs = number("FUZZ_WRITES").unwrap_or(INPUTS);
    let mut random = Random::new(seed);
    let mut done = Done::default();

    for number in 0..inputs {
        let input = random.input();
        let said = std::panic::catch_unwind(|| one(&input));
        match said {
            Ok(said) => done += said,
            Err(_) => panic!("FUZZ_SEED={seed}, input {number}: {input:?}"),
        }
    }
    println!("FUZZ_SEED={seed}: {inputs} inputs, {done:?}");
    let Done {
        writes,
        succeeded,
        invalid,
        refused,
        out_of_memory,
    } = done;
    for kind in [succeeded, invalid, refused, out_of_memory] {
        assert!(kind > writes / 100, "too few of a kind: {done:?}");
    }
}
