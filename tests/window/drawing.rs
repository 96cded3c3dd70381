//! A person's own digits in the window: drawn, opened, dropped, pasted, kept; without a screen, without a GPU.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of it is test code")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::common::{Window, act, settle, state, wait_until};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::ink::Polarity;
use dubito::data::{Class, SIDE, kept, synthetic};
use dubito::gui::action::{Action, DrawAction, FileAction, RunAction, TrainAction, WindowAction};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::shown::Pasted;
use dubito::shown::subject::Origin;
use dubito::worker::Slot;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect};
use egui_kittest::kittest::Queryable as _;

/// A seven as a person draws it: bar and slanted stem, in shares of the paper.
const SEVEN: &[[f32; 2]] = &[[0.28, 0.25], [0.5, 0.24], [0.7, 0.25], [0.62, 0.42], [0.52, 0.6], [0.45, 0.82]];

fn settings() -> Settings {
    Settings { sweep: SweepConfig { passes: 20, ..SweepConfig::default() }, ..Settings::default() }
}

/// A folder with a few synthetic digits as MNIST's files, the same for all tests.
fn data() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let digits = synthetic::generate(300, 11);
        write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
        write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
        folder
    });
    folder.path()
}

fn opened(my_digits: Option<PathBuf>) -> Window {
    let builder = egui_kittest::Harness::builder().with_size([1280.0, 800.0]);
    let mut window = crate::common::open_with(builder, data(), settings(), my_digits);
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    window.run_steps(2);
    window
}

fn paper(window: &Window) -> Rect {
    window.get_by_label("Paper to draw on").rect()
}

