//! That each check can fail: a day that has kept every promise is tampered with, and the check that is there for that promise says
//! which it is. A check that lets such a day pass would let a gateway pass that does the same.

use portgate_core::filing::{Filing, FilingState};
use portgate_store::{ExceptionFilter, JournalSettings};
use rusqlite::{Connection, params};
use serde_json::json;
use tokio::task::JoinHandle;

use super::bed::Bed;
use super::{Day, EVENTS};

/// A day on which this is so, and which has kept every promise.
async fn on_which(is_so: impl AsyncFn(&Day) -> bool) -> Day {
    for seed in 0..1_000 {
        let mut day = Day::new(seed, Bed::in_memory().await, None);
        for _ in 0..EVENTS {
            // On the heap, as a test's own thread has a small stack.
            Box::pin(day.event()).await;
        }
        Box::pin(day.end()).await;
        if is_so(&day).await {
            Box::pin(day.judge()).await;
            return day;
        }
    }
    panic!("there is no such day");
}

/// A day that has ended so.
async fn that_ended(state: FilingState) -> Day {
    Box::pin(on_which(async |day| day.filing().await.is_some_and(|kept| kept.filing.state == state))).await
}

impl Day {
    /// Somebody has been at the journal's file.
    fn tampers(&self, with: impl FnOnce(&Connection) -> rusqlite::Result<usize>) {
        let JournalSettings::Sqlite { path } = &self.bed.settings else { panic!("it is a file") };
        let file = Connection::open(path).expect("it opens");
        file.busy_timeout(std::time::Duration::from_secs(10)).expect("it is set");
        assert!(with(&file).expect("it is written") > 0, "there was something to tamper with");
    }

    /// The filing says something else.
    async fn falsifies(&self, change: impl FnOnce(&mut Filing)) {
        let mut filing = self.filing().await.expect("something was filed").filing;
        change(&mut filing);
        let text = serde_json::to_string(&filing).expect("JSON");
        self.tampers(|file| {
            file.execute("UPDATE filings SET filing = ?1, state = ?2", params![text, filing.state.as_str()])
        });
    }

    /// Whether anybody was ever called for a cause that begins so.
    async fn has_called(&self, cause: &str) -> bool {
        let filter = ExceptionFilter::default();
        let all = self.bed.journal.exceptions(filter, None, 100).await.expect("they are read").items;
        all.iter().any(|kept| kept.known.cause.to_string().starts_with(cause))
    }

    /// Looks and judges, and is told that something is wrong.
    async fn must_be_blamed_for(mut self, what: &'static str) {
        let judged = tokio::spawn(async move {
            Box::pin(self.look()).await;
            Box::pin(self.judge()).await;
        });
        says(judged, what).await;
    }
}

