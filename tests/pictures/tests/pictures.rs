//! Pictures of the window. Those of synthetic digits are compared with the ones in `screenshots/`, which must be what
//! the program draws now; those of the README show MNIST, and are redrawn on request:
//!
//! ```text
//! cargo test -p dubito-pictures                                            # compare
//! UPDATE_SNAPSHOTS=1 cargo test -p dubito-pictures                         # accept what is drawn now
//! MNIST_DIR=… README_PICTURES=1 cargo test -p dubito-pictures readme       # redraw the README's pictures
//! ```

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of it is test code")]

#[path = "../../common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};

use common::{act, open, settle, state, wait_until};
use dubito::data::corruption::Corruption;
use dubito::data::foreign::Foreign;
use dubito::gui::action::Action;
use dubito::gui::drawing::DrawAction;
use dubito::gui::explain::ExplainAction;
use dubito::gui::plane::{Bounds, Brushing, Colouring, PlaneAction, Shape};
use dubito::gui::quality::QualityAction;
use dubito::gui::rotate::RotateAction;
use dubito::gui::settings::{Arrangement, Settings, Tab, ThemeChoice, TrainSettings};
use dubito::sampling::SweepConfig;
use dubito::uncertainty::{Filter, Measure};
use dubito::worker::Pasted;
use dubito::worker::subject::Origin;
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions};

fn screenshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../screenshots")
}

/// Another processor's vector units round elsewhere: a few thumbnails may change places, nothing more.
fn options() -> SnapshotOptions {
    SnapshotOptions::new().output_path(screenshots()).threshold(1.0).max_failed_pixels(4_000_usize)
}

fn settings(theme: ThemeChoice) -> Settings {
    Settings { theme, sweep: SweepConfig { passes: 20, ..SweepConfig::default() }, ..Settings::default() }
}

fn synthetic(theme: ThemeChoice, size: [f32; 2]) -> common::Window {
    let builder = Harness::builder().with_size(size).with_render_cursor(false);
    let mut window = open(builder, Path::new("synthetic"), settings(theme));
    settle(&mut window);
    window
}

#[test]
fn the_gallery_in_the_dark_theme() {
    synthetic(ThemeChoice::Dark, [1280.0, 800.0]).snapshot_options("gallery-dark", &options());
}

#[test]
fn the_gallery_in_the_light_theme() {
    synthetic(ThemeChoice::Light, [1280.0, 800.0]).snapshot_options("gallery-light", &options());
}

#[test]
fn the_wrong_ones_by_mutual_information_as_one_ranking() {
    let mut window = synthetic(ThemeChoice::Dark, [1280.0, 800.0]);
    act(&mut window, Action::SetFilter(Filter::Wrong));
    act(&mut window, Action::SetMeasure(Measure::MutualInformation));
    act(&mut window, Action::SetArrangement(Arrangement::Ranking));
    settle(&mut window);
    window.snapshot_options("ranking-wrong", &options());
}

#[test]
fn a_small_window_hides_nothing_that_is_needed() {
    let mut window = synthetic(ThemeChoice::Light, [900.0, 600.0]);
    window.snapshot_options("small", &options());
}

#[test]
fn a_folder_that_cannot_be_read() {
    let builder = Harness::builder().with_size([1280.0, 800.0]).with_render_cursor(false);
    let mut window = open(builder, Path::new("no/such/folder"), settings(ThemeChoice::Dark));
    wait_until(&mut window, "the failure", |state| state.load_error.is_some());
    window.run_steps(3);
    window.snapshot_options("load-failed", &options());
}

#[test]
fn the_palette_and_the_shortcuts() {
    let mut window = synthetic(ThemeChoice::Dark, [1280.0, 800.0]);
    act(&mut window, Action::TogglePalette);
    window.run_steps(4);
    window.snapshot_options("palette", &options());
    act(&mut window, Action::Escape);
    act(&mut window, Action::ToggleShortcuts);
    window.run_steps(4);
    window.snapshot_options("shortcuts", &options());
}

