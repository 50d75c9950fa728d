// Checks shapes, types and values.
#include "wgan/metrics/transport_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {
namespace {

at::Tensor as_float64(const at::Tensor& values, const std::string& name) {
  const auto type = values.scalar_type();
  if (!at::isFloatingType(type) && !at::isIntegralType(type, false)) {
    throw Error(ErrorKind::kUsage, fmt::format("{} holds elements of type {}, wanted real numbers",
                                               name, at::toString(type)));
  }
  const at::Tensor converted = values.detach().to(torch::kFloat64).contiguous();
  if (!converted.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kData, fmt::format("{} holds NaN or infinite values", name),
                "look for the sample that diverged");
  }
  return converted;
}

}  // namespace

at::Tensor checked_points(const at::Tensor& points, const std::string& name) {
  if (!points.defined() || points.dim() != 2 || points.size(0) < 1 || points.size(1) < 1) {
    throw Error(ErrorKind::kUsage,
                points.defined() ? fmt::format("{} has shape [{}], wanted [N, D] with N, D >= 1",
                                               name, fmt::join(points.sizes(), ", "))
                                 : fmt::format("{} is no tensor, wanted [N, D]", name),
                "flatten each sample into one row");
  }
  return as_float64(points, name);
}

void check_same_space(const at::Tensor& x, const at::Tensor& y) {
  if (x.size(1) != y.size(1)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("samples of {} and {}, wanted the same", x.size(1),
                            counted(y.size(1), "dimension")),
                "compare samples that were prepared alike");
  }
  if (x.device() != y.device()) {
    throw Error(ErrorKind::kUsage, fmt::format("samples on {} and {}, wanted the same device",
                                               x.device().str(), y.device().str()));
  }
}

at::Tensor checked_masses(const at::Tensor& masses, int64_t count, const std::string& name) {
  if (!masses.defined() || masses.dim() != 1 || masses.size(0) != count) {
    throw Error(ErrorKind::kUsage,
                masses.defined() ? fmt::format("{} has shape [{}], wanted [{}]", name,
                                               fmt::join(masses.sizes(), ", "), count)
                                 : fmt::format("{} is no tensor, wanted [{}]", name, count),
                "give one mass a point");
  }
  at::Tensor converted = as_float64(masses, name);
  const double sum = converted.sum().item<double>();
  if (converted.min().item<double>() < 0 || !(sum > 0)) {
    throw Error(ErrorKind::kData,
                fmt::format("{} has negative values or the sum {}, wanted none and a sum above 0",
                            name, sum));
  }
  return converted;
}

at::Tensor checked_weights(const at::Tensor& weights, int64_t count, const at::Tensor& like,
                           const std::string& name) {
  if (!weights.defined()) {
    return torch::full({count}, 1.0 / static_cast<double>(count), like.options());
  }
  const at::Tensor masses = checked_masses(weights, count, name).to(like.device());
  return masses / masses.sum();
}

std::span<const double> values_of(const at::Tensor& tensor) {
  return {tensor.data_ptr<double>(), static_cast<size_t>(tensor.numel())};
}

}  // namespace wgan
