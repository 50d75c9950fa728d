// Loads a trained generator and prints its first samples: as text where they are small pictures, as
// numbers where they are vectors.
//   embed RUN_OR_CHECKPOINT [NUMBER]
#include <ATen/ATen.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/run/load_generator.h"

namespace {

// pixels: [H, W, C] uint8. One character a pixel, from dark to bright.
void print_picture(const at::Tensor& pixels) {
  constexpr char kShades[] = " .:-=+*#%@";
  const at::Tensor grey = pixels.to(at::kFloat).mean(/*dim=*/2);
  for (int64_t y = 0; y < grey.size(0); ++y) {
    for (int64_t x = 0; x < grey.size(1); ++x) {
      std::putchar(kShades[static_cast<int>(grey[y][x].item<float>() / 256 * 10)]);
    }
    std::putchar('\n');
  }
}

// values: [D] float32, in the units of the data.
void print_vector(const at::Tensor& values) {
  for (int64_t i = 0; i < values.size(0); ++i) std::printf("%g ", values[i].item<float>());
  std::putchar('\n');
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: embed RUN_OR_CHECKPOINT [NUMBER]\n");
    return 2;
  }
  try {
    const wgan::Generator generator = wgan::load_generator(argv[1]);
    std::vector<uint64_t> seeds(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1);
    std::iota(seeds.begin(), seeds.end(), 0);
    const at::Tensor samples = wgan::sample(generator, seeds);
    for (int64_t i = 0; i < samples.size(0); ++i) {
      samples.dim() == 4 ? print_picture(samples[i]) : print_vector(samples[i]);
    }
  } catch (const wgan::Error& error) {
    std::fprintf(stderr, "embed: %s\n%s\n", error.what(), error.hint().c_str());
    return 3;
  }
  return 0;
}
