// Reads the generator's part of state.json, and the averaged weights.
#include "wgan/run/load_generator.h"

#include <torch/types.h>

#include <utility>

#include "wgan/nn/model_file.h"

namespace wgan {

Generator load_generator(const std::filesystem::path& run_or_checkpoint, const std::string& device,
                         const std::filesystem::path& runs, const OnDamaged& on_damaged) {
  const auto checkpoint =
      find_checkpoint(run_or_checkpoint.string(), runs, on_damaged, Purpose::kSample);
  GeneratorState state = read_generator_state(checkpoint);
  const std::filesystem::path file = checkpoint / "average.safetensors";
  check_model_file(file, state.network);
  Generator generator{
      .model = make_model(state.network,
                          at::TensorOptions(torch::kFloat32).device(torch::Device(device)),
                          Training::kNo),
      .latent = state.latent,
      .latent_dist = state.latent_dist,
      .data = std::move(state.data),
      .step = state.step,
      .checkpoint = checkpoint};
  read_model(file, generator.model);
  return generator;
}

}  // namespace wgan
