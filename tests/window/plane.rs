//! The plane as a person uses it: box, lasso and pan, and what a brush does everywhere else; without a screen.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

use std::path::Path;

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::corruption::Corruption;
use dubito::data::foreign::Foreign;
use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::source::Split;
use dubito::data::synthetic;
use dubito::gui::action::{
    Action, Brushing, Colouring, DragMode, FileAction, FilePurpose, GalleryAction, PlaneAction,
    QualityAction, RunAction, WindowAction,
};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::shown::subject::Origin;
use dubito::uncertainty::doubt_plane::{Bounds, Shape};
use dubito::uncertainty::{Filter, Measures};
use dubito::worker::Slot;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const IMAGES: usize = 300;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(IMAGES, 11);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    folder
}

fn ready(folder: &Path) -> Window {
    let sweep = SweepConfig { passes: 20, ..SweepConfig::default() };
    let mut window = window(folder, Settings { sweep, tab: Tab::Plane, ..Settings::default() });
    settle(&mut window);
    window
}

fn area(window: &Window) -> Rect {
    let mut images = window.get_all_by_role(Role::Image);
    images
        .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with("Plane of")))
        .unwrap()
        .rect()
}

/// Where a place of the plane is in the window.
fn on_screen(window: &Window, at: [f32; 2]) -> Pos2 {
    let area = area(window);
    let bounds = state(window)
        .panels
        .plane
        .bounds
        .unwrap_or(state(window).shared.run.gallery.as_ref().unwrap().plane.extent);
    let share = |axis: usize| (at[axis] - bounds.min[axis]) / (bounds.max[axis] - bounds.min[axis]);
    Pos2::new(area.left() + share(0) * area.width(), area.bottom() - share(1) * area.height())
}

/// Drags along points with the pointer.
fn drag(window: &mut Window, points: &[Pos2], modifiers: Modifiers) {
    window.drag_at(points[0]);
    window.run_steps(2);
    for point in &points[1..] {
        window.hover_at(*point);
        window.run_steps(2);
    }
    // The button is released while the keys are held.
    let event = egui::Event::PointerButton {
        pos: points[points.len() - 1],
        button: egui::PointerButton::Primary,
        pressed: false,
        modifiers,
    };
    window.event_modifiers(event, modifiers);
    window.remove_cursor();
    window.run_steps(2);
    settle(window);
}

fn parts(measures: &Measures) -> [f32; 2] {
    [measures.expected_entropy, measures.mutual_information]
}

/// Places of all images.
fn places(window: &Window) -> Vec<[f32; 2]> {
    state(window).shared.run.gallery.as_ref().unwrap().measures.iter().map(parts).collect()
}

fn shown(window: &Window) -> Vec<u32> {
    let mut order = state(window).shared.run.gallery.as_ref().unwrap().ranked.order.clone();
    order.sort_unstable();
    order
}

fn indices(places: &[[f32; 2]], is: impl Fn([f32; 2]) -> bool) -> Vec<u32> {
    (0_u32..).zip(places).filter(|(_, at)| is(**at)).map(|(index, _)| index).collect()
}

/// A value between two neighbouring ones, with a share of the images below it: no image lies on it.
fn quantile(places: &[[f32; 2]], axis: usize, share: f32) -> f32 {
    let mut values: Vec<f32> = places.iter().map(|at| at[axis]).collect();
    values.sort_by(f32::total_cmp);
    let at = (share * places.len() as f32) as usize;
    f32::midpoint(values[at - 1], values[at])
}

/// Limits the gallery to the images whose mutual information exceeds that of this share of them.
fn brush_upper(window: &mut Window, share: f32) -> Bounds {
    let least = quantile(&places(window), 1, share);
    let bounds = Bounds { min: [-1.0, least], max: [9.0, 9.0] };
    act(window, Action::Plane(PlaneAction::Brush(Shape::Box(bounds), Brushing::Replace)));
    settle(window);
    bounds
}

