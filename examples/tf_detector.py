#!/usr/bin/env python3
"""Saves a small SSD that finishes its boxes itself, as TensorFlow Object Detection exports its detectors.

Bytes in, decoding and suppression inside; as a SavedModel and as a frozen graph. Usage: tf_detector.py FOLDER"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import tensorflow as tf  # noqa: E402
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # noqa: E402

SIDE, CELLS, CLASSES, BOXES = 128, 4, 10, 100
SHAPES = [(0.25, 0.25), (0.35, 0.7), (0.7, 0.35)]  # height and width of the anchors at each cell


def anchors():
    rows = [
        ((row + 0.5) / CELLS, (column + 0.5) / CELLS, height, width)
        for row in range(CELLS)
        for column in range(CELLS)
        for height, width in SHAPES
    ]
    return tf.constant(rows, tf.float32)


class Detector(tf.Module):
    def __init__(self):
        super().__init__()
        self.features = tf.keras.applications.MobileNetV2(
            weights=None, input_shape=(SIDE, SIDE, 3), alpha=0.35, include_top=False
        )
        wide = tf.keras.initializers.RandomNormal(stddev=0.5, seed=1)
        outputs = [len(SHAPES) * 4, len(SHAPES) * CLASSES]
        self.boxes, self.scores = [tf.keras.layers.Conv2D(n, 1, kernel_initializer=wide) for n in outputs]

    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 3], tf.uint8, name="input_tensor")])
    def detect(self, input_tensor):
        features = self.features(tf.cast(input_tensor, tf.float32) / 127.5 - 1, training=False)
        coded = tf.reshape(self.boxes(features), [-1, CELLS * CELLS * len(SHAPES), 4])
        scores = tf.sigmoid(tf.reshape(self.scores(features), [-1, CELLS * CELLS * len(SHAPES), CLASSES]) - 1)
        middle = coded[..., :2] / 10 * anchors()[:, 2:] + anchors()[:, :2]
        half = tf.exp(coded[..., 2:] / 5) * anchors()[:, 2:] / 2
        boxes = tf.concat([middle - half, middle + half], axis=-1)
        kept = tf.image.combined_non_max_suppression(
            boxes[:, :, None, :], scores, BOXES, BOXES, iou_threshold=0.6, score_threshold=1e-8
        )
        return {
            "detection_boxes": kept.nmsed_boxes,
            "detection_classes": kept.nmsed_classes + 1,  # as label maps count
            "detection_scores": kept.nmsed_scores,
            "num_detections": tf.cast(kept.valid_detections, tf.float32),
        }


def save_frozen(detect, folder):
    frozen = convert_variables_to_constants_v2(detect.get_concrete_function())
    graph = frozen.graph.as_graph_def()
    # Function graphs number their results; TF-OD's have names.
    for name, tensor in frozen.structured_outputs.items():
        identity = graph.node.add(name=name, op="Identity", input=[tensor.name])
        identity.attr["T"].type = tensor.dtype.as_datatype_enum
    tf.io.write_graph(graph, folder, "tf_detector.pb", as_text=False)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tf.keras.utils.set_random_seed(1)
    detector = Detector()
    detector.detect(tf.zeros([1, SIDE, SIDE, 3], tf.uint8))
    tf.saved_model.save(detector, os.path.join(sys.argv[1], "tf_detector"), signatures=detector.detect)
    save_frozen(detector.detect, sys.argv[1])


if __name__ == "__main__":
    main()
