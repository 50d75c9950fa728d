// Every kind of input opened from a file made here, and every kind of damage refused.
#include "wgan/data/open.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "wgan/data/rows.h"
#include "wgan/io/gzip.h"
#include "wgan/io/npy.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

DataOptions options_for(const fs::path& path, Split split = Split::kTrain) {
  DataOptions options;
  options.data = path.string();
  options.split = split;
  return options;
}

Dataset open(const fs::path& path, Split split = Split::kTrain) {
  return open_dataset(options_for(path, split), 1);
}

std::string row(const Dataset& dataset, int64_t number) {
  std::string bytes(static_cast<size_t>(dataset.row_bytes()), '\0');
  dataset.read_row(number, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

std::vector<float> vector_row(const Dataset& dataset, int64_t number) {
  std::vector<float> values(static_cast<size_t>(dataset.row_elements()));
  dataset.read_row(number, std::as_writable_bytes(std::span(values)));
  return values;
}

std::string counting(size_t count, int start = 0) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(static_cast<int>(i) + start);
  return bytes;
}

std::string big_endian(uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string idx(const std::vector<uint32_t>& shape, const std::string& data) {
  std::string bytes = {0, 0, 8, static_cast<char>(shape.size())};
  for (const uint32_t extent : shape) bytes += big_endian(extent);
  return bytes + data;
}

// Three train and two test images of 9 x 8, with labels.
void write_idx_folder(const fs::path& folder) {
  write_test_file(folder / "train-images-idx3-ubyte", idx({3, 9, 8}, counting(216)));
  write_test_file(folder / "train-labels-idx1-ubyte", idx({3}, {2, 0, 9}));
  write_test_file(folder / "t10k-images-idx3-ubyte", idx({2, 9, 8}, counting(144, 100)));
  write_test_file(folder / "t10k-labels-idx1-ubyte", idx({2}, {1, 3}));
}

template <class T>
void write_array(const fs::path& path, NpyType type, const std::vector<int64_t>& shape,
                 const std::vector<T>& values) {
  write_npy(path, type, shape, std::as_bytes(std::span(values)));
}

void write_images(const fs::path& path, const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  const std::string bytes = counting(static_cast<size_t>(count));
  write_npy(path, NpyType::kUint8, shape, std::as_bytes(std::span(bytes)));
}

// An archive of stored members, as numpy.savez writes them.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  const auto little = [](uint64_t value, size_t bytes) {
    std::string text(bytes, '\0');
    for (size_t i = 0; i < std::min<size_t>(bytes, 4); ++i) {
      text[i] = static_cast<char>(value >> (8 * i) & 0xff);
    }
    return text;
  };
  std::string files, directory;
  for (const auto& [name, data] : members) {
    const auto size = static_cast<uint32_t>(data.size());
    const std::string common = little(20, 2) + little(0, 8) + little(crc32(bytes_of(data)), 4) +
                               little(size, 4) + little(size, 4) +
                               little(static_cast<uint32_t>(name.size()), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + common + little(0, 10) +
                 little(static_cast<uint32_t>(files.size()), 4) + name;
    files += "PK\x03\x04" + common + name + data;
  }
  const auto count = static_cast<uint32_t>(members.size());
  return files + directory + "PK\x05\x06" + little(0, 4) + little(count, 2) + little(count, 2) +
         little(static_cast<uint32_t>(directory.size()), 4) +
         little(static_cast<uint32_t>(files.size()), 4) + little(0, 2);
}

TEST(Open, ReadsIdxFoldersWithTheirPartsAndLabels) {
  const TemporaryFolder folder;
  write_idx_folder(folder.path());
  const Dataset train = open(folder.path());
  EXPECT_EQ(train.shape, (std::vector<int64_t>{9, 8, 1}));
  EXPECT_EQ(train.size, 3);
  EXPECT_EQ(row(train, 1), counting(72, 72));
  EXPECT_EQ(train.label(2), 9);
  ASSERT_EQ(train.class_names.size(), 10U);
  EXPECT_EQ(train.class_names[7], "7");
  const Dataset test = open(folder.path(), Split::kTest);
  EXPECT_EQ(test.size, 2);
  EXPECT_EQ(row(test, 1), counting(72, 172));
  EXPECT_EQ(test.label(1), 3);
  const Dataset all = open(folder.path(), Split::kAll);
  EXPECT_EQ(all.size, 5);
  EXPECT_EQ(row(all, 2), row(train, 2));
  EXPECT_EQ(row(all, 4), row(test, 1));
  EXPECT_EQ(all.label(3), 1);
  const Dataset file = open(folder.path() / "t10k-images-idx3-ubyte");
  EXPECT_EQ(file.size, 2);
  EXPECT_EQ(file.label(1), 3);
}

TEST(Open, RefusesDamagedIdxSets) {
  const TemporaryFolder folder;
  const fs::path images = folder.path() / "train-images-idx3-ubyte";
  const auto expect = [&](const char* fragment) {
    expect_error(ErrorKind::kData, fragment, [&] { open(folder.path()); });
  };
  write_idx_folder(folder.path());
  write_test_file(images, idx({1000, 9, 8}, counting(216)));
  expect("promises 72000 bytes");
  write_test_file(images, idx({3, 6, 12}, counting(216)));
  expect("12 x 6 pixels");
  write_test_file(images, idx({0, 9, 8}, ""));
  expect("holds no images");
  write_idx_folder(folder.path());
  write_test_file(folder.path() / "train-labels-idx1-ubyte", idx({4}, counting(4)));
  expect("4 labels for 3 rows");
  fs::remove(images);
  expect("train-images");
  expect_error(ErrorKind::kData, "images [N, H, W]",
               [&] { open(folder.path() / "t10k-labels-idx1-ubyte"); });
}

TEST(Open, RefusesATruncatedGzipOfMnist) {
  const char* data = std::getenv("WGAN_DATA");
  if (data == nullptr) GTEST_SKIP() << "WGAN_DATA is not set";
  const TemporaryFolder folder;
  const std::string name = "t10k-images-idx3-ubyte.gz";
  const std::string whole = read_test_file(fs::path(data) / "mnist" / name);
  write_test_file(folder.path() / name, whole.substr(0, whole.size() / 2));
  expect_error(ErrorKind::kData, name, [&] { open(folder.path(), Split::kTest); });
}

TEST(Open, ReadsMnist) {
  const char* data = std::getenv("WGAN_DATA");
  if (data == nullptr) GTEST_SKIP() << "WGAN_DATA is not set";
  const Dataset train = open(fs::path(data) / "mnist");
  const Dataset test = open(fs::path(data) / "mnist", Split::kTest);
  EXPECT_EQ(train.name, "mnist");
  EXPECT_EQ(train.size, 60'000);
  EXPECT_EQ(test.size, 10'000);
  EXPECT_EQ(train.label(0), 5);  // as published
  EXPECT_EQ(test.label(0), 7);
  double sum = 0;
  for (int64_t i = 0; i < train.size; ++i) {
    for (const char pixel : row(train, i)) sum += static_cast<unsigned char>(pixel);
  }
  EXPECT_NEAR(sum / 255 / (60'000 * 784.), .1307, 5e-5);  // the mean everyone normalises by
}

TEST(Open, ReadsCifarBatches) {
  const TemporaryFolder folder;
  std::string record(3073, '\0');
  record[0] = 4;
  for (size_t i = 0; i < 3; ++i) record[1 + 1024 * i + 33] = static_cast<char>(50 + i);
  std::string other(3073, '\x11');
  other[0] = 9;
  write_test_file(folder.path() / "data_batch_2.bin", other + record);
  write_test_file(folder.path() / "data_batch_4.bin", record);
  write_test_file(folder.path() / "batches.meta.txt",
                  "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
  const Dataset train = open(folder.path());
  EXPECT_EQ(train.shape, (std::vector<int64_t>{32, 32, 3}));
  ASSERT_EQ(train.size, 3);
  EXPECT_EQ(train.label(0), 9);
  EXPECT_EQ(train.class_names.at(static_cast<size_t>(train.label(1))), "deer");
  EXPECT_EQ(row(train, 1).substr(3 * 33, 4), std::string("\x32\x33\x34\0", 4));
  EXPECT_EQ(row(train, 2), row(train, 1));
  expect_error(ErrorKind::kUsage, "--holdout", [&] { open(folder.path(), Split::kTest); });
  write_test_file(folder.path() / "test_batch.bin", other);
  EXPECT_EQ(open(folder.path(), Split::kTest).size, 1);
  EXPECT_EQ(open(folder.path(), Split::kAll).size, 4);
  write_test_file(folder.path() / "data_batch_4.bin", record.substr(1));
  expect_error(ErrorKind::kData, "data_batch_4.bin", [&] { open(folder.path()); });
  write_test_file(folder.path() / "data_batch_4.bin", std::string(3073, '\x0a'));
  expect_error(ErrorKind::kData, "data_batch_4.bin", [&] { open(folder.path()); });
}

TEST(Open, ReadsCifar10) {
  const char* data = std::getenv("WGAN_DATA");
  if (data == nullptr) GTEST_SKIP() << "WGAN_DATA is not set";
  const TemporaryFolder folder;
  for (const std::string name : {"data_batch_1.bin", "test_batch.bin"}) {
    const std::string command = fmt::format("xz -dc '{}/cifar-10/{}.xz' > '{}/{}'", data, name,
                                            folder.path().string(), name);
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "xz is not installed";
  }
  const Dataset train = open(folder.path());
  EXPECT_EQ(train.size, 10'000);
  EXPECT_EQ(train.label(0), 6);                                      // a frog, as published,
  EXPECT_EQ(row(train, 0).substr(0, 6), from_hex("3b3e3f 2b2e2d"));  // its first two pixels
  EXPECT_EQ(open(folder.path(), Split::kTest).label(0), 3);          // a cat
}

TEST(Open, TellsHowToUnpackCifar) {
  const TemporaryFolder folder;
  write_test_file(folder.path() / "data_batch_1.bin.xz",
                  "\xfd"
                  "7zXZ");
  expect_error(ErrorKind::kData, "xz -dk", [&] { open(folder.path()); });
}

TEST(Open, ReadsNpyImagesWithLabelsBeside) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "Shapes.npy";
  write_images(path, {2, 8, 9});
  EXPECT_FALSE(open(path).labelled());
  const std::string unlabelled = open(path).identity;
  write_array<int64_t>(folder.path() / "Shapes-labels.npy", NpyType::kInt64, {2}, {1, 0});
  const Dataset grey = open(path);
  EXPECT_EQ(grey.name, "shapes");
  EXPECT_EQ(grey.shape, (std::vector<int64_t>{8, 9, 1}));
  EXPECT_EQ(row(grey, 1), counting(72, 72));
  EXPECT_EQ(grey.label(0), 1);
  EXPECT_EQ(grey.class_names.size(), 2U);
  EXPECT_NE(grey.identity, unlabelled);
  write_images(folder.path() / "rgb.npy", {2, 8, 9, 3});
  write_array<int32_t>(folder.path() / "rgb.labels.npy", NpyType::kInt32, {2}, {0, 4});
  const Dataset rgb = open(folder.path() / "rgb.npy");
  EXPECT_EQ(rgb.shape, (std::vector<int64_t>{8, 9, 3}));
  EXPECT_EQ(rgb.label(1), 4);
}

TEST(Open, RefusesWrongLabels) {
  const TemporaryFolder folder;
  write_images(folder.path() / "x.npy", {2, 8, 8});
  const auto expect = [&](const char* fragment, NpyType type, const auto& values) {
    write_array(folder.path() / "x-labels.npy", type, {static_cast<int64_t>(values.size())},
                values);
    expect_error(ErrorKind::kData, fragment, [&] { open(folder.path() / "x.npy"); });
  };
  expect("3 labels for 2 rows", NpyType::kInt64, std::vector<int64_t>{0, 1, 2});
  expect("label -1 of row 1", NpyType::kInt32, std::vector<int32_t>{0, -1});
  expect("label 4611686018427387904", NpyType::kInt64, std::vector<int64_t>{1, int64_t{1} << 62});
  expect("label 0.5 of row 1", NpyType::kFloat32, std::vector<float>{0, .5F});
}

TEST(Open, RefusesArraysThatAreNoData) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.npy";
  const auto expect = [&](ErrorKind kind, const char* fragment) {
    expect_error(kind, fragment, [&] { open(path); });
  };
  const auto with_header = [&](const std::string& descr, const std::string& fortran,
                               const std::string& data) {
    std::string header = fmt::format(
        "{{'descr': '{}', 'fortran_order': {}, 'shape': (2, 8, 8), }}\n", descr, fortran);
    write_test_file(path, std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(header.size()) +
                              '\0' + header + data);
  };
  with_header("|O", "False", counting(1024));
  expect(ErrorKind::kData, "Python objects");
  with_header("|u1", "False", counting(127));
  expect(ErrorKind::kData, "promise 128 bytes");
  write_images(path, {2, 8, 8, 2});
  expect(ErrorKind::kData, "2 channels");
  write_images(path, {2, 7, 8});
  expect(ErrorKind::kData, "8 x 7 pixels");
  write_images(path, {1, 8, 1025});
  expect(ErrorKind::kData, "1025 x 8 pixels");
  write_images(path, {0, 8, 8});
  expect(ErrorKind::kData, "holds no images");
  write_images(path, {2, 8, 8});
  DataOptions options = options_for(path);
  options.size = 16;
  expect_error(ErrorKind::kUsage, "PNG files", [&] { open_dataset(options, 1); });
  options.size = 8;
  EXPECT_EQ(open_dataset(options, 1).size, 2);
  options.channels = Channels::kRgb;
  expect_error(ErrorKind::kUsage, "PNG files", [&] { open_dataset(options, 1); });
}

TEST(Open, TakesFourChannelsForAlpha) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.npy";
  write_images(path, {2, 8, 12, 4});
  DataOptions options = options_for(path);
  EXPECT_EQ(open_dataset(options, 1).shape, (std::vector<int64_t>{8, 12, 4}));
  options.size = {12, 8};
  options.channels = Channels::kRgba;
  EXPECT_EQ(open_dataset(options, 1).size, 2);
  options.channels = Channels::kRgb;
  expect_error(ErrorKind::kUsage, "12 x 8 images", [&] { open_dataset(options, 1); });
}

TEST(Open, StandardisesVectors) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "v.npy";
  // Means 2 and 7, deviations sqrt(2/3) and, for the constant column, 1.
  write_array<double>(path, NpyType::kFloat64, {3, 2}, {1, 7, 2, 7, 3, 7});
  const Dataset dataset = open(path);
  EXPECT_EQ(dataset.type, RowType::kFloat32);
  EXPECT_EQ(dataset.shape, (std::vector<int64_t>{2}));
  EXPECT_EQ(dataset.scale.mean, (std::vector<double>{2, 7}));
  EXPECT_DOUBLE_EQ(dataset.scale.deviation[0], std::sqrt(2. / 3));
  EXPECT_EQ(dataset.scale.deviation[1], 1);
  EXPECT_FLOAT_EQ(vector_row(dataset, 0)[0], -std::sqrt(1.5F));
  EXPECT_EQ(vector_row(dataset, 1), (std::vector<float>{0, 0}));
  write_array<float>(path, NpyType::kFloat32, {2, 1}, {-3, 5});
  EXPECT_EQ(vector_row(open(path), 1), std::vector<float>{1});
}

TEST(Open, GivesBothSplitsTheScaleOfTheTrainRows) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "v.npy";
  std::vector<double> values;
  double sum = 0;
  for (int64_t i = 0; i < 20; ++i) {
    values.push_back(static_cast<double>(i * i));
    if (!held_out(i, 20, .25)) sum += values.back();
  }
  write_array(path, NpyType::kFloat64, {20, 1}, values);
  for (const Split split : {Split::kTrain, Split::kTest}) {
    DataOptions options = options_for(path, split);
    options.holdout = .25;
    EXPECT_DOUBLE_EQ(open_dataset(options, 1).scale.mean[0], sum / 15);
  }
}

TEST(Open, RefusesNumbersThatAreNotFinite) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "v.npy";
  const double bad[] = {std::nan(""), std::numeric_limits<double>::infinity(), -1e151};
  for (const double value : bad) {
    write_array<double>(path, NpyType::kFloat64, {2, 3}, {1, 2, 3, 4, value, 6});
    expect_error(ErrorKind::kData, "row 1, column 1", [&] { open(path); });
  }
}

TEST(Open, ReadsNpzByTheNamesOfItsArrays) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "set.npz", npy = folder.path() / "array";
  write_images(npy, {2, 8, 8});
  const std::string images = read_test_file(npy);
  write_array<int64_t>(npy, NpyType::kInt64, {2}, {3, 1});
  const std::string labels = read_test_file(npy);
  write_test_file(path, zip_of({{"labels.npy", labels}, {"images.npy", images}}));
  EXPECT_EQ(row(open(path), 1), counting(64, 64));
  EXPECT_EQ(open(path).label(0), 3);
  write_test_file(path, zip_of({{"y.npy", labels}, {"arr_0.npy", images}}));
  EXPECT_EQ(open(path).label(1), 1);
  write_test_file(path, zip_of({{"left.npy", images}, {"right.npy", images}}));
  expect_error(ErrorKind::kData, "several", [&] { open(path); });
  write_test_file(path, zip_of({{"y.npy", labels}}));
  expect_error(ErrorKind::kData, "numpy.savez", [&] { open(path); });
}

