// The entry of libFuzzer for one reader: $WGAN_FUZZ names it. tools/fuzz builds and runs it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "fuzz/readers.h"
#include "wgan/io/temporary_folder.h"

namespace {

const wgan::fuzz::Reader& chosen() {
  const char* name = std::getenv("WGAN_FUZZ");
  for (const auto& reader : wgan::fuzz::readers()) {
    if (name != nullptr && std::string_view(name) == reader.name) return reader;
  }
  std::fprintf(stderr, "set WGAN_FUZZ to one of:");
  for (const auto& reader : wgan::fuzz::readers()) std::fprintf(stderr, " %s", reader.name.c_str());
  std::fprintf(stderr, "\n");
  std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wgan::fuzz::Reader& reader = chosen();
  static const wgan::TemporaryFolder folder;
  wgan::fuzz::read_bytes(reader, {reinterpret_cast<const char*>(data), size}, folder.path());
  return 0;
}
