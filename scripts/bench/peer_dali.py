"""Measures DALI's CPU pipeline on TFRecord shards: crop, resize to 224, flip and normalisation as `vitrail bench --mode
loader` does them, and prints one JSON line.

peer_dali.py --data DIR [--threads T] [--batch-size B] [--seconds S] [--full-decode]

DIR is what `vitrail data pack` writes. Without --full-decode only the crop is decoded (fn.decoders.image_random_crop),
the faster of DALI's two ways.
"""

import argparse
import glob
import json
import os
import time

from nvidia import dali
from nvidia.dali import fn, tfrecord, types


def pipeline(arguments):
    shards = sorted(glob.glob(os.path.join(arguments.data, "train", "train-*")))
    indices = [os.path.join(arguments.data, "idx_files", "train", os.path.basename(s) + ".idx") for s in shards]
    # DALI opens what it is given: a suffix that the index folder does not have is tried without.
    indices = [i if os.path.exists(i) else i.removesuffix(".idx") for i in indices]

    @dali.pipeline_def(batch_size=arguments.batch_size, num_threads=arguments.threads, device_id=None, seed=0)
    def define():
        inputs = fn.readers.tfrecord(
            path=shards, index_path=indices, random_shuffle=True, initial_fill=1000, name="Reader",
            features={
                "image/encoded": tfrecord.FixedLenFeature((), tfrecord.string, ""),
                "image/class/label": tfrecord.FixedLenFeature([1], tfrecord.int64, -1),
            })
        shape = dict(random_area=[0.08, 1.0], random_aspect_ratio=[3 / 4, 4 / 3])
        if arguments.full_decode:
            images = fn.decoders.image(inputs["image/encoded"], device="cpu", output_type=types.RGB)
            images = fn.random_resized_crop(images, size=224, **shape)
        else:
            images = fn.decoders.image_random_crop(
                inputs["image/encoded"], device="cpu", output_type=types.RGB, **shape)
            images = fn.resize(images, resize_x=224, resize_y=224)
        images = fn.crop_mirror_normalize(
            images, dtype=types.FLOAT, output_layout="CHW", mean=[127.5] * 3, std=[127.5] * 3,
            mirror=fn.random.coin_flip(probability=0.5))
        return images, inputs["image/class/label"]

    return define()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--full-decode", action="store_true")
    arguments = parser.parse_args()
    pipe = pipeline(arguments)
    pipe.build()
    size = pipe.reader_meta("Reader")["epoch_size"]
    # The first epoch fills the page cache.
    for _ in range(max(1, size // arguments.batch_size)):
        pipe.run()
    count = 0
    start = time.perf_counter()
    while time.perf_counter() - start < arguments.seconds:
        pipe.run()
        count += arguments.batch_size
    seconds = time.perf_counter() - start
    print(json.dumps({"images_per_second": count / seconds, "dali": dali.__version__}))


if __name__ == "__main__":
    main()
