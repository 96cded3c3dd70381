//! The right panel: everything about the image looked at.

use egui::{RichText, ScrollArea, Ui};
use egui_plot::{Bar, BarChart, VLine};

use crate::data::images::ImageShape;
use crate::data::marks::Marks;
use crate::data::{Class, UNLABELLED};
use crate::gui::action::{Action, DrawAction, InspectorAction, RotateAction};
use crate::gui::atlas::Atlas;
use crate::gui::charts;
use crate::gui::subject::Pictured;
use crate::gui::theme;
use crate::gui::views::chart_menu::{charted_ui, folding_charted_ui};
use crate::gui::views::curve::curve_ui;
use crate::gui::views::digit::{digit_ui, picture_ui};
use crate::gui::views::explain::{ExplainData, parts_ui, sentence_ui, voters_ui};
use crate::gui::views::headings::{section, steady};
use crate::gui::views::marks::marks_ui;
use crate::gui::views::measures::measures_ui;
use crate::gui::views::plots;
use crate::gui::views::prediction::{PredictionData, prediction_ui};
use crate::gui::views::wheel::wheel_ui;
use crate::shown::gallery::suspected;
use crate::shown::subject::Origin;
use crate::shown::subnetwork::number;
use crate::shown::{GalleryView, InspectorView};
use crate::wording;

/// What the inspector shows.
pub struct InspectorData<'a> {
    /// The image looked at; `None` when there is none.
    pub image: Option<Pictured<'a>>,
    /// What is known about it or, until it is measured, about the previous one.
    pub view: Option<&'a InspectorView>,
    /// What the gallery shows: it has looked at all images of the dataset.
    pub gallery: Option<&'a GalleryView>,
    /// The class whose sampled probabilities are shown; the predicted one when `None`.
    pub class: Option<Class>,
    /// The file it is, below the folder of its set; `None` where it is a record of a larger one.
    pub file: Option<String>,
    /// Whether a pen can make something like these images.
    pub drawable: bool,
    /// What the network takes of them, where that is not what they are.
    pub taken: Option<ImageShape>,
    /// Size of the selection set.
    pub selection: usize,
    /// Whether it is none of those that the gallery shows.
    pub outside: bool,
    /// What is said of the images; `None` until it is read.
    pub marks: Option<&'a Marks>,
    /// The image whose right label is waited for.
    pub waits: Option<u32>,
    /// The sub-network that labels the gallery, from 0; all passes when `None`.
    pub pass: Option<usize>,
    /// Whether people sit far away: the answer comes first.
    pub lecture: bool,
    /// Why it is uncertain.
    pub explanation: ExplainData<'a>,
}

/// Width and height of the image.
const HEAD: f32 = 100.0;
/// Width and height of the image as the network sees it, where it is another.
const SEEN: f32 = 44.0;
/// Height of the plots.
const PLOT: f32 = 120.0;

/// Draws the inspector; `atlases` are those of the dataset, of the training images and of foreign images.
pub fn inspector_ui(
    ui: &mut Ui,
    data: &InspectorData<'_>,
    atlases: [&mut Atlas; 3],
    actions: &mut Vec<Action>,
) {
    let [own, training, foreign] = atlases;
    let Some(image) = &data.image else {
        ui.add_space(40.0);
        ui.vertical_centered(|ui| {
            ui.heading("No image selected");
            ui.weak("Click an image to see what the network makes of it.");
        });
        return;
    };
    let view = data.view.filter(|view| view.origin == image.origin);
    // It stays while the rest is scrolled.
    let atlas = if matches!(image.origin, Origin::Foreign(_)) { foreign } else { own };
    head_ui(ui, image, data, (view, atlas), actions);
    ui.separator();
    ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
        steady(ui, "inspector", view.is_some(), |ui| {
            if let Some(view) = view {
                looked_at_ui(ui, image, data, view, training, actions);
            } else {
                ui.add_space(16.0);
                ui.vertical_centered(wheel_ui);
            }
        });
    });
}

