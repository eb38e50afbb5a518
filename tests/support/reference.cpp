#include "tests/support/reference.h"

#include <cmath>
#include <fstream>
#include <mutex>
#include <set>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include "test_paths.h"

namespace rill::testing {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& message) { throw std::runtime_error(message); }

double number_of(const json& value) {
  if (!value.is_string()) return value.get<double>();
  const auto text = value.get<std::string>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  refuse("'" + text + "' is not a number");
}

std::vector<double> numbers_of(const json& values) {
  std::vector<double> out;
  out.reserve(values.size());
  for (const json& value : values) out.push_back(number_of(value));
  return out;
}

ReferenceNumbers optional_numbers(const json& values) {
  if (values.is_null()) return std::nullopt;
  return numbers_of(values);
}

template <class Out, class Convert>
std::vector<Out> list_of(const json& values, Convert convert) {
  std::vector<Out> out;
  for (const json& value : values) out.push_back(convert(value));
  return out;
}

DType dtype_of_name(const std::string& name) {
  for (const DType dtype : {float32, float64, int64, bool_})
    if (name == name_of(dtype)) return dtype;
  refuse("'" + name + "' is not a dtype");
}

ReferenceTensor tensor_of(const json& value) {
  ReferenceTensor out;
  out.name = value.value("name", "");
  out.dtype = dtype_of_name(value.value("dtype", "float64"));
  out.shape = value.at("shape").get<std::vector<int64_t>>();
  out.values = numbers_of(value.at("values"));
  out.layout = value.value("layout", "contiguous");
  out.requires_grad = value.value("requires_grad", false);
  return out;
}

ReferenceStep step_of(const json& value) {
  return {list_of<ReferenceNumbers>(value.at("grads"), optional_numbers),
          list_of<std::vector<double>>(value.at("values"), numbers_of)};
}

ReferenceArgs::Value arg_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_array()) return numbers_of(value);
  if (value.is_number()) return value.get<double>();
  const auto text = value.get<std::string>();
  if (text == "nan" || text == "inf" || text == "-inf") return number_of(value);
  return text;
}

void check_fields(const json& value) {
  static const std::set<std::string> known = {
      "op",      "name",       "args",          "inputs",          "parameters",
      "outputs", "cotangents", "grads",         "parameter_grads", "steps",
      "rates",   "gradcheck",  "gradgradcheck", "float32"};
  for (const auto& item : value.items())
    if (!known.contains(item.key())) refuse("the field '" + item.key() + "' is unknown");
}

ReferenceCase case_of(const json& value) {
  check_fields(value);
  const json none = json::array();
  const auto field = [&](const char* name) { return value.contains(name) ? value[name] : none; };
  ReferenceCase out;
  out.op = value.at("op");
  out.name = value.at("name");
  const json args = value.value("args", json::object());
  for (const auto& arg : args.items()) out.args.set(arg.key(), arg_of(arg.value()));
  out.inputs = list_of<ReferenceTensor>(field("inputs"), tensor_of);
  out.parameters = list_of<ReferenceTensor>(field("parameters"), tensor_of);
  out.outputs = list_of<ReferenceTensor>(field("outputs"), tensor_of);
  out.cotangents = list_of<ReferenceNumbers>(field("cotangents"), optional_numbers);
  out.grads = list_of<ReferenceNumbers>(field("grads"), optional_numbers);
  out.parameter_grads = list_of<ReferenceNumbers>(field("parameter_grads"), optional_numbers);
  out.cotangents.resize(out.outputs.size());
  out.grads.resize(out.inputs.size());
  out.parameter_grads.resize(out.parameters.size());
  out.steps = list_of<ReferenceStep>(field("steps"), step_of);
  out.rates = numbers_of(field("rates"));
  out.gradcheck = value.value("gradcheck", false);
  out.gradgradcheck = value.value("gradgradcheck", false);
  out.float32 = value.value("float32", true);
  return out;
}

std::vector<ReferenceCase> read(const std::string& file) {
  const std::string path = std::string(RILL_REFERENCE_DIR) + "/" + file;
  std::ifstream stream(path);
  if (!stream)
    refuse("cannot read " + path + ": write it with a script of tests/reference (see README.md)");
  std::vector<ReferenceCase> out;
  for (const json& value : json::parse(stream)) {
    try {
      out.push_back(case_of(value));
    } catch (const std::exception& error) {
      refuse(path + ", case " + std::to_string(out.size()) + ": " + error.what());
    }
  }
  return out;
}

}  // namespace

template <class Kind>
const Kind& ReferenceArgs::get(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::out_of_range("the case has no argument '" + name + "'");
  const Kind* value = std::get_if<Kind>(&found->second);
  if (!value) throw std::invalid_argument("the argument '" + name + "' is of another kind");
  return *value;
}

int64_t ReferenceArgs::integer(const std::string& name) const {
  const double value = get<double>(name);
  if (value != std::floor(value)) throw std::invalid_argument("'" + name + "' is not whole");
  return static_cast<int64_t>(value);
}
int64_t ReferenceArgs::integer(const std::string& name, int64_t fallback) const {
  return has(name) ? integer(name) : fallback;
}
double ReferenceArgs::number(const std::string& name) const { return get<double>(name); }
double ReferenceArgs::number(const std::string& name, double fallback) const {
  return has(name) ? number(name) : fallback;
}
bool ReferenceArgs::flag(const std::string& name, bool fallback) const {
  return has(name) ? get<bool>(name) : fallback;
}
std::string ReferenceArgs::text(const std::string& name) const { return get<std::string>(name); }
std::string ReferenceArgs::text(const std::string& name, const std::string& fallback) const {
  return has(name) ? text(name) : fallback;
}
std::vector<double> ReferenceArgs::numbers(const std::string& name) const {
  return get<std::vector<double>>(name);
}
std::vector<int64_t> ReferenceArgs::integers(const std::string& name) const {
  const std::vector<double> values = numbers(name);
  return {values.begin(), values.end()};
}

const ReferenceTensor& ReferenceCase::parameter(const std::string& parameter_name) const {
  for (const ReferenceTensor& tensor : parameters)
    if (tensor.name == parameter_name) return tensor;
  throw std::out_of_range(label() + " has no parameter '" + parameter_name + "'");
}

const std::vector<ReferenceCase>& reference_cases(const std::string& file) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<ReferenceCase>> files;
  const std::lock_guard lock(mutex);
  const auto found = files.find(file);
  return found != files.end() ? found->second : files.emplace(file, read(file)).first->second;
}

std::vector<ReferenceCase> reference_cases(const std::string& file, const std::string& op) {
  std::vector<ReferenceCase> out;
  for (const ReferenceCase& item : reference_cases(file))
    if (item.op == op) out.push_back(item);
  if (out.empty()) throw std::out_of_range(file + " has no case of '" + op + "'");
  return out;
}

const ReferenceCase& reference_case(const std::string& file, const std::string& op,
                                    const std::string& name) {
  for (const ReferenceCase& item : reference_cases(file))
    if (item.op == op && item.name == name) return item;
  throw std::out_of_range(file + " has no case '" + op + ": " + name + "'");
}

}  // namespace rill::testing
