// The folder, and the text of the card.
#include "wgan/share/model_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "wgan/core/amounts.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"
#include "wgan/net/network_json.h"
#include "wgan/net/slots.h"
#include "wgan/share/single_file.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json config_of(const GeneratorState& state, const ModelCard& card) {
  Json json{{"model_type", "wgan-generator"},
            {"step", state.step},
            {"latent", state.latent},
            {"latent_dist", enum_name(state.latent_dist)},
            {"classes", state.known.classes > 0 ? Json(state.data.class_names) : Json::array()},
            {"conditions", state.known.conditions}};
  json["data"] = data_to_json(state.data);
  json["generator"] = network_to_json(state.network);
  json["options"] = card.options;
  return json;
}

// What a sample is: "pictures of 64x64 pixels with 3 channels", "rows of 24x3 numbers".
std::string samples_text(const DataDescription& data) {
  if (data.shape.size() == 3) {
    return fmt::format(
        "pictures of {}x{} pixels with {}", data.shape[1], data.shape[0],
        data.shape[2] == 1 ? "one channel" : fmt::format("{} channels", data.shape[2]));
  }
  const Shape& row = data.row_shape.empty() ? data.shape : data.row_shape;
  return fmt::format("rows of {} {}", fmt::join(row, "x"),
                     row.size() == 1 && row[0] == 1 ? "number" : "numbers");
}

// Names of files and data come from strangers: no Markdown of theirs is left standing.
std::string plain(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>()#+-.!|~").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

std::string card_text(const GeneratorState& state, const ModelCard& card, bool pictured) {
  std::string text =
      "---\nlibrary_name: wgan\ntags: [gan, wasserstein-gan, "
      "unconditional-image-generation]\n---\n";
  if (state.data.shape.size() != 3)
    text = "---\nlibrary_name: wgan\ntags: [gan, wasserstein-gan]\n---\n";
  text += fmt::format(
      "# A generator of {}\n\nIt makes {}, and has {} parameters. It was trained with wgan {} for "
      "{} steps.\n",
      plain(state.data.name), samples_text(state.data),
      count_text(static_cast<double>(parameter_count(state.network))), WGAN_VERSION,
      count_text(static_cast<double>(state.step)));
  if (pictured) text += "\n![Samples](samples.png)\n";
  if (state.known.classes > 0) {
    text += "\nIt is conditioned on classes:";
    for (const std::string& name : state.data.class_names) text += " " + plain(name) + ",";
    text.back() = '.';
    text += "\n";
  }
  text += "\n## Use\n\n```\nwgan sample generator.safetensors --seeds 0-63\n```\n";
  text +=
      "\n`generator.safetensors` is a whole generator: its metadata has the network. Programs in C "
      "and C++ read it with `wgan_infer`; "
      "`wgan export generator.safetensors --to onnx` and `--to torchscript` write it for others.\n";
  if (!card.scores.empty()) {
    text += "\n## Scores\n\n| measure | samples | real data | compared |\n|---|--:|--:|--:|\n";
    for (const ModelCard::Score& s : card.scores) {
      text += fmt::format("| {} | {:.4g} | {} | {} |\n", plain(s.name), s.value,
                          std::isnan(s.real) ? "" : fmt::format("{:.4g}", s.real), s.samples);
    }
  }
  if (!card.options.empty()) {
    text +=
        "\n## Training\n\nThe options that say most of it; config.json has all.\n\n| option | "
        "value |\n|---|---|\n";
    for (const char* name : {"recipe", "objective", "net", "width", "batch", "steps", "augment"}) {
      const auto option = card.options.find(name);
      if (option == card.options.end()) continue;
      text += fmt::format("| {} | {} |\n", name, plain(option->second));
    }
  }
  return text;
}

}  // namespace

void write_model_folder(const fs::path& folder, const infer::GeneratorFile& generator,
                        const ModelCard& card, const Image& samples, bool half) {
  const fs::path target = fs::absolute(folder).lexically_normal();
  const fs::path temporary = target.parent_path() / ("." + target.filename().string() + ".writing");
  try {
    remove_tree(temporary);
    fs::create_directories(temporary);
    write_single_file(temporary / "generator.safetensors", generator, half);
    const auto replace = Json::error_handler_t::replace;  // a name may be no UTF-8
    write_file_atomically(temporary / "config.json",
                          config_of(generator.state, card).dump(2, ' ', false, replace) + "\n");
    const bool pictured = !samples.pixels.empty();
    if (pictured) write_png(temporary / "samples.png", samples);
    write_file_atomically(temporary / "README.md", card_text(generator.state, card, pictured));
    publish_folder(temporary, target);
  } catch (const fs::filesystem_error& error) {
    remove_tree(temporary);
    throw output_error("write " + target.string(), error.code().value());
  } catch (...) {
    remove_tree(temporary);
    throw;
  }
}

}  // namespace wgan
