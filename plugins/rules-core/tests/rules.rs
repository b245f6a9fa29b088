//! Each rule finds what breaks it, at its place, and nothing where all fits.

use portgate_sdk::names::Source;
use portgate_sdk::{Document, Judgement, Rules, testkit};
use rules_core::Core;
use serde_json::{Value, json};

const NOW: &str = "2026-03-10T12:00:00Z";

/// A document of which only what matters is given.
fn document(kind: &str, id: &str, said: Value) -> (String, Value) {
    let mut body = json!({
        "id": id,
        "version": "1",
        "source": { "system": "erp", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64) },
    });
    let required = match kind {
        "commercial-invoice" => json!({
            "number": id, "issueDate": "2026-02-20", "typeCode": { "code": "380", "codeList": "UNTDID 1001" }, "currency": "GBP",
            "totals": { "payable": money("10.00") },
        }),
        "customs-declaration" => json!({ "lrn": id, "jurisdiction": "GB", "regime": "import" }),
        "shipment" | "packing" => json!({ "shipmentId": id }),
        "order" => json!({
            "orderNumber": id, "issuedAt": { "value": "2026-02-01T00:00:00Z" }, "currency": "GBP", "channel": "erp",
            "totals": { "gross": money("1.00") },
        }),
        "item" => json!({ "sku": id }),
        "item-classification" => {
            json!({ "sku": "LAMP", "jurisdiction": "GB", "nomenclature": "UKGT10", "code": "9405110000" })
        }
        "screening-result" => json!({
            "subjectPartyRef": id, "listSet": "all", "listVersion": "2026-03-01", "outcome": "clear",
            "at": { "value": "2026-03-01T08:00:00Z" },
        }),
        "milestone" => json!({
            "eventId": id, "eventType": "TRANSPORT", "classifier": "ACT", "code": "DEPA", "occurredAt": { "value": "2026-03-01T08:00:00Z" },
            "sourceCode": { "code": "DEPA", "codeList": "DCSA" },
        }),
        "landed-cost-event" => json!({
            "costType": "duty", "code": { "code": "A00", "codeList": "UK tax types" }, "kind": "assessed",
            "amount": money("20.00"), "occurredAt": { "value": "2026-03-05T00:00:00Z" }, "sourceRef": id,
        }),
        other => panic!("no document of kind {other}"),
    };
    for part in [required, said] {
        for (name, value) in part.as_object().expect("fields") {
            body[name] = value.clone();
        }
    }
    (kind.to_owned(), body)
}

fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "GBP" })
}

fn judged(documents: &[(String, Value)]) -> Vec<Judgement> {
    Core::inspect(&testkit::shipment_context(documents), NOW)
}

/// What one declaration says, judged.
fn declared(said: Value) -> Vec<Judgement> {
    judged(&[document("customs-declaration", "LRN-1", said)])
}

/// The rules that found something, and the first field of each.
fn found(judgements: &[Judgement]) -> Vec<(&str, &str)> {
    judgements.iter().map(|one| (one.rule.as_str(), one.fields.first().map_or("", String::as_str))).collect()
}

fn has(judgements: &[Judgement], rule: &str, place: &str) {
    assert!(found(judgements).contains(&(rule, place)), "{rule} at {place}: {judgements:#?}");
}

fn has_not(judgements: &[Judgement], rule: &str) {
    assert!(!judgements.iter().any(|one| one.rule == rule), "{rule}: {judgements:#?}");
}

fn item(no: u32, said: Value) -> Value {
    let mut item = json!({ "no": no, "origin": "CN" });
    for (name, value) in said.as_object().expect("fields") {
        item[name] = value.clone();
    }
    item
}

#[test]
fn an_empty_context_breaks_no_rule_and_what_is_no_context_says_so() {
    assert_eq!(judged(&[]), []);
    let nothing =
        Document { kind: "shipment-context".to_owned(), key: "s".to_owned(), refs: Vec::new(), body: b"7".to_vec() };
    assert_eq!(found(&Core::inspect(&nothing, NOW)), [("CONTEXT", "")]);
}

#[test]
fn r01_lines_come_to_what_the_invoice_says() {
    let lines = |second: &str| {
        json!({
            "lines": [
                { "lineNo": "1", "quantity": { "value": "1", "unit": "C62" }, "lineNet": money("7.00") },
                { "lineNo": "2", "quantity": { "value": "1", "unit": "C62" }, "lineNet": money(second) },
            ],
            "totals": { "payable": money("12.00"), "linesNet": money("10.00") },
        })
    };
    has_not(&judged(&[document("commercial-invoice", "I", lines("3.01"))]), "R01");
    has(&judged(&[document("commercial-invoice", "I", lines("3.02"))]), "R01", "/documents/0/document/totals/linesNet");
    let priced =
        |price: &str| json!({ "invoiceTotal": money("10.00"), "items": [item(1, json!({ "price": money(price) }))] });
    has(&declared(priced("9.00")), "R01", "/documents/0/document/invoiceTotal");
    has_not(&declared(priced("10.00")), "R01");
}

