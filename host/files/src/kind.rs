//! The kinds of configured files: how large each may be, and how long it may take to read.

use std::fmt;
use std::time::Duration;

/// What a configured file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of the policy folder.
    Policy,
    /// A reference table (CSV).
    Table,
    /// A plugin's component.
    Component,
    /// Certificates (PEM).
    Certificates,
    /// A public or private key (PEM).
    Key,
    /// A secret of the secrets folder; the largest are key sets.
    Secret,
}

impl Kind {
    /// The most bytes that a file of this kind may have.
    pub const fn bytes_max(self) -> u64 {
        match self {
            // The routes of some thousand partners; all other policies are far smaller.
            Kind::Policy => 2 << 20,
            Kind::Table => 64 << 20,
            // No component that a person reviews is larger; a Python interpreter is about 40 MB.
            Kind::Component => 64 << 20,
            Kind::Certificates => 1 << 20,
            Kind::Key | Kind::Secret => 64 << 10,
        }
    }

    /// How long reading one may take. What is slower is on a file system that does not answer.
    pub const fn wait(self) -> Duration {
        match self {
            Kind::Table | Kind::Component => Duration::from_secs(20),
            Kind::Policy | Kind::Certificates | Kind::Key | Kind::Secret => Duration::from_secs(5),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Policy => "a policy",
            Kind::Table => "a table",
            Kind::Component => "a component",
            Kind::Certificates => "certificates",
            Kind::Key => "a key",
            Kind::Secret => "a secret",
        })
    }
}
