// Forward runs, layer by layer, through LibTorch's functions.
#include "wgan/nn/forward.h"

#include <torch/types.h>

namespace wgan {
namespace {

// Hands out the tensors of the layers in order.
class Cursor {
 public:
  explicit Cursor(const std::vector<at::Tensor>& tensors) : tensors_(tensors) {}
  const at::Tensor& next() { return tensors_[position_++]; }
  at::Tensor next_if(bool present) { return present ? next() : at::Tensor(); }

 private:
  const std::vector<at::Tensor>& tensors_;
  size_t position_ = 0;
};

at::Tensor batch_norm(const BatchNorm& layer, const at::Tensor& x, Cursor& parameters,
                      Cursor& memory, bool training) {
  const at::Tensor weight = parameters.next(), bias = parameters.next();
  const at::Tensor mean = memory.next(), variance = memory.next();
  return torch::batch_norm(x, weight, bias, mean, variance, training, layer.momentum, layer.epsilon,
                           /*cudnn_enabled=*/true);
}

at::Tensor reshape(const Reshape& layer, const at::Tensor& x) {
  Shape shape{x.size(0)};
  shape.insert(shape.end(), layer.shape.begin(), layer.shape.end());
  const at::Tensor y = x.reshape(shape);
  return y.dim() == 4 ? y.contiguous(at::MemoryFormat::ChannelsLast) : y;
}

}  // namespace

at::Tensor forward(const Model& model, const at::Tensor& input, const ForwardContext& context) {
  Cursor parameters(context.gradients ? model.leaves : model.frozen);
  Cursor memory(model.memory);
  at::Tensor x = input;
  for (const Layer& layer : model.network.layers) {
    x = std::visit(
        Match{[&](const Linear& l) {
                const at::Tensor weight = parameters.next();
                return torch::linear(x, weight, parameters.next_if(l.bias));
              },
              [&](const Conv2d& l) {
                const at::Tensor weight = parameters.next();
                return torch::conv2d(x, weight, parameters.next_if(l.bias), l.stride, l.padding);
              },
              [&](const ConvTranspose2d& l) {
                const at::Tensor weight = parameters.next();
                return torch::conv_transpose2d(x, weight, parameters.next_if(l.bias), l.stride,
                                               l.padding, l.output_padding);
              },
              [&](const LeakyRelu& l) {
                return l.slope == 0 ? torch::relu(x) : torch::leaky_relu(x, l.slope);
              },
              [&](const BatchNorm& l) {
                return batch_norm(l, x, parameters, memory, context.training);
              },
              [&](const Tanh&) { return torch::tanh(x); },
              [&](const Sigmoid&) { return torch::sigmoid(x); },
              [&](const Reshape& l) { return reshape(l, x); },
              [&](const Pad& l) {
                return torch::constant_pad_nd(x, {l.before, l.after, l.before, l.after}, 0);
              },
              [&](const Crop& l) { return x.narrow(2, 0, l.height).narrow(3, 0, l.width); }},
        layer);
  }
  return x;
}

}  // namespace wgan
