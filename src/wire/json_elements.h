// The elements of one tensor as they come out of JSON, put together as they lie in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/wire/data_type.h"

namespace sightline::wire {

// At most some 60 bytes of a text that a client chose, for messages.
std::string Excerpt(std::string_view text);

// Takes what stands in a tensor's `data`, value by value, flat or nested as the shape says. Every function
// returns false at the first mistake; then `complaint()` says it and nothing more may come.
class ElementReader {
 public:
  // Fails (kInvalidArgument, beginning with the field: "datatype: ...") where a type has no JSON or the shape
  // needs more than `most_bytes`.
  static Result<ElementReader> Create(WireType type, std::vector<int64_t> shape, size_t most_bytes);

  bool BeginArray();
  bool EndArray();
  bool done() const { return counts_.empty(); }  // after the outermost EndArray
  bool Bool(bool value);
  bool Signed(int64_t value);
  bool Unsigned(uint64_t value);
  // A number with a point or an exponent, or a whole one beyond 64 bits; `text` as it was written.
  bool Float(double value, const std::string& text);
  bool TooLarge(const std::string& text);  // a number beyond what a double holds
  bool Text(const std::string& value);
  bool Other(std::string_view what);  // "null", "an object"

  // "[3]: 300 does not fit into UINT8": to stand behind the path of the data.
  const std::string& complaint() const { return complaint_; }
  // "[3]": of the value that came last.
  std::string Index() const;
  std::vector<std::byte> Take() { return std::move(elements_); }

 private:
  ElementReader(WireType type, std::vector<int64_t> shape, size_t most_bytes, int64_t count)
      : type_(type), shape_(std::move(shape)), most_bytes_(most_bytes), count_(count) {}

  bool BeginChild(bool array);
  template <typename Number>
  bool Whole(Number value);
  template <typename T, typename Number>
  bool Store(Number value);
  template <typename T>
  bool Append(T value);
  bool NoSuchNumber(const std::string& text);
  bool DoesNotFit(std::string_view text);
  bool WrongKind(std::string_view found);
  bool Complain(std::string_view sentence);

  WireType type_;
  std::vector<int64_t> shape_;
  size_t most_bytes_;
  int64_t count_;                // elements the shape has
  bool flat_ = false;            // an element has come directly inside the outermost array
  bool nested_ = false;          // an array has
  std::vector<int64_t> counts_;  // of values so far, in each array that is open
  std::vector<std::byte> elements_;
  std::string complaint_;
};

}  // namespace sightline::wire
