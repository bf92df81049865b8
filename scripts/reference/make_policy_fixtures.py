"""Writes Tests/Fixtures/policies: what the augmentation policies of torchvision and timm chose for an image, and the
pixels that they made of it; and dumps of their tables.

Run: python3 scripts/reference/make_policy_fixtures.py   (made with torchvision 0.28.0, timm 1.0.31, Pillow 13.0.0)

torchvision.json and timm.json list `cases`, each with the policy, the recorded choices and the offset of the resulting raw
RGB bytes in the .bin file beside it, whose first image is the source. tables.json holds the policies, the magnitudes of
torchvision's operations and the arguments that timm's levels stand for. torchvision's AugMix works on tensors; its
operations are carried out on Pillow images here, as its other policies do. The magnitudes are those of a processor with
fused multiplication and addition: torch.linspace rounds twice on one without, and so the script stops there.
"""

import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "bench"), str(ROOT / "scripts" / "reference")]

import any_torchvision  # noqa: E402, F401
import numpy as np  # noqa: E402
import timm.data.auto_augment as aa  # noqa: E402
import timm.data.random_erasing as timm_erasing  # noqa: E402
import torch  # noqa: E402
from policy_file import HEIGHT, OUT, WIDTH, File, scene  # noqa: E402
from PIL import Image, ImageFilter, ImageOps  # noqa: E402
from torchvision import transforms  # noqa: E402
from torchvision.transforms import autoaugment as tv  # noqa: E402
from torchvision.transforms import functional as F  # noqa: E402

FILL = (37, 120, 201)


def filter_name(interpolation):
    value = getattr(interpolation, "value", interpolation)
    return {0: "nearest", 2: "bilinear", 3: "bicubic"}.get(value, value)


# torchvision

RECORD = []
APPLY = tv._apply_op


def recording(img, op_name, magnitude, interpolation, fill):
    RECORD.append({"name": op_name, "magnitude": magnitude, "filter": filter_name(interpolation)})
    return APPLY(img, op_name, magnitude, interpolation, fill)


def recording_on_pillow(batch, op_name, magnitude, interpolation, fill):
    RECORD.append({"name": op_name, "magnitude": magnitude, "filter": filter_name(interpolation)})
    fill = None if fill is None else tuple(int(value) for value in fill)
    image = APPLY(F.to_pil_image(batch[0]), op_name, magnitude, interpolation, fill)
    return F.pil_to_tensor(image)[None]


def recorded(transform, image, seed):
    RECORD.clear()
    torch.manual_seed(seed)
    return transform(image), list(RECORD)


def seed_of(transform, image, wanted):
    """The first seed whose choices are wanted."""
    for seed in range(10_000):
        result, steps = recorded(transform, image, seed)
        if wanted(steps):
            return result, steps
    raise SystemExit("no seed makes the wanted choices")


def torchvision_policies(image):
    file = File("torchvision", image)
    tv._apply_op = recording
    interpolations = [transforms.InterpolationMode(name) for name in ("nearest", "bilinear", "bicubic")]
    names = list(tv.RandAugment()._augmentation_space(31, (HEIGHT, WIDTH)))
    for index, name in enumerate(names):
        policy = tv.RandAugment(
            num_ops=2, magnitude=(9, 14, 25)[index % 3], interpolation=interpolations[index % 3],
            fill=FILL if index % 2 else None)
        result, steps = seed_of(policy, image, lambda steps: steps[0]["name"] == name)
        file.add("RandAugment", result, steps=steps, fill=FILL if index % 2 else (0, 0, 0))
    for index, name in enumerate(list(tv.TrivialAugmentWide()._augmentation_space(31))[1:]):
        policy = tv.TrivialAugmentWide(interpolation=interpolations[(index + 1) % 3])
        result, steps = seed_of(
            policy, image,
            lambda steps: steps[0]["name"] == name and (steps[0]["magnitude"] < 0 or index % 2 or index > 7))
        file.add("TrivialAugmentWide", result, steps=steps, fill=(0, 0, 0))
    for name in ("imagenet", "cifar10", "svhn"):
        policy = tv.AutoAugment(tv.AutoAugmentPolicy(name), fill=FILL)
        for seed in range(5):
            result, steps = recorded(policy, image, 100 * len(name) + seed)
            file.add("AutoAugment", result, steps=steps, fill=FILL)
    jitter = transforms.ColorJitter(0.4, 0.5, 0.6, 0.2)
    params = transforms.ColorJitter.get_params
    for seed in range(5):
        torch.manual_seed(seed)
        order, *factors = params(jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue)
        torch.manual_seed(seed)
        result = jitter(image)
        keys = ("brightness", "contrast", "saturation", "hue")
        file.add("ColorJitter", result, order=order.tolist(), **dict(zip(keys, factors)))
    augmix(file, image)
    crops(file, image)
    file.write()


