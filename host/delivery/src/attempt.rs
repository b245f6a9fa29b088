//! One attempt at one delivery, from what was claimed to its settlement: render, permit, send, interpret.
//!
//! Whatever happens ends in a settlement, but for four cases in which nothing may be written: the lease is lost, the
//! journal cannot be used, the plugin is not called because it is in quarantine, or deliveries that were to go together
//! cannot. Then nothing was sent, or the same bytes will be sent again under the same id.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use portgate_core::codes::AwaitedCodes;
use portgate_core::delivery::{FollowUp, Outcome, Request, Response, Verdict};
use portgate_core::document::{Document, Rejection};
use portgate_core::finding::Finding;
use portgate_core::interchange;
use portgate_core::sender;
use portgate_store::{
    Acceptance, ClaimedDelivery, Companion, DeadClass, Deliveries, JournalError, Numbering, Reach, Rendered, Settled,
    Settlement, Told, Work,
};

use crate::channel::{Answered, Identity};
use crate::clock::Clock;
use crate::connectors::{PluginError, Rendering, Responder, Snapshot, Yielded};
use crate::credential;
use crate::destination::Destination;
use crate::egress::{Permission, Permitted, Refused};
use crate::ledger::Ledger;
use crate::schedule::{Random, next_attempt};
use crate::scribe::Scribe;
use crate::webhook;

/// The longest that a plugin can put a follow-up off, in seconds.
const FOLLOW_UP_SECONDS_MAX: u32 = 7 * 24 * 3600;

/// How often a place is asked for to read an answer. Each time this waits as long as the plugin may take by the clock.
const INTERPRET_TRIES: u32 = 5;

/// How often something is rendered anew because its control numbers have gone to something else, which only other gateways
/// can do.
const NUMBERS_TRIES: u32 = 50;

/// What an attempt stands on.
pub(crate) struct Around<'a> {
    pub(crate) destination: &'a Destination,
    pub(crate) snapshot: &'a dyn Snapshot,
    pub(crate) queue: &'a dyn Deliveries,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) random: &'a dyn Random,
    pub(crate) ledger: &'a Ledger,
    /// Writes down what is said.
    pub(crate) scribe: &'a Scribe,
}

/// An attempt that has ended.
pub(crate) struct Ended {
    pub(crate) settlement: Settlement,
    /// Whether the partner is there; nothing where it was not asked.
    pub(crate) healthy: Option<bool>,
    /// What permitted the plugin's request, where there was one.
    pub(crate) permission: Option<Permission>,
}

/// Why there was no attempt: nothing was sent, and nothing is to be settled.
#[derive(Debug)]
pub(crate) enum NotBegun {
    /// The plugin is in quarantine.
    Withheld,
    /// They cannot go together, and each goes alone from now on.
    Parted,
    /// The journal did not keep what was rendered.
    Journal(JournalError),
}

impl From<JournalError> for NotBegun {
    fn from(error: JournalError) -> Self {
        NotBegun::Journal(error)
    }
}

/// How an attempt ends, before the schedule has its say.
enum Turn {
    Delivered(Vec<Finding>),
    Again { class: DeadClass, retry_after: Option<Duration> },
    Ask(FollowUp),
    AwaitsCodes(AwaitedCodes, Vec<Finding>),
    Dead(DeadClass, Vec<Finding>),
}

/// What an attempt came to, piece by piece.
struct AttemptResult {
    result: Turn,
    detail: String,
    status: Option<u16>,
    verdict: Option<Verdict>,
    yielded: Option<Box<Acceptance>>,
    reach: Reach,
    healthy: Option<bool>,
    permission: Option<Permission>,
}

impl AttemptResult {
    fn ended(result: Turn, detail: impl Into<String>) -> AttemptResult {
        AttemptResult {
            result,
            detail: detail.into(),
            status: None,
            verdict: None,
            yielded: None,
            reach: Reach::Nothing,
            healthy: None,
            permission: None,
        }
    }

    /// A person must look at what this gateway did wrong.
    fn ours(code: &str, detail: String) -> AttemptResult {
        let finding = Finding::error(code, "", detail.clone());
        AttemptResult::ended(Turn::Dead(DeadClass::Ours, vec![finding]), detail)
    }

