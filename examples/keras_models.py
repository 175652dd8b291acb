#!/usr/bin/env python3
"""Saves a small Keras MobileNetV2 as a SavedModel and as a .tflite file. Usage: keras_models.py FOLDER"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import tensorflow as tf  # noqa: E402


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3), alpha=0.35, classes=10)
    saved_model = os.path.join(folder, "keras_saved_model")
    model.export(saved_model, verbose=False)
    tflite = tf.lite.TFLiteConverter.from_saved_model(saved_model).convert()
    with open(os.path.join(folder, "keras.tflite"), "wb") as file:
        file.write(tflite)


if __name__ == "__main__":
    main()
