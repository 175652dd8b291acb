#include "src/store/database.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <regex>

#include "src/store/database_error.h"
#include "src/store/migrations.h"

namespace sightline::store {
namespace {

constexpr int kBusyTimeoutSeconds = 10;

bool IsServer(const std::string& where) {
  return where.starts_with("postgresql://") || where.starts_with("postgres://");
}

std::string WithoutPassword(const std::string& url) {
  static const std::regex in_authority("(//[^/@:]*):[^/@]*@");
  static const std::regex in_query("([?&]password=)[^&]*");
  return std::regex_replace(std::regex_replace(url, in_authority, "$1:...@"), in_query, "$1...");
}

// Before the database library looks at it: its own errors come late and say less.
Status CheckFile(const std::filesystem::path& path, Access access) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error(ErrorKind::kInvalidArgument, path.string() + " is a folder; name a file for the database");
  }
  const bool exists = std::filesystem::exists(path, ignored);
  if (!exists && access == Access::kRead) {
    return Error(ErrorKind::kNotFound,
                 "there is no database " + path.string() + "; `sightline study run` makes one");
  }
  if (path.string().find('"') != std::string::npos) {
    return Error(ErrorKind::kInvalidArgument,
                 "the database's name " + path.string() + " has a quotation mark in it");
  }
  // As results are written: a checkout without results yet is no mistake.
  std::error_code failed;
  if (!exists && path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) {
    return Error(ErrorKind::kUnavailable, "can't make the folder " + path.parent_path().string() +
                                              " for the database: " + failed.message() +
                                              "; name another file");
  }
  if (exists && ::access(path.c_str(), R_OK) != 0) {
    return Error(ErrorKind::kUnavailable, "can't read " + path.string() + "; change its permissions");
  }
  if (exists && access == Access::kWrite && ::access(path.c_str(), W_OK) != 0) {
    return Error(ErrorKind::kUnavailable,
                 "can't write " + path.string() +
                     ": it can only be read; change its permissions, or name another file");
  }
  return OkStatus();
}

}  // namespace

Database::Database(std::string name, const Dialect& dialect, WriterLock lock)
    : name_(std::move(name)), dialect_(dialect), lock_(std::move(lock)) {}

Database::~Database() {
  try {
    if (writing_ && &dialect_ == &SqliteDialect()) {
      // Leaves one plain file that can be copied, and read where nothing can be written. Where somebody reads
      // it just now, it stays as it is.
      sql_ << "PRAGMA busy_timeout = 0";
      sql_ << "PRAGMA journal_mode = DELETE";
    } else if (writing_) {
      // A server notices some time later that a connection has ended; whoever writes next need not wait for
      // it.
      sql_ << "SELECT pg_advisory_unlock_all()";
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): see above; nothing is lost
  }
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& where, Access access) {
  WriterLock lock;
  if (!IsServer(where)) {
    SIGHTLINE_RETURN_IF_ERROR(CheckFile(where, access));
    if (access == Access::kWrite) {
      SIGHTLINE_ASSIGN_OR_RETURN(lock, WriterLock::Take(where));
    }
  }
  const Dialect& dialect = IsServer(where) ? PostgresqlDialect() : SqliteDialect();
  std::unique_ptr<Database> database(new Database(WithoutPassword(where), dialect, std::move(lock)));
  SIGHTLINE_RETURN_IF_ERROR(database->Connect(where, access));
  SIGHTLINE_RETURN_IF_ERROR(database->Prepare(where, access));
  return database;
}

Status Database::Connect(const std::string& where, Access access) {
  try {
    if (IsServer(where)) {
      sql_.open(soci::postgresql, where);
      sql_ << "SET client_min_messages = warning";
    } else {
      sql_.open(soci::sqlite3, "dbname=\"" + where + "\" timeout=" + std::to_string(kBusyTimeoutSeconds));
      sql_ << "PRAGMA foreign_keys = ON";
    }
    if (access == Access::kRead) return OkStatus();
    if (!dialect_.TakeWriterRole(sql_)) {
      return Error(
          ErrorKind::kUnavailable,
          name_ +
              " is being written by another sightline; wait until it has ended, or name another database");
    }
    return OkStatus();
  } catch (const std::exception& exception) {
    return Explain(exception, "open the database");
  }
}

// Schema and, on SQLite, how safely it writes.
Status Database::Prepare(const std::string& where, Access access) {
  SIGHTLINE_ASSIGN_OR_RETURN(const long long version, SchemaVersion());
  const auto latest = static_cast<long long>(Migrations().size());
  if (version > latest) {
    return Error(ErrorKind::kUnsupported, name_ + " was written by a later sightline (schema " +
                                              std::to_string(version) + ", this one knows " +
                                              std::to_string(latest) + "); use that one");
  }
  if (access == Access::kWrite) {
    try {
      if (!IsServer(where)) {
        sql_ << "PRAGMA journal_mode = WAL";
        sql_ << "PRAGMA synchronous = FULL";  // a commit survives the loss of power
      }
    } catch (const std::exception& exception) {
      return Explain(exception, "write");
    }
    writing_ = true;
    return version < latest ? Migrate(version) : OkStatus();
  }
  if (version == 0)
    return Error(ErrorKind::kNotFound, name_ + " holds no studies; `sightline study run` makes some");
  if (version == latest) return OkStatus();
  // One who writes brings it up to date; this one then reads on.
  Result<std::unique_ptr<Database>> writer = Open(where, Access::kWrite);
  if (!writer.ok()) {
    return Error(writer.error().kind(), name_ + " has an older schema (" + std::to_string(version) + " of " +
                                            std::to_string(latest) +
                                            ") and can't be brought up to date: " + writer.error().message());
  }
  return OkStatus();
}

Result<long long> Database::SchemaVersion() {
  long long version = 0;
  const Status status = Read("find sightline's tables", [&](soci::session& sql) -> Status {
    if (dialect_.IsForeign(sql)) {
      return Error(ErrorKind::kInvalidArgument,
                   name_ + " is another program's database; name a file that sightline made, or a new one");
    }
    if (dialect_.HasTable(sql, "sightline_schema")) {
      sql << "SELECT version FROM sightline_schema", soci::into(version);
    }
    return OkStatus();
  });
  if (!status.ok()) return status.error();
  return version;
}

Status Database::Migrate(long long version) {
  for (const Migration& migration : Migrations().subspan(static_cast<size_t>(version))) {
    SIGHTLINE_RETURN_IF_ERROR(Write("bring the tables up to date", [&](soci::session& sql) {
      if (version == 0) {
        sql << "CREATE TABLE sightline_schema (version BIGINT NOT NULL)";
        sql << "INSERT INTO sightline_schema (version) VALUES (0)";
      }
      for (const std::string_view statement : migration) sql << dialect_.Adapt(statement);
      ++version;
      sql << "UPDATE sightline_schema SET version = :version", soci::use(version);
      return OkStatus();
    }));
  }
  return OkStatus();
}

void Database::Undo() noexcept {
  try {
    sql_ << "ROLLBACK";
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): some errors have ended the transaction
  }
}

Error Database::Explain(const std::exception& exception, const std::string& what) const {
  return ExplainDatabaseError(exception, what, name_);
}

}  // namespace sightline::store