    fn not_permitted(refused: &dyn std::fmt::Display) -> AttemptResult {
        AttemptResult::ours("delivery-not-permitted", format!("the plugin's request is refused: {refused}"))
    }

    /// The partner has taken it and would say later what became of it, but may not be asked. Sending it again would
    /// change nothing, so it is no dead letter; the finding says what is not known.
    fn taken_unasked(mut findings: Vec<Finding>, refused: &dyn std::fmt::Display) -> AttemptResult {
        let detail = format!("the partner has taken it, but how it ends cannot be asked for: {refused}");
        findings.push(Finding::warning("delivery-follow-up-not-permitted", "", detail.clone()));
        AttemptResult::ended(Turn::Delivered(findings), detail)
    }

    /// A plugin gives a reason why it cannot go on.
    fn rejected(what: &str, rejection: Rejection) -> AttemptResult {
        let detail = format!("the plugin cannot {what}: {} findings", rejection.findings.len());
        AttemptResult::ended(Turn::Dead(DeadClass::Ours, rejection.findings), detail)
    }

    fn plugin(error: PluginError) -> AttemptResult {
        match error {
            // A delivery that a plugin failed on while it was being tried may be fine. It goes behind the others, so
            // that a plugin which fails on everything does not make it a dead letter. While the plugin is out nothing
            // is claimed, whatever is due.
            PluginError::Busy { .. }
            | PluginError::Missing { .. }
            | PluginError::Withheld { .. }
            | PluginError::Quarantined { .. } => {
                AttemptResult::ended(Turn::Again { class: DeadClass::Ours, retry_after: None }, error.to_string())
            }
            PluginError::AwaitsCodes { ref awaits, ref findings, .. } => {
                let turn = Turn::AwaitsCodes(awaits.clone(), findings.clone());
                AttemptResult::ended(turn, error.to_string())
            }
            PluginError::Failed { .. } => AttemptResult::ours("delivery-plugin-failed", error.to_string()),
            PluginError::Denied { detail, .. } => AttemptResult::not_permitted(&detail),
        }
    }
}

/// Makes one attempt.
///
/// # Errors
/// The journal did not keep what was rendered, or the plugin could not be called.
pub(crate) async fn make(claimed: &ClaimedDelivery, around: &Around<'_>) -> Result<Ended, NotBegun> {
    let started = around.clock.now();
    let attempt = run(claimed, around, started).await?;
    let ended = around.clock.now();
    let policy = around.destination.policy();
    let mut detail = attempt.detail;
    let settled = match attempt.result {
        Turn::Delivered(findings) => match around.snapshot.acknowledge_by(claimed, ended) {
            Some(acknowledge_by) => Settled::Sent { findings, acknowledge_by },
            None => Settled::Delivered { findings },
        },
        Turn::AwaitsCodes(awaits, findings) => Settled::AwaitsCodes { awaits, findings },
        Turn::Dead(class, findings) => Settled::Dead { class, findings },
        Turn::Again { class, retry_after } => {
            let attempts = claimed.tries.saturating_add(1);
            match next_attempt(&policy.retry, attempts, retry_after, ended, around.random) {
                Some(at) => Settled::Retry { at, class },
                None => {
                    let finding = Finding::error("delivery-attempts-exhausted", "", detail.clone());
                    detail = format!("{detail}; this was the last attempt");
                    Settled::Dead { class, findings: vec![finding] }
                }
            }
        }
        Turn::Ask(_) if asked(claimed) >= policy.limits.follow_ups_max => {
            let asked = asked(claimed);
            let text = format!("still pending after {asked} follow-ups (delivery.limits.follow_ups_max)");
            Settled::Dead {
                class: DeadClass::Theirs,
                findings: vec![Finding::error("delivery-still-pending", "", text)],
            }
        }
        Turn::Ask(FollowUp { request, after_seconds }) => {
            let after = SignedDuration::from_secs(i64::from(after_seconds.clamp(1, FOLLOW_UP_SECONDS_MAX)));
            Settled::Pending { follow_up: request, at: ended.saturating_add(after).unwrap_or(Timestamp::MAX) }
        }
    };
    let (events, deliveries) = around.snapshot.events(claimed, &settled, ended);
    let companion = |companion: &ClaimedDelivery| {
        let (events, deliveries) = around.snapshot.events(companion, &settled, ended);
        Companion { claim: companion.claim, told: Told { events, deliveries } }
    };
    let settlement = Settlement {
        claim: claimed.claim,
        companions: claimed.companions.iter().map(companion).collect(),
        started_at: started,
        now: ended,
        status: attempt.status.or_else(|| around.scribe.status()),
        verdict: attempt.verdict,
        reach: attempt.reach,
        transcript: around.scribe.transcript(),
        detail,
        events,
        deliveries,
        settled,
        yielded: attempt.yielded,
        audit: around.ledger.entries(claimed, around.destination.whole_policy(), ended),
    };
    Ok(Ended { settlement, healthy: attempt.healthy, permission: attempt.permission })
}

