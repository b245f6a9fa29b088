//! Which type of problem each refusal is. The matches have no catch-all, so a new way to fail has to say it.

use portgate_runtime::CallError;
use portgate_store::JournalError;

use super::Refusal;
use crate::problem::{ProblemType, kinds};
use portgate_core::finding::Finding;
use portgate_http::auth::AuthFailure;
use portgate_http::body::ReadError;

impl Refusal {
    /// The type of the problem that the partner is told.
    pub(crate) fn kind(&self) -> &'static ProblemType {
        match self {
            Refusal::NotFound => &kinds::NOT_FOUND,
            Refusal::MethodNotAllowed { .. } => &kinds::METHOD_NOT_ALLOWED,
            Refusal::ContractUnknown { .. } => &kinds::CONTRACT_UNKNOWN,
            Refusal::VersionUnknown { .. } => &kinds::VERSION_UNKNOWN,
            Refusal::VersionSunset { .. } => &kinds::VERSION_SUNSET,
            Refusal::GatewayBusy | Refusal::StrangerShed { .. } => &kinds::GATEWAY_BUSY,
            Refusal::SignerUnnamed { .. } => &kinds::BODY_TOO_LARGE,
            Refusal::Authentication(error) => match error.kind() {
                AuthFailure::Unauthenticated => &kinds::UNAUTHENTICATED,
                AuthFailure::Unavailable => &kinds::AUTHENTICATION_UNAVAILABLE,
            },
            Refusal::NotPermitted { .. } => &kinds::CONTRACT_NOT_PERMITTED,
            Refusal::RateLimited { .. } => &kinds::RATE_LIMITED,
            Refusal::PartnerBusy { .. } => &kinds::PARTNER_BUSY,
            Refusal::MediaType { .. } | Refusal::ContentCoding { .. } => &kinds::MEDIA_TYPE_UNSUPPORTED,
            Refusal::FieldAmbiguous { .. } => &kinds::MALFORMED_REQUEST,
            Refusal::Read(error) => of_reading(error),
            Refusal::Malformed(_) => &kinds::MALFORMED_PAYLOAD,
            Refusal::ContractViolated(_) => &kinds::CONTRACT_VIOLATION,
            Refusal::NotAgreed(_) => &kinds::NOT_AGREED,
            Refusal::Rejected { .. } => &kinds::PAYLOAD_REJECTED,
            Refusal::PayloadTooMuch { .. } => &kinds::PAYLOAD_TOO_MUCH,
            Refusal::Plugin { error, .. } => of_call(error),
            Refusal::PluginQuarantined { .. } => &kinds::PLUGIN_QUARANTINED,
            Refusal::DocumentInvalid { .. } => &kinds::PLUGIN_OUTPUT_INVALID,
            Refusal::NotOneDocument { .. } => &kinds::FORWARD_NOT_POSSIBLE,
            Refusal::UpstreamFailed { .. } => &kinds::UPSTREAM_UNREACHABLE,
            Refusal::UpstreamTooSlow { .. } => &kinds::UPSTREAM_TOO_SLOW,
            Refusal::IdempotencyKeyMissing { .. } => &kinds::IDEMPOTENCY_KEY_MISSING,
            Refusal::IdempotencyKeyMalformed => &kinds::IDEMPOTENCY_KEY_MALFORMED,
            Refusal::IdempotencyKeyInProgress => &kinds::IDEMPOTENCY_KEY_IN_PROGRESS,
            Refusal::IdempotencyKeyReused => &kinds::IDEMPOTENCY_KEY_REUSED,
            Refusal::MessageIdMalformed { .. } => &kinds::MESSAGE_ID_MALFORMED,
            Refusal::WebhookIdInProgress => &kinds::WEBHOOK_ID_IN_PROGRESS,
            Refusal::WebhookIdReused | Refusal::SignedBodyReused => &kinds::WEBHOOK_ID_REUSED,
            Refusal::ControlNumberReused => &kinds::CONTROL_NUMBER_REUSED,
            Refusal::InterchangeInProgress => &kinds::INTERCHANGE_IN_PROGRESS,
            Refusal::Answered { refusal, .. } => refusal.kind(),
            Refusal::NumbersTaken => &kinds::GATEWAY_BUSY,
            Refusal::WebhookIdTaken => &kinds::WEBHOOK_ID_TAKEN,
            Refusal::DryRunMalformed => &kinds::DRY_RUN_MALFORMED,
            Refusal::DryRunWithoutId => &kinds::DRY_RUN_NOT_POSSIBLE,
            Refusal::NoTestDestination { .. } => &kinds::TEST_NOT_POSSIBLE,
            Refusal::DuplicateSubmission { .. } => &kinds::DUPLICATE_SUBMISSION,
            Refusal::ExchangeUnknown => &kinds::EXCHANGE_UNKNOWN,
            Refusal::ExchangesUnknown { .. } => &kinds::EXCHANGE_UNKNOWN,
            Refusal::CostsUnknown => &kinds::COSTS_UNKNOWN,
            Refusal::ShipmentUnknown { .. } => &kinds::SHIPMENT_UNKNOWN,
            Refusal::ShipmentAmbiguous { .. } => &kinds::SHIPMENT_AMBIGUOUS,
            Refusal::ExceptionUnknown { .. } => &kinds::EXCEPTION_UNKNOWN,
            Refusal::ActImpossible { .. } => &kinds::ACT_NOT_POSSIBLE,
            Refusal::FilingUnknown { .. } => &kinds::FILING_UNKNOWN,
            Refusal::FilingOutdated { .. } => &kinds::FILING_OUTDATED,
            Refusal::DeliveriesUnknown { .. } => &kinds::DELIVERY_UNKNOWN,
            Refusal::PluginUnknown { .. } => &kinds::PLUGIN_UNKNOWN,
            Refusal::BomUnknown { .. } => &kinds::BOM_UNKNOWN,
            Refusal::PartnerUnknown { .. } => &kinds::PARTNER_UNKNOWN,
            Refusal::EventUnknown => &kinds::EVENT_UNKNOWN,
            Refusal::OperatorUnknown => &kinds::OPERATOR_UNKNOWN,
            Refusal::OperatorNotPermitted { .. } => &kinds::OPERATOR_NOT_PERMITTED,
            Refusal::OperatorRequestInvalid { .. } => &kinds::OPERATOR_REQUEST_INVALID,
            Refusal::ChangeUnknown => &kinds::CHANGE_UNKNOWN,
            Refusal::PayloadRedacted => &kinds::PAYLOAD_REDACTED,
            Refusal::RerunImpossible { .. } => &kinds::RERUN_NOT_POSSIBLE,
            Refusal::RerunOutdated => &kinds::RERUN_OUTDATED,
            Refusal::ResendUnconfirmed { .. } => &kinds::RESEND_UNCONFIRMED,
            Refusal::Journal(error) => of_journal(error),
            Refusal::RequestTooSlow { .. } => &kinds::REQUEST_TOO_SLOW,
            Refusal::Panicked => &kinds::INTERNAL_ERROR,
        }
    }

    /// Whether the fault is the gateway's or its plugin's, so that an operator should look.
    pub(crate) fn is_ours(&self) -> bool {
        self.kind().status.is_server_error()
    }

    /// What the gateway itself has found wrong with the payload. What a plugin finds is in the plugin's own words.
    pub(crate) fn own_findings(&self) -> &[Finding] {
        match self {
            Refusal::Malformed(violations) | Refusal::ContractViolated(violations) => &violations.findings,
            _ => &[],
        }
    }
}

