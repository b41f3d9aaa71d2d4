// SPDX-License-Identifier: GPL-2.0

//! The heat map of the chosen row: what each CPU did.
//!
//! A line for each CPU has its last samples, as long as there are lines enough. Otherwise each
//! cell is a CPU, or several if there are very many, as it is now.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span, Text},
};

use super::{number, table::shorten};
use crate::top::{
    history::Rates,
    model::Model,
    theme::{STEPS, Theme, step},
};

/// The room for a rate behind a line.
const RATE: usize = 9;

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, theme: Theme) {
    let Some(row) = model.chosen() else { return };
    let cpus = model.cpus();
    let room = usize::from(area.height.saturating_sub(1));
    let has_cpus = model
        .history
        .latest(&row.id)
        .is_none_or(|rates| !rates.cpus.is_empty());
    let name = format!("{} {}", row.id.header, row.id.key);
    let (lines, greatest) = if !has_cpus {
        let text = Line::raw("  CPUs do not count this each for itself");
        (vec![text], 0.0)
    } else if cpus.len() <= room {
        over_time(model, &cpus, area.width.into(), theme)
    } else {
        now(model, &cpus, area.width.into(), room, theme)
    };
    let title = title(&name, greatest, area.width.into(), theme);
    let mut all = vec![title];
    all.extend(lines);
    frame.render_widget(Text::from(all), area);
}

/// Says what is drawn, and what its colours mean.
fn title(name: &str, greatest: f64, width: usize, theme: Theme) -> Line<'static> {
    const BY: &str = " by CPU";
    let most = format!(" {} a second", number::rate(greatest, RATE));
    let legend = if greatest > 0.0 {
        2 + STEPS + most.len()
    } else {
        0
    };
    let name = shorten(name, width.saturating_sub(legend + 1 + BY.len())) + BY;
    let blanks = width.saturating_sub(name.chars().count() + legend);
    let mut spans = vec![Span::styled(name, theme.title())];
    if legend > 0 {
        spans.push(Span::raw(" ".repeat(blanks)));
        spans.push(Span::raw("0 "));
        for step in 0..STEPS {
            let (cell, style) = theme.heat(step);
            spans.push(Span::styled(cell.to_string(), style));
        }
        spans.push(Span::raw(most));
    }
    Line::from(spans)
}

/// Draws a line for each CPU, whose cells are samples, the newest at the right.
fn over_time(model: &Model, cpus: &[u32], width: usize, theme: Theme) -> (Vec<Line<'static>>, f64) {
    let Some(row) = model.chosen() else {
        return (Vec::new(), 0.0);
    };
    let digits = cpus.last().map_or(1, |last| last.to_string().len());
    let label = "CPU ".len() + digits + 1;
    let cells = width.saturating_sub(label + 1 + RATE);
    let samples = model.history.last(&row.id, cells);
    let greatest = greatest(samples.iter().flatten().copied());
    let lines = cpus.iter().map(|&cpu| {
        let mut spans = vec![Span::raw(format!("CPU {cpu:<digits$} "))];
        spans.push(Span::raw(" ".repeat(cells - samples.len())));
        for sample in &samples {
            let rate = sample.and_then(|rates| rates.cpu(cpu));
            spans.push(cell(rate, greatest, 1, theme));
        }
        let latest = samples.last().copied().flatten();
        let end = match latest.map(|rates| rates.cpu(cpu)) {
            Some(Some(rate)) => number::rate(rate, RATE),
            Some(None) => "offline".into(),
            None => String::new(),
        };
        spans.push(Span::raw(format!(" {end:>RATE$}")));
        Line::from(spans)
    });
    (lines.collect(), greatest)
}

/// Draws a cell for each CPU.
fn now(
    model: &Model,
    cpus: &[u32],
    width: usize,
    room: usize,
    theme: Theme,
) -> (Vec<Line<'static>>, f64) {
    let latest = model
        .chosen()
        .and_then(|row| model.history.latest(&row.id))
        .filter(|_| room > 0);
    let Some(rates) = latest else {
        return (Vec::new(), 0.0);
    };
    let digits = cpus.last().map_or(1, |last| last.to_string().len());
    let label = "CPU ".len() + digits + 1;
    let space = width.saturating_sub(label).max(8);
    // As wide as there is room for, and no wider than four.
    let cell_width = (1..=4)
        .rev()
        .find(|one| cpus.len().div_ceil(per_line(space, *one)) <= room)
        .unwrap_or(1);
    let per_line = per_line(space, cell_width);
    // If they are too many still, a cell is the busiest of several.
    let per_cell = cpus.len().div_ceil(per_line * room);
    let greatest = greatest(std::iter::once(rates));
    let lines = cpus.chunks(per_line * per_cell).map(|line| {
        let mut spans = vec![Span::raw(format!("CPU {:<digits$} ", line[0]))];
        for group in line.chunks(per_cell) {
            let rate = group
                .iter()
                .filter_map(|&cpu| rates.cpu(cpu))
                .reduce(f64::max);
            spans.push(cell(rate, greatest, cell_width, theme));
        }
        Line::from(spans)
    });
    (lines.collect(), greatest)
}

/// Returns how many cells a line has: a power of two, so that one finds a CPU by its number.
fn per_line(space: usize, cell_width: usize) -> usize {
    let fits = (space / cell_width).max(1);
    1 << fits.ilog2()
}

fn cell(rate: Option<f64>, greatest: f64, width: usize, theme: Theme) -> Span<'static> {
    match rate {
        Some(rate) => {
            let (cell, style) = theme.heat(step(rate, greatest, STEPS - 1));
            Span::styled(cell.to_string().repeat(width), style)
        }
        None => Span::styled(format!("{:width$}", theme.away()), theme.went()),
    }
}

fn greatest<'a>(samples: impl Iterator<Item = &'a Rates>) -> f64 {
    samples
        .flat_map(|rates| rates.cpus.iter().map(|&(_, rate)| rate))
        .fold(0.0, f64::max)
}