/// How often the partner was asked how it ended, this attempt included.
fn asked(claimed: &ClaimedDelivery) -> u32 {
    claimed.follow_ups.saturating_add(u32::from(matches!(claimed.work, Work::Ask(_))))
}

async fn run(claimed: &ClaimedDelivery, around: &Around<'_>, now: Timestamp) -> Result<AttemptResult, NotBegun> {
    let policy = around.destination.policy();
    // The routing has checked this already, but the destination may have changed since.
    if claimed.all().any(|claimed| sender::is_test(&claimed.partner) != policy.test) {
        if matches!(claimed.work, Work::Render(_)) && !claimed.companions.is_empty() {
            return Err(part(claimed, around, "not all of them are tests, or none").await);
        }
        let (what, whither) = match policy.test {
            true => ("it is no test", "a test destination"),
            false => ("it is a test", "no test destination"),
        };
        return Ok(AttemptResult::ours("delivery-test", format!("{what}, and `{}` is {whither}", claimed.destination)));
    }
    let permit = |request: &Request| match around.destination.responder() {
        Responder::Webhook => Ok(Permitted::to_webhook(request)),
        Responder::Plugin(_) => permit(around, request),
    };
    let request = match &claimed.work {
        Work::Send(request) | Work::Ask(request) => request.clone(),
        Work::Render(_) if *around.destination.responder() == Responder::Webhook => {
            let detail = "what the webhook is to be told is missing in the journal".to_owned();
            return Ok(AttemptResult::ours("delivery-without-request", detail));
        }
        Work::Render(_) => {
            let permits = |request: &Request| {
                let refused = |refused: Refused| {
                    around.ledger.denied("egress", &refused);
                    refused.to_string()
                };
                permit(request).map(drop).map_err(refused)
            };
            match rendered(claimed, around, &permits, now).await? {
                Ok(request) => request,
                Err(attempt) => return Ok(attempt),
            }
        }
    };
    let permitted = match permit(&request) {
        Ok(permitted) => permitted,
        Err(refused) if matches!(claimed.work, Work::Ask(_)) => {
            return Ok(AttemptResult::taken_unasked(Vec::new(), &refused));
        }
        Err(refused) => return Ok(AttemptResult::not_permitted(&refused)),
    };
    // A follow-up is a message of its own: under the delivery's id the partner would take it for a repetition.
    let id = match claimed.work {
        Work::Ask(_) => format!("{}.{}", claimed.sent_as(), asked(claimed)),
        Work::Render(_) | Work::Send(_) => claimed.sent_as().to_string(),
    };
    let identity =
        Identity { id: &id, traceparent: claimed.trace.as_deref(), uses: &around.ledger.uses, scribe: around.scribe };
    let attempt = match around.destination.channel().send(identity, &permitted).await {
        Ok(answered) => {
            let attempt = match around.destination.responder() {
                Responder::Webhook => told(&answered),
                Responder::Plugin(_) => interpreted(claimed, around, request, answered).await?,
            };
            AttemptResult { reach: reach(&claimed.work, attempt.verdict), ..attempt }
        }
        Err(error) => {
            if error.is_forbidden() {
                around.ledger.denied("address", &error);
            }
            let result = Turn::Again { class: error.class(), retry_after: error.retry_after() };
            let attempt = AttemptResult::ended(result, error.to_string());
            let left = around.scribe.requests() > u32::from(error.is_unconnected());
            let reach = if left { reach(&claimed.work, None) } else { Reach::Nothing };
            AttemptResult { status: error.status(), healthy: error.is_healthy(), reach, ..attempt }
        }
    };
    Ok(AttemptResult { permission: permitted.by().cloned(), ..attempt })
}

