use portgate_core::agreement::ControlNumbers;
use portgate_core::interchange::Kinds;
use portgate_core::state::DeliveryState;
use portgate_store::ExchangeId;
use serde_json::{Value, json};

use super::*;

/// A delivery that was sent under these numbers of an agreement.
fn sent(agreement: &str, interchange: u64, first_message: u64, messages: u32) -> SentUnder {
    SentUnder {
        delivery: DeliveryId::new(jiff::Timestamp::UNIX_EPOCH),
        exchange: ExchangeId::new(jiff::Timestamp::UNIX_EPOCH),
        partner: "shop".to_owned(),
        destination: "tms".to_owned(),
        contract: "tenders".to_owned(),
        version: "1".to_owned(),
        parts: Vec::new(),
        agreement: agreement.to_owned(),
        numbers: ControlNumbers { interchange, group: interchange + 100, first_message, messages },
        kinds: Kinds {
            functional_id: if agreement == "tenders" { "SM" } else { "QM" }.to_owned(),
            message_type: if agreement == "tenders" { "204" } else { "214" }.to_owned(),
            made: "2603011200".to_owned(),
        },
        state: DeliveryState::Sent,
        acknowledged: None,
    }
}

/// The first set of a delivery, what is said of it, and the codes of the findings.
type Meant = (u64, Option<Acknowledged>, Vec<String>);

/// What a document says of these: the verdict of each that is meant with the codes of its findings, and the notes.
fn read(body: Value, all: &[SentUnder]) -> (Vec<Meant>, Vec<String>) {
    let body: Body = serde_json::from_value(body).expect("a body");
    let named = body.named();
    let is_named = |sent: &&SentUnder| {
        named.iter().any(|named| match *named {
            NamedBy::Interchange(number) => sent.numbers.interchange == number,
            NamedBy::Group(number) => sent.numbers.group == number,
            NamedBy::Message(number) => is_of(sent, number),
        })
    };
    let found: Vec<SentUnder> = all.iter().filter(is_named).cloned().collect();
    let mut notes = Vec::new();
    let meant = body.meant(&found, &mut notes);
    let codes = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.code).collect();
    let meant = meant
        .into_iter()
        .map(|(sent, verdict, findings)| (sent.numbers.first_message, verdict.said(), codes(findings)))
        .collect();
    (meant, notes.into_iter().map(|note| note.code).collect())
}

const NONE: [String; 0] = [];

fn group(verdict: &str, messages: Value) -> Value {
    json!({
        "message": "997",
        "groups": [{ "functionalId": "SM", "reference": "107", "verdict": verdict }],
        "messages": messages,
    })
}

