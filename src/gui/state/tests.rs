//! Answers that come for what is no longer in the window.

use std::sync::Arc;

use super::*;
use crate::data::about::About;
use crate::data::source::{Source, Split, SyntheticReason};
use crate::data::{Class, Digits, synthetic};
use crate::gui::action::{Action, RunAction, TrainAction};
use crate::model::checkpoint::Checkpoint;
use crate::model::graph::tests::{opened, usual};
use crate::model::{AnyModel, Lenet, OpenedGraph, TrainConfig};
use crate::sampling::Samples;
use crate::shown::film::{Camera, FilmPlan};
use crate::worker::answers;

/// A window that has loaded some images, and the sweep it asks for.
fn loaded() -> (State, Box<Job>) {
    let bundled = OpenedModel::bundled().unwrap();
    let (mut state, effects) = State::new(Settings::default(), Places::new(None), bundled.clone(), bundled);
    state.shared.settings.sweep.passes = 6;
    submit(&mut state, effects, 1);
    let effects = receive(&mut state, 1, dataset(20, 1));
    let sweep = submit(&mut state, effects, 2).unwrap();
    (state, sweep)
}

fn dataset(images: usize, seed: u64) -> Event {
    let source = Source::Synthetic { reason: SyntheticReason::Asked };
    let digits: Arc<Digits> = Arc::new(synthetic::generate(images, seed));
    let places = Box::new(Places::new(None));
    Event::Loaded { dataset: Dataset { digits, source, split: Split::Test, about: About::default() }, places }
}

fn receive(state: &mut State, job: JobId, event: Event) -> Vec<Effect> {
    state.receive(Report { job, event })
}

/// Submits the jobs asked for, counting their ids from `id`; gives back the sweep, if there is one.
fn submit(state: &mut State, effects: Vec<Effect>, id: JobId) -> Option<Box<Job>> {
    let mut sweep = None;
    for (id, effect) in (id..).zip(effects) {
        let Effect::Submit(job) = effect else { continue };
        state.submitted(id, job.slot(), job.title(), job.unit());
        if job.slot() == Slot::Sweep {
            sweep = Some(job);
        }
    }
    sweep
}

/// The bundled network with other last biases.
fn another() -> OpenedModel {
    let mut checkpoint = Checkpoint::bundled().unwrap();
    let lenet = &checkpoint.lenet;
    let mut weights = (**lenet.shared_weights()).clone();
    weights.fc2_bias[3] += 4.0;
    let placement = lenet.architecture().placement;
    checkpoint.lenet = Lenet::from_weights(placement, lenet.dropout(), weights).unwrap();
    OpenedModel::new(checkpoint, "another".to_owned())
}

/// The sweep asked for last is of what is in the window, and its answers are all that is kept.
fn answers_only_what_is_in_the_window(mut state: State, late: Box<Job>, effects: Vec<Effect>) {
    let id = state.shared.jobs.iter().map(|job| job.id).max().unwrap_or(0).max(100) + 1;
    let sweep = submit(&mut state, effects, id).expect("a new sweep is asked for at once");
    let pairing = state.shared.pairing();
    let old = state.shared.jobs.iter().any(|job| job.id == 2);
    assert!(!old, "the old sweep is no longer waited for");
    // Whichever job an answer of the old run says it is of, it changes nothing.
    let sweeping = state.shared.jobs.iter().find(|job| job.slot == Slot::Sweep).unwrap().id;
    for event in answers(*late) {
        if matches!(event, Event::Prepared(_) | Event::Swept(_)) {
            assert!(state.shared.is_of_another_run(&event));
            assert!(receive(&mut state, sweeping, event).is_empty());
            assert!(state.shared.run.prefix.is_none() && state.shared.run.samples.is_none());
        }
    }
    for event in answers(*sweep) {
        if matches!(event, Event::Prepared(_) | Event::Swept(_)) {
            receive(&mut state, sweeping, event);
        }
    }
    assert_eq!(state.shared.run.prefix.as_ref().map(|prefix| *prefix.pairing()), pairing);
    assert_eq!(state.shared.run.samples.as_ref().and_then(Samples::key).map(|key| key.pairing), pairing);
}

