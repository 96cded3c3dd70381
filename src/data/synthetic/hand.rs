//! A hand that never writes a digit twice the same way.

use rand::Rng;

use super::templates::{DIGITS, Family, Node};
use crate::data::ink::{PenPoint, Trace};

/// Points drawn between two neighbouring nodes of a template.
const SMOOTHNESS: usize = 6;

/// Mean width of each digit relative to its templates, mean slant, and mean line width relative to that of all digits,
/// so that averages agree with MNIST's training images.
const WIDTH: [f32; 10] = [1.04, 1.08, 1.06, 0.97, 0.94, 1.1, 1.0, 1.08, 1.0, 0.97];
const SLANT: [f32; 10] = [0.22, 0.23, 0.14, 0.04, 0.25, 0.1, 0.12, 0.12, 0.1, 0.14];
const LINE: [f32; 10] = [1.16, 1.18, 1.06, 1.02, 0.96, 1.08, 0.97, 1.06, 0.95, 0.9];

/// What the hand put on paper.
pub(super) struct Drawn {
    /// Strokes of pen and eraser.
    pub(super) traces: Vec<Trace>,
    /// How dark full ink is, in 0…1.
    pub(super) darkness: f32,
}

/// What makes a digit hard to read.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    /// Nothing.
    None,
    /// Points lie far from where they were meant.
    Sloppy,
    /// The pen skipped.
    Broken,
    /// A felt pen.
    Thick,
    /// Hardly any ink in it.
    Faint,
    /// Too little room.
    Squeezed,
}

/// Writes one digit.
pub(super) fn write(digit: usize, rng: &mut impl Rng) -> Drawn {
    let trouble = match rng.random::<f32>() {
        t if t < 0.04 => Trouble::Sloppy,
        t if t < 0.06 => Trouble::Broken,
        t if t < 0.09 => Trouble::Thick,
        t if t < 0.10 => Trouble::Faint,
        t if t < 0.11 => Trouble::Squeezed,
        _ => Trouble::None,
    };
    let sloppiness = if trouble == Trouble::Sloppy { 2.2 } else { 0.5 + rng.random::<f32>() };
    let family = choose(DIGITS[digit], rng);
    let bend = Bend::new(sloppiness, rng);
    let frame = HandFrame::new(digit, trouble, rng);
    let pen = Pen::new(digit, trouble, rng);
    let mut traces: Vec<Trace> = mixed(family, 0.031 * sloppiness, rng)
        .iter()
        .map(|nodes| {
            let path = smooth(nodes);
            let phase = rng.random::<f32>() * std::f32::consts::TAU;
            let last = path.len().saturating_sub(1).max(1) as f32;
            let points = path
                .iter()
                .enumerate()
                .map(|(index, &at)| {
                    let [x, y] = frame.apply(bend.apply(at));
                    let [dx, dy, thicker] = [0; 3].map(|_| pen.tremor * normal(rng));
                    let radius = pen.radius(index as f32 / last, phase) * (1.0 + 8.0 * thicker);
                    PenPoint { x: x + dx, y: y + dy, radius: radius.max(0.015) }
                })
                .collect();
            Trace { points, erase: false }
        })
        .collect();
    if trouble == Trouble::Broken {
        let cut = gap(&traces, pen.half_width, rng);
        traces.extend(cut);
    }
    let darkness = if trouble == Trouble::Faint { 0.45 + 0.4 * rng.random::<f32>() } else { 0.992 };
    Drawn { traces, darkness }
}

/// One of the families, by their shares.
fn choose<'a>(families: &'a [Family], rng: &mut impl Rng) -> &'a Family {
    let total: f32 = families.iter().map(|family| family.share).sum();
    let mut left = rng.random::<f32>() * total;
    for family in families {
        left -= family.share;
        if left < 0.0 {
            return family;
        }
    }
    &families[families.len() - 1]
}

/// A random mixture of a family's drawings, each point moved by about `jitter`.
fn mixed(family: &Family, jitter: f32, rng: &mut impl Rng) -> Vec<Vec<Node>> {
    // Squared exponentials, normalised: mostly near one drawing, sometimes in between.
    let mut weights: Vec<f32> =
        family.drawings.iter().map(|_| (1.0 - rng.random::<f32>()).ln().powi(2)).collect();
    let total: f32 = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    for weight in &mut weights {
        *weight /= total;
    }
    (0..family.drawings[0].len())
        .map(|stroke| {
            (0..family.drawings[0][stroke].len())
                .map(|index| {
                    let (mut x, mut y, mut corner) = (0.0, 0.0, 0.0);
                    for (drawing, weight) in family.drawings.iter().zip(&weights) {
                        let node = drawing[stroke][index];
                        x += weight * node.x;
                        y += weight * node.y;
                        corner += if node.corner { *weight } else { 0.0 };
                    }
                    Node { x: x + jitter * normal(rng), y: y + jitter * normal(rng), corner: corner > 0.5 }
                })
                .collect()
        })
        .collect()
}

