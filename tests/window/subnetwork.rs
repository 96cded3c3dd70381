//! One sub-network at a time: the gallery labelled by one pass, and where it dissents.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use crate::common::{Window, act, settle, state, wait_until, window};
use dubito::data::Class;
use dubito::gui::action::{Action, GalleryAction, RunAction, SubnetworkAction};
use dubito::gui::settings::{Arrangement, Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::shown::subnetwork::SubnetworkView;
use egui::Key;
use egui_kittest::kittest::Queryable as _;

/// The window, and the folder it may read again.
fn ready(passes: usize) -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    crate::common::write_digits(folder.path(), 500);
    let sweep = SweepConfig { passes, ..SweepConfig::default() };
    let settings = Settings { sweep, arrangement: Arrangement::Ranking, ..Settings::default() };
    let mut window = window(folder.path(), settings);
    settle(&mut window);
    (window, folder)
}

fn show(window: &mut Window, pass: usize) -> SubnetworkView {
    act(window, Action::Subnetwork(SubnetworkAction::Show(Some(pass))));
    there(window, pass)
}

/// Waits for what this sub-network says.
fn there(window: &mut Window, pass: usize) -> SubnetworkView {
    wait_until(window, "the sub-network", |state| {
        state.shared.jobs.is_empty()
            && state.panels.subnetwork.view.as_ref().is_some_and(|view| view.pass == pass)
    });
    window.run_steps(3);
    SubnetworkView::clone(state(window).panels.subnetwork.view.as_ref().unwrap())
}

/// What pass `pass` says of an image, from the samples themselves.
fn vote(window: &Window, index: u32, pass: usize) -> Class {
    let samples = state(window).shared.run.samples.clone().unwrap();
    let probabilities = samples.image(index as usize).swap_remove(pass);
    (0..10).fold(0, |best: u16, class: Class| {
        if probabilities[usize::from(class)] > probabilities[usize::from(best)] { class } else { best }
    })
}

#[test]
fn relabelled_filtered_and_selected_the_card_is_the_image_it_says_it_is() {
    let (mut window, _folder) = ready(20);
    let view = show(&mut window, 7);
    let labels = state(&window).shared.dataset.as_ref().unwrap().digits.labels().to_vec();
    let right = (0..labels.len()).filter(|index| view.votes[*index] == labels[*index]).count();
    assert_eq!(view.right, right);
    assert!(!view.dissent.is_empty(), "no dissent: the test tests nothing");
    let text = format!("dissents from the mean on {} of", view.dissent.len());
    window.get_by_label_contains(&text);

    window.get_by_label("Only where it dissents").click();
    window.run_steps(2);
    settle(&mut window);
    let only = state(&window).shared.limits.only.clone().unwrap();
    assert_eq!(only.indices, view.dissent, "by dataset index");
    assert!(only.name.contains("sub-network #8 dissents"), "{}", only.name);
    // Filtered by digit as well, places in the list are no longer dataset indices.
    let digit = labels[view.dissent[view.dissent.len() / 2] as usize];
    act(&mut window, Action::Gallery(GalleryAction::SetDigit(Some(digit))));
    settle(&mut window);
    let gallery = state(&window).shared.run.gallery.clone().unwrap();
    let order = gallery.ranked.order.clone();
    assert!(!order.is_empty() && order.iter().all(|index| labels[*index as usize] == digit));
    for index in order.iter().copied().take(5) {
        let mean = gallery.measures[index as usize].prediction();
        let says = vote(&window, index, 7);
        assert_ne!(mean, says);
        let name = format!("Image {index}, label {digit}, sub-network says {says}, the mean {mean}");
        window.get_by_label(&name).click();
        window.run_steps(2);
        settle(&mut window);
        assert_eq!(state(&window).shared.selected.primary, Some(index));
        window.get_by_label(&format!("Image {index}, enlarged"));
    }
}

