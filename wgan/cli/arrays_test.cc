// Arrays as people have them: what the program says of them, and what comes back.
#include "wgan/cli/program_test_support.h"
#include "wgan/data/numbers.h"
#include "wgan/io/npy.h"

namespace wgan {
namespace {

struct Arrays : ProgramTest {
  void write_numbers(const std::string& name, const std::vector<int64_t>& shape,
                     const std::vector<double>& values) const {
    write_npy(folder() / name, NpyType::kFloat64, shape, std::as_bytes(std::span(values)));
  }
  Outcome expect_done(const std::vector<std::string>& arguments) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.told();
    return outcome;
  }
  static void expect_told(const std::string& text, const std::string& fragment) {
    EXPECT_NE(text.find(fragment), std::string::npos) << "lacks: " << fragment << "\n" << text;
  }
  Outcome expect_trained(const std::string& data) const {
    return expect_done({"train", data, "--steps", "2", "--width", "8", "--batch", "8"});
  }
};

TEST_F(Arrays, SeriesWithALargeOffsetComeBackInTheirShapeAndDigits) {
  std::vector<double> values;
  for (int row = 0; row < 40; ++row) {
    for (int i = 0; i < 12; ++i) {
      values.push_back(i % 3 == 0 ? 1.7e9 + row : i == 1 ? 5 : row * .5 + i);
    }
  }
  write_numbers("series.npy", {40, 4, 3}, values);
  const Outcome inspected = expect_done({"data", "inspect", "series.npy"});
  expect_told(inspected.out, "40 rows of 4x3");
  expect_told(inspected.out, "1 column: 0,1");
  expect_told(inspected.out, "samples are float64");
  expect_told(inspected.out, "1700000000       1700000039");
  expect_told(expect_trained("series.npy").err, "data: series, 40 rows of 4x3");
  expect_done({"sample", "latest", "--seeds", "0-9", "--out", "drawn.npy"});
  const NpyArray drawn = map_npy(folder() / "drawn.npy");
  EXPECT_EQ(drawn.type, NpyType::kFloat64);
  EXPECT_EQ(drawn.shape, (std::vector<int64_t>{10, 4, 3}));
  std::vector<double> numbers(120);
  read_numbers(drawn, 0, numbers);
  EXPECT_NEAR(numbers[0], 1.7e9 + 20, 1000);
  std::vector<double> first;
  for (size_t i = 0; i < 10; ++i) first.push_back(numbers[12 * i]);
  std::ranges::sort(first);
  EXPECT_EQ(std::unique(first.begin(), first.end()), first.end()) << "ten seeds, ten numbers";
}

TEST_F(Arrays, ClassesWithoutRowsAreToldAndLeftOut) {
  write_numbers("x.npy", {24, 2}, std::vector<double>(48, 1));
  std::vector<double> labels;
  for (int row = 0; row < 24; ++row) labels.push_back(row % 2 == 0 ? 1 : 3);
  write_numbers("x-labels.npy", {24, 1}, labels);
  expect_told(expect_done({"data", "inspect", "x.npy"}).err, "2 classes without any row");
  expect_told(expect_done({"train", "x.npy", "--conditional", "--steps", "2", "--width", "8",
                           "--batch", "8"})
                  .err,
              "2 classes without any row, which samples leave out: 0, 2");
  const Outcome refused = run({"sample", "latest", "--class", "2"});
  EXPECT_EQ(refused.code, 2);
  expect_told(refused.err, "those with rows are 1, 3");
  expect_done({"sample", "latest", "--seeds", "0-1", "--out", "turns.npy"});
  expect_done({"sample", "latest", "--seeds", "0-1", "--class", "3", "--out", "third.npy"});
  EXPECT_EQ(text_of(map_npy(folder() / "turns.npy").bytes.subspan(8)),
            text_of(map_npy(folder() / "third.npy").bytes.subspan(8)));
}

TEST_F(Arrays, InspectCountsWhatTrainingRefuses) {
  write_numbers("x.npy", {3, 2}, {1, 2, std::numeric_limits<double>::infinity(), 4, 5, 6});
  const Outcome inspected = expect_done({"data", "inspect", "x.npy"});
  expect_told(inspected.err, "1 row with numbers that are not finite, the first: row 1");
  EXPECT_EQ(run({"train", "x.npy"}).code, 3);
  std::vector<double> wide(30);
  for (size_t i = 0; i < wide.size(); ++i) wide[i] = static_cast<double>(i);
  write_numbers("wide.npy", {1, 30}, wide);
  write_numbers("wide-conditions.npy", {1}, {-7});
  const Outcome told = expect_done({"data", "inspect", "wide.npy"});
  expect_told(told.out, "and 10 more columns");
  expect_told(told.out, "wide-conditions.npy, 1 number a row");
  const auto object = expect_done({"data", "inspect", "wide.npy", "--json"}).objects().at(0);
  EXPECT_EQ(object["array"]["columns"].size(), 30U);
  EXPECT_EQ(object["array"]["conditions"]["columns"][0]["min"], -7);
}

}  // namespace
}  // namespace wgan
