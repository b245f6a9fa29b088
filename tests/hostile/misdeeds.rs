//! What the hostile Rust plugin can do in a call, and how each ends.

use std::time::Duration;

use portgate_core::policy::PluginPolicy;
use portgate_runtime::{CallError, LogLevel};

use crate::rig::{Decode, Rig, error, is_good, limits, message, remark};

/// Lets the plugin misbehave, then holds that the very next calls, of the same plugin and of another, are served.
async fn misbehave(behaviour: &str, change: impl FnOnce(&mut PluginPolicy)) -> Decode {
    let rig = Rig::new();
    let (hostile, good) = (rig.hostile(change), rig.good());
    let call = hostile.decode(message(behaviour)).await;
    is_good(&good.decode(message("good")).await);
    is_good(&hostile.decode(message("good")).await);
    let usage = &call.usage;
    assert!(usage.cpu < 10 * Duration::from_millis(limits().cpu_ms_max), "{behaviour} used {usage:?}");
    assert!(usage.memory_bytes_peak <= limits().memory_bytes_max, "{behaviour} used {usage:?}");
    call
}

async fn ends_with(behaviour: &str, expected: CallError) {
    assert_eq!(error(&misbehave(behaviour, |_| ()).await), expected, "{behaviour}");
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_processor_time() {
    let call = misbehave("endless-loop", |_| ()).await;
    assert_eq!(error(&call), CallError::CpuExceeded);
    assert!(call.usage.cpu >= Duration::from_millis(limits().cpu_ms_max), "it was cut short: {:?}", call.usage);
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_time_on_the_clock() {
    let impatient = |policy: &mut PluginPolicy| {
        policy.limits.cpu_ms_max = 1_000;
        policy.limits.wall_ms_max = 30;
    };
    let call = misbehave("endless-loop", impatient).await;
    assert_eq!(error(&call), CallError::WallExceeded);
    assert!(call.usage.wall < Duration::from_millis(300), "{:?}", call.usage);
}

#[tokio::test]
async fn a_memory_bomb_ends_with_its_memory() {
    ends_with("memory-bomb", CallError::MemoryExceeded).await;
}

#[tokio::test]
async fn deep_recursion_ends_with_the_stack() {
    ends_with("deep-recursion", CallError::StackOverflow).await;
}

/// The stack in the plugin's own memory comes first there, so that what is beyond it is no memory.
#[tokio::test]
async fn deep_frames_end_at_the_end_of_the_memory() {
    let call = misbehave("deep-frames", |_| ()).await;
    assert!(matches!(error(&call), CallError::Trapped { kind } if kind.contains("out of bounds")));
}

#[tokio::test]
async fn an_abort_is_a_trap() {
    let call = misbehave("trap", |_| ()).await;
    assert!(matches!(error(&call), CallError::Trapped { kind } if kind.contains("unreachable")));
}

#[tokio::test]
async fn a_wild_pointer_is_a_trap() {
    let call = misbehave("wild-pointer", |_| ()).await;
    assert!(matches!(error(&call), CallError::Trapped { kind } if kind.contains("out of bounds")));
}

#[tokio::test]
async fn a_panic_is_told_with_its_place_and_message() {
    let call = misbehave("panic", |_| ()).await;
    let CallError::Panicked { at, message } = error(&call) else { panic!("{:?}", call.outcome) };
    assert!(at.contains("src/lib.rs:"), "{at}");
    assert_eq!(message, "no such code `1`");
}

#[tokio::test]
async fn huge_output_is_not_copied() {
    ends_with("huge-output", CallError::OutputExceeded).await;
}

#[tokio::test]
async fn too_many_documents_are_refused() {
    ends_with("many-documents", CallError::DocumentsExceeded).await;
}

#[tokio::test]
async fn a_kind_of_document_that_is_not_granted_is_refused() {
    ends_with("kind-not-granted", CallError::EmitDenied { kind: "customs-status".to_owned() }).await;
}

#[tokio::test]
async fn a_rejection_without_a_reason_is_no_answer() {
    let call = misbehave("empty-rejection", |_| ()).await;
    assert!(matches!(error(&call), CallError::InvalidOutput { .. }), "{:?}", call.outcome);
}

#[tokio::test]
async fn parts_that_contradict_what_they_say_of_themselves_are_no_answer() {
    for (behaviour, wrong) in [
        ("part-refused-without-reason", "a refused part without a finding of severity error"),
        ("part-refused-with-documents", "documents of a refused part"),
        ("part-accepted-with-error", "an accepted part with a finding of severity error"),
        ("part-of-too-many-documents", "parts of more documents than there are"),
    ] {
        ends_with(behaviour, CallError::InvalidOutput { detail: wrong.to_owned() }).await;
    }
}

#[tokio::test]
async fn too_many_parts_and_a_huge_reply_end_the_call() {
    let call = misbehave("many-parts", |_| ()).await;
    assert_eq!(error(&call), CallError::DocumentsExceeded);
    ends_with("huge-reply", CallError::OutputExceeded).await;
}

#[tokio::test]
async fn a_log_flood_ends_the_call() {
    let call = misbehave("log-flood", |_| ()).await;
    assert_eq!(error(&call), CallError::LogExceeded);
    assert_eq!(call.log.len() as u64, limits().log_lines_max, "what was allowed is kept");
}

#[tokio::test]
async fn the_bytes_of_the_log_are_a_budget_as_well() {
    ends_with("long-log-line", CallError::LogExceeded).await;
    ends_with("many-log-fields", CallError::OutputExceeded).await;
}

#[tokio::test]
async fn a_huge_argument_is_refused_before_it_is_copied() {
    ends_with("huge-log-line", CallError::OutputExceeded).await;
}

#[tokio::test]
async fn a_log_line_cannot_forge_another() {
    let call = misbehave("forged-log-line", |_| ()).await;
    assert_eq!(remark(&call), "logged");
    let line = &call.log[0];
    assert_eq!(line.level, LogLevel::Warn);
    assert_eq!(line.text, "quiet\\u{a}ERROR all is lost \\u{1b}[2J");
    assert_eq!(line.fields, [("name\\u{a}".to_owned(), "\\u{202e}value".to_owned())]);
}

#[tokio::test]
async fn a_look_up_flood_ends_the_call() {
    let call = misbehave("lookup-flood", |_| ()).await;
    assert_eq!(error(&call), CallError::LookupExceeded);
    assert_eq!(call.usage.lookups, limits().lookups_max + 1);
}

#[tokio::test]
async fn a_table_that_is_not_granted_is_refused() {
    ends_with("lookup-not-granted", CallError::LookupDenied { table: "secrets".to_owned() }).await;
}

#[tokio::test]
async fn a_look_up_on_a_day_that_is_none_is_told_to_the_author() {
    let call = misbehave("lookup-on-no-day", |_| ()).await;
    assert!(matches!(error(&call), CallError::InvalidOutput { detail } if detail.contains("`tomorrow`")));
}

#[tokio::test]
async fn a_granted_look_up_is_answered_and_counted() {
    let call = misbehave("lookup", |_| ()).await;
    assert_eq!(remark(&call), "alpha");
    assert_eq!(call.usage.lookups, 1);
}

#[tokio::test]
async fn a_search_by_name_is_granted_dated_and_counted_as_look_ups_are() {
    let call = misbehave("search-flood", |_| ()).await;
    assert_eq!((error(&call), call.usage.lookups), (CallError::LookupExceeded, limits().lookups_max + 1));
    ends_with("search-not-granted", CallError::LookupDenied { table: "secrets".to_owned() }).await;
    let call = misbehave("search-on-no-day", |_| ()).await;
    assert!(matches!(error(&call), CallError::InvalidOutput { detail } if detail.contains("`tomorrow`")));
    let call = misbehave("search", |_| ()).await;
    assert_eq!((remark(&call), call.usage.lookups), ("0", 1), "a table of keys has no lists");
}

#[tokio::test]
async fn a_search_by_name_gives_no_more_than_a_hundred_entries_whoever_asks() {
    let header = r#"{"lists": [{"id": "w", "name": "W", "version": "1", "date": "2026-03-01"}]}"#;
    let entry = |id: u32| format!(r#"{{"list": "w", "id": "{id}", "names": ["Northern Harrier {id}"]}}"#);
    let lines: Vec<String> = std::iter::once(header.to_owned()).chain((0..150).map(entry)).collect();
    let rig = Rig::with_table("codes", lines.join("\n").as_bytes());
    let call = rig.hostile(|_| ()).decode(message("search")).await;
    assert_eq!((remark(&call), call.usage.lookups), ("100", 1));
}

#[tokio::test]
async fn an_ordinary_rejection_is_no_error() {
    let call = misbehave("something-else", |_| ()).await;
    let Ok(Err(rejection)) = &call.outcome else { panic!("{:?}", call.outcome) };
    assert_eq!(rejection.findings[0].detail, "something-else");
    assert_eq!(call.usage.output_bytes, ("hostile".len() + "something-else".len()) as u64);
}
