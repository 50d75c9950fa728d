// wgan sample: pictures and arrays from a trained generator.
#include <fmt/format.h>
#include <torch/types.h>

#include <numeric>

#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/cli/wanted.h"
#include "wgan/core/counted.h"
#include "wgan/data/numbers.h"
#include "wgan/io/image.h"
#include "wgan/io/output_error.h"
#include "wgan/nn/threads.h"
#include "wgan/run/class_grid.h"
#include "wgan/run/device.h"
#include "wgan/run/load_generator.h"
#include "wgan/run/picture.h"
#include "wgan/run/rows_file.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSeeds = "0-63";

struct Grid {
  int64_t columns = 0;
  int64_t rows = 0;
};

Grid parse_grid(const std::string& text) {
  const size_t cross = text.find('x');
  Grid grid;
  try {
    read_field("--grid", text.substr(0, cross), grid.columns);
    read_field("--grid", cross == std::string::npos ? "" : text.substr(cross + 1), grid.rows);
  } catch (const Error&) {
    grid = {};
  }
  if (grid.columns < 1 || grid.rows < 1 || grid.columns > 1000 || grid.rows > 1000) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--grid: '{}' is not columns x rows, such as 8x8", text));
  }
  return grid;
}

struct Request {
  std::string run;
  std::string seeds;  // empty: kSeeds, or those of a grid of classes
  std::string grid;
  WantedFlags wanted;
  std::string latents;       // NPY file to read
  std::string save_latents;  // NPY file to write
  std::string out;
  std::string device = "auto";
  std::string runs = "runs";
  bool separate = false;
  bool json = false;
};

// One PNG a seed into the folder `out`.
std::vector<std::string> save_separately(const Request& request, const std::vector<uint64_t>& seeds,
                                         const at::Tensor& rows) {
  const fs::path folder = request.out.empty() ? fs::path("samples") : fs::path(request.out);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw output_error("make " + folder.string(), error.value());
  std::vector<std::string> files;
  for (size_t i = 0; i < seeds.size(); ++i) {
    const fs::path file = folder / fmt::format("seed{:06}.png", seeds[i]);
    write_png(file, picture_of(rows, static_cast<int64_t>(i)));
    files.push_back(file.string());
  }
  return files;
}

fs::path file_of(const Request& request, bool images) {
  if (!request.out.empty()) return request.out;
  return images ? "samples.png" : "samples.npy";
}

// A row a class, where it is left to us what a picture shows and there are classes.
ClassGrid chosen_grid(const Request& request, const Generator& generator) {
  const bool images = generator.data.shape.size() == 3;
  const bool chosen = !request.seeds.empty() || !request.grid.empty() || request.separate ||
                      !request.wanted.class_name.empty() || !request.wanted.conditions.empty() ||
                      !request.latents.empty();
  if (chosen || !images || file_of(request, images).extension() != ".png") return {};
  return class_grid(shown_classes(generator));
}

// One file for all samples: a PNG grid or an NPY array, by the file's ending. columns: of a grid
// that nothing else was asked for.
std::vector<std::string> save_together(const Request& request, const at::Tensor& rows,
                                       const DataDescription& data, int64_t columns) {
  const bool images = rows.dim() == 4;
  const fs::path file = file_of(request, images);
  if (file.extension() == ".npy") {
    write_rows(file, in_row_shape(rows, data));
  } else if (file.extension() == ".png") {
    write_png(
        file,
        images ? image_grid(rows, request.grid.empty() ? columns : parse_grid(request.grid).columns)
               : point_cloud(rows, rows));
  } else {
    throw Error(ErrorKind::kUsage,
                fmt::format("--out: {} ends in neither .png nor .npy", file.string()),
                "the ending decides what is written; for a folder add --separate");
  }
  return {file.string()};
}

// The rows of --latents: z alone, or with class and conditions behind it; otherwise these are those
// of seeds 0, 1, ...
at::Tensor latents_of_file(const std::string& file, const Generator& generator,
                           const Wanted& wanted) {
  const ArraySource source{map_npy(file), file};
  check_numbers(source);
  const int64_t count = source.array.shape[0], length = row_length(source.array);
  const int64_t width = generator.model.network.input[0];
  if (length != width && length != generator.latent) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: rows of {}, wanted {}{}", file, counted(length, "number"),
                            generator.latent,
                            width == generator.latent
                                ? ""
                                : fmt::format(", or {} with class and conditions", width)),
                "wgan sample RUN --save-latents FILE.npy writes such a file");
  }
  const at::Tensor rows = torch::empty({count, length}, torch::kFloat64);
  read_numbers(source.array, 0, {rows.data_ptr<double>(), static_cast<size_t>(rows.numel())});
  std::vector<uint64_t> seeds(static_cast<size_t>(count));
  std::iota(seeds.begin(), seeds.end(), uint64_t{0});
  at::Tensor inputs = inputs_of_seeds(generator, seeds, wanted);
  inputs.narrow(1, 0, length).copy_(rows);
  return inputs;
}

}  // namespace

