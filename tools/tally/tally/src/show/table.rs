// SPDX-License-Identifier: GPL-2.0

//! The file as a table that fits the terminal.

use std::{env, io, io::IsTerminal};

use tally_procfs::Values;

use super::{Rates, select::Shown};
use crate::cli::Show;

/// Prints a table of what is shown.
pub(super) fn render(shown: &[Shown<'_>], rates: Option<&Rates<'_>>, args: &Show) -> String {
    let rows = Rows::new(shown, rates, args);
    let mut text = rows.columns(rates.is_some()).print(width());
    if let Some(height) = height().filter(|_| args.watch.is_some()) {
        text = cut(&text, height);
    }
    if rows.zeros > 0 {
        text += &format!(
            "{} more {} zero: --all shows {}\n",
            rows.zeros,
            if rows.zeros == 1 { "is" } else { "are" },
            if rows.zeros == 1 { "it" } else { "them" }
        );
    }
    text
}

/// Returns the columns of the terminal; nothing where there is none, as in a pipe.
fn width() -> Option<usize> {
    let named = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    named.or_else(|| size().map(|(columns, _)| columns))
}

fn height() -> Option<usize> {
    size().map(|(_, rows)| rows)
}

fn size() -> Option<(usize, usize)> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (columns, rows) = terminal_size::terminal_size_of(io::stdout())?;
    Some((columns.0.into(), rows.0.into()))
}

/// Leaves out what does not fit below one another, with a line to spare for the last words.
fn cut(text: &str, height: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    // The line that counts zeros, this one's and the cursor's.
    let room = height.saturating_sub(3).max(1);
    if lines.len() <= room {
        return text.into();
    }
    let mut shown = lines[..room].join("\n");
    shown += &format!(
        "\n{} more lines do not fit: give a pattern\n",
        lines.len() - room
    );
    shown
}

/// The numbers to show, a row for each key.
struct Rows {
    rows: Vec<Row>,
    /// The CPUs that any of them has a number of.
    cpus: Vec<u32>,
    /// Whether there are sections.
    departed: bool,
    /// How many rows are left out because they are zero.
    zeros: usize,
}

struct Row {
    header: String,
    key: String,
    total: u64,
    rate: Option<f64>,
    cpus: Vec<(u32, u64)>,
    departed: Option<u64>,
}

