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

/// Begins a file in the folder that is gone once it is closed: one without a name where the file
/// system knows such, so that a run that is killed meanwhile leaves nothing. -1 where it cannot.
int begin_file(const std::string& path) {
#if defined(O_TMPFILE)
  const int nameless = open(path.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (nameless >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return nameless;
#endif
  std::string name = path + "/.rill-XXXXXX";
  const int file = mkstemp(name.data());
  if (file >= 0) unlink(name.c_str());
  return file;
}

/// What permissions say is not all.
void try_to_write(const std::string& path) {
  const int file = begin_file(path);
  if (file < 0) refuse(path, last_error());
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
