//! Why an image is uncertain, as a person sees it: the sentence, the maps, the neighbours; without a screen.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::path::Path;
use std::time::Instant;

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::{Class, synthetic};
use dubito::gui::action::{
    Action, DragMode, ExplainAction, FileAction, FilePurpose, GalleryAction, InspectorAction, Pick,
    PlaneAction, RunAction, WindowAction,
};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use egui::Pos2;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

const IMAGES: usize = 200;

fn folder(with_training: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |stem: &str, count, seed| {
        let digits = synthetic::generate(count, seed);
        let file = |content: &str| folder.path().join(format!("{stem}-{content}-ubyte"));
        write_images(&file("images-idx3"), &digits, Packing::Plain).unwrap();
        write_labels(&file("labels-idx1"), &digits, Packing::Plain).unwrap();
    };
    write("t10k", IMAGES, 11);
    if with_training {
        write("train", 400, 12);
    }
    folder
}

fn ready(folder: &Path, passes: usize) -> Window {
    let sweep = SweepConfig { passes, ..SweepConfig::default() };
    let mut window = window(folder, Settings { sweep, ..Settings::default() });
    settle(&mut window);
    window
}

#[test]
fn the_image_looked_at_is_explained_and_the_newest_choice_wins() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 20);
    let primary = state(&window).shared.selected.primary.unwrap();
    let view = state(&window).panels.explain.view.clone().unwrap();
    assert_eq!((view.key.subject.origin, view.complete), (Origin::Dataset(primary), true));
    let inspected = state(&window).panels.inspector.view.clone().unwrap().measures.clone();
    assert!((view.maps.measures.predictive_entropy - inspected.predictive_entropy).abs() < 1e-5);
    window.get_by_label_contains("By themselves");
    window.get_by_label("Erase a patch: map of ΔH (total)");
    for index in [3, 50, 120, 7] {
        act(&mut window, Action::Gallery(GalleryAction::Select(index, Pick::Only)));
    }
    settle(&mut window);
    let view = state(&window).panels.explain.view.clone().unwrap();
    assert_eq!((view.key.subject.origin, view.complete), (Origin::Dataset(7), true));
    assert!(!state(&window).panels.explain.is_stale());
}

#[test]
fn the_patch_is_chosen_and_the_masks_stay() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 20);
    let before = state(&window).panels.explain.view.clone().unwrap();
    let slider = |window: &Window| window.get_by_role_and_label(Role::Slider, "Patch width").rect();
    let at = slider(&window).center();
    window.hover_at(at);
    window.run_steps(2);
    window.get_by_role_and_label(Role::Slider, "Patch width").focus();
    window.run_steps(2);
    // Three steps by the keyboard; the newest wins.
    for _ in 0..3 {
        window.key_press(egui::Key::ArrowRight);
        window.run_steps(1);
    }
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.explain.patch, 7);
    let after = state(&window).panels.explain.view.clone().unwrap();
    assert_eq!(after.maps.grid.size(), 7);
    assert_eq!(after.maps.measures, before.maps.measures);
}

#[test]
fn one_pass_and_no_dropout_are_said() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 1);
    window.get_by_label_contains("One pass has no spread: whether");
    act(&mut window, Action::Run(RunAction::SetPasses(10)));
    act(&mut window, Action::Run(RunAction::SetDropout(0.0)));
    settle(&mut window);
    window.get_by_label_contains("Without dropout all sub-networks are one");
    let view = state(&window).panels.explain.view.clone().unwrap();
    assert!(view.maps.changes.iter().flatten().all(|change| change.information[0].abs() < 1e-6));
    window.get_by_label("Erase a patch: map of ΔH (total)");
    assert!(window.query_by_label("Erase a patch: map of ΔMI (disagreement)").is_none());
    assert!(window.query_by_label("Slope by pixel: map of ∂MI (disagreement)").is_none());
    window.get_by_label_contains("Without dropout there is one network");
}

