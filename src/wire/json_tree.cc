#include "src/wire/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "src/wire/json_elements.h"
#include "src/wire/wrong.h"

namespace sightline::wire {
namespace {

using Json = nlohmann::json;

// Outside of data; a parameter of a tensor is 4 deep, and fields that nobody knows may be a little deeper.
constexpr size_t kMostDepth = 16;
constexpr size_t kTensorDepth = 3;    // root, list of tensors, tensor
constexpr int kNumberTooLarge = 406;  // of nlohmann's out_of_range

// The handler of nlohmann's events, which asks for these names.
class TreeReader {
 public:
  // `known`: the same text's tree of an earlier reading, which has the types and shapes of all tensors.
  TreeReader(std::string_view tensors, const InferLimits& limits, const Json* known)
      : tensors_(tensors),
        limits_(limits),
        known_(known),
        most_values_((limits.inputs + limits.outputs + 1) * (limits.dimensions + limits.parameters + 8)) {}

  bool null() { return elements_ ? Element(elements_->Other("null")) : Scalar(nullptr); }
  bool boolean(bool value) { return elements_ ? Element(elements_->Bool(value)) : Scalar(value); }
  bool number_integer(int64_t value) { return elements_ ? Element(elements_->Signed(value)) : Scalar(value); }
  bool number_unsigned(uint64_t value) {
    return elements_ ? Element(elements_->Unsigned(value)) : Scalar(value);
  }
  bool number_float(double value, const std::string& text);
  bool string(const std::string& value) {
    return elements_ ? Element(elements_->Text(value)) : Scalar(value);
  }
  bool binary(const Json::binary_t& /*value*/) { return Complain("no JSON"); }
  bool start_object(size_t /*size*/);
  bool key(const std::string& key);
  bool end_object();
  bool start_array(size_t /*size*/);
  bool end_array();
  bool parse_error(size_t position, const std::string& token, const Json::exception& exception);

  void SetSize(size_t size) { size_ = size; }
  Error TakeError() { return Wrong(std::move(complaint_)); }
  bool deferred() const { return deferred_; }  // there are data whose type or shape was not known yet
  JsonTree Take() { return std::move(tree_); }

 private:
  struct Frame {  // an object or array that is open
    Json* node;
    std::string key;    // the last one
    size_t values = 0;  // that came
  };

  bool AtData() const;
  bool BeginData();
  bool EndData();
  bool Element(bool fine);
  bool Scalar(Json value);
  bool Open(Json value);
  Json* Place(Json value);
  bool Complain(std::string_view sentence);
  std::string Path() const;

