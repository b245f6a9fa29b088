use portgate_canonical::InvoiceTotals;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

/// A context of these documents, each by kind and id.
fn context(documents: &[(&str, &str, Value)]) -> ShipmentContext {
    let source =
        json!({ "system": "erp", "recordedAt": { "value": "2026-03-01T00:00:00Z" }, "rawRef": "0".repeat(64) });
    let of = |(kind, id, more): &(&str, &str, Value)| {
        let mut document = json!({ "id": id, "version": "1", "source": source });
        for (name, value) in more.as_object().into_iter().flatten() {
            document[name] = value.clone();
        }
        let mut provenance = source.clone();
        provenance["version"] = json!("1");
        json!({ "kind": kind, "id": id, "provenance": provenance, "document": document })
    };
    let documents: Vec<Value> = documents.iter().map(of).collect();
    let context = json!({ "id": "s", "version": "1", "source": source, "documents": documents });
    serde_json::from_value(context).expect("a context")
}

fn gbp(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "GBP" })
}

/// A bill of a carrier.
fn bill(amount: &str) -> Value {
    json!({
        "kind": "invoiced", "costType": "freight", "code": { "code": "FC", "codeList": "UNTDID 7161" }, "amount": gbp(amount),
        "occurredAt": { "value": "2026-03-06T10:00:00Z" }, "sourceRef": "LINE|FB-1|1",
    })
}

/// An invoice of lines: article, quantity and value.
fn invoice(number: &str, lines: &[(&str, &str, &str)]) -> Value {
    let sum: Decimal = lines.iter().map(|(_, _, net)| decimal(net)).sum();
    let line = |(at, (sku, quantity, net)): (usize, &(&str, &str, &str))| {
        let mut line = json!({ "lineNo": (at + 1).to_string(), "quantity": { "value": quantity, "unit": "C62" }, "lineNet": gbp(net) });
        if !sku.is_empty() {
            line["sku"] = json!(sku);
        }
        line
    };
    json!({
        "number": number, "issueDate": "2026-03-03", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
        "currency": "GBP", "totals": { "payable": gbp(&sum.to_string()), "linesNet": gbp(&sum.to_string()) },
        "lines": lines.iter().enumerate().map(line).collect::<Vec<_>>(),
    })
}

/// A shipment of these articles, which weighs so much.
fn ships(id: &str, kilograms: Option<&str>, lines: &[(&str, &str)]) -> Value {
    let line = |(at, (sku, quantity)): (usize, &(&str, &str))| json!({ "lineNo": (at + 1).to_string(), "sku": sku, "quantity": { "value": quantity, "unit": "C62" } });
    let mut shipment = json!({ "shipmentId": id, "lines": lines.iter().enumerate().map(line).collect::<Vec<_>>() });
    if let Some(kilograms) = kilograms {
        shipment["grossKg"] = json!(kilograms);
    }
    shipment
}

type Documents<'d> = Vec<(&'d str, &'d str, Value)>;

/// Shipments `s0`, `s1`, … that have these documents together, each with its own beside them: as each of them bears it.
fn all_bear(together: &Documents<'_>, own: &[Documents<'_>]) -> Vec<Apportioned> {
    let names: Vec<String> = (0..own.len()).map(|at| format!("s{at}")).collect();
    let of: BTreeSet<String> = names.iter().cloned().collect();
    let named = together.iter().map(|(kind, id, _)| (((*kind).to_owned(), (*id).to_owned()), of.clone()));
    let documents: BTreeMap<Named, BTreeSet<String>> = named.collect();
    let contexts: Vec<ShipmentContext> =
        own.iter().map(|own| context(&[together.clone(), own.clone()].concat())).collect();
    let sharers =
        names.iter().zip(&contexts).map(|(name, context)| (name.clone(), Arc::new(Sharer::of(context, &documents))));
    let sharers: BTreeMap<String, Arc<Sharer>> = sharers.collect();
    let bears = |(name, context): (&String, &ShipmentContext)| {
        Shared { own: name.clone(), documents: documents.clone(), sharers: sharers.clone() }.apportion(context)
    };
    names.iter().zip(&contexts).map(bears).collect()
}

