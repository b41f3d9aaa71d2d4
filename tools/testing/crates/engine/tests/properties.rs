// SPDX-License-Identifier: GPL-2.0

//! What holds of every text that is written, of every name and of every key.

use proptest::{
    collection::vec,
    prelude::*, //
};
use tally_engine::{
    check_group_key,
    check_group_name,
    key,
    model,
    parsed,
    Engine,
    Model,
    MAX_KEY, //
};

const EINVAL: i32 = 22;
const E2BIG: i32 = 7;

/// Nothing is kept of cases that fail: what they were is printed, and becomes a test.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    }
}

/// Bytes that mean something to the grammar, and a few that mean nothing.
fn text() -> impl Strategy<Value = Vec<u8>> {
    vec(
        prop::sample::select(&b"ab_-0:*?[]!+.#\n\n\0 \\\x80"[..]),
        0..40,
    )
}

/// Lines that keep to the grammar.
fn line() -> impl Strategy<Value = String> {
    let name = "[A-Za-z0-9_-]{1,8}";
    let glob = r"([A-Za-z0-9_*?-]|\[!?[A-Za-z0-9_-]{1,4}\]){1,6}";
    prop_oneof![
        Just(String::new()),
        "#[ -~]{0,20}",
        ("[!+]?", name, name).prop_map(|(mark, a, b)| format!("{mark}{a}:{b}")),
        ("!?", glob, glob).prop_map(|(mark, a, b)| format!("{mark}{a}:{b}")),
        ("[!+]?", name, name, name, name)
            .prop_map(|(mark, a, b, c, d)| format!("{mark}{a}:{b}..{c}:{d}")),
    ]
}

/// What the model makes of a text, in the view that there is of the grammar.
fn wanted(text: &[u8]) -> Result<Vec<(String, Vec<String>)>, i32> {
    let commands = model::parsed(text)?;
    Ok(commands
        .into_iter()
        .map(|(mark, names)| {
            let globs = names.iter().any(|name| name.contains(['*', '?', '[']));
            (mark, if globs { Vec::new() } else { names })
        })
        .collect())
}

fn found(text: &[u8]) -> Result<Vec<(String, Vec<String>)>, i32> {
    let commands = parsed(text)?;
    Ok(commands
        .into_iter()
        .map(|(mark, names)| (mark.to_string(), names))
        .collect())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_has_the_commands_that_the_model_says(text in text()) {
        prop_assert_eq!(found(&text), wanted(&text));
    }

    #[test]
    fn any_bytes_have_the_commands_that_the_model_says(text in vec(any::<u8>(), 0..60)) {
        prop_assert_eq!(found(&text), wanted(&text));
    }

    #[test]
    fn what_nearly_keeps_to_it_has_the_commands_that_the_model_says(
        text in r"[!+]?[ab*?!\[\]-]{1,5}:[ab*?!\[\]-]{1,5}(\.\.[ab]:[ab*]{1,2})?",
    ) {
        prop_assert_eq!(found(text.as_bytes()), wanted(text.as_bytes()));
    }

    #[test]
    fn what_keeps_to_the_grammar_is_understood(lines in vec(line(), 0..6), end in "\n?") {
        let text = lines.join("\n") + &end;
        let commands = lines.iter().filter(|line| !line.is_empty() && !line.starts_with('#'));
        prop_assert_eq!(found(text.as_bytes()).map(|found| found.len()), Ok(commands.count()));
        prop_assert_eq!(found(text.as_bytes()), wanted(text.as_bytes()));
    }

    #[test]
    fn the_last_line_needs_no_end(line in line()) {
        prop_assert_eq!(found(line.as_bytes()), found(format!("{line}\n").as_bytes()));
    }

    #[test]
    fn a_group_is_called_by_bytes_that_print(name in vec(any::<u8>(), 0..70)) {
        let prints = !name.is_empty() && name.iter().all(|byte| (b'!'..=b'~').contains(byte));
        let wanted = if !prints { EINVAL } else if name.len() > MAX_KEY { E2BIG } else { 0 };
        prop_assert_eq!(check_group_name(&name), wanted);
    }

    #[test]
    fn a_counter_is_called_by_small_letters(key in "[a-z0-9_A-Z-]{0,70}") {
        let mut bytes = key.bytes();
        let named = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
            && bytes.all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let wanted = if !named { EINVAL } else if key.len() > MAX_KEY { E2BIG } else { 0 };
        prop_assert_eq!(check_group_key(key.as_bytes()), wanted);
    }

    #[test]
    fn a_key_is_laid_out_as_zoneinfo_does(
        prefix in "[a-z][a-z_]{0,30}", number in any::<u64>(), suffix in "[a-z]{0,4}",
    ) {
        let name = format!("{prefix}{number}{suffix}");
        let [found, total, slot] = key(&prefix, number, &suffix);
        prop_assert_eq!(found, name.clone().into_bytes());
        prop_assert_eq!(total, format!("      {name:12} ").into_bytes());
        prop_assert_eq!(slot, format!("              {name}: ").into_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..config() })]

    /// A plan is of all commands at once, each on top of those before it.
    #[test]
    fn a_write_does_what_the_model_does_or_nothing(
        names in vec("[ab]{1,2}:[ab]{1,2}", 1..8),
        commands in vec(("[!+]?", r"([ab*?]|\[!?[a-b]\]){1,3}", r"([ab*?]|\[!?[ab]\]){1,3}"), 1..8),
        limit in 0u32..6,
    ) {
        let mut there: Vec<&str> = names.iter().map(String::as_str).collect();
        there.sort_unstable();
        there.dedup();
        let lines: Vec<_> = commands.iter().map(|(mark, a, b)| format!("{mark}{a}:{b}")).collect();
        let engine = Engine::new(&there, limit, 1 << 20);
        let mut model = Model::new(&there, limit);

        for text in lines.chunks(3).map(|lines| lines.join("\n")) {
            prop_assert_eq!(engine.write(text.as_bytes()), model.write(text.as_bytes()), "{}", text);
            let mut shown: Vec<_> = engine.records().into_iter().map(|(header, _)| header).collect();
            shown.sort();
            let wanted: Vec<_> = model.events.keys().map(|(a, b)| format!("Event {a}:{b}")).collect();
            prop_assert_eq!(shown, wanted, "{}", text);
        }
    }

    /// Whoever has opened the file without the right to do so changes nothing.
    #[test]
    fn without_a_capability_nothing_happens(lines in vec(line(), 0..4)) {
        let engine = Engine::new(&["a:b"], 5, 1 << 20);
        prop_assert_eq!(engine.write_as(false, lines.join("\n").as_bytes()), model::EPERM);
        prop_assert!(engine.records().is_empty());
    }
}
