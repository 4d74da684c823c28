"""`python -m bench.mrz.training`: the weights of the reader, trained anew from seeds. Needs torch; nothing else does.

Makes its samples as it goes; 4,000 steps of each network take some hours on one core, nearly all of it drawing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.mrz.samples import IGNORED, page, strips
from portal.adapters.mrz_reader.networks import BLANK, READER, WEIGHTS

READER_DEPTHS = (
    (1, 20, 5),
    (20, 40, 3),
    (40, 64, 3),
    (64, 96, 3),
    (96, 192, (4, 3)),
    (192, 160, (1, 5)),
    (160, 128, (1, 3)),
)
LOCATOR_DEPTHS = ((1, 12), (12, 24), (24, 48), (48, 48), (48, 48), (48, 48), (48, 24), (48, 24))
BATCH = {"reader": 32, "locator": 4}


class Reader(nn.Module):
    """Which symbol stands where in a strip; `networks.read` says the same."""

    def __init__(self) -> None:
        super().__init__()
        layers = zip(READER_DEPTHS, READER, strict=True)
        self.layers = nn.ModuleList([nn.Conv2d(*depths, stride, margin) for depths, (stride, margin) in layers])
        self.norms = nn.ModuleList([nn.BatchNorm2d(layer.out_channels) for layer in self.layers])
        self.last = nn.Conv2d(READER_DEPTHS[-1][1], BLANK + 1, 1)

    def forward(self, strip: Tensor) -> Tensor:
        for layer, norm in zip(self.layers, self.norms, strict=True):
            strip = functional.relu(norm(layer(strip)))
        return self.last(functional.dropout(strip, 0.1, self.training))[:, :, 0]

    def loss(self, strip: Tensor, answers: Tensor) -> Tensor:
        return functional.cross_entropy(self(strip), answers, ignore_index=IGNORED)


class Locator(nn.Module):
    """Where a zone and the hearts of its lines are on a page; `networks.mark` says the same."""

    def __init__(self) -> None:
        super().__init__()
        spread = (1, 1, 1, 1, 2, 4, 0, 1)
        self.layers = nn.ModuleList(
            nn.Conv2d(*depths, 3 if far else 1, 2 if number < 3 else 1, far, max(far, 1))
            for number, (depths, far) in enumerate(zip(LOCATOR_DEPTHS, spread, strict=True))
        )
        self.norms = nn.ModuleList([nn.BatchNorm2d(layer.out_channels) for layer in self.layers])
        self.last = nn.Conv2d(LOCATOR_DEPTHS[-1][1], 2, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        def through(number: int, given: Tensor) -> Tensor:
            return functional.relu(self.norms[number](self.layers[number](given)))

        fine = through(1, through(0, pixels))
        coarse = through(2, fine)
        for number in (3, 4, 5):
            coarse = coarse + through(number, coarse)
        coarse = through(6, coarse).repeat_interleave(2, 2).repeat_interleave(2, 3)
        return self.last(through(7, torch.cat([coarse[:, :, : fine.shape[2], : fine.shape[3]], fine], 1)))

    def loss(self, pixels: Tensor, marks: Tensor) -> Tensor:
        seen = self(pixels)
        overlap = 2 * (seen.sigmoid() * marks).sum((2, 3)) + 1
        dice = 1 - overlap / (seen.sigmoid().sum((2, 3)) + marks.sum((2, 3)) + 1)
        return 2 * functional.binary_cross_entropy_with_logits(seen, marks) + dice.mean()


def train(network: Reader | Locator, samples: Iterator[tuple[Tensor, Tensor]], steps: int) -> None:
    """Fit a network to batches of samples."""
    choice = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-3)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(choice, steps)
    for step, (given, wanted) in zip(range(steps), samples, strict=False):
        loss = network.loss(given, wanted)
        choice.zero_grad()
        loss.backward()
        choice.step()
        slower.step()
        if step % 50 == 0:
            print(type(network).__name__, step, round(loss.item(), 4), flush=True)


def reader_batches(fonts: list[Path], seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Strips, a little lighter, darker and noisier than they were cut."""
    rng = np.random.default_rng(seed)
    made = (strip for number in count(seed * 10**6) for strip in strips(number, fonts))
    while True:
        batch = [next(made) for _ in range(BATCH["reader"])]
        given = np.stack([one for one, _ in batch])[:, None] * rng.uniform(0.7, 1.3, (len(batch), 1, 1, 1))
        given = given + rng.normal(0, rng.uniform(0, 0.2), given.shape)
        yield torch.tensor(given, dtype=torch.float32), torch.tensor(np.stack([answers for _, answers in batch]))


def locator_batches(fonts: list[Path], seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Pages of one height, upright or from their side."""
    rng = np.random.default_rng(seed)
    made = (page(number, fonts) for number in count(seed * 10**6))
    while True:
        batch = [next(made) for _ in range(BATCH["locator"])]
        high = min(pixels.shape[0] for pixels, _ in batch) // 8 * 8
        given = np.stack([pixels[:high] for pixels, _ in batch])[:, None].astype(np.float32)
        marks = np.stack([one[:, : high // 4] for _, one in batch])
        given = (given - given.mean((1, 2, 3), keepdims=True)) / (given.std((1, 2, 3), keepdims=True) + 8)
        turns = int(rng.integers(4))
        yield (
            torch.tensor(np.rot90(given, turns, (2, 3)).copy(), dtype=torch.float32),
            torch.tensor(np.rot90(marks, turns, (2, 3)).copy(), dtype=torch.float32),
        )


def weights(reader: Reader, locator: Locator) -> dict[str, np.ndarray]:
    """Both networks for `networks`: the norms folded into the layers, in half precision."""
    kept = {}
    for letter, first, network in (("r", 0, reader), ("l", 1, locator)):
        for number, (layer, norm) in enumerate(zip(network.layers, network.norms, strict=True), start=first):
            scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            kept[f"{letter}{number}_w"] = (layer.weight * scale[:, None, None, None]).detach().numpy()
            kept[f"{letter}{number}_b"] = ((layer.bias - norm.running_mean) * scale + norm.bias).detach().numpy()
        kept[f"{letter}_out_w"] = network.last.weight.detach().numpy()
        kept[f"{letter}_out_b"] = network.last.bias.detach().numpy()
    return {name: value.astype(np.float16 if name.endswith("_w") else np.float32) for name, value in kept.items()}


def main() -> None:
    """Train both networks with the fonts in a folder and write their weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fonts", type=Path, help="Folder with fonts of one width, *.ttf and *.otf.")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    fonts = sorted([*options.fonts.glob("*.ttf"), *options.fonts.glob("*.otf")])
    reader, locator = Reader(), Locator()
    train(reader, reader_batches(fonts, options.seed), options.steps)
    train(locator, locator_batches(fonts, options.seed), options.steps)
    np.savez_compressed(options.out, **weights(reader.eval(), locator.eval()))


if __name__ == "__main__":
    main()
