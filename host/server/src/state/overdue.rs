//! Whether changed files are taken up. They are not while their file system does not answer, and late while compiling takes
//! long; operators must hear of it, since nothing else shows it.

use std::sync::{Mutex, PoisonError};

use prometheus_client::metrics::gauge::Gauge;

/// Whether changed files are taken up, and why not.
#[derive(Default)]
pub(crate) struct Overdue {
    why: Mutex<Option<String>>,
    /// 1 while they are not.
    pub(super) gauge: Gauge,
}

impl Overdue {
    /// Why they are not, for whoever asks whether the gateway is ready.
    pub(crate) fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// They are not taken up, for this reason. Only the first call says so in the log.
    pub(crate) fn begin(&self, why: &str) {
        self.gauge.set(1);
        let mut known = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            tracing::error!(why, "changed files are not taken up; what was loaded last stays in use");
            *known = Some(why.to_owned());
        }
    }

    /// They are taken up again.
    pub(crate) fn end(&self) {
        self.gauge.set(0);
        if self.why.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            tracing::info!("changed files are taken up again");
        }
    }
}
