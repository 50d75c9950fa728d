// gnuplot as a process, and text and numbers as it reads them.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace wgan {

// "gnuplot 5.4 patchlevel 4"; empty where there is none.
std::string gnuplot_version();

// Throws Error(kUsage) where there is no gnuplot.
void want_gnuplot();

// Runs the commands. folder: of their own, for a file of them. Throws Error(kUsage) where there is
// no gnuplot, Error(kInternal) with its message where it fails at `what`.
void run_gnuplot(const std::string& what, const std::string& commands,
                 const std::filesystem::path& folder);

// Text that gnuplot takes as it is: in single quotes only they themselves are special. Control
// characters become blanks.
std::string literal(std::string_view text);

// The same in lines of about `width` characters: an expression.
std::string literal_lines(std::string_view text, size_t width);

// Appends "a b c" as a line of a data block, or, where one of them is not finite, an empty line,
// which breaks a line.
void add_row(std::string& block, std::initializer_list<double> values);

// A distance of about a quarter of the range, for tics that do not crowd: 1, 2 or 5 times a power
// of ten.
double tic_distance(double low, double high);

}  // namespace wgan
