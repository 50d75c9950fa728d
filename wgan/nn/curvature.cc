// The tangents' walk up.
#include "wgan/nn/curvature.h"

#include <torch/types.h>

#include <utility>

#include "wgan/nn/activations.h"
#include "wgan/nn/affine.h"
#include "wgan/nn/layer_norm.h"
#include "wgan/nn/walk.h"

namespace wgan {
namespace {

// A tangent on its way up, where the layers' second derivatives are asked for.
class CurvatureWalk : Walk {
 public:
  // adjoint: of the rows that have tangents, the last; its outputs become the curvature.
  CurvatureWalk(const Model& model, const Trace& trace, Adjoint& adjoint, int64_t rows)
      : Walk(model), trace_(trace), adjoint_(adjoint), first_row_(trace.output.size(0) - rows) {}

  // Returns the tangent at the layers' output.
  at::Tensor run(const Layers& layers, size_t number, at::Tensor t) {
    bool ours = false;  // t is read by nobody else as it is
    for (const Layer& layer : layers) {
      at::Tensor& d = adjoint_.outputs[number];
      if (const auto* residual = std::get_if<Residual>(&layer)) {
        const Branches at = branches(*residual, number);
        t = run(residual->body, at.body, t) + run(residual->shortcut, at.shortcut, t);
      } else if (is_activation(layer)) {
        const at::Tensor y = trace_.outputs[number].slice(0, first_row_);
        const at::Tensor into = ours ? t : at::empty_like(t);
        differentiate_activation(layer, into, t, y);
        t = into;
        if (d.defined()) d = activation_curvature(layer, d, t, y);
      } else if (std::holds_alternative<LayerNorm>(layer)) {
        t = through_norm(number, t, d);
      } else {
        if (d.defined()) add_gradients(model_, layer, number, d, t, /*bias_rows=*/0);
        d = at::Tensor();  // nobody asks for it again
        t = affine(layer, t, weight(number), {});
      }
      ours = traits(layer).new_tensor || is_activation(layer) || ours;
      number = number_after(layer, number);
    }
    return t;
  }

 private:
  at::Tensor through_norm(size_t number, const at::Tensor& t, at::Tensor& d) const {
    const auto& [mean, r] = trace_.moments[number];
    const auto [output, curvature, scale] =
        layer_norm_tangent(d, t, trace_.inputs[number].slice(0, first_row_), weight(number),
                           {mean.slice(0, first_row_), r.slice(0, first_row_)});
    add_norm_gradients(model_, number, scale, {});
    d = curvature;
    return output;
  }

  const Trace& trace_;
  Adjoint& adjoint_;
  const int64_t first_row_;
};

}  // namespace

Curvature curvature_sweep(Model& model, const Trace& trace, Adjoint adjoint,
                          const at::Tensor& direction) {
  CurvatureWalk(model, trace, adjoint, direction.size(0)).run(model.network.layers, 0, direction);
  return {std::move(adjoint.outputs)};
}

}  // namespace wgan