// As Keras and MedMNIST name them.
TEST(Open, ReadsThePartsOfAnNpz) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "set.npz", npy = folder.path() / "array";
  write_images(npy, {3, 8, 8});
  const std::string train = read_test_file(npy);
  write_images(npy, {2, 8, 8});
  const std::string test = read_test_file(npy);
  write_array<int64_t>(npy, NpyType::kInt64, {3}, {2, 0, 1});
  const std::string train_labels = read_test_file(npy);
  write_array<int64_t>(npy, NpyType::kInt64, {2}, {1, 0});
  const std::string test_labels = read_test_file(npy);
  const auto part = [&](Split split) {
    DataOptions options;
    options.data = path.string();
    options.split = split;
    return open_dataset(options, 0);
  };
  for (const bool keras : {true, false}) {
    write_test_file(path, keras ? zip_of({{"x_test.npy", test},
                                          {"x_train.npy", train},
                                          {"y_train.npy", train_labels},
                                          {"y_test.npy", test_labels}})
                                : zip_of({{"train_images.npy", train},
                                          {"val_images.npy", test},
                                          {"test_images.npy", test},
                                          {"train_labels.npy", train_labels},
                                          {"val_labels.npy", test_labels},
                                          {"test_labels.npy", test_labels}}));
    EXPECT_EQ(part(Split::kTrain).size, 3);
    EXPECT_EQ(part(Split::kTrain).label(0), 2);
    EXPECT_EQ(part(Split::kTest).size, 2);
    EXPECT_EQ(part(Split::kTest).label(0), 1);
    EXPECT_EQ(part(Split::kTest).class_names.size(), 3u);  // as many as the train part has
    EXPECT_EQ(part(Split::kAll).size, 5);
    EXPECT_EQ(part(Split::kAll).label(3), 1);
    EXPECT_NE(part(Split::kAll).identity, part(Split::kTrain).identity);
  }
  write_test_file(path, zip_of({{"x_train.npy", train}}));
  EXPECT_EQ(part(Split::kTrain).size, 3);
  write_array<float>(npy, NpyType::kFloat32, {2, 1}, {0, 2});
  const std::string numbers = read_test_file(npy);
  write_array<float>(npy, NpyType::kFloat32, {1, 1}, {5});
  write_test_file(path, zip_of({{"x_train.npy", numbers}, {"x_test.npy", read_test_file(npy)}}));
  EXPECT_EQ(part(Split::kTest).scale.mean, part(Split::kTrain).scale.mean);
  write_test_file(path, zip_of({{"x_train.npy", train}, {"x_test.npy", numbers}}));
  expect_error(ErrorKind::kData, "differs from the train part", [&] { part(Split::kTest); });
}

