// SPDX-License-Identifier: GPL-2.0

//! What the bitmaps of the `kernel` crate lack: set algebra, walks and the list format.
//!
//! C header: [`include/linux/bitmap.h`](srctree/include/linux/bitmap.h)
//!
//! C's functions take one number of bits for all of their bitmaps. Here each bitmap knows its own,
//! and reads as zeros past its end: so every pair of bitmaps has an intersection, and a short one
//! can be a subset of a long one and the other way round.

use core::iter::FusedIterator;

use kernel::{
    bitmap::Bitmap,
    fmt, //
};

/// Gives the bits of a word, the `unsigned long` that bitmaps are made of.
// CAST: 32 or 64.
const BITS_PER_LONG: usize = usize::BITS as usize;

/// Returns how many words `bits` bits take: `BITS_TO_LONGS()`.
pub(crate) const fn bits_to_longs(bits: usize) -> usize {
    bits.div_ceil(BITS_PER_LONG)
}

/// Returns the bits of word `index` that belong to a bitmap of `len` bits.
fn word_mask(len: usize, index: usize) -> usize {
    match len.saturating_sub(index.saturating_mul(BITS_PER_LONG)) {
        0 => 0,
        left if left < BITS_PER_LONG => !(usize::MAX << left),
        _ => usize::MAX,
    }
}

/// Reads word `index` of a bitmap, with zeros past its end.
fn word(map: &Bitmap, index: usize) -> usize {
    let mask = word_mask(map.len(), index);
    if mask == 0 {
        return 0;
    }

    // `READ_ONCE()`: the kernel's own masks change by atomic operations while they are read.
    // SAFETY: The mask is not 0, so the word has one of the bitmap's bits, and by the invariant
    // of `Bitmap` its memory is there.
    mask & unsafe { map.as_ptr().add(index).read_volatile() }
}

/// Pairs of words of two bitmaps, as many as the first has.
fn words<'a>(a: &'a Bitmap, b: &'a Bitmap) -> impl Iterator<Item = (usize, usize)> + 'a {
    (0..bits_to_longs(a.len())).map(|index| (word(a, index), word(b, index)))
}

/// Replaces each word by what `operation` makes of it and the other bitmap's, and returns whether
/// that is ever other than 0.
///
/// As in C, a last word may get bits past the end, which nobody reads.
fn change(map: &mut Bitmap, other: &Bitmap, operation: fn(usize, usize) -> usize) -> bool {
    let mut all = 0;
    for index in 0..bits_to_longs(map.len()) {
        let made = operation(word(map, index), word(other, index));
        // SAFETY: The word has one of the bitmap's bits, so by the invariant of `Bitmap` its
        // memory is there. The reference is exclusive.
        unsafe { map.as_mut_ptr().add(index).write(made) };
        all |= made;
    }
    all != 0
}

/// Extends a [`Bitmap`] by operations that the `kernel` crate lacks.
///
/// All but the changing ones are possible while others change bits atomically; each word is then
/// read once. Any context.
///
/// # Examples
///
/// ```
/// use kernel::bitmap::BitmapVec;
/// use kernel_ext::bitmap::BitmapExt;
///
/// let mut map = BitmapVec::new(100, GFP_KERNEL)?;
/// for bit in [0, 1, 2, 3, 8, 99] {
///     map.set_bit(bit);
/// }
/// assert_eq!(map.weight(), 6);
/// assert!(map.set_bits_wrap(8).eq([8, 99, 0, 1, 2, 3]));
/// pr_info!("{}\n", map.list()); // 0-3,8,99
/// ```
pub trait BitmapExt {
    /// Returns whether the bit at `index` is set: `test_bit()`.
    ///
    /// Past the end none is.
    fn test_bit(&self, index: usize) -> bool;

    /// Returns the first bit from `start` on that is set: `find_next_bit()`.
    fn find_next_bit(&self, start: usize) -> Option<usize>;

    /// Returns the number of bits that are set: `bitmap_weight()`.
    fn weight(&self) -> usize;

    /// Returns whether no bit is set: `bitmap_empty()`.
    fn empty(&self) -> bool;

    /// Returns whether all bits are set: `bitmap_full()`.
    fn full(&self) -> bool;

    /// Returns whether the same bits are set: `bitmap_equal()`.
    fn equal(&self, other: &Bitmap) -> bool;

    /// Returns whether `other` has all bits that this one has: `bitmap_subset()`.
    fn subset(&self, other: &Bitmap) -> bool;

    /// Returns whether there is a bit that both have: `bitmap_intersects()`.
    fn intersects(&self, other: &Bitmap) -> bool;

    /// Keeps the bits that `other` has too, and returns whether any are left: `bitmap_and()`.
    fn and(&mut self, other: &Bitmap) -> bool;

    /// Adds the bits of `other` for which there is room: `bitmap_or()`.
    fn or(&mut self, other: &Bitmap);

