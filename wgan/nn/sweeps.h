// Sweeps: a network run forward, backward and along a tangent without autograd.
//
// Between affine layers stand piecewise-linear activations, so a layer is a_l = D_l (W_l a_{l-1} +
// b_l) with D_l diagonal and locally constant. Three passes give everything that training needs,
// the derivative of a gradient penalty included (docs/mathematics.md):
//   forward  a_l                  adjoint  delta_{l-1} = W_l^T D_l delta_l
//   tangent  t_l = D_l W_l t_{l-1}  weights  dL/dW_l = sum over rows of (D_l delta_l) (x) a_{l-1}
// All run in the calling thread's LibTorch threads and touch nothing shared: rows may be split over
// threads.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "wgan/nn/parameters.h"

namespace wgan {

// No BatchNorm: samples do not meet. Forward, adjoint and weight sweeps are exact.
bool has_sweeps(const Network& network);

// Affine and piecewise-linear layers only: the tangent sweep is exact too.
bool has_tangent_sweep(const Network& network);

// What the forward sweep leaves for the others.
struct Trace {
  std::vector<at::Tensor> inputs;  // [i]: input of layer i, [B, ...]; activations work in place, so
                                   // that of an activation is its output
  at::Tensor output;
};
Trace forward_sweep(const Model& model, const at::Tensor& input);

// Gradients with respect to the outputs of the affine layers (undefined for others), and to the
// input of the network, for rows first_row .. B-1 alone; undefined where first_row is B.
struct Adjoint {
  std::vector<at::Tensor> outputs;
  at::Tensor input;
};
// seed: [B, ...output_shape], gradient with respect to the output.
Adjoint adjoint_sweep(const Model& model, const Trace& trace, const at::Tensor& seed,
                      int64_t first_row);

// Inputs of the affine layers along the tangent `direction` [R, ...network.input] at the last R
// rows of the trace (undefined for other layers). No biases.
std::vector<at::Tensor> tangent_sweep(const Model& model, const Trace& trace,
                                      const at::Tensor& direction);

// Adds the gradients of all weights, and of the biases over the first bias_rows rows, to
// `gradients`: views like Model::frozen. trace.inputs of affine layers and adjoint.outputs are
// multiplied row by row.
void weight_sweep(const Model& model, const Trace& trace, const Adjoint& adjoint, int64_t bias_rows,
                  const std::vector<at::Tensor>& gradients);

}  // namespace wgan
