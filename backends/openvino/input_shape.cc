#include "backends/openvino/input_shape.h"

#include <charconv>

#include "backends/openvino/reader.h"

namespace sightline::openvino_backend {

std::optional<std::vector<int64_t>> ParseShape(const std::string& text) {
  std::vector<int64_t> shape;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    int64_t dim = 0;
    const auto [next, error] = std::from_chars(at, end, dim);
    if (error != std::errc() || dim < 1 || (next < end && *next != 'x')) return std::nullopt;
    shape.push_back(dim);
    at = next < end ? next + 1 : next;
  }
  if (shape.empty() || text.back() == 'x') return std::nullopt;
  return shape;
}

kit::Status SetInputShape(ov::Model& model, const std::string& text) {
  const auto shape = ParseShape(text);
  if (!shape) {
    return kit::InvalidArgument(
        "option input_shape is sizes without the batch in the file's own order, like ", "224x224x3, not '",
        text, "'");
  }
  if (model.inputs().size() != 1) {
    return kit::InvalidArgument("option input_shape is for files with one input; this one has ",
                                model.inputs().size());
  }
  ov::PartialShape whole = {ov::Dimension::dynamic()};
  for (const int64_t dim : *shape) whole.push_back(dim);
  const ov::PartialShape& said = model.input().get_partial_shape();
  if (!said.compatible(whole)) {
    return kit::InvalidArgument("option input_shape=", text, " does not fit this file, whose input is ",
                                said);
  }
  try {
    model.reshape(whole);
    return kit::Ok();
  } catch (const std::exception& exception) {
    return FromException(exception, SL_INVALID_ARGUMENT)
        .WithContext("option input_shape=" + text + " does not fit this file");
  }
}

}  // namespace sightline::openvino_backend
