#include "tests/core/lost_power.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>

namespace rill::testing {

namespace fs = std::filesystem;

SimulatedDisk::SimulatedDisk(const std::string& folder,
                             const std::map<std::string, DiskFile>& files)
    : folder_(folder) {
  for (const auto& [name, file] : files) {
    names_[name] = inodes_.size();
    inodes_.push_back({file, {}});
  }
  names_on_disk_ = names_;
}

// ---- what happens -------------------------------------------------------------------------------

void SimulatedDisk::see(const Call& call, long result) {
  if (call.name == "close") descriptors_.erase(call.descriptor);
  if (result < 0) return;
  if (call.name == "open") open(call, static_cast<int>(result));
  if (call.name == "dup") descriptors_[static_cast<int>(result)] = descriptors_[call.descriptor];
  if (call.name == "write") write(call, static_cast<size_t>(result));
  if (call.name == "ftruncate") change(call, Change::size);
  if (call.name == "fchmod") change(call, Change::mode);
  if (call.name == "fsync") sync(call.descriptor);
  if (call.name == "rename") rename(name_of(call.path), name_of(call.to));
  if (call.name == "unlink") rename(name_of(call.path), "");
}

std::string SimulatedDisk::name_of(const std::string& path) const {
  return fs::path(path).filename();
}

void SimulatedDisk::open(const Call& call, int descriptor) {
  if (call.path == folder_) {
    descriptors_[descriptor] = {{}, 0};
    return;
  }
  const std::string name = name_of(call.path);
  if (!names_.contains(name)) {
    inodes_.emplace_back();
    const Renaming creation{"", name, inodes_.size() - 1};
    apply(creation, names_);
    unsynced_.push_back(creation);
  }
  descriptors_[descriptor] = {names_[name], 0};
  if (call.number & O_TRUNC) inodes_[names_[name]].unsynced.push_back({Change::size, 0, "", 0});
}

void SimulatedDisk::write(const Call& call, size_t size) {
  Descriptor& descriptor = descriptors_.at(call.descriptor);
  inodes_[*descriptor.inode].unsynced.push_back(
      {Change::write, descriptor.offset, std::string(call.bytes.substr(0, size)), 0});
  descriptor.offset += size;
}

void SimulatedDisk::change(const Call& call, Change::Kind kind) {
  inodes_[*descriptors_.at(call.descriptor).inode].unsynced.push_back({kind, 0, "", call.number});
}

void SimulatedDisk::sync(int descriptor) {
  const std::optional<size_t> inode = descriptors_.at(descriptor).inode;
  if (inode) return inodes_[*inode].sync();
  names_on_disk_ = names_;
  unsynced_.clear();
}

void SimulatedDisk::Inode::sync() {
  for (const Change& change : unsynced) apply(change, fates_of(change) - 1, on_disk);
  unsynced.clear();
}

void SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const Renaming renaming{from, to, names_.at(from)};
  apply(renaming, names_);
  unsynced_.push_back(renaming);
}

// ---- what may be left ---------------------------------------------------------------------------

void SimulatedDisk::apply(const Renaming& renaming, Names& names) {
  names.erase(renaming.from);
  if (!renaming.to.empty()) names[renaming.to] = renaming.inode;
}

/// The fates of a change: 0 lost; of a write 1 zeros, 2 half; the last all of it.
void SimulatedDisk::apply(const Change& change, int fate, DiskFile& file) {
  if (fate == 0) return;
  if (change.kind == Change::mode) file.mode = change.number;
  if (change.kind == Change::size) file.bytes.resize(static_cast<size_t>(change.number));
  if (change.kind != Change::write) return;
  const std::string bytes = fate == 1   ? std::string(change.bytes.size(), '\0')
                            : fate == 2 ? change.bytes.substr(0, change.bytes.size() / 2)
                                        : change.bytes;
  file.bytes.resize(std::max(file.bytes.size(), change.offset + bytes.size()));
  file.bytes.replace(change.offset, bytes.size(), bytes);
}

void SimulatedDisk::each_fate(const Inode& inode, size_t change, const DiskFile& file,
                              const Look& look) {
  if (change == inode.unsynced.size()) return look(file);
  for (int fate = 0; fate < fates_of(inode.unsynced[change]); ++fate) {
    DiskFile next = file;
    apply(inode.unsynced[change], fate, next);
    each_fate(inode, change + 1, next, look);
  }
}

void SimulatedDisk::each_state(const std::string& name, const Look& look) const {
  for (size_t kept = 0; kept < size_t{1} << unsynced_.size(); ++kept) {
    Names names = names_on_disk_;
    for (size_t i = 0; i < unsynced_.size(); ++i)
      if (kept >> i & 1) apply(unsynced_[i], names);
    const auto found = names.find(name);
    if (found == names.end())
      look({});
    else
      each_fate(inodes_[found->second], 0, inodes_[found->second].on_disk, look);
  }
}

}  // namespace rill::testing
