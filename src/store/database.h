// A connection to the database of studies: an SQLite file or a PostgreSQL server, brought to this program's
// schema. For the files of this room; others go through study_store.h.
#pragma once

#include <soci/soci.h>

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/result.h"
#include "src/store/access.h"
#include "src/store/dialect.h"
#include "src/store/writer_lock.h"

namespace sightline::store {

class Database {
 public:
  // `where`: a file, or "postgresql://...". For writing, a file that is not there is made; the database's one
  // writer is this or the call fails. An older schema is brought up to date, a later one refused.
  static Result<std::unique_ptr<Database>> Open(const std::string& where, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  soci::session& sql() { return sql_; }
  const Dialect& dialect() const { return dialect_; }
  // For messages: file or URL, without a password.
  const std::string& name() const { return name_; }

  // Runs body(soci::session&) -> Status in one transaction, which is committed when it returns ok and undone
  // when it returns or throws anything else. `what` is being done, for the message: "store replicate 7".
  template <typename Body>
  Status Write(const std::string& what, const Body& body) {
    return Transact(what, Access::kWrite, body);
  }
  // As Write, of a body that only reads; it sees one state of the database.
  template <typename Body>
  Status Read(const std::string& what, const Body& body) {
    return Transact(what, Access::kRead, body);
  }
  // Runs body() -> Status without a transaction of its own.
  template <typename Body>
  Status Try(const std::string& what, const Body& body) {
    try {
      return body();
    } catch (const std::exception& exception) {
      return Explain(exception, what);
    }
  }

 private:
  Database(std::string name, const Dialect& dialect, WriterLock lock);

  template <typename Body>
  Status Transact(const std::string& what, Access access, const Body& body) {
    try {
      access == Access::kWrite ? dialect_.BeginWriting(sql_) : dialect_.BeginReading(sql_);
      Status status = body(sql_);
      if (status.ok()) {
        sql_ << "COMMIT";
      } else {
        Undo();
      }
      return status;
    } catch (const std::exception& exception) {
      Undo();
      return Explain(exception, what);
    }
  }
  Status Connect(const std::string& where, Access access);
  Status Prepare(const std::string& where, Access access);
  Status Migrate(long long version);
  Result<long long> SchemaVersion();
  void Undo() noexcept;
  // What, where, why and what to do, in one sentence.
  Error Explain(const std::exception& exception, const std::string& what) const;

  const std::string name_;
  const Dialect& dialect_;
  WriterLock lock_;  // given back after the connection is closed
  bool writing_ = false;
  soci::session sql_;
};

}  // namespace sightline::store
