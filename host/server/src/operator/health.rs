//! What whoever reaches the listener may ask: is the process alive, is it ready, what has it counted, what is here.

use jiff::Timestamp;

use super::answer::{Html, OpenApi, OpenMetrics, Text};
use super::route::{Flag, Visit};
use super::status;
use crate::problem;
use crate::refusal::Refusal;

/// The flag of a query that asks for more than whether the gateway is ready.
pub(super) const VERBOSE: Flag = ("verbose", "Also each kind of thing that can be not well, with how many there are");

/// Whether the process is alive. Asks nobody: this must not depend on the journal.
pub(super) async fn alive(_: Visit) -> Result<Text, Refusal> {
    Ok(Text::ok("alive\n"))
}

/// Whether it takes what it is sent; with `?verbose` also each kind of thing that can be not well, and how many there are.
pub(super) async fn ready(Visit { state, query, .. }: Visit) -> Result<Text, Refusal> {
    // It is alive, but takes nothing more.
    if state.stopping.has_begun() {
        return Ok(Text::unavailable("stopping\n"));
    }
    let is_verbose = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == VERBOSE.0);
    let more = if is_verbose { status::lines(&status::of(&state).await) } else { String::new() };
    Ok(match status::takes_nothing(&state.journal.health().await) {
        Some(why) => Text::unavailable(format!("{why}\n{more}")),
        // It serves by what was loaded last, and without the tasks that fail.
        None => {
            let overdue = state.overdue.why().map(|why| format!("changed files are not taken up: {why}"));
            let complaints = overdue.into_iter().chain(state.tasks.complaints());
            let text = complaints.fold("ready\n".to_owned(), |text, complaint| text + &complaint + "\n");
            Text::ok(text + &more)
        }
    })
}

/// What it has counted.
pub(super) async fn metrics(Visit { state, .. }: Visit) -> Result<OpenMetrics, Refusal> {
    let waiting = state.journal.statistics().await.unwrap_or_default();
    state.metrics.waiting(&waiting, Timestamp::now());
    state.metrics.codes_awaited(&state.journal.awaited_codes(1_000).await.unwrap_or_default());
    state.metrics.exceptions(&state.journal.exception_counts(Timestamp::now()).await.unwrap_or_default());
    state.metrics.quarantine.parked(&state.journal.parked_counts().await.unwrap_or_default());
    Ok(OpenMetrics(state.metrics.render()))
}

/// What is here, for programs.
pub(super) async fn description(visit: Visit) -> Result<OpenApi, Refusal> {
    Ok(OpenApi(visit.description))
}

/// The page of a problem's type.
pub(super) async fn problem(visit: Visit) -> Result<Html, Refusal> {
    Ok(Html(problem::page(&visit.named).ok_or(Refusal::NotFound)?))
}