#[test]
fn a_box_limits_gallery_and_plane_and_its_chip_shows_all_again() {
    let folder = folder();
    let mut window = ready(folder.path());
    let places = places(&window);
    let least = quantile(&places, 1, 0.6);
    let from = on_screen(&window, [0.0, least]);
    let corners = [Pos2::new(area(&window).left() + 2.0, from.y), area(&window).right_top()];
    drag(&mut window, &corners, Modifiers::NONE);
    let view = state(&window).shared.run.gallery.clone().unwrap();
    let brush = view.brush.clone().unwrap();
    // The pointer is accurate to a point of the screen.
    let [(_, Shape::Box(bounds))] = brush.region.parts() else { panic!("{:?}", brush.region) };
    assert!((bounds.min[1] - least).abs() < 0.01, "{bounds:?}, {least}");
    assert_eq!(brush.inside, indices(&places, |at| bounds.contains(at)));
    assert_eq!(shown(&window), brush.inside);
    assert!(brush.name.ends_with(&format!("{} images", brush.inside.len())), "{}", brush.name);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    window.run_steps(3);
    window.get_by_label(&format!("Only {}: show all", brush.name)).click();
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(shown(&window).len(), IMAGES);
}

#[test]
fn a_lasso_takes_what_it_goes_around_and_escape_gives_it_up() {
    let folder = folder();
    let mut window = ready(folder.path());
    window.key_press(Key::L);
    window.run_steps(2);
    assert_eq!(state(&window).panels.plane.drag, DragMode::Lasso);
    let all = area(&window);
    let at = |x: f32, y: f32| Pos2::new(all.left() + x * all.width(), all.bottom() - y * all.height());
    // Concave: the right of an L is outside.
    let corners =
        [at(0.01, 0.01), at(0.9, 0.01), at(0.9, 0.2), at(0.15, 0.2), at(0.15, 0.95), at(0.01, 0.95)];
    window.drag_at(corners[0]);
    for corner in &corners[1..] {
        window.hover_at(*corner);
        window.run_steps(2);
    }
    let selected = state(&window).shared.selected.clone();
    window.key_press(Key::Escape);
    window.run_steps(2);
    window.drop_at(corners[5]);
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(state(&window).shared.limits.region, None, "given up");
    assert_eq!(state(&window).shared.selected, selected, "Escape did nothing else");
    drag(&mut window, &corners, Modifiers::NONE);
    let brush = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    assert!(brush.name.starts_with("lasso · "), "{}", brush.name);
    let bounds = state(&window).shared.run.gallery.as_ref().unwrap().plane.extent;
    let share =
        |at: [f32; 2], axis: usize| (at[axis] - bounds.min[axis]) / (bounds.max[axis] - bounds.min[axis]);
    let expected = indices(&places(&window), |at| {
        let (x, y) = (share(at, 0), share(at, 1));
        (x > 0.01 && x < 0.9 && y > 0.01 && y < 0.2) || (x > 0.01 && x < 0.15 && y > 0.01 && y < 0.95)
    });
    // All but those within a point or two of the line.
    let differing =
        (0..IMAGES as u32).filter(|index| expected.contains(index) != brush.inside.contains(index)).count();
    assert!(expected.len() > 20 && differing <= expected.len() / 20, "{differing} of {}", expected.len());
    // Shift adds, Ctrl takes out.
    window.key_press(Key::B);
    window.run_steps(2);
    let before = brush.inside.len();
    drag(&mut window, &[at(0.2, 0.25), at(0.99, 0.99)], Modifiers::SHIFT);
    let more = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    assert!(more.inside.len() > before && brush.inside.iter().all(|index| more.inside.contains(index)));
    assert!(more.name.starts_with("2 shapes"), "{}", more.name);
    drag(&mut window, &[at(0.2, 0.25), at(0.99, 0.99)], Modifiers::COMMAND);
    let fewer = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    assert_eq!(fewer.inside, brush.inside);
}

#[test]
fn panning_moves_the_plane_and_brushes_nothing() {
    let folder = folder();
    let mut window = ready(folder.path());
    window.get_by_label("Pan").click();
    window.run_steps(2);
    let middle = area(&window).center();
    drag(&mut window, &[middle, middle + egui::vec2(80.0, 0.0)], Modifiers::NONE);
    assert_eq!(state(&window).shared.limits.region, None);
    let extent = state(&window).shared.run.gallery.as_ref().unwrap().plane.extent;
    let bounds = state(&window).panels.plane.bounds.unwrap();
    let width = extent.max[0] - extent.min[0];
    let moved = (extent.min[0] - bounds.min[0]) / width * area(&window).width();
    assert!((moved - 80.0).abs() < 8.0, "{moved}");
    assert!((bounds.max[0] - bounds.min[0] - width).abs() < 1e-4);
    window.get_by_label("See all").click();
    window.run_steps(2);
    assert_eq!(state(&window).panels.plane.bounds, None);
}

