// Errors as values. An operating error (a user's input, a file, a framework) travels as Status or Result<T>
// and gathers context on the way up; a broken invariant is a CHECK (check.h). No function of the project
// throws across a room's front door; exceptions of libraries are caught where the library is called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "src/base/check.h"

namespace sightline {

// Whose fault an error is. A command that can not go on exits with 2 whatever it is (Fail in src/cli/env.h).
enum class ErrorKind {
  kInvalidArgument,    // what the user gave is wrong: flag, file, model
  kNotFound,           // it does not exist: file, model name, backend, device
  kUnsupported,        // correct, but this backend or build can't do it
  kUnavailable,        // the environment lacks something: framework, permission, network
  kResourceExhausted,  // memory, disk, limits
  kCancelled,          // interrupted on request
  kInternal,           // the framework or this program failed
};

// One sentence: what went wrong, where, and what to do about it.
class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }

  // Puts "context: " in front, for callers that know more about the place.
  Error WithContext(std::string_view context) const& {
    return Error(kind_, std::string(context) + ": " + message_);
  }

 private:
  ErrorKind kind_;
  std::string message_;
};

// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error(..)`
  Status(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  const Error& error() const {
    SIGHTLINE_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

inline Status OkStatus() {
  return {};
}

// A T, or an Error.
template <typename T>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value`
  Result(T value) : value_(std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error(..)`
  Result(Error error) : value_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(value_); }
  const Error& error() const {
    SIGHTLINE_CHECK(!ok());
    return std::get<Error>(value_);
  }
  Status status() const { return ok() ? Status() : Status(error()); }

  T& value() & {
    SIGHTLINE_CHECK(ok());
    return std::get<T>(value_);
  }
  const T& value() const& {
    SIGHTLINE_CHECK(ok());
    return std::get<T>(value_);
  }
  T&& value() && {
    SIGHTLINE_CHECK(ok());
    return std::get<T>(std::move(value_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> value_;
};

}  // namespace sightline

#define SIGHTLINE_CONCAT_INNER(a, b) a##b
#define SIGHTLINE_CONCAT(a, b) SIGHTLINE_CONCAT_INNER(a, b)

// Leaves the function with the error, if there is one.
#define SIGHTLINE_RETURN_IF_ERROR(expression)                                                          \
  do {                                                                                                 \
    if (auto sightline_status = (expression); !sightline_status.ok()) return sightline_status.error(); \
  } while (false)

// SIGHTLINE_ASSIGN_OR_RETURN(auto x, F()): x is the value of F(), or the function leaves with its error.
#define SIGHTLINE_ASSIGN_OR_RETURN(target, expression) \
  SIGHTLINE_ASSIGN_OR_RETURN_IMPL(SIGHTLINE_CONCAT(sightline_result_, __LINE__), target, expression)
#define SIGHTLINE_ASSIGN_OR_RETURN_IMPL(temporary, target, expression) \
  auto temporary = (expression);                                       \
  if (!temporary.ok()) return temporary.error();                       \
  target = std::move(temporary).value()
