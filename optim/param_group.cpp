#include <rill/core/option.h>
#include <rill/optim/optimizer.h>

namespace rill::optim {

namespace {

std::string cannot_set(const std::string& name, double value) {
  std::string text = "param_groups: cannot set '" + name + "' to ";
  rill::detail::append(text, value);
  return text + " after a first step; make a new optimizer with it, since it needs buffers:";
}

}  // namespace

ParamGroup::Option::operator double() const {
  return optimizer_.want_option(group_, name_).value();
}

const ParamGroup::Option& ParamGroup::Option::operator=(double value) const {
  optimizer_.set_option(group_, name_, value);
  return *this;
}

ParamGroup::ParamGroup(Optimizer& optimizer, size_t group, std::vector<Tensor> parameters,
                       double& rate)
    : params(std::move(parameters)), lr(rate), optimizer_(optimizer), group_(group) {}

ParamGroup& ParamGroups::operator[](size_t group) {
  return groups_[rill::detail::want_index("parameter group", static_cast<int64_t>(group), size())];
}

const Optimizer::NamedOption& Optimizer::want_option(size_t group, const std::string& name) const {
  std::string known;
  for (const NamedOption& option : options_[group]) {
    if (option.name == name) return option;
    known += (known.empty() ? "" : ", ") + std::string(option.name);
  }
  fail<ValueError>("param_groups: this optimizer has no option '", name, "'; it has ", known);
}

void Optimizer::set_option(size_t group, const std::string& name, double value) {
  const NamedOption& option = want_option(group, name);
  if (option.is_fixed())
    fail<ValueError>("param_groups: '", name, "' is fixed: make another optimizer");
  if (option.flag && value != 0 && value != 1)
    fail<ValueError>("param_groups: '", name, "' is a switch, 0 or 1, not ", value);
  const double previous = option.value();
  option.set(value);
  try {
    want_fit(cannot_set(name, value), states_);
  } catch (...) {
    option.set(previous);
    throw;
  }
}

}  // namespace rill::optim
