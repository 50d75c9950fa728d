// What the handlers note, for the trainer to ask.
#include "wgan/cli/signals.h"

#include <csignal>
#include <utility>

namespace wgan {
namespace {

volatile std::sig_atomic_t stop_signal = 0;
volatile std::sig_atomic_t save_asked = 0;

void ask_to_stop(int signal) {
  stop_signal = signal;
  std::signal(signal, SIG_DFL);
}

void ask_to_save(int) { save_asked = 1; }

}  // namespace

void listen_to_signals() {
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGUSR1, ask_to_save);
}

int stopping_signal() { return stop_signal; }

bool take_save_request() { return std::exchange(save_asked, 0) != 0; }

}  // namespace wgan
