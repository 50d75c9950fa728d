// Signals to a program that trains: Ctrl-C and SIGTERM ask it to save and stop, and end it at once
// the second time; SIGUSR1 asks it to save.
#pragma once

namespace wgan {

void listen_to_signals();

// The signal that asked to stop; 0: none yet.
int stopping_signal();

// Whether a checkpoint was asked for since the last call.
bool take_save_request();

}  // namespace wgan
