// Forward runs, layer by layer, through functions that autograd knows.
#include "wgan/nn/forward.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include <algorithm>

#include "wgan/core/random.h"
#include "wgan/nn/differentiable_convolution.h"
#include "wgan/nn/resampling.h"
#include "wgan/nn/spectral_norm.h"
#include "wgan/nn/weight_norm.h"

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

// One forward run: where the next layer finds its tensors, and what it has to know.
struct Run {
  Cursor parameters;
  Cursor memory;
  bool training;
  int64_t reference_rows = 0;  // of the batch, before the samples
};

// On a CPU our own kernels; on a GPU LibTorch's, whose derivatives a capture can record.
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  const Conv2d& l) {
  return x.is_cpu() ? differentiable_conv(x, weight, bias, {l.stride, l.padding})
                    : torch::conv2d(x, weight, bias, l.stride, l.padding);
}

at::Tensor conv_transpose2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            const ConvTranspose2d& l) {
  return x.is_cpu()
             ? differentiable_conv_transposed(x, weight, bias, {l.stride, l.padding},
                                              l.output_padding)
             : torch::conv_transpose2d(x, weight, bias, l.stride, l.padding, l.output_padding);
}

at::Tensor upsample_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return x.is_cpu() ? differentiable_conv_transposed(x, upsampling_weight(weight), bias,
                                                     kUpsampling, /*output_padding=*/0)
                    : torch::conv2d(upsampled(x), weight, bias, 1, 1);
}

at::Tensor batch_norm(const BatchNorm& layer, const at::Tensor& x, Run& run) {
  const at::Tensor weight = run.parameters.next(), bias = run.parameters.next();
  const at::Tensor mean = run.memory.next(), variance = run.memory.next();
  return torch::batch_norm(x, weight, bias, mean, variance, run.training, layer.momentum,
                           layer.epsilon, /*cudnn_enabled=*/true);
}

at::Tensor layer_norm(const LayerNorm& layer, const at::Tensor& x, Run& run) {
  const at::Tensor weight = run.parameters.next(), bias = run.parameters.next();
  return torch::group_norm(x, /*num_groups=*/1, weight, bias, layer.epsilon);
}

at::Tensor virtual_batch_norm(const VirtualBatchNorm& layer, const at::Tensor& x, Run& run) {
  const at::Tensor weight = run.parameters.next(), bias = run.parameters.next();
  const int64_t rows = run.reference_rows;
  const at::Tensor reference = x.narrow(0, 0, rows);
  const at::Tensor own = x.slice(0, rows);
  const bool image = x.dim() == 4;
  const std::vector<int64_t> all = image ? std::vector<int64_t>{0, 2, 3} : std::vector<int64_t>{0};
  const double share = 1 / static_cast<double>(rows + 1);
  // Of the reference rows their common moment, of each sample its own mixed in.
  const auto moments = [&](const at::Tensor& of_reference, const at::Tensor& of_own) {
    const at::Tensor common = of_reference.mean(all, /*keepdim=*/true);
    const at::Tensor each = image ? of_own.mean({2, 3}, /*keepdim=*/true) : of_own;
    std::vector<int64_t> shape = common.sizes().vec();
    shape[0] = rows;
    return torch::cat({common.expand(shape), (1 - share) * common + share * each});
  };
  const at::Tensor mean = moments(reference, own);
  const at::Tensor variance = moments(reference.square(), own.square()) - mean.square();
  const at::Tensor scale = (variance.clamp_min(0) + layer.epsilon).rsqrt();
  return (x - mean) * scale * per_channel(weight, x) + per_channel(bias, x);
}

at::Tensor with_nearness(const MinibatchDiscrimination& layer, const at::Tensor& x, Run& run) {
  const at::Tensor m =
      x.matmul(run.parameters.next()).view({x.size(0), layer.kernels, layer.dimensions});
  const at::Tensor distances = (m.unsqueeze(0) - m.unsqueeze(1)).abs().sum({3});
  return torch::cat({x, (-distances).exp().sum({1})}, 1);
}

at::Tensor with_deviation(const at::Tensor& x) {
  constexpr double kOfTheCode = 1e-8;  // published: the root has a derivative everywhere
  const at::Tensor deviation = ((x - x.mean(0)).square().mean(0) + kOfTheCode).sqrt().mean();
  return torch::cat({x, deviation.expand_as(x.narrow(1, 0, 1))}, 1);
}

at::Tensor gaussian_noise(const GaussianNoise& layer, const at::Tensor& x, Run& run) {
  const at::Tensor draws = run.memory.next();
  return run.training ? noisy(layer, x, draws) : x;
}

