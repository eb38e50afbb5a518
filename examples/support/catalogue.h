#pragma once

#include <string>
#include <vector>

namespace examples {

/// What the first comment of an example says, and the lesson in its folder.
struct Entry {
  std::string name;
  std::string text;
  std::string next = "";    // the example to go on with
  std::string lesson = "";  // its path
};

/// All of them, in no order. The build makes this list from the sources.
const std::vector<Entry>& catalogue();

/// The entry of this name; its text is empty where there is none.
Entry entry_of(const std::string& name);

/// Where the lesson is and what to try next, a line each, without a line feed at the end.
std::string what_next(const std::string& name);

}  // namespace examples
