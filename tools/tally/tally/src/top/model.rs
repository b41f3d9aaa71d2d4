// SPDX-License-Identifier: GPL-2.0

//! What is seen: the samples, and what keys made of it. It knows neither clock nor terminal.

mod control;

use std::{
    cmp::{Ordering, Reverse},
    iter::zip,
    rc::Rc,
};

use tally_procfs::{Histogram, Record, Snapshot};

use super::{
    history::History,
    news::{self, News},
    row::{self, Counted, RowId},
};
use crate::{glob, machine::hides_events};

/// Orders the rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    /// Means the order of the file.
    File,
    Rate,
    Total,
}

/// Lists the pictures that there are of the chosen row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pane {
    /// Draws the histogram of a record `Time`, and CPUs for others.
    Times,
    Cpus,
    None,
}

/// Takes a line that is being typed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Prompt {
    Filter(String),
    Search(String),
    Delay(String),
}

/// Tells what the program is to do that a model cannot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Command {
    Sample,
    Redraw,
    Suspend,
    Quit,
}

/// Marks a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mark {
    None,
    Came,
    Went,
}

/// Holds a row as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: Rc<RowId>,
    pub(super) total: u64,
    /// Is there once there are two samples.
    pub(super) rate: Option<f64>,
    pub(super) mark: Mark,
}

/// Holds what was read, and when: seconds from any moment on.
struct Sample {
    at: f64,
    snapshot: Snapshot,
    counted: Vec<Counted>,
}

pub(super) struct Model {
    sample: Option<Sample>,
    /// The first sample of this loading of tally, with which histograms are compared.
    first: Option<Snapshot>,
    pub(super) history: History,
    pub(super) news: News,
    /// Why there is no sample that is newer.
    pub(super) trouble: Option<String>,
    pub(super) rows: Vec<Row>,
    /// How many rows are left out because they are zero.
    pub(super) zeros: usize,
    chosen: Option<Rc<RowId>>,
    /// How many rows are above those on the screen, and how many are there.
    pub(super) above: usize,
    page: usize,
    pub(super) order: Order,
    pub(super) reversed: bool,
    pub(super) show_zeros: bool,
    pub(super) filter: String,
    searched: String,
    pub(super) prompt: Option<Prompt>,
    pub(super) pane: Pane,
    pub(super) help: bool,
    pub(super) paused: bool,
    /// Whether there shall be colours, if there can be.
    pub(super) colour: bool,
    /// Seconds between samples.
    pub(super) delay: f64,
}

impl Model {
    pub(super) fn new(delay: f64) -> Self {
        Self {
            sample: None,
            first: None,
            history: History::default(),
            news: News::default(),
            trouble: None,
            rows: Vec::new(),
            zeros: 0,
            chosen: None,
            above: 0,
            page: 1,
            order: Order::Rate,
            reversed: false,
            show_zeros: false,
            filter: String::new(),
            searched: String::new(),
            prompt: None,
            pane: Pane::Times,
            help: false,
            paused: false,
            colour: true,
            delay,
        }
    }

    /// Takes a sample.
    pub(super) fn take(&mut self, snapshot: Snapshot, at: f64) {
        self.trouble = None;
        let counted = row::counted(&snapshot);
        match &self.sample {
            Some(before) if before.snapshot.is_of_same_load(&snapshot) => {
                // Nothing can be said of no time at all.
                if at > before.at {
                    self.history.push(&before.counted, &counted, at - before.at);
                }
                let had = (&before.snapshot, before.counted.as_slice());
                self.news.compare(had, &snapshot, at);
            }
            Some(_) => {
                self.history.clear();
                self.news.clear();
                self.news
                    .say(at, "tally was loaded anew: all counts begin at zero".into());
                self.first = Some(snapshot.clone());
            }
            None => self.first = Some(snapshot.clone()),
        }
        self.sample = Some(Sample {
            at,
            snapshot,
            counted,
        });
        self.arrange();
        // The chosen row stays when others pass it, so it is chosen when there are rates.
        if self.chosen.is_none() && !self.history.is_empty() {
            self.choose(0);
        }
    }

