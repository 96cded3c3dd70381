//! Every control of the window, visited with the Tab key in every view, at three sizes and in both themes: it has a name
//! and a tooltip, it is all there, it covers no other, and its text is not cut.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::collections::{BTreeSet, HashSet};

use crate::common::screens::{SCREENS, leave, prepared};
use crate::common::{Window, act, settle};
use dubito::gui::action::{Action, WindowAction};
use dubito::gui::settings::ThemeChoice;
use egui::accesskit::Role;
use egui::epaint::Shape;
use egui::{Id, Key, LayerId, Order, Rect};
use egui_kittest::kittest::NodeT as _;

/// Sliders narrower than this are levers.
const LEVER: f32 = 20.0;
/// More stops than any view has: the focus does not come round.
const MOST: usize = 1_500;

/// A control that the Tab key stops at.
struct Stop {
    id: Id,
    name: String,
    role: Role,
    /// Whether it has a description or a tooltip.
    explained: bool,
    rect: Rect,
    /// The part of it that can be seen.
    seen: Rect,
    layer: LayerId,
}

/// The control with the focus.
fn focused(window: &Window) -> Option<Stop> {
    let id = window.ctx.memory(egui::Memory::focused)?;
    let response = window.ctx.read_response(id)?;
    let node = window.root().children_recursive().find(|node| node.accesskit_node().is_focused())?;
    let node = node.accesskit_node();
    Some(Stop {
        id,
        name: node.label().or(node.value()).unwrap_or_default(),
        role: node.role(),
        explained: node.description().is_some_and(|text| !text.trim().is_empty()),
        rect: response.rect,
        seen: response.interact_rect,
        layer: response.layer_id,
    })
}

/// Presses Tab until the focus comes round.
fn stops(window: &mut Window) -> Vec<Stop> {
    window.ctx.memory_mut(egui::Memory::stop_text_input);
    let mut seen = HashSet::new();
    let mut found: Vec<Stop> = Vec::new();
    for press in 0..MOST {
        if press > 20 && found.is_empty() {
            return found;
        }
        window.key_press(Key::Tab);
        // What is scrolled to comes into sight.
        window.run_steps(1);
        let Some(mut stop) = focused(window) else { continue };
        if !seen.insert(stop.id) {
            return found;
        }
        if is_clipped(&stop, window.ctx.content_rect()) {
            // Scrolling there takes some frames.
            window.run_steps(4);
            if focused(window).is_some_and(|now| is_clipped(&now, window.ctx.content_rect())) {
                // Numbers that arrived in the meantime may have moved it on: back, and there again.
                settle(window);
                window.key_press_modifiers(egui::Modifiers::SHIFT, Key::Tab);
                window.run_steps(5);
                window.key_press(Key::Tab);
                window.run_steps(5);
            }
            let Some(now) = focused(window).filter(|now| now.id == stop.id) else { continue };
            stop = now;
        }
        // The edge between two panels explains itself, and takes no words.
        stop.explained = stop.explained || stop.role == Role::Splitter || has_tooltip(window, &stop);
        found.push(stop);
    }
    panic!("the focus does not come round: {:?}", found.last().map(|stop| stop.name.clone()));
}

/// Texts cut with "…", and where.
fn cut(window: &Window) -> Vec<(Rect, String)> {
    fn one(shape: &Shape, clip: Rect, found: &mut Vec<(Rect, String)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| one(shape, clip, found)),
            Shape::Text(text) if text.galley.elided => {
                let rect = text.galley.rect.translate(text.pos.to_vec2());
                if clip.intersects(rect) {
                    found.push((rect, text.galley.text().to_owned()));
                }
            }
            _ => (),
        }
    }
    let mut found = Vec::new();
    for shape in &window.output().shapes {
        one(&shape.shape, shape.clip_rect, &mut found);
    }
    found
}

