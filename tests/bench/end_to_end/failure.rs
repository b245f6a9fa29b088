//! Why nothing was measured.

use std::process::ExitCode;

/// Why nothing was measured, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("missing: {}", .0.join("; "))]
    Missing(Vec<String>),
    #[error("{what} failed: {detail}")]
    Step { what: String, detail: String },
    #[error("the two do not do the same job: {0}")]
    Different(String),
    #[error("{peer} failed {failed} of {requests} requests; figures of failures mean nothing")]
    FailedRequests { peer: String, failed: u64, requests: u64 },
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Failure {
    pub(crate) fn step(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Failure::Step { what: what.into(), detail: detail.into() }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Missing(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
