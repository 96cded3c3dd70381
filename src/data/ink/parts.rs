//! Connected ink → digits.

use super::{BOX_SIDE, PixelBox, Plane};

/// Parts with less ink than this share of the greatest one are specks.
const SPECK: f32 = 0.015;
/// Shares of the greatest digit's size and ink that another digit has at least; smaller things are not digits.
const LEAST_SIZE: f32 = 0.35;
const LEAST_INK: f32 = 0.08;
/// The longer side of a digit, as a share of the picture's, below which everything is a speck.
const LEAST_SIDE: f32 = 0.02;
/// A fragment belongs to a digit that is no farther away than this share of the digit's longer side.
const NEAR: f32 = 0.15;
/// A part higher than this share of another is no fragment of it when it stands beside it.
const FRAGMENT: f32 = 0.6;
/// Parts of which the narrower lies this much above or below the other are one over the other.
const STACKED: f32 = 0.3;
/// How much steeper edges of a large digit are made. MNIST's scans were black and white, so that its grey levels tell
/// how much of a pixel the line covered, not how blurred the picture was.
const MOST_GAIN: f32 = 4.0;
/// Values up to which a pixel does not count as part of the box of a digit, large or of about its final size.
const EDGE: f32 = 0.25;
const FINE_EDGE: f32 = 0.1;
/// Parts that are looked at, those with the most ink first; grouping compares all pairs.
const MOST_PARTS: usize = 64;

/// A digit cut out of its picture.
pub(super) struct CutOut {
    /// Where it lies in the picture.
    pub(super) bounds: PixelBox,
    /// Its ink, in pixels.
    pub(super) ink: f32,
    /// Its ink alone.
    pub(super) plane: Plane,
    /// Below this is noise or the outer half of an edge.
    pub(super) floor: f32,
}

/// A connected part.
struct Part {
    bounds: PixelBox,
    ink: f32,
    pixels: Vec<u32>,
}

/// Digits among ink above `threshold`, `noise` being the background's standard deviation.
///
/// A part reaches down to half the threshold (but not into the noise) around pixels above it, so that thin and faint
/// joints hold.
pub(super) fn find_digits(ink: &Plane, threshold: f32, noise: f32) -> Vec<CutOut> {
    let reach = (threshold / 2.0).max(4.0 * noise).min(threshold);
    let mut parts = connected(ink, threshold, reach);
    parts.sort_by(|a, b| b.ink.total_cmp(&a.ink));
    parts.truncate(MOST_PARTS);
    let Some(most) = parts.first().map(|part| part.ink) else { return Vec::new() };
    parts.retain(|part| part.ink >= SPECK * most);
    let mut digits = grouped(parts);
    // A dark edge of the table is not the digit, if something else could be.
    let inside: Vec<bool> = digits.iter().map(|digit| !touches_edge(ink, digit.bounds)).collect();
    let inner = digits.iter().zip(&inside).filter(|(_, inside)| **inside).map(|(digit, _)| digit.ink);
    if inner.fold(0.0, f32::max) >= LEAST_INK * most {
        let mut keep = inside.iter();
        digits.retain(|_| keep.next().copied().unwrap_or(true));
    }
    digits.sort_by(|a, b| b.ink.total_cmp(&a.ink));
    let side = digits.iter().map(|digit| digit.bounds.longest()).max().unwrap_or(0) as f32;
    let most = digits.first().map_or(0.0, |digit| digit.ink);
    let least = (LEAST_SIDE * ink.width.max(ink.height) as f32).max(2.0);
    digits
        .into_iter()
        .filter(|digit| {
            let longest = digit.bounds.longest() as f32;
            longest >= least && longest >= LEAST_SIZE * side && digit.ink >= LEAST_INK * most
        })
        .map(|digit| cut_out(ink, &digit, threshold, noise))
        .collect()
}

/// Sorts things into lines from top to bottom, and each line from left to right.
pub(super) fn reading_order<T>(things: &mut Vec<T>, bounds: impl Fn(&T) -> PixelBox) {
    things.sort_by_key(|thing| bounds(thing).top + bounds(thing).bottom);
    let mut lines: Vec<Vec<T>> = Vec::new();
    for thing in things.drain(..) {
        let here = bounds(&thing);
        let last = lines.last_mut().filter(|line| {
            line.first().is_some_and(|first| usize::midpoint(here.top, here.bottom) < bounds(first).bottom)
        });
        match last {
            Some(line) => line.push(thing),
            None => lines.push(vec![thing]),
        }
    }
    for mut line in lines {
        line.sort_by_key(|thing| bounds(thing).left);
        things.append(&mut line);
    }
}

