//! What a command prints may go into a pipe whose reader has seen enough, such as `head`. Then the command ends, without a
//! word, as other programs do.

use std::panic;
use std::process::exit;

/// What a shell shows of a program that a closed pipe has ended: 128 and the number of the signal SIGPIPE.
const CLOSED_PIPE: i32 = 128 + 13;

/// Has the process end where it prints into a closed pipe. The standard library panics there, with these words.
pub(crate) fn ends_quietly() {
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|said| said.starts_with("failed printing to std") && said.contains("Broken pipe")) {
            exit(CLOSED_PIPE);
        }
        others(panic);
    }));
}
