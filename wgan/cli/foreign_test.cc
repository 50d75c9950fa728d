// Every hint about a foreign name leads to a flag or a verb that is there.
#include "wgan/cli/foreign.h"

#include <map>
#include <regex>
#include <set>

#include "wgan/cli/program_test_support.h"
#include "wgan/core/options.h"

namespace wgan {
namespace {

using Names = std::vector<std::string>;

class ForeignNames : public ProgramTest {
 protected:
  // "data inspect" as {"data", "inspect"}.
  static Names words(const std::string& verb) { return split(verb, ' '); }

  // The flags of a verb, "--size"; no others of the same help are looked at.
  const std::set<std::string>& flags_of(const std::string& verb) {
    std::set<std::string>& flags = flags_[verb];
    if (!flags.empty()) return flags;
    const Outcome outcome = run(with(words(verb), {"--help"}));
    EXPECT_EQ(outcome.code, 0) << outcome.told();
    std::istringstream lines(outcome.out);
    const std::regex flag("^ +(?:-h,)?(--[a-z0-9-]+)");
    for (std::string line; std::getline(lines, line);) {
      std::smatch found;
      if (std::regex_search(line, found, flag)) flags.insert(found[1]);
    }
    EXPECT_TRUE(flags.contains("--help")) << verb;
    return flags;
  }

  // The verb that a part of a hint speaks of: "... wgan sample RUN --seeds 0" has sample.
  static std::string verb_of(const std::string& part, const std::string& in_hand) {
    static const std::regex kVerb("wgan (data inspect|data prepare|[a-z-]+)");
    std::smatch found;
    return std::regex_search(part, found, kVerb) ? found[1].str() : in_hand;
  }

  void expect_true(const std::string& hint, const std::string& verb) {
    for (const std::string& part : split(hint, ';')) {
      const std::string its = verb_of(part, verb);
      if (!its.empty()) flags_of(its);  // it is a verb
      const std::regex flag("--(no-)?[a-z0-9-]+");
      for (std::sregex_iterator at(part.begin(), part.end(), flag), end; at != end; ++at) {
        const std::string name = std::regex_replace(at->str(), std::regex("--no-"), "--");
        EXPECT_TRUE(flags_of(its).contains(name)) << hint << ": wgan " << its << " lacks " << name;
      }
    }
  }

 private:
  std::map<std::string, std::set<std::string>> flags_;
};

TEST_F(ForeignNames, AreToldFlagsAndVerbsThatAreThere) {
  for (const Foreign& row : kForeign) {
    for (const std::string& verb : split(std::string(row.verbs), '|')) {
      for (const std::string& name : split(std::string(row.names), ' ')) {
        const std::string hint = foreign_hint(verb, name);
        EXPECT_NE(hint, "") << verb << " " << name;
        if (verb.empty() || verb == "data") continue;
        for (const std::string& flag : flags_of(verb)) {
          std::string plain = flag;
          std::erase(plain, '-');
          EXPECT_NE(plain, name) << "is no foreign name to wgan " << verb;
        }
      }
      expect_true(foreign_hint(verb, row.names.substr(0, row.names.find(' '))), verb);
    }
  }
}

TEST_F(ForeignNames, AreKnownInEverySpelling) {
  for (const char* name : {"--batch-size", "--batch_size", "--batchSize", "--batchsize"}) {
    EXPECT_EQ(foreign_hint("train", name), "type --batch N") << name;
  }
  EXPECT_EQ(foreign_hint("describe", "--network"),
            "the run is an argument without a flag: wgan describe RUN");
  EXPECT_EQ(foreign_hint("doctor", "--batch-size"), "");
  EXPECT_EQ(foreign_hint("train", "--"), "");
}

}  // namespace
}  // namespace wgan
