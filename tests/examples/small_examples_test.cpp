#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <sstream>

#include <rill/core/detail/system_memory.h>

#include "examples/support/wrapper.h"
#include "run_program.h"
#include "test_paths.h"

namespace {

using rill::testing::Outcome;
using rill::testing::read_file;
using rill::testing::run_example;
using rill::testing::temporary_folder;

/// The number behind the last `label` in `text`.
double number_after(const std::string& text, const std::string& label) {
  const size_t at = text.rfind(label);
  EXPECT_NE(at, std::string::npos) << "no '" << label << "' in: " << text;
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + label.size());
}

TEST(Examples, FirstTensorShowsAViewThatSharesMemory) {
  const Outcome run = run_example("01_tensor");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.output.find("tensor([[-1.,  2.,  3.],\n        [-1.,  5.,  6.]])"),
            std::string::npos);
  EXPECT_NE(run.output.find("cannot multiply [2, 3] by [2, 3]"), std::string::npos);
}

/// `steps` stand in `text`, each behind the one before.
void expect_in_order(const std::string& text, const std::vector<std::string>& steps) {
  size_t at = 0;
  for (const std::string& step : steps) {
    at = text.find(step, at);
    ASSERT_NE(at, std::string::npos) << step << " is missing, or comes too early, in: " << text;
    at += step.size();
  }
}

// Numbers by PyTorch 2.13.
TEST(Examples, TheEngineOnAPageFindsTheGradientsOfPyTorchAndRill) {
  const Outcome run = run_example("00_backward");
  EXPECT_EQ(run.exit_code, 0) << run.output;
  for (const std::string gradient :
       {"x: 0.1491", "w: 1.2317", "b: 0.2983",
        "x: [[-0.4175,  0.1099], [-0.4958,  0.5663], [-0.9391,  0.2368]]",
        "w: [[ 2.0671, -0.2724], [ 0.2499,  4.0062]]", "b: [3.4000, 2.0524]"}) {
    const std::string number = gradient.substr(3);
    EXPECT_NE(run.output.find("\n" + gradient + " equals rill's " + number + "\n"),
              std::string::npos)
        << gradient << run.output;
  }
}

TEST(Examples, TheEngineOnAPageTellsEachStep) {
  const std::string told = run_example("00_backward").output;
  expect_in_order(
      told,
      {"x·w = 1.\n", "tanh(x·w + b)·w = 0.3176\n", "gradient of tanh(x·w + b)·w = 1.\n",
       "  w += dout · a = 0.6351\n", "gradient of x·w = 0.2983\n", "  w += dout · a = 0.5966\n",
       "gradient of w = 1.2317\n", "relu(tanh(x·w + b)·w + b) = [[0.2359, 0.0000]",
       "  b += Σ dout, in b's shape = [3., 0.]\n", "gradient of b = [3.4000, 2.0524]\n"});
}

TEST(Examples, TheEngineOnAPageFitsOnIt) {
  const std::string page = read_file(RILL_SOURCE_DIR "/examples/00_backward.cpp");
  EXPECT_LE(std::count(page.begin(), page.end(), '\n'), 100);
}

TEST(Examples, FirstGradientIsTheFormula) {
  const Outcome run = run_example("02_gradient --out-dir " + temporary_folder());
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.output.find("\ngradient of weight: [[-14., -20.]]\n"), std::string::npos);
  EXPECT_NE(run.output.find("\n2 (x·Wᵀ + b)ᵀ·x:    [[-14., -20.]]\n"), std::string::npos);
}

// By hand, with x = [[1, 2], [3, 4]], W = [[0.5, -1]] and b = [0.5].
TEST(Examples, FirstGradientTellsNamesShapesAndNumbersOfEachStep) {
  const Outcome run = run_example("02_gradient --out-dir " + temporary_folder());
  expect_in_order(
      run.output,
      {"x [2, 2] = [[1., 2.], [3., 4.]]\n", "weight [1, 2] = [[ 0.5000, -1.0000]]\n",
       "bias [1] = [0.5000]\n", "h [2, 1] = linear(x, weight, bias) = [[-1.], [-2.]]\n",
       "squares [2, 1] = pow(h) = [[1.], [4.]]\n", "y [] = sum(squares) = 5.\n",
       "gradient of y [] = 1.\n", "  squares [2, 1] += dout, for each element = [[1.], [1.]]\n",
       "gradient of squares [2, 1] = [[1.], [1.]]\n", "gradient of h [2, 1] = [[-2.], [-4.]]\n",
       "  weight [1, 2] += doutᵀ · x, over all rows of the batch = [[-14., -20.]]\n",
       "  bias [1] += Σ dout over the batch = [-6.]\n"});
}

/// Whether pages of traces can be written here.
bool has_graphviz() { return std::system("dot -V >/dev/null 2>&1") == 0; }

