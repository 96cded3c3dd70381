//! What dropout does not touch, computed once for each image and network.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::data::{Digits, PIXELS, Pixels};
use crate::kernel::{LANES, Rectified, Row, blocks, product};
use crate::model::Placement;
use crate::model::geometry::{FEATURES, POOL1_UNITS};
use crate::progress::{Observer, Progress};

use super::error::allocate;
use super::key::Pairing;
use super::network::Network;
use super::{SamplingError, convolution, parallel};

/// The activations before the first dropout of every image: pixels for `all`, pooled features for `dense`, hidden
/// activations for `last`. It does not depend on the dropout rate or the seed.
#[derive(Clone, Debug)]
pub struct Prefix {
    network: Arc<Network>,
    pairing: Pairing,
    images: usize,
    /// Rows of one block.
    width: usize,
    /// `[blocks, width]`
    rows: Vec<Row>,
}

impl Prefix {
    /// Computes the activations of a dataset; `None` when the observer stopped it. Progress counts images.
    ///
    /// # Errors
    /// When the system refuses the memory.
    pub fn of(
        network: &Arc<Network>,
        digits: &Digits,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        Self::activations(network, digits.into(), network.pairing(digits), observe)
    }

    /// Computes the activations of images that are no dataset; `None` when the observer stopped it. Progress counts images.
    ///
    /// # Errors
    /// When the pixels are not whole images or not finite, or the system refuses the memory.
    pub fn compute(
        network: &Arc<Network>,
        pixels: Pixels,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        let pairing = Pairing { dataset: pixels.hash(), network: network.key() };
        Self::activations(network, pixels, pairing, observe)
    }

    fn activations(
        network: &Arc<Network>,
        pixels: Pixels,
        pairing: Pairing,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        check(pixels)?;
        let images = pixels.images();
        let width = Self::width(network);
        let mut rows = allocate(blocks(images) * width, Row::ZERO)?;
        let work = |scratch: &mut PrefixScratch, (block, out): (usize, &mut [Row])| {
            if network.placement() == Placement::All {
                convolution::load(pixels, block, out);
                return;
            }
            convolution::load(pixels, block, &mut scratch.pixels);
            convolution::pooled(network, &scratch.pixels, &mut scratch.pooled);
            if network.placement() == Placement::Dense {
                convolution::features(network, &scratch.pooled, out);
                return;
            }
            convolution::features(network, &scratch.pooled, &mut scratch.features);
            hidden(network, &scratch.features, out);
        };
        let total = images as u64;
        let outcome = parallel::for_each(
            rows.chunks_exact_mut(width.max(1)).enumerate(),
            PrefixScratch::new,
            work,
            &mut |done| observe(Progress { done: total.min((done * LANES) as u64), total }),
        );
        Ok(match outcome {
            ControlFlow::Continue(()) => {
                Some(Self { network: Arc::clone(network), pairing, images, width, rows })
            }
            ControlFlow::Break(()) => None,
        })
    }

    /// The network it was computed with.
    #[must_use]
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// Which images and network it is of.
    #[must_use]
    pub fn pairing(&self) -> &Pairing {
        &self.pairing
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// Memory it holds, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (self.rows.len() * size_of::<Row>()) as u64
    }

    /// Rows of one block.
    pub(super) fn block(&self, block: usize) -> &[Row] {
        &self.rows[block * self.width..][..self.width]
    }

    fn width(network: &Network) -> usize {
        match network.placement() {
            Placement::All => PIXELS,
            Placement::Dense => FEATURES,
            Placement::Last => network.hidden(),
        }
    }
}

/// The hidden activations after their ReLU, without dropout, from the features of a block.
pub(super) fn hidden(network: &Network, features: &[Row], out: &mut [Row]) {
    let finish = &mut Rectified { scale: 1.0, bias: &network.weights().fc1_bias, out };
    product(network.instructions(), network.fc1(), features, &ALL_FEATURES, finish);
}

/// Every feature, in order.
pub(super) const ALL_FEATURES: [u32; FEATURES] = {
    let mut index = [0; FEATURES];
    let mut feature = 0;
    while feature < FEATURES {
        index[feature] = feature as u32;
        feature += 1;
    }
    index
};

/// Whether pixels are whole, finite images.
pub(super) fn check(pixels: Pixels) -> Result<(), SamplingError> {
    let found = match pixels {
        Pixels::Bytes(bytes) => bytes.len(),
        Pixels::Numbers(numbers) => numbers.len(),
    };
    if !found.is_multiple_of(PIXELS) {
        return Err(SamplingError::Pixels { found });
    }
    if let Pixels::Numbers(numbers) = pixels
        && let Some(at) = numbers.iter().position(|value| !value.is_finite())
    {
        return Err(SamplingError::PixelNotFinite {
            image: at / PIXELS,
            pixel: at % PIXELS,
            value: numbers[at],
        });
    }
    Ok(())
}

/// What one thread needs between pixels and features.
pub(super) struct PrefixScratch {
    pub(super) pixels: Vec<Row>,
    pub(super) pooled: Vec<Row>,
    pub(super) features: Vec<Row>,
}

impl PrefixScratch {
    pub(super) fn new() -> Self {
        Self {
            pixels: vec![Row::ZERO; PIXELS],
            pooled: vec![Row::ZERO; POOL1_UNITS],
            features: vec![Row::ZERO; FEATURES],
        }
    }
}
