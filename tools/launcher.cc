// The thin half of a launched program (cmake/sightline_targets.cmake says why): opens its core library
// RTLD_LOCAL and calls SightlineMain. It links nothing that a framework could collide with, and is compiled
// -fPIC so that no copy relocation puts libstdc++ objects into the executable.
#include <dlfcn.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kExitEnvironment = 2;

// The folder of this executable with SIGHTLINE_CORE behind it.
bool CorePath(char* path, size_t capacity) {
  char self[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length <= 0) return false;
  self[length] = '\0';
  *std::strrchr(self, '/') = '\0';
  const int written = std::snprintf(path, capacity, "%s/%s", self, SIGHTLINE_CORE);
  return written > 0 && static_cast<size_t>(written) < capacity;
}

}  // namespace

int main(int argc, char** argv) {
  // OpenCV reads its limit on picture size when its library is loaded, so it has to be set before: a header
  // that promises more pixels than this is refused before memory is taken for it.
  setenv("OPENCV_IO_MAX_IMAGE_PIXELS", "268435456", 0);
  char path[PATH_MAX];
  if (!CorePath(path, sizeof path)) {
    std::fprintf(stderr, "can't find where this program is installed: /proc/self/exe is not readable\n");
    return kExitEnvironment;
  }
  void* core = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (core == nullptr) {
    std::fprintf(stderr, "can't load the program's core library: %s; run ./quickstart to build it again\n",
                 dlerror());
    return kExitEnvironment;
  }
  auto* run = reinterpret_cast<int (*)(int, char**)>(dlsym(core, "SightlineMain"));
  if (run == nullptr) {
    std::fprintf(stderr, "%s is not a Sightline core library: %s\n", path, dlerror());
    return kExitEnvironment;
  }
  return run(argc, argv);
}
