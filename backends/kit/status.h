// Errors as values for backend authors, in the ABI's own terms.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// Everything streamed one after another, for messages: Text("dims[", i, "] is ", n).
template <typename... Parts>
std::string Text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// SL_OK, or a code with one sentence: what, where, what to do. A null pointer inside when ok: success costs
// nothing.
class [[nodiscard]] Status {
 public:
  Status() = default;
  // `code` is not SL_OK.
  Status(SlStatusCode code, std::string message)
      : failure_(std::make_shared<const Failure>(Failure{code, std::move(message)})) {}

  bool ok() const { return failure_ == nullptr; }
  SlStatusCode code() const { return ok() ? SL_OK : failure_->code; }
  std::string_view message() const { return ok() ? std::string_view() : std::string_view(failure_->message); }

  // Puts "context: " in front of an error's sentence.
  Status WithContext(std::string_view context) const {
    return ok() ? Status() : Status(failure_->code, Text(context, ": ", failure_->message));
  }

 private:
  struct Failure {
    SlStatusCode code;
    std::string message;
  };
  std::shared_ptr<const Failure> failure_;
};

inline Status Ok() {
  return {};
}

// Each takes the parts of its sentence, as Text does.
template <typename... Parts>
Status InvalidArgument(const Parts&... parts) {
  return {SL_INVALID_ARGUMENT, Text(parts...)};
}
template <typename... Parts>
Status NotFound(const Parts&... parts) {
  return {SL_NOT_FOUND, Text(parts...)};
}
template <typename... Parts>
Status Unsupported(const Parts&... parts) {
  return {SL_UNSUPPORTED, Text(parts...)};
}
template <typename... Parts>
Status Unavailable(const Parts&... parts) {
  return {SL_UNAVAILABLE, Text(parts...)};
}
template <typename... Parts>
Status ResourceExhausted(const Parts&... parts) {
  return {SL_RESOURCE_EXHAUSTED, Text(parts...)};
}
template <typename... Parts>
Status Internal(const Parts&... parts) {
  return {SL_INTERNAL, Text(parts...)};
}
inline Status Cancelled() {
  return {SL_CANCELLED, "cancelled on request"};
}

// A T, or a Status that is not ok. `value` and the operators may be called only when ok().
template <typename T>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value`
  Result(T value) : value_(std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): `return Status`
  Result(Status status) : value_(std::move(status)) {}

  bool ok() const { return std::holds_alternative<T>(value_); }
  Status status() const { return ok() ? Status() : std::get<Status>(value_); }
  T& value() & { return std::get<T>(value_); }
  const T& value() const& { return std::get<T>(value_); }
  T&& value() && { return std::get<T>(std::move(value_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> value_;
};

}  // namespace sightline::kit

#define KIT_CONCAT_INNER(a, b) a##b
#define KIT_CONCAT(a, b) KIT_CONCAT_INNER(a, b)

// Leaves the function with the Status, if it is an error.
#define KIT_RETURN_IF_ERROR(expression)                                      \
  do {                                                                       \
    if (auto kit_status = (expression); !kit_status.ok()) return kit_status; \
  } while (false)

// KIT_ASSIGN_OR_RETURN(auto x, F()): x is the value of F(), or the function leaves with its Status.
#define KIT_ASSIGN_OR_RETURN(target, expression) \
  KIT_ASSIGN_OR_RETURN_IMPL(KIT_CONCAT(kit_result_, __LINE__), target, expression)
#define KIT_ASSIGN_OR_RETURN_IMPL(temporary, target, expression) \
  auto temporary = (expression);                                 \
  if (!temporary.ok()) return temporary.status();                \
  target = std::move(temporary).value()