fn at(paper: Rect, [x, y]: [f32; 2]) -> Pos2 {
    paper.min + egui::vec2(x, y) * paper.size()
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

/// Draws a stroke, all of its movements reported in one frame.
fn stroke(window: &mut Window, points: &[[f32; 2]]) {
    let paper = paper(window);
    window.event(Event::PointerMoved(at(paper, points[0])));
    window.step();
    window.event(button(at(paper, points[0]), true));
    for ends in points.windows(2) {
        for part in 1..=8 {
            let share = part as f32 / 8.0;
            let mix = |axis: usize| ends[0][axis] + share * (ends[1][axis] - ends[0][axis]);
            window.event(Event::PointerMoved(at(paper, [mix(0), mix(1)])));
        }
    }
    window.event(button(at(paper, points[points.len() - 1]), false));
    window.step();
}

fn answered(window: &mut Window) {
    wait_until(window, "the answer", |state| {
        state.shared.jobs.is_empty()
            && state
                .shared
                .sights
                .drawn
                .as_ref()
                .is_some_and(|view| view.sheet.is(&state.panels.draw.shown()))
    });
    window.run_steps(2);
}

fn prediction(window: &Window) -> Class {
    state(window).shared.sights.drawn.as_ref().unwrap().seen.as_ref().unwrap().measures.prediction()
}

#[test]
fn blank_paper_invites_and_predicts_nothing() {
    let window = opened(None);
    window.get_by_label("Nothing drawn");
    assert!(window.query_by_label_contains("Predicted").is_none());
    assert!(state(&window).shared.sights.drawn.is_none());
}

#[test]
fn a_seven_drawn_with_the_pointer_is_predicted_as_one() {
    let mut window = opened(None);
    stroke(&mut window, SEVEN);
    answered(&mut window);
    window.get_by_label("Predicted 7");
    window.get_by_label_contains("Class 7, probability");
    let drawing = &state(&window).panels.draw;
    assert_eq!(drawing.page.sheet.strokes.len(), 1);
    // Every movement of the frame is in the stroke: 5 segments of 8, and where the pen came down.
    assert_eq!(drawing.page.sheet.strokes[0].points.len(), 41);
    let seen = state(&window).shared.sights.drawn.as_ref().unwrap().seen.as_ref().unwrap();
    assert_eq!((seen.probabilities.len(), seen.logits.len()), (20, 20));
}

#[test]
fn the_distribution_moves_while_the_pen_is_down() {
    let mut window = opened(None);
    let paper = paper(&window);
    window.event(Event::PointerMoved(at(paper, SEVEN[0])));
    window.step();
    window.event(button(at(paper, SEVEN[0]), true));
    for point in &SEVEN[1..] {
        window.event(Event::PointerMoved(at(paper, *point)));
        let before = state(&window).panels.draw.answers;
        wait_until(&mut window, "an answer while drawing", |state| state.panels.draw.answers > before);
    }
    assert!(state(&window).panels.draw.live.is_some());
    window.event(button(at(paper, SEVEN[5]), false));
    answered(&mut window);
    assert!(state(&window).panels.draw.history.len() >= 6);
    assert_eq!(prediction(&window), 7);
}

#[test]
fn undo_redo_and_clear_act_on_strokes() {
    let mut window = opened(None);
    stroke(&mut window, SEVEN);
    stroke(&mut window, &[[0.3, 0.55], [0.7, 0.52]]);
    answered(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    assert_eq!(state(&window).panels.draw.page.sheet.strokes.len(), 1);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    answered(&mut window);
    window.get_by_label("Nothing drawn");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    window.run_steps(2);
    answered(&mut window);
    window.get_by_label("Predicted 7");
    window.key_press(Key::Delete);
    window.run_steps(2);
    answered(&mut window);
    window.get_by_label("Nothing drawn");
    window.get_by_label("Undo (Ctrl+Z)").click();
    window.run_steps(2);
    assert_eq!(state(&window).panels.draw.page.sheet.strokes.len(), 1, "clearing can be undone");
}

#[test]
fn keys_change_the_pen_and_digits_label_the_drawing() {
    let mut window = opened(None);
    let width = state(&window).panels.draw.width;
    window.key_press(Key::CloseBracket);
    window.run_steps(2);
    assert!(state(&window).panels.draw.width > width);
    window.key_press(Key::OpenBracket);
    window.key_press(Key::E);
    window.key_press(Key::Num7);
    window.run_steps(2);
    let drawing = &state(&window).panels.draw;
    assert!((drawing.width - width).abs() < 1e-5 && drawing.eraser);
    assert_eq!(state(&window).shared.sights.label, Some(7));
    assert_eq!(state(&window).shared.settings.tab, Tab::Draw);
}

#[test]
fn the_history_leads_back_to_a_moment_and_drawing_goes_on_from_there() {
    let mut window = opened(None);
    stroke(&mut window, SEVEN);
    answered(&mut window);
    stroke(&mut window, &[[0.2, 0.9], [0.8, 0.1]]);
    answered(&mut window);
    let moments = state(&window).panels.draw.history.len();
    assert!(moments >= 2);
    let first = state(&window)
        .panels
        .draw
        .history
        .iter()
        .rposition(|moment| moment.sheet.strokes.len() == 1)
        .unwrap();
    act(&mut window, Action::Draw(DrawAction::Scrub(Some(first))));
    answered(&mut window);
    assert_eq!(state(&window).panels.draw.history.len(), moments, "looking back adds nothing");
    window.get_by_label("Predicted 7");
    stroke(&mut window, &[[0.3, 0.55], [0.7, 0.52]]);
    answered(&mut window);
    assert_eq!(state(&window).panels.draw.page.sheet.strokes.len(), 2);
    assert_eq!(state(&window).panels.draw.scrub, None);
}

#[test]
fn passes_can_be_watched_one_at_a_time() {
    let mut window = opened(None);
    stroke(&mut window, SEVEN);
    answered(&mut window);
    window.get_by_label("One pass at a time").click();
    window.run_steps(2);
    window.get_by_label_contains("Sub-network 1 of 20 says");
    window.get_by_label("Pause").click();
    window.run_steps(2);
    window.get_by_label("Next pass").click();
    window.run_steps(2);
    window.get_by_role_and_label(Role::Slider, "Pass shown");
    let watch = state(&window).panels.draw.watch.unwrap();
    assert!(watch.pass >= 2 && !watch.playing);
    window.get_by_label("All passes").click();
    window.run_steps(2);
    window.get_by_label_contains("Class 7, probability");
}

#[test]
fn a_gallery_image_is_edited_and_its_change_shown() {
    let mut window = opened(None);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    let index = state(&window).shared.selected.primary.unwrap();
    window.key_press(Key::D);
    window.run_steps(2);
    assert_eq!(state(&window).shared.settings.tab, Tab::Draw);
    answered(&mut window);
    let dataset = state(&window).shared.dataset.clone().unwrap();
    let seen = state(&window).shared.sights.drawn.as_ref().unwrap().seen.clone().unwrap();
    assert_eq!(kept::to_bytes(&seen.image)[..], *dataset.digits.image(index as usize));
    // The gallery and the Draw tab ask the same passes of the same image.
    let gallery = state(&window).shared.run.gallery.as_ref().unwrap().measures[index as usize].clone();
    assert!((seen.measures.predictive_entropy - gallery.predictive_entropy).abs() < 1e-5);
    stroke(&mut window, &[[0.1, 0.1], [0.9, 0.9]]);
    answered(&mut window);
    window.get_by_label_contains(&format!("against image {index}"));
    let edited = state(&window).shared.sights.drawn.as_ref().unwrap().seen.clone().unwrap();
    assert!((edited.original.unwrap().predictive_entropy - gallery.predictive_entropy).abs() < 1e-5);
}

/// A picture with synthetic digits, dark on light, enlarged.
fn picture(digits: &[usize], scale: u32) -> image::GrayImage {
    let images = synthetic::generate(10, 4);
    let side = SIDE as u32 * scale;
    let mut picture = image::GrayImage::from_pixel(side * digits.len() as u32, side, image::Luma([235]));
    for (at, digit) in (0..).zip(digits) {
        let index = images.labels().iter().position(|label| usize::from(*label) == *digit).unwrap();
        let pixels = images.image(index);
        for (x, y, pixel) in picture.enumerate_pixels_mut().filter(|(x, ..)| x / side == at) {
            let (column, row) = ((x % side / scale) as usize, (y / scale) as usize);
            pixel.0[0] = 235 - (f32::from(pixels[row * SIDE + column]) * 0.75) as u8;
        }
    }
    picture
}

#[derive(Debug)]
struct File(PathBuf);

impl egui::DroppedFile for File {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|error| error.to_string())
    }
}

