// Images are found with their classes, prepared once in order, and bad ones listed or refused.
#include "wgan/data/image_folder.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "wgan/data/prepared_folder.h"
#include "wgan/io/digest.h"
#include "wgan/io/npy.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

#ifdef WGAN_WITH_VIPS

#include "wgan/io/image_test_support.h"

namespace wgan {
namespace {

class ImageFolders : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name) const {
    const auto path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    return path;
  }
  std::filesystem::path source() const { return folder_.path() / "source"; }
  std::filesystem::path target() const { return folder_.path() / "target"; }

  // A 16x16 PNG all of one grey level.
  void plain(const std::string& name, int level, int bands = 3, int side = 16) const {
    write_test_image(
        file("source/" + name),
        {.width = side,
         .height = side,
         .bands = bands,
         .interpretation = bands == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB,
         .value = [level](int, int, int) { return level; }},
        "x.png");
  }
  // The names in the temporary folder: nothing may be left behind.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      result.push_back(entry.path().filename());
    }
    std::ranges::sort(result);
    return result;
  }

  TemporaryFolder folder_;
};

const DataOptions kSize16 = [] {
  DataOptions options;
  options.size = 16;
  return options;
}();

TEST_F(ImageFolders, AreScannedInOrderWithFirstLevelFoldersAsClasses) {
  plain("b/2.png", 1);
  plain("b/deep/1.png", 1);
  plain("a/9.JPG", 1);
  plain("a/noending", 1);
  plain("a/.hidden.png", 1);
  plain(".git/x.png", 1);
  write_test_file(file("source/a/notes.txt"), "no image");
  write_test_file(file("source/README"), "no image");
  std::filesystem::create_directory(source() / "empty");
  const ImageFolder folder = scan_image_folder(source());
  EXPECT_EQ(folder.files, (std::vector<std::filesystem::path>{"a/9.JPG", "a/noending", "b/2.png",
                                                              "b/deep/1.png"}));
  EXPECT_EQ(folder.class_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(folder.labels, (std::vector<int32_t>{0, 0, 1, 1}));
  EXPECT_EQ(folder.other_files, 2);
  EXPECT_EQ(folder.hidden_files, 2);
}

TEST_F(ImageFolders, HaveNoClassesWithOneFolderOrImagesBesideThem) {
  plain("a/1.png", 1);
  plain("a/2.png", 1);
  EXPECT_TRUE(scan_image_folder(source()).class_names.empty());
  plain("b/1.png", 1);
  EXPECT_EQ(scan_image_folder(source()).class_names.size(), 2u);
  plain("1.png", 1);
  EXPECT_TRUE(scan_image_folder(source()).class_names.empty());
  EXPECT_TRUE(scan_image_folder(source()).labels.empty());
}

TEST_F(ImageFolders, HaveTheirClassesInTheFolderThatHoldsAllImages) {
  plain("wrapper/inner/a/1.png", 1);
  plain("wrapper/inner/b/1.png", 1);
  EXPECT_EQ(scan_image_folder(source()).class_names, (std::vector<std::string>{"a", "b"}));
}

TEST_F(ImageFolders, CalledTrainAndTestArePartsWithClassesMatchedByName) {
  plain("Test/cat/1.png", 1);
  plain("Test/dog/2.png", 2);
  plain("val/dog/3.png", 3);
  plain("train/cat/4.png", 4);
  plain("train/dog/5.png", 5);
  plain("train/owl/6.png", 6);
  const ImageFolder folder = scan_image_folder(source());
  EXPECT_EQ(folder.train_files, 3);
  EXPECT_EQ(folder.files.front(), "train/cat/4.png");
  EXPECT_EQ(folder.files.back(), "val/dog/3.png");
  EXPECT_EQ(folder.class_names, (std::vector<std::string>{"cat", "dog", "owl"}));
  EXPECT_EQ(folder.labels, (std::vector<int32_t>{0, 1, 2, 0, 1, 1}));
  ASSERT_EQ(folder.notes.size(), 1u);
  EXPECT_EQ(folder.notes[0],
            "folder train holds the train part (3 images), Test, val the test part (3)");
  plain("Test/newt/7.png", 7);
  plain("Test/8.png", 8);
  EXPECT_EQ(scan_image_folder(source()).labels.size(), 6u);
  EXPECT_EQ(scan_image_folder(source()).notes.at(1),
            "2 images of the test part are left out: the train part lacks their classes");
  plain("else/9.png", 9);
  EXPECT_FALSE(scan_image_folder(source()).train_files);
  EXPECT_EQ(scan_image_folder(source()).notes.at(0),
            "folders train, Test, val are no split, since other images lie beside them, such as "
            "else/9.png");
}

TEST_F(ImageFolders, WithoutClassFoldersHavePartsToo) {
  plain("validation/1.png", 1);
  plain("train/2.png", 2);
  plain("train/3.png", 3);
  const ImageFolder folder = scan_image_folder(source());
  EXPECT_EQ(folder.train_files, 2);
  EXPECT_TRUE(folder.class_names.empty());
}

TEST_F(ImageFolders, WithoutImagesAreRefused) {
  expect_error(ErrorKind::kData, "no such folder", [&] { scan_image_folder(source()); });
  std::filesystem::create_directory(source());
  expect_error(ErrorKind::kData, "empty", [&] { scan_image_folder(source()); });
  write_test_file(file("source/notes.txt"), "text");
  expect_error(ErrorKind::kData, "no image among 1", [&] { scan_image_folder(source()); });
  expect_error(ErrorKind::kData, "is not a folder",
               [&] { scan_image_folder(source() / "notes.txt"); });
}

TEST_F(ImageFolders, ChooseChannelsByATenthOfTheImages) {
  for (int i = 0; i < 9; ++i) plain(std::to_string(i) + ".png", 1, 1);
  plain("c1.png", 1, 3);
  EXPECT_EQ(image_request(scan_image_folder(source()), kSize16).channels, 1);
  plain("c2.png", 1, 3);
  EXPECT_EQ(image_request(scan_image_folder(source()), kSize16).channels, 3);
  DataOptions options = kSize16;
  options.channels = Channels::kGrey;
  EXPECT_EQ(image_request(scan_image_folder(source()), options).channels, 1);
  options.size = 7;
  expect_error(ErrorKind::kUsage, "size",
               [&] { image_request(scan_image_folder(source()), options); });
}

TEST_F(ImageFolders, HaveAlphaWhereMostOfTheImagesAreSeenThrough) {
  const auto write = [&](const std::string& name, int corner) {
    write_test_image(file("source/" + name),
                     {.bands = 4, .value = [=](int x, int y, int band) {
                        return band < 3 ? 90 : x < 4 && y < 4 ? corner : 255;
                      }});
  };
  const auto channels = [&] {
    return image_request(scan_image_folder(source()), kSize16).channels;
  };
  for (const char* name : {"a.png", "b.png", "c.png"}) write(name, 255);
  EXPECT_EQ(channels(), 3) << "an alpha channel that says nothing";
  for (const char* name : {"d.png", "e.png", "f.png"}) write(name, 0);
  EXPECT_EQ(channels(), 3) << "half are no more than half";
  write("g.png", 100);
  EXPECT_EQ(channels(), 4);
  const PreparedFolder prepared = prepare_image_folder(source(), kSize16, target());
  EXPECT_EQ(prepared.manifest.shape, (std::vector<int64_t>{7, 16, 16, 4}));
  const NpyArray images = map_npy(prepared.images);
  const auto bytes = images.bytes;
  EXPECT_EQ(bytes[3], std::byte{255});
  EXPECT_EQ(bytes[3 * 1024 + 3], std::byte{0});
  EXPECT_EQ(bytes[3 * 1024], std::byte{0}) << "what no one can see is not kept";
  EXPECT_EQ(bytes[6 * 1024 + 3], std::byte{100});
  DataOptions options = kSize16;
  options.channels = Channels::kRgb;
  EXPECT_EQ(image_request(scan_image_folder(source()), options).channels, 3);
}

TEST_F(ImageFolders, TellHowMuchIsCutAway) {
  write_test_image(file("source/a.png"), {.width = 32, .height = 16});
  write_test_image(file("source/b.png"), {.width = 16, .height = 8});
  const auto prepared = [&](PictureSize size, Fit fit) {
    DataOptions options;
    options.size = size;
    options.fit = fit;
    std::filesystem::remove_all(target());
    return prepare_image_folder(source(), options, target()).manifest;
  };
  EXPECT_DOUBLE_EQ(prepared(16, Fit::kCrop).cut, 0.5);
  EXPECT_DOUBLE_EQ(prepared(16, Fit::kCrop).aspect, 2);
  EXPECT_DOUBLE_EQ(prepared({32, 16}, Fit::kCrop).cut, 0);
  EXPECT_DOUBLE_EQ(prepared(16, Fit::kPad).cut, 0);
}

TEST_F(ImageFolders, ArePreparedInOrderWithLabelsAndAManifest) {
  for (int i = 0; i < 40; ++i) {
    plain((i < 20 ? "a/" : "b/") + std::to_string(100 + i) + ".png", i, 3, i == 3 ? 8 : 16);
  }
  plain("b/zz-again.png", 39);
  int64_t last = 0;
  const PreparedFolder prepared =
      prepare_image_folder(source(), kSize16, target(), [&](int64_t done, int64_t total) {
        EXPECT_GT(done, last);
        EXPECT_EQ(total, 41);
        last = done;
      });
  EXPECT_EQ(last, 41);
  const NpyArray images = map_npy(prepared.images);
  EXPECT_EQ(images.shape, (std::vector<int64_t>{41, 16, 16, 3}));
  const NpyArray labels = map_npy(prepared.labels);
  std::string digests;
  for (int i = 0; i < 41; ++i) {
    const auto row = images.bytes.subspan(i * 768, 768);
    for (const std::byte value : row) EXPECT_EQ(static_cast<int>(value), std::min(i, 39));
    digests += sha256_hex(row);
    int32_t label = -1;
    std::memcpy(&label, labels.bytes.data() + 4 * i, 4);
    EXPECT_EQ(label, i < 20 ? 0 : 1);
  }
  EXPECT_EQ(prepared.manifest.sha256, sha256_hex(bytes_of(digests)));
  EXPECT_EQ(prepared.manifest.class_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(prepared.manifest.enlarged, 1);
  EXPECT_EQ(prepared.manifest.duplicates, 1);
  EXPECT_EQ(prepared.manifest.source, source().string());
  EXPECT_TRUE(prepared.manifest.skipped.empty());
  EXPECT_EQ(read_prepared(target()).manifest.sha256, prepared.manifest.sha256);
  EXPECT_EQ(names(), (std::vector<std::string>{"source", "target"}));
}

TEST_F(ImageFolders, ArePreparedAsRectangles) {
  plain("a.png", 7);
  plain("b.png", 9, 3, 24);
  DataOptions options;
  options.size = {24, 8};
  const PreparedFolder prepared = prepare_image_folder(source(), options, target());
  EXPECT_EQ(map_npy(prepared.images).shape, (std::vector<int64_t>{2, 8, 24, 3}));
  EXPECT_EQ(prepared.manifest.options["size"], "24x8");
  EXPECT_EQ(prepared.manifest.enlarged, 1) << "16 pixels are fewer than the width";
  options.fit = Fit::kPad;
  const PreparedFolder padded = prepare_image_folder(source(), options, folder_.path() / "padded");
  EXPECT_EQ(padded.manifest.enlarged, 0) << "all of 16x16 fits into the height";
  options.size = {4, 64};
  expect_error(ErrorKind::kUsage, "4x64",
               [&] { prepare_image_folder(source(), options, target()); });
}

TEST_F(ImageFolders, AreTheSameWithAnyNumberOfThreads) {
  for (int i = 0; i < 30; ++i) plain(std::to_string(i) + ".png", i);
  const auto bytes = [&](int threads, const std::string& name) {
    const auto target = folder_.path() / name;
    return read_test_file(prepare_image_folder(source(), kSize16, target, {}, threads).images);
  };
  EXPECT_EQ(bytes(1, "one"), bytes(4, "four"));
}

TEST_F(ImageFolders, ListTheImagesTheySkip) {
  plain("1.png", 10);
  plain("2.png", 20);
  plain("tiny.png", 1, 3, 1);
  write_test_file(file("source/huge.png"), png_header_lie(30000, 30000));
  write_test_file(file("source/cut.png"), read_test_file(source() / "1.png").substr(0, 60));
  write_test_file(file("source/old.bmp"), "BM..");
  const PreparedFolder prepared = prepare_image_folder(source(), kSize16, target());
  EXPECT_EQ(prepared.manifest.shape, (std::vector<int64_t>{2, 16, 16, 3}));
  EXPECT_EQ(map_npy(prepared.images).shape, prepared.manifest.shape);
  EXPECT_TRUE(prepared.labels.empty());
  ASSERT_EQ(prepared.manifest.skipped.size(), 4u);
  EXPECT_EQ(prepared.manifest.skipped[0].file, "cut.png");
  EXPECT_EQ(prepared.manifest.skipped[1].file, "huge.png");
  EXPECT_NE(prepared.manifest.skipped[1].reason.find("30000x30000"), std::string::npos);
  EXPECT_EQ(prepared.manifest.skipped[2].file, "old.bmp");
  EXPECT_EQ(prepared.manifest.skipped[3].file, "tiny.png");
  EXPECT_EQ(prepared.manifest.skipped[3].reason, "the image is 1x1 pixels, below 8 a side");
}

TEST_F(ImageFolders, LeaveNothingBehindWhereTheyAreRefused) {
  plain("bad.png", 1, 3, 1);
  expect_error(ErrorKind::kData, "its only image cannot be used",
               [&] { prepare_image_folder(source(), kSize16, target()); });
  plain("good.png", 1);
  DataOptions strict = kSize16;
  strict.on_error = OnError::kFail;
  expect_error(ErrorKind::kData, "bad.png",
               [&] { prepare_image_folder(source(), strict, target()); });
  EXPECT_THROW(prepare_image_folder(source(), kSize16, target(),
                                    [](int64_t, int64_t) { throw std::runtime_error("stop"); }),
               std::runtime_error);
  EXPECT_EQ(names(), std::vector<std::string>{"source"});
  write_test_file(file("target/mine.txt"), "precious");
  expect_error(ErrorKind::kOutput, "is there already",
               [&] { prepare_image_folder(source(), kSize16, target()); });
  EXPECT_EQ(read_test_file(target() / "mine.txt"), "precious");
  EXPECT_EQ(names(), (std::vector<std::string>{"source", "target"}));
}

TEST_F(ImageFolders, LeaveNothingBehindWhereTheDiskIsFull) {
  for (int i = 0; i < 20; ++i) plain(std::to_string(i) + ".png", i);
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {4000, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_error(ErrorKind::kOutput, "images.npy",
               [&] { prepare_image_folder(source(), kSize16, target()); });
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(names(), std::vector<std::string>{"source"});
}

TEST_F(ImageFolders, AreRefusedWhenDamagedAfterwards) {
  plain("1.png", 10);
  prepare_image_folder(source(), kSize16, target());
  const std::string manifest = read_test_file(target() / "manifest.json");
  write_test_file(target() / "manifest.json", manifest.substr(0, 100));
  expect_error(ErrorKind::kData, "damaged", [&] { read_prepared(target()); });
  write_test_file(target() / "manifest.json", "{\"format\": \"1\"}");
  expect_error(ErrorKind::kData, "damaged", [&] { read_prepared(target()); });
  write_test_file(target() / "manifest.json", manifest);
  EXPECT_NO_THROW(read_prepared(target()));
  write_test_file(target() / "images.npy", "x");
  expect_error(ErrorKind::kData, "no prepared folder", [&] { read_prepared(target()); });
  expect_error(ErrorKind::kData, "manifest.json", [&] { read_prepared(source()); });
}

TEST_F(ImageFolders, OfRealPhotographsAndSpritesArePreparedWhole) {
  const char* data = std::getenv("WGAN_DATA");
  if (!data) GTEST_SKIP() << "WGAN_DATA is not set";
  const auto prepared = [&](const std::string& archive, const std::string& name) {
    std::filesystem::create_directory(folder_.path() / name);
    const std::string command = "tar xf '" + std::string(data) + "/" + archive + "' -C '" +
                                file(name + "/.").string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    DataOptions options;
    options.size = 32;
    return prepare_image_folder(folder_.path() / name / name, options,
                                folder_.path() / (name + "-32"));
  };
  const PreparedFolder cats = prepared("cats/cats-photos.tar", "cats-photos");
  EXPECT_EQ(cats.manifest.shape, (std::vector<int64_t>{338, 32, 32, 3}));
  EXPECT_EQ(cats.manifest.class_names, (std::vector<std::string>{"odd", "train"}));
  EXPECT_EQ(cats.manifest.duplicates, 2);
  const PreparedFolder pokemon = prepared("pokemon/pokemon.tar", "pokemon");
  EXPECT_EQ(pokemon.manifest.shape, (std::vector<int64_t>{1114, 32, 32, 4}));
  EXPECT_TRUE(pokemon.manifest.skipped.empty());
}

}  // namespace
}  // namespace wgan

#endif
