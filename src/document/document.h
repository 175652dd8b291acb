// A YAML text as JSON that remembers where everything stood, so that every complaint names line and column.
//
// What is read is bounded, whatever the text says: 1 MiB, 32 levels deep, 200,000 values, 1,000 keys a
// mapping, 4,096 characters a value; aliases count as what they stand for, so a text of nested aliases ends
// at the same bound. A plain (unquoted) scalar is null, a boolean, a whole number, a decimal or a text by
// YAML 1.2's core schema; a quoted one is a text. A key may occur once.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace sightline::document {

using Json = nlohmann::ordered_json;  // keys in the order written

// Keys and indices (in decimal) from the root: {"factors", "batch", "1"}.
using Path = std::vector<std::string>;

class Document {
 public:
  // `name` is for messages: the file's. Fails with "plan.yaml:3:7: ...".
  static Result<Document> FromYaml(const std::string& text, std::string name);

  const Json& json() const { return json_; }
  // The value at a path, or null when there is none.
  const Json* Find(const Path& path) const;
  // A scalar as it was written, without its quotes: "1.0", "true"; "" when there is none.
  const std::string& TextOf(const Path& path) const;
  // Whether `first` stands before `second`.
  bool Before(const Path& first, const Path& second) const;

  // "plan.yaml:12:5: factors.batch[1]: SENTENCE". What is not there is placed at the nearest thing around it.
  Error At(const Path& path, std::string_view sentence) const;
  // The same at the key of a value.
  Error AtKey(const Path& path, std::string_view sentence) const;

 private:
  friend class DocumentBuilder;
  struct Position {
    int line = 1;  // both from 1
    int column = 1;
    friend auto operator<=>(const Position&, const Position&) = default;
  };
  struct Entry {
    Position value;
    Position key;  // of list items: the value's
    std::string text;
  };
  const Entry& Nearest(Path path) const;
  std::string NameOf(const Path& path) const;
  Error Complain(Position position, const Path& path, std::string_view sentence) const;

  std::string name_;
  Json json_;
  std::map<Path, Entry> entries_;
};

}  // namespace sightline::document
