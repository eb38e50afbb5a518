#include "run_program.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>
#include "test_paths.h"

namespace rill::testing {
namespace {

/// Removes the folders when the process ends.
struct Folders {
  std::vector<std::string> paths;
  ~Folders() {
    std::error_code ignored;
    for (const std::string& path : paths) std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

std::string temporary_folder() {
  static Folders folders;
  std::string path = (std::filesystem::temp_directory_path() / "rill-test-XXXXXX").string();
  if (!mkdtemp(path.data())) throw std::runtime_error("cannot make a folder like " + path);
  folders.paths.push_back(path);
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Outcome run_example(const std::string& command, const std::string& settings,
                    const std::string& redirections) {
  return run_command(settings + " " + RILL_EXAMPLES_BINARY_DIR + "/" + command, redirections);
}

Outcome run_command(const std::string& command, const std::string& redirections) {
  const std::string folder = temporary_folder();
  const std::string line =
      command + " </dev/null >" + folder + "/out 2>" + folder + "/err " + redirections;
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_file(folder + "/out"), read_file(folder + "/err")};
}

}  // namespace rill::testing
