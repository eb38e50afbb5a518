#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace rill::testing {

/// All that the file holds; nothing where it cannot be read.
inline std::string text_of(const std::filesystem::path& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();  // not letter by letter: pages have megabytes
  return text.str();
}

}  // namespace rill::testing
