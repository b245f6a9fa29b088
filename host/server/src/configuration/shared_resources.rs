//! What outlives every configuration.

use std::sync::Arc;

use portgate_core::document_schemas::DocumentSchemas;
use portgate_http::auth::KeySets;
use portgate_runtime::Engine;

use crate::throttle::Rates;

/// What one configuration hands on to the next.
pub(crate) struct SharedResources {
    pub(crate) engine: Engine,
    pub(crate) key_sets: Arc<KeySets>,
    pub(crate) documents: Arc<DocumentSchemas>,
    pub(crate) rates: Rates,
}
