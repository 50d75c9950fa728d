// Sweeps: a network run forward, backward and along a tangent without autograd.
//
// Where only piecewise-linear activations stand between affine layers, a layer is a_l = D_l (W_l
// a_{l-1} + b_l) with D_l diagonal and locally constant. Three passes give everything that training
// needs, the derivative of a gradient penalty included (docs/mathematics.md):
//   forward  a_l                  adjoint  delta_{l-1} = W_l^T D_l delta_l
//   tangent  t_l = D_l W_l t_{l-1}  weights  dL/dW_l = sum over rows of (D_l delta_l) (x) a_{l-1}
// Networks with smooth activations or LayerNorm are curved: a penalty needs their layers' second
// derivatives too. There the tangents go up in curvature_sweep, and backward_sweep comes after it.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

#include "wgan/nn/parameters.h"

namespace wgan {

// What the forward sweep leaves for the others, by layer number (nn/layer.h).
struct Trace {
  std::vector<at::Tensor> inputs;   // [B, ...]; numbers where a layer has weights, shapes elsewhere
  std::vector<at::Tensor> outputs;  // [B, ...] of activations, which may be the next layer's input
  // Means and inverse deviations: of BatchNorm's channels, [C], and of LayerNorm's samples, [B].
  std::vector<std::array<at::Tensor, 2>> moments;
  at::Tensor output;  // of the network
};
// As in training: BatchNorm takes the statistics of the batch and updates the running ones.
Trace forward_sweep(const Model& model, const at::Tensor& input);

// Gradients with respect to the outputs of the affine and the curved layers (undefined for others)
// for the last rows or all, and to the input of the network, for rows first_row .. B-1 alone;
// undefined where first_row is B.
struct Adjoint {
  std::vector<at::Tensor> outputs;
  at::Tensor input;
};
// seed: [S, ...output_shape], gradient with respect to the output, of the last S rows of the trace.
// Keeps the outputs of all of these, for weight_sweep or curvature_sweep. Not for networks with
// BatchNorm.
Adjoint adjoint_sweep(const Model& model, const Trace& trace, const at::Tensor& seed,
                      int64_t first_row);

// The same, but adds to model.gradients what rows before first_row give as it goes, and keeps the
// outputs of the others alone: less memory, and more and smaller products. Where it can, it writes
// what it keeps over rows of the trace that nobody reads any more. With BatchNorm or LayerNorm,
// first_row is B.
//
// With the curvature of some last rows it is the last sweep of a gradient penalty in a curved
// network: seed is the derivative of the other terms of the loss with respect to the output.
struct Curvature {
  std::vector<at::Tensor> inputs;  // gradients with respect to the inputs of curved layers
};
Adjoint backward_sweep(Model& model, Trace& trace, const at::Tensor& seed, int64_t first_row,
                       const Curvature& curvature = {});

// The gradient with respect to the input alone, [B, ...network.input].
at::Tensor input_gradient(const Model& model, const Trace& trace, const at::Tensor& seed);

// Along the tangent `direction` [R, ...network.input] at the last R rows: those rows of
// trace.inputs of the affine layers become their tangents, without biases; nothing else of these
// rows can be used afterwards. carried: [R] factors c; with them, row i becomes the tangent and c_i
// times what it was. Not for curved networks.
void tangent_sweep(const Model& model, Trace& trace, const at::Tensor& direction,
                   const at::Tensor& carried = {});

// Adds to model.gradients the gradients of all weights over the rows that adjoint.outputs have, and
// of the biases over the first bias_rows of them, and over the last ones times what is carried.
// trace.inputs of affine layers and adjoint.outputs are multiplied row by row. Not for networks
// with norms.
void weight_sweep(Model& model, const Trace& trace, const Adjoint& adjoint, int64_t bias_rows,
                  const at::Tensor& carried = {});

}  // namespace wgan
