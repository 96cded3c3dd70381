//! What stays where it is when a tab, a mode or a filter changes, and what there is to say covers nothing.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use crate::common::{Window, act, settle, state, wait_until, window, write_digits};
use dubito::data::distortion::Distortion;
use dubito::gui::action::{
    Action, Brushing, FileAction, FilePurpose, GalleryAction, PlaneAction, QualityAction, RotateAction,
    Section, Shelf, SubnetworkAction, WindowAction,
};
use dubito::gui::settings::{Settings, Tab};
use dubito::gui::shared::Gravity;
use dubito::sampling::SweepConfig;
use dubito::uncertainty::doubt_plane::Shape;
use dubito::uncertainty::{Filter, Measure};
use egui::accesskit::Role;
use egui::{Key, Rect};
use egui_kittest::kittest::Queryable as _;

fn ready(folder: &tempfile::TempDir) -> Window {
    write_digits(folder.path(), 200);
    let sweep = SweepConfig { passes: 10, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, ..Settings::default() });
    settle(&mut window);
    window
}

fn rects(window: &Window, labels: &[&str]) -> Vec<Rect> {
    labels.iter().map(|label| window.get_by_role_and_label(Role::Button, label).rect()).collect()
}

/// Clicks each, and after every click all are where they were.
fn click_each_and_compare(window: &mut Window, labels: &[&str]) {
    let before = rects(window, labels);
    for label in labels {
        window.get_by_role_and_label(Role::Button, label).click();
        window.run_steps(4);
        settle(window);
        assert_eq!(rects(window, labels), before, "after a click on {label}");
    }
}

#[test]
fn tabs_stay_under_the_pointer_whichever_is_shown_and_whichever_panels_are_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let labels: Vec<&str> = Tab::ALL.into_iter().map(Tab::label).collect();
    click_each_and_compare(&mut window, &labels);
    let before = rects(&window, &labels);
    for action in [WindowAction::ToggleControls, WindowAction::ToggleInspector, WindowAction::ToggleControls]
    {
        act(&mut window, Action::Window(action));
        window.run_steps(4);
        assert_eq!(rects(&window, &labels), before, "after {action:?}");
    }
}

#[test]
fn the_modes_of_the_gallery_stay_where_they_are_with_chips_and_with_a_sub_network() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let modes = ["One ranking", "Sub-network", "Two halves"];
    click_each_and_compare(&mut window, &modes);
    let before = rects(&window, &modes);
    for action in [
        Action::Subnetwork(SubnetworkAction::Show(None)),
        Action::Gallery(GalleryAction::SetDigit(Some(3))),
        Action::Gallery(GalleryAction::Shelf(Shelf::UncertainButRight)),
        Action::Gallery(GalleryAction::ShowAll),
    ] {
        act(&mut window, action.clone());
        settle(&mut window);
        assert_eq!(rects(&window, &modes), before, "after {action:?}");
    }
}

#[test]
fn the_modes_of_the_plane_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    window.run_steps(4);
    let modes = ["Box", "Lasso", "Pan", "right or wrong", "label", "prediction"];
    click_each_and_compare(&mut window, &modes);
    let before = rects(&window, &modes);
    let all = window.get_by_role_and_label(Role::CheckBox, "Density").rect();
    let extent = state(&window).shared.run.gallery.as_ref().unwrap().plane.extent;
    act(&mut window, Action::Plane(PlaneAction::Show(Some(extent.zoomed(0.5, [0.0, 0.0])))));
    window.run_steps(4);
    assert_eq!(rects(&window, &modes), before, "zoomed");
    assert_eq!(window.get_by_role_and_label(Role::CheckBox, "Density").rect(), all);
}

