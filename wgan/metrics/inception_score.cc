// The entropy of the mean less the mean entropy, split by split.
#include "wgan/metrics/inception_score.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <cmath>
#include <functional>

#include "wgan/core/error.h"
#include "wgan/metrics/features.h"

namespace wgan {
namespace {

constexpr double kSumTolerance = 1e-3;  // of a row of probabilities, as half precision leaves it

// block: some rows as given. Returns their p(y|x) in float64.
using Probabilities = std::function<at::Tensor(const at::Tensor& block)>;

double score(const at::Tensor& rows, const Probabilities& probabilities) {
  at::Tensor marginal = torch::zeros({rows.size(1)}, rows.options().dtype(torch::kFloat64));
  double negative_entropy = 0;  // summed over the rows
  for (const at::Tensor& block : rows.split(kRowBlock)) {
    const at::Tensor p = probabilities(block);
    negative_entropy += torch::xlogy(p, p).sum().item<double>();
    marginal += p.sum(0);
  }
  const auto count = static_cast<double>(rows.size(0));
  marginal /= count;
  const double of_marginal = torch::xlogy(marginal, marginal).sum().item<double>();
  return std::exp(std::max(negative_entropy / count - of_marginal, 0.0));
}

InceptionScore over_splits(const at::Tensor& rows, int64_t splits,
                           const Probabilities& probabilities) {
  const torch::NoGradGuard no_grad;
  if (splits < 1) {
    throw Error(ErrorKind::kUsage, fmt::format("an Inception Score over {} splits, wanted one or "
                                               "more",
                                               splits));
  }
  const at::Tensor checked = checked_rows(rows, "the classifier's outputs", splits);
  InceptionScore found;
  const int64_t count = checked.size(0);
  for (int64_t i = 0; i < splits; ++i) {
    const int64_t first = i * count / splits;
    found.values.push_back(score(checked.slice(0, first, (i + 1) * count / splits), probabilities));
    found.mean += found.values.back() / static_cast<double>(splits);
  }
  for (const double value : found.values) {
    found.deviation += (value - found.mean) * (value - found.mean) / static_cast<double>(splits);
  }
  found.deviation = std::sqrt(found.deviation);
  return found;
}

}  // namespace

InceptionScore inception_score_of_logits(const at::Tensor& logits, int64_t splits) {
  return over_splits(logits, splits, [](const at::Tensor& block) {
    return torch::softmax(block.to(torch::kFloat64), 1);
  });
}

InceptionScore inception_score_of_probabilities(const at::Tensor& probabilities, int64_t splits) {
  return over_splits(probabilities, splits, [](const at::Tensor& block) {
    const at::Tensor wide = block.to(torch::kFloat64);
    const at::Tensor sums = wide.sum(1, true);
    if (wide.min().item<double>() < 0 || (sums - 1).abs().max().item<double>() > kSumTolerance) {
      throw Error(ErrorKind::kData,
                  fmt::format("a row of probabilities has the smallest value {:.3g} or a sum that "
                              "is {:.3g} away from 1",
                              wide.min().item<double>(), (sums - 1).abs().max().item<double>()),
                  "give logits to the function for logits");
    }
    return wide / sums;
  });
}

}  // namespace wgan
