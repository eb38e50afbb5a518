#include <rill/core/inspect/detail/flow_data.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include <rill/core/inspect/detail/base64.h>
#include <rill/core/inspect/detail/flow_graph.h>
#include <rill/core/inspect/detail/flow_terms.h>

namespace rill::inspect::detail {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json shape_json(const Shape& shape) {
  Json sizes = Json::array();
  for (int d = 0; d < shape.dims(); ++d) sizes.push_back(shape[d]);
  return sizes;
}

/// Blocks of a picture as whole numbers from −32767 to 32767, and what 32767 stands for.
Json picture_json(const Snapshot& snapshot) {
  float most = 0;
  for (const float mean : snapshot.picture)
    if (std::isfinite(mean)) most = std::max(most, std::abs(mean));
  std::vector<int16_t> steps;
  for (const float mean : snapshot.picture)
    steps.push_back(!std::isfinite(mean) ? int16_t{-32768}
                    : most > 0           ? static_cast<int16_t>(std::lround(mean / most * 32767))
                                         : int16_t{0});
  return {snapshot.picture_rows, snapshot.picture_columns, most, base64_of(steps)};
}

Json snapshot_json(const Snapshot& s) {
  Json json = {{"shape", shape_json(s.shape)},
               {"dtype", std::string(rill::name_of(s.dtype))},
               {"stats", {s.min, s.max, s.mean, s.rms, s.zeros, s.not_finite}}};
  if (!s.values.empty()) json["values"] = packed_numbers(s.values, s.dtype == float32);
  if (!s.picture.empty()) json["picture"] = picture_json(s);
  if (s.values.empty() && !s.histogram.empty()) json["histogram"] = s.histogram;
  return json;
}

/// Writes traces, and what is the same in them once.
class Writer {
 public:
  explicit Writer(const FlowPageOptions& options) : options_(options) {}

  Json trace(const Trace& trace) {
    Json json;
    for (const TracedValue& value : trace.values()) json["values"].push_back(value_json(value));
    for (const TracedOp& op : trace.ops()) json["ops"].push_back(op_json(op));
    for (const TracedCall& call : trace.calls())
      json["calls"].push_back({{"path", call.path}, {"type", call.type}, {"parent", call.parent}});
    json["passes"] = trace.passes();
    json["terms"] = Json::array();
    json["inside"] = Json::object();
    const FlowGraph folded = flow_graph(trace, false), whole = flow_graph(trace, true);
    json["graphs"] = {graph_json(folded), graph_json(whole)};
    for (size_t op = 0; op < trace.ops().size(); ++op)
      if (whole.shown_as[op] == static_cast<int64_t>(op))
        add_rows(json, trace, static_cast<int64_t>(op));
    return json;
  }

  FlowData finish(const Json& trace) {
    FlowData data;
    data.json = "{\"snapshots\":[";
    for (size_t i = 0; i < snapshots_.size(); ++i) data.json += (i ? "," : "") + *snapshots_[i];
    data.json += "],\"trace\":" + dump(trace) + "}";
    data.graphs = std::move(graphs_);
    return data;
  }

 private:
  Json snapshot(const Snapshot& s) {
    const auto [known, is_new] =
        snapshot_numbers_.emplace(dump(snapshot_json(s)), snapshots_.size());
    if (is_new) snapshots_.push_back(&known->first);
    return known->second;
  }
  Json snapshot(const std::optional<Snapshot>& s) { return s ? snapshot(*s) : Json(nullptr); }

  Json value_json(const TracedValue& value) {
    Json json = {{"by", value.made_by}, {"data", snapshot(value.data)}};
    if (!value.name.empty()) json["name"] = value.name;
    if (value.is_leaf_with_gradient) json["leaf"] = true;
    if (value.gradient) json["grad"] = snapshot(value.gradient);
    if (value.start) json["start"] = snapshot(value.start);
    for (const auto& [op, row] : value.arrivals) json["from"].push_back({op, row});
    return json;
  }

