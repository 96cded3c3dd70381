//! The figure of an image along a course: softmax inputs and outputs of the passes, the entropies, the images below.

use std::fmt::Write as _;
use std::sync::Arc;

use super::chart::{
    Axis, BLUE, Chart, DotShape, GREEN, Mark, ORANGE, Panel, Plot, Point, Series, class_colour,
};
use super::contact_sheet::Provenance;
use crate::data::kept::to_bytes;
use crate::data::{Class, ClassNames, PerClass};
use crate::sampling::DropoutAt;
use crate::uncertainty::Measures;
use crate::uncertainty::course::{Course, CourseStep, Finding, drawn_passes, jitter};

/// Images below the figure at most: as many as stand apart.
const IMAGES: usize = 28;

/// What a figure shows.
#[derive(Clone, Copy, Debug)]
pub struct Rotation<'a> {
    /// The image's name for people.
    pub name: &'a str,
    /// What it is said to be.
    pub label: Option<Class>,
    /// What labels and answers are called.
    pub names: &'a ClassNames,
    /// What was changed.
    pub course: &'a Course,
    /// All steps, in order.
    pub steps: &'a [Arc<CourseStep>],
    /// Classes whose passes are shown, ascending.
    pub classes: &'a [Class],
    /// Where dropout acted when the network was trained, and where in these passes.
    pub placements: [DropoutAt; 2],
    /// Where the numbers come from.
    pub provenance: &'a Provenance,
}

impl Rotation<'_> {
    /// The figure as a page to draw: dots of a step stand side by side, those of too many passes are left out.
    #[must_use]
    pub fn figure(&self) -> Chart {
        self.page(true)
    }

    /// The numbers behind the figure, one row each: every pass, at the very amount of its step.
    #[must_use]
    pub fn table(&self) -> String {
        self.page(false).csv()
    }

    fn page(&self, to_look_at: bool) -> Chart {
        let Self { course, steps, provenance, .. } = self;
        let label = self
            .label
            .map_or_else(String::new, |label| format!(" · label {}", self.names.labels.name(label)));
        let mut note = Finding::new(course, steps, provenance.config.dropout)
            .map_or_else(String::new, |finding| finding.told(&self.names.answers));
        if let Some(placement) = placement_note(self.placements) {
            note.push(' ');
            note.push_str(&placement);
        }
        let drawn = drawn_passes(course.steps, self.classes.len(), provenance.config.passes);
        let passes = if to_look_at { drawn } else { provenance.config.passes };
        if passes < provenance.config.passes {
            let _ = write!(
                note,
                " Dots are the first {passes} passes of each step; all numbers are of all passes."
            );
        }
        Chart {
            title: format!("{}{label} · {}", self.name, course.by.label().to_lowercase()),
            note,
            rows: vec![
                vec![Panel::Plot(self.scatter("softmax input", |step| &step.logits, passes, to_look_at))],
                vec![Panel::Plot(Plot {
                    y: Axis::new("a dot for each pass").between(-0.03, 1.03),
                    ..self.scatter("softmax output", |step| &step.probabilities, passes, to_look_at)
                })],
                vec![Panel::Plot(self.entropies())],
            ],
            footer: provenance.to_string(),
        }
    }

    /// The course, with half a step of room at both ends.
    fn axis(&self, label: &str) -> Axis {
        let half = f64::from(self.course.spacing()) / 2.0;
        Axis::new(label).between(f64::from(self.course.from) - half, f64::from(self.course.to) + half)
    }

    fn scatter(
        &self,
        heading: &str,
        rows: fn(&CourseStep) -> &[PerClass<f32>],
        passes: usize,
        apart: bool,
    ) -> Plot {
        let spread = if apart { f64::from(self.course.spacing()) } else { 0.0 };
        let dots = passes * self.steps.len() * self.classes.len();
        let alpha = match dots {
            0..4_000 => 0.5,
            4_000..12_000 => 0.35,
            _ => 0.25,
        };
        let series = self.classes.iter().enumerate().map(|(place, class)| {
            let points = self.steps.iter().flat_map(|step| {
                rows(step).iter().enumerate().take(passes).map(|(pass, row)| {
                    let amount = f64::from(step.amount) + spread * f64::from(jitter(pass));
                    Point::at(amount, f64::from(row[usize::from(*class)]))
                })
            });
            let mark = Mark::Dots { shape: DotShape::number(place), radius: 3.0, alpha };
            let name = self.names.answers.name(*class);
            let name =
                if self.names.answers.are_numbers() { format!("class {name}") } else { name.to_owned() };
            Series::dots(name, class_colour(*class), points).marked(mark)
        });
        Plot {
            heading: heading.to_owned(),
            x: self.axis(""),
            y: Axis::new("a dot for each pass"),
            series: series.collect(),
            below: Vec::new(),
        }
    }

    fn entropies(&self) -> Plot {
        let points = |pick: fn(&Measures) -> [f32; 2]| {
            self.steps.iter().map(move |step| {
                let [value, error] = pick(&step.measures).map(f64::from);
                Point::at(f64::from(step.amount), value).with_error(error)
            })
        };
        let every = self.steps.len().div_ceil(IMAGES).max(1);
        let images = self.steps.iter().step_by(every);
        let by = self.course.by;
        // Only the steps with an image are named: more names would overlap.
        let ticks = images.clone().map(|step| {
            let answer = self.names.answers.name(step.measures.prediction());
            (f64::from(step.amount), format!("{}: {}", by.amount(step.amount), short(answer)))
        });
        Plot {
            heading: "entropies".to_owned(),
            x: self.axis(&format!("{}: the answer there", by.axis())).with_ticks(ticks),
            y: Axis::new("nats, ±1 standard error").from_zero(),
            series: vec![
                Series::line(
                    "predictive entropy H",
                    BLUE,
                    points(|m| [m.predictive_entropy, m.predictive_entropy_se]),
                ),
                Series::dashes(
                    "expected entropy",
                    GREEN,
                    points(|m| [m.expected_entropy, m.expected_entropy_se]),
                ),
                Series::line(
                    "mutual information",
                    ORANGE,
                    points(|m| [m.mutual_information, m.mutual_information_se]),
                ),
            ],
            below: images.map(|step| (f64::from(step.amount), to_bytes(&step.image))).collect(),
        }
    }
}