#[test]
fn neighbours_are_training_images_of_the_likeliest_classes() {
    let folder = folder(true);
    let mut window = ready(folder.path(), 20);
    window.get_by_label("Find nearest training images").scroll_to_me();
    window.run_steps(4);
    window.get_by_label("Find nearest training images").click();
    window.run_steps(2);
    wait_until(&mut window, "the neighbours", |state| {
        state.shared.jobs.is_empty()
            && state.panels.explain.view.as_ref().is_some_and(|view| view.rivals.is_some())
    });
    let training = state(&window).panels.explain.training.clone().unwrap();
    assert_eq!(training.digits.len(), 400);
    let view = state(&window).panels.explain.view.clone().unwrap();
    let rivals = view.rivals.clone().unwrap();
    assert_eq!(rivals[0].class, view.maps.measures.prediction());
    for rival in &rivals {
        assert_eq!(rival.nearest.len(), 5);
        assert!(rival.nearest.is_sorted_by(|a, b| a.distance <= b.distance));
        for neighbour in &rival.nearest {
            assert_eq!(training.digits.labels()[neighbour.index as usize], rival.class);
        }
    }
    // They follow the selection.
    act(&mut window, Action::Gallery(GalleryAction::Select(5, Pick::Only)));
    settle(&mut window);
    let view = state(&window).panels.explain.view.clone().unwrap();
    assert_eq!(view.key.subject.origin, Origin::Dataset(5));
    assert!(view.rivals.is_some());
}

#[test]
fn absent_training_images_are_said_and_a_download_is_offered() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 10);
    act(&mut window, Action::Explain(ExplainAction::FindNeighbours));
    wait_until(&mut window, "the failure", |state| state.panels.explain.training_error.is_some());
    window.run_steps(3);
    window.get_by_label_contains("the training images are missing");
    window.get_by_label("Download MNIST's training images");
    act(&mut window, Action::Gallery(GalleryAction::Select(9, Pick::Only)));
    settle(&mut window);
    assert_eq!(
        state(&window).panels.explain.view.as_ref().unwrap().key.subject.origin,
        Origin::Dataset(9),
        "the rest still works"
    );
}

#[test]
fn a_slope_is_read_under_the_pointer() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 20);
    window.get_by_label("Slope by pixel: map of ∂H (total)").scroll_to_me();
    window.run_steps(4);
    let map = window.get_by_label("Slope by pixel: map of ∂H (total)").rect();
    // The middle of column 14, row 9.
    let at = map.min + egui::vec2(14.5, 9.5) / 28.0 * map.width();
    window.hover_at(at);
    window.run_steps(4);
    window.get_by_label_contains("Column 14, row 9, ink ");
    let view = state(&window).panels.explain.view.clone().unwrap();
    let [slope, error] = view.gradient.as_ref().unwrap().entropy[9 * 28 + 14];
    let text = format!("H {slope:+.3} ± {error:.3} nats per full ink").replace('-', "−");
    window.get_by_label_contains(&text);
}

