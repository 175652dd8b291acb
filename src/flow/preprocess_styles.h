// How the families of networks have their pictures prepared, as their authors publish it. Input sizes are
// left at 0, and the shorter side where it depends on them.
#pragma once

#include "src/flow/task.h"

namespace sightline {

// torchvision and the ONNX model zoo: shorter side to 256 of 224, central crop, mean and deviation of
// ImageNet in RGB (torchvision's weight metadata; onnx/models imagenet_preprocess.py).
PreprocessSpec TorchvisionStyle();
// TF-slim Inception and MobileNet: central 87.5 % of each side, stretched; RGB in [-1, 1]
// (tensorflow/models research/slim/preprocessing/inception_preprocessing.py).
PreprocessSpec SlimInceptionStyle();
// TF-slim VGG and ResNet-v1: shorter side 256, central crop; RGB less the mean colour
// (research/slim/preprocessing/vgg_preprocessing.py).
PreprocessSpec SlimVggStyle();
// Caffe: shorter side 256, central crop; BGR less the mean colour, rounded.
PreprocessSpec CaffeStyle();
// TensorFlow's object detection: stretched; RGB in [-1, 1]
// (research/object_detection/models/ssd_mobilenet_v1_feature_extractor.py).
PreprocessSpec TfDetectionStyle();
// darknet: letterbox filled with grey; RGB in [0, 1] (src/image.c).
PreprocessSpec DarknetStyle();

}  // namespace sightline
