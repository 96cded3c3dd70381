//! The plane with any two measures along its axes, and the strip of images below it; without a screen.

#![allow(clippy::unwrap_used, reason = "all of it is test code")]

use std::path::Path;
use std::sync::Arc;

use crate::common::{Window, act, settle, state, window, write_digits};
use dubito::gui::action::{Action, Brushing, GalleryAction, PlaneAction};
use dubito::gui::settings::{Settings, Tab};
use dubito::sampling::SweepConfig;
use dubito::shown::GalleryView;
use dubito::shown::subject::Origin;
use dubito::uncertainty::Measure;
use dubito::uncertainty::doubt_plane::{Bounds, PlaneAxes, Shape};
use egui_kittest::kittest::Queryable as _;

const IMAGES: usize = 300;

fn ready(folder: &Path) -> Window {
    write_digits(folder, IMAGES);
    let sweep = SweepConfig { passes: 20, ..SweepConfig::default() };
    let mut window = window(folder, Settings { sweep, tab: Tab::Plane, ..Settings::default() });
    settle(&mut window);
    window
}

fn view(window: &Window) -> Arc<GalleryView> {
    Arc::clone(state(window).shared.run.gallery.as_ref().unwrap())
}

fn labels(window: &Window) -> Vec<dubito::data::Class> {
    state(window).shared.dataset.as_ref().unwrap().digits.labels().to_vec()
}

/// The images shown, ascending.
fn shown(window: &Window) -> Vec<u32> {
    let mut order = view(window).ranked.order.clone();
    order.sort_unstable();
    order
}

/// The images whose place on the plane is so.
fn those(places: &[[f32; 2]], is: impl Fn([f32; 2]) -> bool) -> Vec<u32> {
    (0_u32..).zip(places).filter(|(_, at)| is(**at)).map(|(index, _)| index).collect()
}

/// Limits the gallery to what lies higher than a share of the images; returns the limit, between two images.
fn brush_upper(window: &mut Window, share: f32) -> f32 {
    let mut values: Vec<f32> = view(window).plane.places.iter().map(|at| at[1]).collect();
    values.sort_by(f32::total_cmp);
    let at = (share * values.len() as f32) as usize;
    let least = f32::midpoint(values[at - 1], values[at]);
    let bounds = Bounds { min: [-1.0, least], max: [9.0, 9.0] };
    act(window, Action::Plane(PlaneAction::Brush(Shape::Box(bounds), Brushing::Replace)));
    settle(window);
    least
}

#[test]
fn any_two_measures_make_a_plane_and_a_brush_belongs_to_its_axes() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(folder.path());
    let least = brush_upper(&mut window, 0.5);
    let brushed = shown(&window);
    let axes = PlaneAxes([Measure::LabelMargin, Measure::Confidence]);
    act(&mut window, Action::Plane(PlaneAction::Axes(axes)));
    settle(&mut window);
    assert_eq!(shown(&window).len(), IMAGES, "the brush was one of the other axes");
    let view = view(&window);
    let labels = labels(&window);
    let expected: Vec<[f32; 2]> = view
        .measures
        .iter()
        .zip(labels)
        .map(|(m, label)| [Measure::LabelMargin.value(m, label), m.confidence])
        .collect();
    assert_eq!(view.plane.places, expected);
    window.get_by_label("Plane of label margin and confidence, 300 images");
    // What the network takes for another digit lies left of zero.
    let left = Shape::Box(Bounds { min: [-9.0, -9.0], max: [0.0, 9.0] });
    act(&mut window, Action::Plane(PlaneAction::Brush(left, Brushing::Replace)));
    settle(&mut window);
    assert_eq!(shown(&window), those(&expected, |at| at[0] <= 0.0));
    // Both steps back: the old axes with the old brush on them.
    for _ in 0..2 {
        act(&mut window, Action::Undo);
        settle(&mut window);
    }
    assert_eq!(state(&window).shared.settings.plane_axes, PlaneAxes::default());
    assert_eq!(shown(&window), brushed);
    assert_eq!(shown(&window), those(&self::view(&window).plane.places, |at| at[1] >= least));
}

#[test]
fn the_images_brushed_or_selected_stand_in_a_strip_under_the_plane() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = ready(folder.path());
    brush_upper(&mut window, 0.9);
    let view = view(&window);
    let labels = labels(&window);
    let card = |index: u32| {
        let (label, prediction) = (labels[index as usize], view.measures[index as usize].prediction());
        let taken = if label == prediction { String::new() } else { format!(", predicted {prediction}") };
        format!("Image {index}, label {label}{taken}")
    };
    let names: Vec<String> = view.ranked.order.iter().take(5).map(|index| card(*index)).collect();
    let left: Vec<f32> = names.iter().map(|name| window.get_by_label(name).rect().left()).collect();
    assert!(left.is_sorted(), "the most uncertain first: {left:?}");
    let chosen = [view.ranked.order[3], view.ranked.order[1]];
    act(&mut window, Action::Gallery(GalleryAction::SelectAll { indices: chosen.to_vec(), add: false }));
    window.run_steps(3);
    window.get_by_label("Selected: 2 images");
    let left = [chosen[1], chosen[0]].map(|index| window.get_by_label(&card(index)).rect().left());
    assert!(left.is_sorted(), "{left:?}");
    assert!(window.query_by_label(&names[0]).is_none(), "only what is selected stands there");
    window.get_by_label(&card(chosen[0])).click();
    window.run_steps(3);
    assert_eq!(state(&window).shared.inspected(), Some(Origin::Dataset(chosen[0])));
}
