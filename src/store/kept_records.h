// Where a run's records go while it measures, and where they are read from afterwards: a record file
// (record_file.h), which bounds the memory however long the run is. It is open all the while, so that it can
// be read though somebody removes or renames it meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/flow/record.h"
#include "src/store/record_file.h"

namespace sightline::store {

class KeptRecords {
 public:
  // `path`: made anew, with its folders, and stays. "": a file among the system's temporary ones (TMPDIR)
  // that has no name from here on, and so goes with this process whatever ends it.
  static Result<std::unique_ptr<KeptRecords>> Create(const std::filesystem::path& path, int lanes);
  ~KeptRecords();
  KeptRecords(const KeptRecords&) = delete;
  KeptRecords& operator=(const KeptRecords&) = delete;

  // One per lane; for LoadOptions::sinks.
  std::span<RecordSink* const> sinks() const { return sinks_; }

  // After the lanes' last Append, once. An error says that the file is not whole and why; what it lacks is in
  // memory, so that a scan shows everything all the same.
  Status Close();
  // After Close: how often a lane waited for the disk.
  uint64_t waits() const { return writer_->totals().waits; }
  // All records, to be called after Close and as long as this lives.
  RecordScan scan() const {
    return [this](const RecordVisitor& visit) { return Scan(visit); };
  }

 private:
  KeptRecords(std::filesystem::path path, int file, std::unique_ptr<RecordFileWriter> writer, int lanes);
  Status Scan(const RecordVisitor& visit) const;

  const std::filesystem::path path_;
  const int file_;  // open for reading
  std::unique_ptr<RecordFileWriter> writer_;
  std::vector<RecordSink*> sinks_;
};

}  // namespace sightline::store
