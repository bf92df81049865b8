#!/usr/bin/env python3
"""Writes the reference tensors that the model and optimizer tests compare with.

    python make_model_fixtures.py OUT_DIR        (needs torch, timm and safetensors from PyPI)

Every model is tiny and its weights are random and asymmetric, not an initialisation: a transposed matrix, swapped
heads or a forgotten bias changes the result. Files:

    vit_<variant>.safetensors    weights, input, target; for each precision: loss, logits, every named intermediate
                                 (`out.`) and the gradient of every parameter (`grad.`)
    vit_training.safetensors     ten steps of SGD and of AdamW from the weights of vit_class_token: batches, losses,
                                 final parameters
    optimizers.safetensors       ten steps of each optimizer variant on free-standing tensors, clipping, weight averages
                                 after each of nine updates
    losses.safetensors           cross-entropy with label smoothing, integer and soft targets, values and gradients
    position_resize.safetensors  position embeddings resampled to other grids
    presets.json                 parameter counts, geometry and preprocessing of every preset, state dicts of several
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
import any_torchvision  # noqa: E402, F401  (must stand before timm)
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from timm.layers import resample_abs_pos_embed
from timm.models.deit import VisionTransformerDistilled
from timm.models.vision_transformer import VisionTransformer
from timm.utils import ModelEmaV3

GEOMETRY = dict(img_size=12, patch_size=4, embed_dim=24, depth=2, num_heads=3, mlp_ratio=2, num_classes=5)
BATCH = 2
STEPS = 10


class RepresentationViT(VisionTransformer):
    """The early timm layout: a linear layer and tanh (`pre_logits`) between the class token and the head."""

    def __init__(self, representation_size, **kwargs):
        super().__init__(**kwargs)
        head = self.head
        del self.head
        self.pre_logits = torch.nn.Sequential()
        self.pre_logits.add_module("fc", torch.nn.Linear(self.embed_dim, representation_size))
        self.pre_logits.add_module("act", torch.nn.Tanh())
        self.head = torch.nn.Linear(representation_size, head.out_features)

    def forward_head(self, x, pre_logits=False):
        return self.head(self.pre_logits(self.head_drop(self.fc_norm(self.pool(x)))))


VARIANTS = {
    "class_token": lambda: VisionTransformer(**GEOMETRY),
    "mean_pooling": lambda: VisionTransformer(**GEOMETRY, global_pool="avg", qkv_bias=False),
    "distilled": lambda: VisionTransformerDistilled(**GEOMETRY),
    "layer_scale": lambda: VisionTransformer(**GEOMETRY, init_values=0.1, reg_tokens=2, no_embed_class=True),
    "representation": lambda: RepresentationViT(10, **GEOMETRY),
}


def randomise(model, generator):
    """Fills every parameter with asymmetric values of the size that training leads to."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            if "norm" in name and name.endswith("weight"):
                p.copy_(1 + 0.2 * noise)
            elif name.endswith("gamma"):
                p.copy_(0.5 + 0.3 * noise)
            elif "token" in name or "pos_embed" in name or "patch_embed" in name:
                # Small, as in a real model: a wrong epsilon in the first layer norm shows.
                p.copy_(0.05 * noise)
            elif p.ndim > 1:
                p.copy_(noise * 1.2 / p.shape[1] ** 0.5)
            else:
                p.copy_(0.3 * noise)


def record(model, outputs):
    """Names the output of each part as Vitrail does: by timm's module, `pos_embed` for the tokens that enter block 0."""
    for name, module in model.named_modules():
        leaf = name.rsplit(".", 1)[-1]
        if name == "pos_drop":
            name = "pos_embed"
        elif not (
            leaf in ("patch_embed", "norm1", "qkv", "attn", "norm2", "fc1", "mlp", "norm", "pre_logits")
            or name.startswith("blocks.") and leaf.isdigit()
            or name.endswith("mlp.act")
            or name == "fc_norm" and not isinstance(module, torch.nn.Identity)
        ):
            continue
        if isinstance(module, torch.nn.Identity):
            continue
        module.register_forward_hook(lambda m, i, o, name=name: outputs.__setitem__(name, o.detach().clone()))
    if not isinstance(model, VisionTransformerDistilled):
        model.fc_norm.register_forward_pre_hook(
            lambda m, i: outputs.__setitem__("pooled", i[0].detach().clone()))


def forward_and_backward(model, weights, x, target, dtype):
    model = model.to(dtype)
    model.load_state_dict({k: v.to(dtype) for k, v in weights.items()})
    model.train()
    outputs = {}
    record(model, outputs)
    logits = model(x.to(dtype))
    loss = F.cross_entropy(logits, target)
    loss.backward()
    result = {"logits": logits, "loss": loss}
    result |= {f"out.{k}": v for k, v in outputs.items()}
    result |= {f"grad.{k}": p.grad for k, p in model.named_parameters()}
    if isinstance(model, VisionTransformerDistilled):
        model.set_distilled_training(True)
        result["class_logits"], result["distillation_logits"] = model(x.to(dtype))
    return result


