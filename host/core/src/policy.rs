//! Policies: who may call, what each plugin may do, and what no policy may exceed.
//!
//! These structs are the one truth about the files of `policies/`: the JSON Schemas for editors are generated from
//! them, `load` checks files with those schemas, and nothing reads a file in another way.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod agreement;
mod approval;
mod audit;
mod called;
mod check;
mod compilation;
mod costs;
mod deliver;
mod delivery;
mod egress;
mod exceptions;
mod files;
mod filings;
mod journal;
mod load;
mod locate;
mod nats;
mod operator;
mod quarantine;
pub mod schemas;
mod secret_name;
mod shipment_reader;
mod shipments;
mod signature;
mod signer;
mod status;
mod strangers;
mod under_ceiling;
mod unread;
mod webhook;

pub use crate::field_pattern::FieldPattern;
pub use crate::mistake::{Mistake, Source};
pub use agreement::{AgreementDirection, AgreementPolicy, Batching, CodesPolicy, Duplicates};
pub use approval::{Approval, PERSONS};
pub use audit::Audit;
pub use check::check_manifests;
pub(crate) use check::{limits, needs};
pub use compilation::Compilation;
pub use costs::{Accruals, CostClass, Costs, Exchange, Firmness, Jurisdiction, SpreadBy, Valued};
pub use deliver::Deliver;
pub use delivery::{Breaker, Credential, DeliveryLimits, DeliveryPolicy, KEPT_HEADERS, RESPONSE_HEADERS, Retry};
pub use egress::{BaseUrl, BaseUrlPattern, Egress, EgressCeiling, Method, PathPattern};
pub use exceptions::{CorrectionRoute, ExceptionRoute, Exceptions, Team};
pub use files::Policies;
pub use filings::{FilingBlocks, FilingContract, FilingPolicy, FilingTell, Filings};
pub use journal::{Database, Journal};
pub use load::{load, load_what_can_be};
pub use locate::locate;
pub use nats::Nats;
pub use operator::{OperatorPolicy, Permission};
pub use quarantine::Quarantine;
pub use shipment_reader::ShipmentReader;
pub use shipments::{Enrichment, Owner, RulePack, ShipmentReferences, Shipments};
pub use signature::{
    OnceBy, SecretForm, SignatureAlgorithm, SignatureEncoding, SignatureForm, SignatureScheme, SignedPart,
    TimestampForm,
};
pub use signer::{Rollback, SignerPolicy};
pub use status::Status;
pub use strangers::Strangers;
pub(crate) use under_ceiling::{Beyond, allows, fields_in_excess};
pub use unread::Unread;
pub use webhook::{Webhook, WebhookLimits};

/// `gateway.toml`: the process itself. Everything but a limit has a default; a missing limit is a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Where partners and operators connect.
    pub listen: Listen,
    /// TLS on the partner listener; without it partners speak plain HTTP, which only loopback should see.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// How long each step may take.
    pub deadlines: Deadlines,
    /// How much of each thing there may be.
    pub caps: Caps,
    /// What may be spent on callers who have not proven who they are.
    #[serde(default)]
    pub strangers: Strangers,
    /// What compiling one plugin may take.
    pub compilation: Compilation,
    /// Where files are found; relative paths start at the policy folder.
    pub paths: Paths,
    /// Reference tables by name.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,
    /// Where exchanges and deliveries are kept, and for how long.
    #[serde(default)]
    pub journal: Journal,
    /// The message broker that is told of every event; none where it is not given.
    #[serde(default)]
    pub nats: Option<Nats>,
    /// Who signs the audit log.
    #[serde(default)]
    pub audit: Audit,
    /// From when on operators are told that something is not well.
    #[serde(default)]
    pub status: Status,
}

/// The addresses of the two listeners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// The partner API, such as `127.0.0.1:8080`.
    #[schemars(with = "String", extend("format" = "socket-address"))]
    pub partner: std::net::SocketAddr,
    /// The operator API: health, metrics, and what operators do. Never reachable by partners.
    #[schemars(with = "String", extend("format" = "socket-address"))]
    pub operator: std::net::SocketAddr,
}

/// TLS 1.2 and 1.3 on the partner listener. The files are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the certificate chain.
    pub certificate: String,
    /// PEM file with the private key.
    pub key: String,
    /// PEM file with the authorities that may issue client certificates (mTLS).
    #[serde(default)]
    pub client_ca: Option<String>,
}

