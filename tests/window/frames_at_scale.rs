//! How long frames take at 300,000 images: nothing in them may grow with the images.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]
#![allow(clippy::too_many_lines, reason = "one window is walked through")]

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{Stage, Window, act, draw, open_drawn_by, settle, state, wait_until};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::source::{Places, Split};
use dubito::data::{Digits, synthetic};
use dubito::gui::action::{
    Action, Brushing, ChartAction, Colouring, FileAction, FilePurpose, GalleryAction, HighlightAction, Pick,
    PlaneAction, QualityAction, RunAction, Shelf, Subset, WindowAction,
};
use dubito::gui::charts;
use dubito::gui::settings::{Arrangement, Settings, Tab};
use dubito::model::checkpoint::Checkpoint;
use dubito::model::{Architecture, Lenet, Placement};
use dubito::sampling::SweepConfig;
use dubito::shown::clipboard::ChartForm;
use dubito::uncertainty::Measure;
use dubito::uncertainty::doubt_plane::{Bounds, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

/// As many as the target speaks of, or as many as `FRAMES_IMAGES` says.
fn images() -> usize {
    let asked = std::env::var("FRAMES_IMAGES").ok().and_then(|images| images.parse().ok());
    asked.unwrap_or(300_000)
}

const LIMIT: Duration = Duration::from_millis(4);

/// The test images over and over: real ones where they are at hand.
fn write_many(folder: &Path) {
    let some = std::env::var_os("MNIST_DIR").map_or_else(
        || synthetic::generate(3_000, 11),
        |data| {
            let loaded = Places::new(Some(data.into()));
            match loaded.load(Split::Test, &mut |_| std::ops::ControlFlow::Continue(())).unwrap() {
                std::ops::ControlFlow::Continue(loaded) => loaded.digits,
                std::ops::ControlFlow::Break(()) => panic!("nobody stopped it"),
            }
        },
    );
    let times = images() / some.len();
    let many = Digits::new(some.pixels().repeat(times), some.labels().repeat(times)).unwrap();
    write_images(&folder.join("t10k-images-idx3-ubyte"), &many, Packing::Plain).unwrap();
    write_labels(&folder.join("t10k-labels-idx1-ubyte"), &many, Packing::Plain).unwrap();
}

/// Carries an action out without drawing a frame.
fn apply(window: &mut Window, action: Action) {
    let context = window.ctx.clone();
    if let Stage::Open(app) = window.state_mut() {
        app.act(&context, action);
    }
}

/// Longer than the usual patience: so many images take their time.
fn settle_at_length(window: &mut Window) {
    for _ in 0..10 {
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| settle(window))).is_ok() {
            break;
        }
    }
}

/// What this thread has spent on a processor so far. Workers share the processors with the window's thread here, and
/// what a person waits for on a machine of two is theirs as much as the frame's.
#[cfg(target_os = "linux")]
fn spent() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(not(target_os = "linux"))]
fn spent() -> Option<Duration> {
    None
}

thread_local! {
    /// What the frames drawn since the last question took.
    static FRAMES: RefCell<Vec<Duration>> = const { RefCell::new(Vec::new()) };
}

/// Draws a frame and notes what it took: the window's own part, without the tree of accessible names that a test keeps
/// of everything for itself.
fn timed(ui: &mut egui::Ui, stage: &mut Stage) {
    let (start, before) = (Instant::now(), spent());
    draw(ui, stage);
    let took = since(start, before);
    FRAMES.with_borrow_mut(|frames| frames.push(took));
}

/// The processor's time since then, or the clock's where there is no other.
fn since(start: Instant, before: Option<Duration>) -> Duration {
    spent().zip(before).map_or(start.elapsed(), |(after, before)| after.saturating_sub(before))
}

