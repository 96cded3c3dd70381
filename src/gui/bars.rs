//! What stands in the bars above and below every view.

use super::action::{Action, GalleryAction, WindowAction};
use super::command::MenuCommand;
use super::state::State;
use super::views::network::NetworkData;
use super::views::status_bar::{JobLine, StatusData};
use super::views::top_bar::TopBarData;
use crate::sampling::DropoutAt;
use crate::wording;
use crate::worker::Slot;

/// Steps of the history that the Edit menu lists.
const LISTED_STEPS: usize = 10;

/// What the top bar shows.
pub(super) fn top_bar_data<'a>(state: &'a State, commands: &'a [MenuCommand]) -> TopBarData<'a> {
    let (dataset, fallback) = match &state.shared.dataset {
        Some(dataset) => {
            let count = wording::count(dataset.digits.len(), "image");
            let name = dataset.name();
            let notice = dataset.source.notice();
            let detail = notice.clone().unwrap_or_else(|| format!("{}: {count}", dataset.source));
            ((name, detail), notice.is_some())
        }
        None => (("no images yet".to_owned(), "The images are being loaded.".to_owned()), false),
    };
    let about = state.shared.dataset.as_ref().map(|dataset| &dataset.about);
    TopBarData {
        commands,
        dataset,
        fallback,
        split: state.shared.split,
        splits: about.map_or(&[], |about| &about.splits),
        part: about.and_then(|about| about.part.as_deref()),
        model: (
            state.shared.model.name.clone(),
            state.shared.model.detail(state.shared.settings.sweep.dropout),
        ),
        graph: state.shared.model.what.graph(),
        input_check: state.shared.input_check.as_ref(),
        checking: state.shared.jobs.run(Slot::InputCheck),
        trained: &state.shared.trained,
        open: state.shared.model.key(),
        controls: state.shared.has_controls().then_some(state.shared.settings.controls_open),
        inspector: state.shared.has_inspector().then_some(state.shared.settings.inspector_open),
        steps: Box::new(|| state.shared.steps(LISTED_STEPS)),
        in_force: Box::new(|action| in_force(state, action)),
    }
}

/// What the network's drawing shows.
pub(super) fn network_data(state: &State) -> NetworkData<'_> {
    let dropout = state.shared.settings.sweep.dropout;
    let model = &state.shared.model;
    // The drawing itself says of a graph where dropout acts, be it in a hundred places.
    let detail = model.what.graph().map_or_else(
        || model.detail(dropout),
        |opened| {
            let layers = wording::count(opened.graph.layers().len(), "layer");
            let on = opened.on.iter().filter(|on| **on).count();
            let sites = wording::count(opened.on.len(), "site");
            format!(
                "{} classes, {layers}, dropout at {on} of {sites}. File {}.",
                opened.graph.classes(),
                model.hash
            )
        },
    );
    NetworkData { name: &model.name, detail, model: &model.what, dropout }
}

/// Whether what a command chooses is chosen already; `None` for a command that chooses nothing.
fn in_force(state: &State, action: &Action) -> Option<bool> {
    let settings = &state.shared.settings;
    match action {
        Action::Window(WindowAction::SetTheme(choice)) => Some(settings.theme == *choice),
        Action::Gallery(GalleryAction::SetArrangement(arrangement)) => {
            Some(settings.arrangement == *arrangement)
        }
        Action::Window(WindowAction::ToggleControls) => Some(settings.controls_open),
        Action::Window(WindowAction::ToggleInspector) => Some(settings.inspector_open),
        Action::Window(WindowAction::ToggleLecture) => Some(state.shared.lecture),
        _ => None,
    }
}

/// What the status bar shows.
pub(super) fn status_data(state: &State) -> StatusData<'_> {
    let jobs = state
        .shared
        .jobs
        .iter()
        .filter(|job| !job.slot.is_quick())
        .map(|job| JobLine {
            title: &job.title,
            // What comes before the first dropout is computed image by image.
            unit: if job.slot == Slot::Sweep && state.shared.run.prefix.is_none() {
                "images"
            } else {
                job.unit
            },
            progress: job.progress,
            elapsed: job.started.elapsed(),
            // The Train tab says the same.
            rate: state.panels.train.run.rate().filter(|_| job.slot == Slot::Train),
            left: state.panels.train.run.remaining().filter(|_| job.slot == Slot::Train),
        })
        .collect();
    let asked = state.shared.settings.sweep;
    // What the numbers on the screen were computed with, which may not be what was asked for yet.
    let provenance = state.shared.run.gallery.as_ref().map_or_else(String::new, |view| {
        let passes = if view.query.passes == asked.passes {
            format!("T = {}", asked.passes)
        } else {
            format!("T = {} of {}", view.query.passes, asked.passes)
        };
        // Where the network has other classes than the labels, or there are none, no answer can be right.
        let right = view.accuracy.map(|right| format!("{:.2} % right · ", right * 100.0)).unwrap_or_default();
        let rate = match view.key.pairing.network.dropout {
            DropoutAt::Sites { own_rates: true, .. } => "rates of the file".to_owned(),
            _ => format!("p = {:.2}", view.sampled.dropout),
        };
        let masks = view.sampled.masks.used(&state.shared.model.what.rates(view.sampled.dropout)).name();
        format!("{right}seed {} · {masks} masks · {passes} · {rate}", view.sampled.seed)
    });
    StatusData {
        jobs,
        notices: state.shared.notices.list(),
        provenance,
        caution: state
            .shared
            .differs_from_training()
            .map(|trained| format!("p differs from the {trained:.2} of training")),
    }
}