TEST(Open, ReadsConditionsBesideArrays) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "showers.npy", npy = folder.path() / "array";
  write_images(path, {3, 8, 9});
  const std::string alone = open(path).identity;
  EXPECT_EQ(open(path).condition_size(), 0);
  write_array<double>(folder.path() / "showers-conditions.npy", NpyType::kFloat64, {3, 2},
                      {10, 1, 20, 1, 30, 1});
  const Dataset dataset = open(path);
  ASSERT_EQ(dataset.condition_size(), 2);
  EXPECT_NE(dataset.identity, alone);
  EXPECT_EQ(dataset.condition_scale.mean, (std::vector<double>{20, 1}));
  std::vector<float> condition(2);
  dataset.condition(0, condition);
  EXPECT_FLOAT_EQ(condition[0], -std::sqrt(1.5F));
  EXPECT_EQ(condition[1], 0);
  // Rows keep theirs in a split.
  DataOptions options = options_for(path, Split::kTest);
  options.holdout = 0.34;
  const Dataset test = open_dataset(options, 1);
  ASSERT_EQ(test.size, 1);
  int64_t kept = 0;
  while (!held_out(kept, 3, 0.34)) ++kept;
  test.condition(0, condition);
  EXPECT_NEAR(condition[0] * test.condition_scale.deviation[0] + test.condition_scale.mean[0],
              10. * static_cast<double>(kept + 1), 1e-5);

  write_images(npy, {2, 8, 8});
  const std::string images = read_test_file(npy);
  write_array<float>(npy, NpyType::kFloat32, {2, 1}, {-3, 5});
  const std::string conditions = read_test_file(npy);
  const fs::path npz = folder.path() / "set.npz";
  write_test_file(npz, zip_of({{"conditions.npy", conditions}, {"images.npy", images}}));
  EXPECT_EQ(open(npz).condition_size(), 1);
}

