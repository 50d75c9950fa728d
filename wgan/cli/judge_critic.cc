// The critic's estimate, its bounds, and the exact distance between the same rows.
#include "wgan/cli/judge_critic.h"

#include <fmt/format.h>
#include <torch/types.h>

#include "wgan/judge/critic_bound.h"
#include "wgan/judge/data_rows.h"
#include "wgan/nn/model_file.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/load_generator.h"
#include "wgan/train/pixels.h"

namespace wgan {
namespace {

// Rows [N, H, W, C] uint8 or [N, D] as the critic of a run sees them.
at::Tensor critic_view(const at::Tensor& rows, const Generator& generator) {
  if (rows.dim() == 4) return to_values(rows, pixel_range(generator.model.network));
  return to_standard_units(rows, generator.data.scale);
}

std::string bound_text(const CriticBound& b, const std::string& name, int64_t count, bool classes) {
  return fmt::format(
      "critic of {} on {} rows, distances as it sees them{}:\n"
      "  E f(x) - E f(G(z))      {:.5g}   on held-out rows\n"
      "  / its largest |grad f|  {:.5g}   ({:.4g} over these rows: an estimate of a lower bound)\n"
      "  / its steepest pair     {:.5g}   ({:.4g}: a lower bound for certain)\n"
      "  exact W1                {:.5g}",
      name, count, classes ? ", class by class" : "", b.estimate, b.slope_bound, b.largest_slope,
      b.pair_bound, b.pair_slope, b.exact_w1);
}

}  // namespace

void check_critic(const Subject& subject) {
  if (!subject.generator) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("--critic: {} does not come from a run, so there is no critic", subject.name),
        "give runs alone, or leave --critic out");
  }
  if (condition_count(*subject.generator) > 0) {
    throw Error(ErrorKind::kUsage,
                "--critic: this critic sees conditions beside the samples, and no two rows share "
                "theirs, so there is no distance to set beside its estimate",
                "leave --critic out");
  }
  if (is_generator_file(subject.generator->checkpoint)) {
    throw Error(ErrorKind::kUsage, "--critic: a file of wgan export holds no critic",
                "give the run");
  }
  check_checkpoint(subject.generator->checkpoint, Purpose::kTrain);
}

nlohmann::ordered_json judge_critic(const Subject& subject, const ReferenceSets& sets,
                                    const at::Tensor& sampled, int64_t count, uint64_t seed,
                                    const std::string& device, Terminal& terminal) {
  const Generator& g = subject.generator.value();
  const CheckpointState state = read_checkpoint_state(g.checkpoint);
  Model critic =
      make_model(state.networks.critic,
                 at::TensorOptions(torch::kFloat32).device(torch::Device(device)), Training::kNo);
  read_model(g.checkpoint / "critic.safetensors", critic);
  const auto real_rows = [&](const Dataset& set) {
    return CriticRows{critic_view(data_rows(set, count), g), data_classes(g, set, count)};
  };
  const CriticRows held_out = real_rows(sets.held_out);
  // Drawn with the classes of these rows, one by one.
  const CriticRows fake{critic_view(sampled.slice(0, 0, count), g), held_out.labels};
  const CriticBound b = bound_by_critic(critic, held_out, fake, seed);
  nlohmann::ordered_json json{{"rows", count},
                              {"estimate", b.estimate},
                              {"largest_slope", b.largest_slope},
                              {"slope_bound", b.slope_bound},
                              {"pair_slope", b.pair_slope},
                              {"pair_bound", b.pair_bound},
                              {"exact_w1", b.exact_w1}};
  std::string text = bound_text(b, subject.name, count, held_out.labels.defined());
  if (sets.training) {
    const double on_training = mean_score(critic, real_rows(*sets.training));
    const double gap = on_training - mean_score(critic, held_out);
    json["training_gap"] = gap;
    text += fmt::format("\n  E f, training - held-out rows  {:.5g}", gap);
  }
  terminal.result(text);
  return json;
}

}  // namespace wgan
