#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include <rill/core/detail/system_memory.h>
#include <rill/core/grad_mode.h>
#include <rill/core/io/safetensors.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>

#include "tests/core/io/safetensors_bytes.h"
#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

using Safetensors = OwnFolder;
using SafetensorsMemory = OwnFolder;

constexpr int64_t large = 100'000;  // elements of a tensor that is mapped

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// The numbers of a contiguous tensor, as they lie in memory.
std::string bytes_of(const Tensor& tensor) {
  return {static_cast<const char*>(tensor.raw_data()),
          static_cast<size_t>(tensor.numel()) * size_of(tensor.dtype())};
}

void expect_same(const Tensor& found, const Tensor& expected) {
  EXPECT_EQ(found.dtype(), expected.dtype());
  EXPECT_EQ(found.shape(), expected.shape());
  EXPECT_TRUE(found.is_contiguous());
  EXPECT_EQ(bytes_of(found), bytes_of(expected.contiguous()));
}

StateDict every_kind() {
  Generator generator(7);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto least = std::numeric_limits<int64_t>::min();
  return {{"mask", tensor({1, 0, 1}, bool_)},
          {"large", randn({large}, generator)},
          {"ids", from_vector<int64_t>({least, -1, std::numeric_limits<int64_t>::max()})},
          {"special", from_vector<float>({nan, -0.0F, 1e-45F, -INFINITY})},
          {"double", randn({3, 5}, generator, float64)},
          {"scalar", tensor(2.5)},
          {"no rows", zeros({0, 3})},
          {"no columns", zeros({3, 0}, int64)},
          {"transposed", randn({4, 3}, generator).T()},
          {"sliced", randn({9}, generator).slice(0, 1, 9, 2)},
          {"expanded", randn({1, 4}, generator).expand({3, 4})},
          {"", tensor({1.0})},
          {"naïve \"名\"\n\\", tensor({2.0})}};
}

TEST_F(Safetensors, AreReadAsTheyWereWrittenInTheirOrder) {
  const StateDict written = every_kind();
  save_safetensors(path("m"), written);
  const StateDict found = load_safetensors(path("m"));
  ASSERT_EQ(found.size(), written.size());
  for (size_t i = 0; i < found.size(); ++i) {
    SCOPED_TRACE(written[i].name);
    EXPECT_EQ(found[i].name, written[i].name);
    expect_same(found[i].tensor, written[i].tensor);
  }
}

TEST_F(Safetensors, AreTheSameBytesEachTime) {
  const StateDict state = every_kind();
  save_safetensors(path("a"), state, {.metadata = {{"b", "1"}, {"a", "2"}}});
  save_safetensors(path("b"), state.clone(), {.metadata = {{"a", "2"}, {"b", "1"}}});
  EXPECT_EQ(text_of("a"), text_of("b"));
}

TEST_F(Safetensors, BeginEachTensorAtAMultipleOfItsElements) {
  save_safetensors(path("m"), {{"a", ones({3}, bool_)}, {"b", ones({3})}, {"c", ones({3}, int64)}});
  const std::string header = R"({"a":{"dtype":"BOOL","shape":[3],"data_offsets":[36,39]},)"
                             R"("b":{"dtype":"F32","shape":[3],"data_offsets":[24,36]},)"
                             R"("c":{"dtype":"I64","shape":[3],"data_offsets":[0,24]}})";
  const std::string padded = header + std::string(-header.size() % 8, ' ');
  const std::string file = text_of("m");
  EXPECT_EQ(file.substr(0, 8 + padded.size()), safetensors_bytes(padded));
  EXPECT_EQ(file.size(), 8 + padded.size() + 39);
}

TEST_F(Safetensors, KeepMetadata) {
  const Metadata metadata{{"", "empty"}, {"step", "3"}, {"note", "two\nlines \"and\" 名"}};
  save_safetensors(path("m"), {{"a", ones({1})}}, {.metadata = metadata});
  EXPECT_EQ(SafetensorsFile(path("m")).metadata(), metadata);
}

TEST_F(Safetensors, OfNoTensorsAreRead) {
  save_safetensors(path("m"), {});
  EXPECT_TRUE(load_safetensors(path("m")).empty());
}

