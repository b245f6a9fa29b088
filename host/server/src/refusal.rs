//! Every way in which a request can end without success, and the problem that each becomes.
//!
//! The matches in [`Refusal::kind`] and [`Refusal::problem`] have no catch-all: a new way to fail does not compile until
//! somebody has decided what the partner is told. What is only for the operator goes into the log as the refusal's text.

use std::borrow::Cow;

use portgate_core::contract::Violations;
use portgate_core::document::{Part, Reply};
use portgate_core::finding::Finding;
use portgate_http::auth::{AuthError, AuthFailure};
use portgate_http::body::ReadError;
use portgate_http::connection::FramingViolation;
use portgate_runtime::CallError;
use portgate_store::{Answer, JournalError};

use crate::problem::{Problem, kinds};
use crate::shed::Shed;

mod kind;

/// Why a request was not carried out. The text of each is for the operator's log, so nothing that came from the partner or
/// was chosen by a plugin stands in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("nothing is served at this path")]
    NotFound,
    #[error("only {allow} applies here")]
    MethodNotAllowed { allow: Cow<'static, str> },
    #[error("no contract has the name that was asked for")]
    ContractUnknown { contract: String },
    #[error("contract `{contract}` has no version of the name that was asked for")]
    VersionUnknown { contract: String, version: String, served: Vec<String> },
    #[error("contract `{contract}` version `{version}` ended on {since}")]
    VersionSunset { contract: String, version: String, since: jiff::civil::Date },
    #[error("all places for requests are taken")]
    GatewayBusy,
    #[error("there is no more for callers that are not proven: {}", .what.name())]
    StrangerShed { what: Shed },
    #[error("the body is larger than the {limit} bytes that can be tried with every secret that may have signed it")]
    SignerUnnamed { limit: u64 },
    #[error("not authenticated: {0}")]
    Authentication(#[from] AuthError),
    #[error("partner `{partner}` may not use `{contract}` version `{version}`")]
    NotPermitted { partner: String, contract: String, version: String },
    #[error("`{policy}` limit reached")]
    RateLimited { policy: &'static str, retry_after_seconds: u64 },
    #[error("all places for requests of partner `{partner}` are taken")]
    PartnerBusy { partner: String },
    #[error("the media type is not taken; {taken} is")]
    MediaType { got: String, taken: String },
    #[error("the content coding is not taken")]
    ContentCoding { coding: String },
    #[error("the header field `{name}`, which the contract declares, is not there once in visible ASCII")]
    FieldAmbiguous { name: String },
    #[error("the body could not be read: {0}")]
    Read(#[from] ReadError),
    #[error("the payload is malformed: {} findings", .0.findings.len())]
    Malformed(Violations),
    #[error("the payload breaks its contract: {} findings", .0.findings.len())]
    ContractViolated(Violations),
    #[error("the interchange is not as agreed: {} findings", .0.len())]
    NotAgreed(Vec<Finding>),
    #[error("plugin `{plugin}` rejects the payload: {} findings", .findings.len())]
    Rejected { plugin: String, findings: Vec<Finding>, omitted: u64, parts: Vec<Part>, reply: Option<Box<Reply>> },
    #[error("the interchange's control number belongs to another")]
    ControlNumberReused,
    #[error("the interchange is being worked on")]
    InterchangeInProgress,
    /// It is kept, and its sender is told of it in its own format.
    #[error("{refusal}")]
    Answered { refusal: Box<Refusal>, answer: Answer },
    #[error("other gateways have used every control number that the reply was written under")]
    NumbersTaken,
    #[error("a payload of {bytes} bytes was too much for one call of plugin `{plugin}` ({budget})")]
    PayloadTooMuch { plugin: String, bytes: u64, budget: String },
    #[error("plugin `{plugin}` failed: {}", error.without_its_words())]
    Plugin { plugin: String, error: CallError },
    #[error("plugin `{plugin}` is in quarantine for partner `{partner}`, and a forwarded message cannot be parked")]
    PluginQuarantined { plugin: String, partner: String, retry_after_seconds: u64 },
    #[error("plugin `{plugin}` made an invalid `{kind}`: {first}")]
    DocumentInvalid { plugin: String, kind: String, first: String },
    #[error("a forwarded message must yield one document, not {documents}")]
    NotOneDocument { documents: usize },
    #[error("the upstream failed: {detail}")]
    UpstreamFailed { detail: String },
    #[error("the upstream did not answer within {after_ms} ms")]
    UpstreamTooSlow { after_ms: u64 },
    #[error("contract `{contract}` asks for an Idempotency-Key")]
    IdempotencyKeyMissing { contract: String },
    #[error("the Idempotency-Key is no Structured Field String")]
    IdempotencyKeyMalformed,
    #[error("the Idempotency-Key is being worked on")]
    IdempotencyKeyInProgress,
    #[error("the Idempotency-Key belongs to another request")]
    IdempotencyKeyReused,
    #[error("the header field `{name}` is no id of a message")]
    MessageIdMalformed { name: String },
    #[error("the first message with this id is being worked on")]
    WebhookIdInProgress,
    #[error("the message's id belongs to another request")]
    WebhookIdReused,
    #[error("the body was signed before, for another contract or as another media type")]
    SignedBodyReused,
    #[error("a request with this id was taken, and its answer is not kept")]
    WebhookIdTaken,
    #[error("Portgate-Dry-Run is no boolean of structured fields")]
    DryRunMalformed,
    #[error("a dry run was signed without an id")]
    DryRunWithoutId,
    #[error("contract `{contract}` is forwarded, and has no upstream for tests")]
    NoTestDestination { contract: String },
    #[error("the business key belongs to exchange {exchange}, of another payload")]
    DuplicateSubmission { exchange: String },
    #[error("no exchange of the partner has this id")]
    ExchangeUnknown,
    #[error("no exchange has an id that an operator named")]
    ExchangesUnknown { ids: Vec<String> },
    #[error("no shipment is called what an operator asked for")]
    ShipmentUnknown { reference: String },
    /// No filing has this local reference number.
    #[error("no filing has the number {lrn}")]
    FilingUnknown { lrn: String },
    /// The filing is not what an operator looked at.
    #[error("the filing {lrn} is not what was looked at")]
    FilingOutdated { lrn: String },
    #[error("several shipments are called what an operator asked for")]
    ShipmentAmbiguous { reference: String },
    #[error("there is no exception of the id that an operator named")]
    ExceptionUnknown { id: String },
    #[error("an operator's act on an exception is not possible")]
    ActImpossible { why: String },
    #[error("nothing is reckoned of what the shipment costs")]
    CostsUnknown,
    #[error("no delivery has an id that an operator named")]
    DeliveriesUnknown { ids: Vec<String> },
    #[error("no plugin has the name that an operator asked for")]
    PluginUnknown { plugin: String },
    #[error("plugin `{plugin}` carries no bill of materials")]
    BomUnknown { plugin: String },
    #[error("no partner has the name that an operator asked for")]
    PartnerUnknown { partner: String },
    #[error("Last-Event-ID is no event's id")]
    EventUnknown,
    #[error("no operator has this key")]
    OperatorUnknown,
    #[error("the operator's policy does not give `{permission}`")]
    OperatorNotPermitted { permission: &'static str },
    #[error("the operator's request is not understood: {} findings", .findings.len())]
    OperatorRequestInvalid { findings: Vec<Finding> },
    #[error("no change with this digest waits")]
    ChangeUnknown,
    #[error("the payload was removed by the journal's retention")]
    PayloadRedacted,
    #[error("the exchange cannot be mapped again")]
    RerunImpossible { why: String },
    #[error("what was shown is not what would happen")]
    RerunOutdated,
    #[error("{delivered} delivered ones are meant, and others were confirmed")]
    ResendUnconfirmed { delivered: u64 },
    #[error("{0}")]
    Journal(#[from] JournalError),
    #[error("the request did not end within {after_ms} ms")]
    RequestTooSlow { after_ms: u64 },
    #[error("a bug: the request's task panicked")]
    Panicked,
}

/// How long a caller waits before it comes back, where nothing better is known.
const RETRY_SECONDS: &str = "1";
/// The same, where a lock or the like must go away.
const BLOCKED_RETRY_SECONDS: &str = "5";

impl Refusal {
    /// The problem that the partner is told.
    pub(crate) fn problem(&self) -> Problem {
        use http::header::{ACCEPT, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
        let kind = self.kind();
        match self {
            Refusal::NotFound => Problem::new(kind, "Nothing is served at this path."),
            Refusal::MethodNotAllowed { allow } => {
                Problem::new(kind, format!("Only {allow} applies here.")).with_header(ALLOW, allow)
            }
            Refusal::ContractUnknown { contract } => Problem::new(kind, format!("No contract is called `{contract}`.")),
            Refusal::VersionUnknown { contract, version, served } => Problem::new(
                kind,
                format!("Contract `{contract}` has no version `{version}`; served are: {}.", served.join(", ")),
            ),
            Refusal::VersionSunset { contract, version, since } => Problem::new(
                kind,
                format!("Contract `{contract}` version `{version}` was taken out of service on {since}."),
            ),
            Refusal::GatewayBusy => {
                Problem::new(kind, "All places for requests are taken.").with_header(RETRY_AFTER, RETRY_SECONDS)
            }
            Refusal::StrangerShed { .. } => Problem::new(
                kind,
                "There is no room for another caller that has yet to prove who it is; others from the same network may \
                 have taken it.",
            )
            .with_header(RETRY_AFTER, RETRY_SECONDS)
            .closing(),
            Refusal::SignerUnnamed { limit } => Problem::new(
                kind,
                format!(
                    "A signed payload may have at most {limit} bytes where the URL does not say who signed it; append \
                     `?from=` and the partner's name."
                ),
            )
            .closing(),
            Refusal::Authentication(error) => match error.kind() {
                AuthFailure::Unauthenticated => {
                    Problem::new(kind, error.public_detail()).with_header(WWW_AUTHENTICATE, error.www_authenticate())
                }
                AuthFailure::Unavailable => Problem::new(kind, error.public_detail()).with_header(RETRY_AFTER, "30"),
            },
            Refusal::NotPermitted { contract, version, .. } => {
                Problem::new(kind, format!("This partner may not use contract `{contract}` version `{version}`."))
            }
            Refusal::RateLimited { policy, retry_after_seconds } => {
                Problem::new(kind, format!("The limit `{policy}` is reached."))
                    .with_header(RETRY_AFTER, retry_after_seconds.to_string())
            }
            Refusal::PartnerBusy { .. } => Problem::new(kind, "All places for requests of this partner are taken.")
                .with_header(RETRY_AFTER, RETRY_SECONDS),
            Refusal::MediaType { got, taken } => {
                let detail = match got.as_str() {
                    "" => format!("Content-Type is missing; the contract takes {taken}."),
                    _ => format!("The contract does not take this Content-Type; it takes {taken}."),
                };
                Problem::new(kind, detail).with_header(ACCEPT, taken)
            }
            Refusal::ContentCoding { .. } => Problem::new(kind, "Payloads with a Content-Encoding are not taken.")
                .with_header(http::header::ACCEPT_ENCODING, "identity"),
            Refusal::FieldAmbiguous { name } => {
                Problem::new(kind, format!("The header field `{name}` may be there once, in visible ASCII.")).closing()
            }
            Refusal::Read(error) => Problem::new(kind, reading(error)).closing(),
            Refusal::Malformed(violations) => Problem::new(kind, "The payload cannot be read; see the findings.")
                .with_findings(violations.findings.clone(), violations.more),
            Refusal::ContractViolated(violations) => {
                let count = violations.findings.len() as u64 + violations.more;
                Problem::new(kind, format!("The payload breaks its contract in {count} places."))
                    .with_findings(violations.findings.clone(), violations.more)
            }
            Refusal::NotAgreed(findings) => {
                Problem::new(kind, "The interchange is not as it was agreed; see the findings.")
                    .with_findings(findings.clone(), 0)
            }
            Refusal::Rejected { findings, omitted, .. } => {
                Problem::new(kind, "The connector refuses the payload; see the findings.")
                    .with_findings(findings.clone(), *omitted)
            }
            Refusal::PayloadTooMuch { bytes, budget, .. } => Problem::new(
                kind,
                format!("The {bytes} bytes of the payload have used up {budget}; send it in several smaller messages."),
            ),
            Refusal::Plugin { error: CallError::Overloaded, .. } => {
                Problem::new(kind, "The connector for this contract has no place free.")
                    .with_header(RETRY_AFTER, RETRY_SECONDS)
            }
            // The partner learns by the type which limit it was, never what the plugin said.
            Refusal::Plugin { .. } => {
                Problem::new(kind, "The connector for this contract failed; the payload may be fine.")
            }
            Refusal::PluginQuarantined { retry_after_seconds, .. } => Problem::new(
                kind,
                "The connector for this contract has failed too often and is out of service for this partner.",
            )
            .with_header(RETRY_AFTER, retry_after_seconds.to_string()),
            Refusal::DocumentInvalid { kind: document, .. } => {
                Problem::new(kind, format!("The connector made a `{document}` document that breaks its schema."))
            }
            Refusal::NotOneDocument { documents } => Problem::new(
                kind,
                format!("A forwarded message must yield exactly one document; this one yields {documents}."),
            ),
            Refusal::UpstreamFailed { .. } => Problem::new(kind, "The internal system gave no usable answer."),
            Refusal::UpstreamTooSlow { after_ms } => {
                Problem::new(kind, format!("The internal system took longer than {after_ms} ms."))
            }
            Refusal::IdempotencyKeyMissing { contract } => {
                Problem::new(kind, format!("Messages of contract `{contract}` need an Idempotency-Key."))
            }
            Refusal::IdempotencyKeyMalformed => Problem::new(
                kind,
                "Idempotency-Key must be one string of 1 to 255 visible ASCII characters; with blanks, commas, semicolons or \
                 quotation marks in it, in quotation marks (RFC 9651).",
            ),
            Refusal::IdempotencyKeyInProgress => Problem::new(kind, "A request with this key is being worked on.")
                .with_header(RETRY_AFTER, RETRY_SECONDS),
            Refusal::IdempotencyKeyReused => Problem::new(kind, "Another request had this key."),
            Refusal::MessageIdMalformed { name } => Problem::new(
                kind,
                format!("The header field `{name}` must be there once, with 1 to 255 visible ASCII characters."),
            ),
            Refusal::WebhookIdInProgress => Problem::new(kind, "The first message with this id is being worked on.")
                .with_header(RETRY_AFTER, RETRY_SECONDS),
            Refusal::WebhookIdReused => Problem::new(kind, "Another request had this id."),
            Refusal::ControlNumberReused => Problem::new(
                kind,
                "An interchange with this control number came before, from the same sender for the same receiver, and was \
                 another.",
            ),
            Refusal::InterchangeInProgress => {
                Problem::new(kind, "The first interchange with this control number is being worked on.")
                    .with_header(RETRY_AFTER, RETRY_SECONDS)
            }
            Refusal::Answered { refusal, .. } => refusal.problem(),
            Refusal::NumbersTaken => {
                Problem::new(kind, "The acknowledgement could not be numbered.").with_header(RETRY_AFTER, RETRY_SECONDS)
            }
            Refusal::SignedBodyReused => Problem::new(
                kind,
                "This body, which is all that is signed, was sent before: to another contract or version, or as another media \
                 type.",
            ),
            Refusal::WebhookIdTaken => {
                Problem::new(kind, "A request with this id was taken, and its answer is not kept.")
            }
            Refusal::DryRunMalformed => Problem::new(kind, "Portgate-Dry-Run must be `?1` or `?0`, once."),
            Refusal::DryRunWithoutId => Problem::new(
                kind,
                "This signature covers no id, so that whoever sees the dry run could send it as the real thing.",
            ),
            Refusal::NoTestDestination { contract } => Problem::new(
                kind,
                format!("Messages of contract `{contract}` go to an internal system, and there is none for tests."),
            ),
            Refusal::DuplicateSubmission { exchange } => Problem::new(
                kind,
                format!("This was submitted before, with another payload, as /v1/exchanges/{exchange}."),
            )
            .with_header(http::header::LOCATION, format!("/v1/exchanges/{exchange}")),
            Refusal::ExchangeUnknown => Problem::new(kind, "There is no such exchange."),
            Refusal::ExchangesUnknown { ids } => Problem::new(kind, format!("There is no exchange {}.", named(ids))),
            Refusal::FilingUnknown { lrn } => {
                Problem::new(kind, format!("There is no filing {}.", named(std::slice::from_ref(lrn))))
            }
            Refusal::FilingOutdated { lrn } => {
                Problem::new(kind, format!("The filing {} has changed.", named(std::slice::from_ref(lrn))))
            }
            Refusal::ShipmentUnknown { reference } => {
                Problem::new(kind, format!("There is no shipment {}.", named(std::slice::from_ref(reference))))
            }
            Refusal::ShipmentAmbiguous { reference } => {
                let name = named(std::slice::from_ref(reference));
                Problem::new(kind, format!("Several shipments have documents that carry the name {name}."))
            }
            Refusal::ExceptionUnknown { id } => {
                Problem::new(kind, format!("There is no exception {}.", named(std::slice::from_ref(id))))
            }
            Refusal::ActImpossible { why } => Problem::new(kind, why.clone()),
            Refusal::CostsUnknown => Problem::new(kind, "Nothing is reckoned of what the shipment's goods cost."),
            Refusal::DeliveriesUnknown { ids } => Problem::new(kind, format!("There is no delivery {}.", named(ids))),
            Refusal::PluginUnknown { plugin } => Problem::new(kind, format!("There is no plugin `{plugin}`.")),
            Refusal::BomUnknown { plugin } => {
                Problem::new(kind, format!("The component of plugin `{plugin}` carries no bill of materials."))
            }
            Refusal::PartnerUnknown { partner } => Problem::new(kind, format!("There is no partner `{partner}`.")),
            Refusal::EventUnknown => Problem::new(kind, "Last-Event-ID is none that was given out here."),
            Refusal::OperatorUnknown => Problem::new(kind, "`Authorization: Bearer` must carry an operator's key.")
                .with_header(WWW_AUTHENTICATE, "Bearer realm=\"operators\""),
            Refusal::OperatorNotPermitted { permission } => Problem::new(
                kind,
                format!("This needs the permission `{permission}`, which this operator's policy does not give."),
            ),
            Refusal::OperatorRequestInvalid { findings } => {
                Problem::new(kind, "The request is not understood; see the findings.")
                    .with_findings(findings.clone(), 0)
            }
            Refusal::ChangeUnknown => Problem::new(kind, "No change with this digest waits."),
            Refusal::PayloadRedacted => Problem::new(kind, "The journal's retention has removed this payload."),
            Refusal::RerunImpossible { why } => Problem::new(kind, why.clone()),
            Refusal::RerunOutdated => Problem::new(kind, "Something is not as it was when the difference was shown."),
            Refusal::ResendUnconfirmed { delivered } => Problem::new(
                kind,
                format!("{delivered} of those that are meant are delivered, and others were confirmed."),
            ),
            Refusal::Journal(error) => journal(error, |detail| Problem::new(kind, detail)),
            Refusal::RequestTooSlow { after_ms } => {
                Problem::new(kind, format!("The request took longer than {after_ms} ms."))
                    .with_header(RETRY_AFTER, RETRY_SECONDS)
            }
            Refusal::Panicked => Problem::new(kind, "Something in the gateway failed."),
        }
    }

    /// Whether it is the message that was refused, by its contract, by its plugin or by what else is known of it, so that it
    /// is kept for its partner and an operator to look at. Not where its sender only has to come again, nor where it may
    /// have been accepted after all, nor where the journal takes nothing.
    pub(crate) fn is_of_the_message(&self) -> bool {
        match self {
            Refusal::NotPermitted { .. }
            | Refusal::MediaType { .. }
            | Refusal::ContentCoding { .. }
            | Refusal::FieldAmbiguous { .. }
            | Refusal::Read(ReadError::TooLarge { .. })
            | Refusal::Malformed(_)
            | Refusal::ContractViolated(_)
            | Refusal::NotAgreed(_)
            | Refusal::Rejected { .. }
            | Refusal::PayloadTooMuch { .. }
            | Refusal::DocumentInvalid { .. }
            | Refusal::IdempotencyKeyMissing { .. }
            | Refusal::IdempotencyKeyMalformed
            | Refusal::IdempotencyKeyReused
            | Refusal::MessageIdMalformed { .. }
            | Refusal::WebhookIdReused
            | Refusal::SignedBodyReused
            | Refusal::ControlNumberReused
            | Refusal::DuplicateSubmission { .. } => true,
            Refusal::Plugin { error, .. } => !matches!(error, CallError::Overloaded),
            Refusal::Answered { refusal, .. } => refusal.is_of_the_message(),
            Refusal::NotFound
            | Refusal::MethodNotAllowed { .. }
            | Refusal::ContractUnknown { .. }
            | Refusal::VersionUnknown { .. }
            | Refusal::VersionSunset { .. }
            | Refusal::GatewayBusy
            | Refusal::StrangerShed { .. }
            | Refusal::SignerUnnamed { .. }
            | Refusal::Authentication(_)
            | Refusal::RateLimited { .. }
            | Refusal::PartnerBusy { .. }
            | Refusal::Read(
                ReadError::TooSlow { .. }
                | ReadError::DeadlinePassed { .. }
                | ReadError::Disconnected
                | ReadError::Malformed,
            )
            | Refusal::PluginQuarantined { .. }
            | Refusal::NotOneDocument { .. }
            | Refusal::UpstreamFailed { .. }
            | Refusal::UpstreamTooSlow { .. }
            | Refusal::IdempotencyKeyInProgress
            | Refusal::WebhookIdInProgress
            | Refusal::InterchangeInProgress
            | Refusal::NumbersTaken
            | Refusal::WebhookIdTaken
            | Refusal::ExchangeUnknown
            | Refusal::ExchangesUnknown { .. }
            | Refusal::DeliveriesUnknown { .. }
            | Refusal::ExceptionUnknown { .. }
            | Refusal::ActImpossible { .. }
            | Refusal::ShipmentUnknown { .. }
            | Refusal::FilingUnknown { .. }
            | Refusal::FilingOutdated { .. }
            | Refusal::ShipmentAmbiguous { .. }
            | Refusal::CostsUnknown
            | Refusal::PluginUnknown { .. }
            | Refusal::BomUnknown { .. }
            | Refusal::PartnerUnknown { .. }
            | Refusal::DryRunMalformed
            | Refusal::DryRunWithoutId
            | Refusal::NoTestDestination { .. }
            | Refusal::EventUnknown
            | Refusal::OperatorUnknown
            | Refusal::OperatorNotPermitted { .. }
            | Refusal::OperatorRequestInvalid { .. }
            | Refusal::ChangeUnknown
            | Refusal::PayloadRedacted
            | Refusal::RerunImpossible { .. }
            | Refusal::RerunOutdated
            | Refusal::ResendUnconfirmed { .. }
            | Refusal::Journal(_)
            | Refusal::RequestTooSlow { .. }
            | Refusal::Panicked => false,
        }
    }
}

/// Identifiers that there are not: all of a few, and how many more.
fn named(ids: &[String]) -> String {
    const TOLD: usize = 10;
    const CHARACTERS: usize = 128;
    let cut = |id: &String| match id.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("`{}…`", &id[..end]),
        None => format!("`{id}`"),
    };
    let told: Vec<String> = ids.iter().take(TOLD).map(cut).collect();
    match ids.len().saturating_sub(TOLD) {
        0 => told.join(", nor "),
        more => format!("{}, nor {more} others of those that were named", told.join(", nor ")),
    }
}

/// A body that could not be read. What follows it on an HTTP/1 connection cannot be trusted, so that is closed.
fn reading(error: &ReadError) -> String {
    match error {
        ReadError::TooLarge { limit } => format!("The payload may have at most {limit} bytes."),
        ReadError::TooSlow { rate_bytes_per_second_min } => {
            format!("The payload came more slowly than {rate_bytes_per_second_min} bytes per second.")
        }
        ReadError::DeadlinePassed { deadline } => {
            format!("The payload did not end within {} ms.", deadline.as_millis())
        }
        ReadError::Disconnected => "The payload broke off.".to_owned(),
        ReadError::Malformed => "The payload's framing is invalid.".to_owned(),
    }
}

/// A journal that does not take anything now. The partner learns whether it may have been kept and when to come back, never
/// where or how.
fn journal(error: &JournalError, told: impl FnOnce(&'static str) -> Problem) -> Problem {
    const NOTHING: &str = "Nothing of this request was kept.";
    const UNKNOWN: &str =
        "Whether this request was kept is not known; repeat it with the same Idempotency-Key or webhook-id.";
    let retry_after = http::header::RETRY_AFTER;
    match error {
        JournalError::Full | JournalError::Poisoned(_) => told(NOTHING).with_header(retry_after, "30"),
        JournalError::Blocked(_) => told(NOTHING).with_header(retry_after, BLOCKED_RETRY_SECONDS),
        JournalError::Unreachable(_) => told(UNKNOWN).with_header(retry_after, "30"),
        JournalError::LeaseLost | JournalError::Unreadable(_) | JournalError::Refused(_) => told("The journal failed."),
    }
}

/// The problem for a request whose framing breaks a rule of HTTP.
pub(crate) fn framing_problem(violation: &FramingViolation) -> Problem {
    let kind = match violation {
        FramingViolation::HeadTooLarge => &kinds::HEAD_TOO_LARGE,
        FramingViolation::TargetTooLong => &kinds::TARGET_TOO_LONG,
        FramingViolation::HeadTooSlow => &kinds::HEAD_TOO_SLOW,
        FramingViolation::MethodNotServed => &kinds::METHOD_NOT_SERVED,
        FramingViolation::ExpectationUnknown => &kinds::EXPECTATION_FAILED,
        FramingViolation::HeadMalformed
        | FramingViolation::LineEnd
        | FramingViolation::HostMissing
        | FramingViolation::HostRepeated
        | FramingViolation::HostInvalid
        | FramingViolation::HostMismatch
        | FramingViolation::AuthorityMissing
        | FramingViolation::SchemeInvalid
        | FramingViolation::TargetInvalid
        | FramingViolation::LengthInvalid
        | FramingViolation::TransferCoding
        | FramingViolation::LengthAndCoding
        | FramingViolation::ChunkInvalid
        | FramingViolation::TrailerMalformed
        | FramingViolation::TrailerForbidden
        | FramingViolation::TrailersTooLarge
        | FramingViolation::FieldRepeated { .. }
        | FramingViolation::FieldLookalike
        | FramingViolation::BodyUnexpected => &kinds::MALFORMED_REQUEST,
    };
    Problem::new(kind, format!("The request breaks a rule of HTTP: {violation}.")).closing()
}
