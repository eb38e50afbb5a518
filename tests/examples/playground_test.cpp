#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numbers>

#include "examples/walk_through/playground.h"
#include "rill/core/ops.h"
#include "rill/nn/positions/positional_encoding.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace walk_through {
namespace {

using nlohmann::json;
using rill::Tensor;
using rill::testing::BrowserOptions;
using rill::testing::evaluate_in_browser;

/// What stands beside `PE(p)`: the slider of that name is moved as by hand.
const char* const move = R"js((() => {
  globalThis.move = (name, value) => {
    const input = document.getElementById(`play-${name}`);
    input.value = value;
    input.dispatchEvent(new Event("input", {bubbles: true}));
    playground.draw();
  };
  globalThis.rows = (id) => [...document.getElementById(id).rows].map(
      (row) => [...row.cells].map((cell) => Number(cell.textContent.replaceAll("−", "-").replaceAll(",", ""))));
  globalThis.colors = (id, y) => {
    const canvas = document.getElementById(id), sharp = canvas.width / canvas.clientWidth;
    const found = new Set(), context = canvas.getContext("2d");
    for (let share = 0.4; share < 0.9; share += 0.001)
      found.add(context.getImageData(Math.round(canvas.width * share), Math.round(y * sharp), 1, 1).data.join());
    return found.size;
  };
})(), )js";

/// The playground alone, as Chromium shows it.
class Playground : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  }

  static json evaluate(const std::string& expression, BrowserOptions options = {}) {
    const std::string path = rill::testing::temporary_folder() + "/page.html";
    const Embedder embedder({"Transformers", "are", "awesome."}, 4);
    rill::inspect::Page("Play")
        .section(playground(embedder.encode("Transformers are awesome.")))
        .write(path);
    return evaluate_in_browser(path, move + expression + ")", options);
  }
};

struct Settings {
  int64_t length, d;
  double base;
};
constexpr Settings some_settings[] = {{3, 4, 10000}, {256, 2, 10000},   {64, 128, 10000},
                                      {200, 6, 2},   {100, 10, 500000}, {50, 64, 17.5}};

/// The table of a layer as the page's formula makes it, both within the rounding of a float.
void expect_same(const json& rows, const Settings& settings) {
  const rill::nn::PositionalEncoding layer(settings.d,
                                           {.max_len = settings.length, .base = settings.base});
  const std::vector<double> expected = layer.table.to_vector();
  ASSERT_EQ(rows.size(), static_cast<size_t>(settings.length));
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto d = static_cast<size_t>(settings.d);
    ASSERT_NEAR(rows[i / d][i % d].get<double>(), expected[i], 3.1e-8)
        << "d " << d << ", base " << settings.base << ", position " << i / d << ", dimension "
        << i % d;
  }
}

TEST_F(Playground, MakesTheTableOfTheLayer) {
  std::string wanted;
  for (const auto& [length, d, base] : some_settings)
    wanted += "playground.encodings(" + std::to_string(length) + ", " + std::to_string(d) + ", " +
              std::to_string(base) + "), ";
  const json tables = evaluate("[" + wanted + "]");
  for (size_t i = 0; i < std::size(some_settings); ++i) expect_same(tables[i], some_settings[i]);
}

TEST_F(Playground, NamesHandsWavelengthsAndTheirPlace) {
  const json seen =
      evaluate("[move('d', 6), move('length', 50), move('p', 7), rows('play-hands')]")[3];
  ASSERT_EQ(seen.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const double wave = 2 * std::numbers::pi * std::pow(10000, static_cast<double>(i) / 3);
    EXPECT_EQ(seen[i][0], i);
    EXPECT_NEAR(seen[i][1].get<double>(), wave, wave < 100 ? 0.0051 : 0.51);
    EXPECT_NEAR(seen[i][2].get<double>(), 50 / wave, 0.0051);
    EXPECT_NEAR(seen[i][3].get<double>(), std::sin(7 * 2 * std::numbers::pi / wave), 5.1e-5);
    EXPECT_NEAR(seen[i][4].get<double>(), std::cos(7 * 2 * std::numbers::pi / wave), 5.1e-5);
  }
}

