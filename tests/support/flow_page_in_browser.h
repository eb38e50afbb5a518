#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <rill/core/autograd.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "tests/support/browser.h"

namespace rill::inspect {

/// Flow pages as Chromium shows them.
class FlowPageInBrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::has_browser()) GTEST_SKIP() << testing::no_browser;
    if (std::system("command -v dot >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "Graphviz is not installed (Debian: apt-get install graphviz)";
    path_ = ::testing::TempDir() + "rill-flow-" + std::to_string(getpid()) + ".html";
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  /// What `body`, which returns something, gives.
  nlohmann::json evaluate(const Trace& trace, const std::string& body,
                          testing::BrowserOptions options = {}) const {
    trace.page("A pass").write(path_);
    return testing::evaluate_in_browser(
        path_, std::string("(async () => {const {flow} = rill;") + reading + body + "})()",
        options);
  }

 private:
  /// Numbers as the page writes them, read again, and half of their last digit. The panel is whole
  /// at once, not only after the paint.
  static constexpr const char* reading = R"js(
    flow.panel.draw = function () { Object.getPrototypeOf(this).draw.call(this); this.settle(); };
    const shown = (element) => {
      const text = element.textContent.replaceAll("−", "-").replace("|g| ", "");
      const [mantissa, exponent = "0"] = text.split("e");
      const decimals = (mantissa.split(".")[1] || "").length;
      return {value: Number(text), half: 0.5 * 10 ** (Number(exponent) - decimals)};
    };
    const near = (value, number) => Math.abs(value - number.value) <= number.half * 1.000001 + 1e-15;
  )js";

  std::string path_;
};

/// tanh(x·W + b) twice, with broadcast biases, and the mean of its squares; `shift` changes W1.
struct Perceptron {
  explicit Perceptron(double shift = 0) {
    manual_seed(3);
    x = randn({4, 3});
    w1 = (randn({3, 5}) + shift).detach().requires_grad_();
    b1 = randn({5}).requires_grad_();
    w2 = randn({5, 2}).requires_grad_();
    b2 = randn({2}).requires_grad_();
    trace.name({{"x", x}, {"W1", w1}, {"b1", b1}, {"W2", w2}, {"b2", b2}});
    const ObserverGuard watching(trace);
    const Tensor h = (matmul(x, w1) + b1).tanh();
    ((matmul(h, w2) + b2).tanh().pow(2).mean() + h.mean()).backward();
  }
  Tensor x, w1, b1, w2, b2;
  Trace trace;
};

}  // namespace rill::inspect
