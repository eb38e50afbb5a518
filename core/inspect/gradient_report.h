#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <rill/core/inspect/page.h>
#include <rill/core/state_dict.h>

namespace rill::inspect {

/// How gradients fare over a training, fed once a step:
///
///   GradientReport report(model);
///   while (...) {
///     optimizer.zero_grad();
///     loss = ...;
///     loss.backward();
///     optimizer.step();
///     for (const std::string& warning : report.step(loss.item())) std::cerr << warning << "\n";
///   }
///   report.page("Gradients").write("gradients.html");
///
/// Reads each gradient once, and of each parameter up to 512 elements, evenly spread, which it
/// keeps a copy of: the updates are what has become of them since. Of each parameter it keeps at
/// most 256 points over time, however many steps there are: then each stands for several steps,
/// with the least and the largest.
class GradientReport {
 public:
  explicit GradientReport(const std::vector<NamedTensor>& parameters);
  template <class Model>
  requires requires(const Model& model) { model.named_parameters(); }
  explicit GradientReport(const Model& model) : GradientReport(model.named_parameters()) {}
  ~GradientReport();
  GradientReport(GradientReport&&) noexcept;
  GradientReport(const GradientReport&) = delete;
  GradientReport& operator=(const GradientReport&) = delete;

  /// After backward and the optimizer's step, before gradients are zeroed; so norms are those after
  /// clipping. (Before the optimizer's step the ratios are those of the step before.) Returns what
  /// is to be warned of for the first time:
  /// - gradients that are not finite;
  /// - parameters that want a gradient and got none, or 0, in each of 3 steps;
  /// - those whose gradient has an rms below a millionth of the largest in 10 steps on end;
  /// - a norm of all gradients 100 times that of the steps before, or of a weight 1,000 times the
  ///   weight's own;
  /// - those that get a gradient and have not moved in 20 steps.
  std::vector<std::string> step(double loss);
  /// All that was warned of.
  const std::vector<std::string>& warnings() const;

  /// One parameter in the newest step.
  struct Row {
    std::string name;
    double norm = 0;
    double update_ratio = 0;  // |change of the weights| / |weights|
    double zeros = 0;         // shares
    double not_finite = 0;
    /// How many of the elements looked at have a size in [4^(i − 20), 4^(i − 19)), i from 0 to 26:
    /// from about 10^-12 to 10^4; those beyond in the first and the last.
    std::vector<int64_t> histogram = {};
  };
  std::vector<Row> rows() const;
  int64_t steps() const;

  /// Warnings, the loss, norms by layer over time and over depth, updates, histograms.
  Page page(const std::string& title) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rill::inspect
