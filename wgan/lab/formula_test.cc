// Formulas as people type them, as MathML and as plain text.
#include "wgan/lab/formula.h"

#include <gtest/gtest.h>

#include <regex>
#include <vector>

#include "wgan/lab/experiment.h"

namespace wgan {
namespace {

// The MathML without the elements that only group and the marks that only space.
std::string shown(const std::string& formula) {
  return std::regex_replace(mathml(formula),
                            std::regex("</?mrow>|<mspace[^>]*></mspace>|<mo>&#82(89|90);</mo>| "
                                       "form=\"[a-z]*\"| stretchy=\"[a-z]*\"|</math>&#8203;<math>"),
                            "");
}

std::string math(const std::string& content) { return "<math>" + content + "</math>"; }

// Whether every element is closed in its order.
bool is_closed(const std::string& html) {
  const std::regex tag("<(/?[a-z]+)[^>]*>");
  std::vector<std::string> open;
  for (std::sregex_iterator at(html.begin(), html.end(), tag), end; at != end; ++at) {
    const std::string name = (*at)[1];
    if (name[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(Formulas, KnowNumbersLettersAndGreek) {
  EXPECT_EQ(shown("x"), math("<mi>x</mi>"));
  EXPECT_EQ(shown("2 eta"), math("<mn>2</mn><mi>η</mi>"));
  EXPECT_EQ(shown("0.25"), math("<mn>0.25</mn>"));
  EXPECT_EQ(shown("5e-4"), math("<mn>5e-4</mn>"));
  EXPECT_EQ(shown("infinity"), math("<mi>∞</mi>"));
  EXPECT_EQ(shown("xhat"), math("<mover><mi>x</mi><mo>^</mo></mover>"));
}

TEST(Formulas, RaiseAndLower) {
  EXPECT_EQ(shown("x^2"), math("<msup><mi>x</mi><mn>2</mn></msup>"));
  EXPECT_EQ(shown("p_r"), math("<msub><mi>p</mi><mi>r</mi></msub>"));
  EXPECT_EQ(shown("x'^2"), math("<msup><mi>x</mi><mo>′</mo><mn>2</mn></msup>"));
  EXPECT_EQ(shown("delta_(i-1)"), math("<msub><mi>δ</mi><mi>i</mi><mo>−</mo><mn>1</mn></msub>"));
  EXPECT_EQ(shown("x_i^2"), math("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"));
  EXPECT_EQ(shown("gamma_ij"), math("<msub><mi>γ</mi><mi>i</mi><mi>j</mi></msub>"));
  EXPECT_EQ(shown("W1"), math("<msub><mi>W</mi><mn>1</mn></msub>"));
  EXPECT_EQ(shown("D*"), math("<msup><mi>D</mi><mo>*</mo></msup>"));
  EXPECT_EQ(shown("x*y"), math("<mi>x</mi><mo>⋅</mo><mi>y</mi>"));
}

TEST(Formulas, DropTheParenthesesOfFractions) {
  EXPECT_EQ(shown("(a + b)/2"), math("<mfrac><mi>a</mi><mo>+</mo><mi>b</mi><mn>2</mn></mfrac>"));
  EXPECT_EQ(shown("df/dx"), math("<mfrac><mi>d</mi><mi>f</mi><mi>d</mi><mi>x</mi></mfrac>"));
  const std::string applied = "<mi>f</mi><mo>(</mo><mi>x</mi><mo>)</mo>";
  EXPECT_EQ(shown("f(x) / 2"), math("<mfrac>" + applied + "<mn>2</mn></mfrac>"));
}

TEST(Formulas, KnowRootsBarsSumsAndFunctions) {
  EXPECT_EQ(shown("sqrt(1 + eta^2)"),
            math("<msqrt><mn>1</mn><mo>+</mo><msup><mi>η</mi><mn>2</mn></msup></msqrt>"));
  EXPECT_EQ(shown("|grad f|"), math("<mo>|</mo><mi>∇</mi><mi>f</mi><mo>|</mo>"));
  EXPECT_EQ(shown("KL(p|q)"),
            math("<mi>KL</mi><mo>(</mo><mi>p</mi><mo>|</mo><mi>q</mi><mo>)</mo>"));
  EXPECT_EQ(shown("sum_j"), math("<msub><mo>∑</mo><mi>j</mi></msub>"));
  EXPECT_EQ(shown("E f(G(z)) <= -1"),
            math("<mi mathvariant=\"normal\">E</mi><mi>f</mi><mo>(</mo><mi>G</mi><mo>(</mo>"
                 "<mi>z</mi><mo>)</mo><mo>)</mo><mo>≤</mo><mo>−</mo><mn>1</mn>"));
  EXPECT_EQ(shown("x in [0, 1)"), math("<mi>x</mi><mo>∈</mo><mo>[</mo><mn>0</mn><mo>,</mo>"
                                       "<mn>1</mn><mo>)</mo>"));
}

TEST(Formulas, TellSignsFromDifferences) {
  EXPECT_NE(mathml("-x").find("<mo form=\"prefix\">−"), std::string::npos);
  EXPECT_NE(mathml("a - x").find("<mo form=\"infix\">−"), std::string::npos);
  EXPECT_NE(mathml("a, -x").find("<mo form=\"prefix\">−"), std::string::npos);
}

TEST(Formulas, SetWordsApart) {
  for (const char* formula : {"p log q", "p log(q)", "log q", "E f", "2 KL"}) {
    EXPECT_NE(mathml(formula).find("<mspace"), std::string::npos) << formula;
  }
  for (const char* formula : {"x y", "f(x)", "log(q)", "2 x"}) {
    EXPECT_EQ(mathml(formula).find("<mspace"), std::string::npos) << formula;
  }
}

TEST(Formulas, StretchBracketsAroundFractionsOnly) {
  EXPECT_NE(mathml("(a/b)").find("stretchy=\"true\""), std::string::npos);
  EXPECT_EQ(mathml("(x^2)").find("stretchy=\"true\""), std::string::npos);
}

TEST(Formulas, MayBeBrokenAtRelations) {
  EXPECT_EQ(mathml("a = b"),
            "<math><mi>a</mi><mo form=\"infix\">=</mo></math>&#8203;<math><mi>b</mi></math>");
  EXPECT_EQ(mathml("f(a = b)").find("&#8203;"), std::string::npos) << "not within parentheses";
}

TEST(Formulas, StandBetweenDollarSigns) {
  const std::string text = "grows by $eta^2$ a step & more";
  EXPECT_EQ(plain_formulas(text), "grows by eta^2 a step & more");
  EXPECT_EQ(html_formulas(text), "grows by " + mathml("eta^2") + " a step &amp; more");
  EXPECT_EQ(html_formulas("$x$, so"), "<span class=\"whole\">" + mathml("x") + ",</span> so")
      << "on one line";
  for (const char* text_alone : {"costs 5$", "$", "$$", "a $b\nc$ d", ""}) {
    EXPECT_EQ(plain_formulas(text_alone), text_alone);
    EXPECT_EQ(html_formulas(text_alone), text_alone);
  }
}

TEST(Formulas, AreNeverMarkupOfTheirOwn) {
  const std::string html = html_formulas("<b> $<script>alert('x') & \"y\"$ </b>");
  EXPECT_EQ(html.find("<b"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("&amp;"), std::string::npos);
  EXPECT_NE(html.find("&quot;"), std::string::npos);
  EXPECT_TRUE(is_closed(html));
}

TEST(Formulas, NeverFail) {
  const std::string deep(10'000, '(');
  for (const std::string& formula : {std::string(),
                                     std::string("("),
                                     std::string(")"),
                                     std::string("|"),
                                     std::string("||"),
                                     std::string("|(|)|"),
                                     std::string("a/"),
                                     std::string("/"),
                                     std::string("^"),
                                     std::string("x_"),
                                     std::string("x^-"),
                                     std::string("x^("),
                                     std::string("sqrt("),
                                     std::string("f(x"),
                                     std::string("[a}"),
                                     std::string("x^^2"),
                                     std::string("_i"),
                                     std::string("\xCE"),
                                     std::string("é"),
                                     deep,
                                     std::string(10'000, '|'),
                                     deep + "|x|"}) {
    EXPECT_TRUE(is_closed(mathml(formula))) << formula.substr(0, 20);
  }
}

TEST(Formulas, OfTheExperimentsAreWhole) {
  for (const Experiment& experiment : all_experiments()) {
    for (const std::string_view text : {experiment.claim, experiment.text}) {
      EXPECT_EQ(plain_formulas(text).find('$'), std::string::npos) << experiment.name;
      EXPECT_TRUE(is_closed(html_formulas(text))) << experiment.name;
    }
    EXPECT_EQ(std::string(experiment.title).find('$'), std::string::npos) << experiment.name;
  }
}

}  // namespace
}  // namespace wgan
