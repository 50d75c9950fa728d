// Times a generator without LibTorch. Reads lines "THREADS BATCH" and answers each with the median
// milliseconds that a sample took.
//   infer_times RUN_OR_FILE
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <vector>

#include "wgan/infer/generator.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  using Clock = std::chrono::steady_clock;
  const auto generator = wgan::infer::Generator::open(argv[1]);
  int threads = 1;
  size_t batch = 1;
  while (std::cin >> threads >> batch) {
    std::vector<uint64_t> seeds(batch);
    std::iota(seeds.begin(), seeds.end(), uint64_t{0});
    const auto latents = wgan::inputs_of_seeds(generator.parts(), generator.state().data, seeds);
    std::vector<double> times;
    for (double sum = 0; sum < 0.3 || times.size() < 5; sum += times.back()) {
      const auto start = Clock::now();
      generator.outputs(latents, threads);
      times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    std::ranges::sort(times);
    std::printf("%.6f\n", 1e3 * times[times.size() / 2] / static_cast<double>(batch));
    std::fflush(stdout);
  }
}