#[test]
fn r02_one_currency() {
    let euros = json!({ "amount": "1.00", "currency": "EUR" });
    let items = json!({ "items": [item(1, json!({ "price": money("1.00") })), item(2, json!({ "price": euros }))] });
    has(&declared(items), "R02", "/documents/0/document/items/0/price/currency");
    let line = json!({ "lines": [{ "lineNo": "1", "quantity": { "value": "1", "unit": "C62" }, "lineNet": euros }] });
    has(&judged(&[document("commercial-invoice", "I", line)]), "R02", "/documents/0/document/lines/0/lineNet/currency");
}

#[test]
fn r02_a_rate_of_exchange_has_a_day_and_a_source() {
    let invoice = |more: Value| {
        let mut rate = json!({ "to": "USD", "rate": "1.25" });
        rate.as_object_mut().expect("a rate").extend(more.as_object().expect("fields").clone());
        judged(&[document("commercial-invoice", "I", json!({ "fxRate": rate }))])
    };
    has_not(&invoice(json!({ "date": "2026-02-20", "source": "ECB" })), "R02");
    for (more, lacks) in [
        (json!({ "date": "2026-02-20" }), "the source"),
        (json!({ "source": "ECB" }), "the day"),
        (json!({}), "the day and the source"),
    ] {
        let found = invoice(more);
        has(&found, "R02", "/documents/0/document/fxRate");
        assert!(found[0].detail.contains(&format!("without {lacks} of that rate")), "{found:?}");
    }
}

#[test]
fn r15_a_party_of_which_nothing_is_said_is_found() {
    let entry = |party: Value| declared(json!({ "regime": "entry-summary", "parties": [party] }));
    let found = entry(json!({ "role": "carrier" }));
    has(&found, "R15", "/documents/0/document/parties/0/ids");
    assert!(found.iter().any(|one| one.detail.starts_with("The carrier is named, and neither")), "{found:#?}");
    has_not(&entry(json!({ "role": "carrier", "ids": [{ "scheme": "SCAC", "value": "OLNE" }] })), "R15");
    has_not(&declared(json!({ "parties": [{ "role": "carrier" }] })), "R15");
}

#[test]
fn r18_a_ship_at_the_border_is_checked_as_one_on_arrival() {
    let means = |id: &str| json!([{ "idType": "10", "id": id }]);
    let whole = |id: &str| declared(json!({ "borderMode": "sea", "borderMeans": means(id) }));
    has(&whole("9074728"), "R18", "/documents/0/document/borderMeans/0/id");
    has_not(&whole("9074729"), "R18");
    let of_item = json!({ "borderMode": "sea", "items": [item(1, json!({ "borderMeans": means("9074728") }))] });
    has(&declared(of_item), "R18", "/documents/0/document/items/0/borderMeans/0/id");
}

#[test]
fn r21_value_added_tax_is_on_value_and_duties() {
    let cost = |code: &str, base: &str, amount: &str| {
        let said = json!({
            "code": { "code": code, "codeList": "UK tax types" }, "amount": money(amount), "declarationMrn": "26GB1", "itemNo": 1,
            "basis": { "taxBase": money(base), "rateType": "specific" },
        });
        document("landed-cost-event", &format!("{code}-{base}"), said)
    };
    let duty = cost("A00", "1000.00", "20.00");
    has(&judged(&[duty.clone(), cost("B00", "1000.00", "200.00")]), "R21", "/documents/1/document/basis/taxBase");
    has_not(&judged(&[duty.clone(), cost("B00", "1020.00", "204.00")]), "R21");
    has_not(&judged(&[duty.clone(), cost("B00", "1075.50", "215.10")]), "R21");
    has_not(&judged(&[duty, cost("B00", "1000.00", "200.00"), cost("B05", "20.00", "4.00")]), "R21");
}

#[test]
fn r24_an_mrn_is_of_one_declaration_and_a_local_reference_number_of_one_mrn() {
    let numbered =
        |id: &str, lrn: &str, mrn: &str| document("customs-declaration", id, json!({ "lrn": lrn, "mrn": mrn }));
    let both = |one: (&str, &str), other: (&str, &str)| {
        judged(&[numbered("a", one.0, one.1), numbered("b", other.0, other.1)])
    };
    has(&both(("L", "26GB1"), ("M", "26GB1")), "R24", "/documents/1/document/mrn");
    has(&both(("L", "26GB1"), ("L", "26GB2")), "R24", "/documents/1/document/lrn");
    has_not(&both(("L", "26GB1"), ("L", "26GB1")), "R24");
    has_not(&both(("L", "26GB1"), ("M", "26GB2")), "R24");
}

