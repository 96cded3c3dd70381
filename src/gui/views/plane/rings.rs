//! Rings around the selected images in view: found over several frames where many are selected.

use std::sync::Arc;

use egui::{Color32, ColorImage, Context, Mesh, Pos2, Rect, TextureHandle, TextureId, TextureOptions, Vec2};

use super::axes::Frame;
use crate::shown::{Indices, PlanePoints};

/// At most this many selected images in view get a ring: more would be a blot.
const RINGS: usize = 1_000;

/// What rings are looked for.
#[derive(Clone)]
struct Asked {
    points: Arc<PlanePoints>,
    set: Indices,
    frame: Frame,
}

impl Asked {
    fn new(points: &Arc<PlanePoints>, set: &Indices, frame: &Frame) -> Self {
        Self { points: Arc::clone(points), set: set.clone(), frame: *frame }
    }

    fn is(&self, points: &Arc<PlanePoints>, set: &Indices, frame: &Frame) -> bool {
        Arc::ptr_eq(&self.points, points) && self.frame == *frame && self.set == *set
    }
}

/// The selected images in view: the first of the dataset, where they are many.
#[derive(Default)]
pub(super) struct Rings {
    asked: Option<Asked>,
    /// Selected images from this index on have not been looked at; `None` once all have.
    next: Option<u32>,
    found: Vec<u32>,
    /// Those found last: they stay until the next are complete.
    shown: Vec<u32>,
    /// Counts what was found.
    number: u64,
    painted: Option<(u64, Asked, (TextureId, Color32))>,
    mesh: Arc<Mesh>,
}

impl Rings {
    /// Looks at so many selected images more; says whether that is not yet enough. What is being looked for is found
    /// before anything else is, so that something moves while the part shown keeps changing.
    pub(super) fn update(
        &mut self,
        points: &Arc<PlanePoints>,
        set: &Indices,
        frame: &Frame,
        most: usize,
    ) -> bool {
        let same = |asked: &Asked| asked.is(points, set, frame);
        if self.next.is_none() {
            if self.asked.as_ref().is_some_and(same) {
                return false;
            }
            self.asked = Some(Asked::new(points, set, frame));
            self.next = Some(0);
            self.found.clear();
        }
        let (Some(asked), Some(next)) = (&self.asked, self.next.take()) else { return false };
        for (looked_at, index) in asked.set.iter_from(next).enumerate() {
            if looked_at == most {
                self.next = Some(index);
                break;
            }
            let place = asked.points.places.get(index as usize);
            if place.is_some_and(|at| asked.frame.bounds.contains(*at)) {
                self.found.push(index);
                if self.found.len() == RINGS {
                    break;
                }
            }
        }
        if self.next.is_none() {
            self.shown.clone_from(&self.found);
            self.number += 1;
        }
        self.next.is_some() || !same(asked)
    }

    /// Rings around those found last that are still selected and in view: one mesh, made anew only when it changes.
    pub(super) fn mesh(
        &mut self,
        points: &Arc<PlanePoints>,
        set: &Indices,
        frame: &Frame,
        (texture, colour): (TextureId, Color32),
    ) -> &Arc<Mesh> {
        let is_same = |(number, painted, old): &(u64, Asked, (TextureId, Color32))| {
            (*number, *old) == (self.number, (texture, colour)) && painted.is(points, set, frame)
        };
        if !self.painted.as_ref().is_some_and(is_same) {
            let mut mesh = Mesh::with_texture(texture);
            for index in self.shown.iter().filter(|index| set.contains(**index)) {
                let place = points.places.get(*index as usize);
                if let Some(at) = place.filter(|at| frame.bounds.contains(**at)) {
                    Sprite::add(&mut mesh, frame.to_screen(*at), colour);
                }
            }
            self.mesh = Arc::new(mesh);
            self.painted = Some((self.number, Asked::new(points, set, frame), (texture, colour)));
        }
        &self.mesh
    }

    /// The images to put a ring around.
    #[cfg(test)]
    fn shown(&self) -> &[u32] {
        &self.shown
    }
}

/// A ring as a picture: a thousand of them are four corners each, where circles would take a frame of their own to turn
/// into triangles.
#[derive(Default)]
pub(super) struct Sprite {
    /// The picture, and for how many pixels a point it was made.
    made: Option<(f32, TextureHandle)>,
}

impl Sprite {
    /// Radius of the middle of its line, in points.
    const RADIUS: f32 = 7.0;
    /// Width of its line.
    const WIDTH: f32 = 1.5;
    /// From its middle to its edge: the line and its soft rim.
    const HALF: f32 = 9.0;

    /// The texture, made for this screen.
    pub(super) fn texture(&mut self, context: &Context) -> TextureId {
        let density = context.pixels_per_point();
        match &self.made {
            Some((made_for, texture)) if made_for.to_bits() == density.to_bits() => texture.id(),
            _ => {
                let picture = Self::picture(2.0 * density);
                let texture = context.load_texture("ring", picture, TextureOptions::LINEAR);
                let id = texture.id();
                self.made = Some((density, texture));
                id
            }
        }
    }

