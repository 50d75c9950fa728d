// Writes the seed files of every reader into folders: write_seeds CORPUS.
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz/readers.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  for (const auto& reader : wgan::fuzz::readers()) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / reader.name;
    std::filesystem::create_directories(folder);
    int number = 0;
    for (const std::string& seed : reader.seeds()) {
      std::ofstream(folder / ("seed-" + std::to_string(number++)), std::ios::binary) << seed;
    }
  }
}
