use proptest::prelude::*;
use serde_json::json;

use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + 60 * minute).expect("a time")
}

fn expect(after: Value, same: Option<&str>) -> Expect {
    let text = json!({
        "name": "answer", "after": after, "within": "4 hours", "same": same,
        "what": { "document": "customs-status", "where": { "/status": "accepted" } },
    });
    serde_json::from_value(text).expect("an expectation")
}

fn body(lrn: &str, status: &str) -> Value {
    json!({ "references": [{ "scheme": "lrn", "value": lrn }], "status": status })
}

/// A document as it came in a minute, and as it was recorded in another.
struct Came {
    kind: &'static str,
    key: &'static str,
    version: u32,
    minute: i64,
    recorded: i64,
    body: Value,
}

fn came(kind: &'static str, key: &'static str, version: u32, minute: i64, body: Value) -> Came {
    Came { kind, key, version, minute, recorded: minute, body }
}

fn declared(key: &'static str, version: u32, minute: i64, lrn: &str) -> Came {
    came("customs-declaration", key, version, minute, body(lrn, ""))
}

fn answered(key: &'static str, minute: i64, lrn: &str) -> Came {
    came("customs-status", key, 1, minute, body(lrn, "accepted"))
}

fn told(expects: &[Expect], came: &[Came], delivered: &[Delivered]) -> Vec<(String, Option<Timestamp>)> {
    let arrived = |(place, one): (u32, &'_ Came)| {
        let sha256 = crate::sha256::sha256(format!("{} {} {}", one.version, one.recorded, one.body).as_bytes());
        let version =
            Version { version: one.version.to_string(), recorded_at: at(one.recorded).as_microsecond(), sha256 };
        (version, (7, place), at(one.minute))
    };
    let arrived: Vec<_> = (0..).zip(came).map(|(place, one)| (arrived((place, one)), one)).collect();
    let documents: Vec<Arrived<'_>> = arrived
        .iter()
        .map(|((version, place, at), one)| Arrived {
            sender: "erp",
            kind: one.kind,
            key: one.key,
            version: version.clone(),
            place: *place,
            at: *at,
            body: &one.body,
        })
        .collect();
    expected(expects, &documents, delivered).into_iter().map(|one| (one.of, one.met)).collect()
}

fn of(name: &str, met: Option<i64>) -> (String, Option<Timestamp>) {
    (name.to_owned(), met.map(at))
}

fn after_declarations(same: Option<&str>) -> [Expect; 1] {
    [expect(json!({ "document": "customs-declaration" }), same)]
}

fn delivery(id: &str, document: u32, left: i64, minute: i64) -> Delivered {
    let (partner, contract) = ("broker".to_owned(), "declaration".to_owned());
    let (left, at) = (at(left), at(minute));
    Delivered { id: id.to_owned(), partner, contract, exchange: 7, documents: [document].into(), left, at }
}

#[test]
fn what_arrives_for_one_document_meets_nothing_of_another() {
    let came = [
        declared("D1", 1, 0, "L1"),
        declared("D2", 1, 1, "L2"),
        answered("S1", 9, "L2"),
        came("customs-status", "S2", 1, 5, body("L1", "registered")),
    ];
    assert_eq!(told(&after_declarations(Some("lrn")), &came, &[]), [of("D1", None), of("D2", Some(9))]);
}

#[test]
fn what_came_before_an_amendment_is_no_answer_to_it() {
    let expects = after_declarations(Some("lrn"));
    let mut came = vec![declared("D", 1, 0, "L"), answered("S1", 3, "L"), declared("D", 2, 60, "L")];
    assert_eq!(told(&expects, &came, &[]), [of("D", Some(3)), of("D/2", None)]);
    came.push(answered("S2", 70, "L"));
    assert_eq!(told(&expects, &came, &[]), [of("D", Some(3)), of("D/2", Some(70))]);
}

#[test]
fn one_answer_is_to_one_of_several_that_are_open_unless_policy_says_that_it_is_to_all() {
    let mut expects = after_declarations(Some("lrn"));
    let mut came = vec![declared("D", 1, 0, "L"), declared("D", 2, 1, "L"), answered("S1", 3, "L")];
    assert_eq!(told(&expects, &came, &[]), [of("D", Some(3)), of("D/2", None)]);
    came.push(answered("S2", 4, "L"));
    assert_eq!(told(&expects, &came, &[]), [of("D", Some(3)), of("D/2", Some(4))]);
    expects[0].each = false;
    assert_eq!(told(&expects, &came, &[]), [of("D", Some(3))], "a document begins it once");
    came.push(declared("E", 1, 2, "L"));
    assert_eq!(told(&expects, &came, &[]), [of("D", Some(3)), of("E", Some(3))]);
}

#[test]
fn what_is_said_again_as_it_was_begins_nothing_and_answers_nothing() {
    let mut came = vec![declared("D", 1, 0, "L"), declared("D", 1, 5, "L"), answered("S1", 3, "L")];
    came[1].recorded = 0;
    assert_eq!(told(&after_declarations(Some("lrn")), &came, &[]), [of("D", Some(3))]);
    came.push(declared("D", 2, 6, "L"));
    came.push(Came { recorded: 3, ..answered("S1", 7, "L") });
    assert_eq!(told(&after_declarations(Some("lrn")), &came, &[]), [of("D", Some(3)), of("D/2", None)]);
}