impl Rows {
    fn new(shown: &[Shown<'_>], rates: Option<&Rates<'_>>, args: &Show) -> Self {
        let mut found = Self {
            rows: Vec::new(),
            cpus: Vec::new(),
            departed: false,
            zeros: 0,
        };
        for Shown { record, keys } in shown {
            let header = record.name().to_string();
            let totals: Vec<(&str, u64)> = record.totals().collect();
            for &index in keys {
                let (key, total) = totals[index];
                let departed = match record.values() {
                    Values::PerCpu { departed, .. } => Some(departed[index]),
                    Values::Totals(_) => None,
                };
                let cpus: Vec<(u32, u64)> = record
                    .cpus()
                    .iter()
                    .map(|cpu| (cpu.number, cpu.values[index]))
                    .collect();
                if total == 0 && !args.all && cpus.iter().all(|&(_, value)| value == 0) {
                    found.zeros += 1;
                    continue;
                }
                found.departed |= departed.is_some();
                found.cpus.extend(cpus.iter().map(|&(number, _)| number));
                found.rows.push(Row {
                    rate: rates
                        .and_then(|rates| rates.per_second(&header, key, record.kind(key), total)),
                    header: header.clone(),
                    key: key.into(),
                    total,
                    cpus,
                    departed,
                });
            }
        }
        found.cpus.sort_unstable();
        found.cpus.dedup();
        found
    }

    fn columns(&self, rates: bool) -> Table {
        let mut last = None;
        let headers = self.rows.iter().map(|row| {
            // Rows of one record show whose they are once.
            let shown = if last == Some(&row.header) {
                ""
            } else {
                &row.header
            };
            last = Some(&row.header);
            shown.to_string()
        });
        let mut table = Table {
            names: Column::new("RECORD", headers),
            keys: Column::new("KEY", self.rows.iter().map(|row| row.key.clone())),
            numbers: vec![Column::new(
                "TOTAL",
                self.rows.iter().map(|row| row.total.to_string()),
            )],
        };
        if rates {
            let cells = self
                .rows
                .iter()
                .map(|row| row.rate.map_or(String::new(), rate));
            table.numbers.push(Column::new("PER SECOND", cells));
        }
        for &cpu in &self.cpus {
            let cells = self.rows.iter().map(|row| {
                let found = row.cpus.iter().find(|&&(number, _)| number == cpu);
                found.map_or(String::new(), |(_, value)| value.to_string())
            });
            table
                .numbers
                .push(Column::new(&format!("CPU {cpu}"), cells));
        }
        if self.departed {
            let cells = self
                .rows
                .iter()
                .map(|row| row.departed.map_or(String::new(), |one| one.to_string()));
            table.numbers.push(Column::new("DEPARTED", cells));
        }
        table
    }
}

/// Prints a rate: with a digit behind the point where that says something.
fn rate(rate: f64) -> String {
    if rate < 100.0 {
        format!("{rate:.1}")
    } else {
        format!("{rate:.0}")
    }
}

struct Column {
    title: String,
    cells: Vec<String>,
    width: usize,
}

impl Column {
    fn new(title: &str, cells: impl Iterator<Item = String>) -> Self {
        let cells: Vec<String> = cells.collect();
        let width = cells
            .iter()
            .map(String::len)
            .chain([title.len()])
            .max()
            .unwrap_or(0);
        Self {
            title: title.into(),
            cells,
            width,
        }
    }
}

/// A table whose first columns name what the others count.
struct Table {
    names: Column,
    keys: Column,
    numbers: Vec<Column>,
}

/// Names are not made shorter than this to have room for numbers.
const SHORTEST: usize = 12;

impl Table {
    /// Prints it. Where it is too wide for the terminal names lose their middle, and columns of
    /// numbers for which there is no room follow below, beside the same names.
    fn print(mut self, width: Option<usize>) -> String {
        let room = width.unwrap_or(usize::MAX);
        let widest = self
            .numbers
            .iter()
            .map(|column| column.width + 1)
            .max()
            .unwrap_or(0);
        let spare = room.saturating_sub(self.keys.width + 1 + widest);
        self.names.width = self.names.width.min(spare.max(SHORTEST));
        let stub = self.names.width + 1 + self.keys.width;
        let mut panels = Vec::new();
        let mut rest = self.numbers.as_slice();
        while !rest.is_empty() {
            let mut used = stub;
            let fits = rest.iter().take_while(|column| {
                used += column.width + 1;
                used <= room
            });
            let (panel, others) = rest.split_at(fits.count().max(1));
            panels.push(self.panel(panel));
            rest = others;
        }
        panels.join("\n")
    }

    fn panel(&self, numbers: &[Column]) -> String {
        let mut text = self.line(&self.names.title, &self.keys.title, numbers, |column| {
            &column.title
        });
        for (index, (name, key)) in self.names.cells.iter().zip(&self.keys.cells).enumerate() {
            text += &self.line(name, key, numbers, |column| &column.cells[index]);
        }
        text
    }

    fn line<'a>(
        &self,
        name: &str,
        key: &str,
        numbers: &'a [Column],
        cell: impl Fn(&'a Column) -> &'a str,
    ) -> String {
        let width = self.names.width;
        let mut text = format!(
            "{:width$} {key:keys$}",
            shorten(name, width),
            keys = self.keys.width
        );
        for column in numbers {
            text += &format!(" {:>1$}", cell(column), column.width);
        }
        format!("{}\n", text.trim_end())
    }
}

/// Leaves out the middle of a name that is too long. Names are ASCII.
fn shorten(name: &str, width: usize) -> String {
    if name.len() <= width {
        return name.into();
    }
    let kept = width.saturating_sub(2);
    let tail = kept / 2;
    format!("{}..{}", &name[..kept - tail], &name[name.len() - tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_middle() {
        assert_eq!(
            shorten("Event sched:sched_switch", 30),
            "Event sched:sched_switch"
        );
        assert_eq!(shorten("Event sched:sched_switch", 14), "Event ..switch");
        assert_eq!(shorten("abcdef", 3), "a..");
    }

    #[test]
    fn rates_have_the_digits_that_matter() {
        assert_eq!(rate(0.04), "0.0");
        assert_eq!(rate(12.345), "12.3");
        assert_eq!(rate(12345.6), "12346");
    }
}
