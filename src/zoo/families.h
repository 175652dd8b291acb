// The families of the zoo, one file each. A family lists its networks: what `models` shows, the style of its
// layers, and the body that builds from the input to the logits.
#pragma once

#include <functional>
#include <vector>

#include "src/zoo/graph_builder.h"
#include "src/zoo/zoo.h"

namespace sightline::zoo {

struct Definition {
  Entry entry;
  Style style;
  // Of a classification network; returns the logits, [N, classes].
  std::function<Value(GraphBuilder&, const Value& input)> body{};
  // Of a detection network; returns what DetectionSpec says its decoder reads.
  std::function<std::vector<GraphOutput>(GraphBuilder&, const Value& input)> detector{};
  // Of a two-stage detector with a network of its own for the proposals' crops, [M, ...].
  std::function<std::vector<GraphOutput>(GraphBuilder&)> second_stage{};
};

std::vector<Definition> AlexNet();
std::vector<Definition> DenseNet();
std::vector<Definition> EfficientNetLite();
std::vector<Definition> InceptionResnetV2();
std::vector<Definition> InceptionV1();
std::vector<Definition> InceptionV2();
std::vector<Definition> InceptionV3();
std::vector<Definition> InceptionV4();
std::vector<Definition> MobileNetV1();
std::vector<Definition> MobileNetV2();
std::vector<Definition> ResNet();
std::vector<Definition> ShuffleNet();
std::vector<Definition> SqueezeNet();
std::vector<Definition> Vgg();

// Detection.
std::vector<Definition> FasterRcnn();
std::vector<Definition> Rfcn();
std::vector<Definition> SsdTfOd();
std::vector<Definition> SsdVgg();
std::vector<Definition> YoloV2();
std::vector<Definition> YoloV3();

// The named preparations of flow/preprocess_styles.h, for an input of size x size.
PreprocessSpec SquareInput(PreprocessSpec style, int size);
PreprocessSpec InceptionPreprocess(int size);
PreprocessSpec VggPreprocess(int size);
PreprocessSpec CaffePreprocess(int size);
PreprocessSpec TorchvisionPreprocess(int size);

TaskSpec ClassificationTask(const PreprocessSpec& preprocess, int classes, const PublishedFigures& published);

constexpr int kImageNetClasses = 1000;
constexpr int kImageNetClassesWithBackground = 1001;  // TF-slim

}  // namespace sightline::zoo
