//! Tensors in a safetensors file.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::error::CheckpointError;
use super::tensors::{Entry, Tensors};

/// The tensors of a safetensors file.
pub(super) struct Safe<'a> {
    file: &'a str,
    entries: Vec<Entry>,
    tensors: SafeTensors<'a>,
}

impl<'a> Safe<'a> {
    /// All tensors; `file` names the file in errors.
    pub(super) fn new(tensors: SafeTensors<'a>, file: &'a str) -> Self {
        let entries =
            tensors.iter().map(|(name, view)| Entry { name: name.to_owned(), shape: view.shape().to_vec() });
        Self { file, entries: entries.collect(), tensors }
    }
}

impl Tensors for Safe<'_> {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn values(&mut self, at: usize) -> Result<Vec<f32>, CheckpointError> {
        let name = &self.entries[at].name;
        let view = self.tensors.tensor(name).map_err(|error| CheckpointError::Format {
            name: self.file.to_owned(),
            reason: error.to_string(),
        })?;
        floats(&view).ok_or_else(|| CheckpointError::Type {
            name: self.file.to_owned(),
            tensor: name.clone(),
            found: view.dtype().to_string(),
        })
    }
}

/// The numbers of a tensor as f32; `None` when they are not floats of 16, 32 or 64 bits.
fn floats(view: &TensorView<'_>) -> Option<Vec<f32>> {
    fn convert<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks::<N>().0.iter().map(|&chunk| number(chunk)).collect()
    }
    let bytes = view.data();
    Some(match view.dtype() {
        Dtype::F32 => convert(bytes, f32::from_le_bytes),
        Dtype::F64 => convert(bytes, |chunk| f64::from_le_bytes(chunk) as f32),
        Dtype::F16 => convert(bytes, |chunk| half::f16::from_le_bytes(chunk).to_f32()),
        Dtype::BF16 => convert(bytes, |chunk| half::bf16::from_le_bytes(chunk).to_f32()),
        _ => return None,
    })
}