#[test]
fn the_modes_of_the_quality_view_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    wait_until(&mut window, "the numbers", |state| {
        state.panels.quality.view.as_ref().is_some_and(|view| view.complete)
    });
    settle(&mut window);
    let modes = ["Digits", "Foreign images", "Keep to compare"];
    let before = rects(&window, &modes);
    for measure in [Measure::Margin, Measure::MeanLogitEntropy, Measure::PredictiveEntropy] {
        act(&mut window, Action::Quality(QualityAction::Measure(measure)));
        window.run_steps(4);
        assert_eq!(rects(&window, &modes), before, "{measure:?}");
    }
    for section in [Section::Foreign, Section::Digits] {
        act(&mut window, Action::Quality(QualityAction::Show(section)));
        window.run_steps(4);
        assert_eq!(rects(&window, &modes[..2]), before[..2], "{section:?}");
    }
}

#[test]
fn the_modes_of_the_rotate_tab_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Rotate(RotateAction::OpenSelected));
    let complete = |window: &mut Window| {
        wait_until(window, "the course", |state| {
            state.shared.jobs.is_empty()
                && state.panels.rotate.view.as_ref().is_some_and(|view| view.is_complete())
        });
        window.run_steps(4);
    };
    complete(&mut window);
    let mut modes = vec!["Explore", "The paper's Figure 4"];
    modes.extend(Distortion::ALL.map(Distortion::label));
    let before = rects(&window, &modes);
    for mode in ["The paper's Figure 4", "Explore"].into_iter().chain(Distortion::ALL.map(Distortion::label))
    {
        window.get_by_role_and_label(Role::Button, mode).click();
        window.run_steps(2);
        complete(&mut window);
        assert_eq!(rects(&window, &modes), before, "after a click on {mode}");
    }
}

#[test]
fn shelves_show_that_they_are_on_and_each_filter_has_a_chip_and_all_are_cleared_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let images = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len();
    assert!(window.query_by_label("Clear all").is_none());
    // Of the shelf only its chip remains, and it is one.
    window.get_by_label("Confidently wrong").click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(state(&window).shared.shelf(), Some(Shelf::ConfidentlyWrong));
    assert!(window.query_by_label("Wrong only: show all").is_none());
    window.get_by_label("Shelf Confidently wrong: leave it").click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(state(&window).shared.shelf(), None);
    let settings = &state(&window).shared.settings;
    assert_eq!((settings.filter, settings.measure), (Filter::All, Measure::PredictiveEntropy));
    // A click on a shelf that is on leaves it.
    for on in [Some(Shelf::MeanLogitsDiffer), None] {
        window.get_by_label("Mean logits rank otherwise").click();
        window.run_steps(3);
        settle(&mut window);
        assert_eq!(state(&window).shared.shelf(), on);
        assert_eq!(state(&window).shared.limits.only.is_some(), on.is_some());
    }
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(4))));
    act(&mut window, Action::Gallery(GalleryAction::SetFilter(Filter::Wrong)));
    settle(&mut window);
    window.get_by_label("Wrong only: show all").click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.filter, Filter::All);
    window.get_by_label("Digit 4: show all digits").click();
    window.run_steps(3);
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.digit, None);
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(4))));
    act(&mut window, Action::Gallery(GalleryAction::Shelf(Shelf::DisagreesWithLabel)));
    settle(&mut window);
    window.get_by_label("Clear all").click();
    window.run_steps(3);
    settle(&mut window);
    let shared = &state(&window).shared;
    assert_eq!(shared.run.gallery.as_ref().unwrap().ranked.order.len(), images);
    assert_eq!((shared.settings.digit, shared.shelf()), (None, None));
    // All of it is one step.
    act(&mut window, Action::Undo);
    settle(&mut window);
    assert_eq!(state(&window).shared.shelf(), Some(Shelf::DisagreesWithLabel));
    assert_eq!(state(&window).shared.settings.digit, Some(4));
}