/// What the partner may have of a delivery after something of this work has left and was judged so, where it was.
fn reach(work: &Work, verdict: Option<Verdict>) -> Reach {
    match (work, verdict) {
        (Work::Ask(_), Some(Verdict::Rejected)) => Reach::Refused,
        (Work::Ask(_), _) | (_, Some(Verdict::Rejected)) => Reach::Nothing,
        _ => Reach::Perhaps,
    }
}

/// Has the plugin render documents, and keeps what it made before the first byte of it leaves: an attempt after a crash sends
/// the same bytes. Where the control numbers have gone to something else meanwhile, it is rendered anew under others.
async fn rendered(
    claimed: &ClaimedDelivery,
    around: &Around<'_>,
    permits: &(dyn Fn(&Request) -> Result<(), String> + Send + Sync),
    now: Timestamp,
) -> Result<Result<Request, AttemptResult>, NotBegun> {
    let ClaimedDelivery { destination, contract, version, .. } = claimed;
    let plugin = &around.destination.policy().plugin;
    let documents_of = |claimed: &ClaimedDelivery| match &claimed.work {
        Work::Render(documents) => documents.clone(),
        Work::Send(_) | Work::Ask(_) => Vec::new(),
    };
    let count = |documents: usize| u32::try_from(documents).unwrap_or(u32::MAX);
    let deliveries: Vec<_> = claimed.all().map(|one| (one.claim, count(documents_of(one).len()))).collect();
    let documents: Vec<Document> = claimed.all().flat_map(documents_of).collect();
    let messages = count(documents.len()).max(1);
    let alone = claimed.companions.is_empty();
    for _ in 0..NUMBERS_TRIES {
        let numbers = around.snapshot.numbers(destination, contract, version, messages).await?;
        let rendering = Rendering {
            destination,
            plugin,
            documents: documents.clone(),
            contract,
            version,
            now: now.to_string(),
            control_numbers: numbers.as_ref().map(|numbers| numbers.numbering.numbers),
            permits,
        };
        let request = match around.snapshot.encode(rendering).await {
            Ok(Ok(request)) => request,
            // One of them may be what is wrong, and the others have no part in that.
            Ok(Err(_))
            | Err(PluginError::Failed { .. } | PluginError::Denied { .. } | PluginError::AwaitsCodes { .. })
                if !alone =>
            {
                return Err(part(claimed, around, "they cannot be rendered together").await);
            }
            Ok(Err(rejection)) => return Ok(Err(AttemptResult::rejected("render it", rejection))),
            Err(PluginError::Withheld { .. }) => return Err(NotBegun::Withheld),
            Err(error) => return Ok(Err(AttemptResult::plugin(error))),
        };
        let numbering = numbers
            .as_ref()
            .map(|numbers| Numbering { kinds: interchange::kinds(&request.body), ..numbers.numbering.clone() });
        let rendered = Rendered { deliveries: deliveries.clone(), request: request.clone(), numbering };
        if around.queue.render(rendered).await? {
            return Ok(Ok(request));
        }
    }
    let detail = "other gateways have used every control number that it was rendered under";
    Ok(Err(AttemptResult::ended(Turn::Again { class: DeadClass::Ours, retry_after: None }, detail)))
}

/// Has each of several deliveries go alone.
async fn part(claimed: &ClaimedDelivery, around: &Around<'_>, why: &str) -> NotBegun {
    let (destination, deliveries) = (&claimed.destination, 1 + claimed.companions.len());
    tracing::warn!(destination, deliveries, delivery = %claimed.claim.delivery, "each goes out alone: {why}");
    match around.queue.part(&claimed.claims(), around.clock.now()).await {
        Ok(()) => NotBegun::Parted,
        Err(error) => NotBegun::Journal(error),
    }
}

/// Holds a plugin's request against what its policy lets it address, and notes where it does not.
fn permit(around: &Around<'_>, request: &Request) -> Result<Permitted, Refused> {
    let credential_header = credential::header(around.destination.policy().credential.as_ref());
    let permitted = around.destination.egress().permit(request, credential_header);
    permitted.inspect_err(|refused| around.ledger.denied("egress", refused))
}

