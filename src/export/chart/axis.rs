//! Axes: which values they span, where their ticks stand, and which place a value has.

/// How values map to positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By their square root, so that small shares stay visible beside large ones.
    Root,
    /// By their logarithm; values of 0 and less have no place.
    Log,
}

impl Scale {
    /// What is spread evenly along the axis.
    fn of(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Root => value.max(0.0).sqrt(),
            Self::Log if value > 0.0 => value.log10(),
            Self::Log => f64::NAN,
        }
    }
}

/// A named value of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its value.
    pub at: f64,
    /// The text shown.
    pub name: String,
}

/// One axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What it measures, with its unit.
    pub label: String,
    /// The values it spans, lower first; those of the data when `None`.
    pub range: Option<[f64; 2]>,
    /// Whether zero is within the range of the data.
    pub zero: bool,
    /// Named ticks; round numbers when empty.
    pub ticks: Vec<Tick>,
    /// How values map to positions.
    pub scale: Scale,
    /// Whether values are shares, shown in per cent.
    pub percent: bool,
}

impl Axis {
    /// An axis over the data.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// The same over given values.
    #[must_use]
    pub fn between(self, from: f64, to: f64) -> Self {
        Self { range: Some([from, to]), ..self }
    }

    /// The same over the data and zero.
    #[must_use]
    pub fn from_zero(self) -> Self {
        Self { zero: true, ..self }
    }

    /// The same with values in per cent.
    #[must_use]
    pub fn in_percent(self) -> Self {
        Self { percent: true, ..self }
    }

    /// The same on another scale.
    #[must_use]
    pub fn scaled(self, scale: Scale) -> Self {
        Self { scale, ..self }
    }

    /// The same with named ticks, over the range it has.
    #[must_use]
    pub fn with_ticks(self, ticks: impl IntoIterator<Item = (f64, String)>) -> Self {
        Self { ticks: ticks.into_iter().map(|(at, name)| Tick { at, name }).collect(), ..self }
    }

    /// The same for names rather than numbers: the first is at 0, the second at 1, and so on.
    #[must_use]
    pub fn named(self, names: impl IntoIterator<Item = String>) -> Self {
        let axis = self.with_ticks(names.into_iter().enumerate().map(|(place, name)| (place as f64, name)));
        let last = axis.ticks.len().max(1) as f64 - 0.5;
        axis.between(-0.5, last)
    }

    /// The name of a value with a named tick.
    pub(super) fn name(&self, value: f64) -> Option<&str> {
        let tick = self.ticks.iter().find(|tick| tick.at.to_bits() == value.to_bits())?;
        Some(&tick.name)
    }
}

/// An axis with the values it spans known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    /// The values it spans.
    pub(super) range: [f64; 2],
    /// Its ticks, within the range.
    pub(super) ticks: Vec<Tick>,
    scale: Scale,
}

impl Placed {
    /// An axis of `length` pixels that has room for a tick every `spacing` pixels; `margin` is the share of the data's
    /// range left free at each end.
    pub(super) fn new(
        axis: &Axis,
        data: impl Iterator<Item = f64>,
        margin: f64,
        length: f32,
        spacing: f32,
    ) -> Self {
        let data: Vec<f64> = data.filter(|value| value.is_finite()).collect();
        // Counts, unless the range says that there could be parts.
        let whole = axis.range.is_none() && !axis.percent && data.iter().all(|value| value.fract() == 0.0);
        let range = range(axis, data.into_iter(), margin);
        let ticks = if axis.ticks.is_empty() {
            let most = (length / spacing).floor().max(2.0) as usize;
            named(&round_values(axis.scale, range, most, whole), axis.scale, axis.percent)
        } else {
            axis.ticks.iter().filter(|tick| (range[0]..=range[1]).contains(&tick.at)).cloned().collect()
        };
        Self { range, ticks, scale: axis.scale }
    }

    /// Where a value lies, 0 at the start and 1 at the end; NaN for one without a place.
    pub(super) fn place(&self, value: f64) -> f64 {
        let [from, to] = self.range.map(|end| self.scale.of(end));
        (self.scale.of(value) - from) / (to - from)
    }

    /// Whether a value lies on the axis.
    pub(super) fn holds(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.place(value))
    }
}

