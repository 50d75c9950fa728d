// Sums of the cubic kernel over blocks of rows.
#include "wgan/metrics/kernel_distance.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/metrics/features.h"

namespace wgan {
namespace {

// (a.b / D + 1)^3 in place of the products.
at::Tensor cubic_kernel(at::Tensor products, int64_t dimensions) {
  products.div_(static_cast<double>(dimensions)).add_(1);
  return products.mul_(products.square());
}

double pairs(int64_t n, int64_t m) { return static_cast<double>(n) * static_cast<double>(m); }

// The mean of the kernel over all pairs of rows, but for those of a row with itself where b is a.
double mean_kernel(const at::Tensor& a, const at::Tensor& b) {
  const bool same = a.is_same(b);
  double sum = 0;
  const auto parts = b.split(kRowBlock);
  for (const at::Tensor& first : a.split(kRowBlock)) {
    const at::Tensor rows = first.to(torch::kFloat64);
    if (same) sum -= cubic_kernel(rows.square().sum(1), a.size(1)).sum().item<double>();
    for (const at::Tensor& second : parts) {
      sum += cubic_kernel(rows.mm(second.to(torch::kFloat64).t()), a.size(1)).sum().item<double>();
    }
  }
  return sum / (same ? pairs(a.size(0), a.size(0) - 1) : pairs(a.size(0), b.size(0)));
}

double mmd2(const at::Tensor& x, const at::Tensor& y) {
  return mean_kernel(x, x) + mean_kernel(y, y) - 2 * mean_kernel(x, y);
}

at::Tensor random_rows(const at::Tensor& rows, int64_t count, uint64_t seed, int64_t draw) {
  std::vector<int64_t> chosen(static_cast<size_t>(count));
  for (size_t i = 0; i < chosen.size(); ++i) {
    chosen[i] = static_cast<int64_t>(permuted_index(seed, Stream::kKernelSubsets,
                                                    static_cast<uint64_t>(draw), i,
                                                    static_cast<uint64_t>(rows.size(0))));
  }
  return rows.index_select(0, torch::tensor(chosen).to(rows.device())).to(torch::kFloat64);
}

}  // namespace

double mmd2_unbiased(const at::Tensor& x, const at::Tensor& y) {
  const torch::NoGradGuard no_grad;
  const at::Tensor first = checked_rows(x, "the first features", 2);
  const at::Tensor second = checked_rows(y, "the second features", 2);
  check_comparable(first, second);
  return mmd2(first, second);
}

KernelDistance kernel_distance(const at::Tensor& x, const at::Tensor& y,
                               const KernelDistanceOptions& options) {
  const torch::NoGradGuard no_grad;
  const at::Tensor first = checked_rows(x, "the first features", 2);
  const at::Tensor second = checked_rows(y, "the second features", 2);
  check_comparable(first, second);
  if (options.subsets < 2 || options.subset_size < 2) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("a kernel distance over {} of {}, wanted at least 2 of 2",
                    counted(options.subsets, "subset"), counted(options.subset_size, "row")));
  }
  const int64_t smaller = std::min(first.size(0), second.size(0));
  KernelDistance found;
  found.subset_size = std::min(options.subset_size, smaller);
  for (int64_t i = 0; i < options.subsets; ++i) {
    found.values.push_back(mmd2(random_rows(first, found.subset_size, options.seed, 2 * i),
                                random_rows(second, found.subset_size, options.seed, 2 * i + 1)));
  }
  double squares = 0;
  for (const double value : found.values) found.mean += value;
  const auto count = static_cast<double>(options.subsets);
  found.mean /= count;
  for (const double value : found.values) squares += (value - found.mean) * (value - found.mean);
  found.deviation = std::sqrt(squares / count);
  const auto apart = static_cast<double>(std::min(options.subsets, smaller / found.subset_size));
  found.standard_error = std::sqrt(squares / (count - 1) / apart);
  return found;
}

}  // namespace wgan
