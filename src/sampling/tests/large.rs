//! Images, passes or classes that are too much for memory: the same numbers by other ways.

use super::classes::COUNTS;
use super::kept::Place;
use super::sweep::sweep_keeping;
use super::*;
use crate::data::filed::{Filed, ImageReader};
use crate::data::images::ImageShape;
use crate::data::{Classes, Digits};

/// Images that can be read up to one of them, as those of a file that has become shorter.
#[derive(Debug)]
struct Readable {
    pixels: Vec<u8>,
    until: usize,
}

impl ImageReader for Readable {
    fn read(&self, first: usize, shape: ImageShape, out: &mut [u8]) -> Result<(), String> {
        assert_eq!(shape, ImageShape::MNIST);
        if first + out.len() / PIXELS > self.until {
            return Err("images.bin: has become shorter (open it again)".to_owned());
        }
        out.copy_from_slice(&self.pixels[first * PIXELS..][..out.len()]);
        Ok(())
    }
}

fn filed(pixels: &[u8], until: usize) -> Digits {
    let images = pixels.len() / PIXELS;
    let readable = Readable { pixels: pixels.to_vec(), until };
    Digits::in_file(Filed::new(Box::new(readable), images), vec![1; images], Classes::digits()).unwrap()
}

/// The passes drawn with nothing held: activations computed anew, passes on the disk, no sums.
fn drawn_from_disk(network: &Arc<Network>, digits: &Digits, config: &SweepConfig) -> Samples {
    let prefix = Prefix::holding(network, digits, 0, &mut unobserved).unwrap().unwrap();
    assert!(!prefix.is_held() && prefix.bytes() == 0);
    let none = Samples::empty(digits.len(), config).without_sums();
    let go_on = &mut |_: SweepEvent| ControlFlow::Continue(());
    // In two goes: what was drawn is added to.
    let some = SweepConfig { passes: config.passes / 2, ..*config };
    let half = sweep_keeping(&prefix, &some, none, &Place::disk(false).unwrap(), go_on).unwrap();
    sweep_keeping(&prefix, config, half, &Place::disk(false).unwrap(), go_on).unwrap()
}

fn assert_same(held: &Samples, from_disk: &Samples) {
    assert_eq!(held.passes(), from_disk.passes());
    for passes in [0, 1, 4, held.passes() - 1, held.passes()] {
        assert_eq!(held.statistics(passes), from_disk.statistics(passes), "T = {passes}");
    }
    let mut reader = from_disk.reader();
    for image in (0..held.images()).step_by(held.images() / 40 + 1) {
        assert_eq!(held.image(image), from_disk.image(image));
        assert_eq!(held.image(image), reader.image(image));
        assert_eq!(held.prefixes(image), from_disk.prefixes(image));
    }
    for pass in 0..held.passes() {
        assert_eq!(held.votes_of_pass(pass), from_disk.votes_of_pass(pass), "pass {pass}");
    }
    assert!(from_disk.check_readable().is_ok());
}

#[test]
fn passes_on_the_disk_are_those_in_memory() {
    let pixels = pixels(150);
    let digits = filed(&pixels, 150);
    let held = Digits::new(pixels, vec![1; 150]).unwrap();
    assert_eq!(digits, held, "the same images, wherever they are");
    let config = SweepConfig { passes: 9, ..SweepConfig::default() };
    for placement in PLACEMENTS {
        for classes in COUNTS {
            let network = Arc::new(Network::new(weights_of(21, classes), placement).unwrap());
            let in_memory = sampled(&network, Pixels::from(&held), &config);
            assert_same(&in_memory, &drawn_from_disk(&network, &digits, &config));
        }
    }
}

#[test]
fn images_of_several_stretches_follow_each_other() {
    // More than one stretch of 16,384, and a block that is not full.
    let one = pixels(70);
    let pixels: Vec<u8> = one.iter().copied().cycle().take(16_500 * PIXELS).collect();
    let digits = Digits::new(pixels, vec![1; 16_500]).unwrap();
    let network = network(8, Placement::Dense);
    let config = SweepConfig { passes: 6, ..SweepConfig::default() };
    let in_memory = sampled(&network, Pixels::from(&digits), &config);
    assert_same(&in_memory, &drawn_from_disk(&network, &digits, &config));
}

#[test]
fn a_sweep_from_the_disk_stops_when_told_to_and_loses_nothing() {
    let digits = Digits::new(pixels(150), vec![1; 150]).unwrap();
    let network = network(8, Placement::Dense);
    let prefix = Prefix::holding(&network, &digits, 0, &mut unobserved).unwrap().unwrap();
    let config = SweepConfig { passes: 30, ..SweepConfig::default() };
    let mut seen = 0;
    let none = Samples::empty(150, &config).without_sums();
    let stopped =
        sweep_keeping(&prefix, &config, none, &Place::disk(false).unwrap(), &mut |event| match event {
            SweepEvent::Samples(samples) => {
                seen = samples.passes();
                ControlFlow::Break(())
            }
            SweepEvent::Progress(_) => ControlFlow::Continue(()),
        });
    let stopped = stopped.unwrap();
    assert!(seen > 0 && stopped.passes() == seen);
    let whole = sampled(&network, Pixels::from(&digits), &config);
    assert_eq!(stopped.statistics(seen), whole.statistics(seen));
}

#[test]
fn images_that_cannot_be_read_any_more_are_an_error_and_no_numbers() {
    let digits = filed(&pixels(150), 140);
    let network = network(8, Placement::Dense);
    let said = |error: SamplingError| error.to_string();
    let held = Prefix::of(&network, &digits, &mut unobserved);
    assert!(said(held.unwrap_err()).contains("has become shorter"));
    // A hash that was computed of blank images would be of others: here it is asked for before they are lost.
    let digits = filed(&pixels(150), 150);
    let _ = digits.hash();
    let prefix = Prefix::holding(&network, &digits, 0, &mut unobserved).unwrap().unwrap();
    assert!(prefix.rows(0..1, &mut |_| ControlFlow::Continue(())).is_ok());
    let lost = filed(&pixels(150), 140);
    let prefix = Prefix::holding(&network, &lost, 0, &mut unobserved);
    let prefix = prefix.and_then(|prefix| {
        let config = SweepConfig::default();
        let none = Samples::empty(150, &config);
        sweep_keeping(&prefix.unwrap(), &config, none, &Place::disk(false).unwrap(), &mut |_| {
            ControlFlow::Continue(())
        })
    });
    assert!(said(prefix.unwrap_err()).contains("has become shorter"));
    assert!(lost.failure().is_some() && lost.blocks().any(|block| block.is_err()));
    assert!(lost.image(145).iter().all(|grey| *grey == 0), "blank");
}

#[test]
fn more_than_the_disk_may_take_is_refused_with_what_would_fit() {
    let digits = Digits::new(pixels(64), vec![1; 64]).unwrap();
    let network = network(8, Placement::Dense);
    let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
    let config = SweepConfig { passes: 20_000_000, ..SweepConfig::default() };
    let none = Samples::empty(64, &config);
    let refused = sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(())).unwrap_err();
    // 64 images of ten classes take 1,280 bytes a pass.
    assert!(matches!(refused, SamplingError::Limit { most: 15_625_000, .. }), "{refused}");
    assert!(refused.to_string().contains("25.6 GB on the disk"), "{refused}");
}