fn drop_files(window: &mut Window, paths: &[PathBuf]) {
    for path in paths {
        window.input_mut().dropped_files.push(Arc::new(File(path.clone())));
    }
    window.step();
}

#[test]
fn a_dropped_picture_of_several_digits_becomes_a_strip_to_browse() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drei große.png");
    picture(&[3, 1, 4], 6).save(&path).unwrap();
    let mut window = opened(None);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    drop_files(&mut window, &[path]);
    wait_until(&mut window, "the picture", |state| !state.panels.draw.pictures.is_empty());
    answered(&mut window);
    assert_eq!(state(&window).shared.settings.tab, Tab::Draw);
    let view = Arc::clone(&state(&window).panels.draw.pictures[0]);
    assert_eq!(view.steps.found.len(), 3);
    assert_eq!(view.steps.polarity, Polarity::DarkOnLight);
    assert_eq!(prediction(&window), view.measures[0].prediction(), "the first is on the sheet");
    window.get_by_label_contains("Digit 3 of drei große.png").click();
    window.run_steps(2);
    answered(&mut window);
    assert_eq!(prediction(&window), view.measures[2].prediction());
    window.get_by_role_and_label(Role::Image, "above the threshold");
    let threshold = view.steps.threshold;
    window.get_by_role_and_label(Role::Slider, "Threshold").set_value_accesskit(0.8);
    window.step();
    wait_until(&mut window, "the new threshold", |state| {
        state.panels.draw.pictures[0].steps.threshold > threshold + 0.01
    });
    answered(&mut window);
    assert_eq!(state(&window).panels.draw.pictures.len(), 1);
}

