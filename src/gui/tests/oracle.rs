//! What the window must show: everything computed again from the dataset and the network that a key names.

use crate::sampling::MaskDesign;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::world::World;
use crate::data::Digits;
use crate::data::ink::Sheet;
use crate::progress::unobserved;
use crate::sampling::{self, NetworkKey, Pairing, Prefix, RunKey, Samples, SweepConfig, sample_image, sweep};
use crate::shown::subject::Origin;
use crate::shown::{Asked, GalleryView, Limits, OpenedModel, Seen, drawn::look, gallery};
use crate::uncertainty::explanation::patch_maps;
use crate::uncertainty::label_suspicion::suspect;
use crate::uncertainty::quality::{LabelledRun, Metric, deterministic};
use crate::uncertainty::{Measures, measure_all};

/// Samples of a run from its beginning.
fn sampled(model: &OpenedModel, digits: &Digits, config: &SweepConfig) -> Samples {
    let network = model.network().unwrap();
    let prefix = Prefix::of(&network, digits, &mut unobserved).unwrap().unwrap();
    let none = Samples::empty(digits.len(), config);
    sweep(&prefix, config, none, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn config(key: RunKey, passes: usize) -> SweepConfig {
    SweepConfig { passes, dropout: key.dropout, seed: key.seed, masks: key.masks }
}

/// Measures written out: an error that is not known is NaN, which equals nothing.
fn written(measures: &impl std::fmt::Debug) -> String {
    format!("{measures:?}")
}

/// Whether all that the gallery shows is a fresh run's.
fn gallery_is_fresh(world: &World, view: &GalleryView) {
    let digits = world.dataset(view.key.pairing);
    let samples =
        sampled(world.network(view.key.pairing.network), digits, &config(view.key, view.sampled.passes));
    let limits = Limits { only: view.only.clone(), region: None };
    let fresh = gallery(&samples, digits, view.query, limits, (None, None)).unwrap();
    assert!(written(&fresh.measures) == written(&view.measures), "measures of another run");
    assert_eq!(fresh.ranked, view.ranked, "an order of another run");
    assert_eq!((&fresh.counts, fresh.accuracy), (&view.counts, view.accuracy));
    assert_eq!(
        (view.sampled.dropout.to_bits(), view.sampled.seed),
        (view.key.dropout.to_bits(), view.key.seed),
        "a gallery under another name"
    );
}

/// Hands on what a network says of a drawing when it is asked anew.
fn drawing_is_fresh(
    world: &World,
    sheet: &Sheet,
    network: NetworkKey,
    config: SweepConfig,
    compare: impl Fn(Option<Seen>),
) {
    let asked = Asked { model: world.network(network).clone(), config };
    compare(look(sheet.clone(), 0, &asked).unwrap().seen);
}

/// Compares all that is shown with a fresh run of its key, and its key with what is open.
pub(super) fn check(world: &World) {
    let (shared, panels) = (&world.state.shared, &world.state.panels);
    let Some(dataset) = &shared.dataset else {
        assert!(shared.run.gallery.is_none() && shared.run.samples.is_none());
        return;
    };
    let (digits, open) = (&*dataset.digits, shared.model.key());
    let now = Pairing { dataset: digits.hash(), network: open };
    let asked = shared.settings.sweep;
    if let Some(samples) = &shared.run.samples {
        // All that is computed later is computed from these.
        let key = samples.key().expect("kept samples are of some run");
        assert_eq!(key.pairing, now, "samples of another network or dataset");
        let fresh = sampled(&shared.model, digits, &config(key, samples.passes()));
        assert_eq!(fresh.statistics(samples.passes()), samples.statistics(samples.passes()));
    }
    if let Some(view) = &shared.run.gallery {
        assert_eq!(view.key.pairing.dataset, digits.hash(), "a gallery of other images");
        gallery_is_fresh(world, view);
        if !shared.is_stale() {
            assert_eq!(view.key, RunKey::new(now, &asked));
        }
    }
    if let Some(view) = panels.inspector.view.as_ref()
        && let Origin::Dataset(index) = view.origin
    {
        let key = view.key.expect("an image of the dataset is of a run");
        assert_eq!(key.pairing.dataset, digits.hash(), "an image of another dataset");
        let fresh = sampled(world.network(key.pairing.network), digits, &config(key, view.sampled.passes));
        assert_eq!(fresh.image(index as usize), view.probabilities, "passes of another run");
    }
    if let Some(view) = &panels.quality.view {
        let key = view.key.run;
        assert_eq!(key.pairing.dataset, digits.hash(), "numbers of other images");
        let model = world.network(key.pairing.network);
        let fresh = sampled(model, digits, &config(key, view.key.sampled.passes));
        let statistics = fresh.statistics(view.key.sampled.passes);
        let mut measures: Vec<_> = statistics.iter().map(Measures::new).collect();
        suspect(&mut measures, digits.labels(), &[]);
        assert!(written(&*view.measures) == written(&measures), "numbers of another run");
        let plain = sampling::deterministic(&model.network().unwrap(), digits.into(), &mut unobserved);
        // One pass has no standard errors: they are no numbers, and equal to nothing.
        let (plain, means) = (plain.unwrap().unwrap(), |measures: &Measures| measures.mean.map(f32::to_bits));
        let same = view.plain.iter().map(means).eq(deterministic(&plain.logits).iter().map(means));
        assert!(same, "another network without dropout");
    }
    if let Some(view) = &panels.quality.over_dropout.view {
        let key = &view.key;
        assert_eq!(key.pairing.dataset, digits.hash(), "quality over p of other images");
        let config =
            SweepConfig { passes: key.passes, dropout: 0.2, seed: key.seed, masks: MaskDesign::Independent };
        let fresh = sampled(world.network(key.pairing.network), digits, &config);
        let run = LabelledRun::new(&measure_all(&fresh, key.passes), digits.labels());
        let shown = view.found.at(Some(0.2)).and_then(|at| at.number(Metric::Nll));
        assert_eq!(
            shown.map(|nll| nll.value),
            Some(run.all().get(Metric::Nll)),
            "quality over p of another run"
        );
    }
    if let Some(view) = &panels.subnetwork.view {
        assert_eq!(view.key.pairing.dataset, digits.hash(), "votes on other images");
        let fresh =
            sampled(world.network(view.key.pairing.network), digits, &config(view.key, view.pass + 1));
        assert_eq!(view.votes, fresh.votes_of_pass(view.pass), "votes of another run");
    }
    if let Some(view) = &panels.explain.view {
        let network = world.network(view.key.network).network().unwrap();
        let map = SweepConfig { passes: view.map_passes, ..view.key.sampled };
        let fresh = patch_maps(&network, &*view.key.subject.pixels, view.maps.grid, &map, &mut unobserved);
        let fresh = fresh.unwrap().unwrap().measures;
        assert!(written(&fresh) == written(&view.maps.measures), "an explanation by another run");
        if let Origin::Dataset(index) = view.key.subject.origin {
            let pixels = crate::data::kept::to_numbers(&digits.image(index as usize));
            let shown = view.key.subject.pixels.map(f32::to_bits);
            assert_eq!(shown, pixels.map(f32::to_bits), "an explanation of an image that is gone");
        }
    }
    if let Some(view) = &shared.sights.drawn {
        drawing_is_fresh(world, &view.sheet, view.network, view.sampled, |seen| {
            let shown = view.seen.as_ref().map(|s| s.measures.clone());
            assert!(written(&seen.map(|s| s.measures)) == written(&shown), "another drawing's");
        });
    }
    let drawing = &panels.draw;
    for moment in &drawing.history {
        let (network, sampled) = drawing.history_of.expect("moments are of some run");
        let base = |sheet: &Sheet| sheet.base.as_ref().map(Arc::as_ptr);
        assert_eq!(base(&moment.sheet), base(&drawing.page.sheet), "a moment of another drawing");
        drawing_is_fresh(world, &moment.sheet, network, sampled, |seen| {
            let fresh = seen.map(|s| s.measures.predictive_entropy);
            assert_eq!(fresh, moment.entropy.map(|[entropy, _]| entropy), "a moment of another run");
        });
    }
    if let Some(view) = &panels.rotate.view {
        let key = &view.key;
        assert_eq!(key.network.parameters, world.network(key.network).key().parameters);
        if let Some(step) = view.steps.first() {
            let network = world.network(key.network).network().unwrap();
            let fresh = sample_image(&network, &step.image, &key.sampled).unwrap();
            assert_eq!(fresh.probabilities(), step.probabilities, "a course of another run");
        }
    }
}

/// Once all has arrived, what is asked for is what is shown.
pub(super) fn check_settled(world: &World) {
    let shared = &world.state.shared;
    let jobs: Vec<_> = shared.jobs.iter().map(|job| job.title.clone()).collect();
    assert!(jobs.is_empty(), "{jobs:?} never end");
    let dataset = shared.dataset.as_ref().unwrap_or_else(|| panic!("no images: {:?}", shared.load_error));
    assert!(!shared.is_stale(), "all has arrived, and the gallery is stale");
    let view = shared.run.gallery.as_ref().expect("a gallery");
    assert_eq!(view.query.passes, 7);
    assert_eq!(view.key, RunKey::new(shared.model.pairing(&dataset.digits), &shared.settings.sweep));
}
