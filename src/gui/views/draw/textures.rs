//! Small pictures as textures, made when first shown and kept while they are shown.

use std::collections::HashMap;

use egui::{Color32, ColorImage, Context, TextureHandle, TextureId, TextureOptions};

use crate::data::ink::Plane;
use crate::data::{PIXELS, SIDE};

/// What a texture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum TextureKey {
    /// The drawing as the network sees it.
    Seen,
    /// The image under the strokes.
    Base,
    /// A digit found in a picture.
    Found(u64, usize),
    /// A kept digit.
    Kept(u64),
    /// Steps of reading a picture.
    Grey,
    /// Its ink on an even background.
    Flattened,
    /// What is above the threshold.
    Above,
}

struct Entry {
    stamp: u64,
    seen: u64,
    handle: TextureHandle,
}

/// The textures of the Draw tab.
#[derive(Default)]
pub(super) struct Textures {
    entries: HashMap<TextureKey, Entry>,
    frame: u64,
}

impl Textures {
    /// Begins a frame: textures that the last two frames did not show are freed.
    pub(super) fn begin_frame(&mut self) {
        self.frame += 1;
        let frame = self.frame;
        self.entries.retain(|_, entry| entry.seen + 2 >= frame);
    }

    /// The texture of a key, rebuilt when `stamp` has changed.
    pub(super) fn get(
        &mut self,
        context: &Context,
        key: TextureKey,
        stamp: u64,
        make: impl FnOnce() -> ColorImage,
    ) -> TextureId {
        let frame = self.frame;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.seen = frame;
            if entry.stamp != stamp {
                entry.stamp = stamp;
                entry.handle.set(make(), options(key));
            }
            return entry.handle.id();
        }
        let handle = context.load_texture(format!("{key:?}"), make(), options(key));
        let id = handle.id();
        self.entries.insert(key, Entry { stamp, seen: frame, handle });
        id
    }
}

/// The network's images show their pixels; pictures are smoothed.
fn options(key: TextureKey) -> TextureOptions {
    match key {
        TextureKey::Grey | TextureKey::Flattened | TextureKey::Above => TextureOptions::LINEAR,
        _ => TextureOptions::NEAREST,
    }
}

/// Ink as the opacity of white, so that tinting gives any colour of ink.
pub(super) fn ink(image: &[f32; PIXELS]) -> ColorImage {
    let alpha = |value: &f32| Color32::from_white_alpha((value * 255.0).round() as u8);
    ColorImage::new([SIDE, SIDE], image.iter().map(alpha).collect())
}

/// The same for grey levels.
pub(super) fn ink_bytes(image: &[u8]) -> ColorImage {
    let alpha = |pixel: usize| Color32::from_white_alpha(image.get(pixel).copied().unwrap_or(0));
    ColorImage::new([SIDE, SIDE], (0..PIXELS).map(alpha).collect())
}

/// Brightness of a plane, 0 black to 1 white.
pub(super) fn grey(plane: &Plane) -> ColorImage {
    let level = |value: &f32| Color32::from_gray((value.clamp(0.0, 1.0) * 255.0) as u8);
    ColorImage::new([plane.width, plane.height], plane.values.iter().map(level).collect())
}

/// White where a plane is above a threshold.
pub(super) fn above(plane: &Plane, threshold: f32) -> ColorImage {
    let level = |value: &f32| if *value > threshold { Color32::WHITE } else { Color32::BLACK };
    ColorImage::new([plane.width, plane.height], plane.values.iter().map(level).collect())
}
