//! What is done to the numbers of an image before a network takes them: range, mean and standard deviation, order of the
//! colours. A file says none of it; a person does, or one of the usual ways is chosen.

use std::fmt;
use std::str::FromStr;

/// What is done to pixels in 0…1: `(scale·x − mean) / std` for each channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocessing {
    /// What a full pixel becomes before mean and standard deviation: 1, or 255.
    pub scale: f32,
    /// Subtracted, for red, green and blue; the first for grey.
    pub mean: [f32; 3],
    /// Divided by, likewise.
    pub std: [f32; 3],
    /// Whether the network takes blue first.
    pub reversed: bool,
    /// Whether bright and dark are exchanged first.
    pub inverted: bool,
}

impl Default for Preprocessing {
    /// Pixels from 0 to 1.
    fn default() -> Self {
        Self::plain(1.0)
    }
}

/// The usual ways, by name.
pub const PRESETS: [(&str, Preprocessing); 8] = [
    ("0-1", Preprocessing::plain(1.0)),
    ("0-255", Preprocessing::plain(255.0)),
    ("signed", Preprocessing::normalised([0.5; 3], [0.5; 3])),
    ("mnist", Preprocessing::normalised([0.1307; 3], [0.3081; 3])),
    ("fashion-mnist", Preprocessing::normalised([0.2860; 3], [0.3530; 3])),
    ("cifar10", Preprocessing::normalised([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616])),
    ("cifar100", Preprocessing::normalised([0.5071, 0.4865, 0.4409], [0.2673, 0.2564, 0.2762])),
    ("imagenet", Preprocessing::normalised([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])),
];

/// The usual ways for images in colour, or for grey ones.
pub fn presets(colour: bool) -> impl Iterator<Item = (&'static str, Preprocessing)> {
    let of_colours = |way: &Preprocessing| way.mean[0].to_bits() != way.mean[1].to_bits();
    // MNIST and its like are grey; a mean for each colour is for colours.
    let fits = move |(name, way): &(&str, Preprocessing)| {
        if colour { !name.contains("mnist") } else { !of_colours(way) }
    };
    PRESETS.into_iter().filter(fits)
}

impl Preprocessing {
    /// Range alone.
    const fn plain(scale: f32) -> Self {
        Self { scale, mean: [0.0; 3], std: [1.0; 3], reversed: false, inverted: false }
    }

    /// Mean and standard deviation of pixels in 0…1.
    const fn normalised(mean: [f32; 3], std: [f32; 3]) -> Self {
        Self { mean, std, ..Self::plain(1.0) }
    }

    /// Which channel of an image the network takes at a place.
    #[must_use]
    pub fn channel(&self, place: usize, channels: usize) -> usize {
        if self.reversed { channels - 1 - place } else { place }
    }

    /// The number that a pixel of a channel becomes.
    #[must_use]
    #[inline]
    pub fn apply(&self, channel: usize, pixel: f32) -> f32 {
        let pixel = if self.inverted { 1.0 - pixel } else { pixel };
        (pixel * self.scale - self.mean[channel]) / self.std[channel]
    }

    /// All of it, to be hashed.
    #[must_use]
    pub fn bits(&self) -> Vec<u8> {
        let numbers = std::iter::once(self.scale).chain(self.mean).chain(self.std);
        let flags = [u8::from(self.reversed), u8::from(self.inverted)];
        numbers.flat_map(|number| number.to_bits().to_le_bytes()).chain(flags).collect()
    }

