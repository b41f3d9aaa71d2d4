// SPDX-License-Identifier: GPL-2.0

//! Patterns with wildcards, with the meaning that lib/glob.c gives them.

use core::ffi::CStr;

/// Returns whether `pattern` matches all of `text`.
pub fn glob_match(pattern: &CStr, text: &CStr) -> bool {
    let (pattern, text) = (pattern.to_bytes(), text.to_bytes());
    let (mut p, mut t) = (0, 0);
    // Behind the last star, and what of the text it does not stand for yet.
    let mut back = None;

    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            back = Some((p, t));
            continue;
        }
        match pattern.get(p..).and_then(|rest| behind_one(rest, text[t])) {
            Some(used) => {
                p += used;
                t += 1;
            }
            None => {
                let Some((behind, from)) = back else {
                    return false;
                };
                back = Some((behind, from + 1));
                (p, t) = (behind, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// Returns how many bytes of the pattern stand for `byte`, if the next ones do.
fn behind_one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'[', ..] => class(pattern, byte),
        [b'\\', literal, ..] => (*literal == byte).then_some(2),
        [literal, ..] => (*literal == byte).then_some(1),
        [] => None,
    }
}

fn class(pattern: &[u8], byte: u8) -> Option<usize> {
    let inverted = pattern.get(1) == Some(&b'!');
    let mut at = if inverted { 2 } else { 1 };
    let mut found = false;

    // The first member may be the bracket that would close the class.
    loop {
        let Some(&first) = pattern.get(at) else {
            // It is not closed, and stands for itself.
            return (byte == b'[').then_some(1);
        };
        let mut last = first;
        at += 1;
        if let [b'-', end, ..] = pattern[at..] {
            if end != b']' {
                last = end;
                at += 2;
            }
        }
        found |= (first..=last).contains(&byte);
        if pattern.get(at) == Some(&b']') {
            return (found != inverted).then_some(at + 1);
        }
    }
}
