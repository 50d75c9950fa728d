// The report: whole, safe and readable without eyes or a network.
#include "wgan/lab/report.h"

#include <gtest/gtest.h>

#include <regex>
#include <vector>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

const Experiment kHostile{.name = "hostile",
                          .title = "<script>alert('x')</script> & more",
                          .claim = "x < y, says \"Nobody\" 2017",
                          .text = "First.\n\nSecond <b>.",
                          .settings = {},
                          .in_all = true,
                          .trained = false,
                          .run = nullptr};

Figure picture(const std::string& name) {
  Figure figure{.name = name, .caption = "see <i>", .alternative = "\"grey\" & <plain>"};
  figure.picture =
      Image{.height = 4, .width = 6, .channels = 1, .pixels = std::vector<uint8_t>(24, 128)};
  return figure;
}

struct Reporting : testing::Test {
  // Of an experiment with one of everything.
  Record record() const {
    Record record{.experiment = &kHostile, .folder = folder.path(), .seconds = 1.25};
    const Figure figure = picture("samples");
    draw(figure, folder.path());
    Figure curve{.name = "curve",
                 .caption = "c",
                 .alternative = "rises",
                 .panels = {{.series = {{.x = {1, 2}, .y = {1, 2}}}}}};
    draw(curve, folder.path());
    const Animation walk{.name = "walk",
                         .caption = "goes",
                         .alternative = "it walks",
                         .frames = {figure, figure},
                         .fps = 2};
    draw(walk, folder.path());
    record.outcome = {.figures = {figure, curve},
                      .animations = {walk},
                      .tables = {{.name = "t",
                                  .caption = "numbers & <more>",
                                  .columns = {"recipe", "W"},
                                  .labels = {"<a>"},
                                  .values = {{std::numeric_limits<double>::quiet_NaN()}}}},
                      .checks = {{.claim = "a < b", .seen = 1, .low = 0, .high = 2},
                                 {.claim = "c", .seen = 3, .low = 0, .high = 2}},
                      .remark = "so & so"};
    return record;
  }
  TemporaryFolder folder;
};

