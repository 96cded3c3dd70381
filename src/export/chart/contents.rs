//! The contents of a page, as plain data.

use image::Rgb;

use super::axis::Axis;
use crate::data::Class;
use crate::data::images::ReducedImage;

/// The first line or bar of a plot, and right predictions: blue of Okabe & Ito, as the window's light theme has it.
pub const BLUE: Rgb<u8> = Rgb([0, 98, 160]);
/// The second: orange.
pub const ORANGE: Rgb<u8> = Rgb([190, 104, 0]);
/// Wrong predictions: vermilion.
pub const VERMILION: Rgb<u8> = Rgb([190, 60, 0]);
/// The third: green.
pub const GREEN: Rgb<u8> = Rgb([0, 125, 88]);
/// The fourth: purple.
pub const PURPLE: Rgb<u8> = Rgb([136, 62, 140]);
/// Marks that stand on bars: ink.
pub const INK: Rgb<u8> = Rgb([22, 24, 29]);
/// What is only a reference: the diagonal of perfect calibration, a limit.
pub const GREY: Rgb<u8> = Rgb([98, 104, 115]);
/// Colours of classes: Paul Tol's bright ones and three more, dark enough for white paper. Beyond ten they repeat.
const CLASS_COLOURS: [Rgb<u8>; 10] = [
    Rgb([68, 119, 190]),
    Rgb([222, 82, 100]),
    Rgb([34, 136, 51]),
    Rgb([178, 160, 30]),
    Rgb([60, 168, 205]),
    Rgb([170, 51, 119]),
    Rgb([228, 105, 32]),
    Rgb([110, 110, 110]),
    Rgb([50, 150, 135]),
    Rgb([140, 98, 180]),
];

/// The colour of a class.
#[must_use]
pub fn class_colour(class: Class) -> Rgb<u8> {
    CLASS_COLOURS[usize::from(class) % CLASS_COLOURS.len()]
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// First lines, large; wraps.
    pub title: String,
    /// What it shows, smaller; wraps; may be empty.
    pub note: String,
    /// Panels from top to bottom; those of one row share its width equally.
    pub rows: Vec<Vec<Panel>>,
    /// Where the numbers come from, small; wraps ([`crate::export::contact_sheet::Provenance`] as text).
    pub footer: String,
}

impl Chart {
    /// The same page where its images are photographs: drawn as bright as they are, where ink is drawn dark on paper.
    #[must_use]
    pub fn of_photographs(mut self) -> Self {
        for panel in self.rows.iter_mut().flatten() {
            let images: Vec<&mut Vec<u8>> = match panel {
                Panel::Plot(plot) => plot.below.iter_mut().map(|(_, image)| image).collect(),
                Panel::Pictures(pictures) => {
                    pictures.pictures.iter_mut().map(|picture| &mut picture.pixels).collect()
                }
                Panel::Map(map) => vec![&mut map.under],
                Panel::Matrix(_) | Panel::Table(_) => Vec::new(),
            };
            for value in images.into_iter().flatten() {
                *value = 255 - *value;
            }
        }
        self
    }
}

/// One part of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Panel {
    /// Values on two axes.
    Plot(Plot),
    /// Images with captions.
    Pictures(Pictures),
    /// What each pixel of an image does.
    Map(Map),
    /// Counts by row and column.
    Matrix(Matrix),
    /// Words and numbers.
    Table(Table),
}

/// Values on two axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// What the panel shows; may be empty. Names the panel in the table.
    pub heading: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis; its label stands above it.
    pub y: Axis,
    /// The series plotted, the last on top.
    pub series: Vec<Series>,
    /// Images below the horizontal axis, each centred at a value, as large as the room between them allows.
    pub below: Vec<(f64, Vec<u8>)>,
}

/// Values of one name, colour and look.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its entry in the legend; none when empty.
    pub name: String,
    /// Its colour.
    pub colour: Rgb<u8>,
    /// How its points are drawn.
    pub mark: Mark,
    /// Its points, in the order in which a line joins them.
    pub points: Vec<Point>,
    /// What each point is called in the table (`image 247`); may be empty.
    pub names: Vec<String>,
}

/// How points are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// A line through them, interrupted where one is not finite; a band between `low` and `high`.
    Line,
    /// The same, dashed.
    Dashes,
    /// A mark at each; a whisker from `low` to `high`.
    Dots {
        /// Its shape.
        shape: DotShape,
        /// Half its width in pixels.
        radius: f32,
        /// 0 invisible … 1 solid.
        alpha: f32,
    },
    /// A bar from zero to `y`, from `x` to `x_end` (0.8 wide around `x` when that is not given); a whisker from `low`
    /// to `high`. Bars of several series are seen through each other.
    Bars,
    /// A vertical line at each `x`.
    Vertical,
    /// A horizontal line at each `y`.
    Horizontal,
}

/// The shape of a dot: series are told apart by it, not by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DotShape {
    /// A disc.
    #[default]
    Circle,
    /// A square standing on its corner.
    Diamond,
    /// A square.
    Square,
    /// A triangle pointing up.
    Triangle,
    /// A diagonal cross.
    Cross,
    /// A triangle pointing down.
    Wedge,
}

impl DotShape {
    /// All shapes.
    pub const ALL: [Self; 6] =
        [Self::Circle, Self::Diamond, Self::Square, Self::Triangle, Self::Cross, Self::Wedge];

    /// The shape of the series number `place`.
    #[must_use]
    pub fn number(place: usize) -> Self {
        Self::ALL[place % Self::ALL.len()]
    }
}

