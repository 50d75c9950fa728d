// What a training run can be told: one struct, one list of its fields.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "wgan/core/options.h"
#include "wgan/nn/init.h"
#include "wgan/train/feature_options.h"

namespace wgan {

enum class Recipe { kFast, kPaper };
template <>
struct EnumNames<Recipe> {
  static constexpr std::pair<Recipe, const char*> kNames[] = {{Recipe::kFast, "fast"},
                                                              {Recipe::kPaper, "paper"}};
};

enum class Objective { kMinimax, kNonSaturating, kWgan, kWganGp };
template <>
struct EnumNames<Objective> {
  static constexpr std::pair<Objective, const char*> kNames[] = {
      {Objective::kMinimax, "minimax"},
      {Objective::kNonSaturating, "non-saturating"},
      {Objective::kWgan, "wgan"},
      {Objective::kWganGp, "wgan-gp"}};
};

enum class Penalty { kTwoSided, kOneSided };
template <>
struct EnumNames<Penalty> {
  static constexpr std::pair<Penalty, const char*> kNames[] = {{Penalty::kTwoSided, "two-sided"},
                                                               {Penalty::kOneSided, "one-sided"}};
};

enum class Route { kAuto, kSweeps, kAutograd };
template <>
struct EnumNames<Route> {
  static constexpr std::pair<Route, const char*> kNames[] = {
      {Route::kAuto, "auto"}, {Route::kSweeps, "sweeps"}, {Route::kAutograd, "autograd"}};
};

// Of the products: weights and gradients are float32 always.
enum class Precision { kFloat32, kTf32, kBf16 };
template <>
struct EnumNames<Precision> {
  static constexpr std::pair<Precision, const char*> kNames[] = {
      {Precision::kFloat32, "float32"}, {Precision::kTf32, "tf32"}, {Precision::kBf16, "bf16"}};
};

enum class Net { kMlp, kDcgan };
template <>
struct EnumNames<Net> {
  static constexpr std::pair<Net, const char*> kNames[] = {{Net::kMlp, "mlp"},
                                                           {Net::kDcgan, "dcgan"}};
};

enum class LatentDist { kNormal, kUniform };
template <>
struct EnumNames<LatentDist> {
  static constexpr std::pair<LatentDist, const char*> kNames[] = {
      {LatentDist::kNormal, "normal"}, {LatentDist::kUniform, "uniform"}};
};

enum class OptimizerKind { kAdam, kRmsprop };
template <>
struct EnumNames<OptimizerKind> {
  static constexpr std::pair<OptimizerKind, const char*> kNames[] = {
      {OptimizerKind::kAdam, "adam"}, {OptimizerKind::kRmsprop, "rmsprop"}};
};

// Defaults are those of recipe `fast` for small images; recipe_options (train/recipe.h) gives those
// of any recipe, objective and kind of data.
struct TrainOptions {
  Recipe recipe = Recipe::kFast;
  Objective objective = Objective::kWganGp;
  Net net = Net::kDcgan;
  int64_t width = 32;
  int64_t depth = 3;
  int64_t latent = 64;
  LatentDist latent_dist = LatentDist::kNormal;
  bool conditional = false;
  Init init = Init::kTorch;
  int64_t batch = 64;
  bool mirror = false;
  int64_t n_critic = 1;
  bool critic_bursts = false;
  Route critic_step = Route::kAuto;
  Precision precision = Precision::kFloat32;
  double lambda = 10;
  Penalty penalty = Penalty::kTwoSided;
  double clip = 0.01;
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double critic_lr = 1e-3;
  double generator_lr = 1e-3;
  double beta1 = 0;
  double beta2 = 0.9;
  bool lr_decay = false;
  double average = 0.995;
  int64_t seed = 0;
  int64_t steps = 0;
  Duration time;
  int64_t tick_every = 50;
  int64_t samples_every = 500;
  Duration checkpoint_every{60};
  int64_t keep = 3;
  std::string device = "auto";
  int64_t threads = 0;
  int64_t loader_threads = 1;
  std::string out = "runs";
  std::string name;
  int64_t evaluate_every = 0;
  int64_t evaluate_n = 1000;
  std::string best_by = "frechet";
  int64_t patience = 0;
  FeatureOptions space;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    visit_model(self, field);
    visit_run(self, field);
    visit_evaluation(self, field);
  }

