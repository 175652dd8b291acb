#include "src/backend/backend.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <system_error>

#include "src/backend/abi_values.h"
#include "src/backend/impl.h"
#include "src/base/text.h"

namespace sightline::backend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view OwnSanitizer() {
#if defined(__SANITIZE_ADDRESS__)
  return "address";
#elif defined(__SANITIZE_THREAD__)
  return "thread";
#else
  return "";
#endif
}

// Backends opened from files, for good. One mutex for the whole of loading: frameworks' static initializers
// are not made to run side by side.
struct Registry {
  std::mutex mutex;
  std::map<fs::path, std::shared_ptr<Backend>> loaded;
};

Registry& TheRegistry() {
  static auto* const registry = new Registry;  // outlives static destructors, as the frameworks do
  return *registry;
}

// The functions a host can't do without.
bool HasRequiredFunctions(const SlBackend& table) {
  return table.info != nullptr && table.engine_create != nullptr && table.engine_destroy != nullptr &&
         table.engine_info != nullptr && table.instance_create != nullptr &&
         table.instance_destroy != nullptr && table.run != nullptr;
}

// Features a plugin declares without the function behind them are taken as not there.
uint64_t FeaturesWithFunctions(uint64_t features, const SlBackend& table) {
  if (table.run_async == nullptr) features &= ~uint64_t{SL_FEATURE_ASYNC};
  if (table.cancel == nullptr) features &= ~uint64_t{SL_FEATURE_CANCEL};
  if (table.profile == nullptr) features &= ~uint64_t{SL_FEATURE_PROFILE};
  if (table.buffer_create == nullptr || table.buffer_destroy == nullptr)
    features &= ~uint64_t{SL_FEATURE_BUFFERS};
  return features;
}

std::string DlError() {
  const char* message = dlerror();
  return message == nullptr ? "unknown reason" : message;
}

Result<const SlBackend*> OpenTable(const fs::path& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return Error(ErrorKind::kUnavailable,
                 fmt::format("can't load backend {}: {}", library.string(), DlError()));
  }
  const auto entry = reinterpret_cast<SlEntryPoint>(dlsym(handle, SL_ENTRY_POINT));
  if (entry == nullptr) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("{} is not a Sightline backend: it has no symbol {}", library.string(), SL_ENTRY_POINT));
  }
  SlError error{};
  const SlBackend* table = entry(SL_ABI_VERSION, &error);
  if (table == nullptr) {
    return ToError(SL_UNAVAILABLE, error, fmt::format("backend {} can't be used", library.string()));
  }
  return table;
}

Error UnknownName(std::string_view name, const std::vector<BackendEntry>& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const BackendEntry& entry : entries) names.push_back(entry.name);
  const std::string nearest = NearestName(name, names);
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
  return {ErrorKind::kNotFound,
          fmt::format("there is no backend '{}'; known are: {}{}", name, Join(names), hint)};
}

}  // namespace

Backend::Backend(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Backend::~Backend() = default;
const BackendInfo& Backend::info() const {
  return impl_->info;
}

Result<std::shared_ptr<Backend>> Backend::FromTable(const SlBackend* table) {
  if (table == nullptr) return Error(ErrorKind::kInvalidArgument, "the backend's table is null");
  auto impl = std::make_unique<Impl>(Impl{ReadPrefix(*table), {}});
  if (impl->table.abi_version != SL_ABI_VERSION) {
    return Error(
        ErrorKind::kUnavailable,
        fmt::format("the plugin speaks version {} of the backend ABI and this program version {}; build both "
                    "from the same sources",
                    impl->table.abi_version, SL_ABI_VERSION));
  }
  if (!HasRequiredFunctions(impl->table)) {
    return Error(ErrorKind::kInternal,
                 "the plugin's table lacks a function that version 1 of the ABI requires");
  }
  SIGHTLINE_ASSIGN_OR_RETURN(impl->info, ToBackendInfo(impl->table.info()));
  impl->info.features = FeaturesWithFunctions(impl->info.features, impl->table);
  if (!impl->info.sanitizer.empty() && impl->info.sanitizer != OwnSanitizer()) {
    return Error(
        ErrorKind::kUnavailable,
        fmt::format("backend {} was built with the {} sanitizer and this program was not; build both alike",
                    impl->info.name, impl->info.sanitizer));
  }
  return std::shared_ptr<Backend>(new Backend(std::move(impl)));
}

Result<std::shared_ptr<Backend>> Backend::LoadLibrary(const fs::path& library) {
  std::error_code missing;
  const fs::path real = fs::canonical(library, missing);
  if (missing) {
    return Error(ErrorKind::kNotFound,
                 fmt::format("backend library {} can't be opened: {}", library.string(), missing.message()));
  }
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  if (const auto found = registry.loaded.find(real); found != registry.loaded.end()) return found->second;
  SIGHTLINE_ASSIGN_OR_RETURN(const SlBackend* table, OpenTable(real));
  Result<std::shared_ptr<Backend>> made = FromTable(table);
  if (!made.ok()) return made.error().WithContext(fmt::format("backend {}", real.string()));
  registry.loaded[real] = *made;
  return made;
}

Result<std::shared_ptr<Backend>> Backend::Load(std::string_view name) {
  const std::vector<BackendEntry> entries = FindBackends();
  const auto entry =
      std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.name == name; });
  if (entry == entries.end()) return UnknownName(name, entries);
  if (entry->library.empty()) {
    return Error(ErrorKind::kUnavailable, fmt::format("backend {} is not here: {}", name, entry->how_to_get));
  }
  return LoadLibrary(entry->library);
}

}  // namespace sightline::backend
