// A reader by recursive descent, one function a level: row, factor, primary.
#include "wgan/lab/formula.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "wgan/lab/report.h"

namespace wgan {
namespace {

using Named = std::pair<std::string_view, std::string_view>;

// Longer ones before those that they begin with.
constexpr std::array<Named, 16> kOperators = {{{"...", "…"},
                                               {"<=", "≤"},
                                               {">=", "≥"},
                                               {"!=", "≠"},
                                               {"->", "→"},
                                               {"+-", "±"},
                                               {"=", "="},
                                               {"<", "&lt;"},
                                               {">", "&gt;"},
                                               {"~", "∼"},
                                               {"+", "+"},
                                               {"-", "−"},
                                               {"*", "⋅"},
                                               {",", ","},
                                               {";", ";"},
                                               {":", ":"}}};
constexpr std::array<std::string_view, 9> kRelations = {"<=", ">=", "!=", "->", "=",
                                                        "<",  ">",  "~",  "in"};
constexpr std::array<std::string_view, 3> kSigns = {"+", "-", "+-"};
constexpr std::array<Named, 14> kLetters = {{{"alpha", "α"},
                                             {"beta", "β"},
                                             {"gamma", "γ"},
                                             {"delta", "δ"},
                                             {"epsilon", "ε"},
                                             {"eta", "η"},
                                             {"theta", "θ"},
                                             {"lambda", "λ"},
                                             {"mu", "μ"},
                                             {"pi", "π"},
                                             {"sigma", "σ"},
                                             {"phi", "φ"},
                                             {"grad", "∇"},
                                             {"infinity", "∞"}}};
constexpr std::array<Named, 2> kLargeOperators = {{{"sum", "∑"}, {"integral", "∫"}}};
// Nothing that is worth reading nests deeper.
constexpr int kDeepest = 32;
constexpr std::string_view kThinSpace = "<mspace width=\"0.17em\"></mspace>";
constexpr std::string_view kInvisibleTimes = "<mo>&#8290;</mo>";

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

template <size_t N>
std::string_view named(const std::array<Named, N>& names, std::string_view name) {
  const auto* const found = std::ranges::find(names, name, &Named::first);
  return found == names.end() ? std::string_view() : found->second;
}

std::string element(std::string_view tag, std::string_view content) {
  return "<" + std::string(tag) + ">" + std::string(content) + "</" + std::string(tag) + ">";
}

std::string in_row(std::string_view content) { return element("mrow", content); }

class FormulaReader {
 public:
  explicit FormulaReader(std::string_view text) : text_(text) {}

  std::string read() { return element("math", row("", /*breaks=*/true)); }

 private:
  // What a row has read last: it decides on the space before what follows, and on signs.
  enum class Kind { kNothing, kOperator, kOperand, kWord, kLargeOperator };
  struct Factor {
    std::string html;
    std::string inner = {};  // of a group in parentheses: what is between them
    Kind kind = Kind::kOperand;
    bool name = false;  // may be a function: f before (x)
    bool word = false;  // begins with a word: log(x)
  };

  bool at_end() const { return at_ >= text_.size(); }
  char next(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_spaces() {
    while (next() == ' ' || next() == '\n') ++at_;
  }

  // Everything up to one of the closers, which is left to the caller, or to the end.
  std::string row(std::string_view closers, bool breaks = false) {
    std::string html;
    Kind last = Kind::kNothing;
    for (skip_spaces(); !at_end() && closers.find(next()) == std::string_view::npos;
         skip_spaces()) {
      if (const std::string_view name = operator_here(); !name.empty()) {
        at_ += name.size();
        html += operator_html(name, last);
        if (breaks && std::ranges::find(kRelations, name) != kRelations.end()) {
          html += "</math>&#8203;<math>";  // a space of no width, where a line may end
        }
        last = Kind::kOperator;
        continue;
      }
      const Factor read = quotient();
      if (last == Kind::kWord || (last == Kind::kOperand && read.word)) {
        html += kThinSpace;
      } else if (last == Kind::kOperand) {
        html += kInvisibleTimes;
      }
      html += read.html;
      last = read.kind;
    }
    return html;
  }

  // The operator that begins here; empty: none.
  std::string_view operator_here() const {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("in") && !is_letter(next(2)) && !is_digit(next(2))) return "in";
    if (next() == '|' && closing_bar() == std::string_view::npos) return "|";
    for (const Named& named : kOperators) {
      if (rest.starts_with(named.first)) return named.first;
    }
    return {};
  }

