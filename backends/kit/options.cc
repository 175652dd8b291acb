#include "backends/kit/options.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <vector>

namespace sightline::kit {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

template <typename Items, typename NameOf>
std::string List(const Items& items, NameOf name_of) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + std::string(name_of(item));
  return text.empty() ? "none" : text;
}

std::optional<int64_t> WholeNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool Allowed(const OptionInfo& option, const std::string& value) {
  if (option.range) {
    const auto number = WholeNumber(value);
    return number && *number >= option.range->low && *number <= option.range->high;
  }
  return option.words.empty() ||
         std::find(option.words.begin(), option.words.end(), value) != option.words.end();
}

Status SetOption(const BackendInfo& info, const std::string& key, const std::string& value, Values& values) {
  const auto option = std::find_if(info.options.begin(), info.options.end(),
                                   [&](const OptionInfo& known) { return known.key == key; });
  if (option == info.options.end()) {
    return InvalidArgument("backend ", info.name, " has no option '", key, "'; its options are: ",
                           List(info.options, [](const OptionInfo& known) { return known.key; }));
  }
  if (!Allowed(*option, value)) {
    return InvalidArgument("option ", key, " of backend ", info.name, " is ", option->Values(), ", not '",
                           value, "'");
  }
  values[key] = value;
  return Ok();
}

Result<OptionValues> ReadValues(const SlKeyValue* pairs, int count, const BackendInfo& info) {
  Values values;
  for (const OptionInfo& option : info.options) values[option.key] = option.default_value;
  if (count > 0 && pairs == nullptr) return InvalidArgument("options is null but option_count is ", count);
  for (int i = 0; i < count; ++i) {
    if (pairs[i].key == nullptr || pairs[i].value == nullptr) {
      return InvalidArgument("option ", i, " has no key or no value");
    }
    KIT_RETURN_IF_ERROR(SetOption(info, pairs[i].key, pairs[i].value, values));
  }
  return OptionValues(std::move(values));
}

Status CheckDevice(const std::string& device, const BackendInfo& info) {
  const bool known = std::any_of(info.devices.begin(), info.devices.end(),
                                 [&](const DeviceInfo& candidate) { return candidate.id == device; });
  if (known) return Ok();
  return NotFound("backend ", info.name, " has no device '", device, "' here; it has: ",
                  List(info.devices, [](const DeviceInfo& candidate) { return candidate.id; }));
}

Status CheckPrecision(SlDataType precision, const BackendInfo& info) {
  if (precision >= SL_F32 && precision <= SL_BOOL && (info.precisions & (1u << precision)) != 0) return Ok();
  std::vector<SlDataType> offered;
  for (int type = SL_F32; type <= SL_BOOL; ++type) {
    if ((info.precisions & (1u << type)) != 0) offered.push_back(static_cast<SlDataType>(type));
  }
  return Unsupported("backend ", info.name, " can't compute in ", DataTypeName(precision),
                     "; it offers: ", List(offered, DataTypeName));
}

Status CheckCounts(const EngineOptions& options) {
  if (options.max_batch < 1)
    return InvalidArgument("max_batch is ", options.max_batch, "; it must be at least 1");
  if (options.instance_count < 1) {
    return InvalidArgument("instance_count is ", options.instance_count, "; it must be at least 1");
  }
  if (options.intra_threads < 0 || options.inter_threads < 0) {
    return InvalidArgument("thread counts are ", options.intra_threads, " and ", options.inter_threads,
                           "; they must be 0 (the framework's own choice) or more");
  }
  return Ok();
}

}  // namespace

const std::string& OptionValues::Word(std::string_view key) const {
  static const std::string none;
  const auto found = values_.find(key);
  return found == values_.end() ? none : found->second;
}

int64_t OptionValues::Number(std::string_view key) const {
  return WholeNumber(Word(key)).value_or(0);
}

Result<EngineOptions> ReadEngineOptions(const SlEngineOptions& c, const BackendInfo& info) {
  // Version 1 of the struct ends with option_count; a host that fills less is older than this ABI.
  constexpr size_t kLeastSize = offsetof(SlEngineOptions, option_count) + sizeof c.option_count;
  if (c.struct_size < kLeastSize) {
    return InvalidArgument("SlEngineOptions.struct_size is ", c.struct_size, ", less than the ", kLeastSize,
                           " bytes of ABI version ", SL_ABI_VERSION);
  }
  EngineOptions options;
  options.device = c.device == nullptr ? "" : c.device;
  options.precision = c.precision;
  options.intra_threads = c.intra_threads;
  options.inter_threads = c.inter_threads;
  options.max_batch = c.max_batch;
  options.instance_count = c.instance_count;
  options.profile = c.profile != 0;
  KIT_RETURN_IF_ERROR(CheckDevice(options.device, info));
  KIT_RETURN_IF_ERROR(CheckPrecision(options.precision, info));
  KIT_RETURN_IF_ERROR(CheckCounts(options));
  if (options.profile && (info.features & SL_FEATURE_PROFILE) == 0) {
    return Unsupported("backend ", info.name, " can't give times per layer");
  }
  KIT_ASSIGN_OR_RETURN(options.values, ReadValues(c.options, c.option_count, info));
  return options;
}

}  // namespace sightline::kit
