#pragma once

#include <string>

namespace examples {

/// The folder of a run's files. It is the run's own as long as this lives.
class OutFolder {
 public:
  /// Makes the folder. Throws std::runtime_error where it cannot be written to, or where another
  /// run has it.
  explicit OutFolder(const std::string& path);
  ~OutFolder();
  OutFolder(const OutFolder&) = delete;
  OutFolder& operator=(const OutFolder&) = delete;

  /// The path of a file in it.
  std::string path(const std::string& file) const { return path_ + "/" + file; }

 private:
  std::string path_;
  int locked_;
};

}  // namespace examples