TEST(Open, RefusesWrongConditions) {
  const TemporaryFolder folder;
  write_images(folder.path() / "x.npy", {2, 8, 8});
  const fs::path beside = folder.path() / "x-conditions.npy";
  const auto expect = [&](const char* fragment) {
    expect_error(ErrorKind::kData, fragment, [&] { open(folder.path() / "x.npy"); });
  };
  write_array<float>(beside, NpyType::kFloat32, {3, 1}, {1, 2, 3});
  expect("for 2 rows");
  write_array<uint32_t>(beside, NpyType::kCharacter, {2, 1}, {'a', 'b'});
  expect("texts are classes");
  write_array<float>(beside, NpyType::kFloat32, {2, 0}, {});
  expect("holds no values");
  write_array<float>(beside, NpyType::kFloat32, {2, 1}, {1, std::nanf("")});
  expect("row 1, column 0");
}

TEST(Open, HoldsOutTheSameRowsEveryTime) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.npy";
  std::string pixels;
  for (int i = 0; i < 40; ++i) pixels += std::string(64, static_cast<char>(i));
  const int64_t shape[] = {40, 8, 8};
  write_npy(path, NpyType::kUint8, shape, bytes_of(pixels));
  const auto rows_of = [&](Split split) {
    DataOptions options = options_for(path, split);
    options.holdout = .2;
    const Dataset dataset = open_dataset(options, 1);
    std::set<char> seen;
    for (int64_t i = 0; i < dataset.size; ++i) seen.insert(row(dataset, i)[0]);
    return seen;
  };
  const std::set<char> train = rows_of(Split::kTrain), test = rows_of(Split::kTest);
  EXPECT_EQ(train.size(), 32U);
  EXPECT_EQ(test.size(), 8U);
  EXPECT_EQ(rows_of(Split::kAll).size(), 40U);
  for (const char value : test) {
    EXPECT_FALSE(train.contains(value));
    EXPECT_TRUE(held_out(value, 40, .2));
  }
  expect_error(ErrorKind::kUsage, "--holdout", [&] { open(path, Split::kTest); });
  DataOptions options = options_for(path);
  for (const double holdout : {-.1, 1., .001, .999, std::nan("")}) {
    options.holdout = holdout;
    expect_error(ErrorKind::kUsage, "hold", [&] { open_dataset(options, 1); });
  }
}

