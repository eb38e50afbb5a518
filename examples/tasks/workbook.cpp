#include "workbook.h"

#include <rill/core/file.h>

#include <algorithm>
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
  return read(RILL_EXAMPLES_DIR "/tasks/to_do/" + file_of(task));
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

void Workbook::mark_done(const Task& task) {
  done_[file_of(task)] = number_of(text(task));
  std::string all;
  for (const auto& [name, number] : done_) all += name + " " + number + "\n";
  rill::replace_file(folder_ + "/.done", all);
}

int64_t Workbook::count_done() const {
  return std::ranges::count_if(all_tasks(), [this](const Task& task) { return is_done(task); });
}

}  // namespace tasks