std::vector<std::string> all_of(const std::string& html, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator at(html.begin(), html.end(), expression), end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

// Without what stands in attributes' data, which is long.
std::string without_data(const std::string& html) {
  std::string rest;
  size_t from = 0;
  for (size_t at = 0; (at = html.find(";base64,", from)) != std::string::npos;) {
    rest += html.substr(from, at - from);
    from = html.find('"', at);
  }
  return rest + html.substr(from);
}

TEST(Html, EscapesText) {
  EXPECT_EQ(html_text("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

TEST_F(Reporting, ShowsEverythingAndNothingAsMarkup) {
  const std::string html = report_html({{record()}});
  const std::string text = without_data(html);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_NE(text.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; more</h2>"),
            std::string::npos);
  for (const char* part :
       {"<p>First.</p>", "<p>Second &lt;b&gt;.</p>", "x &lt; y, says &quot;Nobody&quot; 2017",
        "<figcaption>see &lt;i&gt;</figcaption>", "numbers &amp; &lt;more&gt;",
        "&lt;a&gt;</th><td class=\"number\">–</td>", "a &lt; b", "✓ held", "✗ did not hold",
        "so &amp; so", "wgan lab hostile --seed 0", "in 1.2 s", "1 of 2", "0 of 1 claim held"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST_F(Reporting, NeedsNothingBesideIt) {
  const std::string text = without_data(report_html({{record()}}));
  for (const std::string& source : all_of(text, "src=\"([^\"]*)")) {
    EXPECT_TRUE(source.starts_with("data:image/")) << source;
  }
  for (const std::string& target : all_of(text, "href=\"([^\"]*)")) {
    EXPECT_TRUE(target.starts_with("#")) << target;
    EXPECT_NE(text.find("id=\"" + target.substr(1) + "\""), std::string::npos) << target;
  }
  EXPECT_EQ(text.find("://"), std::string::npos);
  EXPECT_EQ(text.find("url("), std::string::npos);
  EXPECT_EQ(text.find("<link"), std::string::npos);
}

TEST_F(Reporting, CanBeReadWithoutEyes) {
  const std::string text = without_data(report_html({{record()}}));
  EXPECT_EQ(
      all_of(text, "<img [^>]*alt=\"([^\"]*)\""),
      (std::vector<std::string>{"&quot;grey&quot; &amp; &lt;plain&gt;", "rises", "it walks"}));
  EXPECT_NE(text.find("<html lang=\"en\">"), std::string::npos);
  int depth = 0;
  for (const std::string& level : all_of(text, "<h([1-6])")) {
    EXPECT_LE(std::stoi(level), depth + 1) << "a heading is left out";
    depth = std::stoi(level);
  }
  EXPECT_EQ(all_of(text, "<(h1)").size(), 1u);
  EXPECT_EQ(all_of(text, "<(table)>").size(), all_of(text, "<(caption)>").size());
}

TEST_F(Reporting, ClosesWhatItOpens) {
  std::vector<std::string> open;
  for (const std::string& tag : all_of(without_data(report_html({{record()}})), "<(/?[a-z0-9]+)")) {
    if (tag == "meta" || tag == "img") continue;
    if (tag[0] != '/') {
      open.push_back(tag);
    } else {
      ASSERT_FALSE(open.empty()) << tag;
      EXPECT_EQ("/" + open.back(), tag);
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST_F(Reporting, ShowsFormulasAsMathMl) {
  Experiment experiment = kHostile;
  experiment.claim = "At most $eta^2$ & more";
  Record shown = record();
  shown.experiment = &experiment;
  shown.outcome.checks[0].claim = "$|grad f| <= 1$";
  shown.outcome.tables[0].caption = "slopes $s^2$";
  shown.outcome.figures[0].alternative = "a curve $x^2$";
  const std::string text = without_data(report_html({{shown}}));
  const std::string squared =
      "<math><msup><mrow><mi>η</mi></mrow><mrow><mn>2</mn></mrow></msup></math>";
  EXPECT_NE(text.find("<p>At most " + squared + " &amp; more</p>"), std::string::npos);
  EXPECT_NE(text.find("<mi>∇</mi>"), std::string::npos);
  EXPECT_NE(text.find("aria-label=\"slopes s^2\""), std::string::npos);
  EXPECT_NE(text.find("alt=\"a curve x^2\""), std::string::npos);
  EXPECT_EQ(text.find('$'), std::string::npos);
  EXPECT_EQ(verdict_text(shown).find('$'), std::string::npos);
  EXPECT_EQ(record_to_json(shown).dump().find('$'), std::string::npos);
}

TEST_F(Reporting, GivesPicturesTheirSize) {
  const std::string html = report_html({{record()}});
  EXPECT_NE(html.find("width=\"6\" height=\"4\" alt=\"&quot;grey"), std::string::npos);
  EXPECT_NE(html.find("data:image/svg+xml;base64,"), std::string::npos);
  EXPECT_NE(html.find("width=\"480\" height=\"360\" alt=\"rises"), std::string::npos);
  EXPECT_NE(html.find("width=\"6\" height=\"4\" alt=\"it walks"), std::string::npos);
}

TEST_F(Reporting, SaysWhatCouldNotBeRun) {
  const Record failed{.experiment = &kHostile, .failure = "no data & no <hope>"};
  const std::string html = report_html({{failed}});
  EXPECT_NE(html.find("✗ could not be run"), std::string::npos);
  EXPECT_NE(html.find("<p>no data &amp; no &lt;hope&gt;</p>"), std::string::npos);
}

TEST_F(Reporting, MissesAFigureThatIsGone) {
  const Record whole = record();
  std::filesystem::remove(folder.path() / "curve.svg");
  expect_error(ErrorKind::kData, "curve.svg", [&] { report_html({{whole}}); });
  write_report({}, folder.path() / "report.html");
  EXPECT_EQ(read_test_file(folder.path() / "report.html").substr(0, 15), "<!DOCTYPE html>");
}

}  // namespace
}  // namespace wgan
