// SPDX-License-Identifier: GPL-2.0

//! The keys, in columns.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span, Text},
};

use crate::top::{
    keys::{BINDINGS, Binding},
    theme::Theme,
};

/// The width of a column of keys.
const COLUMN: usize = 39;

/// Draws them.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let title = "Each row is a count, with how much it grew in a second. Below them is a picture\n\
                 of the chosen row. + is before what came, - before what went.\n ";
    let mut lines: Vec<Line<'_>> = title.lines().map(Line::raw).collect();
    let columns = (usize::from(area.width) / COLUMN).clamp(1, 3);
    let height = BINDINGS.len().div_ceil(columns);
    for line in 0..height {
        let row = (0..columns).filter_map(|column| BINDINGS.get(column * height + line));
        lines.push(Line::from(
            row.flat_map(|one| entry(one, theme)).collect::<Vec<_>>(),
        ));
    }
    lines.push(Line::raw(""));
    frame.render_widget(Text::from(lines), area);
}

fn entry(binding: &Binding, theme: Theme) -> [Span<'static>; 2] {
    [
        Span::styled(format!("{:>8}", binding.names), theme.title()),
        Span::raw(format!("  {:<1$}", binding.help, COLUMN - 10)),
    ]
}
