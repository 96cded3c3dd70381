//! The network's drawing, over the window: its layers one below the other, with the sites of dropout between them.

use egui::style::ScrollAnimation;
use egui::{
    Align, Checkbox, Color32, Context, CornerRadius, Id, Layout, Modal, Pos2, Rect, RichText, ScrollArea,
    Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2,
};

use crate::gui::action::{Action, WindowAction};
use crate::gui::theme::{self, Palette};
use crate::help::Topic;
use crate::model::graph::By;
use crate::model::{AnyModel, OpenedGraph};
use crate::shown::layers::{LayerLine, Line, SiteLine, lines};
use crate::wording;

use super::help::scrolled;
use super::plots::follow_focus_within;
use super::sites::{self, by_ui};

/// Width of the window, in points.
const WIDTH: f32 = 640.0;
/// Height of a line.
const LINE: f32 = 28.0;
/// Width of the column of boxes.
const BOXES: f32 = 120.0;
/// Largest and smallest sides of a box.
const BOX: [Vec2; 2] = [Vec2::new(BOXES - 12.0, LINE - 6.0), Vec2::new(6.0, 3.0)];
/// Units that are drawn of a site.
const UNITS: usize = 12;
/// The order in which they drop as the rate rises.
const ORDER: [usize; UNITS] = [3, 8, 1, 10, 5, 0, 7, 11, 4, 2, 9, 6];

/// What the drawing shows.
pub struct NetworkData<'a> {
    /// What a person calls the network.
    pub name: &'a str,
    /// What it is.
    pub detail: String,
    /// The network.
    pub model: &'a AnyModel,
    /// The rate that it is sampled at.
    pub dropout: f32,
}

/// The largest of a network, which all boxes are drawn in proportion to.
#[derive(Clone, Copy)]
struct Scale {
    side: f32,
    channels: f32,
}

/// Draws the network; returns whether to close it.
#[must_use]
pub fn network_ui(context: &Context, data: &NetworkData<'_>, actions: &mut Vec<Action>) -> bool {
    let room = context.content_rect().size() - Vec2::new(48.0, 64.0);
    let mut done = false;
    let modal = Modal::new(Id::unique("network")).show(context, |ui| {
        ui.set_width(room.x.min(WIDTH));
        ui.add(egui::Label::new(RichText::new(data.name).heading()).truncate());
        ui.add(egui::Label::new(RichText::new(&data.detail).weak()).wrap());
        ui.add_space(2.0);
        let legend = "A box is as high as a map of features and, on a logarithmic scale, as wide as it has channels. \
                      Between the boxes dropout acts, or could.";
        ui.add(egui::Label::new(RichText::new(legend).small().weak()).wrap());
        ui.add_space(4.0);
        let lines = lines(data.model, data.dropout);
        let below = ui.cursor().top() - ui.min_rect().top() + 40.0;
        list_ui(ui, &lines, data.model.graph(), (room.y - below).max(4.0 * LINE), actions);
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            done = ui.button("Close").on_hover_text("Close this (Esc)").clicked();
            let hint = "Where dropout acts in a network, and how it is put there";
            if ui.button("Help").on_hover_text(hint).clicked() {
                actions.push(Action::Window(WindowAction::ShowHelp(Topic::Networks)));
            }
        });
    });
    done || modal.should_close()
}

