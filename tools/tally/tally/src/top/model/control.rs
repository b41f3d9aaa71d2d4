// SPDX-License-Identifier: GPL-2.0

//! What keys make of the model.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Command, Model, Order, Pane, Prompt, is_like};
use crate::top::keys::{self, Action};

impl Model {
    /// Does what a key says.
    pub(in crate::top) fn press(&mut self, key: &KeyEvent) -> Option<Command> {
        let is_typing = self.prompt.is_some();
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char(letter) if is_typing && !control => self.type_letter(letter),
            KeyCode::Backspace if is_typing => self.erase(),
            KeyCode::Enter if is_typing => self.end_line(true),
            KeyCode::Esc if is_typing => self.end_line(false),
            _ => return keys::action(key).and_then(|action| self.act(action)),
        }
        None
    }

    fn act(&mut self, action: Action) -> Option<Command> {
        let at = self.chosen_at();
        match action {
            Action::Up => self.choose(at.saturating_sub(1)),
            Action::Down => self.choose(at + 1),
            Action::PageUp => self.choose(at.saturating_sub(self.page)),
            Action::PageDown => self.choose(at + self.page),
            Action::First => self.choose(0),
            Action::Last => self.choose(usize::MAX - 1),
            Action::NextPane => {
                self.pane = match self.pane {
                    Pane::Times => Pane::Cpus,
                    Pane::Cpus => Pane::None,
                    Pane::None => Pane::Times,
                }
            }
            Action::Filter => self.prompt = Some(Prompt::Filter(self.filter.clone())),
            Action::Search => self.prompt = Some(Prompt::Search(String::new())),
            Action::SearchOn => self.search(at + 1),
            Action::SortLeft | Action::SortRight => {
                let orders = [Order::File, Order::Rate, Order::Total];
                let place = orders.iter().position(|one| *one == self.order);
                let step = if action == Action::SortLeft { 2 } else { 1 };
                self.sort(orders[(place.unwrap_or(0) + step) % 3]);
            }
            Action::ByRate => self.sort(Order::Rate),
            Action::ByTotal => self.sort(Order::Total),
            Action::ByFile => self.sort(Order::File),
            Action::Reverse => {
                self.reversed = !self.reversed;
                self.arrange();
            }
            Action::Zeros => {
                self.show_zeros = !self.show_zeros;
                self.arrange();
            }
            Action::Delay => self.prompt = Some(Prompt::Delay(String::new())),
            Action::SampleNow => return Some(Command::Sample),
            Action::Pause => {
                self.paused = !self.paused;
                return (!self.paused).then_some(Command::Sample);
            }
            Action::Colour => self.colour = !self.colour,
            Action::Redraw => return Some(Command::Redraw),
            Action::Suspend => return Some(Command::Suspend),
            Action::Help => self.help = !self.help,
            Action::Leave => {
                if self.help {
                    self.help = false;
                } else if !self.filter.is_empty() {
                    self.filter.clear();
                    self.arrange();
                }
            }
            Action::Quit => return Some(Command::Quit),
        }
        None
    }

    fn sort(&mut self, order: Order) {
        self.order = order;
        self.reversed = false;
        self.arrange();
    }

    /// Chooses the first row from a place on that is like what is looked for.
    fn search(&mut self, from: usize) {
        let rows = self.rows.len();
        let found = (0..rows)
            .map(|step| (from + step) % rows)
            .find(|&at| is_like(&self.rows[at].id, &self.searched));
        if let Some(at) = found.filter(|_| !self.searched.is_empty()) {
            self.choose(at);
        }
    }

    /// Takes a letter of the line that is typed. The rows follow at once.
    fn type_letter(&mut self, letter: char) {
        if let Some(text) = self.typed() {
            if text.len() < 64 && !letter.is_control() {
                text.push(letter);
            }
            self.follow();
        }
    }

    /// Takes the last letter back.
    fn erase(&mut self) {
        if let Some(text) = self.typed() {
            text.pop();
            self.follow();
        }
    }

    /// Ends the line; `done` says whether it counts.
    fn end_line(&mut self, done: bool) {
        match self.prompt.take() {
            Some(Prompt::Filter(_)) if !done => {
                self.filter.clear();
                self.arrange();
            }
            Some(Prompt::Delay(text)) if done => match crate::cli::seconds(&text) {
                Ok(delay) => self.delay = delay,
                Err(why) => self.news.say(self.now(), format!("\"{text}\" is {why}")),
            },
            _ => {}
        }
    }

    fn typed(&mut self) -> Option<&mut String> {
        match self.prompt.as_mut()? {
            Prompt::Filter(text) | Prompt::Search(text) | Prompt::Delay(text) => Some(text),
        }
    }

    fn follow(&mut self) {
        match &self.prompt {
            Some(Prompt::Filter(text)) => {
                self.filter.clone_from(text);
                self.arrange();
            }
            Some(Prompt::Search(text)) => {
                self.searched.clone_from(text);
                self.search(self.chosen_at());
            }
            _ => {}
        }
    }
}
