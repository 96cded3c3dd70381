//! Quality against the dropout rate: what is asked, what is shown of it, and what it says in words.

use crate::uncertainty::quality::over_dropout::{AtRate, OverDropout};
use crate::uncertainty::quality::{Estimate, Metric};
use crate::wording::number;

/// What to keep in mind, in one sentence.
pub const ADVICE: &str = "Choose p on images that were neither learnt from nor are to give the final numbers: on those it flatters.";

/// The words of what was found, a sentence each. `now` is the rate in use, which is `called` so; `None` where each site has
/// its own.
#[must_use]
pub fn sentences(found: &OverDropout, now: Option<f32>, called: &str) -> Vec<String> {
    let Some(best) = found.best() else {
        return vec!["No NLL is finite: there is no least one.".to_owned()];
    };
    let alike = found.alike();
    let others: Vec<String> =
        alike.iter().filter(|rate| Some(**rate) != best.dropout).map(f32::to_string).collect();
    let others = match &others[..] {
        [] => String::new(),
        [one] => format!("; with other images it might as well be at {one}"),
        [rest @ .., last] => {
            format!("; with other images it might as well be at {} or {last}", rest.join(", "))
        }
    };
    let nll = best.number(Metric::Nll).and_then(|estimate| estimate.value.ok());
    let mut sentences =
        vec![format!("Least NLL: {} nats at {best}{others}.", nll.map_or_else(|| "–".to_owned(), number))];
    let compared = match now {
        Some(now) => found.at(now),
        None => found.as_trained.as_ref(),
    };
    if let Some(at) = compared.filter(|at| at.dropout != best.dropout) {
        sentences.extend(higher(at, &format!("At {at}, {called},"), best));
    }
    let plain = found.rates.first();
    let said = [best.dropout, compared.and_then(|at| at.dropout)];
    if let Some(plain) = plain.filter(|plain| !said.contains(&plain.dropout)) {
        sentences.extend(higher(plain, "Without dropout", best));
    }
    sentences
}

/// `At p = 0.5, in use now, it is higher by 0.0020 [0.0011, 0.0030]: p = 0.3 is better.`
fn higher(at: &AtRate, where_: &str, best: &AtRate) -> Option<String> {
    let Estimate { value, interval } = at.above_least?;
    let by = value.ok()?;
    let ends =
        interval.map_or_else(String::new, |[low, high]| format!(" [{}, {}]", number(low), number(high)));
    let verdict = match at.is_worse() {
        Some(true) => format!(": {best} is better"),
        Some(false) => ": other images might have shown the opposite".to_owned(),
        None => String::new(),
    };
    Some(format!("{where_} it is higher by {}{ends}{verdict}.", number(by)))
}
