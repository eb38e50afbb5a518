#include <rill/core/file.h>

#include <fcntl.h>
#include <limits.h>

#include <filesystem>
#include <optional>

#include <rill/core/detail/open_file.h>
#include <rill/core/detail/system_calls.h>
#include <rill/core/detail/temporary_file.h>
#include <rill/core/error.h>

namespace rill {
namespace {

namespace fs = std::filesystem;
using detail::OpenFile;
using detail::refuse_to_write;
using detail::system_calls;

/// One after another, in few calls of the system also where there are a million.
void write_pieces(OpenFile& file, std::span<const std::string_view> pieces) {
  constexpr size_t enough = 1 << 20;
  std::string gathered;
  for (const std::string_view piece : pieces) {
    if (gathered.size() + piece.size() > enough) {
      file.write(gathered);
      gathered.clear();
    }
    if (piece.size() < enough)
      gathered += piece;
    else
      file.write(piece);
  }
  file.write(gathered);
}

/// What is to be replaced, and what it is; nothing where it is not there.
struct Target {
  fs::path path;
  std::optional<struct stat> before;
};

std::optional<struct stat> status_of(const std::string& name, const fs::path& path) {
  struct stat status {};
  if (system_calls.lstat(path.c_str(), &status) == 0) return status;
  if (errno != ENOENT) refuse_to_write(name, errno);
  return {};
}

fs::path where_it_leads(const std::string& name, const fs::path& link) {
  char text[PATH_MAX];
  const ssize_t size = system_calls.readlink(link.c_str(), text, sizeof text);
  if (size < 0) refuse_to_write(name, errno);
  return link.parent_path() / std::string(text, static_cast<size_t>(size));
}

/// Follows links, the last of which may lead to nothing.
Target target_of(const std::string& path) {
  constexpr int most_links = 40;
  Target target{path, status_of(path, path)};
  for (int links = 0; target.before && S_ISLNK(target.before->st_mode); ++links) {
    if (links == most_links) refuse_to_write(path, ELOOP);
    target.path = where_it_leads(path, target.path);
    target.before = status_of(path, target.path);
  }
  if (target.before && !S_ISREG(target.before->st_mode))
    refuse_to_write(path, "it is no regular file");
  return target;
}

/// A folder, whose names can be made to reach the disk as far as the system can do that: not where
/// this process may not read it.
class Folder {
 public:
  Folder(const std::string& file, const std::string& path) : file_(file), path_(path) {
    const int descriptor = detail::open_descriptor(path, O_RDONLY | O_DIRECTORY);
    if (descriptor >= 0)
      open_.emplace(path, descriptor);
    else if (errno != EACCES)
      refuse_to_write(file, "its folder " + path + ": " + detail::reason_of(errno));
  }

  /// Where this is left out, a machine that stops may forget a renaming.
  void sync() {
    const auto sync = [&] { return system_calls.fsync(open_->descriptor()); };
    if (!open_ || detail::uninterrupted(sync) == 0) return;
    if (errno == EINVAL || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS) return;
    refuse_to_write(file_, "it is there, but its folder " + path_ +
                               " may not be on the disk: " + detail::reason_of(errno));
  }

 private:
  std::string file_, path_;
  std::optional<OpenFile> open_;
};

}  // namespace

void replace_file(const std::string& path, std::string_view bytes) {
  replace_file(path, std::span(&bytes, 1));
}

void replace_file(const std::string& path, std::span<const std::string_view> pieces) {
  replace_file(path, pieces, [] { return std::string_view(); });
}

void replace_file(const std::string& path, std::span<const std::string_view> pieces,
                  const std::function<std::string_view()>& end) {
  constexpr mode_t for_all = 0666, for_its_owner = 0600;  // less what the umask takes
  const Target target = target_of(path);
  const std::string beside = target.path.parent_path();
  const std::string folder_path = beside.empty() ? "." : beside;
  Folder folder(path, folder_path);
  remove_stray_files(folder_path);
  detail::TemporaryFile temporary(path, folder_path, target.before ? for_its_owner : for_all);
  write_pieces(temporary.file(), pieces);
  temporary.file().write(end());
  if (target.before) temporary.file().take_owner_and_mode(*target.before);
  temporary.replace(target.path);
  folder.sync();
}

void append_to_file(const std::string& path, std::string_view bytes) {
  OpenFile file(path, detail::open_descriptor(path, O_WRONLY | O_APPEND));
  const off_t before = file.status().st_size;
  try {
    file.write(bytes);
  } catch (const Error& error) {
    if (file.cut_to(before)) throw;
    throw Error(std::string(error.what()) + "; a part was written and could not be taken back");
  }
  file.close();
}

}  // namespace rill