TEST_F(Playground, OneMatrixLeadsFromEveryPositionKWordsOn) {
  const json seen = evaluate(R"([move("d", 8), move("k", 5), [0, 9, 40].map((p) => {
    move("p", p);
    const shown = document.getElementById("play-matrix").toDataURL();
    return [rows("play-turned"), shown, playground.encodings(46, 8, 10000)[p + 5]];
  }), playground.rotation(5, 8, 10000)])");
  for (const json& at : seen[2]) {
    EXPECT_EQ(at[1], seen[2][0][1]) << "the matrix drawn changes with p";
    for (size_t k = 0; k < 8; ++k) {
      EXPECT_EQ(at[0][k][2], at[0][k][3]);
      EXPECT_NEAR(at[0][k][3].get<double>(), at[2][k].get<double>(), 5.1e-5);
    }
  }
  EXPECT_NE(seen[2][0][0][0], seen[2][1][0][0]) << "p does not move PE(p)";
  const json matrix = seen[3];
  EXPECT_NEAR(matrix[2][2].get<double>(), std::cos(0.5), 1e-12);  // hand 1 turns by 0.1
  EXPECT_NEAR(matrix[2][3].get<double>(), std::sin(0.5), 1e-12);
  EXPECT_NEAR(matrix[3][2].get<double>(), -std::sin(0.5), 1e-12);
  EXPECT_EQ(matrix[2][4], 0);
}

TEST_F(Playground, AWordIsShownBeforeAndAfterItsPositionIsAdded) {
  const json drawn = evaluate(R"((() => {
    const pictures = [];
    for (const p of [0, 3, 3]) { move("p", p); pictures.push(document.getElementById("play-word").toDataURL()); }
    return pictures;
  })())");
  EXPECT_NE(drawn[0], drawn[1]);
  EXPECT_EQ(drawn[1], drawn[2]);
}

TEST_F(Playground, PairsOfPositionsAreAsAlikeAsTheirDistanceSays) {
  const json pairs = evaluate("playground.all_pairs({length: 30, d: 4, base: 10000})");
  for (size_t p = 0; p < 30; ++p)
    for (size_t q = 0; q < 30; ++q) {
      const double apart = static_cast<double>(p) - static_cast<double>(q);
      ASSERT_NEAR(pairs[p][q].get<double>(), (std::cos(apart) + std::cos(apart / 100)) / 2, 1e-12);
    }
}

TEST_F(Playground, AWaveTooQuickForTheScreenIsNamedAndNotDrawn) {
  // Rows of 46 pixels, 17 above and below the middle of the first at 23; 14 above it no text
  // stands.
  const json seen = evaluate(R"([500, 100000].map((reach) => {
    playground.set({d: 8, reach});
    playground.draw();
    return [playground.wave_rows(), colors("play-waves", 9), colors("play-waves", 9 + 46 * 2)];
  }))");
  EXPECT_EQ(seen[0][0], json({0, 1, 2, 3}));
  EXPECT_GT(seen[0][1], 1) << "hand 0, 80 turns";
  EXPECT_EQ(seen[1][1], 1) << "hand 0, 15915 turns";
  EXPECT_EQ(seen[1][2], 1) << "hand 2, 159 turns at 6.9 pixels";
}

TEST_F(Playground, FitsTheScreenInLightAndDarkAndEverySliderIsNamed) {
  for (const int width : {390, 1400})
    for (const bool dark : {false, true}) {
      const json seen = evaluate(R"({
        beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        unnamed: [...document.querySelectorAll("#play input[type=range]")].filter((i) => !i.labels.length).length,
        sliders: document.querySelectorAll("#play input[type=range]").length,
        empty: [...document.querySelectorAll("#play canvas")].filter((canvas) => {
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          return !canvas.ariaLabel || !data.some((value) => value);
        }).map((canvas) => canvas.id),
        wide: [...document.querySelectorAll("#play canvas")].filter((canvas) => canvas.clientWidth < 200).length,
        ground: getComputedStyle(document.querySelector("#play .controls")).backgroundColor})",
                                 {.dark = dark, .width = width});
      EXPECT_LE(seen["beyond"], 0) << width;
      EXPECT_EQ(seen["unnamed"], 0);
      EXPECT_EQ(seen["sliders"], 6);
      EXPECT_EQ(seen["empty"], json::array());
      EXPECT_EQ(seen["wide"], 0);
      EXPECT_EQ(seen["ground"], dark ? "rgb(21, 24, 30)" : "rgb(255, 255, 255)");
    }
}

TEST_F(Playground, APositionStaysWithinTheLength) {
  const json seen = evaluate(R"([move("length", 100), move("p", 90), move("length", 20),
    playground.state.p, document.getElementById("play-p").max])");
  EXPECT_EQ(seen[3], 19);
  EXPECT_EQ(seen[4], "19");
}

}  // namespace
}  // namespace walk_through
