//! What a shipment's goods cost: estimated, said by customs, invoiced; by article, to the cent, and told to finance once.

mod made;

use std::collections::BTreeMap;

use made::{Shipment, Told, charge, classified, decimal, rules, tables, tax};
use portgate_canonical::{CostKind, CostType, Decimal};
use portgate_core::policy::{CostClass, Firmness};
use portgate_cost::{Landed, accruals};
use proptest::prelude::*;
use serde_json::json;

fn sums(landed: &Landed) -> Vec<String> {
    let word = |amount: Option<Decimal>| amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
    let sum = |total: &portgate_cost::Total| {
        let kind = serde_json::to_value(total.cost_type).unwrap();
        let [estimate, provisional, assessed, invoiced] =
            [total.estimate, total.provisional, total.assessed, total.invoiced].map(word);
        format!("{} {estimate} {provisional} {assessed} {invoiced} = {}", kind.as_str().unwrap(), total.counts)
    };
    landed.totals.iter().map(sum).collect()
}

#[test]
fn duty_is_on_the_value_and_tax_on_both() {
    let landed = Shipment::of_one("1000.00", "0901210000").landed();
    assert_eq!(sums(&landed), ["duty 20.00 - - - = 20.00", "vat 204.00 - - - = 204.00"]);
    assert_eq!((landed.total, landed.goods_value), (decimal("224.00"), Some(decimal("1000.00"))));
    assert!(landed.unknown.is_empty() && landed.notes.is_empty(), "{:?} {:?}", landed.unknown, landed.notes);
}

#[test]
fn what_customs_assesses_takes_the_place_of_what_it_said_before_and_of_the_estimate() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    shipment.add("broker", tax("provisional", "2026-03-05T10:00:00Z", 1, "A00", "21.00"));
    shipment.add("broker", tax("provisional", "2026-03-05T10:00:00Z", 1, "B00", "204.20"));
    assert_eq!(
        sums(&shipment.landed()),
        ["duty 20.00 21.00 - - = 21.00", "vat 204.00 204.20 - - = 204.20"],
        "what is provisional counts until it is final"
    );
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "A00", "22.00"));
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "B00", "204.40"));
    let landed = shipment.landed();
    assert_eq!(sums(&landed), ["duty 20.00 - 22.00 - = 22.00", "vat 204.00 - 204.40 - = 204.40"]);
    let accuracy = landed.accuracy.unwrap();
    assert_eq!((accuracy.before, accuracy.assessed), (decimal("224.00"), decimal("226.40")));
    assert_eq!((accuracy.difference, accuracy.percent), (decimal("-2.40"), Some(decimal("-1.06"))));
    assert_eq!(landed.by_article[0].accuracy, Some(accuracy), "the one article has all of it");
    // 21.00 + 204.20 provisional, 22.00 + 204.40 assessed.
    let settled = landed.settled.unwrap();
    assert_eq!((settled.before, settled.assessed), (decimal("225.20"), decimal("226.40")));
    assert_eq!((settled.difference, settled.percent), (decimal("-1.20"), Some(decimal("-0.53"))));
}

#[test]
fn what_is_not_assessed_yet_or_was_never_estimated_is_not_compared() {
    let mut shipment = Shipment::new();
    let of_two = [("CUP", "600.00", "6912002310", "2.0", "CN"), ("BEAN", "100.00", "0901210000", "1.0", "CO")];
    let unknown = ("RIDDLE", "50.00", "0000000000", "1.0", "CO");
    shipment.invoice("CIF", &[of_two[0], of_two[1], unknown]);
    shipment.declare(&[(1, "69120023", "CN"), (2, "09012100", "CO"), (3, "00000000", "CO")]);
    assert_eq!(shipment.landed().accuracy, None, "nothing is assessed");
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "A00", "80.00"));
    // Of the cups 600.00 × 12 % = 72.00 and 672.00 × 20 % = 134.40.
    let accuracy = shipment.landed().accuracy.unwrap();
    assert_eq!((accuracy.before, accuracy.assessed), (decimal("206.40"), decimal("80.00")), "of the cups alone");
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 3, "A00", "9.00"));
    assert_eq!(shipment.landed().accuracy, Some(accuracy), "nobody had estimated the riddle");
    let mut in_roubles = tax("assessed", "2026-03-06T10:00:00Z", 1, "B00", "5.00");
    in_roubles["amount"]["currency"] = "RUB".into();
    shipment.add("broker", in_roubles);
    assert_eq!(shipment.landed().accuracy, None, "what cannot be converted is compared with nothing");
    assert_eq!(shipment.landed().settled, None, "customs has reckoned nothing provisionally");
}

