//! The measure the images are sorted by, as a histogram beside them: point at a bar to light its images up, click to
//! select them, drag to show nothing else.

use egui::{Align2, CornerRadius, FontId, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::readout;
use super::steps::{Step, lever};
use crate::gui::action::{Action, HighlightAction, Subset};
use crate::gui::theme;
use crate::shown::GalleryView;
use crate::shown::highlight::Highlight;
use crate::uncertainty::quality::Histogram;
use crate::wording;

/// Which of the histogram's groups are all images, and those that match.
const ALL: usize = 0;
const MATCHING: usize = 1;
/// The button that selects; the other opens the menu of the chart.
const PRIMARY: egui::PointerButton = egui::PointerButton::Primary;
/// What its tooltip says below the numbers.
const HINT: &str =
    "Behind the bars: all images, to their own scale. Click to select, drag to show nothing else.";
/// Height of the bars.
const HEIGHT: f32 = 52.0;
/// Height of the line below them.
const LINE: f32 = 14.0;
/// A press that moves less than this is a click, not a drag, in points.
const LEAST_DRAG: f32 = 4.0;

/// The bins the keyboard is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cursor {
    /// Where a range began.
    anchor: usize,
    /// Where it ends.
    at: usize,
}

impl Cursor {
    fn bins(self) -> [usize; 2] {
        [self.anchor.min(self.at), self.anchor.max(self.at)]
    }

    /// Moved within this many bins; `extend` leaves the other end where it was.
    fn moved(self, step: Step, extend: bool, bins: usize) -> Self {
        let last = bins.saturating_sub(1);
        let at = match step {
            // With Shift a range grows bin by bin.
            Step::By(by) if extend => self.at.saturating_add_signed(by.signum() as isize).min(last),
            Step::By(by) => self.at.saturating_add_signed(by as isize).min(last),
            Step::Start => 0,
            Step::End => last,
        };
        Self { anchor: if extend { self.anchor } else { at }, at }
    }
}

/// Draws the histogram; returns which part of it the pointer or the keyboard is on.
pub(super) fn histogram_ui(
    ui: &mut Ui,
    view: &GalleryView,
    highlight: Option<&Highlight>,
    actions: &mut Vec<Action>,
) -> Option<Subset> {
    let size = Vec2::new(ui.available_width() - 4.0, HEIGHT + LINE);
    let (whole, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let frame = Rect::from_min_size(whole.min, Vec2::new(size.x, HEIGHT));
    let histogram = &view.histogram;
    let measure = view.query.measure;
    let bins = histogram.bins();
    if bins == 0 || histogram.counts[ALL].iter().all(|count| *count == 0) {
        let text = format!("{} says nothing about these images", measure.label());
        ui.painter().text(
            frame.center(),
            Align2::CENTER_CENTER,
            text,
            FontId::proportional(11.0),
            ui.visuals().weak_text_color(),
        );
        return None;
    }
    let axis = HistogramAxis { frame, histogram };

    let memory = response.id.with("cursor");
    let cursor: Cursor = ui.data(|data| data.get_temp(memory)).unwrap_or_default();
    let cursor = Cursor { anchor: cursor.anchor.min(bins - 1), at: cursor.at.min(bins - 1) };
    let name = format!("Histogram of {}", measure.label().to_lowercase());
    let step = lever(ui, &response, &name, cursor.at as f64, &says(view, cursor.bins()));
    if let Some(step) = step {
        let extend = ui.input(|input| input.modifiers.shift);
        ui.data_mut(|data| data.insert_temp(memory, cursor.moved(step, extend, bins)));
    }

    let pointer = response.hover_pos().filter(|pointer| frame.x_range().contains(pointer.x));
    let dragged = drag_ui(ui, &response, &axis);
    let mut act = |action| actions.push(Action::Highlight(action));
    let hovered = if let Some(range) = dragged {
        let subset = Subset::Range(measure, range);
        if response.drag_stopped_by(PRIMARY) {
            act(HighlightAction::Only(subset));
        }
        Some(subset)
    } else if let Some(pointer) = pointer.or_else(|| response.interact_pointer_pos()) {
        let bin = axis.bin(pointer);
        let subset = Subset::Bins(measure, [bin, bin]);
        // A press that barely moved is a click, even where it has been taken for a drag.
        if response.clicked_by(PRIMARY) || response.drag_stopped_by(PRIMARY) {
            ui.data_mut(|data| data.insert_temp(memory, Cursor { anchor: bin, at: bin }));
            act(HighlightAction::Select(subset));
        }
        Some(subset)
    } else {
        response.has_focus().then(|| Subset::Bins(measure, cursor.bins()))
    };
    if response.has_focus() && response.clicked() && !response.clicked_by(PRIMARY) {
        let subset = Subset::Bins(measure, cursor.bins());
        let only = ui.input(|input| input.modifiers.shift);
        act(if only { HighlightAction::Only(subset) } else { HighlightAction::Select(subset) });
    }

    paint(ui, &axis, &response, hovered);
    line_ui(ui, whole, view, highlight.filter(|highlight| Some(highlight.subset) == hovered));
    if let Some(pointer) = pointer.filter(|_| dragged.is_none()) {
        let bin = axis.bin(pointer);
        readout::say(ui.ctx(), || format!("{} {}", measure.label(), says(view, [bin, bin])));
        if !readout::is_shown(ui.ctx()) {
            response.on_hover_text_at_pointer(format!("{}\n{HINT}", says(view, [bin, bin])));
        }
    }
    hovered
}

/// Where values lie.
struct HistogramAxis<'a> {
    frame: Rect,
    histogram: &'a Histogram,
}

