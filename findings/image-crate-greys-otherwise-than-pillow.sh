#!/usr/bin/env bash
# image 0.25.10 (Rust) beside Pillow 12.0.0: the same colour becomes another grey.
#
# Guess beforehand: `to_luma8` weights red, green and blue as Pillow's `convert("L")` does, by 0.299, 0.587 and 0.114
# (Rec. 601); torchvision's Grayscale and OpenCV do so too, and nothing in the name says otherwise. At most the rounding
# differs.
#
# Seen: it weights them by 0.2126, 0.7152 and 0.0722 (Rec. 709). Pure red is 54 instead of 76, pure blue 18 instead of
# 29. A network trained on greys of torchvision, run in Rust on pictures that this crate made grey, sees other images
# than it learnt, most where colours are strong. Output seen:
#
#              red green  blue  skin
#     image     54   182    18   187
#     Pillow    76   150    29   190
#
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "grey"
version = "0.1.0"
edition = "2021"

[dependencies]
image = { version = "=0.25.10", default-features = false }
TOML
cat > "$folder/src/main.rs" <<'RUST'
use image::{DynamicImage, Rgb, RgbImage};

fn main() {
    for colour in [[255, 0, 0], [0, 255, 0], [0, 0, 255], [224, 180, 150]] {
        let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(1, 1, Rgb(colour)));
        println!("{}", picture.to_luma8().get_pixel(0, 0)[0]);
    }
}
RUST
cargo run --quiet --manifest-path "$folder/Cargo.toml" > "$folder/greys"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==12.0.0
"$folder/venv/bin/python" - "$folder/greys" <<'PYTHON'
import sys
from PIL import Image

rust = [int(line) for line in open(sys.argv[1])]
colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (224, 180, 150)]
pillow = [Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0)) for colour in colours]
print("         red green  blue  skin")
print("image ", *(f"{grey:5}" for grey in rust))
print("Pillow", *(f"{grey:5}" for grey in pillow))
assert rust[:3] == [54, 182, 18] and pillow[:3] == [76, 150, 29], "no longer so"
PYTHON