/// Draws those lines that are seen.
fn list_ui(
    ui: &mut Ui,
    lines: &[Line<'_>],
    opened: Option<&OpenedGraph>,
    height: f32,
    actions: &mut Vec<Action>,
) {
    let scale = scale(lines);
    let whole = lines.len() as f32 * LINE;
    // The keys belong to the site that has the focus, where one has.
    let free = ui.memory(|memory| memory.focused().is_none());
    let by = if free { scrolled(ui, height) } else { 0.0 };
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show_viewport(ui, |ui, seen| {
        if by != 0.0 {
            ui.scroll_with_delta_animation(Vec2::new(0.0, -by), ScrollAnimation::none());
        }
        ui.set_height(whole);
        let place = Rect::from_min_size(
            ui.max_rect().min,
            Vec2::new(ui.max_rect().width() - theme::SCROLL_BAR, whole),
        );
        let first = ((seen.top() / LINE) as usize).min(lines.len());
        let last = ((seen.bottom() / LINE).ceil() as usize).clamp(first, lines.len());
        // The sites next to what is seen too, so that the Tab key reaches all.
        let is_site = |line: &Line<'_>| matches!(line, Line::Site(_));
        let before = lines[..first].iter().rposition(is_site);
        let after = lines[last..].iter().position(is_site).map(|at| last + at);
        for at in before.into_iter().chain(first..last).chain(after) {
            let min = place.min + Vec2::new(0.0, at as f32 * LINE);
            let rect = Rect::from_min_size(min, Vec2::new(place.width(), LINE));
            spine(ui, rect, [at > 0, at + 1 < lines.len()]);
            let builder = UiBuilder::new()
                .id_salt(at)
                .max_rect(rect.with_min_x(rect.left() + BOXES + 8.0))
                .layout(Layout::left_to_right(Align::Center));
            let ui = &mut ui.new_child(builder);
            match &lines[at] {
                Line::Layer(layer) => layer_ui(ui, layer, boxes(rect), scale),
                Line::Site(site) => site_ui(ui, site, opened, boxes(rect), actions),
            }
        }
        follow_focus_within(ui, place);
    });
}

/// Where a line has its box.
fn boxes(line: Rect) -> Rect {
    line.with_max_x(line.left() + BOXES)
}

fn scale(lines: &[Line<'_>]) -> Scale {
    let sizes = lines.iter().filter_map(|line| match line {
        Line::Layer(layer) => size(&layer.shape),
        Line::Site(_) => None,
    });
    let none = Scale { side: 1.0, channels: 1.0 };
    sizes.fold(none, |most, (channels, side)| Scale {
        side: most.side.max(side as f32),
        channels: most.channels.max(channels as f32),
    })
}

/// Channels, and the side of a map; of what is no map the numbers, and 1.
fn size(shape: &[usize]) -> Option<(usize, usize)> {
    match *shape {
        [] => None,
        [many] => Some((many, 1)),
        // Channels last, as Keras has them, where the first two sides are those of a map.
        [rows, columns, channels] if rows == columns && columns != channels => Some((channels, rows)),
        [channels, rows, ..] => Some((channels, rows)),
    }
}

/// What data runs along, from the line before and to the one after.
fn spine(ui: &Ui, line: Rect, [from, to]: [bool; 2]) {
    let middle = boxes(line).center();
    let stroke = Stroke::new(1.5, theme::palette(ui.visuals()).faint);
    if from {
        ui.painter().line_segment([Pos2::new(middle.x, line.top()), middle], stroke);
    }
    if to {
        ui.painter().line_segment([middle, Pos2::new(middle.x, line.bottom())], stroke);
    }
}

fn layer_ui(ui: &mut Ui, layer: &LayerLine<'_>, place: Rect, scale: Scale) {
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter();
    let weighs = layer.weight.is_some() && layer.op != "Input";
    let [edge, fill] = if weighs { [colours.accent; 2] } else { [colours.weak, colours.faint] };
    match size(&layer.shape) {
        Some((channels, side)) => {
            let share = |of: f32, most: f32| if most > 0.0 { of / most } else { 1.0 };
            let wide = share((channels as f32).ln_1p(), scale.channels.ln_1p());
            let high = share(side as f32, scale.side);
            let [most, least] = BOX;
            let size = least + (most - least) * Vec2::new(wide, if scale.side > 1.0 { high } else { 0.2 });
            let rect = Rect::from_center_size(place.center(), size);
            painter.rect(rect, CornerRadius::same(2), fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        }
        // Merged with what follows.
        None => {
            painter.circle(place.center(), 3.0, fill, Stroke::new(1.0, edge));
        }
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let shape = match &layer.shape[..] {
            [] => String::new(),
            sides => wording::sides(sides),
        };
        ui.label(RichText::new(shape).monospace());
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(RichText::new(layer.op).strong());
            if let Some(weight) = layer.weight {
                ui.add(egui::Label::new(RichText::new(weight).weak()).truncate());
            }
        });
    });
}

