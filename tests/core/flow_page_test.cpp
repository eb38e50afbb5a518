#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include <rill/core/autograd.h>
#include <rill/core/inspect/detail/base64.h>
#include <rill/core/inspect/detail/flow_graph.h>
#include <rill/core/inspect/detail/flow_layout.h>
#include <rill/core/inspect/detail/run_program.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::inspect {
namespace {

using nlohmann::json;
using testing::expect_error;
using Kind = detail::FlowNode::Kind;

bool has_dot() { return std::system("command -v dot >/dev/null 2>&1") == 0; }
const char* const no_dot = "Graphviz is not installed (Debian: apt-get install graphviz)";

/// y = tanh(a·b + a) with a = 2, b = −0.4.
Trace scalar_trace() {
  const Tensor a = tensor(2.0).to(float64).requires_grad_(),
               b = tensor(-0.4).to(float64).requires_grad_();
  Trace trace;
  trace.name({{"a", a}, {"b", b}});
  const ObserverGuard watching(trace);
  (a * b + a).tanh().backward();
  return trace;
}

json data_of(const std::string& html) {
  const std::string begin = "id=\"flow-data\">";
  const size_t from = html.find(begin) + begin.size();
  return json::parse(html.substr(from, html.find("</script>", from) - from));
}

std::vector<std::string> labels_of(const detail::FlowBox& box, Kind kind) {
  std::vector<std::string> labels;
  for (const detail::FlowNode& node : box.nodes)
    if (node.kind == kind) labels.push_back(node.label);
  return labels;
}

/// Takes PATH away, so that no program is found.
class WithoutPrograms {
 public:
  WithoutPrograms() : path_(std::getenv("PATH")) { setenv("PATH", "/no/such/folder", 1); }
  ~WithoutPrograms() { setenv("PATH", path_.c_str(), 1); }