/// A name as far as there is room for it beside an amount.
fn short(name: &str) -> String {
    const LETTERS: usize = 7;
    match name.char_indices().nth(LETTERS) {
        Some((end, _)) if name.chars().count() > LETTERS + 1 => format!("{}…", &name[..end]),
        _ => name.to_owned(),
    }
}

/// That the passes drop units elsewhere than training did, where that is so.
#[must_use]
pub fn placement_note([trained, sampled]: [DropoutAt; 2]) -> Option<String> {
    (trained != sampled).then(|| {
        format!(
            "The network was trained with dropout {}; here it is sampled with dropout {}.",
            trained.describe(),
            sampled.describe()
        )
    })
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the very same numbers are asked for")]
mod tests {
    use super::*;
    use crate::data::kept::to_numbers;
    use crate::data::synthetic;
    use crate::model::Placement;
    use crate::model::checkpoint::Checkpoint;
    use crate::progress::unobserved;
    use crate::sampling::{Network, SweepConfig};
    use crate::uncertainty::course::{TOP, top_classes, walk_observed};

    /// A synthetic digit along a course, and what its figure needs.
    fn with_rotation(passes: usize, course: &Course, check: impl FnOnce(&Rotation<'_>)) {
        let network = Network::new(Checkpoint::bundled().unwrap().lenet.weights().clone(), Placement::Last);
        let image = to_numbers(&synthetic::generate(5, 2).image(4));
        let config = SweepConfig { passes, ..SweepConfig::default() };
        let steps = walk_observed(&network.unwrap(), &image, course, &config, &mut unobserved);
        let steps = steps.unwrap().unwrap();
        let classes = top_classes(&steps, TOP);
        let provenance =
            Provenance { data: "digits".to_owned(), model: "abc".to_owned(), sites: None, config };
        check(&Rotation {
            names: &ClassNames::default(),
            name: "Image 4",
            label: Some(4),
            course,
            steps: &steps,
            classes: &classes,
            placements: [Placement::Dense, Placement::Last].map(DropoutAt::Placed),
            provenance: &provenance,
        });
    }

    #[test]
    fn the_figure_has_a_dot_for_every_pass_and_class_beside_its_amount() {
        let course = Course::paper();
        with_rotation(30, &course, |rotation| {
            let chart = rotation.figure();
            assert!(chart.note.contains("trained with dropout before and after the hidden layer"));
            let [Panel::Plot(inputs)] = chart.rows[0].as_slice() else { panic!("one plot") };
            assert_eq!(inputs.series.len(), 3);
            for (series, class) in inputs.series.iter().zip(rotation.classes) {
                assert_eq!(series.points.len(), 12 * 30);
                for (at, point) in series.points.iter().enumerate() {
                    let step = &rotation.steps[at / 30];
                    assert_eq!(point.y, f64::from(step.logits[at % 30][usize::from(*class)]));
                    // Within the step's room, whose half is 5°.
                    assert!((point.x - f64::from(step.amount)).abs() <= 0.31 * 10.0 + 1e-6);
                }
            }
            let [Panel::Plot(entropies)] = chart.rows[2].as_slice() else { panic!("one plot") };
            assert_eq!(entropies.below.len(), 12);
            let first = entropies.series[0].points[0];
            let measures = &rotation.steps[0].measures;
            assert_eq!(first.y, f64::from(measures.predictive_entropy));
            assert_eq!(chart.png().unwrap(), rotation.figure().png().unwrap());
        });
    }

    #[test]
    fn the_table_has_every_pass_at_the_very_amount() {
        let course = Course::paper();
        with_rotation(7, &course, |rotation| {
            let table = rotation.table();
            // Two plots of 12 steps, 7 passes and 3 classes; three curves; 12 images; a header.
            let rows: Vec<&str> = table.lines().collect();
            let dots = rows.iter().filter(|row| row.starts_with("softmax input,class")).count();
            assert_eq!(dots, 12 * 7 * 3);
            assert_eq!(rows.iter().filter(|row| row.starts_with("softmax output,class")).count(), dots);
            let curve = rows.iter().filter(|row| row.starts_with("entropies,predictive entropy H,"));
            let amounts: Vec<f32> =
                curve.map(|row| row.split(',').nth(2).unwrap().parse().unwrap()).collect();
            assert_eq!(amounts, (0..12).map(|step| course.amount(step)).collect::<Vec<_>>());
        });
    }

    #[test]
    fn too_many_dots_are_left_out_of_the_picture_and_said_but_not_of_the_table() {
        let course = Course { steps: 181, ..Course::paper() };
        with_rotation(60, &course, |rotation| {
            let chart = rotation.figure();
            assert!(chart.note.contains("Dots are the first 44 passes of each step"), "{}", chart.note);
            let table = rotation.table();
            let dots = table.lines().filter(|row| row.starts_with("softmax input,class")).count();
            assert_eq!(dots, 181 * 60 * 3);
            assert!(chart.png().is_ok());
        });
    }
}
