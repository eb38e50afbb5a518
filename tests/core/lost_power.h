#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/core/watched_calls.h"

namespace rill::testing {

/// What a disk holds of a file: its bytes and its mode.
struct DiskFile {
  std::string bytes;
  long mode = 0;
  bool operator==(const DiskFile&) const = default;
};

/// The disk under the calls that are made in one folder, as it may be found after power is lost.
///
/// Until a file is synced, each write to it may be there, half there, zeros in its place, or not
/// there, and each new size and mode or not; in any order. Until the folder is synced, each new
/// name, renaming and removal may be there or not. Only a renaming is one step.
class SimulatedDisk {
 public:
  /// `files` are on the disk from the beginning.
  SimulatedDisk(const std::string& folder, const std::map<std::string, DiskFile>& files);

  /// To be told of every call; only what it lets through has happened.
  void see(const Call& call, long result);
  /// Every state in which the file `name` may be found if power is lost now.
  using Look = std::function<void(const std::optional<DiskFile>&)>;
  void each_state(const std::string& name, const Look& look) const;

 private:
  struct Change {
    enum Kind { write, size, mode } kind;
    size_t offset;
    std::string bytes;
    long number;
  };
  struct Inode {
    DiskFile on_disk;
    std::vector<Change> unsynced;
    void sync();
  };
  struct Renaming {
    std::string from, to;  // `from` is empty for a new name, `to` for one that is removed
    size_t inode;
  };
  struct Descriptor {
    std::optional<size_t> inode;  // none for the folder
    size_t offset;
  };
  using Names = std::map<std::string, size_t>;

  static void apply(const Renaming& renaming, Names& names);
  static void apply(const Change& change, int fate, DiskFile& file);
  static int fates_of(const Change& change) { return change.kind == Change::write ? 4 : 2; }
  static void each_fate(const Inode& inode, size_t change, const DiskFile& file, const Look& look);

  std::string name_of(const std::string& path) const;
  void open(const Call& call, int descriptor);
  void write(const Call& call, size_t size);
  void change(const Call& call, Change::Kind kind);
  void sync(int descriptor);
  void rename(const std::string& from, const std::string& to);

  std::string folder_;
  std::vector<Inode> inodes_;
  Names names_, names_on_disk_;
  std::vector<Renaming> unsynced_;
  std::map<int, Descriptor> descriptors_;
};

}  // namespace rill::testing
