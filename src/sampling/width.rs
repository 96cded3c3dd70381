//! How many classes a network tells apart: a constant for the ten that most do, so that loops over them unroll and their
//! arrays stay in registers, a number for all others. What is computed is written once, for both.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use std::ops::IndexMut;

/// A number of classes, with arrays of that length.
pub(super) trait Width: Copy {
    /// One `T` for each class.
    type Of<T: Copy>: IndexMut<usize, Output = T>;

    /// The number of classes.
    fn classes(self) -> usize;

    /// What `of` says of each class, in order.
    fn gather<T: Copy>(self, of: impl FnMut(usize) -> T) -> Self::Of<T>;
}

/// Ten classes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ten;

impl Ten {
    pub(super) const CLASSES: usize = 10;
}

impl Width for Ten {
    type Of<T: Copy> = [T; Self::CLASSES];

    #[inline(always)]
    fn classes(self) -> usize {
        Self::CLASSES
    }

    #[inline(always)]
    fn gather<T: Copy>(self, of: impl FnMut(usize) -> T) -> Self::Of<T> {
        std::array::from_fn(of)
    }
}

/// Any number of classes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Any(pub(super) usize);

impl Width for Any {
    type Of<T: Copy> = Vec<T>;

    #[inline(always)]
    fn classes(self) -> usize {
        self.0
    }

    #[inline(always)]
    fn gather<T: Copy>(self, of: impl FnMut(usize) -> T) -> Self::Of<T> {
        (0..self.0).map(of).collect()
    }
}
