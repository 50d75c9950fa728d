// Batches against a data set whose rows tell their own number.
#include "wgan/data/loader.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <set>
#include <string>
#include <thread>

#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/data/synthetic.h"

namespace wgan {
namespace {

// [H=2, W=3, C=3] images: pixel (y, x, c) of row r is (r + 60 y + 20 x + 5 c) mod 256; label r
// mod 4.
uint8_t pixel(int64_t row, int64_t y, int64_t x, int64_t c) {
  return static_cast<uint8_t>(row + 60 * y + 20 * x + 5 * c);
}

Dataset counting_images(int64_t size) {
  Dataset dataset;
  dataset.name = "counting";
  dataset.shape = {2, 3, 3};
  dataset.size = size;
  dataset.class_names = {"a", "b", "c", "d"};
  dataset.label = [](int64_t row) { return static_cast<int32_t>(row % 4); };
  dataset.read_row = [](int64_t row, std::span<std::byte> out) {
    size_t at = 0;
    for (int64_t y = 0; y < 2; ++y) {
      for (int64_t x = 0; x < 3; ++x) {
        for (int64_t c = 0; c < 3; ++c) out[at++] = std::byte{pixel(row, y, x, c)};
      }
    }
  };
  return dataset;
}

// [1] vectors that hold their row number.
Dataset counting_vectors(int64_t size) {
  Dataset dataset;
  dataset.name = "numbers";
  dataset.type = RowType::kFloat32;
  dataset.shape = {1};
  dataset.size = size;
  dataset.read_row = [](int64_t row, std::span<std::byte> out) {
    const auto value = static_cast<float>(row);
    std::memcpy(out.data(), &value, sizeof value);
  };
  return dataset;
}

int64_t row_of(const at::Tensor& rows, int64_t i) {
  return static_cast<int64_t>(rows[i][0].item<float>());
}

TEST(Loader, TurnsRowsIntoChannelsLastTensorsInEitherRange) {
  const Dataset dataset = counting_images(100);
  const int64_t rows[] = {7, 93, 7};
  for (const PixelRange range : {PixelRange::kSigned, PixelRange::kUnit}) {
    const Batch batch = gather_rows(dataset, rows, range);
    ASSERT_EQ(batch.rows.sizes(), (std::vector<int64_t>{3, 3, 2, 3}));
    ASSERT_EQ(batch.rows.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(batch.rows.is_contiguous(torch::MemoryFormat::ChannelsLast));
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_EQ(batch.labels[i].item<int64_t>(), rows[i] % 4);
      for (int64_t c = 0; c < 3; ++c) {
        for (int64_t y = 0; y < 2; ++y) {
          for (int64_t x = 0; x < 3; ++x) {
            const float value = pixel(rows[i], y, x, c);
            const float wanted = range == PixelRange::kSigned ? value / 127.5F - 1 : value / 255;
            EXPECT_EQ(batch.rows[i][c][y][x].item<float>(), wanted);
          }
        }
      }
    }
  }
}

TEST(Loader, MapsBlackAndWhiteToTheEndsOfTheRange) {
  Dataset dataset = counting_images(2);
  dataset.read_row = [](int64_t row, std::span<std::byte> out) {
    std::fill(out.begin(), out.end(), row == 0 ? std::byte{0} : std::byte{255});
  };
  const at::Tensor both = take_rows(dataset, 0, 2, PixelRange::kSigned).rows;
  EXPECT_TRUE((both[0] == -1).all().item<bool>() && (both[1] == 1).all().item<bool>());
  const at::Tensor unit = take_rows(dataset, 0, 2, PixelRange::kUnit).rows;
  EXPECT_TRUE((unit[0] == 0).all().item<bool>() && (unit[1] == 1).all().item<bool>());
}

TEST(Loader, MultipliesColoursByTheirAlpha) {
  Dataset dataset = counting_images(1);
  dataset.shape = {1, 3, 4};
  dataset.read_row = [](int64_t, std::span<std::byte> out) {
    const uint8_t pixels[] = {10, 20, 30, 255, 200, 100, 0, 51, 255, 255, 255, 0};
    std::memcpy(out.data(), pixels, sizeof pixels);
  };
  const at::Tensor row = take_rows(dataset, 0, 1, PixelRange::kUnit).rows[0] * 255;
  const at::Tensor wanted = torch::tensor(
      {{10.0F, 40.0F, 0.0F}, {20.0F, 20.0F, 0.0F}, {30.0F, 0.0F, 0.0F}, {255.0F, 51.0F, 0.0F}});
  EXPECT_TRUE(torch::allclose(row.select(1, 0), wanted)) << row;
  const at::Tensor mirrored =
      Loader(dataset, {.batch = 64, .threads = 0, .mirror = true}).batch(0).rows;
  const at::Tensor nothing = (mirrored.select(2, 0) == -1).all(1);  // [64, 3]
  EXPECT_TRUE((nothing.select(1, 0) != nothing.select(1, 2)).all().item<bool>());
  EXPECT_GT(nothing.select(1, 0).sum().item<int64_t>(), 16);
  EXPECT_GT(nothing.select(1, 2).sum().item<int64_t>(), 16);
}

TEST(Loader, ShowsEveryRowOnceAnEpochAcrossTheEndsOfBatches) {
  const Dataset dataset = counting_vectors(10);
  Loader loader(dataset, {.batch = 4, .seed = 5});
  std::vector<int64_t> seen;
  for (int batch = 0; batch < 5; ++batch) {  // 20 rows: two epochs
    const Batch made = loader.next();
    EXPECT_EQ(made.number, batch);
    EXPECT_FALSE(made.labels.defined());
    for (int64_t i = 0; i < 4; ++i) seen.push_back(row_of(made.rows, i));
  }
  for (const int64_t epoch : {0, 1}) {
    const auto first = seen.begin() + 10 * epoch;
    EXPECT_EQ(std::set<int64_t>(first, first + 10).size(), 10U);
    for (int64_t i = 0; i < 10; ++i) {
      EXPECT_EQ(first[i], static_cast<int64_t>(permuted_index(5, Stream::kShuffle,
                                                              static_cast<uint64_t>(epoch),
                                                              static_cast<uint64_t>(i), 10)));
    }
  }
  EXPECT_FALSE(std::equal(seen.begin(), seen.begin() + 10, seen.begin() + 10));
}

TEST(Loader, WrapsABatchLargerThanTheDataSet) {
  const Dataset dataset = counting_vectors(3);
  const Batch batch = Loader(dataset, {.batch = 7, .threads = 0}).next();
  std::multiset<int64_t> seen;
  for (int64_t i = 0; i < 7; ++i) seen.insert(row_of(batch.rows, i));
  for (const int64_t row : {0, 1, 2}) EXPECT_GE(seen.count(row), 2U);
}

TEST(Loader, WalksThroughAnEndlessSetInOrder) {
  Dataset dataset = counting_vectors(3);
  dataset.endless = true;
  Loader loader(dataset, {.batch = 4, .threads = 2, .start = 5});
  for (int64_t number = 5; number < 9; ++number) {
    const Batch batch = loader.next();
    EXPECT_EQ(batch.number, number);
    for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(row_of(batch.rows, i), 4 * number + i);
  }
}

TEST(Loader, MakesTheSameBatchesWithAnyNumberOfThreads) {
  const Dataset strokes = make_synthetic("strokes", Split::kTrain, 1);
  const Dataset images = counting_images(50);
  for (const Dataset* dataset : {&strokes, &images}) {
    LoaderOptions options{.batch = 16, .seed = 9, .threads = 0, .mirror = true};
    Loader none(*dataset, options);
    options.threads = 1;
    Loader one(*dataset, options);
    options.threads = 4;
    Loader four(*dataset, options);
    std::vector<Batch> kept;  // so that a buffer used twice would show
    for (int i = 0; i < 40; ++i) kept.push_back(four.next());
    for (const Batch& batch : kept) {
      const Batch wanted = none.next();
      const Batch other = one.next();
      EXPECT_EQ(batch.number, wanted.number);
      EXPECT_TRUE(batch.rows.equal(wanted.rows) && other.rows.equal(wanted.rows));
      EXPECT_TRUE(batch.labels.equal(wanted.labels) && other.labels.equal(wanted.labels));
    }
    options.start = 17;
    EXPECT_TRUE(Loader(*dataset, options).next().rows.equal(kept[17].rows));
  }
}

TEST(Loader, MirrorsAboutHalfOfTheImages) {
  const Dataset dataset = counting_images(100);
  const Loader plain(dataset, {.batch = 400, .threads = 0});
  const Loader mirrored(dataset, {.batch = 400, .threads = 0, .mirror = true});
  const at::Tensor originals = plain.batch(3).rows, images = mirrored.batch(3).rows;
  const at::Tensor flipped = originals.flip({3});
  int64_t turned = 0;
  for (int64_t i = 0; i < 400; ++i) {
    const bool is_turned = images[i].equal(flipped[i]);
    EXPECT_NE(is_turned, images[i].equal(originals[i]));
    turned += is_turned;
  }
  EXPECT_NEAR(static_cast<double>(turned), 200, 50);  // 5 deviations of a fair coin
  EXPECT_FALSE(mirrored.batch(4).rows.equal(images));
}

TEST(Loader, HandsOnWhatAWorkerThrows) {
  for (const int64_t threads : {0, 1, 4}) {
    Dataset dataset = counting_vectors(1000);
    dataset.endless = true;
    const auto read = dataset.read_row;
    dataset.read_row = [read](int64_t row, std::span<std::byte> out) {
      if (row == 9) throw Error(ErrorKind::kData, "row 9 has gone bad");
      read(row, out);
    };
    Loader loader(dataset, {.batch = 4, .threads = threads});
    EXPECT_EQ(loader.next().number, 0);
    EXPECT_EQ(loader.next().number, 1);
    EXPECT_THROW(loader.next(), Error);
    EXPECT_THROW(loader.next(), Error);
  }
}

TEST(Loader, KeepsAtMostOneBatchMoreThanThreadsInFlight) {
  Dataset dataset = counting_vectors(1000);
  dataset.endless = true;
  std::atomic<int64_t> last{-1};
  const auto read = dataset.read_row;
  dataset.read_row = [&last, read](int64_t row, std::span<std::byte> out) {
    int64_t seen = last;
    while (row > seen && !last.compare_exchange_weak(seen, row)) {
    }
    read(row, out);
  };
  Loader loader(dataset, {.batch = 1, .threads = 2});
  for (int64_t taken = 1; taken < 20; ++taken) {
    loader.next();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_LE(last, taken + 2);
  }
}

TEST(Loader, StopsWhileItsWorkersAreBusyOrWaiting) {
  Dataset dataset = counting_vectors(1000);
  std::atomic<int> read = 0;
  dataset.read_row = [&read](int64_t, std::span<std::byte>) {
    ++read;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  for (int i = 0; i < 10; ++i) Loader(dataset, {.batch = 2, .threads = 3});
  EXPECT_LE(read, 10 * 2 * (3 + 1)) << "a batch ahead for each worker, and one";
}

TEST(Loader, ReportsHowLongTheConsumerWaited) {
  Dataset dataset = counting_vectors(1000);
  dataset.read_row = [](int64_t, std::span<std::byte>) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  };
  Loader loader(dataset, {.batch = 1, .threads = 0});
  EXPECT_EQ(loader.waited_seconds(), 0);
  loader.next();
  loader.next();
  EXPECT_GE(loader.waited_seconds(), .04);
}

TEST(Loader, RefusesNoRowsAndMadOptions) {
  const Dataset none = counting_vectors(0), some = counting_vectors(3);
  EXPECT_THROW(Loader(none, {}), Error);
  EXPECT_THROW(Loader(some, {.batch = 0}), Error);
  EXPECT_THROW(Loader(some, {.threads = -1}), Error);
  EXPECT_THROW(take_rows(some, 1, 3, PixelRange::kUnit), Error);
  EXPECT_THROW(take_rows(some, -1, 1, PixelRange::kUnit), Error);
  EXPECT_EQ(row_of(take_rows(some, 1, 2, PixelRange::kUnit).rows, 1), 2);
}

}  // namespace
}  // namespace wgan
