//! The digits a person keeps: read, kept and deleted, and exported with what the network says of them.

use std::path::Path;

use crate::data::kept::{self, KeptDigit, KeptError};
use crate::data::{Class, ClassNames};
use crate::export::contact_sheet::Provenance;
use crate::export::grid::{GridCell, GridSection, GridSpec};
use crate::export::table;
use crate::files;
use crate::sampling::{SamplingError, sample_image};
use crate::uncertainty::{Measure, Measures};
use crate::wording;

use super::error::ShownError;
use super::opened::Asked;

/// Enlargement on a sheet of kept digits.
const SHEET_SCALE: u32 = 2;

/// What a person does with kept digits.
#[derive(Clone, Debug)]
pub enum KeepWork {
    /// Read them all.
    Load,
    /// Keep one, or keep it with another label.
    Save(KeptDigit),
    /// Take one away.
    Delete(u64),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Kept {
    /// All there are.
    Loaded(Vec<KeptDigit>),
    /// This one is on the disk.
    Saved(KeptDigit),
    /// This one is gone.
    Deleted(u64),
}

/// Reads, keeps or deletes in the folder of kept digits; without a folder they last as long as the window. What could
/// not be read stands beside what could.
///
/// # Errors
/// When a digit cannot be kept or deleted.
pub fn keep(folder: Option<&Path>, work: KeepWork) -> Result<(Kept, Vec<KeptError>), KeptError> {
    let mut unread = Vec::new();
    let done = match work {
        KeepWork::Load => {
            let (digits, complaints) = folder.map(kept::load).unwrap_or_default();
            unread = complaints;
            Kept::Loaded(digits)
        }
        KeepWork::Save(digit) => {
            if let Some(folder) = folder {
                kept::save(folder, &digit)?;
            }
            Kept::Saved(digit)
        }
        KeepWork::Delete(id) => {
            if let Some(folder) = folder {
                kept::delete(folder, id)?;
            }
            Kept::Deleted(id)
        }
    };
    Ok((done, unread))
}

/// Kept digits with what the network says of them, as a section of a sheet.
///
/// # Errors
/// When they cannot be sampled.
pub fn kept_section(
    kept: &[KeptDigit],
    asked: &Asked,
    measure: Measure,
    heading: &str,
) -> Result<GridSection, SamplingError> {
    let unit = if measure.unit().is_empty() { String::new() } else { format!(", {}", measure.unit()) };
    let answers = asked.model.classes().clone();
    let names = ClassNames::new(answers.clone(), answers);
    let cells = measured(kept, asked)?
        .into_iter()
        .map(|(digit, measures)| GridCell {
            pixels: digit.pixels.clone(),
            original: None,
            caption: names.caption(digit.label, measures.prediction()),
            wrong: digit.label.is_some_and(|label| label != measures.prediction()),
            index: None,
            open: false,
            // No label, no margin of it.
            value: measure.value(&measures, digit.label.unwrap_or(Class::MAX)),
        })
        .collect();
    Ok(GridSection {
        heading: heading.to_owned(),
        note: format!("{}{unit}", measure.label().to_lowercase()),
        cells,
    })
}

fn measured<'a>(
    kept: &'a [KeptDigit],
    asked: &Asked,
) -> Result<Vec<(&'a KeptDigit, Measures)>, SamplingError> {
    let network = asked.model.network()?;
    kept.iter()
        .map(|digit| {
            let sampled = sample_image(&network, &digit.image(), &asked.config)?;
            Ok((digit, Measures::of_image(&sampled).with_passes(&sampled.probabilities())))
        })
        .collect()
}

/// Writes kept digits with what the network says of them: a table when the name ends in `.csv`, a picture otherwise.
///
/// # Errors
/// When they cannot be sampled, or the file cannot be written.
pub fn export_kept(kept: &[KeptDigit], asked: &Asked, path: &Path) -> Result<(), ShownError> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        let rows: Vec<(String, Measures)> = measured(kept, asked)?
            .into_iter()
            .map(|(digit, measures)| {
                let label = digit.label.map_or_else(String::new, |label| format!(" label {label}"));
                (format!("my digit {}{label}", digit.id), measures)
            })
            .collect();
        return Ok(files::write_whole(path, |draft| {
            table::write_predictions(draft, asked.model.classes(), &rows)
        })?);
    }
    let provenance = Provenance::of("My digits".to_owned(), &asked.model.what, asked.config);
    let section = kept_section(kept, asked, Measure::PredictiveEntropy, "In the order kept")?;
    let spec = GridSpec {
        title: "My digits".to_owned(),
        subtitle: wording::count(kept.len(), "digit"),
        sections: vec![section],
        footer: provenance.to_string(),
        scale: SHEET_SCALE,
    };
    Ok(spec.save(path)?)
}