TEST_F(Safetensors, AreLoadedOneByOne) {
  save_safetensors(path("m"), every_kind());
  const SafetensorsFile file(path("m"));
  EXPECT_EQ(file.names().size(), every_kind().size());
  EXPECT_TRUE(file.contains("ids"));
  EXPECT_FALSE(file.contains("id"));
  EXPECT_EQ(file.shape("double"), (Shape{3, 5}));
  EXPECT_EQ(file.dtype("double"), float64);
  EXPECT_EQ(file.stored_dtype("mask"), "BOOL");
  expect_same(file.load("double"), every_kind()["double"]);
  expect_error<ValueError>([&] { file.load("id"); }, {path("m"), "has no tensor 'id'"});
  expect_error<ValueError>([&] { file.shape("id"); }, {"has no tensor 'id'"});
}

TEST_F(Safetensors, AreRoundedToHalvesWhereThatIsAsked) {
  const StateDict state{{"a", tensor({1, 1.00048828125, 65520, -1e-8})},
                        {"b", tensor({1.0000001, 3.14159}, float64)},
                        {"ids", tensor({70000}, int64)}};
  save_safetensors(path("f"), state, {.floats_as = HalfFloat::float16});
  save_safetensors(path("b"), state, {.floats_as = HalfFloat::bfloat16});
  const SafetensorsFile f(path("f")), b(path("b"));
  EXPECT_EQ(f.stored_dtype("a"), "F16");
  EXPECT_EQ(b.stored_dtype("b"), "BF16");
  EXPECT_EQ(f.dtype("b"), float32);
  EXPECT_EQ(f.load("a").to_vector(), (std::vector<double>{1, 1, INFINITY, 0}));
  expect_values(f.load("b"), {1, 3.140625});
  expect_values(b.load("b"), {1, 3.140625});
  expect_values(f.load("ids"), {70000});
}

TEST_F(Safetensors, WarnOnceOfWhatTakesMoreRoomThanInTheFile) {
  save_safetensors(path("m"), {{"a", ones({2})}, {"b", ones({2})}, {"ids", ones({2}, int64)}},
                   {.floats_as = HalfFloat::bfloat16});
  ::testing::internal::CaptureStderr();
  load_safetensors(path("m"));
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("/m: tensors are read in another dtype: 2 of BF16 as float32\n"),
            std::string::npos)
      << said;
}

TEST_F(Safetensors, RefuseNamesThatNoReaderTakes) {
  const auto refused = [&](const StateDict& state, const std::string& reason) {
    expect_error<ValueError>([&] { save_safetensors(path("m"), state); },
                             {"cannot write " + path("m") + ": ", reason});
  };
  refused({{"a", ones({1})}, {"b", ones({1})}, {"a", ones({1})}}, "two tensors are named 'a'");
  refused({{"__metadata__", ones({1})}}, "no tensor can be named '__metadata__'");
  refused({{"a\xff", ones({1})}}, "is no UTF-8");
  refused({{"a", Tensor()}}, "tensor 'a' is undefined");
  EXPECT_EQ(file_count(), 0);
}

TEST_F(Safetensors, RefuseMetadataThatNoReaderTakes) {
  const auto refused = [&](const StateDict& state, const Metadata& metadata, const char* reason) {
    expect_error<ValueError>([&] { save_safetensors(path("m"), state, {.metadata = metadata}); },
                             {"cannot write " + path("m") + ": ", reason});
  };
  refused({}, {{"k", "v"}}, "metadata without a tensor");
  refused({{"a", ones({1})}}, {{"k", "\xff"}}, "is no UTF-8");
  refused({{"a", ones({1})}}, {{"rill.tied", ""}}, "is for rill itself");
  EXPECT_EQ(file_count(), 0);
}

TEST_F(Safetensors, AreRefusedWhereTheFileIsNone) {
  expect_error<Error>([&] { load_safetensors(path("none")); },
                      {"cannot read " + path("none") + ": ", "No such file"});
  expect_error<Error>([&] { load_safetensors(folder_); }, {"it is no regular file"});
  write(path("empty"), "");
  expect_error<Error>([&] { load_safetensors(path("empty")); }, {"it has 0 bytes"});
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  expect_error<Error>([&] { load_safetensors(path("pipe")); }, {"it is no regular file"});
}