  static std::string operator_html(std::string_view name, Kind last) {
    const bool sign = std::ranges::find(kSigns, name) != kSigns.end();
    const bool prefix = sign && (last == Kind::kNothing || last == Kind::kOperator);
    const std::string_view shown = name == "in" ? "∈" : name == "|" ? "|" : named(kOperators, name);
    return std::string("<mo form=\"") + (prefix ? "prefix" : "infix") + "\">" + std::string(shown) +
           "</mo>";
  }

  // Where the bar that begins here is closed again within its parentheses; npos: nowhere.
  size_t closing_bar() const {
    int depth = 0;
    for (size_t i = at_ + 1; i < text_.size() && depth >= 0; ++i) {
      const char c = text_[i];
      if (c == '|' && depth == 0) return i;
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
    }
    return std::string_view::npos;
  }

  // a, a/b, a/b/c: a fraction makes the parentheses of its parts needless.
  Factor quotient() {
    Factor result = factor();
    for (;;) {
      const size_t before = at_;
      skip_spaces();
      if (next() != '/') {
        at_ = before;
        return result;
      }
      ++at_;
      skip_spaces();
      const Factor below = at_end() ? Factor{} : factor();
      result = {.html = element("mfrac", part(result) + part(below))};
    }
  }

  static std::string part(const Factor& factor) {
    return in_row(factor.inner.empty() ? factor.html : factor.inner);
  }

  // x, x_i^2, f(x), f(x)^2
  Factor factor() {
    Factor read = primary();
    scripts(read);
    if (read.name && (next() == '(' || next() == '[')) {
      read = {.html = in_row(read.html + "<mo>&#8289;</mo>" + fenced().html), .word = read.word};
      scripts(read);
    }
    return read;
  }

  Factor primary() {
    if (is_digit(next()) || (next() == '.' && is_digit(next(1)))) return {.html = number()};
    if (is_letter(next())) return word();
    if (next() == '(' || next() == '[' || next() == '{') return fenced();
    if (next() == '|') return bars();
    size_t bytes = 1;  // of a character
    while ((static_cast<unsigned char>(next(bytes)) & 0xC0) == 0x80) ++bytes;
    const std::string_view character = text_.substr(at_, bytes);
    at_ += character.size();
    return {.html = element("mo", html_text(character))};
  }

  std::string number() {
    const size_t begin = at_;
    const auto digits = [&] {
      while (is_digit(next())) ++at_;
    };
    digits();
    if (next() == '.' && is_digit(next(1))) ++at_, digits();
    const size_t sign = next(1) == '-' || next(1) == '+' ? 1 : 0;
    if (next() == 'e' && is_digit(next(1 + sign))) at_ += 1 + sign, digits();
    return element("mn", text_.substr(begin, at_ - begin));
  }

  Factor word() {
    const size_t begin = at_;
    while (is_letter(next())) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name == "sqrt" && next() == '(') {
      return {.html = element("msqrt", fenced().inner)};
    }
    Factor read = letter(name);
    read.name = read.kind != Kind::kLargeOperator;
    read.word = read.kind == Kind::kWord;
    if (is_digit(next())) {  // W1
      const std::string index = number();
      read.html = element("msub", read.html + index);
    }
    return read;
  }

  static Factor letter(std::string_view name) {
    if (const std::string_view shown = named(kLetters, name); !shown.empty()) {
      return {.html = element("mi", shown)};
    }
    if (const std::string_view shown = named(kLargeOperators, name); !shown.empty()) {
      return {.html = element("mo", shown), .kind = Kind::kLargeOperator};
    }
    if (name == "E") {
      return {.html = "<mi mathvariant=\"normal\">E</mi>", .kind = Kind::kWord};
    }
    if (name.size() == 1) return {.html = element("mi", name)};
    if (name.size() == 4 && name.ends_with("hat")) {
      return {.html = element("mover", element("mi", name.substr(0, 1)) + element("mo", "^"))};
    }
    const bool small = std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
    if (name.size() == 2 && small) {  // dx, ij
      return {.html = in_row(element("mi", name.substr(0, 1)) + element("mi", name.substr(1)))};
    }
    return {.html = element("mi", name), .kind = Kind::kWord};
  }

