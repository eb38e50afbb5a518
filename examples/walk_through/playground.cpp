#include "playground.h"

#include <rill/core/ops.h>
#include <spdlog/fmt/ranges.h>

namespace walk_through {
namespace {

constexpr int64_t most_dimensions = 128;

/// {"words": ["Transformers", ...], "before": [[...], ...]}
std::string data_of(const Encoded& sentence) {
  const int64_t words = sentence.before.size(0);
  const rill::Tensor more =
      rill::randn({words, most_dimensions - sentence.before.size(1)}, rill::float64);
  const rill::Tensor before = rill::cat({sentence.before, more}, 1);
  std::string names, rows;
  for (int64_t word = 0; word < words; ++word) {
    const char* const comma = word == 0 ? "" : ", ";
    names += fmt::format("{}\"{}\"", comma, sentence.words[static_cast<size_t>(word)]);
    rows += fmt::format("{}[{:.4f}]", comma, fmt::join(before[word].to_vector(), ", "));
  }
  return "{\"words\": [" + names + "], \"before\": [" + rows + "]}";
}

/// {light: {...}, dark: {...}}
std::string themes() {
  return "{light: " + rill::inspect::chart_theme(false) +
         ", dark: " + rill::inspect::chart_theme(true) + "}";
}

}  // namespace

rill::inspect::Section playground(const Encoded& sentence) {
  return {.html = playground_body(),
          .style = playground_style(),
          .script = "const sentence = " + data_of(sentence) + ", themes = " + themes() + ";\n" +
                    playground_script()};
}

}  // namespace walk_through
