//! A plain chart: axes with ticks, positions on them, and bars that respond to the pointer. Drawn by hand
//! because every bar can be hovered and clicked, and because ten thousand images are counted before a frame.

use egui::{
    Align2, Color32, CornerRadius, FontId, Mesh, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2,
};

use crate::gui::theme::{self, Palette};

/// How values map to positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gui::views) enum Scale {
    /// Evenly.
    Linear,
    /// By their square root, so that small shares stay visible beside large ones.
    Root,
    /// By their logarithm.
    Log,
}

/// One axis.
#[derive(Clone, Debug)]
pub(in crate::gui::views) struct Axis {
    /// What it measures, with its unit.
    pub(in crate::gui::views) label: String,
    /// Value at its start.
    pub(in crate::gui::views) from: f64,
    /// Value at its end.
    pub(in crate::gui::views) to: f64,
    /// How values map to positions.
    pub(in crate::gui::views) scale: Scale,
    /// Values with a tick.
    pub(in crate::gui::views) ticks: Vec<f64>,
    /// Whether values are shares, shown in per cent.
    pub(in crate::gui::views) percent: bool,
    /// Whether ticks at whole numbers are written without decimals.
    pub(in crate::gui::views) counts: bool,
}

impl Axis {
    /// An axis with about five round ticks.
    #[must_use]
    pub(in crate::gui::views) fn new(label: impl Into<String>, from: f64, to: f64) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        let rough = (to - from) / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|s| s * power).find(|s| *s >= rough);
        let step = step.unwrap_or(rough);
        let first = (from / step).ceil() as i64;
        let last = (to / step + 1e-9).floor() as i64;
        let ticks = (first..=last).map(|at| at as f64 * step).collect();
        Self { label: label.into(), from, to, scale: Scale::Linear, ticks, percent: false, counts: false }
    }

    /// Shares from 0 to 1 by their square root.
    #[must_use]
    pub(in crate::gui::views) fn shares(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            from: 0.0,
            to: 1.0,
            scale: Scale::Root,
            ticks: vec![0.0, 0.01, 0.1, 0.25, 0.5, 1.0],
            percent: true,
            counts: false,
        }
    }

    /// From a value above 0 to a larger one, by their logarithm, with ticks at round values.
    #[must_use]
    pub(in crate::gui::views) fn logarithmic(label: impl Into<String>, from: f64, to: f64) -> Self {
        let powers = from.log10().floor() as i32..=to.log10().ceil() as i32;
        let round = |parts: &[f64]| -> Vec<f64> {
            let all =
                powers.clone().flat_map(|power| parts.iter().map(move |part| part * 10_f64.powi(power)));
            all.filter(|value| (from..=to).contains(value)).collect()
        };
        let few = [&[1.0][..], &[1.0, 3.0], &[1.0, 2.0, 5.0]].map(round);
        // As few as say where the axis begins and ends.
        let ticks = few.iter().find(|ticks| ticks.len() >= 3).unwrap_or(&few[2]).clone();
        Self { label: label.into(), from, to, scale: Scale::Log, ticks, percent: false, counts: false }
    }

    /// The same for what is counted, such as epochs.
    #[must_use]
    pub(in crate::gui::views) fn counting(self) -> Self {
        Self { counts: self.ticks.iter().all(|tick| tick.fract() == 0.0), ..self }
    }

    /// The same in per cent.
    #[must_use]
    pub(in crate::gui::views) fn in_percent(self) -> Self {
        Self { percent: true, ..self }
    }

    /// Where a value lies, 0 at the start and 1 at the end.
    #[must_use]
    pub(in crate::gui::views) fn place(&self, value: f64) -> f32 {
        let scaled = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Root => value.max(0.0).sqrt(),
            Scale::Log => value.max(1e-12).log10(),
        };
        let (from, to) = (scaled(self.from), scaled(self.to));
        ((scaled(value) - from) / (to - from)).clamp(-0.05, 1.05) as f32
    }

    /// The value at a place.
    #[must_use]
    pub(in crate::gui::views) fn value(&self, place: f32) -> f64 {
        let place = f64::from(place.clamp(0.0, 1.0));
        match self.scale {
            Scale::Linear => self.from + place * (self.to - self.from),
            Scale::Root => {
                let (from, to) = (self.from.max(0.0).sqrt(), self.to.max(0.0).sqrt());
                (from + place * (to - from)).powi(2)
            }
            Scale::Log => 10_f64.powf(self.from.log10() + place * (self.to.log10() - self.from.log10())),
        }
    }

    fn text(&self, value: f64) -> String {
        let (value, unit) = if self.percent { (value * 100.0, " %") } else { (value, "") };
        // As many decimals as it takes to tell the ticks apart.
        let step = (self.to - self.from) / 4.0 * if self.percent { 100.0 } else { 1.0 };
        let places = match self.scale {
            Scale::Linear if !self.counts => (0.4 - step.log10()).ceil().clamp(0.0, 6.0) as usize,
            // A tick below 1 is round in its first digit.
            Scale::Log if value > 0.0 => (-value.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize,
            Scale::Linear | Scale::Root | Scale::Log => 0,
        };
        format!("{value:.places$}{unit}")
    }
}

