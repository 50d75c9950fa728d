// The three parts of a convolution as functions of autograd: they are the derivatives of one form,
// <small, conv(large, weight)>, which is linear in each of its arguments, so that the derivative of
// a part is made of the other parts, which autograd derives in turn.
#include "wgan/nn/differentiable_convolution.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "wgan/nn/forward.h"

namespace wgan {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor laid_out(const at::Tensor& x) { return x.contiguous(kChannelsLast); }

void save(AutogradContext* context, const at::Tensor& first, const at::Tensor& second, Sliding s) {
  context->save_for_backward({first, second});
  context->saved_data["stride"] = s.stride;
  context->saved_data["padding"] = s.padding;
}

struct Saved {
  at::Tensor first, second;
  Sliding sliding;
};
Saved saved(AutogradContext* context) {
  const variable_list tensors = context->get_saved_variables();
  return {tensors[0],
          tensors[1],
          {context->saved_data["stride"].toInt(), context->saved_data["padding"].toInt()}};
}

struct ToSmall : torch::autograd::Function<ToSmall> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& large,
                            const at::Tensor& weight, Sliding s);
  static variable_list backward(AutogradContext* context, const variable_list& d);
};

struct ToLarge : torch::autograd::Function<ToLarge> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& small,
                            const at::Tensor& weight, const at::Tensor& like, Sliding s);
  static variable_list backward(AutogradContext* context, const variable_list& d);
};

struct ToWeight : torch::autograd::Function<ToWeight> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& small,
                            const at::Tensor& large, const at::Tensor& like, Sliding s);
  static variable_list backward(AutogradContext* context, const variable_list& d);
};

at::Tensor shape_of(const at::Tensor& x) { return x.detach(); }

at::Tensor ToSmall::forward(AutogradContext* context, const at::Tensor& large,
                            const at::Tensor& weight, Sliding s) {
  save(context, large, weight, s);
  return conv(laid_out(large), laid_out(weight), {}, s);
}
variable_list ToSmall::backward(AutogradContext* context, const variable_list& d) {
  const auto [large, weight, s] = saved(context);
  const bool needs_large = context->needs_input_grad(0),
             needs_weight = context->needs_input_grad(1);
  return {needs_large ? ToLarge::apply(d[0], weight, shape_of(large), s) : at::Tensor(),
          needs_weight ? ToWeight::apply(d[0], large, shape_of(weight), s) : at::Tensor(),
          at::Tensor()};
}

at::Tensor ToLarge::forward(AutogradContext* context, const at::Tensor& small,
                            const at::Tensor& weight, const at::Tensor& like, Sliding s) {
  save(context, small, weight, s);
  return conv_transposed(laid_out(small), like, laid_out(weight), s);
}
variable_list ToLarge::backward(AutogradContext* context, const variable_list& d) {
  const auto [small, weight, s] = saved(context);
  const bool needs_small = context->needs_input_grad(0),
             needs_weight = context->needs_input_grad(1);
  return {needs_small ? ToSmall::apply(d[0], weight, s) : at::Tensor(),
          needs_weight ? ToWeight::apply(small, d[0], shape_of(weight), s) : at::Tensor(),
          at::Tensor(), at::Tensor()};
}

at::Tensor ToWeight::forward(AutogradContext* context, const at::Tensor& small,
                             const at::Tensor& large, const at::Tensor& like, Sliding s) {
  save(context, small, large, s);
  return conv_weight(laid_out(small), laid_out(large), laid_out(like), s);
}
variable_list ToWeight::backward(AutogradContext* context, const variable_list& d) {
  const auto [small, large, s] = saved(context);
  const bool needs_small = context->needs_input_grad(0), needs_large = context->needs_input_grad(1);
  return {needs_small ? ToSmall::apply(large, d[0], s) : at::Tensor(),
          needs_large ? ToLarge::apply(small, d[0], shape_of(large), s) : at::Tensor(),
          at::Tensor(), at::Tensor()};
}

at::Tensor with_bias(const at::Tensor& y, const at::Tensor& bias) {
  return bias.defined() ? y + per_channel(bias, y) : y;
}

}  // namespace

at::Tensor differentiable_conv(const at::Tensor& large, const at::Tensor& weight,
                               const at::Tensor& bias, Sliding s) {
  if (!torch::GradMode::is_enabled()) return conv(laid_out(large), laid_out(weight), bias, s);
  return with_bias(ToSmall::apply(large, weight, s), bias);
}

at::Tensor differentiable_conv_transposed(const at::Tensor& small, const at::Tensor& weight,
                                          const at::Tensor& bias, Sliding s,
                                          int64_t output_padding) {
  if (!torch::GradMode::is_enabled()) {
    return biased_conv_transposed(laid_out(small), laid_out(weight), bias, s, output_padding);
  }
  const at::Tensor like = transposed_like(small, weight, s, output_padding);
  return with_bias(ToLarge::apply(small, weight, like, s), bias);
}

}  // namespace wgan
