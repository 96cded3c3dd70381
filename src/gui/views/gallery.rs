//! The article's figure, live: images ordered by uncertainty, in two halves or as one ranking.

use std::sync::Arc;

use egui::style::ScrollAnimation;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    CornerRadius, FontId, Pos2, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2,
};
use egui_material_icons::icons::ICON_SYNC;

use crate::gui::action::{Action, GalleryAction, Pick, SubnetworkAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::settings::{Arrangement, FIRST_ZOOM, ZOOM};
use crate::gui::shared::Selected;
use crate::gui::theme::{self, CAPTION_FROM, CAPTION_SIZE, CELL_GAP};
use crate::gui::views::plots::follow_focus_within;
use crate::shown::gallery::halves;
use crate::shown::{GalleryQuery, GalleryView, Only};
use crate::uncertainty::{Filter, Grouping, Measure};
use crate::wording;

mod card;
mod data;
mod firm;

use self::card::{GalleryCard, Standing, card_ui};
pub use self::firm::FirmData;
use self::firm::firm_ui;
use super::chips::chips_ui;
use super::wheel::wheel_ui;
use super::{empty, marks, terms};
use crate::help::Term;

pub use data::GalleryData;

/// A run of images under a heading: the first `len` of the order, from its front or from its back.
struct GallerySection<'a> {
    title: Option<String>,
    view: &'a GalleryView,
    len: usize,
    from_back: bool,
}

impl GallerySection<'_> {
    fn rank(&self, position: usize) -> usize {
        if self.from_back { self.view.ranked.order.len() - 1 - position } else { position }
    }

    fn index(&self, position: usize) -> u32 {
        self.view.ranked.order[self.rank(position)]
    }

    fn standing(&self, position: usize) -> Standing {
        Standing::new(self.view, self.len, position, self.from_back)
    }

    /// How many of its images noise alone may have put there, as worded in its heading.
    fn doubtful(&self) -> String {
        let open = (0..self.len).filter(|position| self.standing(*position).open).count();
        if open == 0 { String::new() } else { format!(" · ≈ {open} of {}{OF_OTHERS}", self.len) }
    }

    fn position(&self, index: u32) -> Option<usize> {
        let rank = self.view.ranked.place(index)?;
        let position = if self.from_back { self.view.ranked.order.len() - 1 - rank } else { rank };
        (position < self.len).then_some(position)
    }

    fn heading(&self) -> f32 {
        if self.title.is_some() { HEADING } else { 0.0 }
    }
}

/// Where everything is: computed once a frame from the width.
struct GalleryLayout {
    columns: usize,
    cell: Vec2,
    pitch: Vec2,
}

impl GalleryLayout {
    fn new(zoom: f32, width: f32) -> Self {
        let caption = if zoom >= CAPTION_FROM { CAPTION_SIZE + 5.0 } else { 0.0 };
        let gap = if zoom >= CAPTION_FROM { CELL_GAP } else { 3.0 };
        let cell = egui::vec2(zoom, zoom + caption);
        let pitch = cell + Vec2::splat(gap);
        let columns = (((width + gap) / pitch.x).floor() as usize).max(1);
        Self { columns, cell, pitch }
    }

    fn rows(&self, images: usize) -> usize {
        images.div_ceil(self.columns)
    }

    fn place(&self, origin: Pos2, position: usize) -> Rect {
        let (row, column) = (position / self.columns, position % self.columns);
        Rect::from_min_size(origin + egui::vec2(column as f32, row as f32) * self.pitch, self.cell)
    }
}

/// A press that moves less than this is a click, not a drag, in points.
const LEAST_DRAG: f32 = 8.0;

/// Thumbnails of two halves grow to this size where there is room; one of 28 pixels shows no more at a larger one.
const LARGEST_FITTED: f32 = 400.0;
/// What ≈ means, where there is room to say it.
const OF_OTHERS: &str = " within noise of others";
/// Height of a section's heading.
const HEADING: f32 = 30.0;