TEST_F(Safetensors, AreRefusedWhereTheFileIsCutAtAnyByte) {
  save_safetensors(path("m"), {{"a", ones({3})}, {"b", ones({2}, bool_)}},
                   {.metadata = {{"k", "v"}}});
  const std::string whole = text_of("m");
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    write(path("cut"), whole.substr(0, bytes));
    expect_error<Error>([&] { load_safetensors(path("cut")); },
                        {"cannot read " + path("cut") + ": "});
  }
}

TEST_F(Safetensors, HaveHeadersOfAtMost100MillionBytes) {
  const auto refused = [&](uint64_t bytes, const std::string& reason) {
    write(path("m"), safetensors_bytes(bytes, ""));
    fs::resize_file(path("m"), 8 + bytes);  // zeros that take no room on the disk
    expect_error<Error>([&] { load_safetensors(path("m")); }, {reason});
  };
  refused(100'000'001, "a header of 100000001 bytes, more than the 100000000 that are allowed");
  refused(100'000'000, "begins with '?', not with '{'");
}

TEST_F(Safetensors, OfWholeNumbersAreReadAsInt64) {
  const auto read = [&](const std::string& dtype, const std::string& numbers) {
    write(path("m"),
          safetensors_bytes(R"({"a":{"dtype":")" + dtype + R"(","shape":[1],"data_offsets":[0,)" +
                            std::to_string(numbers.size()) + "]}}") +
              numbers);
    return SafetensorsFile(path("m")).load("a");
  };
  expect_values(read("U8", "\xff"), {255});
  expect_values(read("I8", "\xff"), {-1});
  expect_values(read("U16", "\xfe\xff"), {65534});
  expect_values(read("I16", "\xfe\xff"), {-2});
  expect_values(read("U32", "\xfe\xff\xff\xff"), {4294967294});
  expect_values(read("I32", "\xfe\xff\xff\xff"), {-2});
  EXPECT_EQ(read("U64", "\xff\xff\xff\xff\xff\xff\xff\x7f").item<int64_t>(), INT64_MAX);
  expect_error<Error>([&] { read("U64", std::string("\0\0\0\0\0\0\0\x80", 8)); },
                      {"cannot read " + path("m"), "'a' of U64 has a value that int64 has not"});
  expect_error<Error>([&] { read("BOOL", "\x02"); }, {"'a' of BOOL has a value that bool has not"});
}

TEST_F(Safetensors, OfADtypeThatRillHasNotAreRefusedByNameAndLeaveTheOthers) {
  write(path("m"), safetensors_bytes(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},)"
                                     R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                                     6));
  const SafetensorsFile file(path("m"));
  EXPECT_EQ(file.stored_dtype("a"), "F8_E4M3");
  for (const auto& ask : std::vector<std::function<void()>>{
           [&] { file.load("a"); }, [&] { file.dtype("a"); }, [&] { load_safetensors(path("m")); }})
    expect_error<DTypeError>(ask, {"cannot read " + path("m"), "tensor 'a' is F8_E4M3"});
  expect_values(file.load("b"), {0});
}

TEST_F(Safetensors, ThatLieBesideTheMultiplesOfTheirElementsAreReadRight) {
  const Tensor numbers = randn({large});
  const std::string header = R"({"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},)"
                             R"("b":{"dtype":"F32","shape":[100000],"data_offsets":[1,400001]}})";
  write(path("m"), safetensors_bytes(header) + '\1' + bytes_of(numbers));
  const Tensor found = SafetensorsFile(path("m")).load("b");
  expect_same(found, numbers);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(found.raw_data()) % alignof(float), 0U);
}

TEST_F(SafetensorsMemory, OfALargeTensorIsItsFile) {
  save_safetensors(path("m"), {{"a", ones({large})}});
  empty_cache();
  const int64_t reserved = reserved_bytes(), live = live_tensor_bytes();
  {
    const StateDict state = load_safetensors(path("m"));
    EXPECT_EQ(live_tensor_bytes(), live + 4 * large);
    const int64_t slack = detail::is_sanitized ? 100 * large : large;  // sanitizers keep no pool
    EXPECT_LT(reserved_bytes(), reserved + slack);
  }
  EXPECT_EQ(live_tensor_bytes(), live);
}

/// Whether part of the file is mapped; the system must have a list of that.
bool is_mapped(const std::string& path) {
  std::ifstream maps("/proc/self/maps");
  return std::string(std::istreambuf_iterator<char>(maps), {}).find(path) != std::string::npos;
}

