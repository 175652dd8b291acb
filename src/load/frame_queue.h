// Hands what one thread measures to one that judges it, without either waiting for the other: neither a lock
// nor a copy of what is there already, whatever the run has come to.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sightline::load {

// A measured frame that came to its result.
struct FrameTimes {
  int64_t begin_ns = 0;  // of its own acquire
  int64_t completed_ns = 0;
  uint64_t batch_id = 0;
};

// One writer, one reader, each a thread of its own. Memory is taken a block at a time and given back as it is
// read.
class FrameQueue {
 public:
  FrameQueue() : write_(new Block), read_(write_) {}
  ~FrameQueue() {
    while (read_ != nullptr) DropBlock();
  }
  FrameQueue(const FrameQueue&) = delete;
  FrameQueue& operator=(const FrameQueue&) = delete;

  // Writer. The reader sees it after the next Publish, so that it sees whole batches only.
  void Add(const FrameTimes& frame) {
    const size_t place = written_++ % kBlock;
    if (place == 0 && written_ > 1) {
      write_->next = new Block;
      write_ = write_->next;
    }
    write_->frames[place] = frame;
  }
  void Publish() { published_.store(written_, std::memory_order_release); }

  // Reader: visit(const FrameTimes&) for each frame published since the last call.
  template <typename Visitor>
  void Drain(const Visitor& visit) {
    const uint64_t published = published_.load(std::memory_order_acquire);
    for (; read_count_ < published; ++read_count_) {
      const size_t place = read_count_ % kBlock;
      if (place == 0 && read_count_ > 0) DropBlock();
      visit(read_->frames[place]);
    }
  }

 private:
  static constexpr size_t kBlock = 4096;
  struct Block {
    std::array<FrameTimes, kBlock> frames;
    Block* next = nullptr;  // set before a frame of it is published
  };

  void DropBlock() {
    Block* const next = read_->next;
    delete read_;
    read_ = next;
  }

  // The writer's.
  Block* write_;
  uint64_t written_ = 0;
  std::atomic<uint64_t> published_{0};
  // The reader's.
  Block* read_;
  uint64_t read_count_ = 0;
};

}  // namespace sightline::load