fn looked_at_ui(
    ui: &mut Ui,
    image: &Pictured<'_>,
    data: &InspectorData<'_>,
    view: &InspectorView,
    training: &mut Atlas,
    actions: &mut Vec<Action>,
) {
    if !data.lecture {
        why_ui(ui, view);
    }
    // One chosen for another network need not be one of this.
    let known = |class: &Class| usize::from(*class) < view.measures.mean.len();
    let class = data.class.filter(known).unwrap_or_else(|| view.measures.prediction());
    let mean = "Predictive mean, ±1 standard error · votes below";
    let one = data.pass.and_then(|pass| Some((pass, &view.probabilities.get(pass)?[..])));
    let prediction =
        PredictionData { measures: &view.measures, names: &view.names, label: image.label, class, one };
    let bars = |ui: &mut Ui, _: &mut Vec<Action>| prediction_ui(ui, &prediction);
    let clicked = charted_ui(ui, mean, "predictive mean", actions, bars, || {
        charts::predictive_mean(view.origin, (&view.names, image.label), view.sampled, &view.measures)
    });
    if let Some(class) = clicked {
        actions.push(Action::Inspector(InspectorAction::SetClass(Some(class))));
    }
    one_ui(ui, view, data.pass);
    if data.lecture {
        why_ui(ui, view);
    }
    // A label of other classes than the network's is nothing to compare its answer with.
    let compared = image.label.filter(|_| view.names.agree());
    let measures = suspected(view, compared, data.gallery);
    let numbers = |ui: &mut Ui, _: &mut Vec<Action>| measures_ui(ui, &measures, compared);
    folding_charted_ui(ui, "Measures ± standard error", "measures", actions, numbers, || {
        charts::measures(view.origin, (&view.names, compared), view.sampled, &measures)
    });
    parts_ui(ui, &data.explanation, training, actions);
    let sampled = format!("Sampled probabilities of {}", charts::class_named(&view.names.answers, class));
    let histogram = |ui: &mut Ui, actions: &mut Vec<Action>| {
        histogram_ui(ui, view, class, data.pass);
        voters_ui(ui, view, class, actions);
    };
    folding_charted_ui(ui, &sampled, "sampled probabilities", actions, histogram, || {
        charts::sampled_probabilities(view, image.label, class)
    });
    let against = "Entropy and mutual information against T (nats)";
    let curve = |ui: &mut Ui, _: &mut Vec<Action>| curve_ui(ui, &view.lines);
    folding_charted_ui(ui, against, "entropy against T", actions, curve, || {
        charts::entropy_against_passes(view, image.label)
    });
    plots::follow_focus(ui);
}

fn head_ui(
    ui: &mut Ui,
    image: &Pictured<'_>,
    data: &InspectorData<'_>,
    (view, atlas): (Option<&InspectorView>, &mut Atlas),
    actions: &mut Vec<Action>,
) {
    let colours = theme::palette(ui.visuals());
    ui.add_space(6.0);
    ui.horizontal_top(|ui| {
        image_ui(ui, image, data.taken, atlas);
        ui.vertical(|ui| {
            // The number of a kept digit says nothing to a person.
            ui.heading(if matches!(image.origin, Origin::Kept(_)) { "My digit" } else { &image.name });
            if let Some(file) = &data.file {
                let text = RichText::new(file).small().weak();
                ui.add(egui::Label::new(text).truncate()).on_hover_text(file);
            }
            let label = match (image.label, image.origin) {
                (Some(label), _) => format!("Label {}", image.labels.name(label)),
                (None, Origin::Dataset(_)) => "No label".to_owned(),
                (None, _) => String::new(),
            };
            ui.label(label);
            // Its place is kept until the answer is there.
            let (text, colour) = view.map_or((String::new(), colours.weak), |view| {
                let prediction = view.measures.prediction();
                let name = view.names.answers.name(prediction);
                match image.label {
                    Some(label) if label == prediction && view.names.agree() => {
                        (format!("Predicted {name} · right"), colours.right)
                    }
                    Some(_) if view.names.agree() => (format!("Predicted {name} · wrong"), colours.wrong),
                    _ => (format!("Predicted {name}"), ui.visuals().text_color()),
                }
            });
            ui.label(RichText::new(text).color(colour));
            ui.horizontal_wrapped(|ui| {
                if data.drawable
                    && ui
                        .small_button("Open in Draw")
                        .on_hover_text("Edit it and see what changes (D)")
                        .clicked()
                {
                    actions.push(Action::Draw(DrawAction::OpenImage(image.origin)));
                }
                if ui.small_button("Open in Rotate").on_hover_text("Turn it step by step (R)").clicked() {
                    actions.push(Action::Rotate(RotateAction::Open(image.origin)));
                }
            });
        });
    });
    if let (Origin::Dataset(index), Some(marks)) = (image.origin, data.marks) {
        let label = image.label.unwrap_or(UNLABELLED);
        marks_ui(ui, marks.review(index), (image.labels, label), data.waits == Some(index), actions);
    }
    if data.outside {
        let text = if image.labels.are_digits() {
            "Hidden in the gallery by digit, filter or brush"
        } else {
            "Hidden in the gallery by class, filter or brush"
        };
        ui.label(RichText::new(text).small().color(colours.warning));
    }
    if data.selection > 0 {
        ui.weak(format!("{} selected", wording::count(data.selection, "image")));
    }
}

