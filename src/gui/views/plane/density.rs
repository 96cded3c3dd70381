//! How many images lie where, as a shade: in place of dots that would only overlap.

use egui::{Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, Ui, Vec2};

use super::axes::Frame;
use crate::uncertainty::doubt_plane::Bounds;
use crate::wording;

/// Width of a cell, in points, unless there would be too many.
pub(super) const CELL: f32 = 4.0;
/// Most cells, as in a large window.
const CELLS: f32 = 90_000.0;
/// Nine shades of viridis, dark to bright: legible with any colour vision, and in grey.
const VIRIDIS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 45, 123],
    [59, 82, 139],
    [44, 114, 142],
    [33, 145, 140],
    [40, 174, 128],
    [94, 201, 98],
    [173, 220, 48],
    [253, 231, 37],
];

/// The shade of a share 0…1. They begin where they stand out from the background, and move away from it.
pub(super) fn shade(share: f32, dark: bool) -> Color32 {
    let share = share.clamp(0.0, 1.0);
    let at = if dark { 0.25 + 0.75 * share } else { 0.8 * (1.0 - share) } * (VIRIDIS.len() - 1) as f32;
    let below = (at as usize).min(VIRIDIS.len() - 2);
    let part = at - below as f32;
    let mix = |primary: usize| {
        let [a, b] = [below, below + 1].map(|i| f32::from(VIRIDIS[i][primary]));
        (a + (b - a) * part).round() as u8
    };
    Color32::from_rgb(mix(0), mix(1), mix(2))
}

/// Where a number of images lies between one and the most, on a logarithmic scale.
pub(super) fn share(count: u32, most: u32) -> f32 {
    if most <= 1 {
        return 1.0;
    }
    (count as f32).log10() / (most as f32).log10()
}

/// Cells over a part of the plane. They lie at multiples of their width from zero, so that they move with the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cells {
    origin: [f32; 2],
    /// Nats per cell along each axis.
    pitch: [f32; 2],
    size: [usize; 2],
}

impl Cells {
    /// Cells of at least this width, in points.
    pub(super) fn new(frame: &Frame, least: f32) -> Self {
        let (width, height) = (frame.area.width(), frame.area.height());
        let points = (width * height / CELLS).sqrt().max(least);
        let pitch = frame.scale().map(|nats| nats * points);
        let cell = |value: f32, axis: usize| (value / pitch[axis]).floor();
        let first: [f32; 2] = std::array::from_fn(|axis| cell(frame.bounds.min[axis], axis));
        Self {
            origin: std::array::from_fn(|axis| first[axis] * pitch[axis]),
            pitch,
            size: std::array::from_fn(|axis| {
                (cell(frame.bounds.max[axis], axis) - first[axis]).max(0.0) as usize + 1
            }),
        }
    }

    /// The cell of a place, row by row from the top; `None` outside.
    pub(super) fn cell(&self, at: [f32; 2]) -> Option<usize> {
        let [x, y] = std::array::from_fn(|axis| (at[axis] - self.origin[axis]) / self.pitch[axis]);
        let [columns, rows] = self.size;
        // A NaN is in no cell either.
        if !(x >= 0.0 && y >= 0.0 && x < columns as f32 && y < rows as f32) {
            return None;
        }
        Some((rows - 1 - y as usize) * columns + x as usize)
    }

    pub(super) fn count(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The centre of a cell.
    pub(super) fn middle(&self, cell: usize) -> [f32; 2] {
        let [columns, rows] = self.size;
        let at = [(cell % columns) as f32, (rows - 1 - cell / columns) as f32];
        std::array::from_fn(|axis| self.origin[axis] + (at[axis] + 0.5) * self.pitch[axis])
    }

    /// The part of the plane that the cells cover.
    pub(super) fn bounds(&self) -> Bounds {
        let size = self.size.map(|cells| cells as f32);
        let end = std::array::from_fn(|axis| self.origin[axis] + self.pitch[axis] * size[axis]);
        Bounds { min: self.origin, max: end }
    }

    fn area(&self, frame: &Frame) -> Rect {
        let end = [0, 1].map(|axis| self.origin[axis] + self.pitch[axis] * self.size[axis] as f32);
        Rect::from_two_pos(frame.to_screen(self.origin), frame.to_screen(end))
    }
}

/// How the colour of a cell is chosen.
pub(super) enum Shading {
    /// From few to many.
    Ramp,
    /// The colour of the cell's most frequent class, stronger where there are more images.
    Classes(Vec<Color32>),
    /// One colour, stronger where there are more images.
    Plain(Color32),
}

/// Images in each cell, in total and by class.
pub(super) struct Counts {
    cells: Cells,
    classes: usize,
    numbers: Vec<u32>,
}

impl Counts {
    pub(super) fn new(cells: Cells, classes: usize) -> Self {
        Self { cells, classes, numbers: vec![0; cells.count() * classes] }
    }

