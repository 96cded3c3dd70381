//! The window without a screen: for behaviour tests, and for the pictures.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]
#![allow(
    unreachable_pub,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "all of it is test code"
)]

#[allow(dead_code)]
pub mod screens;

pub mod graph;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::source::Places;
use dubito::data::synthetic;
use dubito::gui::action::Action;
use dubito::gui::app::{DubitoApp, Start};
use dubito::gui::dialogs::NoDialogs;
use dubito::gui::settings::Settings;
use dubito::gui::state::State;
use dubito::shown::OpenedModel;
use dubito::shown::subject::Origin;
use dubito::worker::{Slot, Wake};
use egui_kittest::{Harness, HarnessBuilder};

/// What a test draws: the window is made in its first frame, when there is a context.
pub enum Stage {
    /// Not yet made.
    Waiting(Box<Start>),
    /// Made.
    Open(Box<DubitoApp>),
    /// Being made.
    Empty,
}

/// A window under test.
pub type Window = Harness<'static, Stage>;

/// A window of 1280×800 that looks for images in `data`, a folder or `synthetic`.
#[allow(dead_code)]
pub fn window(data: &Path, settings: Settings) -> Window {
    open(Harness::builder().with_size([1280.0, 800.0]), data, settings)
}

/// The same with a given builder.
pub fn open(builder: HarnessBuilder<Stage>, data: &Path, settings: Settings) -> Window {
    open_with(builder, data, settings, None)
}

/// The same with a folder of kept digits.
pub fn open_with(
    builder: HarnessBuilder<Stage>,
    data: &Path,
    settings: Settings,
    my_digits: Option<PathBuf>,
) -> Window {
    open_keeping(builder, data, settings, my_digits, None)
}

/// The same with a folder of marks too.
pub fn open_keeping(
    builder: HarnessBuilder<Stage>,
    data: &Path,
    settings: Settings,
    my_digits: Option<PathBuf>,
    marks: Option<PathBuf>,
) -> Window {
    open_drawn_by(draw, builder, data, settings, my_digits, marks)
}

/// The same, drawn by a function around [`draw`].
pub fn open_drawn_by(
    draw: fn(&mut egui::Ui, &mut Stage),
    builder: HarnessBuilder<Stage>,
    data: &Path,
    settings: Settings,
    my_digits: Option<PathBuf>,
    marks: Option<PathBuf>,
) -> Window {
    let bundled = OpenedModel::bundled().unwrap();
    let start = Start {
        settings,
        // Names lie beside the marks, and never where those of the user do.
        places: Places {
            names: marks.as_ref().map(|folder| folder.join("class-names")),
            ..Places::new(Some(data.to_path_buf()))
        },
        model: bundled.clone(),
        bundled,
        my_digits,
        marks,
        dialogs: Box::new(NoDialogs),
    };
    builder.with_max_steps(16).build_ui_state(draw, Stage::Waiting(Box::new(start)))
}

/// Draws a frame; the first makes the window.
pub fn draw(ui: &mut egui::Ui, stage: &mut Stage) {
    if let Stage::Waiting(_) = stage
        && let Stage::Waiting(start) = std::mem::replace(stage, Stage::Empty)
    {
        let wake: Wake = Arc::new(|| {});
        *stage = Stage::Open(Box::new(DubitoApp::new(ui.ctx(), *start, &wake).unwrap()));
        // Fonts set in this frame are there in the next.
        ui.ctx().request_repaint();
        return;
    }
    if let Stage::Open(app) = stage {
        app.draw(ui);
    }
}

/// What the window knows.
pub fn state(window: &Window) -> &State {
    match window.state() {
        Stage::Open(app) => app.state(),
        _ => panic!("the window is not open yet"),
    }
}

/// Writes a few synthetic digits as MNIST's test files: quicker than the ten thousand the program draws.
#[allow(dead_code)]
pub fn write_digits(folder: &Path, images: usize) {
    let digits = synthetic::generate(images, 11);
    write_images(&folder.join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
}

/// Carries out an action, as a click in a view would.
#[allow(dead_code)]
pub fn act(window: &mut Window, action: Action) {
    let context = window.ctx.clone();
    match window.state_mut() {
        Stage::Open(app) => app.act(&context, action),
        _ => panic!("the window is not open yet"),
    }
    window.step();
}

/// Draws frames until a condition holds.
///
/// # Panics
/// When it does not hold within a minute.
pub fn wait_until(window: &mut Window, what: &str, so: impl Fn(&State) -> bool) {
    let start = Instant::now();
    loop {
        window.step();
        if matches!(window.state(), Stage::Open(_)) && so(state(window)) {
            return;
        }
        let notices: Vec<_> = match window.state() {
            Stage::Open(app) => {
                app.state().shared.notices.list().iter().map(|notice| notice.text.clone()).collect()
            }
            _ => Vec::new(),
        };
        assert!(start.elapsed() < Duration::from_mins(1), "waited in vain for: {what}; notices: {notices:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Draws frames until nothing runs and the gallery shows what is asked for.
pub fn settle(window: &mut Window) {
    wait_until(window, "the gallery to be complete", |state| {
        state.shared.jobs.is_empty()
            && !state.shared.is_stale()
            && state.shared.run.gallery.is_some()
            && state.shared.selected.primary.is_none_or(|index| {
                state.panels.inspector.view.as_ref().is_some_and(|view| {
                    view.origin == Origin::Dataset(index)
                        && view.probabilities.len() == state.shared.settings.sweep.passes
                })
            })
    });
    window.run_steps(3);
}

/// Whether a job of this kind runs.
#[allow(dead_code)]
pub fn runs(state: &State, slot: Slot) -> bool {
    state.shared.jobs.iter().any(|job| job.slot == slot)
}
