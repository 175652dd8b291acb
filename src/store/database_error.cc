#include "src/store/database_error.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <string_view>

namespace sightline::store {
namespace {

struct Advice {
  ErrorKind kind = ErrorKind::kInternal;
  std::string_view text;  // "" when the library's own message has to do
};

// SQLite's primary result codes (the low byte).
Advice SqliteAdvice(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {ErrorKind::kResourceExhausted,
              "the disk is full; make room, then run it again, nothing stored is lost"};
    case SQLITE_READONLY:
      return {ErrorKind::kUnavailable,
              "the file can only be read; change its permissions, or name another file"};
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return {ErrorKind::kUnavailable,
              "the file can't be opened; check that it and its folder may be read and written"};
    case SQLITE_NOTADB:
      return {ErrorKind::kInvalidArgument,
              "it is no database; name a file that sightline made, or a new one"};
    case SQLITE_CORRUPT:
      return {ErrorKind::kInvalidArgument,
              "the file is damaged; take a copy of it, then try `sqlite3 FILE .recover`"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::kUnavailable, "another program holds it locked; wait until it has ended"};
    case SQLITE_IOERR:
      return {ErrorKind::kUnavailable, "the disk reports an error; what was stored before is kept"};
    default:
      return {};
  }
}

// PostgreSQL's classes of SQLSTATE.
Advice PostgresqlAdvice(const std::string& state) {
  const auto is = [&](std::string_view prefix) { return state.starts_with(prefix); };
  if (is("53100"))
    return {ErrorKind::kResourceExhausted,
            "the server's disk is full; make room, then run it again, nothing stored is lost"};
  if (is("28") || is("42501"))
    return {ErrorKind::kUnavailable, "the server refuses this user; check name, password and rights"};
  if (is("25006")) return {ErrorKind::kUnavailable, "the server only lets it be read"};
  if (is("3D000")) return {ErrorKind::kNotFound, "the server has no such database; make it with createdb"};
  if (is("08") || is("57P"))
    return {ErrorKind::kUnavailable, "the connection to the server is lost; check that it runs"};
  return {};
}

Advice AdviceFor(const std::exception& exception) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&exception))
    return SqliteAdvice(sqlite->result());
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&exception)) {
    return PostgresqlAdvice(postgresql->sqlstate());
  }
  return {};
}

// One line, without what SOCI says about the statement.
std::string Plain(const std::exception& exception) {
  const auto* error = dynamic_cast<const soci::soci_error*>(&exception);
  std::string text = error != nullptr ? error->get_error_message() : exception.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '.')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

Error ExplainDatabaseError(const std::exception& exception, const std::string& what,
                           const std::string& name) {
  const Advice advice = AdviceFor(exception);
  std::string message = "can't " + what + " in " + name + ": ";
  if (!advice.text.empty()) {
    message += std::string(advice.text) + " (" + Plain(exception) + ")";
  } else {
    message += Plain(exception);
  }
  return Error(advice.kind, message);
}

}  // namespace sightline::store
