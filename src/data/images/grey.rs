//! Images of any shape → 28×28 grey, and to another size: by area, so that no pixel is lost or counted twice.

use super::shape::ImageShape;

/// Side of the result of [`grey28`].
const SIDE: usize = 28;

/// One image of `shape` (rows of pixels, channels together) as 28×28 grey values. Colours weigh as in Rec. 601, which
/// torchvision's and Pillow's grey images follow; an image that is 28×28 grey stays byte for byte.
///
/// # Panics
/// When `image` has not [`ImageShape::bytes`] bytes, or `out` not 784.
pub fn grey28(shape: ImageShape, image: &[u8], out: &mut [u8]) {
    assert_eq!((image.len(), out.len()), (shape.bytes(), SIDE * SIDE), "an image and its 28×28 values");
    let grey: Vec<u8>;
    let plane = if shape.is_colour() {
        grey = image.chunks_exact(3).map(luma).collect();
        &grey
    } else {
        image
    };
    if (shape.height(), shape.width()) == (SIDE, SIDE) {
        out.copy_from_slice(plane);
    } else {
        resize(plane, (shape.height(), shape.width()), 1, out, (SIDE, SIDE));
    }
}

/// The grey value of a colour: 0.299 R + 0.587 G + 0.114 B, rounded.
#[must_use]
pub fn luma(rgb: &[u8]) -> u8 {
    let weighed = 299 * u32::from(rgb[0]) + 587 * u32::from(rgb[1]) + 114 * u32::from(rgb[2]);
    ((weighed + 500) / 1000) as u8
}

/// Resizes an image of `channels` values a pixel from one (height, width) to another. Every value of the result is the
/// mean of the area that it covers in the original.
///
/// # Panics
/// When a slice is not of its size, or a side is 0.
pub fn resize(image: &[u8], from: (usize, usize), channels: usize, out: &mut [u8], to: (usize, usize)) {
    assert_eq!((image.len(), out.len()), (from.0 * from.1 * channels, to.0 * to.1 * channels), "sizes");
    let (rows, columns) = (spans(from.0, to.0), spans(from.1, to.1));
    // Columns first, kept as numbers; then rows.
    let mut narrow = vec![0.0_f32; from.0 * to.1 * channels];
    for y in 0..from.0 {
        for (x, span) in columns.iter().enumerate() {
            for channel in 0..channels {
                let value = span
                    .iter()
                    .map(|(at, share)| share * f32::from(image[(y * from.1 + at) * channels + channel]));
                narrow[(y * to.1 + x) * channels + channel] = value.sum();
            }
        }
    }
    let row = to.1 * channels;
    for (y, span) in rows.iter().enumerate() {
        for x in 0..row {
            let value: f32 = span.iter().map(|(at, share)| share * narrow[at * row + x]).sum();
            out[y * row + x] = value.round().clamp(0.0, 255.0) as u8;
        }
    }
}

/// For each of `to` places along a side: the places of `from` that it covers, and the share of each.
fn spans(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
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
        grey28(ImageShape::MNIST, &image, &mut out);
        assert_eq!(out, image);
    }

    #[test]
    fn colours_weigh_as_rec_601_says() {
        assert_eq!([[255, 0, 0], [0, 255, 0], [0, 0, 255]].map(|rgb| luma(&rgb)), [76, 150, 29]);
        assert_eq!([[255; 3], [0; 3], [7; 3]].map(|rgb| luma(&rgb)), [255, 0, 7]);
    }

    #[test]
    fn halving_takes_the_mean_of_four_and_doubling_repeats() {
        let mut out = [0; 1];
        resize(&[0, 100, 200, 60], (2, 2), 1, &mut out, (1, 1));
        assert_eq!(out, [90]);
        let mut out = [0; 8];
        resize(&[10, 30], (1, 2), 1, &mut out, (2, 4));
        assert_eq!(out, [10, 10, 30, 30, 10, 10, 30, 30]);
        // Three to two: the second covers half of the middle and all of the last.
        let mut out = [0; 2];
        resize(&[0, 90, 180], (1, 3), 1, &mut out, (1, 2));
        assert_eq!(out, [30, 150]);
        let mut out = [0; 3];
        resize(&[0, 10, 20, 100, 30, 40], (2, 1), 3, &mut out, (1, 1));
        assert_eq!(out, [50, 20, 30]);
    }

    #[test]
    fn an_even_image_stays_even_at_any_size() {
        for (height, width) in [(1, 1), (32, 32), (17, 200), (256, 3)] {
            let shape = ImageShape::new(height, width, 3).unwrap();
            let mut out = vec![0; 784];
            grey28(shape, &vec![93; shape.bytes()], &mut out);
            assert!(out.iter().all(|value| *value == 93), "{shape}");
        }
    }
}