  std::string_view tensors_;
  const InferLimits& limits_;
  const Json* known_;
  size_t most_values_;
  size_t size_ = 0;  // of the text
  JsonTree tree_;
  std::vector<Frame> frames_;
  size_t values_ = 0;
  std::unique_ptr<ElementReader> elements_;  // while within data
  size_t skipped_depth_ = 0;                 // while within data to be read the second time
  bool deferred_ = false;
  std::string complaint_;
};

bool TreeReader::number_float(double value, const std::string& text) {
  if (elements_) return Element(elements_->Float(value, text));
  const bool whole = text.find_first_of(".eE") == std::string::npos;
  if (!Scalar(value)) return false;
  return !whole || skipped_depth_ > 0 || Complain(Excerpt(text) + " does not fit into 64 bits");
}

bool TreeReader::start_object(size_t /*size*/) {
  if (elements_) return Element(elements_->Other("an object"));
  if (skipped_depth_ > 0) return Complain("an object among elements");
  return Open(Json::object());
}

bool TreeReader::key(const std::string& key) {
  Frame& frame = frames_.back();
  frame.key = key;
  ++frame.values;
  return !frame.node->contains(key) || Complain("given twice");
}

bool TreeReader::end_object() {
  frames_.pop_back();
  return true;
}

bool TreeReader::start_array(size_t /*size*/) {
  if (elements_) return Element(elements_->BeginArray());
  if (skipped_depth_ > 0) {
    // One more than dimensions may nest, so that it is the second reading that complains of the usual
    // mistakes.
    if (++skipped_depth_ <= limits_.dimensions + 2) return true;
    return Complain(fmt::format("nested more than {} deep", limits_.dimensions));
  }
  return AtData() ? BeginData() : Open(Json::array());
}

bool TreeReader::end_array() {
  if (elements_) return Element(elements_->EndArray()) && (!elements_->done() || EndData());
  if (skipped_depth_ > 0) {
    --skipped_depth_;
  } else {
    frames_.pop_back();
  }
  return true;
}

bool TreeReader::parse_error(size_t position, const std::string& token, const Json::exception& exception) {
  if (exception.id == kNumberTooLarge) {
    if (elements_) return Element(elements_->TooLarge(token));
    return Scalar(0.0) && Complain(Excerpt(token) + " does not fit into 64 bits");
  }
  if (position > size_) return Complain(fmt::format("the JSON ends too early, after {} bytes", size_));
  // What the library says, without its own prefix and without the client's text, which can be long.
  std::string_view said = exception.what();
  if (const size_t begin = said.find("syntax error"); begin != std::string_view::npos)
    said.remove_prefix(begin);
  if (const size_t quote = said.find("; last read"); quote != std::string_view::npos)
    said = said.substr(0, quote);
  return Complain(fmt::format("no JSON at byte {}: {}", position, said));
}

// Whether the value that comes is a tensor's data.
bool TreeReader::AtData() const {
  return frames_.size() == kTensorDepth && frames_[0].key == tensors_ && frames_[1].node->is_array() &&
         frames_[2].node->is_object() && frames_[2].key == "data";
}

bool TreeReader::BeginData() {
  // Here and not once the tree is there, so that their elements take no memory.
  if (const size_t most = MostTensors(tensors_, limits_); frames_[1].values > most) {
    frames_.resize(1);
    return Complain(fmt::format("more than the {} allowed", most));
  }
  const Json& tensor =
      known_ != nullptr ? (*known_)[frames_[0].key][frames_[1].values - 1] : *frames_[2].node;
  (*frames_[2].node)["data"] = tree_.elements.size();
  tree_.elements.emplace_back();
  if (known_ == nullptr && !(tensor.contains("datatype") && tensor.contains("shape"))) {
    deferred_ = true;
    skipped_depth_ = 1;
    return true;
  }
  frames_.back().key = {};  // these errors name the field themselves
  const auto complain = [this](const Error& error) {
    complaint_ = Path() + "." + error.message();
    return false;
  };
  const auto type = ReadDataType(tensor);
  if (!type.ok()) return complain(type.error());
  auto shape = ReadShape(tensor, limits_);
  if (!shape.ok()) return complain(shape.error());
  auto elements = ElementReader::Create(*type, std::move(*shape), limits_.tensor_bytes);
  if (!elements.ok()) return complain(elements.error());
  frames_.back().key = "data";
  elements_ = std::make_unique<ElementReader>(std::move(*elements));
  return Element(elements_->BeginArray());
}

bool TreeReader::EndData() {
  tree_.elements.back() = elements_->Take();
  elements_.reset();
  return true;
}

// Puts the path in front of what the elements' reader says.
bool TreeReader::Element(bool fine) {
  if (!fine) complaint_ = Path() + elements_->complaint();
  return fine;
}

bool TreeReader::Scalar(Json value) {
  if (skipped_depth_ > 0) return true;
  if (AtData()) return Complain(fmt::format("an array expected, found {}", KindOf(value)));
  return Place(std::move(value)) != nullptr;
}

bool TreeReader::Open(Json value) {
  if (AtData()) return Complain(fmt::format("an array expected, found {}", KindOf(value)));
  Json* node = Place(std::move(value));
  if (node == nullptr) return false;
  if (frames_.size() >= kMostDepth) return Complain(fmt::format("nested more than {} deep", kMostDepth));
  frames_.push_back({.node = node, .key = {}});
  return true;
}

// Puts a value where it belongs; null with a complaint where that can't be.
Json* TreeReader::Place(Json value) {
  if (frames_.empty()) {
    if (!value.is_object())
      return Complain(fmt::format("an object expected, found {}", KindOf(value))), nullptr;
    return &(tree_.root = std::move(value));
  }
  Frame& frame = frames_.back();
  const bool array = frame.node->is_array();
  if (array) ++frame.values;
  if (++values_ > most_values_) {
    Complain(fmt::format("more than {} values outside of tensors' data", most_values_));
    return nullptr;
  }
  if (!array) return &((*frame.node)[frame.key] = std::move(value));
  frame.node->push_back(std::move(value));
  return &frame.node->back();
}

bool TreeReader::Complain(std::string_view sentence) {
  const std::string path = Path() + (elements_ ? elements_->Index() : "");
  complaint_ = fmt::format("{}: {}", path.empty() ? "body" : path, sentence);
  return false;
}

// Of the value that came last.
std::string TreeReader::Path() const {
  std::string path;
  for (const Frame& frame : frames_) {
    if (frame.values == 0) continue;
    if (frame.node->is_array()) {
      path += fmt::format("[{}]", frame.values - 1);
    } else if (!frame.key.empty()) {
      path += (path.empty() ? "" : ".") + Excerpt(frame.key);
    }
  }
  return path;
}

}  // namespace

Result<JsonTree> ReadJsonTree(std::string_view text, std::string_view tensors, const InferLimits& limits) {
  // The library takes a zero byte for the end of the text.
  if (const void* zero = text.empty() ? nullptr : std::memchr(text.data(), 0, text.size())) {
    return Wrong(fmt::format("body: no JSON at byte {}: a zero byte",
                             static_cast<const char*>(zero) - text.data() + 1));
  }
  TreeReader first(tensors, limits, nullptr);
  first.SetSize(text.size());
  if (!Json::sax_parse(text.begin(), text.end(), &first)) return first.TakeError();
  if (!first.deferred()) return first.Take();
  const JsonTree known = first.Take();
  TreeReader second(tensors, limits, &known.root);
  second.SetSize(text.size());
  if (!Json::sax_parse(text.begin(), text.end(), &second)) return second.TakeError();
  return second.Take();
}

Result<WireType> ReadDataType(const Json& tensor) {
  const auto found = tensor.find("datatype");
  if (found == tensor.end()) return Wrong("datatype: missing");
  if (!found->is_string()) return Wrong(fmt::format("datatype: a string expected, found {}", KindOf(*found)));
  const auto& name = found->get_ref<const std::string&>();
  if (const auto type = WireTypeFromName(name)) return *type;
  return Wrong(
      fmt::format("datatype: there is no \"{}\"; known are BOOL, UINT8 to UINT64, INT8 to INT64, FP16, BF16, "
                  "FP32, FP64 and BYTES",
                  Excerpt(name)));
}

Result<std::vector<int64_t>> ReadShape(const Json& tensor, const InferLimits& limits) {
  const auto found = tensor.find("shape");
  if (found == tensor.end()) return Wrong("shape: missing");
  if (!found->is_array()) return Wrong(fmt::format("shape: an array expected, found {}", KindOf(*found)));
  if (found->size() > limits.dimensions) {
    return Wrong(
        fmt::format("shape: {} dimensions, where at most {} are allowed", found->size(), limits.dimensions));
  }
  std::vector<int64_t> shape;
  for (const Json& dimension : *found) {
    if (!dimension.is_number_integer()) {
      return Wrong(fmt::format("shape[{}]: a whole number expected, found {}", shape.size(),
                               dimension.is_number() ? dimension.dump() : std::string(KindOf(dimension))));
    }
    if (dimension.is_number_unsigned() && !std::in_range<int64_t>(dimension.get<uint64_t>())) {
      return Wrong(fmt::format("shape[{}]: {} is too large", shape.size(), dimension.get<uint64_t>()));
    }
    if (dimension.get<int64_t>() < 0) {
      return Wrong(fmt::format("shape[{}]: {} is negative", shape.size(), dimension.get<int64_t>()));
    }
    shape.push_back(dimension.get<int64_t>());
  }
  return shape;
}

size_t MostTensors(std::string_view tensors, const InferLimits& limits) {
  return tensors == "inputs" ? limits.inputs : limits.outputs;
}

std::string_view KindOf(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "a boolean";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::object:
      return "an object";
    default:
      return "a number";
  }
}

}  // namespace sightline::wire
