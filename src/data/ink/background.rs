//! Which way round a picture is, and what it looks like without its ink.

use super::Plane;

/// Whether ink is darker or lighter than its background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// Pen on paper.
    DarkOnLight,
    /// Chalk on a board; MNIST.
    LightOnDark,
}

/// Longer side at which the background is looked for, in pixels.
const COARSE_SIDE: usize = 64;
/// Half the width of the window that no pen stroke fills, as a share of the picture's longer side.
const WINDOW: f32 = 0.2;

/// Whether the picture's ink is darker or lighter than its border; a blank picture counts as pen on paper.
pub(super) fn find_polarity(grey: &Plane) -> Polarity {
    let coarse = reduced(grey);
    let paper = border_plane(&coarse);
    // The sign of the strongest deviations: squaring lets a few strong pixels outweigh a faint shadow over many.
    let balance: f64 = (0..coarse.values.len())
        .map(|index| {
            let [x, y] = place(&coarse, index);
            let apart = f64::from(coarse.values[index]) - (paper[0] + paper[1] * x + paper[2] * y);
            apart * apart.abs()
        })
        .sum();
    if balance > 0.0 { Polarity::LightOnDark } else { Polarity::DarkOnLight }
}

/// Subtracts from ink (large on a smaller background) what remains after everything narrower than a window is taken
/// away: the background with its gradients and shadows.
pub(super) fn remove_background(ink: &mut Plane) {
    let coarse = reduced(ink);
    let half = ((coarse.width.max(coarse.height) as f32 * WINDOW).round() as usize).max(1);
    let opened = filtered(&filtered(&coarse, half, f32::min), half, f32::max);
    // No steps where the opening left some.
    let smooth = blurred(&opened);
    // Bilinear between the centres of the coarse pixels.
    let (step_x, step_y) = (smooth.width as f32 / ink.width as f32, smooth.height as f32 / ink.height as f32);
    let columns: Vec<(usize, usize, f32)> =
        (0..ink.width).map(|x| between(x, step_x, smooth.width)).collect();
    for y in 0..ink.height {
        let (upper, lower, down) = between(y, step_y, smooth.height);
        let (upper, lower) = (smooth.row(upper), smooth.row(lower));
        let row = &mut ink.values[y * ink.width..][..ink.width];
        for (value, &(left, right, across)) in row.iter_mut().zip(&columns) {
            let top = upper[left] + (upper[right] - upper[left]) * across;
            let bottom = lower[left] + (lower[right] - lower[left]) * across;
            *value -= top + (bottom - top) * down;
        }
    }
}

/// The two coarse pixels around a fine one, and how far it lies towards the second.
fn between(fine: usize, step: f32, size: usize) -> (usize, usize, f32) {
    let at = ((fine as f32 + 0.5) * step - 0.5).clamp(0.0, size as f32 - 1.0);
    let first = at as usize;
    (first, (first + 1).min(size - 1), at - first as f32)
}

/// Block averages, so that the longer side is at most [`COARSE_SIDE`].
fn reduced(plane: &Plane) -> Plane {
    let block = plane.width.max(plane.height).div_ceil(COARSE_SIDE).max(1);
    let mut coarse = Plane::blank(plane.width.div_ceil(block), plane.height.div_ceil(block));
    for y in 0..coarse.height {
        let rows = y * block..((y + 1) * block).min(plane.height);
        for x in 0..coarse.width {
            let columns = x * block..((x + 1) * block).min(plane.width);
            let sum: f32 = rows.clone().map(|row| plane.row(row)[columns.clone()].iter().sum::<f32>()).sum();
            coarse.values[y * coarse.width + x] = sum / (rows.len() * columns.len()) as f32;
        }
    }
    coarse
}

