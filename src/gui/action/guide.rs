//! User actions in *Start here*, the first steps of a newcomer.

/// One of the first steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuideStep {
    /// The four that the network doubts least.
    NeatFour,
    /// The four that it doubts most.
    BadFour,
    /// Another dropout rate.
    MoveRate,
    /// A digit of one's own.
    DrawOne,
    /// The paper's Figure 4.
    Figure4,
    /// Letters among the digits.
    Letters,
}

impl GuideStep {
    /// All steps, in their order.
    pub const ALL: [Self; 6] =
        [Self::NeatFour, Self::BadFour, Self::MoveRate, Self::DrawOne, Self::Figure4, Self::Letters];

    /// The name on its button.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NeatFour => "A neat four",
            Self::BadFour => "A bad four",
            Self::MoveRate => "Move p",
            Self::DrawOne => "Draw one",
            Self::Figure4 => "The paper's Figure 4",
            Self::Letters => "Letters among digits",
        }
    }
}

/// One user action in *Start here*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuideAction {
    /// Show the steps, none of them done.
    Open,
    /// Show them no longer, and put back what they chose.
    Close,
    /// Carry a step out.
    Do(GuideStep),
}