def save(tensors, path):
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, path)


def make_variants(out):
    for seed, (name, build) in enumerate(VARIANTS.items()):
        generator = torch.Generator().manual_seed(1000 + seed)
        model = build()
        randomise(model, generator)
        weights = {k: v.clone() for k, v in model.state_dict().items()}
        x = torch.randn(BATCH, 3, 12, 12, generator=generator)
        target = torch.randint(0, 5, (BATCH,), generator=generator)
        tensors = {f"weights.{k}": v for k, v in weights.items()} | {"input": x, "target": target}
        for label, dtype in (("float32", torch.float32), ("float64", torch.float64)):
            if dtype == torch.float64 and name not in ("class_token",):
                continue
            for k, v in forward_and_backward(build(), weights, x, target, dtype).items():
                tensors[f"{label}.{k}"] = v
        save(tensors, out / f"vit_{name}.safetensors")
        if name == "class_token":
            make_training(out, build, weights)


def no_decay(name, p):
    return p.ndim <= 1 or name.endswith(".bias") or name in ("pos_embed", "cls_token", "dist_token", "reg_token")


def make_training(out, build, weights):
    generator = torch.Generator().manual_seed(77)
    inputs = torch.randn(STEPS, BATCH, 3, 12, 12, generator=generator)
    targets = torch.randint(0, 5, (STEPS, BATCH), generator=generator)
    tensors = {"inputs": inputs, "targets": targets}
    for label, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        for optimizer_name in ("sgd", "adamw"):
            model = build().to(dtype)
            model.load_state_dict({k: v.to(dtype) for k, v in weights.items()})
            named = list(model.named_parameters())
            if optimizer_name == "sgd":
                smoothing = 0.0
                optimizer = torch.optim.SGD(
                    model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-3)
            else:
                smoothing = 0.1
                groups = [
                    {"params": [p for n, p in named if not no_decay(n, p)], "weight_decay": 0.05},
                    {"params": [p for n, p in named if no_decay(n, p)], "weight_decay": 0.0},
                ]
                eps = 1e-8 if dtype == torch.float64 else 1e-4
                optimizer = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.999), eps=eps)
            losses = []
            for step in range(STEPS):
                loss = F.cross_entropy(model(inputs[step].to(dtype)), targets[step], label_smoothing=smoothing)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
            tensors[f"{optimizer_name}.{label}.losses"] = torch.stack(losses)
            for k, v in model.named_parameters():
                tensors[f"{optimizer_name}.{label}.{k}"] = v
    save(tensors, out / "vit_training.safetensors")


OPTIMIZERS = {
    "sgd_plain": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd_decay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "sgd_dampening": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3),
    "sgd_nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, weight_decay=0.01, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.99), eps=1e-6),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=0.05, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1),
}


def make_optimizers(out):
    generator = torch.Generator().manual_seed(5)
    shapes = {"a": (3, 4), "b": (5,)}
    draw = lambda shape: torch.randn(shape, generator=generator, dtype=torch.float64)
    start = {k: draw(s) for k, s in shapes.items()}
    gradients = {k: draw((STEPS, *s)) for k, s in shapes.items()}
    rates = torch.linspace(1.0, 0.1, STEPS, dtype=torch.float64)
    tensors = {f"start.{k}": v for k, v in start.items()}
    tensors |= {f"gradients.{k}": v for k, v in gradients.items()}
    tensors["rates"] = rates
    for name, build in OPTIMIZERS.items():
        parameters = {k: torch.nn.Parameter(v.clone()) for k, v in start.items()}
        optimizer = build(list(parameters.values()))
        base = optimizer.param_groups[0]["lr"]
        for step in range(STEPS):
            optimizer.param_groups[0]["lr"] = base * rates[step].item()
            for k, p in parameters.items():
                p.grad = gradients[k][step].clone()
            optimizer.step()
        tensors |= {f"{name}.{k}": p for k, p in parameters.items()}

    for label, limit in (("clip_small", 0.5), ("clip_large", 1e3)):
        parameters = [torch.nn.Parameter(start[k].clone()) for k in shapes]
        for k, p in zip(shapes, parameters):
            p.grad = gradients[k][0].clone()
        tensors[f"{label}.norm"] = torch.nn.utils.clip_grad_norm_(parameters, limit)
        tensors |= {f"{label}.{k}": p.grad for k, p in zip(shapes, parameters)}

    # The average of a model that jumps to a new place at every step; a linear layer holds the two tensors.
    for label, warmup in (("average", False), ("average_warmup", True)):
        model = torch.nn.Linear(4, 3).double()
        place = lambda step: {"weight": start["a"] + step * gradients["a"][step], "bias": gradients["b"][step][:3]}
        model.load_state_dict(place(0))
        ema = ModelEmaV3(model, decay=0.9, use_warmup=warmup)
        trajectory = []
        for step in range(1, STEPS):
            model.load_state_dict(place(step))
            # As timm's training script has it: counted from one, behind the optimizer's step.
            ema.update(model, step=step)
            trajectory.append({k: v.clone() for k, v in ema.module.state_dict().items()})
        tensors |= {f"{label}.{k}": torch.stack([place[k] for place in trajectory]) for k in trajectory[0]}
    save(tensors, out / "optimizers.safetensors")