#[test]
fn a_click_after_brush_and_filter_selects_the_image_under_the_pointer() {
    let folder = folder();
    let mut window = ready(folder.path());
    brush_upper(&mut window, 0.5);
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(4))));
    settle(&mut window);
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    let all = places(&window);
    let brush = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    let expected: Vec<u32> =
        brush.inside.iter().copied().filter(|index| labels[*index as usize] == 4).collect();
    assert_eq!(shown(&window), expected);
    assert!(expected.len() > 3 && expected.len() < brush.inside.len());
    // The one furthest from its neighbours, so that no other is under the pointer.
    let alone = expected
        .iter()
        .copied()
        .max_by(|a, b| {
            let room = |index: u32| {
                let here = on_screen(&window, all[index as usize]);
                let others = expected.iter().filter(|other| **other != index);
                others
                    .map(|other| on_screen(&window, all[*other as usize]).distance(here))
                    .fold(9e9, f32::min)
            };
            room(*a).total_cmp(&room(*b))
        })
        .unwrap();
    let here = on_screen(&window, all[alone as usize]);
    window.drag_at(here);
    window.run_steps(1);
    window.drop_at(here);
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(state(&window).shared.selected.primary, Some(alone));
    assert_eq!(state(&window).panels.inspector.view.as_ref().unwrap().origin, Origin::Dataset(alone));
    window.get_by_label(&format!("Image {alone}"));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Gallery)));
    settle(&mut window);
    let card = window.get_all_by_role(Role::Button).find(|node| {
        node.accesskit_node().label().is_some_and(|label| label.starts_with(&format!("Image {alone}, ")))
    });
    assert!(card.is_some(), "the gallery shows it");
}

#[test]
fn the_brushed_images_follow_the_measures() {
    let folder = folder();
    let mut window = ready(folder.path());
    let bounds = brush_upper(&mut window, 0.7);
    let before = shown(&window);
    assert_eq!(before.len(), 90);
    act(&mut window, Action::Run(RunAction::SetPasses(5)));
    settle(&mut window);
    let expected = indices(&places(&window), |at| bounds.contains(at));
    assert_eq!(shown(&window), expected);
    assert_ne!(before, expected, "another T, other images in the region");
    let name = state(&window).shared.run.gallery.as_ref().unwrap().brush.as_ref().unwrap().name.clone();
    assert!(name.ends_with(&format!("{} images", expected.len())), "{name}");
    act(&mut window, Action::Run(RunAction::SetDropout(0.2)));
    settle(&mut window);
    assert_eq!(shown(&window), indices(&places(&window), |at| bounds.contains(at)));
}

#[test]
fn a_brush_around_nothing_changes_nothing_and_says_so() {
    let folder = folder();
    let mut window = ready(folder.path());
    let nowhere = Shape::Box(Bounds { min: [5.0, 5.0], max: [6.0, 6.0] });
    brush_upper(&mut window, 0.5);
    let (before, region) = (shown(&window), state(&window).shared.limits.region.clone());
    act(&mut window, Action::Plane(PlaneAction::Brush(nowhere, Brushing::Replace)));
    wait_until(&mut window, "the notice", |state| {
        state.shared.notices.list().iter().any(|notice| notice.text.contains("no image in that region"))
    });
    settle(&mut window);
    assert_eq!((shown(&window), state(&window).shared.limits.region.clone()), (before, region));
    // One step back is before the first brush, not before the one that changed nothing.
    act(&mut window, Action::Undo);
    settle(&mut window);
    assert_eq!(shown(&window).len(), IMAGES);
}