 private:
  const std::string path_;
};

using FlowPageFile = testing::OwnFolder;

TEST(Base64, IsThatOfTheStandard) {
  const auto text = [](const std::string& s) {
    return detail::base64({reinterpret_cast<const unsigned char*>(s.data()), s.size()});
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("f"), "Zg==");
  EXPECT_EQ(text("fo"), "Zm8=");
  EXPECT_EQ(text("foo"), "Zm9v");
  EXPECT_EQ(text("foobar"), "Zm9vYmFy");
  EXPECT_EQ(text("\xff\xfe\xfb"), "//77");
}

TEST(RunProgram, GivesInputAndTakesOutput) {
  const std::string input(200000, 'x');
  EXPECT_EQ(detail::run_program({"cat"}, input, ""), input);
}

TEST(RunProgram, TellsWhatIsMissingAndWhatFails) {
  expect_error<Error>([] { detail::run_program({"no-such-program"}, "", "install it"); },
                      {"install it"});
  expect_error<Error>([] { detail::run_program({"false"}, "", ""); }, {"false", "failed", "1"});
}

TEST(FlowGraph, OpsStandInTheWholeWithEdgesFromWhatTheyTake) {
  const detail::FlowGraph graph = detail::flow_graph(scalar_trace(), false);
  ASSERT_EQ(graph.boxes.size(), 1u);
  EXPECT_EQ(labels_of(graph.boxes[0], Kind::op), (std::vector<std::string>{"mul", "add", "tanh"}));
  EXPECT_EQ(labels_of(graph.boxes[0], Kind::value), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(graph.boxes[0].edges.size(), 5u);
}

TEST(FlowGraph, ViewsAreLeftOutUnlessWanted) {
  const Tensor w = zeros({2, 3}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    w.T().reshape({6}).sum().backward();
  }
  EXPECT_EQ(labels_of(detail::flow_graph(trace, false).boxes[0], Kind::op),
            (std::vector<std::string>{"sum"}));
  EXPECT_EQ(labels_of(detail::flow_graph(trace, true).boxes[0], Kind::op).size(), 3u);
}

TEST(FlowGraph, AnOpMadeOfOthersIsABoxWithPorts) {
  const Tensor logits = zeros({2, 3}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    cross_entropy(logits * 1, tensor({0, 1})).backward();
  }
  const detail::FlowGraph graph = detail::flow_graph(trace, false);
  ASSERT_EQ(graph.boxes.size(), 2u);
  EXPECT_EQ(graph.boxes[1].label, "cross_entropy");
  EXPECT_EQ(labels_of(graph.boxes[1], Kind::enters).size(), 3u);
  EXPECT_EQ(labels_of(graph.boxes[0], Kind::box).size(), 1u);
}

TEST(FlowLayout, BoxesThatLookTheSameAreTheSameText) {
  detail::FlowBox box, other;
  box.nodes = {{Kind::op, 0, "add", "", 72, 40}, {Kind::op, 1, "mul", "", 72, 40}};
  other.nodes = {{Kind::op, 5, "sub", "", 72, 40}, {Kind::op, 6, "div", "", 72, 40}};
  box.edges = {{0, 1, {0}}};
  other.edges = {{0, 1, {9}}};
  EXPECT_EQ(detail::dot_of(box), detail::dot_of(other));
  other.edges.push_back({1, 0, {9}});
  EXPECT_NE(detail::dot_of(box), detail::dot_of(other));
}

TEST(FlowLayout, WhatComesLaterStandsLowerAndEdgesEndAtTheirNodes) {
  if (!has_dot()) GTEST_SKIP() << no_dot;
  detail::FlowBox box;
  for (int i = 0; i < 3; ++i) box.nodes.push_back({Kind::op, i, "", "", 72, 40});
  box.edges = {{1, 2, {0}}, {0, 1, {0}}, {0, 2, {0}}};
  const std::vector<detail::FlowLayout> layouts =
      detail::lay_out({detail::dot_of(box), detail::dot_of(box)});
  ASSERT_EQ(layouts.size(), 2u);
  const auto& [width, height, nodes, edges] = layouts[1];
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_LT(nodes[0].y, nodes[1].y);
  EXPECT_LT(nodes[1].y, nodes[2].y);
  ASSERT_EQ(edges.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(edges[i].front().y, nodes[box.edges[i].from].y + 20, 2) << i;
    EXPECT_NEAR(edges[i].back().y, nodes[box.edges[i].to].y - 20, 2) << i;
    EXPECT_EQ(edges[i].size() % 3, 1u);
  }
}

TEST_F(FlowPageFile, HoldsOpsRowsAndTermsOfTheRun) {
  if (!has_dot()) GTEST_SKIP() << no_dot;
  const Trace trace = scalar_trace();
  trace.page("a < b").write(path("flow.html"));
  const std::string html = text_of("flow.html");
  EXPECT_NE(html.find("<title>a &lt; b</title>"), std::string::npos);
  EXPECT_EQ(html.find("src="), std::string::npos);
  const json data = data_of(html)["trace"];
  ASSERT_EQ(data["ops"].size(), 3u);
  EXPECT_EQ(data["ops"][2]["name"], "tanh");
  EXPECT_EQ(data["ops"][2]["rows"][0]["formula"], trace.ops()[2].rows[0].formula);
  EXPECT_EQ(data["passes"], json({2, 1, 0}));
  EXPECT_EQ(data["terms"].size(), 5u);  // two rows of mul and add, one of tanh
}

TEST_F(FlowPageFile, ShowsTensorsThatAreTheSameOnce) {
  const Tensor x = ones({3}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    (x.neg().neg().neg().neg()).sum().backward();
  }
  if (!has_dot()) GTEST_SKIP() << no_dot;
  // ones, minus ones and the two scalars 3 and 1
  EXPECT_EQ(data_of(trace.page("").html())["snapshots"].size(), 4u);
}

TEST(FlowPage, OfLargeRowsHoldsSomeElementsAndTheSumOfTheOtherTerms) {
  const Tensor x = ones({8, 16}), w = ones({16, 8}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    (matmul(x, w) * arange(8).to(float32)).sum().backward();
  }
  if (!has_dot()) GTEST_SKIP() << no_dot;
  const FlowPage page(trace, "", {.all_terms = 100, .elements = 2, .terms = 3});
  const json data = data_of(page.html());
  for (const json& terms : data["trace"]["terms"])
    if (terms["op"] == 0) {
      EXPECT_EQ(terms["elements"], json({0, 7}));  // the first, and the largest
      EXPECT_EQ(terms["counts"], json({0, 3}));
      EXPECT_EQ(terms["others"], json({0, 5}));  // of 8 rows of x
    }
}

TEST(FlowPage, NamesThePackageOfDotWhereThatIsNotThere) {
  const FlowPage page = scalar_trace().page("");
  const WithoutPrograms nothing;
  expect_error<Error>([&] { (void)page.html(); }, {"dot", "graphviz", "apt-get install"});
}

TEST(FlowPage, RefusesATraceWhoseTensorsWereChangedSince) {
  const Tensor a = tensor({2.0, 3.0}).requires_grad_(), b = tensor({1.0, 1.0}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    (a * b).sum().backward();
  }
  {
    const NoGradGuard no_grad;
    a.add_(1);
  }
  expect_error<AutogradError>([&] { (void)trace.page(""); }, {"mul"});
}

}  // namespace
}  // namespace rill::inspect
