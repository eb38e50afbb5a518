#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/reference.h"

namespace rill {
namespace {

using testing::ReferenceTensor;

ReferenceTensor matrix(const std::string& layout) {
  return {.name = "", .shape = {2, 3}, .values = {1, 2, 3, 4, 5, 6}, .layout = layout};
}

TEST(Reference, EachLayoutHoldsTheSameValuesOtherwise) {
  const std::vector<double> values = {1, 2, 3, 4, 5, 6};
  const Tensor contiguous = testing::to_tensor(matrix("contiguous"));
  const Tensor transposed = testing::to_tensor(matrix("transposed"));
  const Tensor sliced = testing::to_tensor(matrix("sliced"), float32);

  EXPECT_TRUE(contiguous.strides() == Shape({3, 1}));
  EXPECT_TRUE(transposed.strides() == Shape({1, 2}));
  EXPECT_TRUE(sliced.strides() == Shape({7, 2}));
  for (const Tensor& tensor : {contiguous, transposed, sliced}) {
    EXPECT_TRUE(tensor.shape() == Shape({2, 3}));
    EXPECT_EQ(tensor.to_vector(), values);
  }
  EXPECT_EQ(sliced.dtype(), float32);
}

TEST(Reference, ATransposedBatchTransposesEachMatrix) {
  ReferenceTensor batch = {
      .name = "", .shape = {2, 1, 2}, .values = {1, 2, 3, 4}, .layout = "transposed"};
  const Tensor tensor = testing::to_tensor(batch);
  EXPECT_TRUE(tensor.strides() == Shape({2, 1, 1}));
  EXPECT_EQ(tensor.to_vector(), batch.values);
}

TEST(Reference, AnExpandedTensorHasOneRow) {
  ReferenceTensor rows = {.name = "",
                          .shape = {2, 2},
                          .values = {1, 2, 1, 2},
                          .layout = "expanded",
                          .requires_grad = true};
  const Tensor tensor = testing::to_tensor(rows);
  EXPECT_TRUE(tensor.strides() == Shape({0, 1}));
  EXPECT_EQ(tensor.to_vector(), rows.values);
  EXPECT_TRUE(tensor.requires_grad());
}

TEST(Reference, IdsAndMasksKeepTheirDtype) {
  ReferenceTensor ids = {.name = "", .dtype = int64, .shape = {1}, .values = {7}};
  ReferenceTensor mask = {.name = "", .dtype = bool_, .shape = {2}, .values = {1, 0}};
  EXPECT_EQ(testing::to_tensor(ids, float32).dtype(), int64);
  EXPECT_EQ(testing::to_tensor(mask, float32).to_vector(), mask.values);
}

TEST(Reference, ReadsNumbersArgumentsAndFlags) {
  const auto& item = testing::reference_case("ops.json", "norm", "infinity norm with ties");
  EXPECT_TRUE(std::isinf(item.args.number("p")));
  EXPECT_FALSE(item.gradcheck);
  EXPECT_EQ(item.inputs.at(0).values, std::vector<double>({2, -2, 1}));
  EXPECT_EQ(item.grads.at(0), std::vector<double>({-0.18, 0.18, 0}));
  EXPECT_THROW(item.args.integer("dim"), std::out_of_range);
  EXPECT_THROW(item.args.text("p"), std::invalid_argument);
  EXPECT_EQ(item.args.integer("dim", 5), 5);
}

TEST(Reference, EveryFileIsReadAndSaysWhatWasComputed) {
  for (const char* file : {"ops.json", "layers.json", "optimizers.json"})
    for (const auto& item : testing::reference_cases(file)) {
      SCOPED_TRACE(item.label());
      EXPECT_FALSE(item.outputs.empty() && item.steps.empty() && item.rates.empty());
      EXPECT_EQ(item.grads.size(), item.inputs.size());
      EXPECT_EQ(item.cotangents.size(), item.outputs.size());
      for (const auto* tensors : {&item.inputs, &item.outputs, &item.parameters})
        for (const ReferenceTensor& tensor : *tensors)
          EXPECT_EQ(testing::to_tensor(tensor).numel(), static_cast<int64_t>(tensor.values.size()));
    }
}

TEST(Reference, AMissingFileIsNamedWithHowToMakeIt) {
  try {
    testing::reference_cases("nowhere.json");
    FAIL() << "read a file that is not there";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("nowhere.json"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("script"), std::string::npos);
  }
}

}  // namespace
}  // namespace rill
