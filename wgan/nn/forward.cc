// Forward runs, layer by layer, through LibTorch's functions.
#include "wgan/nn/forward.h"

#include <torch/types.h>

namespace wgan {
namespace {

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

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

// Where the next layer finds its tensors.
struct Cursors {
  Cursor parameters;
  Cursor memory;
};

at::Tensor batch_norm(const BatchNorm& layer, const at::Tensor& x, Cursors& tensors,
                      bool training) {
  const at::Tensor weight = tensors.parameters.next(), bias = tensors.parameters.next();
  const at::Tensor mean = tensors.memory.next(), variance = tensors.memory.next();
  return torch::batch_norm(x, weight, bias, mean, variance, training, layer.momentum, layer.epsilon,
                           /*cudnn_enabled=*/true);
}

at::Tensor run(const Layers& layers, at::Tensor x, Cursors& tensors, bool training) {
  for (const Layer& layer : layers) {
    x = std::visit(Match{[&](const Linear& l) {
                           const at::Tensor weight = tensors.parameters.next();
                           return torch::linear(x, weight, tensors.parameters.next_if(l.bias));
                         },
                         [&](const Conv2d& l) {
                           const at::Tensor weight = tensors.parameters.next();
                           return torch::conv2d(x, weight, tensors.parameters.next_if(l.bias),
                                                l.stride, l.padding);
                         },
                         [&](const ConvTranspose2d& l) {
                           const at::Tensor weight = tensors.parameters.next();
                           return torch::conv_transpose2d(x, weight,
                                                          tensors.parameters.next_if(l.bias),
                                                          l.stride, l.padding, l.output_padding);
                         },
                         [&](const UpsampleConv2d& l) {
                           const at::Tensor weight = tensors.parameters.next();
                           return torch::conv2d(upsampled(x), weight,
                                                tensors.parameters.next_if(l.bias), 1, 1);
                         },
                         [&](const LeakyRelu& l) {
                           return l.slope == 0 ? torch::relu(x) : torch::leaky_relu(x, l.slope);
                         },
                         [&](const BatchNorm& l) { return batch_norm(l, x, tensors, training); },
                         [&](const Tanh&) { return torch::tanh(x); },
                         [&](const Sigmoid&) { return torch::sigmoid(x); },
                         [&](const Residual& l) {
                           const at::Tensor body = run(l.body, x, tensors, training);
                           return body + run(l.shortcut, x, tensors, training);
                         },
                         [&](const auto&) { return rearranged(layer, x); }},
                   layer);
  }
  return x;
}

}  // namespace

at::Tensor forward(const Model& model, const at::Tensor& input, const ForwardContext& context) {
  Cursors tensors{Cursor(context.gradients ? model.leaves : model.frozen), Cursor(model.memory)};
  return run(model.network.layers, input, tensors, context.training);
}

at::Tensor with_shape(const at::Tensor& x, const Shape& sample) {
  Shape shape{x.size(0)};
  shape.insert(shape.end(), sample.begin(), sample.end());
  const at::Tensor y = x.reshape(shape);
  return y.dim() == 4 ? y.contiguous(kChannelsLast) : y;
}

at::Tensor upsampled(const at::Tensor& x) {
  return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
}

at::Tensor rearranged(const Layer& layer, const at::Tensor& x) {
  return std::visit(
      Match{[&](const Reshape& l) { return with_shape(x, l.shape); },
            [&](const Pad& l) {
              return torch::constant_pad_nd(x, {l.before, l.after, l.before, l.after}, 0);
            },
            [&](const Crop& l) {
              return x.narrow(2, 0, l.height).narrow(3, 0, l.width).contiguous(kChannelsLast);
            },
            [&](const MeanPool2x&) {
              return torch::avg_pool2d(x, {2, 2});
            },
            [&](const Upsample2x&) { return upsampled(x); },
            [&](const GlobalMean&) {
              return x.mean({2, 3});
            },
            [&](const auto&) { return x; }},
      layer);
}

}  // namespace wgan
