//! Pictures of the window. Those of synthetic digits are compared with the ones in `screenshots/`, which must be what
//! the program draws now, and what they say with the words beside them; those of the README show MNIST, and are drawn
//! again on request:
//!
//! ```text
//! cargo test -p dubito-pictures                                   # compare
//! UPDATE_SNAPSHOTS=1 cargo test -p dubito-pictures                # accept what is drawn now
//! MNIST_DIR=… cargo test -p dubito-pictures -- --ignored readme   # redraw the README's pictures
//! ```

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

#[path = "../../common/mod.rs"]
mod common;
#[path = "../../common/words.rs"]
mod words;

use std::path::{Path, PathBuf};

use common::{act, open, settle, state, wait_until};
use dubito::data::corruption::Corruption;
use dubito::data::foreign::Foreign;
use dubito::gui::action::{
    Action, Brushing, Colouring, DrawAction, ExplainAction, FileAction, FilePurpose, GalleryAction, Pick,
    PlaneAction, QualityAction, RotateAction, RunAction, TrainAction, WindowAction,
};
use dubito::gui::settings::{Arrangement, Settings, Tab, ThemeChoice, TrainSettings};
use dubito::sampling::SweepConfig;
use dubito::shown::Pasted;
use dubito::shown::subject::Origin;
use dubito::uncertainty::doubt_plane::{Bounds, Shape};
use dubito::uncertainty::{Filter, Measure};
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotOptions};
use image::RgbaImage;
use words::Said;

fn screenshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../screenshots")
}

/// Another processor's vector units round elsewhere: a few thumbnails may change places, nothing more.
fn options() -> SnapshotOptions {
    SnapshotOptions::new().output_path(screenshots()).threshold(1.0).max_failed_pixels(4_000_usize)
}

/// Compares what the window shows and says with what was accepted, or accepts it.
fn compare(window: &mut common::Window, name: &str) {
    window.snapshot_options(name, &options());
    let said = words::said(&window.output().shapes, window.ctx.content_rect());
    let (kept, file) = (words::kept(&said), screenshots().join(format!("{name}.txt")));
    if std::env::var("UPDATE_SNAPSHOTS").is_ok_and(|how| !["false", "0", "no", "off"].contains(&how.as_str()))
    {
        std::fs::write(file, kept).unwrap();
        return;
    }
    let accepted = std::fs::read_to_string(&file).unwrap_or_default();
    let differences = words::differences(&accepted, &kept);
    assert!(differences.is_empty(), "{name} says something else than before:\n{}", differences.join("\n"));
    let picture = window.render().unwrap();
    let before = image::open(screenshots().join(format!("{name}.png"))).unwrap().to_rgba8();
    let unread = unread(&before, &picture, &said, window.ctx.pixels_per_point());
    assert!(unread.is_empty(), "{name}: these words are not drawn as they were: {unread:?}");
}

/// Texts that stand there and look different: covered, faded or moved. A number may be another on another processor,
/// so texts without numbers are looked at.
fn unread(before: &RgbaImage, now: &RgbaImage, said: &[Said], scale: f32) -> Vec<String> {
    /// Steps of 255 by which edges differ between drivers.
    const EDGE: u8 = 64;
    let differs = |x: u32, y: u32| {
        let (before, now) = (before.get_pixel(x, y).0, now.get_pixel(x, y).0);
        before.iter().zip(now).any(|(before, now)| before.abs_diff(now) > EDGE)
    };
    let looked_at = said.iter().filter(|said| words::without_numbers(&said.text) == said.text);
    let changed = looked_at.filter(|said| {
        let [left, top] =
            [said.place.left(), said.place.top()].map(|at| (at * scale).floor().max(0.0) as u32);
        let right = ((said.place.right() * scale).ceil() as u32).min(before.width()).min(now.width());
        let bottom = ((said.place.bottom() * scale).ceil() as u32).min(before.height()).min(now.height());
        let pixels = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
        let differing = pixels.filter(|(x, y)| differs(*x, *y)).count() as u32;
        // The strokes of a text cover a seventh of its place or more.
        differing * 20 > (right.saturating_sub(left)) * (bottom.saturating_sub(top))
    });
    changed.map(|said| said.text.clone()).collect()
}