at::Tensor through(const Layers& layers, size_t count, at::Tensor x, Run& run) {
  for (size_t i = 0; i < std::min(count, layers.size()); ++i) {
    const Layer& layer = layers[i];
    x = std::visit(Match{[&](const Linear& l) {
                           const at::Tensor weight = run.parameters.next();
                           return torch::linear(x, weight, run.parameters.next_if(l.bias));
                         },
                         [&](const Conv2d& l) {
                           const at::Tensor weight = run.parameters.next();
                           return conv2d(x, weight, run.parameters.next_if(l.bias), l);
                         },
                         [&](const ConvTranspose2d& l) {
                           const at::Tensor weight = run.parameters.next();
                           return conv_transpose2d(x, weight, run.parameters.next_if(l.bias), l);
                         },
                         [&](const UpsampleConv2d& l) {
                           const at::Tensor weight = run.parameters.next();
                           return upsample_conv2d(x, weight, run.parameters.next_if(l.bias));
                         },
                         [&](const GroupedConv2d& l) {
                           const at::Tensor weight = run.parameters.next();
                           return torch::conv2d(x, weight, run.parameters.next_if(l.bias), l.stride,
                                                l.padding, 1, l.groups);
                         },
                         [&](const Basis&) { return along_basis(x, run.parameters.next()); },
                         [&](const BasisTranspose&) {
                           return (x * run.parameters.next()).sum({2, 3});
                         },
                         [&](const Projection& l) {
                           const at::Tensor y = x.mm(class_weights(run.parameters.next()).t());
                           return l.bias ? y + run.parameters.next() : y;
                         },
                         [&](const LeakyRelu& l) {
                           return l.slope == 0 ? torch::relu(x) : torch::leaky_relu(x, l.slope);
                         },
                         [&](const BatchNorm& l) { return batch_norm(l, x, run); },
                         [&](const LayerNorm& l) { return layer_norm(l, x, run); },
                         [&](const ReferenceBatch& l) {
                           run.reference_rows = l.rows;
                           return torch::cat({run.memory.next(), x});
                         },
                         [&](const VirtualBatchNorm& l) { return virtual_batch_norm(l, x, run); },
                         [&](const MinibatchDiscrimination& l) { return with_nearness(l, x, run); },
                         [&](const MinibatchDeviation&) { return with_deviation(x); },
                         [&](const GaussianNoise& l) { return gaussian_noise(l, x, run); },
                         [&](const Tanh&) { return torch::tanh(x); },
                         [&](const ScaledSoftplus&) { return torch::softplus(2 * x + 2) / 2 - 1; },
                         [&](const Sigmoid&) { return torch::sigmoid(x); },
                         [&](const Residual& l) {
                           const at::Tensor body = through(l.body, l.body.size(), x, run);
                           return body + through(l.shortcut, l.shortcut.size(), x, run);
                         },
                         [&]<class Kind>(const Kind&) {
                           static_assert(Kind::kTraits.kind == LayerKind::kArrangement);
                           return rearranged(layer, x);
                         }},
                   layer);
  }
  return x;
}

}  // namespace

at::Tensor forward(const Model& model, const at::Tensor& input, const ForwardContext& context) {
  const std::vector<at::Tensor>* weights = context.gradients ? &model.leaves : &model.frozen;
  std::vector<at::Tensor> normalised;
  if (model.network.spectral_norm) {
    normalised = spectrally_normalised(model, *weights, context.training && context.gradients);
    weights = &normalised;
  }
  if (model.network.weight_norm) {
    normalised = weight_normalised(model, *weights);
    weights = &normalised;
  }
  Run run{Cursor(*weights), Cursor(model.memory), context.training};
  const at::Tensor y = through(model.network.layers, context.layers, input, run);
  return run.reference_rows > 0 ? y.slice(0, run.reference_rows) : y;
}

at::Tensor noisy(const GaussianNoise& layer, const at::Tensor& x, at::Tensor draws) {
  const at::Tensor noise = [&] {
    const torch::NoGradGuard no_grad;
    const auto number = [&](int64_t i) { return static_cast<uint32_t>(draws[i].item<double>()); };
    const auto block = philox4x32({number(1), 0, 0, 0}, {number(0), 0});
    draws[1] += 1;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t{block[0]} << 32 | block[1]);
    return torch::randn(x.sizes(), generator, x.options().device(torch::kCPU))
        .mul_(layer.deviation)
        .to(x.device());
  }();
  return x + noise;
}

at::Tensor with_shape(const at::Tensor& x, const Shape& sample) {
  Shape shape{x.size(0)};
  shape.insert(shape.end(), sample.begin(), sample.end());
  const at::Tensor y = x.reshape(shape);
  return y.dim() == 4 ? y.contiguous(kChannelsLast) : y;
}

at::Tensor per_channel(const at::Tensor& values, const at::Tensor& x) {
  return x.dim() == 4 ? values.view({-1, 1, 1}) : values;
}

at::Tensor along_basis(const at::Tensor& x, const at::Tensor& basis) {
  return (x.view({x.size(0), x.size(1), 1, 1}) * basis).contiguous(kChannelsLast);
}

at::Tensor class_weights(const at::Tensor& weight) { return weight[0] + weight.slice(0, 1); }

at::Tensor beside_samples(const at::Tensor& values, const at::Tensor& like) {
  std::vector<int64_t> per_sample(static_cast<size_t>(like.dim()), 1);
  per_sample[0] = -1;
  return values.view(per_sample);
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
            [&](const FilterDown2x&) { return filtered_down(x); },
            [&](const FilterUp2x&) { return filtered_up(x); },
            [&](const GlobalMean&) {
              return x.mean({2, 3});
            },
            [&]<class Kind>(const Kind&) {
              static_assert(Kind::kTraits.kind != LayerKind::kArrangement);
              return x;
            }},
      layer);
}

}  // namespace wgan
