// What the processor can do, and LibTorch's own switches for GPUs.
#include "wgan/train/precision.h"

#include <ATen/Context.h>

namespace wgan {

bool may_sweep(const Network& network, Precision precision) {
  return precision != Precision::kBf16 ||
         !(has_layer<LayerNorm>(network) || has_layer<ScaledSoftplus>(network));
}

bool cpu_multiplies_bf16() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
#else
  return true;
#endif
}

void set_up_gpu(bool tf32) {
  at::globalContext().setAllowTF32CuBLAS(tf32);
  at::globalContext().setAllowTF32CuDNN(tf32);
  at::globalContext().setBenchmarkCuDNN(true);
}

}  // namespace wgan
