//! Every text of the window stands out from what is behind it: a contrast of at least 4.5 by the formula of WCAG 2.2,
//! taken from the shapes of whole frames, in both themes.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use std::collections::BTreeMap;

use crate::common::screens::{SCREENS, leave, prepared};
use crate::common::{Window, act};
use dubito::gui::action::{Action, WindowAction};
use dubito::gui::settings::ThemeChoice;
use egui::epaint::{ClippedShape, Shape, TextShape};
use egui::{Color32, Pos2, Rect, Rgba, TextureId};
use egui_kittest::kittest::NodeT as _;

/// Relative luminance and contrast of WCAG 2.
fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let colour = Rgba::from(colour);
        0.2126 * colour.r() + 0.7152 * colour.g() + 0.0722 * colour.b()
    };
    let (x, y) = (luminance(a), luminance(b));
    (x.max(y) + 0.05) / (x.min(y) + 0.05)
}

#[test]
fn contrasts_are_those_of_the_formula() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-4);
    // #767676 is the lightest grey that reaches 4.5 on white, #777777 the first that does not.
    assert!(contrast(Color32::from_gray(0x76), Color32::WHITE) > 4.54);
    assert!(contrast(Color32::from_gray(0x77), Color32::WHITE) < 4.48);
}

/// What has been painted so far.
enum Painted {
    /// A colour within a rectangle.
    Fill(Rect, Color32),
    /// A picture, whose colours are not known here.
    Picture(Rect),
}

/// Puts a colour over another as the window does: premultiplied, in gamma space.
fn over(top: Color32, under: Color32) -> Color32 {
    under.blend(top)
}

/// The colour behind a point, unless it is a picture's.
fn behind(painted: &[Painted], point: Pos2) -> Option<Color32> {
    let mut colour = Some(Color32::BLACK);
    for shape in painted {
        match shape {
            Painted::Fill(rect, fill) if rect.contains(point) => {
                colour = if fill.a() == 255 { Some(*fill) } else { colour.map(|under| over(*fill, under)) };
            }
            Painted::Picture(rect) if rect.contains(point) => colour = None,
            _ => (),
        }
    }
    colour
}

/// The letters of a text within its clip: where each is and in which colour.
fn letters(text: &TextShape, clip: Rect) -> Vec<(Pos2, Color32)> {
    let mut found = Vec::new();
    for row in &text.galley.rows {
        let visuals = &row.row.visuals;
        for quad in visuals.mesh.vertices[visuals.glyph_vertex_range.clone()].chunks_exact(4) {
            let middle = quad[0].pos + 0.5 * (quad[3].pos - quad[0].pos);
            let at = text.pos + row.pos.to_vec2() + middle.to_vec2();
            let mut colour = text.override_text_color.unwrap_or(quad[0].color);
            if colour == Color32::PLACEHOLDER {
                colour = text.fallback_color;
            }
            if clip.contains(at) && text.angle == 0.0 {
                found.push((at, colour.gamma_multiply(text.opacity_factor)));
            }
        }
    }
    found
}

/// The fills that a text brings along, as code in a sentence does.
fn backgrounds(text: &TextShape, clip: Rect) -> Vec<Painted> {
    let mut found = Vec::new();
    for row in &text.galley.rows {
        let visuals = &row.row.visuals;
        for quad in visuals.mesh.vertices[..visuals.glyph_vertex_range.start].chunks_exact(4) {
            let corners = quad.iter().map(|vertex| text.pos + row.pos.to_vec2() + vertex.pos.to_vec2());
            let rect = Rect::from_points(&corners.collect::<Vec<_>>()).intersect(clip);
            found.push(Painted::Fill(rect, quad[0].color));
        }
    }
    found
}

/// Walks a frame's shapes in the order they are painted in.
fn walk(shapes: &[ClippedShape], mut each: impl FnMut(&Shape, Rect)) {
    fn one(shape: &Shape, clip: Rect, each: &mut dyn FnMut(&Shape, Rect)) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| one(shape, clip, each)),
            shape => each(shape, clip),
        }
    }
    for clipped in shapes {
        one(&clipped.shape, clipped.clip_rect, &mut each);
    }
}

/// Every text with a letter that is hard to read, and the lowest contrast found in it; beside it, how many letters were
/// looked at.
fn faint(window: &Window) -> (BTreeMap<String, (f32, Color32, Color32)>, usize) {
    // What cannot be used at the moment is drawn faint on purpose.
    let disabled: Vec<Rect> = window
        .root()
        .children_recursive()
        .filter(|node| node.accesskit_node().is_disabled())
        .map(|node| node.rect().expand(1.0))
        .collect();
    let mut painted = Vec::new();
    let (mut found, mut seen) = (BTreeMap::new(), 0);
    walk(&window.output().shapes, |shape, clip| match shape {
        Shape::Rect(rect) if rect.brush.is_some() => {
            painted.push(Painted::Picture(rect.rect.intersect(clip)));
        }
        Shape::Rect(rect) if rect.fill.a() > 0 => {
            painted.push(Painted::Fill(rect.rect.intersect(clip), rect.fill));
        }
        Shape::Mesh(mesh) if mesh.texture_id != TextureId::default() => {
            painted.push(Painted::Picture(mesh.calc_bounds().intersect(clip)));
        }
        Shape::Text(text) => {
            painted.extend(backgrounds(text, clip));
            for (at, colour) in letters(text, clip) {
                if disabled.iter().any(|rect| rect.contains(at)) {
                    continue;
                }
                let Some(under) = behind(&painted, at) else { continue };
                seen += 1;
                let ratio = contrast(over(colour, under), under);
                if ratio < 4.5 {
                    let lowest = found.entry(text.galley.text().to_owned()).or_insert((ratio, colour, under));
                    if ratio < lowest.0 {
                        *lowest = (ratio, colour, under);
                    }
                }
            }
        }
        _ => (),
    });
    (found, seen)
}

#[test]
fn every_text_of_every_view_has_a_contrast_of_at_least_four_and_a_half() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = prepared(folder.path(), [1280.0, 800.0]);
    let mut failures = Vec::new();
    for theme in [ThemeChoice::Dark, ThemeChoice::Light] {
        act(&mut window, Action::Window(WindowAction::SetTheme(theme)));
        for screen in SCREENS {
            screen.show(&mut window);
            let (found, seen) = faint(&window);
            assert!(seen > 200, "only {seen} letters in {}", screen.name);
            for (text, (ratio, colour, under)) in found {
                failures.push(format!(
                    "{theme:?}, {}: {text:?} has {ratio:.2} ({colour:?} on {under:?})",
                    screen.name
                ));
            }
            leave(&mut window);
        }
    }
    assert!(failures.is_empty(), "{} texts are too faint:\n{}", failures.len(), failures.join("\n"));
}
