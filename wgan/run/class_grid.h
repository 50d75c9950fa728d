// Grids of pictures from class-conditional generators: a row a class, the same latents in each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wgan {

struct ClassGrid {
  std::vector<int64_t> rows;     // the class of each row of the grid, from the top
  int64_t columns = 0;           // 0: there are no classes, so there is no such grid
  std::vector<uint64_t> seeds;   // of each sample, row by row: 0, 1, ... in every row
  std::vector<int64_t> classes;  // of each sample
};

// At most 64 samples of the classes that are shown (shown_classes in train/sampler.h): 8 a class,
// of more than 8 classes fewer, but 4 at least; so of more than 16 classes 16, evenly spread.
ClassGrid class_grid(std::span<const int64_t> shown);

// The names of the grid's rows; numbers where there are none.
std::vector<std::string> row_names(const ClassGrid& grid, std::span<const std::string> names);

// "rows from the top: cats, dogs".
std::string rows_text(std::span<const std::string> names);

}  // namespace wgan
