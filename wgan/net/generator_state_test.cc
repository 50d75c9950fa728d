// What state.json says of the data, written and read.
#include "wgan/net/generator_state.h"

#include <gtest/gtest.h>

#include "wgan/io/test_support.h"
#include "wgan/net/network_json.h"

namespace wgan {
namespace {

// The state of a generator of vectors of six numbers, rows of 2 x 3 in their file.
nlohmann::ordered_json state_of_rows() {
  DataDescription data;
  data.name = "rows";
  data.shape = {6};
  data.row_shape = {2, 3};
  data.class_names = {"a", "b", "c"};
  data.class_rows = {0, 7, 1};
  data.scale = {{1'700'000'000.0625, 0, 0, 0, 0, 1. / 3}, {.25, 1, 1, 1, 1, 1e-3}};
  nlohmann::ordered_json json = state_head();
  json["options"] = {{"latent", "4"}, {"conditional", "true"}};
  json["step"] = 3;
  json["data"] = data_to_json(data);
  json["generator"] = network_to_json({{7}, {Linear{7, 6}}});
  return nlohmann::ordered_json::parse(json.dump());
}

GeneratorState state_of(const nlohmann::ordered_json& json) {
  GeneratorState state;
  read_state(json, "x.json", [&](const auto& parts) { state = generator_part(parts); });
  return state;
}

TEST(GeneratorState, KeepsTheDigitsOfScalesTheShapeOfRowsAndTheClassesWithRows) {
  const DataDescription data = state_of(state_of_rows()).data;
  EXPECT_EQ(data.scale.mean[0], 1'700'000'000.0625);
  EXPECT_EQ(data.scale.mean[5], 1. / 3);
  EXPECT_EQ(data.scale.deviation[5], 1e-3);
  EXPECT_EQ(data.row_shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(classes_with_rows(data), (std::vector<int64_t>{1, 2}));
}

TEST(GeneratorState, OfOlderCheckpointsHasVectorsAndRowsInAllClasses) {
  nlohmann::ordered_json json = state_of_rows();
  json["data"].erase("row_shape");
  json["data"].erase("class_rows");
  const DataDescription data = state_of(json).data;
  EXPECT_TRUE(data.row_shape.empty());
  EXPECT_EQ(classes_with_rows(data), (std::vector<int64_t>{0, 1, 2}));
}

TEST(GeneratorState, RefusesShapesAndClassesThatDoNotFit) {
  const auto expect_refused = [](const char* key, const nlohmann::ordered_json& value) {
    nlohmann::ordered_json json = state_of_rows();
    json["data"][key] = value;
    expect_error(ErrorKind::kIncompatible, "x.json", [&] { state_of(json); });
  };
  for (const auto& shape : std::vector<std::vector<int64_t>>{{2, 2}, {-2, -3}, {0}, {6, 0}, {12}}) {
    expect_refused("row_shape", shape);
  }
  expect_refused("row_shape", "2x3");
  for (const auto& rows : std::vector<std::vector<int64_t>>{{1, 2}, {0, 0, 0}, {-1, 2, 3}}) {
    expect_refused("class_rows", rows);
  }
  expect_refused("mean", std::vector<double>{1, 2});
}

}  // namespace
}  // namespace wgan
