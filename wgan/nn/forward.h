// Runs a network on a batch.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <limits>

#include "wgan/nn/parameters.h"

namespace wgan {

// The order of images in memory.
inline constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

// How a network is run.
struct ForwardContext {
  bool training = false;   // BatchNorm: batch statistics, and the running ones are updated
  bool gradients = false;  // use the leaves, so that autograd reaches the parameters
  size_t layers = std::numeric_limits<size_t>::max();  // run so many of network.layers at the most
};

// input: [B, ...network.input], the model's dtype and device. Returns [B, ...output_shape], or of
// the last layer that is run. Where both training and gradients are wanted, a network with spectral
// normalisation takes one step of its power iteration.
// Gradients towards the input are recorded whenever autograd is on and the input asks for them.
at::Tensor forward(const Model& model, const at::Tensor& input, const ForwardContext& context);

// What GaussianNoise gives in training. draws: its memory [2], which counts on. LibTorch's
// generator draws the noise, seeded by key and count: many times as fast as a block a number, and
// the same within a version of LibTorch.
at::Tensor noisy(const GaussianNoise& layer, const at::Tensor& x, at::Tensor draws);

// x [B, ...] as [B, ...sample]; images in channels-last order.
at::Tensor with_shape(const at::Tensor& x, const Shape& sample);

// values [B] as [B, 1, ...], to stand beside the samples `like` [B, ...].
at::Tensor beside_samples(const at::Tensor& values, const at::Tensor& like);

// Per channel [C], to stand beside x [B, C, H, W] or [B, C].
at::Tensor per_channel(const at::Tensor& values, const at::Tensor& x);

// y_c = x_c basis_c of numbers x [B, C] and pictures basis [C, h, w]; in channels-last order.
at::Tensor along_basis(const at::Tensor& x, const at::Tensor& basis);

// [classes, in] of the weight of a Projection: what the classes share, and what each adds to it.
at::Tensor class_weights(const at::Tensor& weight);

// [B, C, H, W] to [B, C, 2H, 2W], every pixel four times.
at::Tensor upsampled(const at::Tensor& x);

// The linear layers without parameters (Reshape, Pad, Crop, means and upsampling); others: x.
at::Tensor rearranged(const Layer& layer, const at::Tensor& x);

}  // namespace wgan
