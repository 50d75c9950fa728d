// Folders of pictures as people have them, from the command line.
#include "wgan/cli/program_test_support.h"
#include "wgan/io/image.h"

namespace wgan {
namespace {

using Names = std::vector<std::string>;

class PictureProgram : public ProgramTest {
 protected:
  void SetUp() override {
    if (!images_supported()) GTEST_SKIP() << "built without libvips";
  }
  void picture(const std::string& name, uint8_t level) const {
    std::filesystem::create_directories((folder() / name).parent_path());
    write_png(folder() / name, {16, 16, 3, std::vector<uint8_t>(768, level)});
  }
  Outcome train(
      const Names& more, const std::function<void()>& prepare = [] {}) const {
    const Names plain = {"train", "--net", "mlp", "--width", "8", "--steps", "2", "--size", "16"};
    return run(with(plain, more), prepare);
  }
};

TEST_F(PictureProgram, TrainsOnTheTrainFolderAndSaysSo) {
  for (const char* name : {"train/a/1", "train/a/2", "train/b/3", "test/a/4", "test/b/5"}) {
    picture(std::string("pets/") + name + ".png", 100);
  }
  const Outcome outcome = train({"pets"});
  EXPECT_EQ(outcome.code, 0) << outcome.told();
  for (const char* text : {"3 images",
                           "  folder train holds the train part (3 images), test "
                           "the test part (2)"}) {
    EXPECT_NE(outcome.err.find(text), std::string::npos) << outcome.told();
  }
  EXPECT_NE(train({"pets", "--split", "test"}).err.find("2 images"), std::string::npos);
  const Outcome seen = run({"data", "inspect", "pets"});
  EXPECT_NE(seen.out.find("note       folder train holds"), std::string::npos) << seen.told();
}

TEST_F(PictureProgram, ReadsPicturesBesideAnotherProgramsManifest) {
  for (const char* name : {"1", "2"}) picture(std::string("faces/") + name + ".png", 100);
  write("faces/manifest.json", R"({"name": "faces", "format": 1})");
  EXPECT_EQ(train({"faces"}).code, 0);
  const Outcome made = run({"data", "prepare", "faces", "ready", "--size", "16"});
  EXPECT_EQ(made.code, 0) << made.told();
  EXPECT_EQ(train({"ready"}).code, 0);
  const Outcome again = run({"data", "prepare", "ready", "twice"});
  EXPECT_EQ(again.code, 2);
  EXPECT_NE(again.err.find("give anything else to wgan train as it is"), std::string::npos);
}

TEST_F(PictureProgram, NamesTheVariableOfTheCacheWhereItCannotBeWritten) {
  for (const char* name : {"1", "2"}) picture(std::string("faces/") + name + ".png", 100);
  const Outcome outcome =
      train({"faces"}, [] { ::setenv("WGAN_CACHE", "/proc/nowhere/cache", 1); });
  EXPECT_EQ(outcome.code, 7) << outcome.told();
  EXPECT_NE(outcome.err.find("set WGAN_CACHE to a folder"), std::string::npos) << outcome.told();
  EXPECT_EQ(outcome.err.find("--out"), std::string::npos) << outcome.told();
  EXPECT_EQ(train({"faces"}).code, 0) << "with WGAN_CACHE set to one";
  const Outcome prepared = run({"data", "prepare", "faces", "/proc/nowhere/ready"});
  EXPECT_EQ(prepared.err.find("--out"), std::string::npos) << prepared.told();
}

}  // namespace
}  // namespace wgan
