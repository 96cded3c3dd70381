//! Whether a network is given its images as it was trained on them: its accuracy without dropout on some labelled images,
//! and what would raise it where that is far below what the labels allow.
//!
//! The cause is not guessed from pixels: the usual ways of preprocessing are tried, and so is another order of classes.

use super::answer::Answer;
use crate::data::{Class, Digits, Pixels};
use crate::model::graph::Preprocessing;
use crate::model::graph::preprocessing::presets;
use crate::model::{AnyModel, OpenedGraph};
use crate::progress::{Observer, Progress};
use crate::sampling::{Network, SamplingError, TakenImage, logits_without_dropout};
use crate::wording;

/// Images that are looked at most, and numbers of all of them: 80 MB.
const MOST: usize = 100;
const NUMBERS: usize = 20_000_000;
/// An accuracy below this is looked into.
const SUSPICIOUS: f64 = 0.7;
/// Another way is named when it is right about this share of the images more, beyond what chance does.
const BETTER: f64 = 0.15;

/// What was found of a network on some images.
#[derive(Clone, Debug, PartialEq)]
pub struct InputCheck {
    /// The hash of the network's file.
    pub file: String,
    /// What was done to the images.
    pub input: Preprocessing,
    /// [`Digits::hash`] of the images.
    pub dataset: [u8; 32],
    /// Images looked at.
    pub images: usize,
    /// How many of them it is right about without dropout.
    pub right: usize,
    /// Whether that is so few that something is likely wrong.
    pub is_low: bool,
    /// What is likely wrong, in sentences; `None` until that is known.
    pub remark: Option<String>,
    /// A preprocessing with which it is right about more.
    pub better: Option<Preprocessing>,
}

impl InputCheck {
    /// Whether it is of this network, with these images.
    #[must_use]
    pub fn is_of(&self, model: &AnyModel, dataset: &[u8; 32]) -> bool {
        let input = model.graph().map(|opened| opened.preprocessing);
        (input, &self.dataset) == (Some(self.input), dataset) && self.file == model.hash()
    }

    /// `right about 187 of 200 images without dropout`
    #[must_use]
    pub fn told(&self) -> String {
        let images = wording::count(self.images, "image");
        format!("right about {} of {images} without dropout", self.right)
    }
}

/// Labelled images, evenly chosen, as the network takes them.
struct Chosen {
    numbers: Vec<f32>,
    labels: Vec<Class>,
}

/// Looks at some labelled images. `answer` gets the accuracy as soon as it is known, and again with what is likely wrong where
/// it is low; nothing when there are no images of the network's classes, or the observer stopped it.
///
/// # Errors
/// When an image cannot be read, or the network cannot be asked.
pub fn check_input(
    model: &AnyModel,
    digits: &Digits,
    observe: Observer,
    answer: Answer<'_, InputCheck>,
) -> Result<(), SamplingError> {
    let labelled = digits.labelled().len();
    let Some(opened) = model.graph().filter(|_| labelled > 0 && digits.names(model.classes()).agree()) else {
        return Ok(());
    };
    let network = Network::of_model(model)?;
    let count = labelled.min((NUMBERS / model.image().bytes()).clamp(50, MOST));
    let mut chosen = Chosen { numbers: Vec::new(), labels: Vec::new() };
    for at in 0..count {
        let index = (at * labelled / count) as u32;
        chosen.numbers.extend_from_slice(TakenImage::of_set(&network, digits, index)?.seen().numbers());
        chosen.labels.extend(digits.label(index));
    }
    // Answers of this preprocessing, and of those tried.
    let ways = others(&opened.preprocessing, model.image().is_colour());
    let total = (ways.len() + 1) as u64;
    let mut done = 0;
    let mut answers = |network: &Network| -> Result<Option<Vec<Class>>, SamplingError> {
        let pixels = Pixels::taken(&chosen.numbers, network.image());
        let logits =
            logits_without_dropout(network, pixels, None, &mut |_| observe(Progress { done, total }))?;
        done += 1;
        let likeliest = |logits: &[f32]| {
            let best = (0..logits.len()).reduce(|best, at| if logits[at] > logits[best] { at } else { best });
            best.unwrap_or(0) as Class
        };
        Ok(logits.map(|logits| logits.iter().map(|logits| likeliest(logits)).collect()))
    };
    let Some(own) = answers(&network)? else { return Ok(()) };
    let right = |answers: &[Class]| answers.iter().zip(&chosen.labels).filter(|(a, b)| a == b).count();
    let mut check = InputCheck {
        file: model.hash(),
        input: opened.preprocessing,
        dataset: digits.hash(),
        images: count,
        right: right(&own),
        is_low: false,
        remark: None,
        better: None,
    };
    check.is_low = (check.right as f64) < SUSPICIOUS * count as f64;
    if answer(check.clone()).is_break() || !check.is_low {
        return Ok(());
    }
    let mut best: Option<(usize, Preprocessing)> = None;
    for way in ways {
        let other = OpenedGraph { preprocessing: way, ..opened.clone() };
        let Some(found) = answers(&Network::of_graph(&other)?)? else {
            return Ok(());
        };
        let found = right(&found);
        if best.is_none_or(|(most, _)| found > most) {
            best = Some((found, way));
        }
    }
    let reordered = best_order(&own, &chosen.labels, model.classes().len());
    let share = |right: usize| right as f64 / count as f64;
    let clear = |found: usize| {
        let noise = 3.0 * (share(found) * (1.0 - share(found)) / count as f64).sqrt();
        share(found) - share(check.right) > BETTER.max(noise)
    };
    let percent = |right: usize| format!("{:.0} %", 100.0 * share(right));
    let told = format!(
        "Without dropout the network is right about {} of {} labelled images",
        percent(check.right),
        wording::thousands(count as u64)
    );
    let (with, way) = best.unwrap_or((0, opened.preprocessing));
    check.remark = Some(if clear(with) && with >= reordered {
        check.better = Some(way);
        let cause = cause(&opened.preprocessing, &way);
        format!("{told}; with the input “{way}” about {}: {cause}.", percent(with))
    } else if clear(reordered) {
        format!(
            "{told}; if its classes were in another order, about {}: the network and the images likely number them \
             differently.",
            percent(reordered)
        )
    } else {
        format!(
            "{told}, and none of the usual inputs makes it better: it may have been trained on other classes, other \
             images, or with a mean and standard deviation of their own."
        )
    });
    let _ = answer(check);
    Ok(())
}

