// SPDX-License-Identifier: GPL-2.0

//! What holds of bitmaps, histograms and the search for systems, beside what is easy to believe.

use std::{
    cell::Cell,
    collections::BTreeSet,
    ffi::CString, //
};

use kernel::{
    alloc::GFP_KERNEL,
    bitmap::{
        Bitmap,
        BitmapVec, //
    }, //
};
use kernel_ext::{
    bitmap::BitmapExt,
    cpumask,
    percpu::Histogram,
    tracepoint::SystemSearch, //
};
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    }
}

/// A bitmap's length and the bits that are set.
fn set() -> impl Strategy<Value = (usize, BTreeSet<usize>)> {
    let len = prop_oneof![0usize..4, 62usize..67, 126usize..131, 0usize..300];
    len.prop_flat_map(|len| {
        let some = proptest::collection::btree_set(0..len.max(1), 0..=len.min(20));
        let all = Just((0..len).collect());
        (Just(len), prop_oneof![8 => some, 1 => all]).prop_map(|(len, mut set)| {
            set.retain(|bit| *bit < len);
            (len, set)
        })
    })
}

/// The bitmap, whose last word has bits past the end too.
fn bitmap((len, set): &(usize, BTreeSet<usize>)) -> BitmapVec {
    let mut map = BitmapVec::new(*len, GFP_KERNEL).expect("there is memory");
    for bit in set {
        map.set_bit(*bit);
    }
    map.set_tail();
    map
}

fn bits(map: &Bitmap) -> BTreeSet<usize> {
    map.set_bits().collect()
}

/// Bits as the kernel prints them.
fn list(set: &BTreeSet<usize>) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &bit in set {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == bit => *last = bit,
            _ => runs.push((bit, bit)),
        }
    }
    let run = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_bitmap_is_a_set(one in set(), index in 0usize..400, start in 0usize..400) {
        let (len, set) = &one;
        let map = bitmap(&one);
        prop_assert_eq!(&bits(&map), set);
        prop_assert_eq!(map.weight(), set.len());
        prop_assert_eq!(map.empty(), set.is_empty());
        prop_assert_eq!(map.full(), set.len() == *len);
        prop_assert_eq!(map.test_bit(index), set.contains(&index));
        prop_assert_eq!(map.find_next_bit(start), set.range(start..).next().copied());
        prop_assert_eq!(map.list().to_string(), list(set));
        let wrapped: Vec<_> = set.range(start..).chain(set.range(..start)).copied().collect();
        prop_assert_eq!(map.set_bits_wrap(start).collect::<Vec<_>>(), wrapped);
        let mut walk = map.set_bits();
        let _ = walk.by_ref().count();
        prop_assert_eq!(walk.next(), None);
    }

    #[test]
    fn operations_are_those_of_sets(one in set(), two in set()) {
        let (len, a) = &one;
        let (_, b) = &two;
        let other = bitmap(&two);
        let map = bitmap(&one);
        prop_assert_eq!(map.subset(&other), a.is_subset(b));
        prop_assert_eq!(map.intersects(&other), !a.is_disjoint(b));
        prop_assert_eq!(map.equal(&other), a == b);

        let mut map = bitmap(&one);
        let wanted: BTreeSet<_> = a & b;
        prop_assert_eq!(map.and(&other), !wanted.is_empty());
        prop_assert_eq!(bits(&map), wanted);
        let mut map = bitmap(&one);
        let wanted: BTreeSet<_> = a - b;
        prop_assert_eq!(map.andnot(&other), !wanted.is_empty());
        prop_assert_eq!(bits(&map), wanted);
        let mut map = bitmap(&one);
        map.or(&other);
        prop_assert_eq!(bits(&map), (a | b).into_iter().filter(|bit| bit < len).collect());
    }

    #[test]
    fn a_bucket_holds_its_powers_of_two(value in any::<u64>(), shift in 0u32..64) {
        for value in [value, value >> shift, 1 << shift, (1 << shift) - 1] {
            let bucket = Histogram::bucket(value);
            prop_assert!(bucket < Histogram::BUCKETS);
            match bucket {
                0 => prop_assert_eq!(value, 0),
                _ => {
                    let least = 1u128 << (bucket - 1);
                    prop_assert!((least..2 * least).contains(&u128::from(value)));
                }
            }
        }
    }

    #[test]
    fn a_histogram_has_each_value_once(values in proptest::collection::vec(any::<u64>(), 0..40)) {
        let histogram = Histogram::new(GFP_KERNEL).expect("there is memory");
        for value in &values {
            histogram.record(*value);
        }
        let sum = |bucket| histogram.sum(bucket, cpumask::possible().iter());
        let all = (0..Histogram::BUCKETS).map(|bucket| sum(bucket).expect("it is one")).sum::<u64>();
        prop_assert_eq!(all, values.len() as u64);
        prop_assert_eq!(sum(Histogram::BUCKETS), None);
    }

    /// Whatever was right before, the system that is right is found, and nothing that is not asked
    /// for is lost.
    #[test]
    fn a_system_is_found(systems in proptest::collection::vec(any::<prop::sample::Index>(), 1..30)) {
        let all = SystemSearch::systems();
        let mut search = SystemSearch::new().expect("there is memory");
        for index in systems {
            let system = all[index.index(all.len())];
            let name = CString::new("some_event").expect("it has no NUL");
            prop_assert_eq!(search.find(&name, |tried| tried == system), Some(system));
            let tried = Cell::new(0);
            let none = search.find(&name, |_| {
                tried.set(tried.get() + 1);
                false
            });
            prop_assert_eq!((none, tried.get()), (None, all.len()));
        }
    }
}
