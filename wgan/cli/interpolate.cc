// wgan interpolate: a walk through latent space as a strip and an animation, or as lines.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <numeric>

#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/cli/wanted.h"
#include "wgan/io/image.h"
#include "wgan/nn/threads.h"
#include "wgan/run/device.h"
#include "wgan/run/load_generator.h"
#include "wgan/run/picture.h"
#include "wgan/run/rows_file.h"
#include "wgan/train/latent.h"

namespace wgan {
namespace {

constexpr int64_t kStripTiles = 16;  // at most, of the walk
constexpr int64_t kMostFrames = 10'000;
constexpr int64_t kCloud = 2000;
constexpr int64_t kTableColumns = 16;  // of more the rows are taken for series

// Evenly spread frames of the walk, side by side.
Image strip(const at::Tensor& rows) {
  const int64_t count = std::min(kStripTiles, rows.size(0));
  std::vector<at::Tensor> chosen;
  for (int64_t i = 0; i < count; ++i) chosen.push_back(rows[i * rows.size(0) / count]);
  return image_grid(torch::stack(chosen), count);
}

std::vector<Image> pictures_of(const at::Tensor& rows) {
  std::vector<Image> pictures;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    pictures.push_back(animation_frame(rows, i));
  }
  return pictures;
}

// A walk of vectors, [frames, D], as lines: of two columns the path through the plane, over what
// the generator makes of kCloud latents in grey; of one its value over the frames; of more the
// values of some rows over their columns.
Image lines(const Generator& generator, const at::Tensor& rows, const at::Tensor& inputs,
            double truncation) {
  const at::Tensor walk = rows.flatten(1).to(torch::kFloat64);
  const int64_t frames = walk.size(0), columns = walk.size(1);
  if (columns == 2) {
    std::vector<uint64_t> seeds(kCloud);
    std::iota(seeds.begin(), seeds.end(), uint64_t{0});
    const at::Tensor z = latents_of_seeds(seeds, generator.latent, generator.latent_dist);
    const at::Tensor known = inputs.narrow(1, generator.latent, inputs.size(1) - generator.latent)
                                 .index_select(0, torch::arange(kCloud) % frames);
    const at::Tensor cloud = sample_latents(generator, torch::cat({z * truncation, known}, 1));
    return line_plot(cloud.flatten(1), torch::stack({walk, walk.roll(-1, 0)}, 1));
  }
  const at::Tensor none = torch::empty({0, 2});
  if (columns == 1) {
    const at::Tensor time = torch::arange(frames, torch::kFloat64).unsqueeze(1);
    const at::Tensor points = torch::cat({time, walk}, 1);
    const int64_t last = std::max<int64_t>(1, frames - 1);
    return line_plot(none, torch::stack({points.narrow(0, 0, last),
                                         points.narrow(0, std::min<int64_t>(1, frames - 1), last)},
                                        1));
  }
  // Columns of a table have units of their own, those of a series have one.
  at::Tensor values = walk;
  const ColumnScale& scale = generator.data.scale;
  if (!scale.empty() && columns <= kTableColumns) {
    values = to_standard_units(walk, scale).to(torch::kFloat64);
  }
  const int64_t count = std::min(kStripTiles, frames);
  const at::Tensor chosen =
      values.index_select(0, torch::floor_divide(torch::arange(count) * frames, count));
  const at::Tensor place = torch::arange(columns, torch::kFloat64).expand({count, columns});
  return line_plot(none, torch::stack({place, chosen}, 2));
}

}  // namespace

int interpolate_verb(const Arguments& arguments) {
  CLI::App command(
      "Walks from sample to sample and back to the first. Pictures: a strip, OUT.png, and an "
      "animation, OUT.gif. Vectors: an array [frames, ...], OUT.npy, and lines from blue to "
      "orange, OUT.png: of two columns the path over other samples in grey, of one its value over "
      "the frames, of more the values of 16 frames over the columns (of up to 16 columns in "
      "standard deviations).",
      "wgan interpolate");
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
  command.add_option("--format", format, "format of the animation of pictures: gif or webp")
      ->capture_default_str();
  command.add_option("--out", out, "name of the files without extension")->capture_default_str();
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
  Generator generator =
      load_generator(run, resolve_device(device), runs,
                     [&](const auto&, const auto& what) { tell_damaged(terminal, what); });
  const Wanted what = wanted_of(wanted, generator, terminal);
  const at::Tensor inputs = interpolate_latents(generator, seeds, frames, what);
  const at::Tensor rows = sample_latents(generator, inputs);
  const bool images = rows.scalar_type() == torch::kUInt8;
  const std::string still = out + ".png", whole = out + (images ? "." + format : ".npy");
  if (images) {
    write_png(still, strip(rows));
    write_animation(whole, pictures_of(rows), fps);
  } else {
    write_rows(whole, in_row_shape(rows, generator.data));
    write_png(still, lines(generator, rows, inputs, what.truncation));
  }
  terminal.result(still + "\n" + whole);
  if (images && rows.size(3) == 4 && format == "gif") {
    terminal.line(
        "GIF knows no half-transparent pixels: below one half of alpha they are transparent, "
        "above it opaque; --format webp keeps them");
  }
  terminal.object({{"ok", true},
                   {"checkpoint", generator.checkpoint.string()},
                   {"frames", frames},
                   {"files", {still, whole}}});
  return 0;
}

}  // namespace wgan
