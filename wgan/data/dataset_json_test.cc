// The classes in dataset.json are those of StyleGAN, and other programs' files are left alone.
#include "wgan/data/dataset_json.h"

#ifdef WGAN_WITH_VIPS

#include "wgan/data/picture_test_support.h"

namespace wgan {
namespace {

class DatasetJson : public Pictures {
 protected:
  DatasetJson() {
    plain("00000/img0.png", 10);
    plain("00000/img1.png", 11);
    plain("00001/img2.png", 12);
  }
};

TEST_F(DatasetJson, GivesClassesByPath) {
  text("dataset.json",
       R"({"labels": [["00001/img2.png", 0], ["00000/img0.png", 3], ["00000\\img1.png", 1],
           ["gone.png", 9]]})");
  const Dataset dataset = open();
  EXPECT_EQ(levels(dataset), (std::vector<int>{10, 11, 12}));
  EXPECT_EQ(labels(dataset), (std::vector<int>{3, 1, 0}));
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"0", "1", "2", "3"}));
}

TEST_F(DatasetJson, ChangesWhatTheCacheHolds) {
  text("dataset.json", R"({"labels": [["00000/img0.png", 0], ["00000/img1.png", 1],
                                      ["00001/img2.png", 1]]})");
  EXPECT_EQ(labels(open()), (std::vector<int>{0, 1, 1}));
  text("dataset.json", R"({"labels": [["00000/img0.png", 1], ["00000/img1.png", 0],
                                      ["00001/img2.png", 1]]})");
  EXPECT_EQ(labels(open()), (std::vector<int>{1, 0, 1}));
}

TEST_F(DatasetJson, WithoutLabelsMeansThatFoldersAreNoClasses) {
  EXPECT_EQ(open().class_names.size(), 2u);
  for (const char* json : {R"({"labels": null})", R"({"labels": []})"}) {
    text("dataset.json", json);
    EXPECT_FALSE(open().labelled()) << json;
  }
}

TEST_F(DatasetJson, OfVectorsIsToldAndNotRead) {
  text("dataset.json", R"({"labels": [["00000/img0.png", [0.5, 1]], ["00000/img1.png", [1, 2]]]})");
  const Dataset dataset = open();
  EXPECT_FALSE(dataset.labelled());
  EXPECT_TRUE(notes(dataset, "one of them is [0.5,1]"));
  text("dataset.json", R"({"labels": [["00000/img0.png", -1]]})");
  EXPECT_TRUE(notes(open(), "one of them is -1"));
}

TEST_F(DatasetJson, OfOtherProgramsIsJustAnotherFile) {
  for (const char* json : {"no JSON", "[1]", R"({"name": "faces"})", R"({"labels": ["a", "b"]})"}) {
    text("dataset.json", json);
    EXPECT_EQ(open().class_names, (std::vector<std::string>{"00000", "00001"})) << json;
  }
}

TEST_F(DatasetJson, ThatLacksLabelsIsRefusedUntilTheyAreAddedOrItIsRemoved) {
  text("dataset.json", R"({"labels": [["00000/img0.png", 0], ["00000/img1.png", 1]]})");
  expect_error(ErrorKind::kData, "has no label for 1 image, the first: 00001/img2.png",
               [&] { open(); });
  text("dataset.json", R"({"labels": [["00000/img0.png", 0], ["00000/img1.png", 1],
                                      ["00001/img2.png", 0]]})");
  EXPECT_EQ(labels(open()), (std::vector<int>{0, 1, 0}));
  std::filesystem::remove(source() / "dataset.json");
  EXPECT_EQ(open().size, 3);
}

}  // namespace
}  // namespace wgan

#endif
