#include "src/store/kept_records.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "src/base/temporary_folder.h"

namespace sightline::store {
namespace {

Result<std::filesystem::path> MakeTemporaryFile() {
  const std::filesystem::path folder = TemporaryFolder();
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
  } else if (path.has_parent_path()) {
    std::error_code ignored;  // told by the writer
    std::filesystem::create_directories(path.parent_path(), ignored);
  }
  auto writer = RecordFileWriter::Create(file, lanes);
  const int descriptor = writer.ok() ? open(file.c_str(), O_RDONLY | O_CLOEXEC) : -1;
  const int open_errno = errno;
  std::error_code ignored;  // a file left among the temporary ones loses nothing
  if (path.empty()) std::filesystem::remove(file, ignored);
  if (!writer.ok()) return writer.error();
  if (descriptor < 0) {
    return Error(ErrorKind::kUnavailable, "can't read " + file.string() + ": " + std::strerror(open_errno));
  }
  return std::unique_ptr<KeptRecords>(new KeptRecords(file, descriptor, std::move(writer).value(), lanes));
}

KeptRecords::KeptRecords(std::filesystem::path path, int file, std::unique_ptr<RecordFileWriter> writer,
                         int lanes)
    : path_(std::move(path)), file_(file), writer_(std::move(writer)) {
  for (int i = 0; i < lanes; ++i) sinks_.push_back(&writer_->lane(i));
}

KeptRecords::~KeptRecords() {
  close(file_);
}

Status KeptRecords::Close() {
  return writer_->Close().status();
}

Status KeptRecords::Scan(const RecordVisitor& visit) const {
  // A disk that took nothing has not even the file's first bytes.
  if (writer_->totals().chunks > 0) {
    SIGHTLINE_ASSIGN_OR_RETURN(RecordFileReader reader, RecordFileReader::Open(file_, path_));
    SIGHTLINE_RETURN_IF_ERROR(ForEachRecordIn(std::move(reader), visit).status());
  }
  for (const auto& block : writer_->unwritten()) block->ForEach(visit);
  return OkStatus();
}

}  // namespace sightline::store
