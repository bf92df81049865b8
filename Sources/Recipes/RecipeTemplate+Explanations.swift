extension RecipeTemplate {
  /// One line for each path of `RunOptions`; sections have one where their name does not say it all.
  static let explanations: [String: String] = [
    "out": "The run directory: checkpoints, metrics.jsonl, event files.",
    "seed": "Seed of initial weights, order, augmentation and dropout.",
    "deterministic": "Operators take their deterministic variants; null: on the CPU, where they cost nothing.",
    "device": "cpu, cuda, cuda:N, or auto: a GPU where there is one.",
    "precision": "float32, or mixed precision with float32 weights: bfloat16 or float16.",
    "threads": "CPU threads per operator; null: one per available processor.",
    "matmul_backend":
      "Library of float32 products: auto (by processor), native, onednn, or fastest (a race at the start).",

    "data.path": "Folder with train/CLASS/ and validation/CLASS/, or CLASS/, to be split; or TFRecord shards.",
    "data.split": "Ratio of training to validation images, if the folder has no validation split.",
    "data.split_rule": "exact (random, by seed) or inclusive (first by name, one more).",
    "data.class_order": "Order of the class numbers: byte (of the names' bytes) or natural (9 before 10).",
    "data.batch_size": "Training batch size.",
    "data.evaluation_batch_size": "Validation batch size; null: batch_size.",
    "data.workers": "Loader threads; null: one per processor, at most 8.",
    "data.prefetch": "Batches prepared in advance.",
    "data.drop_last": "Drop the last training batch if it is not full.",
    "data.on_error": "If a file cannot be decoded: skip it (it is listed) or stop.",
    "data.maximum_bad_fraction": "The largest share of such files; above it the run stops.",
    "data.verify": "When CRCs of TFRecord shards are checked: first (first read), always or never.",
    "data.pixels": "To the device: float32 (normalised), uint8 (it normalises), or auto: uint8 to a GPU.",
    "data.cache": "Kept in memory between epochs: none, encoded (files) or decoded (small sets).",
    "data.maximum_pixels": "The largest image that is decoded, in pixels.",
    "data.decode_memory": "Megabytes that decoding may take over all workers; a quarter of the memory if left out.",
    "data.dct_scaling": "Decode large training JPEGs at a fraction of their size: faster, other pixels.",
    "data.augmentation": "Training images only.",
    "data.augmentation.crop": "random_resized, random (CIFAR's), center or none (the whole image, squashed).",
    "data.augmentation.minimum_scale": "Smallest share of the image's area that the random resized crop takes.",
    "data.augmentation.maximum_scale": "Largest share.",
    "data.augmentation.minimum_ratio": "Smallest ratio of the crop's width to its height.",
    "data.augmentation.maximum_ratio": "Largest ratio.",
    "data.augmentation.padding": "Padding of the random crop, in pixels.",
    "data.augmentation.padding_mode": "Fill of the padding: constant (black), edge, reflect or symmetric.",
    "data.augmentation.flip": "Probability of a horizontal flip; 0 where a mirrored image has another class.",
    "data.augmentation.repeats": "Repeated augmentation: copies of an image in an epoch, such as 3.",
    "data.augmentation.interpolation":
      "nearest, bilinear, bicubic, box, hamming or lanczos; null: that of the preprocessing.",
    "data.augmentation.transforms": "Transforms after crop and flip; docs/augmentation.md lists them.",

    "model": "null keeps the preset's value.",
    "model.name": "The preset; `vitrail models` lists them.",
    "model.initialization": "Weight initialization: timm, jax or mae.",
    "model.weights": "Start from a safetensors file with timm's keys, a checkpoint or a run directory.",
    "model.image_size": "Height and width of the input, in pixels; a multiple of patch_size.",
    "model.patch_size": "Height and width of a patch.",
    "model.embed_dim": "Width of the tokens; a multiple of num_heads.",
    "model.depth": "Number of blocks.",
    "model.num_heads": "Attention heads.",
    "model.mlp_ratio": "Width of the MLP, as a multiple of embed_dim.",
    "model.qkv_bias": "Bias of the projection to queries, keys and values.",
    "model.pooling": "Input of the head: token (the class token) or mean (of the patches).",
    "model.representation_size": "Width of a layer between pooling and head; 0 for none.",
    "model.layer_scale": "LayerScale: initial value of the factors on each residual branch; 0 for none.",
    "model.position_dropout": "Dropout after the position embedding.",
    "model.attention_dropout": "Dropout on attention weights.",
    "model.projection_dropout": "Dropout after the projections of attention and MLP.",
    "model.head_dropout": "Dropout before the head.",
    "model.stochastic_depth": "Stochastic depth (drop path): drop rate of the last block.",

    "preprocessing": "null keeps the preset's value.",
    "preprocessing.crop_fraction": "Share of the resized image that the centre crop of evaluation keeps.",
    "preprocessing.resize_mode": "For evaluation: short_side keeps the aspect ratio, squash does not.",
    "preprocessing.interpolation": "nearest, bilinear, bicubic, box, hamming or lanczos: the filter of all resizing.",
    "preprocessing.mean": "Subtracted from red, green and blue, on a scale of 0 to 1: [r, g, b].",
    "preprocessing.std": "Divisor after that: [r, g, b].",

    "optimizer.type":
      "sgd, adam, adamw, lamb, lars, lion, nadamw, adan, adafactor or muon (docs/training.md); the keys below belong to "
      + "the type.",
    "optimizer.beta1": "Decay of the mean of gradients.",
    "optimizer.beta2": "Decay of the mean of squared gradients.",
    "optimizer.eps": "Added to the denominator.",
    "optimizer.weight_decay": "Weight decay.",

    "schedule.type":
      "The learning rate after the warm-up: cosine, cosine_restarts, linear, polynomial, multi_step, step, exponential, "
      + "one_cycle, flat_anneal, inverse_sqrt, warmup_stable_decay or constant; the keys below warmup_start belong to the "
      + "type.",
    "schedule.unit": "Unit of changes and of counts: step or epoch.",
    "schedule.warmup_epochs": "Length of the warm-up, in epochs.",
    "schedule.warmup_steps": "The same in steps, in place of warmup_epochs.",
    "schedule.warmup_start": "Learning rate at the start of the warm-up.",
    "schedule.minimum": "Learning rate at the end.",
    "schedule.k_decay": "Above 1 the rate stays high for longer, below 1 it falls earlier.",
    "schedule.warmup_prefix":
      "Whether the type's formula begins at the end of the warm-up; else with the run, as in timm.",

    "training.epochs": "Passes over the training images; null: as many as max_steps needs, else 100.",
    "training.max_steps":
      "Ends the run after so many optimizer steps; the schedule spans epochs where given, else these.",
    "training.lr": "The highest learning rate.",
    "training.accumulation": "Gradient accumulation: batches per step.",
    "training.accumulation_tail": "Remaining batches at the end of an epoch: step or drop.",
    "training.activation_checkpointing":
      "Compute blocks again in the backward pass: less memory, more time, the same weights.",
    "training.clip_norm": "Gradient clipping: largest norm of all gradients, such as 1; null: none.",
    "training.label_smoothing": "Label smoothing, such as 0.1.",
    "training.loss": "cross_entropy, or binary_cross_entropy: each class by itself.",
    "training.binary_target_threshold": "Binary targets above it become 1, all others 0; null: as they are.",
    "training.binary_sum_classes": "Sum binary cross-entropy over a sample's classes; else their mean.",
    "training.mixing": "Mixup and cutmix, such as {mixup_alpha: 0.8, cutmix_alpha: 1.0}; docs/training.md.",
    "training.loss_scale": "In float16: {preset: torch} or {preset: colossal}, with changes; null: torch.",
    "training.exempt_from_decay": "No weight decay on biases, norms, tokens and positions.",
    "training.layer_decay":
      "Factor of the learning rate from each layer to the one before it, such as 0.75; null: none.",
    "training.layer_decay_min_scale": "Smallest product of these factors; null: 0.",
    "training.ema": "Average of the weights, used by evaluation and best: {decay: 0.9998, warmup: false}.",
    "training.evaluate_every_epochs": "Evaluate at the end of every so many epochs.",
    "training.read_every_steps": "Read the losses of so many steps at once; records of all are written.",
    "training.early_stopping":
      "Stop when a metric no longer improves: {metric: val_loss or val_top1, patience: 10, minimum_delta: 0}.",
    "training.profile": "Trace of some steps for a browser: {start_step: 10, num_steps: 5, file: trace.json}.",
    "training.peak_tflops": "Peak TFLOP/s of the device, for MFU; null: measured on a CPU, known for common GPUs.",

    "checkpoint.keep": "Checkpoints kept besides last and best.",
    "checkpoint.every_epochs": "Save at the end of every so many epochs.",
    "checkpoint.every_steps": "Save after every so many steps as well; null: not.",
    "checkpoint.asynchronous": "Write a copy of what is saved while training goes on; false: training waits.",

    "parallel.bucket_megabytes":
      "Gradients that several ranks sum at once, in megabytes; null: an eighth of all, 1 at least, 25 at most.",
    "parallel.compression": "Type in which gradients travel between ranks: none (their own) or bfloat16.",
    "parallel.zero":
      "Stage of ZeRO: ranks share out the optimizer's state (1), gradients too (2), weights too (3), or nothing (0).",
    "parallel.offload_optimizer": "Keep and step the optimizer's state in the host's memory, with the model on a GPU.",
    "parallel.timeout": "Seconds after which a rank that does not answer ends the run on all others.",
  ]
}
