#include "src/store/kept_records.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace sightline::store {
namespace {

Result<std::filesystem::path> MakeTemporaryFile() {
  std::error_code code;
  std::filesystem::path folder = std::filesystem::temp_directory_path(code);
  if (code) folder = "/tmp";
  std::string path = (folder / "sightline-records-XXXXXX").string();
  const int file = mkstemp(path.data());
  if (file < 0) {
    return Error(ErrorKind::kUnavailable, "can't make a file in " + folder.string() +
                                              " for the records of this run: " + std::strerror(errno) +
                                              "; set TMPDIR to a folder that can be written");
  }
  close(file);
  return std::filesystem::path(path);
}

}  // namespace

Result<std::unique_ptr<KeptRecords>> KeptRecords::Create(const std::filesystem::path& path, int lanes) {
  std::filesystem::path file = path;
  if (path.empty()) {
    SIGHTLINE_ASSIGN_OR_RETURN(file, MakeTemporaryFile());
  }
  SIGHTLINE_ASSIGN_OR_RETURN(auto writer, RecordFileWriter::Create(file, lanes));
  return std::unique_ptr<KeptRecords>(new KeptRecords(file, path.empty(), std::move(writer), lanes));
}

KeptRecords::KeptRecords(std::filesystem::path path, bool temporary, std::unique_ptr<RecordFileWriter> writer,
                         int lanes)
    : path_(std::move(path)), temporary_(temporary), writer_(std::move(writer)) {
  for (int i = 0; i < lanes; ++i) sinks_.push_back(&writer_->lane(i));
}

KeptRecords::~KeptRecords() {
  std::error_code ignored;  // a file left among the temporary ones loses nothing
  if (temporary_) std::filesystem::remove(path_, ignored);
}

Status KeptRecords::Close() {
  return writer_->Close().status();
}

Status KeptRecords::Scan(const RecordVisitor& visit) const {
  // A disk that took nothing has not even the file's first bytes.
  if (writer_->totals().chunks > 0) SIGHTLINE_RETURN_IF_ERROR(ForEachRecordInFile(path_, visit).status());
  for (const auto& block : writer_->unwritten()) block->ForEach(visit);
  return OkStatus();
}

}  // namespace sightline::store
