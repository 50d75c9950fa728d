// wgan describe: the networks of a run, or those a recipe would build.
#include "wgan/net/describe.h"

#include <fmt/format.h>

#include "wgan/cli/settings.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/data/dataset.h"
#include "wgan/net/network_json.h"
#include "wgan/run/checkpoint.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

// A data set of a shape alone: "28x28x1" (height, width, channels), or "2" for vectors.
Dataset imagined_dataset(const std::string& shape) {
  Dataset dataset;
  dataset.name = shape;
  dataset.size = 60'000;
  const auto refuse = [&] {
    throw Error(ErrorKind::kUsage,
                fmt::format("--shape: '{}' is neither HEIGHTxWIDTHxCHANNELS nor a length", shape),
                "for example --shape 28x28x1, or --shape 2 for vectors");
  };
  std::string rest = shape + "x";
  while (!rest.empty()) {
    int64_t extent = 0;
    const std::string part = rest.substr(0, rest.find('x'));
    try {
      read_field("--shape", part, extent);
    } catch (const Error&) {
      refuse();
    }
    if (extent < 1 || extent > 4096) refuse();
    dataset.shape.push_back(extent);
    rest.erase(0, part.size() + 1);
  }
  if (dataset.shape.size() != 1 && dataset.shape.size() != 3) refuse();
  dataset.type = dataset.is_image() ? RowType::kUint8 : RowType::kFloat32;
  return dataset;
}

}  // namespace

int describe_verb(const Arguments& arguments) {
  CLI::App command("Prints layers, shapes, parameters and FLOPs of generator and critic.",
                   "wgan describe");
  std::string run, shape = "28x28x1", runs = "runs";
  bool json = false;
  Settings settings;
  command.add_option("run", run,
                     "run folder, checkpoint, or latest; default: the networks of a recipe");
  command.add_option("--shape", shape, "HEIGHTxWIDTHxCHANNELS, or the length of vectors")
      ->capture_default_str();
  command.add_option("--runs", runs, "folder of runs in which latest is looked up")
      ->capture_default_str();
  command.add_flag("--json", json, "the networks as a JSON object on stdout");
  add_option_flags<TrainOptions>(command, "Training [defaults of recipe fast for images]",
                                 settings);
  if (!parse_arguments(command, arguments)) return 0;

  Terminal terminal(json);
  Networks networks;
  if (!run.empty()) {
    const auto tell = [&](const auto&, const auto& what) { tell_damaged(terminal, what); };
    networks = read_checkpoint_state(find_checkpoint(run, runs, tell, Purpose::kSample)).networks;
  } else {
    const Dataset dataset = imagined_dataset(shape);
    networks = build_networks(resolve_options(dataset, settings).train, dataset);
  }
  terminal.result(describe_table(networks.generator, "generator"));
  terminal.result(describe_table(networks.critic, "critic"));
  terminal.object({{"ok", true},
                   {"generator", network_to_json(networks.generator)},
                   {"critic", network_to_json(networks.critic)}});
  return 0;
}

}  // namespace wgan