/// The least or greatest value within a square around each pixel, cut at the edges.
fn filtered(plane: &Plane, half: usize, choose: fn(f32, f32) -> f32) -> Plane {
    let mut across = plane.clone();
    for y in 0..plane.height {
        let row = plane.row(y);
        for x in 0..plane.width {
            let window = &row[x.saturating_sub(half)..(x + half + 1).min(plane.width)];
            across.values[y * plane.width + x] = window.iter().copied().reduce(choose).unwrap_or(row[x]);
        }
    }
    let mut both = across.clone();
    for y in 0..plane.height {
        for other in y.saturating_sub(half)..(y + half + 1).min(plane.height) {
            let row = &mut both.values[y * plane.width..][..plane.width];
            for (value, &seen) in row.iter_mut().zip(across.row(other)) {
                *value = choose(*value, seen);
            }
        }
    }
    both
}

/// The average of each pixel and its neighbours.
pub(super) fn blurred(plane: &Plane) -> Plane {
    let mut smooth = plane.clone();
    for y in 0..plane.height {
        for x in 0..plane.width {
            let rows = y.saturating_sub(1)..(y + 2).min(plane.height);
            let columns = x.saturating_sub(1)..(x + 2).min(plane.width);
            let count = rows.len() * columns.len();
            let sum: f32 = rows.map(|row| plane.row(row)[columns.clone()].iter().sum::<f32>()).sum();
            smooth.values[y * plane.width + x] = sum / count as f32;
        }
    }
    smooth
}

/// Where a pixel lies, −1…1 in both directions.
fn place(plane: &Plane, index: usize) -> [f64; 2] {
    let along = |at: usize, size: usize| (2.0 * at as f64 + 1.0) / size as f64 - 1.0;
    [along(index % plane.width, plane.width), along(index / plane.width, plane.height)]
}

/// A plane a + b·x + c·y through the border's brightness, in least squares, pixels far off (a digit that touches the
/// border) left out in turn.
fn border_plane(coarse: &Plane) -> [f64; 3] {
    let depth = (coarse.width.min(coarse.height) / 16).max(1);
    let mut border: Vec<([f64; 2], f64)> = (0..coarse.values.len())
        .filter(|index| {
            let (x, y) = (index % coarse.width, index / coarse.width);
            x.min(coarse.width - 1 - x).min(y).min(coarse.height - 1 - y) < depth
        })
        .map(|index| (place(coarse, index), f64::from(coarse.values[index])))
        .collect();
    let mut paper = [0.0; 3];
    for _ in 0..4 {
        paper = least_squares(&border);
        let apart =
            |&([x, y], value): &([f64; 2], f64)| (value - paper[0] - paper[1] * x - paper[2] * y).abs();
        let mean = border.iter().map(apart).sum::<f64>() / border.len().max(1) as f64;
        let near: Vec<_> = border.iter().copied().filter(|pixel| apart(pixel) <= 2.0 * mean + 1e-6).collect();
        if near.len() == border.len() || near.len() < 8 {
            break;
        }
        border = near;
    }
    paper
}

/// The plane of least squares. The places lie nearly symmetrically around 0, but what was left out may change that,
/// so the full normal equations are solved; a singular direction (a picture one pixel wide) gets no slope.
fn least_squares(points: &[([f64; 2], f64)]) -> [f64; 3] {
    let mut rows = [[0.0_f64; 4]; 3];
    for &([x, y], value) in points {
        let basis = [1.0, x, y];
        for (row, &left) in rows.iter_mut().zip(&basis) {
            for (cell, right) in row.iter_mut().zip([1.0, x, y, value]) {
                *cell += left * right;
            }
        }
    }
    // Gauss-Jordan, the matrix being symmetric and positive.
    for pivot in 0..3 {
        let lead = rows[pivot][pivot];
        if lead < 1e-9 {
            rows[pivot] = [0.0; 4];
            continue;
        }
        rows[pivot] = rows[pivot].map(|cell| cell / lead);
        let source = rows[pivot];
        for (index, row) in rows.iter_mut().enumerate() {
            if index != pivot {
                let factor = row[pivot];
                for (cell, value) in row.iter_mut().zip(source) {
                    *cell -= factor * value;
                }
            }
        }
    }
    [rows[0][3], rows[1][3], rows[2][3]]
}
