//! A route followed for sixteen images.

use super::program::{Combination, Program, Step};
use super::route::{Move, Route};
use crate::kernel::InstructionSet;
use crate::kernel::convolution::{PART, Part, vectorised};

/// What a site makes of the numbers that enter it, for every image alike.
#[derive(Clone, Debug)]
pub struct Mask {
    /// Which are kept, in the order of the graph.
    pub kept: Vec<bool>,
    /// What those kept are multiplied with, and what is added to them.
    pub kept_by: [f32; 2],
    /// What the others become.
    pub dropped: f32,
}

/// Memory that is used again.
#[derive(Debug, Default)]
pub(in super::super) struct Buffers(Vec<Vec<Part>>);

impl Buffers {
    /// Room for so many numbers, whatever is in it.
    fn take(&mut self, numbers: usize) -> Vec<Part> {
        let fits = |at: &usize| self.0[*at].capacity() >= numbers;
        let best = (0..self.0.len()).filter(fits).min_by_key(|at| self.0[*at].capacity());
        let mut buffer = best.map(|at| self.0.swap_remove(at)).unwrap_or_default();
        buffer.resize(numbers, Part::default());
        buffer
    }
}

impl Program {
    /// Follows a route with the numbers of up to sixteen images: for each image those of all values given, one value after
    /// the other, in the order of the graph. The same of the values wanted.
    pub(in super::super) fn follow(
        &self,
        route: &Route,
        set: InstructionSet,
        buffers: &mut Buffers,
        images: &[&[f32]],
        mask: &mut dyn FnMut(usize) -> Option<Mask>,
    ) -> Vec<Vec<f32>> {
        let mut values: Vec<Option<Vec<Part>>> = vec![None; self.shapes.len()];
        let mut first = 0;
        for value in &route.given {
            let places = Self::places(&self.shapes[*value]);
            let mut rows = buffers.take(places.len());
            for (lane, image) in images.iter().enumerate().take(PART) {
                for (place, number) in places.iter().zip(&image[first..]) {
                    rows[*place as usize].0[lane] = *number;
                }
            }
            first += places.len();
            self.masks(route, *value, mask, &mut rows);
            values[*value] = Some(rows);
        }
        for next in &route.moves {
            let rows = self.go(next, set, buffers, &mut values, mask);
            for last in &next.last {
                buffers.0.extend(values[*last].take());
            }
            values[next.to] = rows.map(|mut rows| {
                self.masks(route, next.to, mask, &mut rows);
                rows
            });
        }
        let mut numbers = vec![Vec::new(); images.len()];
        for value in &route.wanted {
            let Some(rows) = &values[*value] else { continue };
            for place in Self::places(&self.shapes[*value]) {
                let part = &rows[place as usize].0;
                numbers.iter_mut().zip(part).for_each(|(numbers, number)| numbers.push(*number));
            }
        }
        buffers.0.extend(values.into_iter().flatten());
        numbers
    }

    /// Puts the masks on a value that are put on it as soon as it is there.
    fn masks(
        &self,
        route: &Route,
        value: usize,
        mask: &mut dyn FnMut(usize) -> Option<Mask>,
        rows: &mut [Part],
    ) {
        for (_, site) in route.masked.iter().filter(|(masked, _)| *masked == value) {
            if let Some(mask) = mask(*site) {
                self.put(value, &mask, rows);
            }
        }
    }

    fn put(&self, value: usize, mask: &Mask, rows: &mut [Part]) {
        let [factor, shift] = mask.kept_by;
        for (place, kept) in Self::places(&self.shapes[value]).into_iter().zip(&mask.kept) {
            let number = &mut rows[place as usize].0;
            *number = if *kept { number.map(|number| number * factor + shift) } else { [mask.dropped; PART] };
        }
    }

    /// What a step gives.
    fn go(
        &self,
        next: &Move,
        set: InstructionSet,
        buffers: &mut Buffers,
        values: &mut [Option<Vec<Part>>],
        mask: &mut dyn FnMut(usize) -> Option<Mask>,
    ) -> Option<Vec<Part>> {
        let placed = &self.steps[next.step];
        let value = *next.from.first()?;
        // What nobody needs afterwards is changed where it lies.
        if next.last.contains(&value) {
            let own = match &placed.step {
                Step::Moved(None) | Step::Site(_) | Step::Applied(_) | Step::Scaled { .. } => {
                    values[value].take()
                }
                _ => None,
            };
            if let Some(mut rows) = own {
                self.change(&placed.step, set, value, mask, &mut rows);
                return Some(rows);
            }
        }
        let mut out = buffers.take(self.numbers(next.to));
        let rows = values[value].as_deref()?;
        let channels = self.shapes[value].first().copied().unwrap_or(1);
        match &placed.step {
            Step::Convolution(convolution) => {
                let added = next.added.and_then(|added| values[added].as_deref());
                vectorised(set, || convolution.run(set, rows, added, next.rectified, &mut out));
            }
            Step::Pool(pool) => vectorised(set, || pool.run(channels, rows, &mut out)),
            Step::Moved(Some(map)) => {
                for (out, at) in out.iter_mut().zip(map) {
                    *out = rows[*at as usize];
                }
            }
            Step::Moved(None) | Step::Site(_) | Step::Applied(_) | Step::Scaled { .. } => {
                out.copy_from_slice(rows);
                self.change(&placed.step, set, value, mask, &mut out);
            }
            Step::Combined(combination) => {
                let other = values[*next.from.get(1)?].as_deref()?;
                vectorised(set, || combine(*combination, rows, other, next.rectified, &mut out));
            }
            Step::Joined => {
                let all: usize = next.from.iter().map(|value| self.shapes[*value][0]).sum();
                let mut first = 0;
                for value in &next.from {
                    let own = self.shapes[*value][0];
                    let rows = values[*value].as_deref()?;
                    for (out, rows) in out.chunks_exact_mut(all.max(1)).zip(rows.chunks_exact(own.max(1))) {
                        out[first..first + own].copy_from_slice(rows);
                    }
                    first += own;
                }
            }
        }
        Some(out)
    }

    /// A step that changes numbers where they lie.
    fn change(
        &self,
        step: &Step,
        set: InstructionSet,
        value: usize,
        mask: &mut dyn FnMut(usize) -> Option<Mask>,
        rows: &mut [Part],
    ) {
        match step {
            Step::Site(site) => {
                if let Some(mask) = mask(*site) {
                    self.put(value, &mask, rows);
                }
            }
            Step::Applied(function) => vectorised(set, || {
                for number in rows.iter_mut().flat_map(|part| &mut part.0) {
                    *number = function.apply(*number);
                }
            }),
            Step::Scaled { factor, shift } => vectorised(set, || {
                for ((part, factor), shift) in
                    rows.iter_mut().zip(factor.iter().cycle()).zip(shift.iter().cycle())
                {
                    part.0.iter_mut().for_each(|number| *number = *number * factor + shift);
                }
            }),
            _ => (),
        }
    }
}

/// Two values, number by number; the second, where it is shorter, over and over.
#[inline]
fn combine(combination: Combination, rows: &[Part], other: &[Part], rectified: bool, out: &mut [Part]) {
    for ((out, own), other) in out.iter_mut().zip(rows).zip(other.iter().cycle()) {
        for lane in 0..PART {
            let (own, other) = (own.0[lane], other.0[lane]);
            let value = match combination {
                Combination::Add => own + other,
                Combination::Subtract => own - other,
                Combination::Multiply => own * other,
            };
            out.0[lane] = if rectified { value.max(0.0) } else { value };
        }
    }
}
