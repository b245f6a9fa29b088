//! Gives entries their place in the chain soon after they were written, has the new head signed, and says it where it can
//! be a witness: in the gateway's log, which leaves the machine.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use portgate_core::audit::SignedHead;
use portgate_store::JournalError;

use super::Audit;

/// How often entries of others are looked for: deliveries and acts tell of nothing.
const LOOK: Duration = Duration::from_millis(500);
/// Between two looks, so that under load many entries share a signature and a commit.
const PAUSE: Duration = Duration::from_millis(100);
/// Entries of one step.
const STEP: u32 = 1_000;
/// For how long entries may be without a place until that is an error.
const LATE: Duration = Duration::from_secs(60);
/// How often the head is said, and a problem repeated.
const SAY_EVERY: Duration = Duration::from_secs(600);

/// Seals until the task is dropped.
pub(crate) async fn sealer(audit: &Audit) {
    let mut changes = audit.journal.changes();
    let mut said = Said::default();
    loop {
        changes.mark_unchanged();
        match look(audit).await {
            Ok(head) => said.head(head),
            Err(error) => said.problem(&error.to_string()),
        }
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            () = audit.written.notified() => {}
            // A journal that has gone gives no signs; then there is only the time.
            Ok(()) = changes.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Seals everything that waits, and says the head. For the beginning and the end.
///
/// # Errors
/// The journal cannot be used.
pub(crate) async fn seal_all(audit: &Audit) -> Result<(), JournalError> {
    let sealed = seal(audit).await?;
    let head = match sealed {
        Some(head) => Some(head),
        None => audit.journal.audit_head().await?,
    };
    if let Some(head) = head {
        say(&head);
    }
    Ok(())
}

/// Seals what waits; an error where something has waited for long and still does.
async fn look(audit: &Audit) -> Result<Option<SignedHead>, Problem> {
    let Some(waiting) = audit.journal.unsealed().await? else { return Ok(None) };
    if let Some(head) = seal(audit).await? {
        return Ok(Some(head));
    }
    // Another gateway may be at it; if it is not, this does not go away.
    let waited = Timestamp::now().duration_since(waiting.oldest);
    match Duration::try_from(waited) {
        Ok(waited) if waited > LATE => Err(Problem::Late { count: waiting.count, seconds: waited.as_secs() }),
        _ => Ok(None),
    }
}

async fn seal(audit: &Audit) -> Result<Option<SignedHead>, JournalError> {
    let mut newest = None;
    while let Some(head) = audit.journal.seal(&audit.key, Timestamp::now(), STEP).await? {
        newest = Some(head);
    }
    Ok(newest)
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{count} entries have no place in the chain after {seconds} s; is the row of audit_head there?")]
    Late { count: u64, seconds: u64 },
}

/// What was said last, so that it is not said all the time.
#[derive(Default)]
struct Said {
    head: Option<Instant>,
    problem: Option<Instant>,
}

impl Said {
    fn head(&mut self, head: Option<SignedHead>) {
        let Some(head) = head else { return };
        self.problem = None;
        if is_due(&mut self.head) {
            say(&head);
        }
    }

    fn problem(&mut self, problem: &str) {
        if is_due(&mut self.problem) {
            tracing::error!(problem, "the audit log is not sealed");
        }
    }
}

fn is_due(last: &mut Option<Instant>) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= SAY_EVERY);
    if due {
        *last = Some(Instant::now());
    }
    due
}

fn say(head: &SignedHead) {
    tracing::info!(head = head.to_json(), "audit head");
}