/// What each has of a bill.
fn parts(amount: &str, weights: &[Option<&str>]) -> Vec<Option<String>> {
    let own: Vec<Documents<'_>> =
        weights.iter().map(|weight| vec![("shipment", "S", ships("S", *weight, &[("A", "1")]))]).collect();
    let part = |apportioned: Apportioned| {
        let borne = apportioned.borne();
        let bill = borne.documents.iter().find(|one| &*one.kind == LandedCostEvent::KIND)?;
        bill.document.0["amount"]["amount"].as_str().map(str::to_owned)
    };
    all_bear(&vec![("landed-cost-event", "FB-1", bill(amount))], &own).into_iter().map(part).collect()
}

/// What each has of invoices: number, and of each line the article, how much and for how much.
fn invoiced_to(apportioned: &Apportioned) -> Vec<String> {
    invoices(&apportioned.context)
        .iter()
        .map(|(_, invoice)| {
            let lines = invoice.lines.iter().map(|line| {
                format!(
                    "{} {}: {}",
                    line.sku.as_deref().unwrap_or("-"),
                    line.quantity.value.normalised(),
                    line.line_net.amount
                )
            });
            format!("{} {}", &*invoice.number, lines.collect::<Vec<_>>().join(", "))
        })
        .collect()
}

fn of_invoices(together: &[(&str, Value)], ships_what: &[&[(&str, &str)]]) -> Vec<Apportioned> {
    let together: Documents<'_> =
        together.iter().map(|(id, invoice)| ("commercial-invoice", *id, invoice.clone())).collect();
    let own: Vec<Documents<'_>> =
        ships_what.iter().map(|lines| vec![("shipment", "S", ships("S", None, lines))]).collect();
    all_bear(&together, &own)
}

fn whys(all: &[Apportioned]) -> Vec<Untold> {
    all.iter().flat_map(|one| one.untold.values().cloned()).collect()
}

#[test]
fn each_bears_its_part_by_weight_and_nobody_anything_as_long_as_one_weight_is_not_known() {
    let said = |all: &[&str]| all.iter().map(|part| Some((*part).to_owned())).collect::<Vec<_>>();
    assert_eq!(parts("100.00", &[Some("1"), Some("2")]), said(&["33.33", "66.67"]));
    assert_eq!(parts("-100.00", &[Some("1"), Some("1"), Some("1")]), said(&["-33.34", "-33.33", "-33.33"]));
    assert_eq!(parts("100.00", &[Some("1"), None]), [None, None]);
    assert_eq!(parts("100.00", &[Some("1"), Some("0")]), [None, None], "nothing weighs nothing");
}

#[test]
fn of_an_invoice_each_has_what_it_ships_at_its_price_and_what_is_not_shipped_yet_is_nobodys() {
    let one = invoice("INV-1", &[("A", "100", "1000.01"), ("B", "5", "50.00")]);
    let all = of_invoices(&[("INV-1", one)], &[&[("A", "60")], &[("A", "30"), ("B", "5")]]);
    assert_eq!(whys(&all), []);
    assert_eq!(invoiced_to(&all[0]), ["INV-1 A 60: 600.01"]);
    assert_eq!(invoiced_to(&all[1]), ["INV-1 A 30: 300.00, B 5: 50.00"]);
    let field = &all[0].context.documents[0].fields;
    let by: Vec<(&str, &str)> = field.iter().map(|one| (&*one.field, &*one.provenance.system)).collect();
    assert_eq!(by, ["/lines", "/charges", "/taxes", "/totals"].map(|field| (field, "portgate")), "who has reckoned it");
}

