//! Something between the gateway and its journal: it sees what is to be accepted, and can leave it out.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use portgate_store::{Acceptance, Accepted, Intake, JournalError};

/// A journal's intake behind a tap.
pub(crate) struct Tap {
    pub(crate) intake: Arc<dyn Intake>,
    /// Whether anything is kept. If not, everything else happens as it would.
    pub(crate) keeps: bool,
    /// The first that was to be accepted.
    pub(crate) first: OnceLock<Acceptance>,
}

impl Tap {
    pub(crate) fn new(intake: Arc<dyn Intake>, keeps: bool) -> Arc<Tap> {
        Arc::new(Tap { intake, keeps, first: OnceLock::new() })
    }
}

#[async_trait]
impl Intake for Tap {
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        if self.first.get().is_none() {
            let _ = self.first.set(acceptance.clone());
        }
        match self.keeps {
            true => self.intake.accept(acceptance).await,
            false => Ok(Accepted::Committed),
        }
    }

    async fn park(&self, acceptance: Acceptance) -> Result<Accepted, JournalError> {
        self.intake.park(acceptance).await
    }
}
