"""Pillow's side of Benchmarks/Benchmarks/Operations: the same operations on the same image, images a second.

Run: python3 scripts/bench/peer_operations.py   (one thread; the best of 15 rounds of 20)
"""

import time

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from PIL import __version__ as version

index = np.arange(224 * 224 * 3)
x, y = index // 3 % 224, index // 672
samples = (x // 2 + y // 3 + (x * 7 ^ y * 13) % 48 + index % 3 * 20) % 256
IMAGE = Image.fromarray(samples.astype(np.uint8).reshape(224, 224, 3))


def hue(image):
    h, s, v = image.convert("HSV").split()
    turned = np.array(h, dtype=np.uint8) + np.uint8(25)
    return Image.merge("HSV", (Image.fromarray(turned), s, v)).convert("RGB")


def measure(name, operation):
    best = float("inf")
    for _ in range(15):
        start = time.perf_counter()
        for _ in range(20):
            operation(IMAGE)
        best = min(best, (time.perf_counter() - start) / 20)
    print(f"{name:22} {1 / best:9.0f} images/s")


print(f"Pillow {version}")
measure("AutoContrast", ImageOps.autocontrast)
for enhancer in (ImageEnhance.Brightness, ImageEnhance.Color, ImageEnhance.Contrast):
    measure(enhancer.__name__, lambda image: enhancer(image).enhance(1.3))
measure("Equalize", ImageOps.equalize)
measure("GaussianBlur", lambda image: image.filter(ImageFilter.GaussianBlur(1.5)))
measure("Grayscale", lambda image: image.convert("L").convert("RGB"))
measure("Hue", hue)
measure("Invert", ImageOps.invert)
measure("Posterize", lambda image: ImageOps.posterize(image, 4))
measure("Sharpness", lambda image: ImageEnhance.Sharpness(image).enhance(1.3))
measure("Solarize", lambda image: ImageOps.solarize(image, 100))
for name, kind in (("nearest", Image.NEAREST), ("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
    measure(f"Rotate, {name}", lambda image: image.rotate(17, kind))
    measure(f"ShearX, {name}", lambda image: image.transform(image.size, Image.AFFINE, (1, 0.2, 0, 0, 1, 0), kind))
    measure(f"TranslateX, {name}", lambda image: image.transform(image.size, Image.AFFINE, (1, 0, 20.5, 0, 1, 0), kind))