/// A chart being drawn.
pub(in crate::gui::views) struct Chart {
    /// The area inside the axes.
    pub(in crate::gui::views) frame: Rect,
    x: Axis,
    y: Axis,
    colours: Palette,
}

/// Room left of the axes.
pub(super) const LEFT: f32 = 52.0;
/// Room right of them.
pub(super) const RIGHT: f32 = 10.0;
const TOP: f32 = 16.0;
const BOTTOM: f32 = 32.0;
const TICK_SIZE: f32 = 10.5;

/// Draws axes across the available width; the response covers the area inside them.
pub(in crate::gui::views) fn chart_ui(
    ui: &mut Ui,
    name: &str,
    height: f32,
    sense: Sense,
    x: Axis,
    y: Axis,
) -> (Chart, Response) {
    // An axis without a name needs room only for its ticks.
    let bottom = if x.label.is_empty() { BOTTOM - 13.0 } else { BOTTOM };
    let size = Vec2::new(ui.available_width(), height);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let frame = Rect::from_min_max(whole.min + Vec2::new(LEFT, TOP), whole.max - Vec2::new(RIGHT, bottom));
    let response = ui.interact(frame, ui.scope_id().with(name), sense);
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter();
    let font = FontId::proportional(TICK_SIZE);
    let chart = Chart { frame, x, y, colours };
    for tick in &chart.y.ticks {
        let at = chart.at(chart.x.from, *tick);
        painter.hline(frame.x_range(), at.y, Stroke::new(1.0, colours.faint.gamma_multiply(0.7)));
        painter.text(
            at - Vec2::new(5.0, 0.0),
            Align2::RIGHT_CENTER,
            chart.y.text(*tick),
            font.clone(),
            colours.weak,
        );
    }
    for tick in &chart.x.ticks {
        let at = chart.at(*tick, chart.y.from);
        painter.vline(at.x, at.y..=at.y + 3.0, Stroke::new(1.0, colours.weak));
        painter.text(
            at + Vec2::new(0.0, 4.0),
            Align2::CENTER_TOP,
            chart.x.text(*tick),
            font.clone(),
            colours.weak,
        );
    }
    painter.hline(frame.x_range(), frame.bottom(), Stroke::new(1.0, colours.weak));
    painter.text(
        Pos2::new(frame.center().x, whole.bottom()),
        Align2::CENTER_BOTTOM,
        &chart.x.label,
        font.clone(),
        colours.weak,
    );
    painter.text(Pos2::new(frame.left(), whole.top()), Align2::LEFT_TOP, &chart.y.label, font, colours.weak);
    (chart, response)
}

impl Chart {
    /// Where a pair of values lies.
    #[must_use]
    pub(in crate::gui::views) fn at(&self, x: f64, y: f64) -> Pos2 {
        Pos2::new(
            self.frame.left() + self.x.place(x) * self.frame.width(),
            self.frame.bottom() - self.y.place(y) * self.frame.height(),
        )
    }

    /// The horizontal value under the pointer.
    #[must_use]
    pub(in crate::gui::views) fn x_value(&self, pointer: Pos2) -> f64 {
        self.x.value((pointer.x - self.frame.left()) / self.frame.width())
    }

    /// A line through pairs of values.
    pub(in crate::gui::views) fn line(
        &self,
        ui: &Ui,
        points: impl IntoIterator<Item = [f64; 2]>,
        stroke: Stroke,
    ) {
        let points: Vec<Pos2> = points.into_iter().map(|[x, y]| self.at(x, y)).collect();
        ui.painter().with_clip_rect(self.frame.expand(2.0)).add(Shape::line(points, stroke));
    }