/// A label that is lost is noticed, whichever it is: in what the window says, and in how it looks.
#[test]
fn a_lost_label_fails() {
    let mut window = synthetic(ThemeChoice::Dark, [1280.0, 800.0]);
    let screen = window.ctx.content_rect();
    let shapes = window.output().shapes.clone();
    let whole = words::said(&shapes, screen);
    let kept = words::kept(&whole);
    assert!(whole.len() > 50 && words::differences(&kept, &kept).is_empty(), "{kept}");
    let picture = window.render().unwrap();
    let scale = window.ctx.pixels_per_point();
    let mut looked_at = 0;
    for said in &whole {
        let others: Vec<Said> = whole.iter().filter(|other| other.place != said.place).cloned().collect();
        assert!(others.len() < whole.len());
        let differences = words::differences(&kept, &words::kept(&others));
        let lost = format!("− {}", words::without_numbers(&said.text));
        assert!(differences.iter().any(|line| line.starts_with(&lost)), "{lost}: {differences:?}");
        if words::without_numbers(&said.text) != said.text {
            continue;
        }
        // The same picture with the place of this text in the colour of its corner.
        let mut without = picture.clone();
        let place = said.place;
        let [left, top, right, bottom] = [place.left(), place.top(), place.right(), place.bottom()]
            .map(|at| (at * scale).round().max(0.0) as u32);
        let ground = *picture.get_pixel(left.min(picture.width() - 1), top.min(picture.height() - 1));
        for (x, y) in (top..bottom.min(picture.height()))
            .flat_map(|y| (left..right.min(picture.width())).map(move |x| (x, y)))
        {
            without.put_pixel(x, y, ground);
        }
        let unread = unread(&picture, &without, &whole, scale);
        assert!(unread.contains(&said.text), "{} is gone from the picture, and nobody says so", said.text);
        looked_at += 1;
    }
    assert!(looked_at > 20, "{looked_at}");
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
    compare(&mut synthetic(ThemeChoice::Dark, [1280.0, 800.0]), "gallery-dark");
}

#[test]
fn the_gallery_in_the_light_theme() {
    compare(&mut synthetic(ThemeChoice::Light, [1280.0, 800.0]), "gallery-light");
}

#[test]
fn the_wrong_ones_by_mutual_information_as_one_ranking() {
    let mut window = synthetic(ThemeChoice::Dark, [1280.0, 800.0]);
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::Wrong)));
    act(&mut window, Action::Gallery(GalleryAction::SetMeasure(Measure::MutualInformation)));
    act(&mut window, Action::Gallery(GalleryAction::SetArrangement(Arrangement::Ranking)));
    settle(&mut window);
    compare(&mut window, "ranking-wrong");
}

#[test]
fn a_small_window_hides_nothing_that_is_needed() {
    let mut window = synthetic(ThemeChoice::Light, [900.0, 600.0]);
    compare(&mut window, "small");
}

#[test]
fn a_folder_that_cannot_be_read() {
    let builder = Harness::builder().with_size([1280.0, 800.0]).with_render_cursor(false);
    let mut window = open(builder, Path::new("no/such/folder"), settings(ThemeChoice::Dark));
    wait_until(&mut window, "the failure", |state| state.shared.load_error.is_some());
    window.run_steps(3);
    compare(&mut window, "load-failed");
}

/// A network of another maker, and the list of its sites in its chip.
#[test]
fn a_network_in_onnx_and_its_sites() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lenet.onnx");
    common::graph::write_lenet(&file);
    let mut window = synthetic(ThemeChoice::Light, [1280.0, 800.0]);
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, file)));
    wait_until(&mut window, "the network", |state| state.shared.model.what.graph().is_some());
    settle(&mut window);
    // What is said of its opening goes when it has been there for some seconds, however fast the sweep was.
    wait_until(&mut window, "the news to go", |state| state.shared.notices.list().is_empty());
    let named = window.query_all_by_label_contains("lenet.onnx");
    let chip = named.into_iter().find(|node| node.accesskit_node().role() == Role::Button);
    chip.unwrap().click();
    window.run_steps(4);
    compare(&mut window, "network-light");
    window.get_by_label("Layers of the network").click();
    window.run_steps(3);
    act(&mut window, Action::Window(WindowAction::SetTheme(ThemeChoice::Dark)));
    window.run_steps(6);
    compare(&mut window, "network-layers-dark");
}

#[test]
fn the_palette_and_the_shortcuts() {
    let mut window = synthetic(ThemeChoice::Dark, [1280.0, 800.0]);
    act(&mut window, Action::Window(WindowAction::TogglePalette));
    window.run_steps(4);
    compare(&mut window, "palette");
    act(&mut window, Action::Window(WindowAction::Escape));
    act(&mut window, Action::Window(WindowAction::ToggleShortcuts));
    window.run_steps(4);
    compare(&mut window, "shortcuts");
}

/// The README's pictures: real digits, twice the resolution.
#[test]
#[ignore = "draws the README's pictures anew: needs MNIST_DIR"]
fn readme_pictures_are_drawn() {
    let data = folder("MNIST_DIR");
    let builder =
        || Harness::builder().with_size([1280.0, 800.0]).with_pixels_per_point(2.0).with_render_cursor(false);
    let mut window = open(builder(), &data, Settings::default());
    settle(&mut window);
    save(&mut window, "readme-gallery");
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(4))));
    settle(&mut window);
    save(&mut window, "readme-digit");
    let training = TrainSettings { epochs: 3, ..TrainSettings::default() };
    act(&mut window, Action::Train(TrainAction::Set(training)));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Train)));
    act(&mut window, Action::Train(TrainAction::Start));
    wait_until(&mut window, "two epochs", |state| state.panels.train.run.validation.len() >= 2);
    window.run_steps(2);
    save(&mut window, "readme-train");
    assert!(state(&window).panels.train.run.active);
}

