//! The eight tensors of a LeNet in a file of whatever format: found by their names, with whatever stands before these.

use super::error::CheckpointError;
use crate::model::lenet::PARAMETERS;

/// A tensor in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name as PyTorch would write it.
    pub(super) name: String,
    /// Its shape.
    pub(super) shape: Vec<usize>,
}

/// The tensors of a file.
pub(super) trait Tensors {
    /// All of them.
    fn entries(&self) -> &[Entry];

    /// The numbers of one, row-major.
    ///
    /// # Errors
    /// When they are no floats or cannot be read.
    fn values(&mut self, at: usize) -> Result<Vec<f32>, CheckpointError>;
}

/// Where the eight are, in the order of [`PARAMETERS`]; otherwise what is missing or too many.
///
/// PyTorch's wrappers and training loops put names in front: `module.`, `model.`, `state_dict.`.
pub(super) fn find(entries: &[Entry]) -> Result<[usize; PARAMETERS.len()], String> {
    let place = |prefix: &str, parameter: &str| {
        entries.iter().position(|entry| entry.name.strip_prefix(prefix) == Some(parameter))
    };
    let prefixes = prefixes(entries);
    let whole: Vec<&str> = prefixes
        .iter()
        .copied()
        .filter(|prefix| PARAMETERS.into_iter().all(|parameter| place(prefix, parameter).is_some()))
        .collect();
    if let [first, second, ..] = whole[..] {
        return Err(format!("two networks, {first}… and {second}…; save one of them alone"));
    }
    let prefix = whole.first().or(prefixes.first()).copied().unwrap_or_default();
    let mut missing = Vec::new();
    let places = PARAMETERS.map(|parameter| {
        place(prefix, parameter).unwrap_or_else(|| {
            missing.push(parameter);
            usize::MAX
        })
    });
    let known = |entry: &Entry| {
        // What does not begin as the network does is no part of it: averages, optimisers, losses.
        entry.name.strip_prefix(prefix).is_none_or(|rest| PARAMETERS.contains(&rest))
    };
    let mut others: Vec<&str> =
        entries.iter().filter(|entry| !known(entry)).map(|entry| entry.name.as_str()).collect();
    others.sort_unstable();
    let few = "; a LeNet has ".to_owned() + &PARAMETERS.join(", ");
    match (missing.as_slice(), others.as_slice()) {
        ([], []) => Ok(places),
        ([], others) => Err(format!("unknown {}{few}", listed(others))),
        (missing, []) => Err(format!("{} missing{few}", listed(missing))),
        (missing, others) => Err(format!("{} missing and unknown {}{few}", listed(missing), listed(others))),
    }
}

/// What may stand before the eight names: everything that stands before one of them, the commonest first.
fn prefixes(entries: &[Entry]) -> Vec<&str> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for entry in entries {
        let name = entry.name.as_str();
        let before = PARAMETERS.into_iter().find_map(|parameter| name.strip_suffix(parameter));
        let Some(prefix) = before.filter(|prefix| prefix.is_empty() || prefix.ends_with('.')) else {
            continue;
        };
        match counted.iter().position(|(known, _)| *known == prefix) {
            Some(at) => counted[at].1 += 1,
            // A hostile header may hold millions of names.
            None if counted.len() < MOST_PREFIXES => counted.push((prefix, 1)),
            None => {}
        }
    }
    counted.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    counted.into_iter().map(|(prefix, _)| prefix).collect()
}

/// Prefixes that are tried.
const MOST_PREFIXES: usize = 16;

/// The first names, shortened: a hostile header may hold millions, of any length.
pub(super) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> =
        names.iter().take(SHOWN).map(|name| name.chars().take(40).collect()).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &[String]) -> Vec<Entry> {
        names.iter().map(|name| Entry { name: name.clone(), shape: Vec::new() }).collect()
    }

    fn under(prefix: &str) -> Vec<String> {
        PARAMETERS.iter().map(|parameter| format!("{prefix}{parameter}")).collect()
    }

    #[test]
    fn whatever_stands_before_the_names_is_passed_over() {
        for prefix in ["", "module.", "state_dict.model.", "updater.model:main.predictor."] {
            assert_eq!(find(&entries(&under(prefix))), Ok([0, 1, 2, 3, 4, 5, 6, 7]), "{prefix}");
        }
        let mut names = vec!["epoch".to_owned(), "criterion.weight".to_owned()];
        names.extend(under("net."));
        names.push("optimizer.state".to_owned());
        assert_eq!(find(&entries(&names)), Ok([2, 3, 4, 5, 6, 7, 8, 9]));
    }

    #[test]
    fn what_is_missing_or_too_many_is_named_as_the_file_names_it() {
        let mut names = under("model.");
        names.remove(3);
        names.push("model.bn1.weight".to_owned());
        let problem = find(&entries(&names)).unwrap_err();
        assert!(
            problem.starts_with("conv2.bias missing and unknown model.bn1.weight; a LeNet has"),
            "{problem}"
        );
        let problem = find(&entries(&["encoder.layer.0.weight".to_owned()])).unwrap_err();
        assert!(problem.contains("conv1.weight") && problem.contains("encoder.layer.0.weight"), "{problem}");
        let both: Vec<String> = under("model.").into_iter().chain(under("ema.")).collect();
        assert!(find(&entries(&both)).unwrap_err().contains("two networks"));
    }
}