#[test]
fn what_an_invoice_has_beside_its_lines_is_shared_by_their_value_to_the_coin() {
    let mut one = invoice("INV-1", &[("A", "3", "100.00")]);
    one["charges"] = json!([{ "code": { "code": "FC", "codeList": "UNTDID 7161" }, "amount": gbp("10.00") }]);
    one["taxes"] = json!([{ "basis": gbp("110.00"), "amount": gbp("22.00") }]);
    one["totals"] = json!({
        "linesNet": gbp("100.00"), "charges": gbp("10.00"), "withoutTax": gbp("110.00"), "tax": gbp("22.00"),
        "withTax": gbp("132.00"), "prepaid": gbp("32.00"), "payable": gbp("100.00"),
    });
    let all = of_invoices(&[("INV-1", one)], &[&[("A", "1")], &[("A", "2")]]);
    let sums = |apportioned: &Apportioned| {
        let (_, invoice) = invoices(&apportioned.context).remove(0);
        let InvoiceTotals { lines_net, without_tax, with_tax, payable, .. } = invoice.totals.clone();
        let said = |money: Option<Money>| money.map(|money| money.amount.to_string()).unwrap_or_default();
        let charged = invoice.charges[0].amount.amount.to_string();
        [said(lines_net), charged, said(without_tax), said(with_tax), payable.amount.to_string()]
    };
    assert_eq!(sums(&all[0]), ["33.33", "3.33", "36.66", "43.99", "33.32"]);
    assert_eq!(sums(&all[1]), ["66.67", "6.67", "73.34", "88.01", "66.68"]);
}

#[test]
fn an_invoice_of_exactly_what_one_ships_is_of_that_one_alone() {
    let together =
        [("INV-1", invoice("INV-1", &[("A", "40", "400.00")])), ("INV-2", invoice("INV-2", &[("A", "60", "600.00")]))];
    let all = of_invoices(&together, &[&[("A", "60")], &[("A", "40")]]);
    assert_eq!(whys(&all), []);
    assert_eq!(invoiced_to(&all[0]), ["INV-2 A 60: 600.00"]);
    assert_eq!(invoiced_to(&all[1]), ["INV-1 A 40: 400.00"]);
    // As long as the other one is not there, what is there is of whom it fits.
    let all = of_invoices(&together[..1], &[&[("A", "60")], &[("A", "40")]]);
    assert_eq!(all.iter().map(invoiced_to).collect::<Vec<_>>(), [vec![], vec!["INV-1 A 40: 400.00".to_owned()]]);
}

#[test]
fn what_nobody_can_tell_apart_is_whole_and_named_with_the_reason_to_each_of_them() {
    let one = || [("INV-1", invoice("INV-1", &[("A", "100", "1000.00")]))];
    let article = || Article::new("A", &serde_json::from_value(json!({ "value": "1", "unit": "C62" })).unwrap());
    let twice = |why: Untold| [why.clone(), why];
    let short = of_invoices(&one(), &[&[("A", "60")], &[("A", "41")]]);
    assert_eq!(whys(&short), twice(Untold::Short { article: article() }));
    assert_eq!(invoiced_to(&short[0]), ["INV-1 A 100: 1000.00"]);
    let unsaid = of_invoices(&one(), &[&[("A", "60")], &[]]);
    assert_eq!(whys(&unsaid), twice(Untold::Goods { unsaid: 1 }));
    let no_article = [("INV-1", invoice("INV-1", &[("A", "100", "1000.00"), ("", "1", "9.00")]))];
    let no_article = of_invoices(&no_article, &[&[("A", "60")], &[("A", "40")]]);
    assert_eq!(whys(&no_article), twice(Untold::Line { line_no: "2".to_owned() }));
    let [first] = one();
    let several =
        of_invoices(&[first, ("INV-2", invoice("INV-2", &[("A", "7", "70.00")]))], &[&[("A", "60")], &[("A", "40")]]);
    assert!(whys(&several).iter().all(|why| *why == Untold::Several { article: article() }), "{:?}", whys(&several));
    let mut credit = invoice("INV-1", &[("A", "100", "1000.00")]);
    credit["typeCode"]["code"] = json!("381");
    assert_eq!(whys(&of_invoices(&[("INV-1", credit)], &[&[("A", "60")], &[("A", "40")]])), twice(Untold::Credit));
}

