//! What follows when a job ends, or ends without what was asked for.

use super::State;
use crate::gui::effect::{Follow, Steps};
use crate::gui::shared::Gravity;
use crate::worker::Slot;

impl State {
    /// A job of this slot has ended, with or without an answer.
    pub(super) fn finished(&mut self, slot: Slot) -> Steps {
        let Self { shared, panels, .. } = self;
        match slot {
            Slot::Train => panels.train.run.ended(),
            Slot::Explain => panels.explain.ended(),
            Slot::Rotate => panels.rotate.ended(),
            Slot::Quality | Slot::Foreign => panels.quality.ended(slot, shared),
            // What was waiting for the last passes.
            Slot::Sweep => {
                let mut steps: Steps = vec![Follow::Quality.into(), Follow::Explain.into()];
                steps.extend(shared.ask_copies());
                return steps;
            }
            Slot::Load => {
                if shared.dataset.is_none() {
                    let why = "Loading was stopped before any image was there.";
                    shared.load_error = Some(why.to_owned());
                }
            }
            Slot::Model
            | Slot::View
            | Slot::Export
            | Slot::Gallery
            | Slot::Inspect
            | Slot::Subnetwork
            | Slot::Draw
            | Slot::Neighbours
            | Slot::Features
            | Slot::Pictures
            | Slot::PictureAgain
            | Slot::Keep
            | Slot::Marks
            | Slot::OverDropout
            | Slot::TrainingSpace
            | Slot::Chart
            | Slot::Dial
            | Slot::Light
            | Slot::Choose
            | Slot::Count
            | Slot::Reduced
            | Slot::Copies
            | Slot::Firm
            | Slot::InputCheck => {}
        }
        Steps::new()
    }

    /// A job of this slot could not do what was asked: said in a notice, or where its answer would stand.
    pub(super) fn failed(&mut self, slot: Slot, message: String) {
        let Self { shared, panels, .. } = self;
        match slot {
            Slot::Load if shared.dataset.is_none() => {
                // It stands where the images would be.
                log::error!("{message}");
                shared.load_error = Some(message);
                return;
            }
            Slot::TrainingSpace => {
                // It stands where the neighbours would be.
                log::error!("{message}");
                panels.explain.training_error = Some(message);
                return;
            }
            Slot::Train => panels.train.run.ended(),
            Slot::Quality => panels.quality.ended(slot, shared),
            Slot::Foreign => {
                panels.quality.ended(slot, shared);
                panels.quality.foreign_failed(shared);
            }
            Slot::Load
            | Slot::Model
            | Slot::View
            | Slot::Sweep
            | Slot::Export
            | Slot::Gallery
            | Slot::Inspect
            | Slot::Subnetwork
            | Slot::Draw
            | Slot::Neighbours
            | Slot::Features
            | Slot::Pictures
            | Slot::PictureAgain
            | Slot::Keep
            | Slot::Marks
            | Slot::OverDropout
            | Slot::Explain
            | Slot::Chart
            | Slot::Rotate
            | Slot::Dial
            | Slot::Light
            | Slot::Choose
            | Slot::Count
            | Slot::Reduced
            | Slot::Copies
            | Slot::Firm
            | Slot::InputCheck => {}
        }
        shared.notices.say(Gravity::Error, message);
    }
}
