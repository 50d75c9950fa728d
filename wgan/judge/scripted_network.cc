// Loading and running TorchScript, with its errors made ours.
#include "wgan/judge/scripted_network.h"

#include <fmt/format.h>
#include <torch/script.h>

#include <fstream>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/options.h"
#include "wgan/net/layer.h"

namespace wgan {
namespace {

std::string first_line(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  // TorchScript's own errors end in the line that says what happened; the rest is a traceback.
  const size_t end = text.find_last_not_of('\n');
  const size_t begin = text.rfind('\n', end);
  return begin == std::string::npos ? text : text.substr(begin + 1, end - begin);
}

[[noreturn]] void refuse_output(const std::string& name, const std::string& output,
                                const std::string& found) {
  throw Error(ErrorKind::kUsage,
              fmt::format("{} returns {}, which has no output '{}'", name, found, output),
              "name one with --feature-output (a number in a tuple, a key of a dictionary)");
}

c10::IValue element_of(const std::vector<c10::IValue>& elements, const std::string& name,
                       const std::string& output) {
  int64_t index = -1;
  try {
    read_field("output", output, index);
  } catch (const Error&) {
    index = -1;
  }
  if (index < 0 || index >= static_cast<int64_t>(elements.size())) {
    refuse_output(name, output, counted(elements.size(), "value"));
  }
  return elements[static_cast<size_t>(index)];
}

c10::IValue pick(const c10::IValue& result, const std::string& name, const std::string& output) {
  if (result.isTensor()) {
    if (output.empty() || output == "0") return result;
    refuse_output(name, output, "one tensor");
  }
  if (result.isTuple()) return element_of(result.toTupleRef().elements().vec(), name, output);
  if (result.isList()) return element_of(result.toListRef().vec(), name, output);
  if (result.isGenericDict()) {
    const auto dictionary = result.toGenericDict();
    const auto found = dictionary.find(output);
    if (found == dictionary.end()) refuse_output(name, output, "a dictionary");
    return found->value();
  }
  refuse_output(name, output, "a " + result.tagKind());
}

at::Tensor checked(const c10::IValue& value, const std::string& name, int64_t rows) {
  if (!value.isTensor()) {
    throw Error(ErrorKind::kData, fmt::format("{} returns a {}, wanted a tensor [{}, features]",
                                              name, value.tagKind(), rows));
  }
  const at::Tensor output = value.toTensor();
  if (output.dim() < 2 || output.size(0) != rows || output.numel() == 0 ||
      !output.is_floating_point()) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{} returns {} of shape {} for {}, wanted floats [{}, features]", name,
                    c10::toString(output.scalar_type()), shape_text(output.sizes().vec()),
                    counted(rows, "picture"), rows),
        "use a network that ends in features, or name another output with --feature-output");
  }
  const at::Tensor features = output.flatten(1).to(torch::kCPU, torch::kFloat32).contiguous();
  if (!features.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kData, fmt::format("{} returns numbers that are not finite", name),
                "check --feature-range: it may expect other inputs");
  }
  return features;
}

}  // namespace

ScriptedNetwork::ScriptedNetwork(const std::filesystem::path& path, const std::string& device)
    : name_(path.filename().string()), device_(device) {
  if (!std::ifstream(path)) {
    throw Error(ErrorKind::kData, fmt::format("{} cannot be read", path.string()),
                "give --features pixels, a file of wgan features train, or a TorchScript file");
  }
  try {
    module_ = std::make_unique<torch::jit::Module>(
        torch::jit::load(path.string(), torch::Device(device)));
    module_->eval();
    takes_return_features_ =
        module_->get_method("forward").function().getSchema().argumentIndexWithName(
            "return_features") != c10::nullopt;
  } catch (const c10::Error&) {
    throw Error(ErrorKind::kData,
                fmt::format("{} is no TorchScript file with a forward()", path.string()),
                "save it in Python with torch.jit.script(network).save(...)");
  }
}

ScriptedNetwork::~ScriptedNetwork() = default;
ScriptedNetwork::ScriptedNetwork(ScriptedNetwork&&) noexcept = default;

at::Tensor ScriptedNetwork::run(const at::Tensor& input, const std::string& output,
                                bool want_features) const {
  const torch::NoGradGuard no_grad;
  c10::IValue result;
  torch::jit::Kwargs named;
  if (takes_return_features_ && want_features) named["return_features"] = true;
  try {
    result = module_->forward({input.to(torch::Device(device_))}, named);
  } catch (const std::exception& error) {  // c10::Error, or what TorchScript raises
    const auto* ours = dynamic_cast<const c10::Error*>(&error);
    throw Error(ErrorKind::kUsage,
                fmt::format("{} cannot take pictures of shape {}: {}", name_,
                            shape_text(input.sizes().slice(1).vec()),
                            ours ? first_line(*ours) : std::string(error.what())),
                "see --feature-resize, --feature-channels and --feature-range");
  }
  return checked(pick(result, name_, output), name_, input.size(0));
}

}  // namespace wgan
