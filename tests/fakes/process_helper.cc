// A program with one bad habit at a time, for the tests of running processes.
//   process_helper eat BYTES      touches so many bytes, 16 MiB every 20 ms, then sleeps
//   process_helper share BYTES    touches so many bytes, then three children that share them sleep beside it
//   process_helper flood BYTES    writes so many to standard error
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

void Sleep() {
  for (;;) pause();
}

std::vector<std::vector<char>> Eat(size_t bytes, std::chrono::milliseconds pause) {
  constexpr size_t kBite = size_t{16} << 20;
  std::vector<std::vector<char>> eaten;
  for (size_t done = 0; done < bytes; done += kBite) {
    eaten.emplace_back(kBite, 'x');
    std::this_thread::sleep_for(pause);
  }
  return eaten;
}

void Flood(size_t bytes) {
  const std::string line(1023, 'f');
  for (size_t done = 0; done < bytes; done += line.size() + 1) std::cerr << line << '\n';
  std::cerr << "flooded" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string habit = argv[1];
  const size_t bytes = std::strtoull(argv[2], nullptr, 10);
  if (habit == "flood") {
    Flood(bytes);
    return 0;
  }
  const auto eaten = Eat(bytes, std::chrono::milliseconds(habit == "eat" ? 20 : 0));
  if (habit == "share") {
    for (int i = 0; i < 3; ++i) {
      if (fork() == 0) Sleep();
    }
    std::cout << "shared" << std::endl;
  }
  Sleep();
}
