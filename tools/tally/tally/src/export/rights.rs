// SPDX-License-Identifier: GPL-2.0

//! Whether this process sees what events counted.

use std::fs;

use tally_procfs::Snapshot;

use crate::machine::{enabled, hides_events};

const CAP_SYS_ADMIN: u32 = 21;
const CAP_PERFMON: u32 = 38;

/// Tells whether records of events are in what this process reads.
///
/// If any are there, or ought to be, that decides. Otherwise it is whether the process has what
/// it takes: CAP_PERFMON in the initial user namespace.
pub(super) fn sees_events(snapshot: &Snapshot) -> bool {
    if !enabled(snapshot).is_empty() {
        return true;
    }
    !hides_events(snapshot)
        && is_initial_namespace(&fs::read_to_string("/proc/self/uid_map").unwrap_or_default())
        && has_perfmon(&fs::read_to_string("/proc/self/status").unwrap_or_default())
}

/// In the initial user namespace all users are themselves.
fn is_initial_namespace(uid_map: &str) -> bool {
    uid_map.split_whitespace().eq(["0", "0", "4294967295"])
}

fn has_perfmon(status: &str) -> bool {
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    [CAP_SYS_ADMIN, CAP_PERFMON]
        .iter()
        .any(|capability| (effective >> capability) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities() {
        let status =
            |mask: &str| format!("Name:\ttally\nCapPrm:\tffffffffffffffff\nCapEff:\t{mask}\n");
        assert!(has_perfmon(&status("000001ffffffffff")));
        assert!(has_perfmon(&status("0000004000000000")));
        assert!(has_perfmon(&status("0000000000200000")));
        assert!(!has_perfmon(&status("0000000000000000")));
        assert!(!has_perfmon(&status("0000003fffdfffff")));
        assert!(!has_perfmon(""));
    }

    #[test]
    fn namespaces() {
        assert!(is_initial_namespace("         0          0 4294967295\n"));
        assert!(!is_initial_namespace("         0       1000          1\n"));
        assert!(!is_initial_namespace(""));
    }
}
