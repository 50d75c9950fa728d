// A generator as a folder for model hubs: its weights, its network, and a card that people read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "wgan/infer/generator_file.h"
#include "wgan/io/image.h"

namespace wgan {

// What the card says besides what is in the generator.
struct ModelCard {
  std::map<std::string, std::string> options;  // of its training, by name
  // A row for each measure: its name, of the samples, of real rows, and how many were compared.
  struct Score {
    std::string name;
    double value = 0;
    double real = 0;  // not a number: not known
    int64_t samples = 0;
  };
  std::vector<Score> scores;
};

// Writes generator.safetensors (as write_single_file), config.json, samples.png where samples are
// given (an empty image: none), and README.md. The folder appears whole; one that has the name
// goes. Throws Error(kOutput), Error(kIncompatible) as write_single_file.
void write_model_folder(const std::filesystem::path& folder, const infer::GeneratorFile& generator,
                        const ModelCard& card, const Image& samples, bool half);

}  // namespace wgan
