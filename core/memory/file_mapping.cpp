#include <rill/core/memory/file_mapping.h>

#include <sys/mman.h>
#include <unistd.h>

namespace rill::detail {
namespace {

/// How far into its page an address or an offset lies.
uint64_t within_page(uint64_t place) {
  static const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  return place % page;
}

}  // namespace

FileMapping::FileMapping(int descriptor, uint64_t offset, size_t bytes, Access access) noexcept {
  const auto before = static_cast<size_t>(within_page(offset));
  const int protection = access == Access::write ? PROT_READ | PROT_WRITE : PROT_READ;
  void* const pages = ::mmap(nullptr, before + bytes, protection, MAP_PRIVATE | MAP_NORESERVE,
                             descriptor, static_cast<off_t>(offset - before));
  if (pages == MAP_FAILED) return;
  data_ = static_cast<char*>(pages) + before;
  bytes_ = bytes;
}

void FileMapping::unmap() noexcept {
  const auto before = static_cast<size_t>(within_page(reinterpret_cast<uintptr_t>(data_)));
  ::munmap(data_ - before, before + bytes_);
}

}  // namespace rill::detail
