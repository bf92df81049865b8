"""Writes Tests/Fixtures/titans: the operations of Titans' RandAugment, as torchvision computes them on uint8 tensors.

Run: python3 scripts/reference/make_titans_fixtures.py   (made with torchvision 0.28.0)

Titans (titans/dataloader/utils/rand_augment.py) hands each operation to torchvision's tensor functions; the calls below
are those, written again. index.json lists `source` and `cases` (operation, argument, place of a cutout's upper left
corner); `offset` is the place of an image's raw RGB bytes, row by row, in references.bin.
"""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "bench"), str(ROOT / "scripts" / "reference")]
import any_torchvision  # noqa: F401, E402  (must stand before torchvision)
import torch  # noqa: E402
import torchvision.transforms.functional as F  # noqa: E402
from make_image_fixtures import scene  # noqa: E402

OUT = ROOT / "Tests" / "Fixtures" / "titans"
GREY = [128.0, 128.0, 128.0]


def affine(image, shear=(0.0, 0.0), translate=(0, 0)):
    return F.affine(image, 0, list(translate), 1.0, list(shear), fill=GREY)


def color(image, factor):
    grey = F.rgb_to_grayscale(image, num_output_channels=3).float()
    return (grey + (image.float() - grey) * factor).clamp(0, 255).to(torch.uint8)


def cutout(image, half, left, top):
    image = image.clone()
    image[..., top : top + 2 * half, left : left + 2 * half] = 128
    return image


def main():
    image = torch.from_numpy(scene(56, 48, 31)).permute(2, 0, 1)[None]
    calls = [
        ("autoContrast", 0, lambda x, a: F.autocontrast(x)),
        ("equalize", 0, lambda x, a: F.equalize(x)),
        ("invert", 0, lambda x, a: 255 - x),
        ("rotate", 30, lambda x, a: F.rotate(x, a, fill=GREY)),
        ("rotate", -30, lambda x, a: F.rotate(x, a, fill=GREY)),
        ("posterize", 4, F.posterize),
        ("solarize", 200, lambda x, a: torch.where(x < a, x, 255 - x)),
        ("solarizeAdd", 110,
         lambda x, a: torch.where(x < 128, (x.long() + a).clamp(0, 255).to(torch.uint8), x)),
        ("color", 1.9, color),
        ("contrast", 1.9, F.adjust_contrast),
        ("brightness", 1.9, F.adjust_brightness),
        ("sharpness", 1.9, F.adjust_sharpness),
        ("shearX", 0.3, lambda x, a: affine(x, shear=(a, 0.0))),
        ("shearX", -0.3, lambda x, a: affine(x, shear=(a, 0.0))),
        ("shearY", 0.3, lambda x, a: affine(x, shear=(0.0, a))),
        ("shearY", -0.3, lambda x, a: affine(x, shear=(0.0, a))),
        ("translateX", 40, lambda x, a: affine(x, translate=(a, 0))),
        ("translateX", -13, lambda x, a: affine(x, translate=(a, 0))),
        ("translateY", 12, lambda x, a: affine(x, translate=(0, a))),
        ("translateY", -40, lambda x, a: affine(x, translate=(0, a))),
        ("cutout", 20, lambda x, a: cutout(x, a, 9, 5)),
    ]
    references = bytearray()

    def keep(tensor):
        array = tensor[0].permute(1, 2, 0).contiguous().numpy()
        offset = len(references)
        references.extend(array.tobytes())
        return {"offset": offset, "width": array.shape[1], "height": array.shape[0]}

    index = {"source": keep(image), "cases": []}
    for operation, argument, function in calls:
        case = {"operation": operation, "argument": argument, **keep(function(image, argument))}
        if operation == "cutout":
            case |= {"left": 9, "top": 5}
        index["cases"].append(case)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    (OUT / "references.bin").write_bytes(bytes(references))
    print(f"{len(index['cases'])} cases, {len(references)} bytes")


if __name__ == "__main__":
    main()