/// Deadlines of one connection and one request, in milliseconds unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// From the accepted connection (or the last answer) to the first byte of a request.
    #[schemars(range(min = 1))]
    pub first_byte_ms: u64,
    /// From the first byte to the end of the head; also the TLS handshake.
    #[schemars(range(min = 1))]
    pub head_ms: u64,
    /// From the end of the head to the end of the body.
    #[schemars(range(min = 1))]
    pub body_ms: u64,
    /// A body slower than this, measured each second, is cut off.
    #[schemars(range(min = 1))]
    pub body_rate_bytes_per_second_min: u64,
    /// For the whole request, body included, until the answer's head is sent.
    #[schemars(range(min = 1))]
    pub request_ms: u64,
    /// For a forward route's upstream to answer in full.
    #[schemars(range(min = 1))]
    pub upstream_ms: u64,
    /// How long requests in flight may go on after a signal to stop.
    #[schemars(range(min = 1))]
    pub shutdown_ms: u64,
}

/// Caps of the whole process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// Open partner connections; at the limit one over which nobody was proven makes room for the next.
    #[schemars(range(min = 1))]
    pub connections_max: u32,
    /// Requests of proven callers being worked on; more are shed with 503.
    #[schemars(range(min = 1))]
    pub requests_in_flight_max: u32,
    /// A request's head, in bytes.
    #[schemars(range(min = 1))]
    pub head_bytes_max: u32,
    /// Header fields of a request.
    #[schemars(range(min = 1))]
    pub headers_max: u32,
    /// Any request body, in bytes; a contract may say less.
    #[schemars(range(min = 1))]
    pub body_bytes_max: u64,
    /// Concurrent HTTP/2 streams of one connection.
    #[schemars(range(min = 1))]
    pub streams_per_connection_max: u32,
    /// Nesting of a JSON payload.
    #[schemars(range(min = 1, max = 100))]
    pub json_depth_max: u32,
    /// Findings listed in one problem; the rest is counted.
    #[schemars(range(min = 1))]
    pub findings_max: u32,
}

/// Where files are found; relative paths start at the policy folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// The folder of component files.
    pub plugins: String,
    /// The folder of secrets that policies name with `file:`. It and they must be for the gateway's user alone.
    pub secrets: String,
    /// Whether an orchestrator mounts the secrets and the TLS key: then they may be root's, and readable by one group that
    /// the gateway is in.
    #[serde(default)]
    pub secrets_mounted: bool,
    /// The folder of compiled artefacts, private to the gateway.
    pub cache: String,
}

/// One reference table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// A CSV file with the columns `key,value` and optionally `from,to` (dates; from inclusive, to exclusive), or a file of
    /// published lists to be searched by name (JSON Lines, as `portgate lists import` writes them).
    pub file: String,
}

/// `ceiling.toml`: what no plugin's policy may exceed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Whether a signed plugin may come again under the same version with other content. For development alone, where
    /// versions are not counted up with every build; the gateway warns of it.
    #[serde(default)]
    pub rebuilds: bool,
    /// Who must agree to what widens anything.
    #[serde(default)]
    pub approval: Approval,
    /// The largest budgets.
    pub limits: Limits,
    /// The widest grants.
    pub grants: Grants,
    /// The widest egress; none where it is not given.
    #[serde(default)]
    pub egress: Option<EgressCeiling>,
}

/// `plugins/<name>.toml`: what one plugin may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginPolicy {
    /// The component's file in the plugins folder; `<name>.wasm` where it is not given.
    #[serde(default)]
    pub file: Option<String>,
    /// SHA-256 of the component file, 64 lower-case hexadecimal digits. A file with another digest is refused.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: Option<String>,
    /// The signers (`signers/<name>.toml`) whose signature vouches for the component; one of them is enough. A policy
    /// names a digest, signers, or both, and then both must hold.
    #[serde(default)]
    pub signed_by: BTreeSet<String>,
    /// A version that may come after a higher one.
    #[serde(default)]
    pub rollback: Option<Rollback>,
    /// Its budgets.
    pub limits: Limits,
    /// What it may use and emit; nothing where it is not given.
    #[serde(default)]
    pub grants: Grants,
    /// What its requests may address; nothing where it is not given.
    #[serde(default)]
    pub egress: Option<Egress>,
    /// When it is taken out for a partner.
    #[serde(default)]
    pub quarantine: Quarantine,
}

impl PluginPolicy {
    /// The file, in the folder of component files, of the plugin that has this name.
    pub fn component_file(&self, name: &str) -> String {
        self.file.clone().unwrap_or_else(|| format!("{name}.wasm"))
    }
}

