// SPDX-License-Identifier: GPL-2.0

//! `tally top`: what is counted, live.
//!
//! [`model`] is what is seen and knows neither clock nor terminal; [`draw`] draws it, of which
//! only the cells that changed are sent to the terminal.

mod draw;
mod history;
mod keys;
mod model;
mod news;
mod row;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;

use std::{
    env,
    time::{Duration, Instant},
};

use ratatui::crossterm::event::{self, Event, KeyEventKind};

use crate::{Result, cli::Top, failure::Failure, machine::Machine};
use model::{Command, Model};
use terminal::Screen;
use theme::Theme;

/// The first rates are there after so many seconds at most, however far apart samples are.
const FIRST: f64 = 1.0;
/// How long to wait for a key if nothing else is to be done.
const LONG: Duration = Duration::from_secs(3600);

pub(crate) fn run(machine: &Machine, args: &Top) -> Result<()> {
    let variable = |name: &str| env::var(name).ok();
    terminal::check(variable)?;
    let theme = Theme::of(variable);
    let mut model = Model::new(args.delay);
    // If there is nothing to show the terminal is left alone.
    let start = Instant::now();
    model.take(machine.read(true)?, 0.0);
    let mut next = start + Duration::from_secs_f64(args.delay.min(FIRST));
    let mut screen = Screen::open()?;
    loop {
        screen.draw(|frame| draw::draw(frame, &mut model, theme))?;
        let wait = if model.paused {
            LONG
        } else {
            next.saturating_duration_since(Instant::now())
        };
        let mut wants_sample = false;
        let mut wait = Some(wait);
        // All keys that have come are taken before it is drawn again, as that may be slow.
        while event::poll(wait.take().unwrap_or_default())? {
            let Event::Key(key) = event::read()? else {
                continue;
            };
            if key.kind == KeyEventKind::Release {
                continue;
            }
            let delay = model.delay;
            match model.press(&key) {
                Some(Command::Quit) => return Ok(()),
                Some(Command::Sample) => wants_sample = true,
                Some(Command::Redraw) => screen.clear()?,
                Some(Command::Suspend) => screen.suspend()?,
                None => {}
            }
            if (model.delay - delay).abs() > 0.0 {
                next = Instant::now() + Duration::from_secs_f64(model.delay);
            }
        }
        let now = Instant::now();
        if wants_sample || (now >= next && !model.paused) {
            sample(machine, &mut model, start);
            next = now + Duration::from_secs_f64(model.delay);
        }
    }
}

/// Takes a sample. What is wrong is shown, and may be right the next time.
fn sample(machine: &Machine, model: &mut Model, start: Instant) {
    match machine.read(true) {
        Ok(snapshot) => model.take(snapshot, start.elapsed().as_secs_f64()),
        Err(error) => model.trouble = Some(Failure::from(error).to_string()),
    }
}