#[test]
fn who_ships_nothing_yet_has_no_part_and_one_that_is_left_has_all_of_it() {
    let together = vec![("commercial-invoice", "INV-1", invoice("INV-1", &[("A", "100", "1000.00")]))];
    let tender: Documents<'_> = vec![("load-tender", "T-1", json!({}))];
    let shipping: Documents<'_> = vec![("shipment", "S", ships("S", None, &[("A", "60")]))];
    let all = all_bear(&together, &[shipping, tender.clone()]);
    assert_eq!(whys(&all), []);
    assert_eq!(all.iter().map(invoiced_to).collect::<Vec<_>>(), [vec!["INV-1 A 100: 1000.00".to_owned()], vec![]]);
    let all = all_bear(&together, &[tender.clone(), tender]);
    assert_eq!(whys(&all).len(), 2, "nobody says who ships any of it");
}

#[test]
fn what_was_corrected_is_of_nobody_and_a_carriers_invoice_is_not_about_the_goods() {
    let mut corrected = invoice("INV-2", &[("A", "10", "90.00")]);
    corrected["typeCode"]["code"] = json!("384");
    corrected["preceding"] = json!([{ "number": "INV-1" }]);
    let mut freight = invoice("F-1", &[("", "1", "75.00")]);
    freight["typeCode"]["code"] = json!("780");
    let together = [("F-1", freight), ("INV-1", invoice("INV-1", &[("A", "10", "100.00")])), ("INV-2", corrected)];
    let all = of_invoices(&together, &[&[("A", "4")], &[("A", "6")]]);
    assert_eq!(whys(&all), []);
    assert_eq!(invoiced_to(&all[0]), ["F-1 - 1: 75.00", "INV-2 A 4: 36.00"]);
    assert_eq!(invoiced_to(&all[1]), ["F-1 - 1: 75.00", "INV-2 A 6: 54.00"]);
}

#[test]
fn what_an_invoice_of_its_own_has_is_not_taken_from_one_that_is_shared() {
    let together = vec![("commercial-invoice", "INV-1", invoice("INV-1", &[("A", "50", "500.00")]))];
    let own: Documents<'_> = vec![
        ("shipment", "S", ships("S", None, &[("A", "30")])),
        ("commercial-invoice", "INV-2", invoice("INV-2", &[("A", "10", "99.00")])),
    ];
    let other: Documents<'_> = vec![("shipment", "S", ships("S", None, &[("A", "25")]))];
    let all = all_bear(&together, &[own, other]);
    assert_eq!(whys(&all), []);
    assert_eq!(invoiced_to(&all[0]), ["INV-1 A 20: 200.00", "INV-2 A 10: 99.00"]);
    assert_eq!(invoiced_to(&all[1]), ["INV-1 A 25: 250.00"]);
}

