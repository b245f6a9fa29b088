//! What delivering stands on: the journal, policies and plugins, secrets, names, time and chance.

use std::sync::Arc;

use portgate_store::Deliveries;

use crate::channel::Surroundings;
use crate::clock::Clock;
use crate::connectors::Connectors;
use crate::resolve::Resolver;
use crate::schedule::Random;
use crate::secret::SecretSource;

/// What the deliverer stands on.
#[derive(Clone)]
pub struct Settings {
    /// The journal.
    pub queue: Arc<dyn Deliveries>,
    /// What this deliverer calls itself in the journal, for people to read.
    pub worker: String,
    /// Policies and plugins.
    pub connectors: Arc<dyn Connectors>,
    /// Where secrets are looked up.
    pub secrets: Arc<dyn SecretSource>,
    /// Looks names up.
    pub resolver: Arc<dyn Resolver>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws waits.
    pub random: Arc<dyn Random>,
}

impl Settings {
    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings {
            secrets: Arc::clone(&self.secrets),
            resolver: Arc::clone(&self.resolver),
            clock: Arc::clone(&self.clock),
        }
    }
}
