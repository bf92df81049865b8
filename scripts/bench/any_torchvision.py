"""Import this before torchvision or timm.

The package index's torchvision is built against CUDA. Beside a CPU build of torch its compiled part does not load, and
its Python part then stops at the declarations of two operators, which none of the benchmarks uses: declare them.
"""

import sys

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for name in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[name]
    import torchvision  # noqa: F401
