#!/usr/bin/env python3
"""Writes Tests/Fixtures/optimizer_steps.safetensors: 20 steps of each optimizer, all parameters and states after each.

    python scripts/reference/make_optimizer_fixtures.py      (from the root; needs torch, timm and safetensors from PyPI)

Everything is float64. Five free-standing parameters: two matrices, a convolution's kernel, a bias (without weight decay,
as timm groups it, but for Colossal-AI's Lamb), and a matrix that starts at zero, whose norm is none to divide by. Gradients
are large and small in turn, so that clipping acts in some steps and not in others; the rate falls.

What each comes from:
  lamb_timm...      timm.optim.Lamb, whose step clips to a norm of 1; lamb_modern the same without that
  lamb_colossal     Colossal-AI's Lamb, by formula: no bias correction, u = m / (sqrt(v) + eps) + decay p, all parameters
                    scaled by |p| / |u|, 1 where either is 0
  lars...           timm.optim.Lars
  lion, nadamw, adan...  timm.optim.Lion, NAdamW, Adan
  adafactor...      timm.optim.AdafactorBigVision, its momentum in float64
  muon...           torch.optim.Muon for matrices, torch.optim.AdamW for the rest; the iteration in float64, not bfloat16
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "bench"))
import any_torchvision  # noqa: E402, F401  (must stand before timm)
import timm  # noqa: E402
import timm.optim  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

STEPS = 20
SHAPES = {"w": (4, 3), "v": (3, 5), "conv": (3, 2, 2, 2), "bias": (3,), "zero": (2, 3)}
MATRICES = ["w", "v", "zero"]


class ColossalLamb(torch.optim.Optimizer):
    """The formula, parameter by parameter."""

    def __init__(self, groups, lr, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0):
        super().__init__(groups, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                state = self.state[p]
                m = state.get("exp_avg", torch.zeros_like(p)) * beta1 + (1 - beta1) * p.grad
                v = state.get("exp_avg_sq", torch.zeros_like(p)) * beta2 + (1 - beta2) * p.grad ** 2
                state["exp_avg"], state["exp_avg_sq"] = m, v
                u = m / (v.sqrt() + group["eps"]) + group["weight_decay"] * p
                of_p, of_u = p.norm().item(), u.norm().item()
                p -= group["lr"] * (of_p / of_u if of_p > 0 and of_u > 0 else 1.0) * u


class MuonAndAdamW:
    """Two optimizers that look like one."""

    def __init__(self, named, lr, scale, weight_decay, **muon):
        matrices = [p for k, p in named.items() if k in MATRICES]
        plain = [p for k, p in named.items() if k == "conv"]
        exempt = [p for k, p in named.items() if k == "bias"]
        self.scale = scale
        self.muon = torch.optim.Muon(matrices, lr=lr, weight_decay=weight_decay, **muon)
        self.adam = torch.optim.AdamW(
            [{"params": plain, "weight_decay": weight_decay}, {"params": exempt, "weight_decay": 0.0}], lr=lr * scale,
            betas=(0.9, 0.95))

    @property
    def state(self):
        return dict(self.muon.state) | dict(self.adam.state)

    def set_rate(self, rate):
        for group in self.muon.param_groups:
            group["lr"] = rate
        for group in self.adam.param_groups:
            group["lr"] = rate * self.scale

    def step(self):
        own = torch.Tensor.bfloat16
        torch.Tensor.bfloat16 = lambda self: self.clone()
        try:
            self.muon.step()
        finally:
            torch.Tensor.bfloat16 = own
        self.adam.step()


def exempting(build):
    """An optimizer over two groups, the second without weight decay, as timm makes them."""
    def make(named, lr, weight_decay=0.0, **more):
        groups = [{"params": [p for k, p in named.items() if k != "bias"], "weight_decay": weight_decay},
                  {"params": [named["bias"]], "weight_decay": 0.0}]
        return build(groups, lr=lr, **more)
    return make


lamb, lars = exempting(timm.optim.Lamb), exempting(timm.optim.Lars)
lion, nadamw, adan = exempting(timm.optim.Lion), exempting(timm.optim.NAdamW), exempting(timm.optim.Adan)


def adafactor(named, lr, **more):
    return exempting(timm.optim.AdafactorBigVision)(
        named, lr, momentum_dtype=torch.float64, min_dim_size_to_factor=2, **more) if "momentum" not in more else \
        exempting(timm.optim.AdafactorBigVision)(named, lr, min_dim_size_to_factor=2, **more)


CASES = {
    "lamb_modern": (0.05, lambda p, lr: lamb(p, lr, weight_decay=0.1, max_grad_norm=None)),
    "lamb_clip": (0.05, lambda p, lr: lamb(p, lr, weight_decay=0.1, max_grad_norm=None, trust_clip=True)),
    "lamb_colossal": (0.05, lambda p, lr: ColossalLamb(list(p.values()), lr, weight_decay=0.1)),
    "lamb_timm": (0.05, lambda p, lr: lamb(p, lr, weight_decay=0.1)),
    "lamb_timm_all": (0.05, lambda p, lr: lamb(p, lr, betas=(0.8, 0.9), eps=1e-3, always_adapt=True)),
    "lars": (0.5, lambda p, lr: lars(p, lr, momentum=0.9, weight_decay=0.1, trust_coeff=0.02)),
    "lars_nesterov": (0.5, lambda p, lr: lars(
        p, lr, momentum=0.8, weight_decay=0.1, trust_coeff=0.5, nesterov=True, trust_clip=True)),
    "lars_plain": (0.5, lambda p, lr: lars(p, lr, trust_coeff=0.02, eps=0.1, always_adapt=True)),
    "lars_dampening": (0.5, lambda p, lr: lars(p, lr, momentum=0.9, dampening=0.3, weight_decay=0.1, trust_coeff=0.02)),
    "lion": (0.02, lambda p, lr: lion(p, lr, weight_decay=0.5)),
    "lion_betas": (0.02, lambda p, lr: lion(p, lr, betas=(0.95, 0.8))),
    "nadamw": (0.05, lambda p, lr: nadamw(p, lr, weight_decay=0.1)),
    "nadamw_betas": (0.05, lambda p, lr: nadamw(p, lr, betas=(0.8, 0.9), eps=1e-3)),
    "adan": (0.05, lambda p, lr: adan(p, lr, weight_decay=0.1)),
    "adan_no_prox": (0.05, lambda p, lr: adan(p, lr, betas=(0.9, 0.8, 0.95), weight_decay=0.1, no_prox=True)),
    "adafactor": (0.05, lambda p, lr: adafactor(p, lr, weight_decay=0.1)),
    "adafactor_plain": (0.05, lambda p, lr: adafactor(
        p, lr, momentum=None, clipping_threshold=0.7, beta2_cap=0.8, decay_rate=0.6)),
    "muon": (0.05, lambda p, lr: MuonAndAdamW(p, lr, 1.0, 0.1, adjust_lr_fn="match_rms_adamw")),
    "muon_original": (0.05, lambda p, lr: MuonAndAdamW(p, lr, 0.3, 0.0, momentum=0.9, nesterov=False, ns_steps=3)),
}


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(17)
    draw = lambda shape: torch.randn(shape, generator=generator, dtype=torch.float64)
    start = {k: draw(s) for k, s in SHAPES.items()}
    start["zero"].zero_()
    scale = torch.tensor([0.05, 0.4], dtype=torch.float64).repeat(STEPS // 2)
    gradients = {k: draw((STEPS, *s)) * scale.view(-1, *[1] * len(s)) for k, s in SHAPES.items()}
    rates = torch.linspace(1.0, 0.2, STEPS, dtype=torch.float64)
    tensors = {f"start.{k}": v for k, v in start.items()}
    tensors |= {f"gradients.{k}": v for k, v in gradients.items()}
    tensors["rates"] = rates
    for name, (base, build) in CASES.items():
        named = {k: torch.nn.Parameter(v.clone()) for k, v in start.items()}
        optimizer = build(named, base)
        history = {}
        for step in range(STEPS):
            rate = base * rates[step].item()
            if hasattr(optimizer, "set_rate"):
                optimizer.set_rate(rate)
            else:
                for group in optimizer.param_groups:
                    group["lr"] = rate
            for k, p in named.items():
                p.grad = gradients[k][step].clone()
            optimizer.step()
            for k, p in named.items():
                found = {"value": p.detach()} | optimizer.state.get(p, {})
                for kind, value in found.items():
                    if torch.is_tensor(value) and kind != "step":
                        history.setdefault(f"{name}.{kind}.{k}", []).append(value.clone())
        tensors |= {k: torch.stack(v) for k, v in history.items()}
    path = ROOT / "Tests" / "Fixtures" / "optimizer_steps.safetensors"
    versions = {"torch": torch.__version__.split("+")[0], "timm": timm.__version__}
    save_file({k: v.contiguous() for k, v in tensors.items()}, path, metadata={"versions": json.dumps(versions)})
    print(f"{path}: {len(tensors)} tensors, {path.stat().st_size} bytes")


main()