def augmix(file, image):
    tv._apply_op = recording_on_pillow
    for seed in range(5):
        policy = tv.AugMix(severity=3 + seed, mixture_width=2 + seed % 3, all_ops=seed % 2 == 0)
        weights, sample = [], tv.AugMix._sample_dirichlet
        policy._sample_dirichlet = lambda params: weights.append(sample(policy, params)) or weights[-1]
        depths, randint = [], torch.randint

        def counted(*arguments, **named):
            drawn = randint(*arguments, **named)
            if named.get("high") == 4:
                depths.append(int(drawn))
            return drawn

        torch.randint = counted
        result, steps = recorded(policy, image, 40 + seed)
        torch.randint = randint
        combined = (weights[1] * weights[0][:, 1].view(1, -1))[0].tolist()
        chains = []
        for depth, weight in zip(depths, combined):
            chains.append({"weight": weight, "steps": steps[:depth]})
            steps = steps[depth:]
        assert not steps
        file.add("AugMix", result, chains=chains, originalWeight=float(weights[0][0, 0]), fill=(0, 0, 0))
    tv._apply_op = recording


def crops(file, image):
    for index, mode in enumerate(("constant", "edge", "reflect", "symmetric")):
        crop = transforms.RandomCrop((HEIGHT, WIDTH), padding=7, padding_mode=mode, fill=FILL)
        place = transforms.RandomCrop.get_params
        drawn = []
        crop.get_params = lambda img, size: drawn.append(place(img, size)) or drawn[-1]
        torch.manual_seed(index)
        file.add("RandomCrop", crop(image), y=drawn[0][0] - 7, x=drawn[0][1] - 7, mode=mode, fill=FILL)


# timm

def record_op(op, chosen):
    """An AugmentOp that records level, sign, filter and arguments whenever it is applied."""
    level_fn, aug_fn = op.level_fn, op.aug_fn

    def levelled(level, hparams):
        negate, state = aa._randomly_negate, {"negated": False}

        def negating(value):
            drawn = negate(value)
            state["negated"] = value != drawn
            return drawn

        aa._randomly_negate = negating
        arguments = level_fn(level, hparams)
        aa._randomly_negate = negate
        chosen.append({"name": op.name, "level": level, "negated": state["negated"], "arguments": list(arguments)})
        return arguments

    def applied(image, *arguments, **named):
        if level_fn is None:
            chosen.append({"name": op.name, "level": 0, "negated": False, "arguments": []})
        record = chosen[-1]
        pick, uniform = random.choice, random.uniform

        def choose(options):
            drawn = pick(options)
            record["filter"] = filter_name(drawn)
            return drawn

        def blur_radius(low, high):
            drawn = uniform(low, high)
            record["blurPosition"] = (drawn - low) / (high - low)
            return drawn

        random.choice, random.uniform = choose, blur_radius
        if isinstance(named.get("resample"), int):
            record["filter"] = filter_name(named["resample"])
        result = aug_fn(image, *arguments, **named)
        random.choice, random.uniform = pick, uniform
        record.setdefault("filter", "nearest")
        return result

    op.level_fn = levelled if level_fn is not None else None
    op.aug_fn = applied
    return op


def timm_run(transform, image, seed):
    """The result, or nothing where the choice is to keep no bits, which this Pillow refuses."""
    random.seed(seed)
    np.random.seed(seed)
    try:
        return transform(image)
    except ValueError as error:
        assert "bits" in str(error)
        return None


