"""Packs a folder DIR/train/CLASS/FILE of JPEGs into one TFRecord file with its index, as a Python script with
google-crc32c does it, and prints one JSON line.

peer_pack.py --data DIR --out FILE [--fsync]
Each record is an Example with the two features image/encoded and image/class/label, built by hand, which is faster than
through the protobuf package. Nothing of the images is looked at. `--fsync` waits until the disk has it all, as
`vitrail data pack` does.
"""

import argparse
import json
import os
import pathlib
import struct
import time

import google_crc32c


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    return bytes((number << 3 | 2,)) + varint(len(payload)) + payload


def entry(key, feature):
    return field(1, field(1, key) + field(2, feature))


def masked(data):
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--fsync", action="store_true")
    arguments = parser.parse_args()
    start = time.perf_counter()
    root = pathlib.Path(arguments.data) / "train"
    classes = sorted(path.name for path in root.iterdir())
    files = [(str(path), label) for label, name in enumerate(classes, 1) for path in sorted((root / name).iterdir())]
    offset = 0
    with open(arguments.out, "wb") as out, open(arguments.out + ".idx", "w") as index:
        for path, label in files:
            with open(path, "rb") as file:
                image = file.read()
            features = entry(b"image/class/label", field(3, field(1, varint(label)))) + entry(
                b"image/encoded", field(1, field(1, image))
            )
            payload = field(1, features)
            length = struct.pack("<Q", len(payload))
            out.write(length + masked(length) + payload + masked(payload))
            index.write(f"{offset} {len(payload) + 16}\n")
            offset += len(payload) + 16
        if arguments.fsync:
            out.flush()
            os.fsync(out.fileno())
    seconds = time.perf_counter() - start
    print(json.dumps({"images": len(files), "megabytes": offset / 1e6, "seconds": seconds, "mb_per_second": offset / 1e6 / seconds}))


if __name__ == "__main__":
    main()
