// An archive of pictures is what its folder is, and a hostile one writes nothing anywhere.
#include "wgan/data/picture_source.h"

#ifdef WGAN_WITH_VIPS

#include "wgan/data/inspect.h"
#include "wgan/data/picture_test_support.h"
#include "wgan/data/prepared_folder.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

class PictureZip : public Pictures {
 protected:
  fs::path archive() const { return folder_.path() / "faces.zip"; }
  Dataset open_archive() {
    options_.data = archive().string();
    return open();
  }
  // Files in the cache that are no entries of it.
  int64_t leftovers() const {
    int64_t count = 0;
    for (const auto& entry : fs::directory_iterator(cache())) {
      count += entry.path().filename().string().ends_with(".tmp");
    }
    return count;
  }
};

TEST_F(PictureZip, IsReadAsItsFolderIs) {
  const std::vector<std::string> names = {"faces/cat/0.png",        "faces/cat/1.jpg",
                                          "faces/dog/2.png",        "faces/dog/._2.png",
                                          "__MACOSX/faces/._0.png", "faces/readme.txt"};
  for (int i = 0; i < 3; ++i) plain(names[static_cast<size_t>(i)], 40 * i);
  text(names[3], "no picture");
  zip(archive(), names);
  const Dataset folder = open();
  const Dataset dataset = open_archive();
  EXPECT_EQ(dataset.name, "faces");
  EXPECT_EQ(levels(dataset), levels(folder));
  EXPECT_EQ(labels(dataset), (std::vector<int>{0, 0, 1}));
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(dataset.identity, folder.identity);
  EXPECT_EQ(open_archive().identity, folder.identity) << "from the cache";
  EXPECT_EQ(inspect_image_folder(archive(), options_).usable, 3);
  const PreparedFolder prepared =
      prepare_image_folder(archive(), options_, folder_.path() / "prepared");
  EXPECT_EQ(prepared.manifest.source, archive().string());
  EXPECT_EQ(prepared.manifest.shape[0], 3);
  EXPECT_EQ(leftovers(), 0);
}

TEST_F(PictureZip, HasTheLabelsOfItsDatasetJson) {
  plain("00000/img0.png", 10);
  plain("00000/img1.png", 20);
  text("dataset.json", R"({"labels": [["00000/img0.png", 1], ["00000/img1.png", 0]]})");
  zip(archive(), {"dataset.json", "00000/img0.png", "00000/img1.png"});
  EXPECT_EQ(labels(open_archive()), (std::vector<int>{1, 0}));
}

TEST_F(PictureZip, IsPreparedAgainWhenItChanges) {
  plain("0.png", 10);
  plain("1.png", 20);
  zip(archive(), {"0.png"});
  EXPECT_EQ(open_archive().size, 1);
  zip(archive(), {"0.png", "1.png"});
  EXPECT_EQ(open_archive().size, 2);
}

TEST_F(PictureZip, WhoseNamesLeadOutsideIsRefusedAndWritesNothing) {
  plain("0.png", 10);
  for (const char* name :
       {"../escaped.png", "/tmp/../escaped.png", "a/../../escaped.png", "..\\escaped.png"}) {
    zip(archive(), {"0.png", name});
    expect_error(ErrorKind::kData, "would lie outside", [&] { open_archive(); });
    EXPECT_FALSE(fs::exists(cache() / "escaped.png")) << name;
    EXPECT_EQ(leftovers(), 0);
  }
  zip(archive(), {"0.png"});  // packed again, as the hint says
  EXPECT_EQ(open_archive().size, 1);
}

TEST_F(PictureZip, ThatGrowsWithoutMeasureIsRefusedBeforeAnythingIsWritten) {
  plain("0.png", 10);
  zip(archive(), {"0.png"});
  std::string bytes = read_test_file(archive());
  bytes.replace(bytes.rfind("PK\x01\x02") + 24, 4, "\xff\xff\xff\x7f");  // bytes when inflated
  write_test_file(archive(), bytes);
  expect_error(ErrorKind::kData, "take more than", [&] { open_archive(); });
  EXPECT_EQ(leftovers(), 0);
}

TEST_F(PictureZip, OfOtherThingsIsNamedAndArraysStayArrays) {
  text("a.txt", "text");
  zip(archive(), {"a.txt"});
  expect_error(ErrorKind::kData, "without pictures and without NumPy arrays",
               [&] { open_archive(); });
  zip(archive(), {"x.npy", "0.png"});
  EXPECT_FALSE(is_picture_zip(archive()));
  write_test_file(archive(), "PK\x03\x04 cut");
  expect_error(ErrorKind::kData, "no zip archive", [&] { open_archive(); });
}

}  // namespace
}  // namespace wgan

#endif
