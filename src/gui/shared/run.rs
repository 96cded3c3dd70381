//! The run: what was sampled of the images, and what the gallery shows of it.

use std::sync::Arc;

use crate::sampling::{Prefix, RunKey, Samples, SweepConfig};
use crate::shown::GalleryView;
use crate::shown::firm::FirmView;

/// Memory for sweeps of other dropout rates, to which going back is instant, in bytes; the one not looked at for
/// longest goes first. At T = 100 and 10,000 images one takes about 30 MB.
const VISITED: u64 = 300_000_000;

/// What was sampled, and what is shown of it.
#[derive(Default)]
pub struct Run {
    /// The newest samples.
    pub samples: Option<Samples>,
    /// What the gallery shows.
    pub gallery: Option<Arc<GalleryView>>,
    /// What was made firm of it.
    pub firm: Option<Arc<FirmView>>,
    /// Some images ranked before all of them are.
    pub first_look: Option<Arc<GalleryView>>,
    /// What the sweep under way samples.
    pub(in crate::gui) sweeping: Option<SweepConfig>,
    /// Activations that later sweeps of the same images and network can use.
    pub(in crate::gui) prefix: Option<Arc<Prefix>>,
    visited: Vec<Samples>,
}

impl Run {
    /// Forgets what was sampled of other images or by another network. What the gallery shows stays.
    pub fn forget_samples(&mut self) {
        self.sweeping = None;
        self.prefix = None;
        self.visited.clear();
        self.first_look = None;
        self.firm = None;
        self.samples = None;
    }

    /// Puts samples of another run away, and takes those of this one out if there are any.
    pub fn turn_to(&mut self, key: RunKey) {
        let matches = |samples: &Samples| samples.key() == Some(key);
        if self.samples.as_ref().is_some_and(matches) {
            return;
        }
        if let Some(old) = self.samples.take() {
            self.visited.push(old);
            while self.visited.iter().map(Samples::bytes).sum::<u64>() > VISITED {
                self.visited.remove(0);
            }
        }
        if let Some(at) = self.visited.iter().position(matches) {
            self.samples = Some(self.visited.remove(at));
        }
    }
}

/// Whether a sweep samples what is asked for now.
#[must_use]
pub fn same_config(config: Option<SweepConfig>, asked: &SweepConfig) -> bool {
    config.is_some_and(|config| config.same_draws(asked))
}

/// Whether samples are draws of these masks.
#[must_use]
pub fn same_draws(samples: &Samples, config: &SweepConfig) -> bool {
    samples.config(0).same_draws(config)
}
