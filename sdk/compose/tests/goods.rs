//! Goods are read out of a context with their packages and weights: what is said counts, what is not said is reckoned to the gram.

use portgate_compose::{ApportionBy, Facts, Gaps, Goods, Together, Totals};
use portgate_sdk::Context;
use portgate_sdk::testkit::shipment_context;
use serde_json::{Value, json};

fn document(kind: &str, id: &str, said: Value) -> (String, Value) {
    let mut body = json!({
        "id": id, "version": "1",
        "source": { "system": "erp", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64) },
    });
    let required = match kind {
        "commercial-invoice" => json!({
            "number": id, "issueDate": "2026-02-20", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
            "currency": "GBP", "totals": { "payable": { "amount": "1", "currency": "GBP" } },
        }),
        "shipment" | "packing" => json!({ "shipmentId": id }),
        "item" => json!({ "sku": id }),
        "item-classification" => json!({ "sku": "LAMP", "jurisdiction": "GB", "nomenclature": "SAP STAWN" }),
        other => panic!("no document of kind {other}"),
    };
    for (name, value) in [required, said].iter().flat_map(|part| part.as_object().expect("fields")) {
        body[name] = value.clone();
    }
    (kind.to_owned(), body)
}

fn line(no: &str, sku: &str, pieces: &str, price: &str) -> Value {
    json!({
        "lineNo": no, "sku": sku, "quantity": { "value": pieces, "unit": "C62" },
        "lineNet": { "amount": price, "currency": "GBP" },
    })
}

fn packed(sku: &str, pieces: &str, packages: &[&str]) -> Value {
    json!({ "sku": sku, "quantity": { "value": pieces, "unit": "C62" }, "packageRefs": packages })
}

fn facts(documents: &[(String, Value)]) -> Facts {
    Facts::of(&Context::read(&shipment_context(documents)).expect("a context"))
}

fn goods(documents: &[(String, Value)]) -> Vec<Goods> {
    facts(documents).goods(ApportionBy::Value)
}

/// Gross weight in kilograms, and whether it was reckoned.
fn gross(goods: &[Goods]) -> Vec<(String, bool)> {
    goods
        .iter()
        .map(|line| line.gross.map(|weight| (weight.kg.to_string(), weight.reckoned)).expect("a weight"))
        .collect()
}