impl HistogramAxis<'_> {
    fn x(&self, bin: usize) -> f32 {
        self.frame.left() + self.frame.width() * bin as f32 / self.histogram.bins() as f32
    }

    fn share(&self, pointer: Pos2) -> f32 {
        ((pointer.x - self.frame.left()) / self.frame.width()).clamp(0.0, 1.0)
    }

    fn bin(&self, pointer: Pos2) -> usize {
        let bins = self.histogram.bins();
        ((self.share(pointer) * bins as f32) as usize).min(bins - 1)
    }

    /// At the ends exactly the smallest and the largest value, so that both are included.
    fn value(&self, pointer: Pos2) -> f32 {
        match self.share(pointer) {
            share if share <= 0.0 => self.histogram.from,
            share if share >= 1.0 => self.histogram.to,
            share => self.histogram.from + share * (self.histogram.to - self.histogram.from),
        }
    }

    fn place(&self, value: f32) -> f32 {
        let share = (value - self.histogram.from) / (self.histogram.to - self.histogram.from);
        self.frame.left() + share.clamp(0.0, 1.0) * self.frame.width()
    }
}

/// The values a drag has covered so far.
fn drag_ui(ui: &Ui, response: &Response, axis: &HistogramAxis<'_>) -> Option<[f32; 2]> {
    if !response.dragged_by(PRIMARY) && !response.drag_stopped_by(PRIMARY) {
        return None;
    }
    let id = response.id.with("origin");
    if response.drag_started()
        && let Some(origin) = ui.input(|input| input.pointer.press_origin())
    {
        ui.data_mut(|data| data.insert_temp(id, origin));
    }
    let origin: Pos2 = ui.data(|data| data.get_temp(id))?;
    let pointer = response.interact_pointer_pos()?;
    if (pointer.x - origin.x).abs() < LEAST_DRAG {
        return None;
    }
    let (a, b) = (axis.value(origin), axis.value(pointer));
    Some([a.min(b), a.max(b)])
}

