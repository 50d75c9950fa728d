// Rows are found by their classes, each only once.
#include "wgan/judge/data_rows.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <set>

namespace wgan {
namespace {

// 20 pictures of one pixel, which is their row number: rows 3 and 7 of class "rare", the others of
// "common".
Dataset pixels() {
  Dataset data;
  data.shape = {1, 1, 1};
  data.size = 20;
  data.class_names = {"common", "rare", "none"};
  data.read_row = [](int64_t row, std::span<std::byte> out) { out[0] = std::byte(row); };
  data.label = [](int64_t row) { return row == 3 || row == 7 ? 1 : 0; };
  data.condition_scale = {{10}, {2}};
  data.condition = [](int64_t row, std::span<float> out) { out[0] = static_cast<float>(row); };
  return data;
}

TEST(DataRows, AreFoundByTheirClassesEachOnce) {
  const Dataset data = pixels();
  const std::vector<int64_t> classes{1, 0, 0, 1, 1, 2, 0};
  const std::vector<int64_t> rows = rows_of_classes(data, classes);
  ASSERT_EQ(rows.size(), classes.size());
  std::set<int64_t> found;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0) continue;
    EXPECT_EQ(data.label(rows[i]), classes[i]);
    EXPECT_TRUE(found.insert(rows[i]).second) << rows[i];
  }
  EXPECT_EQ(found.size(), 5U);
  EXPECT_EQ(rows[4], -1) << "there are two rows of this class";
  EXPECT_EQ(rows[5], -1);
  // In the shuffled order of data_rows.
  const at::Tensor shuffled = data_rows(data, 20).flatten();
  std::vector<int64_t> common;
  for (int64_t i = 0; i < 20; ++i) {
    const int64_t row = shuffled[i].item<int64_t>();
    if (data.label(row) == 0) common.push_back(row);
  }
  EXPECT_EQ(rows[1], common[0]);
  EXPECT_EQ(rows[2], common[1]);
  EXPECT_EQ(rows[6], common[2]);
}

TEST(DataRows, OfNoRowAreGreyAndOfTheAverageCondition) {
  const std::vector<int64_t> rows{5, -1};
  const at::Tensor pictures = rows_at(pixels(), rows);
  EXPECT_EQ(pictures.sizes(), (at::IntArrayRef{2, 1, 1, 1}));
  EXPECT_EQ(pictures[0].item<int64_t>(), 5);
  EXPECT_EQ(pictures[1].item<int64_t>(), 128);
  const at::Tensor conditions = conditions_at(pixels(), rows);
  EXPECT_EQ(conditions[0].item<float>(), 20);
  EXPECT_EQ(conditions[1].item<float>(), 10);
}

}  // namespace
}  // namespace wgan