int sample_verb(const Arguments& arguments) {
  CLI::App command(
      "Draws samples from a trained generator: one a seed, the same for the same seed.",
      "wgan sample");
  Request request;
  command.add_option("run", request.run, "run folder, checkpoint, or latest")->required();
  command
      .add_option(
          "--seeds", request.seeds,
          "seeds such as 0-63 or 1,5,9; a generator conditioned on N classes draws class "
          "SEED mod N, those without rows in the data left out; without this, its picture has a "
          "row a class, with seeds 0, 1, ... in each; one conditioned on numbers has those of a "
          "row of its data")
      ->default_str(kSeeds);
  add_wanted_flags(command, request.wanted);
  command.add_option("--grid", request.grid, "COLUMNSxROWS of the picture; default: about square");
  command
      .add_option("--latents", request.latents,
                  "NPY file [N,D] of latent vectors to draw from, in place of seeds")
      ->excludes("--seeds");
  command.add_option("--save-latents", request.save_latents,
                     "NPY file for the latent vectors of the samples: z, then the class one-hot, "
                     "then the conditions, standardised");
  command.add_option(
      "--out", request.out,
      "file to write: .png a grid, .npy an array [N,H,W,C] uint8 (RGBA with straight alpha), or "
      "[N,D] or in the data's shape float32 (float64 where float32 would lose digits); default "
      "samples.png or samples.npy");
  command.add_flag("--separate", request.separate,
                   "one PNG per seed in the folder --out; RGBA keeps its transparency");
  command.add_option("--device", request.device, "cpu, cuda or auto")->capture_default_str();
  command.add_option("--runs", request.runs, "folder of runs in which latest is looked up")
      ->capture_default_str();
  command.add_flag("--json", request.json, "the result as a JSON object on stdout");
  if (!parse_arguments(command, arguments)) return 0;

  std::vector<uint64_t> seeds = parse_seeds(request.seeds.empty() ? kSeeds : request.seeds);
  if (!request.grid.empty()) {
    const Grid grid = parse_grid(request.grid);
    const auto places = static_cast<size_t>(grid.columns * grid.rows);
    if (seeds.size() > places) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("{} {} not fit into a grid of {}", counted(seeds.size(), "seed"),
                              seeds.size() == 1 ? "does" : "do", request.grid),
                  "give a larger --grid or fewer --seeds");
    }
  }
  use_threads(0);
  Terminal terminal(request.json);
  Generator generator =
      load_generator(request.run, resolve_device(request.device), request.runs,
                     [&](const auto&, const auto& what) { tell_damaged(terminal, what); });
  Wanted wanted = wanted_of(request.wanted, generator, terminal);
  const ClassGrid grid = chosen_grid(request, generator);
  if (grid.columns > 0) {
    seeds = grid.seeds;
    wanted.classes = torch::tensor(grid.classes, torch::kInt64);
  }
  const at::Tensor inputs = request.latents.empty()
                                ? inputs_of_seeds(generator, seeds, wanted)
                                : latents_of_file(request.latents, generator, wanted);
  if (!request.save_latents.empty()) write_rows(request.save_latents, inputs);
  const at::Tensor rows = sample_latents(generator, inputs);
  if (!request.latents.empty()) {
    seeds.resize(static_cast<size_t>(rows.size(0)));
    std::iota(seeds.begin(), seeds.end(), uint64_t{0});
  }
  if (request.separate && rows.dim() != 4) {
    throw Error(ErrorKind::kUsage, "--separate writes images, and this generator makes vectors",
                "leave it out to write samples.npy");
  }
  const auto files = request.separate ? save_separately(request, seeds, rows)
                                      : save_together(request, rows, generator.data, grid.columns);
  terminal.result(files.size() == 1 ? files[0]
                                    : fmt::format("{} files in {}", files.size(),
                                                  fs::path(files[0]).parent_path().string()));
  const bool images = rows.scalar_type() == torch::kUInt8;
  const bool rgba = images && rows.size(3) == 4;
  if (images && fs::path(files[0]).extension() == ".npy") {
    terminal.line(fmt::format("an array of {} of {}{}", counted(rows.size(0), "picture"),
                              picture_text(rows.sizes().slice(1).vec()),
                              rgba ? " with straight alpha" : ""));
  } else if (rgba && !request.separate) {
    terminal.line("transparent pixels show a checkerboard; --separate writes RGBA pictures");
  }
  nlohmann::ordered_json object{{"ok", true},
                                {"checkpoint", generator.checkpoint.string()},
                                {"step", generator.step},
                                {"samples", seeds.size()},
                                {"shape", rows.sizes().vec()},
                                {"files", files}};
  if (grid.columns > 0) {
    const auto names = row_names(grid, generator.data.class_names);
    terminal.line(rows_text(names));
    object["picture_rows"] = names;
  }
  terminal.object(object);
  return 0;
}

}  // namespace wgan
