// SPDX-License-Identifier: GPL-2.0

//! How fast everything grew, from sample to sample.

use std::{
    collections::{HashMap, VecDeque},
    rc::Rc,
};

use tally_procfs::advance;

use super::row::{Counted, RowId};

/// How many rates are kept at most, of all rows and CPUs and samples together: some megabytes.
const KEPT: usize = 1 << 19;
/// How many samples are kept at most: more than a terminal has columns.
const SAMPLES: usize = 240;

/// Holds how much a row grew in a second.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rates {
    pub(super) total: f64,
    pub(super) cpus: Vec<(u32, f64)>,
}

impl Rates {
    /// Returns the rate of one CPU; nothing, if it was not online.
    pub(super) fn cpu(&self, number: u32) -> Option<f64> {
        self.cpus
            .binary_search_by_key(&number, |&(cpu, _)| cpu)
            .ok()
            .map(|at| self.cpus[at].1)
    }
}

type Frame = HashMap<Rc<RowId>, Rates>;

/// Holds the rates of the last samples, the newest last.
#[derive(Default)]
pub(super) struct History {
    frames: VecDeque<Frame>,
    kept: usize,
}

impl History {
    /// Adds what happened between two samples that were `seconds` apart.
    pub(super) fn push(&mut self, before: &[Counted], after: &[Counted], seconds: f64) {
        let before: HashMap<&RowId, &Counted> = before.iter().map(|row| (&*row.id, row)).collect();
        let frame: Frame = after
            .iter()
            .filter_map(|row| {
                let rates = between(before.get(&*row.id)?, row, seconds);
                Some((Rc::clone(&row.id), rates))
            })
            .collect();
        self.kept += size(&frame);
        self.frames.push_back(frame);
        while self.frames.len() > SAMPLES || (self.kept > KEPT && self.frames.len() > 1) {
            if let Some(oldest) = self.frames.pop_front() {
                self.kept -= size(&oldest);
            }
        }
    }

    /// Forgets everything, as nothing can be compared with what comes now.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns whether there were two samples to compare.
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns the rates of a row in the last interval.
    pub(super) fn latest(&self, id: &RowId) -> Option<&Rates> {
        self.frames.back()?.get(id)
    }

    /// Returns the rates of a row in the last intervals, at most so many, the newest last.
    pub(super) fn last(&self, id: &RowId, samples: usize) -> Vec<Option<&Rates>> {
        let skipped = self.frames.len().saturating_sub(samples);
        self.frames
            .iter()
            .skip(skipped)
            .map(|frame| frame.get(id))
            .collect()
    }
}

fn size(frame: &Frame) -> usize {
    frame.values().map(|rates| 1 + rates.cpus.len()).sum()
}

fn between(before: &Counted, after: &Counted, seconds: f64) -> Rates {
    #[expect(clippy::cast_precision_loss, reason = "a rate is no exact number")]
    let rate = |before, after| advance(before, after) as f64 / seconds;
    // What a CPU had counted is gone with it, so one that was away begins at zero.
    let cpu = |number: u32| {
        before
            .cpus
            .binary_search_by_key(&number, |&(cpu, _)| cpu)
            .map_or(0, |at| before.cpus[at].1)
    };
    Rates {
        total: rate(before.total, after.total),
        cpus: after
            .cpus
            .iter()
            .map(|&(number, value)| (number, rate(cpu(number), value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(total: u64, cpus: &[(u32, u64)]) -> Counted {
        Counted {
            id: Rc::new(RowId {
                header: "Event a:b".into(),
                key: "count".into(),
            }),
            total,
            cpus: cpus.to_vec(),
        }
    }

    #[test]
    fn cpus_that_come_and_go() {
        let mut history = History::default();
        let first = row(10, &[(0, 4), (1, 6)]);
        history.push(&[first.clone()], &[row(20, &[(0, 8)])], 2.0);
        history.push(&[row(20, &[(0, 8)])], &[row(30, &[(0, 8), (1, 10)])], 2.0);
        let last = history.last(&first.id, 9);
        assert_eq!(last.len(), 2);
        let rates = |at: usize| last[at].expect("it was there");
        assert_eq!((rates(0).total, rates(0).cpu(0)), (5.0, Some(2.0)));
        assert_eq!(rates(0).cpu(1), None);
        assert_eq!((rates(1).total, rates(1).cpu(1)), (5.0, Some(5.0)));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut history = History::default();
        let one = row(1, &[(0, 1)]);
        for _ in 0..SAMPLES * 2 {
            history.push(&[one.clone()], &[one.clone()], 1.0);
        }
        assert_eq!(history.frames.len(), SAMPLES);
        assert_eq!(history.kept, SAMPLES * 2);
        // One sample of a very large machine is kept nevertheless.
        let cpus: Vec<(u32, u64)> = (0..4).zip(0..).collect();
        let many: Vec<Counted> = (0..KEPT / 5 + 1)
            .map(|number| Counted {
                id: Rc::new(RowId {
                    header: number.to_string(),
                    key: String::new(),
                }),
                total: 0,
                cpus: cpus.clone(),
            })
            .collect();
        history.push(&many, &many, 1.0);
        assert_eq!(history.frames.len(), 1);
    }
}
