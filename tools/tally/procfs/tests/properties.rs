// SPDX-License-Identifier: GPL-2.0

//! What holds of every file, and of every text that is none.

use proptest::{collection::vec, prelude::*};
use tally_procfs::{EventName, Name, Snapshot, Values, advance};

/// As many tries as take a second or so. Nothing is kept of those that fail: what they were is
/// printed, and becomes a test.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(300)
    }
}

fn key() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,30}"
}

/// Headers of all records that are known, and of others.
fn header() -> impl Strategy<Value = String> {
    let event = "[a-zA-Z0-9_-]{1,20}:[a-zA-Z0-9_-]{1,20}";
    prop_oneof![
        Just("Cpus".to_string()),
        Just("Kernel".to_string()),
        Just("Zones".to_string()),
        Just("Hotplug".to_string()),
        (any::<u32>(), "[A-Z][A-Za-z0-9]{0,9}")
            .prop_map(|(node, zone)| format!("Node {node}, zone {zone:>8}")),
        "[!-~]{1,20}".prop_map(|name| format!("Disk {name}")),
        event.prop_map(|event| format!("Event {event}")),
        (event, event).prop_map(|(begin, end)| format!("Time {begin}..{end}")),
        "(softirq:[a-z_]{1,8}|interrupt:[0-9]{1,4})".prop_map(|name| format!("Time {name}")),
        "[!-~]{1,20}( [!-~]{1,20})?".prop_map(|name| format!("Latency {name}")),
        "[!-~]{1,64}".prop_map(|name| format!("Group {name}")),
        "[A-Z][ -~]{0,40}",
    ]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), 0..1000u64, any::<u64>()]
}

/// A record in the text of /proc/tally (`false`) or /proc/tally_percpu.
fn record(percpu: bool) -> impl Strategy<Value = String> {
    let keys = proptest::collection::btree_set(key(), 1..6);
    let cpus = proptest::collection::btree_set(any::<u32>(), 1..4);
    (header(), keys, cpus, vec(number(), 40), any::<bool>()).prop_map(
        move |(header, keys, cpus, numbers, totals)| {
            let mut numbers = numbers.iter();
            let mut number = || numbers.next().expect("there are enough");
            let mut text = format!("{header}\n");
            if !percpu || totals {
                for key in &keys {
                    text += &format!("      {key:12} {}\n", number());
                }
                return text;
            }
            text += "  pagesets\n";
            let sections = cpus.iter().map(|cpu| format!("cpu: {cpu}"));
            for section in sections.chain(["departed".to_string()]) {
                text += &format!("    {section}\n");
                for key in &keys {
                    text += &format!("              {key}: {}\n", number());
                }
            }
            text
        },
    )
}

fn file() -> impl Strategy<Value = String> {
    any::<bool>().prop_flat_map(|percpu| {
        vec(record(percpu), 0..6).prop_map(|records| {
            format!(
                "Tally, format 1\n      loaded_ns    7\n{}",
                records.concat()
            )
        })
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_keeps_to_the_grammar_parses_and_prints_as_it_was(text in file()) {
        let snapshot = Snapshot::parse(&text).expect("it keeps to the grammar");
        prop_assert_eq!(snapshot.to_string(), text);
    }

    #[test]
    fn a_header_is_a_name_and_the_name_is_the_header(header in header()) {
        prop_assert_eq!(Name::parse(&header).to_string(), header);
    }

    #[test]
    fn a_total_is_the_sum_of_its_sections(text in file()) {
        let snapshot = Snapshot::parse(&text).expect("it keeps to the grammar");
        for record in snapshot.records() {
            for (index, (key, total)) in record.totals().enumerate() {
                prop_assert_eq!(record.total(key), Some(total));
                if let Values::PerCpu { cpus, departed } = record.values() {
                    let sum = cpus.iter().map(|cpu| u128::from(cpu.values[index])).sum::<u128>()
                        + u128::from(departed[index]);
                    prop_assert_eq!(u128::from(total), sum % (1 << 64));
                }
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic_and_errors_are_in_the_text(text in vec(any::<u8>(), 0..300)) {
        if let Err(error) = Snapshot::parse(&text) {
            let lines = text.split(|&byte| byte == b'\n').count();
            prop_assert!((1..=lines).contains(&error.line()), "{}", error);
        }
    }

    #[test]
    fn a_file_with_one_other_byte_parses_or_is_an_error_in_the_file(
        text in file(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = text.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let lines = bytes.split(|&byte| byte == b'\n').count();
        match Snapshot::parse(&bytes) {
            Ok(snapshot) => prop_assert_eq!(snapshot.records()[0].name(), &Name::Tally(1)),
            Err(error) => prop_assert!((1..=lines).contains(&error.line()), "{}", error),
        }
    }

    #[test]
    fn a_count_advances_by_what_was_added(before in any::<u64>(), added in 0u64..1 << 63) {
        prop_assert_eq!(advance(before, before.wrapping_add(added)), added);
    }

    #[test]
    fn a_count_that_fell_began_anew(before in 1u64..1 << 63, after in 0u64..1 << 63) {
        prop_assume!(after < before);
        prop_assert_eq!(advance(before, after), after);
    }

    #[test]
    fn an_event_has_one_colon_and_no_odd_characters(text in "[ -~]{0,20}") {
        let wanted = text.split(':').count() == 2
            && text.split(':').all(|part| !part.is_empty())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":_-".contains(&byte));
        prop_assert_eq!(EventName::parse(&text).is_some(), wanted);
    }
}
