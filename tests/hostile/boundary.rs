//! Attacks at the boundary itself, in exact bytes: what a plugin can hand to the host, and what it can do before it is
//! even called.

use std::time::Duration;

use portgate_runtime::{CallError, Refusal};

use crate::craft::Craft;
use crate::rig::{Decode, Rig, error, is_good, limits, message, policy};

/// Calls a crafted plugin, then a good one.
async fn call(craft: Craft<'_>) -> Decode {
    let rig = Rig::new();
    let crafted = rig.admit("crafted", &craft.component(), &policy()).expect("the crafted plugin is admitted");
    let good = rig.good();
    let call = crafted.decode(message("crafted")).await;
    is_good(&good.decode(message("good")).await);
    assert!(call.usage.cpu < 10 * Duration::from_millis(limits().cpu_ms_max), "{:?}", call.usage);
    call
}

/// A `decode` that answers with a rejection of one finding, whose 28 bytes are these.
fn finding(bytes: &str) -> String {
    // At 2048: a rejection (1), then a list of one finding at 2304, no parts and no reply.
    format!(
        r#"(data (i32.const 2048) "\01\00\00\00\00\09\00\00\01\00\00\00")
           (data (i32.const 2304) "{bytes}")
           (data (i32.const 2100) "\ff\fe\fd")"#
    )
}

const REJECT: &str = "(i32.const 2048)";

/// Four numbers: text at 2100 of this length.
fn text(length: u8) -> String {
    format!(r"\34\08\00\00\{length:02x}\00\00\00")
}

#[track_caller]
fn invalid(call: &Decode, word: &str) {
    let CallError::InvalidOutput { detail } = error(call) else { panic!("{:?}", call.outcome) };
    assert!(detail.contains(word), "{detail}");
}

#[tokio::test]
async fn a_plugin_in_text_is_a_plugin_like_any_other() {
    let call = call(Craft::default()).await;
    let Ok(Ok(decoded)) = &call.outcome else { panic!("{:?}", call.outcome) };
    assert!(decoded.documents.is_empty());
}

#[tokio::test]
async fn text_that_is_no_utf_8_is_refused() {
    let more = finding(&format!(r"{}\02\00\00\00{}{}", text(3), text(0), text(0)));
    invalid(&call(Craft { decode: REJECT, more: &more, ..Craft::default() }).await, "utf-8");
}

#[tokio::test]
async fn a_severity_that_does_not_exist_is_refused() {
    let more = finding(&format!(r"{}\09\00\00\00{}{}", text(0), text(0), text(0)));
    invalid(&call(Craft { decode: REJECT, more: &more, ..Craft::default() }).await, "");
}

#[tokio::test]
async fn a_result_that_is_neither_is_refused() {
    let more = r#"(data (i32.const 2048) "\07")"#;
    invalid(&call(Craft { decode: REJECT, more, ..Craft::default() }).await, "");
}

#[tokio::test]
async fn a_list_that_reaches_out_of_the_memory_is_refused() {
    for list in [r"\00\00\02\00\01\00\00\00", r"\fc\ff\ff\ff\01\00\00\00", r"\00\00\00\00\ff\ff\ff\7f"] {
        let more = format!(r#"(data (i32.const 2048) "\01\00\00\00{list}")"#);
        invalid(&call(Craft { decode: REJECT, more: &more, ..Craft::default() }).await, "");
    }
}

#[tokio::test]
async fn a_result_outside_of_the_memory_or_at_an_odd_place_is_refused() {
    for place in ["(i32.const -4)", "(i32.const 131072)", "(i32.const 1025)"] {
        invalid(&call(Craft { decode: place, ..Craft::default() }).await, "");
    }
}

#[tokio::test]
async fn room_outside_of_the_memory_is_not_written_to() {
    for place in ["(i32.const -8)", "(i32.const 131064)"] {
        invalid(&call(Craft { realloc: place, ..Craft::default() }).await, "");
    }
}

#[tokio::test]
async fn asking_for_room_is_within_the_budget_of_the_call() {
    let call = call(Craft { realloc: "(loop $l (br $l)) (i32.const 0)", ..Craft::default() }).await;
    assert_eq!(error(&call), CallError::CpuExceeded);
}

#[tokio::test]
async fn a_table_that_grows_without_an_end_ends_the_call() {
    let grow = "(loop $l (drop (table.grow $t (ref.null func) (i32.const 100))) (br $l)) (i32.const 0)";
    let call = call(Craft { decode: grow, more: "(table $t 1 funcref)", ..Craft::default() }).await;
    assert_eq!(error(&call), CallError::TableExceeded);
}

#[tokio::test]
async fn table_elements_count_over_all_tables() {
    // Neither is over the limit by itself.
    let more = "(table $a 3000 funcref) (table $b 3000 funcref)";
    let call = call(Craft { more, ..Craft::default() }).await;
    assert_eq!(error(&call), CallError::TableExceeded);
}

#[tokio::test]
async fn memory_that_is_wanted_from_the_start_is_counted() {
    let rig = Rig::new();
    let mut narrow = policy();
    narrow.limits.memory_bytes_max = 1 << 20;
    let crafted = rig.admit("crafted", &Craft { memory: "32", ..Craft::default() }.component(), &narrow);
    let call = crafted.expect("it fits the pool").decode(message("crafted")).await;
    assert_eq!(error(&call), CallError::MemoryExceeded);
}

#[test]
fn memory_that_no_policy_allows_is_refused_at_load() {
    let component = Craft { memory: "1000", ..Craft::default() }.component();
    let refusal = Rig::new().admit("crafted", &component, &policy()).unwrap_err();
    assert!(matches!(refusal, Refusal::Uncompilable(_)), "{refusal}");
}

#[tokio::test]
async fn a_start_function_is_within_the_budget_of_the_call() {
    let more = "(func $start (loop $l (br $l))) (start $start)";
    assert_eq!(error(&call(Craft { more, ..Craft::default() }).await), CallError::CpuExceeded);
    let more = "(func $start unreachable) (start $start)";
    assert!(matches!(error(&call(Craft { more, ..Craft::default() }).await), CallError::Trapped { .. }));
}

#[tokio::test]
async fn division_by_zero_is_a_trap_of_its_own_name() {
    let call = call(Craft { decode: "(i32.div_u (i32.const 1) (i32.const 0))", ..Craft::default() }).await;
    assert!(matches!(error(&call), CallError::Trapped { kind } if kind.contains("divide by zero")));
}

#[tokio::test]
async fn the_bits_of_a_nan_are_the_same_everywhere() {
    // 0/0 with a payload of its own, stored where the detail of a finding is read from.
    let decode = r#"(f32.store (i32.const 2100) (f32.div (f32.const 0) (f32.mul (f32.const nan:0x200001) (f32.const 0))))
        (i32.store (i32.const 2100) (i32.add (i32.const 0x61616161)
            (i32.ne (i32.load (i32.const 2100)) (i32.const 0x7fc00000))))
        (i32.const 2048)"#;
    let more = finding(&format!(r"{}\02\00\00\00{}{}", text(0), text(0), text(4)));
    let call = call(Craft { decode, more: &more, ..Craft::default() }).await;
    let Ok(Err(rejection)) = &call.outcome else { panic!("{:?}", call.outcome) };
    assert_eq!(rejection.findings[0].detail, "aaaa");
}