TEST(Open, IdentifiesRowsByContentNotByName) {
  const TemporaryFolder folder;
  write_images(folder.path() / "a.npy", {4, 8, 8});
  write_images(folder.path() / "b.npy", {4, 8, 8});
  write_images(folder.path() / "c.npy", {2, 16, 8});
  const std::string identity = open(folder.path() / "a.npy").identity;
  EXPECT_EQ(identity.size(), 64U);
  EXPECT_EQ(open(folder.path() / "b.npy").identity, identity);
  EXPECT_NE(open(folder.path() / "c.npy").identity, identity);
  DataOptions options = options_for(folder.path() / "a.npy");
  options.holdout = .5;
  EXPECT_NE(open_dataset(options, 1).identity, identity);
}

TEST(Open, IdentitySamplesLargeContents) {
  std::vector<std::byte> content((size_t{64} << 20) + 4096);
  const auto identity = [&] {
    const std::span<const std::byte> contents[] = {content};
    return content_identity(contents, {});
  };
  const std::string before = identity();
  const auto notices = [&](size_t place) {
    content[place] ^= std::byte{1};
    const bool changed = identity() != before;
    content[place] ^= std::byte{1};
    return changed;
  };
  EXPECT_TRUE(notices(0));
  EXPECT_TRUE(notices((size_t{1} << 20) - 1));
  EXPECT_TRUE(notices(content.size() - 1));
  const size_t step = (content.size() - (size_t{64} << 10)) / 63;
  EXPECT_TRUE(notices(31 * step));
  EXPECT_FALSE(notices(31 * step - 1));
}

TEST(Open, KnowsTheEmbeddedSets) {
  const Dataset strokes = open("strokes");
  EXPECT_TRUE(strokes.endless);
  EXPECT_NE(open("strokes", Split::kTest).identity, strokes.identity);
  EXPECT_EQ(open("gaussians25").class_names.size(), 25U);
  DataOptions options;
  options.size = 32;
  expect_error(ErrorKind::kUsage, "--size", [&] { open_dataset(options, 1); });
}

TEST(Open, RefusesWhatIsNotThere) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kData, "did you mean strokes?", [] { open("stroeks"); });
  expect_error(ErrorKind::kData, "check the spelling", [&] { open(folder.path() / "none"); });
  expect_error(ErrorKind::kData, "no such", [] { open(""); });
  expect_error(ErrorKind::kData, "empty folder", [&] { open(folder.path()); });
  write_test_file(folder.path() / "notes.txt", "no data");
  expect_error(ErrorKind::kData, "give the folder", [&] { open(folder.path() / "notes.txt"); });
  expect_error(ErrorKind::kData, folder.path().string(), [&] { open(folder.path()); });
}

}  // namespace
}  // namespace wgan
