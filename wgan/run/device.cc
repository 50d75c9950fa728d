// Devices by name.
#include "wgan/run/device.h"

#include <fmt/format.h>
#include <torch/cuda.h>

#include "wgan/core/error.h"
#include "wgan/train/precision.h"

namespace wgan {

std::string resolve_device(const std::string& device) {
  const bool cuda = torch::cuda::is_available();
  if (device == "auto") return cuda ? "cuda" : "cpu";
  if (device == "cuda" && !cuda) {
    throw Error(ErrorKind::kUsage, "--device cuda: LibTorch sees no CUDA device",
                "use --device cpu, or a CUDA build of LibTorch (see wgan doctor)");
  }
  if (device != "cpu" && device != "cuda") {
    throw Error(ErrorKind::kUsage,
                fmt::format("--device is '{}', wanted cpu, cuda or auto", device));
  }
  return device;
}

std::string resolve_device(const std::string& wanted, Precision precision) {
  const std::string device = resolve_device(wanted);
  if (precision == Precision::kTf32 && device == "cpu") {
    throw Error(ErrorKind::kUsage, "--precision tf32: CPUs have no TF32",
                "use --precision float32 or bf16, or --device cuda");
  }
  if (precision == Precision::kBf16 && device == "cpu" && !cpu_multiplies_bf16()) {
    throw Error(ErrorKind::kUsage,
                "--precision bf16: this processor has no AVX-512, which bfloat16 products need",
                "use --precision float32");
  }
  return device;
}

}  // namespace wgan