proptest! {
    #[test]
    fn the_parts_of_all_are_the_bill_to_the_penny(
        pence in -10_000_000_i64..10_000_000,
        grams in prop::collection::vec(1_i64..50_000_000, 1..30),
    ) {
        let amount = Decimal::from(pence).shifted(2);
        let weights: Vec<String> = grams.into_iter().map(|grams| Decimal::from(grams).shifted(3).to_string()).collect();
        let weights: Vec<Option<&str>> = weights.iter().map(|weight| Some(weight.as_str())).collect();
        let parts = parts(&amount.to_string(), &weights);
        let sum: Decimal = parts.iter().map(|part| decimal(part.as_deref().expect("all are known"))).sum();
        prop_assert_eq!(sum, amount);
    }

    #[test]
    fn the_parts_of_an_invoice_that_was_shipped_are_all_of_it_to_the_piece_and_to_the_penny(
        lines in prop::collection::vec((prop::collection::vec(0_i64..50, 2..6), 1_i64..10_000_000), 1..6),
        charge in -100_000_i64..100_000,
        shipments in 2_usize..6,
    ) {
        let quantity = |of: &[i64]| of.iter().cycle().take(shipments).copied().collect::<Vec<i64>>();
        let lines: Vec<(Vec<i64>, i64)> = lines.iter().map(|(of, pence)| (quantity(of), *pence)).collect();
        let lines: Vec<_> = lines.into_iter().filter(|(of, _)| of.iter().sum::<i64>() > 0).collect();
        prop_assume!(!lines.is_empty());
        let said: Vec<(String, String, String)> = lines.iter().enumerate().map(|(at, (of, pence))| {
            (format!("SKU-{at}"), of.iter().sum::<i64>().to_string(), Decimal::from(*pence).shifted(2).to_string())
        }).collect();
        let said: Vec<(&str, &str, &str)> = said.iter().map(|(sku, of, net)| (sku.as_str(), of.as_str(), net.as_str())).collect();
        let mut one = invoice("INV-1", &said);
        one["charges"] = json!([{ "code": { "code": "FC", "codeList": "UNTDID 7161" }, "amount": gbp(&Decimal::from(charge).shifted(2).to_string()) }]);
        let net: Decimal = said.iter().map(|(_, _, net)| decimal(net)).sum();
        one["totals"]["payable"] = gbp(&(net + Decimal::from(charge).shifted(2)).to_string());
        let ships: Vec<Vec<(String, String)>> = (0..shipments).map(|at| {
            lines.iter().enumerate().filter(|(_, (of, _))| of[at] > 0).map(|(line, (of, _))| (format!("SKU-{line}"), of[at].to_string())).collect()
        }).collect();
        // One that ships nothing says so by having no line, which is not the same: it is left out.
        prop_assume!(ships.iter().all(|ships| !ships.is_empty()));
        let ships: Vec<Vec<(&str, &str)>> = ships.iter().map(|ships| ships.iter().map(|(sku, of)| (sku.as_str(), of.as_str())).collect()).collect();
        let ships: Vec<&[(&str, &str)]> = ships.iter().map(Vec::as_slice).collect();
        let all = of_invoices(&[("INV-1", one)], &ships);
        prop_assert_eq!(whys(&all), vec![]);
        let read: Vec<CommercialInvoice> = all.iter().flat_map(|one| invoices(&one.context)).map(|(_, invoice)| invoice).collect();
        let sum = |of: &dyn Fn(&CommercialInvoice) -> Decimal| read.iter().map(of).sum::<Decimal>();
        prop_assert_eq!(sum(&|one| one.totals.payable.amount), net + Decimal::from(charge).shifted(2));
        prop_assert_eq!(sum(&|one| one.totals.lines_net.as_ref().expect("said").amount), net);
        prop_assert_eq!(sum(&|one| one.charges.iter().map(|charge| charge.amount.amount).sum()), Decimal::from(charge).shifted(2));
        for (at, ships) in read.iter().zip(&ships) {
            let of: Vec<(String, String)> = at.lines.iter().map(|line| (line.sku.as_ref().expect("said").to_string(), line.quantity.value.normalised().to_string())).collect();
            let wanted: Vec<(String, String)> = ships.iter().map(|(sku, of)| ((*sku).to_owned(), (*of).to_owned())).collect();
            prop_assert_eq!(of, wanted);
            let lines: Decimal = at.lines.iter().map(|line| line.line_net.amount).sum();
            prop_assert_eq!(lines, at.totals.lines_net.as_ref().expect("said").amount);
        }
    }
}