#[test]
fn an_empty_lasso_is_news_that_covers_no_part_of_the_plane() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    settle(&mut window);
    let plane = |window: &Window| window.get_by_label_contains("Plane of expected entropy").rect();
    let before = plane(&window);
    let corners = vec![[2.0, 2.0], [2.1, 2.0], [2.1, 2.1]];
    act(&mut window, Action::Plane(PlaneAction::Brush(Shape::Lasso(corners.into()), Brushing::Replace)));
    wait_until(&mut window, "the notice", |state| !state.shared.notices.list().is_empty());
    window.run_steps(3);
    let notice = state(&window).shared.notices.list()[0].clone();
    assert_eq!(notice.gravity, Gravity::News);
    assert_eq!(plane(&window), before, "nothing moved");
    let said = window.get_by_label(&notice.text).rect();
    assert!(!said.intersects(before) && said.top() > before.bottom(), "{said:?} on {before:?}");
    window.get_by_label(&format!("Dismiss: News: {}", notice.text)).click();
    window.run_steps(3);
    assert!(state(&window).shared.notices.list().is_empty());
}

#[test]
fn an_error_has_a_strip_of_its_own_until_esc_which_leaves_the_selection_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let selected = state(&window).shared.selected.clone();
    for close in [true, false] {
        let nowhere = folder.path().join("no such folder").join("grid.png");
        act(&mut window, Action::File(FileAction::Chosen(FilePurpose::ExportPicture, nowhere)));
        wait_until(&mut window, "the failure", |state| !state.shared.notices.list().is_empty());
        window.run_steps(3);
        let text = state(&window).shared.notices.list()[0].text.clone();
        let strip = window.get_by_label(&text).rect();
        let inspector = window.get_by_label_contains("enlarged").rect();
        assert!(!strip.intersects(inspector) && strip.bottom() < 800.0);
        if close {
            window.get_by_label(&text).click();
        } else {
            window.key_press(Key::Escape);
        }
        window.run_steps(3);
        assert!(state(&window).shared.notices.list().is_empty());
        assert_eq!(state(&window).shared.selected, selected);
    }
    window.key_press(Key::Escape);
    window.run_steps(3);
    assert_eq!(state(&window).shared.selected.primary, None, "the next clears it");
}

#[test]
fn news_waits_while_the_pointer_is_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Undo);
    window.run_steps(2);
    let notice = window.get_by_label("There is nothing to undo.").rect();
    window.hover_at(notice.center());
    let start = std::time::Instant::now();
    while start.elapsed() < std::time::Duration::from_millis(5_600) {
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(state(&window).shared.notices.list().len(), 1);
    window.hover_at(egui::pos2(640.0, 300.0));
    wait_until(&mut window, "the news to leave", |state| state.shared.notices.list().is_empty());
}

#[test]
fn the_two_halves_fill_a_large_screen_until_a_person_chooses_a_size() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), 200);
    let sweep = SweepConfig { passes: 5, ..SweepConfig::default() };
    for (size, least) in [([1_280.0, 800.0], 0.0), ([1_920.0, 1_080.0], 0.75), ([3_840.0, 2_160.0], 0.75)] {
        let builder = egui_kittest::Harness::builder().with_size(size);
        let mut window =
            crate::common::open(builder, folder.path(), Settings { sweep, ..Settings::default() });
        settle(&mut window);
        let view = std::sync::Arc::clone(state(&window).shared.run.gallery.as_ref().unwrap());
        let (first, last) = (view.ranked.order[0], view.ranked.order[29]);
        let find = |window: &Window, index: u32| {
            let name = format!("Image {index}, label");
            window.query_all_by_label_contains(&name).next().map(|node| node.rect())
        };
        // From the most certain ones at the top to the last of the least certain ones at the bottom.
        let top = find(&window, *view.ranked.order.last().unwrap()).unwrap().top();
        if let Some(bottom) = find(&window, last).map(|rect| rect.bottom()) {
            let share = (bottom - top) / size[1];
            assert!(share >= least && bottom <= size[1], "{share} of {size:?}");
        } else {
            assert!(least == 0.0, "the last image is out of sight in {size:?}");
        }
        let zoom = dubito::gui::settings::FIRST_ZOOM + 10.0;
        act(&mut window, Action::Gallery(GalleryAction::SetZoom(zoom)));
        window.run_steps(3);
        let width = find(&window, first).unwrap().width();
        assert!((width - zoom).abs() < 2.0, "{width} in {size:?}, {zoom} was chosen");
    }
}