/// The ways worth a try in place of one.
fn others(own: &Preprocessing, colour: bool) -> Vec<Preprocessing> {
    let mut ways: Vec<Preprocessing> = Vec::new();
    let flags: &[(bool, bool)] = if colour {
        &[(false, false), (true, false), (false, true)]
    } else {
        &[(false, false), (false, true)]
    };
    // Of ways that are as good, the one that differs least.
    for way in [*own].into_iter().chain(presets(colour).map(|(_, way)| way)) {
        for (reversed, inverted) in flags {
            let way = Preprocessing { reversed: *reversed, inverted: *inverted, ..way };
            if way != *own && !ways.contains(&way) {
                ways.push(way);
            }
        }
    }
    ways
}

/// What is likely wrong where another way is better.
fn cause(own: &Preprocessing, better: &Preprocessing) -> &'static str {
    if own.reversed != better.reversed {
        "red and blue are likely exchanged"
    } else if own.inverted != better.inverted {
        "bright and dark are likely exchanged"
    } else if (own.scale - better.scale).abs() > f32::EPSILON {
        "the range of its pixels is likely another"
    } else {
        "it was likely trained on normalised pixels"
    }
}

/// How many answers would be right if each class answered meant the label it is most often given to.
fn best_order(answers: &[Class], labels: &[Class], classes: usize) -> usize {
    let mut counts = vec![0_usize; classes * classes];
    for (answer, label) in answers.iter().zip(labels) {
        counts[usize::from(*answer) * classes + usize::from(*label)] += 1;
    }
    let mut pairs: Vec<(usize, usize)> =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, count)| (*count, at)).collect();
    pairs.sort_by_key(|(count, at)| (std::cmp::Reverse(*count), *at));
    let (mut answered, mut meant) = (vec![false; classes], vec![false; classes]);
    let mut right = 0;
    for (count, at) in pairs {
        let (answer, label) = (at / classes, at % classes);
        if !answered[answer] && !meant[label] {
            (answered[answer], meant[label]) = (true, true);
            right += count;
        }
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_order_of_classes_is_found() {
        let labels = [0, 0, 0, 1, 1, 1, 2, 2];
        assert_eq!(best_order(&[1, 1, 0, 2, 2, 2, 0, 0], &labels, 3), 7);
        assert_eq!(best_order(&labels, &labels, 3), 8);
        assert_eq!(best_order(&[0; 8], &labels, 3), 3);
    }

    #[test]
    fn every_other_way_is_tried_once() {
        let own: Preprocessing = "imagenet+bgr".parse().unwrap();
        let ways = others(&own, true);
        let texts: Vec<String> = ways.iter().map(ToString::to_string).collect();
        assert!(texts.contains(&"imagenet".to_owned()) && texts.contains(&"0-255+inverted".to_owned()));
        assert!(!texts.contains(&own.to_string()) && !texts.iter().any(|text| text.contains("mnist")));
        let grey = others(&Preprocessing::default(), false);
        assert!(grey.iter().all(|way| !way.reversed) && grey.iter().any(|way| way.to_string() == "mnist"));
    }
}
