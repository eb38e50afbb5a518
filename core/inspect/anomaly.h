#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include <rill/core/node.h>
#include <rill/core/observer.h>

namespace rill {

/// What AnomalyGuard looks for.
struct AnomalyOptions {
  /// Infinities too, not NaN alone. Those that an op was given it may pass on: masks of -inf are no
  /// anomaly.
  bool infinities = true;
};

/// For its lifetime, on this thread, looks at what each op makes and at each gradient, and throws
/// Error where the first NaN or infinity is born: it names the op, the path of the module that ran
/// it, the place and the value. Slow: reads everything once more.
class AnomalyGuard final : private Observer {
 public:
  [[nodiscard]] explicit AnomalyGuard(AnomalyOptions options = {});

 private:
  void on_output(const char* op, const Tensor& out, std::span<const Tensor> inputs) override;
  void on_record(const Node& node) override;
  void on_begin(const Node& node) override;
  void on_end(const Node& node) override;
  void on_gradient(const Node& node, int row, const Tensor& incoming,
                   const Tensor& outgoing) override;
  using Observer::on_begin;
  using Observer::on_end;

  AnomalyOptions options_;
  int nodes_running_ = 0;  // in backward; more than one where a twin is differentiated
  std::map<uint64_t, std::string> module_of_;  // by the numbers of nodes, where there is one
  ObserverGuard attached_;
};

}  // namespace rill
