//! *Start here*: what each of a newcomer's first steps does, and what to look at then.

use std::path::{Path, PathBuf};

use super::action::{
    Action, DrawAction, GalleryAction, GuideAction, GuideStep, QualityAction, RotateAction, RunAction,
    WindowAction,
};
use super::panel::Panels;
use super::settings::{Arrangement, Settings, Tab};
use super::shared::{Guide, Shared};
use crate::data::Class;
use crate::data::corruption::Corruption;
use crate::data::foreign::Foreign;
use crate::data::ink::Sheet;
use crate::data::source::Places;
use crate::shown::subject::Origin;
use crate::shown::{GalleryView, InspectorView, Limits};
use crate::uncertainty::{Filter, Grouping, Measure};

/// The digit of the first two steps.
const FOUR: Class = 4;
/// The rate that is moved to, and the one in its stead where that is in force already.
const RATES: [f32; 2] = [0.8, 0.2];
/// Names under which a folder of letters may lie beside the data.
const LETTERS: [&str; 2] = ["notmnist", "notMNIST"];
/// What digits are corrupted by when there are no letters.
const CORRUPTION: Corruption = Corruption::Noise;

/// What the steps work with.
pub struct AtHand<'a> {
    /// The window's choices.
    pub settings: &'a Settings,
    /// The rate the network was trained with, when another is in force.
    pub trained_with: Option<f32>,
    /// Whether the dataset has a four.
    pub has_four: bool,
    /// Whether the gallery is limited to a part of the images by something else than digit and filter.
    pub limited: bool,
    /// Whether there is something on the paper, or it was said what is to come there.
    pub drawn: bool,
    /// What the digits are compared with.
    pub foreign: Foreign,
}

/// A newcomer's first steps are shown, or go on: what is to be done for that.
pub fn begin(action: GuideAction, panels: &Panels, shared: &mut Shared) -> Vec<Action> {
    let step = match action {
        GuideAction::Open => {
            shared.guide.reopen();
            return Vec::new();
        }
        // What they changed is put back by the coordinator, which can restore what was.
        GuideAction::Close => return Vec::new(),
        GuideAction::Do(step) => step,
    };
    let quality = &panels.quality;
    let seed = shared.settings.sweep.seed;
    let foreign = quality.source.clone().unwrap_or_else(|| foreign(&shared.places, quality.strength, seed));
    shared.guide.begin(step);
    shared.guide.foreign = Some(foreign.clone());
    shared.guide.moved_from = Some(shared.settings.sweep.dropout);
    actions(
        step,
        &AtHand {
            settings: &shared.settings,
            trained_with: shared.differs_from_training(),
            has_four: shared.dataset.as_ref().is_some_and(|dataset| {
                dataset.digits.classes().are_digits() && dataset.digits.first(FOUR).is_some()
            }),
            limited: shared.limits != Limits::default(),
            drawn: !panels.draw.is_blank() || shared.sights.label.is_some(),
            foreign,
        },
    )
}

/// Why the steps cannot be carried out, if they cannot.
#[must_use]
pub fn held_up(shared: &Shared) -> Option<&'static str> {
    match &shared.dataset {
        None => Some("As soon as there are images"),
        Some(_) if !shared.names().are_digits() => {
            Some("The steps are about digits: choose MNIST in the dataset chip, and the bundled network")
        }
        Some(_) => None,
    }
}

/// The image that a first step is about, once the gallery shows what the step asked for; given once.
pub fn to_select(shared: &mut Shared) -> Option<u32> {
    let (step, view) = shared.guide.picks.zip(shared.run.gallery.clone())?;
    let asked = view.query == shared.gallery_query(view.query.passes) && view.only == shared.limits.only;
    if !asked || shared.is_stale() || shared.is_refining() {
        return None;
    }
    shared.guide.picks = None;
    shared.guide.about = picked(step, &view);
    shared.guide.about
}

/// What a step does.
#[must_use]
pub fn actions(step: GuideStep, at_hand: &AtHand<'_>) -> Vec<Action> {
    let mut list = Vec::new();
    let trained_with = at_hand.trained_with.filter(|_| step != GuideStep::MoveRate);
    list.extend(trained_with.map(|rate| Action::Run(RunAction::SetDropout(rate))));
    match step {
        GuideStep::NeatFour | GuideStep::BadFour => {
            list.push(Action::Window(WindowAction::ShowTab(Tab::Gallery)));
            list.extend(fours(at_hand).into_iter().map(Action::Gallery));
            list.extend(inspector(at_hand));
        }
        GuideStep::MoveRate => {
            list.push(Action::Window(WindowAction::ShowTab(Tab::Gallery)));
            list.extend(inspector(at_hand));
            let [to, other] = RATES;
            let there = (at_hand.settings.sweep.dropout - to).abs() < 5e-3;
            list.push(Action::Run(RunAction::SetDropout(if there { other } else { to })));
        }
        GuideStep::DrawOne => {
            list.push(Action::Window(WindowAction::ShowTab(Tab::Draw)));
            if at_hand.drawn {
                // Undo brings it back. What the pen draws next has no label.
                list.push(Action::Draw(DrawAction::Clear));
            }
            list.extend(strokes().into_iter().map(Action::Draw));
        }
        GuideStep::Figure4 => list.push(Action::Rotate(RotateAction::Paper)),
        GuideStep::Letters => {
            list.push(Action::Quality(QualityAction::Foreign(Some(at_hand.foreign.clone()))));
        }
    }
    list
}

