// A PostgreSQL server of the test's own: made in a temporary folder, reached by a socket there and nowhere
// else, gone with the test.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace sightline::testing {

class PostgresCluster {
 public:
  // Starts the server and waits until it answers; throws std::runtime_error with what it said otherwise. As
  // root it runs as user `nobody`, since PostgreSQL refuses root.
  PostgresCluster();
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // The URL of a new, empty database.
  std::string NewDatabase();

 private:
  std::string UrlOf(const std::string& database) const;

  std::filesystem::path folder_;
  std::string user_;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace sightline::testing