/// The image, enlarged; where the network takes 28×28 grey values of it, those too.
fn image_ui(ui: &mut Ui, image: &Pictured<'_>, taken: Option<ImageShape>, atlas: &mut Atlas) {
    let enlarged = format!("{}, enlarged", image.name);
    let original = match image.origin {
        Origin::Dataset(index) | Origin::Foreign(index) => atlas.original(index),
        Origin::Drawing | Origin::Kept(_) => None,
    };
    let Some(original) = original else {
        digit_ui(ui, image.grey.pixels(), HEAD, &enlarged);
        return;
    };
    ui.vertical(|ui| {
        ui.set_width(HEAD);
        picture_ui(ui, original, HEAD, &enlarged);
        let Some(taken) = taken else { return };
        if taken != ImageShape::MNIST {
            ui.label(RichText::new(format!("seen as {taken}")).small().weak());
            return;
        }
        ui.horizontal(|ui| {
            let name = format!("{}, as the network sees it", image.name);
            let hint = "28×28 grey values: what the network is given, and what explanations are about";
            digit_ui(ui, image.grey.pixels(), SEEN, &name).on_hover_text(hint);
            ui.label(RichText::new("as seen").small().weak()).on_hover_text(hint);
        });
    });
}

fn why_ui(ui: &mut Ui, view: &InspectorView) {
    section(ui, "Why is it uncertain?");
    sentence_ui(ui, &view.reason);
}

/// What the sub-network that labels the gallery says of the image.
fn one_ui(ui: &mut Ui, view: &InspectorView, pass: Option<usize>) {
    let Some((pass, (says, share))) = pass.and_then(|pass| Some((pass, view.answer_of(pass)?))) else {
        return;
    };
    let colours = theme::palette(ui.visuals());
    let text = format!("Sub-network #{} says {says}, at {}", number(pass), wording::percent(share));
    ui.label(RichText::new(text).strong().color(colours.second))
        .on_hover_text("The line across each bar, and the one in the histogram below, is its probability.");
}

fn histogram_ui(ui: &mut Ui, view: &InspectorView, class: Class, pass: Option<usize>) {
    let colours = theme::palette(ui.visuals());
    let counts = &view.by_pass.histograms[usize::from(class)];
    let width = 1.0 / counts.len() as f64;
    let bars = counts
        .iter()
        .enumerate()
        .map(|(bin, count)| Bar::new((bin as f64 + 0.5) * width, f64::from(*count)).width(width * 0.92))
        .collect();
    let chart = BarChart::new("passes", bars).color(colours.accent);
    plots::quiet(ui, "histogram", PLOT)
        .include_x(0.0)
        .include_x(1.0)
        .include_y(0.0)
        .y_axis_min_width(24.0)
        .show(ui, |plot| {
            plot.bar_chart(chart);
            if let Some(one) = pass.and_then(|pass| view.probabilities.get(pass)) {
                let at = f64::from(one[usize::from(class)]);
                plot.vline(VLine::new("this sub-network", at).color(colours.second).width(3.0));
            }
        });
}
