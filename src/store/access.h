// For what a store is opened.
#pragma once

namespace sightline::store {

// What a database is opened for: many may read it, beside one that writes.
enum class Access { kRead, kWrite };

}  // namespace sightline::store
