#include <sstream>

#include <gtest/gtest.h>
#include <rill/rill.h>

namespace rill::testing {
namespace {

std::string printed(const nn::Module& module) {
  std::ostringstream out;
  out << module;
  return out.str();
}

TEST(PrintModule, ALayerShowsItsSettingsAsInPyTorch) {
  EXPECT_EQ(printed(nn::Linear(2, 3)), "Linear(in_features=2, out_features=3, bias=True)");
  EXPECT_EQ(printed(nn::Linear(2, 3, {.bias = false})),
            "Linear(in_features=2, out_features=3, bias=False)");
  EXPECT_EQ(printed(nn::Linear(ones({3, 2}))), "Linear(in_features=2, out_features=3, bias=False)");
  EXPECT_EQ(printed(nn::LayerNorm(5)),
            "LayerNorm((5,), eps=1e-05, elementwise_affine=True, bias=True)");
  EXPECT_EQ(printed(nn::LayerNorm({5, 3}, {.eps = 1e-3, .bias = false})),
            "LayerNorm((5, 3), eps=0.001, elementwise_affine=True, bias=False)");
  EXPECT_EQ(printed(nn::RMSNorm(4)), "RMSNorm((4,), eps=None, elementwise_affine=True)");
  EXPECT_EQ(printed(nn::Embedding(10, 3)), "Embedding(10, 3)");
  EXPECT_EQ(printed(nn::Embedding(10, 3, {.padding_idx = -1})), "Embedding(10, 3, padding_idx=9)");
  EXPECT_EQ(printed(nn::Dropout(0.1)), "Dropout(p=0.1)");
  EXPECT_EQ(printed(nn::GELU()), "GELU(approximate='none')");
  EXPECT_EQ(printed(nn::GELU("tanh")), "GELU(approximate='tanh')");
  EXPECT_EQ(printed(nn::LeakyReLU()), "LeakyReLU(negative_slope=0.01)");
  EXPECT_EQ(printed(nn::Softplus()), "Softplus(beta=1.0, threshold=20.0)");
  EXPECT_EQ(printed(nn::Softmax(-1)), "Softmax(dim=-1)");
  EXPECT_EQ(printed(nn::LogSoftmax(1)), "LogSoftmax(dim=1)");
  EXPECT_EQ(printed(nn::Flatten()), "Flatten(start_dim=1, end_dim=-1)");
  EXPECT_EQ(printed(nn::Tanh()), "Tanh()");
  EXPECT_EQ(printed(nn::Sequential()), "Sequential()");
}

TEST(PrintModule, AnEncodingShowsItsSettings) {
  EXPECT_EQ(printed(nn::RotaryEncoding()), "RotaryEncoding(dim=None, base=10000.0)");
  EXPECT_EQ(printed(nn::RotaryEncoding({.dim = 4})), "RotaryEncoding(dim=4, base=10000.0)");
  EXPECT_EQ(printed(nn::ALiBi(8)), "ALiBi(8)");
  EXPECT_EQ(printed(nn::SegmentEmbedding(16)), "SegmentEmbedding(16, num_segments=2)");
  EXPECT_EQ(printed(nn::RelativePositionBias(2)),
            "RelativePositionBias(2, num_buckets=32, max_distance=128, bidirectional=True)");
  EXPECT_EQ(printed(nn::LearnedPositionalEncoding(8, {.max_len = 6})),
            "LearnedPositionalEncoding(\n"
            "  8, max_len=6\n"
            "  (dropout): Dropout(p=0.1)\n"
            ")");
  EXPECT_EQ(printed(nn::PositionalEncoding(4, {.max_len = 9})),
            "PositionalEncoding(\n"
            "  4, max_len=9, base=10000.0\n"
            "  (dropout): Dropout(p=0.1)\n"
            ")");
}

TEST(PrintModule, ATreeIsIndentedAndEachBracketClosed) {
  const nn::Sequential net{nn::Linear(1, 2), nn::Sequential{nn::ReLU(), nn::Tanh()},
                           nn::PositionalEncoding(2, {.max_len = 9}), nn::Tanh()};
  EXPECT_EQ(printed(net),
            "Sequential(\n"
            "  (0): Linear(in_features=1, out_features=2, bias=True)\n"
            "  (1): Sequential(\n"
            "    (0): ReLU()\n"
            "    (1): Tanh()\n"
            "  )\n"
            "  (2): PositionalEncoding(\n"
            "    2, max_len=9, base=10000.0\n"
            "    (dropout): Dropout(p=0.1)\n"
            "  )\n"
            "  (3): Tanh()\n"
            ")");
}

TEST(PrintModule, APartPrintsAsIfItStoodAlone) {
  const nn::Sequential net{nn::Sequential{nn::Sequential{nn::Tanh(), nn::ReLU()}, nn::Tanh()},
                           nn::Tanh()};
  EXPECT_EQ(printed(net.children()[0]),
            "Sequential(\n"
            "  (0): Sequential(\n"
            "    (0): Tanh()\n"
            "    (1): ReLU()\n"
            "  )\n"
            "  (1): Tanh()\n"
            ")");
}

TEST(PrintModule, ALayerOfOnesOwnSaysWhatItIsTold) {
  class Scaled final : public nn::Layer<Scaled> {
   public:
    explicit Scaled(int width) {
      set_extra_repr({{"width", width}, {"scale", 2.5}, {"init", "'ones'"}});
    }
    Tensor forward(const Tensor& x) const { return x; }
  };
  EXPECT_EQ(printed(Scaled(3)), "Scaled(width=3, scale=2.5, init='ones')");
}

}  // namespace
}  // namespace rill::testing
