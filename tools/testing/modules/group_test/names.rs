// SPDX-License-Identifier: GPL-2.0

//! What groups may be called.

use kernel::prelude::*;
use tally::{
    counters,
    Group, //
};

use crate::ktap::{
    expect,
    Case,
    Outcome, //
};

pub(crate) const CASES: &[Case] = &[
    ("a name is not empty", || refused(c"", EINVAL)),
    ("a name has no blank", || refused(c"two words", EINVAL)),
    ("a name does not end in a blank", || {
        refused(c"group ", EINVAL)
    }),
    ("a name has no tab", || refused(c"two\twords", EINVAL)),
    ("a name is one line", || refused(c"two\nlines", EINVAL)),
    ("a name does not end the line", || {
        refused(c"line\n", EINVAL)
    }),
    ("a name prints", || refused(c"\x7f", EINVAL)),
    ("a name is in ASCII", || refused(c"caf\xc3\xa9", EINVAL)),
    ("a name has at most 64 bytes", || {
        accepted(c"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd")?;
        refused(
            c"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddde",
            E2BIG,
        )
    }),
    ("a name may be that of a device", || {
        accepted(c"0000:00:03.0")
    }),
    ("a name may begin with any of them", || {
        accepted(c"~!\"%{}\\#")
    }),
    (
        "a name is not given twice, however its counters are called",
        taken,
    ),
    (
        "a name is free again when its group goes, and counts from zero",
        free_again,
    ),
];

counters! {
    struct Counts {
        first: u64,
    }
}

counters! {
    struct Others {
        second: u64,
        third: u64,
    }
}

/// What making a group fails with, or 0.
fn errno(name: &CStr) -> i32 {
    Group::<Counts>::new(name).map_or_else(|error| error.to_errno(), |_| 0)
}

fn refused(name: &CStr, wanted: Error) -> Outcome {
    expect("errno", -errno(name), -wanted.to_errno())
}

fn accepted(name: &CStr) -> Outcome {
    expect("errno", -errno(name), 0)
}

fn taken() -> Outcome {
    let first = Group::<Counts>::new(c"taken")?;
    first.first.add(7);

    expect("errno", -errno(c"taken"), -EEXIST.to_errno())?;
    let other = Group::<Others>::new(c"taken").map_or_else(|error| error.to_errno(), |_| 0);
    expect("errno with other counters", -other, -EEXIST.to_errno())?;
    expect("errno of a longer name", -errno(c"taken2"), 0)?;
    expect("count of the first", first.first.sum_possible(), 7)
}

fn free_again() -> Outcome {
    for _ in 0..3 {
        let group = Group::<Counts>::new(c"again")?;
        expect("count", group.first.sum_possible(), 0)?;
        group.first.inc();
    }
    Ok(())
}
