// SPDX-License-Identifier: GPL-2.0

//! Bitmaps, as the kernel's crate has them.

use core::ops::{
    Deref,
    DerefMut, //
};

use crate::alloc::{
    allocate,
    AllocError,
    Flags, //
};

const BITS: usize = usize::BITS as usize;

/// Is a row of words; how many of their bits count is in `len`.
pub struct Bitmap {
    words: Vec<usize>,
    len: usize,
}

impl Bitmap {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn as_ptr(&self) -> *const usize {
        self.words.as_ptr()
    }

    pub fn as_mut_ptr(&mut self) -> *mut usize {
        self.words.as_mut_ptr()
    }

    pub fn set_bit(&mut self, index: usize) {
        assert!(index < self.len);
        self.words[index / BITS] |= 1 << (index % BITS);
    }

    /// Sets bits that are past the end too, which a bitmap of C's may have.
    pub fn set_tail(&mut self) {
        if let (Some(last), used @ 1..) = (self.words.last_mut(), self.len % BITS) {
            *last |= usize::MAX << used;
        }
    }

    /// Returns the first bit from `start` on that is set. Panics past the end, as the kernel's may.
    pub fn next_bit(&self, start: usize) -> Option<usize> {
        assert!(start < self.len);
        (start..self.len).find(|bit| self.words[bit / BITS] & (1 << (bit % BITS)) != 0)
    }
}

/// Owns a bitmap.
pub struct BitmapVec(Bitmap);

impl BitmapVec {
    pub fn new(len: usize, _: Flags) -> Result<Self, AllocError> {
        allocate()?;
        // There is no word that has no bit, so whoever reads past the last one is found.
        Ok(Self(Bitmap {
            words: vec![0; len.div_ceil(BITS)],
            len,
        }))
    }
}

impl Deref for BitmapVec {
    type Target = Bitmap;

    fn deref(&self) -> &Bitmap {
        &self.0
    }
}

impl DerefMut for BitmapVec {
    fn deref_mut(&mut self) -> &mut Bitmap {
        &mut self.0
    }
}
