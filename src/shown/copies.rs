//! Images that are there more than once: within the split shown, and in the other splits of its source.

use std::path::PathBuf;

use crate::data::about::Originals;
use crate::data::images::remarks::{Remark, of_copies};
use crate::data::images::sources::{SourceError, look};
use crate::progress::{Observer, Progress};

/// What is compared.
#[derive(Clone, Debug)]
pub struct CopiesJob {
    /// The images shown.
    pub originals: Originals,
    /// Where they come from.
    pub path: PathBuf,
    /// Which of its splits they are.
    pub part: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct CopiesFound {
    /// The images that were compared.
    pub originals: Originals,
    /// What should be known: one sentence each; none where no image is a copy.
    pub remarks: Vec<String>,
}

/// Compares images with one another and with those of the other splits; `None` when stopped. Progress counts splits.
///
/// # Errors
/// When the source has changed, or cannot be read.
pub fn copies(job: CopiesJob, observe: Observer<'_>) -> Result<Option<CopiesFound>, SourceError> {
    let found = look(&job.path)?;
    let total = found.splits.len() as u64;
    let set = &job.originals.set;
    let mut going = |done| observe(Progress { done, total }).is_continue();
    let Some(prints) = set.fingerprints(&mut || going(0))? else { return Ok(None) };
    let mut others = Vec::new();
    let names = found.splits.iter().map(|split| split.name.clone()).filter(|name| *name != job.part);
    for (done, name) in (1..).zip(names) {
        let opened = found.open(&name, &mut |_| {
            if going(done) { std::ops::ControlFlow::Continue(()) } else { std::ops::ControlFlow::Break(()) }
        })?;
        let std::ops::ControlFlow::Continue(other) = opened else { return Ok(None) };
        if other.shape() != set.shape() {
            continue;
        }
        let Some(prints) = other.fingerprints(&mut || going(done))? else { return Ok(None) };
        others.push((name, prints));
    }
    let others = others.iter().map(|(name, prints)| (name.as_str(), prints.as_slice()));
    let remarks = of_copies(set, &prints, others).iter().map(Remark::to_string).collect();
    Ok(Some(CopiesFound { originals: job.originals, remarks }))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::ControlFlow;

    use image::{GrayImage, Luma};

    use super::*;
    use crate::progress::unobserved;

    #[test]
    fn copies_are_found_within_a_split_and_across_and_a_stop_is_heeded() {
        let folder = tempfile::tempdir().unwrap();
        let save = |place: &str, value: u8| {
            let path = folder.path().join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            GrayImage::from_pixel(9, 7, Luma([value])).save(path).unwrap();
        };
        for (place, value) in [
            ("train/a/1.png", 1),
            ("train/b/2.png", 2),
            ("val/a/3.png", 3),
            ("val/b/1.png", 1),
            ("test/a/1.png", 1),
            ("test/a/4.png", 4),
            ("test/b/4.png", 4),
        ] {
            save(place, value);
        }
        let found = look(folder.path()).unwrap();
        let ControlFlow::Continue(set) = found.open("test", &mut unobserved).unwrap() else {
            panic!("nobody stopped it")
        };
        let originals = Originals::new(set, None);
        let job = || CopiesJob {
            originals: originals.clone(),
            path: folder.path().to_path_buf(),
            part: "test".to_owned(),
        };
        let told = copies(job(), &mut unobserved).unwrap().unwrap().remarks.join("\n");
        assert!(told.contains("copy of an earlier one, pixel for pixel: 1."), "{told}");
        assert!(told.contains("another label than the image they are copies of: 1."), "{told}");
        assert!(told.contains("in train too, pixel for pixel: 1."), "{told}");
        assert!(told.contains("in validation too, pixel for pixel: 1."), "{told}");
        assert!(copies(job(), &mut |_| ControlFlow::Break(())).unwrap().is_none());
    }
}
