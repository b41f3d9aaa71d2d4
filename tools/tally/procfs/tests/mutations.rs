// SPDX-License-Identifier: GPL-2.0

//! Files of real machines, broken at random: as a fuzzer does it, and bounded, so that it is a
//! test on any toolchain. FUZZ_SEED repeats a run.

#[path = "common/random.rs"]
mod random;

use std::{env, fs, path::Path};

use random::Random;
use tally_procfs::Snapshot;

const RUNS: u64 = 4000;

fn fixtures() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testing/fixtures");
    let mut found = Vec::new();
    for fixture in ["1-cpus", "4-cpus", "4-cpus-1-down"] {
        for file in ["tally.txt", "tally_percpu.txt"] {
            let path = root.join(fixture).join(file);
            found.push(fs::read(path).expect("there is a fixture"));
        }
    }
    found
}

/// Breaks a text in one place. Most breaks are of lines, as bytes at random are soon refused.
fn mutate(text: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = text
        .split_inclusive(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let at = random.below(lines.len());
    match random.below(8) {
        0 => {
            lines.remove(at.min(lines.len() - 1));
        }
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        3 => {
            let other = &others[random.below(others.len())];
            let from: Vec<&[u8]> = other.split_inclusive(|&byte| byte == b'\n').collect();
            lines.insert(at, from[random.below(from.len())].to_vec());
        }
        4 => lines.truncate(at + 1),
        5 => {
            let place = random.below(text.len());
            text[place] = b" \n0aA:_~\x00\xff"[random.below(10)];
            return;
        }
        6 => {
            let place = random.below(text.len());
            text.remove(place.min(text.len() - 1));
            return;
        }
        _ => {
            // A number that is as large as it may be, or larger.
            let digits = [
                "18446744073709551615",
                "18446744073709551616",
                "00",
                "4294967296",
            ];
            let line = &mut lines[at];
            if let Some(space) = line.iter().rposition(|&byte| byte == b' ') {
                line.truncate(space + 1);
                line.extend(digits[random.below(4)].bytes());
                line.push(b'\n');
            }
        }
    }
    *text = lines.concat();
}

#[test]
fn broken_files_parse_or_are_errors_that_name_a_line() {
    let seed = env::var("FUZZ_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) + 1);
    let mut random = Random::new(seed);
    let fixtures = fixtures();
    let (mut parsed, mut refused) = (0, 0);
    for run in 0..RUNS {
        let mut text = fixtures[random.below(fixtures.len())].clone();
        for _ in 0..=random.below(3) {
            if !text.is_empty() {
                mutate(&mut text, &fixtures, &mut random);
            }
        }
        let said = format!(
            "FUZZ_SEED={seed}, run {run}: {}",
            String::from_utf8_lossy(&text)
        );
        match Snapshot::parse(&text) {
            Ok(snapshot) => {
                parsed += 1;
                let again = Snapshot::parse(snapshot.to_string()).expect(&said);
                assert_eq!(again, snapshot, "{said}");
            }
            Err(error) => {
                refused += 1;
                let lines = text.split(|&byte| byte == b'\n').count();
                assert!((1..=lines).contains(&error.line()), "{error}, {said}");
            }
        }
    }
    // Both happen, so both are tested.
    assert!(
        parsed > RUNS / 50 && refused > RUNS / 50,
        "{parsed} parsed, {refused} refused"
    );
}
