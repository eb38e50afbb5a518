#include <rill/core/inspect/profile.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <rill/core/detail/clock.h>
#include <rill/core/error.h>
#include <rill/core/file.h>
#include <rill/core/kernels/flops.h>
#include <rill/core/node.h>
#include <nlohmann/json.hpp>

namespace rill {
namespace {

using Json = nlohmann::json;

constexpr size_t most_bars = 1'000'000;

double milliseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

double microseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

int64_t bytes_of(const Tensor& x) {
  return x.defined() ? x.numel() * static_cast<int64_t>(size_of(x.dtype())) : 0;
}

/// Profiles the main thread where RILL_PROFILE names a file.
class WholeProgram {
 public:
  WholeProgram() {
    const char* path = std::getenv("RILL_PROFILE");
    if (!path || !*path) return;
    path_ = path;
    watching_ = std::make_unique<ObserverGuard>(profiler_);
  }
  ~WholeProgram() {
    if (!watching_) return;
    watching_.reset();
    try {
      std::fputs(profiler_.table().text().c_str(), stderr);
      profiler_.write_trace(path_);
    } catch (const Error& error) {
      std::fprintf(stderr, "RILL_PROFILE: %s\n", error.what());
    }
  }

 private:
  std::string path_;
  Profiler profiler_;
  std::unique_ptr<ObserverGuard> watching_;
};

}  // namespace

void detail::profile_if_asked() { static const WholeProgram profile; }

Profiler::Profiler() : start_(detail::nanoseconds()) {}

Profiler::Row& Profiler::row_of(const char* op, bool is_backward) {
  Row& row = rows_[{op, is_backward}];
  row.op = op;
  row.is_backward = is_backward;
  return row;
}

void Profiler::begin(const char* op, bool is_backward) {
  running_.push_back({.op = op,
                      .is_backward = is_backward || is_in_backward(),
                      .start = detail::nanoseconds(),
                      .flops_before = kernels::flops});
}

void Profiler::end(const char* op, int64_t bytes) {
  const int64_t now = detail::nanoseconds();
  if (running_.empty()) return;  // it began before the profiler was attached
  const Running ended = running_.back();
  running_.pop_back();
  const int64_t length = now - ended.start;
  if (bars_.size() < most_bars) bars_.push_back({op, ended.is_backward, ended.start, length});
  if (!is_in_backward()) count(ended, length, bytes);
}

void Profiler::count(const Running& ended, int64_t length, int64_t bytes) {
  const uint64_t flops = kernels::flops - ended.flops_before;
  if (!running_.empty()) {
    running_.back().inside += length;
    running_.back().flops_inside += flops;
  }
  Row& row = row_of(ended.op, ended.is_backward);
  ++row.calls;
  row.ms += milliseconds(length - ended.inside);
  row.flops += flops - ended.flops_inside;
  row.bytes += bytes;
}

void Profiler::on_begin(const char* op) { begin(op, false); }
void Profiler::on_begin(const Node& node) { begin(node.name(), true); }
void Profiler::on_end(const char* op, const Tensor& out) { end(op, bytes_of(out)); }
void Profiler::on_end(const Node& node) { end(node.name(), 0); }

void Profiler::on_gradient(const Node& node, int, const Tensor&, const Tensor& outgoing) {
  row_of(node.name(), true).bytes += bytes_of(outgoing);
}

std::vector<Profiler::Row> Profiler::rows() const {
  std::vector<Row> rows;
  for (const auto& [key, row] : rows_) rows.push_back(row);
  std::ranges::stable_sort(rows, std::ranges::greater{}, &Row::ms);
  return rows;
}

inspect::Table Profiler::table() const {
  inspect::Table table{.columns = {"op", "calls", "ms", "%", "GFLOP/s", "MB"}};
  double all = 0;
  for (const Row& row : rows()) all += row.ms;
  for (const Row& row : rows()) {
    const std::string speed =
        row.flops == 0 ? ""
                       : inspect::format_number(static_cast<double>(row.flops) / row.ms / 1e6, 1);
    table.rows.push_back({row.op + (row.is_backward ? " backward" : ""), std::to_string(row.calls),
                          inspect::format_number(row.ms, 3),
                          inspect::format_number(100 * row.ms / all, 1), speed,
                          inspect::format_number(static_cast<double>(row.bytes) / 1e6, 2)});
  }
  return table;
}

void Profiler::write_trace(const std::string& path) const {
  std::string text = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [";
  for (size_t i = 0; i < bars_.size(); ++i) {
    const Json bar{{"name", bars_[i].op},
                   {"cat", bars_[i].is_backward ? "backward" : "forward"},
                   {"ph", "X"},
                   {"pid", 1},
                   {"tid", 1},
                   {"ts", microseconds(bars_[i].start - start_)},
                   {"dur", microseconds(bars_[i].length)}};
    text += (i > 0 ? ",\n" : "\n") + bar.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  replace_file(path, text + "\n]}\n");
}

}  // namespace rill