    /// Clears the bits that `other` has, and returns whether any are left: `bitmap_andnot()`.
    fn andnot(&mut self, other: &Bitmap) -> bool;

    /// Walks the bits that are set, in rising order: `for_each_set_bit()`.
    fn set_bits(&self) -> SetBits<'_>;

    /// Walks the bits that are set, from `start` to the end and from 0 to `start`:
    /// `for_each_set_bit_wrap()`.
    fn set_bits_wrap(&self, start: usize) -> SetBitsWrap<'_>;

    /// Prints the bits that are set as the kernel does, `0-3,8`: `%*pbl`.
    fn list(&self) -> List<'_>;
}

impl BitmapExt for Bitmap {
    fn test_bit(&self, index: usize) -> bool {
        word(self, index / BITS_PER_LONG) & (1 << (index % BITS_PER_LONG)) != 0
    }

    fn find_next_bit(&self, start: usize) -> Option<usize> {
        // `next_bit()` may panic past the end.
        (start < self.len()).then(|| self.next_bit(start)).flatten()
    }

    fn weight(&self) -> usize {
        // CAST: Widening.
        words(self, self).fold(0, |sum: usize, (word, _)| {
            sum.saturating_add(word.count_ones() as usize)
        })
    }

    fn empty(&self) -> bool {
        self.find_next_bit(0).is_none()
    }

    fn full(&self) -> bool {
        self.weight() == self.len()
    }

    fn equal(&self, other: &Bitmap) -> bool {
        self.subset(other) && other.subset(self)
    }

    fn subset(&self, other: &Bitmap) -> bool {
        words(self, other).all(|(a, b)| a & !b == 0)
    }

    fn intersects(&self, other: &Bitmap) -> bool {
        words(self, other).any(|(a, b)| a & b != 0)
    }

    fn and(&mut self, other: &Bitmap) -> bool {
        change(self, other, |a, b| a & b)
    }

    fn or(&mut self, other: &Bitmap) {
        change(self, other, |a, b| a | b);
    }

    fn andnot(&mut self, other: &Bitmap) -> bool {
        change(self, other, |a, b| a & !b)
    }

    fn set_bits(&self) -> SetBits<'_> {
        SetBits::from(self, 0)
    }

    fn set_bits_wrap(&self, start: usize) -> SetBitsWrap<'_> {
        SetBitsWrap {
            upper: SetBits::from(self, start),
            lower: self.set_bits(),
            start,
        }
    }

    fn list(&self) -> List<'_> {
        List(self)
    }
}

/// Walks the bits of a bitmap that are set: made by [`BitmapExt::set_bits`].
///
/// A word is read when the walk comes to it, so a step within a word costs a few instructions.
pub struct SetBits<'a> {
    map: &'a Bitmap,
    /// The word that the walk is in.
    index: usize,
    /// The bits of that word that are set and still to come.
    left: usize,
}

impl<'a> SetBits<'a> {
    /// Begins a walk at the bit `start`, which may be past the end.
    fn from(map: &'a Bitmap, start: usize) -> Self {
        let index = start / BITS_PER_LONG;

        Self {
            map,
            index,
            left: word(map, index) & (usize::MAX << (start % BITS_PER_LONG)),
        }
    }

    /// Goes on to the next word that has a bit. Returns `None` at the end, and stays there.
    #[cold]
    fn refill(&mut self) -> Option<()> {
        while self.left == 0 {
            let next = self.index.saturating_add(1);
            if next >= bits_to_longs(self.map.len()) {
                return None;
            }
            self.index = next;
            self.left = word(self.map, next);
        }
        Some(())
    }
}

impl Iterator for SetBits<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.left == 0 {
            self.refill()?;
        }

        // CAST: Widening.
        let bit = self.left.trailing_zeros() as usize;
        self.left &= self.left.wrapping_sub(1);
        Some(self.index.wrapping_mul(BITS_PER_LONG).wrapping_add(bit))
    }
}

impl FusedIterator for SetBits<'_> {}

/// Walks the bits of a bitmap from its middle: made by [`BitmapExt::set_bits_wrap`].
pub struct SetBitsWrap<'a> {
    upper: SetBits<'a>,
    lower: SetBits<'a>,
    start: usize,
}

impl Iterator for SetBitsWrap<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.upper
            .next()
            .or_else(|| self.lower.next().filter(|bit| *bit < self.start))
    }
}

/// Prints a bitmap as a list: made by [`BitmapExt::list`].
pub struct List<'a>(&'a Bitmap);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bits = self.0.set_bits().peekable();
        let mut separator = "";

        while let Some(first) = bits.next() {
            let mut last = first;
            while let Some(bit) = bits.next_if(|bit| bit.checked_sub(1) == Some(last)) {
                last = bit;
            }

            write!(f, "{separator}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
            separator = ",";
        }
        Ok(())
    }
}