/// One of which all taxes are known, of the declaration LRN-1 with the number 26GB1.
fn assessed() -> Shipment {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    shipment.declare(&[(1, "09012100", "CN")]);
    shipment.told("ACCEPTED", "LRN-1", Some("26GB1"));
    shipment.add("broker", tax("provisional", "2026-03-05T10:00:00Z", 1, "A00", "21.00"));
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "A00", "22.00"));
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "B00", "204.40"));
    shipment
}

#[test]
fn what_customs_levied_on_a_declaration_that_does_not_stand_is_not_counted() {
    let counted = ["duty 20.00 - 22.00 - = 22.00", "vat 204.00 - 204.40 - = 204.40"];
    let estimated = ["duty 20.00 - - - = 20.00", "vat 204.00 - - - = 204.00"];
    let stands = assessed();
    assert_eq!(sums(&stands.landed()), counted);
    let mut withdrawn = assessed();
    withdrawn.withdrawn.insert("LRN-1".to_owned());
    assert_eq!(sums(&withdrawn.landed()), estimated, "by its declarant");
    let landed = withdrawn.landed();
    assert_eq!((landed.accuracy, landed.settled), (None, None));
    for mrn in [Some("26GB1"), None] {
        let mut cancelled = assessed();
        cancelled.told("INVALIDATED", "LRN-1", mrn);
        // Where its number is not said, taxes are known by the reference number that they name.
        for (_, tax) in cancelled.documents.iter_mut().filter(|(_, document)| document.get("sourceRef").is_some()) {
            tax["references"] = json!([{ "scheme": "lrn", "value": "LRN-1" }]);
        }
        assert_eq!(sums(&cancelled.landed()), estimated, "cancelled by customs, {mrn:?}");
        let mut told = Told::new([Firmness::Estimate, Firmness::Assessed]);
        told.tell(&stands);
        assert_eq!(told.tell(&cancelled).len(), 2, "finance is told");
        assert_eq!(told.open(), cancelled.counting());
        // The goods are declared anew.
        let mut again = cancelled.clone();
        let mut taxed = tax("assessed", "2026-03-09T10:00:00Z", 1, "A00", "23.00");
        taxed["declarationMrn"] = json!("26GB2");
        again.told("ACCEPTED", "LRN-2", Some("26GB2"));
        again.add("broker", taxed);
        assert_eq!(sums(&again.landed()), ["duty 20.00 - 23.00 - = 23.00", "vat 204.00 - - - = 0"]);
    }
    // A refused amendment is no refused declaration, whatever comes first.
    let mut amended = assessed();
    amended.told("REJECTED", "LRN-1", Some("26GB1"));
    assert_eq!(sums(&amended.landed()), counted);
    amended.documents.reverse();
    assert_eq!(sums(&amended.landed()), counted);
}