 private:
  template <class Self, class Visitor>
  static void visit_model(Self& self, Visitor&& field) {
    field({"recipe", "fast: a good picture soonest on a CPU; paper: the published settings"},
          self.recipe);
    field({"objective", "what critic and generator play for"}, self.objective);
    field({"net", "kind of network; vectors take mlp"}, self.net);
    field({"width", "channels of the widest picture inside dcgan, units of a layer of mlp"},
          self.width);
    field({"depth", "hidden layers of mlp"}, self.depth);
    field({"latent", "dimensions of the latent vector z"}, self.latent);
    field({"latent-dist", "distribution of z: N(0, 1) or U(-1, 1)"}, self.latent_dist);
    field({"conditional", "tell both networks the class of each sample (labelled data)"},
          self.conditional);
    field({"init", "scheme of the initial weights"}, self.init);
    field({"batch", "samples a step"}, self.batch);
    field({"mirror", "show the networks every image also flipped left to right"}, self.mirror);
    field({"n-critic", "critic steps a generator step"}, self.n_critic);
    field({"critic-bursts",
           "100 critic steps before each of the first 25 generator steps and "
           "every 500th"},
          self.critic_bursts);
    field({"critic-step",
           "how gradients are computed: four sweeps where they are exact, or autograd"},
          self.critic_step);
    field({"precision",
           "of convolutions and matrix products: float32, tf32 (NVIDIA GPUs), or bf16, faster on "
           "GPUs and on CPUs with AVX-512 BF16; weights and their updates stay float32"},
          self.precision);
    field({"lambda", "weight of the gradient penalty (wgan-gp)"}, self.lambda);
    field({"penalty", "penalise gradient norms off 1, or only those above 1 (wgan-gp)"},
          self.penalty);
    field({"clip", "critic parameters are kept in [-clip, clip] (wgan)"}, self.clip);
    field({"optimizer", "for both networks"}, self.optimizer);
    field({"critic-lr", "learning rate of the critic"}, self.critic_lr);
    field({"generator-lr", "learning rate of the generator"}, self.generator_lr);
    field({"beta1", "Adam's decay of the mean gradient"}, self.beta1);
    field({"beta2", "Adam's decay of the mean squared gradient"}, self.beta2);
    field({"lr-decay",
           "lower both learning rates linearly to 0 at the end of --steps, or of --time alone"},
          self.lr_decay);
    field({"average",
           "decay of the moving average of the generator that samples are drawn from; "
           "0: none"},
          self.average);
    field({"seed", "of everything random; the same seed gives the same run"}, self.seed);
  }

  template <class Self, class Visitor>
  static void visit_run(Self& self, Visitor&& field) {
    field({"steps", "generator steps; 0: no limit", Effect::kLength}, self.steps);
    field({"time", "stop after this long, such as 90s, 3m, 1h30m; 0s: no limit", Effect::kLength},
          self.time);
    field({"tick-every", "generator steps between two lines of progress", Effect::kPlace},
          self.tick_every);
    field({"samples-every",
           "generator steps between two sample grids; before the first: 10, 20, 50, "
           "100, ...",
           Effect::kPlace},
          self.samples_every);
    field({"checkpoint-every", "time between two checkpoints", Effect::kPlace},
          self.checkpoint_every);
    field({"keep", "how many checkpoints to keep; 0: all", Effect::kPlace}, self.keep);
    field({"device", "cpu, cuda, or auto: cuda where there is one", Effect::kSpeed}, self.device);
    field({"threads", "CPU threads of the arithmetic; 0: all cores", Effect::kSpeed}, self.threads);
    field({"loader-threads", "threads that make batches; 0: the training thread itself",
           Effect::kSpeed},
          self.loader_threads);
    field({"out", "folder in which the run folder is made", Effect::kPlace}, self.out);
    field({"name", "end of the run folder's name; empty: data and objective", Effect::kPlace},
          self.name);
  }

  template <class Self, class Visitor>
  static void visit_evaluation(Self& self, Visitor&& field) {
    field({"evaluate-every", "generator steps between two evaluations; 0: none", Effect::kPlace},
          self.evaluate_every);
    field({"evaluate-n", "samples of an evaluation, and real rows beside them", Effect::kPlace},
          self.evaluate_n);
    field(
        {"best-by",
         "score that checkpoints/best is chosen by: frechet, kernel, precision, recall, coverage, "
         "w1, sliced, ... (see wgan evaluate)",
         Effect::kPlace},
        self.best_by);
    field({"patience", "stop after so many evaluations without a better one; 0: never",
           Effect::kLength},
          self.patience);
    FeatureOptions::visit(self.space, field);
  }
};

}  // namespace wgan