    /// White where the line is, at so many pixels a point: twice the screen's, so that a ring between pixels is sharp.
    fn picture(density: f32) -> ColorImage {
        let side = (2.0 * Self::HALF * density).ceil() as usize;
        let middle = 0.5 * side as f32;
        let pixels = (0..side * side).map(|at| {
            let [x, y] = [at % side, at / side].map(|place| (place as f32 + 0.5 - middle) / density);
            // A rim of one of the screen's pixels, half of it on either side of the line's edge.
            let within = 0.5 * Self::WIDTH - (x.hypot(y) - Self::RADIUS).abs();
            Color32::WHITE.gamma_multiply((0.5 + 0.5 * density * within).clamp(0.0, 1.0))
        });
        ColorImage::new([side, side], pixels.collect())
    }

    /// Adds a ring to a mesh with its texture.
    pub(super) fn add(mesh: &mut Mesh, at: Pos2, colour: Color32) {
        let place = Rect::from_center_size(at, Vec2::splat(2.0 * Self::HALF));
        mesh.add_rect_with_uv(place, Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0)), colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Statistics;
    use crate::uncertainty::Measures;
    use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes};
    use egui::{Pos2, Rect, Vec2};

    /// So many images on a line, at 0, 0.1, … 0.9, 0 …
    fn points(images: usize) -> Arc<PlanePoints> {
        let mut statistics = Statistics::zero(10);
        statistics.passes = 2;
        statistics.probability[0] = 2.0;
        let measures: Vec<Measures> = (0..images)
            .map(|i| Measures { expected_entropy: (i % 10) as f32 / 10.0, ..Measures::new(&statistics) })
            .collect();
        Arc::new(PlanePoints::new(PlaneAxes::default(), &measures, &vec![0; measures.len()]))
    }

    fn frame(to: f32) -> Frame {
        Frame {
            area: Rect::from_min_size(Pos2::ZERO, Vec2::splat(100.0)),
            bounds: Bounds { min: [-0.1, -0.1], max: [to, 0.5] },
        }
    }

    #[test]
    fn of_many_selected_images_those_in_view_are_found_some_in_each_frame() {
        let (points, set): (_, Indices) = (points(5_000), (0..5_000).filter(|i| i % 3 == 0).collect());
        let wanted: Vec<u32> = set.iter().filter(|index| index % 10 < 2).collect();
        let mut rings = Rings::default();
        let mut frames = 1;
        while rings.update(&points, &set, &frame(0.15), 500) {
            assert!(rings.shown().is_empty(), "not before all are found");
            frames += 1;
        }
        assert_eq!((frames, rings.shown()), (4, &*wanted));
        assert!(!rings.update(&points, &set, &frame(0.15), 500), "nothing has changed");
        // Another part: the rings of before stay until those of this one are found.
        assert!(rings.update(&points, &set, &frame(2.0), 500));
        assert_eq!(rings.shown(), wanted);
        while rings.update(&points, &set, &frame(2.0), 500) {}
        assert_eq!(rings.shown(), set.iter().take(RINGS).collect::<Vec<_>>());
    }

    #[test]
    fn while_the_part_keeps_changing_rings_still_come() {
        let (points, set): (_, Indices) = (points(5_000), (0..5_000).collect());
        let mut rings = Rings::default();
        let moving = (0..20).filter(|step| {
            let before = rings.shown().to_vec();
            rings.update(&points, &set, &frame(0.15 + 0.001 * *step as f32), 2_000);
            rings.shown() != before
        });
        assert!(moving.count() >= 1);
        assert_eq!(rings.shown().len(), 1_000);
    }

    #[test]
    fn the_picture_of_a_ring_is_white_on_its_line_and_clear_elsewhere() {
        for density in [2.0, 3.0, 4.0] {
            let picture = Sprite::picture(density);
            let [width, height] = picture.size;
            assert_eq!((width, width), (height, (18.0 * density).ceil() as usize));
            // From the middle to the right edge along the middle row: clear, a line of the width at the radius, clear.
            let row: Vec<f32> = (width / 2..width)
                .map(|x| f32::from(picture.pixels[height / 2 * width + x].a()) / 255.0)
                .collect();
            let weight: f32 = row.iter().sum();
            let middle = row.iter().enumerate().map(|(x, a)| (x as f32 + 0.5) * a).sum::<f32>() / weight;
            assert!((weight / density - Sprite::WIDTH).abs() < 0.6 / density, "{weight}");
            assert!((middle / density - Sprite::RADIUS).abs() < 0.6 / density, "{middle}");
            assert_eq!((row[0], row[row.len() - 1]), (0.0, 0.0));
        }
    }
}
