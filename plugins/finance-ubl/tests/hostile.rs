//! Cut anywhere, or with any byte changed, a message is taken or refused, and a large one stays within bounds.

use std::fs;
use std::path::Path;

use finance_ubl::FinanceUbl;
use portgate_sdk::{Connector, Message, testkit};

const CASES: [(&str, &str, &str); 5] = [
    ("ubl-invoice", "2.1", "ubl-invoice/message.xml"),
    ("cii-invoice", "D16B", "cii-invoice/message.xml"),
    ("cii-invoice", "D16B", "cii-of-zugferd-1/message.xml"),
    ("x12-810", "1", "x12-810-with-everything/message.edi"),
    ("edifact-invoic", "1", "edifact-invoic-with-everything/message.edi"),
];

fn message(contract: &str, version: &str, body: Vec<u8>) -> Message {
    testkit::message(contract, version, "text/plain", body)
}

#[test]
fn mutilated_messages_are_taken_or_refused_with_a_reason() {
    let (mut taken, mut refused) = (0, 0);
    for (contract, version, case) in CASES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(case);
        let whole = fs::read(file).expect("a case");
        for at in (0..whole.len()).step_by(7) {
            let with = |byte: u8| {
                let mut changed = whole.clone();
                changed[at] = byte;
                changed
            };
            for body in [whole[..at].to_vec(), with(whole[at].wrapping_add(1)), with(0xFF), with(b'-'), with(b'9')] {
                match FinanceUbl::decode(&message(contract, version, body)) {
                    Ok(_) => taken += 1,
                    Err(rejection) => {
                        refused += 1;
                        assert!(
                            rejection.all_findings().any(|finding| finding.severity.rejects()),
                            "{case}, byte {at}"
                        );
                    }
                }
            }
        }
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken > 0 && refused > 0);
}

#[test]
fn an_invoice_of_thousands_of_broken_lines_is_refused_with_few_findings() {
    let line = "<InvoiceLine><Item/><Price><PriceAmount>x</PriceAmount></Price></InvoiceLine>".repeat(5_000);
    let body = format!("<Invoice><DocumentCurrencyCode>EUR</DocumentCurrencyCode>{line}</Invoice>");
    let refused = FinanceUbl::decode(&message("ubl-invoice", "2.1", body.into_bytes())).expect_err("nothing is right");
    assert!(refused.findings.len() <= 101, "{}", refused.findings.len());
}