/// Times at least 120 frames, with a change before each; what the action and turning the frame into triangles take
/// counts as the frame's. A key is pressed in one frame and let go in another.
fn measure(
    name: &str,
    window: &mut Window,
    slow: &mut Vec<String>,
    mut change: impl FnMut(&mut Window, usize),
) {
    window.run_steps(4);
    let mut times = Vec::new();
    for step in 0..120 {
        let (start, before) = (Instant::now(), spent());
        change(window, step);
        let acted = since(start, before);
        FRAMES.take();
        window.step();
        let mut frames = FRAMES.take();
        let (shapes, context) = (window.output().shapes.clone(), window.ctx.clone());
        let (start, before) = (Instant::now(), spent());
        drop(context.tessellate(shapes, window.output().pixels_per_point));
        frames[0] += acted + since(start, before);
        times.extend(frames);
    }
    times.sort();
    let [median, most, longest] =
        [0.5, 0.95, 1.0].map(|part| times[((times.len() - 1) as f64 * part) as usize]);
    let line = format!("{name}: median {median:?}, 95 % {most:?}, longest {longest:?}");
    println!("{line}");
    // What grows with the images does so in more than one frame of twenty.
    if most > LIMIT {
        slow.push(line);
    }
}

/// Times gallery and plane with many images selected; ends in the gallery.
fn with_many_selected(what: &str, window: &mut Window, slow: &mut Vec<String>, extent: Bounds) {
    let tab = |tab| Action::Window(WindowAction::ShowTab(tab));
    measure(&format!("gallery, {what}"), window, slow, |_, _| ());
    act(window, tab(Tab::Plane));
    measure(&format!("plane, {what}"), window, slow, |_, _| ());
    let width = extent.max[0] - extent.min[0];
    for (part, factor) in [("all of it", 1.0), ("a hundredth of it", 0.1), ("a tiny part of it", 0.001)] {
        apply(window, Action::Plane(PlaneAction::Show(Some(extent.zoomed(factor, [0.3, 0.2])))));
        measure(&format!("plane, {what}, {part}, panning"), window, slow, |window, step| {
            let by = 0.0007 * factor * width * if step % 100 < 50 { 1.0 } else { -1.0 };
            let bounds = state(window).panels.plane.bounds.unwrap_or(extent).moved([by, 0.0]);
            apply(window, Action::Plane(PlaneAction::Show(Some(bounds))));
        });
    }
    apply(window, Action::Plane(PlaneAction::Show(None)));
    act(window, tab(Tab::Gallery));
}

