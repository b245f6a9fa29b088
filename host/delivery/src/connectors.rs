//! What the worker needs of the rest of the gateway: policies, plugins, and the way on for documents.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::agreement::ControlNumbers;
use portgate_core::audit::Entry;
use portgate_core::codes::AwaitedCodes;
use portgate_core::delivery::{Outcome, Request, Response};
use portgate_core::document::{Document, Rejection};
use portgate_core::finding::Finding;
use portgate_core::policy::{DeliveryPolicy, Egress, Method};
use portgate_store::{Acceptance, Batching, ClaimedDelivery, JournalError, NewDelivery, NewEvent, Numbering, Settled};

use crate::breaker::SendLimit;

/// Gives out the policies and plugins that are current.
#[async_trait]
pub trait Connectors: Send + Sync {
    /// Policies and plugins as they are now. An attempt works to its end with what it began with.
    fn current(&self) -> Arc<dyn Snapshot>;

    /// Is told of every attempt, for counting.
    fn attempted(&self, attempt: &Attempted<'_>);

    /// Takes entries of the audit log that no settlement took along.
    async fn note(&self, entries: Vec<Entry>);
}

/// An attempt that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Attempted<'a> {
    /// The partner that it went to.
    pub destination: &'a str,
    /// How it ended.
    pub settled: &'a Settled,
    /// How long it took, from rendering to reading the answer.
    pub took: Duration,
    /// Whether the partner's breaker is open now.
    pub breaker_is_open: bool,
    /// The plugin's request, where its policy permitted it.
    pub sent: Option<Sent<'a>>,
}

/// A request of a plugin that its policy permitted, in the words of the policy.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The plugin.
    pub plugin: &'a str,
    /// The method.
    pub method: Method,
    /// The partner's base URL.
    pub base_url: &'a str,
    /// The pattern of paths that the request fits.
    pub pattern: &'a str,
    /// The query parameters that it carries.
    pub query: &'a [String],
}

/// One destination as the policies have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationPolicy {
    /// How it is reached.
    pub delivery: DeliveryPolicy,
    /// Who renders what is sent there, and reads the answers.
    pub responder: Responder,
}

/// Who renders what is sent to a destination, and reads its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Responder {
    /// The plugin that the delivery's policy names; its requests may address this.
    Plugin(Option<Egress>),
    /// The gateway itself: the destination is a webhook.
    Webhook,
}

/// Policies and plugins as they are at one time.
#[async_trait]
pub trait Snapshot: Send + Sync {
    /// A destination's policy; nothing where there is no such destination.
    fn destination(&self, name: &str) -> Option<&DestinationPolicy>;

    /// What may be begun for a destination now, as far as its plugin is concerned.
    fn send_limit(&self, destination: &str, now: Timestamp) -> SendLimit;

    /// How many bytes of an answer's body are kept for operators to see; with 0 nothing of an answer is.
    fn answer_bytes(&self) -> u64;

    /// The control numbers that one message with so many sets is written under, and the turn to use them; nothing where
    /// nothing was agreed on such messages.
    async fn numbers(
        &self,
        destination: &str,
        contract: &str,
        version: &str,
        messages: u32,
    ) -> Result<Option<Numbers>, JournalError>;

    /// How what goes to a destination may go together.
    fn batching(&self, destination: &str) -> Vec<Batching>;

    /// By when a partner is to acknowledge a message that it takes now; nothing where that was not agreed.
    fn acknowledge_by(&self, delivery: &ClaimedDelivery, now: Timestamp) -> Option<Timestamp>;

