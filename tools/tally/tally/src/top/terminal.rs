// SPDX-License-Identifier: GPL-2.0

//! The terminal, which is left as it was found, whatever happens.

use std::{
    io::{self, IsTerminal, Stdout},
    panic, thread,
};

use nix::sys::signal::{Signal, raise};
use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor::Show,
        execute,
        terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
    },
};
use signal_hook::{
    consts::{SIGHUP, SIGTERM},
    iterator::Signals,
    low_level::emulate_default_handler,
};

use crate::{Result, failure::Failure};

const INSTEAD: &str = "\"tally show --watch 1\" prints to anything";

/// Refuses what no screen can be drawn on.
pub(super) fn check(variable: impl Fn(&str) -> Option<String>) -> Result<()> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::new(format_args!(
            "top needs a terminal to draw on and to read keys from; {INSTEAD}"
        )));
    }
    match variable("TERM").as_deref() {
        None | Some("" | "dumb" | "unknown") => Err(Failure::new(format_args!(
            "top needs a terminal that can move its cursor, and TERM does not name one; {INSTEAD}"
        ))),
        Some(_) => Ok(()),
    }
}

/// Holds the terminal.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal: keys come one by one, and what was on it comes back at the end.
    pub(super) fn open() -> Result<Self> {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            leave();
            earlier(info);
        }));
        // Whoever ends the program finds the terminal as it was, too.
        let mut signals = Signals::new([SIGTERM, SIGHUP])?;
        thread::spawn(move || {
            for signal in &mut signals {
                leave();
                let _ = emulate_default_handler(signal);
            }
        });
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let screen = Self { terminal };
        enter()?;
        Ok(screen)
    }

    pub(super) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> Result<()> {
        self.terminal.draw(picture)?;
        Ok(())
    }

    /// Has everything drawn anew.
    pub(super) fn clear(&mut self) -> Result<()> {
        Ok(self.terminal.clear()?)
    }

    /// Gives the terminal to the shell, until it gives it back.
    pub(super) fn suspend(&mut self) -> Result<()> {
        leave();
        raise(Signal::SIGTSTP).map_err(io::Error::from)?;
        enter()?;
        self.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen)
}

/// Whether that works or not, there is nothing else to be done.
fn leave() {
    let _ = disable_raw_mode();
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
}
