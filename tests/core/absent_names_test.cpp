#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <rill/rill.h>

namespace {
constexpr int64_t begin = 10, end = 11, mode = 12, less = 13;  // as a program may call symbols
}

namespace users {

using namespace rill;  // as programs have it

Tensor elu(const Tensor& x, double alpha) { return where(x > 0, x, alpha * (exp(x) - 1)); }
std::string einsum(const std::string& equation, const std::vector<Tensor>&) { return equation; }
std::string save(const StateDict&, const std::string& path) { return path; }

template <class T>
concept HasCross = requires(const T& x) {
  cross(x, x);
}
|| requires(const T& x) { x.cross(x); };
template <class T>
concept HasClip = requires(const T& x) {
  clip(x, 0, 1);
}
|| requires(const T& x) { x.clip(0, 1); };
template <class T>
concept HasWindows = requires(const T& x) {
  unfold(x, 0, 3, 1);
}
|| requires(const T& x) { x.unfold(0, 3, 1); };
template <class T>
concept HasRounding = requires(const T& x) {
  div(x, 2, "floor");
}
|| requires(const T& x) { x.div(2, "floor"); };
template <class T>
concept HasPadMode = requires(const T& x, const Shape& sides) {
  pad(x, sides, "constant");
};
template <class T>
concept IsSetByAssignment = requires(const T& x) {
  x.grad() = x;
}
|| requires(const T& x) { x.index_add_(0, x, x); };
template <class M>
concept HasParametersByName = requires(const M& net) {
  net.get_parameter("weight");
};
template <class Function>
concept IsCheckedOnAList = requires(const Function& function, std::initializer_list<Tensor> list) {
  gradcheck(function, list);
};

template <class T>
concept HasPooling = requires(const T& x) {
  avg_pool1d(x, 2);
}
|| requires(const T& x) { x.avg_pool1d(2); };
template <class T>
concept IsANumber = requires(T& x) {
  x = 0;
}
|| requires(const T& x) { x[0] = 1.5; };
template <class T>
concept HasData = requires(const T& x) {
  x.data();
}
|| requires(const T& x) { x.template chunk<2>(0); }
|| requires(const T& x) { x.at(0); };
template <class T>
concept HasAlpha = requires(const T& x) {
  x.add(x, 0.1);
}
|| requires(const T& x) { x.sub_(x, 0.1); };
template <class T>
concept HasShortcuts = requires(const T& x) {
  nn::summary(nn::Tanh(), {x});
}
|| requires(const T& x) { random_split(x, 1); }
|| requires(const T& x) { set_detect_anomaly(x.defined()); };
template <class T>
concept IsSavedByAMember = requires(const T& x) {
  x.save("path");
}
|| requires(const T&) { T::load("path"); };
template <class T>
concept HasLess = requires(const T& x) {
  x.less(x);
};
template <class M>
concept GoesElsewhere = requires(const M& net) {
  net.cuda();
}
|| requires(const M& net) { net.get_submodule("fc"); };

TEST(AbsentNames, AreNotThereForWhoeverAsks) {
  static_assert(!HasCross<Tensor> && !HasClip<Tensor> && !HasWindows<Tensor>);
  static_assert(!HasRounding<Tensor> && !HasPadMode<Tensor> && !IsSetByAssignment<Tensor>);
  static_assert(!HasPooling<Tensor> && !HasLess<Tensor>);
  static_assert(!IsANumber<Tensor> && !HasData<Tensor>);
  static_assert(!HasAlpha<Tensor> && !HasShortcuts<Tensor> && !IsSavedByAMember<Checkpoint>);
  static_assert(!std::is_constructible_v<nn::Transformer, int, int, int, int, int>);
  static_assert(!std::is_constructible_v<TensorDataset, Tensor, Tensor>);
  static_assert(!std::is_default_constructible_v<InferenceMode>);
  static_assert(!HasParametersByName<nn::Module> && !GoesElsewhere<nn::Module>);
  static_assert(!IsCheckedOnAList<Tensor (*)(const Tensor&)>);
  static_assert(!std::is_constructible_v<nn::BatchNorm1d, int>);
  static_assert(!std::is_constructible_v<nn::Parameter, Tensor> &&  // one error, not one a use
                std::is_base_of_v<Tensor, nn::Parameter>);
  static_assert(!std::is_constructible_v<optim::Adagrad, std::vector<Tensor>>);
}

TEST(AbsentNames, GiveWayToAProgramsOwnFunctions) {
  const Tensor x = tensor({1.0, -1.0});
  EXPECT_NEAR(elu(x, 1)[1].item(), std::exp(-1.0) - 1,
              1e-6);  // 1 is an int, where elu wants a double
  EXPECT_EQ(einsum("i,i->", {x, x}), "i,i->");
  EXPECT_EQ(save(StateDict(), "path"), "path");
}

TEST(AbsentNames, CommonWordsAreLeftToPrograms) {
  EXPECT_EQ(mode + less, 25);
  EXPECT_EQ(full({1}, begin, int64).item<int64_t>() + end, 21);
  int64_t rows = 0;
  for (const Tensor& row : ones({3, 2})) rows += row.sum().item<int64_t>();
  EXPECT_EQ(rows, 6);
}

TEST(AbsentNames, LeaveTheOpsOfTheSameName) {
  const Tensor x = tensor({3.0, -3.0});
  EXPECT_EQ(div(x, 2)[0].item(), 1.5);
  EXPECT_EQ(x.div(2)[1].item(), -1.5);
  EXPECT_EQ(functional::relu(x)[1].item(), 0);
  EXPECT_EQ(pad(x, {1, 0}, 7)[0].item(), 7);
  EXPECT_EQ(std::div(7, 2).quot, 3);
  EXPECT_EQ(x.data<float>()[0], 3);
  EXPECT_EQ(x.chunk(2).size(), 2U);
  Tensor y = x;
  y = {};
  EXPECT_FALSE(y.defined());
}

}  // namespace users