/// The README's pictures: real digits, twice the resolution.
#[test]
fn readme_pictures_are_drawn_on_request() {
    let (Some(data), Some(_)) = (std::env::var_os("MNIST_DIR"), std::env::var_os("README_PICTURES")) else {
        println!("set MNIST_DIR and README_PICTURES=1 to draw the README's pictures");
        return;
    };
    let data = PathBuf::from(data);
    let builder =
        || Harness::builder().with_size([1280.0, 800.0]).with_pixels_per_point(2.0).with_render_cursor(false);
    let mut window = open(builder(), &data, Settings::default());
    settle(&mut window);
    save(&mut window, "readme-gallery");
    act(&mut window, Action::SetDigit(Some(4)));
    settle(&mut window);
    save(&mut window, "readme-digit");
    let training = TrainSettings { epochs: 3, ..TrainSettings::default() };
    act(&mut window, Action::SetTraining(training));
    act(&mut window, Action::ShowTab(Tab::Train));
    act(&mut window, Action::StartTraining);
    wait_until(&mut window, "two epochs", |state| state.training.validation.len() >= 2);
    window.run_steps(2);
    save(&mut window, "readme-train");
    assert!(state(&window).training.active);
}

fn save(window: &mut common::Window, name: &str) {
    // The harness puts a margin around the window.
    const MARGIN: u32 = 16;
    let picture = window.render().unwrap();
    let (width, height) = (picture.width() - 2 * MARGIN, picture.height() - 2 * MARGIN);
    let picture = image::imageops::crop_imm(&picture, MARGIN, MARGIN, width, height).to_image();
    picture.save(screenshots().join(format!("{name}.png"))).unwrap();
}

/// Draws frames until the quality view has its intervals.
fn quality(window: &mut common::Window) {
    wait_until(window, "the intervals", |state| {
        let quality = &state.quality;
        state.jobs.is_empty()
            && quality.view.as_ref().is_some_and(|view| view.complete)
            && (quality.source.is_none() || quality.foreign.as_ref().is_some_and(|view| view.complete))
    });
    window.run_steps(3);
}

/// The quality view with the lever pulled and the pointer on a bin.
fn quality_of_digits(theme: ThemeChoice, name: &str) {
    let mut window = synthetic(theme, [1280.0, 1600.0]);
    act(&mut window, Action::ShowTab(Tab::Quality));
    quality(&mut window);
    act(&mut window, Action::Quality(QualityAction::Refuse(800)));
    let bin = window.get_by_label_contains("Confidence 0.73 to 0.80").rect();
    window.hover_at(bin.center_bottom() - egui::Vec2::new(0.0, 8.0));
    window.run_steps(4);
    window.snapshot_options(name, &options());
}

#[test]
fn the_quality_of_digits_in_dark() {
    quality_of_digits(ThemeChoice::Dark, "quality-dark");
}

#[test]
fn the_quality_of_digits_in_light() {
    quality_of_digits(ThemeChoice::Light, "quality-light");
}

#[test]
fn foreign_images() {
    let mut window = synthetic(ThemeChoice::Dark, [1280.0, 1400.0]);
    let source = state(&window).corrupted(Corruption::Blur);
    act(&mut window, Action::Quality(QualityAction::Foreign(Some(source))));
    quality(&mut window);
    window.snapshot_options("quality-foreign", &options());
}

/// The README's picture of letters among digits: `FOREIGN_DIR` is the folder of letters.
#[test]
fn the_readme_picture_of_foreign_images_is_drawn_on_request() {
    let folder = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(data), Some(letters), Some(_)) =
        (folder("MNIST_DIR"), folder("FOREIGN_DIR"), folder("README_PICTURES"))
    else {
        println!("set MNIST_DIR, FOREIGN_DIR and README_PICTURES=1 to draw this picture");
        return;
    };
    let builder =
        Harness::builder().with_size([1280.0, 800.0]).with_pixels_per_point(2.0).with_render_cursor(false);
    let mut window = open(builder, &data, Settings::default());
    settle(&mut window);
    act(&mut window, Action::ShowTab(Tab::Quality));
    quality(&mut window);
    save(&mut window, "readme-quality");
    act(&mut window, Action::Quality(QualityAction::Foreign(Some(Foreign::Folder(letters)))));
    quality(&mut window);
    save(&mut window, "readme-foreign");
}

