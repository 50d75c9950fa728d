// TF32 is a switch of LibTorch's own.
#include "wgan/train/precision.h"

#include <ATen/Context.h>

namespace wgan {

void allow_tf32(bool allowed) {
  at::globalContext().setAllowTF32CuBLAS(allowed);
  at::globalContext().setAllowTF32CuDNN(allowed);
}

}  // namespace wgan
