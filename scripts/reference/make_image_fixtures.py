"""Writes Tests/Fixtures/images: image files of every kind, their pixels as Pillow reads them, and Pillow's resizes.

Run: python3 scripts/reference/make_image_fixtures.py   (made with Pillow 13.0.0, NumPy 2; needs nothing else)

index.json lists `images` (file, format, stored width and height, orientation, size of the reference), `resizes` (size,
filter, box) and `crops` (of noise, by formula: the rectangle, the size and the filter that it is resized with, and zlib's
Adler-32 of the result). `offset` is the place of the reference's raw RGB bytes, row by row, in references.bin. The
reference of 16-bit grey is the high byte of each sample, since Pillow's convert("RGB") clips it.
"""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

OUT = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "images"
IMAGES, RESIZES = [], []
REFERENCES = bytearray()


def scene(width, height, seed, noise=7):
    """Colour gradients, hard edges and noise; nothing in it is symmetric."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    red = 255 * x / width
    green = 128 + 100 * np.sin(x / 5 + y / 9)
    blue = 255 * (1 - y / height)
    image = np.stack([red, green, blue], -1)
    image[height // 5 : height // 2, width // 6 : width // 3] = (230, 30, 60)
    image[height // 2 :, 2 * width // 3 :] *= 0.35
    image[(x + 2 * y) % 23 < 2] = (250, 240, 20)
    return np.clip(image + rng.normal(0, noise, image.shape), 0, 255).astype(np.uint8)


def keep(array):
    """Adds pixels to the references and returns their place."""
    offset = len(REFERENCES)
    REFERENCES.extend(np.ascontiguousarray(array).tobytes())
    return offset


def pixels(data, orient=True):
    image = Image.open(io.BytesIO(data))
    if orient:
        image = ImageOps.exif_transpose(image)
    return np.asarray(image.convert("RGB"))


def add(name, data, reference=None, orientation=1):
    stored = Image.open(io.BytesIO(data))
    reference = pixels(data) if reference is None else reference
    (OUT / name).write_bytes(data)
    IMAGES.append(
        {
            "file": name, "offset": keep(reference), "format": stored.format.lower(), "width": stored.width,
            "height": stored.height, "orientation": orientation, "referenceWidth": reference.shape[1],
            "referenceHeight": reference.shape[0],
        }
    )


def encoded(array, format, mode=None, **options):
    buffer = io.BytesIO()
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    (image.convert(mode) if mode else image).save(buffer, format, **options)
    return buffer.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x010F] = "a maker"
    tags[0x0112] = orientation
    return tags.tobytes()


def ycck(cmyk_jpeg_of):
    """A CMYK file whose first three channels hold YCbCr, with Adobe's transform flag set accordingly."""
    rgb = Image.fromarray(cmyk_jpeg_of)
    luma = np.asarray(rgb.convert("YCbCr"))
    black = 255 - luma[..., :1] // 4
    data = bytearray(encoded(Image.fromarray(255 - np.concatenate([luma, black], -1), "CMYK"), "JPEG", quality=90))
    position = data.index(b"Adobe")
    assert data[position + 11] == 0
    data[position + 11] = 2
    return bytes(data)


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples, color_type, depth, interlaced=False, extra=()):
    """A PNG from integer samples of shape height x width x channels; row filters alternate between none and up."""
    height, width, channels = samples.shape

    def rows(part):
        if part.size == 0:
            return b""
        out, before = b"", None
        for index, row in enumerate(part):
            flat = row.reshape(-1).astype(int)
            if depth == 16:
                line = flat.astype(">u2").tobytes()
            elif depth == 8:
                line = flat.astype(np.uint8).tobytes()
            else:
                bits = "".join(format(v, f"0{depth}b") for v in flat)
                bits += "0" * (-len(bits) % 8)
                line = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
            if index % 2 and before is not None:
                out += b"\2" + bytes((a - b) % 256 for a, b in zip(line, before))
            else:
                out += b"\0" + line
            before = line
        return out

    if interlaced:
        body = b"".join(rows(samples[y0::dy, x0::dx]) for x0, y0, dx, dy in ADAM7)
    else:
        body = rows(samples)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    packed = zlib.compress(body, 9)
    half = len(packed) // 2
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(k, d) for k, d in extra)
        + chunk(b"IDAT", packed[:half]) + chunk(b"IDAT", packed[half:]) + chunk(b"IEND", b"")
    )