#[test]
fn what_a_declaration_says_that_does_not_stand_is_not_reckoned_with() {
    // It claims the lower rate of a preference for what is from Colombia.
    let declared = |status: Option<&str>| {
        let mut shipment = Shipment::of_one("1000.00", "0901210000");
        for (_, document) in &mut shipment.documents {
            if document.get("lines").is_some() {
                document["lines"][0]["originCountry"] = json!("CO");
            }
        }
        shipment.declare(&[(1, "09012100", "CO")]);
        if let Some((_, declaration)) = shipment.documents.last_mut() {
            declaration["items"][0]["preference"] = json!("300");
        }
        if let Some(status) = status {
            shipment.told(status, "LRN-1", None);
        }
        sums(&shipment.landed())[0].clone()
    };
    assert_eq!(declared(None), "duty 5.00 - - - = 5.00");
    assert_eq!(declared(Some("ACCEPTED")), "duty 5.00 - - - = 5.00");
    for status in ["REJECTED", "INVALIDATED"] {
        assert_eq!(declared(Some(status)), "duty 20.00 - - - = 20.00", "{status}");
    }
}

#[test]
fn the_same_notification_counts_once_whoever_hands_it_on_and_a_later_one_takes_its_place() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    for (system, id) in [("broker", "b"), ("customs-software", "c")] {
        let mut event = tax("assessed", "2026-03-06T10:00:00Z", 1, "A00", "22.00");
        event["id"] = id.into();
        event["sourceRef"] = id.into();
        shipment.add(system, event);
    }
    assert_eq!(sums(&shipment.landed())[0], "duty 20.00 - 22.00 - = 22.00");
    shipment.add("broker", tax("assessed", "2026-03-09T10:00:00Z", 1, "A00", "25.00"));
    assert_eq!(sums(&shipment.landed())[0], "duty 20.00 - 25.00 - = 25.00");
}

#[test]
fn duty_of_an_item_is_of_the_articles_that_customs_sees_in_it() {
    let mut shipment = Shipment::new();
    shipment.invoice(
        "CIF",
        &[
            ("CUP", "600.00", "6912002310", "2.0", "CN"),
            ("DISH", "300.00", "6912002310", "4.0", "CN"),
            ("BEAN", "100.00", "0901210000", "1.0", "CO"),
        ],
    );
    shipment.declare(&[(1, "69120023", "CN"), (2, "09012100", "CO")]);
    let landed = shipment.landed();
    let of = |landed: &Landed| -> BTreeMap<String, Vec<String>> {
        let costs =
            |article: &portgate_cost::ArticleCost| article.costs.iter().map(|total| total.counts.to_string()).collect();
        landed.by_article.iter().map(|article| (article.name.clone(), costs(article))).collect()
    };
    // 900.00 × 12 % = 108.00, 1008.00 × 20 % = 201.60; 100.00 × 2 % = 2.00, 102.00 × 20 % = 20.40.
    assert_eq!(of(&landed)["CUP"], ["72.00", "134.40"]);
    assert_eq!(of(&landed)["DISH"], ["36.00", "67.20"]);
    assert_eq!(of(&landed)["BEAN"], ["2.00", "20.40"]);
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "A00", "100.00"));
    let landed = shipment.landed();
    assert_eq!(of(&landed)["CUP"], ["66.67", "0"], "customs has said all of item 1, and nothing of a tax on it");
    assert_eq!(of(&landed)["DISH"], ["33.33", "0"]);
    assert_eq!(of(&landed)["BEAN"], ["2.00", "20.40"], "of item 2 nothing is said yet: the estimate counts");
}

