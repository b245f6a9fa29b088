//! The demo's account: one line for each thing that happens, in the order in which it happens, and the sum of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// What has happened so far.
#[derive(Default)]
pub(super) struct Timeline {
    /// Messages that partners sent and the gateway took.
    pub(super) taken: usize,
    /// Those that it refused, as it should.
    pub(super) refused: usize,
    /// Deliveries that partners took.
    pub(super) delivered: usize,
    /// The plugins that read and wrote them.
    pub(super) plugins: BTreeSet<String>,
}

impl Timeline {
    /// Begins a chapter.
    pub(super) fn chapter(title: &str) {
        println!("\n{title}");
    }

    /// Tells one thing: who turned to whom, with what, and what came of it.
    pub(super) fn tell(ok: bool, from: &str, to: &str, what: &str, outcome: &str) {
        let (mark, between) = (if ok { '✓' } else { '✗' }, format!("{from} → {to}"));
        println!("  {} {mark} {between:<28} {what}: {outcome}", now());
    }

    /// Tells what happened between nobody.
    pub(super) fn note(ok: bool, what: &str) {
        println!("  {} {} {what}", now(), if ok { '✓' } else { '✗' });
    }
}

fn now() -> String {
    time_of_day(&Timestamp::now())
}

/// A time of day, to the millisecond (UTC).
pub(super) fn time_of_day(at: &Timestamp) -> String {
    at.strftime("%H:%M:%S%.3f").to_string()
}
