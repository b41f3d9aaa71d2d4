// SPDX-License-Identifier: GPL-2.0

//! Globs, as tally itself takes them: `*`, `?`, `[a-z]` and `[!a-z]`.

/// Tells whether a text is like a pattern.
///
/// A `[` without an end stands for itself. Each `*` is tried at the last place where it may
/// end, so the time is at most the product of both lengths.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` was, and what it stands for ends.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, seen));
            at += 1;
        } else if let Some(length) = pattern.get(at..).and_then(|rest| one(rest, text[seen])) {
            at += length;
            seen += 1;
        } else if let Some((place, end)) = star {
            star = Some((place, end + 1));
            (at, seen) = (place + 1, end + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}

/// Returns how much of a pattern is about its first character, if that may be this one.
fn one(pattern: &[char], found: char) -> Option<usize> {
    match *pattern.first()? {
        '?' => Some(1),
        '[' => match class(pattern, found) {
            Some((length, matches)) => matches.then_some(length),
            None => (found == '[').then_some(1),
        },
        other => (other == found).then_some(1),
    }
}

/// Returns the length of a class, and whether the character is one of it.
fn class(pattern: &[char], found: char) -> Option<(usize, bool)> {
    let negated = pattern.get(1) == Some(&'!');
    let first = 1 + usize::from(negated);
    // A class has a member at least.
    let end = first
        + 1
        + pattern
            .get(first + 1..)?
            .iter()
            .position(|&one| one == ']')?;
    let mut members = &pattern[first..end];
    let mut is_member = false;
    while let Some(&member) = members.first() {
        if let [from, '-', to, ..] = members {
            is_member |= (*from..=*to).contains(&found);
            members = &members[3..];
        } else {
            is_member |= member == found;
            members = &members[1..];
        }
    }
    Some((end + 1, is_member != negated))
}

/// Tells whether a text is a pattern rather than a name.
pub(crate) fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn examples() {
        for (pattern, text, wanted) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("*a*b", "xaxbxab", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[!a-c]x", "dx", true),
            ("[a-]x", "-x", true),
            ("[x", "[x", true),
            ("irq:*", "irq:softirq_entry", true),
            ("irq:*", "irq_vectors:x", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} {text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_name_is_like_itself_and_nothing_else(name in "[a-z:_]{0,9}", other in "[a-z:_]{0,9}") {
            prop_assert!(matches(&name, &name));
            prop_assert_eq!(matches(&name, &other), name == other);
        }

        #[test]
        fn a_star_stands_for_anything(head in "[a-c]{0,4}", middle in "[a-c]{0,9}", tail in "[a-c]{0,4}") {
            let pattern = format!("{head}*{tail}");
            let text = format!("{head}{middle}{tail}");
            prop_assert!(matches(&pattern, &text));
        }

        #[test]
        fn it_always_ends(pattern in "[a*?!\\[\\]-]{0,20}", text in "[a\\[\\]]{0,60}") {
            matches(&pattern, &text);
        }
    }
}
