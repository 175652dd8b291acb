#include "tests/fakes/postgres_cluster.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace sightline::testing {
namespace {

namespace fs = std::filesystem;

// Where Debian keeps the programs of the server, of the latest version there is.
fs::path ProgramFolder() {
  fs::path found;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
    if (fs::exists(version.path() / "bin/initdb")) found = std::max(found, version.path() / "bin");
  }
  return found;
}

// Starts a program as the user, with its output in a file. Ends when this process does.
pid_t Start(const std::vector<std::string>& command, const passwd& user, const fs::path& log) {
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(user.pw_gid) != 0 || setuid(user.pw_uid) != 0))
    _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);  // changing the user undid it
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, 1);
  dup2(out, 2);
  if (chdir(log.parent_path().c_str()) != 0) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

std::string Contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Whether a connection could be made and the statement, if any, be run on it.
bool Ask(const std::string& url, const std::string& statement) {
  PGconn* connection = PQconnectdb(url.c_str());
  bool ok = PQstatus(connection) == CONNECTION_OK;
  if (ok && !statement.empty()) {
    PGresult* result = PQexec(connection, statement.c_str());
    ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
  }
  PQfinish(connection);
  return ok;
}

}  // namespace

PostgresCluster::PostgresCluster() {
  const passwd* found = geteuid() == 0 ? getpwnam("nobody") : getpwuid(geteuid());
  if (found == nullptr) throw std::runtime_error("there is no user to run PostgreSQL as");
  const passwd user = *found;
  user_ = user.pw_name;
  std::string name = (fs::temp_directory_path() / "sightline_pg_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("can't make a temporary folder");
  folder_ = name;
  if (geteuid() == 0 && chown(folder_.c_str(), user.pw_uid, user.pw_gid) != 0)
    throw std::runtime_error("chown");
  const fs::path programs = ProgramFolder();
  const fs::path log = folder_ / "log";
  const std::string data = folder_ / "data";
  int status = 0;
  const pid_t initdb =
      Start({programs / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"}, user, log);
  if (waitpid(initdb, &status, 0) != initdb || status != 0)
    throw std::runtime_error("initdb: " + Contents(log));
  server_ =
      Start({programs / "postgres", "-D", data, "-k", folder_, "-c", "listen_addresses=", "-c", "fsync=off"},
            user, log);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!Ask(UrlOf("postgres"), "")) {
    if (waitpid(server_, &status, WNOHANG) != 0 || std::chrono::steady_clock::now() > give_up) {
      throw std::runtime_error("PostgreSQL did not start: " + Contents(log));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

PostgresCluster::~PostgresCluster() {
  if (server_ > 0) {
    kill(server_, SIGQUIT);
    waitpid(server_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PostgresCluster::NewDatabase() {
  const std::string name = "test_" + std::to_string(databases_++);
  if (!Ask(UrlOf("postgres"), "CREATE DATABASE " + name)) throw std::runtime_error("can't create " + name);
  return UrlOf(name);
}

std::string PostgresCluster::UrlOf(const std::string& database) const {
  return "postgresql:///" + database + "?host=" + folder_.string() + "&user=" + user_;
}

}  // namespace sightline::testing