/// What is to change until the gallery shows the fours in two halves.
fn fours(at_hand: &AtHand<'_>) -> Vec<GalleryAction> {
    let Settings { digit, grouping, filter, measure, arrangement, .. } = *at_hand.settings;
    let wanted = at_hand.has_four.then_some(FOUR);
    let changes = [
        (at_hand.limited || filter != Filter::All, GalleryAction::ShowAll),
        (at_hand.limited || digit != wanted, GalleryAction::SetDigit(wanted)),
        (grouping != Grouping::Label, GalleryAction::SetGrouping(Grouping::Label)),
        (measure != Measure::PredictiveEntropy, GalleryAction::SetMeasure(Measure::PredictiveEntropy)),
        (arrangement != Arrangement::Halves, GalleryAction::SetArrangement(Arrangement::Halves)),
    ];
    // Showing all images shows all digits.
    let all = changes[0].0;
    let needed = |(change, action): (bool, GalleryAction)| {
        let digit = all && matches!(action, GalleryAction::SetDigit(Some(_)));
        (change || digit).then_some(action)
    };
    changes.into_iter().filter_map(needed).collect()
}

fn inspector(at_hand: &AtHand<'_>) -> Option<Action> {
    (!at_hand.settings.inspector_open).then_some(Action::Window(WindowAction::ToggleInspector))
}

/// The pen draws a four that is open at the top.
fn strokes() -> Vec<DrawAction> {
    let side = Sheet::SIDE;
    let at = |x: f32, y: f32| [x * side, y * side];
    let line = |from: [f32; 2], to: [f32; 2]| {
        let steps = 8_u8;
        (1..=steps).map(move |step| {
            let part = f32::from(step) / f32::from(steps);
            [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]
        })
    };
    let stroke = |corners: &[[f32; 2]]| {
        let points = corners.windows(2).flat_map(|pair| line(pair[0], pair[1])).collect();
        [DrawAction::Begin { at: corners[0], erase: false }, DrawAction::Extend(points), DrawAction::End]
    };
    let mut list = stroke(&[at(0.34, 0.22), at(0.30, 0.52), at(0.70, 0.52)]).to_vec();
    list.extend(stroke(&[at(0.66, 0.22), at(0.62, 0.80)]));
    list
}

/// The image that a step selects of those the gallery shows.
#[must_use]
pub fn picked(step: GuideStep, view: &GalleryView) -> Option<u32> {
    match step {
        GuideStep::NeatFour => view.ranked.order.last().copied(),
        GuideStep::BadFour => view.ranked.order.first().copied(),
        GuideStep::MoveRate | GuideStep::DrawOne | GuideStep::Figure4 | GuideStep::Letters => None,
    }
}

/// A folder of letters beside the images, in the first place where these are looked for, or the digits corrupted.
#[must_use]
pub fn foreign(places: &Places, strength: f32, seed: u64) -> Foreign {
    let place = places.asked.as_ref().or(places.environment.as_ref()).or(places.cache.as_ref());
    place
        .and_then(|place| letters(place))
        .map_or(Foreign::Corrupted { corruption: CORRUPTION, strength, seed }, Foreign::At)
}

/// A folder of letters in or beside this one.
fn letters(folder: &Path) -> Option<PathBuf> {
    let near = [folder.parent(), Some(folder)].into_iter().flatten();
    near.flat_map(|near| LETTERS.map(|name| near.join(name))).find(|folder| folder.is_dir())
}

