#include "src/store/dialect.h"

#include <soci/soci.h>

#include "src/base/check.h"

namespace sightline::store {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

std::string ToHex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex += kHexDigits[static_cast<uint8_t>(c) >> 4];
    hex += kHexDigits[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

void FromHex(std::string_view hex, std::string& bytes) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  bytes.resize(hex.size() / 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  }
}

long long Number(soci::session& sql, const std::string& query) {
  long long number = 0;
  sql << query, soci::into(number);
  return number;
}

void Replace(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

class Sqlite final : public Dialect {
 public:
  // At once for writing: a transaction that began reading could be refused the change in its middle.
  void BeginWriting(soci::session& sql) const override { sql << "BEGIN IMMEDIATE"; }
  void BeginReading(soci::session& sql) const override { sql << "BEGIN"; }
  bool HasTable(soci::session& sql, const std::string& name) const override {
    long long count = 0;
    sql << "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = :name", soci::use(name),
        soci::into(count);
    return count > 0;
  }
  bool IsForeign(soci::session& sql) const override {
    return !HasTable(sql, "sightline_schema") && Number(sql, "SELECT count(*) FROM sqlite_master") > 0;
  }
  bool TakeWriterRole(soci::session&) const override { return true; }
  void InsertChunk(soci::session& sql, long long replicate_id, long long number, long long records,
                   std::string_view data) const override {
    soci::blob blob(sql);
    blob.write(0, data.data(), data.size());
    sql << "INSERT INTO record_chunk (replicate_id, number, records, data) VALUES (:r, :n, :c, :d)",
        soci::use(replicate_id), soci::use(number), soci::use(records), soci::use(blob);
  }
  bool ReadChunk(soci::session& sql, long long replicate_id, long long number,
                 std::string& data) const override {
    soci::blob blob(sql);
    sql << "SELECT data FROM record_chunk WHERE replicate_id = :r AND number = :n", soci::use(replicate_id),
        soci::use(number), soci::into(blob);
    if (!sql.got_data()) return false;
    data.resize(blob.get_len());
    blob.read(0, data.data(), data.size());
    return true;
  }

 protected:
  // AUTOINCREMENT: an id that was used once never names something else.
  std::string_view id_type() const override { return "INTEGER PRIMARY KEY AUTOINCREMENT"; }
  std::string_view blob_type() const override { return "BLOB"; }
};

class Postgresql final : public Dialect {
 public:
  void BeginWriting(soci::session& sql) const override { sql << "BEGIN"; }
  void BeginReading(soci::session& sql) const override {
    sql << "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  }
  bool HasTable(soci::session& sql, const std::string& name) const override {
    long long count = 0;
    sql << "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND "
           "table_name = :name",
        soci::use(name), soci::into(count);
    return count > 0;
  }
  bool IsForeign(soci::session&) const override { return false; }
  // Held until the connection ends, however it ends.
  bool TakeWriterRole(soci::session& sql) const override {
    return Number(sql,
                  "SELECT CASE WHEN pg_try_advisory_lock(hashtext('sightline'), hashtext(current_schema())) "
                  "THEN 1 ELSE 0 END") == 1;
  }
  // SOCI's blobs are PostgreSQL's large objects, which outlive the rows that name them. Bytes that belong to
  // their row travel as hexadecimal text.
  void InsertChunk(soci::session& sql, long long replicate_id, long long number, long long records,
                   std::string_view data) const override {
    const std::string hex = ToHex(data);
    sql << "INSERT INTO record_chunk (replicate_id, number, records, data) VALUES (:r, :n, :c, decode(:d, "
           "'hex'))",
        soci::use(replicate_id), soci::use(number), soci::use(records), soci::use(hex);
  }
  bool ReadChunk(soci::session& sql, long long replicate_id, long long number,
                 std::string& data) const override {
    std::string hex;
    sql << "SELECT encode(data, 'hex') FROM record_chunk WHERE replicate_id = :r AND number = :n",
        soci::use(replicate_id), soci::use(number), soci::into(hex);
    if (!sql.got_data()) return false;
    FromHex(hex, data);
    return true;
  }

 protected:
  std::string_view id_type() const override { return "BIGSERIAL PRIMARY KEY"; }
  std::string_view blob_type() const override { return "BYTEA"; }
};

}  // namespace

std::string Dialect::Adapt(std::string_view sql) const {
  std::string adapted(sql);
  Replace(adapted, "{id}", id_type());
  Replace(adapted, "{blob}", blob_type());
  return adapted;
}

const Dialect& SqliteDialect() {
  static const Sqlite dialect;
  return dialect;
}

const Dialect& PostgresqlDialect() {
  static const Postgresql dialect;
  return dialect;
}

}  // namespace sightline::store
