//! Images of any shape brought to another: by area, so that no pixel is lost or counted twice.

use super::shape::ImageShape;

/// Brings images of one shape to another. Colours weigh as in Rec. 601, which torchvision's and Pillow's grey images
/// follow, where they become grey; grey becomes three equal colours; sizes change by area. An image that has the shape
/// already stays byte for byte.
#[derive(Debug)]
pub struct Brought {
    from: ImageShape,
    to: ImageShape,
    plane: Vec<u8>,
    resize: Option<Resize>,
}

impl Brought {
    /// From one shape to another.
    #[must_use]
    pub fn new(from: ImageShape, to: ImageShape) -> Self {
        let [old, new] = [from, to].map(|shape| (shape.height(), shape.width()));
        // The fewer channels are resized, the sooner it is done.
        let channels = from.channels().min(to.channels());
        let resize = (old != new).then(|| Resize::new(old, channels, new));
        Self { from, to, plane: Vec::new(), resize }
    }

    /// One image (rows of pixels, channels together).
    ///
    /// # Panics
    /// When `image` or `out` has not [`ImageShape::bytes`] bytes of its shape.
    pub fn make(&mut self, image: &[u8], out: &mut [u8]) {
        assert_eq!(
            (image.len(), out.len()),
            (self.from.bytes(), self.to.bytes()),
            "an image and its other shape"
        );
        let sized = |resize: &mut Option<Resize>, image: &[u8], out: &mut [u8]| match resize {
            Some(resize) => resize.make(image, out),
            None => out.copy_from_slice(image),
        };
        match (self.from.is_colour(), self.to.is_colour()) {
            (true, false) => {
                self.plane.clear();
                self.plane.extend(image.chunks_exact(3).map(luma));
                sized(&mut self.resize, &self.plane, out);
            }
            (false, true) => {
                self.plane.resize(self.to.pixels(), 0);
                sized(&mut self.resize, image, &mut self.plane);
                for (colour, grey) in out.chunks_exact_mut(3).zip(&self.plane) {
                    colour.fill(*grey);
                }
            }
            _ => sized(&mut self.resize, image, out),
        }
    }
}

/// A picture (rows of pixels of three colours) of any size in another shape.
///
/// # Panics
/// When its bytes are not three for each pixel, or a side is 0.
#[must_use]
pub fn brought_picture(colours: &[u8], [height, width]: [usize; 2], to: ImageShape) -> Vec<u8> {
    let mut sized = vec![0; 3 * to.pixels()];
    Resize::new((height, width), 3, (to.height(), to.width())).make(colours, &mut sized);
    if to.is_colour() { sized } else { sized.chunks_exact(3).map(luma).collect() }
}

/// Numbers of one 28×28 grey image in another shape.
///
/// # Panics
/// When there are not 784.
#[must_use]
pub fn brought_numbers(grey: &[f32], to: ImageShape) -> Vec<f32> {
    let [old, new] = [ImageShape::MNIST, to].map(|shape| (shape.height(), shape.width()));
    let mut plane = grey.to_vec();
    if old != new {
        plane.clear();
        plane.resize(to.pixels(), 0.0);
        Resize::new(old, 1, new).make_numbers(grey, &mut plane);
    }
    plane.into_iter().flat_map(|value| std::iter::repeat_n(value, to.channels())).collect()
}

/// The grey value of a colour: 0.299 R + 0.587 G + 0.114 B, rounded.
#[must_use]
pub fn luma(rgb: &[u8]) -> u8 {
    let weighed = 299 * u32::from(rgb[0]) + 587 * u32::from(rgb[1]) + 114 * u32::from(rgb[2]);
    ((weighed + 500) / 1000) as u8
}

/// Brings images of one size to another. Every value of the result is the mean of the area that it covers in the
/// original.
#[derive(Debug)]
pub struct Resize {
    from: (usize, usize),
    channels: usize,
    to: (usize, usize),
    /// Which rows each row of the result covers, and which columns each column.
    spans: [Vec<Span>; 2],
    narrow: Vec<f32>,
}

/// Places of the original with the share of each.
type Span = Vec<(usize, f32)>;

impl Resize {
    /// From one (height, width) to another, of images with `channels` values a pixel. No side may be 0.
    #[must_use]
    pub fn new(from: (usize, usize), channels: usize, to: (usize, usize)) -> Self {
        let spans = [spans(from.0, to.0), spans(from.1, to.1)];
        Self { from, channels, to, spans, narrow: vec![0.0; from.0 * to.1 * channels] }
    }

    /// Resizes one image.
    ///
    /// # Panics
    /// When a slice is not of its size.
    pub fn make(&mut self, image: &[u8], out: &mut [u8]) {
        self.through(image, out, f32::from, |mean| mean.round().clamp(0.0, 255.0) as u8);
    }