  Json op_json(const TracedOp& op) {
    Json json = {{"name", op.name},
                 {"in", op.inputs},
                 {"out", op.output},
                 {"pass", op.pass},
                 {"ms", {op.forward_ms, op.backward_ms}}};
    if (!op.module.empty()) json["module"] = op.module;
    if (op.parent >= 0) json["parent"] = op.parent;
    if (op.freed_bytes > 0) json["freed"] = op.freed_bytes;
    for (const TracedOp::Row& row : op.rows)
      json["rows"].push_back({{"in", row.input},
                              {"formula", row.formula},
                              {"wanted", row.is_wanted},
                              {"out", snapshot(row.outgoing)}});
    for (const TracedOp::Kept& kept : op.kept)
      json["kept"].push_back({kept.value, kept.bytes, kept.is_new});
    return json;
  }

  void add_rows(Json& json, const Trace& trace, int64_t op) {
    const TracedOp& traced = trace.ops()[op];
    if (traced.pass < 0 || traced.output < 0 || !trace.values()[traced.output].gradient) return;
    for (size_t row = 0; row < traced.rows.size(); ++row)
      if (traced.rows[row].outgoing && traced.rows[row].outgoing->numel() > 0)
        json["terms"].push_back(terms_json(trace, op, static_cast<int>(row), options_));
    if (!options_.inside) return;
    if (const auto inside = trace.inside(op))
      json["inside"][std::to_string(op)] = this->trace(*inside);
  }

  Json graph_json(const FlowGraph& graph) {
    Json boxes = Json::array();
    for (const FlowBox& box : graph.boxes) boxes.push_back(box_json(box));
    return {{"boxes", boxes}, {"shown", graph.shown_as}, {"drawn", graph.drawn_as}};
  }

  Json box_json(const FlowBox& box) {
    Json nodes = Json::array(), edges = Json::array();
    for (const FlowNode& node : box.nodes)
      nodes.push_back({static_cast<int>(node.kind), node.index, node.label, node.note, node.width,
                       node.height});
    for (const FlowEdge& edge : box.edges) edges.push_back({edge.from, edge.to, edge.values});
    return {
        {"id", box.id},   {"label", box.label}, {"note", box.note},        {"parent", box.parent},
        {"nodes", nodes}, {"edges", edges},     {"layout", layout_of(box)}};
  }

  size_t layout_of(const FlowBox& box) {
    const auto [known, is_new] = graph_numbers_.emplace(dot_of(box), graphs_.size());
    if (is_new) graphs_.push_back(known->first);
    return known->second;
  }

  const FlowPageOptions& options_;
  std::unordered_map<std::string, size_t> snapshot_numbers_, graph_numbers_;
  std::vector<const std::string*> snapshots_;
  std::vector<std::string> graphs_;
};

}  // namespace

FlowData flow_data(const Trace& trace, const FlowPageOptions& options) {
  Writer writer(options);
  const Json json = writer.trace(trace);
  return writer.finish(json);
}

std::string layouts_json(const std::vector<FlowLayout>& layouts) {
  Json json = Json::array();
  const auto add = [](Json& list, const FlowLayout::Place& place) {
    list.push_back(std::lround(place.x));
    list.push_back(std::lround(place.y));
  };
  for (const FlowLayout& layout : layouts) {
    Json nodes = Json::array(), edges = Json::array();
    for (const FlowLayout::Place& place : layout.nodes) add(nodes, place);
    for (const auto& points : layout.edges) {
      Json edge = Json::array();
      for (const FlowLayout::Place& place : points) add(edge, place);
      edges.push_back(edge);
    }
    json.push_back({{"w", std::lround(layout.width)},
                    {"h", std::lround(layout.height)},
                    {"nodes", nodes},
                    {"edges", edges}});
  }
  return dump(json);
}

}  // namespace rill::inspect::detail
