// SPDX-License-Identifier: GPL-2.0

//! Events that people define by dynamic_events, which have no tracepoint of the kernel's.

use super::FUNCTION;

/// Returns the name of the event that a line of dynamic_events defines, and why it cannot be
/// counted, with what to do instead.
///
/// A line is `p:kprobes/name place arguments`; its first letter says of what the event was made.
pub(super) fn obstacle(line: &str) -> Option<(String, String)> {
    let (made_of, rest) = line.split_once(':')?;
    let mut words = rest.split_whitespace();
    let name = words.next()?.replacen('/', ":", 1);
    let place = words.next().unwrap_or_default();
    let (kind, instead) = match made_of.bytes().next()? {
        b'p' | b'r' if place.starts_with('/') => ("uprobe", None),
        b'p' | b'r' => ("kprobe", calls(place)),
        b'f' => ("fprobe", calls(place)),
        b'e' => (
            "eprobe",
            Some(format!(
                "its event is counted as {}",
                place.replacen('.', ":", 1)
            )),
        ),
        b't' => (
            "tracepoint probe",
            Some(format!(
                "{place} is counted by its own event, if it has one"
            )),
        ),
        b's' => (
            "synthetic",
            Some(
                "its events are counted, and the time between two is first:event..second:event"
                    .into(),
            ),
        ),
        _ => ("dynamic_events", None),
    };
    let mut why = format!("somebody has defined it ({kind}), so it has no tracepoint of its own");
    if let Some(instead) = instead {
        why += &format!("; {instead}");
    }
    Some((name, why))
}

/// Says what counts the calls of the function that a place in the kernel's code is in.
fn calls(place: &str) -> Option<String> {
    let name = function(place)?;
    Some(format!("calls are counted as {FUNCTION}{name}"))
}

/// Returns the function that a place is in: `module:function+offset`, `function%return`.
///
/// Nothing is returned for an address, and for a clone that the compiler made.
fn function(place: &str) -> Option<&str> {
    let symbol = place.rsplit(':').next()?;
    let end = symbol.find(['+', '%']).unwrap_or(symbol.len());
    let name = &symbol[..end];
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (name.bytes().all(fits) && name.starts_with(|first: char| !first.is_ascii_digit()))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_reason() {
        for (line, name, kind, instead) in [
            (
                "p:kprobes/mine vfs_read count=%dx",
                "kprobes:mine",
                "kprobe",
                "; calls are counted as function:vfs_read",
            ),
            (
                "r8:kprobes/its xfs:xfs_read+0",
                "kprobes:its",
                "kprobe",
                "; calls are counted as function:xfs_read",
            ),
            (
                "f:fprobes/back vfs_read%return",
                "fprobes:back",
                "fprobe",
                "; calls are counted as function:vfs_read",
            ),
            (
                "p:kprobes/at 0xffffffff81000000",
                "kprobes:at",
                "kprobe",
                "",
            ),
            (
                "p:kprobes/clone do_it.constprop.0",
                "kprobes:clone",
                "kprobe",
                "",
            ),
            (
                "p:uprobes/shell /bin/sh:0x0000000000000010",
                "uprobes:shell",
                "uprobe",
                "",
            ),
            (
                "e:eprobes/again syscalls.sys_enter_openat",
                "eprobes:again",
                "eprobe",
                "; its event is counted as syscalls:sys_enter_openat",
            ),
            (
                "t:tracepoints/bare sched_switch",
                "tracepoints:bare",
                "tracepoint probe",
                "; sched_switch is counted by its own event, if it has one",
            ),
            (
                "s:synthetic/late u64 lat",
                "synthetic:late",
                "synthetic",
                "; its events are counted, and the time between two is \
                 first:event..second:event",
            ),
            ("x:new/kind of event", "new:kind", "dynamic_events", ""),
        ] {
            let why = format!(
                "somebody has defined it ({kind}), so it has no tracepoint of its own{instead}"
            );
            assert_eq!(obstacle(line), Some((name.into(), why)), "{line}");
        }
        for line in ["", "p", ":", "p:"] {
            assert_eq!(obstacle(line), None, "{line}");
        }
    }
}
