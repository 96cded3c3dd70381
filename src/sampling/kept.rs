//! Where drawn passes are kept: in memory, and of very many images on the disk, in a file without a name that is gone when
//! nobody needs it any more, however the program ends.

use std::borrow::Cow;
use std::fs::File;
use std::io::Write as _;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;

use half::f16;
use half::slice::HalfFloatSliceExt;

use crate::on_disk::{read_exact_at, roomy_folder};

use super::SamplingError;

/// Numbers that were drawn.
#[derive(Debug)]
pub(super) enum Kept {
    /// In memory.
    Held(Vec<f16>),
    /// On the disk.
    Filed(KeptFile),
}

/// Numbers in a file.
#[derive(Debug)]
pub(super) struct KeptFile {
    file: File,
    folder: PathBuf,
    /// In numbers.
    length: usize,
    failure: OnceLock<SamplingError>,
}

impl Kept {
    /// Room for so many numbers, in memory or on the disk.
    pub(super) fn with_room(numbers: usize, on_disk: bool) -> Result<Self, SamplingError> {
        if !on_disk {
            let mut held = Vec::new();
            let refused = |_| SamplingError::Refused { bytes: (numbers * size_of::<f16>()) as u64 };
            held.try_reserve_exact(numbers).map_err(refused)?;
            return Ok(Self::Held(held));
        }
        let folder = roomy_folder();
        match tempfile::tempfile_in(&folder) {
            Ok(file) => Ok(Self::Filed(KeptFile { file, folder, length: 0, failure: OnceLock::new() })),
            Err(error) => Err(SamplingError::Kept { folder, problem: error.to_string() }),
        }
    }

    /// Appends numbers.
    pub(super) fn push(&mut self, numbers: Vec<f16>) -> Result<(), SamplingError> {
        match self {
            Self::Held(held) if held.is_empty() => *held = numbers,
            Self::Held(held) => held.extend_from_slice(&numbers),
            Self::Filed(filed) => {
                let bytes = bytemuck::cast_slice(numbers.reinterpret_cast());
                filed.file.write_all(bytes).map_err(|error| filed.error(&error))?;
                filed.length += numbers.len();
            }
        }
        Ok(())
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Held(held) => held.len(),
            Self::Filed(filed) => filed.length,
        }
    }

    /// The numbers of a range. What cannot be read from the disk is 0, as if all classes were equally likely, and is known
    /// from [`failure`](Self::failure).
    pub(super) fn get(&self, range: Range<usize>) -> Cow<'_, [f16]> {
        match self {
            Self::Held(held) => Cow::Borrowed(&held[range]),
            Self::Filed(filed) => {
                let mut numbers = vec![f16::ZERO; range.len()];
                let bytes = bytemuck::cast_slice_mut(numbers.reinterpret_cast_mut());
                let position = (range.start * size_of::<f16>()) as u64;
                if let Err(error) = read_exact_at(&filed.file, bytes, position) {
                    let _ = filed.failure.set(filed.error(&error));
                    numbers.fill(f16::ZERO);
                }
                Cow::Owned(numbers)
            }
        }
    }

    /// Why some of them could not be read; `None` while all could.
    pub(super) fn failure(&self) -> Option<&SamplingError> {
        match self {
            Self::Held(_) => None,
            Self::Filed(filed) => filed.failure.get(),
        }
    }
}

impl KeptFile {
    fn error(&self, error: &std::io::Error) -> SamplingError {
        SamplingError::Kept { folder: self.folder.clone(), problem: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_from_memory_and_disk_alike() {
        let numbers: Vec<f16> = (0..100_u8).map(|value| f16::from_f32(-f32::from(value))).collect();
        for on_disk in [false, true] {
            let mut kept = Kept::with_room(200, on_disk).unwrap();
            kept.push(numbers.clone()).unwrap();
            kept.push(numbers.clone()).unwrap();
            assert_eq!((kept.len(), matches!(kept, Kept::Filed(_))), (200, on_disk));
            assert_eq!(*kept.get(95..105), [&numbers[95..], &numbers[..5]].concat());
            assert!(kept.failure().is_none());
        }
    }

    #[test]
    fn numbers_that_are_not_on_the_disk_any_more_are_none_and_are_told_of() {
        let mut kept = Kept::with_room(50, true).unwrap();
        kept.push(vec![f16::NEG_ONE; 50]).unwrap();
        let Kept::Filed(filed) = &kept else { panic!("in memory") };
        filed.file.set_len(40).unwrap();
        assert_eq!(*kept.get(0..20), [f16::NEG_ONE; 20]);
        assert!(kept.failure().is_none());
        assert_eq!(*kept.get(15..30), [f16::ZERO; 15]);
        let said = kept.failure().unwrap().to_string();
        assert!(said.contains("passes cannot be kept there"), "{said}");
    }
}
