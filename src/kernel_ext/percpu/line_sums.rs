// SPDX-License-Identifier: GPL-2.0

//! Sums of counters that lie next to each other.
//!
//! The copies of a variable have the same place in the area of each CPU, and the areas are whole pages
//! apart. So they belong to the same set of the first cache of a CPU, which has room for 8 or 12 lines.
//! On more CPUs than that, whoever sums counter by counter has lost the first lines before the next
//! counter in them is asked for, and fetches them all again. Here each line is fetched once: all
//! counters in it are summed on the way.

use core::cell::Cell;

use super::memory::PerCpu;
use crate::{
    cpu::CpusHeld,
    cpumask::PossibleCpu, //
};

/// The bytes of a cache line, on every x86-64.
const LINE: usize = 64;
const WORDS: usize = LINE / size_of::<u64>();

/// Sums counters over the CPUs that are online, those of a cache line at a time.
///
/// It keeps the sums of one line. They are taken when the first counter of the line is asked for, so a
/// counter's sum may be as old as that: the sums are right for whoever walks counters once, in the
/// order of memory, none of which is freed and given out again on the way.
///
/// # Examples
///
/// ```
/// use kernel::prelude::*;
/// use kernel_ext::{
///     cpu::cpus_read_lock,
///     percpu::{
///         Array,
///         LineSums, //
///     }, //
/// };
///
/// let counters = Array::<u64>::zeroed(20, GFP_KERNEL)?;
/// let numbered = || (0..20).filter_map(|number| Some((number as u64, counters.get(number)?)));
/// for (number, counter) in numbered() {
///     counter.add(number);
/// }
///
/// let cpus = cpus_read_lock();
/// let sums = LineSums::new(&cpus);
/// for (number, counter) in numbered() {
///     assert_eq!(sums.sum(counter), number);
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct LineSums<'a> {
    cpus: &'a CpusHeld,
    /// The per-CPU address of the line whose sums these are; 0, where no variable is, before the first.
    line: Cell<usize>,
    sums: [Cell<u64>; WORDS],
}

impl<'a> LineSums<'a> {
    /// Starts without sums.
    ///
    /// Any context in which there is such a proof.
    pub fn new(cpus: &'a CpusHeld) -> Self {
        Self {
            cpus,
            line: Cell::new(0),
            sums: [const { Cell::new(0) }; WORDS],
        }
    }

    /// Returns the proof that CPUs stay as they are.
    pub fn cpus(&self) -> &'a CpusHeld {
        self.cpus
    }

    /// Returns the sum of the copies of all CPUs that are online, which wraps around.
    ///
    /// Any context in which there is a proof that CPUs stay. `sum_vm_events()` of mm/vmstat.c sums CPU
    /// by CPU as well.
    #[inline]
    pub fn sum(&self, counter: &PerCpu<u64>) -> u64 {
        let address = counter.address();
        let line = address & !(LINE - 1);

        if self.line.get() != line {
            self.add_up(counter);
            self.line.set(line);
        }
        self.sums[address % LINE / size_of::<u64>()].get()
    }

    /// Sums all words of the line that `counter` is in.
    fn add_up(&self, counter: &PerCpu<u64>) {
        let mut sums = [0u64; WORDS];

        for cpu in self.cpus.online() {
            for (sum, word) in sums.iter_mut().zip(line_of(counter, cpu)) {
                *sum = sum.wrapping_add(word);
            }
        }
        for (kept, sum) in self.sums.iter().zip(sums) {
            kept.set(sum);
        }
    }
}

/// Reads the cache line in which `cpu` has its copy of a counter, each word by one load.
#[inline]
fn line_of(counter: &PerCpu<u64>, cpu: PossibleCpu) -> [u64; WORDS] {
    let copy = counter.per_cpu_ptr(cpu);
    let line = copy.map_addr(|address| address & !(LINE - 1));

    core::array::from_fn(|word| {
        // SAFETY: By the type invariant of `PerCpu` the copy is memory that lives as long as
        // `counter`. The line is aligned to its size, so it lies in the same page, which is mapped as a
        // whole, and `word` is below the number of its words: this is aligned and may be read. What
        // is there may be another variable, or nothing, and may be changed meanwhile. A volatile load
        // of a word returns some bits, any of which are a `u64`, and this type returns those of a
        // counter only to whoever has a reference to it.
        unsafe { line.add(word).read_volatile() }
    })
}
