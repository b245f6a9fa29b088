//! Messages that nobody should send: mutilated in every way, and larger than any document has room for. The connector answers all of
//! them, and soon.

use std::time::{Duration, Instant};

use portgate_sdk::{Connector, Decoded, Rejection, testkit};
use wms_x12::WmsX12;

fn decoded(contract: &str, body: Vec<u8>) -> Result<Decoded, Rejection> {
    WmsX12::decode(&testkit::message(contract, "4010", "application/edi-x12", body))
}

fn case(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/cases/{name}/message.edi", env!("CARGO_MANIFEST_DIR"))).expect("a case")
}

const CASES: &[(&str, &str)] = &[
    ("x12-945", "945-late-split-ships-a-part-and-the-rest-follows"),
    ("x12-945", "945-substitution-unknown-codes-and-sums-that-do-not-agree"),
    ("x12-944", "944-short-over-and-damaged"),
    ("x12-947", "947-counted-damaged-and-put-on-hold"),
    ("x12-856", "856-two-orders-on-pallets-in-cartons"),
    ("x12-856", "856-orders-stand-within-cartons-and-cartons-within-items"),
    ("x12-856", "856-loads-of-a-shipment-that-has-no-number"),
];

#[test]
fn a_mutilated_message_is_taken_or_refused_with_a_reason() {
    let (mut taken, mut refused) = (0, 0);
    for (contract, name) in CASES {
        let whole = case(name);
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] = changed[at].wrapping_add(1);
            let mut without = whole.clone();
            without.remove(at);
            let mut more = whole.clone();
            more.insert(at, b'*');
            for body in [whole[..at].to_vec(), changed, without, more] {
                match decoded(contract, body) {
                    Ok(_) => taken += 1,
                    Err(rejection) => {
                        refused += 1;
                        let mut findings = rejection.all_findings();
                        assert!(findings.any(|finding| finding.severity.rejects()), "{name}, byte {at}: no reason");
                    }
                }
            }
        }
    }
    assert!(taken > 1_000 && refused > 1_000, "{taken} taken, {refused} refused");
}

/// A set of these segments, one of them many times over.
fn many(kind: &str, head: &str, one: impl Fn(usize) -> String, count: usize) -> Vec<u8> {
    let mut text = format!("ST*{kind}*0001~{head}");
    (1..=count).for_each(|number| text.push_str(&one(number)));
    text.push_str("SE*1*0001~");
    text.into_bytes()
}

#[test]
fn a_set_that_is_larger_than_a_document_is_refused_soon() {
    let sets = [
        ("x12-945", many("945", "W06*F*1~LX*1~", |_| "W12*CC*1*1**EA**VN*A~".to_owned(), 90_000)),
        ("x12-945", many("945", "W06*F*1~LX*1~W12*CC*1*1**EA**VN*A~", |n| format!("N9*LV*00{n:018}~"), 70_000)),
        ("x12-945", many("945", "W06*F*1~LX*1~", |n| format!("MAN*GM*00{n:018}~"), 70_000)),
        ("x12-945", many("945", "W06*F*1~", |n| format!("LX*{}~W12*CC*1*1**EA**VN*A~", n % 2), 45_000)),
        ("x12-944", many("944", "W17*F*20260301*1~W07*1*EA**VN*A~", |_| "W13*1*EA*01~".to_owned(), 90_000)),
        (
            "x12-856",
            many("856", "BSN*00*1*20260301*0900~HL*1**S~", |n| format!("HL*{}*{n}*I~SN1**1*EA~", n + 1), 45_000),
        ),
        ("x12-856", many("856", "BSN*00*1*20260301*0900~HL*1**S~", |n| format!("HL*{}*1*I~SN1**1*EA~", n + 1), 7_000)),
        (
            "x12-856",
            many("856", "BSN*00*1*20260301*0900~HL*1**S~", |n| format!("HL*{}*{n}*P~MAN*CP*{n}~", n + 1), 7_000),
        ),
    ];
    for (contract, body) in sets {
        let size = body.len();
        let begin = Instant::now();
        let answer = decoded(contract, body);
        let took = begin.elapsed();
        let refused = answer.expect_err("more than there is room for");
        assert!(refused.all_findings().any(|finding| finding.code.starts_with("TOO-MANY")), "{refused}");
        println!("{contract}, {size} bytes: {took:?}");
        assert!(took < Duration::from_secs(20), "{contract}: {took:?}");
    }
}

#[test]
fn many_words_and_names_are_taken_as_far_as_there_is_room() {
    let sets = [
        many("945", "W06*F*1~", |n| format!("NTE*WHI*{n}~"), 90_000),
        many("945", "W06*F*1~", |n| format!("N9*BM*{n}~"), 90_000),
        many("945", "W06*F*1~", |n| format!("X{:02}*{n}~", n % 90), 90_000),
    ];
    for body in sets {
        let begin = Instant::now();
        let answer = decoded("x12-945", body);
        let took = begin.elapsed();
        assert_eq!(answer.expect("it is taken").documents.len(), 1);
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}
