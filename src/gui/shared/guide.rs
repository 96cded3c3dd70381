//! How far a newcomer has come in *Start here*.

use super::snapshot::Snapshot;
use crate::data::foreign::Foreign;
use crate::gui::action::GuideStep;
use crate::shown::Limits;

/// What the steps have changed: when they are closed, it is put back.
#[derive(Clone, Debug, PartialEq)]
struct Changed {
    /// How it was before the first step, with what a person has changed since.
    before: Snapshot,
    /// How the last step left it.
    left: Snapshot,
    /// Whether a step opened the inspector.
    inspector: bool,
}

/// How far a newcomer has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guide {
    /// Whether the steps are shown.
    pub open: bool,
    /// The step carried out last.
    pub at: Option<GuideStep>,
    /// Which steps were carried out.
    pub done: [bool; GuideStep::ALL.len()],
    /// The step whose image is to be selected once the gallery shows what is asked for.
    pub picks: Option<GuideStep>,
    /// The image that the last step selected, as long as it is the last.
    pub about: Option<u32>,
    /// What the last step compared the digits with.
    pub foreign: Option<Foreign>,
    /// The dropout rate before the step that moves it.
    pub moved_from: Option<f32>,
    changed: Option<Changed>,
}

impl Guide {
    /// No step done; shown or not.
    #[must_use]
    pub fn new(open: bool) -> Self {
        Self { open, ..Self::default() }
    }

    /// A step is carried out.
    pub fn begin(&mut self, step: GuideStep) {
        self.at = Some(step);
        self.done[step as usize] = true;
        self.about = None;
        self.picks = matches!(step, GuideStep::NeatFour | GuideStep::BadFour).then_some(step);
    }

    /// The steps are shown from the first on; what they have changed so far is still to be put back.
    pub fn reopen(&mut self) {
        *self = Self { changed: self.changed.take(), ..Self::new(true) };
    }

    /// A step changed what was `before` to what is `now`, and opened the inspector or did not.
    pub fn stepped(&mut self, before: &Snapshot, now: Snapshot, inspector: bool) {
        let mut changed = self.changed.take().unwrap_or_else(|| Changed {
            left: before.clone(),
            before: before.clone(),
            inspector,
        });
        // What a person changed between two steps is theirs.
        changed.before = changed.before.stepped(&changed.left, before);
        changed.left = now;
        changed.inspector |= inspector;
        self.changed = Some(changed);
    }

    /// How it would be `now` without the steps, and whether the inspector was opened by one. What is selected and what
    /// was said of images stays.
    pub fn take_back(&mut self, now: &Snapshot) -> Option<(Snapshot, bool)> {
        let Changed { before, left, inspector } = self.changed.take()?;
        let then = before.stepped(&left, now);
        Some((Snapshot { selected: now.selected.clone(), marks: now.marks.clone(), ..then }, inspector))
    }

    /// Other images came: limits and classes that were chosen among the old ones are not put back.
    pub fn forget_images(&mut self) {
        self.about = None;
        if let Some(changed) = &mut self.changed {
            changed.before.limits = Limits::default();
            changed.before.digit = None;
        }
    }

    /// The step before and the step after the one carried out last.
    #[must_use]
    pub fn around(&self) -> [Option<GuideStep>; 2] {
        let Some(at) = self.at else { return [None, Some(GuideStep::NeatFour)] };
        let at = at as usize;
        let before = at.checked_sub(1).map(|before| GuideStep::ALL[before]);
        [before, GuideStep::ALL.get(at + 1).copied()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::settings::Settings;
    use crate::gui::shared::Selected;
    use crate::uncertainty::Filter;

    #[test]
    fn next_leads_through_all_steps_and_back_to_the_first() {
        let mut guide = Guide::new(true);
        let mut walked = Vec::new();
        while let [_, Some(next)] = guide.around() {
            guide.begin(next);
            walked.push(next);
        }
        assert_eq!(walked, GuideStep::ALL);
        assert_eq!(guide.done, [true; 6]);
        while let [Some(before), _] = guide.around() {
            guide.begin(before);
        }
        assert_eq!(guide.at, Some(GuideStep::NeatFour));
    }

    #[test]
    fn what_the_steps_changed_is_put_back_and_what_a_person_changed_stays() {
        let at = |digit, filter, dropout| {
            let settings = Settings { digit, filter, ..Settings::default() };
            let mut now = Snapshot::new(&settings, &Limits::default(), &Selected::default());
            now.sweep.dropout = dropout;
            now
        };
        let mut guide = Guide::new(true);
        assert!(guide.take_back(&at(None, Filter::All, 0.5)).is_none(), "no step was carried out");
        guide.stepped(&at(Some(7), Filter::Wrong, 0.5), at(Some(4), Filter::All, 0.5), true);
        guide.stepped(&at(Some(4), Filter::All, 0.5), at(Some(4), Filter::All, 0.8), false);
        let now = at(Some(4), Filter::All, 0.8);
        let before = (at(Some(7), Filter::Wrong, 0.5), true);
        assert_eq!(guide.clone().take_back(&now), Some(before.clone()));
        // Shown again from the first step on.
        guide.reopen();
        assert_eq!((guide.at, guide.clone().take_back(&now)), (None, Some(before)));
        // After the last step, and between two.
        let own = at(Some(4), Filter::Right, 0.8);
        let then = (at(Some(7), Filter::Right, 0.5), true);
        assert_eq!(guide.clone().take_back(&own), Some(then.clone()));
        guide.stepped(&own, at(Some(4), Filter::All, 0.5), false);
        assert_eq!(guide.take_back(&at(Some(4), Filter::All, 0.5)), Some(then));
    }
}
