"""Measures timm on PyTorch the way `vitrail bench` measures Vitrail, and prints one JSON line.

peer_timm.py --mode train|infer|latency --model NAME --batch-size B --precision float32|bf16 [--num-classes N]
             [--threads T] [--seconds S]
A train step is forward, cross-entropy, backward and an SGD step with momentum on one fixed synthetic batch; inference is
a forward pass in evaluation mode without gradients; latency is the same with one image, in milliseconds.
"""

import argparse
import json
import os
import statistics
import time

import any_torchvision  # noqa: F401
import timm
import torch


def step_function(arguments, model, images, labels):
    def autocast():
        return torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bf16")

    if arguments.mode != "train":
        model.eval()

        def infer():
            with torch.inference_mode(), autocast():
                model(images)

        return infer

    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)

    def train():
        with autocast():
            loss = torch.nn.functional.cross_entropy(model(images).float(), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return train


def measure(step, seconds):
    for _ in range(3):
        step()
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--num-classes", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    batch = 1 if arguments.mode == "latency" else arguments.batch_size
    model = timm.create_model(arguments.model, num_classes=arguments.num_classes)
    images = torch.randn(batch, 3, *model.patch_embed.img_size)
    labels = torch.arange(batch) % arguments.num_classes
    seconds = measure(step_function(arguments, model, images, labels), arguments.seconds)
    if arguments.mode == "latency":
        result = {"milliseconds": seconds * 1000}
    else:
        result = {"images_per_second": batch / seconds}
    print(json.dumps({**result, "torch": torch.__version__, "timm": timm.__version__}))


if __name__ == "__main__":
    main()
