"""Writes Tests/Fixtures/geometry: what torchvision's random turns, affine and perspective views, borders and centre crops
drew for an image, and the pixels that they made of it.

Run: python3 scripts/reference/make_geometry_fixtures.py   (made with torchvision 0.28.0, Pillow 13.0.0)

index.json lists `sources` and `cases`: the transform, its settings, the numbers that it drew (of a perspective view, the
corners' new places, and the coefficients that torchvision made of them), the number of the source. `offset` is the place of an image's raw RGB bytes, row by row, in
references.bin.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "bench"), str(ROOT / "scripts" / "reference")]
import any_torchvision  # noqa: F401, E402  (must stand before torchvision)
import torch  # noqa: E402
from policy_file import scene  # noqa: E402
from torchvision import transforms as T  # noqa: E402
from torchvision.transforms import InterpolationMode  # noqa: E402
from torchvision.transforms import functional as F  # noqa: E402

OUT = ROOT / "Tests" / "Fixtures" / "geometry"
SOURCES, CASES = [], []
REFERENCES = bytearray()
KINDS = ("nearest", "bilinear", "bicubic")
FILL = (124, 116, 104)


def keep(array):
    offset = len(REFERENCES)
    REFERENCES.extend(np.ascontiguousarray(array).tobytes())
    return {"offset": offset, "width": array.shape[1], "height": array.shape[0]}


def flat(drawn):
    """All numbers of nested lists."""
    return [number for part in drawn for number in flat(part)] if isinstance(drawn, (list, tuple)) else [drawn]


def main():
    arrays = [scene(26, 19, 41), scene(16, 16, 42), scene(7, 12, 43), scene(1, 5, 44), scene(2, 1, 45)]
    SOURCES.extend(keep(array) for array in arrays)
    images = [Image.fromarray(array) for array in arrays]

    def add(name, transform, source, draw=None, **settings):
        """`draw` names the function whose result is recorded."""
        drawn = []
        if draw is not None:
            plain = getattr(transform, draw)
            setattr(transform, draw, lambda *arguments: drawn.append(plain(*arguments)) or drawn[-1])
        torch.manual_seed(len(CASES))
        result = np.asarray(transform(images[source]))
        if name == "RandomPerspective":
            settings["coefficients"] = F._get_perspective_coeffs(*drawn[0])
            drawn = drawn[0][1:]
        CASES.append({"transform": name, "source": source, "drawn": flat(drawn), **settings, **keep(result)})

    for kind in KINDS:
        mode = InterpolationMode(kind)
        for degrees, expand, center in (
            ([-40, 40], False, None), ([-40, 40], True, None), ([100, 260], True, None), ([30, 60], False, [3, 14]),
            ([-60, -30], True, [20.5, 2]), ([90, 90], False, None), ([90, 90], True, None), ([180, 180], False, [13, 9]),
            ([0, 0], True, [1, 2]),
        ):
            for source in (0, 2, 3) if expand and center is None else (0,):
                add("RandomRotation", T.RandomRotation(degrees, mode, expand, center, FILL), source, "get_params",
                    degrees=degrees, interpolation=kind, expand=expand, center=center)
        for degrees, translate, scale, shear, center in (
            (30, None, None, None, None), (0, (0.3, 0.2), None, None, None), (0, None, (0.5, 1.7), None, None),
            (0, None, None, 25, None), (0, None, None, (-40, -20), None), (0, None, None, (-10, 10, 15, 30), None),
            ((60, 90), (0.1, 0.4), (0.7, 0.9), (-30, 30, -20, 20), None), (20, (0.2, 0), (0.9, 2), 10, [4.5, 12]),
        ):
            for source in (0, 2) if translate else (0,):
                add("RandomAffine", T.RandomAffine(degrees, translate, scale, shear, mode, FILL, center), source,
                    "get_params", interpolation=kind, center=center)
        for scale in (0.2, 0.5, 0.5, 0.8, 1.0):
            for source in (0, 1, 2):
                add("RandomPerspective", T.RandomPerspective(scale, 1.0, mode, FILL), source, "get_params",
                    interpolation=kind)
        # Nothing moves, whatever is drawn.
        add("RandomPerspective", T.RandomPerspective(0.0, 1.0, mode, FILL), 0, "get_params", interpolation=kind)

    for mode in ("constant", "edge", "reflect", "symmetric"):
        for padding in ([3], [5, 2], [1, 0, 6, 3], [15]):
            for source in (0, 2, 3, 4) if padding == [15] else (0,):
                add("Pad", T.Pad(padding, FILL, mode), source, padding=padding, mode=mode)
    for size in ((19, 26), (8, 9), (9, 8), (30, 12), (11, 31), (33, 40), (6, 5)):
        for source in (0, 1, 2, 3):
            add("CenterCrop", T.CenterCrop(size), source, size=size)

    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "references.bin").write_bytes(REFERENCES)
    lines = ",\n".join(" " + json.dumps(case) for case in CASES)
    (OUT / "index.json").write_text(f'{{"sources": {json.dumps(SOURCES)},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
