"""Writes Tests/Fixtures/operations: single image operations as Pillow, torchvision and timm compute them.

Run: python3 scripts/reference/make_operation_fixtures.py   (made with Pillow 13.0.0, torchvision 0.28.0, timm 1.0.31)

index.json lists `sources` and `cases` (operation, its arguments, the number of the source). `offset` is the place of an
image's raw RGB bytes, row by row, in references.bin.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "bench"), str(ROOT / "scripts" / "reference")]
import any_torchvision  # noqa: F401, E402  (must stand before torchvision)
import torchvision.transforms.functional as F  # noqa: E402
from make_image_fixtures import scene  # noqa: E402
from timm.data import auto_augment as timm  # noqa: E402
from torchvision.transforms import InterpolationMode  # noqa: E402

OUT = ROOT / "Tests" / "Fixtures" / "operations"
SOURCES, CASES = [], []
REFERENCES = bytearray()
KINDS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
FILL = (124, 116, 104)


def keep(array):
    offset = len(REFERENCES)
    REFERENCES.extend(np.ascontiguousarray(array).tobytes())
    return {"offset": offset, "width": array.shape[1], "height": array.shape[0]}


def make_sources():
    narrow = (scene(21, 16, 12).astype(int) // 3 + 70).astype(np.uint8)
    narrow[0, :5] = (0, 250, 30)
    arrays = [
        scene(22, 17, 11), scene(16, 16, 13), narrow, scene(1, 9, 14), scene(8, 1, 15), scene(1, 1, 16),
        np.full((5, 6, 3), (9, 200, 77), np.uint8), scene(2, 3, 17), scene(4, 3, 18),
    ]
    SOURCES.extend(keep(array) for array in arrays)
    return [Image.fromarray(array) for array in arrays]


def main():
    images = make_sources()
    every = range(len(images))

    def add(operation, sources, function, **arguments):
        for source in sources:
            result = np.asarray(function(images[source]))
            CASES.append({"operation": operation, "source": source, "arguments": arguments, **keep(result)})

    add("equalize", every, ImageOps.equalize)
    # With more samples than values, so that there is something to spread.
    for cutoff in (0, 1, 10.5, 60):
        add("auto_contrast", (0, 2, 6, 8), lambda i, c=cutoff: ImageOps.autocontrast(i, c), cutoff=cutoff)
    add("invert", (0, 5), ImageOps.invert)
    for bits in (1, 3, 4, 7, 8):
        add("posterize", (0,), lambda i, b=bits: ImageOps.posterize(i, b), bits=bits)
    for threshold in (0, 1, 77, 128, 255, 256):
        add("solarize", (0,), lambda i, t=threshold: ImageOps.solarize(i, t), threshold=threshold)
    for addition, threshold in ((0, 128), (37, 128), (110, 128), (60, 200), (200, 256)):
        add("solarize_add", (0,), lambda i, a=addition, t=threshold: timm.solarize_add(i, a, t), addition=addition,
            threshold=threshold)
    for factor in (-0.7, 0, 0.1, 0.5, 0.93, 1, 1.37, 1.9, 6):
        for name in ("Color", "Contrast", "Brightness", "Sharpness"):
            sources = (0, 2, 3, 5, 8) if name == "Sharpness" or factor == 1.37 else (0,)
            add(name.lower(), sources, lambda i, n=name, f=factor: getattr(ImageEnhance, n)(i).enhance(f), factor=factor)
    for amount in (0.25, 1):
        add("desaturate", (0,), lambda i, a=amount: timm.desaturate(i, a), amount=amount)
    add("grayscale", (0, 5), lambda i: F.to_grayscale(i, 3))
    for amount in (-0.5, -0.31, -0.02, 0, 0.004, 0.1, 0.27, 0.5):
        add("hue", (0, 6), lambda i, a=amount: F.adjust_hue(i, a), amount=amount)
    for factor in (-0.4, 0, 0.3, 1, 2.2):
        add("blend", (0,), lambda i, f=factor: Image.blend(i, ImageOps.flip(i), f), factor=factor)

    matrices = [
        (1, 0.3, 0, 0, 1, 0), (1, 0, 0, -0.45, 1, 0), (1, 0, 7, 0, 1, -3), (1, 0, -2.5, 0, 1, 1.25),
        (0.7, 0.4, -3, -0.3, 1.1, 4), (-1, 0, 23, 0, 1, 0), (3.7, 0, 1, 0, 0.2, 2), (0.1, 0.02, 5, 0.01, 0.12, 6),
        (1, 0, 1000, 0, 1, 0), (1, 1e-7, 0, 0, 1, 40000), (0, 0, 3.2, 0, 0, 4.9), (900, 3000, -40000, 1, 0.5, 0),
    ]
    for kind, value in KINDS.items():
        for matrix in matrices:
            sources = (0, 3, 4, 8) if matrix == matrices[4] else (0,)
            add("affine", sources, lambda i, m=matrix, v=value: i.transform(i.size, Image.AFFINE, m, v, fillcolor=FILL),
                matrix=matrix, interpolation=kind)
        for degrees in (17, -30.5, 90, 123.4, 180, 270, 360, 0.01, -719):
            sources = (0, 1) if degrees in (90, 180, 270) else (0,)
            add("rotate", sources, lambda i, d=degrees, v=value: timm.rotate(i, d, resample=v, fillcolor=FILL),
                degrees=degrees, interpolation=kind)
        for degrees in (33, 90, 180, -111.7):
            add("rotate", (0, 3), lambda i, d=degrees, v=value: i.rotate(d, v, True, fillcolor=FILL),
                degrees=degrees, interpolation=kind, expand=True)
        for amount in (-0.3, 0.17, 0.99):
            for axis, function in (("x", timm.shear_x), ("y", timm.shear_y)):
                add(f"shear_{axis}", (0,), lambda i, f=function, a=amount, v=value: f(i, a, resample=v, fillcolor=FILL),
                    amount=amount, interpolation=kind)
        mode = InterpolationMode(kind)
        for amount in (-0.21, 0.3):
            angle = math.degrees(math.atan(amount))
            for axis, shear in (("x", [angle, 0.0]), ("y", [0.0, angle])):
                add(f"shear_{axis}", (0,), lambda i, s=shear, m=mode: F.affine(
                    i, angle=0.0, translate=[0, 0], scale=1.0, shear=s, interpolation=m, center=[0, 0], fill=FILL),
                    amount=amount, interpolation=kind)
        for pixels in (3.7, -5):
            add("translate", (0,), lambda i, p=pixels, v=value: timm.translate_x_abs(i, p, resample=v, fillcolor=FILL),
                x=-pixels, y=0, interpolation=kind)
            add("translate", (0,), lambda i, p=pixels, v=value: timm.translate_y_abs(i, p, resample=v, fillcolor=FILL),
                x=0, y=-pixels, interpolation=kind)
        add("translate", (0,), lambda i, m=mode: F.affine(
            i, angle=0.0, translate=[4, -3], scale=1.0, shear=[0.0, 0.0], interpolation=m, fill=FILL),
            x=4, y=-3, interpolation=kind)
        for degrees, move, scale, shear in ((20, [2, -3], 1.2, [5.0, -8.0]), (-75, [0, 1], 0.6, [12.0, 0.0])):
            add("torchvision_affine", (0, 1), lambda i, d=degrees, t=move, z=scale, s=shear, m=mode: F.affine(
                i, angle=d, translate=t, scale=z, shear=s, interpolation=m, fill=FILL),
                degrees=degrees, x=move[0], y=move[1], scale=scale, shear_x=shear[0], shear_y=shear[1],
                interpolation=kind)

    for radius in (0, 0.1, 0.5, 1, 1.9, 4.2, 30):
        add("gaussian_blur", (0, 3, 4, 5) if radius in (1.9, 30) else (0,),
            lambda i, r=radius: i.filter(ImageFilter.GaussianBlur(r)), radius=radius)
    for size, sigma in ((3, 0.4), (5, 1.1), (9, 2), (23, 5.5), (1, 1)):
        add("gaussian_kernel", (0, 1) if size < 23 else (0,), lambda i, k=size, s=sigma: F.gaussian_blur(i, k, s),
            size=size, sigma=sigma)

    filters = {"box": Image.BOX, "hamming": Image.HAMMING, "lanczos": Image.LANCZOS}
    for kind, value in filters.items():
        for width, height in ((7, 9), (5, 20), (16, 30), (1, 1), (15, 9), (20, 5), (12, 6)):
            add("resize", (1,), lambda i, w=width, h=height, v=value: i.resize((w, h), v), interpolation=kind)

    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "references.bin").write_bytes(REFERENCES)
    lines = ",\n".join(" " + json.dumps(case) for case in CASES)
    (OUT / "index.json").write_text(f'{{"sources": {json.dumps(SOURCES)},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