#[test]
fn what_is_no_picture_is_named_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let [text, page, good] = ["notes.png", "white.png", "good.png"].map(|name| folder.path().join(name));
    fs::write(&text, "seven is a number").unwrap();
    image::GrayImage::from_pixel(300, 200, image::Luma([255])).save(&page).unwrap();
    picture(&[5], 5).save(&good).unwrap();
    let mut window = opened(None);
    drop_files(&mut window, &[text, page, good]);
    wait_until(&mut window, "the pictures", |state| {
        state.shared.jobs.is_empty() && state.panels.draw.pictures.len() == 2
    });
    window.run_steps(2);
    let notices = state(&window).shared.notices.list();
    assert!(notices.iter().any(|notice| notice.text.contains("notes.png")), "{notices:?}");
    window.get_by_label_contains("white.png\nno ink found");
    assert!(state(&window).panels.draw.pictures[0].steps.found.is_empty());
    assert_eq!(state(&window).panels.draw.pictures[1].steps.found.len(), 1);
}

#[test]
fn a_pasted_picture_is_read_like_a_file() {
    let mut window = opened(None);
    let grey = picture(&[2], 8);
    let size = [grey.width() as usize, grey.height() as usize];
    let pasted = egui::ColorImage::from_gray(size, grey.as_raw());
    window.event(Event::PasteImage(Arc::new(pasted)));
    window.step();
    wait_until(&mut window, "the picture", |state| !state.panels.draw.pictures.is_empty());
    answered(&mut window);
    assert_eq!(state(&window).panels.draw.pictures[0].steps.found.len(), 1);
    let broken = Pasted { width: 4, height: 4, rgba: Arc::new(vec![0; 3]) };
    act(&mut window, Action::Draw(DrawAction::Paste(broken)));
    wait_until(&mut window, "the complaint", |state| {
        state.shared.notices.list().iter().any(|notice| notice.text.contains("incomplete"))
    });
}

#[test]
fn reading_many_pictures_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.png");
    image::imageops::resize(&picture(&[8], 4), 3000, 3000, image::imageops::FilterType::Nearest)
        .save(&path)
        .unwrap();
    let mut window = opened(None);
    act(&mut window, Action::Run(RunAction::Dropped(vec![path; 200])));
    wait_until(&mut window, "a first picture", |state| !state.panels.draw.pictures.is_empty());
    act(&mut window, Action::Run(RunAction::CancelJobs));
    wait_until(&mut window, "the end", |state| !crate::common::runs(state, Slot::Pictures));
    assert!(state(&window).panels.draw.pictures.len() < 200);
}

#[test]
fn kept_digits_come_back_with_the_next_window_and_can_be_deleted_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("my-digits");
    let mut window = opened(Some(place.clone()));
    stroke(&mut window, SEVEN);
    answered(&mut window);
    window.key_press(Key::Num7);
    window.run_steps(2);
    window.get_by_label("Keep in My digits (K)").click();
    window.run_steps(2);
    wait_until(&mut window, "the digit to be kept", |state| state.shared.sights.kept.len() == 1);
    // It is on the disk by now: nothing is written when the window closes.
    assert_eq!(kept::load(&place).0, state(&window).shared.sights.kept);
    let mut again = opened(Some(place.clone()));
    wait_until(&mut again, "the kept digits", |state| state.shared.sights.kept.len() == 1);
    again.run_steps(2);
    again.get_by_label("My digit, label 7").click();
    again.run_steps(2);
    let id = state(&again).shared.sights.kept[0].id;
    assert_eq!(state(&again).shared.inspected(), Some(Origin::Kept(id)), "a click looks at it");
    assert!(state(&again).panels.draw.is_blank(), "and leaves the paper alone");
    act(&mut again, Action::Draw(DrawAction::OpenKept(id)));
    again.run_steps(2);
    answered(&mut again);
    assert_eq!(prediction(&again), 7);
    assert_eq!(state(&again).panels.draw.page.sheet.strokes.len(), 1, "its strokes can be drawn on");
    for name in ["mine.png", "mine.csv"] {
        let path = folder.path().join(name);
        act(
            &mut again,
            Action::File(FileAction::Chosen(dubito::gui::action::FilePurpose::ExportKept, path.clone())),
        );
        wait_until(&mut again, "the export", |state| !crate::common::runs(state, Slot::Export));
        assert!(fs::metadata(&path).unwrap().len() > 200);
    }
    act(&mut again, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    again.run_steps(2);
    again.get_by_label("My digit, label 7");
    let grid = folder.path().join("grid.png");
    let height = |window: &mut Window| {
        let what = dubito::gui::action::FilePurpose::ExportPicture;
        act(window, Action::File(FileAction::Chosen(what, grid.clone())));
        wait_until(window, "the grid", |state| !crate::common::runs(state, Slot::Export));
        image::open(&grid).unwrap().height()
    };
    let with = height(&mut again);
    let drawing = folder.path().join("drawing.png");
    act(
        &mut again,
        Action::File(FileAction::Chosen(dubito::gui::action::FilePurpose::SaveDrawing, drawing.clone())),
    );
    wait_until(&mut again, "the drawing", |state| !crate::common::runs(state, Slot::Export));
    assert_eq!(image::open(&drawing).unwrap().width(), 280);
    act(&mut again, Action::Draw(DrawAction::DeleteKept(id)));
    wait_until(&mut again, "the deletion", |state| state.shared.sights.kept.is_empty());
    assert!(kept::load(&place).0.is_empty());
    assert!(height(&mut again) < with, "the grid shows My digits while there are some");
}