/// A point of a series; what it does not have is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Horizontal value, or where a bar begins.
    pub x: f64,
    /// Where a bar ends.
    pub x_end: f64,
    /// Vertical value.
    pub y: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Point {
    /// A point.
    #[must_use]
    pub const fn at(x: f64, y: f64) -> Self {
        Self { x, x_end: f64::NAN, y, low: f64::NAN, high: f64::NAN }
    }

    /// A bar between two horizontal values.
    #[must_use]
    pub const fn bar(from: f64, to: f64, y: f64) -> Self {
        Self { x_end: to, ..Self::at(from, y) }
    }

    /// The same with an interval.
    #[must_use]
    pub const fn between(self, low: f64, high: f64) -> Self {
        Self { low, high, ..self }
    }

    /// The same with an interval of one standard error to each side; none when that is not finite.
    #[must_use]
    pub fn with_error(self, error: f64) -> Self {
        self.between(self.y - error, self.y + error)
    }
}

impl Series {
    /// A solid line.
    #[must_use]
    pub fn line(name: impl Into<String>, colour: Rgb<u8>, points: impl IntoIterator<Item = Point>) -> Self {
        let points = points.into_iter().collect();
        Self { name: name.into(), colour, mark: Mark::Line, points, names: Vec::new() }
    }

    /// A dashed line.
    #[must_use]
    pub fn dashes(name: impl Into<String>, colour: Rgb<u8>, points: impl IntoIterator<Item = Point>) -> Self {
        Self { mark: Mark::Dashes, ..Self::line(name, colour, points) }
    }

    /// Solid discs.
    #[must_use]
    pub fn dots(name: impl Into<String>, colour: Rgb<u8>, points: impl IntoIterator<Item = Point>) -> Self {
        let mark = Mark::Dots { shape: DotShape::Circle, radius: 5.0, alpha: 1.0 };
        Self { mark, ..Self::line(name, colour, points) }
    }

    /// Bars.
    #[must_use]
    pub fn bars(name: impl Into<String>, colour: Rgb<u8>, points: impl IntoIterator<Item = Point>) -> Self {
        Self { mark: Mark::Bars, ..Self::line(name, colour, points) }
    }

    /// Bars of equal width between two values: a histogram.
    #[must_use]
    pub fn histogram(name: impl Into<String>, colour: Rgb<u8>, [from, to]: [f64; 2], counts: &[u32]) -> Self {
        let width = (to - from) / counts.len().max(1) as f64;
        let edge = |bin: usize| from + bin as f64 * width;
        let bars = counts
            .iter()
            .enumerate()
            .map(|(bin, count)| Point::bar(edge(bin), edge(bin + 1), f64::from(*count)));
        Self::bars(name, colour, bars)
    }

    /// A vertical line.
    #[must_use]
    pub fn vertical(name: impl Into<String>, colour: Rgb<u8>, x: f64) -> Self {
        Self { mark: Mark::Vertical, ..Self::line(name, colour, [Point::at(x, f64::NAN)]) }
    }

    /// A horizontal line.
    #[must_use]
    pub fn horizontal(name: impl Into<String>, colour: Rgb<u8>, y: f64) -> Self {
        Self { mark: Mark::Horizontal, ..Self::line(name, colour, [Point::at(f64::NAN, y)]) }
    }

    /// The same with a name for each point.
    #[must_use]
    pub fn named(self, names: impl IntoIterator<Item = String>) -> Self {
        Self { names: names.into_iter().collect(), ..self }
    }

    /// The same with another mark.
    #[must_use]
    pub fn marked(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }
}

/// Images with captions, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pictures {
    /// What they are; may be empty.
    pub heading: String,
    /// The images.
    pub pictures: Vec<Picture>,
    /// Images side by side; as many as there are when 0.
    pub columns: usize,
}

/// The longer side of an image at most, in pixels: six times 28.
pub const LARGEST_PICTURE: usize = 168;

/// One image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Grey values, `[28, 28]`: 0 background, 255 ink.
    pub pixels: Vec<u8>,
    /// The image as it is, which is drawn in place of these; `None` where the network sees it so, or it cannot be read.
    pub original: Option<ReducedImage>,
    /// What it is; a line break begins a second line.
    pub caption: String,
}

/// What each pixel of an image does: blue for less, orange for more.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// What it shows, with its unit.
    pub heading: String,
    /// Further words below it; may be empty.
    pub caption: String,
    /// A value for each pixel, `[28, 28]`; NaN has no colour.
    pub values: Vec<f32>,
    /// The value of full colour; the largest there is when `None`.
    pub scale: Option<f32>,
    /// Grey values of the image seen under the colours, `[28, 28]`; may be empty.
    pub under: Vec<u8>,
}

/// Counts by row and column, such as a confusion matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// What it shows.
    pub heading: String,
    /// What the rows and what the columns are.
    pub axes: [String; 2],
    /// Names of the rows.
    pub rows: Vec<String>,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Counts, `[rows][columns]`; the diagonal is drawn in another colour than the rest.
    pub counts: Vec<Vec<u64>>,
}

/// Words and numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows.
    pub heading: String,
    /// Names of the columns; the first column names the rows.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The text shown.
    pub text: String,
    /// The number it is, with the ends of its interval; NaN for what there is not.
    pub number: [f64; 3],
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, number: [f64::NAN; 3] }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Cell {
    /// A number as it is to be read.
    #[must_use]
    pub fn number(text: impl Into<String>, value: f64) -> Self {
        Self { text: text.into(), number: [value, f64::NAN, f64::NAN] }
    }

    /// The same with an interval.
    #[must_use]
    pub fn between(self, low: f64, high: f64) -> Self {
        Self { number: [self.number[0], low, high], ..self }
    }
}
