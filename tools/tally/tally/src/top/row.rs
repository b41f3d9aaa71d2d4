// SPDX-License-Identifier: GPL-2.0

//! What is counted in one sample, a row for each number that is shown.

use std::rc::Rc;

use tally_procfs::{Histogram, Kind, Record, Snapshot, Values};

/// Names the row of all lengths in a record `Time` or `Latency`, whose keys are the bars of a
/// histogram.
pub(super) const INTERVALS: &str = "intervals";

/// Identifies a row over all samples.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct RowId {
    /// Holds the header of the record.
    pub(super) header: String,
    pub(super) key: String,
}

/// Holds the numbers of a row in one sample.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) id: Rc<RowId>,
    pub(super) total: u64,
    /// Holds what each online CPU has counted; nothing, if the record does not tell.
    pub(super) cpus: Vec<(u32, u64)>,
}

impl Counted {
    fn new(record: &Record, key: &str, value: impl Fn(&[u64]) -> u64) -> Self {
        let id = Rc::new(RowId {
            header: record.name().to_string(),
            key: key.into(),
        });
        let (cpus, total) = match record.values() {
            Values::Totals(totals) => (Vec::new(), value(totals)),
            Values::PerCpu { cpus, departed } => {
                let cpus: Vec<(u32, u64)> = cpus
                    .iter()
                    .map(|cpu| (cpu.number, value(&cpu.values)))
                    .collect();
                let total = cpus
                    .iter()
                    .fold(value(departed), |sum, &(_, one)| sum.wrapping_add(one));
                (cpus, total)
            }
        };
        Self { id, total, cpus }
    }
}

/// Returns the rows of a sample, in the order of the file.
///
/// What is no count has no rate, and so no row.
pub(super) fn counted(snapshot: &Snapshot) -> Vec<Counted> {
    snapshot.records().iter().flat_map(of_record).collect()
}

fn of_record(record: &Record) -> Vec<Counted> {
    let keys = record.keys();
    if Histogram::of(record).is_some() {
        let intervals =
            |values: &[u64]| Histogram::from_values(keys, values).map_or(0, |one| one.count());
        let unpaired =
            |values: &[u64]| Histogram::from_values(keys, values).map_or(0, |one| one.unpaired);
        let mut rows = vec![Counted::new(record, INTERVALS, intervals)];
        if keys.iter().any(|key| key == "unpaired") {
            rows.push(Counted::new(record, "unpaired", unpaired));
        }
        return rows;
    }
    let is_count = |key: &str| matches!(record.kind(key), Kind::Count | Kind::Unknown);
    (0..keys.len())
        .filter(|&index| is_count(&keys[index]))
        .map(|index| Counted::new(record, &keys[index], |values| values[index]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_one_row_and_gauges_are_none() {
        let snapshot = Snapshot::parse(
            "Tally, format 1\n      loaded_ns    1\n      reads        4\nTime a:b..a:c\n  pagesets\n    cpu: 0\n              \
             sum_ns: 9\n              unpaired: 1\n              lt_1ns: 2\n              ge_1ns: 3\n    departed\n              \
             sum_ns: 9\n              unpaired: 0\n              lt_1ns: 0\n              ge_1ns: 7\n",
        )
        .expect("it is a file");
        let rows: Vec<(String, u64, usize)> = counted(&snapshot)
            .iter()
            .map(|row| (row.id.key.clone(), row.total, row.cpus.len()))
            .collect();
        assert_eq!(
            rows,
            [
                ("reads".into(), 4, 0),
                (INTERVALS.into(), 12, 1),
                ("unpaired".into(), 1, 1)
            ]
        );
    }
}
