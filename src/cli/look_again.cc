#include "src/cli/look_again.h"

#include <iterator>
#include <set>
#include <string>

namespace sightline::cli {
namespace {

// Gives one picture of another source, the one that was asked for.
class OnePicture final : public source::Source {
 public:
  explicit OnePicture(source::Source& all) : all_(all) {}
  void Show(uint64_t picture) { picture_ = picture; }

  Status Acquire(Frame& frame) override { return all_.Visit(static_cast<int64_t>(picture_), frame); }
  Status Visit(int64_t index, Frame& frame) override { return all_.Visit(index, frame); }
  int64_t pictures() const override { return 1; }
  bool encoded() const override { return all_.encoded(); }
  std::string description() const override { return all_.description(); }

 private:
  source::Source& all_;
  uint64_t picture_ = 0;
};

Status PassThrough(pipeline::Pipeline& pipeline, pipeline::Slot& slot) {
  slot.Clear();
  SIGHTLINE_RETURN_IF_ERROR(pipeline.Prepare(slot));
  pipeline::Slot* const slots[] = {&slot};
  SIGHTLINE_RETURN_IF_ERROR(pipeline.RunBatch(slots));
  return pipeline.Finish(slot);
}

}  // namespace

Result<std::vector<uint64_t>> PicturesSeen(const RecordScan& records, size_t most) {
  std::set<uint64_t> pictures;
  SIGHTLINE_RETURN_IF_ERROR(records([&](const RequestRecord& record, std::span<const StageSpan>) {
    if (record.outcome != Outcome::kOk) return;
    pictures.insert(record.picture);
    if (pictures.size() > most) pictures.erase(std::prev(pictures.end()));
  }));
  return std::vector<uint64_t>(pictures.begin(), pictures.end());
}

Status LookAgain(pipeline::Pipeline& pipeline, source::Source& source, std::span<const uint64_t> pictures,
                 const std::function<Status(const pipeline::Slot&)>& visit) {
  OnePicture one(source);
  pipeline.set_source(&one);
  Status status;
  for (const uint64_t picture : pictures) {
    one.Show(picture);
    status = PassThrough(pipeline, pipeline.slot(0));
    if (status.ok()) status = visit(pipeline.slot(0));
    if (!status.ok()) break;
  }
  pipeline.set_source(&source);
  return status;
}

}  // namespace sightline::cli
