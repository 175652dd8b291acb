#!/usr/bin/env python3
"""Saves networks of tf.keras.applications as SavedModels and counts their multiply-accumulates.

The peer of bench/file_bench.cc: the same architecture, written by the framework's own authors. Needs the full
TensorFlow wheel (bench/run installs it into .deps/bench-venv); the program itself never does.

Usage: keras_export.py FOLDER NAME...   NAME: mobilenet_v1_1.0_224, inception_v3, resnet50_v1
Writes FOLDER/NAME/ (SavedModel, batch open, float32, weights random) and FOLDER/NAME.json with "macs" and "parameters".
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

# Keras' MobileNet has 1000 classes and a 1x1 convolution as classifier; ours has TF-slim's 1001 and a Gemm. With
# `classes` set alike their multiply-accumulates are equal to the last one.
MODELS = {
    "mobilenet_v1_1.0_224": (tf.keras.applications.MobileNet, 224, 1001),
    "inception_v3": (tf.keras.applications.InceptionV3, 299, 1001),
    "resnet50_v1": (tf.keras.applications.ResNet50, 224, 1000),
}


def layer_macs(layer):
    """Multiply-accumulates of one layer at batch 1: convolutions and fully connected layers, biases not counted."""
    if isinstance(layer, tf.keras.layers.DepthwiseConv2D):
        kh, kw = layer.kernel_size
        _, h, w, c = layer.output.shape
        return kh * kw * h * w * c
    if isinstance(layer, tf.keras.layers.Conv2D):
        kh, kw = layer.kernel_size
        _, h, w, c = layer.output.shape
        return kh * kw * layer.input.shape[-1] // layer.groups * h * w * c
    if isinstance(layer, tf.keras.layers.Dense):
        return layer.input.shape[-1] * layer.units
    return 0


def randomize(model):
    """Batch-norm statistics near those of trained networks; untrained ones are constants."""
    random = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, tf.keras.layers.BatchNormalization):
            layer.set_weights([w + random.uniform(-0.1, 0.1, w.shape).astype(w.dtype) for w in layer.get_weights()])


def export(folder, name):
    make, side, classes = MODELS[name]
    model = make(weights=None, input_shape=(side, side, 3), classes=classes)
    randomize(model)
    model.export(os.path.join(folder, name), verbose=False)
    facts = {"macs": int(sum(layer_macs(l) for l in model.layers)), "parameters": int(model.count_params())}
    with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
        json.dump(facts, file)
    print(f"{name}: {facts['macs']} multiply-accumulates, {facts['parameters']} parameters (statistics included)")


def main():
    if len(sys.argv) < 3 or any(name not in MODELS for name in sys.argv[2:]):
        sys.exit(__doc__)
    for name in sys.argv[2:]:
        export(sys.argv[1], name)


if __name__ == "__main__":
    main()
