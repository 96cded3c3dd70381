//! Files a person asks for: what they hold, and how they are written.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::data::about::Originals;
use crate::data::images::ImageShape;
use crate::data::kept::KeptDigit;
use crate::data::marks::Marks;
use crate::data::{ClassNames, Digits};
use crate::export::contact_sheet::{self, Ends, Measured, Provenance};
use crate::export::grid::GridSpec;
use crate::export::{archive, marks, table};
use crate::progress::Observer;
use crate::sampling::Samples;
use crate::shown::card::{CardJob, card};
use crate::shown::clipboard::ChartForm;
use crate::shown::gallery::halves;
use crate::shown::one_image::OneImage;
use crate::shown::originals::put_in;
use crate::shown::plane_chart::ChartDraft;
use crate::shown::rotate::RotationFile;
use crate::shown::saved_view::SavedView;
use crate::shown::{Asked, GalleryView, Indices, OpenedModel, Unread, collection};
use crate::uncertainty::interval::look_at_passes;
use crate::uncertainty::{Measure, Measures, RankingQuery};

use super::error::JobError;

/// Size of a contact sheet, as `dubito export` draws it.
const SHEET_SCALE: u32 = 2;

/// Which images of a gallery a file holds; found where it is written.
#[derive(Clone, Debug)]
pub enum Rows {
    /// Those selected: in the order shown, and after it those that the filter hides.
    Selection(Indices),
    /// All that it shows.
    Ranking,
    /// At most so many of each end.
    Halves(usize),
}

impl Rows {
    /// Dataset indices, row by row as they are on the screen.
    fn order(&self, view: &GalleryView) -> Vec<u32> {
        let order = &view.ranked.order;
        match self {
            Self::Selection(set) => {
                let mut hidden = set.clone();
                let mut chosen: Vec<u32> =
                    order.iter().copied().filter(|index| hidden.remove(*index)).collect();
                chosen.extend(hidden.iter());
                chosen
            }
            Self::Ranking => order.clone(),
            Self::Halves(top) => {
                let (certain, uncertain) = halves(order.len(), *top);
                order.iter().rev().take(certain).chain(&order[..uncertain]).copied().collect()
            }
        }
    }
}

