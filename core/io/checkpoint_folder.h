#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <rill/core/io/checkpoint.h>

namespace rill {

struct CheckpointFolderOptions {
  /// How many of the last checkpoints stay, beside the best one.
  int64_t keep = 2;
};

/// The checkpoints of one training: files "checkpoint-000250.safetensors" in a folder, by their
/// steps. What looks for them throws Error where the folder is there and cannot be read.
class CheckpointFolder {
 public:
  /// Throws ValueError for an empty path, and where `keep` is below 1.
  explicit CheckpointFolder(std::string path, const CheckpointFolderOptions& options = {});

  /// Writes one as save_checkpoint does, into a folder that is made where it is missing, and
  /// returns its path. Once it is on the disk, others go: those of later steps, from which the
  /// training was set back, and all but the last `keep` and the one of the smallest loss (of equal
  /// ones the earliest). One whose loss cannot be read stays, with a warning, as those do that
  /// cannot be seen or removed. Throws as save_checkpoint, with all that was there untouched.
  std::string save(const Checkpoint& checkpoint) const;

  /// Loads the newest; nothing where there is none. Throws Error where that one cannot be loaded,
  /// since a bit of it has changed, say: naming the newest that can.
  [[nodiscard]] std::optional<Checkpoint> load_newest() const;

  /// Loads the one of the smallest loss; nothing where none has a loss. Throws as load_checkpoint.
  [[nodiscard]] std::optional<Checkpoint> load_best() const;

  /// Of those that are there, the earliest first.
  [[nodiscard]] std::vector<std::string> paths() const;
  /// Of the smallest loss; nothing where none has a loss.
  [[nodiscard]] std::optional<std::string> best_path() const;
  /// Where the checkpoint of this step is or would be.
  [[nodiscard]] std::string path_of(int64_t step) const;

  /// Removes all but the one of this step, as a training does that begins anew where an earlier one
  /// left its own.
  void keep_only(int64_t step) const;

 private:
  std::vector<int64_t> steps() const;
  std::vector<std::optional<double>> losses_of(const std::vector<int64_t>& steps) const;
  std::vector<int64_t> not_kept(const std::vector<int64_t>& steps, int64_t newest) const;
  void remove_old(int64_t newest) const;
  void remove(int64_t step) const;

  std::string path_;
  CheckpointFolderOptions options_;
};

}  // namespace rill
