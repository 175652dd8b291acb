#include "src/network/batch.h"
#include "src/network/normalize.h"
namespace sightline::network {
Status ChangeBatch(Draft& draft, std::optional<int64_t> batch) {
  SetInputBatch(draft, batch);
  return Renormalize(draft);
}
}  // namespace sightline::network
