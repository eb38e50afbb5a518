#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <sstream>

#include "run_program.h"
#include "tests/support/browser.h"
#include "tiny_text.h"

// What report.html shows.

namespace tiny_transformer {
namespace {

using rill::testing::Outcome;
using rill::testing::read_file;
using rill::testing::run_example;
using rill::testing::small_run;
using rill::testing::some_text;
using rill::testing::temporary_folder;

/// The rows of a CSV file below its head.
std::vector<std::vector<double>> numbers_of(const std::string& csv) {
  std::vector<std::vector<double>> rows;
  std::istringstream lines(csv.substr(csv.find('\n') + 1));
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');)
      rows.back().push_back(cell.empty() ? std::nan("") : std::stod(cell));
  }
  return rows;
}

TEST(TinyTransformer, TheReportShowsTheNumbersOfMetricsCsv) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  ASSERT_EQ(run_example(small_run(folder) + " --eval-interval 5 --position alibi").exit_code, 0);
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/out/report.html", R"({
    loss: rill.views.loss.data("lines").map((d) => [d.line, d.x, d.y]),
    lr: rill.views.lr.data("lines").map((d) => d.y),
    grad_norm: rill.views.grad_norm.data("lines").map((d) => d.y),
    tokens_per_s: rill.views.tokens_per_s.data("lines").map((d) => [d.x, d.y]),
    settings: Object.fromEntries(cells("settings"))})");
  nlohmann::json validation, speed;
  ASSERT_EQ(seen["lr"].size(), 20u) << "every step";
  for (const std::vector<double>& row : numbers_of(read_file(folder + "/out/metrics.csv"))) {
    validation.push_back({"validation", row[0], row[2]});
    const auto step = static_cast<size_t>(row[0]);
    EXPECT_EQ(step < 20 ? seen["lr"][step].get<double>() : row[3], row[3]);
    if (step == 0) continue;
    EXPECT_EQ(seen["grad_norm"][step - 1], row[4]);
    speed.push_back({row[0], row[5]});
  }
  ASSERT_EQ(seen["loss"].size(), 20u + 5u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(seen["loss"][20 + i], validation[i]);
  EXPECT_EQ(seen["tokens_per_s"], speed);
  EXPECT_EQ(seen["settings"]["--n-embd"], "16");
  EXPECT_EQ(seen["settings"]["--position"], "alibi");
  EXPECT_EQ(seen["settings"]["--on-nonfinite"], "stop");
  EXPECT_EQ(seen["settings"]["--weight-decay"], "0.1");
  EXPECT_GT(std::stoi(seen["settings"]["--threads"].get<std::string>()), 0) << "as used";
  EXPECT_EQ(seen["settings"]["--checkpoint-interval"], "5");
}

TEST(TinyTransformer, TheReportShowsWhatCameOfSettingsThatWereLeftToRill) {
  const std::string folder = temporary_folder();
  const std::string run = small_run(folder);
  const std::string flags = " --position sinusoidal --threads 0 --max-iters 1 --num-samples 0";
  const std::string without_text = "tiny_transformer" + run.substr(run.find(" --out-dir"));
  ASSERT_EQ(run_example(without_text + flags, "OMP_NUM_THREADS=1").exit_code, 0);
  const std::string page = read_file(folder + "/out/report.html");
  for (const auto& [flag, value] :
       std::vector<std::pair<std::string, std::string>>{{"--text", "/usr/share/dict/words"},
                                                        {"--threads", "1"},
                                                        {"--vocab-size", "27"},
                                                        {"--embedding-scale", "4"},
                                                        {"--resume", "no"}}) {
    const std::regex row("<td>" + flag + "</td>\\s*<td[^>]*>([^<]*)</td>");
    std::smatch found;
    ASSERT_TRUE(std::regex_search(page, found, row)) << flag;
    EXPECT_EQ(found[1], value) << flag;
  }
}

TEST(TinyTransformer, TheLearningRateIsHighestWhereTheWarmupEnds) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  ASSERT_EQ(run_example(small_run(folder) + " --warmup-iters 7").exit_code, 0);
  const nlohmann::json seen = rill::testing::evaluate_in_browser(
      folder + "/out/report.html", R"(rill.views.lr.data("lines").map((d) => [d.x, d.y]))");
  ASSERT_EQ(seen.size(), 20u);
  const auto highest = std::ranges::max_element(
      seen, {}, [](const auto& point) { return point[1].template get<double>(); });
  EXPECT_EQ((*highest)[0], 7);
  EXPECT_NEAR((*highest)[1].get<double>(), 1e-3, 1e-9);
}

TEST(TinyTransformer, TheReportShowsBaselinesAndSamplesAsTheyWerePrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example(small_run(folder, some_text() + "<b>&amp;</b>"));
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/out/report.html", R"({
    rules: rill.views.loss.data("rules").map((d) => [d.rule, d.value]),
    samples: document.querySelector("pre").textContent})");
  EXPECT_NE(run.output.find(seen["samples"].get<std::string>()), std::string::npos) << seen;
  ASSERT_EQ(seen["rules"].size(), 3u);
  for (const nlohmann::json& rule : seen["rules"]) {
    const size_t at = run.output.find("\n  " + rule[0].get<std::string>() + " ");
    ASSERT_NE(at, std::string::npos) << rule;
    EXPECT_NEAR(std::stod(run.output.substr(at + 11)), rule[1].get<double>(), 5.1e-5) << rule;
  }
}

}  // namespace
}  // namespace tiny_transformer
