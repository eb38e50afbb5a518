#include <rill/core/error.h>
#include <rill/nn/layer.h>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace rill::nn::detail {

std::string type_name_of(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  std::string name = demangled ? demangled.get() : type.name();
  name = name.substr(0, name.find('<'));
  const size_t colons = name.rfind("::");
  return colons == std::string::npos ? name : name.substr(colons + 2);
}

void fail_derived(const std::type_info& derived, const std::type_info& layer) {
  const std::string own = type_name_of(derived), other = type_name_of(layer);
  fail<Error>("cannot call ", own, ": it is an nn::Layer<", other, ">, which runs the forward of ",
              other, ": derive ", own, " from nn::Layer<", own, ">, with a ", other,
              " as a member where it needs one");
}

}  // namespace rill::nn::detail
