// Fields are taken as they are or refused by name.
#include "wgan/io/json_fields.h"

#include <gtest/gtest.h>

#include "wgan/io/test_support.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

const Json kObject =
    Json::parse(R"({"text": "a", "yes": true, "whole": -3, "most": 9223372036854775807,
    "more": 9223372036854775808, "part": 1.5, "huge": 1e300, "list": [1, 2], "texts": ["a", "b"],
    "mixed": [1, "a"], "none": null, "floats": [1, 0.5], "wide": [1, 1e300]})");

template <class Value>
void expect_refused(const char* key, const char* why) {
  SCOPED_TRACE(key);
  expect_error(ErrorKind::kIncompatible, why, [&] { json_field<Value>(kObject, key); });
}

TEST(JsonFields, GivesWhatIsThere) {
  EXPECT_EQ(json_field<std::string>(kObject, "text"), "a");
  EXPECT_EQ(json_field<bool>(kObject, "yes"), true);
  EXPECT_EQ(json_field<int64_t>(kObject, "whole"), -3);
  EXPECT_EQ(json_field<int64_t>(kObject, "most"), INT64_MAX);
  EXPECT_EQ(json_field<double>(kObject, "huge"), 1e300);
  EXPECT_EQ(json_field<double>(kObject, "whole"), -3.0);
  EXPECT_EQ(json_field<std::vector<int64_t>>(kObject, "list"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(json_field<std::vector<float>>(kObject, "floats"), (std::vector<float>{1, 0.5F}));
  EXPECT_EQ(json_field<std::vector<std::string>>(kObject, "texts"),
            (std::vector<std::string>{"a", "b"}));
}

TEST(JsonFields, RefusesWhatTheLibraryWouldConvert) {
  for (const char* key : {"text", "yes", "more", "part", "huge", "list", "none"}) {
    expect_refused<int64_t>(key, "has the wrong type");
  }
  for (const char* key : {"text", "yes", "list", "none"}) {
    expect_refused<double>(key, "has the wrong type");
  }
  for (const char* key : {"whole", "none"}) expect_refused<bool>(key, "has the wrong type");
  for (const char* key : {"whole", "none"}) expect_refused<std::string>(key, "has the wrong type");
  expect_refused<float>("huge", "has the wrong type");
  expect_refused<std::vector<float>>("wide", "has the wrong type");
  for (const char* key : {"mixed", "texts", "floats", "text", "none"}) {
    expect_refused<std::vector<int64_t>>(key, "has the wrong type");
  }
}

TEST(JsonFields, RefusesWhatIsNotThere) {
  expect_refused<int64_t>("absent", "'absent' is missing");
  for (const Json& other : {Json(), Json(3), Json::array({1})}) {
    expect_error(ErrorKind::kIncompatible, "'x' is missing",
                 [&] { json_field<int64_t>(other, "x"); });
  }
}

}  // namespace
}  // namespace wgan
