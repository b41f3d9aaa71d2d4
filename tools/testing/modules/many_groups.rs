// SPDX-License-Identifier: GPL-2.0

//! Test module: as many groups in /proc/tally as somebody asks for.
//!
//! Writing `+10 20` to /proc/many_groups adds the groups `many10` to `many19`, each of which has
//! counted its number; `-10 20` takes them away. `tools/testing/guest/test_many.py` does.

use kernel::{
    new_mutex,
    prelude::*,
    rbtree::RBTree,
    seq_file::SeqFile,
    seq_print,
    str::CString,
    sync::Mutex, //
};
use kernel_ext::procfs::{
    self,
    Control,
    Opener,
    SeqOperations, //
};
use tally::{
    counters,
    Group, //
};

module! {
    type: ManyGroups,
    name: "many_groups",
    authors: ["The tally developers"],
    description: "Test of tally: many blocks that come and go",
    license: "GPL",
}

counters! {
    /// What each group has.
    struct Counts {
        /// Its number.
        number: u64,
        /// Twice its number.
        twice: u64,
    }
}

/// Adds the group of a number.
fn add(number: u64) -> Result<Group<Counts>> {
    let group = Group::<Counts>::new(&*CString::try_from_fmt(fmt!("many{number}"))?)?;

    group.number.add(number);
    group.twice.add(number.wrapping_mul(2));
    Ok(group)
}

/// The groups by number.
struct Groups(Pin<KBox<Mutex<RBTree<u64, Group<Counts>>>>>);

impl SeqOperations for Groups {
    type Guard = ();

    fn start(&self, _opener: Opener<'_>) {}

    fn seek(&self, _: &(), pos: usize) -> Option<usize> {
        (pos == 0).then_some(pos)
    }

    fn show(&self, _: &(), _: usize, m: &SeqFile) -> Result {
        seq_print!(m, "{}\n", self.0.lock().iter().count());
        Ok(())
    }
}

impl Control for Groups {
    fn write(&self, _opener: Opener<'_>, text: &[u8]) -> Result {
        let text = core::str::from_utf8(text.trim_ascii_end()).map_err(|_| EINVAL)?;
        let (sign, range) = text.split_at_checked(1).ok_or(EINVAL)?;
        let (first, end) = range.split_once(' ').ok_or(EINVAL)?;
        let first = first.parse::<u64>().map_err(|_| EINVAL)?;
        let end = end.parse::<u64>().map_err(|_| EINVAL)?;

        for number in first..end {
            if sign == "+" {
                let group = add(number)?;
                self.0
                    .lock()
                    .try_create_and_insert(number, group, GFP_KERNEL)?;
            } else {
                // It goes when the mutex is free again.
                let _group = self.0.lock().remove_node(&number);
            }
        }
        Ok(())
    }
}

#[pin_data]
struct ManyGroups {
    #[pin]
    entry: procfs::Registration<Groups>,
}

impl kernel::InPlaceModule for ManyGroups {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let groups = KBox::pin_init(new_mutex!(RBTree::new()), GFP_KERNEL)?;

            Ok(try_pin_init!(Self {
                entry <- procfs::Registration::with_control(c"many_groups", 0o644, Groups(groups)),
            }? Error))
        })
    }
}