/// It ends by saying this.
async fn says(judged: JoinHandle<()>, what: &str) {
    let Err(why) = judged.await else { panic!("nobody notices: {what}") };
    let why = why.into_panic().downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(why.contains(what), "not `{what}`, but: {why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_1_a_context_that_does_not_follow_from_the_documents_is_noticed() {
    let day = that_ended(FilingState::Accepted).await;
    let another =
        "UPDATE shipment_contexts SET context = CAST(replace(CAST(context AS TEXT), 'UCR-1', 'UCR-2') AS BLOB)";
    day.tampers(|file| file.execute(another, []));
    day.must_be_blamed_for("the order of documents matters").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_2_a_document_that_is_lost_is_noticed() {
    let day = that_ended(FilingState::Accepted).await;
    let one = "DELETE FROM thing_versions WHERE (thing, exchange, position) IN (SELECT thing, exchange, position \
               FROM thing_versions JOIN things ON number = thing WHERE sender = 'wms' LIMIT 1)";
    day.tampers(|file| file.execute(one, []));
    day.must_be_blamed_for("a document is lost").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_3_what_is_filed_on_stale_or_blocked_facts_is_noticed() {
    for (field, stale) in [("totalPackages", json!(99)), ("invoiceTotal", json!({ "amount": "1.00" }))] {
        let day = that_ended(FilingState::Accepted).await;
        day.falsifies(|filing| {
            let mut step = filing.steps[0].clone();
            (step.delivery, step.replaced) = ("another".to_owned(), true);
            step.declared[field] = stale;
            filing.steps.push(step);
        })
        .await;
        day.must_be_blamed_for("filed on stale or blocked facts").await;
    }
    // The invoice says that it is wrong, and all the same it is declared.
    let mut day = that_ended(FilingState::Accepted).await;
    day.facts.spoil();
    day.before = day.facts.known();
    day.falsifies(|filing| filing.steps.iter_mut().for_each(|step| step.delivery.push_str("-again"))).await;
    day.must_be_blamed_for("filed on stale or blocked facts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_4_what_is_filed_twice_is_noticed() {
    // The same version comes under another id, and another version that declares once more.
    for (further, what) in [(0, "filed twice"), (100, "declared twice")] {
        let mut day = that_ended(FilingState::Accepted).await;
        let (lrn, version) = day.customs.any();
        let declared = json!({ "lrn": lrn, "version": (version + further).to_string() });
        let now = day.bed.now();
        day.customs.receives("another", "declaration", &declared, now, &mut day.draw);
        day.must_be_blamed_for(what).await;
    }
    // Customs has been sent what something took the place of.
    let day = that_ended(FilingState::Accepted).await;
    day.falsifies(|filing| filing.steps.iter_mut().for_each(|step| step.replaced = true)).await;
    day.must_be_blamed_for("customs has what was replaced").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_4_what_is_posted_or_done_twice_is_noticed() {
    // A cost is told once more: under its own name, under another, and in the place of what there is not.
    for (name, replaces, what) in [
        (None, json!([]), "is posted twice"),
        (Some("another"), json!([]), "finance has something else"),
        (Some("another"), json!([{ "sourceRef": "nothing", "amount": { "amount": "1.00" } }]), "what is not open"),
    ] {
        let mut day = that_ended(FilingState::Accepted).await;
        let mut cost = day.ledger.any();
        cost["replaces"] = replaces;
        if let Some(name) = name {
            cost["sourceRef"] = json!(name);
        }
        let told = tokio::spawn(async move {
            day.ledger.receives(day.seed, "another", cost);
            Box::pin(day.judge()).await;
        });
        says(told, what).await;
    }
    // What an operator did once is there twice.
    let day = Box::pin(on_which(async |day| day.acts > 0)).await;
    let again = "INSERT INTO acts (kind, operator, reason, at, filter, count) \
                 SELECT kind, operator, reason, at, filter, count FROM acts LIMIT 1";
    day.tampers(|file| file.execute(again, []));
    day.must_be_blamed_for("what operators did").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_5_whoever_is_wanted_by_nobody_for_nothing_or_twice_is_noticed() {
    // Nobody is called for what has stopped.
    let day = that_ended(FilingState::Rejected).await;
    day.tampers(|file| file.execute("UPDATE exceptions SET state = 'closed' WHERE cause LIKE 'filing:%'", []));
    day.must_be_blamed_for("those are not called").await;
    // Somebody is called, but not by when.
    let day = that_ended(FilingState::Rejected).await;
    day.tampers(|file| file.execute("UPDATE exceptions SET deadline = NULL WHERE state = 'open'", []));
    day.must_be_blamed_for("nobody, or nobody by when, or nothing to do").await;
    // It does not say why.
    let day = that_ended(FilingState::Rejected).await;
    day.tampers(|file| file.execute("UPDATE exceptions SET findings = '[]' WHERE cause LIKE 'filing:%'", []));
    day.must_be_blamed_for("it says nothing of customs' reason").await;
    // Somebody is called for what is in order.
    let was_called = async |day: &Day| {
        let is_accepted = day.filing().await.is_some_and(|kept| kept.filing.state == FilingState::Accepted);
        is_accepted && day.has_called("filing:").await
    };
    let day = Box::pin(on_which(was_called)).await;
    day.tampers(|file| file.execute("UPDATE exceptions SET state = 'open' WHERE cause LIKE 'filing:%'", []));
    day.must_be_blamed_for("those are not called").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_6_what_never_comes_to_its_end_is_noticed() {
    // Whoever had it died, and nobody takes it up.
    let day = that_ended(FilingState::Accepted).await;
    day.falsifies(|filing| filing.state = FilingState::Submitted).await;
    day.must_be_blamed_for("it ended Submitted").await;
    // It is accepted, but customs has something else.
    let day = that_ended(FilingState::Accepted).await;
    day.falsifies(|filing| filing.steps.retain(|step| step.replaced)).await;
    day.must_be_blamed_for("accepted by nobody").await;
}
