//! Ink coverage of any size → 28×28, fitted into a box and centred by its mass, as MNIST was.

use crate::data::{PIXELS, SIDE};

/// Longer side of a digit in its 28×28 field, in pixels.
pub const BOX_SIDE: usize = 20;
/// Where the centre of mass comes to lie, in pixels counted from the centre of the first one.
pub const CENTRE: f32 = 14.0;

/// Ink coverage on a grid, row by row: 0 is bare paper, 1 is full ink.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Plane {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `[height, width]`.
    pub values: Vec<f32>,
}

impl Plane {
    /// Bare paper.
    #[must_use]
    pub fn blank(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    /// One row.
    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..][..self.width]
    }

    /// The smallest box around all values above `floor`; `None` when there are none.
    #[must_use]
    pub fn bounds(&self, floor: f32) -> Option<PixelBox> {
        let mut found: Option<PixelBox> = None;
        for y in 0..self.height {
            let row = self.row(y);
            let Some(first) = row.iter().position(|&value| value > floor) else { continue };
            let last = row.iter().rposition(|&value| value > floor).unwrap_or(first);
            let here = PixelBox { left: first, top: y, right: last + 1, bottom: y + 1 };
            found = Some(found.map_or(here, |bounds| bounds.union(here)));
        }
        found
    }
}

/// A box of whole pixels; `right` and `bottom` lie outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelBox {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// One past the last column.
    pub right: usize,
    /// One past the last row.
    pub bottom: usize,
}

impl PixelBox {
    /// Columns.
    #[must_use]
    pub const fn width(self) -> usize {
        self.right - self.left
    }

    /// Rows.
    #[must_use]
    pub const fn height(self) -> usize {
        self.bottom - self.top
    }

    /// The longer side.
    #[must_use]
    pub fn longest(self) -> usize {
        self.width().max(self.height())
    }

    /// The smallest box around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// The ink of a plane as MNIST would hold it, `[28, 28]` in 0…1; `None` when no value is above `floor`.
///
/// Values up to `floor` do not widen the box that is fitted; what they hold within it still counts.
#[must_use]
pub fn fit(plane: &Plane, floor: f32) -> Option<[f32; PIXELS]> {
    let bounds = plane.bounds(floor)?;
    let mut scale = BOX_SIDE as f32 / bounds.longest() as f32;
    // A digit whose mass sits at one end of its box may reach over the field's edge once it is centred. It is then
    // made smaller rather than cut; real digits hardly ever are.
    for _ in 0..64 {
        if let Some(image) = place(plane, bounds, scale) {
            return Some(image);
        }
        scale *= 0.97;
    }
    None
}

/// The boxed part of a plane at a scale, centred; `None` when some of it falls outside the field.
fn place(plane: &Plane, bounds: PixelBox, scale: f32) -> Option<[f32; PIXELS]> {
    let columns = spans(bounds.width(), scale);
    let rows = spans(bounds.height(), scale);
    let (wide, high) = (extent(bounds.width(), scale), extent(bounds.height(), scale));
    // Area averages: each source pixel gives to the one or few target pixels it lies under.
    let mut small = vec![0.0_f32; wide * high];
    let mut line = vec![0.0_f32; wide];
    for (y, row_span) in rows.iter().enumerate() {
        line.fill(0.0);
        let source = &plane.row(bounds.top + y)[bounds.left..bounds.right];
        for (&value, span) in source.iter().zip(&columns) {
            if value > 0.0 {
                span.give(&mut line, value);
            }
        }
        for target in row_span.first..=row_span.last {
            let share = row_span.share(target);
            for (sum, &value) in small[target * wide..][..wide].iter_mut().zip(&line) {
                *sum += share * value;
            }
        }
    }
    let (mut mass, mut across, mut down) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (index, value) in small.iter_mut().enumerate() {
        *value = value.clamp(0.0, 1.0);
        let ink = f64::from(*value);
        mass += ink;
        across += ink * (index % wide) as f64;
        down += ink * (index / wide) as f64;
    }
    if mass <= 0.0 {
        return None;
    }
    let left = (f64::from(CENTRE) - across / mass).round();
    let top = (f64::from(CENTRE) - down / mass).round();
    let fits = |start: f64, size: usize| start >= 0.0 && start as usize + size <= SIDE;
    if !fits(left, wide) || !fits(top, high) {
        return None;
    }
    let mut image = [0.0; PIXELS];
    for (y, row) in small.chunks_exact(wide).enumerate() {
        image[(top as usize + y) * SIDE + left as usize..][..wide].copy_from_slice(row);
    }
    Some(image)
}

/// Target pixels that `size` source pixels cover at a scale. The small allowance keeps a product such as
/// 7 × (20 / 7) from needing a 21st pixel.
fn extent(size: usize, scale: f32) -> usize {
    ((size as f32 * scale - 1e-3).ceil() as usize).max(1)
}

/// Where one source pixel lands: target pixels `first` to `last`, from `from` to `to` in target units.
struct PixelSpan {
    first: usize,
    last: usize,
    from: f32,
    to: f32,
}

impl PixelSpan {
    /// The length of this span within one target pixel.
    fn share(&self, target: usize) -> f32 {
        (self.to.min(target as f32 + 1.0) - self.from.max(target as f32)).max(0.0)
    }

