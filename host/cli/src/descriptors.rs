//! How many files and connections the system lets the process have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Lets it have as many as the system ever would: each connection takes one, and the usual limit of 1,024 is below what
/// policies allow. Where the system does not let it, connections make room for each other earlier.
pub(crate) fn raise() {
    let raised =
        getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most));
    if let Err(error) = raised {
        tracing::warn!(%error, "the number of open files cannot be raised");
    }
}
