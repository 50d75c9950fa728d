// Learning classes from a few labels beside the game (Salimans et al. 2016, section 5): the
// discriminator's K outputs are also a classifier's logits.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "wgan/data/dataset.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/options.h"

namespace wgan {

// The first `per_class` rows of each class in a random order that belongs to the seed; 0: all rows.
// Throws Error(kUsage) where a class has fewer.
Dataset labelled_rows(const Dataset& dataset, int64_t per_class, uint64_t seed);

// Adds the gradient of the mean cross entropy of the labels to discriminator.gradients and returns
// it. rows: [B, ...] as the discriminator sees them; labels: [B] int64.
at::Tensor add_classification_gradients(Model& discriminator, const at::Tensor& rows,
                                        const at::Tensor& labels, Route route);

// On rows the discriminator never saw labels of.
struct TestErrors {
  int64_t errors = 0;  // rows whose largest output is not their label's
  int64_t rows = 0;
};

// Of the first `most` rows. In evaluation mode.
TestErrors test_errors(const Model& discriminator, const Dataset& test, int64_t most);

}  // namespace wgan
