//! The authors' LeNet (Gal & Ghahramani 2016): conv 20@5×5 → max-pool 2 → conv 50@5×5 → max-pool 2 → fully connected
//! `hidden` → ReLU → fully connected 10, no ReLU after the convolutions.

use candle_core::Tensor;

/// Channels after the first convolution.
pub const CONV1_CHANNELS: usize = 20;
/// Channels after the second convolution.
pub const CONV2_CHANNELS: usize = 50;
/// Width and height of both kernels.
pub const KERNEL: usize = 5;
/// Features after the second pooling, 50×4×4: the input of `fc1`.
pub const FEATURES: usize = 800;

/// Where dropout acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Placement {
    /// Before the last layer only: the paper's Figure 4 (`lenet-ip`).
    Last,
    /// Before and after the hidden layer.
    #[default]
    Dense,
    /// As `Dense`, and element by element after both convolutions, before their pooling (`lenet-all`).
    All,
}

/// The shape of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Architecture {
    /// Units of the hidden layer; 500 in the paper.
    pub hidden: usize,
    /// Where dropout acts.
    pub placement: Placement,
}

impl Default for Architecture {
    fn default() -> Self {
        Self { hidden: 500, placement: Placement::Dense }
    }
}

/// The network: immutable, cheap to clone; candle owns its tensors.
#[derive(Clone, Debug)]
pub struct Lenet {
    architecture: Architecture,
    /// The dropout rate it was trained with, in 0 ≤ p < 1.
    dropout: f32,
    /// In the order of [`PARAMETERS`].
    parameters: Vec<Tensor>,
}

/// Names of the tensors, as PyTorch's `state_dict` has them.
pub const PARAMETERS: [&str; 8] = [
    "conv1.weight",
    "conv1.bias",
    "conv2.weight",
    "conv2.bias",
    "fc1.weight",
    "fc1.bias",
    "fc2.weight",
    "fc2.bias",
];

/// The parameters as plain numbers, row-major in PyTorch's shapes: what the kernels read.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Units of the hidden layer.
    pub hidden: usize,
    /// `[20, 1, 5, 5]`
    pub conv1_weight: Vec<f32>,
    /// `[20]`
    pub conv1_bias: Vec<f32>,
    /// `[50, 20, 5, 5]`
    pub conv2_weight: Vec<f32>,
    /// `[50]`
    pub conv2_bias: Vec<f32>,
    /// `[hidden, 800]`
    pub fc1_weight: Vec<f32>,
    /// `[hidden]`
    pub fc1_bias: Vec<f32>,
    /// `[10, hidden]`
    pub fc2_weight: Vec<f32>,
    /// `[10]`
    pub fc2_bias: Vec<f32>,
}

impl Lenet {
    /// Shape and placement.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// The dropout rate it was trained with.
    #[must_use]
    pub fn dropout(&self) -> f32 {
        self.dropout
    }

    /// The tensors, in the order of [`PARAMETERS`].
    #[must_use]
    pub fn parameters(&self) -> &[Tensor] {
        &self.parameters
    }
}
