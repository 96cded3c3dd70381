//! How long a user waits: for the first picture after the rate moves, the end of a job that is told to stop, another T,
//! one image, also while a network trains.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::Failure;
use crate::data::{Digits, PIXELS};
use crate::kernel::InstructionSet;
use crate::model::training::{TrainConfig, train};
use crate::model::{Lenet, Placement};
use crate::progress::unobserved;
use crate::sampling::{Network, Prefix, Samples, SweepConfig, SweepEvent, sample_image, sweep};

/// Each delay is taken so often.
const TIMES: usize = 15;

/// A delay in milliseconds.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Delay {
    pub(super) name: String,
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Delay {
    fn new(name: String, mut times: Vec<Duration>) -> Self {
        times.sort();
        let milliseconds = |at: usize| times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0);
        Self {
            name,
            median: milliseconds(times.len() / 2),
            min: milliseconds(0),
            max: milliseconds(times.len().saturating_sub(1)),
        }
    }
}

/// All delays, for the placement that is the default.
pub(super) fn delays(
    lenet: &Lenet,
    digits: &Digits,
    config: SweepConfig,
    set: InstructionSet,
) -> Result<Vec<Delay>, Failure> {
    let dense = Arc::new(Network::with_instructions(lenet.weights().clone(), Placement::Dense, set)?);
    let prefix = Prefix::compute(&dense, digits.into(), &mut unobserved)?.ok_or(Failure::Stopped)?;
    let none = || Samples::empty(digits.len(), &config);
    let images = digits.len();

    let first = repeat(|| {
        sweep(&prefix, &config, none(), &mut |event| match event {
            SweepEvent::Samples(_) => ControlFlow::Break(()),
            SweepEvent::Progress(_) => ControlFlow::Continue(()),
        })?;
        Ok(())
    })?;
    // The longest a stop waits to be noticed, and then the way out.
    let stop = (0..TIMES)
        .map(|_| {
            let (mut last, mut longest, mut told) = (Instant::now(), Duration::ZERO, None);
            let mut looks = 0;
            sweep(&prefix, &config, none(), &mut |_| {
                longest = longest.max(last.elapsed());
                last = Instant::now();
                looks += 1;
                if looks < 40 {
                    return ControlFlow::Continue(());
                }
                told.get_or_insert(last);
                ControlFlow::Break(())
            })?;
            Ok(longest + told.map_or(Duration::ZERO, |told| told.elapsed()))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let samples = sweep(&prefix, &config, none(), &mut |_| ControlFlow::Continue(()))?;
    // Of all T the one farthest from a checkpoint is unknown here: try many.
    let moved = (1..=TIMES)
        .map(|part| {
            let passes = (config.passes * part / TIMES).saturating_sub(1).max(1);
            let started = Instant::now();
            drop(samples.statistics(passes));
            started.elapsed()
        })
        .collect();
    drop(samples);

    let mut delays = vec![
        Delay::new(format!("first picture of {images} images"), first),
        Delay::new(format!("stop of a sweep of {images} images"), stop),
        Delay::new(format!("another T for {images} images"), moved),
    ];
    for placement in [Placement::Dense, Placement::All] {
        let network = Network::with_instructions(lenet.weights().clone(), placement, set)?;
        let way = format!("one image, {} passes", config.passes);
        delays.push(one_image(&network, digits, config, super::variants::name(placement, &way))?);
    }
    let training = Training::start(digits);
    let way = format!("one image, {} passes, while a network trains", config.passes);
    let while_training = one_image(&dense, digits, config, super::variants::name(Placement::Dense, &way));
    training.end();
    delays.push(while_training?);
    Ok(delays)
}

fn repeat(mut work: impl FnMut() -> Result<(), Failure>) -> Result<Vec<Duration>, Failure> {
    (0..TIMES)
        .map(|_| {
            let started = Instant::now();
            work()?;
            Ok(started.elapsed())
        })
        .collect()
}

/// One image as the window's live worker samples it: in a pool of its own.
fn one_image(
    network: &Network,
    digits: &Digits,
    config: SweepConfig,
    name: String,
) -> Result<Delay, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().build().map_err(std::io::Error::other)?;
    let image: [f32; PIXELS] = std::array::from_fn(|pixel| f32::from(digits.image(0)[pixel]) / 255.0);
    let mut times = Vec::new();
    for _ in 0..4 {
        times.extend(repeat(|| {
            pool.install(|| sample_image(network, &image, &config))?;
            Ok(())
        })?);
    }
    Ok(Delay::new(name, times))
}

/// A training in the background, until it is ended.
struct Training {
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Training {
    fn start(digits: &Digits) -> Self {
        let (stop, digits) = (Arc::new(AtomicBool::new(false)), digits.clone());
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let config = TrainConfig { epochs: 1000, ..TrainConfig::default() };
            // How far it came does not matter.
            let _ = train(&digits, &Digits::default(), &config, None, &mut |_| {
                if told.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        });
        thread::sleep(Duration::from_millis(200));
        Self { stop, thread }
    }

    fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        // It has nothing to say.
        let _ = self.thread.join();
    }
}
