// Where SQLite and PostgreSQL differ. Everything else of the store is the same SQL for both.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace soci {
class session;  // NOLINT(readability-identifier-naming): SOCI names it
}

namespace sightline::store {

// Calls may throw what SOCI throws.
class Dialect {
 public:
  virtual ~Dialect() = default;
  // SQL with the words for {id} (a key the database numbers by itself) and {blob} (bytes) put in.
  std::string Adapt(std::string_view sql) const;

  // Begins a transaction that will write; that one only reads, and sees one state throughout.
  virtual void BeginWriting(soci::session& sql) const = 0;
  virtual void BeginReading(soci::session& sql) const = 0;
  virtual bool HasTable(soci::session& sql, const std::string& name) const = 0;
  // Whether it is a database that somebody else's program made for itself.
  virtual bool IsForeign(soci::session& sql) const = 0;
  // Becomes the one writer among connections; false: another is. What files need, a lock file does.
  virtual bool TakeWriterRole(soci::session& sql) const = 0;
  virtual void InsertChunk(soci::session& sql, long long replicate_id, long long number, long long records,
                           std::string_view data) const = 0;
  // False: there is no such chunk.
  virtual bool ReadChunk(soci::session& sql, long long replicate_id, long long number,
                         std::string& data) const = 0;

 protected:
  virtual std::string_view id_type() const = 0;
  virtual std::string_view blob_type() const = 0;
};

const Dialect& SqliteDialect();
const Dialect& PostgresqlDialect();

}  // namespace sightline::store
