// Reads the generator's part of state.json and the averaged weights, or one file that has both.
#include "wgan/run/load_generator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <string>
#include <utility>

#include "wgan/data/open.h"
#include "wgan/infer/generator_file.h"

namespace wgan {
namespace {

// tensors: in the order of the views, whose shapes they have.
void fill(const std::vector<at::Tensor>& views, const std::vector<std::vector<float>>& tensors) {
  for (size_t i = 0; i < views.size(); ++i) {
    views[i].copy_(torch::tensor(tensors[i]).view(views[i].sizes()));
  }
}

}  // namespace

bool is_generator_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return path.extension() == ".safetensors" && std::filesystem::is_regular_file(path, ignored);
}

std::filesystem::path find_generator(const std::string& named, const std::filesystem::path& runs,
                                     const OnDamaged& on_damaged) {
  if (is_generator_file(named)) return named;
  return find_checkpoint(named, runs, on_damaged, Purpose::kSample);
}

Generator load_generator(const std::filesystem::path& run_or_checkpoint, const std::string& device,
                         const std::filesystem::path& runs, const OnDamaged& on_damaged) {
  const auto source = find_generator(run_or_checkpoint.string(), runs, on_damaged);
  infer::GeneratorFile file = infer::read_checked_generator(source);
  Generator generator{
      .model = make_model(file.state.network,
                          at::TensorOptions(torch::kFloat32).device(torch::Device(device)),
                          Training::kNo),
      .latent = file.state.latent,
      .latent_dist = file.state.latent_dist,
      .data = std::move(file.state.data),
      .step = file.state.step,
      .checkpoint = source};
  const torch::NoGradGuard no_grad;
  fill(generator.model.frozen, file.tensors.parameters);
  fill(generator.model.memory, file.tensors.memory);
  return generator;
}

void fetch_conditions(Generator& generator) {
  DataDescription& data = generator.data;
  if (condition_count(generator) == 0 || !data.conditions.empty()) return;
  std::string why;
  try {
    const DataOptions options = read_checkpoint_state(generator.checkpoint).data_options;
    const Dataset dataset = open_dataset(options, 0);
    if (dataset.identity == data.identity) {
      data.conditions = describe_data(dataset).conditions;
      return;
    }
    why = fmt::format("{} holds other data now", options.data);
  } catch (const Error& error) {
    why = error.what();
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("the checkpoint keeps no conditions of its data, and these are not there "
                          "to take some from: {}",
                          why),
              fmt::format("give them: --condition {:.4g}, which are the data's on average, or "
                          "--conditions FILE.npy",
                          fmt::join(data.condition_scale.mean, ",")));
}

}  // namespace wgan
