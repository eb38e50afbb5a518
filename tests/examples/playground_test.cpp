#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "examples/walk_through/playground.h"
#include "rill/core/random.h"
#include "rill/nn/positions/positional_encoding.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace walk_through {
namespace {

using nlohmann::json;
using rill::Tensor;
using rill::testing::evaluate_in_browser;

/// Moves a slider as by hand; the numbers of a table; how many colours a line of a picture has.
const char* const helpers = R"js((() => {
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
    const copy = new OffscreenCanvas(canvas.width, 1).getContext("2d");
    copy.drawImage(canvas, 0, -Math.round(y * sharp));
    const {data} = copy.getImageData(0, 0, canvas.width, 1), found = new Set();
    for (let x = Math.round(0.4 * canvas.width); x < 0.9 * canvas.width; ++x)
      found.add(data.slice(4 * x, 4 * x + 4).join());
    return found.size;
  };
})(), )js";

/// The playground alone, as Chromium shows it.
class Playground : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  }

  static rill::inspect::Page page() {
    rill::manual_seed(3);
    const Embedder embedder({"Transformers", "are", "awesome."}, 4);
    return rill::inspect::Page("Play").section(
        playground(embedder.encode("Transformers are awesome.")));
  }

  static json evaluate(const std::string& expression) {
    const std::string path = rill::testing::temporary_folder() + "/page.html";
    page().write(path);
    return evaluate_in_browser(path, helpers + expression);
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
  rill::manual_seed(3);
  const Tensor before =
      Embedder({"Transformers", "are", "awesome."}, 4).encode("Transformers are awesome.").before;
  const json seen = evaluate(R"([move("d", 6), move("p", 5),
    (document.querySelectorAll("#play-words input")[1].click(), move("p", 9)),
    playground.word_rows().map(({name, values}) => [name, values]), playground.encodings(10, 6, 10000)[9],
    [4, 9, 9].map((p) => { move("p", p); return document.getElementById("play-word").toDataURL(); })])");
  const json rows = seen[3];
  EXPECT_EQ(rows[0][0], "are");
  EXPECT_EQ(rows[1][0], "+ PE(9)");
  EXPECT_EQ(rows[1][1], seen[4]);
  for (size_t k = 0; k < 6; ++k)
    EXPECT_EQ(rows[2][1][k].get<double>(),
              rows[0][1][k].get<double>() + rows[1][1][k].get<double>());
  for (int64_t k = 0; k < 4; ++k)  // in 4 decimals
    EXPECT_NEAR(rows[0][1][static_cast<size_t>(k)].get<double>(), before[1][k].item(), 5.1e-5);
  EXPECT_NE(seen[5][0], seen[5][1]) << "the picture does not follow p";
  EXPECT_EQ(seen[5][1], seen[5][2]);
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

/// Chromium has no narrow windows, but a frame may be.
std::string framed(const std::string& page, int width) {
  return "<!DOCTYPE html><html><body><iframe width=\"" + std::to_string(width) +
         "\" height=\"900\" style=\"border: 0\" srcdoc=\"" + rill::inspect::escape_html(page) +
         "\"></iframe></body></html>";
}

const char* const look = R"js((() => {
  const {document, innerWidth, getComputedStyle} = frames[0];
  const canvases = [...document.querySelectorAll("#play canvas")];
  const sliders = [...document.querySelectorAll("#play input[type=range]")];
  const is_empty = (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    return !copy.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value);
  };
  const right = (element) => element.getBoundingClientRect().right;
  return {width: innerWidth,
          beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          outside: canvases.concat(sliders).filter((element) => right(element) > innerWidth).map(({id}) => id),
          unnamed: sliders.filter((slider) => !slider.labels.length).length, sliders: sliders.length,
          empty: canvases.filter((canvas) => is_empty(canvas) || !canvas.ariaLabel).map(({id}) => id),
          ground: getComputedStyle(document.querySelector("#play .controls")).backgroundColor};
})())js";

TEST_F(Playground, FitsTheScreenInLightAndDarkAndEverySliderIsNamed) {
  for (const int width : {390, 1400})
    for (const bool dark : {false, true}) {
      const std::string path = rill::testing::temporary_folder() + "/frame.html";
      rill::testing::write_file(path, framed(page().html(), width));
      const json seen = evaluate_in_browser(path, look, {.dark = dark, .width = 1500});
      EXPECT_EQ(seen["width"], width);
      EXPECT_LE(seen["beyond"], 0) << width;
      EXPECT_EQ(seen["outside"], json::array()) << width;
      EXPECT_EQ(seen["unnamed"], 0);
      EXPECT_EQ(seen["sliders"], 6);
      EXPECT_EQ(seen["empty"], json::array());
      EXPECT_EQ(seen["ground"], dark ? "rgb(21, 24, 30)" : "rgb(255, 255, 255)");
    }
}

/// "rgb(28, 79, 156)" of "#1c4f9c".
std::string as_css(const std::string& hex) {
  std::string text = "rgb(";
  for (const size_t at : {1, 3, 5})
    text += std::to_string(std::stoi(hex.substr(at, 2), nullptr, 16)) + (at == 5 ? ")" : ", ");
  return text;
}

TEST_F(Playground, HasTheColoursOfHeatMaps) {
  const std::string path = rill::testing::temporary_folder() + "/page.html";
  page().write(path);
  for (const bool dark : {false, true}) {
    const json theme = json::parse(rill::inspect::chart_theme(dark));
    const json& scheme = theme["range"]["diverging"]["scheme"];
    const json seen = evaluate_in_browser(path, R"(["low", "none", "high"].map(
        (name) => getComputedStyle(document.querySelector(`#play .${name}`)).backgroundColor))",
                                          {.dark = dark});
    for (const size_t i : {0, 1, 2}) EXPECT_EQ(seen[i], as_css(scheme[2 * i])) << dark;
  }
}

TEST_F(Playground, RunsByItselfAndStopsAtAWholePosition) {
  const json seen = evaluate(R"((async () => {
    const button = document.getElementById("play-run"), begin = playground.state.p;
    const wait = (time) => new Promise((done) => setTimeout(done, time));
    button.click();
    for (let i = 0; i < 200 && playground.state.p < begin + 1.3; ++i) await wait(40);
    const pressed = button.getAttribute("aria-pressed");
    button.click();
    const stopped = playground.state.p;
    await wait(300);
    return {begin, stopped, later: playground.state.p, pressed, now: button.getAttribute("aria-pressed")};
  })())");
  EXPECT_GT(seen["stopped"].get<double>(), seen["begin"].get<double>());
  EXPECT_EQ(seen["stopped"], seen["later"]);
  EXPECT_EQ(seen["stopped"].get<double>(), std::round(seen["stopped"].get<double>()));
  EXPECT_EQ(seen["pressed"], "true");
  EXPECT_EQ(seen["now"], "false");
}

TEST_F(Playground, APositionStaysWithinTheLength) {
  const json seen = evaluate(R"([move("length", 100), move("p", 90), move("length", 20),
    playground.state.p, document.getElementById("play-p").max])");
  EXPECT_EQ(seen[3], 19);
  EXPECT_EQ(seen[4], "19");
}

}  // namespace
}  // namespace walk_through
