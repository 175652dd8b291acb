#include "src/analyze/layer_match.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sightline::analyze {
namespace {

bool IsAlnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string Comparable(std::string_view name) {
  constexpr std::string_view kTensorFlowStart = "layer_";
  if (name.starts_with(kTensorFlowStart)) name.remove_prefix(kTensorFlowStart.size());
  while (!name.empty() && !IsAlnum(name.front())) name.remove_prefix(1);
  std::string comparable(name);
  for (char& c : comparable) {
    if (!IsAlnum(c) && c != '.' && c != '/' && c != '-') c = '_';
  }
  return comparable;
}

// The parts of "a + b", "a||b", "a,b", "a b". A name without separators is one part.
std::vector<std::string_view> Parts(std::string_view name) {
  constexpr std::string_view kSeparators = " +|,";
  std::vector<std::string_view> parts;
  while (!name.empty()) {
    const size_t end = std::min(name.find_first_of(kSeparators), name.size());
    if (end > 0) parts.push_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return parts;
}

// What ONNX Runtime's profiler and layout optimizer put behind a node's name.
constexpr std::array<std::string_view, 4> kEndings = {"_kernel_time", "_fence_before", "_fence_after",
                                                      "_nchwc"};

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

bool IsLayoutConversion(std::string_view name, std::string_view type) {
  return type == "Reorder" || type == "ReorderInput" || type == "ReorderOutput" || type == "Reformat" ||
         name.starts_with("Reformatting CopyNode") || Contains(name, "LayoutOptimizer") ||
         type.starts_with("_MklToTf") || type.starts_with("_MklInputConversion");
}

bool IsBookkeeping(std::string_view type) {
  constexpr std::array<std::string_view, 12> kTypes = {
      "Const",     "Constant", "_Arg",  "_Retval", "Placeholder", "NoOp",
      "Parameter", "Result",   "Input", "Output",  "_HostConst",  "_ParallelConcatStart"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

LayerMatcher::LayerMatcher(const LayerGraph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    Add(nodes_, node.name, static_cast<int>(i));
    for (const int output : node.outputs) {
      Add(tensors_, graph.tensors[static_cast<size_t>(output)].name, static_cast<int>(i));
    }
  }
}

// Two nodes by one name: neither is meant.
void LayerMatcher::Add(Names& names, std::string_view name, int node) {
  const auto [entry, is_new] = names.try_emplace(Comparable(name), node);
  if (!is_new && entry->second != node) entry->second = kNone;
}

int LayerMatcher::Find(std::string_view name) const {
  const std::string comparable = Comparable(name);
  if (comparable.empty()) return kNone;
  for (const auto* names : {&nodes_, &tensors_}) {
    const auto found = names->find(comparable);
    if (found != names->end()) return found->second;
  }
  return kNone;
}

int LayerMatcher::FindWithin(std::string_view name) const {
  for (const std::string_view ending : kEndings) {
    if (!name.ends_with(ending)) continue;
    if (const int node = Find(name.substr(0, name.size() - ending.size())); node != kNone) return node;
  }
  for (size_t end = name.find_last_of("/:"); end != std::string_view::npos && end > 0;
       end = name.find_last_of("/:", end - 1)) {
    if (const int node = Find(name.substr(0, end)); node != kNone) return node;
  }
  for (size_t at = name.find_first_of("/:! "); at != std::string_view::npos;
       at = name.find_first_of("/:! ", at + 1)) {
    if (const int node = Find(name.substr(at + 1)); node != kNone) return node;
  }
  return kNone;
}

std::vector<int> LayerMatcher::Match(std::string_view name, std::string_view type) const {
  if (const int node = Find(name); node != kNone) return {node};
  if (IsLayoutConversion(name, type)) return {};
  std::vector<int> matched;
  for (const std::string_view part : Parts(name)) {
    int node = Find(part);
    if (node == kNone) node = FindWithin(part);
    if (node != kNone) matched.push_back(node);
  }
  std::sort(matched.begin(), matched.end());
  matched.erase(std::unique(matched.begin(), matched.end()), matched.end());
  return matched;
}

}  // namespace sightline::analyze
