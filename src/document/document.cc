#include "src/document/document.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <optional>

namespace sightline::document {
namespace {

constexpr size_t kLongestText = size_t{1} << 20;
constexpr size_t kLongestScalar = 4096;
constexpr size_t kMostValues = 200'000;
constexpr size_t kDeepest = 32;
constexpr size_t kMostKeys = 1000;  // of one mapping: looking one up takes time in proportion

std::string Shortened(const std::string& text) {
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

template <typename Number>
std::optional<Number> WholeAs(std::string_view text) {
  Number number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// YAML 1.2, 10.3.2 "Tag resolution" of the core schema, without octal and hexadecimal numbers.
Json PlainScalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true") return true;
  if (text == "false") return false;
  if (const auto integer = WholeAs<int64_t>(text)) return *integer;
  const auto decimal = WholeAs<double>(text);
  if (decimal && std::isfinite(*decimal)) return *decimal;
  return text;
}

}  // namespace

class DocumentBuilder {
 public:
  explicit DocumentBuilder(Document& document) : document_(document) {}

  Result<Json> Build(const YAML::Node& node, const Path& path, Document::Position key) {
    // What is left out is placed at its key: the parser puts it on the line where it missed it.
    const Document::Position here = node.IsNull() ? key : PositionOf(node.Mark(), key);
    document_.entries_[path] = {here, key, ""};
    if (++values_ > kMostValues) {
      return document_.At(path, fmt::format("the text holds more than {} values, aliases written out; "
                                            "make it smaller",
                                            kMostValues));
    }
    if (path.size() > kDeepest) {
      return document_.At(path, fmt::format("is nested more than {} deep; make it flatter", kDeepest));
    }
    if (node.IsMap()) return Mapping(node, path);
    if (node.IsSequence()) return List(node, path);
    return Scalar(node, path);
  }

 private:
  static Document::Position PositionOf(const YAML::Mark& mark, Document::Position otherwise) {
    return mark.is_null() ? otherwise : Document::Position{mark.line + 1, mark.column + 1};
  }

  Result<Json> Mapping(const YAML::Node& node, const Path& path) {
    Json object = Json::object();
    for (const auto& pair : node) {
      const Document::Position key = PositionOf(pair.first.Mark(), document_.entries_[path].value);
      if (!pair.first.IsScalar() || pair.first.Scalar().size() > kLongestScalar) {
        return document_.Complain(key, path, "a key here is not a short text; write KEY: VALUE");
      }
      const std::string& name = pair.first.Scalar();
      Path child = path;
      child.push_back(name);
      if (object.contains(name)) {
        return document_.Complain(key, child, "this key was given before; keep one of the two");
      }
      if (object.size() == kMostKeys) {
        return document_.Complain(key, path, fmt::format("has more than {} keys; give fewer", kMostKeys));
      }
      SIGHTLINE_ASSIGN_OR_RETURN(object[name], Build(pair.second, child, key));
    }
    return object;
  }

  Result<Json> List(const YAML::Node& node, const Path& path) {
    Json list = Json::array();
    for (const YAML::Node& item : node) {
      Path child = path;
      child.push_back(std::to_string(list.size()));
      SIGHTLINE_ASSIGN_OR_RETURN(Json value,
                                 Build(item, child, PositionOf(item.Mark(), document_.entries_[path].value)));
      list.push_back(std::move(value));
    }
    return list;
  }

  Result<Json> Scalar(const YAML::Node& node, const Path& path) {
    if (!node.IsScalar()) return Json(nullptr);
    const std::string& text = node.Scalar();
    if (text.size() > kLongestScalar || text.find('\0') != std::string::npos) {
      return document_.At(
          path, fmt::format("is longer than {} characters or holds a zero byte; shorten it", kLongestScalar));
    }
    document_.entries_[path].text = text;
    return node.Tag() == "!" ? Json(text) : PlainScalar(text);  // "!" marks quoted ones
  }

  Document& document_;
  size_t values_ = 0;
};

Result<Document> Document::FromYaml(const std::string& text, std::string name) {
  Document document;
  document.name_ = std::move(name);
  if (text.size() > kLongestText) {
    return document.Complain({}, {}, "is longer than 1 MiB, more than such a file can be; give another file");
  }
  try {
    const std::vector<YAML::Node> nodes = YAML::LoadAll(text);
    if (nodes.size() > 1) {
      return document.Complain({nodes[1].Mark().line + 1, 1}, {},
                               "a second document begins here; keep one document in the file");
    }
    const YAML::Node root = nodes.empty() ? YAML::Node() : nodes[0];
    SIGHTLINE_ASSIGN_OR_RETURN(document.json_, DocumentBuilder(document).Build(root, {}, {}));
  } catch (const YAML::Exception& failure) {
    const Position position =
        failure.mark.is_null() ? Position{} : Position{failure.mark.line + 1, failure.mark.column + 1};
    return document.Complain(position, {}, fmt::format("is not YAML here ({}); correct it", failure.msg));
  } catch (const std::exception& failure) {
    return document.Complain({}, {}, fmt::format("can't be read as YAML ({}); correct it", failure.what()));
  }
  return document;
}

const Json* Document::Find(const Path& path) const {
  const Json* node = &json_;
  for (const std::string& step : path) {
    if (node->is_object()) {
      const auto found = node->find(step);
      if (found == node->end()) return nullptr;
      node = &*found;
    } else {
      const auto index = WholeAs<size_t>(step);
      if (!node->is_array() || !index || *index >= node->size()) return nullptr;
      node = &(*node)[*index];
    }
  }
  return node;
}

const std::string& Document::TextOf(const Path& path) const {
  static const std::string none;
  const auto found = entries_.find(path);
  return found == entries_.end() ? none : found->second.text;
}

bool Document::Before(const Path& first, const Path& second) const {
  return Nearest(first).value < Nearest(second).value;
}

const Document::Entry& Document::Nearest(Path path) const {
  static const Entry beginning;
  while (true) {
    if (const auto found = entries_.find(path); found != entries_.end()) return found->second;
    if (path.empty()) return beginning;
    path.pop_back();
  }
}

Error Document::At(const Path& path, std::string_view sentence) const {
  return Complain(Nearest(path).value, path, sentence);
}

Error Document::AtKey(const Path& path, std::string_view sentence) const {
  return Complain(Nearest(path).key, path, sentence);
}

std::string Document::NameOf(const Path& path) const {
  std::string name;
  Path parent;
  for (const std::string& step : path) {
    const Json* around = Find(parent);
    if (around != nullptr && around->is_array()) {
      name += "[" + step + "]";
    } else {
      name += (name.empty() ? "" : ".") + Shortened(step);
    }
    parent.push_back(step);
  }
  return name;
}

Error Document::Complain(Position position, const Path& path, std::string_view sentence) const {
  const std::string name = NameOf(path);
  return Error(ErrorKind::kInvalidArgument,
               fmt::format("{}:{}:{}: {}{}{}", name_, position.line, position.column, name,
                           name.empty() ? "" : ": ", sentence));
}

}  // namespace sightline::document