#[test]
fn a_model_opened_during_the_first_sweep_is_not_given_the_old_ones_passes() {
    let (mut state, late) = loaded();
    state.submitted(50, Slot::Model, String::new(), "");
    let effects = receive(&mut state, 50, Event::ModelOpened(another()));
    answers_only_what_is_in_the_window(state, late, effects);
}

#[test]
fn the_bundled_model_chosen_during_a_sweep_is_not_given_the_other_ones_passes() {
    let (mut state, _) = loaded();
    let steps = state.use_model(another());
    let effects = state.resolve(steps);
    let late = submit(&mut state, effects, 20).unwrap();
    let effects = state.apply(Action::Run(RunAction::UseBundledModel));
    answers_only_what_is_in_the_window(state, late, effects);
}

#[test]
fn a_training_that_ends_during_the_first_sweep_is_not_given_the_old_ones_passes() {
    let (mut state, late) = loaded();
    state.submitted(50, Slot::Train, String::new(), "");
    let effects = receive(&mut state, 50, Event::Trained(another()));
    answers_only_what_is_in_the_window(state, late, effects);
}

#[test]
fn a_training_that_is_cancelled_gives_a_network_to_keep_and_not_to_use() {
    for (stop, used) in
        [(Action::Run(RunAction::CancelJobs), false), (Action::Train(TrainAction::Stop), true)]
    {
        let (mut state, _) = loaded();
        let before = state.shared.model.key();
        drop(state.apply(Action::Train(TrainAction::Start)));
        state.submitted(50, Slot::Train, String::new(), "");
        let effects = state.apply(stop);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Cancel(50))));
        drop(receive(&mut state, 50, Event::Trained(another())));
        assert_eq!(state.shared.trained.list().len(), 1, "nothing is lost");
        assert_eq!(state.shared.model.key() != before, used);
    }
}

#[test]
fn what_an_older_training_still_says_changes_nothing_and_its_film_keeps_its_own_images() {
    let (mut state, _) = loaded();
    let begin = |state: &mut State, id: u64| {
        let effects = state.apply(Action::Train(TrainAction::Start));
        let plan = effects.into_iter().find_map(|effect| match effect {
            Effect::Submit(job) => match *job {
                Job::Train { film, config, .. } => Some((film, config)),
                _ => None,
            },
            _ => None,
        });
        state.submitted(id, Slot::Train, String::new(), "");
        plan.unwrap()
    };
    let frame = |(plan, config): &(FilmPlan, TrainConfig), images: u64| {
        let validation = synthetic::generate(30, images);
        let camera = Camera::new(plan.clone(), config, (&validation, &[]), format!("set {images}")).unwrap();
        let lenet = Lenet::initialise(config.architecture, config.dropout, 1).unwrap();
        Event::Filmed(Arc::new(camera.frame(0.0, &lenet).unwrap()))
    };
    let first = begin(&mut state, 70);
    receive(&mut state, 70, frame(&first, 1));
    assert_eq!(state.panels.train.run.film.head().unwrap().source, "set 1");
    // Other images come into the window: the film is still of those it was made of.
    state.submitted(71, Slot::Load, String::new(), "");
    receive(&mut state, 71, dataset(25, 9));
    let film = &state.panels.train.run.film;
    assert_eq!((film.frames.len(), film.head().unwrap().source.as_str()), (1, "set 1"));
    let second = begin(&mut state, 72);
    assert!(state.panels.train.run.film.frames.is_empty(), "the next training has no film yet");
    assert_eq!((first.0.training, second.0.training), (1, 2));
    // As if it came under the new job's name: the frame says itself which training it is of.
    receive(&mut state, 72, frame(&first, 1));
    assert!(state.panels.train.run.film.frames.is_empty());
    receive(&mut state, 72, frame(&second, 2));
    assert_eq!(state.panels.train.run.film.head().unwrap().source, "set 2");
}