#[test]
fn the_way_to_the_rival_is_scrubbed_by_keyboard_and_another_rival_is_chosen() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 20);
    let view = state(&window).panels.explain.view.clone().unwrap();
    let own = view.maps.measures.prediction();
    let way = view.way.clone().unwrap();
    let second = (0..10_u16).filter(|class| *class != own).max_by(|a, b| {
        let mean = |class: Class| view.maps.measures.mean[usize::from(class)];
        mean(*a).total_cmp(&mean(*b))
    });
    // The label of a misclassified image, else the likeliest class after the answer.
    let label = view.key.subject.label.filter(|label| *label != own);
    assert_eq!(Some(way.rival), label.or(second));
    let (end, morph) = way.to.clone().unwrap();
    assert_eq!(morph.steps.len(), 21);
    // It begins with the doubt that is explained and ends where the network is sure.
    let inspected = &state(&window).panels.inspector.view.as_ref().unwrap().measures;
    assert!((morph.steps[0].measures.predictive_entropy - inspected.predictive_entropy).abs() < 1e-5);
    let last = &morph.steps[20].measures;
    assert!(last.mean[usize::from(way.rival)] >= 0.9 && last.prediction() == way.rival);
    let target = way.search.found.unwrap().neighbour.index;
    let digits = state(&window).shared.dataset.as_ref().unwrap().digits.clone();
    assert_eq!(digits.labels()[target as usize], way.rival);
    assert_eq!(end.len(), digits.image(target as usize).len());
    window.get_by_role_and_label(Role::Slider, "Step of the way").scroll_to_me();
    window.run_steps(4);
    window.get_by_label_contains(&format!("0 % of the way to image {target}, a {}", way.rival));
    window.get_by_role_and_label(Role::Slider, "Step of the way").focus();
    window.run_steps(2);
    for _ in 0..4 {
        window.key_press(egui::Key::ArrowRight);
        window.run_steps(1);
    }
    window.run_steps(2);
    assert_eq!(state(&window).panels.explain.step, 4);
    window.get_by_label_contains(&format!("20 % of the way to image {target}, a {}", way.rival));
    // Another bar is another rival; the maps are not computed again.
    let maps = view.maps.clone();
    let other = (0..10).find(|class| *class != own && *class != way.rival).unwrap();
    act(&mut window, Action::Inspector(InspectorAction::SetClass(Some(other))));
    settle(&mut window);
    let view = state(&window).panels.explain.view.clone().unwrap();
    assert_eq!(view.way.as_ref().unwrap().rival, other);
    assert!(std::sync::Arc::ptr_eq(&view.maps, &maps));
    assert_eq!(state(&window).panels.explain.step, 0);
}

#[test]
fn the_card_of_the_window_is_that_of_the_command() {
    let folder = folder(true);
    let mut window = ready(folder.path(), 20);
    act(&mut window, Action::Gallery(GalleryAction::Select(7, Pick::Only)));
    settle(&mut window);
    let path = folder.path().join("window.png");
    act(&mut window, Action::File(FileAction::Ask(FilePurpose::ExportCard)));
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::ExportCard, path.clone())));
    wait_until(&mut window, "the card", |state| state.shared.jobs.is_empty());
    let out = folder.path().join("command.png");
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_dubito"))
        .env_remove("MNIST_DIR")
        .args(["explain", "7", "--passes", "20", "--data"])
        .arg(folder.path())
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(std::fs::read(path).unwrap() == std::fs::read(out).unwrap(), "the same bytes");
}

/// How long the first map and the fine one take.
#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_first_map_comes_soon_on_mnist() {
    let mut window = ready(&crate::mnist::folder(), 100);
    let mut times = Vec::new();
    for index in [18, 247, 321, 445, 582, 659, 740] {
        let start = Instant::now();
        act(&mut window, Action::Gallery(GalleryAction::Select(index, Pick::Only)));
        let at = |window: &Window| {
            state(window)
                .panels
                .explain
                .view
                .clone()
                .filter(|view| view.key.subject.origin == Origin::Dataset(index))
        };
        while at(&window).is_none() {
            window.step();
        }
        let first = start.elapsed();
        while !at(&window).unwrap().complete {
            window.step();
        }
        times.push((first, start.elapsed()));
        settle(&mut window);
    }
    times.sort();
    let (first, _) = times[times.len() / 2];
    println!("first map and all maps, median of {}: {:?}", times.len(), times[times.len() / 2]);
    // The promise is 300 ms; a machine that runs other tests at the same time gets some slack.
    assert!(first.as_millis() < 1_000, "{first:?}");
}

/// Where an image's dot is on the screen.
fn dot(window: &Window, index: u32) -> Pos2 {
    let area = window.get_by_label_contains("Plane of expected entropy").rect();
    let view = state(window).shared.run.gallery.clone().unwrap();
    let bounds = state(window).panels.plane.bounds.unwrap_or(view.plane.extent);
    let at = view.plane.places[index as usize];
    let share = |axis: usize| (at[axis] - bounds.min[axis]) / (bounds.max[axis] - bounds.min[axis]);
    Pos2::new(area.left() + share(0) * area.width(), area.bottom() - share(1) * area.height())
}

