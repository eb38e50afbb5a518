#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <rill/core/inspect/table.h>
#include <rill/core/observer.h>

namespace rill {

/// Times each op, forward and backward, on the thread that it watches:
///
///   Profiler profiler;
///   {
///     const ObserverGuard watching(profiler);
///     loss.backward();
///   }
///   std::cout << profiler.table().text();
///   profiler.write_trace("trace.json");  // opens in https://ui.perfetto.dev
///
/// With the environment variable RILL_PROFILE=trace.json a program does so for all of its main
/// thread, unasked, and prints the table to standard error when it ends.
class Profiler final : public Observer {
 public:
  Profiler();

  /// What one op, or its gradient, came to.
  struct Row {
    std::string op;
    bool is_backward = false;
    int64_t calls = 0;
    double ms = 0;       // without that of ops inside a forward op, which have rows of their own
    uint64_t flops = 0;  // of the matrix products, attention's too, in that time
    int64_t bytes = 0;   // of its results
  };

  /// The slowest first. What runs inside the gradient of an op counts as part of it.
  std::vector<Row> rows() const;

  /// The rows in columns: op, calls, ms, % of all time, GFLOP/s, MB.
  inspect::Table table() const;

  /// Chrome's trace format: a bar for each op and for each node of a backward walk; the first
  /// million of them. Throws Error where the file cannot be written.
  void write_trace(const std::string& path) const;

  void on_begin(const char* op) override;
  void on_end(const char* op, const Tensor& out) override;
  void on_begin(const Node& node) override;
  void on_end(const Node& node) override;
  void on_gradient(const Node& node, int row, const Tensor& incoming,
                   const Tensor& outgoing) override;

 private:
  struct Running {
    const char* op;
    bool is_backward;
    int64_t start;  // times are in nanoseconds
    uint64_t flops_before;
    int64_t inside = 0;  // ops with rows of their own that ran within it
    uint64_t flops_inside = 0;
  };
  struct Bar {
    const char* op;
    bool is_backward;
    int64_t start;
    int64_t length;
  };

  bool is_in_backward() const { return !running_.empty() && running_.back().is_backward; }
  Row& row_of(const char* op, bool is_backward);
  void begin(const char* op, bool is_backward);
  void end(const char* op, int64_t bytes);
  void count(const Running& ended, int64_t length, int64_t bytes);

  std::vector<Running> running_;
  std::vector<Bar> bars_;
  std::map<std::pair<std::string, bool>, Row> rows_;  // by op, and whether it is its gradient
  int64_t start_;
};

namespace detail {
/// Heeds RILL_PROFILE, once.
void profile_if_asked();
}  // namespace detail

}  // namespace rill
