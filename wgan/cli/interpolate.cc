// wgan interpolate: a walk through latent space as a strip and an animation.
#include <fmt/format.h>
#include <torch/types.h>

#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/cli/wanted.h"
#include "wgan/io/image.h"
#include "wgan/nn/threads.h"
#include "wgan/run/device.h"
#include "wgan/run/load_generator.h"
#include "wgan/run/picture.h"

namespace wgan {
namespace {

constexpr int64_t kStripTiles = 16;  // at most, of the walk
constexpr int64_t kMostFrames = 10'000;

// Evenly spread frames of the walk, side by side.
Image strip(const at::Tensor& rows) {
  const int64_t count = std::min(kStripTiles, rows.size(0));
  std::vector<at::Tensor> chosen;
  for (int64_t i = 0; i < count; ++i) chosen.push_back(rows[i * rows.size(0) / count]);
  return image_grid(torch::stack(chosen), count);
}

}  // namespace

int interpolate_verb(const Arguments& arguments) {
  CLI::App command("Walks from sample to sample and back to the first.", "wgan interpolate");
  std::string run, seeds_text = "0-3", out = "walk", device = "auto", runs = "runs";
  std::string format = "gif";
  WantedFlags wanted;
  int64_t frames = 120;
  double fps = 24;
  bool json = false;
  command.add_option("run", run, "run folder, checkpoint, or latest")->required();
  command.add_option("--seeds", seeds_text, "seeds of the samples to walk through, such as 1,5,9")
      ->capture_default_str();
  add_wanted_flags(command, wanted);
  command.add_option("--frames", frames, "frames of the whole walk")->capture_default_str();
  command.add_option("--fps", fps, "frames per second of the animation")->capture_default_str();
  command.add_option("--format", format, "format of the animation: gif or webp")
      ->capture_default_str();
  command.add_option("--out", out, "name of the files without extension: OUT.png and OUT.gif")
      ->capture_default_str();
  command.add_option("--device", device, "cpu, cuda or auto")->capture_default_str();
  command.add_option("--runs", runs, "folder of runs in which latest is looked up")
      ->capture_default_str();
  command.add_flag("--json", json, "the result as a JSON object on stdout");
  if (!parse_arguments(command, arguments)) return 0;

  const auto seeds = parse_seeds(seeds_text);
  if (frames < 1 || frames > kMostFrames) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--frames is {}, wanted 1 to {}", frames, kMostFrames));
  }
  if (!(fps > 0 && fps <= 100)) {
    throw Error(ErrorKind::kUsage, fmt::format("--fps is {}, wanted above 0 and at most 100", fps));
  }
  if (format != "gif" && format != "webp") {
    throw Error(ErrorKind::kUsage, fmt::format("--format is '{}', wanted gif or webp", format));
  }
  use_threads(0);
  Terminal terminal(json);
  const Generator generator =
      load_generator(run, resolve_device(device), runs,
                     [&](const auto&, const auto& what) { tell_damaged(terminal, what); });
  if (generator.data.shape.size() != 3) {
    throw Error(ErrorKind::kUsage, "this generator makes vectors, which make no animation",
                "draw them with wgan sample");
  }
  const at::Tensor rows = sample_latents(
      generator, interpolate_latents(generator, seeds, frames, wanted_of(wanted, generator)));
  std::vector<Image> pictures;
  for (int64_t i = 0; i < frames; ++i) {
    Image picture = image_grid(rows.narrow(0, i, 1), 1);
    pictures.push_back(std::move(picture));
  }
  const std::string still = out + ".png", moving = out + "." + format;
  write_png(still, strip(rows));
  write_animation(moving, pictures, fps);
  terminal.result(still + "\n" + moving);
  terminal.object({{"ok", true},
                   {"checkpoint", generator.checkpoint.string()},
                   {"frames", frames},
                   {"files", {still, moving}}});
  return 0;
}

}  // namespace wgan