/// The values an axis spans.
fn range(axis: &Axis, data: impl Iterator<Item = f64>, margin: f64) -> [f64; 2] {
    if let Some([from, to]) = axis.range
        && axis.scale.of(from) < axis.scale.of(to)
        && (axis.scale.of(to) - axis.scale.of(from)).is_finite()
    {
        return [from, to];
    }
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    let zero = (axis.zero && axis.scale != Scale::Log).then_some(0.0);
    for value in data.chain(zero).filter(|value| value.is_finite() && axis.scale.of(*value).is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    if low > high {
        return if axis.scale == Scale::Log { [1.0, 10.0] } else { [0.0, 1.0] };
    }
    if axis.scale == Scale::Log {
        return if low < high { [low, high] } else { [low / 2.0, high * 2.0] };
    }
    // One value only still needs a width.
    let width = if high > low { high - low } else { 2.0 * high.abs().max(0.5) };
    let add = if high > low { margin * width } else { width / 2.0 };
    // Zero stays the end of what does not go below it.
    let from = if axis.zero && low >= 0.0 { 0.0 } else { low - add };
    let to = if axis.zero && high <= 0.0 && low < 0.0 { 0.0 } else { high + add };
    [if axis.scale == Scale::Root { from.max(0.0) } else { from }, to]
}

/// At most about `most` round values in a range; whole ones for counts.
fn round_values(scale: Scale, [from, to]: [f64; 2], most: usize, whole: bool) -> Vec<f64> {
    match scale {
        Scale::Linear => steps([from, to], most, whole),
        Scale::Root => {
            let unit = 10_f64.powf(to.log10().ceil());
            let shares = [0.0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0];
            shares.map(|share| share * unit).into_iter().filter(|v| (from..=to).contains(v)).collect()
        }
        Scale::Log => {
            let decades = to.log10() - from.log10();
            let parts: &[f64] = if decades > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
            let (first, last) = (from.log10().floor() as i32, to.log10().ceil() as i32);
            let values: Vec<f64> = (first..=last)
                .flat_map(|power| parts.iter().map(move |part| part * 10_f64.powi(power)))
                .filter(|value| (from * (1.0 - 1e-9)..=to * (1.0 + 1e-9)).contains(value))
                .collect();
            if values.len() < 2 { steps([from, to], most, whole) } else { values }
        }
    }
}

/// Multiples of 1, 2, 2.5 or 5 times a power of ten.
fn steps([from, to]: [f64; 2], most: usize, whole: bool) -> Vec<f64> {
    let rough = (to - from) / most.max(1) as f64;
    let rough = if whole && to - from >= 1.0 { rough.max(1.0) } else { rough };
    let power = 10_f64.powf(rough.log10().floor());
    let parts = [1.0, 2.0, 2.5, 5.0, 10.0].map(|part| part * power);
    let mut parts = parts.into_iter().filter(|step| !whole || to - from < 1.0 || step.fract() == 0.0);
    let step = parts.find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(rough);
    let (first, last) = ((from / step - 1e-9).ceil() as i64, (to / step + 1e-9).floor() as i64);
    (first..=last).map(|at| at as f64 * step).collect()
}

/// Ticks with as many decimals as they need: all the same number where they stand evenly.
fn named(values: &[f64], scale: Scale, percent: bool) -> Vec<Tick> {
    let (factor, unit) = if percent { (100.0, " %") } else { (1.0, "") };
    let size = values.iter().fold(0.0_f64, |size, value| size.max(value.abs() * factor));
    let needed = |value: f64| {
        let reads_back = |decimals: &usize| {
            let read: f64 = format!("{value:.decimals$}").parse().unwrap_or(f64::NAN);
            (read - value).abs() <= 1e-9 * size
        };
        (0..10).find(reads_back).unwrap_or(10)
    };
    let most = values.iter().map(|value| needed(value * factor)).max().unwrap_or(0);
    let text = |value: f64| {
        let shown = value * factor;
        let decimals = if scale == Scale::Linear { most } else { needed(shown) };
        let number = if shown == 0.0 {
            format!("{:.1$}", 0.0, if decimals > 5 { 0 } else { decimals })
        } else if shown.abs() >= 1e6 || decimals > 5 {
            format!("{shown:e}")
        } else {
            grouped(&format!("{shown:.decimals$}"))
        };
        number.replace('-', "−") + unit
    };
    values.iter().map(|value| Tick { at: *value, name: text(*value) }).collect()
}

/// `10,000` for `10000`; four digits stay together.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    match whole.parse::<u64>() {
        Ok(value) if value >= 10_000 => crate::wording::thousands(value) + rest,
        _ => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Axis, data: &[f64], length: f32) -> Vec<String> {
        let placed = Placed::new(axis, data.iter().copied(), 0.0, length, 100.0);
        placed.ticks.into_iter().map(|tick| tick.name).collect()
    }

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        assert_eq!(
            ticks(&Axis::new(""), &[0.0, 0.5, 1.0], 500.0),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        // Counts have no halves.
        assert_eq!(ticks(&Axis::new(""), &[0.0, 1.0], 500.0), ["0", "1"]);
        assert_eq!(ticks(&Axis::new(""), &[0.0, 17.0], 800.0), ["0", "5", "10", "15"]);
        assert_eq!(ticks(&Axis::new(""), &[-0.1, 0.1], 200.0), ["−0.1", "0.0", "0.1"]);
        assert_eq!(ticks(&Axis::new(""), &[0.0, 20_000.0], 200.0), ["0", "10,000", "20,000"]);
        assert_eq!(ticks(&Axis::new("").in_percent(), &[0.0, 0.02], 200.0), ["0 %", "1 %", "2 %"]);
        assert_eq!(ticks(&Axis::new(""), &[0.0, 2e-9], 200.0), ["0", "1e−9", "2e−9"]);
        let log = Axis::new("").scaled(Scale::Log);
        assert_eq!(ticks(&log, &[1.0, 1000.0], 500.0), ["1", "10", "100", "1000"]);
        assert_eq!(ticks(&log, &[1.0, 100.0], 500.0), ["1", "2", "5", "10", "20", "50", "100"]);
        let root = Axis::new("").between(0.0, 1.0).scaled(Scale::Root).in_percent();
        let shares = ["0 %", "0.1 %", "1 %", "5 %", "10 %", "25 %", "50 %", "100 %"];
        assert_eq!(ticks(&root, &[], 500.0), shares);
    }

    #[test]
    fn a_range_follows_the_data_and_always_has_a_width() {
        let over =
            |axis: &Axis, data: &[f64]| range(axis, data.iter().copied(), 0.1).map(|end| end.to_string());
        let axis = Axis::new("");
        assert_eq!(over(&axis, &[]), ["0", "1"]);
        assert_eq!(over(&axis, &[f64::NAN, f64::INFINITY]), ["0", "1"]);
        assert_eq!(over(&axis, &[2.0, 4.0]), ["1.8", "4.2"]);
        assert_eq!(over(&axis, &[3.0]), ["0", "6"]);
        assert_eq!(over(&axis, &[0.0]), ["-0.5", "0.5"]);
        assert_eq!(over(&axis.clone().from_zero(), &[2.0, 4.0]), ["0", "4.4"]);
        assert_eq!(over(&axis.clone().between(5.0, 9.0), &[2.0, 4.0]), ["5", "9"]);
        // A range that is none is that of the data.
        assert_eq!(over(&axis.clone().between(5.0, 5.0), &[2.0, 4.0]), ["1.8", "4.2"]);
        let log = axis.scaled(Scale::Log);
        assert_eq!(over(&log, &[-1.0, 0.0]), ["1", "10"]);
        assert_eq!(over(&log, &[0.0, 8.0]), ["4", "16"]);
    }

    #[test]
    fn a_value_has_its_place_on_every_scale() {
        let place = |scale, value| {
            let axis = Axis::new("").between(1.0, 100.0).scaled(scale);
            Placed::new(&axis, std::iter::empty(), 0.0, 100.0, 50.0).place(value)
        };
        assert!((place(Scale::Linear, 50.5) - 0.5).abs() < 1e-12);
        assert!((place(Scale::Root, 30.25) - 0.5).abs() < 1e-12);
        assert!((place(Scale::Log, 10.0) - 0.5).abs() < 1e-12);
        assert!(place(Scale::Log, 0.0).is_nan());
    }

    #[test]
    fn things_stand_at_whole_numbers() {
        let axis = Axis::new("class").named(["a", "b", "c"].map(String::from));
        assert_eq!((axis.name(1.0), axis.name(1.5)), (Some("b"), None));
        assert_eq!(range(&axis, std::iter::empty(), 0.1).map(|end| end.to_string()), ["-0.5", "2.5"]);
        let none = Axis::new("").named([]);
        assert_eq!(range(&none, std::iter::empty(), 0.1).map(|end| end.to_string()), ["-0.5", "0.5"]);
    }
}
