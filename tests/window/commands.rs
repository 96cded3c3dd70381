//! Commands, the way back, and what is found by typing: in the window, without a screen.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use crate::common::{Window, act, settle, state, wait_until, window, write_digits};
use dubito::gui::action::{
    Action, FilePurpose, GalleryAction, Pick, PlaneAction, RunAction, Shelf, WindowAction,
};
use dubito::gui::settings::{Arrangement, Settings, Tab};
use dubito::gui::shared::Overlay;
use dubito::help::Topic;
use dubito::sampling::SweepConfig;
use dubito::uncertainty::{Filter, Measure};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const IMAGES: usize = 200;

fn ready(folder: &tempfile::TempDir) -> Window {
    write_digits(folder.path(), IMAGES);
    let sweep = SweepConfig { passes: 10, ..SweepConfig::default() };
    let mut window = window(folder.path(), Settings { sweep, top: 20, ..Settings::default() });
    settle(&mut window);
    window
}

fn said(window: &Window) -> Vec<String> {
    state(window).shared.notices.list().iter().map(|notice| notice.text.clone()).collect()
}

fn typed(window: &mut Window, text: &str) {
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(3);
}

#[test]
fn keys_with_one_modifier_more_are_another_command_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let ctrl = Modifiers::CTRL | Modifiers::COMMAND;
    for (more, key, asked) in [
        (Modifiers::NONE, Key::O, Some(FilePurpose::OpenModel)),
        (Modifiers::SHIFT, Key::O, Some(FilePurpose::OpenData)),
        (Modifiers::ALT, Key::O, Some(FilePurpose::OpenPicture)),
        (Modifiers::SHIFT | Modifiers::ALT, Key::O, None),
        (Modifiers::NONE, Key::E, Some(FilePurpose::ExportPicture)),
        (Modifiers::SHIFT, Key::E, Some(FilePurpose::ExportTable)),
        (Modifiers::ALT, Key::E, None),
        (Modifiers::SHIFT, Key::S, None),
    ] {
        window.key_press_modifiers(ctrl | more, key);
        window.run_steps(2);
        let overlay = asked.map_or(Overlay::None, Overlay::Path);
        assert_eq!(state(&window).shared.overlay, overlay, "{more:?} {key:?}");
        act(&mut window, Action::Window(WindowAction::Escape));
    }
}

#[test]
fn passes_rate_and_seed_are_undone_and_redone_with_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Run(RunAction::SetDropout(0.3)));
    settle(&mut window);
    act(&mut window, Action::Run(RunAction::SetSeed(9)));
    act(&mut window, Action::Run(RunAction::SetPasses(6)));
    settle(&mut window);
    let ctrl = Modifiers::CTRL | Modifiers::COMMAND;
    for (undone, sweep) in [
        (
            "Undid: passes 10 → 6",
            SweepConfig { passes: 10, dropout: 0.3, seed: 9, masks: dubito::sampling::MaskDesign::Balanced },
        ),
        (
            "Undid: seed 1 → 9",
            SweepConfig { passes: 10, dropout: 0.3, seed: 1, masks: dubito::sampling::MaskDesign::Balanced },
        ),
        (
            "Undid: dropout rate 0.50 → 0.30",
            SweepConfig { passes: 10, dropout: 0.5, seed: 1, masks: dubito::sampling::MaskDesign::Balanced },
        ),
    ] {
        window.key_press_modifiers(ctrl, Key::Z);
        window.run_steps(2);
        assert_eq!(state(&window).shared.settings.sweep, sweep);
        assert_eq!(said(&window).last().map(String::as_str), Some(undone));
    }
    // The numbers on the screen are those of the rate gone back to.
    settle(&mut window);
    let view = state(&window).shared.run.gallery.clone().unwrap();
    assert_eq!((view.sampled.dropout.to_bits(), view.sampled.seed), (0.5_f32.to_bits(), 1));
    window.key_press_modifiers(ctrl | Modifiers::SHIFT, Key::Z);
    window.run_steps(2);
    assert!((state(&window).shared.settings.sweep.dropout - 0.3).abs() < 1e-6);
    assert_eq!(said(&window).last().unwrap(), "Redid: dropout rate 0.50 → 0.30");
    settle(&mut window);
}

