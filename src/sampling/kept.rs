//! Where drawn passes are kept: in memory, and of very many images on the disk, in a file without a name that is gone when
//! nobody needs it any more, however the program ends.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use half::f16;
use half::slice::HalfFloatSliceExt;

use crate::on_disk::{read_exact_at, roomy_folder};

use super::SamplingError;

/// Where the passes of a sweep are to be kept.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In memory.
    Memory,
    /// On the disk, all in one file.
    Disk(Arc<Disk>),
}

/// A file without a name.
#[derive(Debug)]
pub(super) struct Disk {
    file: File,
    folder: PathBuf,
    /// Whether memory has room too, should the disk have none.
    or_memory: bool,
}

impl Place {
    /// A file in a folder with room; memory, should there be none and `or_memory` allow it.
    pub(super) fn disk(or_memory: bool) -> Result<Self, SamplingError> {
        let folder = roomy_folder();
        match tempfile::tempfile_in(&folder) {
            Ok(file) => Ok(Self::Disk(Arc::new(Disk { file, folder, or_memory }))),
            Err(_) if or_memory => Ok(Self::Memory),
            Err(error) => Err(SamplingError::Kept { folder, problem: error.to_string() }),
        }
    }
}

impl Disk {
    fn error(&self, error: &std::io::Error) -> SamplingError {
        SamplingError::Kept { folder: self.folder.clone(), problem: error.to_string() }
    }
}

/// Numbers that were drawn.
#[derive(Debug)]
pub(super) enum Kept {
    /// In memory.
    Held(Vec<f16>),
    /// On the disk.
    Filed(Filed),
}

/// Numbers in a file that holds others too.
#[derive(Debug)]
pub(super) struct Filed {
    disk: Arc<Disk>,
    /// Bytes before the first.
    start: u64,
    /// In numbers.
    length: usize,
    failure: OnceLock<SamplingError>,
}

impl Kept {
    /// Room for so many numbers.
    pub(super) fn with_room(numbers: usize, place: &Place) -> Result<Self, SamplingError> {
        match place {
            Place::Memory => {
                let mut held = Vec::new();
                let refused = |_| SamplingError::Refused { bytes: (numbers * size_of::<f16>()) as u64 };
                held.try_reserve_exact(numbers).map_err(refused)?;
                Ok(Self::Held(held))
            }
            Place::Disk(disk) => {
                // One segment is written after the other.
                let start = (&disk.file).stream_position().map_err(|error| disk.error(&error))?;
                Ok(Self::Filed(Filed { disk: Arc::clone(disk), start, length: 0, failure: OnceLock::new() }))
            }
        }
    }

    /// Appends numbers.
    pub(super) fn push(&mut self, numbers: Vec<f16>) -> Result<(), SamplingError> {
        match self {
            Self::Held(held) if held.is_empty() => *held = numbers,
            Self::Held(held) => held.extend_from_slice(&numbers),
            Self::Filed(filed) => {
                let bytes = bytemuck::cast_slice(numbers.reinterpret_cast());
                match (&filed.disk.file).write_all(bytes) {
                    Ok(()) => filed.length += numbers.len(),
                    Err(error) if !filed.disk.or_memory => return Err(filed.disk.error(&error)),
                    Err(_) => {
                        let mut held = filed.get(0..filed.length);
                        held.extend_from_slice(&numbers);
                        *self = Self::Held(held);
                    }
                }
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
            Self::Filed(filed) => Cow::Owned(filed.get(range)),
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

impl Filed {
    fn get(&self, range: Range<usize>) -> Vec<f16> {
        let mut numbers = vec![f16::ZERO; range.len()];
        let bytes = bytemuck::cast_slice_mut(numbers.reinterpret_cast_mut());
        let position = self.start + (range.start * size_of::<f16>()) as u64;
        if let Err(error) = read_exact_at(&self.disk.file, bytes, position) {
            let _ = self.failure.set(self.disk.error(&error));
            numbers.fill(f16::ZERO);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_from_memory_and_disk_alike() {
        let numbers: Vec<f16> = (0..100_u8).map(|value| f16::from_f32(-f32::from(value))).collect();
        for (place, on_disk) in [(Place::Memory, false), (Place::disk(false).unwrap(), true)] {
            // Those of the sweep before lie in the same file.
            let mut before = Kept::with_room(3, &place).unwrap();
            before.push(vec![f16::ONE; 3]).unwrap();
            let mut kept = Kept::with_room(200, &place).unwrap();
            kept.push(numbers.clone()).unwrap();
            kept.push(numbers.clone()).unwrap();
            assert_eq!((kept.len(), matches!(kept, Kept::Filed(_))), (200, on_disk));
            assert_eq!(*kept.get(95..105), [&numbers[95..], &numbers[..5]].concat());
            assert_eq!(*before.get(0..3), [f16::ONE; 3]);
            assert!(kept.failure().is_none());
        }
    }

    #[test]
    fn numbers_that_are_not_on_the_disk_any_more_are_none_and_are_told_of() {
        let place = Place::disk(true).unwrap();
        let Place::Disk(disk) = &place else { panic!("in memory") };
        let mut kept = Kept::with_room(50, &place).unwrap();
        kept.push(vec![f16::NEG_ONE; 50]).unwrap();
        disk.file.set_len(40).unwrap();
        assert_eq!(*kept.get(0..20), [f16::NEG_ONE; 20]);
        assert!(kept.failure().is_none());
        assert_eq!(*kept.get(15..30), [f16::ZERO; 15]);
        let said = kept.failure().unwrap().to_string();
        assert!(said.contains("passes cannot be kept there"), "{said}");
    }
    #[test]
    fn what_the_disk_has_no_room_for_is_held_where_memory_has() {
        let folder = tempfile::tempdir().unwrap();
        for or_memory in [true, false] {
            let path = folder.path().join(format!("{or_memory}"));
            let all: Vec<f16> = (0..60_u8).map(f16::from).collect();
            let first = bytemuck::cast_slice(all[..40].reinterpret_cast());
            std::fs::write(&path, first).unwrap();
            // It can be read and not written, as a full disk.
            let file = File::open(&path).unwrap();
            let disk = Arc::new(Disk { file, folder: folder.path().into(), or_memory });
            let mut kept = Kept::Filed(Filed { disk, start: 0, length: 40, failure: OnceLock::new() });
            let pushed = kept.push(all[40..].to_vec());
            assert_eq!((pushed.is_ok(), kept.len()), (or_memory, if or_memory { 60 } else { 40 }));
            assert_eq!(*kept.get(0..kept.len()), all[..kept.len()]);
        }
    }
}
