#pragma once

#include <string>

namespace rill::testing {

/// A text of a few thousand letters with a simple order in it.
inline std::string some_text() {
  std::string text;
  for (int i = 0; i < 400; ++i) text += i % 3 == 0 ? "the cat sat. " : "a dog ran.\n";
  return text;
}

}  // namespace rill::testing