#[test]
fn p_moved_while_a_dataset_loads_does_not_sweep_the_old_images_for_the_new() {
    let (mut state, _) = loaded();
    state.submitted(50, Slot::Load, String::new(), "");
    state.shared.jobs.forget(|slot| slot == Slot::Sweep);
    let effects = state.apply(Action::Run(RunAction::SetDropout(0.3)));
    let late = submit(&mut state, effects, 60).unwrap();
    let effects = receive(&mut state, 50, dataset(25, 9));
    answers_only_what_is_in_the_window(state, late, effects);
}

/// A graph over MNIST's images.
fn graph() -> OpenedModel {
    let graph = opened(&usual().bytes("fc2")).unwrap();
    OpenedModel::new(AnyModel::Graph(OpenedGraph::new(graph)), "net.onnx".to_owned())
}

#[test]
fn some_images_of_every_class_are_shown_before_all_are_through_a_graph() {
    let (mut state, _) = loaded();
    receive(&mut state, 1, dataset(1_200, 3));
    state.submitted(50, Slot::Model, String::new(), "");
    let effects = receive(&mut state, 50, Event::ModelOpened(graph()));
    let sweep = submit(&mut state, effects, 60).unwrap();
    let id = state.shared.jobs.iter().find(|job| job.slot == Slot::Sweep).unwrap().id;
    let digits = Arc::clone(&state.shared.dataset.as_ref().unwrap().digits);
    let (mut looks, mut galleries) = (Vec::new(), Vec::new());
    for event in answers(*sweep) {
        match &event {
            Event::FirstLook(view) => {
                assert!(state.shared.run.prefix.is_none(), "before the others are computed");
                looks.push(Arc::clone(view));
            }
            Event::Swept(_) => {
                assert_eq!(state.shared.first_look(), looks.last().map(|look| look.ranked.order.len()));
            }
            Event::Prepared(_) => {}
            _ => continue,
        }
        for effect in receive(&mut state, id, event) {
            if let Effect::Submit(job) = effect
                && job.slot() == Slot::Gallery
            {
                state.submitted(300, job.slot(), job.title(), job.unit());
                galleries.extend(answers(*job));
            }
        }
    }
    let last = looks.last().unwrap();
    let mut classes: Vec<Class> = last.ranked.order.iter().map(|at| digits.labels()[*at as usize]).collect();
    classes.sort_unstable();
    classes.dedup();
    assert_eq!(classes.len(), 10, "some of every class");
    // A look that comes when everything is there is shown no more, nor one of other masks.
    for event in galleries {
        if let Event::Gallery(view) = &event {
            for index in &last.ranked.order {
                let [one, other] = [last, view].map(|view| &view.measures[*index as usize]);
                if one.passes == other.passes {
                    let [one, other] = [one, other].map(|measured| measured.predictive_entropy.to_bits());
                    assert_eq!(one, other, "image {index}");
                }
            }
            receive(&mut state, 300, event);
        }
    }
    let whole = state.shared.run.gallery.clone().unwrap();
    assert_eq!(whole.ranked.order.len(), 1_200);
    assert!(Arc::ptr_eq(state.shared.gallery_shown().unwrap(), &whole));
    assert_eq!(state.shared.first_look(), None);
    state.shared.settings.sweep.seed += 1;
    assert!(state.shared.is_of_another_run(&Event::FirstLook(Arc::clone(last))));
}

#[test]
fn a_network_is_opened_again_for_another_of_its_outputs() {
    let (mut state, _) = loaded();
    let mut model = graph();
    model.path = Some("net.onnx".into());
    state.submitted(50, Slot::Model, String::new(), "");
    receive(&mut state, 50, Event::ModelOpened(model));
    let effects = state.apply(Action::Run(RunAction::SetOutput("kind".to_owned())));
    let Some(Effect::Submit(job)) = effects.first() else { panic!("a job") };
    let Job::OpenModel(path, output) = &**job else { panic!("the network is opened") };
    assert_eq!((path.to_str(), output.as_deref()), (Some("net.onnx"), Some("kind")));
}
