"""Predicts one image with timm: what a user's own script does from the start to the first prediction.

peer_predict.py --model NAME --image FILE [--weights FILE] [--save FILE] [--num-classes N]
Prints {"logits": [...]}. --save writes the model's weights first (seed 0), for the comparison of results.
"""

import argparse
import json

import any_torchvision  # noqa: F401
import timm
import torch
from PIL import Image
from safetensors.torch import load_file, save_file


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--weights")
    parser.add_argument("--save")
    parser.add_argument("--num-classes", type=int, default=5)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    model = timm.create_model(arguments.model, num_classes=arguments.num_classes).eval()
    if arguments.save:
        torch.nn.init.normal_(model.head.weight, std=0.1)
        save_file(model.state_dict(), arguments.save)
    if arguments.weights:
        model.load_state_dict(load_file(arguments.weights))
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model), is_training=False)
    with torch.inference_mode():
        logits = model(transform(Image.open(arguments.image).convert("RGB"))[None])[0]
    print(json.dumps({"logits": logits.tolist()}))


if __name__ == "__main__":
    main()
