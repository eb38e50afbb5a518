#include "report.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "../support/statistics.h"

namespace word_order {
namespace {

/// As in "100.0 % of the answers are right".
std::string share_right(const Result& result) {
  return fmt::format("{:.1f} % of the answers are right", 100 * result.mean());
}

bool tells(const Result& result) { return result.mean() >= 0.9; }
bool guesses(const Result& result) { return result.mean() <= 0.6; }
/// Whether it names one of the two each time, so that half of the answers are right.
bool is_half(const Result& result) { return std::abs(result.mean() - 0.5) < 0.005; }

/// Whether both orders give the same outputs, but for rounding.
bool is_blind(const Result& result) { return std::ranges::max(result.gaps) < 1e-9; }

std::string without_encoding(const Result& result) {
  if (!is_blind(result))
    return fmt::format("Without an encoding the two orders differ here, and {}.",
                       share_right(result));
  const std::string bag =
      "Without an encoding attention sees a bag of words. If the words are permuted, its outputs "
      "are the same outputs permuted (the order gap is rounding)";
  if (guesses(result))
    return bag + fmt::format(
                     ", so their mean is the same for both orders, and so is the answer: right for "
                     "{}. {}.",
                     is_half(result) ? "one, wrong for the other" : "one of them at most",
                     share_right(result));
  return bag + fmt::format(", and yet {}: what reads the outputs tells them the order.",
                           share_right(result));
}

std::string with_segment(const Result& result) {
  const std::string vectors =
      "a sentence is one segment, and each of its words gets the same vector";
  return guesses(result) && is_blind(result)
             ? fmt::format("A segment embedding alone does not help ({}): {}.", share_right(result),
                           vectors)
             : fmt::format("With a segment embedding alone {}, although {}.", share_right(result),
                           vectors);
}

std::string with_alibi(const Result& result) {
  const std::string alike = "ALiBi adds to the scores by distance alone, in both directions alike";
  return tells(result) ? fmt::format(
                             "{}, and yet it tells ({}): the second name stands nearer to "
                             "\"are awesome.\" than the first.",
                             alike, share_right(result))
                       : fmt::format("{}. {} after this training.", alike, share_right(result));
}

std::string with_mask(const Result& result) {
  const std::string why =
      "a word may look only at those before it. The first word sees itself alone, the second name "
      "sees the first too, so how much a word sees tells where it stands";
  return tells(result)
             ? fmt::format("A causal decoder needs no encoding ({}): {}.", share_right(result), why)
             : fmt::format("In a causal decoder {}; after this training {}.", why,
                           share_right(result));
}

std::string explanation(const Result& result) {
  switch (result.way) {
    case Way::none: return without_encoding(result);
    case Way::segment: return with_segment(result);
    case Way::alibi: return with_alibi(result);
    case Way::causal: return with_mask(result);
    default: return "";
  }
}

}  // namespace

double Result::mean() const { return examples::mean(accuracies); }

double Result::spread() const { return examples::deviation(accuracies); }

rill::inspect::Table table_of(const std::vector<Result>& results) {
  rill::inspect::Table out{.columns = {"encoding", "test accuracy %", "spread", "lowest", "highest",
                                       "least order gap", "largest order gap"}};
  for (const Result& result : results) {
    const auto [low, high] =
        std::minmax_element(result.accuracies.begin(), result.accuracies.end());
    const auto [least, largest] = std::minmax_element(result.gaps.begin(), result.gaps.end());
    out.rows.push_back(
        {name_of(result.way), fmt::format("{:.2f}", 100 * result.mean()),
         result.accuracies.size() < 2 ? "–" : fmt::format("{:.2f}", 100 * result.spread()),
         fmt::format("{:.2f}", 100 * *low), fmt::format("{:.2f}", 100 * *high),
         fmt::format("{:.1e}", *least), fmt::format("{:.1e}", *largest)});
  }
  return out;
}

rill::inspect::BarChart chart_of(const std::vector<Result>& results) {
  rill::inspect::BarChart chart{.title = "Who is named first? Pairs of names never seen together",
                                .x = {.title = "encoding"},
                                .y = {.title = "test accuracy", .unit = "%"}};
  for (const Result& result : results) {
    chart.bars.push_back({.name = name_of(result.way), .value = 100 * result.mean()});
    if (result.accuracies.size() < 2) continue;  // one run has no spread
    chart.bars.back().low = 100 * (result.mean() - result.spread());
    chart.bars.back().high = 100 * (result.mean() + result.spread());
  }
  chart.rules.push_back({.name = "chance", .value = 50});
  return chart;
}

rill::inspect::Table permuted_table(const Reader& reader, const rill::Tensor& ids) {
  const rill::NoGradGuard no_grad;
  const rill::Tensor other = index_select(ids, 0, rill::tensor({2, 1, 0, 3, 4}, rill::int64));
  const rill::Tensor here = reader.read(ids.unsqueeze(0))[0];
  const rill::Tensor there = reader.read(other.unsqueeze(0))[0];
  rill::inspect::Table out{.columns = {"word", "A and B", "B and A", "difference"}};
  for (const int64_t place : {0, 1, 2, 3, 4}) {
    const int64_t moved = place == 0 ? 2 : place == 2 ? 0 : place;
    const double a = here[place][0].item();
    const double b = there[moved][0].item();
    out.rows.push_back({word(ids[place].item<int64_t>()), fmt::format("{:.17f}", a),
                        fmt::format("{:.17f}", b), fmt::format("{:.1e}", std::abs(a - b))});
  }
  return out;
}

std::vector<std::string> explanations(const std::vector<Result>& results) {
  std::vector<std::string> said;
  for (const Result& result : results)
    if (const std::string text = explanation(result); !text.empty()) said.push_back(text);
  return said;
}

}  // namespace word_order
