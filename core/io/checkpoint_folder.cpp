#include <rill/core/io/checkpoint_folder.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>

#include <rill/core/detail/open_file.h>
#include <rill/core/detail/system_calls.h>
#include <rill/core/detail/warn.h>
#include <rill/core/option.h>

namespace rill {
namespace {

using detail::system_calls;

constexpr std::string_view prefix = "checkpoint-", suffix = ".safetensors";

std::string name_of(int64_t step) {
  char text[64];
  std::snprintf(text, sizeof(text), "checkpoint-%06lld.safetensors", static_cast<long long>(step));
  return text;
}

/// Nothing for a file of another name.
std::optional<int64_t> step_of(std::string_view name) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  const std::string_view digits = name.substr(prefix.size());
  int64_t step = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), step);
  return step >= 0 && name_of(step) == name ? std::optional(step) : std::nullopt;
}

constexpr double no_loss = std::numeric_limits<double>::infinity();

/// Infinite where it has none; nothing where the file cannot be read as far as that.
std::optional<double> loss_of(const std::string& path) {
  try {
    const SafetensorsFile file(path);
    const double loss = file.contains("loss") ? file.load("loss").item() : no_loss;
    return std::isnan(loss) ? no_loss : loss;
  } catch (const Error& error) {
    detail::warn("it is not known whether it is the best checkpoint: ", error.what());
    return {};
  }
}

/// The place of the first of the smallest losses, unless there is none.
std::optional<size_t> best_of(const std::vector<std::optional<double>>& losses) {
  std::optional<size_t> best;
  for (size_t i = 0; i < losses.size(); ++i)
    if (losses[i] && *losses[i] < (best ? *losses[*best] : no_loss)) best = i;
  return best;
}

std::string reason_not_to_load(const std::string& path) {
  try {
    (void)load_checkpoint(path);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

CheckpointFolder::CheckpointFolder(std::string path, const CheckpointFolderOptions& options)
    : path_(std::move(path)), options_(options) {
  if (path_.empty()) fail<ValueError>("CheckpointFolder: the path is empty; . is this folder");
  detail::want_at_least(1, "CheckpointFolder: keep", options.keep);
}

std::string CheckpointFolder::path_of(int64_t step) const { return path_ + "/" + name_of(step); }

/// Rising; none where there is no folder. Throws Error where there may be some that cannot be seen.
std::vector<int64_t> CheckpointFolder::steps() const {
  std::vector<int64_t> steps;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(system_calls.opendir(path_.c_str()),
                                                    system_calls.closedir);
  if (!entries && errno == ENOENT) return steps;
  const auto next = [&] {
    errno = 0;
    return system_calls.readdir(entries.get());
  };
  while (const dirent* entry = entries ? next() : nullptr)
    if (const std::optional<int64_t> step = step_of(entry->d_name)) steps.push_back(*step);
  if (errno != 0) fail<Error>("cannot read the folder ", path_, ": ", detail::reason_of(errno));
  std::ranges::sort(steps);
  return steps;
}

std::vector<std::string> CheckpointFolder::paths() const {
  std::vector<std::string> paths;
  for (const int64_t step : steps()) paths.push_back(path_of(step));
  return paths;
}

std::vector<std::optional<double>> CheckpointFolder::losses_of(
    const std::vector<int64_t>& steps) const {
  std::vector<std::optional<double>> losses;
  for (const int64_t step : steps) losses.push_back(loss_of(path_of(step)));
  return losses;
}

std::optional<std::string> CheckpointFolder::best_path() const {
  const std::vector<int64_t> all = steps();
  const std::optional<size_t> best = best_of(losses_of(all));
  return best ? std::optional(path_of(all[*best])) : std::nullopt;
}

std::optional<Checkpoint> CheckpointFolder::load_best() const {
  const std::optional<std::string> path = best_path();
  return path ? std::optional(load_checkpoint(*path)) : std::nullopt;
}

// ---- saving -------------------------------------------------------------------------------------

std::string CheckpointFolder::save(const Checkpoint& checkpoint) const {
  detail::want_at_least(0, "CheckpointFolder: step", checkpoint.step);
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) fail<Error>("cannot make the folder ", path_, ": ", error.message());
  const std::string path = path_of(checkpoint.step);
  save_checkpoint(path, checkpoint);
  remove_old(checkpoint.step);
  return path;
}

/// Warns where the folder cannot be read: the new one is there.
void CheckpointFolder::remove_old(int64_t newest) const try {
  for (const int64_t step : not_kept(steps(), newest)) remove(step);
} catch (const Error& error) {
  detail::warn("no old checkpoint was removed: ", error.what());
}

std::vector<int64_t> CheckpointFolder::not_kept(const std::vector<int64_t>& steps,
                                                int64_t newest) const {
  const auto later = std::ranges::upper_bound(steps, newest);
  const std::vector<int64_t> course(steps.begin(), later);
  std::vector<int64_t> gone(later, steps.end());
  const auto keep = static_cast<size_t>(options_.keep);
  if (course.size() <= keep) return gone;
  const std::vector<std::optional<double>> losses = losses_of(course);
  const std::optional<size_t> best = best_of(losses);
  for (size_t i = 0; i + keep < course.size(); ++i)
    if (losses[i] && i != best) gone.push_back(course[i]);
  return gone;
}

void CheckpointFolder::remove(int64_t step) const {
  const std::string path = path_of(step);
  const auto unlink = [&] { return system_calls.unlink(path.c_str()); };
  if (detail::uninterrupted(unlink) != 0 && errno != ENOENT)
    detail::warn("cannot remove ", path, ": ", detail::reason_of(errno));
}

void CheckpointFolder::keep_only(int64_t step) const {
  for (const int64_t other : steps())
    if (other != step) remove(other);
}

// ---- loading ------------------------------------------------------------------------------------

std::optional<Checkpoint> CheckpointFolder::load_newest() const {
  const std::vector<std::string> all = paths();
  if (all.empty()) return {};
  std::string reason;
  try {
    return load_checkpoint(all.back());
  } catch (const Error& error) {
    reason = error.what();
  }
  for (size_t i = all.size() - 1; i-- > 0;) {
    const std::string further = reason_not_to_load(all[i]);
    if (further.empty()) fail<Error>(reason, "; ", all[i], " before it is whole");
    reason += "; " + further;
  }
  fail<Error>(reason, "; no other checkpoint is in ", path_);
}

}  // namespace rill
