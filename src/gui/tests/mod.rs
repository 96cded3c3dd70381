//! Whatever a person does, and whenever the workers answer: what the window shows is what its key says.
//!
//! Lists of actions and of moments at which answers arrive drive [`State`] without a window and without threads. After
//! every step all that is shown is compared with a fresh run of the key it is shown under; once every answer has
//! arrived, the window must show what is asked for.

mod oracle;
mod world;

use proptest::collection::vec;
use proptest::prelude::*;

use world::{Deed, Network, Set, Step, World};

use crate::data::source::Split;
use crate::gui::settings::Tab;

/// A thing to do, those that change dataset or network most often.
fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => prop_oneof![Just(Network::First), Just(Network::Second)].prop_map(Deed::OpenModel),
        4 => Just(Deed::BundledModel),
        3 => Just(Deed::Train),
        1 => Just(Deed::StopTraining),
        3 => prop_oneof![Just(Set::First), Just(Set::Second)].prop_map(Deed::LoadData),
        2 => prop_oneof![Just(Split::Train), Just(Split::Test)].prop_map(Deed::OtherSplit),
        3 => prop_oneof![Just(0.1_f32), Just(0.5), Just(0.3)].prop_map(Deed::Dropout),
        2 => prop_oneof![Just(2_usize), Just(5), Just(12)].prop_map(Deed::Passes),
        2 => (1_u64..4).prop_map(Deed::Seed),
        2 => Just(Deed::Cancel),
        2 => prop_oneof![Just(Tab::Quality), Just(Tab::Rotate), Just(Tab::Gallery), Just(Tab::Plane), Just(Tab::Draw)].prop_map(Deed::Show),
        1 => (0_u32..12).prop_map(Deed::Select),
        1 => (0_usize..5).prop_map(Deed::Subnetwork),
        3 => (5_u8..24).prop_map(Deed::Draw),
        1 => Just(Deed::ClearPaper),
        1 => Just(Deed::TryRates),
        2 => Just(Deed::EditSelected),
        2 => Just(Deed::Undo),
        1 => Just(Deed::Redo),
    ]
}

/// Half of all steps are answers, so that some arrive at once, some late and some never.
fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => deed().prop_map(Step::Do),
        3 => (0_usize..5, 1_usize..4).prop_map(|(lane, events)| Step::Answer { lane, events }),
        1 => Just(Step::AnswerAll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_is_always_a_run_of_the_key_it_is_shown_under(
        steps in vec(step(), 1..40),
        stops_at_once in any::<bool>(),
    ) {
        let mut world = World::new(stops_at_once);
        for step in &steps {
            world.take(step);
            oracle::check(&world);
        }
        world.settle();
        oracle::check(&world);
        oracle::check_settled(&world);
    }
}