def make_jpegs():
    small = scene(41, 37, 1)
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        add(f"jpeg-{name}.jpg", encoded(small, "JPEG", quality=88, subsampling=subsampling))
    add("jpeg-440.jpg", jpeg_440(small))
    add("jpeg-grey.jpg", encoded(small, "JPEG", mode="L", quality=88))
    add("jpeg-progressive.jpg", encoded(small, "JPEG", quality=88, progressive=True))
    add("jpeg-restart.jpg", encoded(small, "JPEG", quality=88, restart_marker_blocks=2))
    add("jpeg-rgb.jpg", encoded(small, "JPEG", quality=88, keep_rgb=True))
    add("jpeg-cmyk.jpg", encoded(small, "JPEG", mode="CMYK", quality=88))
    ink = np.concatenate([255 - small, np.full_like(small[..., :1], 40)], -1)
    add("jpeg-cmyk-black.jpg", encoded(Image.fromarray(ink, "CMYK"), "JPEG", quality=88))
    add("jpeg-ycck.jpg", ycck(small))
    add("jpeg-one-pixel.jpg", encoded(small[:1, :1], "JPEG"))
    add("jpeg-trailer.jpg", encoded(small, "JPEG", quality=60) + b"a trailer that is no part of the image")
    for orientation in range(1, 9):
        data = encoded(scene(20, 13, 2, noise=2), "JPEG", quality=80, exif=exif(orientation))
        add(f"jpeg-orientation-{orientation}.jpg", data, orientation=orientation)
    # Larger ones for crops, which are compared with the full decode: no reference.
    large = scene(149, 113, 3, noise=3)
    for name, options in (
        ("444", {"subsampling": 0}), ("422", {"subsampling": 1}), ("420", {"subsampling": 2}),
        ("grey", {"mode": "L"}), ("progressive", {"progressive": True}), ("restart", {"restart_marker_rows": 1}),
        ("cmyk", {"mode": "CMYK"}),
    ):
        (OUT / f"crop-{name}.jpg").write_bytes(encoded(large, "JPEG", quality=75, **options))


def jpeg_440(array):
    """4:4:0, which Pillow doesn't write: the sampling factors in the header of a square 4:2:2 file are exchanged. Its
    blocks then belong elsewhere, so that the picture is another one, but a valid one."""
    data = bytearray(encoded(np.ascontiguousarray(array[:32, :32]), "JPEG", quality=88, subsampling=1))
    factor = data.index(b"\xff\xc0") + 11
    assert data[factor] == 0x21
    data[factor] = 0x12
    return bytes(data)


