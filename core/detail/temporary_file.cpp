#include <rill/core/detail/temporary_file.h>

#include <fcntl.h>
#include <sys/file.h>

#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include <rill/core/detail/system_calls.h>
#include <rill/core/file.h>

namespace rill {
namespace detail {
namespace {

constexpr std::string_view prefix = ".rill-", suffix = ".tmp", digits = "0123456789abcdef";
constexpr size_t digit_count = 16;

std::string draw_name() {
  std::random_device device;
  std::uniform_int_distribution<size_t> digit(0, digits.size() - 1);
  std::string name(prefix);
  for (size_t i = 0; i < digit_count; ++i) name += digits[digit(device)];
  return name.append(suffix);
}

bool is_drawn(std::string_view name) {
  if (name.size() != prefix.size() + digit_count + suffix.size()) return false;
  const std::string_view drawn = name.substr(prefix.size(), digit_count);
  return name.starts_with(prefix) && name.ends_with(suffix) &&
         drawn.find_first_not_of(digits) == drawn.npos;
}

/// 0, or the error.
int try_to_lock(int descriptor) {
  const auto lock = [&] { return system_calls.flock(descriptor, LOCK_EX | LOCK_NB); };
  return uninterrupted(lock) == 0 ? 0 : errno;
}

bool remove_name(const std::string& path) {
  return uninterrupted([&] { return system_calls.unlink(path.c_str()); }) == 0;
}

bool is_gone(const std::string& path) {
  struct stat status {};
  return system_calls.lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& name, const std::string& folder, mode_t mode)
    : TemporaryFile(name) {
  constexpr int most_tries = 100;
  for (int tries = 0; tries < most_tries; ++tries)
    if (create(folder, mode)) return;
  refuse_to_write(name_, "other processes remove each file that is begun in " + folder);
}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) remove_name(path_);
}

/// False where the name is taken, or where somebody took the file for a stray one before it was
/// locked. Where the system cannot lock, nobody gets a lock, and it stays.
bool TemporaryFile::create(const std::string& folder, mode_t mode) {
  const std::string path = folder + "/" + draw_name();
  const int descriptor = open_descriptor(path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (descriptor < 0 && errno == EEXIST) return false;
  if (descriptor < 0)
    refuse_to_write(name_, "no file can be begun in " + folder + ": " + reason_of(errno));
  path_ = path;
  file_.emplace(name_, descriptor);
  if (try_to_lock(descriptor) != EWOULDBLOCK && !is_gone(path)) return true;
  remove_name(std::exchange(path_, ""));
  return false;
}

void TemporaryFile::replace(const std::string& target) {
  file_->sync();
  lock_.emplace(name_, uninterrupted([&] { return system_calls.dup(file_->descriptor()); }));
  file_->close();
  const auto rename = [&] { return system_calls.rename(path_.c_str(), target.c_str()); };
  if (uninterrupted(rename) != 0) refuse_to_write(name_, errno);
  path_.clear();
}

namespace {

std::vector<std::string> drawn_names(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(system_calls.opendir(folder.c_str()),
                                                    system_calls.closedir);
  if (!entries) return names;
  while (const dirent* entry = system_calls.readdir(entries.get()))
    if (is_drawn(entry->d_name)) names.push_back(entry->d_name);
  return names;
}

/// Over a network a lock may need a file that is open for writing; one that may only be read can be
/// locked elsewhere.
int open_to_lock(const std::string& path) {
  constexpr int no_detours = O_NOFOLLOW | O_NONBLOCK;
  const int descriptor = open_descriptor(path, O_RDWR | no_detours);
  return descriptor < 0 && errno == EACCES ? open_descriptor(path, O_RDONLY | no_detours)
                                           : descriptor;
}

/// Names are never drawn twice: whatever happens between these calls, it is this file that goes.
bool remove_if_stray(const std::string& path) {
  const int descriptor = open_to_lock(path);
  if (descriptor < 0) return false;
  const OpenFile file(path, descriptor);
  struct stat status {};
  if (system_calls.fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (try_to_lock(descriptor) != 0) return false;
  return remove_name(path);
}

}  // namespace
}  // namespace detail

int64_t remove_stray_files(const std::string& folder) {
  int64_t count = 0;
  for (const std::string& name : detail::drawn_names(folder))
    count += detail::remove_if_stray(folder + "/" + name);
  return count;
}

}  // namespace rill
