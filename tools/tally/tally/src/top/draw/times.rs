// SPDX-License-Identifier: GPL-2.0

//! The histogram of a record `Time`: a bar for each length of intervals.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span, Text},
};
use tally_procfs::{Bucket, Histogram};

use super::{number, table::shorten};
use crate::top::{
    model::Model,
    theme::{Theme, step},
};

/// Draws it.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    model: &Model,
    times: &Histogram,
    theme: Theme,
) {
    let Some(row) = model.chosen() else { return };
    let mut lines = vec![
        title(&row.id.header, times, area.width.into(), theme),
        Line::raw(facts(times)),
    ];
    let bars = bars(times);
    // Below the bars there is a line that says how long intervals are.
    let height = usize::from(area.height.saturating_sub(3));
    if bars.is_empty() {
        lines.push(Line::raw("no interval has ended since this began"));
    } else if height > 0 {
        lines.extend(picture(bars, area.width.into(), height, theme));
    }
    frame.render_widget(Text::from(lines), area);
}

fn title(header: &str, times: &Histogram, width: usize, theme: Theme) -> Line<'static> {
    let count = format!(
        " {} intervals since this began",
        number::integer(times.count(), 11)
    );
    let header = shorten(header, width.saturating_sub(count.len()));
    let room = width.saturating_sub(header.chars().count());
    Line::from(vec![
        Span::styled(header, theme.title()),
        Span::raw(format!("{count:>room$}")),
    ])
}

/// Says how long they are, as far as a histogram knows.
fn facts(times: &Histogram) -> String {
    let count = times.count();
    if count == 0 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "a mean is no exact number")]
    let mean = times.sum_ns as f64 / count as f64;
    let mut text = format!("mean {}", number::time(mean));
    let mut last = None;
    for (part, word) in [(0.5, "half"), (0.99, "99%"), (0.9999, "99.99%")] {
        let bound = below(times, part);
        if let Some(below) = bound.filter(|_| bound != last) {
            text += &format!(", {word} below {}", number::time(below));
        }
        last = bound;
    }
    text
}

/// Returns the bound that a part of all intervals is below; nothing, if that is not known.
#[expect(
    clippy::cast_precision_loss,
    reason = "it is a part of them, not a number"
)]
fn below(times: &Histogram, part: f64) -> Option<f64> {
    let wanted = times.count() as f64 * part;
    let mut seen = 0.0;
    let bucket = times.buckets.iter().find(|bucket| {
        seen += bucket.count as f64;
        seen >= wanted
    })?;
    bucket.below_ns.map(|below| below as f64)
}

/// Returns the buckets from the first to the last that counts something.
fn bars(times: &Histogram) -> &[Bucket] {
    let used = |bucket: &Bucket| bucket.count > 0;
    let Some(first) = times.buckets.iter().position(used) else {
        return &[];
    };
    let last = times.buckets.iter().rposition(used).unwrap_or(first);
    &times.buckets[first..=last]
}

/// Draws bars beside one another, and the bounds of some below.
fn picture(bars: &[Bucket], width: usize, height: usize, theme: Theme) -> Vec<Line<'static>> {
    let bar = (width / bars.len()).clamp(1, 8);
    // On a narrow screen the longest intervals stay.
    let bars = &bars[bars.len().saturating_sub(width)..];
    #[expect(clippy::cast_precision_loss, reason = "bars are not exact")]
    let value = |bucket: &Bucket| bucket.count as f64;
    let greatest = bars.iter().map(value).fold(0.0, f64::max);
    let gap = usize::from(bar > 2);
    let mut lines: Vec<Line<'static>> = (0..height)
        .rev()
        .map(|line| {
            let drawn: String = bars
                .iter()
                .map(|bucket| {
                    let eighths = step(value(bucket), greatest, height * 8);
                    let mark = theme.eighths(eighths.saturating_sub(line * 8).min(8));
                    mark.to_string().repeat(bar - gap) + &" ".repeat(gap)
                })
                .collect();
            Line::styled(drawn.trim_end().to_string(), theme.bar())
        })
        .collect();
    lines.push(Line::styled(axis(bars, bar, width), theme.faint()));
    lines
}

/// Names the bounds of as many bars as there is room for. A name ends where its bar does.
fn axis(bars: &[Bucket], bar: usize, width: usize) -> String {
    let mut text = String::new();
    for (at, bucket) in bars.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "it is rounded")]
        let name = bucket.below_ns.map_or("more".into(), |below| {
            format!("<{}", number::time(below as f64))
        });
        let start = at * bar;
        let is_free = text.is_empty() || start > text.len();
        if is_free && start + name.len() <= width {
            text = format!("{text:start$}{name}");
        }
    }
    text
}