/// The strokes of a hesitant seven, in pixels of the paper.
fn draw_seven(window: &mut common::Window) {
    let strokes: [&[[f32; 2]]; 2] = [
        &[
            [7.0, 7.5],
            [11.0, 6.8],
            [16.0, 6.6],
            [20.0, 7.0],
            [18.5, 10.0],
            [16.0, 15.0],
            [14.0, 19.5],
            [13.0, 23.5],
        ],
        &[[9.5, 14.5], [14.0, 14.0], [19.5, 13.4]],
    ];
    for points in strokes {
        act(window, Action::Draw(DrawAction::Begin { at: points[0], erase: false }));
        for point in &points[1..] {
            let before = state(window).drawing.answers;
            act(window, Action::Draw(DrawAction::Extend(vec![*point])));
            wait_until(window, "the answer", |state| state.drawing.answers > before);
        }
        act(window, Action::Draw(DrawAction::End));
        wait_until(window, "the last answer", |state| state.jobs.is_empty());
    }
    wait_until(window, "the closest images", |state| {
        state.jobs.is_empty() && state.drawing.neighbours.is_some()
    });
    explained_drawing(window);
}

/// Waits until the pen has rested and its drawing is explained: no picture is taken before or between.
fn explained_drawing(window: &mut common::Window) {
    wait_until(window, "the explanation of the drawing", |state| {
        let seen = state.drawing.view.as_ref().and_then(|view| view.seen.as_ref());
        let explained = state.explain.of(Origin::Drawing).filter(|view| view.complete);
        let same =
            seen.zip(explained).is_some_and(|(seen, explained)| seen.image == *explained.key.subject.pixels);
        state.jobs.is_empty() && same && !state.explain.is_stale()
    });
    window.run_steps(3);
}

fn drawn(theme: ThemeChoice, size: [f32; 2]) -> common::Window {
    let mut window = synthetic(theme, size);
    act(&mut window, Action::ShowTab(Tab::Draw));
    draw_seven(&mut window);
    window
}

#[test]
fn a_drawn_seven_in_the_dark_theme() {
    let mut window = drawn(ThemeChoice::Dark, [1280.0, 800.0]);
    window.snapshot_options("draw-dark", &options());
}

#[test]
fn one_pass_at_a_time_in_the_light_theme() {
    let mut window = drawn(ThemeChoice::Light, [1280.0, 800.0]);
    act(&mut window, Action::Draw(DrawAction::Watch(true)));
    act(&mut window, Action::Draw(DrawAction::WatchPlay(false)));
    act(&mut window, Action::Draw(DrawAction::WatchPass(12)));
    window.run_steps(3);
    window.snapshot_options("draw-watch-light", &options());
}

#[test]
fn blank_paper_in_a_small_window() {
    let mut window = synthetic(ThemeChoice::Light, [900.0, 600.0]);
    act(&mut window, Action::ShowTab(Tab::Draw));
    window.run_steps(3);
    window.snapshot_options("draw-blank-small", &options());
}

#[test]
fn a_picture_of_several_digits_and_a_kept_one() {
    let mut window = drawn(ThemeChoice::Dark, [1280.0, 800.0]);
    act(&mut window, Action::Draw(DrawAction::SetLabel(Some(7))));
    act(&mut window, Action::Draw(DrawAction::Keep));
    wait_until(&mut window, "the digit to be kept", |state| !state.drawing.kept.is_empty());
    let note = note();
    let rgba = note.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[0], pixel.0[0], 255]).collect();
    let pasted = Pasted { width: note.width(), height: note.height(), rgba: std::sync::Arc::new(rgba) };
    act(&mut window, Action::Draw(DrawAction::Paste(pasted)));
    wait_until(&mut window, "the picture", |state| {
        state.jobs.is_empty() && !state.drawing.pictures.is_empty()
    });
    explained_drawing(&mut window);
    let notices: Vec<u64> = state(&window).notices.list().iter().map(|notice| notice.id).collect();
    for notice in notices {
        act(&mut window, Action::DismissNotice(notice));
    }
    window.run_steps(3);
    window.snapshot_options("draw-picture", &options());
}

