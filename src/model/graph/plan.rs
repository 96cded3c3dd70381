//! What to run once for each image and what in every pass, for one choice of sites.

use std::collections::HashSet;

use super::head::{self, Head};
use super::sites::{Origin, Site};
use super::structure::Structure;

/// A place where a value is taken out and handed back in, masked or not.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cut {
    /// The value that is taken out.
    pub(super) before: String,
    /// The value it is handed back in as.
    pub(super) after: String,
    /// The site, by its place among all of the file.
    pub(super) site: usize,
    /// Whether a mask is put on it.
    pub(super) on: bool,
}

/// What to run for one choice of sites.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which sites are on.
    pub on: Vec<bool>,
    /// Places where the graph is stopped, in order; those that are off are passed through, so that nothing is drawn there.
    pub(super) cuts: Vec<Cut>,
    /// How many of them come before the first that is on.
    pub(super) early: usize,
    /// Values that every pass starts from.
    pub(super) carried: Vec<String>,
    /// The layers behind the first site, where they are nothing else.
    pub head: Option<Head>,
}

impl Plan {
    /// Arranges a graph around some sites.
    pub(super) fn new(structure: &Structure, sites: &[Site], on: &[bool], logits: &str) -> Self {
        let acts = |at: usize| on[at] || sites[at].origin != Origin::Possible;
        let mut order: Vec<usize> = (0..sites.len()).filter(|at| acts(*at)).collect();
        order.sort_by_key(|at| sites[*at].node);
        let cut = |at: &usize| Cut {
            before: sites[*at].before.clone(),
            after: sites[*at].after.clone(),
            site: *at,
            on: on[*at],
        };
        let cuts: Vec<Cut> = order.iter().map(cut).collect();
        let early = cuts.iter().position(|cut| cut.on).unwrap_or(cuts.len());
        let head = head::find(structure, sites, on, logits);
        Self::around(structure, cuts, early, on, head, logits)
    }

    /// The same with nothing left to this program's kernels.
    #[cfg(test)]
    pub(super) fn through_graph(structure: &Structure, whole: Self, logits: &str) -> Self {
        Self::around(structure, whole.cuts, whole.early, &whole.on, None, logits)
    }

    fn around(
        structure: &Structure,
        cuts: Vec<Cut>,
        early: usize,
        on: &[bool],
        head: Option<Head>,
        logits: &str,
    ) -> Self {
        let carried = match &head {
            Some(head) => vec![head.from.clone()],
            None => carried(structure, &cuts, logits),
        };
        Self { on: on.to_vec(), cuts, early, carried, head }
    }
}

/// Values that the logits are computed from, where the cuts are made: what spells out a mask is none of them.
pub(super) fn needed<'a>(structure: &'a Structure, cuts: &'a [Cut], logits: &'a str) -> HashSet<&'a str> {
    let mut needed: HashSet<&str> = HashSet::from([logits]);
    for node in structure.nodes.iter().rev() {
        if !node.outputs.iter().any(|output| needed.contains(output.as_str())) {
            continue;
        }
        match cuts.iter().find(|cut| cut.before != cut.after && node.outputs.contains(&cut.after)) {
            Some(cut) => {
                needed.insert(&cut.before);
            }
            None => needed.extend(node.inputs.iter().map(String::as_str)),
        }
    }
    needed
}

/// Values that masks do not change and that something they change is computed with.
fn carried(structure: &Structure, cuts: &[Cut], logits: &str) -> Vec<String> {
    let needed = needed(structure, cuts, logits);
    // Changed by a mask, from the front.
    let mut changed: HashSet<&str> = HashSet::new();
    let mut carried: Vec<String> = Vec::new();
    let mut carry = |value: &str, changed: &HashSet<&str>| {
        let same = structure.is_constant(value) || changed.contains(value);
        if !same && needed.contains(value) && !carried.iter().any(|known| known == value) {
            carried.push(value.to_owned());
        }
    };
    for node in &structure.nodes {
        let put_before =
            |value: &String| cuts.iter().any(|cut| cut.on && cut.before == cut.after && cut.before == *value);
        if let Some(cut) =
            cuts.iter().find(|cut| cut.before != cut.after && node.outputs.contains(&cut.after))
        {
            if cut.on {
                carry(&cut.before, &changed);
                changed.insert(&cut.after);
            } else if changed.contains(cut.before.as_str()) {
                changed.insert(&cut.after);
            }
            continue;
        }
        for value in node.inputs.iter().filter(|value| put_before(value)) {
            carry(value, &changed);
            changed.insert(value);
        }
        if node.inputs.iter().any(|value| changed.contains(value.as_str())) {
            for value in &node.inputs {
                carry(value, &changed);
            }
            changed.extend(node.outputs.iter().map(String::as_str));
        }
    }
    if !changed.contains(logits) {
        carried = vec![logits.to_owned()];
    }
    carried
}
