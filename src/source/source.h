// Where frames come from: pictures in a folder, a video file, or a synthetic scene.
//
// Pictures come encoded, as the files hold them, and are read into memory when the source is opened (or, if
// asked for or if they are too many, at each acquire). A video's frames come as pixels: the codec runs inside
// Acquire and nowhere else, on the calling thread alone, so its work is counted in the `acquire` stage and
// not in `decode`. The synthetic scene comes as pixels too.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/flow/frame.h"

namespace sightline::source {

struct SourceOptions {
  bool read_each_time = false;                  // read a picture's file at each acquire instead of once
  size_t memory_limit_bytes = size_t{1} << 30;  // pictures of more bytes together are read at each acquire
  uint64_t seed = 1;                            // of the synthetic scene
  // Polled while files are read at opening (not owned, may be null); once it is set, opening fails with
  // kCancelled.
  const std::atomic<bool>* stop = nullptr;
};

// How many bytes of pictures may be held in memory on a machine that has so many available, in a container
// that may use so many (absent: not known, no limit): a quarter of the smaller, from 64 MiB to 1 GiB.
size_t PreloadLimit(std::optional<int64_t> available_bytes, std::optional<int64_t> container_bytes);

class Source {
 public:
  virtual ~Source() = default;

  // Fills `frame` with the next picture and starts over after the last. Any thread: lanes share one source,
  // and ids count up over all of them. `frame.name` and `frame.encoded` stay valid as long as the source and
  // the frame both live and the frame is not filled again. Once a frame has held the largest picture it is
  // filled without allocating. After an error the frame's contents are unspecified and its id is used up.
  virtual Status Acquire(Frame& frame) = 0;

  // Fills `frame` with picture `index` of [0, pictures()), outside the order of acquisition: frame.id is
  // `index`. Any thread. Meant for looking at each picture once before measuring; in a video it is cheap in
  // ascending order only.
  virtual Status Visit(int64_t index, Frame& frame) = 0;

  // How many pictures there are before the source starts over; of a video as many as are in the file. At
  // least 1.
  virtual int64_t pictures() const = 0;

  // Whether frames come encoded, so that a broken picture shows only when it is decoded.
  virtual bool encoded() const = 0;

  // For people and manifests: "14 pictures in photos/ (3.1 MB, in memory)".
  virtual std::string description() const = 0;
};

// Opens what `spec` names:
//   a folder               all pictures directly in it, sorted by name (bytewise)
//   a picture              that one
//   a glob, "dir/*.jpg"    the pictures it matches, sorted by path
//   a video file           through libavcodec; it is read through once, so that a truncated one is found here
//   "synthetic:640x480"    a seeded, textured scene that a camera pans over
// In folders and globs files count as pictures by suffix (.jpg .jpeg .jpe .jfif .png .bmp .webp, in any
// case), a single file also by its first bytes. No picture is decoded: broken ones are found by the decoder,
// missing, unreadable and empty files here.
Result<std::unique_ptr<Source>> OpenSource(const std::string& spec, const SourceOptions& options = {});

}  // namespace sightline::source
