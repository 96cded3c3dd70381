//! Files a person asks for: what they hold, and how they are written.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::data::Digits;
use crate::data::kept::KeptDigit;
use crate::data::marks::Marks;
use crate::export::chart::Chart;
use crate::export::contact_sheet::{self, Ends, Measured, Provenance};
use crate::export::{archive, marks, table};
use crate::progress::Observer;
use crate::sampling::Samples;
use crate::shown::card::{CardJob, card};
use crate::shown::clipboard::ChartForm;
use crate::shown::rotate::RotationFile;
use crate::shown::{Asked, Only, OpenedModel, collection};
use crate::uncertainty::interval::look_at_passes;
use crate::uncertainty::{Measure, Measures, RankingQuery};

use super::error::JobError;

/// Size of a contact sheet, as `dubito export` draws it.
const SHEET_SCALE: u32 = 2;

/// Which images a contact sheet shows.
#[derive(Clone, Debug)]
pub enum SheetImages {
    /// Those of a ranking, from one end or from both; limited to some images, if to any.
    Ranking(RankingQuery, Ends, Option<Only>),
    /// Those chosen, in this order, with this measure under each.
    Selection(Vec<u32>, Measure),
}

/// What a file to write holds.
#[derive(Clone, Debug)]
pub enum Export {
    /// A contact sheet.
    Sheet {
        /// Which images.
        images: SheetImages,
        /// Where the numbers come from.
        provenance: Provenance,
        /// Images and labels.
        digits: Arc<Digits>,
        /// Measures of every image of the dataset.
        measures: Arc<Vec<Measures>>,
        /// Kept digits, which follow the others under this measure.
        my_digits: Option<(Vec<KeptDigit>, Asked, Measure)>,
    },
    /// The rows of a ranking.
    Table {
        /// Measures of every image of the dataset.
        measures: Arc<Vec<Measures>>,
        /// Images and labels.
        digits: Arc<Digits>,
        /// Dataset indices of the rows.
        order: Vec<u32>,
        /// The passes that were measured, where they are at hand, and their number.
        drawn: Option<(Samples, usize)>,
    },
    /// What a person said of the images they looked at.
    Marks {
        /// Every image that was looked at.
        marks: Marks,
        /// Images and labels.
        digits: Arc<Digits>,
        /// Measures of every image of the dataset, where there are any.
        measures: Option<Arc<Vec<Measures>>>,
        /// The passes that were measured, where they are at hand, and their number.
        drawn: Option<(Samples, usize)>,
    },
    /// The raw samples.
    Samples {
        /// What was sampled.
        samples: Samples,
        /// Passes to write.
        passes: usize,
        /// Images and labels.
        digits: Arc<Digits>,
    },
    /// Why an image is uncertain.
    Card(Box<CardJob>),
    /// The model.
    Model(OpenedModel),
    /// One image as the network sees it, enlarged: `[28, 28]`, 0…255.
    Image(Vec<u8>),
    /// An image along a course: its figure or its numbers.
    Rotation(RotationFile),
    /// Kept digits with what the network says of them: CSV or PNG, as the path's name ends.
    KeptDigits(Vec<KeptDigit>, Asked),
    /// A chart: its picture or its data.
    Chart(Arc<Chart>, ChartForm),
}

impl Export {
    /// Writes it; `Break` when the observer stopped it before the file was there.
    ///
    /// # Errors
    /// When it cannot be computed, or the file cannot be written.
    pub fn write(self, path: &Path, observe: Observer) -> Result<ControlFlow<()>, JobError> {
        match self {
            Self::Sheet { images, provenance, digits, measures, my_digits } => {
                let measured = Measured { digits: &digits, measures: &measures, only: None };
                let mut spec = match images {
                    SheetImages::Ranking(query, ends, only) => {
                        let only = only.as_ref().map(|only| (only.name.as_str(), &*only.indices));
                        let measured = Measured { only, ..measured };
                        contact_sheet::of_ranking(measured, &query, ends, &provenance, SHEET_SCALE)
                    }
                    SheetImages::Selection(indices, measure) => {
                        contact_sheet::of_selection(measured, &indices, measure, &provenance, SHEET_SCALE)
                    }
                };
                if let Some((kept, asked, measure)) = my_digits {
                    spec.sections.push(collection::kept_section(&kept, &asked, measure, "My digits")?);
                }
                spec.save(path)?;
            }
            Self::Table { measures, digits, order, drawn } => {
                let mut measures = (*measures).clone();
                if let Some((samples, passes)) = drawn {
                    look_at_passes(&samples, passes, &mut measures, &order);
                }
                table::save_ranking(path, &measures, digits.labels(), &order)?;
            }
            Self::Marks { marks, digits, measures, drawn } => {
                let mut measures = measures.map(|measures| (*measures).clone());
                if let (Some(measures), Some((samples, passes))) = (&mut measures, drawn) {
                    let order: Vec<u32> = marks.iter().map(|(index, ..)| index).collect();
                    look_at_passes(&samples, passes, measures, &order);
                }
                marks::save_marks(path, &marks, measures.as_deref(), digits.labels())?;
            }
            Self::Samples { samples, passes, digits } => {
                let image = |index| samples.image(index)[..passes].to_vec();
                return Ok(archive::save_samples(path, digits.labels(), passes, image, observe)?);
            }
            Self::Image(pixels) => {
                collection::save_image(&pixels, path)?;
            }
            Self::Rotation(file) => {
                file.save(path)?;
            }
            Self::KeptDigits(kept, asked) => {
                collection::export_kept(&kept, &asked, path)?;
            }
            Self::Card(job) => {
                let page = card(&job, observe)?;
                let Some((page, _)) = page else { return Ok(ControlFlow::Break(())) };
                page.save(path)?;
            }
            Self::Chart(chart, form) => match form {
                ChartForm::Picture => chart.save(path)?,
                ChartForm::Data => chart.save_csv(path)?,
            },
            Self::Model(model) => {
                model.checkpoint.save(path)?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