    /// The same of numbers, which are not rounded.
    ///
    /// # Panics
    /// When a slice is not of its size.
    pub fn make_numbers(&mut self, image: &[f32], out: &mut [f32]) {
        self.through(image, out, |value| value, |mean| mean);
    }

    fn through<Value: Copy>(
        &mut self,
        image: &[Value],
        out: &mut [Value],
        number: impl Fn(Value) -> f32,
        of_number: impl Fn(f32) -> Value,
    ) {
        let Self { from, channels, to, spans: [rows, columns], narrow } = self;
        let channels = *channels;
        let sizes = (from.0 * from.1 * channels, to.0 * to.1 * channels);
        assert_eq!((image.len(), out.len()), sizes, "an image and its other size");
        // Columns first, kept as numbers; then rows.
        let row = to.1 * channels;
        for (wide, narrow) in image.chunks_exact(from.1 * channels).zip(narrow.chunks_exact_mut(row)) {
            for (span, values) in columns.iter().zip(narrow.chunks_exact_mut(channels)) {
                for (channel, value) in values.iter_mut().enumerate() {
                    let covered =
                        span.iter().map(|(at, share)| share * number(wide[at * channels + channel]));
                    *value = covered.sum();
                }
            }
        }
        for (span, out) in rows.iter().zip(out.chunks_exact_mut(row)) {
            for (x, value) in out.iter_mut().enumerate() {
                let mean: f32 = span.iter().map(|(at, share)| share * narrow[at * row + x]).sum();
                *value = of_number(mean);
            }
        }
    }
}

/// For each of `to` places along a side: the places of `from` that it covers, and the share of each.
fn spans(from: usize, to: usize) -> Vec<Span> {
    // In units of 1/(from·to) everything is whole: place i of the result covers [i·from, (i+1)·from).
    let span = |place: usize| {
        let (start, end) = (place * from, (place + 1) * from);
        let within = start / to..=(end - 1) / to;
        within
            .map(|at| {
                let covered = end.min((at + 1) * to) - start.max(at * to);
                (at, covered as f32 / from as f32)
            })
            .collect()
    };
    (0..to).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grey_image_of_28_by_28_stays_byte_for_byte() {
        let image: Vec<u8> = (0..784).map(|at| (at % 256) as u8).collect();
        let mut out = vec![0; 784];
        Brought::new(ImageShape::MNIST, ImageShape::MNIST).make(&image, &mut out);
        assert_eq!(out, image);
    }

    #[test]
    fn grey_becomes_three_equal_colours_and_colours_of_the_shape_stay() {
        let [grey, colour] = [1, 3].map(|channels| ImageShape::new(1, 2, channels).unwrap());
        let mut out = [0; 6];
        Brought::new(grey, colour).make(&[7, 200], &mut out);
        assert_eq!(out, [7, 7, 7, 200, 200, 200]);
        Brought::new(colour, colour).make(&[1, 2, 3, 4, 5, 6], &mut out);
        assert_eq!(out, [1, 2, 3, 4, 5, 6]);
        let wide = ImageShape::new(1, 4, 1).unwrap();
        Brought::new(wide, colour).make(&[0, 10, 100, 60], &mut out);
        assert_eq!(out, [5, 5, 5, 80, 80, 80]);
    }

    #[test]
    fn colours_weigh_as_rec_601_says() {
        assert_eq!([[255, 0, 0], [0, 255, 0], [0, 0, 255]].map(|rgb| luma(&rgb)), [76, 150, 29]);
        assert_eq!([[255; 3], [0; 3], [7; 3]].map(|rgb| luma(&rgb)), [255, 0, 7]);
    }

    #[test]
    fn halving_takes_the_mean_of_four_and_doubling_repeats() {
        let mut out = [0; 1];
        Resize::new((2, 2), 1, (1, 1)).make(&[0, 100, 200, 60], &mut out);
        assert_eq!(out, [90]);
        let mut out = [0; 8];
        Resize::new((1, 2), 1, (2, 4)).make(&[10, 30], &mut out);
        assert_eq!(out, [10, 10, 30, 30, 10, 10, 30, 30]);
        // Three to two: the second covers half of the middle and all of the last.
        let mut out = [0; 2];
        Resize::new((1, 3), 1, (1, 2)).make(&[0, 90, 180], &mut out);
        assert_eq!(out, [30, 150]);
        let mut out = [0; 3];
        Resize::new((2, 1), 3, (1, 1)).make(&[0, 10, 20, 100, 30, 40], &mut out);
        assert_eq!(out, [50, 20, 30]);
    }

    #[test]
    fn an_even_image_stays_even_at_any_size() {
        for (height, width) in [(1, 1), (32, 32), (17, 200), (256, 3)] {
            let shape = ImageShape::new(height, width, 3).unwrap();
            let mut out = vec![0; 784];
            Brought::new(shape, ImageShape::MNIST).make(&vec![93; shape.bytes()], &mut out);
            assert!(out.iter().all(|value| *value == 93), "{shape}");
        }
    }
}
