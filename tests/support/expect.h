#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include <rill/core/error.h>
#include <rill/core/tensor.h>

namespace rill::testing {

/// The message of the ErrorType that `action` throws; a failure of the test where it throws none.
template <class ErrorType>
std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const ErrorType& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another exception was thrown: " << error.what();
    return "";
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

/// Expects that `action` throws an ErrorType whose message holds each of `parts`.
template <class ErrorType>
void expect_error(const std::function<void()>& action, const std::vector<std::string>& parts) {
  const std::string message = message_of<ErrorType>(action);
  for (const std::string& part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' is not in: " << message;
}

/// Expects the values of `actual`, in row-major order.
inline void expect_values(const Tensor& actual, const std::vector<double>& expected,
                          double tolerance = 0) {
  const std::vector<double> values = actual.to_vector<double>();
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(values[i], expected[i], tolerance) << "at " << i;
}

}  // namespace rill::testing