    /// Adds `value`, spread over the target pixels.
    fn give(&self, line: &mut [f32], value: f32) {
        if self.first == self.last {
            line[self.first] += (self.to - self.from) * value;
        } else {
            for (offset, sum) in line[self.first..=self.last].iter_mut().enumerate() {
                *sum += self.share(self.first + offset) * value;
            }
        }
    }
}

/// The spans of `size` source pixels at a scale.
fn spans(size: usize, scale: f32) -> Vec<PixelSpan> {
    let end = extent(size, scale) - 1;
    (0..size)
        .map(|index| {
            let (from, to) = (index as f32 * scale, (index + 1) as f32 * scale);
            PixelSpan { first: (from as usize).min(end), last: (to as usize).min(end), from, to }
        })
        .collect()
}

/// Centre of mass (x, y) of a 28×28 image, in pixels counted from the centre of the first one; `None` when blank.
#[must_use]
pub fn centre_of_mass(image: &[f32; PIXELS]) -> Option<[f32; 2]> {
    let (mut mass, mut across, mut down) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (index, &value) in image.iter().enumerate() {
        mass += f64::from(value);
        across += f64::from(value) * (index % SIDE) as f64;
        down += f64::from(value) * (index / SIDE) as f64;
    }
    (mass > 0.0).then(|| [(across / mass) as f32, (down / mass) as f32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plane() -> impl Strategy<Value = Plane> {
        (1_usize..60, 1_usize..60).prop_flat_map(|(width, height)| {
            let pixel = prop_oneof![3 => Just(0.0_f32), 1 => 0.0_f32..=1.0];
            proptest::collection::vec(pixel, width * height).prop_map(move |values| Plane {
                width,
                height,
                values,
            })
        })
    }

    proptest! {
        #[test]
        fn any_plane_becomes_a_centred_image_in_the_unit_interval(plane in plane()) {
            let inked = plane.values.iter().any(|&value| value > 0.0);
            let image = fit(&plane, 0.0);
            prop_assert_eq!(image.is_some(), inked);
            if let Some(image) = image {
                prop_assert!(image.iter().all(|value| (0.0..=1.0).contains(value)));
                let [x, y] = centre_of_mass(&image).unwrap();
                prop_assert!((x - CENTRE).abs() <= 0.501 && (y - CENTRE).abs() <= 0.501, "{x} {y}");
                prop_assert_eq!(fit(&plane, 0.0), Some(image));
            }
        }
    }

    #[test]
    fn a_digit_of_the_right_size_in_the_right_place_is_left_alone() {
        let mut plane = Plane::blank(SIDE, SIDE);
        for y in 4..24 {
            for x in 9..19 {
                plane.values[y * SIDE + x] = 0.25 + 0.5 * ((x * y) % 2) as f32;
            }
        }
        let image = fit(&plane, 0.0).unwrap();
        let shift = |x: usize, y: usize| image[y * SIDE + x];
        // The mass of this box lies at (13.5, 13.5): either neighbour of it is a centre.
        let moved = (0..2).any(|dx| {
            (0..2).any(|dy| {
                (0..SIDE - 1).all(|y| {
                    (0..SIDE - 1).all(|x| (shift(x + dx, y + dy) - plane.values[y * SIDE + x]).abs() < 1e-5)
                })
            })
        });
        assert!(moved);
    }

    #[test]
    fn the_longer_side_becomes_twenty_pixels() {
        let mut plane = Plane::blank(300, 200);
        for y in 50..150 {
            for x in 20..70 {
                plane.values[y * 300 + x] = 1.0;
            }
        }
        let image = fit(&plane, 0.5).unwrap();
        let fitted = Plane { width: SIDE, height: SIDE, values: image.to_vec() }.bounds(0.0).unwrap();
        assert_eq!((fitted.width(), fitted.height()), (10, 20));
        let mass: f32 = image.iter().sum();
        assert!((mass - 200.0).abs() < 0.01, "{mass}");
    }
}
