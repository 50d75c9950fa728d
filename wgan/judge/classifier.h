// A small convolutional classifier of labelled images, and what it says of a generator's samples:
// how many of them it can read, how they spread over the classes, and features to measure
// distances between.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "wgan/core/parallel.h"
#include "wgan/data/dataset.h"
#include "wgan/nn/parameters.h"

namespace wgan {

// The defaults give more than 99 % on the test rows of MNIST.
struct ClassifierOptions {
  int64_t steps = 2000;
  int64_t batch = 128;
  int64_t width = 16;           // channels of the first convolution
  double learning_rate = 3e-3;  // of Adam; falls linearly to 0 at the last step
  int64_t seed = 0;             // of the initial weights and the order of the rows
};

struct Classifier {
  Model model;  // [C, H, W] in [-1, 1] to [K] logits
  std::vector<std::string> class_names;
  std::string data;      // identity of the data set it was fitted to
  double accuracy = -1;  // on rows it was not fitted to; below 0: not known
};

// Minimises the cross entropy of `train`'s labels. progress: called with (step, steps) after every
// step. Throws Error(kUsage) where the data set is unlabelled, or no images of 16 to 128 pixels a
// side, or an option is not positive; and what the data set's read_row throws.
Classifier fit_classifier(const Dataset& train, const ClassifierOptions& options,
                          const Progress& progress = {});

// rows: uint8 [N, H, W, C], as sample() (train/sampler.h) gives them. Returns [N, K] float32, each
// row's probabilities of the classes. Throws Error(kUsage) where the rows have another shape than
// the classifier was fitted to.
at::Tensor class_probabilities(const Classifier& classifier, const at::Tensor& rows);

// What the classifier sees in rows, as class_probabilities takes them: the channels of its last
// convolution, averaged over the picture, [N, D] float32; and the probabilities, [N, K].
struct Seen {
  at::Tensor features;
  at::Tensor probabilities;
};
Seen look_at(const Classifier& classifier, const at::Tensor& rows);

// One safetensors file; its metadata hold the network and the class names. Nothing in it is ever
// executed. Throws Error(kOutput); Error(kData) and Error(kIncompatible) where it is none.
void write_classifier(const std::filesystem::path& path, const Classifier& classifier);
Classifier read_classifier(const std::filesystem::path& path);

// The share of the rows 0 .. count - 1 whose most probable class is their label. Throws
// Error(kUsage) where the data set is unlabelled, has other shapes or has no such rows.
double accuracy(const Classifier& classifier, const Dataset& test, int64_t count);

struct Legibility {
  double legible = 0;                // share of the rows that some class has `confidence` for
  std::vector<double> class_shares;  // [K] share of the rows that the class is most probable for
};
// probabilities: [N, K], N >= 1. confidence: in [0, 1].
Legibility legibility_of(const at::Tensor& probabilities, double confidence = 0.9);
// The same for rows, as class_probabilities takes them.
Legibility legibility(const Classifier& classifier, const at::Tensor& rows,
                      double confidence = 0.9);

}  // namespace wgan
