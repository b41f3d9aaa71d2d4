// SPDX-License-Identifier: GPL-2.0

//! The table of what is counted.

use ratatui::{Frame, layout::Rect, text::Line};

use super::number;
use crate::top::{
    model::{Mark, Model, Order, Row},
    theme::{Theme, step},
};

/// The widths of columns, of which names get what is left.
struct Widths {
    name: usize,
    key: usize,
    rate: usize,
    total: usize,
    trend: usize,
}

impl Widths {
    fn new(width: usize) -> Self {
        // The narrower the screen, the fewer columns.
        let (key, rate, total, trend) = match width {
            120.. => (20, 11, 20, 20),
            76.. => (17, 10, 13, 8),
            60.. => (17, 10, 9, 0),
            _ => (12, 9, 0, 0),
        };
        let columns = [key, rate, total, trend];
        let used: usize = columns.iter().map(|&one| one + usize::from(one > 0)).sum();
        Self {
            name: width.saturating_sub(1 + used),
            key,
            rate,
            total,
            trend,
        }
    }

    /// Prints all columns but the trend.
    fn line(&self, mark: char, cells: [&str; 4]) -> String {
        let mut text = format!("{mark}{}", fill(cells[0], self.name));
        text += &format!(" {}", fill(cells[1], self.key));
        text += &format!(" {:>1$}", cells[2], self.rate);
        if self.total > 0 {
            text += &format!(" {:>1$}", cells[3], self.total);
        }
        text
    }
}

/// Makes a name as long as its column.
fn fill(name: &str, width: usize) -> String {
    format!("{:width$}", shorten(name, width))
}

/// Leaves out the middle of a name that is too long.
pub(super) fn shorten(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.into();
    }
    let kept = width.saturating_sub(2);
    let tail = kept / 2;
    let start: String = name.chars().take(kept - tail).collect();
    let end: String = name.chars().skip(length - tail).collect();
    let dots = &".."[..width.min(2)];
    format!("{start}{dots}{end}")
}

/// Draws it, and tells the model how many rows there was room for.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model, theme: Theme) {
    model.fit(usize::from(area.height.saturating_sub(1)));
    let widths = Widths::new(area.width.into());
    let mut lines = vec![head(&widths, model, theme)];
    let chosen = model.chosen_at();
    let shown = model.rows.iter().enumerate().skip(model.above);
    for (at, row) in shown.take(area.height.saturating_sub(1).into()) {
        let mut line = Line::raw(text(&widths, row));
        if widths.trend > 0 {
            line.push_span(format!(" {}", trend(widths.trend, row, model, theme)));
        }
        lines.push(match row.mark {
            _ if at == chosen => line.style(theme.chosen()),
            Mark::Came => line.style(theme.came()),
            Mark::Went => line.style(theme.went()),
            Mark::None if row.rate == Some(0.0) => line.style(theme.faint()),
            Mark::None => {
                if let Some(trend) = line.spans.get_mut(1) {
                    trend.style = theme.bar();
                }
                line
            }
        });
    }
    if model.rows.is_empty() {
        let text = match (&model.filter, model.zeros) {
            (filter, 0) if !filter.is_empty() => " no row is like this: Esc shows all",
            (_, 1..) => " what there is is zero: i shows it",
            _ => "",
        };
        lines.push(Line::raw(text));
    }
    frame.render_widget(ratatui::text::Text::from(lines), area);
}

fn head(widths: &Widths, model: &Model, theme: Theme) -> Line<'static> {
    let sign = match (theme.unicode, model.reversed) {
        (true, false) => "▼",
        (true, true) => "▲",
        (false, false) => "v",
        (false, true) => "^",
    };
    let title = |order, name: &str| {
        if model.order == order {
            format!("{name}{sign}")
        } else {
            name.to_string()
        }
    };
    let rate = if widths.rate < 10 { "RATE" } else { "A SECOND" };
    let mut text = widths.line(
        ' ',
        [
            &title(Order::File, "RECORD"),
            "KEY",
            &title(Order::Rate, rate),
            &title(Order::Total, "TOTAL"),
        ],
    );
    if widths.trend > 0 {
        text += &format!(" {:1$}", "TREND", widths.trend);
    }
    Line::styled(text, theme.head())
}

fn text(widths: &Widths, row: &Row) -> String {
    let rate = match (row.rate, row.mark) {
        (Some(rate), _) => number::rate(rate, widths.rate),
        (None, Mark::Went) => "gone".into(),
        (None, _) => String::new(),
    };
    let mark = match row.mark {
        Mark::None => ' ',
        Mark::Came => '+',
        Mark::Went => '-',
    };
    widths.line(
        mark,
        [
            &row.id.header,
            &row.id.key,
            &rate,
            &number::integer(row.total, widths.total),
        ],
    )
}

/// Draws how the rate has changed, the newest at the right.
fn trend(width: usize, row: &Row, model: &Model, theme: Theme) -> String {
    let rates: Vec<f64> = model
        .history
        .last(&row.id, width)
        .iter()
        .map(|rates| rates.map_or(0.0, |rates| rates.total))
        .collect();
    let greatest = rates.iter().copied().fold(0.0, f64::max);
    // Without the last eighth, so that lines do not run into one another.
    let drawn: String = rates
        .iter()
        .map(|&rate| theme.eighths(step(rate, greatest, 7)))
        .collect();
    format!("{drawn:>width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fill_their_column() {
        assert_eq!(fill("abc", 5), "abc  ");
        assert_eq!(fill("Event sched:sched_switch", 14), "Event ..switch");
        assert_eq!(fill("abcdef", 3), "a..");
        assert_eq!(fill("abcdef", 1), ".");
        assert_eq!(fill("abcdef", 0), "");
    }
}