    /// Counts an image of this class at this place.
    pub(super) fn add(&mut self, at: [f32; 2], class: usize) {
        if let Some(cell) = self.cells.cell(at) {
            self.numbers[cell * self.classes + class] += 1;
        }
    }

    /// The cells.
    pub(super) fn cells(&self) -> Cells {
        self.cells
    }

    /// The number of images in a cell and their most frequent class, the first on a tie.
    pub(super) fn cell(&self, cell: usize) -> (u32, usize) {
        let counts = &self.numbers[cell * self.classes..][..self.classes];
        let most = counts.iter().copied().max().unwrap_or(0);
        (counts.iter().sum(), counts.iter().position(|count| *count == most).unwrap_or(0))
    }

    pub(super) fn most(&self) -> u32 {
        (0..self.cells.count()).map(|cell| self.cell(cell).0).max().unwrap_or(0)
    }

    /// Paints the cells that hold images into a picture.
    fn paint(&self, image: &mut ColorImage, shading: &Shading, most: u32, dark: bool) {
        for (cell, pixel) in image.pixels.iter_mut().enumerate() {
            let (count, class) = self.cell(cell);
            if count == 0 {
                continue;
            }
            let share = share(count, most);
            let fuller = |colour: Color32, from: f32| colour.gamma_multiply(from + (1.0 - from) * share);
            *pixel = match shading {
                Shading::Ramp => shade(share, dark),
                Shading::Classes(colours) => fuller(colours.get(class).copied().unwrap_or_default(), 0.6),
                Shading::Plain(colour) => fuller(*colour, 0.25),
            };
        }
    }
}

/// The shaded cells as they were drawn last.
#[derive(Default)]
pub(super) struct Density {
    texture: Option<TextureHandle>,
    shown: Option<Cells>,
    /// Images in the fullest cell, while a ramp says how many there are.
    pub(super) most: Option<u32>,
}

impl Density {
    /// Shows no cells.
    pub(super) fn clear(&mut self) {
        self.shown = None;
        self.most = None;
    }

    /// Makes the picture of these layers, the first at the bottom.
    pub(super) fn set(&mut self, ui: &Ui, cells: Cells, layers: &[(&Counts, Shading)]) {
        let dark = ui.visuals().dark_mode;
        let mut image = ColorImage::filled(cells.size, Color32::TRANSPARENT);
        self.most = None;
        for (counts, shading) in layers {
            let most = counts.most();
            counts.paint(&mut image, shading, most, dark);
            if matches!(shading, Shading::Ramp) {
                self.most = Some(most);
            }
        }
        self.shown = (!layers.is_empty()).then_some(cells);
        match &mut self.texture {
            Some(texture) => texture.set(image, TextureOptions::NEAREST),
            None => self.texture = Some(ui.ctx().load_texture("density", image, TextureOptions::NEAREST)),
        }
    }

