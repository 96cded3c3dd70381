//! How far a newcomer has come in *Start here*.

use crate::data::foreign::Foreign;
use crate::gui::action::GuideStep;

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
    /// What the last step compared the digits with.
    pub foreign: Option<Foreign>,
    /// The dropout rate before the step that moves it.
    pub moved_from: Option<f32>,
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
        self.picks = matches!(step, GuideStep::NeatFour | GuideStep::BadFour).then_some(step);
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
}
