#include "src/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sightline {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\nThis is a bug in sightline; please report it.\n", file,
               line, condition);
  std::abort();
}

}  // namespace sightline
