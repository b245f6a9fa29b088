//! What whoever reaches the listener may ask: is the process alive, is it ready, what has it counted, what is here.

use jiff::Timestamp;
use portgate_store::Health;

use super::answer::{Html, OpenApi, OpenMetrics, Text};
use super::route::Visit;
use crate::problem;
use crate::refusal::Refusal;

/// Whether the process is alive. Asks nobody: this must not depend on the journal.
pub(super) async fn alive(_: Visit) -> Result<Text, Refusal> {
    Ok(Text::ok("alive\n"))
}

/// Whether it takes what it is sent.
pub(super) async fn ready(Visit { gateway, .. }: Visit) -> Result<Text, Refusal> {
    // It is alive, but takes nothing more.
    if gateway.stopping.has_begun() {
        return Ok(Text::unavailable("stopping\n"));
    }
    Ok(match gateway.journal.health().await {
        // It serves by what was loaded last, and without the tasks that fail.
        Health::Ready => {
            let overdue = gateway.overdue.why().map(|why| format!("changed files are not taken up: {why}"));
            let complaints = overdue.into_iter().chain(gateway.tasks.complaints());
            Text::ok(complaints.fold("ready\n".to_owned(), |text, complaint| text + &complaint + "\n"))
        }
        Health::Full => Text::unavailable("the journal's disk is full\n"),
        Health::Blocked(problem) => Text::unavailable(format!("the journal takes nothing now: {problem}\n")),
        Health::Poisoned(problem) => Text::unavailable(format!("the journal must be reopened; restart: {problem}\n")),
        Health::Unreachable(problem) => Text::unavailable(format!("the journal cannot be reached: {problem}\n")),
    })
}

/// What it has counted.
pub(super) async fn metrics(Visit { gateway, .. }: Visit) -> Result<OpenMetrics, Refusal> {
    let waiting = gateway.journal.statistics().await.unwrap_or_default();
    gateway.metrics.waiting(&waiting, Timestamp::now());
    gateway.metrics.quarantine.parked(&gateway.journal.parked_counts().await.unwrap_or_default());
    Ok(OpenMetrics(gateway.metrics.render()))
}

/// What is here, for programs.
pub(super) async fn description(visit: Visit) -> Result<OpenApi, Refusal> {
    Ok(OpenApi(visit.description))
}

/// The page of a problem's type.
pub(super) async fn problem(visit: Visit) -> Result<Html, Refusal> {
    Ok(Html(problem::page(&visit.named).ok_or(Refusal::NotFound)?))
}
