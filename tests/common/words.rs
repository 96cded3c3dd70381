//! What a window says: every text that a frame paints, in its views and in its charts, whether or not it is a widget.
//!
//! Pictures are compared with room for another processor's rounding and another driver's edges, room in which a label
//! could be lost. Its text cannot: it is compared word for word, with every number written as `#`.

#![allow(clippy::unwrap_used, unreachable_pub, reason = "all of it is test code")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use egui::Rect;
use egui::epaint::{ClippedShape, Shape, TextShape};

/// A text and where it stands, in points.
#[derive(Clone, Debug)]
pub struct Said {
    pub text: String,
    pub place: Rect,
}

/// What the shapes of a frame say, as far as it can be seen: not clipped away, not transparent, on the screen.
pub fn said(shapes: &[ClippedShape], screen: Rect) -> Vec<Said> {
    let mut said = Vec::new();
    for ClippedShape { clip_rect, shape, .. } in shapes {
        each_text(shape, &mut |text| {
            let within = |place: Rect| place.intersect(*clip_rect).intersect(screen);
            // By its line: of a line that is cut, a dash in the middle would be there or not by a hair.
            let line = within(Rect::from_min_size(text.pos, text.galley.size()));
            let ink = within(text.visual_bounding_rect());
            let seen = if ink.is_positive() { ink } else { line };
            let written = text.galley.text().trim();
            if text.opacity_factor > 0.0 && seen.is_positive() && !written.is_empty() {
                said.push(Said { text: written.to_owned(), place: seen });
            }
        });
    }
    said
}

fn each_text(shape: &Shape, found: &mut impl FnMut(&TextShape)) {
    match shape {
        Shape::Text(text) => found(text),
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| each_text(shape, found)),
        _ => {}
    }
}

/// A text with each of its numbers, sign and all, as `#`: a number may be rounded elsewhere, a word may not.
pub fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let starts = c.is_ascii_digit()
            || (matches!(c, '-' | '−' | '+') && chars.peek().is_some_and(char::is_ascii_digit));
        if starts {
            out.push('#');
            let mut rest = chars.clone();
            loop {
                match (rest.next(), rest.peek()) {
                    (Some(c), _) if c.is_ascii_digit() => {}
                    // A point or a comma inside the number.
                    (Some('.' | ','), Some(next)) if next.is_ascii_digit() => {}
                    _ => break,
                }
                chars.next();
            }
        } else {
            out.push(if c == '\n' { '⏎' } else { c });
        }
    }
    out
}

/// What is said, as it is kept in a file: one text in a line, sorted, as often as it stands there.
pub fn kept(said: &[Said]) -> String {
    let mut lines: Vec<_> = said.iter().map(|said| without_numbers(&said.text)).collect();
    lines.sort();
    lines.iter().fold(String::new(), |mut kept, line| {
        writeln!(kept, "{line}").unwrap();
        kept
    })
}

/// What one file says more often than another, a line each: `− text` is lost, `+ text` is new.
pub fn differences(before: &str, now: &str) -> Vec<String> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for line in before.lines() {
        *counts.entry(line).or_default() -= 1;
    }
    for line in now.lines() {
        *counts.entry(line).or_default() += 1;
    }
    let differing = counts.into_iter().filter(|(_, count)| *count != 0);
    differing
        .map(|(line, count)| {
            let times = if count.abs() > 1 { format!(" ({} times)", count.abs()) } else { String::new() };
            format!("{} {line}{times}", if count < 0 { '−' } else { '+' })
        })
        .collect()
}