#[test]
fn carriage_is_spread_by_weight_and_belongs_to_the_value_where_the_terms_leave_it_out() {
    let lines = [("CUP", "600.00", "6912002310", "2.0", "CN"), ("DISH", "400.00", "6912002310", "6.0", "CN")];
    let with_freight = |terms: &str| {
        let mut shipment = Shipment::new();
        shipment.invoice(terms, &lines);
        shipment.add("carrier", charge("F-1|1.1", "freight", "FC", "100.00", "GBP"));
        shipment.landed()
    };
    let free_on_board = with_freight("FOB");
    assert_eq!(sums(&free_on_board)[0], "duty 132.00 - - - = 132.00", "12 % of 1100.00");
    assert_eq!(sums(&free_on_board)[2], "freight - - - 100.00 = 100.00");
    let freight = |landed: &Landed| -> Vec<String> {
        landed.by_article.iter().map(|article| article.costs.last().unwrap().counts.to_string()).collect()
    };
    assert_eq!(freight(&free_on_board), ["25.00", "75.00"]);
    assert_eq!(sums(&with_freight("CIF"))[0], "duty 120.00 - - - = 120.00", "the price has it already");
    let mut without = Shipment::new();
    without.invoice("FOB", &lines);
    assert!(without.landed().notes[0].starts_with("The customs value is without carriage: the terms are FOB"));
    let mut unweighed = Shipment::new();
    unweighed
        .invoice("CIF", &[("CUP", "600.00", "6912002310", "", "CN"), ("DISH", "400.00", "6912002310", "6.0", "CN")]);
    unweighed.add("carrier", charge("F-1|1.1", "freight", "FC", "100.00", "GBP"));
    let landed = unweighed.landed();
    assert_eq!(freight(&landed), ["60.00", "40.00"], "by value, since one has no weight");
    assert!(landed.notes[0].contains("no document says the net weight of CUP"), "{:?}", landed.notes);
}

/// Value added tax of 1000.00 at 12 % of duty where the terms are these, with charges of carrier, insurer and broker of 100.00, 10.00 and
/// 50.00, all of which tax is on as far as the price does not have them.
fn tax_with_charges(terms: &str) -> String {
    let mut shipment = Shipment::new();
    shipment.invoice(terms, &[("CUP", "1000.00", "6912002310", "2.0", "CN")]);
    shipment.add("carrier", charge("F-1|1.1", "freight", "FC", "100.00", "GBP"));
    shipment.add("insurer", charge("I-1|1.1", "insurance", "IN", "10.00", "GBP"));
    shipment.add("broker", charge("B-1|1.1", "brokerage", "BR", "50.00", "GBP"));
    let mut rules = rules();
    rules.jurisdictions[0].vat_on = [CostClass::Freight, CostClass::Insurance, CostClass::Brokerage].into();
    let landed = shipment.landed_with(&rules);
    let vat = landed.totals.iter().find(|total| total.cost_type == CostType::Vat).unwrap();
    vat.estimate.unwrap().to_string()
}

#[test]
fn tax_is_on_incidental_expenses_that_the_price_does_not_have_already() {
    for (terms, tax) in [
        ("DAP", "234.00"), // 20 % of 1000.00 + 120.00 of duty + 50.00: the seller pays carriage and risk to the place
        ("DPU", "234.00"), // likewise
        ("DDU", "234.00"), // what DAP was called
        ("DDP", "224.00"), // 20 % of 1120.00: the seller clears the goods as well
        ("CIP", "234.00"), // 20 % of 1170.00: carriage and insurance are paid to the place
        ("CPT", "236.24"), // 20 % of 1010.00 + 121.20 + 50.00: the buyer insures, which is part of the customs value
        ("CIF", "256.00"), // 20 % of 1000.00 + 120.00 + 160.00: from the port on all is the buyer's
        ("FOB", "258.64"), // 20 % of 1110.00 + 133.20 + 50.00: carriage and insurance are part of the customs value
    ] {
        assert_eq!(tax_with_charges(terms), tax, "{terms}");
    }
}

#[test]
fn what_is_in_another_currency_is_converted_by_the_rate_of_its_day() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    shipment.currency("USD");
    shipment.add("carrier", charge("F-1|1.1", "freight", "FC", "50.00", "USD"));
    let landed = shipment.landed();
    assert_eq!(sums(&landed), ["duty 16.00 - - - = 16.00", "vat 163.20 - - - = 163.20", "freight - - - 40.00 = 40.00"]);
    assert!(landed.conversions.iter().all(|conversion| conversion.by == "fx GBP/USD 1.25 of 2026-03-01"));
    shipment.currency("JPY");
    let landed = shipment.landed();
    assert_eq!(landed.unknown[0].articles, ["BEAN"]);
    assert_eq!(landed.unknown[0].why, "the table `fx` has no rate of JPY in GBP on 2026-03-03");
}