#[test]
fn undo_brings_a_brush_back_and_both_kinds_of_limit_hold_at_once() {
    let folder = folder();
    let mut window = ready(folder.path());
    brush_upper(&mut window, 0.5);
    let brushed = shown(&window);
    let odd: Vec<u32> = (1..IMAGES as u32).step_by(2).collect();
    let only = dubito::shown::Only { name: "the odd ones".to_owned(), indices: odd.clone() };
    act(&mut window, Action::Gallery(GalleryAction::ShowOnly(Some(std::sync::Arc::new(only)))));
    settle(&mut window);
    let both: Vec<u32> = brushed.iter().copied().filter(|index| index % 2 == 1).collect();
    assert_eq!(shown(&window), both);
    let name = state(&window).shared.run.gallery.as_ref().unwrap().brush.as_ref().unwrap().name.clone();
    window.get_by_label("Only the odd ones: show all");
    window.get_by_label("Clear the brush").click();
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(shown(&window), odd);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(shown(&window), both);
    window.get_by_label(&format!("Only {name}: show all"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(shown(&window), brushed);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(shown(&window).len(), IMAGES);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    window.run_steps(2);
    settle(&mut window);
    assert_eq!(shown(&window), brushed);
}

#[test]
fn where_there_is_no_mutual_information_or_no_image_the_plane_says_why() {
    let folder = folder();
    let mut window = ready(folder.path());
    act(&mut window, Action::Run(RunAction::SetPasses(1)));
    settle(&mut window);
    assert!(places(&window).iter().all(|at| at[1].abs() < 1e-6));
    window.get_by_label_contains("T = 1: one pass has nothing to disagree with");
    act(&mut window, Action::Run(RunAction::SetPasses(20)));
    act(&mut window, Action::Run(RunAction::SetDropout(0.0)));
    settle(&mut window);
    assert!(places(&window).iter().all(|at| at[1].abs() < 1e-6));
    window.get_by_label_contains("p = 0: all passes are the same network");
    act(&mut window, Action::Run(RunAction::SetDropout(0.5)));
    settle(&mut window);
    // All that is brushed is right: no image is left.
    let right = |window: &Window| {
        let view = state(window).shared.run.gallery.clone().unwrap();
        let labels = state(window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
        (0..IMAGES).find(|index| view.measures[*index].prediction() == labels[*index]).unwrap()
    };
    let at = places(&window)[right(&window)];
    let corner = |by: f32| at.map(|value| value + by);
    let shape = Shape::Box(Bounds::between(corner(-1e-7), corner(1e-7)));
    act(&mut window, Action::Plane(PlaneAction::Brush(shape, Brushing::Replace)));
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::Wrong)));
    settle(&mut window);
    assert!(shown(&window).is_empty());
    window.get_by_label_contains("No image matches digit, filter and brush");
}

/// A window whose plane has a second layer: the digits, made strange.
fn with_foreign(folder: &Path) -> Window {
    let mut window = ready(folder);
    let source = Foreign::Corrupted { corruption: Corruption::Blur, strength: 0.6, seed: 1 };
    act(&mut window, Action::Quality(QualityAction::Foreign(Some(source))));
    wait_until(&mut window, "the foreign images", |state| state.shared.sights.foreign.is_some());
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    settle(&mut window);
    window
}

#[test]
fn foreign_images_are_a_layer_that_a_brush_counts_apart() {
    let folder = folder();
    let mut window = with_foreign(folder.path());
    let foreign = state(&window).shared.sights.foreign.clone().unwrap();
    let foreign_places: Vec<[f32; 2]> = foreign.measures.iter().map(parts).collect();
    assert_eq!(foreign.points.places, foreign_places);
    let bounds = brush_upper(&mut window, 0.5);
    let strange = indices(&foreign_places, |at| bounds.contains(at)).len();
    let brush = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    assert_eq!((brush.inside.len(), brush.foreign), (IMAGES / 2, Some(strange)));
    assert_eq!(shown(&window), brush.inside, "no foreign image is in the gallery");
    assert!(brush.chip().ends_with(&format!("{} images, {strange} foreign", IMAGES / 2)), "{}", brush.chip());
    // Another T: both layers are measured again, and the chip counts both again.
    act(&mut window, Action::Run(RunAction::SetPasses(5)));
    wait_until(&mut window, "foreign images at T = 5", |state| {
        state.shared.sights.foreign.as_ref().is_some_and(|view| view.key.sampled.passes == 5)
    });
    settle(&mut window);
    let places = state(&window).shared.sights.foreign.as_ref().unwrap().points.places.clone();
    let brush = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    assert_eq!(brush.foreign, Some(indices(&places, |at| bounds.contains(at)).len()));
    window.get_by_label(&format!("foreign: {} {IMAGES}", foreign.set.name)).click();
    window.run_steps(2);
    settle(&mut window);
    assert!(state(&window).shared.sights.foreign_hidden);
    let brush = state(&window).shared.run.gallery.as_ref().unwrap().brush.clone().unwrap();
    assert!(brush.foreign.is_none() && !brush.chip().contains("foreign"), "{}", brush.chip());
}