/// What a file to write holds.
#[derive(Clone, Debug)]
pub enum Export {
    /// A contact sheet.
    Sheet {
        /// Which images.
        rows: Rows,
        /// What the gallery shows.
        view: Arc<GalleryView>,
        /// Where the numbers come from.
        provenance: Provenance,
        /// Images and labels.
        digits: Arc<Digits>,
        /// The images as they are.
        originals: Option<Originals>,
        /// What the network takes of them.
        taken: ImageShape,
        /// Kept digits, which follow the others under this measure.
        my_digits: Option<(Vec<KeptDigit>, Asked, Measure)>,
    },
    /// The rows of a ranking.
    Table {
        /// Which images.
        rows: Rows,
        /// What the gallery shows.
        view: Arc<GalleryView>,
        /// Images and labels.
        digits: Arc<Digits>,
        /// The passes that were measured, where they are at hand, and their number.
        drawn: Option<(Samples, usize)>,
    },
    /// What a person said of the images they looked at.
    Marks {
        /// Every image that was looked at.
        marks: Marks,
        /// Images and labels.
        digits: Arc<Digits>,
        /// What labels and answers are called.
        names: ClassNames,
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
    /// What the window shows.
    View(Box<SavedView>),
    /// One image, enlarged.
    Image(OneImage),
    /// An image along a course: its figure or its numbers.
    Rotation(RotationFile),
    /// Kept digits with what the network says of them: CSV or PNG, as the path's name ends.
    KeptDigits(Vec<KeptDigit>, Asked),
    /// A chart: its picture or its data.
    Chart(Arc<ChartDraft>, ChartForm),
}

impl Export {
    /// Writes it, and says what is amiss with what is there; `Break` when the observer stopped it before the file was.
    ///
    /// # Errors
    /// When it cannot be computed, or the file cannot be written.
    pub fn write(self, path: &Path, observe: Observer) -> Result<ControlFlow<(), Option<Unread>>, JobError> {
        match self {
            Self::Sheet { rows, view, provenance, digits, originals, taken, my_digits } => {
                let mut spec = sheet(&rows, &view, &provenance, &digits);
                if let Some((kept, asked, measure)) = my_digits {
                    spec.sections.push(collection::kept_section(&kept, &asked, measure, "My digits")?);
                }
                let read = put_in(&mut spec, (originals.as_ref(), taken), observe)?;
                if read.is_continue() {
                    spec.save(path)?;
                }
                return Ok(read);
            }
            Self::Table { rows, view, digits, drawn } => {
                let order = rows.order(&view);
                let mut measures = (*view.measures).clone();
                if let Some((samples, passes)) = drawn {
                    look_at_passes(&samples, passes, &mut measures, &order);
                    samples.check_readable()?;
                }
                table::save_ranking(path, &view.names, &measures, digits.labels(), &order)?;
            }
            Self::Marks { marks, digits, names, measures, drawn } => {
                let mut measures = measures.map(|measures| (*measures).clone());
                if let (Some(measures), Some((samples, passes))) = (&mut measures, drawn) {
                    let order: Vec<u32> = marks.iter().map(|(index, ..)| index).collect();
                    look_at_passes(&samples, passes, measures, &order);
                    samples.check_readable()?;
                }
                let measured = measures.as_deref().map(|measures| (&names, measures));
                marks::save_marks(path, &marks, measured, digits.labels())?;
            }
            Self::Samples { samples, passes, digits } => {
                let mut reader = samples.reader();
                let image = |index| {
                    let drawn = reader.image(index)[..passes].to_vec();
                    samples.check_readable().map(|()| drawn).map_err(JobError::from)
                };
                let written = archive::save_samples(
                    path,
                    digits.labels(),
                    (passes, samples.classes()),
                    image,
                    observe,
                )?;
                if written.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Self::Image(image) => return Ok(ControlFlow::Continue(image.save(path)?)),
            Self::Rotation(file) => {
                file.save(path)?;
            }
            Self::KeptDigits(kept, asked) => {
                collection::export_kept(&kept, &asked, path)?;
            }
            Self::Card(job) => {
                let page = card(&job, observe)?;
                let Some(page) = page else { return Ok(ControlFlow::Break(())) };
                page.chart.save(path)?;
                return Ok(ControlFlow::Continue(page.unread));
            }
            Self::Chart(chart, form) => match form {
                ChartForm::Picture => chart.finish().save(path)?,
                ChartForm::Data => chart.finish().save_csv(path)?,
            },
            Self::View(view) => view.save(path)?,
            Self::Model(model) => {
                // A graph is in a file already, and is not offered to be saved.
                if let Some(checkpoint) = model.what.checkpoint() {
                    checkpoint.save(path)?;
                }
            }
        }
        Ok(ControlFlow::Continue(None))
    }
}

/// The contact sheet of some images of a gallery, under the headings a person sees.
fn sheet(rows: &Rows, view: &GalleryView, provenance: &Provenance, digits: &Digits) -> GridSpec {
    let measured = Measured { digits, answers: &view.names.answers, measures: &view.measures, only: None };
    let (query, ends) = match rows {
        Rows::Selection(_) => {
            let indices = rows.order(view);
            let measure = view.query.measure;
            return contact_sheet::of_selection(measured, &indices, measure, provenance, SHEET_SCALE);
        }
        Rows::Ranking => (view.query.ranking(), Ends::One),
        Rows::Halves(top) => (RankingQuery { top: Some(*top), ..view.query.ranking() }, Ends::Both),
    };
    let limit = view.limit();
    let only = limit.as_ref().map(|only| (only.name.as_str(), &*only.indices));
    contact_sheet::of_ranking(Measured { only, ..measured }, &query, ends, provenance, SHEET_SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;
    use crate::progress::unobserved;
    use crate::sampling::{Prefix, SweepConfig, sweep};
    use crate::shown::{GalleryQuery, Limits, Only, gallery};
    use crate::uncertainty::doubt_plane::PlaneAxes;
    use crate::uncertainty::{Filter, Grouping};

    fn view() -> GalleryView {
        let model = OpenedModel::bundled().unwrap();
        let digits = synthetic::generate(40, 3);
        let config = SweepConfig { passes: 3, ..SweepConfig::default() };
        let prefix = Prefix::of(&model.network().unwrap(), &digits, &mut unobserved).unwrap().unwrap();
        let none = Samples::empty(40, &config);
        let samples = sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(())).unwrap();
        let (grouping, filter) = (Grouping::Label, Filter::All);
        let query = GalleryQuery {
            digit: None,
            grouping,
            filter,
            measure: Measure::default(),
            axes: PlaneAxes::default(),
            passes: 3,
        };
        let only = Only { name: "even ones".to_owned(), indices: (0..40).step_by(2).collect() };
        let limits = Limits { only: Some(Arc::new(only)), region: None };
        gallery(&samples, &digits, query, limits, (None, None)).unwrap()
    }

    #[test]
    fn rows_are_those_on_the_screen_in_its_order() {
        let view = view();
        let shown = &view.ranked.order;
        assert_eq!(shown.len(), 20);
        assert_eq!(Rows::Ranking.order(&view), *shown);
        // 3 and 17 are hidden by the limit: they follow, by index.
        let (last, first) = (shown[19], shown[2]);
        let set: Indices = [17, last, 3, first].into_iter().collect();
        assert_eq!(Rows::Selection(set).order(&view), [first, last, 3, 17]);
        let halves = Rows::Halves(2).order(&view);
        assert_eq!(halves, [shown[19], shown[18], shown[0], shown[1]]);
        assert_eq!(Rows::Halves(500).order(&view).len(), 20, "none twice");
    }
}