    pub(super) fn paint(&self, painter: &Painter, frame: &Frame) {
        if let (Some(cells), Some(texture)) = (&self.shown, &self.texture) {
            let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            painter.image(texture.id(), cells.area(frame), whole, Color32::WHITE);
        }
    }
}

/// What the shades mean: from one image per cell to the most. One widget, so that lines break around it.
pub(super) fn ramp_ui(ui: &mut Ui, most: u32) {
    const STEPS: usize = 24;
    const RAMP: f32 = 72.0;
    let (dark, ink) = (ui.visuals().dark_mode, ui.visuals().text_color());
    let font = egui::TextStyle::Body.resolve(ui.style());
    let layout = |text: String| ui.painter().layout_no_wrap(text, font.clone(), ink);
    let most = format!("{} per cell", wording::count(most as usize, "image"));
    let (least, text) = (layout("1".to_owned()), layout(most.clone()));
    let size = Vec2::new(least.size().x + RAMP + text.size().x + 8.0, text.size().y);
    let (place, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let left = place.left() + least.size().x + 4.0;
    let width = RAMP / STEPS as f32;
    for step in 0..STEPS {
        let corner = egui::pos2(left + width * step as f32, place.center().y - 5.0);
        let part = Rect::from_min_size(corner, Vec2::new(width + 0.5, 10.0));
        ui.painter().rect_filled(part, 0.0, shade(step as f32 / (STEPS - 1) as f32, dark));
    }
    ui.painter().galley(place.min, least, ink);
    ui.painter().galley(egui::pos2(left + RAMP + 4.0, place.top()), text, ink);
    response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Shades: 1 to {most}")));
    response.on_hover_text("Images per cell, on a logarithmic scale");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(min: [f32; 2]) -> Frame {
        Frame {
            area: Rect::from_min_size(egui::pos2(50.0, 10.0), Vec2::new(400.0, 200.0)),
            bounds: Bounds { min, max: [min[0] + 1.0, min[1] + 0.5] },
        }
    }

    #[test]
    fn cells_count_every_image_once_and_move_with_the_plane() {
        let places: Vec<[f32; 2]> =
            (0..1_000).map(|i| [(i * 37 % 101) as f32 * 0.01, (i * 53 % 97) as f32 * 0.005]).collect();
        let cells = Cells::new(&frame([-0.02, -0.01]), CELL);
        let mut counts = Counts::new(cells, 1);
        for at in &places {
            counts.add(*at, 0);
        }
        let inside = places.iter().filter(|at| cells.cell(**at).is_some()).count() as u32;
        assert_eq!(counts.numbers.iter().sum::<u32>(), inside);
        assert!(inside > 900);
        // Moved by less than a cell, two images are in one cell exactly if they were before.
        let moved = Cells::new(&frame([-0.017, -0.008]), CELL);
        for pair in places.windows(2) {
            let together = |cells: &Cells| Some(cells.cell(pair[0])? == cells.cell(pair[1])?);
            if let (Some(before), Some(after)) = (together(&cells), together(&moved)) {
                assert_eq!(before, after, "{pair:?}");
            }
        }
        assert_eq!(cells.cell([f32::NAN, 0.1]), None);
        assert!((0..cells.count()).all(|cell| cells.cell(cells.middle(cell)) == Some(cell)));
    }

    #[test]
    fn a_cell_is_where_its_images_are_on_the_screen() {
        let frame = frame([-0.02, -0.01]);
        let cells = Cells::new(&frame, CELL);
        let at = [0.3, 0.2];
        let cell = cells.cell(at).unwrap();
        let [columns, rows] = cells.size;
        let area = cells.area(&frame);
        let size = Vec2::new(area.width() / columns as f32, area.height() / rows as f32);
        let corner = area.min + Vec2::new((cell % columns) as f32, (cell / columns) as f32) * size;
        assert!(Rect::from_min_size(corner, size).expand(0.01).contains(frame.to_screen(at)));
    }

    #[test]
    fn the_colour_is_of_the_class_most_have_and_more_images_are_fuller() {
        let frame = frame([0.0, 0.0]);
        let cells = Cells::new(&frame, CELL);
        let mut counts = Counts::new(cells, 3);
        let (few, many) = ([0.1, 0.1], [0.6, 0.3]);
        for (at, class) in [(few, 0), (many, 2), (many, 2), (many, 1), (many, 2)] {
            counts.add(at, class);
        }
        assert_eq!(counts.cell(cells.cell(many).unwrap()), (4, 2));
        assert_eq!(counts.most(), 4);
        let mut image = ColorImage::filled(cells.size, Color32::TRANSPARENT);
        let colours = vec![Color32::RED, Color32::GREEN, Color32::BLUE];
        counts.paint(&mut image, &Shading::Classes(colours), 4, true);
        assert_eq!(image.pixels[cells.cell(many).unwrap()], Color32::BLUE);
        let few = image.pixels[cells.cell(few).unwrap()];
        assert!(few.r() > 0 && few.b() == 0 && few.a() < 255);
        assert_eq!(image.pixels.iter().filter(|pixel| pixel.a() > 0).count(), 2);
    }

    #[test]
    fn shades_go_away_from_the_background() {
        let light = |colour: Color32| u32::from(colour.r()) + u32::from(colour.g()) + u32::from(colour.b());
        for dark in [true, false] {
            let shades: Vec<u32> = (0..=20).map(|step| light(shade(step as f32 / 20.0, dark))).collect();
            let steady = if dark { shades.is_sorted() } else { shades.is_sorted_by(|a, b| a >= b) };
            assert!(steady, "{shades:?}");
        }
        assert!((share(1, 100), share(10, 100), share(100, 100)) == (0.0, 0.5, 1.0));
        assert!(share(1, 1) > 0.99);
    }
}