    /// Whether it is a range alone, without mean and standard deviation.
    #[must_use]
    pub fn is_range(&self) -> bool {
        let bare = Self { reversed: false, inverted: false, ..*self };
        bare == Self::plain(self.scale)
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Preprocessing {
    /// As [`FromStr`] reads it: `imagenet+bgr`, `0.5/0.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = Self { reversed: false, inverted: false, ..*self };
        if let Some((name, _)) = PRESETS.iter().find(|(_, preset)| *preset == bare) {
            f.write_str(name)?;
        } else {
            let list = |numbers: [f32; 3]| {
                let one = numbers.iter().all(|number| number.to_bits() == numbers[0].to_bits());
                let numbers = if one { &numbers[..1] } else { &numbers[..] };
                numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(",")
            };
            let range = if self.scale > 1.0 { "0-255:" } else { "" };
            write!(f, "{range}{}/{}", list(self.mean), list(self.std))?;
        }
        f.write_str(if self.reversed { "+bgr" } else { "" })?;
        f.write_str(if self.inverted { "+inverted" } else { "" })
    }
}

impl FromStr for Preprocessing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim().split('+').map(str::trim);
        let way = parts.next().unwrap_or_default().to_lowercase();
        let preset = PRESETS.iter().find(|(name, _)| *name == way).map(|(_, preset)| *preset);
        let mut found = match preset {
            Some(preset) => preset,
            None => typed(&way)?,
        };
        for part in parts {
            match part.to_lowercase().as_str() {
                "bgr" => found.reversed = true,
                "inverted" => found.inverted = true,
                _ => return Err(format!("“{part}” is none of bgr and inverted")),
            }
        }
        Ok(found)
    }
}

/// `0.5/0.25`, `0.485,0.456,0.406/0.229,0.224,0.225`, of pixels to 1 or, after `0-255:`, to 255.
fn typed(text: &str) -> Result<Preprocessing, String> {
    let advice = || {
        let names = PRESETS.map(|(name, _)| name).join(", ");
        format!(
            "“{text}” is none of {names}, and no MEAN/STD such as 0.5/0.25 or 0.48,0.46,0.41/0.23,0.22,0.22"
        )
    };
    let (scale, rest) = match text.strip_prefix("0-255:") {
        Some(rest) => (255.0, rest),
        None => (1.0, text),
    };
    let (mean, std) = rest.split_once('/').ok_or_else(advice)?;
    let three = |list: &str| -> Option<[f32; 3]> {
        let numbers: Vec<f32> =
            list.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        let numbers = match numbers[..] {
            [one] => [one; 3],
            [red, green, blue] => [red, green, blue],
            _ => return None,
        };
        numbers.iter().all(|number| number.is_finite()).then_some(numbers)
    };
    let (Some(mean), Some(std)) = (three(mean), three(std)) else { return Err(advice()) };
    if std.iter().any(|std| *std < 1e-6) {
        return Err(format!("a standard deviation is above 0; “{text}” has another"));
    }
    Ok(Preprocessing { scale, ..Preprocessing::normalised(mean, std) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let typed =
            ["imagenet", "0-255+bgr", "0.5/0.25+inverted", "0-255:104,117,124/1+bgr", "0.1,0.2,0.3/1,2,3"];
        for text in typed {
            let found: Preprocessing = text.parse().unwrap();
            assert_eq!((found.to_string().as_str(), found.to_string().parse()), (text, Ok(found)));
        }
        assert_eq!(" 0-1 ".parse(), Ok(Preprocessing::default()));
        let names = |colour: bool| presets(colour).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(false), ["0-1", "0-255", "signed", "mnist", "fashion-mnist"]);
        assert_eq!(names(true), ["0-1", "0-255", "signed", "cifar10", "cifar100", "imagenet"]);
        for wrong in ["", "imagnet", "0.5", "0.5/0", "1,2/1", "nan/1", "0-1+rgb", "0.5/0.5/0.5"] {
            assert!(wrong.parse::<Preprocessing>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pixel_becomes_what_the_usual_formula_says() {
        let imagenet: Preprocessing = "imagenet".parse().unwrap();
        assert!((imagenet.apply(1, 0.68) - 1.0).abs() < 1e-6);
        let caffe: Preprocessing = "0-255:123.68,116.779,103.939/1+bgr+inverted".parse().unwrap();
        assert!((caffe.apply(2, 0.0) - (255.0 - 103.939)).abs() < 1e-4);
        assert_eq!([0, 1, 2].map(|place| caffe.channel(place, 3)), [2, 1, 0]);
        assert_eq!((caffe.channel(0, 1), imagenet.channel(2, 3)), (0, 2));
        assert_ne!(imagenet.bits(), caffe.bits());
    }
}
