"""The image that policies are recorded on, and the file that keeps what they made of it."""

import json
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "policies"
WIDTH, HEIGHT = 48, 36


def scene(width, height, seed, noise=7):
    """Colour gradients, hard edges and noise; nothing in it is symmetric."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    red = 30 + 190 * x / width
    green = 128 + 90 * np.sin(x / 5 + y / 9)
    blue = 220 * (1 - y / height)
    image = np.stack([red, green, blue], -1)
    image[height // 5 : height // 2, width // 6 : width // 3] = (230, 30, 60)
    image[height // 2 :, 2 * width // 3 :] *= 0.35
    image[(x + 2 * y) % 23 < 2] = (240, 230, 20)
    return np.clip(image + rng.normal(0, noise, image.shape), 0, 255).astype(np.uint8)


class File:
    """Cases and their pixels."""

    def __init__(self, name, source):
        self.name, self.cases, self.bytes = name, [], bytearray()
        self.offset(source)

    def offset(self, image):
        place = len(self.bytes)
        self.bytes.extend(np.ascontiguousarray(np.asarray(image)).tobytes())
        return place

    def add(self, policy, result, **choices):
        self.cases.append({"policy": policy, "offset": self.offset(result), **choices})

    def write(self):
        (OUT / f"{self.name}.bin").write_bytes(self.bytes)
        index = {"width": WIDTH, "height": HEIGHT, "cases": self.cases}
        (OUT / f"{self.name}.json").write_text(json.dumps(index, separators=(",", ":")) + "\n")
