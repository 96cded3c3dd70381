//! The choice of vector instructions, made once at run time.

use pulp::{Arch, WithSimd};

/// A set of vector instructions this processor has.
#[derive(Clone, Copy, Debug)]
pub struct InstructionSet(Arch);

impl InstructionSet {
    /// The widest set this processor has.
    #[must_use]
    pub fn detect() -> Self {
        Self(Arch::new())
    }

    /// Every set this processor has, widest first: for tests and comparisons.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut sets = vec![Self::detect()];
        #[cfg(target_arch = "x86_64")]
        if let (Arch::V4(_), Some(avx2)) = (sets[0].0, pulp::x86::V3::try_new()) {
            sets.push(Self(Arch::V3(avx2)));
        }
        if !matches!(sets[0].0, Arch::Scalar) {
            sets.push(Self(Arch::Scalar));
        }
        sets
    }

    /// Its display name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Arch::Scalar => "plain",
            #[cfg(target_arch = "x86_64")]
            Arch::V3(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Arch::V4(_) => "AVX-512",
            #[cfg(target_arch = "aarch64")]
            Arch::Neon(_) => "NEON",
            _ => "unnamed",
        }
    }

    /// Runs an operation compiled for this set.
    #[inline]
    pub fn run<Operation: WithSimd>(self, operation: Operation) -> Operation::Output {
        self.0.dispatch(operation)
    }
}

impl Default for InstructionSet {
    fn default() -> Self {
        Self::detect()
    }
}
