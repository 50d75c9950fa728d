// A TorchScript network of the user's: pictures in, tensors out.
//
// Unlike everything else that wgan reads, such a file is a program, and loading it runs code.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>

namespace torch::jit {
struct Module;
}

namespace wgan {

class ScriptedNetwork {
 public:
  // Throws Error(kData) where the file cannot be read or is no TorchScript.
  ScriptedNetwork(const std::filesystem::path& path, const std::string& device);
  ~ScriptedNetwork();
  ScriptedNetwork(ScriptedNetwork&&) noexcept;

  // One output for input [B, C, H, W], as [B, F] float32 on the CPU. output: a number in a tuple or
  // list, a key of a dictionary, or "" for a network that returns one tensor. want_features: where
  // forward() has an argument return_features, as the Inception file in common use, it is told
  // true. Throws Error(kUsage) where the network refuses the input or has no such output,
  // Error(kData) where the output is no floating-point tensor of B rows, or not finite.
  at::Tensor run(const at::Tensor& input, const std::string& output, bool want_features) const;

 private:
  std::string name_;
  std::string device_;
  std::unique_ptr<torch::jit::Module> module_;
  bool takes_return_features_ = false;
};

}  // namespace wgan