/// The tour of networks of other makers: Fashion-MNIST with a network of PyTorch, and a ResNet-18 that
/// `tests/peers/graphs_torch.py make` has made with its images in colour.
#[test]
#[ignore = "draws the help's pictures anew: needs FASHION_DIR, NETWORKS_DIR, and in GRAPHS_DIR what graphs_torch.py makes"]
fn networks_of_other_makers_are_drawn() {
    let builder = || Harness::builder().with_size([1280.0, 800.0]).with_render_cursor(false);
    let opened = |data: &Path, file: PathBuf, input: Option<&str>| {
        let mut window = open(builder(), data, Settings::default());
        settle(&mut window);
        act(&mut window, Action::File(FileAction::Chosen(FilePurpose::OpenModel, file)));
        wait_until(&mut window, "the network", |state| state.shared.model.what.graph().is_some());
        if let Some(input) = input {
            act(&mut window, Action::Run(RunAction::SetInput(input.parse().unwrap())));
        }
        settle(&mut window);
        window
    };
    let network = folder("NETWORKS_DIR").join("fashion-dropout-only.onnx");
    let mut window = opened(&folder("FASHION_DIR"), network, None);
    save(&mut window, "networks-fashion");
    let graphs = folder("GRAPHS_DIR");
    let mut window = opened(&graphs.join("images.npz"), graphs.join("resnet18.onnx"), Some("cifar10"));
    let worst = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order[0];
    act(&mut window, Action::Gallery(GalleryAction::Select(worst, Pick::Only)));
    settle(&mut window);
    save(&mut window, "networks-resnet");
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    quality(&mut window);
    save(&mut window, "networks-resnet-quality");
}

/// A folder that a variable of the environment names.
fn folder(variable: &str) -> PathBuf {
    std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| panic!("set {variable} to a folder"))
}

fn save(window: &mut common::Window, name: &str) {
    // The harness puts a margin of eight points around the window.
    let margin = (8.0 * window.ctx.pixels_per_point()) as u32;
    let picture = window.render().unwrap();
    let (width, height) = (picture.width() - 2 * margin, picture.height() - 2 * margin);
    let picture = image::imageops::crop_imm(&picture, margin, margin, width, height).to_image();
    picture.save(screenshots().join(format!("{name}.png"))).unwrap();
}

/// Draws frames until the quality view has its intervals.
fn quality(window: &mut common::Window) {
    wait_until(window, "the intervals", |state| {
        let quality = &state.panels.quality;
        state.shared.jobs.is_empty()
            && quality.view.as_ref().is_some_and(|view| view.complete)
            && (quality.source.is_none()
                || state.shared.sights.foreign.as_ref().is_some_and(|view| view.complete))
    });
    window.run_steps(3);
}

/// The quality view with the lever pulled and the pointer on a bin.
fn quality_of_digits(theme: ThemeChoice, name: &str) {
    let mut window = synthetic(theme, [1280.0, 1600.0]);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    quality(&mut window);
    act(&mut window, Action::Quality(QualityAction::Refuse(800)));
    let bin = window.get_by_label_contains("Confidence 0.73 to 0.80").rect();
    window.hover_at(bin.center_bottom() - egui::Vec2::new(0.0, 8.0));
    window.run_steps(4);
    // What is pointed at may be asked for again.
    quality(&mut window);
    compare(&mut window, name);
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
    let now = state(&window);
    let source = now.panels.quality.corrupted(Corruption::Blur, now.shared.settings.sweep.seed);
    act(&mut window, Action::Quality(QualityAction::Foreign(Some(source))));
    quality(&mut window);
    compare(&mut window, "quality-foreign");
}

/// The README's picture of letters among digits: `FOREIGN_DIR` is the folder of letters.
#[test]
#[ignore = "draws a picture of the README anew: needs MNIST_DIR and FOREIGN_DIR"]
fn the_readme_picture_of_foreign_images_is_drawn() {
    let (data, letters) = (folder("MNIST_DIR"), folder("FOREIGN_DIR"));
    let builder =
        Harness::builder().with_size([1280.0, 800.0]).with_pixels_per_point(2.0).with_render_cursor(false);
    let mut window = open(builder, &data, Settings::default());
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    quality(&mut window);
    save(&mut window, "readme-quality");
    act(&mut window, Action::Quality(QualityAction::Foreign(Some(Foreign::At(letters)))));
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
            let before = state(window).panels.draw.answers;
            act(window, Action::Draw(DrawAction::Extend(vec![*point])));
            wait_until(window, "the answer", |state| state.panels.draw.answers > before);
        }
        act(window, Action::Draw(DrawAction::End));
        wait_until(window, "the last answer", |state| state.shared.jobs.is_empty());
    }
    wait_until(window, "the closest images", |state| {
        state.shared.jobs.is_empty() && state.panels.draw.neighbours.is_some()
    });
    explained_drawing(window);
}