fn counts(goods: &[Goods]) -> Vec<Vec<(String, u32)>> {
    let of = |line: &Goods| line.packages.iter().map(|package| (package.r#type.to_string(), package.count)).collect();
    goods.iter().map(of).collect()
}

#[test]
fn a_line_in_several_packages_has_them_all_and_a_package_of_several_lines_counts_once() {
    let invoice = document(
        "commercial-invoice",
        "I",
        json!({ "lines": [line("1", "A", "10", "90"), line("2", "B", "5", "10")] }),
    );
    let packing = document(
        "packing",
        "S",
        json!({
            "packages": [
                { "type": "CT", "count": 1, "grossKg": "10", "marks": "A 1" },
                { "type": "CT", "count": 1, "grossKg": "6", "marks": "A 2" },
                { "type": "PX", "count": 1, "grossKg": "20", "sscc": "003400000000000000" },
                { "type": "CT", "count": 1, "packedIn": "3", "grossKg": "5" },
            ],
            "lines": [packed("A", "6", &["1"]), packed("A", "4", &["2"]), packed("B", "5", &["2", "4"])],
        }),
    );
    let goods = goods(&[invoice, packing]);
    let of = |kind: &str, count| (kind.to_owned(), count);
    assert_eq!(
        counts(&goods),
        [vec![of("CT", 2)], vec![of("CT", 0), of("PX", 1)]],
        "a carton on a pallet counts as the pallet"
    );
    assert_eq!(goods[0].packages[0].marks.as_deref(), Some("A 1, A 2"));
    assert_eq!(goods[1].packages[0].marks.as_deref(), Some("A 2"), "what is shared has the same marks");
    // In the second carton are 4 pieces of the one, and half of the 5 of the other.
    assert_eq!(gross(&goods), [("13.692".to_owned(), true), ("22.308".to_owned(), true)]);
}

#[test]
fn what_is_said_of_a_line_counts_and_is_not_marked() {
    let invoice = document(
        "commercial-invoice",
        "I",
        json!({ "lines": [line("1", "A", "10", "90"), line("2", "B", "5", "10")] }),
    );
    let shipment = document(
        "shipment",
        "S",
        json!({
            "grossKg": "33",
            "lines": [
                { "lineNo": "1", "sku": "A", "quantity": { "value": "10", "unit": "C62" }, "grossKg": "22.5", "netKg": "20" },
                { "lineNo": "2", "sku": "B", "quantity": { "value": "5", "unit": "C62" }, "netKg": "9" },
            ],
        }),
    );
    let goods = goods(&[invoice, shipment]);
    assert_eq!(
        gross(&goods),
        [("22.5".to_owned(), false), ("10.5".to_owned(), true)],
        "what is left is the other line's"
    );
    assert!(goods.iter().all(|line| line.net.is_some_and(|net| !net.reckoned)));
}

#[test]
fn a_total_is_apportioned_by_net_weight_else_by_value_and_comes_out_whole() {
    let lines = json!({ "lines": [line("1", "A", "1", "1"), line("2", "B", "1", "1"), line("3", "C", "1", "1")] });
    let whole = document("packing", "S", json!({ "grossKg": "100", "packageCount": 7 }));
    let by_value = goods(&[document("commercial-invoice", "I", lines.clone()), whole.clone()]);
    let kilograms: Vec<String> = gross(&by_value).into_iter().map(|(kg, _)| kg).collect();
    assert_eq!(kilograms, ["33.334", "33.333", "33.333"]);
    assert_eq!(counts(&by_value).concat().iter().map(|(_, count)| *count).collect::<Vec<_>>(), [7, 0, 0]);
    assert!(by_value.iter().all(|line| line.packages_reckoned), "nobody says which packages they are in");
    let heavy = |sku: &str, kg: &str| document("item", sku, json!({ "netWeightKg": kg, "baseUnit": "C62" }));
    let catalogue = [heavy("A", "2"), heavy("B", "3"), heavy("C", "5")];
    let documents = [&[document("commercial-invoice", "I", lines), whole][..], &catalogue].concat();
    assert_eq!(gross(&goods(&documents)).iter().map(|(kg, _)| &**kg).collect::<Vec<_>>(), ["20", "30", "50"]);
    let unweighed = facts(&documents[..2]).goods(ApportionBy::Nothing);
    assert!(unweighed.iter().all(|line| line.gross.is_none()), "unless policy wants no weight apportioned");
    assert_eq!(Totals::of(&facts(&documents)).gross_kg.map(|kg| kg.to_string()).as_deref(), Some("100"));
}

#[test]
fn one_article_in_two_orders_is_packed_by_its_order_and_fills_line_by_line_where_none_is_named() {
    let mut lines = [line("1", "A", "6", "6"), line("2", "A", "4", "4")];
    lines[0]["orderNumber"] = "O1".into();
    lines[1]["orderNumber"] = "O2".into();
    let packing = |first: Value, second: Value| {
        let packages =
            json!([{ "type": "CT", "count": 1, "grossKg": "7" }, { "type": "BX", "count": 1, "grossKg": "5" }]);
        document("packing", "S", json!({ "packages": packages, "lines": [first, second] }))
    };
    let mut ordered = [packed("A", "4", &["2"]), packed("A", "6", &["1"])];
    ordered[0]["orderRef"] = "O2".into();
    ordered[1]["orderRef"] = "O1".into();
    let invoice = document("commercial-invoice", "I", json!({ "lines": lines }));
    let [first, second] = ordered;
    for packing in [packing(first, second), packing(packed("A", "6", &["1"]), packed("A", "4", &["2"]))] {
        let goods = goods(&[invoice.clone(), packing]);
        assert_eq!(gross(&goods), [("7".to_owned(), false), ("5".to_owned(), false)]);
    }
}

#[test]
fn lines_are_one_item_or_stay_apart_and_nothing_gets_lost_by_it() {
    let one = document(
        "commercial-invoice",
        "I1",
        json!({ "lines": [line("1", "A", "1", "10"), line("2", "B", "1", "20")] }),
    );
    let two = document("commercial-invoice", "I2", json!({ "lines": [line("1", "A", "2", "30")] }));
    let credit = document(
        "commercial-invoice",
        "I3",
        json!({
            "typeCode": { "code": "381", "codeList": "UNTDID 1001" }, "lines": [line("1", "A", "1", "10")],
        }),
    );
    let goods = goods(&[two, credit, one]);
    assert_eq!(goods.iter().map(Goods::name).collect::<Vec<_>>(), ["line 1 of I1", "line 2 of I1", "line 1 of I2"]);
    let together = Together::by(&goods, |line| line.sku.clone());
    let prices: Vec<String> = together.iter().filter_map(|item| Some(item.price()?.amount.to_string())).collect();
    assert_eq!(prices, ["40", "20"]);
    assert_eq!(Together::by(&goods, |_| None::<u8>).len(), 3, "without a key each stays alone");
}

#[test]
fn the_last_code_of_a_system_is_taken_of_codes_that_agree_the_longest_and_of_two_that_do_not_none() {
    let invoice = document("commercial-invoice", "I", json!({ "lines": [line("1", "LAMP", "1", "1")] }));
    let coded = |id: &str, code: &str| document("item-classification", id, json!({ "code": code }));
    // The classification, by who says it and when: the ERP's first word is of the first of March.
    let of = |known: &[(&str, &str, &str, &str)]| {
        let documents = known.iter().map(|(id, code, ..)| coded(id, code)).chain([invoice.clone()]);
        let mut facts = facts(&documents.collect::<Vec<_>>());
        for (of, (_, _, system, day)) in facts.classifications.iter_mut().zip(known) {
            let provenance = json!({
                "system": system, "version": "1", "recordedAt": { "value": format!("{day}T08:00:00Z") }, "rawRef": "0".repeat(64),
            });
            of.provenance = serde_json::from_value(provenance).expect("a provenance");
        }
        let (goods, mut gaps) = (facts.goods(ApportionBy::Nothing), Gaps::default());
        let known = facts.classification(&goods[0], &["GB"], "2026-03-10", "C-1", &mut gaps);
        (known.map(|known| known.document.code.as_str().to_owned()), gaps.finish(()).err().unwrap_or_default())
    };
    let old = ("LAMP|GB|9405104090", "9405104090", "erp", "2026-03-01");
    let (code, gaps) = of(&[old, ("LAMP|GB", "9405110000", "erp", "2026-03-02")]);
    assert_eq!((code.as_deref(), gaps.len()), (Some("9405110000"), 0));
    let (code, gaps) = of(&[("7", "940510", "classifier", "2026-03-05"), old]);
    assert_eq!((code.as_deref(), gaps.len()), (Some("9405104090"), 0));
    let (code, gaps) = of(&[("7", "9405110000", "classifier", "2026-03-05"), old]);
    assert_eq!((code, gaps.len()), (None, 1));
    assert_eq!(
        gaps[0].detail,
        "LAMP is classified as 9405104090 by erp and as 9405110000 by classifier on 2026-03-10."
    );
}
