//! The film of a training: its images as cards, and what moves it on and back.

use egui::{Align, Key, Label, Layout, Rect, RichText, Sense, Slider, Ui, Vec2};
use egui_material_icons::icons::{ICON_PAUSE, ICON_PLAY_ARROW, ICON_SKIP_NEXT, ICON_SKIP_PREVIOUS};

use super::card::{card_height, card_ui};
use crate::gui::action::{Action, TrainAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::panel::film::Film;
use crate::gui::panel::train::TrainingRun;
use crate::gui::views::buttons::{enabled_icon, icon_button};
use crate::shown::film::{FilmFrame, FilmHead};
use crate::wording;

/// Gap between cards.
const GAP: f32 = 8.0;
/// Width of a card: narrower ones cannot be read, wider ones show no more.
const WIDTH: std::ops::RangeInclusive<f32> = 52.0..=150.0;
/// Share of the height that cards may take.
const SHARE: f32 = 0.56;
/// Most cards in a row.
const ROW: usize = 10;

/// Arrows walk through the film while no control has the focus; the space bar plays it.
pub(super) fn keyboard(ui: &Ui, film: &Film, actions: &mut Vec<Action>) {
    let free = ui.memory(|memory| memory.focused().is_none()) && !ui.ctx().egui_wants_keyboard_input();
    if !free || film.frames.is_empty() {
        return;
    }
    let keys = [
        (Key::ArrowRight, TrainAction::Walk(1)),
        (Key::ArrowLeft, TrainAction::Walk(-1)),
        (Key::Home, TrainAction::Walk(isize::MIN)),
        (Key::End, TrainAction::Walk(isize::MAX)),
        (Key::Space, TrainAction::Play(!film.playing)),
    ];
    for (key, action) in keys {
        if ui.input(|input| input.modifiers.is_none() && input.key_pressed(key)) {
            actions.push(Action::Train(action));
        }
    }
}

/// Draws the film, in a part of the height there is.
pub(super) fn film_ui(
    ui: &mut Ui,
    run: &TrainingRun,
    height: f32,
    atlas: &mut Atlas,
    actions: &mut Vec<Action>,
) {
    let film = &run.film;
    let (Some(head), Some(frame)) = (film.head(), film.shown()) else { return };
    head_ui(ui, run, head);
    if !head.images.is_empty() {
        cards_ui(ui, frame, SHARE * height, atlas);
    }
    transport_ui(ui, film, frame, actions);
}

/// Which training it is the film of.
fn head_ui(ui: &mut Ui, run: &TrainingRun, head: &FilmHead) {
    let title = match &run.network {
        Some((name, hash)) => format!("Training {}: {name}, {hash}", run.number),
        None => format!("Training {}", run.number),
    };
    let subject = head.subject();
    ui.horizontal(|ui| {
        ui.strong(title);
        ui.add(Label::new(RichText::new(&subject).weak()).truncate()).on_hover_text(&subject);
    });
    let passes = wording::count(head.sampled.passes, "pass");
    let text = match head.row {
        Some(row) if head.images.len() > row => format!(
            "{passes} with dropout. Images held back from training: first those the bundled network is surest of, then \
             those it doubts most."
        ),
        _ => match head.images.as_slice() {
            [] => format!("{passes} with dropout."),
            [image] => format!("{passes} with dropout. {}, as it was when the training began.", image.name),
            images => format!(
                "{passes} with dropout. {}, as they were when the training began.",
                wording::count(images.len(), "image")
            ),
        },
    };
    ui.add(Label::new(RichText::new(&text).small().weak()).truncate()).on_hover_text(&text);
}

/// The images, in rows; `room` is the height they may take.
fn cards_ui(ui: &mut Ui, frame: &FilmFrame, room: f32, atlas: &mut Atlas) {
    let count = frame.images.len();
    let width = ui.available_width();
    let fits = (((width + GAP) / (WIDTH.start() + GAP)) as usize).clamp(1, ROW);
    let columns = frame.head.row.unwrap_or(count).clamp(1, fits);
    let rows = count.div_ceil(columns);
    let across = (width - GAP * (columns as f32 - 1.0)) / columns as f32;
    // What a card needs besides its image grows with it, by less than half.
    let down = (room / rows as f32 - GAP - 37.0) / 1.42;
    let card = across.min(down).clamp(*WIDTH.start(), *WIDTH.end()).floor();
    let step = Vec2::new(card + GAP, card_height(card) + GAP);
    let (area, _) = ui.allocate_exact_size(Vec2::new(width, step.y * rows as f32), Sense::hover());
    let mut thumbnails = Thumbnails::default();
    for number in 0..count {
        let (column, row) = (number % columns, number / columns);
        let corner = area.min + Vec2::new(step.x * column as f32 + 1.0, step.y * row as f32 + 2.0);
        let place = Rect::from_min_size(corner, Vec2::new(card, card_height(card)));
        card_ui(ui, frame, number, place, (atlas, &mut thumbnails));
    }
    thumbnails.paint(ui.painter());
}

/// What moves the film, and where it stands.
fn transport_ui(ui: &mut Ui, film: &Film, frame: &FilmFrame, actions: &mut Vec<Action>) {
    let (at, last) = (film.at(), film.frames.len().saturating_sub(1));
    ui.horizontal(|ui| {
        let mut push = |action| actions.push(Action::Train(action));
        if enabled_icon(ui, at > 0, ICON_SKIP_PREVIOUS, "Previous frame of the film").clicked() {
            push(TrainAction::Walk(-1));
        }
        let (icon, hint) = if film.playing {
            (ICON_PAUSE, "Pause the film")
        } else {
            (ICON_PLAY_ARROW, "Play the film of the training")
        };
        if icon_button(ui, icon, hint).clicked() {
            push(TrainAction::Play(!film.playing));
        }
        if enabled_icon(ui, at < last, ICON_SKIP_NEXT, "Next frame of the film").clicked() {
            push(TrainAction::Walk(1));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // As wide for every frame, so that the slider keeps its length.
            let text = format!("epoch {:>6.2} of {}", frame.epochs, frame.head.config.epochs);
            ui.monospace(text);
            ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
            // Along the epochs, as the charts below: frames lie closer together at the start.
            let mut chosen = frame.epochs;
            let end = frame.head.config.epochs.max(1) as f64;
            let response = ui.add(Slider::new(&mut chosen, 0.0..=end).show_value(false));
            response.widget_info(|| egui::WidgetInfo::slider(true, frame.epochs, "Epoch of the film"));
            let response = response
                .on_hover_text("The moment of the training that is shown, from the untrained network on");
            if response.changed() {
                let nearest = film.nearest(chosen);
                // A key moves by a frame at least.
                let by_key = nearest == at && !response.dragged() && !response.is_pointer_button_down_on();
                push(match chosen > frame.epochs {
                    _ if !by_key => TrainAction::Frame(nearest),
                    true => TrainAction::Walk(1),
                    false => TrainAction::Walk(-1),
                });
            }
        });
    });
}
