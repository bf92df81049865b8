#!/usr/bin/env python3
"""Writes Tests/Fixtures/event_file.tfevents with TensorBoard's own messages and record writer.

The file holds a version event, a restart mark, one step and one epoch at fixed times, which EventFileSinkTests writes
too and compares byte for byte.

usage: scripts/reference/event_file.py [OUT]      (pip install tensorboard==2.21.0)
"""
import pathlib
import sys

from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

ROOT = pathlib.Path(__file__).resolve().parents[2]


def scalars(time, step, values):
    event = event_pb2.Event(wall_time=time, step=step)
    for tag, value in values.items():
        event.summary.value.add(tag=tag, simple_value=value)
    return event


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "Tests/Fixtures/event_file.tfevents"
    restart = event_pb2.Event(wall_time=1700000000.25, step=100)
    restart.session_log.status = event_pb2.SessionLog.START
    events = [
        event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2"),
        restart,
        scalars(1700000000.25, 100, {"train/loss": 2.3025851, "train/lr": 1e-3, "train/images_per_second": 812.5}),
        scalars(1700000000.25, 110, {"epoch/train_loss": 1.5, "epoch/val_top1": 98.6, "epoch/peak_memory_mb": 512.0}),
        scalars(1700000000.25, 111, {"train/loss": float("inf"), "train/lr": 0.0}),
    ]
    with open(out, "wb") as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())
        writer.flush()


if __name__ == "__main__":
    main()