#[test]
fn what_cannot_be_estimated_says_why() {
    let why =
        |shipment: &Shipment| shipment.landed().unknown.first().map(|unknown| unknown.why.clone()).unwrap_or_default();
    assert_eq!(
        why(&Shipment::of_one("1.00", "9999999999")),
        "the tariff of GB (`tariff`) has no commodity 9999999999 on 2026-03-03"
    );
    assert_eq!(why(&Shipment::of_one("1.00", "")), "no document says its commodity code of GB");
    assert_eq!(
        why(&Shipment::of_one("1.00", "2203000100")),
        "nobody reckons with the duty `8.00 % MIN 2.00 GBP / 100 kg` here"
    );
    let mut preferred = Shipment::of_one("1.00", "0901210000");
    preferred.claim_preference();
    assert_eq!(why(&preferred), "preference 300 is claimed, and the tariff of GB has none for 0901210000 of CN");
    assert_eq!(why(&Shipment::new()), "there is neither an invoice with lines nor an import declaration");
    // Two systems that contradict each other on a code leave none to reckon with; one that knows fewer digits contradicts nobody.
    let mut contradicted = Shipment::of_one("1.00", "0901210000");
    contradicted.add("classifier", classified("7", "090121"));
    assert_eq!(why(&contradicted), "");
    contradicted.add("classifier", classified("7", "1803100000"));
    assert_eq!(
        why(&contradicted),
        "systems contradict each other on its commodity code of GB: 0901210000 by erp and 1803100000 by classifier"
    );
    let mut nowhere = Shipment::of_one("1.00", "0901210000");
    nowhere.destination("US");
    assert_eq!(why(&nowhere), "no jurisdiction of `costs.toml` has the country of destination US");
}

#[test]
fn a_preference_of_the_tariff_counts_for_its_origins_and_their_groups() {
    let mut shipment = Shipment::new();
    shipment.invoice("CIF", &[("BEAN", "1000.00", "0901210000", "100", "CO")]);
    shipment.claim_preference();
    assert_eq!(sums(&shipment.landed())[0], "duty 5.00 - - - = 5.00", "0.5 % for the group that CO is in");
    let mut cocoa = Shipment::new();
    cocoa.invoice("CIF", &[("COCOA", "1000.00", "1803100000", "250", "GH")]);
    assert_eq!(sums(&cocoa.landed())[0], "duty 105.00 - - - = 105.00", "10 % and 2.00 for each 100 kg");
    let mut bolts = Shipment::new();
    bolts.invoice("CIF", &[("BOLT", "1000.00", "7318158290", "250", "CN")]);
    assert_eq!(
        sums(&bolts.landed()),
        ["duty 37.00 - - - = 37.00", "vat 384.40 - - - = 384.40", "antidumping 885.00 - - - = 885.00"]
            .map(str::to_owned),
        "tax is on both duties"
    );
}

#[test]
fn a_credit_note_takes_back_and_a_corrected_invoice_takes_the_place_of_another() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    shipment.credit("200.00");
    assert_eq!(sums(&shipment.landed())[0], "duty 16.00 - - - = 16.00");
    let mut corrected = Shipment::of_one("1000.00", "0901210000");
    corrected.correct("500.00");
    assert_eq!(sums(&corrected.landed())[0], "duty 10.00 - - - = 10.00");
}