/// Four digits on unevenly lit paper.
fn note() -> image::GrayImage {
    let images = dubito::data::synthetic::generate(10, 4);
    let mut picture =
        image::GrayImage::from_fn(640, 220, |x, y| image::Luma([150 + (x / 8) as u8 + (y / 10) as u8]));
    for (at, index) in [(0, 3), (1, 5), (2, 8), (3, 2)] {
        let pixels = images.image(index);
        for y in 0..140 {
            for x in 0..140 {
                let ink = f32::from(pixels[y as usize / 5 * 28 + x as usize / 5]) / 255.0;
                let pixel = picture.get_pixel_mut(20 + at * 150 + x, 40 + y);
                pixel.0[0] = (f32::from(pixel.0[0]) * (1.0 - 0.75 * ink)) as u8;
            }
        }
    }
    picture
}

/// The inspector, long enough for all that explains an image, with the pointer on a map.
fn explanation(theme: ThemeChoice, name: &str) {
    let builder = Harness::builder().with_size([1280.0, 1500.0]).with_render_cursor(false);
    let mut window = open(builder, Path::new("synthetic"), settings(theme));
    settle(&mut window);
    act(&mut window, Action::Explain(ExplainAction::FindNeighbours));
    wait_until(&mut window, "the neighbours", |state| {
        state.jobs.is_empty() && state.explain.view.as_ref().is_some_and(|view| view.rivals.is_some())
    });
    let map = window.get_by_label("Ink a patch: map of ΔH (total)").rect();
    window.hover_at(map.center());
    window.run_steps(4);
    window.snapshot_options(name, &options());
}

#[test]
fn the_explanation_in_dark() {
    explanation(ThemeChoice::Dark, "explanation-dark");
}

#[test]
fn the_explanation_in_light() {
    explanation(ThemeChoice::Light, "explanation-light");
}

/// The plane with its upper part brushed.
fn plane(theme: ThemeChoice, name: &str, colouring: Colouring) {
    let mut window = synthetic(theme, [1280.0, 800.0]);
    act(&mut window, Action::ShowTab(Tab::Plane));
    act(&mut window, Action::Plane(PlaneAction::Colour(colouring)));
    let bounds = Bounds { min: [-1.0, 0.25], max: [3.0, 3.0] };
    act(&mut window, Action::Plane(PlaneAction::Brush(Shape::Box(bounds), Brushing::Replace)));
    settle(&mut window);
    window.snapshot_options(name, &options());
}

#[test]
fn the_plane_in_dark() {
    plane(ThemeChoice::Dark, "plane-dark", Colouring::Correctness);
}

#[test]
fn the_plane_in_light() {
    plane(ThemeChoice::Light, "plane-light", Colouring::Label);
}

/// A digit turned, with the dial at the step of the most doubt.
fn rotate(theme: ThemeChoice, name: &str, action: RotateAction) {
    let mut window = synthetic(theme, [1280.0, 800.0]);
    act(&mut window, Action::ShowTab(Tab::Rotate));
    act(&mut window, Action::Rotate(action));
    wait_until(&mut window, "the course", |state| {
        state.jobs.is_empty() && state.rotate.view.is_some() && !state.rotate.is_stale()
    });
    act(&mut window, Action::Rotate(RotateAction::Dial(80.0)));
    window.run_steps(4);
    window.snapshot_options(name, &options());
}

#[test]
fn the_figure_of_the_paper_in_dark() {
    rotate(ThemeChoice::Dark, "rotate-dark", RotateAction::Paper);
}

#[test]
fn a_whole_turn_in_light() {
    rotate(ThemeChoice::Light, "rotate-light", RotateAction::Range(0.0, 360.0));
}
