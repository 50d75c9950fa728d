// The sweep that gradient penalties need where layers have second derivatives.
//
// With v = dP/dg held fixed, the derivative of a penalty P of g = grad f is that of <v, g>: of the
// derivative of f along v. It passes the layers' Jacobians, which depend on the values where layers
// are curved, and so it has a part for the weights and one for the values (docs/mathematics.md).
#pragma once

#include "wgan/nn/sweeps.h"

namespace wgan {

// Along the tangent `direction` [R, ...network.input], held fixed, at the last R rows, where f has
// the gradients that `adjoint` kept of the same rows, from seeds held fixed too. Adds to
// model.gradients the derivative of <direction, grad f> with respect to the weights as far as no
// value of the trace changes, and returns what it is with respect to the values: backward_sweep
// adds what comes of that.
Curvature curvature_sweep(Model& model, const Trace& trace, Adjoint adjoint,
                          const at::Tensor& direction);

}  // namespace wgan
