// Times exact transport between two samples with one thread, for bench/compare_transport:
//   wgan_bench_transport X.npy Y.npy      float64 [N, D] and [M, D]; prints a line of JSON
#include "wgan/metrics/transport.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <cstdio>
#include <cstring>
#include <ctime>

#include "wgan/core/error.h"
#include "wgan/io/npy.h"
#include "wgan/nn/threads.h"

namespace wgan {
namespace {

at::Tensor read_points(const char* path) {
  const NpyArray array = map_npy(path);
  if (array.type != NpyType::kFloat64 || array.shape.size() != 2) {
    throw Error(ErrorKind::kData, fmt::format("{}: wanted float64 [N, D]", path));
  }
  at::Tensor points = torch::empty(array.shape, torch::kFloat64);
  std::memcpy(points.data_ptr<double>(), array.bytes.data(), array.bytes.size());
  return points;
}

// Of the processor: with one thread the elapsed time, but for what other programs take.
template <typename Work>
double seconds(const Work& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void run(const char* x_path, const char* y_path) {
  use_threads(1);
  const at::Tensor x = read_points(x_path);
  const at::Tensor y = read_points(y_path);
  const auto equal = [](const at::Tensor& points) {
    return torch::full({points.size(0)}, 1.0 / static_cast<double>(points.size(0)),
                       torch::kFloat64);
  };
  at::Tensor costs;
  const double cost_seconds = seconds([&] { costs = ground_costs(x, y, GroundCost::kEuclidean); });
  Transport transport;
  const double solve_seconds =
      seconds([&] { transport = exact_transport_of_costs(costs, equal(x), equal(y)); });
  const double whole_seconds =
      seconds([&] { transport = exact_transport(x, y, GroundCost::kEuclidean); });
  const double largest = costs.max().item<double>();
  fmt::print(
      R"({{"costs_s": {}, "solve_s": {}, "whole_s": {}, "value": {:.17g}, "gap": {}, "solver": "{}"}})"
      "\n",
      cost_seconds, solve_seconds, whole_seconds, transport.cost,
      largest > 0 ? transport.gap / largest : 0.0, transport.solver);
}

}  // namespace
}  // namespace wgan

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: {} X.npy Y.npy\n", argv[0]);
    return 2;
  }
  try {
    wgan::run(argv[1], argv[2]);
  } catch (const wgan::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