def timm_policies(image):
    file = File("timm", image)
    hparams = {"translate_const": 100, "img_mean": FILL}
    configs = [
        ("rand-m9-mstd0.5-inc1", 8), ("rand-m9-n3-mstd0.5-p1", 6), ("rand-m7-mstd101-tweights-p0.9", 5),
        ("rand-m15-mmax20-inc1-p1", 6), ("rand-m6-n2-t3a-mstd1", 4), ("rand-m6-n2-t3aw-mstd1", 4),
        ("original-mstd0.5", 3), ("originalr", 3), ("v0", 3), ("v0r-mstd1", 3), ("3a", 3),
    ]
    for config, count in configs:
        make = aa.rand_augment_transform if config.startswith("rand") else aa.auto_augment_transform
        transform = make(config, dict(hparams))
        chosen = []
        if isinstance(transform, aa.RandAugment):
            transform.ops = [record_op(op, chosen) for op in transform.ops]
        else:
            transform.policy = [[record_op(op, chosen) for op in ops] for ops in transform.policy]
        seed = kept = 0
        while kept < count:
            chosen.clear()
            result = timm_run(transform, image, seed)
            seed += 1
            if chosen and result is not None:
                file.add("TimmAutoAugment", result, config=config, steps=list(chosen), fill=FILL)
                kept += 1
    for index, config in enumerate(("augmix-m3-w3", "augmix-m5-w4-d2", "augmix-m6-w2-mstd1", "augmix-m4-w3-b1")):
        timm_augmix(file, image, config, index, dict(hparams, translate_pct=0.3))
    file.write()


def timm_augmix(file, image, config, seed, hparams):
    transform = aa.augment_and_mix_transform(config, hparams)
    chosen, chains, weights, choice = [], [], {}, np.random.choice
    transform.ops = [record_op(op, chosen) for op in transform.ops]
    dirichlet, beta = np.random.dirichlet, np.random.beta
    np.random.dirichlet = lambda alpha: weights.setdefault("chains", dirichlet(alpha))
    np.random.beta = lambda a, b: weights.setdefault("part", beta(a, b))
    np.random.choice = lambda ops, depth, replace: chains.append(depth) or choice(ops, depth, replace=replace)
    result = timm_run(transform, image, seed)
    assert result is not None
    np.random.dirichlet, np.random.beta, np.random.choice = dirichlet, beta, choice
    steps, listed = list(chosen), []
    for depth, weight in zip(chains, weights["chains"]):
        listed.append({"weight": float(np.float32(weight)), "steps": steps[:depth]})
        steps = steps[depth:]
    assert not steps
    part = float(np.float32(weights["part"]))
    file.add("TimmAutoAugment", result, config=config, chains=listed, part=part, fill=FILL)


# Random erasing, on numbers

def erasing():
    """Erased rectangles, as both libraries place them in an image of ones, and the values that they write."""
    cases = []
    for mode, count in (("const", 1), ("const", 3), ("rand", 2), ("pixel", 1)):
        transform = timm_erasing.RandomErasing(
            1.0, mode=mode, min_count=count, max_count=count, device="cpu", max_area=0.2)
        drawn, get_pixels = [], timm_erasing._get_pixels
        randint, places = random.randint, []
        timm_erasing._get_pixels = lambda *a, **n: drawn.append(get_pixels(*a, **n)) or drawn[-1]
        random.randint = lambda low, high: places.append(randint(low, high)) or places[-1]
        random.seed(len(cases))
        torch.manual_seed(len(cases))
        shapes = []
        plain = timm_erasing._get_pixels
        timm_erasing._get_pixels = lambda per, rand, size, **n: shapes.append(size) or plain(per, rand, size, **n)
        numbers = torch.arange(3 * 12 * 17, dtype=torch.float32).view(3, 12, 17)
        result = transform(numbers)
        timm_erasing._get_pixels, random.randint = get_pixels, randint
        rects = [
            {
                "y": places[2 * i], "x": places[2 * i + 1], "height": shape[1], "width": shape[2],
                "values": torch.broadcast_to(drawn[i], shape).flatten().tolist(),
            }
            for i, shape in enumerate(shapes)
        ]
        cases.append({"mode": mode, "rects": rects, "result": result.flatten().tolist()})
    return cases


def three_augment(file_name, image):
    """The operations of DeiT III's augment.py, which are Pillow's and torchvision's."""
    file = File(file_name, image)
    jitter = transforms.ColorJitter(0.3, 0.3, 0.3)
    changes = {
        "Grayscale": transforms.Grayscale(3), "Solarize": ImageOps.solarize,
        "GaussianBlur": lambda image: image.filter(ImageFilter.GaussianBlur(radius=1.37)),
    }
    for seed, (name, change) in enumerate(changes.items()):
        torch.manual_seed(seed)
        order, brightness, contrast, saturation, _ = jitter.get_params(
            jitter.brightness, jitter.contrast, jitter.saturation, None)
        torch.manual_seed(seed)
        file.add(
            name, jitter(change(image)), order=order.tolist(), brightness=brightness, contrast=contrast,
            saturation=saturation)
    file.write()