    /// Has a plugin render documents as one message of a contract.
    async fn encode(&self, rendering: Rendering<'_>) -> Result<Result<Request, Rejection>, PluginError>;

    /// Has a destination's plugin read the answer to a request of its own. The answer is there now and not later, so the
    /// plugin reads it even where it would not be called otherwise.
    async fn interpret(
        &self,
        destination: &str,
        plugin: &str,
        sent: Request,
        got: Response,
    ) -> Result<Result<Outcome, Rejection>, PluginError>;

    /// Holds documents that a partner's answer has yielded against their canonical schemas, and makes the exchange of
    /// them that is kept with the settlement, with the deliveries that follow.
    ///
    /// # Errors
    /// Everything that is wrong with the documents; never empty. Or the journal did not say what they acknowledge.
    async fn accept(&self, yielded: Yielded<'_>) -> Result<Result<Acceptance, Vec<Finding>>, JournalError>;

    /// What is told of a delivery whose attempt has ended so, and the deliveries that tell it.
    fn events(
        &self,
        delivery: &ClaimedDelivery,
        settled: &Settled,
        now: Timestamp,
    ) -> (Vec<NewEvent>, Vec<NewDelivery>);
}

/// What is to be rendered, for whom and by whom.
pub struct Rendering<'a> {
    /// The partner that it goes to.
    pub destination: &'a str,
    /// Its plugin.
    pub plugin: &'a str,
    /// The documents.
    pub documents: Vec<Document>,
    /// The contract that they are rendered as.
    pub contract: &'a str,
    /// The contract's version.
    pub version: &'a str,
    /// The time, in RFC 3339.
    pub now: String,
    /// The control numbers that they are rendered under, where there is an agreement.
    pub control_numbers: Option<ControlNumbers>,
    /// Whether the request may be sent as it is; a plugin that asks for what it may not have has misbehaved.
    pub permits: &'a (dyn Fn(&Request) -> Result<(), String> + Send + Sync),
}

/// Control numbers, and the turn to use them.
pub struct Numbers {
    /// What is taken with the rendering.
    pub numbering: Numbering,
    /// Keeps others of this process from working with the same numbers in vain, until it is dropped.
    pub turn: Box<dyn Send + Sync>,
}

/// What a partner's answer has yielded.
#[derive(Clone, Copy, Debug)]
pub struct Yielded<'a> {
    /// The delivery that was answered; the origin of the exchange.
    pub delivery: &'a ClaimedDelivery,
    /// The plugin that read the answer.
    pub plugin: &'a str,
    /// The answer: the exchange's payload.
    pub answer: &'a Response,
    /// The documents; at least one.
    pub documents: &'a [Document],
    /// What the plugin noticed.
    pub findings: &'a [Finding],
    /// The time.
    pub now: Timestamp,
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
    /// The policy names a plugin that is not loaded, because its component was refused or is not there yet.
    #[error("plugin `{plugin}` is not loaded")]
    Missing {
        /// The plugin's name.
        plugin: String,
    },
    /// The call ended otherwise than by returning.
    #[error("plugin `{plugin}` failed: {detail}")]
    Failed {
        /// The plugin's name.
        plugin: String,
        /// What happened, without payload.
        detail: String,
    },
    /// It returned a request that may not be sent.
    #[error("the request of plugin `{plugin}` is refused: {detail}")]
    Denied {
        /// The plugin's name.
        plugin: String,
        /// What about it.
        detail: String,
    },
    /// It cannot render the documents before codes are there that policy has it wait for.
    #[error("plugin `{plugin}` waits for {} codes that nobody has written down", awaits.codes.len())]
    AwaitsCodes {
        /// The plugin's name.
        plugin: String,
        /// The codes.
        awaits: AwaitedCodes,
        /// What it says of them.
        findings: Vec<Finding>,
    },
    /// It was not called, because it is in quarantine for the destination.
    #[error("plugin `{plugin}` is in quarantine for this destination")]
    Withheld {
        /// The plugin's name.
        plugin: String,
    },
    /// It failed, and it is in quarantine for the destination: another call may do better when it comes out.
    #[error("plugin `{plugin}` failed and is in quarantine for this destination: {detail}")]
    Quarantined {
        /// The plugin's name.
        plugin: String,
        /// What happened, without payload.
        detail: String,
    },
}
