//! Second moments of the passes of one image: how their probabilities and entropies vary, and covary.
//!
//! With up to [`MOST_PAIRED`](crate::sampling::statistics::MOST_PAIRED) classes every product of two classes has been
//! summed, and the covariance matrix is there. With more, K²/2 products for each image are more than the passes
//! themselves, so that what is asked of the matrix is computed from these.

use crate::data::PerClass;
use crate::sampling::Statistics;

/// A variance this small beside the square of its mean is rounding: sums of 10,000 squares err by less.
const EQUAL: f64 = 1e-12;
/// What may be left out of [`Moments::relative_squares`] when it is computed from the passes, as a share of it.
const NEGLIGIBLE: f64 = 1e-3;

/// Second moments over the T passes drawn, about their means, divided by T.
pub(super) struct Moments<'a> {
    mean: &'a PerClass<f64>,
    /// `Var(p_c)` for each class, not yet kept from being negative by rounding.
    variances: PerClass<f64>,
    pairs: Pairs<'a>,
    entropy_variance: f64,
    entropy_covariance: PerClass<f64>,
}

/// Where `Cov(p_c, p_d)` of different classes comes from.
enum Pairs<'a> {
    /// The matrix, whole.
    Matrix(Vec<PerClass<f64>>),
    /// The passes, `[T, classes]`; none where they are not at hand.
    Passes(&'a [PerClass<f32>]),
}

impl<'a> Moments<'a> {
    /// `drawn` are the passes that were summed; they are not looked at where the sums say all.
    pub(super) fn new(statistics: &Statistics, mean: &'a PerClass<f64>, drawn: &'a [PerClass<f32>]) -> Self {
        let passes = f64::from(statistics.passes);
        let classes = mean.len();
        let (variances, pairs) = if statistics.has_pairs() {
            let mut covariance = vec![PerClass::filled(classes, 0.0); classes];
            let mut sums = statistics.outer.iter();
            for row in 0..classes {
                for (column, sum) in (row..classes).zip(&mut sums) {
                    let value = sum / passes - mean[row] * mean[column];
                    covariance[row][column] = value;
                    covariance[column][row] = value;
                }
            }
            (PerClass::from_fn(classes, |class| covariance[class][class]), Pairs::Matrix(covariance))
        } else {
            let squares = statistics.outer.iter().zip(mean);
            (squares.map(|(sum, mean)| sum / passes - mean * mean).collect(), Pairs::Passes(drawn))
        };
        let entropy = statistics.entropy / passes;
        let entropy_covariance = PerClass::from_fn(classes, |class| {
            statistics.entropy_probability[class] / passes - entropy * mean[class]
        });
        Self {
            mean,
            variances,
            pairs,
            entropy_variance: statistics.entropy_squared / passes - entropy * entropy,
            entropy_covariance,
        }
    }

    /// `Var(H(p_t))`.
    pub(super) fn entropy_variance(&self) -> f64 {
        self.entropy_variance
    }

    /// `Cov(H(p_t), p_c)`.
    pub(super) fn entropy_covariance(&self) -> &[f64] {
        &self.entropy_covariance
    }

    /// Whether all passes gave the same probabilities, as they do without dropout: one pass, or variances that are the
    /// rounding of their sums.
    pub(super) fn all_equal(&self, mean: &[f64]) -> bool {
        self.variances.iter().zip(mean).all(|(variance, mean)| *variance <= EQUAL * mean * mean)
    }

    /// `Var(p_c)` for each class.
    pub(super) fn variances(&self) -> PerClass<f64> {
        self.variances.map(|variance| variance.max(0.0))
    }

    /// `Var(p_c − p_d)`; NaN where the passes would be needed and are not at hand.
    pub(super) fn variance_of_difference(&self, class: usize, other: usize) -> f64 {
        let covariance = match &self.pairs {
            Pairs::Matrix(covariance) => covariance[class][other],
            Pairs::Passes(passes) => {
                let products =
                    passes.iter().map(|pass| self.centred(pass, class) * self.centred(pass, other));
                products.sum::<f64>() / passes.len() as f64
            }
        };
        self.variances[class] + self.variances[other] - 2.0 * covariance
    }

    /// `aᵀ Cov(p) a`: the variance of `Σ_c a_c p_tc`; NaN where the passes would be needed and are not at hand.
    pub(super) fn quadratic_form(&self, a: &[f64]) -> f64 {
        match &self.pairs {
            Pairs::Matrix(covariance) => {
                covariance.iter().zip(a).map(|(row, a_row)| a_row * dot(row, a)).sum()
            }
            Pairs::Passes(passes) => {
                let value = |pass: &PerClass<f32>| {
                    let terms = a.iter().enumerate().map(|(class, a)| a * self.centred(pass, class));
                    terms.sum::<f64>().powi(2)
                };
                passes.iter().map(value).sum::<f64>() / passes.len() as f64
            }
        }
    }

