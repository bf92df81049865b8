// What a setting is called elsewhere: by timm, Lightning, Keras, Ultralytics, transformers and torchvision's scripts.

extension RunOptions {
  /// The paths of settings by the names that other trainers give them, in snake case.
  public static let synonyms: [String: String] = [
    // How long
    "num_epochs": "training.epochs", "n_epochs": "training.epochs", "max_epochs": "training.epochs",
    "num_train_epochs": "training.epochs", "num_steps": "training.max_steps",
    "total_steps": "training.max_steps", "max_iters": "training.max_steps", "iterations": "training.max_steps",
    "patience": "training.early_stopping.patience",
    // Optimizer and schedule
    "learning_rate": "training.lr", "lr0": "training.lr", "base_lr": "training.lr", "max_lr": "training.lr",
    "opt": "optimizer.type", "optim": "optimizer.type", "solver": "optimizer.type", "wd": "optimizer.weight_decay",
    "l2": "optimizer.weight_decay", "epsilon": "optimizer.eps", "opt_eps": "optimizer.eps",
    "adam_epsilon": "optimizer.eps", "beta_1": "optimizer.beta1", "adam_beta1": "optimizer.beta1",
    "beta_2": "optimizer.beta2", "adam_beta2": "optimizer.beta2", "sched": "schedule.type",
    "scheduler": "schedule.type", "lr_scheduler": "schedule.type", "lr_scheduler_type": "schedule.type",
    "lr_schedule": "schedule.type", "layer_wise_decay": "training.layer_decay",
    "llrd": "training.layer_decay", "warmup": "schedule.warmup_epochs", "num_warmup_steps": "schedule.warmup_steps",
    "warmup_lr": "schedule.warmup_start", "min_lr": "schedule.minimum", "eta_min": "schedule.minimum",
    "lr_min": "schedule.minimum", "lrf": "schedule.minimum",
    // Batches and gradients
    "batch": "data.batch_size", "bs": "data.batch_size", "train_batch_size": "data.batch_size",
    "per_device_train_batch_size": "data.batch_size", "val_batch_size": "data.evaluation_batch_size",
    "eval_batch_size": "data.evaluation_batch_size", "per_device_eval_batch_size": "data.evaluation_batch_size",
    "validation_batch_size": "data.evaluation_batch_size", "grad_accum_steps": "training.accumulation",
    "gradient_accumulation_steps": "training.accumulation", "accumulate_grad_batches": "training.accumulation",
    "accumulate": "training.accumulation", "gradient_checkpointing": "training.activation_checkpointing",
    "grad_checkpointing": "training.activation_checkpointing",
    "use_gradient_checkpointing": "training.activation_checkpointing",
    "grad_clip": "training.clip_norm", "clip_grad": "training.clip_norm",
    "clip_grad_norm": "training.clip_norm", "max_grad_norm": "training.clip_norm", "clipnorm": "training.clip_norm",
    "gradient_clip_val": "training.clip_norm", "smoothing": "training.label_smoothing",
    "label_smoothing_factor": "training.label_smoothing", "loss_function": "training.loss",
    "criterion": "training.loss", "model_ema": "training.ema", "use_ema": "training.ema",
    "model_ema_decay": "training.ema.decay", "ema_decay": "training.ema.decay",
    "mixup": "training.mixing.mixup_alpha", "cutmix": "training.mixing.cutmix_alpha",
    "eval_every": "training.evaluate_every_epochs", "val_interval": "training.evaluate_every_epochs",
    "check_val_every_n_epoch": "training.evaluate_every_epochs", "log_interval": "training.read_every_steps",
    "log_every_n_steps": "training.read_every_steps", "logging_steps": "training.read_every_steps",
    // Data
    "data_dir": "data.path", "data_path": "data.path", "data_root": "data.path", "dataset": "data.path",
    "root": "data.path", "train_dir": "data.path", "num_workers": "data.workers", "n_workers": "data.workers",
    "dataloader_num_workers": "data.workers", "prefetch_factor": "data.prefetch", "val_split": "data.split",
    "validation_split": "data.split", "val_ratio": "data.split", "train_ratio": "data.split",
    "drop_remainder": "data.drop_last", "dataloader_drop_last": "data.drop_last",
    "hflip": "data.augmentation.flip", "fliplr": "data.augmentation.flip",
    "horizontal_flip": "data.augmentation.flip", "aa": "data.augmentation.transforms",
    "auto_augment": "data.augmentation.transforms", "color_jitter": "data.augmentation.transforms",
    "reprob": "data.augmentation.transforms", "erasing": "data.augmentation.transforms",
    "repeated_aug": "data.augmentation.repeats", "aug_repeats": "data.augmentation.repeats",
    // Model and input
    "arch": "model.name", "architecture": "model.name", "model_name": "model.name", "backbone": "model.name",
    "pretrained": "model.weights", "initial_checkpoint": "model.weights", "checkpoint_path": "model.weights",
    "finetune": "model.weights", "img_size": "model.image_size", "imgsz": "model.image_size",
    "input_size": "model.image_size", "image_resolution": "model.image_size", "hidden_size": "model.embed_dim",
    "num_layers": "model.depth", "num_hidden_layers": "model.depth", "num_attention_heads": "model.num_heads",
    "drop": "model.head_dropout", "dropout": "model.head_dropout", "drop_rate": "model.head_dropout",
    "drop_path": "model.stochastic_depth", "drop_path_rate": "model.stochastic_depth",
    "crop_pct": "preprocessing.crop_fraction",
    // The run
    "output": "out", "output_dir": "out", "out_dir": "out", "save_dir": "out", "log_dir": "out",
    "default_root_dir": "out", "project": "out", "random_seed": "seed", "amp": "precision", "fp16": "precision",
    "bf16": "precision", "mixed_precision": "precision", "dtype": "precision", "gpus": "device",
    "accelerator": "device", "num_threads": "threads", "save_total_limit": "checkpoint.keep",
    "checkpoint_hist": "checkpoint.keep", "save_top_k": "checkpoint.keep", "save_steps": "checkpoint.every_steps",
    "save_freq": "checkpoint.every_epochs", "save_period": "checkpoint.every_epochs",
  ]
}
