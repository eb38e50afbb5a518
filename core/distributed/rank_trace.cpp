#include <rill/core/distributed/rank_trace.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include <rill/core/detail/clock.h>
#include <rill/core/file.h>

namespace rill {
namespace {

using Json = nlohmann::json;

enum Track { ops = 1, exchanges = 2, waits = 3 };

double microseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

/// The bars of a profiler, which only writes them to a file.
Json events_of(const Profiler& profiler, const std::string& path) {
  profiler.write_trace(path);
  std::ifstream file(path);
  Json events = Json::parse(file)["traceEvents"];
  std::remove(path.c_str());
  return events;
}

Json event_of(const ExchangeBar& bar, int64_t base) {
  return {{"name", "bucket " + std::to_string(bar.bucket)},
          {"cat", bar.is_wait ? "wait" : "exchange"},
          {"ph", "X"},
          {"tid", bar.is_wait ? waits : exchanges},
          {"ts", microseconds(bar.start - base)},
          {"dur", microseconds(bar.end - bar.start)},
          {"args", {{"step", bar.step}, {"bytes", bar.bytes}}}};
}

Json name_event(const char* what, const std::string& name, int track) {
  return {{"name", what}, {"ph", "M"}, {"tid", track}, {"args", {{"name", name}}}};
}

}  // namespace

RankTrace::RankTrace(World& world) : world_(world), start_(detail::nanoseconds()) {}

void RankTrace::write(const std::vector<ExchangeBar>& bars, const std::string& path) {
  const int64_t base = std::stoll(world_.gather(std::to_string(start_))[0]);
  Json events = events_of(profiler_, path + ".rank" + std::to_string(world_.rank()));
  for (Json& event : events) event["ts"] = event["ts"].get<double>() + microseconds(start_ - base);
  for (const ExchangeBar& bar : bars) events.push_back(event_of(bar, base));
  events.push_back(name_event("process_name", "rank " + std::to_string(world_.rank()), ops));
  events.push_back(name_event("thread_name", "ops", ops));
  events.push_back(name_event("thread_name", "exchanges", exchanges));
  events.push_back(name_event("thread_name", "waits", waits));
  for (Json& event : events) event["pid"] = world_.rank() + 1;
  Json all = Json::array();
  for (const std::string& text : world_.gather(events.dump()))
    for (const Json& event : Json::parse(text)) all.push_back(event);
  if (world_.rank() == 0)
    replace_file(path, Json{{"displayTimeUnit", "ms"}, {"traceEvents", all}}.dump());
}

}  // namespace rill
