// SPDX-License-Identifier: GPL-2.0

//! What was counted, as `perf stat` prints it (tools/perf/util/stat-display.c).

use std::{fmt::Write, time::Duration};

use super::child::Usage;
use crate::grouped::grouped;

/// Holds the counts of one or more runs.
pub(super) struct Series {
    names: Vec<String>,
    counts: Vec<Summary>,
    /// How many runs each was counted in.
    elapsed: Summary,
    user: Duration,
    sys: Duration,
    runs: u32,
}

impl Series {
    pub(super) fn new(names: Vec<String>) -> Self {
        let counts = vec![Summary::default(); names.len()];
        Self {
            names,
            counts,
            elapsed: Summary::default(),
            user: Duration::ZERO,
            sys: Duration::ZERO,
            runs: 0,
        }
    }

    /// Adds a run.
    pub(super) fn add(&mut self, deltas: Vec<Option<u64>>, usage: &Usage) {
        for (summary, delta) in self.counts.iter_mut().zip(deltas) {
            if let Some(delta) = delta {
                summary.add(delta);
            }
        }
        self.elapsed
            .add(u64::try_from(usage.elapsed.as_nanos()).unwrap_or(u64::MAX));
        self.user += usage.user;
        self.sys += usage.sys;
        self.runs += 1;
    }

    /// Returns it for people.
    pub(super) fn table(&self) -> String {
        // Counts are of all CPUs, for which perf has this name.
        let mut text = "\n Performance counter stats for 'system wide'".to_string();
        if self.runs > 1 {
            text += &format!(" ({} runs)", self.runs);
        }
        text += ":\n\n";
        for (name, summary) in self.names.iter().zip(&self.counts) {
            let noise = self.noise(summary);
            let value = summary.count.map_or("<not counted>".into(), grouped);
            let line = format!("{value:>18}      {name:32}{noise}");
            text += line.trim_end();
            text.push('\n');
        }
        text.push('\n');
        text += &self.footer();
        text
    }

    fn footer(&self) -> String {
        let elapsed = self.elapsed.mean / 1e9;
        if self.runs == 1 {
            return format!(
                " {elapsed:17.9} seconds time elapsed\n\n {:17.9} seconds user\n {:17.9} seconds sys\n\n\n",
                self.user.as_secs_f64(),
                self.sys.as_secs_f64()
            );
        }
        let error = self.elapsed.error() / 1e9;
        let precision = precision(error);
        format!(
            " {elapsed:17.precision$} +- {error:.precision$} seconds time elapsed{}\n\n",
            self.noise(&self.elapsed)
        )
    }

    fn noise(&self, summary: &Summary) -> String {
        if self.runs == 1 || summary.count.is_none() {
            return String::new();
        }
        format!("  ( +-{:6.2}% )", summary.relative_error())
    }

    /// Returns it for programs: the fields of perf-stat(1) under CSV FORMAT.
    pub(super) fn fields(&self, separator: &str) -> String {
        let mut text = String::new();
        for (name, summary) in self.names.iter().zip(&self.counts) {
            let value = summary
                .count
                .map_or("<not counted>".into(), |count| count.to_string());
            let mut fields = vec![value, String::new(), name.clone()];
            if self.runs > 1 {
                fields.push(format!("{:.2}%", summary.relative_error()));
            }
            // It is counted for as long as the command runs, never by turns.
            let (time, percent) = match summary.count {
                Some(_) => (self.elapsed.count.unwrap_or(0), "100.00"),
                None => (0, "0.00"),
            };
            fields.extend([
                time.to_string(),
                percent.into(),
                String::new(),
                String::new(),
            ]);
            let _ = writeln!(text, "{}", fields.join(separator));
        }
        text
    }
}

/// The mean of numbers and its error, by Welford's method.
#[derive(Clone, Debug, Default)]
struct Summary {
    number: f64,
    mean: f64,
    squares: f64,
    /// The sum of all, exactly.
    sum: u128,
    /// The mean to the next integer; nothing, if there is no number.
    count: Option<u64>,
}

impl Summary {
    #[expect(clippy::cast_precision_loss, reason = "a mean is no exact number")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "runs are counted"
    )]
    fn add(&mut self, value: u64) {
        self.number += 1.0;
        let delta = value as f64 - self.mean;
        self.mean += delta / self.number;
        self.squares += delta * (value as f64 - self.mean);
        self.sum += u128::from(value);
        let number = self.number as u128;
        self.count = u64::try_from((self.sum + number / 2) / number).ok();
    }

    /// Returns the standard error of the mean.
    fn error(&self) -> f64 {
        if self.number < 2.0 {
            return 0.0;
        }
        (self.squares / (self.number - 1.0) / self.number).sqrt()
    }

    fn relative_error(&self) -> f64 {
        if self.mean == 0.0 {
            0.0
        } else {
            100.0 * self.error() / self.mean
        }
    }
}

/// Returns how many digits are of use behind the point: two more than the error has zeros there.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 2 to 9"
)]
fn precision(error: f64) -> usize {
    if error > 1.0 {
        return 2;
    }
    ((-error.log10()).ceil() + 2.0).clamp(2.0, 9.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(nanoseconds: u64) -> Usage {
        Usage {
            elapsed: Duration::from_nanos(nanoseconds),
            user: Duration::from_micros(1500),
            sys: Duration::from_micros(2),
        }
    }

    fn series(runs: &[(Option<u64>, u64)]) -> Series {
        let mut found = Series::new(vec![
            "sched:sched_switch".into(),
            "irq:irq_handler_entry".into(),
        ]);
        for &(count, time) in runs {
            found.add(vec![count, Some(0)], &usage(time));
        }
        found
    }

    #[test]
    fn one_run() {
        insta::assert_snapshot!(series(&[(Some(1_234_567), 1_234_567_890)]).table(), @r"

         Performance counter stats for 'system wide':

                 1,234,567      sched:sched_switch
                         0      irq:irq_handler_entry

               1.234567890 seconds time elapsed

               0.001500000 seconds user
               0.000002000 seconds sys
        ");
    }

    #[test]
    fn several_runs() {
        let runs = [
            (Some(90), 1_000_000_000),
            (Some(100), 1_010_000_000),
            (Some(110), 990_000_000),
        ];
        insta::assert_snapshot!(series(&runs).table(), @r"

         Performance counter stats for 'system wide' (3 runs):

                       100      sched:sched_switch                ( +-  5.77% )
                         0      irq:irq_handler_entry             ( +-  0.00% )

                   1.00000 +- 0.00577 seconds time elapsed  ( +-  0.58% )
        ");
    }

    #[test]
    fn fields() {
        assert_eq!(
            series(&[(Some(7), 1000)]).fields(","),
            "7,,sched:sched_switch,1000,100.00,,\n0,,irq:irq_handler_entry,1000,100.00,,\n"
        );
        assert_eq!(
            series(&[(None, 1000), (None, 3000)]).fields(";"),
            "<not counted>;;sched:sched_switch;0.00%;0;0.00;;\n0;;irq:irq_handler_entry;0.00%;2000;100.00;;\n"
        );
    }

    #[test]
    fn not_counted_any_more() {
        let text = series(&[(None, 1)]).table();
        assert!(
            text.contains("     <not counted>      sched:sched_switch\n"),
            "{text}"
        );
    }

    #[test]
    fn the_mean_of_large_numbers_is_exact() {
        let mut summary = Summary::default();
        summary.add(u64::MAX);
        summary.add(u64::MAX - 2);
        assert_eq!(summary.count, Some(u64::MAX - 1));
    }

    #[test]
    fn groups() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }
}
