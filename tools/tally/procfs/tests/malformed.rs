// SPDX-License-Identifier: GPL-2.0

//! What is no file of tally's is an error that names the line.

use tally_procfs::{ErrorKind, Snapshot};

const TALLY: &str = "Tally, format 1\n      loaded_ns    1\n";
const KERNEL: &str = "Kernel\n  pagesets\n    cpu: 0\n              nr_switches: 1\n";

/// Fails unless the text is an error in that line, of that kind.
fn refuse(text: impl AsRef<[u8]>, line: usize, kind: ErrorKind) {
    let text = text.as_ref();
    let error = Snapshot::parse(text).expect_err(&String::from_utf8_lossy(text));
    assert_eq!(
        (error.line(), error.kind()),
        (line, &kind),
        "{}",
        String::from_utf8_lossy(text)
    );
    assert!(error.to_string().starts_with(&format!("line {line}: ")));
}

#[test]
fn the_first_line_says_what_it_is() {
    for text in [
        "",
        "\n",
        "Cpus\n      possible     1\n",
        "Tally\n",
        "Tally, format 01\n",
    ] {
        refuse(text, 1, ErrorKind::NotTally);
    }
}

#[test]
fn other_formats_are_told_apart() {
    refuse(
        "Tally, format 0\nwhatever there was\n",
        1,
        ErrorKind::OtherFormat(0),
    );
    refuse(
        "Tally, format 2\n* whatever comes\n",
        1,
        ErrorKind::OtherFormat(2),
    );
    let said = |format| {
        Snapshot::parse(format!("Tally, format {format}\n"))
            .expect_err("not ours")
            .to_string()
    };
    assert_eq!(
        said(0),
        "line 1: the file is of format 0, which is older than the format 1 that is known here"
    );
    assert_eq!(
        said(2),
        "line 1: the file is of format 2, which is newer than the format 1 that is known here"
    );
}

#[test]
fn a_file_that_is_cut_off_is_no_shorter_file() {
    let text = format!("{TALLY}{KERNEL}    departed\n              nr_switches: 10\n");
    Snapshot::parse(&text).expect("it is whole");
    for end in 0..text.len() {
        let Err(error) = Snapshot::parse(&text[..end]) else {
            // Only behind a whole record can nobody tell.
            assert_eq!(end, TALLY.len());
            continue;
        };
        let lines = text[..end].lines().count().max(1);
        assert_eq!(error.line(), lines, "{:?}: {error}", &text[..end]);
        let wanted = match text[..end].chars().last() {
            None => ErrorKind::NotTally,
            Some('\n') => ErrorKind::Unfinished,
            Some(_) => ErrorKind::CutOff,
        };
        assert_eq!(error.kind(), &wanted, "{:?}", &text[..end]);
    }
}

#[test]
fn bytes_of_no_line() {
    for byte in [0u8, b'\t', b'\r', 0x7f, 0x80, 0xff] {
        let mut text = TALLY.as_bytes().to_vec();
        text.extend([b'D', b'i', b's', b'k', b' ', byte, b'\n']);
        refuse(text, 3, ErrorKind::Byte(byte));
    }
}

#[test]
fn numbers() {
    for (text, fits) in [
        ("18446744073709551615", true),
        ("18446744073709551616", false),
        ("00", false),
        ("01", false),
        ("-1", false),
        ("+1", false),
        ("1.5", false),
        ("", false),
        ("1 ", false),
    ] {
        let file = format!("{TALLY}Cpus\n      possible     {text}\n");
        if fits {
            let snapshot = Snapshot::parse(&file).expect("it fits");
            assert_eq!(snapshot.total("Cpus", "possible"), Some(u64::MAX));
        } else {
            refuse(&file, 4, ErrorKind::Number(text.into()));
        }
    }
    refuse(
        format!("{TALLY}Kernel\n  pagesets\n    cpu: 4294967296\n"),
        5,
        ErrorKind::Number("4294967296".into()),
    );
}

#[test]
fn lines_that_stand_nowhere() {
    for (text, line) in [
        ("kernel\n", 3),
        ("Kernel\n     nr_switches  1\n", 4),
        ("Kernel\n      Switches     1\n", 4),
        ("Kernel\n      nr-switches  1\n", 4),
        ("Kernel\n      nr_switches\n", 4),
        ("Kernel\n  pagesets\n              nr_switches: 1\n", 5),
        ("Kernel\n  pagesets\n    departed\n", 5),
        ("Kernel\n  pagesets\n    cpu: 0\n      nr_switches  1\n", 6),
        ("Kernel\n      nr_switches  1\n  pagesets\n", 5),
        ("\nKernel\n", 3),
    ] {
        refuse(format!("{TALLY}{text}"), line, ErrorKind::NoSuchLine);
    }
}

#[test]
fn records_that_are_not_whole() {
    refuse(
        format!("{TALLY}Cpus\nKernel\n      nr_switches  1\n"),
        4,
        ErrorKind::Unfinished,
    );
    refuse(format!("{TALLY}{KERNEL}Cpus\n"), 7, ErrorKind::Unfinished);
    refuse(format!("{TALLY}Cpus\n"), 3, ErrorKind::Unfinished);
}

#[test]
fn a_key_is_there_once_and_sections_have_the_same() {
    refuse(
        format!("{TALLY}Cpus\n      online       1\n      online       2\n"),
        5,
        ErrorKind::SameKey("online".into()),
    );
    refuse(
        format!("{TALLY}{KERNEL}    departed\n              nr_hardirqs: 10\n"),
        8,
        ErrorKind::OtherKeys,
    );
    refuse(
        format!("{TALLY}{KERNEL}    cpu: 0\n              nr_switches: 10\n"),
        7,
        ErrorKind::CpuOrder,
    );
}

#[test]
fn what_a_newer_module_has_is_kept() {
    let text = "Tally, format 1\n      loaded_ns    1\n      newly        2\n\
                Event no_colon\n      count        3\n\
                Weather today\n      rain         4\n      snow_on_the_mountains 5\n\
                Zone-ish, of a kind\n  pagesets\n    cpu: 7\n              rain: 6\n    departed\n              rain: 7\n";
    let snapshot = Snapshot::parse(text).expect("all of it keeps to the grammar");
    assert_eq!(snapshot.to_string(), text);
    assert_eq!(snapshot.total("Tally, format 1", "newly"), Some(2));
    assert_eq!(snapshot.total("Event no_colon", "count"), Some(3));
    assert_eq!(
        snapshot.total("Weather today", "snow_on_the_mountains"),
        Some(5)
    );
    assert_eq!(snapshot.total("Zone-ish, of a kind", "rain"), Some(13));
}
