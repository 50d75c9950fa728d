// The table, and its three readers.
#include "wgan/train/combinations.h"

#include <fmt/format.h>

#include <sstream>
#include <utility>

#include "wgan/train/critic_step.h"
#include "wgan/train/objective.h"

namespace wgan {
namespace {

// Lines of a terminal's width.
std::string indented(const std::string& text) {
  constexpr size_t kWidth = 78;
  const std::string margin(6, ' ');
  std::string lines, line = margin;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > kWidth) lines += std::exchange(line, margin) + "\n";
    line += (line.size() > margin.size() ? " " : "") + word;
  }
  return lines + line + "\n";
}

bool penalises_slopes(const TrainOptions& o) {
  return has_penalty(o.objective.kind, critic_objective(o, /*conditions=*/0).penalty);
}

bool augments(const TrainOptions& o) { return parse_augment(o.augment.kinds).any(); }

bool smooths_labels(const TrainOptions& o) {
  return o.stabilisers.real_label != 1 || o.stabilisers.fake_label != 0;
}

const Combination kRefused[] = {
    {"--objective wgan-gp or --penalty zero-centred, --critic-norm batch",
     "the penalty is on the slope at each sample alone, and BatchNorm makes a sample's score "
     "depend "
     "on its neighbours (Gulrajani et al. 2017, section 4)",
     "use --critic-norm layer or none",
     [](const TrainOptions& o, const Networks& n) {
       return penalises_slopes(o) && has_layer<BatchNorm>(n.critic);
     }},
    {"--objective wgan-gp or --penalty zero-centred, --minibatch-kernels",
     "the penalty is on the slope at each sample alone, and minibatch discrimination makes a "
     "sample's score depend on its neighbours",
     "use --objective non-saturating without a penalty, or leave out --minibatch-kernels",
     [](const TrainOptions& o, const Networks& n) {
       return penalises_slopes(o) && has_layer<MinibatchDiscrimination>(n.critic);
     }},
    {"--objective wgan-gp or --penalty zero-centred, --minibatch-deviation",
     "the penalty is on the slope at each sample alone, and the deviation of the batch makes a "
     "sample's score depend on its neighbours",
     "use --objective non-saturating without a penalty, or leave out --minibatch-deviation",
     [](const TrainOptions& o, const Networks& n) {
       return penalises_slopes(o) && has_layer<MinibatchDeviation>(n.critic);
     }},
    {"--objective wgan, wgan-gp or relativistic, --real-label or --fake-label",
     "label smoothing changes the target probability of a discriminator, and a critic's score is "
     "no probability",
     "use --objective non-saturating or minimax",
     [](const TrainOptions& o, const Networks&) {
       return !has_probability(o.objective.kind) && smooths_labels(o);
     }},
    {"--objective c-transform --conditional",
     "the transform looks for the nearest real row among all of the batch, whatever its class",
     "add --no-conditional",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kCTransform && o.players.conditional;
     }},
    {"--objective semi-supervised --conditional",
     "the discriminator has to predict the classes, so it must not be conditioned on them",
     "add --no-conditional",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kSemiSupervised && o.players.conditional;
     }},
    {"--labels-per-class without --objective semi-supervised",
     "only the semi-supervised discriminator learns classes from labels",
     "use --objective semi-supervised, or leave out --labels-per-class",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind != Objective::kSemiSupervised && o.objective.labels_per_class > 0;
     }},
    {"--full-resolution --recipe paper --objective wgan-gp",
     "the published networks have no such feature map",
     "leave out --full-resolution, or use --recipe fast",
     [](const TrainOptions& o, const Networks&) {
       return o.players.full_resolution && o.recipe == Recipe::kPaper &&
              o.players.net == Net::kDcgan && o.objective.kind == Objective::kWganGp;
     }},
    {"--critic-norm virtual",
     "its reference batch would have to pass the critic beside every batch of real rows, fakes and "
     "interpolates; Salimans et al. 2016 use it in the generator only",
     "use --generator-norm virtual",
     [](const TrainOptions& o, const Networks&) {
       return o.players.critic_norm == Norm::kVirtual;
     }},
    {"--generator-norm weight",
     "weight normalisation sets its scales from real rows, which the generator does not see",
     "use --critic-norm weight",
     [](const TrainOptions& o, const Networks&) {
       return o.players.generator_norm == Norm::kWeight;
     }},
    {"--critic-norm weight with --net resnet, --net modern or --spectral-norm",
     "weight normalisation sets its scales layer by layer, which residual sums do not allow; and "
     "spectral normalisation sets scales of its own",
     "use --net dcgan or mlp, and only one of the two normalisations",
     [](const TrainOptions& o, const Networks& n) {
       return o.players.critic_norm == Norm::kWeight &&
              (has_layer<Residual>(n.critic) || o.players.spectral_norm);
     }},
    {"--objective wgan --penalty zero-centred --clip above 0",
     "the penalty bounds the slope of the critic, and clipping bounds it once more", "add --clip 0",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kWgan && penalises_slopes(o) && o.penalty.clip > 0;
     }},
    {"--objective c-transform --penalty zero-centred",
     "the transform needs no bound on the critic's slope", "leave out --penalty",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kCTransform && o.penalty.kind == Penalty::kZeroCentred;
     }},
    {"--objective relativistic --penalty two-sided or one-sided",
     "they hold slopes at 1, or below, so that scores measure a distance, and these scores only "
     "tell real from fake",
     "use --penalty zero-centred; with --gamma 0 there is no penalty",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kRelativistic &&
              o.penalty.kind != Penalty::kZeroCentred;
     }},
    {"--objective relativistic with --generator-batch other than --batch",
     "each fake of the generator's step is paired with a real row of the critic's last batch",
     "leave out --generator-batch",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kRelativistic && o.batches.generator_size != 0 &&
              o.batches.generator_size != o.batches.size;
     }},
    {"--objective relativistic --feature-matching",
     "the generator then matches features, and no pair is compared",
     "leave out --feature-matching, or use --objective non-saturating",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kRelativistic &&
              o.stabilisers.feature_matching != FeatureMatching::kNone;
     }},
    {"--objective wgan --spectral-norm --clip above 0",
     "spectral normalisation divides each weight matrix by its size, which undoes the clipping",
     "add --clip 0",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kWgan && o.players.spectral_norm && o.penalty.clip > 0;
     }},
    {"--objective wgan --clip 0 without another bound on the critic",
     "nothing keeps the critic's slope bounded, so its estimate grows without end",
     "give --clip, --penalty zero-centred, --spectral-norm or --weight-decay, or use --objective "
     "wgan-gp",
     [](const TrainOptions& o, const Networks&) {
       return o.objective.kind == Objective::kWgan && o.penalty.clip == 0 && !penalises_slopes(o) &&
              !o.players.spectral_norm && o.stabilisers.weight_decay == 0;
     }},
    {"--augment with vectors", "the changes are those of pictures", "leave out --augment",
     [](const TrainOptions& o, const Networks& n) {
       return augments(o) && n.critic.input.size() != 3;
     }},
    {"--augment --objective c-transform",
     "the transform compares rows with one another, not with what the critic sees of them",
     "use another objective",
     [](const TrainOptions& o, const Networks&) {
       return augments(o) && o.objective.kind == Objective::kCTransform;
     }},
    {"--augment-target without --augment", "there is no augmentation to steer",
     "give --augment, such as --augment color,translation,cutout",
     [](const TrainOptions& o, const Networks&) { return o.augment.target > 0 && !augments(o); }},
    {"--augment-target with an --augment-strength that changes over the run",
     "the strength is either steered or given",
     "give one number as --augment-strength, the most it may become, or leave out --augment-target",
     [](const TrainOptions& o, const Networks&) {
       return o.augment.target > 0 && o.augment.strength.changes();
     }},
    {"options such as 2:0.2 without --steps or --time",
     "they have come to their second number after a share of the run, and this run has no end",
     "give --steps or --time, or one number",
     [](const TrainOptions& o, const Networks&) {
       return has_ramps(o) && o.length.steps == 0 && o.length.time.seconds == 0;
     }},
    {"--lr-decay with learning rates such as 2e-4:5e-5",
     "both lower the learning rates over the run", "add --no-lr-decay, or give one number",
     [](const TrainOptions& o, const Networks&) {
       return o.optimizer.lr_decay && has_rate_ramps(o.optimizer);
     }},
    {"--instance-noise without --steps or --time",
     "the noise falls to 0 at the end of the run, and this run has no end",
     "give --steps or --time",
     [](const TrainOptions& o, const Networks&) {
       return o.stabilisers.instance_noise > 0 && o.length.steps == 0 && o.length.time.seconds == 0;
     }},
    {"--net modern --recipe paper",
     "these networks have R3GAN's blocks, but not the widths that it was published with",
     "use --recipe fast, and R3GAN's loss by --objective relativistic",
     [](const TrainOptions& o, const Networks&) {
       return o.recipe == Recipe::kPaper && o.players.net == Net::kModern;
     }},
    {"--extend without --steps or --time", "a run without an end is never beyond it",
     "leave out --extend, or give --steps or --time",
     [](const TrainOptions& o, const Networks&) {
       return !o.length.extend.empty() && o.length.steps == 0 && o.length.time.seconds == 0;
     }},
    {"--dequantize with vectors", "only the 256 values of pixels have gaps to fill",
     "leave out --dequantize",
     [](const TrainOptions& o, const Networks& n) {
       return o.batches.dequantize && n.critic.input.size() != 3;
     }},
};

}  // namespace

std::span<const Combination> refused_combinations() { return kRefused; }

void check_combinations(const TrainOptions& options, const Networks& networks) {
  for (const Combination& c : kRefused) {
    if (c.present(options, networks)) {
      throw Error(ErrorKind::kUsage, fmt::format("{}: {}", c.options, c.reason), c.hint);
    }
  }
}

std::string combinations_text() {
  std::string text = "Combinations that are refused, and why:\n";
  for (const Combination& c : kRefused) {
    text += fmt::format("  {}\n{}", c.options, indented(c.reason));
  }
  return text;
}

std::string combinations_markdown() {
  std::string table = "| refused | why | instead |\n|---|---|---|\n";
  for (const Combination& c : kRefused) {
    table += fmt::format("| `{}` | {} | {} |\n", c.options, c.reason, c.hint);
  }
  return table;
}

}  // namespace wgan
