#include "src/zoo/inception_blocks.h"

#include <array>
#include <cstddef>

namespace sightline::zoo {
namespace {

Value Fork(GraphBuilder& b, const std::string& name, const Value& x, int channels) {
  const std::array<Value, 2> parts{b.ConvBnAct(name + "/1x3", x, channels, {1, 3}),
                                   b.ConvBnAct(name + "/3x1", x, channels, {3, 1})};
  return b.Concat(name, parts);
}

Value ApplyStep(GraphBuilder& b, const std::string& name, const Value& x, const Step& step) {
  switch (step.kind) {
    case Step::Kind::kConv:
      return b.ConvBnAct(name, x, step.channels, step.window);
    case Step::Kind::kMaxPool:
      return b.MaxPool(name, x, step.window);
    case Step::Kind::kAveragePool:
      return b.AveragePool(name, x, step.window, step.padding_in_mean);
    case Step::Kind::kFork:
      return Fork(b, name, x, step.channels);
  }
  return x;
}

}  // namespace

Value ApplyBranch(GraphBuilder& b, const std::string& name, const Value& x, const Branch& branch) {
  Value y = x;
  for (size_t i = 0; i < branch.size(); ++i) y = ApplyStep(b, name + "/" + std::to_string(i), y, branch[i]);
  return y;
}

Value ApplyBlock(GraphBuilder& b, const std::string& name, const Value& x, const Block& block) {
  std::vector<Value> outputs;
  outputs.reserve(block.size());
  for (size_t i = 0; i < block.size(); ++i)
    outputs.push_back(ApplyBranch(b, name + "/branch" + std::to_string(i), x, block[i]));
  return b.Concat(name, outputs);
}

}  // namespace sightline::zoo
