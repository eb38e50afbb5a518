#include "report.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace encoding_league {
namespace {

constexpr size_t last = std::size(lengths) - 1;

const std::string& name(const Entry& entry) { return rill::nn::name_of(entry.position); }

std::string loss_cell(const Entry& entry, size_t i) {
  return entry.runs.size() < 2 ? fmt::format("{:.4f}", entry.mean(i))
                               : fmt::format("{:.4f} ± {:.4f}", entry.mean(i), entry.spread(i));
}

rill::inspect::BarChart loss_chart(const std::vector<Entry>& entries) {
  rill::inspect::BarChart chart{.title = "Validation loss at the training length",
                                .x = {"encoding"},
                                .y = {"loss", "nats a token"},
                                .dots = true};  // from 0 on all bars would look alike
  for (const Entry& entry : entries) {
    const double mean = entry.mean(0);
    const double spread = entry.spread(0);
    chart.bars.push_back({.name = name(entry), .value = mean});
    if (entry.runs.size() > 1) {
      chart.bars.back().low = mean - spread;
      chart.bars.back().high = mean + spread;
    }
  }
  return chart;
}

rill::inspect::LineChart length_chart(const std::vector<Entry>& entries, int64_t block_size) {
  rill::inspect::LineChart chart{.title = "Beyond the training length",
                                 .x = {"length of the blocks", "tokens"},
                                 .y = {"loss", "nats a token"}};
  for (const Entry& entry : entries) {
    rill::inspect::Line line{.name = name(entry), .points = true};
    for (size_t i = 0; i < std::size(lengths); ++i) {
      line.x.push_back(static_cast<double>(lengths[i] * block_size));
      line.y.push_back(entry.mean(i));
      if (entry.runs.size() < 2) continue;
      line.low.push_back(entry.mean(i) - entry.spread(i));
      line.high.push_back(entry.mean(i) + entry.spread(i));
    }
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

/// Those whose training failed, with a loss of NaN, come last.
std::string order_at(std::vector<Entry> entries, size_t i) {
  const auto failed = std::stable_partition(entries.begin(), entries.end(),
                                            [i](const Entry& e) { return !std::isnan(e.mean(i)); });
  std::sort(entries.begin(), failed,
            [i](const Entry& a, const Entry& b) { return a.mean(i) < b.mean(i); });
  std::string order;
  for (const Entry& entry : entries)
    order += fmt::format("{}{} {:.3f}", order.empty() ? "" : ", ", name(entry), entry.mean(i));
  return order;
}

/// The names of those whose loss grows by at most `limit` (or by more, or to NaN) at the longest
/// blocks.
std::string growing(const std::vector<Entry>& entries, bool more, double limit) {
  std::string names;
  for (const Entry& entry : entries)
    if (const double growth = entry.mean(last) - entry.mean(0); !(growth <= limit) == more)
      names += fmt::format("{}{} ({:+.3f})", names.empty() ? "" : ", ", name(entry), growth);
  return names.empty() ? "no encoding" : names;
}

bool has(const std::vector<Entry>& entries, rill::nn::Position position) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const Entry& entry) { return entry.position == position; });
}

/// How far apart two means must be to say more than which seeds were drawn.
double largest_spread(const std::vector<Entry>& entries) {
  double largest = 0;
  for (const Entry& entry : entries) largest = std::max(largest, entry.spread(0));
  return largest;
}

std::string trust(const std::vector<Entry>& entries) {
  if (entries.front().runs.size() < 2)
    return "One seed: how much of the differences is chance cannot be told; --seeds 3 tells more.";
  return fmt::format(
      "The largest standard deviation over the seeds of one encoding is {:.3f}: with so few seeds, "
      "gaps between encodings below twice that may be chance.",
      largest_spread(entries));
}

}  // namespace

rill::inspect::Table table_of(const std::vector<Entry>& entries, int64_t block_size) {
  rill::inspect::Table table{.columns = {"encoding"}};
  for (const int64_t times : lengths)
    table.columns.push_back(fmt::format("loss at {} ({}×)", times * block_size, times));
  table.columns.insert(table.columns.end(), {"tokens/s", "parameters"});
  for (const Entry& entry : entries) {
    table.rows.push_back({name(entry)});
    for (size_t i = 0; i < std::size(lengths); ++i)
      table.rows.back().push_back(loss_cell(entry, i));
    table.rows.back().push_back(fmt::format("{:.0f}", entry.tokens_per_s()));
    table.rows.back().push_back(std::to_string(entry.runs.front().parameters));
  }
  return table;
}

std::vector<std::string> conclusions(const std::vector<Entry>& entries, int64_t block_size) {
  constexpr double limit = 0.02;
  std::vector<std::string> said{
      fmt::format("At the training length of {} tokens, from best to worst: {}.", block_size,
                  order_at(entries, 0)),
      trust(entries),
      fmt::format("At {} tokens the loss is higher by more than {} nats with {}; not so with {}.",
                  lengths[last] * block_size, limit, growing(entries, true, limit),
                  growing(entries, false, limit))};
  if (has(entries, rill::nn::Position::learned))
    said.push_back(
        fmt::format("The learned table has a row for each of {} positions, but those from {} on "
                    "were never trained: no gradient reached them.",
                    lengths[last] * block_size, block_size));
  return said;
}

void tell(examples::Teller& teller, const std::vector<Entry>& entries, int64_t block_size) {
  teller.heading("Loss");
  teller.table("league", table_of(entries, block_size));
  teller.chart("loss", loss_chart(entries));
  teller.chart("length", length_chart(entries, block_size));
  if (entries.front().runs.size() > 1)
    teller.text("Mean over the seeds; whiskers and bands are one standard deviation.");
  teller.heading("What the numbers show");
  for (const std::string& sentence : conclusions(entries, block_size)) teller.text(sentence);
}

}  // namespace encoding_league
