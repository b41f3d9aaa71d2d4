// SPDX-License-Identifier: GPL-2.0

//! The keys, as top and htop have them. The help is made of this table, so it has all.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key has the program do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    NextPane,
    Filter,
    Search,
    SearchOn,
    SortLeft,
    SortRight,
    Reverse,
    ByRate,
    ByTotal,
    ByFile,
    Zeros,
    Delay,
    SampleNow,
    Pause,
    Colour,
    Redraw,
    Help,
    Leave,
    Suspend,
    Quit,
}

/// Ties keys to an action.
pub(super) struct Binding {
    /// Names the keys, as the help does.
    pub(super) names: &'static str,
    pub(super) help: &'static str,
    codes: &'static [KeyCode],
    /// Whether they are pressed with Ctrl.
    control: bool,
    action: Action,
}

const fn plain(
    names: &'static str,
    codes: &'static [KeyCode],
    action: Action,
    help: &'static str,
) -> Binding {
    Binding {
        names,
        help,
        codes,
        control: false,
        action,
    }
}

const fn control(
    names: &'static str,
    codes: &'static [KeyCode],
    action: Action,
    help: &'static str,
) -> Binding {
    Binding {
        control: true,
        ..plain(names, codes, action, help)
    }
}

use KeyCode::{BackTab, Char, Down, End, Esc, F, Home, PageDown, PageUp, Tab, Up};

/// Lists all keys, in the order of the help.
pub(super) const BINDINGS: &[Binding] = &[
    plain("Up k", &[Up, Char('k')], Action::Up, "the row above"),
    plain("Down j", &[Down, Char('j')], Action::Down, "the row below"),
    plain("PgUp", &[PageUp], Action::PageUp, "a page up"),
    plain("PgDn", &[PageDown], Action::PageDown, "a page down"),
    plain("Home g", &[Home, Char('g')], Action::First, "the first row"),
    plain("End G", &[End, Char('G')], Action::Last, "the last row"),
    plain(
        "Tab",
        &[Tab, BackTab],
        Action::NextPane,
        "another picture of the row",
    ),
    plain(
        "F3 /",
        &[F(3), Char('/')],
        Action::Search,
        "look for a name",
    ),
    plain("n", &[Char('n')], Action::SearchOn, "look for it again"),
    plain(
        "F4 \\",
        &[F(4), Char('\\')],
        Action::Filter,
        "only rows like this",
    ),
    plain(
        "<",
        &[Char('<')],
        Action::SortLeft,
        "sort by the column left",
    ),
    plain(
        "> F6",
        &[Char('>'), F(6)],
        Action::SortRight,
        "sort by the next column",
    ),
    plain("P", &[Char('P')], Action::ByRate, "sort by rate"),
    plain("T", &[Char('T')], Action::ByTotal, "sort by total"),
    plain("N", &[Char('N')], Action::ByFile, "the order of the file"),
    plain(
        "R I",
        &[Char('R'), Char('I')],
        Action::Reverse,
        "sort the other way",
    ),
    plain(
        "i",
        &[Char('i')],
        Action::Zeros,
        "show what is zero, or not",
    ),
    plain(
        "d s",
        &[Char('d'), Char('s')],
        Action::Delay,
        "seconds between samples",
    ),
    plain("Space", &[Char(' ')], Action::SampleNow, "a sample now"),
    plain(
        "Z p",
        &[Char('Z'), Char('p')],
        Action::Pause,
        "stand still, or go on",
    ),
    plain("z", &[Char('z')], Action::Colour, "colours, or none"),
    control("Ctrl-L", &[Char('l')], Action::Redraw, "draw all again"),
    control(
        "Ctrl-Z",
        &[Char('z')],
        Action::Suspend,
        "to the shell, until fg",
    ),
    plain(
        "F1 ? h",
        &[F(1), Char('?'), Char('h')],
        Action::Help,
        "this help",
    ),
    plain("Esc", &[Esc], Action::Leave, "leave help, search, filter"),
    plain("F10 q", &[F(10), Char('q')], Action::Quit, "quit"),
    control("Ctrl-C", &[Char('c')], Action::Quit, "the same"),
];

/// Returns what a key does.
pub(super) fn action(key: &KeyEvent) -> Option<Action> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    BINDINGS
        .iter()
        .find(|binding| binding.control == control && binding.codes.contains(&key.code))
        .map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_there_twice() {
        let mut seen = Vec::new();
        for binding in BINDINGS {
            for &code in binding.codes {
                assert!(!seen.contains(&(code, binding.control)), "{code:?}");
                seen.push((code, binding.control));
            }
        }
    }

    #[test]
    fn control_makes_another_key() {
        let key = |code, modifiers| action(&KeyEvent::new(code, modifiers));
        assert_eq!(key(Char('z'), KeyModifiers::NONE), Some(Action::Colour));
        assert_eq!(key(Char('z'), KeyModifiers::CONTROL), Some(Action::Suspend));
        assert_eq!(key(Char('G'), KeyModifiers::SHIFT), Some(Action::Last));
        assert_eq!(key(Char('y'), KeyModifiers::NONE), None);
    }
}