/// Draws the gallery below its toolbar.
pub fn gallery_ui(ui: &mut Ui, data: &GalleryData<'_>, atlas: &mut Atlas, actions: &mut Vec<Action>) {
    scroll_zoom(ui, data.zoom, actions);
    let Some(view) = data.view else {
        empty::waiting_ui(ui, "Sampling the first passes…");
        return;
    };
    if view.ranked.order.is_empty() {
        if empty::nothing_matches_ui(ui) {
            actions.push(Action::Gallery(GalleryAction::ShowAll));
        }
        return;
    }
    let sections = sections(view, data.arrangement, data.top);
    let room = ui.available_size() - egui::vec2(4.0 + theme::SCROLL_BAR, 0.0);
    let data = &GalleryData { zoom: fitted(&sections, data, room), ..*data };
    // Another order is seen from its start.
    let order = Order { query: GalleryQuery { passes: 0, ..view.query }, only: view.only.clone() };
    let id = ui.scope_id().with("order");
    let new = ui.data_mut(|data| {
        let last = data.get_temp_mut_or_insert_with(id, || order.clone());
        let new = *last != order;
        *last = order;
        new
    });
    let mut scrolled = ScrollArea::vertical();
    if new && data.reveal.is_none() {
        scrolled = scrolled.vertical_scroll_offset(0.0);
    }
    scrolled
        .id_salt("gallery")
        .auto_shrink(false)
        .scroll_source(egui::scroll_area::ScrollSource {
            drag: egui::scroll_area::DragScroll::Never,
            ..Default::default()
        })
        .show_viewport(ui, |ui, viewport| sections_ui(ui, viewport, &sections, data, atlas, actions));
}

/// What the gallery's order is of, whatever has been sampled of it.
#[derive(Clone, PartialEq)]
struct Order {
    query: GalleryQuery,
    only: Option<Arc<Only>>,
}

/// The size of the thumbnails: until a person chooses one, the two halves fill the room where it is large.
fn fitted(sections: &[GallerySection<'_>], data: &GalleryData<'_>, room: Vec2) -> f32 {
    if data.arrangement != Arrangement::Halves || data.zoom.to_bits() != FIRST_ZOOM.to_bits() {
        return data.zoom;
    }
    let fits = |zoom: f32| {
        let layout = GalleryLayout::new(zoom, room.x);
        let height = |section: &GallerySection<'_>| {
            section.heading() + layout.rows(section.len) as f32 * layout.pitch.y + CELL_GAP
        };
        sections.iter().map(height).sum::<f32>() <= room.y
    };
    let mut zoom = data.zoom;
    while zoom + 4.0 <= LARGEST_FITTED && fits(zoom + 4.0) {
        zoom += 4.0;
    }
    zoom
}

/// Narrower than this, the toolbar takes two lines.
const ONE_LINE: f32 = 480.0;

/// Height of the line of chips.
const CHIPS: f32 = 24.0;

/// Draws what stands above the gallery: always as high, so that nothing below moves when a chip comes or goes.
pub fn gallery_toolbar_ui(ui: &mut Ui, data: &GalleryData<'_>, actions: &mut Vec<Action>) {
    let narrow = ui.available_width() < ONE_LINE;
    ui.horizontal(|ui| {
        arrangements_ui(ui, data, actions);
        if !narrow {
            ui.separator();
            shown_ui(ui, data, actions);
        }
    });
    if narrow {
        ui.horizontal(|ui| shown_ui(ui, data, actions));
    }
    ui.horizontal_wrapped(|ui| {
        ui.set_min_height(CHIPS);
        if let Some(count) = data.first_look {
            first_look_ui(ui, count, data.digits.len());
        } else if let Some(view) = data.view {
            chips_ui(ui, view, data.shelf, actions);
            firm_ui(ui, data.firm, view.query.measure, actions);
        }
    });
    ui.add_space(2.0);
}

/// Says that few images are ranked so far.
fn first_look_ui(ui: &mut Ui, count: usize, images: usize) {
    wheel_ui(ui);
    let images = wording::thousands(images as u64);
    ui.weak(format!("A first look at {count} of {images} images"))
        .on_hover_text("Some of every class: all are ranked as soon as they have gone through the network");
}

