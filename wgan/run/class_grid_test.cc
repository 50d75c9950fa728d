// Every row of a grid is one class, and every column one latent vector.
#include "wgan/run/class_grid.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace wgan {
namespace {

ClassGrid grid_of(int64_t classes) {
  std::vector<int64_t> shown(static_cast<size_t>(classes));
  std::iota(shown.begin(), shown.end(), int64_t{0});
  return class_grid(shown);
}

TEST(ClassGrid, HasARowAClassAndOneLatentVectorAColumn) {
  const std::vector<int64_t> shown{1, 4};
  const ClassGrid grid = class_grid(shown);
  EXPECT_EQ(grid.rows, shown);
  EXPECT_EQ(grid.columns, 8);
  EXPECT_EQ(grid.seeds, (std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(grid.classes, (std::vector<int64_t>{1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4}));
}

TEST(ClassGrid, HasAtMost64SamplesHoweverManyClassesThereAre) {
  for (const auto& [classes, rows, columns] : {std::array<int64_t, 3>{1, 1, 8},
                                               {8, 8, 8},
                                               {9, 9, 7},
                                               {10, 10, 6},
                                               {16, 16, 4},
                                               {17, 16, 4},
                                               {1000, 16, 4}}) {
    const ClassGrid grid = grid_of(classes);
    EXPECT_EQ(grid.columns, columns) << classes;
    EXPECT_EQ(static_cast<int64_t>(grid.rows.size()), rows) << classes;
    EXPECT_EQ(static_cast<int64_t>(grid.seeds.size()), rows * columns) << classes;
    EXPECT_EQ(grid.seeds.size(), grid.classes.size()) << classes;
  }
  EXPECT_EQ(grid_of(0).columns, 0);
  const ClassGrid many = grid_of(32);
  EXPECT_EQ(many.rows.front(), 0);
  EXPECT_EQ(many.rows[1], 2);
  EXPECT_EQ(many.rows.back(), 30);
}

TEST(ClassGrid, TellsWhichRowIsWhich) {
  const std::vector<int64_t> shown{0, 2};
  const std::vector<std::string> names{"cats", "cows", "dogs"};
  EXPECT_EQ(rows_text(row_names(class_grid(shown), names)), "rows from the top: cats, dogs");
  EXPECT_EQ(rows_text(row_names(class_grid(shown), {})), "rows from the top: 0, 2");
}

}  // namespace
}  // namespace wgan
