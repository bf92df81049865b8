#!/usr/bin/env python3
"""Checks that TensorFlow and DALI read the shards that `vitrail data pack` writes, and that Vitrail reads TensorFlow's.

For every shard of DIR, each reader that is installed must give the same labels and the same images to the bit as a reader
of the frames in this file, DALI through Vitrail's index files. With --vitrail, TensorFlow writes the records of DIR again,
DALI's own script (tfrecord2idx, where it is installed) indexes them, and `vitrail data subset` must find the same images
in them. Without TensorFlow or DALI that part is left out, and said; without both nothing is checked and the exit code
is 1.

usage: scripts/reference/check_tfrecord_readers.py DIR [--vitrail PATH]
       (pip install tensorflow-cpu==2.21.0; pip install nvidia-dali-cuda120; each can be in an environment of its own)
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
PARTS = ("train", "validation")


def shards(root, part):
    return sorted((root / part).glob(f"{part}-*-of-*"))


def varint(data, position):
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position


def fields(data):
    position = 0
    while position < len(data):
        tag, position = varint(data, position)
        if tag & 7 == 2:
            length, position = varint(data, position)
            yield tag >> 3, data[position:position + length]
            position += length
        else:
            value, position = varint(data, position)
            yield tag >> 3, value


def own_records(path):
    """Label and image of every record, by a reader that knows no more than what Vitrail writes."""
    data, position, records = path.read_bytes(), 0, []
    while position < len(data):
        (length,) = struct.unpack_from("<Q", data, position)
        payload = data[position + 12:position + 12 + length]
        position += length + 16
        values = {}
        for _, features in fields(payload):
            for _, entry in fields(features):
                parts = dict(fields(entry))
                ((kind, values_list),) = fields(parts[2])
                ((_, value),) = fields(values_list)
                values[parts[1]] = varint(value, 0)[0] if kind == 3 else value
        records.append((values[b"image/class/label"], hashlib.sha256(values[b"image/encoded"]).hexdigest()))
    return records


def tensorflow_records(tf, path):
    records = []
    for raw in tf.data.TFRecordDataset([str(path)]):
        feature = tf.train.Example.FromString(raw.numpy()).features.feature
        image = feature["image/encoded"].bytes_list.value[0]
        records.append((feature["image/class/label"].int64_list.value[0], hashlib.sha256(image).hexdigest()))
        tf.io.decode_jpeg(image, channels=3)
    return records


def dali_records(path, index, count):
    from nvidia.dali import fn, pipeline_def, tfrecord

    features = {
        "image/encoded": tfrecord.FixedLenFeature((), tfrecord.string, ""),
        "image/class/label": tfrecord.FixedLenFeature([1], tfrecord.int64, -1),
    }

    @pipeline_def(batch_size=1, num_threads=1, device_id=None)
    def pipeline():
        inputs = fn.readers.tfrecord(path=[str(path)], index_path=[str(index)], features=features)
        return inputs["image/encoded"], inputs["image/class/label"], fn.decoders.image(inputs["image/encoded"])

    made = pipeline()
    made.build()
    records = []
    for _ in range(count):
        image, label, pixels = made.run()
        assert pixels.at(0).ndim == 3
        records.append((int(label.at(0)[0]), hashlib.sha256(image.at(0).tobytes()).hexdigest()))
    return records


def check(condition, text):
    print(("ok      " if condition else "FAILED  ") + text)
    if not condition:
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--vitrail")
    arguments = parser.parse_args()
    try:
        import tensorflow as tf
    except ImportError:
        tf = None
        print("left out: TensorFlow is not installed")
    try:
        import nvidia.dali as dali
    except ImportError:
        dali = None
        print("left out: DALI is not installed")
    if tf is None and dali is None:
        sys.exit("nothing was checked")
    root = arguments.dir
    expected = {part: [own_records(path) for path in shards(root, part)] for part in PARTS}
    manifest = json.loads((root / "manifest.json").read_text())
    for part in manifest["parts"]:
        labels = [[int(label) for label in shard["labels"].split()] for shard in part["shards"]]
        check([[r[0] for r in shard] for shard in expected[part["name"]]] == labels, f"{part['name']}: the manifest's labels")
    for part in PARTS:
        for path, records in zip(shards(root, part), expected[part]):
            index = root / "idx_files" / part / (path.name + ".idx")
            if tf is not None:
                check(tensorflow_records(tf, path) == records, f"{path.name}: TensorFlow {tf.__version__}")
            if dali is not None:
                check(dali_records(path, index, len(records)) == records, f"{path.name}: DALI {dali.__version__}")
                check_dali_index(path, index)
    if arguments.vitrail and tf is not None:
        check_back(tf, root, expected, arguments.vitrail)


def check_dali_index(path, index):
    script = shutil.which("tfrecord2idx") or pathlib.Path(sys.executable).with_name("tfrecord2idx")
    if not pathlib.Path(script).exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        theirs = pathlib.Path(folder) / "idx"
        subprocess.run([sys.executable, str(script), str(path), str(theirs)], check=True)
        check(theirs.read_bytes() == index.read_bytes(), f"{path.name}: the index of tfrecord2idx is the same")


def check_back(tf, root, expected, vitrail):
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            for path in shards(root, part):
                out = pathlib.Path(folder) / "tf" / part / path.name
                out.parent.mkdir(parents=True, exist_ok=True)
                with tf.io.TFRecordWriter(str(out)) as writer:
                    for raw in tf.data.TFRecordDataset([str(path)]):
                        # Parsed and written by TensorFlow, whose maps have an order of their own.
                        writer.write(tf.train.Example.FromString(raw.numpy()).SerializeToString())
        copy = pathlib.Path(folder) / "copy"
        command = [vitrail, "data", "subset", str(pathlib.Path(folder) / "tf"), "--out", str(copy), "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for part in PARTS:
            ours = sorted(record for path in shards(copy, part) for record in own_records(path))
            check(ours == sorted(sum(expected[part], [])), f"{part}: Vitrail reads what TensorFlow wrote")


if __name__ == "__main__":
    main()