/// The budgets of a plugin; all but the last count for one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Linear memory over all of the instance's memories, in bytes.
    #[schemars(range(min = 1))]
    pub memory_bytes_max: u64,
    /// Table elements over all of the instance's tables.
    #[schemars(range(min = 1))]
    pub table_elements_max: u64,
    /// Time on a processor, in milliseconds.
    #[schemars(range(min = 1))]
    pub cpu_ms_max: u64,
    /// Time on the clock, in milliseconds, host calls included.
    #[schemars(range(min = 1))]
    pub wall_ms_max: u64,
    /// Bytes of everything the plugin returns.
    #[schemars(range(min = 1))]
    pub output_bytes_max: u64,
    /// Documents the plugin returns.
    #[schemars(range(min = 1))]
    pub documents_max: u64,
    /// Log lines.
    #[schemars(range(min = 1))]
    pub log_lines_max: u64,
    /// Bytes of log text and fields.
    #[schemars(range(min = 1))]
    pub log_bytes_max: u64,
    /// Look-ups in reference tables.
    #[schemars(range(min = 1))]
    pub lookups_max: u64,
    /// Calls going on at the same time; more wait until `wall_ms_max`.
    #[schemars(range(min = 1))]
    pub calls_in_flight_max: u32,
}

/// What a plugin may use and emit. In a ceiling `"*"` stands for any name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Grants {
    /// Contracts it may decode or encode, `name/version` each.
    pub contracts: BTreeSet<String>,
    /// Reference tables it may look up in.
    pub tables: BTreeSet<String>,
    /// Tables of partners' codes it may look up in, where the agreement with a partner names them.
    pub codes: BTreeSet<String>,
    /// Kinds of documents it may emit.
    pub emit: BTreeSet<String>,
    /// Kinds of documents it may be given.
    pub read: BTreeSet<String>,
    /// Of documents of these kinds it is given only these fields: JSON Pointers such as `/lines/*/itemRef`, where `*`
    /// stands for any element of a list. A kind that is not named here is read whole.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// Of documents whose fields are restricted it is given the references of these schemes, such as `container`.
    pub references: BTreeSet<String>,
}

/// `partners/<name>.toml`: how a partner proves who it is, what it may send, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerPolicy {
    /// What people call the partner.
    pub title: String,
    /// What it is to us, such as `erp`: `shipments.toml` says whose word counts for which fields by it.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,31}$"))]
    pub role: Option<String>,
    /// The ways it may authenticate; any one of them is enough. A partner without one never calls.
    #[serde(default)]
    pub authenticate: Vec<Authenticate>,
    /// Its limits over all contracts.
    pub limits: PartnerLimits,
    /// What it may send.
    #[serde(default)]
    pub contracts: Vec<PartnerContract>,
    /// What was settled with it for the messages of a contract in one direction, such as identifiers and acknowledgements.
    #[serde(default)]
    pub agreements: Vec<AgreementPolicy>,
    /// How it is reached; not at all where it is not given.
    #[serde(default)]
    pub delivery: Option<DeliveryPolicy>,
    /// Where it is told of what concerns it; not at all where it is not given.
    #[serde(default)]
    pub webhook: Option<Webhook>,
    /// What it may look up of shipments; nothing where it is not given.
    #[serde(default)]
    pub shipments: Option<ShipmentReader>,
}

