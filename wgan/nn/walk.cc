// Sums for gradients.
#include "wgan/nn/walk.h"

#include <torch/types.h>

#include "wgan/nn/affine.h"

namespace wgan {
namespace {

// [C]: the sum over the rows, and over the pixels of images.
at::Tensor sum_of_rows(const at::Tensor& d) {
  const at::ScalarType wide = at::promote_types(d.scalar_type(), at::kFloat);
  if (d.is_cuda() && d.scalar_type() == wide) {  // several times as fast as sum
    const at::Tensor rows = d.dim() == 4 ? d.permute({0, 2, 3, 1}).reshape({-1, d.size(1)}) : d;
    return rows.t().mv(rows.new_ones({rows.size(0)}));
  }
  return d.dim() == 4 ? d.sum({0, 2, 3}, false, wide) : d.sum({0}, false, wide);
}

// The same of rows that count factors [R] times.
at::Tensor sum_of_rows(const at::Tensor& d, const at::Tensor& factors) {
  const at::ScalarType wide = at::promote_types(d.scalar_type(), at::kFloat);
  const at::Tensor each = d.dim() == 4 ? d.sum({2, 3}, false, wide) : d.to(wide);
  return each.t().mv(factors);
}

}  // namespace

void add_gradients(const Model& model, const Layer& layer, size_t number, const at::Tensor& d,
                   const at::Tensor& x, int64_t bias_rows, const at::Tensor& factors) {
  const Place& place = model.places[number];
  view_at(model.gradient_views, place.weight)
      .add_(weight_gradient(layer, d, x, view_at(model.frozen, place.weight)));
  const at::Tensor bias = view_at(model.gradient_views, place.bias);
  if (!bias.defined()) return;
  const auto add = [&](const at::Tensor& sum) {  // all outputs of a Projection share one
    bias.add_(sum.sum_to_size(bias.sizes()));
  };
  if (bias_rows > 0) add(sum_of_rows(d.narrow(0, 0, bias_rows)));
  if (factors.defined()) add(sum_of_rows(d.slice(0, d.size(0) - factors.size(0)), factors));
}

void add_norm_gradients(const Model& model, size_t number, const at::Tensor& scale,
                        const at::Tensor& shift) {
  const Place& place = model.places[number];
  view_at(model.gradient_views, place.weight).add_(scale);
  if (shift.defined()) view_at(model.gradient_views, place.bias).add_(shift);
}

}  // namespace wgan
