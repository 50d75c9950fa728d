// The embedded data sets, by name: strokes, gaussians8, gaussians25, swissroll.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"

namespace wgan {

// The names that make_synthetic knows.
std::span<const std::string> synthetic_names();

// An endless data set; row i is a function of (seed, i) and the split. The test split shows the
// rows from 2^40 on, so it shares none with the train split; kAll is the train split.
//   strokes      [28, 28, 1] uint8, 10 classes: digits in changing handwriting
//   gaussians8   [2] float32, 8 classes: on a circle    (Gulrajani et al. 2017, section 4)
//   gaussians25  [2] float32, 25 classes: on a grid     (the same)
//   swissroll    [2] float32, unlabelled                (the same)
// Throws Error(kUsage) where the name is none of these.
Dataset make_synthetic(const std::string& name, Split split, uint64_t seed);

// The modes of gaussians8 and gaussians25, in the units of the rows and the order of the labels.
// Throws Error(kUsage) for any other name.
struct GaussianModes {
  std::vector<std::array<float, 2>> centres;
  float sigma = 0;  // of both coordinates of every mode
};
GaussianModes gaussian_modes(const std::string& name);

}  // namespace wgan
