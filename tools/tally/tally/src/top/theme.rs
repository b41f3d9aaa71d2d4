// SPDX-License-Identifier: GPL-2.0

//! What the terminal can show: colours or none, letters beyond ASCII or not.

use ratatui::style::{Color, Modifier, Style};

/// How many steps a heat map has, the first of which is nothing.
pub(super) const STEPS: usize = 9;

/// Draws with what there is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Theme {
    pub(super) colours: Colours,
    /// Whether the terminal takes UTF-8.
    pub(super) unicode: bool,
}

/// Lists how many colours there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Colours {
    None,
    Eight,
    Many,
}

/// Goes from dark to light, as heat does, and reads on black and on white.
const RAMP: [u8; STEPS - 1] = [17, 18, 55, 90, 126, 166, 208, 220];

impl Theme {
    /// Returns what the environment says of the terminal.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|text| !text.is_empty());
        let term = set("TERM").unwrap_or_default();
        let colours = if set("NO_COLOR").is_some() || term.starts_with("vt") {
            Colours::None
        } else if term.contains("256color") || term.contains("direct") || set("COLORTERM").is_some()
        {
            Colours::Many
        } else {
            Colours::Eight
        };
        // The first of them that is set decides.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| set(name));
        let unicode = locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self { colours, unicode }
    }

    fn coloured(self, colour: Color) -> Style {
        match self.colours {
            Colours::None => Style::new(),
            Colours::Eight | Colours::Many => Style::new().fg(colour),
        }
    }

    /// Returns the style of titles.
    pub(super) fn title(self) -> Style {
        self.coloured(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of the heads of columns.
    pub(super) fn head(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Returns the style of the chosen row.
    pub(super) fn chosen(self) -> Style {
        match self.colours {
            Colours::None => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().fg(Color::Black).bg(Color::Cyan),
        }
    }

    /// Returns the style of what came.
    pub(super) fn came(self) -> Style {
        self.coloured(Color::Green).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of what went.
    pub(super) fn went(self) -> Style {
        self.coloured(Color::Red)
    }

    /// Returns the style of what does not matter now.
    pub(super) fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Returns the style of bars and lines.
    pub(super) fn bar(self) -> Style {
        self.coloured(Color::Yellow)
    }

    /// Returns a cell of a heat map, of a step below `STEPS`.
    pub(super) fn heat(self, step: usize) -> (char, Style) {
        let shades: &[char; STEPS] = if self.unicode {
            &['·', '░', '░', '▒', '▒', '▓', '▓', '█', '█']
        } else {
            &['.', ':', '-', '=', '+', 'o', '*', '%', '#']
        };
        let shade = shades[step.min(STEPS - 1)];
        match (self.colours, step) {
            (Colours::Many, 1..) => (
                ' ',
                Style::new().bg(Color::Indexed(RAMP[(step - 1).min(RAMP.len() - 1)])),
            ),
            (_, 0) => (shade, self.faint()),
            _ => (shade, self.bar()),
        }
    }

    /// Returns the mark that is so many eighths high.
    pub(super) fn eighths(self, eighths: usize) -> char {
        let marks: &[char; 9] = if self.unicode {
            &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        } else {
            &[' ', '_', '_', '.', '.', '-', '=', '*', '#']
        };
        marks[eighths.min(8)]
    }

    /// Returns the mark of a CPU that is away.
    pub(super) fn away(self) -> char {
        if self.unicode { '×' } else { 'x' }
    }
}

/// Returns how high a value is in steps: 0 for nothing, `steps` for the greatest.
pub(super) fn step(value: f64, greatest: f64, steps: usize) -> usize {
    if value <= 0.0 || greatest <= 0.0 {
        return 0;
    }
    #[expect(clippy::cast_precision_loss, reason = "there are few steps")]
    let found = (value / greatest * steps as f64).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is clamped"
    )]
    let found = found as usize;
    found.clamp(1, steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Theme {
        Theme::of(|name| {
            let found = variables.iter().find(|(one, _)| *one == name)?;
            Some(found.1.into())
        })
    }

    #[test]
    fn colours() {
        assert_eq!(of(&[("TERM", "linux")]).colours, Colours::Eight);
        assert_eq!(of(&[("TERM", "vt220")]).colours, Colours::None);
        assert_eq!(of(&[("TERM", "tmux-256color")]).colours, Colours::Many);
        let none = [("TERM", "xterm-256color"), ("NO_COLOR", "1")];
        assert_eq!(of(&none).colours, Colours::None);
        // An empty one is as if it were not set.
        assert_eq!(of(&[none[0], ("NO_COLOR", "")]).colours, Colours::Many);
    }

    #[test]
    fn letters() {
        assert!(of(&[("LANG", "C.UTF-8")]).unicode);
        assert!(!of(&[("LANG", "C.UTF-8"), ("LC_ALL", "C")]).unicode);
        assert!(!of(&[]).unicode);
    }

    #[test]
    fn steps() {
        assert_eq!(step(0.0, 10.0, 8), 0);
        assert_eq!(step(0.1, 10.0, 8), 1);
        assert_eq!(step(5.0, 10.0, 8), 4);
        assert_eq!(step(10.0, 10.0, 8), 8);
        assert_eq!(step(1.0, 0.0, 8), 0);
    }
}
