// SPDX-License-Identifier: GPL-2.0

//! Bitmaps as what they mean: a `bool` for each bit, and nothing clever.

use kernel::{
    bitmap::BitmapVec,
    fmt,
    prelude::*, //
};

/// One bit, a word and its neighbours, two words, and as many CPUs as a kernel can have.
pub(crate) const SIZES: [usize; 6] = [1, 63, 64, 65, 128, 8192];

/// What went wrong: the operation, on which patterns, what it should have made, what it made.
pub(crate) struct Failure {
    pub(crate) operation: &'static str,
    pub(crate) patterns: [&'static str; 2],
    pub(crate) wanted: usize,
    pub(crate) found: usize,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            patterns: [a, b],
            wanted,
            found,
        } = self;
        write!(
            f,
            "{operation} of {a} and {b}: wanted {wanted}, found {found}"
        )
    }
}

impl From<kernel::alloc::AllocError> for Failure {
    fn from(_: kernel::alloc::AllocError) -> Self {
        Self {
            operation: "allocation",
            patterns: [""; 2],
            wanted: 1,
            found: 0,
        }
    }
}

impl From<Error> for Failure {
    fn from(_: Error) -> Self {
        kernel::alloc::AllocError.into()
    }
}

pub(crate) type Outcome = core::result::Result<(), Failure>;

/// Fails unless the operation made what was wanted.
pub(crate) fn expect(
    operation: &'static str,
    patterns: [&'static str; 2],
    found: impl Into<Value>,
    wanted: impl Into<Value>,
) -> Outcome {
    let (Value(found), Value(wanted)) = (found.into(), wanted.into());
    if found == wanted {
        return Ok(());
    }
    Err(Failure {
        operation,
        patterns,
        wanted,
        found,
    })
}

/// What operations make: a number, a bit or none.
#[derive(Clone, Copy)]
pub(crate) struct Value(usize);

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self(value.into())
    }
}

impl From<Option<usize>> for Value {
    fn from(value: Option<usize>) -> Self {
        Self(value.unwrap_or(usize::MAX))
    }
}

/// Which bits are set, by number and size.
pub(crate) type Pattern = (&'static str, fn(usize, usize) -> bool);

/// Ends, edges of words, runs of all lengths, and no pattern at all.
pub(crate) const PATTERNS: [Pattern; 11] = [
    ("none", |_, _| false),
    ("all", |_, _| true),
    ("first", |bit, _| bit == 0),
    ("last", |bit, size| bit + 1 == size),
    ("all but first", |bit, _| bit != 0),
    ("all but last", |bit, size| bit + 1 != size),
    ("even", |bit, _| bit % 2 == 0),
    ("odd", |bit, _| bit % 2 == 1),
    ("edges of words", |bit, _| matches!(bit % 64, 0 | 63)),
    ("runs", |bit, _| bit % 11 < bit / 11 % 12),
    ("noise", |bit, _| {
        (bit as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 62 == 0
    }),
];

/// The bits as a model.
pub(crate) fn model(size: usize, (_, has): Pattern) -> Result<KVec<bool>> {
    let mut model = KVec::with_capacity(size, GFP_KERNEL)?;
    for bit in 0..size {
        model.push(has(bit, size), GFP_KERNEL)?;
    }
    Ok(model)
}

/// The bits as a bitmap.
pub(crate) fn bitmap(size: usize, (_, has): Pattern) -> Result<BitmapVec> {
    let mut map = BitmapVec::new(size, GFP_KERNEL)?;
    for bit in (0..size).filter(|bit| has(*bit, size)) {
        map.set_bit(bit);
    }
    Ok(map)
}
