//! What the worker needs of the rest of the gateway: policies, plugins, and the way on for documents.

use std::sync::Arc;

use portgate_core::delivery::{Outcome, Request, Response};
use portgate_core::document::{Document, Rejection};
use portgate_core::finding::Finding;
use portgate_core::policy::{Egress, PartnerPolicy};

use crate::BoxFuture;
use crate::queue::Onward;

/// Gives out what counts at this moment.
pub trait Connectors: Send + Sync {
    /// Policies and plugins as they are now. An attempt works to its end with what it began with.
    fn current(&self) -> Arc<dyn Moment>;
}

/// Policies and plugins of one moment.
pub trait Moment: Send + Sync {
    /// A partner's policy.
    fn partner(&self, name: &str) -> Option<&PartnerPolicy>;

    /// What a plugin's requests may address, by its policy.
    fn egress(&self, plugin: &str) -> Option<&Egress>;

    /// Has a plugin render documents as one message of a contract. `now` is RFC 3339.
    fn encode<'a>(
        &'a self,
        plugin: &'a str,
        documents: Vec<Document>,
        contract: &'a str,
        version: &'a str,
        now: String,
    ) -> BoxFuture<'a, Result<Result<Request, Rejection>, PluginError>>;

    /// Has a plugin read the answer to a request of its own.
    fn interpret<'a>(
        &'a self,
        plugin: &'a str,
        sent: Request,
        got: Response,
    ) -> BoxFuture<'a, Result<Result<Outcome, Rejection>, PluginError>>;

    /// Holds documents that a partner's answer has yielded against their canonical schemas, and finds out what is to be
    /// delivered of them.
    ///
    /// # Errors
    /// Everything that is wrong with the documents.
    fn onward(&self, from: &str, documents: &[Document]) -> Result<Vec<Onward>, Vec<Finding>>;
}

/// Why a plugin returned nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// There was no place for the call; later there may be one.
    #[error("plugin `{plugin}` is too busy")]
    Busy {
        /// The plugin's name.
        plugin: String,
    },
    /// The call ended otherwise than by returning, or there is no such plugin.
    #[error("plugin `{plugin}` failed: {detail}")]
    Failed {
        /// The plugin's name.
        plugin: String,
        /// What happened, without payload.
        detail: String,
    },
}
