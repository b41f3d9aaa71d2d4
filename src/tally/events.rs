// SPDX-License-Identifier: GPL-2.0

//! Events of the kernel and of modules, chosen while the machine runs.
//!
//! An event is on the list, which folds see, before its probe is attached, and until the probe is
//! off and has returned everywhere. Readers see it in between.

mod event;
mod plan;

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use kernel_ext::{
    cpuhp::DeadCpu,
    percpu::Slots,
    tracepoint::{
        Attachment,
        EventName,
        Probes, //
    }, //
};

use self::{
    event::Event,
    plan::{
        Addition,
        Plan, //
    }, //
};
use crate::{
    control::Command,
    record::{
        Group,
        Record, //
    }, //
};

/// An event that is counted.
struct Counted {
    event: Arc<Event>,
    attachment: Attachment,
}

impl Counted {
    fn name(&self) -> &EventName {
        self.event.name()
    }
}

impl AsMut<Attachment> for Counted {
    fn as_mut(&mut self) -> &mut Attachment {
        &mut self.attachment
    }
}

/// Whatever is counted.
struct Table {
    /// Sorted by name.
    counted: KVVec<Counted>,
    /// The number of the event that comes next.
    next: usize,
}

impl Table {
    fn insert(&mut self, counted: Counted) -> Result {
        let place = self
            .counted
            .partition_point(|other| other.name().parts() < counted.name().parts());

        self.counted
            .insert_within_capacity(place, counted)
            .map_err(|_| ENOMEM)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        Attachment::drop_if(&mut self.counted, |_| true);
    }
}

/// The `Event` blocks.
///
/// Who commands holds `table` throughout, and takes `list` for moments alone, with which readers
/// and folds make do.
#[pin_data]
pub(crate) struct Events {
    #[pin]
    table: Mutex<Table>,
    #[pin]
    probes: Probes,
    #[pin]
    slots: Slots,
    /// Sorted by number.
    #[pin]
    list: Mutex<KVVec<Arc<Event>>>,
}

impl Events {
    /// No events.
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        let table = Table {
            counted: KVVec::new(),
            next: 0,
        };

        try_pin_init!(Self {
            table <- new_mutex!(table, "Events::table"),
            probes <- Probes::new(),
            slots <- Slots::new(),
            list <- new_mutex!(KVVec::new(), "Events::list"),
        }? Error)
    }

    /// Obeys `commands`, one after another: all of them, or none if one cannot be obeyed. Sleeps.
    ///
    /// To be called without the locks of CPU hotplug, of modules and of tracepoints.
    pub(crate) fn apply(&self, commands: &[Command<'_>]) -> Result {
        let mut table = self.table.lock();

        let mut plan = Plan::new(&self.probes, &table.counted)?;
        for command in commands {
            plan.obey(command)?;
        }
        let (stopped, additions) = plan.into_parts();

        table.counted.reserve(additions.len(), GFP_KERNEL_ACCOUNT)?;
        let mut added = KVVec::with_capacity(additions.len(), GFP_KERNEL_ACCOUNT)?;
        let result = self.add(&mut table.next, &additions, &mut added);
        if result.is_ok() {
            self.exchange(&table.counted, &stopped, &added);
        }

        for counted in [&mut table.counted, &mut added] {
            Attachment::drop_if(counted, |counted| !counted.event.is_shown());
        }
        self.list.lock().retain(|event| event.is_shown());
        self.slots.trim();

        for counted in added.drain_all() {
            table.insert(counted)?;
        }
        result
    }

    /// Counts `additions` in hiding, and pushes them to `added`. If it fails, some may be there.
    fn add(&self, next: &mut usize, additions: &[Addition], added: &mut KVVec<Counted>) -> Result {
        for addition in additions {
            let event = Event::new(*next, addition.name.clone(), &self.slots)?;
            let event = Arc::new(event, GFP_KERNEL_ACCOUNT)?;
            self.list.lock().push(event.clone(), GFP_KERNEL_ACCOUNT)?;
            *next = next.wrapping_add(1);

            let (name, slot) = (event.name().clone(), event.slot().clone());
            let attachment = if addition.is_wish {
                self.probes.attach_or_wait(name, slot)?
            } else {
                self.probes.attach(name, slot)?
            };
            added.push(Counted { event, attachment }, GFP_KERNEL_ACCOUNT)?;
        }
        Ok(())
    }

    /// Hides those of `counted` that are `stopped` and shows what was `added`, at once.
    fn exchange(&self, counted: &[Counted], stopped: &[bool], added: &[Counted]) {
        let _list = self.list.lock();

        for (counted, stopped) in counted.iter().zip(stopped) {
            counted.event.show(!stopped);
        }
        for added in added {
            added.event.show(true);
        }
    }
}

impl Group for Events {
    fn lend(&self, from: usize, to: &mut dyn FnMut(usize, &dyn Record)) {
        let list = self.list.lock();

        let first = list.partition_point(|event| event.number() < from);
        let shown = list.iter().skip(first).find(|event| event.is_shown());
        if let Some(event) = shown {
            to(event.number(), &**event);
        }
    }

    fn fold(&self, cpu: &DeadCpu<'_>) {
        for event in self.list.lock().iter() {
            let event: &dyn Record = &**event;
            for counter in event.counters() {
                counter.fold(cpu);
            }
        }
    }

    fn slots(&self) -> usize {
        self.slots.capacity()
    }

    fn attached(&self) -> usize {
        self.probes.attached()
    }

    fn needs_perfmon(&self) -> bool {
        true
    }
}
