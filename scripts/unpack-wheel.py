"""Reads the wheels that fetch-libtorch.sh brought.

unpack-wheel.py torch WHEEL DEST [--cuda]  unpacks include/, lib/ and the licences of a torch wheel into DEST
unpack-wheel.py cuda WHEEL DEST            unpacks the shared libraries and licences of a CUDA wheel into DEST
unpack-wheel.py requirements WHEEL [--cuda]
    prints, one per line, the requirements of CUDA libraries: all of them, or the two that the CPU part loads
unpack-wheel.py kind WHEEL                 prints cpu or cuda
"""

import pathlib
import re
import shutil
import sys
import zipfile

# Needed by Python alone, or by torch's own tests.
PYTHON_ONLY = re.compile(
    r"lib(torch_python|shm|torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops|torch_global_deps)"
)
CUDA_PART = re.compile(r"lib(torch_cuda|c10_cuda|torch_nvshmem|caffe2_nvrtc)")
# The profiler inside libtorch_cpu.so and its CUDA start-up code load these whether or not there is a GPU.
LOADED_BY_CPU_PART = ("cudart", "cupti")


def write(archive, name, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
    if ".so" in target.name:
        target.chmod(0o755)


def safe(name):
    parts = pathlib.PurePosixPath(name).parts
    return not name.endswith("/") and ".." not in parts and not name.startswith("/")


def unpack_licences(archive, destination, package):
    for name in filter(safe, archive.namelist()):
        inside = re.match(r"[^/]*\.dist-info/(?:licenses/)?((?:.*/)?(?:LICEN[CS]E|NOTICE|COPYING|License)[^/]*)$", name)
        if inside:
            write(archive, name, destination / "licenses" / package / inside[1])


def unpack_torch(wheel, destination, cuda):
    with zipfile.ZipFile(wheel) as archive:
        for name in filter(safe, archive.namelist()):
            inside = re.match(r"torch/((?:include|lib)/.*)", name) or re.match(r"torch\.libs/(.*)", name)
            if not inside:
                continue
            path = inside[1] if name.startswith("torch/") else "lib/" + inside[1]
            library = path[4:] if path.startswith("lib/") else ""
            if PYTHON_ONLY.match(library) or (CUDA_PART.match(library) and not cuda):
                continue
            write(archive, name, destination / path)
        unpack_licences(archive, destination, "libtorch")


def unpack_cuda(wheel, destination):
    package = pathlib.Path(wheel).name.split("-")[0]
    with zipfile.ZipFile(wheel) as archive:
        for name in filter(safe, archive.namelist()):
            if re.search(r"(^|/)lib[^/]*\.so[.0-9]*$", name):
                write(archive, name, destination / "lib" / pathlib.PurePosixPath(name).name)
        unpack_licences(archive, destination, package)


def requirements(wheel, everything):
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    for line in lines:
        if not line.startswith("Requires-Dist: ") or "extra ==" in line:
            continue
        requirement = line[len("Requires-Dist: ") :].split(";")[0].strip()
        toolkit = re.match(r"cuda-toolkit\[([^\]]*)\](.*)", requirement)
        if toolkit:
            extras = toolkit[1].split(",")
            if not everything:
                extras = [e for e in extras if e in LOADED_BY_CPU_PART]
            yield "cuda-toolkit[" + ",".join(extras) + "]" + toolkit[2].strip(" ()")
        elif requirement.startswith("nvidia-"):
            if everything or re.match(r"nvidia-cuda-(runtime|cupti)", requirement):
                yield requirement.replace(" ", "").replace("(", "").replace(")", "")


def main(arguments):
    cuda = "--cuda" in arguments
    arguments = [a for a in arguments if a != "--cuda"]
    verb, wheel = arguments[0], arguments[1]
    if verb == "torch":
        unpack_torch(wheel, pathlib.Path(arguments[2]), cuda)
    elif verb == "cuda":
        unpack_cuda(wheel, pathlib.Path(arguments[2]))
    elif verb == "requirements":
        print("\n".join(requirements(wheel, cuda)))
    elif verb == "kind":
        with zipfile.ZipFile(wheel) as archive:
            print("cuda" if any("libtorch_cuda.so" in n for n in archive.namelist()) else "cpu")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
