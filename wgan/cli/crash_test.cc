// A run that is killed at random moments and resumed becomes the run that never was.
#include "wgan/cli/crash_test_support.h"

namespace wgan {
namespace {

TEST_F(CrashTest, TwentyKillsChangeNothing) { expect_same_after_kills(20, 1); }

}  // namespace
}  // namespace wgan
