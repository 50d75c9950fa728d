// Puts texts, figures, tables and checks into one page.
#include "wgan/lab/report.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/base64.h"
#include "wgan/lab/formula.h"
#include "wgan/lab/report_style.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

// An SVG above this is slow to show; its PNG is not.
constexpr size_t kMostSvgBytes = 120'000;

std::string present_bytes(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw Error(ErrorKind::kData, path.string() + " is missing", "run its experiment again");
  }
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

uint32_t number_at(std::string_view bytes, std::initializer_list<size_t> places) {
  uint32_t number = 0;  // the most significant byte first
  for (const size_t place : places) {
    number = number << 8 | (place < bytes.size() ? static_cast<unsigned char>(bytes[place]) : 0U);
  }
  return number;
}

std::pair<uint32_t, uint32_t> size_of_png(std::string_view png) {
  return {number_at(png, {16, 17, 18, 19}), number_at(png, {20, 21, 22, 23})};
}

std::pair<uint32_t, uint32_t> size_of_gif(std::string_view gif) {
  return {number_at(gif, {7, 6}), number_at(gif, {9, 8})};
}

std::string image(const char* type, const std::string& bytes, std::pair<uint32_t, uint32_t> size,
                  const std::string& alternative) {
  return fmt::format(
      "<div class=\"figure\" style=\"--wide: {2}px\">"
      "<img src=\"data:{0};base64,{1}\" width=\"{2}\" height=\"{3}\" alt=\"{4}\"></div>",
      type, base64(bytes), size.first, size.second, html_text(plain_formulas(alternative)));
}

// Paragraphs are apart by empty lines. to_html: of the text of each.
std::string paragraphs(std::string_view text, std::string (*to_html)(std::string_view)) {
  std::string html;
  while (!text.empty()) {
    const size_t end = text.find("\n\n");
    const std::string_view paragraph = text.substr(0, end);
    if (paragraph.find_first_not_of(" \n") != std::string_view::npos) {
      html += "<p>" + to_html(paragraph) + "</p>\n";
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return html;
}

std::string figure_html(const Figure& figure, const fs::path& folder) {
  const std::string png = present_bytes(folder / (figure.name + ".png"));
  const std::string svg = figure.picture ? "" : present_bytes(folder / (figure.name + ".svg"));
  const bool sharp = !figure.picture && svg.size() <= kMostSvgBytes;
  return "<figure>\n" +
         image(sharp ? "image/svg+xml" : "image/png", sharp ? svg : png, size_of_png(png),
               figure.alternative) +
         "\n<figcaption>" + html_formulas(figure.caption) + "</figcaption>\n</figure>\n";
}

// Closed by its reader, an animation moves no longer.
std::string animation_html(const Animation& animation, const fs::path& folder) {
  const std::string gif = present_bytes(folder / (animation.name + ".gif"));
  return "<details open>\n<summary>Animation (close it to stop it)</summary>\n<figure>\n" +
         image("image/gif", gif, size_of_gif(gif), animation.alternative) + "\n<figcaption>" +
         html_formulas(animation.caption) + "</figcaption>\n</figure>\n</details>\n";
}

// A table that scrolls by itself where the page is narrow, by keys too.
std::string table_html(const std::string& caption, const std::string& rows) {
  return fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table>\n"
      "<caption>{}</caption>\n{}</table>\n</div>\n",
      html_text(plain_formulas(caption)), html_formulas(caption), rows);
}

std::string heads(const std::vector<std::string>& names) {
  std::string html = "<thead><tr>";
  for (const std::string& name : names) {
    html += "<th scope=\"col\">" + html_text(name) + "</th>";
  }
  return html + "</tr></thead>\n";
}

std::string table_html(const Table& table) {
  std::string rows = heads(table.columns) + "<tbody>\n";
  for (size_t row = 0; row < table.labels.size(); ++row) {
    rows += "<tr><th scope=\"row\">" + html_text(table.labels[row]) + "</th>";
    for (const double value : table.values.at(row)) {
      rows += "<td class=\"number\">" + (std::isnan(value) ? "–" : number_text(value)) + "</td>";
    }
    rows += "</tr>\n";
  }
  return table_html(table.caption, rows + "</tbody>\n");
}

// Told by a sign and a word, not by the colour alone.
std::string badge(bool held, std::string_view word) {
  return fmt::format("<span class=\"{}\">{} {}</span>", held ? "held" : "failed", held ? "✓" : "✗",
                     word);
}

std::string checks_html(const Outcome& outcome) {
  std::string rows = heads({"claim", "seen", "wanted", "verdict"}) + "<tbody>\n";
  for (const Check& check : outcome.checks) {
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>"
        "<td>{}</td></tr>\n",
        html_formulas(check.claim), number_text(check.seen), wanted_text(check),
        badge(check.holds(), check.holds() ? "held" : "did not hold"));
  }
  return table_html("What was claimed, and what was seen", rows + "</tbody>\n");
}

