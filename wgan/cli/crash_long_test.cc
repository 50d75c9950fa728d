// The same with two hundred kills.
#include "wgan/cli/crash_test_support.h"

namespace wgan {
namespace {

TEST_F(CrashTest, TwoHundredKillsChangeNothing) { expect_same_after_kills(200, 2); }

}  // namespace
}  // namespace wgan