/// Whether a box reaches the picture's edge.
fn touches_edge(ink: &Plane, bounds: PixelBox) -> bool {
    bounds.left == 0 || bounds.top == 0 || bounds.right == ink.width || bounds.bottom == ink.height
}

/// Parts above `reach`, connected through sides and corners, that hold a pixel above `threshold`.
fn connected(ink: &Plane, threshold: f32, reach: f32) -> Vec<Part> {
    let mut seen = vec![false; ink.values.len()];
    let mut parts = Vec::new();
    for seed in 0..ink.values.len() {
        if seen[seed] || ink.values[seed] <= threshold {
            continue;
        }
        seen[seed] = true;
        let mut pixels = vec![seed as u32];
        let (x, y) = (seed % ink.width, seed / ink.width);
        let mut part = Part {
            bounds: PixelBox { left: x, top: y, right: x + 1, bottom: y + 1 },
            ink: 0.0,
            pixels: Vec::new(),
        };
        let mut next = 0;
        while let Some(&at) = pixels.get(next) {
            next += 1;
            let (x, y) = (at as usize % ink.width, at as usize / ink.width);
            part.ink += ink.values[at as usize];
            part.bounds = part.bounds.union(PixelBox { left: x, top: y, right: x + 1, bottom: y + 1 });
            for row in y.saturating_sub(1)..(y + 2).min(ink.height) {
                for column in x.saturating_sub(1)..(x + 2).min(ink.width) {
                    let neighbour = row * ink.width + column;
                    if !seen[neighbour] && ink.values[neighbour] > reach {
                        seen[neighbour] = true;
                        pixels.push(neighbour as u32);
                    }
                }
            }
        }
        part.pixels = pixels;
        parts.push(part);
    }
    parts
}

/// Parts of one digit put together: the bar of a 5, the two strokes of a 4, a line where the pen skipped.
fn grouped(mut digits: Vec<Part>) -> Vec<Part> {
    // A digit grows as pieces join it, so look again until nothing joins. Each time one fewer is left.
    while let Some((main, piece)) = first_pair(&digits) {
        let piece = digits.remove(piece);
        let digit = &mut digits[main];
        digit.bounds = digit.bounds.union(piece.bounds);
        digit.ink += piece.ink;
        digit.pixels.extend(piece.pixels);
    }
    digits
}

/// Two parts of one digit, the one with more ink first.
fn first_pair(digits: &[Part]) -> Option<(usize, usize)> {
    (0..digits.len()).find_map(|main| {
        let piece = (main + 1..digits.len())
            .find(|&piece| belong_together(digits[main].bounds, digits[piece].bounds))?;
        Some((main, piece))
    })
}

/// Whether a part is a piece of one with more ink: near it, and either above or below it, or beside it and clearly
/// lower. Two digits side by side are neither.
fn belong_together(main: PixelBox, part: PixelBox) -> bool {
    let overlap = |a: (usize, usize), b: (usize, usize)| a.1.min(b.1) as f32 - a.0.max(b.0) as f32;
    let across = overlap((main.left, main.right), (part.left, part.right));
    let down = overlap((main.top, main.bottom), (part.top, part.bottom));
    let near = NEAR * main.longest().max(part.longest()) as f32;
    if -across > near || -down > near {
        return false;
    }
    let stacked = across >= STACKED * main.width().min(part.width()) as f32;
    let lower = (part.height() as f32) < FRAGMENT * main.height() as f32;
    stacked || lower
}