fn arrangements_ui(ui: &mut Ui, data: &GalleryData<'_>, actions: &mut Vec<Action>) {
    for (arrangement, text, hint) in [
        (Arrangement::Halves, "Two halves", "The most certain and the least certain"),
        (Arrangement::Ranking, "One ranking", "All matching images, the least certain first"),
    ] {
        if ui.selectable_label(data.arrangement == arrangement, text).on_hover_text(hint).clicked() {
            actions.push(Action::Gallery(GalleryAction::SetArrangement(arrangement)));
        }
    }
    let one = data.subnetwork.is_some();
    let hint = "Label the gallery by one pass at a time: what a single sub-network says, and where it dissents \
                (keys [ and ])";
    if ui.selectable_label(one, "Sub-network").on_hover_text(hint).clicked() {
        let wanted = if one { SubnetworkAction::Show(None) } else { SubnetworkAction::Step(1) };
        actions.push(Action::Subnetwork(wanted));
    }
}

/// What is shown, and how large.
fn shown_ui(ui: &mut Ui, data: &GalleryData<'_>, actions: &mut Vec<Action>) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        zoom_ui(ui, data.zoom, actions);
        // The rest of the line; in a narrow window the text is cut, not the controls.
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            if let Some(view) = data.view {
                heading_ui(ui, data, view);
            }
        });
    });
}

/// Ctrl with the wheel over the gallery changes the size of its thumbnails, not of the whole window.
fn scroll_zoom(ui: &Ui, zoom: f32, actions: &mut Vec<Action>) {
    if !ui.rect_contains_pointer(ui.max_rect()) {
        return;
    }
    let factor = ui.input(egui::InputState::zoom_delta);
    if (factor - 1.0).abs() > f32::EPSILON {
        actions.push(Action::Gallery(GalleryAction::SetZoom(zoom * factor)));
    }
}

fn zoom_ui(ui: &mut Ui, zoom: f32, actions: &mut Vec<Action>) {
    let mut changed = zoom;
    ui.spacing_mut().slider_width = 90.0;
    let slider = egui::Slider::new(&mut changed, ZOOM).show_value(false);
    let response = ui.add(slider).on_hover_text("Thumbnail size (Ctrl+scroll over the gallery)");
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(zoom), "Thumbnail size"));
    if response.changed() {
        actions.push(Action::Gallery(GalleryAction::SetZoom(changed)));
    }
}

fn heading_ui(ui: &mut Ui, data: &GalleryData<'_>, view: &GalleryView) {
    ui.add(egui::Label::new(RichText::new(heading(view)).strong()).truncate());
    if data.stale {
        let text = format!("{} updating", ICON_SYNC.codepoint);
        let colour = theme::palette(ui.visuals()).warning;
        ui.add(egui::Label::new(RichText::new(text).color(colour)).truncate())
            .on_hover_text("This is the last complete result; the new one is being computed.");
    } else if data.refining {
        let text = format!("{} of the passes so far", view.query.passes);
        ui.add(egui::Label::new(RichText::new(text).weak()).truncate());
    }
}

/// What is shown, in words: `Digit 4 · 982 images · 99.4 % right`.
fn heading(view: &GalleryView) -> String {
    let query = &view.query;
    let (labels, answers) = (&view.names.labels, &view.names.answers);
    let what = match (query.digit, query.grouping) {
        (None, _) if labels.are_digits() => "All digits".to_owned(),
        (None, _) => "All classes".to_owned(),
        (Some(digit), Grouping::Label) if labels.are_digits() => format!("Digit {digit}"),
        (Some(class), Grouping::Label) => labels.name(class).to_owned(),
        (Some(class), Grouping::Prediction) => format!("Predicted {}", answers.name(class)),
    };
    let filter = match query.filter {
        Filter::All => "",
        Filter::Right => " · right only",
        Filter::Wrong => " · wrong only",
    };
    format!("{what}{filter} · {}", wording::count(view.ranked.order.len(), "image"))
}

fn sections(view: &GalleryView, arrangement: Arrangement, top: usize) -> Vec<GallerySection<'_>> {
    let all = view.ranked.order.len();
    match arrangement {
        Arrangement::Ranking => vec![GallerySection { title: None, view, len: all, from_back: false }],
        Arrangement::Halves => {
            let measure = view.query.measure;
            let name = measure.label().to_lowercase();
            let end =
                |doubt: bool| if doubt == measure.high_means_uncertain() { "highest" } else { "lowest" };
            let (certain, uncertain) = halves(all, top);
            let [sure, unsure] = match measure {
                Measure::LabelSuspicion => ["Least suspect", "Most suspect"],
                _ => ["Most certain", "Least certain"],
            };
            [(sure, false, certain), (unsure, true, uncertain)]
                .map(|(title, doubt, len)| {
                    let mut section = GallerySection { title: None, view, len, from_back: !doubt };
                    let doubtful = section.doubtful();
                    section.title = Some(format!("{title} · {} {name}{doubtful}", end(doubt)));
                    section
                })
                .into()
        }
    }
}