#[test]
fn keys_step_round_and_the_limit_follows_the_pass() {
    let (mut window, _folder) = ready(12);
    window.key_press(Key::OpenBracket);
    window.run_steps(1);
    assert_eq!(there(&mut window, 11).pass, 11, "back from the start is the last");
    window.key_press(Key::CloseBracket);
    window.run_steps(1);
    assert_eq!(there(&mut window, 0).pass, 0);
    act(&mut window, Action::Subnetwork(SubnetworkAction::OnlyDissent));
    settle(&mut window);
    window.key_press(Key::CloseBracket);
    window.run_steps(1);
    let view = there(&mut window, 1);
    settle(&mut window);
    let only = state(&window).shared.limits.only.clone().unwrap();
    assert_eq!(only.indices, view.dissent);
    assert!(only.name.contains("#2 "), "{}", only.name);
    window.get_by_label("Back to all passes").click();
    window.run_steps(2);
    settle(&mut window);
    assert!(state(&window).shared.limits.only.is_none() && state(&window).panels.subnetwork.pass.is_none());
    assert!(window.query_by_label("Back to all passes").is_none());
    let all = state(&window).shared.dataset.as_ref().unwrap().digits.len();
    assert_eq!(state(&window).shared.run.gallery.as_ref().unwrap().ranked.order.len(), all);
}

#[test]
fn other_passes_rates_and_seeds_keep_the_number_while_there_is_one() {
    let (mut window, _folder) = ready(20);
    let before = show(&mut window, 7);
    act(&mut window, Action::Run(RunAction::SetSeed(99)));
    settle(&mut window);
    let after = there(&mut window, 7);
    assert_eq!((after.sampled.seed, after.pass), (99, 7));
    assert_ne!(after.votes, before.votes);
    act(&mut window, Action::Run(RunAction::SetPasses(10)));
    settle(&mut window);
    let view = there(&mut window, 7);
    assert_eq!((view.sampled.passes, &view.votes), (10, &after.votes), "the same network, another mean");
    act(&mut window, Action::Run(RunAction::SetPasses(5)));
    settle(&mut window);
    assert_eq!(state(&window).panels.subnetwork.pass, None);
    let said =
        state(&window).shared.notices.list().iter().any(|notice| notice.text.contains("sub-network #8"));
    assert!(said, "leaving is said");
}

#[test]
fn without_dropout_and_with_one_pass_there_is_nothing_to_dissent_from() {
    let (mut window, _folder) = ready(6);
    show(&mut window, 0);
    act(&mut window, Action::Run(RunAction::SetDropout(0.0)));
    settle(&mut window);
    wait_until(&mut window, "the network without dropout", |state| {
        state.panels.subnetwork.view.as_ref().is_some_and(|view| view.sampled.dropout <= 0.0)
    });
    window.run_steps(2);
    window.get_by_label("Without dropout all sub-networks are one.");
    act(&mut window, Action::Run(RunAction::SetDropout(0.5)));
    act(&mut window, Action::Run(RunAction::SetPasses(1)));
    settle(&mut window);
    window.run_steps(2);
    window.get_by_label_contains("the mean is this sub-network");
}

#[test]
fn a_voter_in_the_inspector_leads_to_its_sub_network() {
    let (mut window, _folder) = ready(20);
    let primary = state(&window).shared.selected.primary.unwrap();
    let prediction = state(&window).panels.inspector.view.as_ref().unwrap().measures.prediction();
    let voter = (0..20).find(|pass| vote(&window, primary, *pass) == prediction).unwrap();
    let name = format!("Sub-network #{}", voter + 1);
    window.get_by_label(&name).scroll_to_me();
    window.run_steps(4);
    window.get_by_label(&name).click();
    window.run_steps(2);
    let view = there(&mut window, voter);
    assert_eq!(state(&window).shared.settings.tab, Tab::Gallery);
    assert_eq!(view.votes[primary as usize], prediction);
}

#[test]
fn passes_play_by_themselves_until_paused_and_idle_means_idle() {
    let (mut window, _folder) = ready(8);
    act(&mut window, Action::Subnetwork(SubnetworkAction::Play(true)));
    wait_until(&mut window, "the third pass", |state| state.panels.subnetwork.pass == Some(2));
    window.get_by_label("Pause the sub-networks").click();
    window.run_steps(2);
    settle(&mut window);
    let pass = state(&window).panels.subnetwork.pass;
    assert!(pass.is_some() && !state(&window).panels.subnetwork.playing);
    window.run_steps(40);
    assert_eq!(state(&window).panels.subnetwork.pass, pass);
}
