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

// [count] int64, rows of `total` without repetition.
at::Tensor random_rows(int64_t total, int64_t count, uint64_t seed, int64_t draw) {
  std::vector<int64_t> chosen(static_cast<size_t>(count));
  for (size_t i = 0; i < chosen.size(); ++i) {
    chosen[i] = static_cast<int64_t>(permuted_index(seed, Stream::kKernelSubsets,
                                                    static_cast<uint64_t>(draw), i,
                                                    static_cast<uint64_t>(total)));
  }
  return torch::tensor(chosen);
}

// A set of rows, and the subsets drawn of it.
struct Drawn {
  at::Tensor rows;                  // [N, D]
  std::vector<at::Tensor> subsets;  // [m] int64 each

  at::Tensor subset(size_t number) const {
    return rows.index_select(0, subsets[number].to(rows.device())).to(torch::kFloat64);
  }
  // [subsets, N] float64: 1 where the subset has the row, 0 elsewhere.
  at::Tensor members() const {
    const auto count = static_cast<int64_t>(subsets.size());
    const at::Tensor flags = torch::zeros({count, rows.size(0)}, torch::kFloat64);
    for (int64_t i = 0; i < count; ++i) {
      flags[i].index_fill_(0, subsets[static_cast<size_t>(i)], 1);
    }
    return flags.to(rows.device());
  }
};

Drawn drawn(const at::Tensor& rows, const KernelDistanceOptions& options, int64_t size,
            int64_t side) {
  Drawn all{rows, {}};
  for (int64_t i = 0; i < options.subsets; ++i) {
    all.subsets.push_back(random_rows(rows.size(0), size, options.seed, 2 * i + side));
  }
  return all;
}

// The mean of the kernel over the pairs of each subset of a and b, [subsets], as mean_kernel: from
// the kernel between all rows, which is computed once, block by block.
at::Tensor mean_kernels(const Drawn& a, const Drawn& b) {
  const bool same = a.rows.is_same(b.rows);
  const at::Tensor of_a = a.members(), of_b = b.members();
  at::Tensor sums = torch::zeros({of_a.size(0)}, of_a.options());
  for (int64_t i = 0; i < a.rows.size(0); i += kRowBlock) {
    const at::Tensor rows = a.rows.slice(0, i, i + kRowBlock).to(torch::kFloat64);
    const at::Tensor here = of_a.slice(1, i, i + kRowBlock);
    if (same) sums -= here.mv(cubic_kernel(rows.square().sum(1), rows.size(1)));
    for (int64_t j = 0; j < b.rows.size(0); j += kRowBlock) {
      const at::Tensor others = b.rows.slice(0, j, j + kRowBlock).to(torch::kFloat64);
      const at::Tensor kernel = cubic_kernel(rows.mm(others.t()), rows.size(1));
      sums += (here.mm(kernel) * of_b.slice(1, j, j + kRowBlock)).sum(1);
    }
  }
  const int64_t n = a.subsets[0].size(0), m = b.subsets[0].size(0);
  return sums / (same ? pairs(n, n - 1) : pairs(n, m));
}

// mmd2 of each subset of x with that of y.
std::vector<double> subset_values(const Drawn& x, const Drawn& y) {
  const int64_t n = x.rows.size(0), m = y.rows.size(0), size = x.subsets[0].size(0);
  const auto count = static_cast<int64_t>(x.subsets.size());
  std::vector<double> values;
  if (pairs(n, n) + pairs(m, m) + pairs(n, m) <= 3 * pairs(size, size) * pairs(count, 1)) {
    const at::Tensor all =
        (mean_kernels(x, x) + mean_kernels(y, y) - 2 * mean_kernels(x, y)).cpu().contiguous();
    values.assign(all.data_ptr<double>(), all.data_ptr<double>() + count);
    return values;
  }
  for (size_t i = 0; i < x.subsets.size(); ++i) values.push_back(mmd2(x.subset(i), y.subset(i)));
  return values;
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
  found.values = subset_values(drawn(first, options, found.subset_size, 0),
                               drawn(second, options, found.subset_size, 1));
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
