// SPDX-License-Identifier: GPL-2.0

//! The screen: facts, news, the table, a picture of the chosen row, and what may be typed.

mod cpus;
mod help;
mod number;
mod table;
mod times;

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::Modifier,
    text::{Line, Span},
};

use super::{
    model::{Model, Pane, Prompt},
    theme::{Colours, Theme},
};

/// A screen lower than this has no picture.
const LOW: u16 = 14;

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, model: &mut Model, theme: Theme) {
    let theme = Theme {
        colours: if model.colour {
            theme.colours
        } else {
            Colours::None
        },
        ..theme
    };
    let pane = pane_height(model, frame.area().height);
    let [facts_at, news_at, table_at, pane_at, last_at] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(pane),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(facts(model, theme, facts_at), facts_at);
    frame.render_widget(news(model, theme), news_at);
    if model.help {
        let area = table_at.union(pane_at);
        help::draw(frame, area, theme);
    } else {
        table::draw(frame, table_at, model, theme);
        match (model.pane, model.times()) {
            (Pane::Times, Some(times)) => times::draw(frame, pane_at, model, &times, theme),
            _ if pane > 0 => cpus::draw(frame, pane_at, model, theme),
            _ => {}
        }
    }
    last(frame, model, theme, last_at);
}

/// Returns how high the picture is: no higher than it has to be, and the table has the rest.
fn pane_height(model: &Model, height: u16) -> u16 {
    if model.pane == Pane::None || height < LOW {
        return 0;
    }
    let most = (height * 2 / 5).clamp(9, 20);
    if model.pane == Pane::Times && model.times().is_some() {
        return most;
    }
    // A line for each CPU below the title.
    u16::try_from(model.cpus().len() + 1).map_or(most, |needed| needed.min(most))
}

/// Says what is there, and how often it is looked at.
fn facts(model: &Model, theme: Theme, area: Rect) -> Line<'static> {
    let fact = |header, key| model.fact(header, key);
    let mut words = Vec::new();
    let version = (
        fact("Tally, format 1", "version_major"),
        fact("Tally, format 1", "version_minor"),
    );
    let name = match version {
        (Some(major), Some(minor)) => format!("tally {major}.{minor}"),
        _ => "tally".into(),
    };
    if let (Some(online), Some(present)) = (fact("Cpus", "online"), fact("Cpus", "present")) {
        words.push(format!("{online} of {present} CPUs online"));
    }
    if let Some(events) = fact("Tally, format 1", "events") {
        words.push(if model.hides_events() {
            format!("{events} events, seen with CAP_PERFMON")
        } else {
            format!("{events} events")
        });
    }
    if let Some(missed) = fact("Tally, format 1", "missed").filter(|&missed| missed > 0) {
        words.push(format!("{missed} missed"));
    }
    if model.zeros > 0 {
        words.push(format!("{} rows zero", model.zeros));
    }
    let pace = if model.paused {
        "stands still".to_string()
    } else {
        format!("every {} s", model.delay)
    };
    let left = format!("{name}  {}", words.join("  "));
    let room = usize::from(area.width).saturating_sub(left.len());
    let title = left.split_at(name.len());
    Line::from(vec![
        Span::styled(title.0.to_string(), theme.title()),
        Span::raw(title.1.to_string()),
        Span::styled(
            format!("{pace:>room$}"),
            if model.paused {
                theme.head()
            } else {
                theme.faint()
            },
        ),
    ])
}

/// Says what came and went, or why nothing is new.
fn news(model: &Model, theme: Theme) -> Line<'static> {
    if let Some(trouble) = &model.trouble {
        return Line::styled(trouble.clone(), theme.went().add_modifier(Modifier::BOLD));
    }
    let told: Vec<String> = model
        .news
        .told(model.now())
        .map(|(ago, text)| format!("{text}, {ago:.0} s ago"))
        .collect();
    Line::styled(told.join("; "), theme.came())
}

/// Shows what is typed, or the keys that one looks for first.
fn last(frame: &mut Frame<'_>, model: &Model, theme: Theme, area: Rect) {
    let typed = match &model.prompt {
        Some(Prompt::Filter(text)) => Some(format!("Only rows like: {text}")),
        Some(Prompt::Search(text)) => Some(format!("Look for: {text}")),
        Some(Prompt::Delay(text)) => Some(format!("Seconds between samples: {text}")),
        None => None,
    };
    if let Some(typed) = typed {
        let end = u16::try_from(typed.len()).unwrap_or(u16::MAX);
        frame.render_widget(Line::raw(typed), area);
        let column = area
            .x
            .saturating_add(end)
            .min(area.right().saturating_sub(1));
        frame.set_cursor_position((column, area.y));
        return;
    }
    let mut spans = Vec::new();
    for (key, what) in [
        ("F1", "Help"),
        ("F3", "Search"),
        ("F4", "Filter"),
        ("F6", "Sort"),
        ("Tab", "Picture"),
        ("i", "Zeros"),
        ("d", "Delay"),
        ("Z", "Pause"),
        ("F10", "Quit"),
    ] {
        spans.push(Span::styled(key, Modifier::BOLD));
        spans.push(Span::styled(format!("{what} "), theme.head()));
    }
    if !model.filter.is_empty() {
        spans.insert(
            0,
            Span::styled(format!("only {} ", model.filter), theme.came()),
        );
    }
    frame.render_widget(Line::from(spans), area);
}