#[test]
fn a_drag_of_the_slider_is_one_step_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let slider = window.get_by_role_and_label(Role::Slider, "Dropout rate").rect();
    let at = |share: f32| Pos2::new(slider.left() + share * slider.width(), slider.center().y);
    for goal in [[0.55, 0.45, 0.35, 0.3], [0.3, 0.35, 0.42, 0.5]] {
        window.drag_at(at(goal[0]));
        window.step();
        for share in goal {
            window.hover_at(at(share));
            window.step();
        }
        window.drop_at(at(goal[3]));
        window.run_steps(2);
    }
    let dragged = state(&window).shared.settings.sweep.dropout;
    assert!((dragged - 0.5).abs() > 0.005, "the slider was moved: {dragged}");
    let steps = state(&window).shared.steps(10);
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(steps[1].starts_with("dropout rate 0.50 → "), "{steps:?}");
    act(&mut window, Action::Undo);
    act(&mut window, Action::Undo);
    assert!((state(&window).shared.settings.sweep.dropout - 0.5).abs() < 1e-6);
    settle(&mut window);
}

#[test]
fn the_edit_menu_lists_the_last_ten_steps_and_a_click_goes_back_that_far() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    for seed in 2..10 {
        act(&mut window, Action::Run(RunAction::SetSeed(seed)));
    }
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(4))));
    act(&mut window, Action::Gallery(GalleryAction::Shelf(Shelf::ConfidentlyWrong)));
    // The image selected by itself is the first of the shelf, whichever that is: to select it is no step.
    settle(&mut window);
    let other = if state(&window).shared.selected.primary == Some(17) { 18 } else { 17 };
    act(&mut window, Action::Gallery(GalleryAction::Select(other, Pick::Only)));
    settle(&mut window);
    assert_eq!(state(&window).shared.steps(20).len(), 11, "{:?}", state(&window).shared.steps(20));
    window.get_by_role_and_label(Role::Button, "Edit").click();
    window.run_steps(3);
    let listed = |text: &str| window.query_by_role_and_label(Role::Button, text).is_some();
    assert!(listed("all digits → digit 4") && listed("shelf “Confidently wrong”"));
    assert!(listed("seed 8 → 9") && listed("seed 2 → 3"));
    assert!(!listed("seed 1 → 2"), "eleven steps, of which ten are listed");
    window.get_by_role_and_label(Role::Button, "all digits → digit 4").click();
    window.run_steps(3);
    let shared = &state(&window).shared;
    assert_eq!((shared.settings.digit, shared.settings.filter), (None, Filter::All));
    assert_eq!(shared.settings.sweep.seed, 9);
    assert!(said(&window).last().unwrap().starts_with("Undid 3 steps"), "{:?}", said(&window));
    settle(&mut window);
}

#[test]
fn draw_keeps_its_own_way_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Run(RunAction::SetSeed(5)));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Draw)));
    window.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::Z);
    window.run_steps(2);
    assert_eq!(state(&window).shared.settings.sweep.seed, 5);
    settle(&mut window);
}

#[test]
fn an_image_is_gone_to_by_its_number_whatever_hides_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    let hidden = labels.iter().position(|label| *label != 3).unwrap() as u32;
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(3))));
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Quality)));
    settle(&mut window);
    window.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::P);
    window.run_steps(3);
    typed(&mut window, &format!("#{hidden}"));
    window.key_press(Key::Enter);
    window.run_steps(3);
    settle(&mut window);
    let shared = &state(&window).shared;
    assert_eq!((shared.selected.primary, shared.settings.tab), (Some(hidden), Tab::Gallery));
    assert_eq!(shared.settings.digit, None);
    assert!(said(&window).iter().any(|text| text.contains("outside the filter")), "{:?}", said(&window));
    window.get_by_label(&format!("Image {hidden}"));
    // Its card is in view, among all of a ranking.
    window.run_steps(6);
    let name = format!("Image {hidden}, ");
    let card = window
        .get_all_by_role(Role::Button)
        .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(&name)))
        .expect("the card is drawn")
        .rect();
    assert!(card.top() > 60.0 && card.bottom() < 790.0, "{card:?}");
    act(&mut window, Action::Undo);
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.digit, Some(3), "one step back");
}