#[test]
fn finance_is_told_once_and_of_a_change_what_it_takes_the_place_of() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    let mut told = Told::new([Firmness::Estimate, Firmness::Provisional, Firmness::Assessed, Firmness::Invoiced]);
    assert_eq!(told.tell(&shipment), ["S:A00:GBP:BEAN:1 estimate 20.00", "S:B00:GBP:BEAN:1 estimate 204.00"]);
    assert!(told.tell(&shipment).is_empty(), "the same context again asks for nothing");
    shipment.add("broker", tax("provisional", "2026-03-05T10:00:00Z", 1, "A00", "21.00"));
    assert_eq!(
        told.tell(&shipment),
        [
            "S:A00:GBP:BEAN:2 provisional 21.00 for S:A00:GBP:BEAN:1 20.00",
            "S:B00:GBP:BEAN:2 adjustment 0 for S:B00:GBP:BEAN:1 204.00",
        ]
    );
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "A00", "21.00"));
    assert_eq!(
        told.tell(&shipment),
        ["S:A00:GBP:BEAN:3 assessed 21.00 for S:A00:GBP:BEAN:2 21.00"],
        "the same amount is owed to another account once it is assessed"
    );
    shipment.add("carrier", charge("F-1|1.1", "freight", "FC", "100.00", "GBP"));
    assert_eq!(told.tell(&shipment), ["S:FC:GBP:BEAN:1 invoiced 100.00"]);
    shipment.carry_own(&told);
    assert!(told.tell(&shipment).is_empty(), "what the gateway has made itself is nothing to reckon from");
    assert_eq!(told.open(), shipment.counting());
}

#[test]
fn what_two_shipments_were_posted_is_taken_back_where_they_become_one() {
    let shipment = Shipment::of_one("1000.00", "0901210000");
    let kinds = [Firmness::Estimate];
    let (mut one, mut other) = (Told::new(kinds), Told::called("T", kinds));
    one.tell(&shipment);
    other.tell(&shipment);
    one.posted.extend(other.posted);
    assert_eq!(
        one.tell(&shipment),
        [
            "T:A00:GBP:BEAN:2 adjustment 0 for T:A00:GBP:BEAN:1 20.00",
            "T:B00:GBP:BEAN:2 adjustment 0 for T:B00:GBP:BEAN:1 204.00",
        ]
    );
    assert_eq!(one.open(), shipment.counting());
}

#[test]
fn what_takes_the_place_of_a_posting_is_of_its_series_though_the_shipment_is_called_otherwise_by_then() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    let mut told = Told::called("T", [Firmness::Estimate]);
    told.tell(&shipment);
    shipment.add("broker", tax("provisional", "2026-03-06T10:00:00Z", 1, "A00", "21.00"));
    let mut renamed = Told::new([Firmness::Estimate, Firmness::Provisional]);
    renamed.posted = told.posted;
    let words = renamed.tell(&shipment);
    assert_eq!(words[0], "T:A00:GBP:BEAN:2 provisional 21.00 for T:A00:GBP:BEAN:1 20.00", "{words:?}");
    assert!(renamed.posted.iter().all(|posting| portgate_cost::series(posting) == "T"));
}

#[test]
fn a_firmness_that_others_post_takes_the_estimate_back() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    let mut told = Told::new([Firmness::Estimate]);
    assert_eq!(told.tell(&shipment).len(), 2);
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "A00", "21.00"));
    shipment.add("broker", tax("assessed", "2026-03-06T10:00:00Z", 1, "B00", "204.20"));
    assert_eq!(
        told.tell(&shipment),
        [
            "S:A00:GBP:BEAN:2 adjustment 0 for S:A00:GBP:BEAN:1 20.00",
            "S:B00:GBP:BEAN:2 adjustment 0 for S:B00:GBP:BEAN:1 204.00",
        ]
    );
    assert!(told.tell(&shipment).is_empty() && told.open().is_empty());
}

#[test]
fn an_estimate_that_cannot_be_made_any_more_stands() {
    let mut shipment = Shipment::of_one("1000.00", "0901210000");
    let mut told = Told::new([Firmness::Estimate]);
    assert_eq!(told.tell(&shipment).len(), 2);
    shipment.currency("JPY");
    assert!(told.tell(&shipment).is_empty(), "a rate that is missing is not nothing to pay");
    shipment.currency("USD");
    let changed = told.tell(&shipment);
    assert_eq!(changed[0], "S:A00:GBP:BEAN:2 estimate 16.00 for S:A00:GBP:BEAN:1 20.00");
}

