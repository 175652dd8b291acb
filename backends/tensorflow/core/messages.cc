#include "backends/tensorflow/core/messages.h"

#include <array>

#include "backends/tensorflow/core/graph_facts.h"

namespace sightline::tensorflow {
namespace {

// What TensorFlow appends for its own developers; the sentence ends before the first of them.
constexpr std::array<std::string_view, 6> kTails = {"\n",
                                                    " [Op:",
                                                    "[[",
                                                    " in binary running on ",
                                                    ". Make sure the Op and Kernel are registered",
                                                    " with these attrs: "};

constexpr std::string_view kUnknownOp = "Op type not registered '";

std::string WithoutMarks(std::string text) {
  for (const std::string_view mark : {"{{node ", "{{function_node "}) {
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      const size_t end = text.find("}}", at);
      if (end == std::string::npos) break;
      const std::string name = text.substr(at + mark.size(), end - at - mark.size());
      text.replace(at, end + 2 - at, "'" + name + "'");
    }
  }
  return text;
}

// "Frobnicate" of "Op type not registered 'Frobnicate' in binary ..."; "" of another message.
std::string UnknownOp(std::string_view message) {
  const size_t at = message.find(kUnknownOp);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = message.substr(at + kUnknownOp.size());
  return std::string(rest.substr(0, rest.find('\'')));
}

}  // namespace

std::string CleanMessage(std::string_view message) {
  // What shape inference says ends in the whole node: " for '{{node W}} = Const[dtype=...".
  constexpr std::string_view kNode = " for '{{node ";
  if (const size_t at = message.find(kNode); at != std::string_view::npos) {
    const std::string_view rest = message.substr(at + kNode.size());
    return std::string(message.substr(0, at)) + " (layer '" + std::string(rest.substr(0, rest.find("}}"))) +
           "')";
  }
  for (const std::string_view tail : kTails) message = message.substr(0, message.find(tail));
  while (!message.empty() && (message.back() == ' ' || message.back() == '.')) message.remove_suffix(1);
  return WithoutMarks(std::string(message));
}

kit::Status ExplainImport(const kit::Status& status, std::string_view graph_def) {
  if (status.ok()) return status;
  if (const std::string op = UnknownOp(status.message()); !op.empty()) {
    return kit::Unsupported("operator ", op, " (layer '", NodeOfType(graph_def, op),
                            "') is not supported by TensorFlow");
  }
  if (status.message().find("Invalid GraphDef") != std::string_view::npos) {
    return kit::InvalidArgument("it is not a TensorFlow GraphDef");
  }
  return kit::InvalidArgument("TensorFlow finds its graph wrong: ", status.message());
}

}  // namespace sightline::tensorflow
