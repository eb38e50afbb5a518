#include <rill/core/autograd.h>
#include <rill/core/inspect/graph.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/ops.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::inspect {
namespace {

TEST(Graph, HasEachOpOnceWithTheFormulasOnItsEdges) {
  const Tensor x = scalar(2).requires_grad_();
  const Tensor squared = x * x;
  const Graph found = graph(exp(squared) + squared, {{"x", x}});

  ASSERT_EQ(found.vertices.size(), 4U);
  EXPECT_EQ(found.vertices[0].name, "x");
  EXPECT_TRUE(found.vertices[0].is_leaf);
  EXPECT_EQ(found.vertices[1].name, "mul");
  EXPECT_EQ(found.vertices[3].name, "add");
  ASSERT_EQ(found.edges.size(), 5U);
  EXPECT_EQ(found.edges[2].from, 1);
  EXPECT_EQ(found.edges[2].to, 2);
  EXPECT_EQ(found.edges[2].formula, "dout · out");
}

std::vector<std::string> formulas_of(const Tensor& loss) {
  std::vector<std::string> found;
  for (const Graph::Edge& edge : graph(loss).edges) found.push_back(edge.formula);
  return found;
}

TEST(Graph, SaysWhereABroadcastIsSummed) {
  const Tensor x = ones({4, 3}).requires_grad_(), b = ones({3}).requires_grad_();
  EXPECT_EQ(formulas_of(x + b),
            (std::vector<std::string>{"dout", "dout, summed over the broadcast"}));
  EXPECT_EQ(formulas_of(x * x), (std::vector<std::string>{"dout · b", "dout · a"}));
  EXPECT_EQ(formulas_of(b / x),
            (std::vector<std::string>{"dout / b, summed over the broadcast", "−dout · out / b"}));
}

TEST(Graph, SaysWhereTheBatchOfAProductIsSummed) {
  const Tensor a = ones({2, 4, 3}).requires_grad_(), b = ones({3, 5}).requires_grad_();
  EXPECT_EQ(formulas_of(matmul(a, b)),
            (std::vector<std::string>{"dout · bᵀ", "aᵀ · dout, summed over the broadcast"}));
  const Tensor c = ones({4, 3}).requires_grad_();
  EXPECT_EQ(formulas_of(matmul(c, b)), (std::vector<std::string>{"dout · bᵀ", "aᵀ · dout"}));
}

TEST(Graph, WritesDot) {
  Graph small{.vertices = {{"w \"1\"", "[2]", "", true}, {"matmul", "[3]", "blocks.0"}},
              .edges = {{0, 1, "dout · bᵀ"}}};

  EXPECT_EQ(small.dot(),
            "digraph {\n  node [shape=box];\n"
            "  n0 [label=\"w \\\"1\\\"\\n[2]\", shape=ellipse];\n"
            "  subgraph cluster0 { label=\"blocks\";\n"
            "    subgraph cluster1 { label=\"0\";\n"
            "      n1 [label=\"matmul\\n[3]\"];\n"
            "    }\n  }\n"
            "  n0 -> n1 [label=\"dout · bᵀ\"];\n}\n");
}

TEST(Graph, WritesMermaid) {
  Graph small{.vertices = {{"w", "[2]", "", true}, {"exp", "[2]", "body"}}, .edges = {{0, 1}}};

  EXPECT_EQ(small.mermaid(),
            "flowchart TD\n  n0([\"w [2]\"])\n  subgraph m0 [\"body\"]\n    n1[\"exp [2]\"]\n"
            "  end\n  n0 --> n1\n");
}

class GraphFile : public testing::OwnFolder {};

TEST_F(GraphFile, IsTakenByTheProgramDot) {
  if (std::system("dot -V 2>/dev/null") != 0) GTEST_SKIP() << "there is no dot (graphviz)";
  const Tensor x = scalar(2).requires_grad_();
  std::ofstream(path("g.dot")) << graph(exp(x * x) + x).dot();

  EXPECT_EQ(std::system(("dot -Tsvg " + path("g.dot") + " > " + path("g.svg")).c_str()), 0);
}

TEST(Graph, OfATraceShowsInputsThatWantNoGradientToo) {
  const Tensor x = ones({2}), w = ones({2}).requires_grad_();
  Trace trace;
  trace.name({{"w", w}});
  {
    const ObserverGuard watching(trace);
    (x * w).sum().backward();
  }
  const Graph found = graph(trace);

  ASSERT_EQ(found.vertices.size(), 4U);
  EXPECT_EQ(found.vertices[0].name, "input");
  EXPECT_EQ(found.vertices[1].name, "w");
  EXPECT_EQ(found.vertices[2].name, "mul");
  EXPECT_EQ(found.edges[0].formula, "");
  EXPECT_NE(found.edges[1].formula, "");
}

TEST(Graph, OfThousandsOfOpsHasEachOnce) {
  Tensor h = scalar(1).requires_grad_();
  for (int i = 0; i < 3000; ++i) h = h + h;

  const std::string dot = graph(h).dot();

  EXPECT_EQ(std::ranges::count(dot, '\n'), 2 + 3001 + 6000 + 1);
}

}  // namespace
}  // namespace rill::inspect