#[test]
fn an_answer_that_overtook_what_it_answers_is_one() {
    // The declaration was recorded in minute 1, and came only when customs had answered it.
    let late = |recorded| Came { recorded, ..declared("D", 1, 9, "L") };
    let answer = answered("S", 3, "L");
    assert_eq!(told(&after_declarations(Some("lrn")), &[late(1), answer], &[]), [of("D", Some(3))]);
    assert_eq!(told(&after_declarations(Some("lrn")), &[late(4), answered("S", 3, "L")], &[]), [of("D", None)]);
    // Of two answers each goes where it can be one, whichever is looked at first.
    let both = [declared("A", 1, 5, "L"), Came { recorded: 1, ..declared("B", 1, 6, "L") }];
    let answers = [Came { recorded: 5, ..answered("S1", 3, "L") }, Came { recorded: 2, ..answered("S2", 4, "L") }];
    let came: Vec<Came> = both.into_iter().chain(answers).collect();
    assert_eq!(told(&after_declarations(None), &came, &[]), [of("A", Some(3)), of("B", Some(4))]);
}

#[test]
fn what_was_delivered_begins_an_expectation_that_is_met_from_when_it_left() {
    let expects = [expect(json!({ "delivered": "broker", "contract": "declaration" }), None)];
    let mut delivered = vec![delivery("d1", 0, 2, 4), delivery("d2", 0, 3, 4), delivery("d3", 0, 3, 4)];
    (delivered[1].partner, delivered[2].contract) = ("erp".to_owned(), "x".to_owned());
    let told = |came: Vec<Came>| {
        let came: Vec<Came> = [declared("D", 1, 0, "L")].into_iter().chain(came).collect();
        told(&expects, &came, &delivered)
    };
    assert_eq!(told(vec![]), [of("d1", None)]);
    assert_eq!(told(vec![answered("S", 9_000, "L")]), [of("d1", Some(9_000))]);
    // The partner answered before it was known that it has it, and another time before it can have had it.
    assert_eq!(told(vec![answered("S", 3, "L")]), [of("d1", Some(3))]);
    assert_eq!(told(vec![answered("S", 1, "L")]), [of("d1", None)]);
}

#[test]
fn what_is_sent_again_begins_nothing_anew() {
    let expects = [expect(json!({ "delivered": "broker" }), None)];
    let sent = [delivery("d1", 0, 2, 2), delivery("d2", 0, 8, 8)];
    let came = [declared("D", 1, 0, "L"), answered("S", 3, "L")];
    assert_eq!(told(&expects, &came, &sent), [of("d1", Some(3))]);
    let of_another = [delivery("d3", 9, 2, 2)];
    assert_eq!(told(&expects, &came, &of_another), [], "what does not stand any more begins nothing");
}

#[test]
fn an_answer_names_what_was_delivered_where_policy_wants_that() {
    let expects = [expect(json!({ "delivered": "broker" }), Some("lrn"))];
    let came = [declared("D1", 1, 0, "L1"), declared("D2", 1, 0, "L2"), answered("S", 9, "L2")];
    let sent = [delivery("d1", 0, 2, 2), delivery("d2", 1, 2, 2)];
    assert_eq!(told(&expects, &came, &sent), [of("d1", None), of("d2", Some(9))]);
}

#[test]
fn fields_say_texts_numbers_and_values() {
    let fields = |pointer: &str, wanted: &str| BTreeMap::from([(pointer.to_owned(), wanted.to_owned())]);
    let body = json!({ "a": "x", "n": 4, "t": { "value": "y" }, "z": null });
    for (pointer, wanted, says_so) in
        [("/a", "x", true), ("/n", "4", true), ("/t", "y", true), ("/z", "null", false), ("/b", "x", false)]
    {
        assert_eq!(says(&body, &fields(pointer, wanted)), says_so, "{pointer}");
    }
}

proptest! {
    #[test]
    fn no_order_has_a_say_and_as_many_are_met_as_can_be(
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
        minutes in prop::collection::vec((0..6_i64, 0..6_i64), 8),
    ) {
        let keys = ["A", "B", "C", "D"];
        let all = |n: usize| {
            let (minute, recorded) = minutes[n];
            let key = keys[n / 2];
            let one = if n.is_multiple_of(2) { declared(key, 1, minute, "L") } else { answered(key, minute, "L") };
            Came { recorded, ..one }
        };
        let given = |order: &[usize]| {
            let came: Vec<Came> = order.iter().copied().map(all).collect();
            told(&after_declarations(Some("lrn")), &came, &[])
        };
        let found = given(&[0, 1, 2, 3, 4, 5, 6, 7]);
        prop_assert_eq!(&given(&order), &found);
        // Each answer is given away by trying all ways to do so.
        let can = |one: usize, answer: usize| {
            let (one, answer) = (minutes[one], minutes[answer]);
            answer.0 >= one.0 || answer.1 >= one.1
        };
        fn most(ones: &[usize], answers: &[usize], can: &impl Fn(usize, usize) -> bool) -> usize {
            let Some((one, others)) = ones.split_first() else { return 0 };
            let without = most(others, answers, can);
            let with = answers.iter().filter(|answer| can(*one, **answer)).map(|answer| {
                let left: Vec<usize> = answers.iter().copied().filter(|other| other != answer).collect();
                1 + most(others, &left, can)
            });
            with.max().unwrap_or_default().max(without)
        }
        let met = found.iter().filter(|(_, met)| met.is_some()).count();
        prop_assert_eq!(met, most(&[0, 2, 4, 6], &[1, 3, 5, 7], &can));
    }
}
