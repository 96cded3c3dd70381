//! The marks a person sets: read when a dataset is opened, and each change saved.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::Digits;
use crate::data::marks::{Change, MarkStore, Marks, StoreError};

/// What is done with kept marks.
#[derive(Clone, Debug)]
pub enum MarkWork {
    /// Read those of a dataset.
    Load(Arc<Digits>),
    /// Save changes, in the order in which they were made; undone ones as their inverse.
    Save {
        /// [`Digits::hash`] of the dataset they are of.
        dataset: [u8; 32],
        /// The changes.
        changes: Vec<Change>,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// All there are of a dataset.
    Loaded(Marks),
    /// These are on the disk.
    Saved {
        /// [`Digits::hash`] of the dataset they are of.
        dataset: [u8; 32],
        /// The changes.
        changes: Vec<Change>,
    },
}

impl Marked {
    /// [`Digits::hash`] of the dataset it is about.
    #[must_use]
    pub fn dataset(&self) -> [u8; 32] {
        match self {
            Self::Loaded(marks) => marks.dataset(),
            Self::Saved { dataset, .. } => *dataset,
        }
    }
}

/// Reads or saves marks in a folder; without one they last as long as the window. What was found wrong on the way and
/// mended stands beside what was done.
///
/// # Errors
/// When the marks cannot be read or saved; a change is then not on the disk.
pub fn mark(folder: Option<PathBuf>, work: MarkWork) -> Result<(Marked, Vec<StoreError>), StoreError> {
    let store = folder.map(MarkStore::new);
    Ok(match (work, store) {
        (MarkWork::Load(digits), None) => (Marked::Loaded(Marks::new(digits.hash())), Vec::new()),
        (MarkWork::Load(digits), Some(store)) => {
            let (marks, mended) = store.load(&digits)?;
            (Marked::Loaded(marks), mended)
        }
        (MarkWork::Save { dataset, changes }, store) => {
            let mended = store.map_or(Ok(Vec::new()), |store| store.save(&dataset, &changes))?;
            (Marked::Saved { dataset, changes }, mended)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::marks::{Mark, Review};
    use crate::data::synthetic;

    #[test]
    fn without_a_folder_marks_last_as_long_as_the_window() {
        let digits = Arc::new(synthetic::generate(5, 1));
        let none = Marks::new(digits.hash());
        let change = none.change(&digits, 2, Review::Marked(Mark::Ambiguous)).unwrap();
        let save = MarkWork::Save { dataset: digits.hash(), changes: vec![change] };
        let (saved, mended) = mark(None, save).unwrap();
        assert_eq!(saved, Marked::Saved { dataset: digits.hash(), changes: vec![change] });
        assert!(mended.is_empty());
        assert_eq!(mark(None, MarkWork::Load(digits)).unwrap().0, Marked::Loaded(none));
    }
}
