//! Networks trained in this window: none is lost when another takes its place.

use std::path::Path;

use crate::sampling::NetworkKey;
use crate::shown::OpenedModel;

/// A network trained in this window.
#[derive(Clone, Debug)]
pub struct TrainedHere {
    /// The network.
    pub model: OpenedModel,
    /// Whether a file holds it.
    pub saved: bool,
}

/// All networks trained in this window, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct TrainedNetworks {
    list: Vec<TrainedHere>,
}

impl TrainedNetworks {
    /// Another one: gives it back under a name that none of the others has.
    pub fn add(&mut self, mut model: OpenedModel) -> OpenedModel {
        // The same training again makes the same network.
        if let Some(same) = self.list.iter().find(|here| here.model.key() == model.key()) {
            return same.model.clone();
        }
        if !self.list.is_empty() {
            model.name = format!("{} ({})", model.name, self.list.len() + 1);
        }
        self.list.push(TrainedHere { model: model.clone(), saved: false });
        model
    }

    /// This file holds the network of this key now.
    pub fn saved(&mut self, key: NetworkKey, file: &Path) {
        for here in self.list.iter_mut().filter(|here| here.model.key() == key) {
            here.saved = true;
            here.model.path = Some(file.to_path_buf());
        }
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[TrainedHere] {
        &self.list
    }

    /// Whether closing the window would lose the network of this key.
    #[must_use]
    pub fn is_unsaved(&self, key: NetworkKey) -> bool {
        self.list.iter().any(|here| here.model.key() == key && !here.saved)
    }

    /// Those that closing the window would lose.
    pub fn unsaved(&self) -> impl Iterator<Item = &OpenedModel> {
        self.list.iter().filter(|here| !here.saved).map(|here| &here.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checkpoint::Checkpoint;
    use crate::model::{Architecture, Lenet};

    fn trained(seed: u64) -> OpenedModel {
        let architecture = Architecture { hidden: 8, ..Architecture::default() };
        let lenet = Lenet::initialise(architecture, 0.5, seed).unwrap();
        OpenedModel::new(Checkpoint::new(lenet), "trained here".to_owned())
    }

    #[test]
    fn a_second_training_leaves_the_first_unsaved_and_under_another_name() {
        let mut networks = TrainedNetworks::default();
        let (first, second) = (networks.add(trained(1)), networks.add(trained(2)));
        assert_eq!([&*first.name, &*second.name], ["trained here", "trained here (2)"]);
        assert_eq!(networks.unsaved().count(), 2);
        networks.saved(second.key(), Path::new("second.safetensors"));
        assert!(networks.is_unsaved(first.key()) && !networks.is_unsaved(second.key()));
        assert_eq!(networks.unsaved().map(OpenedModel::key).collect::<Vec<_>>(), [first.key()]);
        assert_eq!(networks.add(trained(1)).name, "trained here", "it is there already");
        assert_eq!(networks.list().len(), 2, "a saved one can be used again");
    }
}
