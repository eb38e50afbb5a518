#pragma once

#include <map>
#include <string>

#include "task.h"

namespace tasks {

/// A learner's folder: a copy of each task's file, to be edited, and what is done.
class Workbook {
 public:
  /// Makes the folder, and the files that are not there. Throws std::runtime_error where a file
  /// cannot be read or written.
  explicit Workbook(const std::string& folder);

  const std::string& folder() const { return folder_; }
  std::string path(const Task& task) const { return folder_ + "/" + file_of(task); }
  /// What the file holds; nothing where it is not there.
  std::string text(const Task& task) const;
  /// Makes it anew from the task.
  void restart(const Task& task) const;
  bool is_untouched(const Task& task) const;

  /// Whether the file, as it is, was found to be right.
  bool is_done(const Task& task) const;
  /// `text` is what was found to be right.
  void mark_done(const Task& task, const std::string& text);

 private:
  std::string folder_;
  std::map<std::string, std::string> done_;  // file → what it held, as a number
};

}  // namespace tasks