    /// A band between two lines: horizontal value, lower end, upper end.
    pub(in crate::gui::views) fn band(&self, ui: &Ui, points: &[[f64; 3]], colour: Color32) {
        let mut mesh = Mesh::default();
        for [x, low, high] in points {
            mesh.colored_vertex(self.at(*x, *low), colour);
            mesh.colored_vertex(self.at(*x, *high), colour);
        }
        for part in 1..points.len() as u32 {
            let corner = 2 * part;
            mesh.add_triangle(corner - 2, corner - 1, corner);
            mesh.add_triangle(corner - 1, corner, corner + 1);
        }
        ui.painter().with_clip_rect(self.frame.expand(2.0)).add(Shape::mesh(mesh));
    }

    /// A dashed line through pairs of values.
    pub(in crate::gui::views) fn dashes(
        &self,
        ui: &Ui,
        points: impl IntoIterator<Item = [f64; 2]>,
        stroke: Stroke,
    ) {
        let points: Vec<Pos2> = points.into_iter().map(|[x, y]| self.at(x, y)).collect();
        ui.painter()
            .with_clip_rect(self.frame.expand(2.0))
            .extend(Shape::dashed_line(&points, stroke, 5.0, 4.0));
    }

    /// A vertical line, such as a lever.
    pub(in crate::gui::views) fn lever(&self, ui: &Ui, x: f64, held: bool) {
        let place = self.at(x, self.y.from).x;
        let width = if held { 3.0 } else { 2.0 };
        ui.painter().vline(place, self.frame.y_range(), Stroke::new(width, self.colours.ink));
        let knob = Pos2::new(place, self.frame.center().y);
        ui.painter().circle(knob, 6.0, self.colours.ink, Stroke::new(1.5, self.colours.paper));
    }

    /// A bar from the axis up to a value between two horizontal values.
    pub(in crate::gui::views) fn bar(&self, ui: &Ui, [from, to]: [f64; 2], value: f64, colour: Color32) {
        let place = Rect::from_two_pos(self.at(from, self.y.from), self.at(to, value));
        ui.painter().rect_filled(place.shrink2(Vec2::new(0.5, 0.0)), CornerRadius::ZERO, colour);
    }

    /// The column between two horizontal values as something to hover and click, named for screen readers.
    pub(in crate::gui::views) fn column(
        &self,
        ui: &Ui,
        number: usize,
        [from, to]: [f64; 2],
        name: &str,
    ) -> Response {
        let place = Rect::from_x_y_ranges(
            self.at(from, self.y.from).x..=self.at(to, self.y.from).x,
            self.frame.y_range(),
        );
        let id = ui.scope_id().with(("column", number, name));
        let response = ui.interact(place, id, Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
        if response.hovered() {
            ui.painter().rect_filled(place, CornerRadius::ZERO, self.colours.ink.gamma_multiply(0.08));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_and_its_place_agree_on_every_scale() {
        let linear = Axis::new("", 2.0, 10.0);
        let log = Axis { scale: Scale::Log, ..Axis::new("", 1.0, 100.0) };
        for axis in [linear, Axis::shares(""), log] {
            for place in [0.0, 0.3, 1.0] {
                assert!((axis.place(axis.value(place)) - place).abs() < 1e-6, "{axis:?} {place}");
            }
        }
    }

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        assert_eq!(Axis::new("", 0.0, 1.0).ticks, [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(Axis::new("", 0.0, 2.3).ticks.len(), 3);
        let narrow = Axis::new("", 0.0, 0.0123);
        assert!(narrow.ticks.iter().all(|tick| (0.0..=0.0123).contains(tick)));
        assert_eq!(Axis::new("", 0.0, 0.02).text(0.005), "0.005");
        assert_eq!(Axis::new("", 0.0, 0.02).in_percent().text(0.005), "0.5 %");
        assert_eq!(Axis::new("", 0.0, 5.0).text(2.0), "2.0");
        assert_eq!(Axis::new("", 0.0, 5.0).counting().text(2.0), "2");
        assert_eq!(Axis::new("", 0.0, 1.0).counting().text(0.25), "0.25", "a tick between two counts");
        let log = Axis::logarithmic("", 0.016, 0.42);
        let texts: Vec<String> = log.ticks.iter().map(|tick| log.text(*tick)).collect();
        assert_eq!(texts, ["0.03", "0.1", "0.3"]);
        let log = Axis::logarithmic("", 0.0004, 12.0);
        let texts: Vec<String> = log.ticks.iter().map(|tick| log.text(*tick)).collect();
        assert_eq!(texts, ["0.001", "0.01", "0.1", "1", "10"]);
    }
}
