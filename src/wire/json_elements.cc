#include "src/wire/json_elements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "src/wire/infer.h"

namespace sightline::wire {
namespace {

std::string_view Expected(WireType type) {
  switch (type) {
    case WireType::kBool:
      return "true or false";
    case WireType::kBytes:
      return "a string";
    case WireType::kFp16:
    case WireType::kBf16:
    case WireType::kFp32:
    case WireType::kFp64:
      return "a number";
    default:
      return "a whole number, of digits alone,";
  }
}

bool IsFloat(WireType type) {
  return type == WireType::kFp32 || type == WireType::kFp64;
}

}  // namespace

std::string Excerpt(std::string_view text) {
  constexpr size_t kMost = 60;
  return text.size() <= kMost ? std::string(text) : std::string(text.substr(0, kMost)) + "...";
}

Result<ElementReader> ElementReader::Create(WireType type, std::vector<int64_t> shape, size_t most_bytes) {
  if (type == WireType::kFp16 || type == WireType::kBf16) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("datatype: {} has no JSON; send the tensor binary, with binary_data_size",
                             WireTypeName(type)));
  }
  auto count = CheckedElements(type, shape, most_bytes);
  if (!count.ok()) return count.error().WithContext("shape");
  return ElementReader(type, std::move(shape), most_bytes, *count);
}

bool ElementReader::BeginArray() {
  if (!counts_.empty() && !BeginChild(true)) return false;
  counts_.push_back(0);
  return true;
}

bool ElementReader::EndArray() {
  const int64_t count = counts_.back();
  const int64_t expected = nested_ ? shape_[counts_.size() - 1] : count_;
  counts_.pop_back();
  if (count == expected) return true;
  return Complain(
      fmt::format("{} values, where the shape [{}] needs {}", count, fmt::join(shape_, ", "), expected));
}

// A value inside the innermost open array.
bool ElementReader::BeginChild(bool array) {
  const size_t depth = counts_.size();
  ++counts_.back();
  if (array) {
    if (flat_) return Complain("an array behind an element; write all elements flat, or all nested");
    if (depth >= shape_.size()) {
      return Complain(fmt::format("nested deeper than the {} dimensions of the shape", shape_.size()));
    }
    nested_ = true;
  } else if (nested_ && depth != shape_.size()) {
    return Complain(fmt::format(
        "an array expected: elements are nested as deep as the shape has dimensions, {}", shape_.size()));
  } else {
    flat_ = !nested_;
  }
  const int64_t most = nested_ ? shape_[depth - 1] : count_;
  if (counts_.back() <= most) return true;
  return Complain(
      fmt::format("one more than the {} that the shape [{}] has here", most, fmt::join(shape_, ", ")));
}

bool ElementReader::Bool(bool value) {
  if (!BeginChild(false)) return false;
  return type_ == WireType::kBool ? Append(static_cast<uint8_t>(value)) : WrongKind(value ? "true" : "false");
}

bool ElementReader::Signed(int64_t value) {
  return Whole(value);
}

bool ElementReader::Unsigned(uint64_t value) {
  return Whole(value);
}

template <typename Number>
bool ElementReader::Whole(Number value) {
  if (!BeginChild(false)) return false;
  switch (type_) {
    case WireType::kUint8:
      return Store<uint8_t>(value);
    case WireType::kUint16:
      return Store<uint16_t>(value);
    case WireType::kUint32:
      return Store<uint32_t>(value);
    case WireType::kUint64:
      return Store<uint64_t>(value);
    case WireType::kInt8:
      return Store<int8_t>(value);
    case WireType::kInt16:
      return Store<int16_t>(value);
    case WireType::kInt32:
      return Store<int32_t>(value);
    case WireType::kInt64:
      return Store<int64_t>(value);
    case WireType::kFp32:
      return Append(static_cast<float>(value));
    case WireType::kFp64:
      return Append(static_cast<double>(value));
    default:
      return WrongKind(std::to_string(value));
  }
}

bool ElementReader::Float(double value, const std::string& text) {
  if (!BeginChild(false)) return false;
  if (type_ == WireType::kFp64) return Append(value);
  if (type_ == WireType::kFp32) {
    // From the text, since rounding to a double first can end one float beside.
    const float rounded = std::strtof(text.c_str(), nullptr);
    return std::isinf(rounded) ? DoesNotFit(text) : Append(rounded);
  }
  return NoSuchNumber(text);
}

bool ElementReader::TooLarge(const std::string& text) {
  return BeginChild(false) && NoSuchNumber(text);
}

bool ElementReader::Text(const std::string& value) {
  if (!BeginChild(false)) return false;
  if (type_ != WireType::kBytes) return WrongKind(fmt::format("\"{}\"", Excerpt(value)));
  const size_t most = std::min<size_t>(most_bytes_, std::numeric_limits<uint32_t>::max());
  if (value.size() + sizeof(uint32_t) > most - std::min(most, elements_.size())) {
    return Complain(fmt::format("with it the tensor has more than the {} bytes allowed", most_bytes_));
  }
  Append(static_cast<uint32_t>(value.size()));
  const auto* bytes = reinterpret_cast<const std::byte*>(value.data());
  elements_.insert(elements_.end(), bytes, bytes + value.size());
  return true;
}

bool ElementReader::Other(std::string_view what) {
  return BeginChild(false) && WrongKind(what);
}

template <typename T, typename Number>
bool ElementReader::Store(Number value) {
  return std::in_range<T>(value) ? Append(static_cast<T>(value)) : DoesNotFit(std::to_string(value));
}

template <typename T>
bool ElementReader::Append(T value) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&value);
  elements_.insert(elements_.end(), bytes, bytes + sizeof(T));
  return true;
}

// Of a number that no element of the type can be: it is of the wrong kind, or too large.
bool ElementReader::NoSuchNumber(const std::string& text) {
  const bool whole = text.find_first_of(".eE") == std::string::npos;
  const bool right_kind = IsFloat(type_) || (whole && type_ != WireType::kBool && type_ != WireType::kBytes);
  return right_kind ? DoesNotFit(text) : WrongKind(text);
}

bool ElementReader::DoesNotFit(std::string_view text) {
  return Complain(fmt::format("{} does not fit into {}", Excerpt(text), WireTypeName(type_)));
}

bool ElementReader::WrongKind(std::string_view found) {
  return Complain(
      fmt::format("{} expected for {}, found {}", Expected(type_), WireTypeName(type_), Excerpt(found)));
}

bool ElementReader::Complain(std::string_view sentence) {
  complaint_ = fmt::format("{}: {}", Index(), sentence);
  return false;
}

std::string ElementReader::Index() const {
  std::string index;
  for (const int64_t count : counts_) {
    if (count > 0) index += fmt::format("[{}]", count - 1);
  }
  return index;
}

}  // namespace sightline::wire
