//! Claims on journal entries: debits are credits to the cent, a cost has one name, and what is posted keeps the schema.

use finance_ubl::FinanceUbl;
use portgate_sdk::agreement::{Acknowledgement, Agreement, Mode, Setting};
use portgate_sdk::canonical::Decimal;
use portgate_sdk::{Connector, Document, Rejection, Request, Target};
use serde_json::{Value, json};

fn target() -> Target {
    let settings = [
        ("currencies", "GBP=1 EUR=4 JPY=7"),
        ("accounts", "duty=58 vat=61 other=60"),
        ("accrued", "211"),
        ("payable", "200"),
    ];
    let setting = |(name, value): (&str, &str)| Setting { name: name.to_owned(), value: value.to_owned() };
    let agreement = Agreement {
        name: "journal-out".to_owned(),
        ours: Vec::new(),
        theirs: Vec::new(),
        edition: String::new(),
        mode: Mode::Production,
        acknowledgement: Acknowledgement::None,
        all_or_nothing: false,
        settings: settings.into_iter().map(setting).collect(),
    };
    Target { agreement: Some(agreement), ..Target::new("netsuite-journal", "1", "2026-03-05T10:01:00Z") }
}

fn cost(kind: &str, amount: &str, currency: &str, replaces: &[(&str, &str)]) -> Document {
    let money = |amount: &str| json!({ "amount": amount, "currency": currency });
    let replaced = replaces.iter().map(|(kind, amount)| {
        json!({ "sourceRef": format!("earlier-{kind}-{amount}"), "kind": kind, "amount": money(amount) })
    });
    let body = json!({
        "id": "c-1", "version": "1",
        "source": { "system": "customs", "recordedAt": { "value": "2026-03-05T10:00:00Z" }, "rawRef": "0".repeat(64) },
        "costType": "duty", "code": { "code": "A00", "codeList": "UNTDID 5153" }, "kind": kind,
        "amount": money(amount), "occurredAt": { "value": "2026-03-05T10:00:00Z" }, "sourceRef": "c-1",
        "replaces": replaced.collect::<Vec<_>>(),
    });
    let body = serde_json::to_vec(&body).expect("JSON");
    Document { kind: "landed-cost-event".into(), key: "c-1".into(), refs: Vec::new(), body }
}

fn posted(cost: Document) -> Result<(Request, Value), Rejection> {
    let request = FinanceUbl::encode(&[cost], &target())?;
    let entry = serde_json::from_slice(&request.body).expect("an entry is JSON");
    Ok((request, entry))
}

/// What an entry moves into an account, exactly.
fn moved(entry: &Value, account: &str) -> Decimal {
    let lines = entry["line"]["items"].as_array().expect("lines").iter();
    let lines = lines.filter(|line| account.is_empty() || line["account"]["id"] == account);
    let side = |line: &Value, side: &str| {
        line.get(side).map_or(Decimal::ZERO, |amount| Decimal::parse(&amount.to_string()).expect("a decimal"))
    };
    lines.map(|line| side(line, "debit") - side(line, "credit")).sum()
}

#[test]
fn debits_are_credits_to_the_cent_and_the_books_hold_the_last_reckoning() {
    let schema = include_str!("../schemas/netsuite-journal.schema.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    for currency in ["GBP", "EUR"] {
        for amount in ["0.00", "0.01", "19.99", "1737.20", "-12.50", "999999999999.99"] {
            let (_, estimate) = posted(cost("provisional", amount, currency, &[])).expect("a cost");
            let (_, assessed) =
                posted(cost("assessed", "20.00", currency, &[("provisional", amount)])).expect("a cost");
            for entry in [&estimate, &assessed] {
                assert_eq!(moved(entry, ""), Decimal::ZERO, "{entry}");
                assert!(schema.is_valid(entry), "{entry}");
            }
            let books = |account: &str| moved(&estimate, account) + moved(&assessed, account);
            let twenty = Decimal::parse("20.00").expect("a decimal");
            assert_eq!(
                [books("58"), books("211"), books("200")],
                [twenty, Decimal::ZERO, Decimal::ZERO - twenty],
                "{amount}"
            );
        }
    }
}

#[test]
fn a_cost_is_put_under_its_own_name_and_its_lines_are_replaced() {
    let (first, entry) = posted(cost("assessed", "20.00", "GBP", &[])).expect("a cost");
    let (second, _) = posted(cost("assessed", "20.00", "GBP", &[])).expect("a cost");
    assert_eq!(first, second, "the same cost is the same request");
    assert_eq!((&*first.method, &*first.path), ("PUT", "/services/rest/record/v1/journalEntry/eid:c-1?replace=line"));
    assert!(entry["line"]["items"].as_array().expect("lines").iter().all(|line| line["memo"] == "c-1"));
}

#[test]
fn what_cannot_be_posted_exactly_is_refused() {
    for (amount, currency) in [("10.005", "GBP"), ("10.5", "JPY")] {
        let refused = posted(cost("assessed", amount, currency, &[])).expect_err("no such coin");
        assert_eq!(refused.findings[0].code, "NOT-A-CENT");
    }
    assert!(posted(cost("assessed", "10", "JPY", &[])).is_ok());
    assert!(posted(cost("assessed", "10.500", "GBP", &[])).is_ok(), "zeros at the end are no parts of a cent");
}