def make_losses(out):
    generator = torch.Generator().manual_seed(11)
    logits = 3 * torch.randn(6, 5, generator=generator, dtype=torch.float64)
    target = torch.randint(0, 5, (6,), generator=generator)
    soft = torch.softmax(2 * torch.randn(6, 5, generator=generator, dtype=torch.float64), dim=1)
    tensors = {"logits": logits, "target": target, "soft_target": soft}
    for name, t in (("hard", target), ("soft", soft)):
        for smoothing in (0.0, 0.1):
            x = logits.clone().requires_grad_(True)
            loss = F.cross_entropy(x, t, label_smoothing=smoothing)
            loss.backward()
            tensors[f"{name}.{smoothing}.loss"] = loss
            tensors[f"{name}.{smoothing}.grad"] = x.grad
            tensors[f"{name}.{smoothing}.each"] = F.cross_entropy(
                logits, t, label_smoothing=smoothing, reduction="none")
    save(tensors, out / "losses.safetensors")


def make_position_resize(out):
    generator = torch.Generator().manual_seed(21)
    tensors = {}
    for old, new, prefix in ((3, 5, 1), (6, 4, 2), (4, 9, 0), (7, 3, 1)):
        source = torch.randn(1, old * old + prefix, 6, generator=generator)
        name = f"{old}to{new}prefix{prefix}"
        tensors[f"{name}.source"] = source
        tensors[f"{name}.resized"] = resample_abs_pos_embed(source, [new, new], num_prefix_tokens=prefix)
    save(tensors, out / "position_resize.safetensors")


PRESETS = [
    "vit_tiny_patch16_224", "vit_tiny_patch16_384", "vit_small_patch32_224", "vit_small_patch32_384",
    "vit_small_patch16_224", "vit_small_patch16_384", "vit_small_patch8_224", "vit_base_patch32_224",
    "vit_base_patch32_384", "vit_base_patch16_224", "vit_base_patch16_384", "vit_base_patch8_224",
    "vit_large_patch32_224", "vit_large_patch32_384", "vit_large_patch16_224", "vit_large_patch16_384",
    "vit_large_patch14_224", "vit_huge_patch14_224", "vit_giant_patch14_224", "vit_gigantic_patch14_224",
    "deit_tiny_patch16_224", "deit_small_patch16_224", "deit_base_patch16_224", "deit_base_patch16_384",
    "deit_tiny_distilled_patch16_224", "deit_small_distilled_patch16_224", "deit_base_distilled_patch16_224",
    "deit_base_distilled_patch16_384",
    "deit3_small_patch16_224", "deit3_base_patch16_224", "deit3_large_patch16_224", "deit3_huge_patch14_224",
]
LISTED = [
    "vit_tiny_patch16_224", "vit_base_patch32_384", "vit_giant_patch14_224", "deit_small_distilled_patch16_224",
    "deit3_base_patch16_224",
]


def make_presets(out):
    presets = {}
    for name in PRESETS:
        with torch.device("meta"):
            # Class count 1000 throughout: what a bare name builds may follow the newest weights instead.
            model = timm.create_model(name, num_classes=1000)
        cfg = model.default_cfg
        presets[name] = {
            "parameters": sum(p.numel() for p in model.parameters()),
            "imageSize": cfg["input_size"][1],
            "cropFraction": cfg["crop_pct"],
            "interpolation": cfg["interpolation"],
            "mean": cfg["mean"],
            "std": cfg["std"],
        }
        if name in LISTED:
            presets[name]["state"] = [[k, list(v.shape)] for k, v in model.state_dict().items()]
    variants = {
        f"variant:{name}": {"state": [[k, list(v.shape)] for k, v in build().state_dict().items()]}
        for name, build in VARIANTS.items()
    }
    text = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in (presets | variants).items())
    (out / "presets.json").write_text("{\n" + text + "\n}\n")


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    make_variants(out)
    make_optimizers(out)
    make_losses(out)
    make_position_resize(out)
    make_presets(out)
    for path in sorted(out.iterdir()):
        print(f"{path.stat().st_size:9,} {path.name}")


if __name__ == "__main__":
    main()
