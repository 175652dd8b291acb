// The protocol buffer wire format (protobuf.dev/programming-guides/encoding), for the few small messages that
// TensorFlow's C API takes and gives as bytes: session configuration, signatures, step statistics. No
// protobuf library: two of them in one process clash (docs/architecture.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sightline::tensorflow {

// Appends fields to a message. Field numbers are those of the .proto file.
class WireWriter {
 public:
  WireWriter& Varint(uint32_t field, uint64_t value);
  // A string, bytes or a nested message.
  WireWriter& Bytes(uint32_t field, std::string_view bytes);
  const std::string& bytes() const { return bytes_; }

 private:
  void PutVarint(uint64_t value);
  std::string bytes_;
};

struct WireField {
  uint32_t number = 0;
  uint64_t varint = 0;     // the value of a varint or fixed-size field, else 0
  std::string_view bytes;  // the contents of a length-delimited field, else empty
};

// Walks the fields of one message, which it doesn't own. Never reads outside it, whatever the bytes are.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // The next field, or false at the end and at the first byte that is not a field.
  bool Next(WireField& field);
  // False once the message turned out to be damaged.
  bool ok() const { return ok_; }

 private:
  bool Fail();
  bool TakeVarint(uint64_t& value);
  bool TakeBytes(uint64_t count, std::string_view& bytes);
  bool TakeFixed(size_t count, uint64_t& value);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace sightline::tensorflow
