//! What the process gives up before it takes anything from outside: it can gain no privileges any more, leaves no core dump
//! with secrets in it, lets no other process of its user look into it, and is not root where a user is named.
//!
//! What it cannot give up is what it works with: its listeners, its folders and the network to its partners.

use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{User, geteuid, setgid, setgroups, setuid};

/// Why the process does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Kept {
    #[error("--user `{0}`: this system has no such user")]
    NoUser(String),
    #[error("--user `{name}`: only root can become another user ({error})")]
    NotRoot { name: String, error: nix::Error },
    #[error("privileges cannot be given up: {0}")]
    System(#[from] nix::Error),
}

/// Gives up what is not needed. Must be called while the process has one thread: some of it counts for that thread and
/// those that it starts. Says whether it is root afterwards.
pub(crate) fn give_up(user: Option<&str>) -> Result<bool, Kept> {
    if let Some(name) = user {
        let user = User::from_name(name)?.ok_or_else(|| Kept::NoUser(name.to_owned()))?;
        let not_root = |error| Kept::NotRoot { name: name.to_owned(), error };
        // The groups go first: without root nothing can be given up any more.
        setgroups(&[user.gid]).and_then(|()| setgid(user.gid)).and_then(|()| setuid(user.uid)).map_err(not_root)?;
    }
    prctl::set_no_new_privs()?;
    Ok(geteuid().is_root())
}

/// Closes the process's memory to everybody else: no core dump, no debugger of the same user. Called when the engine has
/// started, which opens a file about its own memory that would be root's from then on.
pub(crate) fn close_memory() -> Result<(), Kept> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    // The limit alone does not bind where the system pipes dumps into a program.
    Ok(prctl::set_dumpable(false)?)
}