/// One way to authenticate. Secrets are named, never written: `file:NAME` in the secrets folder, or `env:NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Authenticate {
    /// `Authorization: Bearer <JWT>` (RFC 7519, 8725): ES256, RS256 or EdDSA, the algorithm pinned by the key.
    Jwt {
        /// The `iss` it must carry.
        issuer: String,
        /// The `aud` it must contain.
        audience: String,
        /// The claim that says whom a token is for, where the issuer leaves `aud` out, such as `client_id` or `scope`
        /// (a list between blanks). Risk: it was not made to keep tokens for other systems away from this one, so
        /// choose an audience that no other system's tokens carry. An `aud` that is there must contain it as well.
        #[serde(default = "default_audience_claim")]
        #[schemars(length(min = 1))]
        audience_claim: String,
        /// What names the partner: the `sub` that it must carry.
        subject: String,
        /// The claim that names the partner instead of `sub`, such as `azp`, `client_id` or `appid`. Risk: these name the
        /// program that asked for the token, so whoever signs in through that program passes as well; have `claims` say
        /// that it asked for itself.
        #[serde(default = "default_subject_claim")]
        #[schemars(length(min = 1))]
        subject_claim: String,
        /// What else its claims must be, by name: a text, or a list that contains it, or a number or boolean that is
        /// written so. For example `token_use = "access"`.
        #[serde(default)]
        claims: BTreeMap<String, String>,
        /// The `typ` of its header; `JWT` (a token may then leave it out) or, by RFC 9068, `at+jwt`.
        #[serde(default = "default_token_type")]
        token_type: String,
        /// From its `iat` or `nbf`, whichever is earlier, to its `exp`; a day where it is not given, a week at most. Risk:
        /// nothing here can call a token back, so a stolen one counts for that long.
        #[serde(default = "default_lifetime")]
        #[schemars(range(min = 1, max = 604_800))]
        lifetime_seconds_max: u32,
        /// The key set (RFC 7517): a `https://` URL, a `http://` URL on loopback, or `file:NAME`.
        jwks: String,
        /// Whether each token must be bound to the client certificate that it comes with (RFC 8705 §3.1), so that a
        /// stolen one is worth nothing. A token that is bound must always come with its certificate.
        #[serde(default)]
        certificate_bound: bool,
        /// Whether what is proven by it is a test: its exchanges are marked, listed apart, and go to test destinations only.
        #[serde(default)]
        test: bool,
    },
    /// `X-Api-Key: <key>`; only the key's SHA-256 is kept here.
    ApiKey {
        /// 64 lower-case hexadecimal digits, or `file:NAME` or `env:NAME` with them.
        sha256: String,
        /// Whether what is proven by it is a test: its exchanges are marked, listed apart, and go to test destinations only.
        #[serde(default)]
        test: bool,
    },
    /// A webhook that is signed by HMAC: in the form of Standard Webhooks (`webhook-id`, `webhook-timestamp`,
    /// `webhook-signature`) where nothing else is said.
    Hmac {
        /// The secret: `file:NAME` or `env:NAME`; the content is `whsec_` and base64, or as the provider's scheme has it.
        secret: String,
        /// The provider's scheme; Standard Webhooks where neither it nor `signature` is given.
        #[serde(default)]
        scheme: Option<SignatureScheme>,
        /// Instead of a provider's scheme: the form of the signature.
        #[serde(default)]
        signature: Option<Box<SignatureForm>>,
        /// Whether what is proven by it is a test: its exchanges are marked, listed apart, and go to test destinations only.
        #[serde(default)]
        test: bool,
    },
    /// A client certificate by one of the listener's authorities.
    Mtls {
        /// SHA-256 of the certificate (DER), 64 lower-case hexadecimal digits, or `file:NAME` or `env:NAME` with them.
        #[serde(default)]
        certificate_sha256: Option<String>,
        /// A DNS name that its subject alternative names must contain.
        #[serde(default)]
        san_dns: Option<String>,
        /// Whether what is proven by it is a test: its exchanges are marked, listed apart, and go to test destinations only.
        #[serde(default)]
        test: bool,
    },
}

impl Authenticate {
    /// Whether what is proven by it is a test.
    pub fn is_test(&self) -> bool {
        match self {
            Authenticate::Jwt { test, .. }
            | Authenticate::ApiKey { test, .. }
            | Authenticate::Hmac { test, .. }
            | Authenticate::Mtls { test, .. } => *test,
        }
    }
}

fn default_token_type() -> String {
    "JWT".to_owned()
}

fn default_audience_claim() -> String {
    "aud".to_owned()
}

fn default_subject_claim() -> String {
    "sub".to_owned()
}

fn default_lifetime() -> u32 {
    24 * 60 * 60
}

/// A partner's limits over all contracts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerLimits {
    /// Sustained rate.
    #[schemars(range(min = 1))]
    pub requests_per_second: u32,
    /// How many may come at once.
    #[schemars(range(min = 1))]
    pub burst: u32,
    /// Requests being worked on at the same time.
    #[schemars(range(min = 1))]
    pub requests_in_flight_max: u32,
}

/// One contract that a partner may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerContract {
    /// The contract's name.
    pub name: String,
    /// The versions it may use.
    #[schemars(length(min = 1))]
    pub versions: Vec<String>,
    /// A sustained rate for this contract, below the partner's.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub requests_per_second: Option<u32>,
    /// How many may come at once; needed where the rate is given.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub burst: Option<u32>,
    /// What is said of fields that the plugin does not look at.
    #[serde(default)]
    pub unread: Unread,
    /// Whether one part of a message that is refused, such as a set of an interchange, refuses all of it. Without this the
    /// other parts are taken.
    #[serde(default)]
    pub all_or_nothing: bool,
    /// The header field in which the partner sends its own id of a message, lower case, such as `x-message-id`: what comes
    /// again under it has no effect and gets the first answer. That of the contract's plugin where it is not given.
    #[serde(default)]
    pub id_header: Option<String>,
}

/// `routes.toml`: where documents go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Routes {
    /// Contracts whose documents go straight to an upstream, whose answer returns to the partner.
    pub forward: Vec<Forward>,
    /// Which documents go to which partner.
    pub deliver: Vec<Deliver>,
}

/// One forward route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    /// The contract's name.
    pub contract: String,
    /// Its version.
    pub version: String,
    /// Where the one document goes by POST: an `http://` URL inside the company's network.
    pub upstream: String,
    /// The same for tests; where it is not given, tests of the contract are refused.
    #[serde(default)]
    pub test_upstream: Option<String>,
}