#[test]
fn a_click_on_a_foreign_image_opens_it_and_leaves_the_selection() {
    let folder = folder();
    let mut window = with_foreign(folder.path());
    let foreign = state(&window).shared.sights.foreign.clone().unwrap();
    let view = state(&window).shared.run.gallery.clone().unwrap();
    let extent = view.plane.extent.and(foreign.points.extent);
    act(&mut window, Action::Plane(PlaneAction::Show(Some(extent))));
    // The one furthest from all digits and from other foreign images.
    let room = |index: usize| {
        let here = on_screen(&window, foreign.points.places[index]);
        let foreign = foreign.points.places.iter().enumerate().filter(|(other, _)| *other != index);
        let others = foreign.map(|(_, at)| at).chain(&view.plane.places);
        others.map(|at| on_screen(&window, *at).distance(here)).fold(f32::MAX, f32::min)
    };
    let alone = (0..IMAGES).max_by(|a, b| room(*a).total_cmp(&room(*b))).unwrap();
    let here = on_screen(&window, foreign.points.places[alone]);
    let selected = state(&window).shared.selected.clone();
    window.hover_at(here);
    window.run_steps(2);
    window.drag_at(here);
    window.run_steps(1);
    window.event(egui::Event::PointerButton {
        pos: here,
        button: egui::PointerButton::Primary,
        pressed: false,
        modifiers: Modifiers::NONE,
    });
    window.run_steps(2);
    let origin = Origin::Foreign(alone as u32);
    assert_eq!(state(&window).shared.inspected(), Some(origin));
    assert_eq!(state(&window).shared.selected, selected);
    wait_until(&mut window, "the inspector", |state| {
        state.panels.inspector.view.as_ref().is_some_and(|view| view.origin == origin)
    });
    window.run_steps(3);
    window.get_by_label(&origin.name());
}

#[test]
fn pointing_at_the_histogram_lights_images_up_on_the_plane_and_nothing_breaks() {
    let folder = folder();
    let mut window = with_foreign(folder.path());
    let histogram = window.get_by_label("Histogram of predictive entropy").rect();
    window.hover_at(Pos2::new(histogram.left() + 3.0, histogram.center().y));
    window.run_steps(4);
    let lit = state(&window).shared.highlight.clone().unwrap();
    assert!(!lit.digits().is_empty());
    window.hover_at(area(&window).center());
    window.run_steps(4);
    assert!(state(&window).shared.highlight.is_none());
}

#[test]
fn the_histograms_of_the_quality_view_outline_the_brushed_images_and_an_exported_sheet_shows_no_others() {
    let folder = folder();
    let mut window = ready(folder.path());
    brush_upper(&mut window, 0.8);
    let brushed = shown(&window);
    let picture = folder.path().join("brushed.png");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::ExportPicture, picture.clone())));
    wait_until(&mut window, "the picture", |state| !crate::common::runs(state, Slot::Export));
    act(&mut window, Action::Plane(PlaneAction::ClearBrush));
    settle(&mut window);
    let whole = folder.path().join("whole.png");
    act(&mut window, Action::File(FileAction::Chosen(FilePurpose::ExportPicture, whole.clone())));
    wait_until(&mut window, "the picture", |state| !crate::common::runs(state, Slot::Export));
    assert_ne!(
        std::fs::read(&picture).unwrap(),
        std::fs::read(&whole).unwrap(),
        "other images, another title"
    );
    act(&mut window, Action::Undo);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    wait_until(&mut window, "the numbers", |state| {
        state.panels.quality.view.as_ref().is_some_and(|view| view.complete)
    });
    settle(&mut window);
    let charts = state(&window).panels.quality.brushed.clone().unwrap();
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    let view = state(&window).shared.run.gallery.clone().unwrap();
    let wrong = |index: &&u32| view.measures[**index as usize].prediction() != labels[**index as usize];
    let wrong = brushed.iter().filter(wrong).count();
    let totals = charts.charts.doubt.map(|bins| bins.iter().sum::<u32>() as usize);
    assert_eq!(totals, [brushed.len() - wrong, wrong]);
    let legend = format!("only {}: {} right, {wrong} wrong", charts.name, brushed.len() - wrong);
    window.get_by_label(&legend);
    act(&mut window, Action::Plane(PlaneAction::ClearBrush));
    settle(&mut window);
    assert_eq!(state(&window).panels.quality.brushed, None);
}

