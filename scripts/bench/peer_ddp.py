"""Measures timm's models under PyTorch's DistributedDataParallel over Gloo, and prints one JSON line from rank 0.

torchrun --nproc-per-node N peer_ddp.py --model NAME --batch-size B [--num-classes N] [--threads T] [--seconds S]
A step is that of peer_timm.py, on B images of each rank; the images of all ranks count. Without torchrun it is one process
without DistributedDataParallel.
"""

import argparse
import json
import os
import statistics
import time

import any_torchvision  # noqa: F401
import timm
import torch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--num-classes", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    ranks = int(os.environ.get("WORLD_SIZE", 1))
    model = timm.create_model(arguments.model, num_classes=arguments.num_classes)
    size = model.patch_embed.img_size
    if ranks > 1:
        torch.distributed.init_process_group("gloo")
        model = torch.nn.parallel.DistributedDataParallel(model)
    images = torch.randn(arguments.batch_size, 3, *size)
    labels = torch.arange(arguments.batch_size) % arguments.num_classes
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
    model.train()
    times = []
    is_over = torch.zeros(1)
    end = None
    while not is_over.item():
        start = time.perf_counter()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        now = time.perf_counter()
        times.append(now - start)
        # Three steps to warm up; the ranks end together.
        if len(times) == 3:
            end = now + arguments.seconds
        is_over[0] = len(times) > 3 and now >= end
        if ranks > 1:
            torch.distributed.broadcast(is_over, 0)
    if int(os.environ.get("RANK", 0)) == 0:
        rate = ranks * arguments.batch_size / statistics.median(times[3:])
        print(json.dumps({"images_per_second": rate, "torch": torch.__version__, "timm": timm.__version__}))
    if ranks > 1:
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
