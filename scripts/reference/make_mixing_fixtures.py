#!/usr/bin/env python3
"""Writes what timm and PyTorch make of mixed batches, their losses, loss scales and repeated samples.

    python make_mixing_fixtures.py OUT_DIR        (needs torch, timm, numpy and safetensors from PyPI)

    mixing.safetensors   images, labels, logits; for each case of timm's Mixup the numbers that it drew (`weights`, and
                         `boxes` as top, bottom, left, right, or -1 where it blended), the mixed images, its target, and
                         for each loss of timm that target's loss and the gradient of the logits
    boxes.json           the boxes that timm's rand_bbox makes of an image size, a weight and a centre
    loss_scale.json      the scales of torch.amp.GradScaler and the steps it skipped over a sequence of overflows
    repeats.json         the places that timm's RepeatAugSampler gives each rank, over a known order of the set
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
import any_torchvision  # noqa: E402, F401  (must stand before timm)
import numpy as np
import timm.data.mixup as mixup
import torch
from safetensors.torch import save_file
from timm.data.distributed_sampler import RepeatAugSampler
from timm.loss import BinaryCrossEntropy, SoftTargetCrossEntropy

BATCH, CLASSES = 8, 5
CASES = {
    "mixup_batch": dict(mixup_alpha=0.8, mode="batch"),
    "mixup_pair": dict(mixup_alpha=0.8, mode="pair"),
    "mixup_elem": dict(mixup_alpha=0.8, mode="elem"),
    "cutmix_batch": dict(mixup_alpha=0.0, cutmix_alpha=1.0, mode="batch"),
    "cutmix_pair": dict(mixup_alpha=0.0, cutmix_alpha=1.0, mode="pair"),
    "cutmix_elem": dict(mixup_alpha=0.0, cutmix_alpha=1.0, mode="elem"),
    "cutmix_drawn_weight": dict(mixup_alpha=0.0, cutmix_alpha=1.0, mode="elem", correct_lam=False),
    "minmax_elem": dict(mixup_alpha=0.0, cutmix_minmax=(0.2, 0.8), mode="elem"),
    "both_pair": dict(mixup_alpha=0.8, cutmix_alpha=1.0, mode="pair", prob=0.8),
    "both_elem": dict(mixup_alpha=0.8, cutmix_alpha=1.0, mode="elem", prob=0.8, switch_prob=0.5),
}
LOSSES = {
    "soft": lambda: SoftTargetCrossEntropy(),
    "binary": lambda: BinaryCrossEntropy(smoothing=0.1),
    "binary_threshold": lambda: BinaryCrossEntropy(smoothing=0.1, target_threshold=0.2),
    "binary_sum": lambda: BinaryCrossEntropy(smoothing=0.1, sum_classes=True),
}


def record_boxes(case, images):
    """Runs timm's Mixup and returns what it made, its target's weights and the box of each sample."""
    drawn = []
    original = mixup.cutmix_bbox_and_lam

    def recording(shape, lam, **kwargs):
        box, lam = original(shape, lam, **kwargs)
        drawn.append([int(side) for side in box])
        return box, lam

    weights = []
    target_of = mixup.mixup_target

    def recording_target(target, num_classes, lam=1.0, smoothing=0.0, multi_label=False):
        weights.append(lam)
        return target_of(target, num_classes, lam, smoothing, multi_label)

    use_cutmix = []
    batch_of, elem_of = mixup.Mixup._params_per_batch, mixup.Mixup._params_per_elem

    def recording_batch(self):
        lam, cut = batch_of(self)
        use_cutmix.append(np.full(BATCH, bool(cut) and lam != 1.0))
        return lam, cut

    def recording_elem(self, size):
        lam, cut = elem_of(self, size)
        use = np.asarray(cut) & (lam != 1.0)
        use_cutmix.append(np.concatenate((use, use[::-1])) if size < BATCH else use)
        return lam, cut

    mixup.cutmix_bbox_and_lam, mixup.mixup_target = recording, recording_target
    mixup.Mixup._params_per_batch, mixup.Mixup._params_per_elem = recording_batch, recording_elem
    try:
        fn = mixup.Mixup(**{"cutmix_alpha": 0.0, "num_classes": CLASSES, "label_smoothing": 0.1, **case})
        mixed, target = fn(images.clone(), LABELS)
    finally:
        mixup.cutmix_bbox_and_lam, mixup.mixup_target = original, target_of
        mixup.Mixup._params_per_batch, mixup.Mixup._params_per_elem = batch_of, elem_of
    lam = weights[0]
    lam = lam.flatten() if torch.is_tensor(lam) else torch.full((BATCH,), float(lam))
    boxes = torch.full((BATCH, 4), -1, dtype=torch.int64)
    cuts = use_cutmix[0]
    queue = list(drawn)
    for i in range(BATCH):
        if not cuts[i]:
            continue
        if case["mode"] == "batch":
            boxes[i] = torch.tensor(drawn[0])
        elif case["mode"] == "pair":
            if i < BATCH // 2:
                boxes[i] = boxes[BATCH - 1 - i] = torch.tensor(queue.pop(0))
        else:
            boxes[i] = torch.tensor(queue.pop(0))
    return mixed, target, lam.float(), boxes


def make_mixing(out):
    global LABELS
    generator = torch.Generator().manual_seed(3)
    images = torch.randn(BATCH, 3, 12, 10, generator=generator)
    LABELS = torch.randint(0, CLASSES, (BATCH,), generator=generator)
    logits = 3 * torch.randn(BATCH, CLASSES, generator=generator, dtype=torch.float64)
    tensors = {"images": images, "labels": LABELS, "logits": logits}
    for number, (name, case) in enumerate(CASES.items()):
        np.random.seed(100 + number)
        mixed, target, weights, boxes = record_boxes(case, images)
        tensors |= {
            f"{name}.images": mixed, f"{name}.target": target, f"{name}.weights": weights, f"{name}.boxes": boxes}
        for loss_name, make in LOSSES.items():
            x = logits.clone().requires_grad_(True)
            loss = make()(x, target.double())
            loss.backward()
            tensors |= {f"{name}.{loss_name}.loss": loss, f"{name}.{loss_name}.grad": x.grad}
    # Without mixing, timm smooths labels inside the loss.
    for loss_name in ("binary", "binary_threshold", "binary_sum"):
        x = logits.clone().requires_grad_(True)
        loss = LOSSES[loss_name]()(x, LABELS)
        loss.backward()
        tensors |= {f"plain.{loss_name}.loss": loss, f"plain.{loss_name}.grad": x.grad}
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, out / "mixing.safetensors")


def make_boxes(out):
    """Even and odd lengths, in the middle and cut off at each border."""
    cases, randint = [], np.random.randint
    for height, width in ((12, 10), (7, 9), (224, 224), (1, 3)):
        for weight in (0.0, 0.1, 0.25, 0.36, 0.5, 0.68, 0.9, 0.999, 1.0):
            for place in (0.0, 0.3, 0.5, 0.99):
                centre = [int(place * height), int((1 - place) * (width - 1))]
                queue = list(centre)
                np.random.randint = lambda low, high, size: queue.pop(0)
                top, bottom, left, right = mixup.rand_bbox((3, height, width), weight)
                cases.append([height, width, weight, *centre, *map(int, (top, bottom, left, right))])
    np.random.randint = randint
    (out / "boxes.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


def make_loss_scale(out):
    generator = torch.Generator().manual_seed(5)
    # Long good stretches, single overflows, and rows of them.
    overflows = [bool(b) for b in (torch.rand(300, generator=generator) < 0.12)] + [True] * 5 + [False] * 40
    runs = []
    for settings in (
        dict(init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5, growth_interval=7),
        dict(init_scale=8.0, growth_factor=1.5, backoff_factor=0.25, growth_interval=3),
    ):
        scaler = torch.amp.GradScaler("cpu", **settings)
        weight = torch.nn.Parameter(torch.ones(3))
        optimizer = torch.optim.SGD([weight], lr=0.125)
        scales, skipped = [], []
        for overflow in overflows:
            before = weight.detach().clone()
            optimizer.zero_grad()
            scaler.scale((weight * (float("inf") if overflow else 1.0)).sum()).backward()
            scaler.unscale_(optimizer)
            scaler.step(optimizer)
            scaler.update()
            skipped.append(bool(torch.equal(before, weight)))
            scales.append(scaler.get_scale())
        runs.append(dict(
            initial=settings["init_scale"], growth=settings["growth_factor"], backoff=settings["backoff_factor"],
            interval=settings["growth_interval"], overflows=overflows, scales=scales, skipped=skipped))
    (out / "loss_scale.json").write_text(json.dumps(runs, separators=(",", ":")) + "\n")


def make_repeats(out):
    cases = []
    for count, repeats, ranks in ((10, 3, 1), (10, 3, 2), (256, 3, 4), (300, 2, 1), (530, 3, 2), (600, 4, 4)):
        ranked = []
        for rank in range(ranks):
            sampler = RepeatAugSampler(range(count), num_replicas=ranks, rank=rank, num_repeats=repeats, shuffle=False)
            ranked.append(list(iter(sampler)))
        cases.append(dict(count=count, repeats=repeats, ranks=ranked))
    (out / "repeats.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    make_mixing(out)
    make_boxes(out)
    make_loss_scale(out)
    make_repeats(out)
    for name in ("mixing.safetensors", "boxes.json", "loss_scale.json", "repeats.json"):
        print(f"{(out / name).stat().st_size:9,} {name}")


if __name__ == "__main__":
    main()