    /// Makes the rows of what is known.
    fn arrange(&mut self) {
        self.zeros = 0;
        let mut rows = Vec::new();
        let sample = self.sample.as_ref();
        for counted in sample.map_or(&[][..], |sample| &sample.counted) {
            if !self.fits(&counted.id) {
                continue;
            }
            if counted.total == 0 && !self.show_zeros {
                self.zeros += 1;
                continue;
            }
            rows.push(Row {
                id: Rc::clone(&counted.id),
                total: counted.total,
                rate: self.history.latest(&counted.id).map(|rates| rates.total),
                mark: if self.news.is_new(&counted.id) {
                    Mark::Came
                } else {
                    Mark::None
                },
            });
        }
        for (id, total) in self.news.gone() {
            if self.fits(id) && (total > 0 || self.show_zeros) {
                rows.push(Row {
                    id: Rc::clone(id),
                    total,
                    rate: None,
                    mark: Mark::Went,
                });
            }
        }
        // Those that are equal stay in the order of the file.
        match self.order {
            Order::File => {}
            Order::Rate => rows.sort_by(|one, other| {
                let rate = |row: &Row| row.rate.unwrap_or(-1.0);
                rate(other)
                    .partial_cmp(&rate(one))
                    .unwrap_or(Ordering::Equal)
            }),
            Order::Total => rows.sort_by_key(|row| Reverse(row.total)),
        }
        if self.reversed {
            rows.reverse();
        }
        self.rows = rows;
        self.scroll();
    }

    fn fits(&self, id: &RowId) -> bool {
        is_like(id, &self.filter)
    }

    /// Returns the place of the chosen row. The first one is, if that is not shown.
    pub(super) fn chosen_at(&self) -> usize {
        self.chosen
            .as_ref()
            .and_then(|id| self.rows.iter().position(|row| row.id == *id))
            .unwrap_or(0)
    }

    /// Returns the chosen row.
    pub(super) fn chosen(&self) -> Option<&Row> {
        self.rows.get(self.chosen_at())
    }

    fn choose(&mut self, at: usize) {
        let at = at.min(self.rows.len().saturating_sub(1));
        self.chosen = self.rows.get(at).map(|row| Rc::clone(&row.id));
        self.scroll();
    }

    /// Is told how many rows there is room for.
    pub(super) fn fit(&mut self, rows: usize) {
        self.page = rows.max(1);
        self.scroll();
    }

    /// Has the chosen row on the screen, and the screen full.
    fn scroll(&mut self) {
        let at = self.chosen_at();
        self.above = self
            .above
            .min(self.rows.len().saturating_sub(self.page))
            .clamp((at + 1).saturating_sub(self.page), at);
    }

    /// Returns the record of the chosen row, as it was in the last sample and in the first one.
    pub(super) fn record(&self) -> Option<(&Record, Option<&Record>)> {
        let header = &self.chosen()?.id.header;
        let now = self.sample.as_ref()?.snapshot.record(header)?;
        let first = self.first.as_ref().and_then(|first| first.record(header));
        Some((now, first))
    }

    /// Returns what the chosen row's histogram has counted since the program runs.
    pub(super) fn times(&self) -> Option<Histogram> {
        let (now, first) = self.record()?;
        let mut found = Histogram::of(now)?;
        if let Some(first) = first.and_then(Histogram::of) {
            // One that began anew is shown from there on.
            let is_older =
                zip(&found.buckets, &first.buckets).all(|(now, first)| now.count >= first.count);
            if is_older && found.buckets.len() == first.buckets.len() {
                found.sum_ns = found.sum_ns.wrapping_sub(first.sum_ns);
                for (now, first) in zip(&mut found.buckets, &first.buckets) {
                    now.count -= first.count;
                }
            }
        }
        Some(found)
    }

    /// Returns the CPUs that are online, and in their midst those that went lately.
    pub(super) fn cpus(&self) -> Vec<u32> {
        let mut found: Vec<u32> = self
            .sample
            .as_ref()
            .map(|sample| news::online(&sample.snapshot))
            .unwrap_or_default()
            .into_iter()
            .chain(self.news.gone_cpus())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns what the record `Tally`, or another one, says of a key.
    pub(super) fn fact(&self, header: &str, key: &str) -> Option<u64> {
        self.sample.as_ref()?.snapshot.total(header, key)
    }

    /// Returns whether there are events that this user may not see.
    pub(super) fn hides_events(&self) -> bool {
        self.sample
            .as_ref()
            .is_some_and(|sample| hides_events(&sample.snapshot))
    }

    /// Returns when the last sample was taken.
    pub(super) fn now(&self) -> f64 {
        self.sample.as_ref().map_or(0.0, |sample| sample.at)
    }
}

/// Returns whether a row's names have a text in them, or are like a pattern, whatever the case.
fn is_like(id: &RowId, pattern: &str) -> bool {
    let names = format!("{} {}", id.header, id.key).to_ascii_lowercase();
    let pattern = pattern.to_ascii_lowercase();
    if glob::is_glob(&pattern) {
        glob::matches(&format!("*{pattern}*"), &names)
    } else {
        names.contains(&pattern)
    }
}
