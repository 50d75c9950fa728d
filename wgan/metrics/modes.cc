// Counts classes and compares the counts.
#include "wgan/metrics/modes.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>

#include "wgan/core/error.h"
#include "wgan/metrics/divergence.h"
#include "wgan/metrics/features.h"

namespace wgan {
namespace {

void check_labels(const at::Tensor& labels, int64_t dimensions, int64_t end, const char* what) {
  if (!labels.defined() || labels.dim() != dimensions || labels.scalar_type() != torch::kLong ||
      labels.numel() < 1 || end < 1) {
    throw Error(ErrorKind::kUsage, fmt::format("{} want int64 of shape [{}] with N >= 1, and at "
                                               "least one class",
                                               what, dimensions == 1 ? "N" : "N, C"));
  }
  const auto low = labels.min().item<int64_t>();
  const auto high = labels.max().item<int64_t>();
  if (low < 0 || high >= end) {
    throw Error(ErrorKind::kData,
                fmt::format("{} from {} to {}, wanted 0 to {}", what, low, high, end - 1));
  }
}

}  // namespace

ModeCoverage mode_coverage(const at::Tensor& classes, std::span<const double> data) {
  const auto count = static_cast<int64_t>(data.size());
  check_labels(classes, 1, count, "classes");
  const at::Tensor counts = torch::bincount(classes.cpu(), {}, count).to(torch::kFloat64);
  const auto* const first = counts.data_ptr<double>();
  ModeCoverage coverage;
  coverage.histogram.assign(first, first + count);
  coverage.kl = kl_divergence(coverage.histogram, data);
  coverage.js = js_divergence(coverage.histogram, data);
  for (size_t k = 0; k < data.size(); ++k) {
    if (data[k] == 0) continue;
    ++coverage.modes;
    if (coverage.histogram[k] > 0) ++coverage.found;
  }
  coverage.kl_by_chance =
      static_cast<double>(coverage.modes - 1) / (2 * static_cast<double>(classes.size(0)));
  return coverage;
}

at::Tensor most_probable_classes(const at::Tensor& probabilities) {
  return checked_rows(probabilities, "the classifier's outputs", 0).argmax(1);
}

at::Tensor stacked_classes(const at::Tensor& digits, int64_t base) {
  check_labels(digits, 2, base, "digits");
  at::Tensor classes = torch::zeros({digits.size(0)}, digits.options());
  for (int64_t c = digits.size(1) - 1; c >= 0; --c) classes.mul_(base).add_(digits.select(1, c));
  return classes;
}

}  // namespace wgan