#[test]
fn a_number_without_an_image_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let before = state(&window).shared.selected.clone();
    window.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::G);
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::Palette);
    typed(&mut window, "200");
    window.get_by_label("There is no image 200: the 200 images are numbered from 0 to 199.");
    window.key_press(Key::Enter);
    window.run_steps(2);
    assert_eq!(state(&window).shared.overlay, Overlay::Palette, "there is nothing to go to");
    window.key_press(Key::Escape);
    window.run_steps(2);
    act(&mut window, Action::Gallery(GalleryAction::GoTo(4_000)));
    assert!(said(&window).last().unwrap().contains("There is no image 4000"), "{:?}", said(&window));
    assert_eq!(state(&window).shared.selected, before);
}

#[test]
fn the_palette_finds_measures_in_the_help_and_the_help_finds_commands() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    window.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::P);
    window.run_steps(3);
    typed(&mut window, "mutual information");
    window.get_by_label_contains("mutual_information").click();
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::Help(Topic::Measures));
    window.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::F);
    window.run_steps(2);
    typed(&mut window, "sort by margin");
    window.get_by_label_contains("Sort by margin").click();
    window.run_steps(3);
    assert_eq!(state(&window).shared.overlay, Overlay::None);
    assert_eq!(state(&window).shared.settings.measure, Measure::Margin);
    act(&mut window, Action::Window(WindowAction::ShowHelp(Topic::Window)));
    window.run_steps(2);
    window.get_by_label("Search the help");
}

#[test]
fn a_selected_card_offers_to_take_it_out_of_the_selection() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let index = state(&window).shared.selected.primary.unwrap();
    let card = |window: &Window| {
        let name = format!("Image {index}, ");
        window
            .get_all_by_role(Role::Button)
            .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(&name)))
            .unwrap()
            .rect()
            .center()
    };
    for (offered, other) in
        [("Remove from selection", "Add to selection"), ("Add to selection", "Remove from selection")]
    {
        let at = card(&window);
        for pressed in [true, false] {
            let (button, modifiers) = (egui::PointerButton::Secondary, Modifiers::NONE);
            window.event(egui::Event::PointerMoved(at));
            window.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
            window.run_steps(2);
        }
        assert!(window.query_by_label(other).is_none());
        let selected = state(&window).shared.selected.contains(index);
        window.get_by_label(offered).click();
        window.run_steps(3);
        assert_ne!(state(&window).shared.selected.contains(index), selected);
    }
}

#[test]
fn density_is_a_switch_beside_the_colours() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    act(&mut window, Action::Window(WindowAction::ShowTab(Tab::Plane)));
    window.run_steps(2);
    window.get_by_role_and_label(Role::CheckBox, "Density").click();
    window.run_steps(2);
    assert!(state(&window).panels.plane.shaded);
    act(&mut window, Action::Plane(PlaneAction::Shade(false)));
    assert!(!state(&window).panels.plane.shaded);
}

#[test]
fn the_file_menu_ends_with_quit() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    window.get_by_role_and_label(Role::Button, "File").click();
    window.run_steps(3);
    let quit = window.get_by_label_contains("Quit").rect().top();
    for other in ["Open model…", "Save model…", "Export grid as picture…", "Use synthetic digits"] {
        assert!(window.get_by_label_contains(other).rect().top() < quit, "{other}");
    }
}

#[test]
fn an_image_in_a_half_that_is_shown_leaves_the_halves_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(&folder);
    let order = state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.clone();
    act(&mut window, Action::Gallery(GalleryAction::GoTo(order[IMAGES - 1])));
    settle(&mut window);
    assert_eq!(state(&window).shared.settings.arrangement, Arrangement::Halves);
    act(&mut window, Action::Gallery(GalleryAction::GoTo(order[IMAGES / 2])));
    wait_until(&mut window, "the image", |state| state.shared.selected.primary == Some(order[IMAGES / 2]));
    assert_eq!(state(&window).shared.settings.arrangement, Arrangement::Ranking);
    settle(&mut window);
}