/// The ink of one digit alone, with the soft edge around it.
fn cut_out(ink: &Plane, digit: &Part, threshold: f32, noise: f32) -> CutOut {
    let enlarged = digit.bounds.longest() as f32 / BOX_SIDE as f32;
    let gain = enlarged.clamp(1.0, MOST_GAIN);
    let margin = (digit.bounds.longest() / 50).max(1);
    let frame = PixelBox {
        left: digit.bounds.left.saturating_sub(margin),
        top: digit.bounds.top.saturating_sub(margin),
        right: (digit.bounds.right + margin).min(ink.width),
        bottom: (digit.bounds.bottom + margin).min(ink.height),
    };
    let mut own = vec![false; frame.width() * frame.height()];
    for &at in &digit.pixels {
        let (x, y) = (at as usize % ink.width - frame.left, at as usize / ink.width - frame.top);
        own[y * frame.width() + x] = true;
    }
    let around = widened(&own, frame.width(), margin);
    let mut plane = Plane::blank(frame.width(), frame.height());
    for (index, value) in plane.values.iter_mut().enumerate() {
        if around[index] {
            let (x, y) = (index % frame.width() + frame.left, index / frame.width() + frame.top);
            let seen = ink.values[y * ink.width + x];
            *value = (threshold + (seen - threshold) * gain).clamp(0.0, 1.0);
        }
    }
    // A digit of about its final size keeps its faintest edge; a larger one ends where its line does.
    let edge = if enlarged < 2.0 { FINE_EDGE } else { EDGE };
    CutOut { bounds: digit.bounds, ink: digit.ink, plane, floor: edge.max(3.0 * noise).min(0.9) }
}

/// A mask grown by `margin` pixels to all sides.
fn widened(mask: &[bool], width: usize, margin: usize) -> Vec<bool> {
    let grow = |mask: &[bool], stride: usize, limit: &dyn Fn(usize) -> (usize, usize)| -> Vec<bool> {
        let mut grown = mask.to_vec();
        for (index, _) in mask.iter().enumerate().filter(|(_, set)| **set) {
            let (before, after) = limit(index);
            for step in 1..=margin.min(before) {
                grown[index - step * stride] = true;
            }
            for step in 1..=margin.min(after) {
                grown[index + step * stride] = true;
            }
        }
        grown
    };
    let height = mask.len() / width.max(1);
    let across = grow(mask, 1, &|index| (index % width, width - 1 - index % width));
    grow(&across, width, &|index| (index / width, height - 1 - index / width))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plane with filled boxes (left, top, right, bottom).
    fn boxes(width: usize, height: usize, boxes: &[(usize, usize, usize, usize)]) -> Plane {
        let mut plane = Plane::blank(width, height);
        for &(left, top, right, bottom) in boxes {
            for y in top..bottom {
                plane.values[y * width + left..y * width + right].fill(1.0);
            }
        }
        plane
    }

    fn corners(plane: &Plane) -> Vec<(usize, usize)> {
        let mut digits = find_digits(plane, 0.5, 0.0);
        reading_order(&mut digits, |digit| digit.bounds);
        digits.iter().map(|digit| (digit.bounds.left, digit.bounds.top)).collect()
    }

    #[test]
    fn digits_side_by_side_are_apart_and_read_from_left_to_right() {
        let plane = boxes(200, 100, &[(120, 22, 150, 80), (20, 20, 50, 82), (80, 18, 90, 78)]);
        assert_eq!(corners(&plane), [(20, 20), (80, 18), (120, 22)]);
    }

    #[test]
    fn lines_are_read_from_top_to_bottom() {
        let plane =
            boxes(120, 220, &[(70, 20, 100, 80), (20, 25, 50, 85), (20, 140, 50, 200), (70, 138, 100, 199)]);
        assert_eq!(corners(&plane), [(20, 25), (70, 20), (20, 140), (70, 138)]);
    }

    #[test]
    fn a_bar_above_its_belly_is_one_digit() {
        let plane = boxes(100, 100, &[(30, 40, 70, 80), (34, 28, 74, 34)]);
        let digits = find_digits(&plane, 0.5, 0.0);
        assert_eq!(digits.len(), 1);
        assert_eq!(digits[0].bounds, PixelBox { left: 30, top: 28, right: 74, bottom: 80 });
    }

    #[test]
    fn specks_and_the_edge_of_the_table_are_no_digits() {
        let plane = boxes(200, 200, &[(0, 0, 200, 12), (80, 60, 110, 130), (20, 150, 23, 153)]);
        assert_eq!(corners(&plane), [(80, 60)]);
    }

    #[test]
    fn a_digit_that_alone_touches_the_edge_is_still_read() {
        let plane = boxes(60, 60, &[(20, 0, 40, 60)]);
        assert_eq!(corners(&plane), [(20, 0)]);
    }
}
