#!/usr/bin/env python3
"""Writes Tests/Fixtures/tfrecord with TensorFlow: records and Examples that the tests of TFRecord and of the shards read.

  framing.tfrecord        payloads of 0, 1, 15, 16, 255 and 1000 bytes
  features.tfrecord       Examples: all kinds of list, unknown fields, packed and unpacked numbers, odd orders
  imagenet/               train-0000?-of-00002 and validation-00000-of-00001: small JPEGs with the features of
                          build_imagenet_data.py, without index files
  zero_based/             train-00000-of-00001: labels from 0, the two features of `--minimal` only

usage: scripts/reference/make_tfrecord_fixtures.py [OUT]      (pip install tensorflow-cpu==2.21.0)
"""
import os
import pathlib
import struct
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLASSES = ["daisy", "roses", "tulips"]


def ints(*values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def texts(*values):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def example(**features):
    return tf.train.Example(features=tf.train.Features(feature={k.replace("__", "/"): v for k, v in features.items()}))


def field(number, payload):
    """A field with a length, by hand."""
    length, count = b"", len(payload)
    while count >= 0x80:
        length += bytes([count & 0x7F | 0x80])
        count >>= 7
    return bytes([number << 3 | 2]) + length + bytes([count]) + payload


def entry(key, feature):
    return field(1, field(1, key) + field(2, feature))


def write(path, payloads):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for payload in payloads:
            writer.write(payload)


def odd_examples():
    """Examples that no writer of today makes, yet every reader must take; TensorFlow's own parser is asked to."""
    unpacked = field(3, b"\x08\x05\x08" + b"\xff" * 9 + b"\x01")
    mixed = field(3, b"\x08\x07" + field(1, b"\x08\x96\x01"))
    unknown = b"\x78\x2a" + b"\x7d" + struct.pack("<f", 1.5) + b"\x79" + struct.pack("<d", 2.5) + field(15, b"later")
    unpacked_floats = field(2, b"\x0d" + struct.pack("<f", 0.5) + b"\x0d" + struct.pack("<f", -2.0))
    twice = entry(b"twice", field(1, field(1, b"old"))) + entry(b"twice", field(1, field(1, b"new")))
    value_first = field(1, field(2, field(1, field(1, b"v"))) + field(1, b"value_first"))
    two_lists = entry(b"two_lists", field(3, field(1, b"\x01")) + field(3, field(1, b"\x02")))
    features = (
        unknown + entry(b"unpacked", unpacked) + entry(b"mixed", mixed) + entry(b"floats", unpacked_floats) + twice
        + value_first + two_lists
    )
    payload = unknown + field(1, features) + unknown
    read = tf.train.Example.FromString(payload).features.feature
    assert list(read["unpacked"].int64_list.value) == [5, -1]
    assert list(read["mixed"].int64_list.value) == [7, 8, 150]
    assert list(read["floats"].float_list.value) == [0.5, -2.0]
    assert list(read["twice"].bytes_list.value) == [b"new"]
    assert list(read["value_first"].bytes_list.value) == [b"v"]
    assert list(read["two_lists"].int64_list.value) == [1, 2]
    # The features in two pieces, which a reader must join.
    pieces = field(1, entry(b"a", field(3, field(1, b"\x01")))) + field(1, entry(b"b", field(3, field(1, b"\x02"))))
    read = tf.train.Example.FromString(pieces).features.feature
    assert [read[key].int64_list.value[0] for key in "ab"] == [1, 2]
    return [payload, pieces]


def jpeg(number):
    height, width = 20 + number % 3, 24 + number % 4
    y, x = tf.meshgrid(tf.range(height), tf.range(width), indexing="ij")
    image = tf.stack([x * 9 + number * 20, y * 11, (x + y) * 5 + number], axis=-1) % 256
    return tf.io.encode_jpeg(tf.cast(image, tf.uint8), quality=80).numpy(), height, width


def imagenet(number, label):
    encoded, height, width = jpeg(number)
    name = CLASSES[label - 1].encode()
    return example(
        image__height=ints(height), image__width=ints(width), image__colorspace=texts(b"RGB"), image__channels=ints(3),
        image__class__label=ints(label), image__class__synset=texts(b"n%08d" % label), image__class__text=texts(name),
        image__object__bbox__xmin=tf.train.Feature(float_list=tf.train.FloatList(value=[0.25, 0.5])),
        image__object__bbox__label=ints(label, label), image__format=texts(b"JPEG"),
        image__filename=texts(b"%s_%d.JPEG" % (name, number)), image__encoded=texts(encoded),
    ).SerializeToString(deterministic=True)


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "Tests/Fixtures/tfrecord"
    write(out / "framing.tfrecord", [bytes((i * 7 + n) % 256 for i in range(n)) for n in (0, 1, 15, 16, 255, 1000)])
    every = example(
        bytes=texts(b"", b"\x00\xff", "ä".encode()), ints=ints(0, 1, -1, 127, 128, 2**63 - 1, -(2**63)),
        floats=tf.train.Feature(float_list=tf.train.FloatList(value=[0.0, -1.5, 3.4e38, float("inf")])),
        empty_ints=ints(), empty_bytes=texts(), nothing=tf.train.Feature(),
    ).SerializeToString(deterministic=True)
    write(out / "features.tfrecord", [every] + odd_examples())
    labels = [1 + number % 3 for number in range(10)]
    payloads = [imagenet(number, label) for number, label in enumerate(labels)]
    write(out / "imagenet/train-00000-of-00002", payloads[:4])
    write(out / "imagenet/train-00001-of-00002", payloads[4:7])
    write(out / "imagenet/validation-00000-of-00001", payloads[7:])
    zero = [
        example(image__encoded=texts(jpeg(number)[0]), image__class__label=ints(number % 2)).SerializeToString(
            deterministic=True)
        for number in range(4)
    ]
    write(out / "zero_based/train-00000-of-00001", zero)


if __name__ == "__main__":
    main()
