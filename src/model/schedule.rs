//! How the step size of a training falls.

/// How Adam's step size falls in the course of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Along half a cosine from the learning rate to zero at the last step (Loshchilov & Hutter 2017, without restarts).
    #[default]
    Cosine,
}

impl Schedule {
    /// The factor of the learning rate at a step.
    pub(super) fn factor(self, step: usize, steps: usize) -> f32 {
        match self {
            Self::Constant => 1.0,
            Self::Cosine => {
                let share = step as f64 / steps.max(1) as f64;
                (0.5 * (1.0 + (std::f64::consts::PI * share).cos())) as f32
            }
        }
    }
}
