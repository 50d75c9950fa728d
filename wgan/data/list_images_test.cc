// Links are followed once, however they lead.
#include "wgan/data/list_images.h"

#ifdef WGAN_WITH_VIPS

#include "wgan/data/picture_test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

class Links : public Pictures {};

TEST_F(Links, ToFoldersAndFilesAreFollowed) {
  for (const char* name : {"1.png", "2.png", "deep/3.png"}) {
    fs::create_directories((folder_.path() / "elsewhere" / name).parent_path());
    write_test_image(folder_.path() / "elsewhere" / name, {});
  }
  fs::create_directory_symlink("../elsewhere", source() / "cats");
  fs::create_directory(source() / "dogs");
  fs::create_symlink("../../elsewhere/1.png", source() / "dogs" / "1.png");
  const ListedFiles found = list_images(source());
  EXPECT_EQ(found.images, (Paths{"cats/1.png", "cats/2.png", "cats/deep/3.png", "dogs/1.png"}));
  EXPECT_TRUE(found.notes.empty());
  EXPECT_EQ(open().class_names, (std::vector<std::string>{"cats", "dogs"}));
}

TEST_F(Links, ThatLeadInACircleOrTwiceToOneFolderAreToldAndNotFollowed) {
  plain("real/1.png", 1);
  plain("real/inner/2.png", 2);
  fs::create_directory_symlink(".", source() / "loop");
  fs::create_directory_symlink("..", source() / "up");
  fs::create_directory_symlink("/", source() / "everything");
  fs::create_directory_symlink("../..", source() / "real" / "inner" / "back");
  fs::create_directory_symlink("real", source() / "a-second-name");
  fs::create_symlink("nowhere.png", source() / "broken.png");
  const ListedFiles found = list_images(source());
  EXPECT_EQ(found.images, (Paths{"real/1.png", "real/inner/2.png"}));
  ASSERT_EQ(found.notes.size(), 3u);
  EXPECT_EQ(found.notes[0],
            "4 links were not followed, since they lead to folders around them: everything, ...");
  EXPECT_EQ(found.notes[1],
            "1 link was not followed, since its folder is among the others: a-second-name");
  EXPECT_EQ(found.notes[2], "1 link leads nowhere: broken.png");
  EXPECT_EQ(found.other_files, 1);
}

TEST_F(Links, BetweenFoldersOutsideEndToo) {
  const fs::path outside = folder_.path() / "outside";
  fs::create_directories(outside / "a");
  fs::create_directories(outside / "b");
  write_test_image(outside / "a" / "1.png", {});
  fs::create_directory_symlink("../b", outside / "a" / "to-b");
  fs::create_directory_symlink("../a", outside / "b" / "to-a");
  fs::create_directory_symlink("../outside/a", source() / "start");
  const ListedFiles found = list_images(source());
  EXPECT_EQ(found.images, Paths{"start/1.png"});
  EXPECT_EQ(found.notes.size(), 1u);
}

TEST_F(Links, OfAPdfFolderTheRefusalSaysWhatMakesPictures) {
  text("scan.pdf", "%PDF-1.4");
  expect_error(ErrorKind::kData, "no image among 1 file (1 .pdf)", [&] { list_images(source()); });
  EXPECT_FALSE(holds_images(source()));
  plain("page-1.png", 1);
  EXPECT_TRUE(holds_images(source()));
  EXPECT_EQ(open().size, 1);
}

}  // namespace
}  // namespace wgan

#endif
