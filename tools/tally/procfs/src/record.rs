// SPDX-License-Identifier: GPL-2.0

//! Records.

use std::{fmt, iter};

use crate::{Kind, Name};

/// Holds one record: a header, and numbers by their keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    name: Name,
    keys: Vec<String>,
    values: Values,
}

/// Holds the numbers of a record, each in the order of its keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Values {
    /// Holds totals, as /proc/tally shows them, and /proc/tally_percpu those of records that are
    /// not counted by each CPU for itself.
    Totals(Vec<u64>),
    /// Holds what each CPU that was online has counted.
    PerCpu {
        /// Holds a section for each CPU, in the order of their numbers.
        cpus: Vec<Cpu>,
        /// Holds what CPUs had counted that have gone.
        departed: Vec<u64>,
    },
}

/// Holds what one CPU has counted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cpu {
    /// Numbers the CPU.
    pub number: u32,
    /// Holds its numbers, in the order of the record's keys.
    pub values: Vec<u64>,
}

impl Record {
    pub(crate) fn new(name: Name, keys: Vec<String>, values: Values) -> Self {
        Self { name, keys, values }
    }

    /// Returns what the record is called.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Returns the keys, in the order of the file.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Returns all numbers.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// Returns the CPUs that the record has sections of; none, if it has totals.
    pub fn cpus(&self) -> &[Cpu] {
        match &self.values {
            Values::Totals(_) => &[],
            Values::PerCpu { cpus, .. } => cpus,
        }
    }

    /// Returns the total of a key, or nothing if the record lacks it.
    pub fn total(&self, key: &str) -> Option<u64> {
        self.keys
            .iter()
            .position(|one| one == key)
            .map(|index| self.total_at(index))
    }

    /// Returns the keys with their totals, in the order of the file.
    ///
    /// Where the record has sections a total is their sum, modulo 2^64.
    pub fn totals(&self) -> impl Iterator<Item = (&str, u64)> {
        self.keys
            .iter()
            .enumerate()
            .map(|(index, key)| (key.as_str(), self.total_at(index)))
    }

    fn total_at(&self, index: usize) -> u64 {
        match &self.values {
            Values::Totals(totals) => totals[index],
            Values::PerCpu { cpus, departed } => cpus
                .iter()
                .map(|cpu| cpu.values[index])
                .fold(departed[index], u64::wrapping_add),
        }
    }

    /// Returns what the number of a key is.
    pub fn kind(&self, key: &str) -> Kind {
        Kind::of(&self.name, key)
    }

    fn write_section(&self, f: &mut fmt::Formatter<'_>, values: &[u64]) -> fmt::Result {
        iter::zip(&self.keys, values)
            .try_for_each(|(key, value)| writeln!(f, "{:14}{key}: {value}", ""))
    }
}

/// Prints the record as the file has it.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        match &self.values {
            Values::Totals(totals) => iter::zip(&self.keys, totals)
                .try_for_each(|(key, total)| writeln!(f, "      {key:12} {total}")),
            Values::PerCpu { cpus, departed } => {
                writeln!(f, "  pagesets")?;
                for cpu in cpus {
                    writeln!(f, "    cpu: {}", cpu.number)?;
                    self.write_section(f, &cpu.values)?;
                }
                writeln!(f, "    departed")?;
                self.write_section(f, departed)
            }
        }
    }
}
