#include <rill/nn/summary.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <rill/core/autograd.h>
#include <rill/core/inspect/table.h>
#include <rill/core/kernels/flops.h>
#include <rill/core/node.h>
#include <rill/core/observer.h>
#include <rill/core/scope.h>
#include <rill/nn/detail/with_commas.h>

// summary(model, inputs): what a forward pass took.

namespace rill::nn {
namespace {

/// What ran inside one module.
struct Spent {
  int64_t calls = 0, kept_bytes = 0;
  uint64_t flops = 0;
  std::string output = {};
};

/// Adds up, by the paths of modules, while a model runs.
class Meter final : public Observer {
 public:
  void on_enter(const Named& module) override {
    running_.push_back({module.path(), kernels::flops, kept_bytes});
  }
  void on_leave(const Named&) override {
    if (running_.empty()) return;
    const Running ended = running_.back();
    running_.pop_back();
    Spent& spent = spent_[ended.path];
    ++spent.calls;
    spent.flops += kernels::flops - ended.flops_before;
    spent.kept_bytes += kept_bytes - ended.kept_before;
    spent.output = last_output_;
  }
  void on_record(const Node& node) override {
    for (Tensor& tensor : node.kept()) pending_.push_back(std::move(tensor));
  }
  void on_output(const char*, const Tensor& out, std::span<const Tensor> inputs) override {
    for (const Tensor& input : inputs)
      if (input.defined() && !input.impl()->is_number && !made_.contains(storage_of(input)))
        from_outside_.insert(storage_of(input));
    if (!from_outside_.contains(storage_of(out))) made_.insert(storage_of(out));
    for (const Tensor& tensor : pending_)
      if (!from_outside_.contains(storage_of(tensor)) &&
          counted_.emplace(storage_of(tensor), tensor).second)
        kept_bytes += static_cast<int64_t>(storage_of(tensor)->bytes);
    pending_.clear();
    last_output_ = to_string(out.shape());
  }

  const Spent& of(const std::string& path) { return spent_[path]; }
  int64_t kept_bytes = 0;

 private:
  struct Running {
    std::string path;
    uint64_t flops_before;
    int64_t kept_before;
  };
  static const Storage* storage_of(const Tensor& tensor) { return tensor.impl()->storage.get(); }

  std::vector<Running> running_;
  std::map<std::string, Spent> spent_;
  std::string last_output_;
  std::vector<Tensor> pending_;  // kept by what was recorded since the last output
  std::unordered_set<const Storage*> made_, from_outside_;
  std::unordered_map<const Storage*, Tensor> counted_;  // alive, so that no address comes again
};

std::string joined(const std::string& outer, const std::string& inner) {
  return outer.empty() || inner.empty() ? outer + inner : outer + "." + inner;
}

ModelSummary::Row row_of(const NamedModule& named, const Spent& spent) {
  const size_t dot = named.name.rfind('.');
  const auto dots = std::ranges::count(named.name, '.');
  return {.name = dot == std::string::npos ? named.name : named.name.substr(dot + 1),
          .type = named.module.type_name(),
          .depth = named.name.empty() ? 0 : static_cast<int>(dots) + 1,
          .calls = spent.calls,
          .output = spent.output,
          .parameters = named.module.parameter_count(),
          .multiply_adds = static_cast<int64_t>(spent.flops / 2),
          .kept_bytes = spent.kept_bytes};
}

/// A list of modules has no forward of its own: what it took is what its children took.
void sum_up_lists(std::vector<ModelSummary::Row>& rows) {
  for (size_t i = rows.size(); i-- > 0;) {
    if (rows[i].calls > 0) continue;
    for (size_t j = i + 1; j < rows.size() && rows[j].depth > rows[i].depth; ++j)
      if (rows[j].depth == rows[i].depth + 1) {
        rows[i].multiply_adds += rows[j].multiply_adds;
        rows[i].kept_bytes += rows[j].kept_bytes;
      }
  }
}

/// In the unit that a reader sees at a glance, as flow pages do.
std::string size_of(int64_t bytes) {
  if (bytes < 10'000) return detail::with_commas(bytes) + " bytes";
  const bool is_small = bytes < 1'000'000;
  const double scaled = static_cast<double>(bytes) / (is_small ? 1e3 : 1e6);
  return inspect::format_number(scaled, 1) + (is_small ? " kB" : " MB");
}

}  // namespace

ModelSummary summary(const Module& model, const std::function<void()>& run) {
  Meter meter;
  {
    const ObserverGuard watching(meter);
    run();
  }
  ModelSummary out;
  for (const NamedModule& named : model.named_modules())
    out.rows.push_back(row_of(named, meter.of(joined(model.path(), named.name))));
  sum_up_lists(out.rows);
  for (const auto& [name, tensor] : model.named_parameters()) {
    out.parameters += tensor.numel();
    out.trainable_parameters += tensor.requires_grad() ? tensor.numel() : 0;
    out.parameter_bytes += tensor.numel() * static_cast<int64_t>(size_of(tensor.dtype()));
  }
  out.kept_bytes = out.rows[0].kept_bytes;
  out.multiply_adds = out.rows[0].multiply_adds;
  return out;
}

std::ostream& operator<<(std::ostream& out, const ModelSummary& summary) {
  return out << summary.text();
}

std::string ModelSummary::text() const {
  using detail::with_commas;
  inspect::Table table{
      .columns = {"module", "output", "parameters", "multiply-adds", "bytes kept for backward"}};
  for (const Row& row : rows)
    table.rows.push_back({std::string(2 * static_cast<size_t>(row.depth), ' ') +
                              (row.name.empty() ? "" : row.name + ": ") + row.type +
                              (row.calls > 1 ? " × " + std::to_string(row.calls) : ""),
                          row.output, with_commas(row.parameters), with_commas(row.multiply_adds),
                          with_commas(row.kept_bytes)});
  return table.text() + "parameters " + with_commas(parameters) + ", of which " +
         with_commas(trainable_parameters) + " are trained, " + size_of(parameter_bytes) +
         "\nmultiply-adds of forward " + with_commas(multiply_adds) + "\nkept for backward " +
         size_of(kept_bytes) + "\n";
}

}  // namespace rill::nn
