#include <gtest/gtest.h>

#include <rill/core/io/detail/foreign.h>
#include <rill/core/io/npy.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

using Pickle = OwnFolder;
using namespace std::string_literals;

// What Python 3.11 and PyTorch 2.13 write.
const std::string archive =
    "PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x12\0\x10\0model_zip/data.pklFB"s;
const std::vector<std::string> pickles{
    archive,
    "\x80\x02\x8a\nl\xfc\x9c"
    "F\xf9 j\xa8P\x19.\x80\x02M"s,      // torch.save before version 1.6
    "\x80\x02}q\0X\x01\0\0\0aq\x01K"s,  // pickle.dumps({"a": 1}, protocol)
    "\x80\x03}q\0X\x01\0\0\0aq\x01K"s,
    "\x80\x04\x95\n\0\0\0\0\0\0\0}"s,
    "\x80\x05\x95\n\0\0\0\0\0\0\0}"s,
};

TEST_F(Pickle, IsRefusedWithTheTwoLinesThatConvertIt) {
  for (const std::string& pickle : pickles)
    expect_error<Error>([&] { detail::refuse_pickle("out/model.pt", pickle); },
                        {"cannot read out/model.pt: ", "pickle",
                         "\n  tensors = torch.load(\"out/model.pt\", weights_only=True)\n",
                         "  safetensors.torch.save_file(tensors, \"out/model.safetensors\")"});
}

TEST_F(Pickle, IsRefusedByWhatReadsFilesOfTensors) {
  for (const std::string& pickle : pickles) {
    std::ofstream(folder_ / "model.bin", std::ios::binary) << pickle << std::string(1000, '\0');
    expect_error<Error>([&] { load_npy(path("model.bin")); }, {"/model.bin", "torch.load"});
  }
}

TEST_F(Pickle, IsNotWhatOnlyBeginsLikeOne) {
  for (const std::string& other : {""s, "\x80"s, "\x80\x01"s, "\x80\x06"s, "PK\x03\x04"s,
                                   "PK\x03\x04\x14\0\0\0\0\0 a.npy"s, "{\"a\": 1}"s, "\x93NUMPY"s})
    EXPECT_NO_THROW(detail::refuse_pickle("file", other));
}

/// 640, 896, 1152 and 1408 bytes of header, and one of 2,622,080.
TEST_F(Pickle, IsNotASafetensorsFileWhoseHeaderHasSuchASize) {
  for (const std::string& size :
       {"\x80\x02\0\0"s, "\x80\x03\0\0"s, "\x80\x04\0\0"s, "\x80\x05\0\0"s, "\x80\x02(\0"s})
    EXPECT_NO_THROW(detail::refuse_pickle("file", size + "\0\0\0\0{\"a\":"s));
}

}  // namespace
}  // namespace rill::testing