fn sections_ui(
    ui: &mut Ui,
    viewport: Rect,
    sections: &[GallerySection<'_>],
    data: &GalleryData<'_>,
    atlas: &mut Atlas,
    actions: &mut Vec<Action>,
) {
    let layout = GalleryLayout::new(data.zoom, ui.available_width() - 4.0);
    let height = |section: &GallerySection<'_>| {
        section.heading() + layout.rows(section.len) as f32 * layout.pitch.y + CELL_GAP
    };
    ui.set_height(sections.iter().map(height).sum());
    let origin = ui.max_rect().min + egui::vec2(2.0, 2.0);
    let background =
        ui.interact(ui.max_rect().intersect(ui.clip_rect()), ui.scope_id().with("band"), Sense::DRAG);
    let mut thumbnails = Thumbnails::default();
    let mut shown = Vec::new();
    let mut badges = Vec::new();
    let mut marked = Vec::new();
    let mut first = origin;
    for section in sections {
        if let Some(title) = &section.title {
            let text = ui.visuals().text_color();
            let laid_out = |title: &str| {
                let mut job =
                    LayoutJob::simple_singleline(title.to_owned(), FontId::proportional(14.5), text);
                job.wrap = TextWrapping::truncate_at_width(ui.available_width() - 4.0);
                ui.painter().layout_job(job)
            };
            let mut galley = laid_out(title);
            if galley.elided {
                // The glossary says what is within noise of what.
                galley = laid_out(title.trim_end_matches(OF_OTHERS));
            }
            words_ui(ui, first + egui::vec2(0.0, 6.0), &galley, section);
            ui.painter().galley(first + egui::vec2(0.0, 6.0), galley, text);
        }
        let corner = first + egui::vec2(0.0, section.heading());
        let row = |y: f32| (((origin.y + y - corner.y) / layout.pitch.y).max(0.0)) as usize;
        let from = row(viewport.min.y) * layout.columns;
        let to = ((row(viewport.max.y) + 1) * layout.columns).min(section.len);
        for position in from..to {
            let card = GalleryCard::new(section.view, data, section.standing(position));
            let place = layout.place(corner, position);
            let paint = (&mut *atlas, &mut thumbnails);
            badges.extend(card_ui(ui, &card, place, data, section.view, paint, actions));
            shown.push((place, card.index()));
            if let Some(review) = data.marks.map(|marks| marks.review(card.index())) {
                marked.push((Rect::from_min_size(place.min, egui::Vec2::splat(data.zoom)), review));
            }
        }
        first.y += height(section);
    }
    thumbnails.paint(ui.painter());
    for badge in badges {
        badge.paint(ui);
    }
    for (image, review) in marked {
        marks::badge(ui, image, review, data.digits.classes());
    }
    rubber_band_ui(ui, &background, &shown, actions);
    let revealed = data.reveal.and_then(|index| {
        actions.push(Action::Gallery(GalleryAction::Revealed));
        let found = |(at, section): (usize, &GallerySection<'_>)| Some((at, section.position(index)?));
        sections.iter().enumerate().find_map(found)
    });
    let led = keyboard(ui, sections, layout.columns, data.selected, actions).or(revealed);
    follow_focus_within(ui, Rect::from_min_max(origin, egui::pos2(ui.max_rect().right(), first.y)));
    if let Some((section, position)) = led {
        let top: f32 = sections[..section].iter().map(height).sum();
        let corner = origin + egui::vec2(0.0, top + sections[section].heading());
        let place = layout.place(corner, position).expand(CELL_GAP);
        // A way of a window's height is watched; a longer one would only lay out cards nobody can look at.
        let near = ui.clip_rect().expand2(egui::vec2(0.0, ui.clip_rect().height()));
        let animation =
            if near.intersects(place) { ui.style().scroll_animation } else { ScrollAnimation::none() };
        ui.scroll_to_rect_animation(place, None, animation);
    }
}

/// The words of a heading: the measure, and what ≈ means.
fn words_ui(ui: &Ui, at: Pos2, galley: &egui::Galley, section: &GallerySection<'_>) {
    let place = Rect::from_min_size(at, galley.size());
    let measure = section.view.query.measure;
    let mark = galley.text().find('≈').map(|mark| galley.text()[..mark].chars().count());
    let split = mark.map_or(place.right(), |mark| {
        at.x + galley.pos_from_cursor(egui::text::CCursor::new(mark)).left().min(galley.size().x)
    });
    let [left, right] = [place.with_max_x(split), place.with_min_x(split)];
    let half = if section.from_back { "Most certain" } else { "Least certain" };
    terms::painted(
        ui,
        left,
        &format!("{half}, by {}", measure.label().to_lowercase()),
        terms::of_measure(measure),
    );
    if mark.is_some() {
        terms::painted(ui, right, &format!("{half}, ≈ within noise of others"), Term::WithinNoise);
    }
}

/// A drag over the background selects what it covers.
fn rubber_band_ui(ui: &Ui, background: &Response, shown: &[(Rect, u32)], actions: &mut Vec<Action>) {
    let id = background.id.with("from");
    if background.drag_started()
        && let Some(from) = background.interact_pointer_pos()
    {
        ui.data_mut(|data| data.insert_temp(id, from));
    }
    let Some(from) = ui.data(|data| data.get_temp::<Pos2>(id)) else { return };
    let Some(to) = ui.ctx().pointer_latest_pos() else { return };
    let stopped = background.drag_stopped();
    if stopped {
        ui.data_mut(|data| data.remove::<Pos2>(id));
    }
    if from.distance(to) < LEAST_DRAG {
        return;
    }
    let band = Rect::from_two_pos(from, to);
    let colours = theme::palette(ui.visuals());
    ui.painter().rect(
        band,
        CornerRadius::ZERO,
        colours.accent.gamma_multiply(0.15),
        Stroke::new(1.0, colours.accent),
        StrokeKind::Inside,
    );
    if stopped {
        let indices: Vec<u32> =
            shown.iter().filter(|(place, _)| band.intersects(*place)).map(|(_, index)| *index).collect();
        if !indices.is_empty() {
            actions.push(Action::Gallery(GalleryAction::SelectAll {
                indices,
                add: ui.input(|input| input.modifiers.command),
            }));
        }
    }
}

/// Arrows, Home and End walk through the order shown, from section to section; returns where they led.
fn keyboard(
    ui: &Ui,
    sections: &[GallerySection<'_>],
    columns: usize,
    selected: &Selected,
    actions: &mut Vec<Action>,
) -> Option<(usize, usize)> {
    use egui::Key;
    if ui.ctx().egui_wants_keyboard_input() {
        return None;
    }
    let keys = [Key::ArrowRight, Key::ArrowLeft, Key::ArrowDown, Key::ArrowUp, Key::Home, Key::End];
    let key = keys.into_iter().find(|key| {
        ui.input(|input| input.key_pressed(*key) && !input.modifiers.command && !input.modifiers.alt)
    })?;
    let total: usize = sections.iter().map(|section| section.len).sum();
    let last = total.checked_sub(1)?;
    let mut before = 0;
    let at = selected.primary.and_then(|wanted| {
        sections.iter().find_map(|section| {
            let found = section.position(wanted).map(|position| before + position);
            before += section.len;
            found
        })
    });
    let mut to = match (key, at) {
        (Key::End, _) => last,
        (Key::Home, _) | (_, None) => 0,
        (Key::ArrowRight, Some(at)) => (at + 1).min(last),
        (Key::ArrowLeft, Some(at)) => at.saturating_sub(1),
        (Key::ArrowDown, Some(at)) => (at + columns).min(last),
        (_, Some(at)) => at.saturating_sub(columns),
    };
    let section = sections.iter().position(|section| {
        let inside = to < section.len;
        if !inside {
            to -= section.len;
        }
        inside
    })?;
    let pick = if ui.input(|input| input.modifiers.shift) { Pick::Extend } else { Pick::Only };
    actions.push(Action::Gallery(GalleryAction::Select(sections[section].index(to), pick)));
    Some((section, to))
}