fn site_ui(
    ui: &mut Ui,
    site: &SiteLine,
    opened: Option<&OpenedGraph>,
    place: Rect,
    actions: &mut Vec<Action>,
) {
    let colours = theme::palette(ui.visuals());
    let of = opened.map(|opened| &opened.graph.sites()[site.at]);
    let units = match site.by {
        By::Unit => wording::count(site.drawn, "unit"),
        By::Channel => wording::count(site.drawn, "channel"),
    };
    let state = match (site.on, site.free) {
        (true, false) => format!("Dropout {:.2}", site.rate),
        (true, true) => format!("Dropout {:.2}, put in", site.rate),
        (false, false) => "Dropout off".to_owned(),
        (false, true) => "Dropout possible".to_owned(),
    };
    // The choice of what drops says the same.
    let chosen = of.is_some_and(|of| site.on && of.channels().is_some());
    let text = RichText::new(if chosen { state } else { format!("{state} · {units}") });
    let text = text.color(if site.on { colours.second } else { colours.weak });
    let mut on = site.on;
    let Some(of) = of else {
        let hint = "A LeNet has dropout where it was trained with it: another is trained in Train";
        ui.label(text).on_hover_text(hint);
        units_ui(ui, site, place, &colours, false);
        return;
    };
    let mut toggled = ui.add(Checkbox::new(&mut on, text)).on_hover_text(sites::hint(of)).changed();
    let over = ui.interact(place, ui.scope_id().with("units"), Sense::CLICK).on_hover_text(sites::hint(of));
    units_ui(ui, site, place, &colours, over.hovered());
    if over.clicked() {
        toggled = true;
        on = !on;
    }
    if toggled {
        actions.push(sites::set(site.at, on.then_some(site.by)));
    }
    if chosen {
        ui.add_space(8.0);
        by_ui(ui, of, site.by, site.at, actions);
    }
    if of.normalised {
        ui.label(RichText::new("before a BatchNormalization").small().color(colours.warning))
            .on_hover_text(sites::hint(of));
    }
}

/// Draws some units of a site, or channels, of which those that drop are hollow.
fn units_ui(ui: &Ui, site: &SiteLine, place: Rect, colours: &Palette, hovered: bool) {
    let painter = ui.painter();
    let background = ui.visuals().window_fill;
    if !site.on {
        let colour = if hovered { colours.second } else { colours.weak };
        painter.circle(place.center(), 4.0, background, Stroke::new(1.5, colour));
        return;
    }
    let pitch = (BOXES - 16.0) / UNITS as f32;
    let dropped = (site.rate * UNITS as f32).round() as usize;
    let strip = Rect::from_center_size(place.center(), Vec2::new(BOXES - 12.0, pitch + 2.0));
    painter.rect_filled(strip, CornerRadius::same(3), background);
    for unit in 0..UNITS {
        let x = place.center().x + (unit as f32 - 0.5 * (UNITS - 1) as f32) * pitch;
        let at = Pos2::new(x, place.center().y);
        let kept = !ORDER[..dropped.min(UNITS)].contains(&unit);
        let fill = if kept { colours.second } else { Color32::TRANSPARENT };
        let stroke = Stroke::new(1.0, colours.second);
        match site.by {
            By::Unit => painter.circle(at, 2.5, fill, stroke),
            By::Channel => {
                let square = Rect::from_center_size(at, Vec2::splat(5.0));
                painter.rect(square, CornerRadius::ZERO, fill, stroke, StrokeKind::Inside)
            }
        };
    }
    if hovered {
        painter.rect_stroke(
            strip,
            CornerRadius::same(3),
            Stroke::new(1.0, colours.second),
            StrokeKind::Outside,
        );
    }
}
