//! What a plugin can do with a partner's codes: no more than its agreement has, within its budget.

use std::sync::Arc;

use jiff::civil::date;
use portgate_core::agreement::{Acknowledgement, Agreement, Mode};
use portgate_core::codes::{AWAITED_MAX, CODE_BYTES_MAX, CodePair, CodeTable, CodeTables, CodeWay, Codes, UnknownCode};
use portgate_core::message::Message;
use portgate_runtime::CallError;

use crate::rig::{Rig, error, message, remark};

/// A message under an agreement that has one table, in which `A` is `alpha`.
fn agreed(behaviour: &str, body: &str, unknown: UnknownCode) -> Message {
    let pair = CodePair {
        theirs: "A".to_owned(),
        ours: "alpha".to_owned(),
        way: CodeWay::Both,
        from: date(1, 1, 1),
        to: None,
    };
    let tables = CodeTables::from([("carrier".to_owned(), Arc::new(CodeTable::new(&[pair])))]);
    let agreement = Agreement {
        name: "agreed".to_owned(),
        ours: Vec::new(),
        theirs: Vec::new(),
        edition: String::new(),
        mode: Mode::Production,
        acknowledgement: Acknowledgement::None,
        all_or_nothing: false,
        settings: Vec::new(),
        codes: Codes::new([("carrier".to_owned(), unknown)].into()).with(Some(Arc::new(tables))),
    };
    Message { agreement: Some(agreement), body: body.as_bytes().to_vec(), ..message(behaviour) }
}

#[tokio::test]
async fn a_code_is_looked_up_in_the_tables_of_the_call_s_own_agreement_alone() {
    let plugin = Rig::new().hostile(|_| ());
    let call = plugin.decode(agreed("code", "A", UnknownCode::Refuse)).await;
    assert_eq!(remark(&call), "alpha");
    let call = plugin.decode(agreed("code", "B", UnknownCode::Refuse)).await;
    assert_eq!((remark(&call), call.awaited.len()), ("Unknown::Refuse", 0));
    // The next call has no agreement, and nothing of the last one.
    let call = plugin.decode(Message { body: b"A".to_vec(), ..message("code") }).await;
    assert_eq!(remark(&call), "Unknown::Pass");
}

#[tokio::test]
async fn look_ups_of_codes_have_an_end_and_a_table_that_is_not_granted_ends_the_call() {
    let plugin = Rig::new().hostile(|_| ());
    let call = plugin.decode(agreed("codes-without-end", "", UnknownCode::Park)).await;
    assert_eq!(error(&call), CallError::LookupExceeded);
    let call = plugin.decode(agreed("codes-in-any-table", "unit", UnknownCode::Park)).await;
    assert_eq!(error(&call), CallError::LookupDenied { table: "unit".to_owned() });
}

#[tokio::test]
async fn of_a_hundred_thousand_unknown_codes_some_are_remembered_and_one_of_absurd_size_is_none() {
    let plugin = Rig::new().hostile(|policy| {
        (policy.limits.lookups_max, policy.limits.cpu_ms_max) = (1_000_000, 60_000);
        policy.limits.wall_ms_max = 60_000;
        policy.limits.output_bytes_max = 64 << 20;
    });
    let call = plugin.decode(agreed("unknown-codes", "100000", UnknownCode::Park)).await;
    assert!(matches!(call.outcome, Ok(Err(_))), "{:?}", call.outcome);
    assert_eq!((call.usage.lookups, call.awaited.len()), (100_000, AWAITED_MAX));
    assert!(call.awaited.iter().all(|awaited| awaited.code.len() <= CODE_BYTES_MAX));
    let call = plugin.decode(agreed("absurd-code", "", UnknownCode::Park)).await;
    assert!(call.awaited.is_empty(), "nobody could write it down: {:?}", call.awaited.len());
}
