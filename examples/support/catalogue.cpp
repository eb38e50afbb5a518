#include "catalogue.h"

#include <algorithm>

namespace examples {

Entry entry_of(const std::string& name) {
  const auto found = std::ranges::find(catalogue(), name, &Entry::name);
  return found == catalogue().end() ? Entry{name, ""} : *found;
}

std::string what_next(const std::string& name) {
  const Entry entry = entry_of(name), next = entry_of(entry.next);
  std::string said;
  if (!entry.lesson.empty()) said += "its lesson: " + entry.lesson + "\n";
  if (!next.text.empty()) said += "next: examples/run " + next.name + ": " + next.text + "\n";
  return said + "all examples: examples/run --list";
}

}  // namespace examples
