#!/usr/bin/env python3
"""The same work in PyTorch on the CPU as `dubito bench --model FILE --data FILE` does: makes the networks and the images,
exports them, and times T passes over all images, run whole and with everything before the first dropout computed once.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install numpy onnx onnxscript torch
    /tmp/peer/bin/python tests/peers/graphs_torch.py make /tmp/graphs
    /tmp/peer/bin/python tests/peers/graphs_torch.py time /tmp/graphs resnet18 --threads 2
    dubito bench --model /tmp/graphs/resnet18.onnx --data /tmp/graphs/images.npz --input cifar10

`time FOLDER fashion --images 10000` times a network of grey images with dropout by channels after its second pool, of random
weights over random pixels, for its time does not depend on them.

Weights are trained for a few steps only, so that running statistics and answers are those of some network. Times of the
passes that are run whole are measured on a few and are proportional to their number. Prints one JSON line. Run it
alternating with the program it is compared to, nothing else running.
"""
import argparse
import json
import os
import time

import numpy as np
import torch
from torch import nn

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.c1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.b1 = nn.BatchNorm2d(outputs)
        self.c2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.b2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.past = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.b2(self.c2(torch.relu(self.b1(self.c1(x)))))
        return torch.relu(y + self.past(x))


class ResNet18(nn.Module):
    """With CIFAR's stem, and dropout before the last layer."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        shapes = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
        self.body = nn.Sequential(*(Block(*shape) for shape in shapes))
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(512, 10))

    def prefix(self, x):
        return self.body(self.stem(x)).mean((2, 3))

    def forward(self, x):
        return self.head(self.prefix(x))


class Vgg11(nn.Module):
    """With two dropouts in its head."""

    def __init__(self):
        super().__init__()
        layers, inputs = [], 3
        for outputs in [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0]:
            layers += [nn.Conv2d(inputs, outputs, 3, 1, 1), nn.ReLU()] if outputs else [nn.MaxPool2d(2)]
            inputs = outputs or inputs
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.5), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))

    def prefix(self, x):
        return self.body(x).flatten(1)

    def forward(self, x):
        return self.head(self.prefix(x))


class FashionNet(nn.Module):
    """Of grey images, with dropout by channels after its second pool, and two dropouts in its head."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Sequential(
            nn.Dropout2d(0.2), nn.Flatten(), nn.Dropout(0.25), nn.Linear(1568, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))

    def prefix(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.prefix(x))


NETWORKS = {"resnet18": ResNet18, "vgg11": Vgg11}
TIMED = NETWORKS | {"fashion": FashionNet}


def images(folder):
    raw = np.load(os.path.join(folder, "images.npz"))
    x = torch.from_numpy(raw["x_test"]).permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    return x.contiguous(), torch.from_numpy(raw["y_test"])


def make(a):
    os.makedirs(a.folder, exist_ok=True)
    random = np.random.default_rng(3)
    labels = random.integers(0, 10, a.images)
    patterns = np.kron(random.integers(0, 256, (10, 8, 8, 3)), np.ones((1, 4, 4, 1)))
    pixels = patterns[labels] + random.normal(0, 40, (a.images, 32, 32, 3))
    np.savez(os.path.join(a.folder, "images.npz"), x_test=np.clip(pixels, 0, 255).astype(np.uint8), y_test=labels)
    x, y = images(a.folder)
    for name, network in NETWORKS.items():
        torch.manual_seed(1)
        network = network().train()
        optimiser = torch.optim.Adam(network.parameters(), 1e-3 if name == "resnet18" else 2e-4)
        for _ in range(40):
            some = torch.randint(0, len(x), (32,))
            loss = nn.functional.cross_entropy(network(x[some]), y[some])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        torch.save(network.state_dict(), os.path.join(a.folder, f"{name}.pt"))
        torch.onnx.export(network, (x[:1],), os.path.join(a.folder, f"{name}.onnx"), dynamo=True)


def timed(a):
    network = TIMED[a.network]()
    if a.network == "fashion":
        x, y = torch.rand(a.images, 1, 28, 28), torch.zeros(a.images)
    else:
        network.load_state_dict(torch.load(os.path.join(a.folder, f"{a.network}.pt")))
        x, y = images(a.folder)
        x, y = x[: a.images], y[: a.images]
    network.eval()
    network.head.train()
    total = torch.zeros(len(x), 10)
    with torch.inference_mode():
        network(x[: a.batch])
        start = time.perf_counter()
        kept = torch.cat([network.prefix(part) for part in x.split(a.batch)])
        prefix = time.perf_counter() - start
        for _ in range(a.passes):
            total += torch.cat([network.head(part) for part in kept.split(a.batch)]).softmax(1)
        cached = time.perf_counter() - start
        start = time.perf_counter()
        for _ in range(a.whole):
            torch.cat([network(part) for part in x.split(a.batch)]).softmax(1)
        whole = (time.perf_counter() - start) / a.whole * a.passes
    right = (total.argmax(1) == y).float().mean().item()
    print(json.dumps({
        "network": a.network, "images": len(x), "passes": a.passes, "prefix_s": round(prefix, 3), "cached_s": round(cached, 3),
        "whole_s": round(whole, 1), "accuracy": round(right, 4), "threads": torch.get_num_threads(),
    }))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("command", choices=["make", "time"])
    p.add_argument("folder")
    p.add_argument("network", nargs="?", choices=list(TIMED), default="resnet18")
    p.add_argument("--images", type=int, default=2000)
    p.add_argument("--passes", type=int, default=100)
    p.add_argument("--whole", type=int, default=1, help="passes that are run whole")
    p.add_argument("--batch", type=int, default=100)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    make(a) if a.command == "make" else timed(a)


if __name__ == "__main__":
    main()