/// The number that the next file to be opened is going to have.
int next_descriptor() {
  const int descriptor = ::open("/dev/null", O_RDONLY);
  ::close(descriptor);
  return descriptor;
}

TEST_F(SafetensorsMemory, IsGivenBackToTheSystem) {
  if (!fs::exists("/proc/self/maps")) GTEST_SKIP() << "there is no /proc/self/maps";
  save_safetensors(path("m"), {{"a", ones({large})}, {"b", ones({3})}});
  const int descriptor = next_descriptor();
  StateDict state = load_safetensors(path("m"));
  EXPECT_TRUE(is_mapped(path("m")));
  EXPECT_EQ(next_descriptor(), descriptor);
  state.erase(state.begin());
  EXPECT_FALSE(is_mapped(path("m")));
  fs::resize_file(path("m"), 100);
  EXPECT_THROW(load_safetensors(path("m")), Error);
  EXPECT_FALSE(is_mapped(path("m")));
  EXPECT_EQ(next_descriptor(), descriptor);
}

TEST_F(SafetensorsMemory, IsWrittenToWithoutTheFile) {
  for (const int64_t size : {int64_t{3}, large}) {
    save_safetensors(path("m"), {{"a", ones({size})}});
    const std::string before = text_of("m");
    const SafetensorsFile file(path("m"));
    const Tensor a = file.load("a"), again = file.load("a");
    a.mul_(2);
    EXPECT_EQ(a.sum().item(), 2.0 * static_cast<double>(size));
    EXPECT_EQ(again.sum().item(), static_cast<double>(size));
    EXPECT_EQ(file.load("a").sum().item(), static_cast<double>(size));
    EXPECT_EQ(text_of("m"), before);
  }
}

TEST_F(SafetensorsMemory, OutlivesTheFileAndWhatReplacesIt) {
  save_safetensors(path("m"), {{"a", ones({large})}});
  const Tensor a = load_safetensors(path("m"))["a"];
  save_safetensors(path("m"), {{"a", zeros({large})}});
  EXPECT_EQ(a.sum().item(), large);
  EXPECT_EQ(load_safetensors(path("m"))["a"].sum().item(), 0);
  fs::remove(path("m"));
  EXPECT_EQ(a.sum().item(), large);
}

TEST_F(SafetensorsMemory, IsSavedIntoTheFileThatItIsMappedFrom) {
  Generator generator(3);
  const Tensor numbers = randn({large}, generator);
  save_safetensors(path("m"), {{"a", numbers}, {"b", numbers + 1.0}});
  StateDict state = load_safetensors(path("m"));
  state["a"].copy_(numbers * 2.0);
  save_safetensors(path("m"), state);
  const StateDict found = load_safetensors(path("m"));
  expect_same(found["a"], numbers * 2.0);
  expect_same(found["b"], numbers + 1.0);
}

TEST_F(SafetensorsMemory, TakesGradientsAndNotesWrites) {
  save_safetensors(path("m"), {{"w", ones({large})}});
  const Tensor w = load_safetensors(path("m"))["w"].requires_grad_();
  (w * w).sum().backward();
  expect_values(w.grad().narrow(0, 0, 2), {2, 2});
  const Tensor stale = (w * w).sum();
  {
    const NoGradGuard unrecorded;
    w.add_(w.grad(), -0.5);
  }
  EXPECT_EQ(w.sum().item(), 0);
  expect_error<AutogradError>([&] { stale.backward(); }, {"in place"});
}

TEST_F(SafetensorsMemory, IsFreeOfTheSaversGradients) {
  const Tensor w = ones({2, 2}).requires_grad_();
  save_safetensors(path("m"), {{"w", w}, {"t", w.T() * 2.0}});
  EXPECT_FALSE(load_safetensors(path("m"))["t"].requires_grad());
}

TEST_F(SafetensorsMemory, HoldsManyTinyTensors) {
  constexpr int count = 100'000;  // with every name compared to every other it would take a minute
  StateDict state;
  const Tensor one = zeros({count, 1});
  for (int i = 0; i < count; ++i) state.push_back({std::to_string(i), one.select(0, i)});
  save_safetensors(path("m"), state);
  const StateDict found = load_safetensors(path("m"));
  EXPECT_EQ(found.size(), state.size());
  EXPECT_EQ(found[99'999].name, "99999");
}

}  // namespace
}  // namespace rill::testing