fn paint(ui: &Ui, axis: &HistogramAxis<'_>, response: &Response, hovered: Option<Subset>) {
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter();
    let lit = match hovered {
        Some(Subset::Bins(_, [first, last])) => Some(axis.x(first)..=axis.x(last + 1)),
        Some(Subset::Range(_, [from, to])) => Some(axis.place(from)..=axis.place(to)),
        _ => None,
    };
    if let Some(lit) = &lit {
        let band = Rect::from_x_y_ranges(*lit.start()..=*lit.end(), axis.frame.y_range());
        painter.rect_filled(band, CornerRadius::ZERO, colours.second.gamma_multiply(0.22));
    }
    for (group, colour) in [(ALL, colours.faint), (MATCHING, colours.accent)] {
        let counts = &axis.histogram.counts[group];
        let most = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
        for (bin, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            // Even a single image must be visible.
            let height = ((*count as f32 / most).sqrt() * (HEIGHT - 2.0)).max(1.5);
            let (from, to) = (axis.x(bin), axis.x(bin + 1));
            let bottom = axis.frame.bottom();
            let bar = Rect::from_x_y_ranges(from + 0.5..=to - 0.5, bottom - height..=bottom);
            let middle = f32::midpoint(from, to);
            let inside = lit.as_ref().is_some_and(|lit| lit.contains(&middle));
            let colour = if group == MATCHING && inside { colours.second } else { colour };
            painter.rect_filled(bar, CornerRadius::ZERO, colour);
        }
    }
    painter.hline(axis.frame.x_range(), axis.frame.bottom(), Stroke::new(1.0, colours.weak));
    if response.has_focus() {
        let outline = Stroke::new(1.0, colours.accent);
        painter.rect_stroke(axis.frame.expand(2.0), CornerRadius::same(3), outline, StrokeKind::Outside);
    }
}

/// The ends of the axis or, in their place, what is lit up.
fn line_ui(ui: &Ui, whole: Rect, view: &GalleryView, lit: Option<&Highlight>) {
    let colours = theme::palette(ui.visuals());
    let font = FontId::proportional(10.5);
    let base = whole.bottom();
    let histogram = &view.histogram;
    if let Some(lit) = lit {
        let text = format!("{} of {}", wording::thousands(lit.digits().len() as u64), shown(view));
        let values = lit.name.strip_prefix(&view.query.measure.label().to_lowercase()).unwrap_or(&lit.name);
        let text = format!("{}: {text}", values.trim());
        ui.painter().text(
            Pos2::new(whole.center().x, base),
            Align2::CENTER_BOTTOM,
            text,
            font,
            ui.visuals().text_color(),
        );
        return;
    }
    let unit = view.query.measure.unit();
    let to = format!("{:.2} {unit}", histogram.to);
    for (at, align, text) in [
        (whole.left(), Align2::LEFT_BOTTOM, format!("{:.2}", histogram.from)),
        (whole.right(), Align2::RIGHT_BOTTOM, to.trim().to_owned()),
    ] {
        ui.painter().text(Pos2::new(at, base), align, text, font.clone(), colours.weak);
    }
}

fn shown(view: &GalleryView) -> String {
    wording::thousands(view.ranked.order.len() as u64)
}

/// What is in some bins: `0.40–0.48 nats: 12 of the 212 shown, 350 of all`.
fn says(view: &GalleryView, [first, last]: [usize; 2]) -> String {
    let histogram = &view.histogram;
    let count = |group: usize| {
        let sum: u32 = histogram.counts[group][first..=last].iter().sum();
        wording::thousands(u64::from(sum))
    };
    let unit = view.query.measure.unit();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    format!(
        "{}–{}{unit}: {} of the {} shown, {} of all",
        wording::short(histogram.edges(first)[0], 2),
        wording::short(histogram.edges(last)[1], 2),
        count(MATCHING),
        shown(view),
        count(ALL)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyboard_moves_within_the_bins_and_extends_a_range() {
        let at = |anchor, at| Cursor { anchor, at };
        assert_eq!(at(3, 3).moved(Step::By(1), false, 8), at(4, 4));
        assert_eq!(at(3, 3).moved(Step::By(-9), false, 8), at(0, 0));
        // Shift makes the step ten; a range grows by one.
        assert_eq!(at(3, 3).moved(Step::By(10), true, 8), at(3, 4));
        assert_eq!(at(3, 4).moved(Step::End, true, 8), at(3, 7));
        assert_eq!(at(3, 7).moved(Step::By(1), false, 8), at(7, 7));
        assert_eq!(at(5, 2).bins(), [2, 5]);
    }
}
