#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include <nlohmann/json.hpp>

namespace rill::inspect {

using nlohmann::json;

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double inf = std::numeric_limits<double>::infinity();

/// The item of the specification's list `list` that has this name.
inline json named(const json& list, const std::string& name) {
  for (const json& item : list)
    if (item.value("name", "") == name) return item;
  ADD_FAILURE() << "there is no " << name << " in " << list;
  return {};
}

/// The numbers that the specification of a chart has under this name.
inline json values_of(const std::string& spec, const std::string& data) {
  return named(json::parse(spec)["data"], data)["values"];
}

}  // namespace rill::inspect