def make_pngs():
    small = scene(23, 19, 4)
    grey = small[..., 1:2]
    alpha = np.linspace(0, 255, 23 * 19).astype(np.uint8).reshape(19, 23, 1)
    add("png-rgb.png", png(small, 2, 8))
    add("png-rgb-interlaced.png", png(small, 2, 8, interlaced=True))
    add("png-rgba.png", png(np.concatenate([small, alpha], -1), 6, 8))
    add("png-grey.png", png(grey, 0, 8))
    add("png-grey-alpha.png", png(np.concatenate([grey, alpha], -1), 4, 8))
    for depth in (1, 2, 4):
        add(f"png-grey-{depth}.png", png(grey >> (8 - depth), 0, depth))
    add("png-grey-1-interlaced.png", png(grey >> 7, 0, 1, interlaced=True))
    rng = np.random.default_rng(5)
    wide = small.astype(int) * 256 + rng.integers(0, 256, small.shape)
    wide_alpha = np.concatenate([wide, alpha.astype(int) * 257], -1)
    add("png-grey-16.png", png(wide[..., 1:2], 0, 16), reference=np.repeat(wide[..., 1:2] >> 8, 3, -1).astype(np.uint8))
    add("png-rgb-16.png", png(wide, 2, 16))
    add("png-rgba-16-interlaced.png", png(wide_alpha, 6, 16, interlaced=True))
    add("png-grey-alpha-16.png", png(wide_alpha[..., [1, 3]], 4, 16))
    for depth in (1, 2, 4, 8):
        count = 1 << depth
        palette = rng.integers(0, 256, (count, 3)).astype(np.uint8).tobytes()
        index = (grey.astype(int) * count) >> 8
        add(f"png-palette-{depth}.png", png(index, 3, depth, extra=[(b"PLTE", palette)]))
        if depth in (4, 8):
            transparent = bytes(range(0, 256, 256 // count))
            extra = [(b"PLTE", palette), (b"tRNS", transparent)]
            add(f"png-palette-{depth}-trns.png", png(index, 3, depth, interlaced=depth == 4, extra=extra))
    add("png-rgb-trns.png", png(small, 2, 8, extra=[(b"tRNS", struct.pack(">3H", *small[3, 4]))]))
    add("png-grey-trns.png", png(grey, 0, 8, extra=[(b"tRNS", struct.pack(">H", int(grey[3, 4, 0])))]))
    text = [(b"tEXt", b"Comment\0text"), (b"zTXt", b"Long\0\0" + zlib.compress(b"more text " * 50))]
    add("png-text.png", png(small[:9], 2, 8, extra=text))
    swollen = [(b"zTXt", b"Long\0\0" + zlib.compress(bytes(24 << 20), 9))]
    (OUT / "text-bomb.png").write_bytes(png(small[:4], 2, 8, extra=swollen))
    tags = exif(6).removeprefix(b"Exif\0\0")
    add("png-orientation-6.png", png(small, 2, 8, extra=[(b"eXIf", tags)]), orientation=6)


def make_webps():
    small = scene(33, 25, 6)
    alpha = np.linspace(255, 0, 33 * 25).astype(np.uint8).reshape(25, 33, 1)
    transparent = np.concatenate([small, alpha], -1)
    add("webp-lossy.webp", encoded(small, "WEBP", quality=80))
    add("webp-lossless.webp", encoded(small, "WEBP", lossless=True))
    add("webp-lossy-alpha.webp", encoded(transparent, "WEBP", quality=80, exact=True))
    add("webp-lossless-alpha.webp", encoded(transparent, "WEBP", lossless=True, exact=True))
    add("webp-orientation-8.webp", encoded(small, "WEBP", quality=80, exif=exif(8)), orientation=8)
    frames = [Image.fromarray(small), Image.fromarray(small[::-1].copy())]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    (OUT / "animation.webp").write_bytes(buffer.getvalue())
    (OUT / "crop-lossy.webp").write_bytes(encoded(scene(101, 75, 7, noise=3), "WEBP", quality=60))


def make_resizes():
    source = scene(47, 36, 8)
    image = Image.fromarray(source)
    filters = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
    cases = [
        (24, 20, None), (63, 50, None), (47, 20, None), (19, 36, None), (7, 5, None),
        (32, 32, (5, 3, 40, 34)), (22, 16, (10.25, 7.5, 41.75, 33.125)), (40, 32, (20.5, 11.25, 30.75, 18.5)),
        # Where the height shrinks by more than twice what the width does, Pillow 13 computes rows first; the last but
        # one of these is on the other side of the border. Of a box, the whole source's size counts.
        (40, 16, None), (60, 12, None), (46, 30, None), (42, 25, None), (42, 26, None), (40, 12, (5, 3, 40, 34)),
        # Pillow keeps a box in float32.
        (44, 20, (10.1, 7.3, 41.7, 33.9)), (23, 18, (0.7, 1.1, 40.3, 35.6)),
    ]
    for name, kind in filters.items():
        for width, height, box in cases:
            offset = keep(np.asarray(image.resize((width, height), kind, box)))
            RESIZES.append({"offset": offset, "width": width, "height": height, "interpolation": name, "box": box})
    return {"offset": keep(source), "width": 47, "height": 36}


def make_crops():
    """Crops as a training draws them, and resizes of whole images as an evaluation does, most of tall rectangles."""
    width, height = 160, 300
    place = np.arange(width * height * 3, dtype=np.uint64)
    noise = Image.fromarray((place * 2654435761 >> 13 & 255).astype(np.uint8).reshape(height, width, 3))
    filters = [Image.BILINEAR, Image.BICUBIC, Image.BOX, Image.HAMMING, Image.LANCZOS]
    names = ["bilinear", "bicubic", "box", "hamming", "lanczos"]
    rng = np.random.default_rng(9)
    crops = []
    for index in range(400):
        w, h = int(rng.integers(1, width + 1)), int(rng.integers(1, height + 1))
        x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
        size = (48, 48) if index % 2 else (int(rng.integers(1, 90)), int(rng.integers(1, 90)))
        result = noise.crop((x, y, x + w, y + h)).resize(size, filters[index % 5])
        crops.append([x, y, w, h, *size, names[index % 5], zlib.adler32(np.asarray(result).tobytes())])
    return {"width": width, "height": height, "crops": crops}


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    make_jpegs()
    make_pngs()
    make_webps()
    source = make_resizes()
    (OUT / "references.bin").write_bytes(REFERENCES)
    index = {"images": IMAGES, "resizeSource": source, "resizes": RESIZES}
    crops = make_crops()
    rows = ",\n".join("  " + json.dumps(crop) for crop in crops["crops"])
    noise = f'"noise": {{"width": {crops["width"]}, "height": {crops["height"]}}},\n "crops": [\n{rows}\n ]'
    (OUT / "index.json").write_text(json.dumps(index, indent=1).removesuffix("\n}") + f",\n {noise}\n}}\n")
