// wgan export: a trained generator as a file for other programs.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>

#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/amounts.h"
#include "wgan/core/options.h"
#include "wgan/infer/generator.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/json_lines.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/load_generator.h"
#include "wgan/run/picture.h"
#include "wgan/share/model_folder.h"
#include "wgan/share/onnx.h"
#include "wgan/share/single_file.h"
#include "wgan/share/torchscript.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

enum class ExportFormat { kOnnx, kTorchscript, kSafetensors, kWgan };

}  // namespace

template <>
struct EnumNames<ExportFormat> {
  static constexpr std::pair<ExportFormat, const char*> kNames[] = {
      {ExportFormat::kOnnx, "onnx"},
      {ExportFormat::kTorchscript, "torchscript"},
      {ExportFormat::kSafetensors, "safetensors"},
      {ExportFormat::kWgan, "wgan"}};
};

namespace {

struct ExportRequest {
  std::string run;
  std::string to;
  std::string out;
  std::string runs = "runs";
  bool half = false;
  bool json = false;
};

struct FormatTexts {
  const char* usual_name;  // of the file or folder
  const char* what_next;
};

FormatTexts texts_of(ExportFormat format) {
  switch (format) {
    case ExportFormat::kOnnx:
      return {"generator.onnx",
              "input z [N, latent]; outputs pictures or rows, and values: docs/formats.md#onnx"};
    case ExportFormat::kTorchscript:
      return {"generator.pt",
              "torch.jit.load(FILE)(z) gives pictures or rows: docs/formats.md#torchscript"};
    case ExportFormat::kSafetensors:
      return {"generator", "a folder for model hubs; read its README.md before you share it"};
    case ExportFormat::kWgan:
      return {"generator.safetensors",
              "wgan sample and evaluate read it, and so do programs with wgan_infer"};
  }
  return {};
}

// A few samples; of rows none.
Image sample_picture(const infer::GeneratorFile& file) {
  if (file.state.data.shape.size() != 3) return {};
  const infer::Generator generator(file);
  std::vector<uint64_t> seeds(32);
  std::iota(seeds.begin(), seeds.end(), uint64_t{0});
  infer::Samples drawn = generator.sample(seeds);
  return image_grid(torch::from_blob(drawn.pictures.data(), drawn.shape, torch::kUInt8), 8);
}

// What the run's folder tells of the checkpoint; nothing of a single file.
ModelCard card_of(const fs::path& source, int64_t step) {
  ModelCard card;
  if (is_generator_file(source)) return card;
  TrainOptions options = read_checkpoint_state(source).options.train;
  for (const Field& field : options.fields()) card.options[field.name] = field.text();
  const fs::path run = run_of_checkpoint(source);
  if (run.empty()) return card;
  for (const auto& entry : fs::directory_iterator(run)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("metric-") || !name.ends_with(".jsonl")) continue;
    std::optional<ModelCard::Score> newest;
    for (const auto& line : read_json_lines(entry.path())) {
      const auto number = [&](const char* key) {
        const auto found = line.find(key);
        return found != line.end() && found->is_number() ? found->get<double>() : std::nan("");
      };
      if (!line.is_object() || number("step") != static_cast<double>(step)) continue;
      if (std::isnan(number("value"))) continue;
      newest = {name.substr(7, name.size() - 13), number("value"), number("real"),
                static_cast<int64_t>(std::isnan(number("samples")) ? 0 : number("samples"))};
    }
    if (newest) card.scores.push_back(*newest);
  }
  std::ranges::sort(card.scores, {}, &ModelCard::Score::name);
  return card;
}

void write_export(const fs::path& file, ExportFormat format, infer::GeneratorFile generator,
                  const fs::path& source, bool half) {
  switch (format) {
    case ExportFormat::kOnnx:
      return write_file_atomically(file, onnx_model(std::move(generator)));
    case ExportFormat::kTorchscript:
      return write_torchscript(file, std::move(generator));
    case ExportFormat::kSafetensors:
      return write_model_folder(file, generator, card_of(source, generator.state.step),
                                sample_picture(generator), half);
    case ExportFormat::kWgan:
      return write_single_file(file, generator, half);
  }
}

// Of a file, or of all files in a folder.
double bytes_in(const fs::path& place) {
  if (!fs::is_directory(place)) return static_cast<double>(fs::file_size(place));
  double sum = 0;
  for (const auto& entry : fs::directory_iterator(place))
    sum += static_cast<double>(entry.file_size());
  return sum;
}

}  // namespace

int export_verb(const Arguments& arguments) {
  CLI::App command("Writes a trained generator as a file for other programs.", "wgan export");
  ExportRequest request;
  command.add_option("run", request.run, "run folder, checkpoint, exported file, or latest")
      ->required();
  command
      .add_option("--to", request.to,
                  "onnx: a model of opset 17, for ONNX Runtime and others; torchscript: a module "
                  "for PyTorch's torch.jit.load; safetensors: a folder for model hubs, with "
                  "weights, network and a card to read; wgan: one safetensors "
                  "file that wgan sample and wgan_infer read")
      ->type_name(enum_choices<ExportFormat>())
      ->required();
  command.add_option("--out", request.out,
                     "file or folder to write; default generator, with the format's ending");
  command.add_flag(
      "--half", request.half,
      "store the weights of safetensors files in 16 bits: half of the size, about 3 digits");
  command.add_option("--runs", request.runs, "folder of runs in which latest is looked up")
      ->capture_default_str();
  command.add_flag("--json", request.json, "the result as a JSON object on stdout");
  if (!parse_arguments(command, arguments)) return 0;

  Terminal terminal(request.json);
  const auto format = enum_value<ExportFormat>("--to", request.to);
  const FormatTexts texts = texts_of(format);
  if (request.half && format != ExportFormat::kWgan && format != ExportFormat::kSafetensors) {
    throw Error(ErrorKind::kUsage, "--half is for --to wgan and --to safetensors", "leave it out");
  }
  const fs::path source =
      find_generator(request.run, request.runs,
                     [&](const auto&, const auto& what) { tell_damaged(terminal, what); });
  infer::GeneratorFile generator = infer::read_checked_generator(source);
  const int64_t step = generator.state.step;
  const fs::path file = request.out.empty() ? texts.usual_name : request.out;
  write_export(file, format, std::move(generator), source, request.half);
  const double bytes = bytes_in(file);
  terminal.result(file.string());
  terminal.line(fmt::format("{}, of step {}; {}", bytes_text(bytes), step, texts.what_next));
  terminal.object({{"ok", true},
                   {"source", source.string()},
                   {"step", step},
                   {"format", request.to},
                   {"file", file.string()},
                   {"bytes", bytes}});
  return 0;
}

}  // namespace wgan