/// The matching image with the most disagreement: its dot stands alone.
fn topmost(window: &Window) -> u32 {
    let view = state(window).shared.run.gallery.clone().unwrap();
    let information = |index: &u32| view.measures[*index as usize].mutual_information;
    *view.ranked.order.iter().max_by(|a, b| information(a).total_cmp(&information(b))).unwrap()
}

fn click_at(window: &mut Window, at: Pos2) {
    window.hover_at(at);
    window.run_steps(2);
    window.drag_at(at);
    window.drop_at(at);
    window.run_steps(2);
    settle(window);
}

#[test]
fn a_click_on_the_plane_selects_the_same_image_before_and_after_a_filter_and_a_brush() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 20);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    window.run_steps(3);
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    let first = topmost(&window);
    let at = dot(&window, first);
    click_at(&mut window, at);
    assert_eq!(state(&window).shared.selected.primary, Some(first));
    window.get_by_label(&format!("Image {first}"));

    // A digit other than the chosen image's: its dot can no longer be picked.
    let other = (labels[first as usize] + 1) % 10;
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(other))));
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.tab, Tab::Plane, "the plane stays");
    let second = topmost(&window);
    assert_eq!(labels[second as usize], other);
    let at = dot(&window, second);
    click_at(&mut window, at);
    assert_eq!(state(&window).shared.selected.primary, Some(second));
    window.get_by_label(&format!("Image {second}"));
    assert_eq!(state(&window).panels.inspector.view.as_ref().unwrap().origin, Origin::Dataset(second));

    // A box around the upper part of the plane: the gallery shows what is in it, of this digit.
    let area = window.get_by_label_contains("Plane of expected entropy").rect();
    let lower = Pos2::new(area.right() - 2.0, area.center().y + 0.3 * area.height());
    window.hover_at(area.left_top() + egui::Vec2::splat(2.0));
    window.run_steps(1);
    window.drag_at(area.left_top() + egui::Vec2::splat(2.0));
    window.run_steps(2);
    window.hover_at(lower);
    window.run_steps(2);
    window.drop_at(lower);
    window.run_steps(2);
    settle(&mut window);
    let brush = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    assert!(brush.name.starts_with("MI > ") && brush.name.contains("image"), "{}", brush.name);
    let view = state(&window).shared.run.gallery.clone().unwrap();
    let least =
        brush.inside.iter().map(|i| view.measures[*i as usize].mutual_information).fold(9.0, f32::min);
    let expected: Vec<u32> = (0..IMAGES as u32)
        .filter(|index| view.measures[*index as usize].mutual_information >= least)
        .collect();
    assert_eq!(brush.inside, expected, "by dataset index, whatever the filter");
    assert!(view.ranked.order.iter().all(|i| expected.contains(i) && labels[*i as usize] == other));

    // In the gallery the first card is the image it says it is.
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(None)));
    settle(&mut window);
    let first = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order[0];
    window.get_all_by_label_contains(&format!("Image {first}, label")).next().unwrap().click();
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(state(&window).shared.selected.primary, Some(first));
    assert_eq!(state(&window).panels.inspector.view.as_ref().unwrap().origin, Origin::Dataset(first));
    assert_eq!(
        state(&window).panels.explain.view.as_ref().unwrap().key.subject.origin,
        Origin::Dataset(first)
    );
    window.get_by_label_contains("show all").click();
    window.run_steps(2);
    settle(&mut window);
    assert!(state(&window).shared.limits.region.is_none());
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len(), IMAGES);
}

#[test]
fn zoomed_in_the_plane_shows_images_and_sees_all_again() {
    let folder = folder(false);
    // With these masks no dot hides the topmost one.
    let masks = dubito::sampling::MaskDesign::Independent;
    let sweep = SweepConfig { passes: 20, masks, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, ..Settings::default() });
    settle(&mut window);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    let all = state(&window).shared.run.gallery.as_ref().unwrap().plane.extent;
    let near = all.zoomed(0.3, all.max);
    act(&mut window, Action::Plane(PlaneAction::Show(Some(near))));
    window.run_steps(3);
    let first = topmost(&window);
    let at = dot(&window, first);
    click_at(&mut window, at);
    assert_eq!(state(&window).shared.selected.primary, Some(first));
    window.get_by_label("Pan").click();
    window.run_steps(2);
    assert_eq!(state(&window).panels.plane.drag, DragMode::Pan);
    window.get_by_label("See all").click();
    window.run_steps(2);
    assert_eq!(state(&window).panels.plane.bounds, None);
}