/// Waits until the pen has rested and its drawing is explained: no picture is taken before or between.
fn explained_drawing(window: &mut common::Window) {
    wait_until(window, "the explanation of the drawing", |state| {
        let seen = state.shared.sights.drawn.as_ref().and_then(|view| view.seen.as_ref());
        let explained = state.panels.explain.of(Origin::Drawing).filter(|view| view.complete);
        let same =
            seen.zip(explained).is_some_and(|(seen, explained)| seen.image == *explained.key.subject.pixels);
        state.shared.jobs.is_empty() && same && !state.panels.explain.is_stale()
    });
    window.run_steps(3);
}

fn drawn(theme: ThemeChoice, size: [f32; 2]) -> common::Window {
    let mut window = synthetic(theme, size);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    draw_seven(&mut window);
    window
}

#[test]
fn a_drawn_seven_in_the_dark_theme() {
    let mut window = drawn(ThemeChoice::Dark, [1280.0, 800.0]);
    compare(&mut window, "draw-dark");
}

#[test]
fn one_pass_at_a_time_in_the_light_theme() {
    let mut window = drawn(ThemeChoice::Light, [1280.0, 800.0]);
    act(&mut window, Action::Draw(DrawAction::Watch(true)));
    act(&mut window, Action::Draw(DrawAction::WatchPlay(false)));
    act(&mut window, Action::Draw(DrawAction::WatchPass(12)));
    window.run_steps(3);
    compare(&mut window, "draw-watch-light");
}

#[test]
fn blank_paper_in_a_small_window() {
    let mut window = synthetic(ThemeChoice::Light, [900.0, 600.0]);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    window.run_steps(3);
    compare(&mut window, "draw-blank-small");
}

#[test]
fn a_picture_of_several_digits_and_a_kept_one() {
    let mut window = drawn(ThemeChoice::Dark, [1280.0, 800.0]);
    act(&mut window, Action::Draw(DrawAction::SetLabel(Some(7))));
    act(&mut window, Action::Draw(DrawAction::Keep));
    wait_until(&mut window, "the digit to be kept", |state| !state.shared.sights.kept.is_empty());
    let note = note();
    let rgba = note.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[0], pixel.0[0], 255]).collect();
    let pasted = Pasted { width: note.width(), height: note.height(), rgba: std::sync::Arc::new(rgba) };
    act(&mut window, Action::Draw(DrawAction::Paste(pasted)));
    wait_until(&mut window, "the picture", |state| {
        state.shared.jobs.is_empty() && !state.panels.draw.pictures.is_empty()
    });
    explained_drawing(&mut window);
    let notices: Vec<u64> = state(&window).shared.notices.list().iter().map(|notice| notice.id).collect();
    for notice in notices {
        act(&mut window, Action::Window(WindowAction::DismissNotice(notice)));
    }
    window.run_steps(3);
    compare(&mut window, "draw-picture");
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
        state.shared.jobs.is_empty()
            && state.panels.explain.view.as_ref().is_some_and(|view| view.rivals.is_some())
    });
    let map = window.get_by_label("Ink a patch: map of ΔH (total)").rect();
    window.hover_at(map.center());
    window.run_steps(4);
    compare(&mut window, name);
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
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    act(&mut window, Action::Plane(PlaneAction::Colour(colouring)));
    let bounds = Bounds { min: [-1.0, 0.25], max: [3.0, 3.0] };
    act(&mut window, Action::Plane(PlaneAction::Brush(Shape::Box(bounds), Brushing::Replace)));
    settle(&mut window);
    compare(&mut window, name);
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
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Rotate)));
    act(&mut window, Action::Rotate(action));
    wait_until(&mut window, "the course", |state| {
        state.shared.jobs.is_empty() && state.panels.rotate.view.is_some() && !state.panels.rotate.is_stale()
    });
    act(&mut window, Action::Rotate(RotateAction::Dial(80.0)));
    window.run_steps(4);
    compare(&mut window, name);
}

#[test]
fn the_figure_of_the_paper_in_dark() {
    rotate(ThemeChoice::Dark, "rotate-dark", RotateAction::Paper);
}

#[test]
fn a_whole_turn_in_light() {
    rotate(ThemeChoice::Light, "rotate-light", RotateAction::Range(0.0, 360.0));
}
