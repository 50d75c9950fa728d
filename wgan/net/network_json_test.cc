// Networks survive a round trip through JSON, and JSON that is no network is refused.
#include "wgan/net/network_json.h"

#include <gtest/gtest.h>

#include "wgan/io/test_support.h"
#include "wgan/net/modern.h"
#include "wgan/net/presets.h"
#include "wgan/net/test_support.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

TEST(NetworkJson, RoundTripsEveryLayer) {
  const Json json = network_to_json(every_layer());
  const Network back = network_from_json(Json::parse(json.dump()));
  EXPECT_EQ(network_to_json(back), json);
  EXPECT_EQ(output_shape(back), (Shape{3}));
  EXPECT_EQ(std::get<BatchNorm>(back.layers[2]).epsilon, 1e-3);
  EXPECT_EQ(std::get<ConvTranspose2d>(back.layers[4]).output_padding, 1);
  EXPECT_FALSE(std::get<Linear>(back.layers[8]).bias);
}

TEST(NetworkJson, RoundTripsLayersWithoutSweepsAndSpectralNorm) {
  Network spectral = layers_without_sweeps();
  spectral.spectral_norm = true;
  for (const Network& network : {layers_without_sweeps(), layers_with_reference(), spectral}) {
    const Json json = network_to_json(network);
    const Network back = network_from_json(Json::parse(json.dump()));
    EXPECT_EQ(network_to_json(back), json);
    EXPECT_EQ(back.spectral_norm, network.spectral_norm);
  }
  Json json = network_to_json(spectral);
  json["spectral_norm"] = 1;
  expect_error(ErrorKind::kIncompatible, "'spectral_norm' has the wrong type",
               [&] { network_from_json(json); });
}

TEST(NetworkJson, RoundTripsThePresets) {
  for (const Network& network :
       {dcgan_generator({3, 27, 40}, 7, {}), dcgan_critic({3, 27, 40}, {}),
        gulrajani_generator({1, 28, 28}, 7, 4), gulrajani_critic({3, 30, 31}, 4),
        mlp_generator({2}, 7, {}), mlp_critic({1, 28, 28}, {}), modern_generator({3, 24, 16}, 7, 4),
        modern_critic({1, 28, 28}, 4)}) {
    const Json json = network_to_json(network);
    EXPECT_EQ(network_to_json(network_from_json(json)), json);
  }
}

void expect_refused(const Json& json, std::string_view fragment) {
  expect_error(ErrorKind::kIncompatible, fragment, [&] { network_from_json(json); });
}

TEST(NetworkJson, RefusesJsonThatIsNoNetwork) {
  expect_refused(Json(), "no JSON object");
  expect_refused(Json::array(), "no JSON object");
  expect_refused(Json::object(), "'input' is missing");
  expect_refused({{"input", {4}}}, "'layers' is missing");
  expect_refused({{"input", {4}}, {"layers", 3}}, "'layers' has the wrong type");
  expect_refused({{"input", "4"}, {"layers", Json::array()}}, "'input' has the wrong type");
  expect_refused({{"input", {"4"}}, {"layers", Json::array()}}, "'input' has the wrong type");
  expect_refused({{"input", {4}}, {"layers", Json::array({1})}}, "a layer is no JSON object");
  expect_refused({{"input", {0}}, {"layers", Json::array()}}, "out of range");
  expect_refused({{"input", {4, 4}}, {"layers", Json::array()}}, "4x4");
}

TEST(NetworkJson, RefusesUnknownLayers) {
  Json json = network_to_json(every_layer());
  json["layers"][3]["type"] = "attention";
  expect_refused(json, "unknown layer 'attention'");
  json["layers"][3].erase("type");
  expect_refused(json, "'type' is missing");
  json["layers"][3]["type"] = 7;
  expect_refused(json, "'type' has the wrong type");
}

TEST(NetworkJson, RefusesEveryFieldThatIsMissingOrOfTheWrongType) {
  const Json good = network_to_json(every_layer());
  const Json wrong[] = {Json(), "3", Json::array(), Json::object(), Json(1e300), Json(1.5)};
  for (size_t i = 0; i < good["layers"].size(); ++i) {
    for (const auto& [key, value] : good["layers"][i].items()) {
      SCOPED_TRACE(good["layers"][i]["type"].get<std::string>() + " " + key);
      Json json = good;
      json["layers"][i].erase(key);
      expect_refused(json, "is missing");
      for (const Json& other : wrong) {
        if (value.is_number_float() && other.is_number()) continue;  // a number like another
        if (key == "type" && other.is_string()) continue;            // a name like another
        if (value.is_array() && other.is_array()) continue;          // an array like another
        json = good;
        json["layers"][i][key] = other;
        expect_refused(json, "has the wrong type");
      }
      if (value.is_boolean()) continue;
      json = good;
      json["layers"][i][key] = true;
      expect_refused(json, "has the wrong type");
    }
  }
}

TEST(NetworkJson, RefusesHugeNumbers) {
  const Json good = network_to_json(every_layer());
  for (size_t i = 0; i < good["layers"].size(); ++i) {
    for (const auto& [key, value] : good["layers"][i].items()) {
      if (!value.is_number_integer()) continue;
      for (const Json& huge : {Json(INT64_MAX), Json(INT64_MIN), Json(UINT64_MAX)}) {
        SCOPED_TRACE(good["layers"][i]["type"].get<std::string>() + " " + key + " " + huge.dump());
        Json json = good;
        json["layers"][i][key] = huge;
        EXPECT_THROW(network_from_json(json), Error);
      }
    }
  }
  Json json = good;
  json["input"] = {INT64_MAX, INT64_MAX, INT64_MAX};
  expect_refused(json, "out of range");
}

TEST(NetworkJson, RefusesGroupsThatDoNotDivideTheChannels) {
  Json json = network_to_json({{6, 4, 4}, {GroupedConv2d{6, 12, 3, 1, 1, 3}}});
  for (const int groups : {0, -3, 4, 12}) {
    json["layers"][0]["groups"] = groups;
    EXPECT_THROW(network_from_json(json), Error) << groups;
  }
}

TEST(NetworkJson, RefusesMoreWeightsThanAnyComputerHolds) {
  Json json = network_to_json({{1 << 20}, {Linear{1 << 20, 1 << 20}}});
  expect_refused(json, "weights");
}

TEST(NetworkJson, RefusesSlopesThatAreNoMaximum) {
  Json json = network_to_json({{4}, {LeakyRelu{0.2}}});
  for (const double slope : {-0.1, 1.5, 1e300}) {
    json["layers"][0]["slope"] = slope;
    expect_refused(json, "slope");
  }
}

TEST(NetworkJson, RefusesAMillionLayers) {
  Json json = {{"input", {4}}, {"layers", Json::array()}};
  for (int i = 0; i < 10'001; ++i) json["layers"].push_back({{"type", "tanh"}});
  expect_refused(json, "more than 10000 layers");
}

TEST(NetworkJson, RefusesResidualSumsDeepWithinOneAnother) {
  Layers layers{Tanh{}};
  for (int i = 0; i < 9; ++i) layers = {Residual{layers, {}}};
  expect_refused(network_to_json({{4}, layers}), "within one another");
}

}  // namespace
}  // namespace wgan
