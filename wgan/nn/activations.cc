// The activations on LibTorch's element-wise functions.
#include "wgan/nn/activations.h"

#include <torch/types.h>

namespace wgan {
namespace {

template <class Kind>
constexpr bool kIsActivation = Kind::kTraits.kind == LayerKind::kActivation;

// -2 (y + 1) = log(1 - sigma'), for y = softplus(2z + 2) / 2 - 1 with sigma' = sigmoid(2z + 2).
at::Tensor log_gap(const at::Tensor& y) { return (y + 1).mul_(-2); }

}  // namespace

void activate_in_place(const Layer& layer, at::Tensor x) {
  std::visit(Match{[&](const LeakyRelu& l) {
                     if (l.slope == 0) {
                       x.relu_();
                     } else {
                       at::leaky_relu_(x, l.slope);
                     }
                   },
                   [&](const Tanh&) { x.tanh_(); }, [&](const Sigmoid&) { x.sigmoid_(); },
                   [&](const ScaledSoftplus&) {
                     x.mul_(2).add_(2);
                     at::softplus_out(x, x).mul_(0.5).sub_(1);
                   },
                   []<class Kind>(const Kind&) { static_assert(!kIsActivation<Kind>); }},
             layer);
}

void differentiate_activation(const Layer& layer, at::Tensor target, const at::Tensor& d,
                              const at::Tensor& y) {
  std::visit(
      Match{[&](const LeakyRelu& l) {
              if (l.slope == 0) {
                at::threshold_backward_out(target, d, y, 0);
              } else {
                at::leaky_relu_backward_out(target, d, y, l.slope, true);
              }
            },
            [&](const Tanh&) { at::tanh_backward_out(target, d, y); },
            [&](const Sigmoid&) { at::sigmoid_backward_out(target, d, y); },
            [&](const ScaledSoftplus&) { at::mul_out(target, d, log_gap(y).expm1_().neg_()); },
            []<class Kind>(const Kind&) { static_assert(!kIsActivation<Kind>); }},
      layer);
}

// sigma''/sigma' is -2y of tanh, 1 - 2y of the sigmoid, and 2 (1 - sigma') of the softplus.
at::Tensor activation_curvature(const Layer& layer, const at::Tensor& d, const at::Tensor& t,
                                const at::Tensor& y) {
  return std::visit(
      Match{[](const LeakyRelu&) { return at::Tensor(); },
            [&](const Tanh&) { return (d * t).mul_(y).mul_(-2); },
            [&](const Sigmoid&) { return (y * -2).add_(1).mul_(d).mul_(t); },
            [&](const ScaledSoftplus&) { return log_gap(y).exp_().mul_(2).mul_(d).mul_(t); },
            []<class Kind>(const Kind&) {
              static_assert(!kIsActivation<Kind>);
              return at::Tensor();
            }},
      layer);
}

}  // namespace wgan
