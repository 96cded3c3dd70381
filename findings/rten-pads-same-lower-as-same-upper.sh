#!/usr/bin/env bash
# Guess, written down first: a runtime that reads auto_pad either pads SAME_LOWER at the beginning, as the standard says and
# onnxruntime does, or refuses it.
#
# Seen with rten 0.27.0, onnx 1.23.2 and onnxruntime 1.32.0: rten loads and runs it, and pads it as SAME_UPPER, at the end.
# Image 1 2 3 4, kernel 1 10: onnxruntime answers 10 21 32 43 to SAME_LOWER, rten 21 32 43 4, which is right for SAME_UPPER.
#
# It matters because nothing fails: a network exported with an even kernel or a stride of two sees each map moved by one,
# layer upon layer, and is merely wrong more often.
#
# Needs python3 with venv and pip, cargo, a network connection and some two minutes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$work/python/bin/python" - "$work" > "$work/reference" <<'PYTHON'
import sys
import numpy, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper

for padding in ("SAME_UPPER", "SAME_LOWER"):
    node = helper.make_node("Conv", ["image", "kernel"], ["sums"], auto_pad=padding, kernel_shape=[1, 2], strides=[1, 1])
    graph = helper.make_graph(
        [node],
        "pads",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 1, 4])],
        [helper.make_tensor_value_info("sums", TensorProto.FLOAT, [1, 1, 1, 4])],
        [numpy_helper.from_array(numpy.array([[[[1, 10]]]], dtype=numpy.float32), "kernel")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{sys.argv[1]}/{padding}.onnx")
    session = onnxruntime.InferenceSession(f"{sys.argv[1]}/{padding}.onnx", providers=["CPUExecutionProvider"])
    image = numpy.array([[[[1, 2, 3, 4]]]], dtype=numpy.float32)
    print(padding, *(f"{number:.0f}" for number in session.run(None, {"image": image})[0].ravel()))
PYTHON

mkdir -p "$work/pads/src"
cat > "$work/pads/Cargo.toml" <<'TOML'
[package]
name = "pads"
version = "0.0.0"
edition = "2024"

[dependencies]
rten = { version = "=0.27.0", default-features = false, features = ["onnx_format"] }
rten-tensor = "=0.27.0"
TOML
cat > "$work/pads/src/main.rs" <<'RUST'
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

fn main() {
    for padding in ["SAME_UPPER", "SAME_LOWER"] {
        let path = format!("{}/{padding}.onnx", std::env::args().nth(1).unwrap());
        let model = rten::Model::load_file(path).expect("it loads");
        let image = Tensor::from_data(&[1, 1, 1, 4], vec![1.0_f32, 2.0, 3.0, 4.0]);
        let sums: Tensor<f32> = model.run_one(image.view().into(), None).expect("it runs").try_into().unwrap();
        let told: Vec<String> = sums.iter().map(|number| format!("{number:.0}")).collect();
        println!("{padding} {}", told.join(" "));
    }
}
RUST
cargo run --quiet --release --manifest-path "$work/pads/Cargo.toml" -- "$work" > "$work/rten"

echo "onnxruntime 1.32.0:"; cat "$work/reference"
echo "rten 0.27.0:"; cat "$work/rten"
printf 'SAME_UPPER 21 32 43 4\nSAME_LOWER 10 21 32 43\n' | diff - "$work/reference"
printf 'SAME_UPPER 21 32 43 4\nSAME_LOWER 21 32 43 4\n' | diff - "$work/rten"
