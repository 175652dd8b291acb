// The database's schema, as the steps that lead to it. A step that was released is never changed; what is new
// is a new step.
#pragma once

#include <span>
#include <string_view>

namespace sightline::store {

// The SQL of one version's step from the version before. {id}, {blob}: see Dialect.
using Migration = std::span<const std::string_view>;

// Migrations()[i] leads from version i to i + 1.
std::span<const Migration> Migrations();

}  // namespace sightline::store