#[test]
fn r03_r04_items_are_as_many_as_it_says_and_numbered_without_gaps() {
    let items =
        |count: u32, second: u32| json!({ "itemCount": count, "items": [item(1, json!({})), item(second, json!({}))] });
    let good = declared(items(2, 2));
    has_not(&good, "R03");
    has_not(&good, "R04");
    let bad = declared(items(3, 4));
    has(&bad, "R03", "/documents/0/document/itemCount");
    has(&bad, "R04", "/documents/0/document/items/1/no");
}

#[test]
fn r05_packages_are_as_many_as_the_items_have_but_for_bulk() {
    let packages = |r#type: &str, total: u32| {
        json!({
            "totalPackages": total,
            "items": [item(1, json!({ "packages": [{ "type": r#type, "count": 3 }] }))],
        })
    };
    has_not(&declared(packages("CT", 3)), "R05");
    has(&declared(packages("CT", 4)), "R05", "/documents/0/document/totalPackages");
    has_not(&declared(packages("VQ", 4)), "R05");
    let packed = document("packing", "S", json!({ "packageCount": 5 }));
    let both = judged(&[packed, document("customs-declaration", "L", packages("CT", 3))]);
    has(&both, "R05", "/documents/1/document/totalPackages");
}

#[test]
fn r06_r07_gross_is_more_than_net_and_the_total_more_than_its_items() {
    let weights = |gross: &str, total: &str| {
        json!({
            "totalGrossKg": total,
            "items": [item(1, json!({ "grossKg": gross, "netKg": "10" }))],
        })
    };
    assert_eq!(found(&declared(weights("11", "11"))), []);
    has(&declared(weights("9", "11")), "R06", "/documents/0/document/items/0/grossKg");
    has(&declared(weights("12", "11")), "R07", "/documents/0/document/totalGrossKg");
}

#[test]
fn r08_a_commodity_code_is_as_long_as_its_regime_wants() {
    let code = |regime: &str, code: &str| json!({ "regime": regime, "items": [item(1, json!({ "classification": { "commodity": code } }))] });
    for (regime, good, bad) in
        [("import", "94051100", "940511"), ("entry-summary", "940511", "9405110000"), ("export", "94051100", "9405")]
    {
        has_not(&declared(code(regime, good)), "R08");
        has(&declared(code(regime, bad)), "R08", "/documents/0/document/items/0/classification/commodity");
    }
}

#[test]
fn r09_r10_origin_is_declared_and_a_preference_has_its_own() {
    let no_origin = json!({ "typeCode": "IMA", "items": [{ "no": 1 }] });
    has(&declared(no_origin), "R09", "/documents/0/document/items/0/origin");
    let preference = |said: Value| json!({ "items": [item(1, said)] });
    has(
        &declared(preference(json!({ "preference": "300" }))),
        "R10",
        "/documents/0/document/items/0/preferentialOrigin",
    );
    let proven = json!({ "preference": "300", "preferentialOrigin": "CN", "documents": [{ "type": "U116" }] });
    has_not(&declared(preference(proven)), "R10");
    let elsewhere = document("item", "LAMP", json!({ "originCountry": "VN" }));
    let line = json!({ "lines": [{ "lineNo": "1", "sku": "LAMP", "quantity": { "value": "1", "unit": "C62" }, "lineNet": money("1"), "originCountry": "CN" }] });
    has(
        &judged(&[elsewhere, document("commercial-invoice", "I", line)]),
        "R09",
        "/documents/0/document/lines/0/originCountry",
    );
}

#[test]
fn r11_r12_r13_terms_are_named_fit_the_value_and_are_of_today() {
    let terms = |code: &str, adjustments: Value| {
        json!({
            "incoterm": { "code": code, "place": { "unLocode": "GBFXT" } },
            "adjustments": adjustments,
            "items": [item(1, json!({ "valuationMethod": "1", "documents": [{ "type": "N935", "id": "I" }] }))],
        })
    };
    has(
        &declared(json!({ "items": [item(1, json!({ "valuationMethod": "1" }))] })),
        "R11",
        "/documents/0/document/incoterm",
    );
    let freight = json!([{ "code": "AK", "amount": money("50.00") }]);
    assert_eq!(found(&declared(terms("FCA", freight.clone()))), []);
    has(&declared(terms("FCA", json!([]))), "R12", "/documents/0/document/adjustments");
    has(&declared(terms("CIP", freight)), "R12", "/documents/0/document/adjustments");
    has(&declared(terms("DAT", json!([]))), "R13", "/documents/0/document/incoterm/code");
    let by_air = document("shipment", "S", json!({ "mode": "air", "incoterm": { "code": "FOB" } }));
    has(&judged(&[by_air]), "R13", "/documents/0/document/incoterm/code");
}

#[test]
fn r14_r15_parties_are_given_by_a_number_of_the_right_shape_or_by_their_address() {
    let party = |regime: &str, party: Value| json!({ "regime": regime, "parties": [party] });
    let number = |value: &str| json!({ "role": "importer", "ids": [{ "scheme": "EORI", "value": value }] });
    has_not(&declared(party("import", number("GB123456789000"))), "R14");
    has(&declared(party("import", number("GB12345"))), "R14", "/documents/0/document/parties/0/ids/0/value");
    let both = json!({ "role": "consignee", "name": "A", "ids": [{ "scheme": "EORI", "value": "GB123456789000" }] });
    has(&declared(party("entry-summary", both.clone())), "R15", "/documents/0/document/parties/0/ids");
    has_not(&declared(party("import", both)), "R15");
    let half = json!({ "role": "consignor", "name": "A", "address": { "lines": ["1 Street"], "country": "CN" } });
    has(&declared(party("entry-summary", half)), "R15", "/documents/0/document/parties/0/address");
}

/// A row of a table for all days.
fn row(table: &str, key: &str, value: &str) -> testkit::Row {
    let [table, key, value] = [table, key, value].map(str::to_owned);
    testkit::Row { table, key, value, from: None, to: None }
}

#[test]
fn r16_places_exist_where_all_of_a_country_are_known_and_are_ports_for_ships() {
    let inland = row("unlocode", "GBLHR", r#"{"name":"Heathrow","functions":["4","5"]}"#);
    testkit::provide(vec![inland, row("unlocode", "GB", r#"{"name":"United Kingdom"}"#)]);
    let leg = |code: &str, mode: &str| json!({ "legs": [{ "seq": 1, "mode": mode, "from": { "unLocode": code } }] });
    let shipped = |code: &str, mode: &str| judged(&[document("shipment", "S", leg(code, mode))]);
    has(&shipped("GBZZZ", "sea"), "R16", "/documents/0/document/legs/0/from/unLocode");
    has_not(&shipped("DEZZZ", "sea"), "R16");
    has(&shipped("GBLHR", "sea"), "R16", "/documents/0/document/legs/0/from/unLocode");
    has_not(&shipped("GBLHR", "air"), "R16");
    has_not(&shipped("GBLHR", "road"), "R16");
    let terms = json!({ "incoterm": { "code": "CIF", "place": { "facilityCode": "GBBWPT" } } });
    has(&declared(terms), "R16", "/documents/0/document/incoterm/place/facilityCode");
}

#[test]
fn r19_a_price_names_its_invoice_and_an_authorisation_its_document() {
    testkit::provide(vec![
        row("authorisation-documents", "CGU", "C505"),
        row("authorisation-documents", "C505", "CGU"),
    ]);
    let priced =
        |documents: Value| json!({ "items": [item(1, json!({ "valuationMethod": "1", "documents": documents }))] });
    has(&declared(priced(json!([]))), "R19", "/documents/0/document/items/0/documents");
    has(&declared(priced(json!([{ "type": "N935" }]))), "R19", "/documents/0/document/items/0/documents");
    has_not(&declared(priced(json!([{ "type": "N935", "id": "I" }]))), "R19");
    let both = |authorisations: Value, documents: Value| json!({ "authorisations": authorisations, "items": [item(1, json!({ "documents": documents }))] });
    let (holder, paper) = (json!([{ "type": "CGU" }]), json!([{ "type": "C505", "id": "GBCGU1" }]));
    has_not(&declared(both(holder.clone(), paper.clone())), "R19");
    has(&declared(both(holder, json!([]))), "R19", "/documents/0/document/authorisations/0/type");
    has(&declared(both(json!([]), paper)), "R19", "/documents/0/document/authorisations");
}

#[test]
fn r17_r18_containers_and_ships_have_numbers_that_check_themselves() {
    has(&declared(json!({ "equipment": ["CSQU3054384"] })), "R17", "/documents/0/document/equipment/0");
    has_not(&declared(json!({ "equipment": ["CSQU3054383"] })), "R17");
    let ship = |id: &str| json!({ "borderMode": "sea", "arrivalMeansType": "10", "arrivalMeansId": id });
    has(&declared(ship("9074728")), "R18", "/documents/0/document/arrivalMeansId");
    has_not(&declared(ship("9074729")), "R18");
}

#[test]
fn r20_nothing_is_declared_before_it_is_invoiced_nor_tomorrow() {
    has(
        &declared(json!({ "acceptedAt": { "value": "2026-03-20T00:00:00Z" } })),
        "R20",
        "/documents/0/document/acceptedAt",
    );
    has_not(&declared(json!({ "acceptedAt": { "value": "2026-03-11T00:00:00+12:00" } })), "R20");
    let early = document("customs-declaration", "L", json!({ "declaredAt": { "value": "2026-02-19T00:00:00Z" } }));
    has(&judged(&[early, document("commercial-invoice", "I", json!({}))]), "R20", "/documents/1/document/issueDate");
}

#[test]
fn r21_r24_what_customs_assessed_is_its_rate_of_its_base_and_is_posted_once() {
    let assessed = |amount: &str| {
        json!({
            "amount": money(amount), "basis": { "rateType": "ad-valorem", "taxBase": money("1000.00"), "rate": "2" },
        })
    };
    for (amount, fits) in [("20.00", true), ("0.00", true), ("21.00", false)] {
        let judgements = judged(&[document("landed-cost-event", "A", assessed(amount))]);
        assert_eq!(judgements.iter().all(|one| one.rule != "R21"), fits, "{amount}");
    }
    let twice = [
        document("landed-cost-event", "A", json!({})),
        document("landed-cost-event", "B", json!({ "sourceRef": "A" })),
    ];
    has(&judged(&twice), "R24", "/documents/1/document/sourceRef");
}

#[test]
fn r22_a_party_that_is_listed_stops_the_shipment_until_a_later_screening_clears_it() {
    let hit = document(
        "screening-result",
        "p",
        json!({
            "outcome": "hit", "matches": [{ "listId": "l", "entityId": "1", "name": "Listed" }],
            "lists": [
                { "listId": "k", "name": "List k", "version": "3", "date": "2026-02-01" },
                { "listId": "l", "name": "List l", "version": "7", "date": "2026-02-20" },
            ],
        }),
    );
    let judgements = judged(std::slice::from_ref(&hit));
    has(&judgements, "R22", "/documents/0/document/outcome");
    assert!(
        judgements[0].detail.ends_with("is Listed of List l, edition 7 of 2026-02-20."),
        "{}",
        judgements[0].detail
    );
    assert_eq!(judgements[0].severity, portgate_sdk::Severity::Blocking);
    let later = document("screening-result", "p", json!({ "at": { "value": "2026-03-02T08:00:00Z" } }));
    has_not(&judged(&[hit, later]), "R22");
}

/// What screening found of somebody in a place.
fn result(place: &str, name: &str, outcome: &str, at: &str) -> (String, Value) {
    let found = match outcome {
        "clear" => json!([]),
        _ => json!([{ "listId": "l", "entityId": "1", "name": "Listed" }]),
    };
    let said = json!({ "subjectPartyRef": place, "subjectName": name, "outcome": outcome, "matches": found, "at": { "value": at } });
    document("screening-result", &format!("{place}:{name}@{at}"), said)
}

/// A document with these parties, by role and name.
fn with_parties(kind: &str, id: &str, parties: &[(&str, &str)]) -> (String, Value) {
    let party = |(role, name): &(&str, &str)| json!({ "role": role, "name": name });
    document(kind, id, json!({ "parties": parties.iter().map(party).collect::<Vec<_>>() }))
}

/// The sentences of a rule.
fn said<'j>(judgements: &'j [Judgement], rule: &str) -> Vec<&'j str> {
    judgements.iter().filter(|one| one.rule == rule).map(|one| one.detail.as_str()).collect()
}

const FIRST: &str = "2026-03-01T08:00:00Z";
const LATER: &str = "2026-03-02T08:00:00Z";

#[test]
fn r22_whoever_takes_part_and_was_not_screened_stops_the_shipment_once_anybody_was() {
    let parties =
        [("seller", "Lampenhaus Nord GmbH"), ("consignee", "Harrier Stores Ltd"), ("declarant", "Hobby Papers")];
    let shipment = with_parties("shipment", "S", &parties);
    let buyer = json!({ "buyer": { "role": "buyer", "name": "HARRIER STORES LIMITED" }, "seller": { "role": "seller", "ids": [] } });
    let order = document("order", "O", buyer);
    has_not(&judged(&[shipment.clone(), order.clone()]), "R22");
    let seller = result("shipment/S#/parties/0", "Lampenhaus Nord GmbH", "clear", FIRST);
    let judgements = judged(&[shipment.clone(), order.clone(), seller.clone()]);
    let wanted =
        "Harrier Stores Ltd (consignee in shipment/S, buyer in order/O) takes part, and was screened against no list.";
    assert_eq!(
        said(&judgements, "R22"),
        [wanted],
        "one party in two places, whoever has to do with papers alone is none"
    );
    let one = judgements.iter().find(|one| one.rule == "R22").expect("it is found");
    assert_eq!((one.severity, &*one.fields[0]), (portgate_sdk::Severity::Blocking, "/documents/0/document/parties/1"));
    assert!(one.remedy.starts_with("Have shipment/S screened"), "{one:?}");
    // Whatever place and document somebody was screened in, it is them.
    let consignee = result("DESK-1#/parties/7", "Harrier Stores Ltd.", "clear", FIRST);
    has_not(&judged(&[shipment.clone(), order.clone(), seller.clone(), consignee]), "R22");
    // Another one of that name is another one, where identifiers say so; a name that was screened without any is that name's.
    let numbered = |number: &str| {
        document(
            "packing",
            "P",
            json!({ "parties": [{ "role": "consignee", "name": "Harrier Stores", "ids": [{ "scheme": "VAT", "value": number }] }] }),
        )
    };
    let mut by_number = result("packing/P#/parties/0", "Harrier Stores", "clear", FIRST);
    by_number.1["subjectIds"] = json!([{ "scheme": "VAT", "value": "GB1" }, { "scheme": "GLN", "value": "7" }]);
    has_not(&judged(&[numbered("GB1"), by_number.clone()]), "R22");
    has(&judged(&[numbered("GB2"), by_number.clone()]), "R22", "/documents/0/document/parties/0");
    has_not(&judged(&[numbered("GB2"), result("P", "Harrier Stores", "clear", FIRST)]), "R22");
    // A result without a name is whose number it has.
    let nameless = by_number.1.as_object_mut().expect("a result");
    nameless.remove("subjectName");
    has_not(&judged(&[numbered("GB1"), by_number]), "R22");
}

#[test]
fn r22_a_listed_party_counts_as_long_as_a_document_names_it_wherever_that_is() {
    let shipment = |name: &str| with_parties("shipment", "S", &[("forwarder", name)]);
    let hit = result("shipment/S#/parties/0", "Gray Heron", "hit", FIRST);
    let judgements = judged(&[shipment("Gray Heron"), hit.clone()]);
    let wanted = "Gray Heron (forwarder in shipment/S) is Listed of all (2026-03-01).";
    assert_eq!(said(&judgements, "R22"), [wanted]);
    // It was taken out, and another one is in its place.
    let another = result("shipment/S#/parties/0", "Plover", "clear", LATER);
    has_not(&judged(&[shipment("Plover"), hit.clone(), another.clone()]), "R22");
    assert_eq!(
        said(&judged(&[shipment("Plover"), hit.clone()]), "R22").len(),
        1,
        "that one was not screened: that is all"
    );
    // It is in another document, be it as a ship or a carrier.
    let leg = json!({ "seq": 1, "transport": { "carrierName": "Gray  heron" } });
    let elsewhere = document("shipment", "T", json!({ "legs": [leg] }));
    let judgements = judged(&[shipment("Plover"), hit.clone(), another.clone(), elsewhere]);
    assert_eq!(said(&judgements, "R22"), ["Gray Heron (shipment/T) is Listed of all (2026-03-01)."]);
    // What was screened as of nothing that is here takes part until it is screened without it.
    let desk = |name: &str, outcome: &str, at: &str| result("DESK-1#/parties/0", name, outcome, at);
    let asked = [shipment("Plover"), another, desk("Gray Heron", "hit", FIRST)];
    assert_eq!(said(&judged(&asked), "R22"), ["Gray Heron (DESK-1) is Listed of all (2026-03-01)."]);
    has_not(&judged(&[&asked[..], &[desk("Plover", "clear", LATER)]].concat()), "R22");
    // That the gateway itself has declared them stops nothing: what is declared is amended by what is found now.
    let declared = with_parties("customs-declaration", "L", &[("consignee", "Gray Heron")]);
    let mut context = testkit::shipment_context(&[declared, shipment("Plover"), hit, desk("Plover", "clear", LATER)]);
    assert_eq!(said(&Core::inspect(&context, NOW), "R22").len(), 1, "somebody else has declared it");
    let mut whole: Value = serde_json::from_slice(&context.body).expect("a context");
    whole["documents"][0]["provenance"]["system"] = json!("portgate");
    context.body = whole.to_string().into_bytes();
    has_not(&Core::inspect(&context, NOW), "R22");
}

#[test]
fn r22_of_two_sets_of_lists_each_has_its_last_word_and_of_what_is_found_at_once_the_worse_counts() {
    let shipment = with_parties("shipment", "S", &[("consignee", "Owl")]);
    let of = |set: &str, outcome: &str, at: &str| {
        let (kind, mut said) = result("shipment/S#/parties/0", "Owl", outcome, at);
        said["listSet"] = json!(set);
        (kind, said)
    };
    let judgements = judged(&[shipment.clone(), of("own", "hit", FIRST), of("theirs", "clear", LATER)]);
    assert_eq!(said(&judgements, "R22").len(), 1);
    has_not(&judged(&[shipment.clone(), of("own", "hit", FIRST), of("own", "clear", LATER)]), "R22");
    for outcomes in [["hit", "clear"], ["clear", "hit"]] {
        let both = outcomes.map(|outcome| of("own", outcome, FIRST));
        assert_eq!(
            said(&judged(&[std::slice::from_ref(&shipment), &both[..]].concat()), "R22").len(),
            1,
            "{outcomes:?}"
        );
    }
}

/// The lists as they are now, each in an edition of a day.
fn lists(editions: &[(&str, &str, &str)]) {
    let list = |(id, version, date): &(&str, &str, &str)| Source {
        id: (*id).to_owned(),
        name: format!("List {id}"),
        version: (*version).to_owned(),
        date: (*date).to_owned(),
    };
    let lists = testkit::Lists::new(editions.iter().map(list).collect(), Vec::new());
    testkit::provide_lists([("denied-parties".to_owned(), lists)].into());
}

/// Somebody who was screened against lists in an edition of a day.
fn screened(party: &str, at: &str, editions: &[(&str, &str, &str)]) -> (String, Value) {
    let list = |(id, version, date): &(&str, &str, &str)| json!({ "listId": id, "name": format!("List {id}"), "version": version, "date": date });
    let lists: Vec<Value> = editions.iter().map(list).collect();
    let said = json!({ "listSet": "denied-parties", "lists": lists, "at": { "value": at }, "subjectPartyRef": party });
    document("screening-result", &format!("{party}@{at}"), said)
}

#[test]
fn r25_who_takes_part_is_screened_again_where_a_list_has_another_edition_and_nothing_has_left() {
    let (before, now) = (("un", "7", "2026-02-01"), ("un", "8", "2026-03-01"));
    let (day, later) = ("2026-02-02T08:00:00Z", "2026-03-02T08:00:00Z");
    lists(&[now, ("eu", "1", "2026-01-01")]);
    let old = [screened("shipment/S#/parties/0", day, &[before, ("eu", "1", "2026-01-01")])];
    let judgements = judged(&old);
    has(&judgements, "R25", "");
    assert_eq!(judgements.iter().filter(|one| one.rule == "R25").count(), 1, "the other is the same: {judgements:?}");
    let said = &judgements.iter().find(|one| one.rule == "R25").expect("it is found").detail;
    for word in ["shipment/S (", "List un", "edition 7 of 2026-02-01", "edition 8 of 2026-03-01"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    // Who is in it no more is not asked for; whoever is was screened again, be it in the same second.
    for again in [later, "2026-02-02T08:00:00.5Z"] {
        let again = screened("shipment/S#/parties/1", again, &[now, ("eu", "1", "2026-01-01")]);
        has_not(&judged(&[&old[..], &[again]].concat()), "R25");
    }
    // Nor is anybody where the goods have left, or where this table is the older one.
    let leg = |said: Value| document("shipment", "S", json!({ "legs": [said] }));
    let left = [&old[..], &[leg(json!({ "seq": 1, "atd": { "value": "2026-03-01T08:00:00Z" } }))]].concat();
    has_not(&judged(&left), "R25");
    let planned = [&old[..], &[leg(json!({ "seq": 1, "etd": { "value": "2026-03-20T08:00:00Z" } }))]].concat();
    has(&judged(&planned), "R25", "");
    for (classifier, is_found) in [("ACT", false), ("EST", true)] {
        let departs = document("milestone", "M", json!({ "code": "DEPA", "classifier": classifier }));
        let judgements = judged(&[&old[..], &[departs]].concat());
        assert_eq!(judgements.iter().any(|one| one.rule == "R25"), is_found, "{classifier}");
    }
    has_not(
        &judged(&[screened("S#/parties/0", later, &[("un", "9", "2026-04-01"), ("eu", "1", "2026-01-01")])]),
        "R25",
    );
    // A list that was not there.
    let judgements = judged(&[screened("S#/parties/0", later, &[now])]);
    assert!(judgements[0].detail.contains("against no edition of List eu"), "{judgements:?}");
    // What others have screened by names no edition that could be compared.
    has_not(&judged(&[document("screening-result", "p", json!({}))]), "R25");
    lists(&[]);
    has_not(&judged(&old), "R25");
}

#[test]
fn r25_names_who_was_screened_last_each_once_and_of_many_the_first_and_is_about_both_editions() {
    let party = |at: usize, name: &str, time: &str| {
        let (id, mut said) = screened(&format!("shipment/S#/parties/{at}"), time, &[("un", "7", "2026-02-01")]);
        said["subjectName"] = json!(name);
        (id, said)
    };
    let (first, last) = ("2026-02-02T08:00:00Z", "2026-02-03T08:00:00Z");
    let detail = |of: &[(String, Value)]| {
        let judgements = judged(of);
        let [one] = judgements.as_slice() else { panic!("one is found: {judgements:?}") };
        assert!(one.fields.is_empty(), "{one:?}");
        one.detail.clone()
    };
    lists(&[("un", "8", "2026-03-01")]);
    let few = [party(0, "Gone", first), party(0, "Harrier", last), party(1, "Owl", last), party(2, "Harrier", last)];
    let said = detail(&few);
    assert!(
        said.starts_with("Who takes part in shipment/S (Harrier, Owl) was screened on 2026-02-03 against"),
        "{said}"
    );
    let many: Vec<_> = (0..7).map(|at| party(at, &format!("P{at}"), last)).collect();
    assert!(detail(&many).contains("(P0, P1, P2, P3, P4 and 2 more)"), "{}", detail(&many));
    lists(&[("un", "9", "2026-03-02")]);
    assert_ne!(detail(&few), said);
}

#[test]
fn r23_what_is_declared_invoiced_shipped_and_ordered_is_current() {
    let invoice = |said: Value| document("commercial-invoice", "I", said);
    let value = json!({ "invoiceTotal": money("9.00"), "invoiceNumber": "I" });
    has(
        &judged(&[invoice(json!({})), document("customs-declaration", "L", value)]),
        "R23",
        "/documents/1/document/invoiceTotal/amount",
    );
    let with_freight = json!({
        "totals": { "payable": money("12.00"), "withoutTax": money("12.00"), "linesNet": money("10.00") },
        "charges": [
            { "code": { "code": "FC", "codeList": "UNTDID 7161" }, "amount": money("3.00") },
            { "code": { "code": "95", "codeList": "UNTDID 5189" }, "amount": money("-1.00") },
        ],
    });
    for (declared, fits) in [("12.00", true), ("10.00", true), ("9.00", true), ("8.00", false)] {
        let value = json!({ "invoiceTotal": money(declared), "invoiceNumber": "I" });
        let judgements = judged(&[invoice(with_freight.clone()), document("customs-declaration", "L", value)]);
        assert_eq!(judgements.iter().all(|one| one.rule != "R23"), fits, "{declared}: freight is apart or in it");
    }
    let line = |quantity: &str, hs6: &str| {
        json!({
            "lines": [{ "lineNo": "1", "sku": "LAMP", "quantity": { "value": quantity, "unit": "C62" }, "lineNet": money("1"), "hs6": hs6 }],
        })
    };
    let classified = document("item-classification", "c", json!({}));
    has(&judged(&[invoice(line("5", "940540")), classified.clone()]), "R23", "/documents/0/document/lines/0/hs6");
    assert_eq!(found(&judged(&[invoice(line("5", "940511")), classified])), []);
    let shipped = |quantity: &str| {
        document(
            "shipment",
            "S",
            json!({
                "lines": [{ "lineNo": "1", "sku": "LAMP", "orderRef": "O", "orderLine": "1", "quantity": { "value": quantity, "unit": "C62" } }],
            }),
        )
    };
    has(&judged(&[shipped("3"), invoice(line("5", "940511"))]), "R23", "/documents/1/document/lines/0/quantity/value");
    let of_type = |id: &str, code: &str, preceding: Value| {
        let mut said = line("5", "940511");
        said["typeCode"] = json!({ "code": code, "codeList": "UNTDID 1001" });
        said["preceding"] = preceding;
        document("commercial-invoice", id, said)
    };
    let pro_forma = of_type("P", "325", json!([]));
    let corrected = of_type("C", "384", json!([{ "number": "I" }]));
    has_not(&judged(&[shipped("5"), pro_forma, corrected, invoice(line("9", "940511"))]), "R23");
    let ordered = |said: Value| document("order", "O", said);
    let four = json!({ "lines": [{ "lineNo": "1", "quantity": { "value": "4", "unit": "C62" } }] });
    has(&judged(&[shipped("5"), ordered(four.clone())]), "R23", "/documents/0/document/lines/0/quantity/value");
    has_not(&judged(&[shipped("4"), ordered(four)]), "R23");
    has(
        &judged(&[ordered(json!({ "cancelledAt": { "value": "2026-03-01T00:00:00Z" } }))]),
        "R23",
        "/documents/0/document/cancelledAt",
    );
}
