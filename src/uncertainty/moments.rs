//! Second moments of the passes of one image: how their probabilities and entropies vary, and covary.
//!
//! With up to [`MOST_PAIRED`](crate::sampling::statistics::MOST_PAIRED) classes every product of two classes has been
//! summed, and the covariance matrix is there. With more, K²/2 products for each image are more than the passes
//! themselves, so that what is asked of the matrix is computed from these.
//!
//! Passes that balance each other in quartets are not independent, their quartets are: what is centred and multiplied then
//! are the sums `P_q` of the `n_q` passes of a quartet (four, but of the last), `Σ_q (P_q − n_q p̄)(P_q − n_q p̄)ᵀ / T`, which
//! leads to the variance of a mean as the moments of independent passes do.

use crate::data::PerClass;
use crate::sampling::Statistics;
use crate::sampling::design::QUARTET;
use crate::sampling::statistics::Quartets;

use super::noise::complete_and_rest;

/// A variance this small beside the square of its mean is rounding: sums of 10,000 squares err by less.
const EQUAL: f64 = 1e-12;
/// What may be left out of [`Moments::relative_squares`] when it is computed from the passes, as a share of it.
const NEGLIGIBLE: f64 = 1e-3;

/// Second moments over the T passes drawn, about their means, divided by T.
pub(super) struct Moments<'a> {
    mean: &'a PerClass<f64>,
    /// Passes of a quartet; 1 where passes are independent.
    together: usize,
    /// `Var(p_c)` over single passes.
    spreads: PerClass<f64>,
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
        if let Some(quartets) = &statistics.quartets {
            return Self::of_quartets(statistics, quartets, mean, drawn);
        }
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
            together: 1,
            spreads: variances.clone(),
            variances,
            pairs,
            entropy_variance: statistics.entropy_squared / passes - entropy * entropy,
            entropy_covariance,
        }
    }

    fn of_quartets(
        statistics: &Statistics,
        quartets: &Quartets,
        mean: &'a PerClass<f64>,
        drawn: &'a [PerClass<f32>],
    ) -> Self {
        let passes = f64::from(statistics.passes);
        let classes = mean.len();
        let spread = |class: usize| quartets.squares[class] / passes - mean[class] * mean[class];
        let spreads = PerClass::from_fn(classes, spread);
        let entropy = statistics.entropy / passes;
        let (complete, rest) = complete_and_rest(statistics.passes);
        // Σ n_q x_q of a sum whose part after the last complete quartet is `open`.
        let weighted = |sum: f64, open: f64| QUARTET as f64 * (sum - open) + rest * open;
        let squares = complete * (QUARTET * QUARTET) as f64 + rest * rest;
        let about_means = |products: f64, [a, b]: [(f64, f64, f64); 2]| {
            let [(sum_a, open_a, mean_a), (sum_b, open_b, mean_b)] = [a, b];
            let mixed = mean_a * weighted(sum_b, open_b) + mean_b * weighted(sum_a, open_a);
            (products + open_a * open_b - mixed + squares * mean_a * mean_b) / passes
        };
        let of =
            |class: usize| (statistics.probability[class], quartets.open_probability[class], mean[class]);
        let (variances, pairs) = if statistics.has_pairs() {
            let mut covariance = vec![PerClass::filled(classes, 0.0); classes];
            let places = (0..classes).flat_map(|row| (row..classes).map(move |column| (row, column)));
            for ((row, column), sum) in places.zip(statistics.outer.iter()) {
                let value = about_means(*sum, [of(row), of(column)]);
                covariance[row][column] = value;
                covariance[column][row] = value;
            }
            (PerClass::from_fn(classes, |class| covariance[class][class]), Pairs::Matrix(covariance))
        } else {
            let squares = statistics.outer.iter().enumerate();
            let variance = |(class, sum): (usize, &f64)| about_means(*sum, [of(class), of(class)]);
            (squares.map(variance).collect(), Pairs::Passes(drawn))
        };
        let of_entropy = (statistics.entropy, quartets.open_entropy, entropy);
        Self {
            mean,
            together: QUARTET,
            spreads,
            variances,
            pairs,
            entropy_variance: about_means(statistics.entropy_squared, [of_entropy, of_entropy]),
            entropy_covariance: PerClass::from_fn(classes, |class| {
                about_means(statistics.entropy_probability[class], [of_entropy, of(class)])
            }),
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
        self.spreads.iter().zip(mean).all(|(variance, mean)| *variance <= EQUAL * mean * mean)
    }

    /// `Var(p_c)` for each class.
    pub(super) fn variances(&self) -> PerClass<f64> {
        self.variances.map(|variance| variance.max(0.0))
    }

    /// `Var(p_c)` for each class over single passes, whatever balances them.
    pub(super) fn spreads(&self) -> PerClass<f64> {
        self.spreads.map(|spread| spread.max(0.0))
    }

    /// `Var(p_c − p_d)`; NaN where the passes would be needed and are not at hand.
    pub(super) fn variance_of_difference(&self, class: usize, other: usize) -> f64 {
        let covariance = match &self.pairs {
            Pairs::Matrix(covariance) => covariance[class][other],
            Pairs::Passes(passes) => {
                let products = passes
                    .chunks(self.together)
                    .map(|some| self.centred(some, class) * self.centred(some, other));
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
                let value = |some: &[PerClass<f32>]| {
                    let terms = a.iter().enumerate().map(|(class, a)| a * self.centred(some, class));
                    terms.sum::<f64>().powi(2)
                };
                passes.chunks(self.together).map(value).sum::<f64>() / passes.len() as f64
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
        let count = passes.len() as f64;
        let passes: Vec<&[PerClass<f32>]> = passes.chunks(self.together).collect();
        let scaled = |some: &[PerClass<f32>], class: usize| self.centred(some, class) / mean[class].sqrt();
        // The squares of the entries of XᵀX and of XXᵀ have the same sum: the smaller of the two is multiplied out.
        let vectors: Vec<Vec<f64>> = if classes.len() <= passes.len() {
            let column = |(class, _): &(usize, f64)| passes.iter().map(|pass| scaled(pass, *class)).collect();
            classes.iter().map(column).collect()
        } else {
            let row =
                |pass: &&[PerClass<f32>]| classes.iter().map(|(class, _)| scaled(pass, *class)).collect();
            passes.iter().map(row).collect()
        };
        let mut sum = 0.0;
        for (at, vector) in vectors.iter().enumerate() {
            sum += dot(vector, vector).powi(2);
            sum += 2.0 * vectors[..at].iter().map(|other| dot(vector, other).powi(2)).sum::<f64>();
        }
        sum / count.powi(2)
    }

    /// What some passes that belong together say of a class beyond its mean, summed.
    fn centred(&self, some: &[PerClass<f32>], class: usize) -> f64 {
        some.iter().map(|pass| f64::from(pass[class]) - self.mean[class]).sum()
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
            together: 1,
            spreads: from_matrix.spreads.clone(),
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
