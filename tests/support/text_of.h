#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rill::testing {

/// All that the file holds; nothing where it cannot be read.
inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace rill::testing