/// Whether something appears beside the pointer when it rests on a control.
fn has_tooltip(window: &mut Window, stop: &Stop) -> bool {
    let Some(response) = window.ctx.read_response(stop.id) else { return false };
    window.hover_at(response.interact_rect.center());
    window.run_steps(6);
    let shown = window.ctx.memory(|memory| {
        memory.areas().visible_layer_ids().into_iter().any(|layer| layer.order == Order::Tooltip)
    });
    window.hover_at(egui::pos2(0.0, 0.0));
    window.run_steps(1);
    shown
}

/// Whether a part of a control cannot be seen, although it is small enough to be seen at once.
fn is_clipped(stop: &Stop, screen: Rect) -> bool {
    let seen = stop.seen.intersect(screen);
    let area = if seen.is_positive() { seen.area() } else { 0.0 };
    area < 0.98 * stop.rect.area() && stop.rect.height() < 0.5 * screen.height()
}

/// What is wrong with the controls of a view.
fn audit(window: &mut Window, failures: &mut BTreeSet<String>, at: &str) {
    let screen = window.ctx.content_rect();
    let found = stops(window);
    if found.is_empty() {
        failures.insert(format!("the focus stops nowhere in {at}"));
    }
    let mut before = "the first";
    for stop in &found {
        let say = |what: &str| format!("{what}: {:?} {:?} in {at}", stop.role, stop.name);
        if stop.name.trim().is_empty() {
            failures.insert(say(&format!("unnamed at {:?}, after {before:?}", stop.rect)));
        }
        before = &stop.name;
        if !stop.explained {
            failures.insert(say("no tooltip"));
        }
        if is_clipped(stop, screen) {
            failures.insert(say(&format!("clipped, {:?} of {:?} is seen", stop.seen, stop.rect)));
        }
    }
    // Where they are at one moment, whatever was scrolled to reach them.
    let now: Vec<(&Stop, Rect)> = found
        .iter()
        .filter_map(|stop| {
            Some((stop, window.ctx.read_response(stop.id)?.interact_rect))
                .filter(|(_, rect)| rect.is_positive())
        })
        .collect();
    for (place, (one, rect)) in now.iter().enumerate() {
        for (other, beside) in &now[place + 1..] {
            let common = rect.intersect(*beside);
            let nested = rect.contains_rect(*beside) || beside.contains_rect(*rect);
            // A lever is a line over its chart.
            let lever = [(one, rect), (other, beside)]
                .iter()
                .any(|(stop, rect)| stop.role == Role::Slider && rect.width() < LEVER);
            if one.layer == other.layer && !lever && !nested && common.width() > 1.0 && common.height() > 1.0
            {
                failures.insert(format!("overlap: {:?} and {:?} in {at}", one.name, other.name));
            }
        }
    }
    for (rect, text) in cut(window) {
        if let Some((stop, _)) = now.iter().find(|(_, seen)| seen.expand(1.0).contains_rect(rect)) {
            failures.insert(format!("cut: {text:?} of {:?} in {at}", stop.name));
        }
    }
}

fn audit_at(size: [f32; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let mut window = prepared(folder.path(), size);
    let mut failures = BTreeSet::new();
    for theme in [ThemeChoice::Dark, ThemeChoice::Light] {
        act(&mut window, Action::Window(WindowAction::SetTheme(theme)));
        for screen in SCREENS {
            screen.show(&mut window);
            audit(&mut window, &mut failures, &format!("{}, {theme:?}", screen.name));
            leave(&mut window);
        }
    }
    let failures: Vec<String> = failures.into_iter().collect();
    assert!(failures.is_empty(), "at {size:?}, {}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_control_is_whole_named_and_explained_in_a_small_window() {
    audit_at([1_000.0, 650.0]);
}

#[test]
fn every_control_is_whole_named_and_explained_in_a_usual_window() {
    audit_at([1_280.0, 800.0]);
}

#[test]
fn every_control_is_whole_named_and_explained_on_a_large_screen() {
    audit_at([3_840.0, 2_160.0]);
}
