//! The other run of `dubito evaluate`: another network, rate, placement or seed on the same images.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::Failure;
use crate::cli::options::{PlacementOption, dropout};
use crate::cli::steps::{Swept, network, placed, sweep_all};
use crate::model::AnyModel;
use crate::sampling::{DropoutAt, Samples, SweepConfig};
use crate::uncertainty::quality::{AnswerChange, Side, changes};
use crate::uncertainty::{Measures, measure_all};

/// What to compare with.
#[derive(Clone, Debug, Args)]
pub(super) struct Against {
    /// Compare with another network on the same images; intervals of the differences are paired
    #[arg(id = "against", long = "against", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Compare with another dropout rate [default: --dropout, or the rate of that network's training]
    #[arg(id = "against_dropout", long = "against-dropout", value_name = "P", allow_negative_numbers = true, value_parser = dropout)]
    dropout: Option<f32>,
    /// Compare with dropout in other places, whatever the network was trained with
    #[arg(id = "against_placement", long = "against-placement", value_name = "PLACEMENT", value_enum)]
    placement: Option<PlacementOption>,
    /// Compare with other masks: what differs is Monte-Carlo noise
    #[arg(id = "against_seed", long = "against-seed", value_name = "N")]
    seed: Option<u64>,
    /// How many images are listed, of those whose entropy changed most
    #[arg(long, value_name = "N", default_value_t = 20)]
    changed: usize,
}

/// The run compared with.
pub(super) struct Other {
    pub(super) hash: String,
    pub(super) dropout: DropoutAt,
    pub(super) config: SweepConfig,
    pub(super) samples: Samples,
    pub(super) measures: Vec<Measures>,
}

/// What it is to compare with, opened before the long work.
pub(super) struct Opened {
    model: Option<AnyModel>,
}

impl Against {
    fn asked(&self) -> bool {
        self.file.is_some() || self.dropout.is_some() || self.placement.is_some() || self.seed.is_some()
    }

    /// The other network, if there is one: a wrong path is reported at once.
    pub(super) fn open(&self) -> Result<Opened, Failure> {
        let model = self.file.as_deref().map(|path| network(Some(path))).transpose()?;
        Ok(Opened { model })
    }

    /// Samples the other run; `None` when nothing is to be compared. `given` is the rate given for both.
    pub(super) fn sample(
        &self,
        opened: Opened,
        swept: &Swept,
        given: Option<f32>,
    ) -> Result<Option<Other>, Failure> {
        if !self.asked() {
            return Ok(None);
        }
        let trained = opened.model.as_ref().map_or(swept.config.dropout, AnyModel::dropout);
        let model = opened.model.unwrap_or_else(|| swept.model.clone());
        let model = if self.dropout.or(given).is_some() { model.at_common_rate() } else { model };
        let network = Arc::new(placed(&model, self.placement.map(Into::into))?);
        let config = SweepConfig {
            dropout: self.dropout.or(given).unwrap_or(trained),
            seed: self.seed.unwrap_or(swept.config.seed),
            ..swept.config
        };
        let samples = sweep_all(&network, &swept.loaded.digits, &config)?;
        let measures = measure_all(&samples, samples.passes());
        Ok(Some(Other { hash: model.named(), dropout: network.key().dropout, config, samples, measures }))
    }

    /// The images whose entropy changed most, from this run to the other.
    pub(super) fn changes(&self, other: &Other, swept: &Swept) -> Vec<AnswerChange> {
        let before = Side { measures: &swept.measures, samples: &swept.samples };
        let after = Side { measures: &other.measures, samples: &other.samples };
        changes(before, after, self.changed)
    }
}