/// What a webhook's answer means.
fn told(answered: &Answered) -> AttemptResult {
    let status = answered.response.status;
    let attempt = match webhook::told(status) {
        webhook::Told::Taken => AttemptResult::ended(Turn::Delivered(Vec::new()), "the receiver has taken it"),
        webhook::Told::Gone => {
            let text = "the receiver answers 410: it wants no more events; set webhook.enabled = false, or mend it";
            let findings = vec![Finding::error("webhook-gone", "", text)];
            AttemptResult::ended(Turn::Dead(DeadClass::Theirs, findings), "the receiver wants no more events")
        }
        webhook::Told::Again => {
            let result = Turn::Again { class: DeadClass::Theirs, retry_after: answered.retry_after };
            AttemptResult::ended(result, format!("the receiver answers {status}"))
        }
    };
    AttemptResult { status: Some(status), healthy: Some(status < 500), ..attempt }
}

/// What the plugin makes of the partner's answer.
async fn interpreted(
    claimed: &ClaimedDelivery,
    around: &Around<'_>,
    sent: Request,
    answered: Answered,
) -> Result<AttemptResult, NotBegun> {
    let (destination, plugin) = (&claimed.destination, &around.destination.policy().plugin);
    let Answered { response, retry_after } = answered;
    let status = response.status;
    let mut read = around.snapshot.interpret(destination, plugin, sent.clone(), response.clone()).await;
    for _ in 1..INTERPRET_TRIES {
        // The answer is there and would be lost: better to wait for a place than to have the partner answer again.
        if matches!(read, Err(PluginError::Busy { .. })) {
            read = around.snapshot.interpret(destination, plugin, sent.clone(), response.clone()).await;
        }
    }
    let attempt = match read {
        Err(error) => AttemptResult::plugin(error),
        Ok(Err(rejection)) => AttemptResult::rejected("read the answer", rejection),
        Ok(Ok(outcome)) => judged(claimed, around, outcome, response, retry_after).await?,
    };
    Ok(AttemptResult { status: Some(status), healthy: Some(status < 500), ..attempt })
}

async fn judged(
    claimed: &ClaimedDelivery,
    around: &Around<'_>,
    outcome: Outcome,
    answer: Response,
    retry_after: Option<Duration>,
) -> Result<AttemptResult, NotBegun> {
    let Outcome { verdict, documents, findings, next, unread: _ } = outcome;
    let status = answer.status;
    let plugin = &around.destination.policy().plugin;
    let now = around.clock.now();
    let (answer, documents) = (&answer, documents.as_slice());
    let yielded = Yielded { delivery: claimed, plugin, answer, documents, findings: &findings, now };
    let yielded = match documents.is_empty() {
        true => None,
        false => match around.snapshot.accept(yielded).await? {
            Ok(acceptance) => Some(Box::new(acceptance)),
            Err(wrong) => {
                let detail = "the documents that the plugin read from the answer break their schemas";
                let attempt = AttemptResult::ended(Turn::Dead(DeadClass::Ours, wrong), detail);
                return Ok(AttemptResult { verdict: Some(verdict), ..attempt });
            }
        },
    };
    let attempt = match (verdict, next) {
        (Verdict::Accepted, _) => AttemptResult::ended(Turn::Delivered(findings), "the partner has taken it"),
        (Verdict::Rejected, _) => {
            let findings = match findings.is_empty() {
                true => vec![Finding::error("delivery-rejected", "", format!("the partner refuses it with {status}"))],
                false => findings,
            };
            AttemptResult::ended(Turn::Dead(DeadClass::Theirs, findings), "the partner refuses it")
        }
        (Verdict::Retry, _) => {
            let result = Turn::Again { class: DeadClass::Theirs, retry_after };
            AttemptResult::ended(result, "the partner could not take it now")
        }
        (Verdict::Pending, Some(next)) => match permit(around, &next.request) {
            Err(refused) if (200..300).contains(&status) => AttemptResult::taken_unasked(findings, &refused),
            Err(refused) => AttemptResult::not_permitted(&refused),
            Ok(_) => AttemptResult::ended(Turn::Ask(next), "the partner will say later"),
        },
        (Verdict::Pending, None) => {
            let detail = "the plugin says pending, and not how to ask for the end".to_owned();
            AttemptResult::ours("delivery-without-follow-up", detail)
        }
    };
    Ok(AttemptResult { verdict: Some(verdict), yielded, ..attempt })
}
