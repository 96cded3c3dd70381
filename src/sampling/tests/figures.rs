//! What a sweep takes, in time and memory: measured on request, checked by nobody.

use super::*;

/// Figures for people: `cargo test --lib sampling::tests::figures -- --ignored --nocapture`, on a quiet machine.
#[test]
#[ignore = "measures, does not check"]
fn figures() {
    let images = 10_000;
    let pixels = pixels(images);
    for set in InstructionSet::available().into_iter().take(2) {
        for placement in PLACEMENTS {
            let network = Arc::new(Network::with_instructions(weights(500), placement, set).unwrap());
            let (prefix_time, prefix) = timed(|| {
                Prefix::compute(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap()
            });
            let (low, high) = match placement {
                Placement::Last => (100, 500),
                Placement::Dense => (10, 50),
                Placement::All => (4, 14),
            };
            let rate = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let runs = (0..if threads == 1 { 1 } else { 3 })
                    .map(|_| pool.install(|| run(&prefix, high).0 - run(&prefix, low).0));
                (images * (high - low)) as f64 / median(runs.collect()) / 1e3
            };
            let rates = [rate(1), rate(2)];
            let first = median((0..3).map(|_| run(&prefix, 5).1).collect());
            let pause = run(&prefix, high).2;
            let reference = TensorNetwork::new(&network).unwrap();
            let config = SweepConfig { passes: 2, ..SweepConfig::default() };
            let some = Pixels::Bytes(&pixels[..500 * PIXELS]);
            let naive = median((0..3).map(|_| timed(|| reference.naive(some, &config).unwrap()).0).collect());
            let naive = 1.0 / naive;
            let config = SweepConfig { passes: 10, ..SweepConfig::default() };
            let operations = 2.0 * multiplications(&network, &config, images) as f64 / (10 * images) as f64;
            println!(
                "{} {placement:?}: {:.0} GFLOP/s, {:.0}k image·passes/s ({:.0}k with one thread), {:.0} × candle naive ({naive:.1}k); \
                 prefix {:.0} ms, first picture {:.1} ms, longest without a look up {:.1} ms",
                set.name(),
                rates[1] * operations / 1e6,
                rates[1],
                rates[0],
                rates[1] / naive,
                prefix_time * 1e3,
                first * 1e3,
                pause * 1e3,
            );
            let one: Vec<f32> = pixels[..PIXELS].iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
            let sample = || {
                let one = sample_image(
                    &network,
                    <&[f32; PIXELS]>::try_from(&one[..]).unwrap(),
                    &SweepConfig::default(),
                )
                .unwrap();
                assert_eq!(one.statistics().passes, 100);
            };
            let one = median((0..30).map(|_| timed(sample).0).collect());
            println!("  one image, T = 100: {:.2} ms", one * 1e3);
            if placement == Placement::Last {
                let samples = run(&prefix, 1000).3;
                for passes in [1000, 999, 899, 199, 150, 99, 3] {
                    let statistics = || assert_eq!(samples.statistics(passes).len(), images);
                    let time = median((0..5).map(|_| timed(statistics).0).collect());
                    println!("  statistics({passes}) of 1000: {:.1} ms", time * 1e3);
                }
                println!("  {:.0} MB of samples", samples.bytes() as f64 / 1e6);
            }
        }
    }
}

/// Peak memory of one large sweep, alone in its process: as [`figures`], with `MEMORY_IMAGES` set.
#[test]
#[ignore = "measures, does not check"]
fn memory() {
    let images = std::env::var("MEMORY_IMAGES").ok().and_then(|images| images.parse().ok()).unwrap_or(10_000);
    let pixels = pixels(images);
    for placement in [Placement::Last, Placement::Dense] {
        let prefix = Prefix::compute(&network(500, placement), Pixels::Bytes(&pixels), &mut unobserved);
        let prefix = prefix.unwrap().unwrap();
        let config = SweepConfig { passes: 1000, ..SweepConfig::default() };
        let samples = sweep(&prefix, &config, Samples::empty(images, &config), &mut |event| {
            if let SweepEvent::Samples(samples) = event {
                assert_eq!(samples.statistics(samples.passes()).len(), images);
            }
            ControlFlow::Continue(())
        });
        match samples {
            Ok(samples) => assert_eq!(samples.statistics(999).len(), images),
            Err(error) => println!("{placement:?}: {error}"),
        }
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        println!("{placement:?}: {:?}", status.lines().find(|line| line.starts_with("VmHWM")));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = std::time::Instant::now();
    let result = work();
    (start.elapsed().as_secs_f64(), result)
}

/// Seconds of a sweep, seconds to the first picture, the longest time between two looks up, and the samples.
fn run(prefix: &Prefix, passes: usize) -> (f64, f64, f64, Samples) {
    let config = SweepConfig { passes, ..SweepConfig::default() };
    let start = std::time::Instant::now();
    let (mut first, mut last, mut pause) = (f64::INFINITY, start, 0.0_f64);
    let samples = sweep(prefix, &config, Samples::empty(prefix.images(), &config), &mut |event| {
        pause = pause.max(last.elapsed().as_secs_f64());
        if let SweepEvent::Samples(samples) = event
            && first.is_infinite()
        {
            assert_eq!(samples.statistics(samples.passes()).len(), prefix.images());
            first = start.elapsed().as_secs_f64();
        }
        last = std::time::Instant::now();
        ControlFlow::Continue(())
    })
    .unwrap();
    (start.elapsed().as_secs_f64(), first, pause.max(last.elapsed().as_secs_f64()), samples)
}
