// SPDX-License-Identifier: GPL-2.0

//! Each operation on bitmaps of a size, beside what a model of them gives.

use kernel::{
    bitmap::Bitmap,
    fmt::Write,
    prelude::*, //
};
use kernel_ext::bitmap::BitmapExt;

use super::model::{
    bitmap,
    expect,
    model,
    Outcome,
    PATTERNS, //
};

type Check = (&'static str, fn(usize) -> Outcome);

pub(crate) const CHECKS: [Check; 6] = [
    ("weight, empty, full and test", counts),
    ("walks and next", walks),
    ("wrapped walks", wraps),
    ("and, or, andnot", algebra),
    ("subset, intersects, equal", relations),
    ("the list", lists),
];

fn counts(size: usize) -> Outcome {
    for pattern in PATTERNS {
        let of = [pattern.0, ""];
        let (map, model) = (bitmap(size, pattern)?, model(size, pattern)?);
        let weight = model.iter().filter(|bit| **bit).count();

        expect("weight", of, map.weight(), weight)?;
        expect("empty", of, map.empty(), weight == 0)?;
        expect("full", of, map.full(), weight == size)?;
        for (bit, set) in model.iter().enumerate() {
            expect("test_bit", of, map.test_bit(bit), *set)?;
        }
        // Past the end, in the same word and in those that follow.
        for bit in size..size + 130 {
            expect("test_bit past the end", of, map.test_bit(bit), false)?;
        }
    }
    Ok(())
}

fn walks(size: usize) -> Outcome {
    for pattern in PATTERNS {
        let of = [pattern.0, ""];
        let (map, model) = (bitmap(size, pattern)?, model(size, pattern)?);

        let mut walk = map.set_bits();
        for (bit, _) in model.iter().enumerate().filter(|(_, set)| **set) {
            expect("set_bits", of, walk.next(), Some(bit))?;
        }
        expect("the end of set_bits", of, walk.next(), None)?;
        expect("set_bits after its end", of, walk.next(), None)?;

        // The model from the back: the next one from each bit on.
        let mut next = None;
        expect(
            "find_next_bit at the end",
            of,
            map.find_next_bit(size),
            next,
        )?;
        for (bit, set) in model.iter().enumerate().rev() {
            if *set {
                next = Some(bit);
            }
            expect("find_next_bit", of, map.find_next_bit(bit), next)?;
        }
    }
    Ok(())
}

fn wraps(size: usize) -> Outcome {
    for pattern in PATTERNS {
        let of = [pattern.0, ""];
        let (map, model) = (bitmap(size, pattern)?, model(size, pattern)?);

        for start in [0, 1, size / 2, size.saturating_sub(1), size, size + 1] {
            let mut walk = map.set_bits_wrap(start);
            let split = start.min(size);
            let order = [split..size, 0..split].into_iter().flatten();
            for bit in order.filter(|bit| model[*bit]) {
                expect("set_bits_wrap", of, walk.next(), Some(bit))?;
            }
            expect("the end of set_bits_wrap", of, walk.next(), None)?;
            expect("set_bits_wrap after its end", of, walk.next(), None)?;
        }
    }
    Ok(())
}

/// Compares a bitmap with what a function says, and looks for bits past its end.
fn compare(
    operation: &'static str,
    of: [&'static str; 2],
    map: &Bitmap,
    wanted: impl Fn(usize) -> bool,
) -> Outcome {
    for bit in 0..map.len() {
        expect(operation, of, map.test_bit(bit), wanted(bit))?;
    }
    let weight = (0..map.len()).filter(|bit| wanted(*bit)).count();
    expect(operation, of, map.weight(), weight)
}

/// Sizes of the other bitmap: past its end there are zeros, and past ours there is no room.
fn other_sizes(size: usize) -> [usize; 4] {
    [size, size + 1, size + 64, size / 2]
}

/// A bit of a model, zero past its end.
fn set(model: &[bool], bit: usize) -> bool {
    model.get(bit).copied().unwrap_or(false)
}

fn algebra(size: usize) -> Outcome {
    for a in PATTERNS {
        let model_a = model(size, a)?;
        for other_size in other_sizes(size) {
            for b in PATTERNS {
                let of = [a.0, b.0];
                let (other, model_b) = (bitmap(other_size, b)?, model(other_size, b)?);

                let mut map = bitmap(size, a)?;
                let left = map.and(&other);
                compare("and", of, &map, |bit| model_a[bit] && set(&model_b, bit))?;
                expect("and returns", of, left, map.weight() > 0)?;

                let mut map = bitmap(size, a)?;
                map.or(&other);
                compare("or", of, &map, |bit| model_a[bit] || set(&model_b, bit))?;

                let mut map = bitmap(size, a)?;
                let left = map.andnot(&other);
                compare("andnot", of, &map, |bit| {
                    model_a[bit] && !set(&model_b, bit)
                })?;
                expect("andnot returns", of, left, map.weight() > 0)?;
            }
        }
    }
    Ok(())
}

fn relations(size: usize) -> Outcome {
    for a in PATTERNS {
        let (map, model_a) = (bitmap(size, a)?, model(size, a)?);
        for other_size in other_sizes(size) {
            for b in PATTERNS {
                let of = [a.0, b.0];
                let (other, model_b) = (bitmap(other_size, b)?, model(other_size, b)?);
                let pairs = || {
                    (0..size.max(other_size)).map(|bit| (set(&model_a, bit), set(&model_b, bit)))
                };

                let subset = pairs().all(|(a, b)| !a || b);
                expect("subset", of, map.subset(&other), subset)?;
                let intersects = pairs().any(|(a, b)| a && b);
                expect("intersects", of, map.intersects(&other), intersects)?;
                let equal = pairs().all(|(a, b)| a == b);
                expect("equal", of, map.equal(&other), equal)?;
            }
        }
    }
    Ok(())
}

/// Compares what is written with a text, and counts how much of it was right.
struct Compare<'a> {
    wanted: &'a [u8],
    right: usize,
}

impl Write for Compare<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.wanted = self
            .wanted
            .strip_prefix(text.as_bytes())
            .ok_or(core::fmt::Error)?;
        self.right = self.right.saturating_add(text.len());
        Ok(())
    }
}

