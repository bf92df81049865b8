"""Makes Tests/Fixtures/schedules.json: learning rates of every schedule, unit by unit, from the published sources.

Needs torch and timm; run as `python scripts/reference/make_schedule_fixtures.py` from the root.

What each comes from, after the warm-up:
  cosine               torch.optim.lr_scheduler.CosineAnnealingLR; with k-decay timm.scheduler.CosineLRScheduler
  cosine_restarts      timm.scheduler.CosineLRScheduler(cycle_mul, cycle_decay, cycle_limit)
  linear               Colossal-AI's LinearWarmupLR: (T - e) / (T - w), by formula
  polynomial           torch.optim.lr_scheduler.PolynomialLR; with an end Colossal-AI's PolynomialLR, by formula; with
                       k-decay timm.scheduler.PolyLRScheduler
  multi_step           torch.optim.lr_scheduler.MultiStepLR over the whole run, as Colossal-AI's MultiStepWarmupLR
  step                 timm.scheduler.StepLRScheduler, torch.optim.lr_scheduler.StepLR
  exponential          torch.optim.lr_scheduler.ExponentialLR
  one_cycle            torch.optim.lr_scheduler.OneCycleLR
  flat_anneal          Colossal-AI's FlatAnnealingWarmupLR: int(pct (T - w)) flat, then torch's CosineAnnealingLR
  inverse_sqrt         transformers' get_inverse_sqrt_schedule, by formula
  warmup_stable_decay  transformers' get_wsd_schedule and Hägele et al. 2024 (1 - sqrt), by formula
  constant             torch.optim.lr_scheduler.ConstantLR with factor 1
With `warmup_prefix` cosine, cosine_restarts, polynomial, step and multi_step are timm's with that argument; timm's
MultiStepLRScheduler falls one unit before a milestone, so that its milestones are one larger.
The warm-up is Colossal-AI's: (e + 1) / (w + 1) for linear, (e + 1) / w for the others, from `start` to the first rate.
Behind the end the end's rate stays.
"""

import json
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "bench"))
import any_torchvision  # noqa: E402, F401
import timm.scheduler  # noqa: E402
import torch  # noqa: E402
from torch.optim import lr_scheduler  # noqa: E402

BASE = 0.8


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)


def by_torch(make, count):
    """Rates of units 0 ..< count of a torch scheduler."""
    opt = optimizer()
    scheduler = make(opt)
    rates = []
    for _ in range(count):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return rates


def by_timm(make, count):
    opt = optimizer()
    scheduler = make(opt)
    return [scheduler._get_lr(unit)[0] for unit in range(count)]


def by_timm_with_warmup(make, total, warmup, prefix, **more):
    """Rates of the whole run; those of the warm-up itself, which timm counts otherwise, are replaced by `case`."""
    return by_timm(lambda o: make(o, warmup_t=warmup, warmup_lr_init=0.05, warmup_prefix=prefix, **more), total)


def by_formula(formula, count):
    return [formula(unit) for unit in range(count)]


def case(name, settings, total, rates, *, warmup=0, start=0.0, first=BASE, form=0, source, from_start=False):
    """`rates` of the units after the warm-up (or of all), which gets `total` and one more for the end."""
    rise = [start + (first - start) * (e + 1) / (warmup + form) for e in range(warmup)]
    values = rise + (rates[warmup:] if from_start else rates)
    assert len(values) == total + 1, (name, len(values), total)
    assert all(math.isfinite(v) and v >= 0 for v in values), name
    return {"name": name, "settings": settings, "base": BASE, "total": total, "warmup": warmup, "start": start,
            "source": source, "rates": values}


