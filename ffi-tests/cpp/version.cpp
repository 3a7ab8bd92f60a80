// The C header in C++, and called from a thread that the library did not start.
#include <anser.h>

#include <cstdio>
#include <string>
#include <thread>

int main() {
  std::string version;
  std::thread([&] { version = anser_version_string(); }).join();
  const std::string expected = std::to_string(ANSER_VERSION_MAJOR) + "." + std::to_string(ANSER_VERSION_MINOR) + "." +
                               std::to_string(ANSER_VERSION_PATCH);
  if (version != expected || anser_version_number() != ANSER_VERSION_NUMBER) {
    std::fprintf(stderr, "%s where the header says %s\n", version.c_str(), expected.c_str());
    return 1;
  }
  return 0;
}
