#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rill::inspect {

class Trace;

/// How much arithmetic a flow page holds.
struct FlowPageOptions {
  /// Of rows with at most so many pairs of elements (of the gradient that comes in and that which
  /// goes out) the page has the terms of every element.
  int64_t all_terms = 4096;
  /// Of larger ones it has those of so many elements, the largest among them,
  int64_t elements = 4;
  /// and of each so many terms, with the number and the sum of the others.
  int64_t terms = 12;
  /// Whether fused ops can be opened.
  bool inside = true;
};

/// A page on which a trace is watched: the graph by modules, forward and backward step by step, the
/// numbers and how each gradient came to be. One HTML file that needs no network.
///
///   trace.page("A step").write("flow.html");
///
/// It takes all that it shows when it is made: before an optimizer changes what was traced.
/// A script on the page finds it as `rill.flow`.
class FlowPage {
 public:
  /// Throws AutogradError where a tensor that a row needs was changed since.
  FlowPage(const Trace& trace, std::string title, const FlowPageOptions& options = {});

  /// Throws Error where Graphviz's program dot, which lays out the graph, is not there (Debian's
  /// package graphviz).
  std::string html() const;
  /// Writes the file in one piece, as replace_file does. Throws Error where that fails, and as
  /// html().
  void write(const std::string& path) const;

 private:
  std::string title_;
  std::string data_;                 // as JSON
  std::vector<std::string> graphs_;  // to be laid out
};

}  // namespace rill::inspect
