// A graph with fewer operations: norms, curves and rearrangements become part of the products
// beside them.
#pragma once

#include "wgan/infer/graph.h"

namespace wgan::infer {

// The function stays the same but for rounding.
void simplify(Graph& graph);

}  // namespace wgan::infer