#[test]
fn the_closest_images_of_an_image_begin_with_itself() {
    let mut window = opened(None);
    act(&mut window, Action::Draw(DrawAction::OpenImage(Origin::Dataset(123))));
    wait_until(&mut window, "the closest images", |state| state.panels.draw.neighbours.is_some());
    answered(&mut window);
    let list = state(&window).panels.draw.neighbours.as_ref().unwrap().list.clone();
    assert_eq!(list[0].0, 123);
    assert!(list[0].1 < 1e-3 && list.is_sorted_by(|a, b| a.1 <= b.1) && list.len() == 8, "{list:?}");
}

/// Median and largest of times, in milliseconds.
fn summary(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("median {:.1} ms, 95 % within {:.1} ms, largest {:.1} ms", at(0.5), at(0.95), at(1.0))
}

#[test]
#[ignore = "a measurement: cargo test --release --test window drawing -- --ignored --nocapture"]
fn pen_to_bars_and_the_frame_are_measured() {
    use std::time::Instant;
    for training in [false, true] {
        let settings =
            Settings { sweep: SweepConfig { passes: 100, ..SweepConfig::default() }, ..settings() };
        let builder = egui_kittest::Harness::builder().with_size([1280.0, 800.0]);
        let mut window = crate::common::open(builder, Path::new("synthetic"), settings);
        settle(&mut window);
        act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
        wait_until(&mut window, "the features", |state| state.shared.jobs.is_empty());
        if training {
            act(&mut window, Action::Train(TrainAction::Start));
            wait_until(&mut window, "a first report", |state| state.panels.train.run.last.is_some());
            act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
        }
        let paper = paper(&window);
        let (mut latencies, mut frames, mut draws) = (Vec::new(), Vec::new(), Vec::new());
        for stroke in 0..4 {
            let start = at(paper, [0.2 + 0.15 * stroke as f32, 0.2]);
            window.event(Event::PointerMoved(start));
            window.step();
            window.event(button(start, true));
            for moved in 1..=60 {
                let share = moved as f32 / 60.0;
                let to =
                    at(paper, [0.2 + 0.15 * stroke as f32 + 0.2 * (share * 6.0).sin(), 0.2 + 0.6 * share]);
                let before = state(&window).panels.draw.answers;
                let begun = Instant::now();
                window.event(Event::PointerMoved(to));
                while state(&window).panels.draw.answers == before {
                    let frame = Instant::now();
                    window.step();
                    frames.push(frame.elapsed().as_secs_f64() * 1e3);
                }
                latencies.push(begun.elapsed().as_secs_f64() * 1e3);
                let drawn = Instant::now();
                let shapes = window.output().shapes.clone();
                let meshes = window.ctx.tessellate(shapes, 1.0);
                draws.push(drawn.elapsed().as_secs_f64() * 1e3);
                assert!(!meshes.is_empty());
            }
            window.event(button(at(paper, [0.5, 0.8]), false));
            window.step();
        }
        println!("training: {training}; pen to bars: {}", summary(latencies));
        println!("  a frame of the window: {}; its tessellation: {}", summary(frames), summary(draws));
        if training {
            assert!(state(&window).panels.train.run.active, "the training has gone on all the while");
            act(&mut window, Action::Train(TrainAction::Stop));
        }
    }
}