#[test]
fn the_slider_of_the_dropout_rate_and_the_shelves_stay_under_the_pointer() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let slider = |window: &Window| window.get_by_role_and_label(Role::Slider, "Dropout rate").rect();
    let trained = state(&window).shared.settings.sweep.dropout;
    let before = slider(&window);
    for dropout in [0.3, trained, 0.7] {
        act(&mut window, Action::Run(dubito::gui::action::RunAction::SetDropout(dropout)));
        window.run_steps(3);
        assert_eq!(slider(&window), before, "at p = {dropout}");
    }
    let shelves: Vec<&str> = Shelf::ALL.into_iter().map(Shelf::label).collect();
    let before = rects(&window, &shelves);
    act(&mut window, Action::Gallery(GalleryAction::Shelf(Shelf::SuspectLabels)));
    settle(&mut window);
    assert_eq!(rects(&window, &shelves), before);
}

#[test]
fn calling_a_label_wrong_moves_nothing_in_the_inspector() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    wait_until(&mut window, "the marks", |state| state.shared.marks.is_some());
    window.run_steps(3);
    let places = |window: &Window| {
        let heading = window.get_by_label("Why is it uncertain?").rect();
        let buttons = rects(window, &["Label is wrong", "Fine"]);
        (heading, buttons)
    };
    let index = state(&window).shared.selected.primary.unwrap();
    let label = state(&window).shared.dataset.as_ref().unwrap().digits.labels()[index as usize];
    let other = format!("Right label {}", (label + 1) % 10);
    let (before, right) = (places(&window), rects(&window, &[&other]));
    for key in [Key::W, Key::Escape, Key::W, dubito::gui::command::DIGIT_KEYS[usize::from((label + 1) % 10)]]
    {
        window.key_press(key);
        window.run_steps(4);
        assert_eq!(
            (places(&window), rects(&window, &[&other])),
            (before.clone(), right.clone()),
            "after {key:?}"
        );
    }
}

#[test]
fn in_a_small_window_all_tools_of_the_plane_are_in_sight() {
    let folder = tempfile::tempdir().unwrap();
    write_digits(folder.path(), 200);
    let sweep = SweepConfig { passes: 10, ..SweepConfig::default() };
    let builder = egui_kittest::Harness::builder().with_size([1_000.0, 650.0]);
    let settings = Settings { sweep, tab: Tab::Plane, ..Settings::default() };
    let mut window = crate::common::open(builder, folder.path(), settings);
    settle(&mut window);
    let tools = [
        (Role::Button, "Box"),
        (Role::Button, "Lasso"),
        (Role::Button, "Pan"),
        (Role::Button, "See all"),
        (Role::ComboBox, "Measure across"),
        (Role::ComboBox, "Measure up"),
        (Role::Button, "right or wrong"),
        (Role::Button, "label"),
        (Role::Button, "prediction"),
        (Role::CheckBox, "Density"),
    ];
    let plane = window.get_by_label_contains("Plane of expected entropy").rect();
    let image = window.get_by_label_contains("enlarged").rect();
    for (role, name) in tools {
        let tool = window.get_by_role_and_label(role, name).rect();
        assert!(tool.left() > 200.0 && tool.right() < image.left(), "{name}: {tool:?}");
        assert!(tool.bottom() < plane.top(), "{name}: {tool:?} over {plane:?}");
    }
    let said = window.get_by_label_contains("200 images. To the right every sub-network wavers").rect();
    assert!(said.right() < image.left() && said.bottom() < plane.top(), "{said:?}");
    assert!(plane.height() > 180.0, "{plane:?}");
}