  // inner stays empty where nothing closes the group.
  Factor fenced() {
    const char open = next();
    ++at_;
    if (++depth_ > kDeepest) {
      --depth_;
      return {.html = element("mo", std::string(1, open))};
    }
    const std::string inner = row(open == '{' ? "}" : ")]");
    --depth_;
    if (at_end()) return {.html = in_row(fence(open, inner, "prefix") + inner)};
    const std::string end = fence(next(), inner, "postfix");
    ++at_;
    return {.html = in_row(fence(open, inner, "prefix") + inner + end),
            .inner = open == '(' ? inner : std::string()};
  }

  // Higher than a letter only around fractions: without a mathematical font, browsers stretch too
  // far.
  static std::string fence(char character, const std::string& inner, const char* form) {
    const bool stretches = inner.find("<mfrac>") != std::string::npos;
    return std::string("<mo form=\"") + form + "\" stretchy=\"" + (stretches ? "true" : "false") +
           "\">" + character + "</mo>";
  }

  Factor bars() {
    ++at_;
    if (++depth_ > kDeepest) {
      --depth_;
      return {.html = element("mo", "|")};
    }
    const std::string inner = row("|");
    --depth_;
    if (!at_end()) ++at_;
    return {.html = in_row(fence('|', inner, "prefix") + inner + fence('|', inner, "postfix"))};
  }

  // Primes beside the base; above and below it a star, an exponent, an index.
  void scripts(Factor& base) {
    std::string below, above;
    for (;;) {
      if (next() == '\'') {
        ++at_;
        base.html = in_row(base.html + "<mo form=\"postfix\">′</mo>");
        base.inner.clear();
      } else if (next() == '*' && base.name && !is_letter(next(1)) && !is_digit(next(1))) {
        ++at_;
        above += "<mo>*</mo>";
      } else if (next() == '_' && below.empty()) {
        ++at_;
        below = script();
      } else if (next() == '^') {
        ++at_;
        above += script();
      } else {
        break;
      }
    }
    if (below.empty() && above.empty()) return;
    const bool both = !below.empty() && !above.empty();
    base.html = element(both            ? "msubsup"
                        : below.empty() ? "msup"
                                        : "msub",
                        in_row(base.html) + (below.empty() ? "" : in_row(below)) +
                            (above.empty() ? "" : in_row(above)));
    base.inner.clear();
  }

  std::string script() {
    if (next() == '(') {
      const Factor group = fenced();
      return group.inner.empty() ? group.html : group.inner;
    }
    std::string sign;
    if (next() == '-') {
      ++at_;
      sign = "<mo form=\"prefix\">−</mo>";
    }
    if (is_digit(next())) return sign + number();
    if (is_letter(next())) return sign + word().html;
    return sign;
  }

  const std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

// Calls text(...) and formula(...) with the parts of a text in their order.
template <class OnText, class OnFormula>
void split(std::string_view whole, const OnText& text, const OnFormula& formula) {
  while (!whole.empty()) {
    const size_t open = whole.find('$');
    const size_t close =
        open == std::string_view::npos ? open : whole.find_first_of("$\n", open + 1);
    if (close == std::string_view::npos) {
      text(whole);
      return;
    }
    if (whole[close] == '\n' || close == open + 1) {
      text(whole.substr(0, close));
      whole.remove_prefix(close);
      continue;
    }
    text(whole.substr(0, open));
    formula(whole.substr(open + 1, close - open - 1));
    whole.remove_prefix(close + 1);
  }
}

}  // namespace

std::string plain_formulas(std::string_view text) {
  std::string plain;
  const auto add = [&](std::string_view part) { plain += part; };
  split(text, add, add);
  return plain;
}

std::string html_formulas(std::string_view text) {
  std::string html;
  // A comma or a full stop stays on the line of the formula before it.
  split(
      text,
      [&](std::string_view part) {
        const size_t stop = std::min(part.find_first_not_of(",.;:)!?'-"), part.size());
        if (stop > 0 && html.ends_with("</math>")) {
          html.insert(html.rfind("<math>"), "<span class=\"whole\">");
          html += html_text(part.substr(0, stop)) + "</span>";
          part.remove_prefix(stop);
        }
        html += html_text(part);
      },
      [&](std::string_view part) { html += mathml(part); });
  return html;
}

std::string mathml(std::string_view formula) { return FormulaReader(formula).read(); }

}  // namespace wgan
