#include "src/store/migrations.h"

namespace sightline::store {
namespace {

// Factors and arguments are JSON: [["model", "resnet50_v1"], ...] and ["-m", "resnet50_v1", ...].
constexpr std::string_view kVersion1[] = {
    R"(CREATE TABLE study (
         id {id},
         uuid TEXT NOT NULL,
         origin TEXT NOT NULL,
         name TEXT NOT NULL,
         plan_text TEXT NOT NULL,
         seed BIGINT NOT NULL,
         created_at TEXT NOT NULL,
         UNIQUE (uuid, origin)))",
    R"(CREATE TABLE trial (
         id {id},
         study_id BIGINT NOT NULL REFERENCES study (id) ON DELETE CASCADE,
         number BIGINT NOT NULL,
         factors TEXT NOT NULL,
         arguments TEXT NOT NULL,
         UNIQUE (study_id, number)))",
    R"(CREATE TABLE replicate (
         id {id},
         trial_id BIGINT NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
         number BIGINT NOT NULL,
         run_order BIGINT NOT NULL,
         status TEXT NOT NULL,
         failure TEXT,
         reason TEXT NOT NULL DEFAULT '',
         exit_code BIGINT,
         signal BIGINT,
         started_at TEXT NOT NULL DEFAULT '',
         ended_at TEXT NOT NULL DEFAULT '',
         wall_ns BIGINT NOT NULL DEFAULT 0,
         command_line TEXT NOT NULL DEFAULT '',
         stderr_tail TEXT NOT NULL DEFAULT '',
         result_json TEXT NOT NULL DEFAULT '',
         UNIQUE (trial_id, number)))",
};

// Raw records, as chunks of a record file (record_chunk.h).
constexpr std::string_view kVersion2[] = {
    R"(CREATE TABLE record_chunk (
         replicate_id BIGINT NOT NULL REFERENCES replicate (id) ON DELETE CASCADE,
         number BIGINT NOT NULL,
         records BIGINT NOT NULL,
         data {blob} NOT NULL,
         PRIMARY KEY (replicate_id, number)))",
};

constexpr Migration kMigrations[] = {kVersion1, kVersion2};

}  // namespace

std::span<const Migration> Migrations() {
  return kMigrations;
}

}  // namespace sightline::store