#[test]
fn shelves_hold_what_they_say() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 20);
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    let view = |window: &Window| state(window).shared.run.gallery.clone().unwrap();
    window.get_by_label("Uncertain but right").click();
    window.run_steps(2);
    settle(&mut window);
    let right = view(&window);
    assert!(
        right.ranked.order.iter().all(|i| right.measures[*i as usize].prediction() == labels[*i as usize])
    );
    window.get_by_label("Confidently wrong").click();
    window.run_steps(2);
    settle(&mut window);
    let wrong = view(&window);
    assert_eq!(wrong.ranked.order.len() + right.ranked.order.len(), IMAGES);
    let surest = wrong.ranked.order.last().map(|i| wrong.measures[*i as usize].confidence);
    let all = wrong.ranked.order.iter().map(|i| wrong.measures[*i as usize].confidence);
    assert_eq!(surest, all.max_by(f32::total_cmp));
    window.get_by_label("Label disagreement first").click();
    window.run_steps(2);
    settle(&mut window);
    let margin = view(&window);
    let value = |i: &u32| margin.measures[*i as usize].label_margin(labels[*i as usize]);
    assert!(margin.ranked.order.is_sorted_by(|a, b| value(a) <= value(b)));
    window.get_by_label("Suspect labels first").click();
    window.run_steps(2);
    settle(&mut window);
    let suspect = view(&window);
    let value = |i: &u32| suspect.measures[*i as usize].label_suspicion.unwrap();
    assert_eq!(suspect.ranked.order.len(), IMAGES);
    assert!(suspect.ranked.order.is_sorted_by(|a, b| value(a) >= value(b)));
    window.get_by_label("Mean logits rank otherwise").click();
    window.run_steps(2);
    settle(&mut window);
    let only = state(&window).shared.limits.only.clone().unwrap();
    assert!(only.name.contains("mean logits") && only.indices.is_sorted(), "{}", only.name);
    assert_eq!(view(&window).ranked.order.len(), only.indices.len());
}

#[test]
fn a_frame_of_the_plane_with_ten_thousand_dots_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(10_000, 11);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    let mut window = ready(folder.path(), 10);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    window.run_steps(3);
    let area = window.get_by_label_contains("Plane of expected entropy").rect();
    let bounds = state(&window).shared.run.gallery.as_ref().unwrap().plane.extent;
    let (mut still, mut moving) = (Vec::new(), Vec::new());
    for step in 0..40_u16 {
        let share = f32::from(step) / 40.0;
        window.hover_at(area.left_top() + share * area.size());
        let start = Instant::now();
        window.step();
        still.push(start.elapsed());
        let start = Instant::now();
        act(&mut window, Action::Plane(PlaneAction::Show(Some(bounds.moved([0.001 * share, 0.0])))));
        moving.push(start.elapsed());
    }
    still.sort();
    moving.sort();
    println!("median frame: pointer {:?}, panning {:?}", still[20], moving[20]);
    // A few milliseconds when alone; a busy machine gets some slack.
    assert!(still[20].as_millis() < 40 && moving[20].as_millis() < 60, "{:?} {:?}", still[20], moving[20]);
}

#[test]
fn the_inspector_scrolls_to_what_the_keyboard_moves_on_to() {
    let folder = folder(false);
    let mut window = ready(folder.path(), 20);
    let bottom = window.ctx.content_rect().bottom();
    assert!(window.get_by_label("Export card…").rect().bottom() > bottom, "it lies below the window's edge");
    window.get_by_label("Export card…").focus();
    window.run_steps(30);
    assert!(window.get_by_label("Export card…").rect().bottom() < bottom);
}