TEST(Examples, FirstGradientAndFlowWritePagesToWatch) {
  if (!has_graphviz())
    GTEST_SKIP() << "Graphviz is not installed (Debian: apt-get install graphviz)";
  const std::string folder = temporary_folder();
  const Outcome first = run_example("02_gradient --out-dir " + folder);
  EXPECT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_NE(read_file(folder + "/gradient.html").find("y = Σ (x·Wᵀ + b)²"), std::string::npos);
  const Outcome flow = run_example("09_flow --out-dir " + folder + "/new");
  EXPECT_EQ(flow.exit_code, 0) << flow.errors;
  EXPECT_NE(flow.output.find("watch it in " + folder + "/new/flow.html"), std::string::npos);
  EXPECT_NE(read_file(folder + "/new/flow.html").find("blocks.1"), std::string::npos);
}

TEST(Examples, LinearRegressionFindsTheLine) {
  const Outcome run = run_example("03_linear_regression");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  std::smatch found;
  const std::regex last("step 100  loss ([0-9.]+)  y = ([+-][0-9.]+) x ([+-][0-9.]+)");
  ASSERT_TRUE(std::regex_search(run.output, found, last)) << run.output;
  EXPECT_LT(std::stod(found[1]), 0.06);
  EXPECT_NEAR(std::stod(found[2]), 3, 0.1);
  EXPECT_NEAR(std::stod(found[3]), -1, 0.1);
}

TEST(Examples, TwoMoonsAreToldApart) {
  const Outcome run = run_example("04_two_moons --out-dir " + temporary_folder());
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_GT(number_after(run.output, "has not seen: "), 97);
}

TEST(Examples, OwnOpIsCheckedAndItsSlipFound) {
  const Outcome run = run_example("05_own_op");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.output.find("softsign: passed"), std::string::npos);
  EXPECT_NE(run.output.find("wrong_softsign"), std::string::npos);
  EXPECT_NE(run.output.find("dout / (1 + |x|)"), std::string::npos);
}

TEST(Examples, OwnLayerLearnsAndIsNamedInErrors) {
  const Outcome run = run_example("06_own_layer");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_LT(number_after(run.output, "step 500  loss "), 0.01);
  EXPECT_TRUE(std::regex_search(run.output, std::regex("hidden\\.value: linear: "))) << run.output;
}

TEST(Examples, OwnEncodingIsCheckedAndLearnsTheDistance) {
  const Outcome run = run_example("07_own_encoding --out-dir " + temporary_folder());
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_LT(number_after(run.output, "step 300  loss "), 0.1);  // of ln 8 = 2.08 at first
  EXPECT_EQ(number_after(run.output, "the token at distance "), 3);
  EXPECT_NE(run.output.find("check_encoding: Forgetful: offset: "), std::string::npos);
}

TEST(RunScript, ListsEachExampleWithALine) {
  const Outcome run = rill::testing::run_command(RILL_SOURCE_DIR "/examples/run --list");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  int64_t programs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RILL_SOURCE_DIR "/examples"))
    programs += entry.path().extension() == ".cpp" || exists(entry.path() / "main.cpp");
  int64_t named = 0;
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(examples::columns_of(line), 80) << line;
    named += !line.starts_with(' ');
  }
  EXPECT_EQ(named, programs) << run.output;
  EXPECT_NE(run.output.find("05_own_op              an op of your own"), std::string::npos);
  EXPECT_NE(run.output.find("\ntiny_transformer       "), std::string::npos);
  EXPECT_EQ(run.output.find("Next:"), std::string::npos);
}

TEST(RunScript, HelpSaysThatThereAreOtherExamples) {
  for (const char* flag : {"--help", "-h"}) {
    const Outcome run =
        rill::testing::run_command(std::string(RILL_SOURCE_DIR "/examples/run ") + flag);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    for (const char* part : {"examples/run --list", "examples/run NAME --help", "tiny_transformer"})
      EXPECT_NE(run.output.find(part), std::string::npos) << run.output;
    std::istringstream lines(run.output);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(RunScript, RefusesAnExampleThatIsNotThere) {
  const Outcome run = rill::testing::run_command(RILL_SOURCE_DIR "/examples/run nonsense");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find("'nonsense'"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("tiny_transformer"), std::string::npos);
}

TEST(Examples, AdderAddsWhatItHasNeverSeen) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const Outcome run = run_example("08_adder");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(run.errors, "");
  EXPECT_GE(number_after(run.output, "never seen: "), 99);
  EXPECT_TRUE(std::regex_search(run.output, std::regex("[0-9]{2} \\+ [0-9]{2} = [0-9]{3}")));
}

TEST(Examples, SegmentsTellWhoseCardWins) {
  if (rill::detail::is_sanitized) GTEST_SKIP() << "trainings take minutes under the sanitizers";
  const Outcome run = run_example("segments --out-dir " + temporary_folder());
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_GT(number_after(run.output, "accuracy with segments "), 99);
  EXPECT_NEAR(number_after(run.output, "without "), 50, 4);
}

TEST(Examples, AreProfiledWhereRillProfileNamesAFile) {
  const std::string path = temporary_folder() + "/trace.json";
  const Outcome run =
      run_example("02_gradient --out-dir " + temporary_folder(), "RILL_PROFILE=" + path);
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.errors.find("linear backward"), std::string::npos) << run.errors;
  EXPECT_NE(read_file(path).find("\"traceEvents\""), std::string::npos);
}

}  // namespace