std::string section(const Record& record) {
  const Experiment& e = *record.experiment;
  std::string html = fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n"
      "<p class=\"verdict\">{2}</p>\n<h3>Claim</h3>\n{3}<h3>Why</h3>\n{4}",
      html_text(e.name), html_text(e.title), badge(record.held(), verdict_word(record)),
      paragraphs(e.claim, html_formulas), paragraphs(e.text, html_formulas));
  if (!record.failure.empty()) {
    html += "<h3>What went wrong</h3>\n" + paragraphs(record.failure, html_text);
  } else {
    html += "<h3>What was seen</h3>\n";
    for (const Figure& figure : record.outcome.figures) html += figure_html(figure, record.folder);
    for (const Animation& a : record.outcome.animations) html += animation_html(a, record.folder);
    for (const Table& table : record.outcome.tables) html += table_html(table);
    html += "<h3>Checks</h3>\n" + checks_html(record.outcome);
    if (!record.outcome.remark.empty()) html += "<h3>Remark</h3>\n";
    html += paragraphs(record.outcome.remark, html_formulas);
  }
  return html + fmt::format(
                    "<p class=\"made\">Made by <code>{}</code> in {:.1f} s. "
                    "<a href=\"#top\">To the top</a></p>\n</section>\n",
                    html_text(command_text(record)), record.seconds);
}

std::string summary(std::span<const Record> records) {
  std::string rows = heads({"claim", "checks", "verdict"}) + "<tbody>\n";
  size_t held = 0;
  for (const Record& record : records) {
    size_t checks = 0;
    for (const Check& check : record.outcome.checks) checks += check.holds() ? 1 : 0;
    held += record.held() ? 1 : 0;
    rows += fmt::format(
        "<tr><th scope=\"row\"><a href=\"#{0}\">{1}</a></th>"
        "<td class=\"number\">{2} of {3}</td><td>{4}</td></tr>\n",
        html_text(record.experiment->name), html_text(record.experiment->title), checks,
        record.outcome.checks.size(), badge(record.held(), verdict_word(record)));
  }
  return fmt::format(
             "<p>{} of {} held. A claim that did not hold is a result too: its "
             "section says what was seen instead.</p>\n",
             held, counted(records.size(), "claim")) +
         table_html("Claims, how many of their checks held, and the verdicts", rows + "</tbody>\n");
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string html;
  for (const char character : text) {
    switch (character) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += character;
    }
  }
  return html;
}

std::string report_html(std::span<const Record> records) {
  std::string contents, sections;
  for (const Record& record : records) {
    contents += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", html_text(record.experiment->name),
                            html_text(record.experiment->title));
    sections += section(record);
  }
  return std::string(kReportHead) +
         "<body id=\"top\">\n<a class=\"skip\" href=\"#summary\">Skip to the summary</a>\n"
         "<header>\n<h1>Wasserstein GANs in the laboratory</h1>\n"
         "<p>Claims of the literature, each stated before it was tried, and what came of it.</p>\n"
         "</header>\n<nav aria-labelledby=\"contents\">\n<h2 "
         "id=\"contents\">Contents</h2>\n<ol>\n" +
         contents + "</ol>\n</nav>\n<main>\n<section id=\"summary\">\n<h2>Summary</h2>\n" +
         summary(records) + "</section>\n" + sections + "</main>\n</body>\n</html>\n";
}

void write_report(std::span<const Record> records, const fs::path& file) {
  write_file_atomically(file, report_html(records));
}

}  // namespace wgan