    /// `Σ_cd Cov(p_c, p_d)²/(p̄_c p̄_d)`; NaN where the passes would be needed and are not at hand.
    ///
    /// From the passes only classes that matter are taken: by the inequality of Cauchy and Schwarz a covariance is at most
    /// the root of both variances, so that classes of a share of `Σ_c Var(p_c)/p̄_c` that is small enough change the sum
    /// by less than a thousandth.
    pub(super) fn relative_squares(&self, mean: &[f64]) -> f64 {
        let passes = match &self.pairs {
            Pairs::Matrix(covariance) => {
                let mut sum = 0.0;
                for (row, p) in covariance.iter().zip(mean).filter(|(_, p)| **p > 0.0) {
                    for (value, q) in row.iter().zip(mean).filter(|(_, q)| **q > 0.0) {
                        sum += (value / p) * (value / q);
                    }
                }
                return sum;
            }
            Pairs::Passes([]) => return f64::NAN,
            Pairs::Passes(passes) => passes,
        };
        let own =
            |class: usize| if mean[class] > 0.0 { self.variances[class].max(0.0) / mean[class] } else { 0.0 };
        let mut classes: Vec<(usize, f64)> = (0..mean.len()).map(|class| (class, own(class))).collect();
        classes.sort_by(|a, b| b.1.total_cmp(&a.1));
        let whole: f64 = classes.iter().map(|(_, own)| own).sum();
        let allowed = NEGLIGIBLE * classes.iter().map(|(_, own)| own * own).sum::<f64>();
        let mut rest = 0.0;
        while let Some((_, own)) = classes.last()
            && 2.0 * (rest + own) * whole <= allowed
        {
            rest += own;
            classes.pop();
        }
        let scaled = |pass: &PerClass<f32>, class: usize| self.centred(pass, class) / mean[class].sqrt();
        // The squares of the entries of XᵀX and of XXᵀ have the same sum: the smaller of the two is multiplied out.
        let vectors: Vec<Vec<f64>> = if classes.len() <= passes.len() {
            let column = |(class, _): &(usize, f64)| passes.iter().map(|pass| scaled(pass, *class)).collect();
            classes.iter().map(column).collect()
        } else {
            let row = |pass: &PerClass<f32>| classes.iter().map(|(class, _)| scaled(pass, *class)).collect();
            passes.iter().map(row).collect()
        };
        let mut sum = 0.0;
        for (at, vector) in vectors.iter().enumerate() {
            sum += dot(vector, vector).powi(2);
            sum += 2.0 * vectors[..at].iter().map(|other| dot(vector, other).powi(2)).sum::<f64>();
        }
        sum / (passes.len() as f64).powi(2)
    }

    fn centred(&self, pass: &[f32], class: usize) -> f64 {
        f64::from(pass[class]) - self.mean[class]
    }
}

pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, uniform};
    use crate::sampling::statistics::{largest, pairs};

    /// Passes over so many classes, some of them likely, and their sums.
    fn drawn(classes: usize, passes: usize) -> (Statistics, Vec<PerClass<f32>>) {
        let pass = |pass: usize| {
            let weight = |class: usize| {
                let spread = uniform(1, Purpose::Synthetic, [pass as u64, class as u64]);
                (6.0 * spread - 0.3 * class as f32).exp()
            };
            let weights: Vec<f32> = (0..classes).map(weight).collect();
            let total: f32 = weights.iter().sum();
            weights.iter().map(|weight| weight / total).collect::<PerClass<f32>>()
        };
        let passes: Vec<PerClass<f32>> = (0..passes).map(pass).collect();
        let mut sums = Statistics::zero(classes);
        for pass in &passes {
            let p = pass.map(f64::from);
            let entropy: f64 = p.iter().map(|p| -p * p.ln()).sum();
            sums.passes += 1;
            sums.entropy += entropy;
            sums.entropy_squared += entropy * entropy;
            sums.votes[largest(&p)] += 1;
            let mut products = Vec::new();
            for class in 0..classes {
                sums.probability[class] += p[class];
                sums.entropy_probability[class] += entropy * p[class];
                let last = if sums.has_pairs() { classes } else { class + 1 };
                products.extend((class..last).map(|other| p[class] * p[other]));
            }
            assert_eq!(products.len(), pairs(classes));
            sums.outer.iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
        }
        (sums, passes)
    }

    #[test]
    fn the_passes_say_what_the_matrix_says() {
        let (sums, passes) = drawn(16, 40);
        let mean = sums.probability.map(|sum| sum / 40.0);
        let from_matrix = Moments::new(&sums, &mean, &[]);
        let from_passes = Moments {
            pairs: Pairs::Passes(&passes),
            mean: &mean,
            variances: from_matrix.variances.clone(),
            entropy_variance: from_matrix.entropy_variance,
            entropy_covariance: from_matrix.entropy_covariance.clone(),
        };
        let close = |a: f64, b: f64, within: f64| assert!((a - b).abs() <= within * a.abs(), "{a} and {b}");
        let a = mean.map(|p| -p.ln());
        close(from_matrix.quadratic_form(&a), from_passes.quadratic_form(&a), 1e-6);
        close(from_matrix.variance_of_difference(0, 3), from_passes.variance_of_difference(0, 3), 1e-6);
        close(from_matrix.relative_squares(&mean), from_passes.relative_squares(&mean), NEGLIGIBLE);
    }

    #[test]
    fn either_product_of_the_passes_gives_the_same_squares() {
        // More classes than passes and fewer: rows are multiplied out, and columns.
        for (classes, passes) in [(60, 12), (20, 50)] {
            let (sums, drawn) = drawn(classes, passes);
            let mean = sums.probability.map(|sum| sum / passes as f64);
            let moments = Moments::new(&sums, &mean, &drawn);
            let covariance = |c: usize, d: usize| {
                let products =
                    drawn.iter().map(|p| (f64::from(p[c]) - mean[c]) * (f64::from(p[d]) - mean[d]));
                products.sum::<f64>() / passes as f64
            };
            let all = (0..classes).flat_map(|c| (0..classes).map(move |d| (c, d)));
            let expected: f64 = all.map(|(c, d)| covariance(c, d).powi(2) / (mean[c] * mean[d])).sum();
            let found = moments.relative_squares(&mean);
            assert!((found - expected).abs() <= NEGLIGIBLE * expected, "{classes}: {found} for {expected}");
            assert!(Moments::new(&sums, &mean, &[]).relative_squares(&mean).is_nan());
        }
    }
}