#[test]
fn a_group_says_of_each_set_that_it_does_not_name_what_it_says_of_itself() {
    let of_one = [sent("tenders", 7, 41, 1), sent("tenders", 7, 42, 1)];
    let (meant, notes) = read(group("accepted", json!([])), &of_one);
    assert_eq!(meant, [(41, Some(Acknowledged::Accepted), vec![]), (42, Some(Acknowledged::Accepted), vec![])]);
    assert_eq!(notes, NONE);
    let finding = json!({ "segment": "B2", "position": 2, "element": 6, "code": "7", "value": "XX" });
    let refused = json!([
        { "group": "107", "type": "204", "reference": "0042", "verdict": "rejected", "errors": ["5"],
          "findings": [finding] },
    ]);
    let (meant, _) = read(group("partly-accepted", refused), &of_one);
    assert_eq!(
        meant,
        [(41, Some(Acknowledged::Accepted), vec![]), (42, Some(Acknowledged::Rejected), vec!["7".to_owned()])]
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let wrong: Wrong = serde_json::from_value(json!({
        "segment": "B2", "position": 2, "element": 6, "component": 1, "code": "7", "value": "XX",
    }))
    .expect("a finding");
    let finding = wrong.finding();
    assert_eq!(finding.location, "segment 2 B2-06-1");
    assert_eq!(finding.detail, "The partner says code 7. The value is `XX`.");
}

#[test]
fn a_delivery_of_several_sets_is_partly_accepted_where_some_of_them_are() {
    let refused = json!([{ "group": "107", "reference": "42", "verdict": "rejected" }]);
    let (meant, _) = read(group("partly-accepted", refused), &[sent("tenders", 7, 41, 3)]);
    assert_eq!(
        meant,
        [(41, Some(Acknowledged::PartlyAccepted), vec!["acknowledgement-rejected".to_owned()])],
        "a person is told why, even if the partner does not say it"
    );
}

#[test]
fn a_set_that_was_not_sent_in_the_group_is_told_and_none_of_its_siblings_is_taken_for_accepted() {
    let strange = |verdict: &str, group_verdict: &str| {
        let sets = json!([{ "group": "107", "reference": "99", "verdict": verdict }]);
        read(group(group_verdict, sets), &[sent("tenders", 7, 41, 1)])
    };
    let told = vec!["acknowledgement-of-nothing".to_owned()];
    let partly = vec![(41, Some(Acknowledged::PartlyAccepted), vec!["acknowledgement-rejected".to_owned()])];
    assert_eq!(strange("rejected", "partly-accepted"), (partly, told.clone()));
    assert_eq!(strange("accepted", "accepted"), (vec![(41, Some(Acknowledged::Accepted), vec![])], told));
}

#[test]
fn what_was_never_sent_and_what_several_have_sent_has_no_effect() {
    let nothing = read(group("accepted", json!([])), &[sent("tenders", 8, 1, 1)]);
    assert_eq!(nothing, (vec![], vec!["acknowledgement-of-nothing".to_owned()]));
    let other_kind = read(group("accepted", json!([])), &[sent("statuses", 7, 1, 1)]);
    assert_eq!(other_kind.1, ["acknowledgement-of-nothing"], "another kind of group has that number");
    let both = [sent("tenders", 7, 1, 1), sent("statuses", 7, 1, 1)];
    assert_eq!(read(group("accepted", json!([])), &both).0.len(), 1, "its kind tells which is meant");
    let of_both = json!({ "message": "TA1", "interchange": { "reference": "000000007", "verdict": "rejected" } });
    assert_eq!(read(of_both, &both), (vec![], vec!["acknowledgement-ambiguous".to_owned()]));
}

#[test]
fn who_takes_an_envelope_has_not_looked_into_it() {
    let said = |message: &str, verdict: &str| {
        let interchange = json!({ "reference": "7", "verdict": verdict, "errors": ["021"] });
        read(json!({ "message": message, "interchange": interchange }), &[sent("tenders", 7, 1, 1)]).0
    };
    assert_eq!(said("TA1", "accepted"), [(1, None, vec![])]);
    assert_eq!(said("TA1", "rejected"), [(1, Some(Acknowledged::Rejected), vec!["021".to_owned()])]);
    assert_eq!(said("CONTRL", "received"), [(1, None, vec![])]);
    assert_eq!(said("CONTRL", "accepted"), [(1, Some(Acknowledged::Accepted), vec![])]);
}

#[test]
fn an_application_names_messages_alone() {
    let aperak = |references: Value| {
        let messages = json!([{ "reference": "", "verdict": "rejected", "errors": ["36"] }]);
        json!({ "message": "APERAK", "messages": messages, "references": references })
    };
    let all = [sent("tenders", 7, 41, 1), sent("tenders", 8, 42, 1)];
    let (meant, notes) = read(aperak(json!([{ "qualifier": "ACW", "value": "0042" }])), &all);
    assert_eq!(meant, [(42, Some(Acknowledged::Rejected), vec!["36".to_owned()])]);
    assert_eq!(notes, NONE);
    let (meant, notes) = read(aperak(json!([{ "qualifier": "ACW", "value": "ORDER-1" }])), &all);
    assert_eq!((meant, notes), (vec![], vec!["acknowledgement-of-nothing".to_owned()]));
}

#[test]
fn after_the_numbers_have_begun_anew_what_was_sent_last_is_meant() {
    // The newest is the first.
    let mut old = sent("tenders", 7, 1, 1);
    old.numbers.interchange = 3;
    let (meant, _) = read(group("accepted", json!([])), &[sent("tenders", 7, 41, 1), old]);
    assert_eq!(meant, [(41, Some(Acknowledged::Accepted), vec![])]);
}

#[test]
fn a_control_number_is_digits_with_or_without_zeros_before_them() {
    for (text, expected) in [("000000042", Some(42)), (" 7 ", Some(7)), ("", None), ("-1", None), ("4A", None)] {
        assert_eq!(number(text), expected, "{text}");
    }
    assert_eq!(number("99999999999999999999999"), None);
}
