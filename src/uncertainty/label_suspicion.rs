//! Label suspicion: how much more the other classes have for them than an image's label, from the mean probabilities
//! of all images of a set and, where they are known, the labels of the images nearest to it.
//!
//! For an image with label y, with K classes and natural logarithms:
//!
//! ```text
//! s_c  = max(p̄_c, 2⁻¹²⁶) √(1 + k_c)                 support for class c
//! O_cd = Σ_i p̄_ic p̄_id                               overlap of two classes, over all images i of the set
//! m_cy = (1 + O_cy) / (K − 1 + Σ_{d≠c} O_cd)        share of label y among the wrong labels of class c; m_cc = 0
//!
//! label suspicion = ln Σ_{c≠y} s_c m_cy − ln s_y    in nats
//! ```
//!
//! p̄ is the mean over the passes, `k_c` the number of the image's nearest neighbours that are labelled c, of the
//! [`NEIGHBOURS`] nearest in the space of hidden activations without dropout; all `k_c` are 0 where none are known.
//!
//! These are Bayes' log odds that the label is wrong, without the constant ln(ε/(1 − ε)) of a share ε of wrong labels (at
//! 2 % it is −3.9): the label is y because the image is of another class c, and someone took it for y, or because it is
//! y. It assumes that errors are confusions: classes are taken for each other where the network hesitates between them,
//! which the overlap tells without any label. Where labels are wrong for another reason, and evenly over the classes, that
//! assumption is not of use (`src/help/label-suspicion.md` has the numbers). The root is there because the neighbours are
//! found by the network's own features, so that they are no second witness independent of p̄; the ones are Laplace's.
//!
//! For even m and without neighbours its order is that of self-confidence (Northcutt, Jiang & Chuang 2021, *Confident
//! learning: estimating uncertainty in dataset labels*). To doubt a label that the nearest images do not share is as old as
//! Wilson 1972, *Asymptotic properties of nearest neighbor rules using edited data*.

use crate::data::{Class, PerClass};
use crate::progress::Observer;
use crate::sampling::statistics::MOST_PAIRED;

use super::Measures;
use super::explanation::FeatureSpace;

/// Neighbours that are asked for their labels.
pub const NEIGHBOURS: usize = 8;

/// With more classes than have all their pairs summed, a smaller mean probability counts as no overlap: of a thousand
/// classes an image gives nearly all of them next to nothing, and a million such products add up to little.
const OVERLAPPING: f32 = 1e-4;

/// For an image, how many of its neighbours are labelled as each class; empty where none are known.
pub type NeighbourLabels = PerClass<Class>;

/// How the wrong labels of a class spread over the other classes: the network hesitates between classes that are taken for
/// each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Confusions {
    /// `[right class, label]`; a row sums to 1, its own class has 0.
    shares: Vec<PerClass<f64>>,
}

impl Confusions {
    /// From the mean probabilities, `[images, classes]`, of all images of a set, in their order.
    #[must_use]
    pub fn new<'a>(classes: usize, means: impl IntoIterator<Item = &'a [f32]>) -> Self {
        let mut shares = vec![PerClass::filled(classes, 1.0); classes];
        let overlapping = |p: f32| classes <= MOST_PAIRED || p >= OVERLAPPING;
        for mean in means {
            let likely = mean.iter().copied().enumerate().filter(|(_, p)| overlapping(*p));
            let likely: Vec<(usize, f64)> = likely.map(|(class, p)| (class, f64::from(p))).collect();
            for (class, own) in &likely {
                for (other_class, other) in &likely {
                    shares[*class][*other_class] += own * other;
                }
            }
        }
        for (class, row) in shares.iter_mut().enumerate() {
            row[class] = 0.0;
            let sum: f64 = row.iter().sum();
            for share in row.iter_mut() {
                *share /= sum;
            }
        }
        Self { shares }
    }

    /// The suspicion, in nats, that an image of these mean probabilities has the wrong label; NaN when the label is none
    /// of the classes. Finite otherwise, also where a probability is 0.
    #[must_use]
    pub fn suspicion(&self, mean: &[f32], label: Class, neighbours: &NeighbourLabels) -> f64 {
        let label = usize::from(label);
        if label >= self.shares.len() {
            return f64::NAN;
        }
        let support = |class: usize| {
            let near = neighbours.get(class).copied().unwrap_or(0);
            f64::from(mean[class].max(f32::MIN_POSITIVE)) * (1.0 + f64::from(near)).sqrt()
        };
        // The label's own share of itself is 0.
        let against: f64 =
            (0..self.shares.len()).map(|class| support(class) * self.shares[class][label]).sum();
        against.ln() - support(label).ln()
    }
}

