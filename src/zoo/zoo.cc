#include "src/zoo/zoo.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "src/base/text.h"
#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

using Family = std::vector<Definition> (*)();

// Recognition, then detection, each in the order of the families' names.
constexpr Family kFamilies[] = {AlexNet,     DenseNet,    EfficientNetLite, InceptionResnetV2,
                                InceptionV1, InceptionV2, InceptionV3,      InceptionV4,
                                MobileNetV1, MobileNetV2, ResNet,           ShuffleNet,
                                SqueezeNet,  Vgg,         FasterRcnn,       Rfcn,
                                SsdTfOd,     SsdVgg,      YoloV2,           YoloV3};

struct Registry {
  std::vector<Definition> definitions;
  std::vector<Entry> entries;  // the same, in the same order
};

const Registry& TheRegistry() {
  static const Registry registry = [] {
    Registry built;
    for (const Family family : kFamilies) {
      std::vector<Definition> members = family();
      std::move(members.begin(), members.end(), std::back_inserter(built.definitions));
    }
    for (const Definition& definition : built.definitions) built.entries.push_back(definition.entry);
    return built;
  }();
  return registry;
}

Error UnknownName(std::string_view name) {
  std::vector<std::string> names;
  for (const Entry& entry : Entries()) names.push_back(entry.name);
  const std::string nearest = NearestName(name, names);
  const std::string hint = nearest.empty() ? "" : " Did you mean '" + nearest + "'?";
  return Error(ErrorKind::kNotFound, "there is no network '" + std::string(name) + "' in the zoo." + hint +
                                         " `sightline models` lists them all.");
}

Result<const Definition*> FindDefinition(std::string_view name) {
  SIGHTLINE_ASSIGN_OR_RETURN(const Entry* entry, Find(name));
  return &TheRegistry().definitions[static_cast<size_t>(entry - Entries().data())];
}

Result<network::Network> BuildWith(std::string_view name, std::optional<uint64_t> weight_seed) {
  SIGHTLINE_ASSIGN_OR_RETURN(const Definition* definition, FindDefinition(name));
  const Entry& entry = definition->entry;
  GraphBuilder builder(entry.name, weight_seed, definition->style);
  const Value input = builder.Input(entry.task.preprocess);
  auto model = definition->detector ? builder.Finish(definition->detector(builder, input))
                                    : builder.Finish(definition->body(builder, input));
  return network::Network::FromModel(std::move(model), entry.name);
}

Result<network::Network> BuildSecondStageWith(std::string_view name, std::optional<uint64_t> weight_seed) {
  SIGHTLINE_ASSIGN_OR_RETURN(const Definition* definition, FindDefinition(name));
  if (!definition->second_stage) {
    return Error(ErrorKind::kNotFound, std::string(name) + " has no second network");
  }
  const std::string stage_name = definition->entry.name + "/second_stage";
  GraphBuilder builder(stage_name, weight_seed, definition->style);
  return network::Network::FromModel(builder.Finish(definition->second_stage(builder)), stage_name);
}

}  // namespace

std::span<const Entry> Entries() {
  return TheRegistry().entries;
}

Result<const Entry*> Find(std::string_view name) {
  const std::span<const Entry> entries = Entries();
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
  if (found == entries.end()) return UnknownName(name);
  return &*found;
}

Result<network::Network> Build(std::string_view name, uint64_t weight_seed) {
  return BuildWith(name, weight_seed);
}

Result<network::Network> BuildSecondStage(std::string_view name, uint64_t weight_seed) {
  return BuildSecondStageWith(name, weight_seed);
}

Result<network::NetworkCost> Count(std::string_view name) {
  SIGHTLINE_ASSIGN_OR_RETURN(const network::Network network, BuildWith(name, std::nullopt));
  return network.Cost();
}

Result<network::NetworkCost> CountSecondStage(std::string_view name) {
  SIGHTLINE_ASSIGN_OR_RETURN(const network::Network network, BuildSecondStageWith(name, std::nullopt));
  return network.Cost();
}

}  // namespace sightline::zoo