#[test]
fn a_name_for_good_has_room_in_a_document_however_long_the_article_s_is() {
    let mut shipment = Shipment::new();
    let sku = "X".repeat(64);
    shipment.invoice("CIF", &[(&sku, "1000.00", "0901210000", "1", "CN")]);
    let landed = shipment.landed();
    let rules = Told::new([Firmness::Estimate]).rules;
    let id = "01920000-0000-7000-8000-000000000000";
    let (events, not_posted) = accruals(id, &shipment.context(), &landed, &rules, &[]);
    assert!(not_posted.is_empty() && events.len() == 2, "{not_posted:?}");
    assert!(events.iter().all(|event| event.source_ref.starts_with(id) && event.sku.as_deref() == Some(&*sku)));
    assert_eq!((events[0].cost_type, events[0].kind), (CostType::Duty, CostKind::Estimate));
}

/// The documents of a whole shipment, in whatever order they come.
fn whole() -> Vec<(&'static str, serde_json::Value)> {
    let mut shipment = Shipment::new();
    shipment.invoice(
        "FOB",
        &[
            ("CUP", "599.99", "6912002310", "2.0", "CN"),
            ("DISH", "333.33", "6912002310", "4.1", "CN"),
            ("BEAN", "100.01", "0901210000", "1.7", "CO"),
        ],
    );
    shipment.declare(&[(1, "69120023", "CN"), (2, "09012100", "CO")]);
    let mut documents = shipment.documents;
    for (number, code, amount) in [(1, "A00", "115.37"), (1, "B00", "215.01"), (2, "A00", "1.99"), (2, "B00", "20.33")]
    {
        documents.push(("broker", tax("provisional", "2026-03-05T10:00:00Z", number, code, amount)));
        documents.push(("broker", tax("assessed", "2026-03-06T10:00:00Z", number, code, amount)));
        let mut again = tax("assessed", "2026-03-06T10:00:00Z", number, code, amount);
        again["id"] = json!(format!("again {number} {code}"));
        again["sourceRef"] = again["id"].clone();
        documents.push(("customs-software", again));
    }
    documents.push(("carrier", charge("F-1|1.1", "freight", "FC", "100.00", "GBP")));
    documents.push(("carrier", charge("F-1|1.2", "freight", "405", "-7.77", "USD")));
    documents
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_order_documents_come_in_finance_has_the_same_in_the_end(
        order in Just((0..whole().len()).collect::<Vec<_>>()).prop_shuffle(),
        again in prop::collection::vec(0..whole().len(), 0..6),
    ) {
        let documents = whole();
        let mut all = Shipment::new();
        all.documents = documents.clone();
        let wanted = all.landed();
        for cost in &wanted.costs {
            let parts: Decimal = cost.shares.iter().map(|share| share.amount).sum();
            prop_assert_eq!(parts, cost.amount.amount, "the parts are the whole");
        }
        let mut shipment = Shipment::new();
        let mut told = Told::new([Firmness::Estimate, Firmness::Provisional, Firmness::Assessed, Firmness::Invoiced]);
        for at in order.iter().chain(&again) {
            shipment.put(documents[*at].clone());
            told.tell(&shipment);
        }
        prop_assert_eq!(&shipment.landed(), &wanted);
        prop_assert_eq!(told.open(), all.counting());
        let names: std::collections::BTreeSet<&str> = told.posted.iter().map(|event| &*event.source_ref).collect();
        prop_assert_eq!(names.len(), told.posted.len(), "each posting has a name of its own");
        prop_assert!(told.tell(&shipment).is_empty());
    }
}

#[test]
fn the_tables_that_are_looked_up_are_those_of_the_policy() {
    let looked_up = tables();
    Shipment::of_one("1000.00", "0901210000").landed_by(&looked_up);
    let keys: Vec<String> = looked_up.asked.borrow().iter().map(|(table, key)| format!("{table} {key}")).collect();
    assert!(
        keys.contains(&"tariff 0901210000/CN".to_owned()) && keys.contains(&"tariff 0901210000".to_owned()),
        "{keys:?}"
    );
}
