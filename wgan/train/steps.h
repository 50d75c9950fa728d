// The two steps of an iteration, each from random numbers to updated parameters.
#pragma once

#include <optional>
#include <string>

#include "wgan/core/random.h"
#include "wgan/data/loader.h"
#include "wgan/train/captured_step.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/progress.h"
#include "wgan/train/trainer.h"

namespace wgan {

// Pixels v of 0 .. 255 become 2 (v / 256 - 1/2) + U[0, 1/128) in place of 2 (v / 255 - 1/2)
// (gan_cifar_resnet.py), in the range of the model. real: [B, C, H, W]; gaps: the same shape, in
// [0, 1).
at::Tensor dequantized(const at::Tensor& real, const at::Tensor& gaps, PixelRange range);

class Steps {
 public:
  // All must outlive the steps.
  // held_out and profile may be null.
  Steps(Players& players, const Dataset& dataset, const Dataset* held_out,
        const TrainOptions& options, Profile* profile);

  // Lines 3 to 8 of Algorithm 1: one step of the critic on fresh real and fake samples.
  void train_critic(const Schedule& schedule);

  // Lines 9 to 11: one step of the generator, and its average.
  void train_generator(const Schedule& schedule);

  double waited_seconds() const { return loader_.waited_seconds(); }  // for data

  // Looks at the last batch and the critic, for the tick.
  void examine(Tick& tick) const;

  // Why a step is not replayed as a CUDA graph though it should be; empty where all is well.
  const std::string& obstacle() const;

 private:
  LoaderOptions loader_options(int64_t threads) const;
  GeneratorObjective generator_objective() const;
  bool records() const;
  Tensors critic_work(const Tensors& inputs, bool with_penalty);
  Tensors generator_work(const Tensors& inputs);
  double augment_strength(const Schedule& schedule) const;
  at::Tensor augment_draws_of(Stream stream, int64_t step, uint64_t set, int64_t rows) const;
  at::Tensor gamma_factor(const Schedule& schedule) const;
  void steer_augmentation(const Tensors& metrics, const Schedule& schedule);
  at::Tensor uniform(Stream stream, uint64_t step, const Shape& shape) const;
  at::Tensor noise(Stream stream, uint64_t step, uint64_t index, int64_t rows, double factor) const;
  at::Tensor prepared(const at::Tensor& real) const;
  at::Tensor epsilon() const;
  at::Tensor draw_z(Stream stream, int64_t step, int64_t rows) const;
  int64_t condition_count() const;
  Batch known_batch(Batch batch) const;
  Batch draw_known(int64_t rows) const;
  at::Tensor generator_input(const at::Tensor& z, const Batch& known) const;
  Batch labelled_batch();

  Players& players_;
  const Dataset& dataset_;
  const TrainOptions& o_;
  Profile* const profile_;
  const at::Device device_;
  Loader loader_;
  const CriticObjective objective_;  // of a step with its penalty
  double strength_ = 0;              // of the augmentation in this step
  std::optional<Loader> held_out_;   // rows that it is steered by
  std::optional<Dataset> labelled_;  // the rows a semi-supervised run learns classes from
  std::optional<Loader> labelled_loader_;
  at::Tensor last_real_, last_fake_;  // as the critic saw them
  Batch last_known_;                  // what is known of them, without rows
  CapturedStep critic_;               // to the metrics of the step, and the fakes
  CapturedStep plain_critic_;         // of steps that leave the penalty out
  CapturedStep generator_;            // to the generator's loss
};

}  // namespace wgan
