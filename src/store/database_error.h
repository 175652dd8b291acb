// What a database library threw, for people.
#pragma once

#include <exception>
#include <string>

#include "src/base/result.h"

namespace sightline::store {

// "can't WHAT in NAME: why; what to do".
Error ExplainDatabaseError(const std::exception& exception, const std::string& what, const std::string& name);

}  // namespace sightline::store
