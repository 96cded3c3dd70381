//! Why something cannot be sampled.

use std::path::PathBuf;

use crate::data::classes::ClassesError;
use crate::data::images::ImageShape;
use crate::model::graph::GraphError;

/// Why something cannot be sampled, and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SamplingError {
    /// T is 0.
    #[error("0 passes give no distribution; choose at least 1")]
    NoPasses,
    /// p is out of range.
    #[error("dropout rate {dropout} is not in 0 ≤ p < 1; choose one that keeps some units")]
    Dropout {
        /// The rate asked for.
        dropout: f32,
    },
    /// A parameter does not fit the network's shape.
    #[error("{parameter} has {found} numbers, {expected} expected for this network; load another model")]
    Shape {
        /// Its name in the file.
        parameter: &'static str,
        /// Numbers it has.
        found: usize,
        /// Numbers it should have.
        expected: usize,
    },
    /// A parameter is NaN or infinite.
    #[error("{parameter} holds {value} at position {position}; the model is damaged, train or load another")]
    NotFinite {
        /// Its name in the file.
        parameter: &'static str,
        /// Where.
        position: usize,
        /// What.
        value: f32,
    },
    /// A graph cannot be run.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Too few classes or too many.
    #[error(transparent)]
    Classes(ClassesError),
    /// The pixels are not whole images.
    #[error("{found} pixels are not whole images of 784")]
    Pixels {
        /// Pixels given.
        found: usize,
    },
    /// The images have another shape than the network takes.
    #[error("the network takes images of {takes}, and these are of {given}")]
    Images {
        /// What it takes.
        takes: ImageShape,
        /// What it was given.
        given: ImageShape,
    },
    /// A pixel is NaN or infinite.
    #[error("pixel {pixel} of image {image} is {value}; pixels are numbers in 0…1")]
    PixelNotFinite {
        /// Which image.
        image: usize,
        /// Which pixel.
        pixel: usize,
        /// What.
        value: f32,
    },
    /// Samples to be continued belong to another sweep.
    #[error("samples of {found} cannot be continued as a sweep of {expected}; start from empty samples")]
    Continuation {
        /// What the samples are.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// What belongs to different images or networks was put together.
    #[error("what belongs to {found} was put together with what belongs to {expected}; sample these anew")]
    Mixed {
        /// What the one belongs to.
        found: String,
        /// What it should belong to.
        expected: String,
    },
    /// More room on the disk than the limit would be needed.
    #[error(
        "{images} images × {passes} passes take {:.1} GB on the disk, the limit is {:.1} GB; choose at most {most} passes, or fewer images",
        *.needed as f64 / 1e9,
        *.limit as f64 / 1e9
    )]
    Limit {
        /// Images asked for.
        images: usize,
        /// Passes asked for.
        passes: usize,
        /// Bytes this needs.
        needed: u64,
        /// Bytes allowed.
        limit: u64,
        /// Passes that fit.
        most: usize,
    },
    /// The images cannot be read from their file any more.
    #[error("{0}")]
    Unread(String),
    /// The passes of very many images cannot be put on the disk, or not be read from there.
    #[error("{}: the passes cannot be kept there: {problem} (free some space, or choose fewer passes)", folder.display())]
    Kept {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        problem: String,
    },
    /// The system refused memory.
    #[error("the system refused {:.0} MB of memory; close other programs, or choose fewer passes or images", *.bytes as f64 / 1e6)]
    Refused {
        /// Bytes asked for.
        bytes: u64,
    },
}

/// A vector of `len` copies of `value`, or an error when the system refuses the memory.
pub(super) fn allocate<T: Clone>(len: usize, value: T) -> Result<Vec<T>, SamplingError> {
    let mut vector = Vec::new();
    vector
        .try_reserve_exact(len)
        .map_err(|_| SamplingError::Refused { bytes: (len as u64).saturating_mul(size_of::<T>() as u64) })?;
    vector.resize(len, value);
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_cannot_be_had_is_an_error_that_says_how_much() {
        let error = allocate(usize::MAX / 8, 0.0_f32).unwrap_err();
        assert!(matches!(error, SamplingError::Refused { .. }));
        let error = allocate(1_usize << 50, 0.0_f32).unwrap_err();
        assert_eq!(error, SamplingError::Refused { bytes: 1 << 52 });
        assert!(error.to_string().contains("4503599627 MB"), "{error}");
    }
}
