//! Where dropout acts in a graph, as undo brings it back.

use std::sync::Arc;

use crate::model::graph::{By, GraphModel, Rates};
use crate::model::{AnyModel, OpenedGraph};
use crate::shown::OpenedModel;

/// Where dropout acts in a graph, and at which rates.
#[derive(Clone, Debug)]
pub struct Acting {
    graph: Arc<GraphModel>,
    on: Vec<bool>,
    by: Vec<By>,
    rates: Rates,
}

impl PartialEq for Acting {
    fn eq(&self, other: &Self) -> bool {
        self.is_of(&other.graph) && (&self.on, &self.by, self.rates) == (&other.on, &other.by, other.rates)
    }
}

impl Acting {
    /// As it is now.
    #[must_use]
    pub fn of(opened: &OpenedGraph) -> Self {
        let OpenedGraph { graph, on, by, rates, .. } = opened;
        Self { graph: Arc::clone(graph), on: on.clone(), by: by.clone(), rates: *rates }
    }

    fn is_of(&self, graph: &GraphModel) -> bool {
        self.graph.hash() == graph.hash()
    }

    /// The network as it was then; `None` where another is open.
    #[must_use]
    pub fn arranged(&self, model: &OpenedModel) -> Option<OpenedModel> {
        let opened = model.what.graph().filter(|opened| self.is_of(&opened.graph))?;
        let (on, by, rates) = (self.on.clone(), self.by.clone(), self.rates);
        let arranged = OpenedGraph { on, by, rates, ..opened.clone() };
        Some(model.changed(|_| AnyModel::Graph(arranged)))
    }

    /// Whether no one rate says what is drawn.
    #[must_use]
    pub fn has_own_rates(&self) -> bool {
        self.rates == Rates::AsTrained
    }

    /// What was changed on the way to another, in words: `dropout before Gemm fc2.weight on → off`.
    #[must_use]
    pub fn changes_to(&self, after: &Self) -> Vec<String> {
        if !self.is_of(&after.graph) {
            return Vec::new();
        }
        let said = |of: &Self, at: usize| match (of.on[at], of.by[at]) {
            (false, _) => "off",
            (true, by) if by == of.graph.sites()[at].by => "on",
            (true, By::Unit) => "by units",
            (true, By::Channel) => "by channels",
        };
        let sites = self.graph.sites().iter().enumerate().filter_map(|(at, site)| {
            let (from, to) = (said(self, at), said(after, at));
            (from != to).then(|| format!("dropout before {} {from} → {to}", site.what))
        });
        let rates = match (self.rates, after.rates) {
            (Rates::AsTrained, Rates::Common) => Some("rates of the file → one rate"),
            (Rates::Common, Rates::AsTrained) => Some("one rate → rates of the file"),
            _ => None,
        };
        sites.chain(rates.map(str::to_owned)).collect()
    }
}
