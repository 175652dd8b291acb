// What keeping raw records costs: written through lanes into a file while they come, and read back into a
// summary, each beside plain sequential file access of as many bytes as the records take in memory.
//
// Usage: records_bench [RECORDS [FOLDER]]      default 1000000 in the working folder; takes 400 bytes of
// free disk per record. Exit code 1 when a limit is not met against a disk; what the system's cache does in
// place of one is shown beside it.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "src/analyze/samples.h"
#include "src/analyze/summary.h"
#include "src/store/record_file.h"

namespace sightline::bench {
namespace {

constexpr int kSpans = 8;
constexpr double kWriteLimit = 0.5;  // of the rate of a plain write
constexpr double kReadLimit = 0.25;  // of the rate of a plain read
constexpr size_t kPiece = size_t{1} << 20;
constexpr size_t kTemplates = 4096;

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename Body>
double Timed(const Body& body) {
  const double begin = Seconds();
  body();
  return Seconds() - begin;
}

// Processor time of all threads, which says more than the clock where other programs run beside.
double ProcessorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double PeakMiB() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

[[noreturn]] void Fail(const std::string& message) {
  std::fprintf(stderr, "records_bench: %s\n", message.c_str());
  std::exit(2);
}

// Records as a lane of `run` makes them: stages one after the other, with noise of some 100 us.
class Records {
 public:
  Records() {
    std::mt19937_64 random(1);
    noise_ns_.resize(kTemplates * kSpans);
    for (int64_t& noise : noise_ns_) noise = static_cast<int64_t>(random() % 100'000);
  }

  void Make(uint64_t id, RequestRecord& record, StageSpan* spans) {
    constexpr StageId kStages[kSpans] = {StageId::kAcquire, StageId::kDecode,     StageId::kPreprocess,
                                         StageId::kBatch,   StageId::kInfer,      StageId::kInfer,
                                         StageId::kInfer,   StageId::kPostprocess};
    record.request_id = record.query_id = record.batch_id = record.frame_id = id;
    record.picture = id % 21;
    record.batch_size = 1;
    record.top_class = static_cast<int32_t>(noise_ns_[id % noise_ns_.size()] % 1000);
    record.top_score = static_cast<float>(noise_ns_[(id * 7) % noise_ns_.size()]) / 100'000;
    record.at(Moment::kScheduled) = now_ns_;
    record.at(Moment::kReleased) = now_ns_ + 80;
    const int64_t* noise_ns = noise_ns_.data() + id % kTemplates * kSpans;
    for (int s = 0; s < kSpans; ++s) {
      spans[s].key = {.stage = kStages[s], .sub_stage = static_cast<uint8_t>(s == 5 ? 2 : s == 6 ? 3 : 0)};
      spans[s].begin_ns = now_ns_;
      now_ns_ += 200'000 * (s + 1) + noise_ns[s];
      spans[s].end_ns = now_ns_;
    }
    record.at(Moment::kCompleted) = now_ns_;
  }

 private:
  std::vector<int64_t> noise_ns_;
  int64_t now_ns_ = 1'000'000'000'000;
};

void Sync(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY);
  if (fsync(file) != 0) Fail("can't sync " + path.string());
  close(file);
}

// Writes so many bytes one piece after the other.
void PlainWrite(const std::filesystem::path& path, uint64_t bytes) {
  const std::vector<char> piece(kPiece, 'x');
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  for (uint64_t done = 0; done < bytes; done += kPiece) {
    if (write(file, piece.data(), kPiece) != static_cast<ssize_t>(kPiece))
      Fail("can't write " + path.string());
  }
  close(file);
}

double PlainRead(const std::filesystem::path& path) {
  std::vector<char> piece(kPiece);
  return Timed([&] {
    const int file = open(path.c_str(), O_RDONLY);
    while (read(file, piece.data(), kPiece) > 0) continue;
    close(file);
  });
}

// Out of memory, once it is on the disk.
void Forget(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  close(file);
}

struct Written {
  double seconds = 0;
  double processor_s = 0;    // making the records and reading the clock included
  double append_ns_p50 = 0;  // per record, over groups of 256
  double append_ns_p99 = 0;
  uint64_t waits = 0;
};

Written WriteRecords(const std::filesystem::path& path, uint64_t count) {
  constexpr uint64_t kGroup = 256;
  Records records;
  std::vector<RequestRecord> group(kGroup);
  std::vector<StageSpan> spans(kGroup * kSpans);
  std::vector<double> group_ns;
  group_ns.reserve(count / kGroup + 1);
  Written written;
  const double begin = Seconds();
  const double processor_begin = ProcessorSeconds();
  auto writer = store::RecordFileWriter::Create(path, 1);
  if (!writer.ok()) Fail(writer.error().message());
  RecordSink& sink = (*writer)->lane(0);
  for (uint64_t id = 0; id < count; id += kGroup) {
    for (uint64_t i = 0; i < kGroup; ++i) records.Make(id + i, group[i], &spans[i * kSpans]);
    const double before = Seconds();
    for (uint64_t i = 0; i < kGroup; ++i) sink.Append(group[i], {&spans[i * kSpans], kSpans});
    group_ns.push_back((Seconds() - before) * 1e9 / kGroup);
  }
  const auto totals = (*writer)->Close();
  if (!totals.ok()) Fail(totals.error().message());
  written.seconds = Seconds() - begin;
  written.processor_s = ProcessorSeconds() - processor_begin;
  written.waits = totals->waits;
  std::sort(group_ns.begin(), group_ns.end());
  written.append_ns_p50 = group_ns[group_ns.size() / 2];
  written.append_ns_p99 = group_ns[group_ns.size() * 99 / 100];
  return written;
}

struct Read {
  double collect_processor_s = 0;
  double collect_seconds = 0;
  double summary_seconds = 0;
};

Read Summarize(const std::filesystem::path& path, uint64_t count) {
  Read read;
  analyze::SampleCollector collector;
  const double processor_begin = ProcessorSeconds();
  read.collect_seconds = Timed([&] {
    const auto complete = store::ForEachRecordInFile(
        path,
        [&](const RequestRecord& record, std::span<const StageSpan> spans) { collector.Add(record, spans); });
    if (!complete.ok()) Fail(complete.error().message());
  });
  read.collect_processor_s = ProcessorSeconds() - processor_begin;
  read.summary_seconds = Timed([&] {
    const RunSummary summary = analyze::Summarize(collector.Finish());
    if (summary.frames != static_cast<int64_t>(count)) Fail("records are missing");
  });
  return read;
}

bool Line(const char* what, double plain_s, double ours_s, double gib, double limit) {
  const double share = plain_s / ours_s;
  std::printf(
      "%-34s plain %6.2f s (%5.2f GiB/s)  ours %6.2f s (%5.2f GiB/s)  share %.2f, at least %.2f: %s\n", what,
      plain_s, gib / plain_s, ours_s, gib / ours_s, share, limit, share >= limit ? "met" : "NOT MET");
  return share >= limit;
}

int Main(uint64_t count, const std::filesystem::path& folder) {
  count = (count + 255) / 256 * 256;
  const uint64_t bytes = count * RecordLog::BytesPerRecord(kSpans);
  const double gib = static_cast<double>(bytes) / (1 << 30);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const auto plain = folder / "records_bench.plain";
  const auto ours = folder / "records_bench.records";
  std::printf("%lu records of %d spans, %.2f GiB in memory, %zu bytes each\n",
              static_cast<unsigned long>(count), kSpans, gib, RecordLog::BytesPerRecord(kSpans));
  const double plain_write = Timed([&] { PlainWrite(plain, bytes); });
  const double plain_sync = Timed([&] { Sync(plain); });
  const Written written = WriteRecords(ours, count);
  const double sync = Timed([&] { Sync(ours); });
  Line("write, into the cache", plain_write, written.seconds, gib, kWriteLimit);
  bool met = Line("write, until it is on the disk", plain_write + plain_sync, written.seconds + sync, gib,
                  kWriteLimit);
  std::printf("%-34s p50 %.0f ns, p99 %.0f ns per record; waits for a block: %lu\n", "append on the hot path",
              written.append_ns_p50, written.append_ns_p99, static_cast<unsigned long>(written.waits));
  std::printf("%-34s %.1f MiB in the file (%.1f bytes per record); peak memory %.0f MiB\n", "while running",
              static_cast<double>(std::filesystem::file_size(ours)) / (1 << 20),
              static_cast<double>(std::filesystem::file_size(ours)) / static_cast<double>(count), PeakMiB());
  Forget(plain);
  const double cold_read = PlainRead(plain);
  const double warm_read = PlainRead(plain);
  std::filesystem::remove(plain);
  const Read read = Summarize(ours, count);
  met = Line("read into samples, cold plain file", cold_read, read.collect_seconds, gib, kReadLimit) && met;
  met = Line("read and summary, cold plain file", cold_read, read.collect_seconds + read.summary_seconds, gib,
             kReadLimit) &&
        met;
  Line("read and summary, cached plain file", warm_read, read.collect_seconds + read.summary_seconds, gib,
       kReadLimit);
  std::printf("%-34s %.2f s; peak memory %.0f MiB\n", "of which statistics", read.summary_seconds, PeakMiB());
  std::printf("%-34s writing %.0f ns, reading into samples %.0f ns\n", "processor time per record",
              written.processor_s * 1e9 / static_cast<double>(count),
              read.collect_processor_s * 1e9 / static_cast<double>(count));
  std::filesystem::remove(ours);
  return met ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  const uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  if (count == 0) {
    std::fprintf(stderr, "usage: records_bench [RECORDS [FOLDER]]\n");
    return 2;
  }
  return sightline::bench::Main(count, argc > 2 ? argv[2] : ".");
}