/// Run alone on real digits: `MNIST_DIR=… cargo test --test window plane::frames -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn frames_are_short() {
    let data = crate::mnist::folder();
    for split in [Split::Test, Split::Train] {
        let settings = Settings { tab: Tab::Plane, ..Settings::default() };
        let mut window = window(&data, settings);
        settle(&mut window);
        if split == Split::Train {
            act(&mut window, Action::Run(RunAction::SetSplit(split)));
            wait_until(&mut window, "the training images", |state| state.shared.split == Split::Train);
            settle(&mut window);
        }
        let images = state(&window).shared.run.gallery.as_ref().unwrap().measures.len();
        let extent = state(&window).shared.run.gallery.as_ref().unwrap().plane.extent;
        let width = extent.max[0] - extent.min[0];
        for (name, colouring) in [("right or wrong", Colouring::Correctness), ("label", Colouring::Label)] {
            act(&mut window, Action::Plane(PlaneAction::Colour(colouring)));
            window.hover_at(area(&window).center());
            window.run_steps(4);
            measure(&format!("{images} images by {name}, nothing changes"), &mut window, |_, _| ());
            measure(&format!("{images} images by {name}, panning"), &mut window, |window, step| {
                let by = width * 0.0007 * if step % 100 < 50 { 1.0 } else { -1.0 };
                let bounds = state(window).panels.plane.bounds.unwrap_or(extent).moved([by, 0.0]);
                apply(window, bounds);
            });
            measure(&format!("{images} images by {name}, zooming"), &mut window, |window, step| {
                let factor = if step < 100 { 0.97 } else { 1.0 / 0.97 };
                let bounds = state(window).panels.plane.bounds.unwrap_or(extent).zoomed(factor, [0.0, 0.0]);
                apply(window, bounds);
            });
            measure(&format!("{images} images by {name}, brushed, panning"), &mut window, |window, step| {
                if step == 0 {
                    let shape = Shape::Box(Bounds { min: [0.1, 0.1], max: [3.0, 3.0] });
                    act(window, Action::Plane(PlaneAction::Brush(shape, Brushing::Replace)));
                    settle(window);
                }
                let by = width * 0.0007 * if step % 100 < 50 { 1.0 } else { -1.0 };
                let bounds = state(window).panels.plane.bounds.unwrap_or(extent).moved([by, 0.0]);
                apply(window, bounds);
            });
            act(&mut window, Action::Plane(PlaneAction::ClearBrush));
            act(&mut window, Action::Plane(PlaneAction::Show(None)));
            settle(&mut window);
        }
        if split == Split::Test {
            let source = Foreign::Corrupted { corruption: Corruption::Blur, strength: 0.6, seed: 1 };
            act(&mut window, Action::Quality(QualityAction::Foreign(Some(source))));
            wait_until(&mut window, "the foreign images", |state| {
                state.shared.sights.foreign.as_ref().is_some_and(|view| view.complete)
            });
            act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
            settle(&mut window);
            window.hover_at(area(&window).center());
            measure(
                &format!("{images} images and as many foreign ones, panning"),
                &mut window,
                |window, step| {
                    let by = width * 0.0007 * if step % 100 < 50 { 1.0 } else { -1.0 };
                    let bounds = state(window).panels.plane.bounds.unwrap_or(extent).moved([by, 0.0]);
                    apply(window, bounds);
                },
            );
        }
    }
}

/// Shows a part without drawing a frame.
fn apply(window: &mut Window, bounds: Bounds) {
    let context = window.ctx.clone();
    if let crate::common::Stage::Open(app) = window.state_mut() {
        app.act(&context, Action::Plane(PlaneAction::Show(Some(bounds))));
    }
}

fn measure(name: &str, window: &mut Window, mut change: impl FnMut(&mut Window, usize)) {
    let mut times = Vec::new();
    for step in 0..200 {
        change(window, step);
        let start = std::time::Instant::now();
        window.step();
        times.push(start.elapsed());
    }
    times.sort();
    println!("{name}: median {:?}, 95 % {:?}, longest {:?}", times[100], times[190], times[199]);
}
