// SPDX-License-Identifier: GPL-2.0

//! Numbers at random, for tests that make something up. tools/testing/crates has this file too.

/// A generator of Marsaglia's, which is random enough to make up texts.
pub(crate) struct Random(u64);

impl Random {
    /// Begins at a seed, which is not 0: the same one gives the same numbers.
    pub(crate) fn new(seed: u64) -> Self {
        assert!(seed != 0, "from 0 there comes nothing but 0");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Returns a number below a limit, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("it fits");
        usize::try_from(self.next() % limit).expect("it is below")
    }
}
