// Formulas within the texts of the laboratory: written between dollar signs as one types them,
// "$sqrt(1 + eta^2)$", shown as MathML in the report and as typed everywhere else.
//
// A formula knows numbers, letters, Greek letters by name, x^2, x_i, x_(i-1), x', D*, W1 (a number
// that follows a letter is an index), xhat, a/b, sqrt(x), f(x), |x|, (), [], {}, sum, integral,
// grad, infinity, E (the expectation) and <=, >=, !=, +-, ->, in and the usual operators. All other
// words are names of functions: log, sup, KL.
#pragma once

#include <string>
#include <string_view>

namespace wgan {

// The text for a terminal, a file or an attribute: "a factor $eta^2$" is "a factor eta^2". A dollar
// sign without a second one on the same line is text.
std::string plain_formulas(std::string_view text);

// The text as HTML, with its formulas as MathML and everything else escaped.
std::string html_formulas(std::string_view text);

// One formula, without dollar signs, as MathML: a <math> element for each side of a relation, since
// browsers break lines only between elements. Never fails: what is no formula is shown as it is.
std::string mathml(std::string_view formula);

}  // namespace wgan
