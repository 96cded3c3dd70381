//! What a graph takes: colours, either order, any size, and what is done to the pixels before.

use super::*;

/// An image in colour that differs everywhere: rows of pixels, the channels of a pixel together.
fn coloured(shape: ImageShape) -> Vec<f32> {
    (0..shape.bytes()).map(|at| ((at * 37) % 101) as f32 / 100.0).collect()
}

fn answers(graph: &GraphModel, preprocessing: &Preprocessing, image: &[f32]) -> Vec<f32> {
    graph.plain(&Runner::new(), &graph.input().prepare(preprocessing, image)).unwrap().1
}

#[test]
fn colours_enter_in_the_order_that_the_file_says() {
    let first = Written::taking(&[0, 3, 8, 6]).then("Flatten", &["x"], "flat").dense("flat", "fc", [144, 4]);
    let last = Written::taking(&[1, 8, 6, 3])
        .then("Transpose", &["x"], "turned")
        .with_many("perm", &[0, 3, 1, 2])
        .then("Flatten", &["turned"], "flat")
        .dense("flat", "fc", [144, 4]);
    let [first, last] = [first, last].map(|written| opened(&written.bytes("fc")).unwrap());
    let shape = ImageShape::new(8, 6, 3).unwrap();
    assert_eq!((first.input().image, first.input().layout), (shape, ImageLayout::ChannelsFirst));
    assert_eq!((last.input().image, last.input().layout), (shape, ImageLayout::ChannelsLast));
    let (image, imagenet) = (coloured(shape), "imagenet".parse::<Preprocessing>().unwrap());
    let answer = answers(&first, &imagenet, &image);
    assert_eq!(answer, answers(&last, &imagenet, &image));
    // The same from the weights.
    let (weight, bias) = dense_weights([144, 4]);
    let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    for (class, answer) in answer.iter().enumerate() {
        let mut sum = f64::from(bias[class]);
        for channel in 0..3 {
            for pixel in 0..48 {
                let value = (f64::from(image[pixel * 3 + channel]) - mean[channel]) / std[channel];
                sum += value * f64::from(weight[class * 144 + channel * 48 + pixel]);
            }
        }
        assert!((sum - f64::from(*answer)).abs() < 1e-4, "{sum} {answer}");
    }
    let reversed = Preprocessing { reversed: true, ..imagenet };
    let turned: Vec<f32> = image.chunks(3).flat_map(|colour| [colour[2], colour[1], colour[0]]).collect();
    // Mean and standard deviation stay with their colours.
    let own = Preprocessing {
        mean: [imagenet.mean[2], imagenet.mean[1], imagenet.mean[0]],
        std: [imagenet.std[2], imagenet.std[1], imagenet.std[0]],
        ..imagenet
    };
    assert_eq!(answers(&first, &reversed, &image), answers(&first, &own, &turned));
}

#[test]
fn a_size_that_is_left_open_is_the_first_that_runs() {
    let any = Written::taking(&[0, 3, 0, 0]).then("Flatten", &["x"], "flat").dense("flat", "fc", [3072, 3]);
    let any = opened(&any.bytes("fc")).unwrap();
    assert_eq!((any.input().image, any.input().any_size), (ImageShape::new(32, 32, 3).unwrap(), true));
    let none = Written::taking(&[0, 3, 0, 0]).then("Flatten", &["x"], "flat").dense("flat", "fc", [3000, 3]);
    let said = error(&none.bytes("fc"));
    assert!(said.contains("cannot be run"), "{said}");
    let numbers = Written::taking(&[0, 3072]).dense("x", "fc", [3072, 3]);
    let numbers = opened(&numbers.bytes("fc")).unwrap();
    assert_eq!((numbers.input().image.bytes(), numbers.input().layout), (3072, ImageLayout::Flat));
}

#[test]
fn what_is_no_image_is_refused_with_its_shape() {
    for (shape, told) in [
        (&[0, 4, 32, 32][..], "[?, 4, 32, 32]"),
        (&[0, 3, 512, 512], "[?, 3, 512, 512]"),
        (&[0, 785], "[?, 785]"),
        (&[0, 3, 8, 8, 8], "[?, 3, 8, 8, 8]"),
    ] {
        let inputs = shape[1..].iter().product::<i64>() as usize;
        let written =
            Written::taking(shape).then("Flatten", &["x"], "y").dense("y", "fc", [inputs.min(4000), 3]);
        let said = error(&written.bytes("fc"));
        assert!(said.contains(told) && said.contains("256×256"), "{said}");
    }
}
