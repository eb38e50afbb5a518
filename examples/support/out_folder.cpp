#include "out_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace examples {
namespace {

void refuse(const std::string& path, const std::error_code& error) {
  throw std::runtime_error("cannot write to the folder " + path + ": " + error.message() +
                           "; choose another --out-dir");
}

std::error_code last_error() { return {errno, std::generic_category()}; }

/// What permissions say is not all: a file is made, and removed.
void try_to_write(const std::string& path) {
  std::string name = path + "/.rill-XXXXXX";
  const int file = mkstemp(name.data());
  if (file < 0) refuse(path, last_error());
  unlink(name.c_str());
  close(file);
}

/// Holds the folder until what is returned is closed. Where a file system knows no locks, -1.
int lock(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0 || flock(folder, LOCK_EX | LOCK_NB) == 0) return folder;
  const bool is_taken = errno == EWOULDBLOCK;
  close(folder);
  if (is_taken)
    throw std::runtime_error("another run writes to the folder " + path +
                             ": wait until it ends, or choose another --out-dir");
  return -1;
}

}  // namespace

OutFolder::OutFolder(const std::string& path) : path_(path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) refuse(path, error);
  try_to_write(path);
  locked_ = lock(path);
}

OutFolder::~OutFolder() {
  if (locked_ >= 0) close(locked_);
}

}  // namespace examples