/// The labels of the [`NEIGHBOURS`] images of a space nearest to each of many, `[images, width]` hidden activations; empty
/// for a space of no width. With `themselves` they are the images of the space: none is a neighbour of itself. `None` when
/// the observer stopped it; progress counts pairs.
#[must_use]
pub fn neighbour_labels(
    space: &FeatureSpace,
    hidden: &[f32],
    themselves: bool,
    observe: Observer,
) -> Option<Vec<NeighbourLabels>> {
    let nearest = space.nearest_of_many(hidden, NEIGHBOURS, themselves, observe)?;
    let classes = space.classes();
    let counts = nearest.iter().map(|indices| {
        let mut counts = NeighbourLabels::filled(classes, 0);
        for index in indices {
            if let Some(count) = counts.get_mut(usize::from(space.labels()[*index as usize])) {
                *count += 1;
            }
        }
        counts
    });
    Some(counts.collect())
}

/// Enters the suspicion of every image of a set into its measures, and says which classes are taken for each other in it.
/// `neighbours` has an entry for each image, or is empty where no neighbours are known.
pub fn suspect(measures: &mut [Measures], labels: &[Class], neighbours: &[NeighbourLabels]) -> Confusions {
    let classes = measures.first().map_or(0, |measures| measures.mean.len());
    let confusions = Confusions::new(classes, measures.iter().map(|measures| &measures.mean[..]));
    let none = NeighbourLabels::filled(0, 0);
    for (index, (measures, label)) in measures.iter_mut().zip(labels).enumerate() {
        let neighbours = neighbours.get(index).unwrap_or(&none);
        let suspicion = confusions.suspicion(&measures.mean, *label, neighbours);
        measures.label_suspicion = (!suspicion.is_nan()).then_some(suspicion as f32);
    }
    confusions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::CLASSES;
    use crate::random::{Purpose, uniform};

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
    }

    /// Two images that hesitate between 0 and 1, and one that is sure of 2.
    const MEANS: [[f32; CLASSES]; 3] = [
        [0.75, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ];

    /// No neighbour of any label.
    fn none() -> NeighbourLabels {
        PerClass::filled(CLASSES, 0)
    }

    fn confusions() -> Confusions {
        Confusions::new(CLASSES, MEANS.iter().map(|mean| &mean[..]))
    }

    #[test]
    fn it_is_what_a_hand_computes() {
        let confusions = confusions();
        // 0 and 1 overlap by 0.75 · 0.25 + 0.5 · 0.5 = 0.4375, nothing else overlaps.
        let pair = 1.4375 / 9.4375;
        let other = 1.0 / 9.4375;
        close(confusions.shares[0][1], pair);
        close(confusions.shares[1][0], pair);
        close(confusions.shares[0][2], other);
        close(confusions.shares[2][0], 1.0 / 9.0);
        let suspicion = |image: usize, label, neighbours: &NeighbourLabels| {
            confusions.suspicion(&MEANS[image], label, neighbours)
        };
        close(suspicion(0, 0, &none()), (0.25 * pair / 0.75).ln());
        close(suspicion(0, 1, &none()), (0.75 * pair / 0.25).ln());
        // Labelled 2, of which it gives nothing: both classes it hesitates between speak against that.
        close(suspicion(0, 2, &none()), (other * (0.75 + 0.25)).ln() + 126.0 * 2.0_f64.ln());
        close(suspicion(2, 2, &none()), (2.0 * other + 7.0 / 9.0).ln() - 126.0 * 2.0_f64.ln());
        // Three neighbours labelled 0 double the support for 0, eight labelled 1 treble that for 1.
        let mut neighbours = none();
        neighbours[0] = 3;
        close(suspicion(0, 0, &neighbours), (0.25 * pair / 1.5).ln());
        neighbours[1] = 8;
        close(suspicion(0, 1, &neighbours), (1.5 * pair / 0.75).ln());
    }

    #[test]
    fn shares_sum_to_one_and_say_nothing_of_a_set_without_images() {
        for confusions in [confusions(), Confusions::new(CLASSES, [])] {
            for row in confusions.shares {
                close(row.iter().sum(), 1.0);
            }
        }
        let even = Confusions::new(CLASSES, []);
        assert!(
            (0..CLASSES).all(|class| (even.shares[class][(class + 1) % CLASSES] - 1.0 / 9.0).abs() < 1e-15)
        );
        // Then, and without neighbours, it grows as self-confidence falls.
        close(even.suspicion(&MEANS[0], 0, &none()), (0.25_f64 / 0.75 / 9.0).ln());
    }

    #[test]
    fn it_is_finite_for_every_digit_and_undefined_for_what_is_none() {
        let zero = [0.0; CLASSES];
        let confusions = Confusions::new(CLASSES, [&zero[..]]);
        for mean in [zero, MEANS[2], [1.0; CLASSES]] {
            for label in 0..CLASSES as Class {
                for neighbours in [none(), PerClass::filled(CLASSES, 255)] {
                    let suspicion = confusions.suspicion(&mean, label, &neighbours);
                    assert!(suspicion.is_finite() && suspicion.abs() < 95.0, "{suspicion}");
                }
            }
            assert!(confusions.suspicion(&mean, CLASSES as Class, &none()).is_nan());
        }
    }

    #[test]
    fn support_for_others_raises_it_and_support_for_the_label_lowers_it() {
        let confusions = confusions();
        let base = confusions.suspicion(&MEANS[0], 0, &none());
        for class in 0..CLASSES {
            let mut mean = MEANS[0];
            mean[class] += 0.1;
            let mut neighbours = none();
            neighbours[class] = 1;
            let more = confusions.suspicion(&mean, 0, &none());
            assert_eq!(more > base, class != 0, "probability of {class}");
            let more = confusions.suspicion(&PerClass::filled(CLASSES, 0.1), 0, &neighbours);
            let less = confusions.suspicion(&PerClass::filled(CLASSES, 0.1), 0, &none());
            assert_eq!(more > less, class != 0, "a neighbour labelled {class}");
        }
    }

    #[test]
    fn of_forty_classes_it_is_the_definition() {
        const K: usize = 40;
        let draw = |what: u64, image: usize, class: usize| {
            uniform(3, Purpose::Bootstrap, [what, image as u64, class as u64])
        };
        // A share of next to nothing for most classes: left out of the overlaps, where it matters little.
        for (least, tolerance) in [(0.0, 1e-9), (9e-5, 0.01)] {
            let mean = |image: usize| -> Vec<f32> {
                let likely = |class: usize| {
                    if (image + class).is_multiple_of(7) { draw(0, image, class) } else { 0.0 }
                };
                let total: f32 = (0..K).map(|class| likely(class) + least).sum();
                (0..K).map(|class| (likely(class) + least) / total).collect()
            };
            let means: Vec<Vec<f32>> = (0..60).map(mean).collect();
            let confusions = Confusions::new(K, means.iter().map(|mean| &mean[..]));
            let overlap = |c: usize, d: usize| -> f64 {
                means.iter().map(|mean| f64::from(mean[c]) * f64::from(mean[d])).sum()
            };
            let share = |c: usize, y: usize| {
                let others: f64 = (0..K).filter(|d| *d != c).map(|d| overlap(c, d)).sum();
                (1.0 + overlap(c, y)) / ((K - 1) as f64 + others)
            };
            for (image, mean) in means.iter().enumerate().step_by(11) {
                let neighbours: NeighbourLabels =
                    PerClass::from_fn(K, |class| (draw(1, image, class) * 3.0) as Class);
                let support = |c: usize| {
                    f64::from(mean[c]).max(2.0_f64.powi(-126)) * (1.0 + f64::from(neighbours[c])).sqrt()
                };
                for label in [0, 7, 19, K - 1] {
                    let against: f64 =
                        (0..K).filter(|c| *c != label).map(|c| support(c) * share(c, label)).sum();
                    let expected = against.ln() - support(label).ln();
                    let found = confusions.suspicion(mean, label as Class, &neighbours);
                    assert!((found - expected).abs() < tolerance, "{image}, {label}: {found} for {expected}");
                }
                assert!(confusions.suspicion(mean, K as Class, &neighbours).is_nan());
            }
        }
    }
}
