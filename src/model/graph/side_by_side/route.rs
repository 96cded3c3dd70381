//! Which steps lead from some values to others, and which of them are done at once.

use std::collections::{HashMap, HashSet};

use super::program::{Combination, Function, Program, Step};
use crate::model::graph::head::Activation;

/// The most numbers of one image that are held at a time: 77 MB for sixteen of them. The runtime runs what needs more, as
/// networks of large images do.
const MOST_NUMBERS: usize = 1_200_000;

/// Steps from some values to others.
#[derive(Clone, Debug)]
pub struct Route {
    /// The values it starts from.
    pub(super) given: Vec<usize>,
    /// The values it leads to.
    pub(super) wanted: Vec<usize>,
    pub(super) moves: Vec<Move>,
    /// Values that are masked as soon as they are there, and the sites.
    pub(super) masked: Vec<(usize, usize)>,
}

/// A step, and what is done with it.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) step: usize,
    /// The values it takes.
    pub(super) from: Vec<usize>,
    /// A value that is added to a convolution's.
    pub(super) added: Option<usize>,
    /// Whether what is below zero becomes zero.
    pub(super) rectified: bool,
    pub(super) to: usize,
    /// Values that nobody needs after it.
    pub(super) last: Vec<usize>,
}

impl Program {
    /// The way from some values to others, masks being put on some values by sites; `None` where something between them is
    /// not known here, or takes too much memory.
    pub(in super::super) fn route(
        &self,
        given: &[&str],
        wanted: &[&str],
        masked: &[(&str, usize)],
    ) -> Option<Route> {
        let value = |name: &&str| self.by_name.get(*name).copied();
        let given = given.iter().map(value).collect::<Option<Vec<usize>>>()?;
        let wanted = wanted.iter().map(value).collect::<Option<Vec<usize>>>()?;
        let masked: Vec<(usize, usize)> =
            masked.iter().filter_map(|(name, site)| Some((value(name)?, *site))).collect();
        let mut needed: HashSet<usize> = wanted.iter().copied().collect();
        let mut steps: Vec<usize> = Vec::new();
        for (at, placed) in self.steps.iter().enumerate().rev() {
            if needed.contains(&placed.to) && !given.contains(&placed.to) {
                needed.extend(&placed.from);
                steps.push(at);
            }
        }
        steps.reverse();
        let made: HashSet<usize> =
            steps.iter().map(|at| self.steps[*at].to).chain(given.iter().copied()).collect();
        if !needed.is_subset(&made) {
            return None;
        }
        let masked = masked.into_iter().filter(|(value, _)| needed.contains(value)).collect();
        let mut route = Route { given, wanted, moves: Vec::new(), masked };
        self.join_steps(&steps, &mut route);
        let most = self.say_last(&mut route);
        (most <= MOST_NUMBERS).then_some(route)
    }

    /// Sums and rectifications become part of the step before, where nobody else needs what they start from.
    fn join_steps(&self, steps: &[usize], route: &mut Route) {
        let seen = |value: &usize, route: &Route| {
            route.wanted.contains(value) || route.masked.iter().any(|(masked, _)| masked == value)
        };
        // What a step leaves as it is, is what it was, where nobody looks at it.
        let mut same: HashMap<usize, usize> = HashMap::new();
        for placed in steps.iter().map(|at| &self.steps[*at]) {
            if let (Step::Moved(None), [from]) = (&placed.step, &placed.from[..])
                && self.shapes[*from] == self.shapes[placed.to]
                && ![from, &placed.to].into_iter().any(|value| seen(value, route))
            {
                same.insert(placed.to, *same.get(from).unwrap_or(from));
            }
        }
        let steps: Vec<usize> =
            steps.iter().copied().filter(|at| !same.contains_key(&self.steps[*at].to)).collect();
        let from = |at: usize| -> Vec<usize> {
            self.steps[at].from.iter().map(|value| *same.get(value).unwrap_or(value)).collect()
        };
        let mut takers: HashMap<usize, Vec<usize>> = HashMap::new();
        for at in &steps {
            for value in from(*at) {
                takers.entry(value).or_default().push(*at);
            }
        }
        let only_taker = |value: usize, route: &Route| -> Option<usize> {
            let seen =
                route.wanted.contains(&value) || route.masked.iter().any(|(masked, _)| *masked == value);
            match takers.get(&value).map(Vec::as_slice) {
                Some([one]) if !seen => Some(*one),
                _ => None,
            }
        };
        let mut there: HashSet<usize> = route.given.iter().copied().collect();
        let mut done: HashSet<usize> = HashSet::new();
        for at in &steps {
            if done.contains(at) {
                continue;
            }
            let placed = &self.steps[*at];
            let mut next = Move {
                step: *at,
                from: from(*at),
                added: None,
                rectified: false,
                to: placed.to,
                last: Vec::new(),
            };
            if matches!(placed.step, Step::Convolution(_))
                && let Some(taker) = only_taker(next.to, route)
                && let Step::Combined(Combination::Add) = self.steps[taker].step
                && let Some(other) = from(taker).into_iter().find(|value| *value != next.to)
                && there.contains(&other)
                && self.numbers(other) == self.numbers(next.to)
            {
                next.added = Some(other);
                next.to = self.steps[taker].to;
                done.insert(taker);
            }
            if matches!(placed.step, Step::Convolution(_) | Step::Combined(_))
                && let Some(taker) = only_taker(next.to, route)
                && let Step::Applied(Function::Activation(Activation::Relu)) = self.steps[taker].step
            {
                next.rectified = true;
                next.to = self.steps[taker].to;
                done.insert(taker);
            }
            there.insert(next.to);
            route.moves.push(next);
        }
    }

    /// Says after which step each value is no longer needed. How many numbers of an image are held at most.
    fn say_last(&self, route: &mut Route) -> usize {
        let mut later: HashSet<usize> = route.wanted.iter().copied().collect();
        for at in (0..route.moves.len()).rev() {
            let next = &route.moves[at];
            let uses: Vec<usize> = next.from.iter().copied().chain(next.added).collect();
            let last = uses.into_iter().filter(|value| later.insert(*value)).collect();
            route.moves[at].last = last;
        }
        let mut held: usize = route.given.iter().map(|value| self.numbers(*value)).sum();
        let mut most = held;
        for next in &route.moves {
            held += self.numbers(next.to);
            most = most.max(held);
            held -= next.last.iter().map(|value| self.numbers(*value)).sum::<usize>();
        }
        most
    }
}