/// Puts a number at the end of a text.
fn push_number(text: &mut KVec<u8>, number: usize) -> Result {
    if number >= 10 {
        push_number(text, number / 10)?;
    }
    Ok(text.push(b'0' + (number % 10) as u8, GFP_KERNEL)?)
}

/// The list of a model: for each bit, whether it begins a range, ends one, or both.
fn list(model: &[bool]) -> Result<KVec<u8>> {
    let mut text = KVec::new();
    for bit in (0..model.len()).filter(|bit| model[*bit]) {
        let begins = bit == 0 || !model[bit - 1];
        let ends = bit + 1 == model.len() || !model[bit + 1];

        if begins && !text.is_empty() {
            text.push(b',', GFP_KERNEL)?;
        }
        if ends && !begins {
            text.push(b'-', GFP_KERNEL)?;
        }
        if begins || ends {
            push_number(&mut text, bit)?;
        }
    }
    Ok(text)
}

fn lists(size: usize) -> Outcome {
    for pattern in PATTERNS {
        let of = [pattern.0, ""];
        let wanted = list(&model(size, pattern)?)?;

        let mut out = Compare {
            wanted: &wanted,
            right: 0,
        };
        let written = out.write_fmt(fmt!("{}", bitmap(size, pattern)?.list()));
        expect(
            "bytes of the list that are right",
            of,
            out.right,
            wanted.len(),
        )?;
        expect("an end of the list", of, written.is_ok(), true)?;
    }

    // As the kernel prints it.
    let mut out = Compare {
        wanted: b"0-3,8",
        right: 0,
    };
    let pattern = |bit, _| matches!(bit, 0..=3 | 8);
    let map = bitmap(size.max(9), ("0-3,8", pattern))?;
    let written = out.write_fmt(fmt!("{}", map.list()));
    expect(
        "0-3,8",
        ["0-3,8", ""],
        written.is_ok() && out.wanted.is_empty(),
        true,
    )
}
