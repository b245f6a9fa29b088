//! Why nothing was measured.

use std::process::ExitCode;

/// Why nothing was measured, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Programs that are not installed, and how to install them.
    #[error("missing: {}", .0.join("; "))]
    Missing(Vec<String>),
    /// Something that had to be done first.
    #[error("{what} failed: {detail}")]
    Step {
        /// What.
        what: String,
        /// What it said.
        detail: String,
    },
    /// What is compared is not comparable.
    #[error("the two do not do the same job: {0}")]
    Different(String),
    /// A single request that failed.
    #[error("{server} failed {failed} of {requests} requests; figures of failures mean nothing")]
    FailedRequests {
        /// Of whom.
        server: String,
        /// How many.
        failed: u64,
        /// Of how many.
        requests: u64,
    },
    /// A file or a process.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Failure {
    /// A [`Failure::Step`].
    pub fn step(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Failure::Step { what: what.into(), detail: detail.into() }
    }

    /// 2 where a program is missing, else 1.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Missing(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