# Tables

def spaces():
    found = []
    for name, bins, width, height, space in [
        ("randAugment", 31, 224, 224, tv.RandAugment()._augmentation_space(31, (224, 224))),
        ("randAugment", 10, 97, 131, tv.RandAugment()._augmentation_space(10, (131, 97))),
        ("randAugment", 2, 32, 32, tv.RandAugment()._augmentation_space(2, (32, 32))),
        ("randAugment", 31, 384, 288, tv.RandAugment()._augmentation_space(31, (288, 384))),
        ("randAugment", 14, 299, 331, tv.RandAugment()._augmentation_space(14, (331, 299))),
        ("randAugment", 257, 64, 97, tv.RandAugment()._augmentation_space(257, (97, 64))),
        ("autoAugment", 10, 224, 160, tv.AutoAugment()._augmentation_space(10, (160, 224))),
        ("trivialAugment", 31, 1, 1, tv.TrivialAugmentWide()._augmentation_space(31)),
        ("trivialAugment", 14, 1, 1, tv.TrivialAugmentWide()._augmentation_space(14)),
        ("trivialAugment", 100, 1, 1, tv.TrivialAugmentWide()._augmentation_space(100)),
        ("augMix", 10, 224, 97, tv.AugMix()._augmentation_space(10, (97, 224))),
        ("augMixWithoutColors", 10, 32, 31, tv.AugMix(all_ops=False)._augmentation_space(10, (31, 32))),
    ]:
        entries = [
            {"name": key, "magnitudes": values.tolist() if values.ndim else [], "signed": signed}
            for key, (values, signed) in space.items()
        ]
        found.append({"space": name, "bins": bins, "width": width, "height": height, "entries": entries})
    return found


def levels():
    """What each of timm's operations makes of levels, with and without the sign."""
    found = []
    negate = aa._randomly_negate
    for name, function in aa.LEVEL_TO_ARG.items():
        if function is None or name in ("TranslateX", "TranslateY"):
            continue
        for level in (0, 0.1, 1, 2.5, 4.9999, 5, 7.3, 9, 9.999, 10, 13, 20, 37):
            for negated in (False, True):
                aa._randomly_negate = lambda value: -value if negated else value
                found.append(
                    {"name": name, "level": level, "negated": negated, "argument": function(level, {})[0]})
    aa._randomly_negate = negate
    return found


def sets():
    found = {"standard": aa._RAND_TRANSFORMS, "increasing": aa._RAND_INCREASING_TRANSFORMS, "3a": aa._RAND_3A,
             "augmix": aa._AUGMIX_TRANSFORMS}
    weighted = {"weights": aa._RAND_WEIGHTED_0, "3aw": aa._RAND_WEIGHTED_3A}
    return {"plain": found, "weighted": {k: [list(v), list(v.values())] for k, v in weighted.items()}}


def tables():
    policies = {p.value: tv.AutoAugment(p).policies for p in tv.AutoAugmentPolicy}
    timm_tables = {
        name: [[(op.name, op.prob, op.magnitude) for op in ops] for ops in aa.auto_augment_policy(name)]
        for name in ("original", "originalr", "v0", "v0r", "3a")
    }
    weights = np.float32([0.2, 0.5, 0.3])
    in_turn = aa.AugMixAugment([])._calc_blended_weights(weights, np.float32(0.6)).tolist()
    all_tables = {
        "torchvision": policies, "timm": timm_tables, "spaces": spaces(), "levels": levels(), "sets": sets(),
        "weightsInTurn": {"weights": weights.tolist(), "part": float(np.float32(0.6)), "result": in_turn},
        "erasing": erasing(),
    }
    (OUT / "tables.json").write_text(json.dumps(all_tables, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    assert torch.linspace(0, 32, 31)[15] < 16, "this processor or build of torch has no fused multiplication and addition"
    OUT.mkdir(parents=True, exist_ok=True)
    source = Image.fromarray(scene(WIDTH, HEIGHT, 11))
    torchvision_policies(source)
    timm_policies(source)
    three_augment("three-augment", source)
    tables()
