//! User actions with sub-networks.

/// One user action with sub-networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubnetworkAction {
    /// Label the gallery by this pass, from 0; by the mean of all when `None`.
    Show(Option<usize>),
    /// Go so many passes on, or back when negative, from the last to the first.
    Step(isize),
    /// Go on by itself, or stop.
    Play(bool),
    /// Limit the gallery to the images of which it says another digit than the mean.
    OnlyDissent,
}
