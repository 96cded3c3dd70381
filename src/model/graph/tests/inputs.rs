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

/// A graph of two outputs over one input of 28×28 and another that one of them needs.
fn of_two_outputs() -> Vec<u8> {
    let mut written = Written::taking(&[0, 784])
        .dense("x", "hidden", [784, 6])
        .then("Relu", &["hidden"], "relu")
        .then("Mul", &["relu", "ages"], "aged")
        .dense("aged", "by age", [6, 4])
        .dense("relu", "kind", [6, 3]);
    written.graph.input.push(value("ages", &[0, 1]));
    written.graph.output.push(value("by age", &[]));
    written.graph.output.push(value("hidden", &[]));
    written.bytes("kind")
}

#[test]
fn of_several_outputs_one_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.onnx");
    fs::write(&path, of_two_outputs()).unwrap();
    // The first that can be computed from images alone, and that tells classes apart.
    let first = GraphModel::open(&path).unwrap();
    let all = ["by age", "hidden", "kind"].map(str::to_owned);
    assert_eq!((first.outputs(), first.classes()), (("hidden", &all[..]), 6));
    let kind = GraphModel::open_at(&path, Some("kind")).unwrap();
    assert_eq!((kind.outputs().0, kind.classes(), kind.input().name.as_str()), ("kind", 3, "x"));
    let image = image_of(784);
    let (features, logits) = kind.plain(&Runner::new(), &image).unwrap();
    let (_, hidden) = first.plain(&Runner::new(), &image).unwrap();
    // The features of the one come from the other.
    for (feature, hidden) in features.iter().zip(&hidden) {
        assert!((feature - hidden.max(0.0)).abs() < 1e-6);
    }
    assert_eq!(logits.len(), 3);
    assert_eq!(kind.hash(), first.hash());
    let said = |output: &str| GraphModel::open_at(&path, Some(output)).unwrap_err().to_string();
    assert!(said("by age").contains("its output takes 2 inputs (x, ages)"), "{}", said("by age"));
    assert!(
        said("colour").contains("it has no output colour; it has by age, hidden, kind"),
        "{}",
        said("colour")
    );
}

fn image_of(numbers: usize) -> Vec<f32> {
    (0..numbers).map(|at| ((at * 37) % 101) as f32 / 100.0).collect()
}

#[test]
fn a_network_in_double_precision_answers_as_in_single() {
    let single = usual();
    let mut double = single.clone();
    for tensor in &mut double.graph.initializer {
        if tensor.data_type == Some(DataType::FLOAT) {
            let raw = tensor.raw_data.take().unwrap().into_inner();
            let numbers = raw.as_chunks::<4>().0.iter().map(|one| f64::from(f32::from_le_bytes(*one)));
            tensor.raw_data = Some(RefCell::new(numbers.flat_map(f64::to_le_bytes).collect()));
            tensor.data_type = Some(DataType::DOUBLE);
        }
    }
    for node in &mut double.graph.node {
        // What the mask is cast to.
        node.attribute
            .iter_mut()
            .filter(|one| one.name.as_deref() == Some("to"))
            .for_each(|one| one.i = Some(11));
    }
    let of = double.graph.input[0].r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
    of.elem_type = Some(DataType::DOUBLE);
    let [single, double] = [single, double].map(|written| opened(&written.bytes("fc2")).unwrap());
    let image = image_of(784);
    let answer = |graph: &GraphModel| graph.plain(&Runner::new(), &image).unwrap();
    assert_eq!(answer(&single), answer(&double));
    assert_eq!(single.sites(), double.sites());
    assert!(double.agrees(InstructionSet::detect()));
}
