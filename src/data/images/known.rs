//! Names of the classes of published sets, which their files do not hold: told by folder or by content.

use sha2::{Digest as _, Sha256};

use crate::data::classes::Classes;
use crate::wording::hexadecimal;

/// SHA-256 of the labels of Fashion-MNIST (one byte each, without header): training and test.
const FASHION_LABELS: [&str; 2] = [
    "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
];

const FASHION: &str = "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot";
const KMNIST: &str = "o, ki, su, tsu, na, ha, ma, ya, re, wo";
const CIFAR10: &str = "airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck";
const CIFAR100: &str = "apple, aquarium_fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl, boy, \
     bridge, bus, butterfly, camel, can, castle, caterpillar, cattle, chair, chimpanzee, clock, cloud, cockroach, \
     couch, crab, crocodile, cup, dinosaur, dolphin, elephant, flatfish, forest, fox, girl, hamster, house, kangaroo, \
     keyboard, lamp, lawn_mower, leopard, lion, lizard, lobster, man, maple_tree, motorcycle, mountain, mouse, \
     mushroom, oak_tree, orange, orchid, otter, palm_tree, pear, pickup_truck, pine_tree, plain, plate, poppy, \
     porcupine, possum, rabbit, raccoon, ray, road, rocket, rose, sea, seal, shark, shrew, skunk, skyscraper, snail, \
     snake, spider, squirrel, streetcar, sunflower, sweet_pepper, table, tank, telephone, television, tiger, tractor, \
     train, trout, tulip, turtle, wardrobe, whale, willow_tree, wolf, woman, worm";

/// The lower-case letters whose shape differs from their capital's, as EMNIST balanced and bymerge keep them.
const APART: &str = "abdefghnqrt";

fn listed(names: &str) -> Option<Classes> {
    Classes::named(names.split(", ")).ok()
}

/// The classes of a published set in the folder or file of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Classes> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    match plain {
        _ if plain.contains("fashionmnist") || plain == "fashion" => listed(FASHION),
        _ if plain.contains("kmnist") || plain.contains("kuzushijimnist") => listed(KMNIST),
        _ if plain.contains("cifar100") => cifar100(),
        _ if plain.contains("cifar10") => cifar10(),
        _ => None,
    }
}

/// The classes of a published set with these labels, one byte each.
#[must_use]
pub fn by_labels(labels: &[u8]) -> Option<Classes> {
    let sha256 = hexadecimal(&Sha256::digest(labels));
    FASHION_LABELS.contains(&&*sha256).then(|| listed(FASHION)).flatten()
}

/// CIFAR-10's ten classes.
#[must_use]
pub fn cifar10() -> Option<Classes> {
    listed(CIFAR10)
}

/// CIFAR-100's hundred fine classes.
#[must_use]
pub fn cifar100() -> Option<Classes> {
    listed(CIFAR100)
}

/// A split of EMNIST: its classes, and the label of its first class.
#[must_use]
pub fn emnist(split: &str) -> Option<(Classes, u16)> {
    let split = split.to_lowercase();
    let of = |names: &mut dyn Iterator<Item = char>| Classes::named(names.map(String::from)).ok();
    let (digits, capitals) = (|| '0'..='9', || 'A'..='Z');
    if split.contains("letters") {
        return of(&mut ('a'..='z')).map(|classes| (classes, 1));
    }
    let classes = if split.contains("byclass") {
        of(&mut digits().chain(capitals()).chain('a'..='z'))
    } else if split.contains("balanced") || split.contains("bymerge") {
        of(&mut digits().chain(capitals()).chain(APART.chars()))
    } else {
        Some(Classes::digits())
    };
    classes.map(|classes| (classes, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_sets_are_known_by_the_name_of_a_folder() {
        let name = |folder: &str, class| by_name(folder).map(|classes| classes.name(class).to_owned());
        assert_eq!(name("Fashion-MNIST", 9).as_deref(), Some("Ankle boot"));
        assert_eq!(name("FashionMNIST", 0).as_deref(), Some("T-shirt/top"));
        assert_eq!(name("KMNIST", 9).as_deref(), Some("wo"));
        assert_eq!(name("cifar-10-batches-bin", 9).as_deref(), Some("truck"));
        assert_eq!(name("cifar-100-binary", 99).as_deref(), Some("worm"));
        assert_eq!(name("MNIST", 0), None);
        assert_eq!(cifar100().map(|classes| classes.len()), Some(100));
    }

    #[test]
    fn the_splits_of_emnist_have_as_many_classes_as_published() {
        for (split, classes, first, last) in [
            ("letters", 26, 1, "z"),
            ("balanced", 47, 0, "t"),
            ("bymerge", 47, 0, "t"),
            ("byclass", 62, 0, "z"),
            ("digits", 10, 0, "9"),
            ("mnist", 10, 0, "9"),
        ] {
            let (found, start) = emnist(&format!("emnist-{split}-train")).unwrap();
            assert_eq!(
                (found.len(), start, found.name(classes - 1)),
                (classes.into(), first, last),
                "{split}"
            );
        }
    }
}
