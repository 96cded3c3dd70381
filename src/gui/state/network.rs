//! The network in use: which it is, where dropout acts in it and at which rates, and what it is given.

use std::fmt::Write as _;

use super::State;
use crate::gui::effect::{Follow, Step, Steps};
use crate::gui::panel::draw::want_features;
use crate::gui::shared::{Control, Gravity};
use crate::model::graph::{By, Preprocessing, short};
use crate::model::{AnyModel, OpenedGraph};
use crate::shown::OpenedModel;
use crate::worker::Job;

impl State {
    /// Another network is used from now on: what was done before it is not taken back with it.
    pub(super) fn use_model(&mut self, model: OpenedModel) -> Steps {
        let now = self.shared.snapshot();
        self.shared.history.seal(&now);
        self.take_model(model)
    }

    /// The same as a part of the step under way.
    pub(super) fn take_model(&mut self, model: OpenedModel) -> Steps {
        let shared = &mut self.shared;
        shared.say_what_is_taken(&model);
        shared.model = match &shared.dataset {
            Some(images) => model.called_as(images, None),
            None => model,
        };
        shared.settings.sweep.dropout = shared.model.what.dropout();
        self.asked_anew()
    }

    /// The network is another, or speaks in other names: all that it said is asked for again.
    pub(super) fn asked_anew(&mut self) -> Steps {
        let shared = &mut self.shared;
        shared.say_whether_classes_agree();
        // The old results stay visible, marked stale, until the first of the new network are there.
        let mut steps = shared.abandon_sweep();
        steps.extend(shared.sweep());
        steps.extend(shared.ask_input_check());
        steps.push(Follow::Draw.into());
        steps.extend(want_features(shared));
        steps.push(Follow::Rotate.into());
        steps
    }

    /// All that drops does so at this rate from now on.
    pub(super) fn set_dropout(&mut self, dropout: f32) -> Steps {
        let shared = &mut self.shared;
        // A slider's steps of a hundredth, without the dust of its arithmetic, so that a rate is found again.
        let dropout = (dropout * 100.0).round() / 100.0;
        if !shared.model.what.has_own_rates() {
            shared.remember_control(Control::Dropout);
            shared.settings.sweep.dropout = dropout;
            return self.sample_anew();
        }
        // Where each site had a rate of its own, all have this one now.
        shared.remember_control(Control::Dropout);
        let common = shared.model.changed(AnyModel::at_common_rate);
        let mut steps = self.take_model(common);
        self.shared.settings.sweep.dropout = dropout;
        steps.extend(self.sample_anew());
        steps
    }

    /// Each site of a graph drops at the rate of its file.
    pub(super) fn use_own_rates(&mut self) -> Steps {
        self.shared.remember();
        let own = self.shared.model.changed(AnyModel::at_own_rates);
        self.take_model(own)
    }

    /// A network was opened from a file: a graph is given its images as a person chose for it before.
    pub(super) fn use_opened(&mut self, model: OpenedModel) -> Steps {
        let mut told = format!("Opened {}.", model.name);
        if let Some(output) = model.what.graph().and_then(OpenedGraph::output) {
            let _ = write!(told, " Its output {} answers; the model's chip has the others.", short(output));
        }
        self.shared.notices.say(Gravity::Done, told);
        let model = self.shared.with_kept_input(model);
        self.use_model(model)
    }

    /// The graph in use answers with another of its outputs: its file is opened again for that.
    pub(super) fn set_output(&mut self, output: String) -> Steps {
        let path = self.shared.model.path.clone();
        path.map(|path| Step::submit(Job::OpenModel(path, Some(output)))).into_iter().collect()
    }

    /// The images enter the graph in use so from now on, and each time its file is opened.
    pub(super) fn set_input(&mut self, preprocessing: Preprocessing) -> Steps {
        let shared = &mut self.shared;
        shared.settings.keep_input(&shared.model.hash, preprocessing);
        let (rate, own) = (shared.settings.sweep.dropout, shared.model.what.has_own_rates());
        let changed = shared.model.changed(|what| what.with_preprocessing(preprocessing));
        let mut steps = self.use_model(changed);
        if !own {
            self.shared.settings.sweep.dropout = rate;
            steps.extend(self.sample_anew());
        }
        steps
    }

    /// Dropout acts at this site of a graph, by its place among all, by units or by channels; `None`: not there.
    pub(super) fn set_site(&mut self, site: usize, by: Option<By>) -> Steps {
        self.shared.remember();
        let rate = self.shared.settings.sweep.dropout;
        let common = !self.shared.model.what.has_own_rates();
        let placed = self.shared.model.changed(|what| what.with_site(site, by));
        let mut steps = self.take_model(placed);
        if common {
            self.shared.settings.sweep.dropout = rate;
            steps.extend(self.sample_anew());
        }
        steps
    }
}