/// Run alone: `MNIST_DIR=… cargo test --test window frames_at_scale -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement that needs 3 GB and minutes"]
fn no_frame_takes_longer_than_4_ms_at_300_000_images() {
    let folder = tempfile::tempdir().unwrap();
    write_many(folder.path());
    let sweep = SweepConfig { passes: 4, ..SweepConfig::default() };
    let builder = Harness::builder().with_size([1280.0, 800.0]);
    let settings = Settings { sweep, ..Settings::default() };
    let mut window = open_drawn_by(timed, builder, folder.path(), settings, None, None);
    // A network with few activations to keep: with the bundled one so many images need more memory than sweeps may take.
    let architecture = Architecture { hidden: 64, placement: Placement::Last, classes: 10 };
    let small = folder.path().join("small.safetensors");
    Checkpoint::new(Lenet::initialise(architecture, 0.5, 1).unwrap()).save(&small).unwrap();
    wait_until(&mut window, "the images", |state| state.shared.dataset.is_some());
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, small)));
    settle_at_length(&mut window);
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().measures.len(), images());
    let mut slow = Vec::new();
    let gallery = |action| Action::Gallery(action);

    measure("gallery, two halves", &mut window, &mut slow, |_, _| ());
    act(&mut window, gallery(GalleryAction::SetArrangement(Arrangement::Ranking)));
    settle(&mut window);
    measure("gallery, one ranking", &mut window, &mut slow, |_, _| ());
    let last = *state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.last().unwrap();
    measure("gallery, walking by keys at the end", &mut window, &mut slow, |window, step| {
        if step == 0 {
            apply(window, gallery(GalleryAction::Select(last, Pick::Only)));
        }
        let key = if step % 2 == 0 { egui::Key::ArrowLeft } else { egui::Key::ArrowRight };
        window.key_press(key);
    });
    let first = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order[0];
    measure("gallery, selecting from one end to the other", &mut window, &mut slow, |window, step| {
        let (to, pick) = if step % 2 == 0 { (first, Pick::Only) } else { (last, Pick::Extend) };
        apply(window, gallery(GalleryAction::Select(to, pick)));
    });
    apply(&mut window, Action::Window(WindowAction::Escape));
    let measure_shown = state(&window).shared.settings.measure;
    measure("gallery, along the bins", &mut window, &mut slow, |window, step| {
        let subset = Subset::Bins(measure_shown, [step % 32, step % 32]);
        apply(window, Action::Highlight(HighlightAction::Show(Some(subset))));
    });
    measure("gallery, choosing a range", &mut window, &mut slow, |window, step| {
        if step % 20 == 0 {
            let subset = Subset::Range(measure_shown, [0.01 * step as f32, 3.0]);
            apply(window, Action::Highlight(HighlightAction::Only(subset)));
        }
    });
    settle(&mut window);
    act(&mut window, gallery(GalleryAction::ShowOnly(None)));
    settle(&mut window);
    for shelf in Shelf::ALL {
        measure(&format!("shelf {}", shelf.label()), &mut window, &mut slow, |window, step| {
            if step == 10 {
                apply(window, gallery(GalleryAction::Shelf(shelf)));
            }
        });
        settle(&mut window);
    }
    act(&mut window, gallery(GalleryAction::SetFilter(dubito::uncertainty::Filter::All)));
    act(&mut window, gallery(GalleryAction::SetMeasure(Measure::PredictiveEntropy)));
    act(&mut window, gallery(GalleryAction::ShowOnly(None)));
    settle(&mut window);

    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    settle(&mut window);
    let extent = state(&window).shared.run.gallery.as_ref().unwrap().plane.extent;
    let middle = egui::pos2(560.0, 430.0);
    measure("plane, nothing changes", &mut window, &mut slow, |_, _| ());
    measure("plane, the pointer moves", &mut window, &mut slow, |window, step| {
        window.hover_at(middle + egui::vec2(step as f32 - 60.0, (step % 40) as f32));
    });
    measure("plane, along the bins", &mut window, &mut slow, |window, step| {
        let subset = Subset::Bins(Measure::PredictiveEntropy, [step % 32, step % 32]);
        apply(window, Action::Highlight(HighlightAction::Show(Some(subset))));
    });
    let width = extent.max[0] - extent.min[0];
    let show = |bounds: Bounds| Action::Plane(PlaneAction::Show(Some(bounds)));
    measure("plane, all of it, panning", &mut window, &mut slow, |window, step| {
        let by = width * 0.0007 * if step % 100 < 50 { 1.0 } else { -1.0 };
        let bounds = state(window).panels.plane.bounds.unwrap_or(extent).moved([by, 0.0]);
        apply(window, show(bounds));
    });
    apply(&mut window, show(extent.zoomed(0.1, [0.3, 0.2])));
    measure("plane, a hundredth of it, panning", &mut window, &mut slow, |window, step| {
        let by = width * 0.0007 * if step % 100 < 50 { 1.0 } else { -1.0 };
        let bounds = state(window).panels.plane.bounds.unwrap_or(extent).moved([by, 0.0]);
        apply(window, show(bounds));
    });
    act(&mut window, Action::Plane(PlaneAction::Show(None)));
    measure("plane, brushing", &mut window, &mut slow, |window, step| {
        if step % 20 == 0 {
            let from = 0.05 + 0.001 * step as f32;
            let shape = Shape::Box(Bounds { min: [from, from], max: [3.0, 3.0] });
            apply(window, Action::Plane(PlaneAction::Brush(shape, Brushing::Replace)));
        }
    });
    settle(&mut window);

    act(&mut window, Action::Plane(PlaneAction::ClearBrush));
    settle(&mut window);
    measure("plane, zooming out and in again", &mut window, &mut slow, |window, step| {
        let factor = 1.0 + 0.02 * (if step < 60 { step } else { 120 - step }) as f32;
        apply(window, show(extent.zoomed(factor, [0.3, 0.2])));
    });
    apply(&mut window, Action::Plane(PlaneAction::Show(None)));
    measure("plane, colours of the labels", &mut window, &mut slow, |window, step| {
        if step % 20 == 0 {
            let colouring = if step % 40 == 0 { Colouring::Label } else { Colouring::Correctness };
            apply(window, Action::Plane(PlaneAction::Colour(colouring)));
        }
    });
    // The certain ones lie in the corner at the lower left.
    let corner = window.get_by_label_contains("Plane of expected entropy").rect().left_bottom();
    measure("plane, the pointer where most images are", &mut window, &mut slow, |window, step| {
        window.hover_at(corner + egui::vec2((step % 30) as f32, -((step % 20) as f32)));
    });
    let shown = Arc::clone(state(&window).shared.run.gallery.as_ref().unwrap());
    let chart = |window: &Window| {
        let digits = &state(window).shared.dataset.as_ref().unwrap().digits;
        let taken = Arc::new(charts::plane(&shown, digits, Colouring::Correctness, extent, None));
        let (name, form, save) = ("plane", ChartForm::Data, false);
        Action::Chart(ChartAction { name, form, save, taken })
    };
    measure("plane, its data copied", &mut window, &mut slow, |window, step| {
        if step == 10 {
            let action = chart(window);
            apply(window, action);
        }
    });
    settle_at_length(&mut window);

    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    measure("gallery, a range of 100,000 chosen with Shift", &mut window, &mut slow, |window, step| {
        let (place, pick) = if step % 2 == 0 { (0, Pick::Only) } else { (99_999, Pick::Extend) };
        apply(window, gallery(GalleryAction::Select(shown.ranked.order[place], pick)));
    });
    assert_eq!(state(&window).shared.selected.set.len(), 100_000);
    with_many_selected("100,000 selected", &mut window, &mut slow, extent);
    let everything = Subset::Range(Measure::PredictiveEntropy, [-1.0, 10.0]);
    measure("gallery, all selected at once", &mut window, &mut slow, |window, step| {
        if step % 20 == 0 {
            apply(window, Action::Highlight(HighlightAction::Select(everything)));
        }
    });
    settle(&mut window);
    assert_eq!(state(&window).shared.selected.set.len(), images());
    with_many_selected("all selected", &mut window, &mut slow, extent);
    measure("gallery, undo and redo of all selected", &mut window, &mut slow, |window, step| {
        apply(window, if step % 2 == 0 { Action::Undo } else { Action::Redo });
    });
    settle_at_length(&mut window);
    measure("gallery, all selected written as a table", &mut window, &mut slow, |window, step| {
        if step == 10 {
            let path = folder.path().join("all.csv");
            apply(window, Action::File(FileAction::Chosen(FilePurpose::ExportTable, path)));
        }
    });
    settle_at_length(&mut window);

    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    for _ in 0..10 {
        let numbers = |window: &mut Window| {
            wait_until(window, "the numbers", |state| {
                state.panels.quality.view.as_ref().is_some_and(|view| view.complete)
            });
        };
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| numbers(&mut window))).is_ok() {
            break;
        }
    }
    measure("quality, nothing changes", &mut window, &mut slow, |_, _| ());
    measure("quality, along the bins of confidence", &mut window, &mut slow, |window, step| {
        let subset = Subset::Reliability(step % 15);
        apply(window, Action::Highlight(HighlightAction::Show(Some(subset))));
    });
    measure("quality, the refused shown in the gallery", &mut window, &mut slow, |window, step| {
        if step == 10 {
            apply(window, Action::Quality(QualityAction::Refuse(images() / 2)));
            apply(window, Action::Quality(QualityAction::ShowRefused));
        }
    });
    settle_at_length(&mut window);
    measure("quality, the selected shown in the gallery", &mut window, &mut slow, |window, step| {
        if step == 10 {
            apply(window, Action::Quality(QualityAction::ShowSelected));
        }
    });
    settle_at_length(&mut window);
    act(&mut window, Action::Run(RunAction::CancelJobs));
    assert!(slow.is_empty(), "longer than {LIMIT:?} in more than one frame of twenty:\n{}", slow.join("\n"));
}
