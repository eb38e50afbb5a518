#include "workbook.h"

#include <rill/core/file.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>

#include "task_paths.h"

namespace tasks {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string original_of(const Task& task) {
  const std::string path = RILL_EXAMPLES_DIR "/tasks/to_do/" + file_of(task);
  const std::string text = read(path);
  if (text.empty()) throw std::runtime_error("cannot read " + path + "; build the examples anew");
  return text;
}

std::string number_of(const std::string& text) {
  return std::to_string(std::hash<std::string>()(text));
}

std::map<std::string, std::string> read_done(const std::string& path) {
  std::map<std::string, std::string> done;
  std::ifstream file(path);
  for (std::string name, number; file >> name >> number;) done[name] = number;
  return done;
}

}  // namespace

Workbook::Workbook(const std::string& folder) : folder_(folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  done_ = read_done(folder + "/.done");
  for (const Task& task : all_tasks())
    if (!std::filesystem::exists(path(task))) restart(task);
}

std::string Workbook::text(const Task& task) const { return read(path(task)); }

void Workbook::restart(const Task& task) const {
  std::ofstream file(path(task), std::ios::binary);
  if (!(file << original_of(task) << std::flush))
    throw std::runtime_error("cannot write " + path(task) + "; choose another --out-dir");
}

bool Workbook::is_untouched(const Task& task) const { return text(task) == original_of(task); }

bool Workbook::is_done(const Task& task) const {
  const auto found = done_.find(file_of(task));
  return found != done_.end() && found->second == number_of(text(task));
}

void Workbook::mark_done(const Task& task, const std::string& text) {
  done_[file_of(task)] = number_of(text);
  std::string all;
  for (const auto& [name, number] : done_) all += name + " " + number + "\n";
  rill::replace_file(folder_ + "/.done", all);
}

}  // namespace tasks