def cases():
    t, w, start = 30, 6, 0.05
    n = t - w
    warm = {"warmup": w, "start": start}
    cosine = lr_scheduler.CosineAnnealingLR
    yield case("cosine", "type: cosine", t,
               by_torch(lambda o: cosine(o, t), t + 1), source="torch CosineAnnealingLR")
    yield case("cosine with a minimum and a warm-up", "type: cosine\nminimum: 0.01", t,
               by_torch(lambda o: cosine(o, n, eta_min=0.01), n + 1), **warm, source="torch CosineAnnealingLR")
    yield case("cosine with k-decay", "type: cosine\nminimum: 0.01\nk_decay: 1.5", t,
               by_timm(lambda o: timm.scheduler.CosineLRScheduler(o, n, lr_min=0.01, k_decay=1.5), n + 1), **warm,
               source="timm CosineLRScheduler")

    def restarts(length, **more):
        return lambda o: timm.scheduler.CosineLRScheduler(o, length, lr_min=0.01, cycle_limit=3, **more)
    yield case("restarts", "type: cosine_restarts\ncycles: 3\nminimum: 0.01", t,
               by_timm(restarts(8), n + 1), **warm, source="timm CosineLRScheduler")
    yield case("restarts that fall", "type: cosine_restarts\ncycles: 3\nminimum: 0.01\ncycle_decay: 0.5", t,
               by_timm(restarts(8, cycle_decay=0.5), n + 1), **warm, source="timm CosineLRScheduler")
    yield case("restarts that grow", "type: cosine_restarts\ncycles: 3\nminimum: 0.01\ncycle_multiplier: 2\n"
               "cycle_decay: 0.7\nk_decay: 0.9", 4 * 7 + w,
               by_timm(restarts(4, cycle_mul=2, cycle_decay=0.7, k_decay=0.9), 29), **warm,
               source="timm CosineLRScheduler")
    yield case("restarts that shrink", "type: cosine_restarts\ncycles: 3\nminimum: 0.01\ncycle_multiplier: 0.5", 28 + w,
               by_timm(restarts(16, cycle_mul=0.5), 28) + [0.01], **warm, source="timm CosineLRScheduler")

    yield case("linear", "type: linear", t, by_formula(lambda e: BASE * (t - e) / t, t + 1),
               source="Colossal-AI LinearWarmupLR")
    yield case("linear with warm-up", "type: linear", t, by_formula(lambda e: BASE * (n - e) / n, n + 1), warmup=w,
               form=1, source="Colossal-AI LinearWarmupLR")
    yield case("linear with a minimum", "type: linear\nminimum: 0.1", t,
               by_formula(lambda e: 0.1 + (BASE - 0.1) * (n - e) / n, n + 1), **warm, form=1,
               source="Colossal-AI LinearWarmupLR, to an end")

    yield case("polynomial", "type: polynomial\npower: 2", t,
               by_torch(lambda o: lr_scheduler.PolynomialLR(o, n, power=2), n + 1), **warm, source="torch PolynomialLR")
    yield case("polynomial with an end", "type: polynomial\npower: 0.9\nminimum: 0.0001", t,
               by_formula(lambda e: (BASE - 1e-4) * (1 - e / n) ** 0.9 + 1e-4, n + 1), **warm,
               source="Colossal-AI PolynomialLR")
    yield case("polynomial with k-decay", "type: polynomial\npower: 0.5\nminimum: 0.01\nk_decay: 1.3", t,
               by_timm(lambda o: timm.scheduler.PolyLRScheduler(o, n, power=0.5, lr_min=0.01, k_decay=1.3), n) + [0.01],
               **warm, source="timm PolyLRScheduler")

    milestones = [4, 10, 11, 25]
    yield case("milestones", "type: multi_step\nmilestones: [4, 10, 11, 25]\ngamma: 0.5", t,
               by_torch(lambda o: lr_scheduler.MultiStepLR(o, milestones, gamma=0.5), t + 1),
               source="torch MultiStepLR")
    yield case("milestones with warm-up", "type: multi_step\nmilestones: [10, 25]", t,
               by_torch(lambda o: lr_scheduler.MultiStepLR(o, [10, 25], gamma=0.1), t + 1), **warm, from_start=True,
               source="torch MultiStepLR, Colossal-AI MultiStepWarmupLR")
    yield case("milestones with a minimum", "type: multi_step\nmilestones: [10, 25]\nminimum: 0.02", t,
               [max(0.02, v) for v in by_torch(lambda o: lr_scheduler.MultiStepLR(o, [10, 25], gamma=0.1), t + 1)],
               **warm, from_start=True, source="torch MultiStepLR, not below a minimum")

    yield case("steps", "type: step\nevery: 7\ngamma: 0.3", t,
               by_torch(lambda o: lr_scheduler.StepLR(o, 7, gamma=0.3), t + 1), source="torch StepLR")
    yield case("steps with warm-up", "type: step\nevery: 7\ngamma: 0.3", t,
               by_timm(lambda o: timm.scheduler.StepLRScheduler(o, 7, decay_rate=0.3), t + 1), **warm, from_start=True,
               source="timm StepLRScheduler")
    def prefixed(name, kind, settings, make, prefix, *, end=None, **more):
        """timm's schedule from the start of the run under the warm-up, or from the end of the warm-up on."""
        rates = by_timm_with_warmup(make, t if end is not None else t + 1, w, prefix, **more)
        text = f"type: {kind}\nwarmup_prefix: {str(prefix).lower()}\n{settings}"
        return case(name, text.strip(), t, rates + ([end] if end is not None else []), **warm, from_start=True,
                    source=f"timm {make.__name__}, warmup_prefix={prefix}")

    timms = timm.scheduler
    for prefix in (False, True):
        n_or_t = n if prefix else t
        on = "behind" if prefix else "under"
        yield prefixed(f"cosine {on} the warm-up", "cosine", "minimum: 0.01", timms.CosineLRScheduler, prefix,
                       t_initial=n_or_t, lr_min=0.01)
        yield prefixed(f"cosine with k-decay {on} the warm-up", "cosine", "minimum: 0.02\nk_decay: 0.7",
                       timms.CosineLRScheduler, prefix, t_initial=n_or_t, lr_min=0.02, k_decay=0.7)
        yield prefixed(f"restarts {on} the warm-up", "cosine_restarts", "cycles: 3\nminimum: 0.01\ncycle_decay: 0.5",
                       timms.CosineLRScheduler, prefix, t_initial=n_or_t // 3, lr_min=0.01, cycle_decay=0.5,
                       cycle_limit=3)
        yield prefixed(f"polynomial {on} the warm-up", "polynomial", "power: 0.5\nminimum: 0.01\nk_decay: 1.3",
                       timms.PolyLRScheduler, prefix, end=0.01, t_initial=n_or_t, lr_min=0.01, power=0.5, k_decay=1.3)
        yield prefixed(f"steps {on} the warm-up", "step", "every: 7\ngamma: 0.3", timms.StepLRScheduler, prefix,
                       decay_t=7, decay_rate=0.3)
        yield prefixed(f"milestones {on} the warm-up", "multi_step", "milestones: [4, 10, 11, 23]\ngamma: 0.5",
                       timms.MultiStepLRScheduler, prefix, decay_t=[5, 11, 12, 24], decay_rate=0.5)

    yield case("exponential", "type: exponential\ngamma: 0.9", t,
               by_torch(lambda o: lr_scheduler.ExponentialLR(o, 0.9), t + 1), source="torch ExponentialLR")
    yield case("exponential with warm-up", "type: exponential\ngamma: 0.9\nminimum: 0.1", t,
               [max(0.1, v) for v in by_torch(lambda o: lr_scheduler.ExponentialLR(o, 0.9), n + 1)], **warm,
               source="torch ExponentialLR, not below a minimum")

    def cycle(count, **more):
        # torch stops at its last step; the end's rate stays.
        opt = optimizer()
        scheduler = lr_scheduler.OneCycleLR(opt, max_lr=BASE, total_steps=count, **more)
        rates = []
        for unit in range(count):
            rates.append(opt.param_groups[0]["lr"])
            opt.step()
            if unit + 1 < count:
                scheduler.step()
        return rates + rates[-1:]
    yield case("one cycle", "type: one_cycle", t, cycle(t), source="torch OneCycleLR")
    yield case("one cycle of lines with warm-up",
               "type: one_cycle\nanneal: linear\npct_start: 0.4\ndiv_factor: 10\nfinal_div_factor: 100", t,
               cycle(n, anneal_strategy="linear", pct_start=0.4, div_factor=10, final_div_factor=100), **warm,
               first=BASE / 10, source="torch OneCycleLR")

    def flat(count, pct, end):
        flat_steps = int(count * pct)
        return [BASE] * flat_steps + by_torch(lambda o: cosine(o, count - flat_steps, eta_min=end),
                                              count - flat_steps + 1)
    yield case("flat, then a cosine", "type: flat_anneal", t, flat(t, 0.72, 0), source="Colossal-AI FlatAnnealingLR")
    yield case("flat with warm-up", "type: flat_anneal\npct_start: 0.5\nminimum: 0.02", t, flat(n, 0.5, 0.02), **warm,
               source="Colossal-AI FlatAnnealingWarmupLR")

    def inverse(warmup, timescale):
        shift = timescale - warmup
        return lambda e: BASE / math.sqrt((e + warmup + shift) / timescale)
    yield case("inverse root", "type: inverse_sqrt\ntimescale: 4", t, by_formula(inverse(0, 4), t + 1),
               source="transformers get_inverse_sqrt_schedule")
    yield case("inverse root with warm-up", "type: inverse_sqrt", t, by_formula(inverse(w, w), n + 1), **warm,
               source="transformers get_inverse_sqrt_schedule")

    def stable(decay, fall, end=0.0):
        def rate(e):
            if e + w < t - decay:
                return BASE
            return end + (BASE - end) * fall((e + w - (t - decay)) / decay)
        return rate
    yield case("stable, then a line", "type: warmup_stable_decay", t,
               by_formula(stable(6, lambda x: 1 - x), n + 1), **warm, source="transformers get_wsd_schedule, linear")
    yield case("stable, then a cosine", "type: warmup_stable_decay\ndecay: cosine\ndecay_fraction: 0.3\nminimum: 0.03", t,
               by_formula(stable(9, lambda x: 0.5 * (1 + math.cos(math.pi * x)), 0.03), n + 1), **warm,
               source="transformers get_wsd_schedule, cosine")
    yield case("stable, then a root", "type: warmup_stable_decay\ndecay: sqrt\ndecay_fraction: 0.5", t,
               by_formula(stable(15, lambda x: 1 - math.sqrt(x)), n + 1), **warm, source="Hägele et al. 2024, 1 - sqrt")
    yield case("constant", "type: constant", t, by_torch(lambda o: lr_scheduler.ConstantLR(o, factor=1), n + 1), **warm,
               source="torch ConstantLR")


def main():
    found = list(cases())
    versions = {"torch": torch.__version__.split("+")[0], "timm": timm.__version__}
    path = ROOT / "Tests" / "Fixtures" / "schedules.json"
    path.write_text(json.dumps({"versions": versions, "cases": found}, indent=1, ensure_ascii=False) + "\n")
    print(f"{path}: {len(found)} cases, {path.stat().st_size} bytes")


main()
