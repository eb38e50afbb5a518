#include <algorithm>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "test_paths.h"
#include "tests/support/text_of.h"

// What README and CONTRIBUTING name is there.

namespace {

using rill::testing::text_of;

std::set<std::string> matches_of(const std::regex& pattern, const std::string& text) {
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    found.insert((*match)[1]);
  return found;
}

/// What is no code: `heads["a"](x)` is no link.
std::string prose_of(const std::string& text) {
  return std::regex_replace(text, std::regex("`[^`\n]*`"), "");
}

/// `core/ops.h`, `examples/run --list`, `<rill/core/tensor.h>` and [text](LICENSE).
std::set<std::string> paths_in(const std::string& document) {
  const std::string text = text_of(RILL_SOURCE_DIR "/" + document);
  std::set<std::string> paths =
      matches_of(std::regex("`(?:#include )?(?:<rill/)?"
                            "((?:\\.ci|cmake|core|examples|nn|optim|tests)/[A-Za-z0-9_./]*)"),
                 text);
  paths.merge(matches_of(std::regex("\\]\\(([A-Za-z0-9_./]+)\\)"), prose_of(text)));
  return paths;
}

class Document : public ::testing::TestWithParam<const char*> {};

TEST_P(Document, NamesPathsThatExist) {
  const std::set<std::string> paths = paths_in(GetParam());
  EXPECT_GE(paths.size(), 10u);
  for (const std::string& path : paths) {
    if (path.find("...") != std::string::npos) continue;
    EXPECT_TRUE(std::filesystem::exists(RILL_SOURCE_DIR "/" + path)) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Documents, Document, ::testing::Values("README.md", "CONTRIBUTING.md"));

/// Those of README's list "Read it to the bottom", in order.
std::vector<std::string> path_of_the_learner() {
  const std::string text = text_of(RILL_SOURCE_DIR "/README.md");
  const size_t begin = text.find("## Read it to the bottom"), end = text.find("\n## ", begin + 1);
  const std::string part = text.substr(begin, end - begin);
  const std::regex entry("\n[0-9]\\. \\[`([^`]+)`\\]");
  std::vector<std::string> files;
  for (std::sregex_iterator match(part.begin(), part.end(), entry), last; match != last; ++match)
    files.push_back((*match)[1]);
  return files;
}

std::string source(const std::string& path) { return text_of(RILL_SOURCE_DIR "/" + path); }

/// The comments of a source, in one.
std::string comments_of(const std::string& path) {
  const std::string text = source(path);
  const std::regex comment("//([^\n]*)");
  std::string comments;
  for (std::sregex_iterator match(text.begin(), text.end(), comment), end; match != end; ++match)
    comments += (*match)[1].str() + "\n";
  return comments;
}

TEST(Readme, EachFileOfTheLearnersPathNamesTheNext) {
  const std::vector<std::string> files = path_of_the_learner();
  ASSERT_EQ(files.size(), 7u);
  for (size_t i = 0; i + 1 < files.size(); ++i)
    EXPECT_NE(comments_of(files[i]).find(files[i + 1]), std::string::npos)
        << files[i] << " does not lead to " << files[i + 1];
}

/// What one file of the path uses, and the next defines.
struct Step {
  std::string from, use, to, definition;
};

TEST(Readme, TheLearnersPathGoesFromEachCallToItsDefinition) {
  const std::vector<std::string> files = path_of_the_learner();
  const auto has = [](const std::string& path, const std::string& code) {
    EXPECT_NE(source(path).find(code), std::string::npos) << path << " has no " << code;
  };
  for (const auto& [from, use, to, definition] : std::vector<Step>{
           {"examples/02_gradient.cpp", "h = layer(x)", "nn/linear.cpp", "Tensor Linear::forward("},
           {"nn/linear.cpp", "return linear(x, ", "core/ops/linear.cpp", "\nTensor linear(const"},
           {"core/autograd.cpp", "Backward walk(", "core/backward.h", "\nstruct Backward {"},
           {"core/kernels/gemm.cpp", "return plain_gemm(", files.back(), "\nvoid plain_gemm("}}) {
    has(from, use);
    has(to, definition);
    EXPECT_EQ(std::count(files.begin(), files.end(), to), 1) << to;
  }
  has("examples/02_gradient.cpp", "y.backward()");
  has("core/autograd.cpp", "void Tensor::backward(");
  has(files.back(), "sum += a * b;");
}

TEST(Lessons, LinkToFilesThatExist) {
  namespace fs = std::filesystem;
  int lessons = 0;
  for (const auto& file : fs::recursive_directory_iterator(RILL_SOURCE_DIR "/examples")) {
    if (file.path().extension() != ".md") continue;
    ++lessons;
    for (const std::string& path :
         matches_of(std::regex("\\]\\(([A-Za-z0-9_./]+)\\)"), text_of(file.path())))
      EXPECT_TRUE(fs::exists(file.path().parent_path() / path)) << file.path() << ": " << path;
  }
  EXPECT_GE(lessons, 4);
}

TEST(RillHeader, IncludesWhatIsPublicAndNothingElse) {
  const std::set<std::string> headers =
      matches_of(std::regex("#include <rill/([^>]*)>"), text_of(RILL_INCLUDE_DIR "/rill.h"));
  for (const char* header :
       {"core/autograd.h", "core/inspect/anomaly.h", "nn/rms_norm.h", "optim/adamw.h", "version.h"})
    EXPECT_TRUE(headers.contains(header)) << header;
  for (const std::string& header : headers) {
    EXPECT_EQ(header.find("kernels/"), std::string::npos) << header;
    EXPECT_EQ(header.find("detail/"), std::string::npos) << header;
  }
}

TEST(RillHeader, BringsNothingThatTakesLongToCompile) {
  for (const std::string& header :
       matches_of(std::regex("#include <rill/([^>]*)>"), text_of(RILL_INCLUDE_DIR "/rill.h"))) {
    const std::string text = text_of(RILL_INCLUDE_DIR "/" + header);
    ASSERT_FALSE(text.empty()) << header;
    for (const char* heavy : {"<iostream>", "<regex>", "<spdlog/", "<nlohmann/"})
      EXPECT_EQ(text.find(std::string("#include ") + heavy), std::string::npos)
          << header << " includes " << heavy << ": leave that to a source, or put the header into "
          << "a folder detail where only rill's sources need it";
  }
}

}  // namespace