/// A Catmull-Rom curve through the nodes, broken at corners.
fn smooth(nodes: &[Node]) -> Vec<[f32; 2]> {
    let at = |index: usize| [nodes[index].x, nodes[index].y];
    let mut path = Vec::with_capacity(nodes.len() * SMOOTHNESS);
    for index in 0..nodes.len().saturating_sub(1) {
        let (from, to) = (at(index), at(index + 1));
        let before = if index == 0 || nodes[index].corner { mirror(from, to) } else { at(index - 1) };
        let after = if index + 2 >= nodes.len() || nodes[index + 1].corner {
            mirror(to, from)
        } else {
            at(index + 2)
        };
        for step in 0..SMOOTHNESS {
            let t = step as f32 / SMOOTHNESS as f32;
            path.push(std::array::from_fn(|axis| {
                catmull_rom(before[axis], from[axis], to[axis], after[axis], t)
            }));
        }
    }
    if let Some(last) = nodes.last() {
        path.push([last.x, last.y]);
    }
    path
}

/// The point as far before `here` as `there` is after it: a curve's end runs straight.
fn mirror(here: [f32; 2], there: [f32; 2]) -> [f32; 2] {
    [2.0 * here[0] - there[0], 2.0 * here[1] - there[1]]
}

/// The Catmull-Rom polynomial between `p1` and `p2` at `t` in 0…1.
fn catmull_rom(p0: f32, p1: f32, p2: f32, p3: f32, t: f32) -> f32 {
    let slope = p2 - p0;
    let curve = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
    let cubic = 3.0 * (p1 - p2) + p3 - p0;
    p1 + 0.5 * t * (slope + t * (curve + t * cubic))
}

/// An elastic distortion: a sum of a few slow waves, the same for all strokes of a digit.
struct Bend {
    /// Wave vector and phase, then the push along x and y.
    waves: [[f32; 5]; 3],
    /// Swelling of the upper against the lower half, and of left against right.
    lean: [f32; 2],
}

impl Bend {
    fn new(sloppiness: f32, rng: &mut impl Rng) -> Self {
        let waves = std::array::from_fn(|order| {
            let push = 0.038 * sloppiness / (1.0 + order as f32 * 0.7);
            let rate = 2.5 + 2.0 * order as f32;
            [
                rate * normal(rng),
                rate * normal(rng),
                rng.random::<f32>() * std::f32::consts::TAU,
                push * normal(rng),
                push * normal(rng),
            ]
        });
        Self { waves, lean: [0.22 * normal(rng), 0.27 * normal(rng)] }
    }

    fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (mut bent_x, mut bent_y) = (x, y);
        bent_x += self.lean[0] * (x - 0.3) * (y - 0.5);
        bent_y += self.lean[1] * y * (1.0 - y);
        for [kx, ky, phase, push_x, push_y] in self.waves {
            let wave = (kx * x + ky * y + phase).sin();
            bent_x += push_x * wave;
            bent_y += push_y * wave;
        }
        [bent_x, bent_y]
    }
}

/// Width, slant and turn of a digit as a whole.
struct HandFrame {
    columns: [f32; 2],
    rows: [f32; 2],
}

impl HandFrame {
    fn new(digit: usize, trouble: Trouble, rng: &mut impl Rng) -> Self {
        let squeeze = if trouble == Trouble::Squeezed { 0.6 } else { 1.0 };
        let width = squeeze * WIDTH[digit] * (0.22 * normal(rng)).exp();
        let slant = SLANT[digit] + 0.27 * normal(rng);
        let turn = 0.09 * normal(rng);
        let (sin, cos) = turn.sin_cos();
        // x' = width·x − slant·y, y' = y, then turned.
        Self { columns: [cos * width, -cos * slant - sin], rows: [sin * width, -sin * slant + cos] }
    }

    fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.columns[0] * x + self.columns[1] * y, self.rows[0] * x + self.rows[1] * y]
    }
}

/// A pen and how hard it is pressed.
struct Pen {
    /// Half the mean line width, as a share of the digit's height.
    half_width: f32,
    /// How much pressure changes the width along a stroke.
    pressure: f32,
    /// Whether strokes run out thinner than they began.
    taper: f32,
    /// How far single points of a line lie from where they were meant, as a share of the digit's height.
    tremor: f32,
}

impl Pen {
    fn new(digit: usize, trouble: Trouble, rng: &mut impl Rng) -> Self {
        let usual = 0.066 * LINE[digit] * (0.33 * normal(rng)).exp();
        let half_width = if trouble == Trouble::Thick { 0.10 + 0.06 * rng.random::<f32>() } else { usual };
        Self {
            half_width: half_width.clamp(0.025, 0.16),
            pressure: 0.15 * rng.random::<f32>(),
            taper: 0.12 * normal(rng),
            tremor: 0.012 * rng.random::<f32>(),
        }
    }

    fn radius(&self, along: f32, phase: f32) -> f32 {
        let wave = self.pressure * (5.0 * along + phase).sin();
        self.half_width * (1.0 + wave + self.taper * (along - 0.5))
    }
}

/// A short erasure across one stroke, where the pen skipped.
fn gap(traces: &[Trace], half_width: f32, rng: &mut impl Rng) -> Option<Trace> {
    let trace = &traces[rng.random_range(0..traces.len() as u32) as usize];
    let middle = trace.points.len() / 4 + rng.random_range(0..=trace.points.len() as u32 / 2) as usize;
    let centre = trace.points.get(middle)?;
    let length = half_width * (0.6 + 0.8 * rng.random::<f32>());
    let points = [-1.0, 1.0]
        .map(|side| PenPoint { x: centre.x + side * half_width, y: centre.y, radius: length })
        .to_vec();
    Some(Trace { points, erase: true })
}

/// A standard normal number (Box & Muller 1958).
fn normal(rng: &mut impl Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (std::f32::consts::TAU * rng.random::<f32>()).cos()
}
