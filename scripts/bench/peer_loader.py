"""Measures torchvision's loader on a folder of images, with the crop, flip and normalisation that `vitrail bench --mode
loader` does, and prints one JSON line.

peer_loader.py --data DIR [--workers W] [--batch-size B] [--seconds S] [--rand-augment]
"""

import argparse
import json
import time

import any_torchvision  # noqa: F401
import torch
import torchvision
from torchvision import transforms


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rand-augment", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    steps = [
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ]
    if arguments.rand_augment:
        steps.insert(2, transforms.RandAugment())
    folder = torchvision.datasets.ImageFolder(arguments.data, transforms.Compose(steps))
    loader = torch.utils.data.DataLoader(
        folder, arguments.batch_size, shuffle=True, num_workers=arguments.workers, persistent_workers=True
    )
    # The first epoch starts the processes and fills the page cache.
    for _ in loader:
        pass
    count = 0
    start = time.perf_counter()
    while time.perf_counter() - start < arguments.seconds:
        for images, _ in loader:
            count += len(images)
    seconds = time.perf_counter() - start
    print(json.dumps({"images_per_second": count / seconds, "torchvision": torchvision.__version__}))


if __name__ == "__main__":
    main()