/// What to look at after the step carried out last; before the first, what this is, or why it is held up. `inspected` is
/// the image in the inspector, where that is in sight, and `view` what is known of it.
#[must_use]
pub fn sentence(
    guide: &Guide,
    inspected: Option<Origin>,
    view: Option<&InspectorView>,
    held_up: Option<&str>,
) -> String {
    let now = || view.filter(|_| inspected.is_some()).map(answer).unwrap_or_default();
    if guide.picks.is_some() {
        // Until then the inspector shows another image than the one that is spoken of.
        return "The passes are being sampled: the image is chosen once all of them are there.".to_owned();
    }
    if let (Some(index), Some(step)) = (guide.about, guide.at)
        && inspected != Some(Origin::Dataset(index))
    {
        // Of another image nothing is said that was said of this one.
        let least = if step == GuideStep::NeatFour { "least" } else { "most" };
        return format!(
            "Of all fours, the network doubts image {index} {least}. Choose the step once more to look at it again."
        );
    }
    match guide.at {
        None if held_up.is_some() => format!("{}.", held_up.unwrap_or_default()),
        None => "Six steps through Dubito, a minute or two. Each button does its step for you, and this line says what to \
                 look at. The window stays usable all the while; Help brings the steps back."
            .to_owned(),
        Some(GuideStep::NeatFour) => format!(
            "Of all fours, the network doubts this one least. {}Look at the inspector on the right: the bars are the \
             mean of the passes, with the votes below.",
            now()
        ),
        Some(GuideStep::BadFour) => format!(
            "And this one it doubts most. {}In the inspector, the sentence at the top says where the doubt comes from: \
             an ambiguous image, or sub-networks that disagree.",
            now()
        ),
        Some(GuideStep::MoveRate) => format!(
            "p, at the top right, is the share of units that each pass leaves out{}. {}Drag its slider: numbers and \
             ranking follow.",
            guide.moved_from.map(|from| format!("; it was {from:.2}")).unwrap_or_default(),
            now()
        ),
        Some(GuideStep::DrawOne) => "The pen has drawn a four, open at the top. Join its two upper ends with the mouse: a four \
                                     closed there is no longer quite a four. Which bars rise, and does H? Ctrl+Z takes a \
                                     stroke back."
            .to_owned(),
        Some(GuideStep::Figure4) => "Figure 4 of Gal & Ghahramani (2016): a “1” turned in twelve steps, 100 passes each. Every \
                                     dot is a pass. Look where the dots of several classes overlap, and at H below: there the \
                                     network doubts."
            .to_owned(),
        Some(GuideStep::Letters) => letters_sentence(guide.foreign.as_ref()),
    }
}

fn letters_sentence(foreign: Option<&Foreign>) -> String {
    let look = "The network must name a digit all the same. The histogram shows whether its doubt gives them away; \
                “Confidently wrong”, further down, lists those it does not.";
    match foreign {
        Some(Foreign::At(folder)) => {
            let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
            format!("Images that are not digits, from the folder {name}, among the digits. {look}")
        }
        Some(Foreign::Corrupted { corruption, strength, .. }) => format!(
            "There is no folder of letters (notMNIST) beside the data, so these are the digits themselves, corrupted: \
             {}. {look}",
            corruption.describe(*strength)
        ),
        None => look.to_owned(),
    }
}

/// `61 of 100 passes say 4, and H is 1.02 nats. `
fn answer(view: &InspectorView) -> String {
    let measures = &view.measures;
    let said = (0_u8..).zip(&measures.votes).max_by_key(|(_, votes)| **votes);
    let (class, votes) = said.map_or((0, 0), |(class, votes)| (class, *votes));
    format!(
        "At p = {:.2}, {votes} of {} passes say {class}, and H is {:.3} nats. ",
        view.sampled.dropout, measures.passes, measures.predictive_entropy
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_hand(settings: &Settings) -> AtHand<'_> {
        let foreign = Foreign::Corrupted { corruption: CORRUPTION, strength: 0.5, seed: 1 };
        AtHand { settings, trained_with: None, has_four: true, limited: false, drawn: false, foreign }
    }

    #[test]
    fn a_step_changes_only_what_is_not_yet_so() {
        let settings = Settings { digit: Some(FOUR), ..Settings::default() };
        let list = actions(GuideStep::BadFour, &at_hand(&settings));
        assert_eq!(list, [Action::Window(WindowAction::ShowTab(Tab::Gallery))]);
        let wrong = Settings { filter: Filter::Wrong, inspector_open: false, ..settings };
        let list = actions(GuideStep::BadFour, &at_hand(&wrong));
        assert_eq!(
            list[1..],
            [
                Action::Gallery(GalleryAction::ShowAll),
                Action::Gallery(GalleryAction::SetDigit(Some(FOUR))),
                Action::Window(WindowAction::ToggleInspector)
            ]
        );
    }

    #[test]
    fn the_rate_moves_wherever_it_is_and_every_other_step_takes_it_back() {
        let mut settings = Settings::default();
        for (from, to) in [(0.5, 0.8), (0.8, 0.2)] {
            settings.sweep.dropout = from;
            let list = actions(GuideStep::MoveRate, &at_hand(&settings));
            assert_eq!(list.last(), Some(&Action::Run(RunAction::SetDropout(to))));
        }
        for step in GuideStep::ALL.into_iter().filter(|step| *step != GuideStep::MoveRate) {
            let list = actions(step, &AtHand { trained_with: Some(0.5), ..at_hand(&settings) });
            assert_eq!(list[0], Action::Run(RunAction::SetDropout(0.5)), "{}", step.label());
        }
    }

    #[test]
    fn letters_are_found_beside_the_data_and_else_the_digits_are_corrupted_and_it_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = Places::new(Some(folder.path().join("mnist")));
        (places.environment, places.cache) = (None, None);
        let corrupted = foreign(&places, 0.5, 1);
        assert!(matches!(corrupted, Foreign::Corrupted { .. }));
        assert!(letters_sentence(Some(&corrupted)).contains("no folder of letters"));
        let there = folder.path().join("notmnist");
        std::fs::create_dir(&there).unwrap();
        let found = foreign(&places, 0.5, 1);
        assert_eq!(found, Foreign::At(there));
        assert!(letters_sentence(Some(&found)).contains("folder notmnist"));
    }
}
