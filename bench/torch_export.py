#!/usr/bin/env python3
"""Saves networks written in plain torch.nn as TorchScript files and counts their multiply-accumulates.

The peer of bench/file_bench.cc: what somebody who knows PyTorch would deploy, traced and frozen by Debian's
python3-torch (the same version as the LibTorch that Sightline uses); the program itself needs no Python.

Usage: torch_export.py FOLDER NAME...   NAME: mobilenet_v1_1.0_224, mobilenet_v2_1.0_224, resnet50_v1.5
Writes FOLDER/NAME.pt (float32, weights random, probabilities out) and FOLDER/NAME.json with "macs" and "parameters".
"""

import json
import os
import sys

import torch
from torch import nn


def convolution(inputs, outputs, kernel, stride=1, groups=1, activation=None):
    """Convolution padded alike on all sides, batch normalization and, where given, an activation."""
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return layers + ([activation(inplace=True)] if activation else [])


class Classifier(nn.Module):
    """Features, the mean over their pixels, one fully connected layer and its softmax."""

    def __init__(self, features, channels, classes):
        super().__init__()
        self.features = nn.Sequential(*features)
        self.linear = nn.Linear(channels, classes)

    def forward(self, pictures):
        pooled = nn.functional.adaptive_avg_pool2d(self.features(pictures), 1)
        return torch.softmax(self.linear(torch.flatten(pooled, 1)), 1)


def mobilenet_v1():
    layers = convolution(3, 32, 3, 2, activation=nn.ReLU6)
    channels = 32
    strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]
    widths = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
    for stride, width in zip(strides, widths):
        layers += convolution(channels, channels, 3, stride, channels, nn.ReLU6)
        layers += convolution(channels, width, 1, activation=nn.ReLU6)
        channels = width
    return Classifier(layers, 1024, 1001)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        wide = inputs * expansion
        layers = convolution(inputs, wide, 1, activation=nn.ReLU6) if expansion > 1 else []
        layers += convolution(wide, wide, 3, stride, wide, nn.ReLU6)
        self.layers = nn.Sequential(*layers, *convolution(wide, outputs, 1))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


def mobilenet_v2():
    layers = convolution(3, 32, 3, 2, activation=nn.ReLU6)
    channels = 32
    for expansion, width, count, stride in [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]:  # fmt: skip
        for index in range(count):
            layers.append(InvertedResidual(channels, width, stride if index == 0 else 1, expansion))
            channels = width
    return Classifier(layers + convolution(320, 1280, 1, activation=nn.ReLU6), 1280, 1001)


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.layers = nn.Sequential(
            *convolution(inputs, width, 1, activation=nn.ReLU),
            *convolution(width, width, 3, stride, activation=nn.ReLU),
            *convolution(width, 4 * width, 1),
        )
        changes = stride != 1 or inputs != 4 * width
        self.shortcut = nn.Sequential(*convolution(inputs, 4 * width, 1, stride)) if changes else nn.Identity()

    def forward(self, x):
        return torch.relu(self.layers(x) + self.shortcut(x))


def resnet50():
    layers = convolution(3, 64, 7, 2, activation=nn.ReLU) + [nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for width, count, stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for index in range(count):
            layers.append(Bottleneck(channels, width, stride if index == 0 else 1))
            channels = 4 * width
    return Classifier(layers, 2048, 1000)


MODELS = {"mobilenet_v1_1.0_224": mobilenet_v1, "mobilenet_v2_1.0_224": mobilenet_v2, "resnet50_v1.5": resnet50}


def count_macs(model, picture):
    """Multiply-accumulates of one picture: convolutions and fully connected layers, biases not counted."""
    macs = 0

    def count(layer, inputs, output):
        nonlocal macs
        if isinstance(layer, nn.Conv2d):
            macs += output.numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            macs += layer.weight.numel()

    hooks = [layer.register_forward_hook(count) for layer in model.modules()]
    model(picture)
    for hook in hooks:
        hook.remove()
    return macs


def randomize(model):
    """Batch-norm statistics near those of trained networks; untrained ones are constants."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                values.data += torch.rand_like(values) * 0.2 - 0.1


def export(folder, name):
    torch.manual_seed(1)
    model = MODELS[name]().eval()
    randomize(model)
    picture = torch.rand(1, 3, 224, 224) * 2 - 1
    with torch.no_grad():
        facts = {"macs": count_macs(model, picture), "parameters": sum(p.numel() for p in model.parameters())}
        frozen = torch.jit.freeze(torch.jit.trace(model, picture))
    frozen.save(os.path.join(folder, name + ".pt"))
    with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
        json.dump(facts, file)
    print(f"{name}: {facts['macs']} multiply-accumulates, {facts['parameters']} parameters; torch {torch.__version__}")


def main():
    if len(sys.argv) < 3 or any(name not in MODELS for name in sys.argv[2:]):
        sys.exit(__doc__)
    for name in sys.argv[2:]:
        export(sys.argv[1], name)


if __name__ == "__main__":
    main()