fn of_reading(error: &ReadError) -> &'static ProblemType {
    match error {
        ReadError::TooLarge { .. } => &kinds::BODY_TOO_LARGE,
        ReadError::TooSlow { .. } | ReadError::DeadlinePassed { .. } => &kinds::BODY_TOO_SLOW,
        ReadError::Disconnected | ReadError::Malformed => &kinds::BODY_INCOMPLETE,
    }
}

fn of_call(error: &CallError) -> &'static ProblemType {
    match error {
        CallError::Overloaded => &kinds::PLUGIN_BUSY,
        CallError::CpuExceeded | CallError::WallExceeded => &kinds::PLUGIN_TOO_SLOW,
        CallError::MemoryExceeded | CallError::TableExceeded => &kinds::PLUGIN_MEMORY,
        CallError::OutputExceeded | CallError::DocumentsExceeded => &kinds::PLUGIN_OUTPUT_TOO_LARGE,
        CallError::LogExceeded => &kinds::PLUGIN_LOG_FLOOD,
        CallError::LookupExceeded | CallError::LookupDenied { .. } => &kinds::PLUGIN_LOOKUP_REFUSED,
        CallError::Trapped { .. }
        | CallError::Panicked { .. }
        | CallError::StackOverflow
        | CallError::ReadDenied { .. }
        | CallError::ReadImpossible { .. } => &kinds::PLUGIN_FAILED,
        CallError::InvalidOutput { .. } | CallError::EmitDenied { .. } => &kinds::PLUGIN_OUTPUT_INVALID,
    }
}

fn of_journal(error: &JournalError) -> &'static ProblemType {
    match error {
        JournalError::Full | JournalError::Poisoned(_) | JournalError::Blocked(_) | JournalError::Unreachable(_) => {
            &kinds::JOURNAL_UNAVAILABLE
        }
        JournalError::LeaseLost | JournalError::Unreadable(_) | JournalError::Refused(_) => &kinds::INTERNAL_ERROR,
    }
}
