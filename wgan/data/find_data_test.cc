// Data sets are found where people have them, and what is not read is named.
#include "wgan/data/find_data.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "wgan/data/open.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

class FindData : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((folder_.path() / name).parent_path());
    write_test_file(folder_.path() / name, bytes);
  }
  // An IDX file of two images of 9 x 8 all of one level, or of their labels 0 and 1.
  void write_idx(const std::string& name, char level) const {
    if (name.find("labels") != std::string::npos) {
      write(name, std::string("\0\0\x08\x01\0\0\0\x02", 8) + '\0' + '\1');
    } else {
      write(name, std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x09\0\0\0\x08", 16) +
                      std::string(144, level));
    }
  }
  Dataset open(const std::string& name = "", Split split = Split::kTrain) const {
    DataOptions options;
    options.data = (folder_.path() / name).string();
    options.split = split;
    return open_dataset(options, 1);
  }
  TemporaryFolder folder_;
};

TEST_F(FindData, FindsTorchvisionsFoldersBelowTheirRoot) {
  write_idx("MNIST/raw/train-images-idx3-ubyte", 5);
  write_idx("MNIST/raw/train-labels-idx1-ubyte", 0);
  write_idx("MNIST/raw/t10k-images-idx3-ubyte", 7);
  write_idx("MNIST/raw/t10k-labels-idx1-ubyte", 0);
  for (const char* root : {"", "MNIST", "MNIST/raw"}) {
    EXPECT_EQ(open(root).size, 2) << root;
    EXPECT_TRUE(open(root).labelled()) << root;
    EXPECT_EQ(open(root, Split::kAll).size, 4) << root;
  }
  EXPECT_EQ(open().identity, open("MNIST/raw").identity);
}

TEST_F(FindData, FindsFilesThatLieInAFolderEach) {
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
    write_idx(fmt::format("{0}/{0}", name), 5);
  }
  EXPECT_EQ(open().size, 2);
  EXPECT_EQ(open().label(1), 1);
  write_idx("train-images.idx3-ubyte", 9);  // a file that lies nearer is meant
  EXPECT_FALSE(open().labelled());
}

TEST_F(FindData, NamesTheSetsWhereThereAreSeveral) {
  write_idx("MNIST/raw/train-images-idx3-ubyte", 5);
  write_idx("FashionMNIST/raw/train-images-idx3-ubyte", 6);
  try {
    open();
    ADD_FAILURE() << "was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    for (const char* set : {"MNIST/raw", "FashionMNIST/raw"}) {
      EXPECT_NE(error.hint().find((folder_.path() / set).string()), std::string::npos);
      EXPECT_EQ(open(set).size, 2);
    }
  }
}

TEST_F(FindData, ReadsTheBinaryCifarThatTheHintForPicklesNames) {
  for (const std::string name : {"cifar-10-batches-py/data_batch_1", "cifar-100-python/train"}) {
    write(name, "\x80\x02}q\x01(U\x06labels");
    for (const std::string& path : {std::string(), fs::path(name).parent_path().string(), name}) {
      try {
        open(path);
        ADD_FAILURE() << "was opened";
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("is a Python pickle"), std::string::npos);
        EXPECT_NE(error.hint().find("cifar-10-binary.tar.gz"), std::string::npos) << path;
      }
    }
  }
  write("cifar-10-python.tar.gz", "\x1f\x8b...");  // as torchvision leaves it beside the folder
  expect_error(ErrorKind::kData, "an archive of a kind", [&] { open(); });
  try {
    open();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("cifar-10-binary.tar.gz"), std::string::npos);
  }
  write("cifar-100-binary/train.bin", "\x07\x63" + std::string(3072, 'x'));
  EXPECT_EQ(open().label(0), 99);
  EXPECT_EQ(open().class_names.size(), 100u);
  fs::remove_all(folder_.path() / "cifar-100-binary");
  write("cifar-10-batches-bin/data_batch_1.bin", '\3' + std::string(3072, 'x'));
  EXPECT_EQ(open().label(0), 3);
  EXPECT_EQ(open("cifar-10-batches-bin").identity, open().identity);
}

TEST_F(FindData, NamesArchivesAndTheArraysInAFolder) {
  write("x/cats.tar.gz", "\x1f\x8b...");
  expect_error(ErrorKind::kData, "an archive of a kind that is not read", [&] { open(); });
  expect_error(ErrorKind::kData, "an archive of a kind", [&] { open("x/cats.tar.gz"); });
  write("a/x-labels.npy", "");  // of x.npy, which is meant
  write("a/x.npy", "");
  try {
    open("a");
    ADD_FAILURE() << "was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "give the file itself: " + (folder_.path() / "a/x.npy").string());
  }
}

}  // namespace
}  // namespace wgan
