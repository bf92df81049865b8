#!/usr/bin/env python3
"""Writes the small archives that the unpacker is tested with, by Python's tarfile and gzip: Tests/Fixtures/archives/.

usage: scripts/reference/make_archives.py

Each of ustar.tgz, pax.tgz and gnu.tgz holds photos/LICENSE.txt, photos/daisy/1.bin (1000 bytes: 7 i mod 251) and a file
under a long path, in the three formats that are in use; members.tgz is ustar.tgz cut into two gzip members with zeros
after them; zeros.tgz holds 24 MB of zeros; images.tgz holds three tiny PNG files in two folders; cifar.tgz holds the
files of CIFAR-10's binary version with two records each, but for the test batch, which has ten.
"""
import gzip
import io
import pathlib
import struct
import tarfile
import zlib

target_folder = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/archives"
payload = bytes(7 * i % 251 for i in range(1000))
# Within what ustar's two fields hold; pax and GNU need their own headers for the second.
long_path = "photos/" + "a-long-folder-name/" * 6 + "b" * 60 + ".bin"
longer_path = "photos/" + "c" * 200 + "/" + "d" * 120 + ".bin"


def tar(format, paths, folders=()):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for folder in folders:
            directory = tarfile.TarInfo(folder)
            directory.type, directory.mode, directory.uname = tarfile.DIRTYPE, 0o7777, "someone"
            archive.addfile(directory)
        for path, data in paths:
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode, entry.uid, entry.mtime = len(data), 0o4755, 1234, 1_000_000_000
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def write(name, data):
    (target_folder / name).write_bytes(data)
    print(name, len(data))


target_folder.mkdir(parents=True, exist_ok=True)
common = [("photos/LICENSE.txt", b"free\n"), ("photos/daisy/1.bin", payload), (long_path, b"long")]
ustar = tar(tarfile.USTAR_FORMAT, common, ["photos/daisy"])
write("ustar.tgz", gzip.compress(ustar, mtime=0))
write("pax.tgz", gzip.compress(tar(tarfile.PAX_FORMAT, common + [(longer_path, b"longer")], ["photos/daisy"]), mtime=0))
write("gnu.tgz", gzip.compress(tar(tarfile.GNU_FORMAT, common + [(longer_path, b"longer")], ["photos/daisy"]), mtime=0))
halves = ustar[:1500], ustar[1500:]
write("members.tgz", b"".join(gzip.compress(half, mtime=0) for half in halves) + bytes(512))
write("zeros.tgz", gzip.compress(tar(tarfile.USTAR_FORMAT, [("zeros.bin", bytes(24 << 20))]), mtime=0))


def png(grey):
    """An 8x8 grey PNG of one value."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([grey]) * 8) * 8
    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


images = [("photos/dark/1.png", png(10)), ("photos/dark/2.png", png(20)), ("photos/light/1.png", png(250))]
write("images.tgz", gzip.compress(tar(tarfile.PAX_FORMAT, images), mtime=0))

names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
root = "cifar-10-batches-bin/"
batches = {f"data_batch_{number + 1}": range(2 * number, 2 * number + 2) for number in range(5)} | {"test_batch": range(10)}
files = [(root + "batches.meta.txt", ("\n".join(names) + "\n\n").encode())] + [
    (root + name + ".bin", b"".join(bytes([label]) + bytes([20 * label]) * 3072 for label in labels))
    for name, labels in batches.items()
]
archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as target:
    for path, data in files:
        entry = tarfile.TarInfo(path)
        entry.size = len(data)
        target.addfile(entry, io.BytesIO(data))
write("cifar.tgz", gzip.compress(archive.getvalue(), mtime=0))
