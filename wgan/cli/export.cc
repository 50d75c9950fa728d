// wgan export: a trained generator as a file for other programs.
#include <fmt/format.h>

#include <filesystem>

#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/amounts.h"
#include "wgan/core/options.h"
#include "wgan/io/atomic_file.h"
#include "wgan/run/checkpoint.h"
#include "wgan/share/onnx.h"
#include "wgan/share/single_file.h"
#include "wgan/share/torchscript.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

enum class ExportFormat { kOnnx, kTorchscript, kWgan };

}  // namespace

template <>
struct EnumNames<ExportFormat> {
  static constexpr std::pair<ExportFormat, const char*> kNames[] = {
      {ExportFormat::kOnnx, "onnx"},
      {ExportFormat::kTorchscript, "torchscript"},
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

const char* usual_name(ExportFormat format) {
  switch (format) {
    case ExportFormat::kOnnx:
      return "generator.onnx";
    case ExportFormat::kTorchscript:
      return "generator.pt";
    case ExportFormat::kWgan:
      return "generator.safetensors";
  }
  return "";
}

const char* what_next(ExportFormat format) {
  switch (format) {
    case ExportFormat::kOnnx:
      return "input z [N, latent]; outputs pictures or rows, and values: docs/formats.md#onnx";
    case ExportFormat::kTorchscript:
      return "torch.jit.load(FILE)(z) gives pictures or rows: docs/formats.md#torchscript";
    case ExportFormat::kWgan:
      return "wgan sample reads it, and so do programs with wgan_infer";
  }
  return "";
}

void write_export(const fs::path& file, ExportFormat format, infer::GeneratorFile generator,
                  bool half) {
  switch (format) {
    case ExportFormat::kOnnx:
      return write_file_atomically(file, onnx_model(std::move(generator)));
    case ExportFormat::kTorchscript:
      return write_torchscript(file, std::move(generator));
    case ExportFormat::kWgan:
      return write_single_file(file, generator, half);
  }
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
                  "for PyTorch's torch.jit.load; wgan: one safetensors "
                  "file that wgan sample and wgan_infer read")
      ->type_name(enum_choices<ExportFormat>())
      ->required();
  command.add_option(
      "--out", request.out,
      "file to write; default generator.onnx, generator.pt or generator.safetensors");
  command.add_flag("--half", request.half,
                   "store the weights of --to wgan in 16 bits: half of the size, about 3 digits");
  command.add_option("--runs", request.runs, "folder of runs in which latest is looked up")
      ->capture_default_str();
  command.add_flag("--json", request.json, "the result as a JSON object on stdout");
  if (!parse_arguments(command, arguments)) return 0;

  Terminal terminal(request.json);
  const auto format = enum_value<ExportFormat>("--to", request.to);
  if (request.half && format != ExportFormat::kWgan) {
    throw Error(ErrorKind::kUsage, "--half is for --to wgan", "leave it out");
  }
  const fs::path source =
      fs::is_regular_file(request.run)
          ? fs::path(request.run)
          : find_checkpoint(
                request.run, request.runs,
                [&](const auto&, const auto& what) { tell_damaged(terminal, what); },
                Purpose::kSample);
  infer::GeneratorFile generator = infer::read_generator(source);
  const int64_t step = generator.state.step;
  const fs::path file = request.out.empty() ? fs::path(usual_name(format)) : fs::path(request.out);
  write_export(file, format, std::move(generator), request.half);
  const auto bytes = static_cast<double>(fs::file_size(file));
  terminal.result(file.string());
  terminal.line(fmt::format("{}, of step {}; {}", bytes_text(bytes), step, what_next(format)));
  terminal.object({{"ok", true},
                   {"source", source.string()},
                   {"step", step},
                   {"format", request.to},
                   {"file", file.string()},
                   {"bytes", bytes}});
  return 0;
}

}  // namespace wgan
