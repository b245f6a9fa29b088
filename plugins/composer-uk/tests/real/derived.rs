//! The documents of a shipment that would have led to a declaration, and what policy would have said, derived from the declaration.

use serde_json::{Map, Value, json};

/// A context and what is to be made of it.
pub(crate) struct Derived {
    /// The context.
    pub(crate) context: Value,
    /// The regime.
    pub(crate) regime: &'static str,
    /// The settings.
    pub(crate) settings: Vec<(String, String)>,
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// Everything that was derived from a declaration; nothing where it is of no regime that is composed.
pub(crate) fn derived(declaration: &Value) -> Option<Derived> {
    let kind = text(declaration, "/typeCode")?;
    let (way, additional) = kind.split_at_checked(2)?;
    let regime = match (way, additional) {
        ("IM", "A" | "D" | "Y" | "Z") => "uk-import",
        ("IM", "B" | "C" | "E" | "F") => "uk-import-simplified",
        ("EX", "A" | "D" | "Y" | "Z") => "uk-export",
        _ => return None,
    };
    let documents = [
        placed("shipment", shipment(declaration)),
        placed("packing", packing(declaration)),
        placed("commercial-invoice", invoice(declaration)),
    ];
    let entries = list(declaration, "previousDocuments").iter().filter(|one| one["type"] == "355" && one["line"] == 1);
    let entries = entries.map(|one| {
        let said = json!({ "lrn": one["id"], "jurisdiction": "GB", "regime": "entry-summary", "mrn": one["id"] });
        placed("customs-declaration", with_id(text(one, "/id").unwrap_or("ENS"), said))
    });
    let documents: Vec<Value> = documents.into_iter().chain(entries).collect();
    let items = list(declaration, "items").iter().enumerate();
    let catalogue: Vec<Value> = items
        .map(|(index, item)| {
            let code = format!(
                "{}{}",
                text(item, "/classification/commodity").unwrap_or_default(),
                text(item, "/classification/taric").unwrap_or_default()
            );
            let lists = ["taricAdditional", "nationalAdditional"];
            let more: Vec<&Value> = lists.iter().flat_map(|name| list(&item["classification"], name)).collect();
            let said = json!({
                "sku": sku(index), "jurisdiction": "GB", "nomenclature": "UKGT10", "code": code, "additionalCodes": more,
            });
            placed("item-classification", with_id(&sku(index), said))
        })
        .collect();
    let context = with_id("S", json!({ "documents": documents, "catalogue": catalogue }));
    Some(Derived { context, regime, settings: settings(declaration, additional) })
}

fn sku(index: usize) -> String {
    format!("GOODS-{}", index + 1)
}

/// A document with what all of them have; what is null was not said.
fn with_id(id: &str, said: Value) -> Value {
    let mut whole = json!({
        "id": id, "version": "1",
        "source": { "system": "derived", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64) },
    });
    if let (Some(whole), Value::Object(said)) = (whole.as_object_mut(), said) {
        whole.extend(said);
    }
    without_nulls(whole)
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().map(|(name, value)| (name, without_nulls(value)));
            Value::Object(kept.filter(|(_, value)| !value.is_null() && *value != json!({})).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

fn placed(kind: &str, document: Value) -> Value {
    let provenance = json!({
        "system": "derived", "version": "1", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64),
    });
    json!({ "kind": kind, "id": document["id"], "provenance": provenance, "document": document })
}

fn party<'d>(declaration: &'d Value, role: &str) -> Option<&'d Value> {
    list(declaration, "parties").iter().find(|party| party["role"] == role)
}

/// The shipment: how the goods come, between which countries, in which containers.
fn shipment(declaration: &Value) -> Value {
    let is_export = declaration["regime"] == "export";
    let previous = |kind: &str| list(declaration, "previousDocuments").iter().find(|one| one["type"] == kind);
    let means = match is_export {
        true => declaration["departureMeans"][0].clone(),
        false => json!({ "idType": declaration["arrivalMeansType"], "id": declaration["arrivalMeansId"] }),
    };
    let id = means["id"].clone();
    let transport = match text(&means, "/idType") {
        Some("10") => json!({ "vesselImo": id }),
        Some("11") => json!({ "vesselName": id }),
        _ => json!({ "voyage": id }),
    };
    // Where the whole says no country, its first item does.
    let of = |name: &str| {
        let own = Some(&declaration[name]).filter(|country| country.is_string());
        own.unwrap_or(&declaration["items"][0][name]).clone()
    };
    let country = |name: &str| json!({ "country": of(name) });
    let (from, to) = match is_export {
        true => (json!({ "country": "GB" }), country("destinationCountry")),
        false => (country("dispatchCountry"), json!({ "country": "GB" })),
    };
    let references = [
        previous("MCR").map(|one| json!({ "scheme": "mucr", "value": one["id"] })),
        means["id"].as_str().map(|id| json!({ "scheme": "vehicle", "value": id })),
    ];
    let seals = |id: &Value| {
        let all = list(declaration, "transportEquipment").iter();
        all.clone().find(|one| one["container"] == *id).map(|one| one["seals"].clone()).unwrap_or(json!([]))
    };
    let of_items = list(declaration, "items").iter().flat_map(|item| list(item, "equipment"));
    let mut equipment: Vec<Value> = Vec::new();
    for id in list(declaration, "equipment").iter().chain(of_items) {
        if !equipment.iter().any(|known| known["id"] == *id) {
            equipment.push(json!({ "id": id, "seals": seals(id) }));
        }
    }
    let parties = ["consignee", "consignor"].iter().filter_map(|role| party(declaration, role));
    let parties: Vec<&Value> = parties.chain(list(declaration, "carriageParties")).collect();
    let said = json!({
        "shipmentId": "S",
        "ucr": previous("DCR").map(|one| one["id"].clone()),
        "mode": declaration["borderMode"],
        "countryOfDispatch": if is_export { json!("GB") } else { of("dispatchCountry") },
        "countryOfDestination": of("destinationCountry"),
        "placeOfLoading": declaration["placeOfLoading"]["facilityCode"]
            .as_str()
            .map(|code| json!({ "facilityCode": code, "facilityCodeList": "IATA" })),
        "equipment": equipment,
        "parties": parties,
        "references": references.into_iter().flatten().collect::<Vec<_>>(),
        "legs": [{ "seq": 1, "mode": declaration["borderMode"], "transport": transport, "from": from, "to": to }],
    });
    with_id("S", said)
}

/// The packing list: the packages of each item, with the weights of its goods.
fn packing(declaration: &Value) -> Value {
    let (mut packages, mut lines) = (Vec::new(), Vec::new());
    for (index, item) in list(declaration, "items").iter().enumerate() {
        let first = packages.len();
        packages.extend(list(item, "packages").iter().cloned());
        let names: Vec<String> = (first + 1..=packages.len()).map(|number| number.to_string()).collect();
        let weighed = [("gross-weight", &item["grossKg"]), ("net-weight", &item["netKg"])].into_iter();
        let weighed = weighed.filter(|(_, value)| !value.is_null()).map(|(kind, value)| {
            json!({ "kind": kind, "value": value, "unit": { "code": "KGM", "codeList": "UNECE Rec 20" } })
        });
        lines.push(json!({
            "sku": sku(index), "quantity": quantity(item), "packageRefs": names, "measures": weighed.collect::<Vec<_>>(),
        }));
    }
    with_id("S", json!({ "shipmentId": "S", "packages": packages, "lines": lines }))
}

fn quantity(item: &Value) -> Value {
    let value = text(item, "/supplementaryUnits/value").unwrap_or("1");
    json!({ "value": value, "unit": "C62" })
}

/// The invoice: a line for each item, with its price and origin, and the carriage that was added to the price.
fn invoice(declaration: &Value) -> Value {
    let items = list(declaration, "items");
    let number = items.iter().flat_map(|item| list(item, "documents")).find(|one| one["type"] == "N935");
    let number = number.and_then(|one| text(one, "/id")).unwrap_or("INVOICE").to_owned();
    let currency = text(&items[0], "/price/currency").or(text(declaration, "/invoiceTotal/currency")).unwrap_or("GBP");
    let line = |(index, item): (usize, &Value)| {
        // Where no price is declared of the items, it is the statistical value.
        let price = [&item["price"], &item["statisticalValue"]].into_iter().find(|price| !price.is_null());
        let price = price.cloned().unwrap_or_else(|| json!({ "amount": "0", "currency": currency }));
        let origin = text(item, "/origin").or(text(item, "/preferentialOrigin")).filter(|origin| origin.len() == 2);
        json!({
            "lineNo": (index + 1).to_string(), "sku": sku(index), "quantity": quantity(item), "lineNet": price,
            "description": item["description"], "originCountry": origin,
            "preferenceClaimed": text(item, "/preference").is_some_and(|code| !code.starts_with('1')),
        })
    };
    let lines: Vec<Value> = items.iter().enumerate().map(line).collect();
    let currency = lines[0]["lineNet"]["currency"].clone();
    let added = list(declaration, "adjustments").iter().filter(|one| one["code"] == "AK" || one["code"] == "AR");
    let charges: Vec<Value> = added
        .map(|one| json!({ "code": { "code": "FC", "codeList": "UNTDID 7161" }, "amount": one["amount"] }))
        .collect();
    let role = |from: &str, to: &str| {
        let mut party = party(declaration, from)?.clone();
        party["role"] = to.into();
        Some(party)
    };
    let said = json!({
        "number": number, "issueDate": "2026-02-20", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
        "currency": currency, "totals": { "payable": { "amount": "0", "currency": currency } },
        "seller": role("exporter", "seller"), "buyer": role("importer", "buyer"),
        "incoterm": declaration["incoterm"], "lines": lines, "charges": charges,
    });
    with_id(&number, said)
}

/// What policy would have said.
fn settings(declaration: &Value, additional: &str) -> Vec<(String, String)> {
    let eori = |role: &str| party(declaration, role).and_then(|party| text(party, "/ids/0/value")).map(str::to_owned);
    let agent = party(declaration, "representative");
    let representation = match agent.and_then(|agent| text(agent, "/representationStatus")) {
        Some("2") => "direct",
        Some("3") => "indirect",
        _ => "self",
    };
    let office = |role: &str| {
        let known = list(declaration, "offices").iter().find(|office| office["role"] == role)?;
        text(known, "/reference").map(str::to_owned)
    };
    let parts =
        |values: &[&Value]| values.iter().map(|value| value.as_str().unwrap_or_default()).collect::<Vec<_>>().join(":");
    let each = |of: &[Value], names: &[&str]| {
        let entry = |one: &Value| parts(&names.iter().map(|name| &one[*name]).collect::<Vec<_>>());
        of.iter().map(|one| entry(one).trim_end_matches(':').to_owned()).collect::<Vec<_>>().join(",")
    };
    let item = &declaration["items"][0];
    let location = &declaration["locationOfGoods"];
    let location =
        parts(&[&location["country"], &location["type"], &location["qualifier"], &location["code"]]).replace(':', "");
    let guarantees: Vec<Value> = list(declaration, "guarantees")
        .iter()
        .map(|one| json!({ "type": one["type"], "grn": one["references"][0]["grn"], "other": one["otherReference"] }))
        .collect();
    let made = ["DCR", "MCR"];
    let others: Vec<Value> = list(declaration, "previousDocuments")
        .iter()
        .filter(|one| {
            let is_shown = one["type"] == "355" && one["line"] == 1;
            !is_shown && !made.contains(&text(one, "/type").unwrap_or_default())
        })
        .map(|one| json!({ "c": one["category"], "t": one["type"], "i": one["id"], "l": one["line"].as_u64().map(|line| line.to_string()) }))
        .collect();
    let papers: Vec<Value> = list(item, "documents").iter().filter(|one| one["type"] != "N935").cloned().collect();
    let invoice = list(item, "documents").iter().find(|one| one["type"] == "N935");
    let own = ["00500", "00400"];
    let statements: Vec<Value> = list(item, "additionalInformation")
        .iter()
        .filter(|one| representation != "self" || !own.contains(&text(one, "/code").unwrap_or_default()))
        .cloned()
        .collect();
    let taxes: Vec<Value> = list(item, "taxLines")
        .iter()
        .filter(|one| one["type"].is_string() && one["paymentMethod"].is_string())
        .cloned()
        .collect();
    let digit = |name: &str| {
        let modes = ["sea", "rail", "road", "air", "mail", "", "fixed", "inland"];
        let at = modes.iter().position(|mode| declaration[name] == *mode)?;
        Some((at + 1).to_string())
    };
    let said = |value: &Value| value.as_str().map(str::to_owned);
    let origin = text(item, "/origin").or(text(item, "/preferentialOrigin")).unwrap_or("XX");
    let nationality = said(&declaration["borderNationality"]).or(said(&declaration["borderMeans"][0]["nationality"]));
    let freight = list(declaration, "adjustments").first().and_then(|one| text(one, "/code"));
    let all = [
        ("declaration-type".to_owned(), Some(additional.to_owned())),
        ("declarant".to_owned(), eori("declarant")),
        ("representation".to_owned(), Some(representation.to_owned())),
        ("representative".to_owned(), eori("representative")),
        ("importer".to_owned(), eori("importer")),
        ("exporter".to_owned(), eori("exporter")),
        ("authorisations".to_owned(), Some(each(list(declaration, "authorisations"), &["type", "holderEori"]))),
        ("deferment".to_owned(), Some(each(list(declaration, "deferment"), &["category", "type", "account"]))),
        ("guarantees".to_owned(), Some(each(&guarantees, &["type", "grn", "other"]))),
        ("fiscal-references".to_owned(), Some(each(list(declaration, "fiscalReferences"), &["role", "id"]))),
        ("location".to_owned(), Some(location)),
        ("warehouse".to_owned(), Some(each(std::slice::from_ref(&declaration["warehouse"]), &["type", "id"]))),
        ("exit-office".to_owned(), office("exit")),
        ("presentation-office".to_owned(), office("presentation")),
        ("supervising-office".to_owned(), office("supervising")),
        ("border-nationality".to_owned(), nationality),
        ("inland-mode".to_owned(), digit("inlandMode")),
        ("transaction-nature".to_owned(), said(&declaration["transactionNature"]).or(said(&item["transactionNature"]))),
        ("procedure".to_owned(), said(&item["procedure"]["code"])),
        (
            "additional-procedures".to_owned(),
            Some(list(&item["procedure"], "additional").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
        ),
        ("valuation-method".to_owned(), said(&item["valuationMethod"])),
        ("valuation-indicators".to_owned(), said(&item["valuationIndicators"])),
        ("payments".to_owned(), Some(each(&taxes, &["type", "paymentMethod"]))),
        ("documents".to_owned(), Some(each(&papers, &["type", "id", "status", "reason"]))),
        ("invoice-status".to_owned(), invoice.and_then(|one| said(&one["status"]))),
        ("statements".to_owned(), Some(each(&statements, &["code", "text"]))),
        ("previous-documents".to_owned(), Some(each(&others, &["c", "t", "i", "l"]))),
        (format!("preference.{origin}"), said(&item["preference"])),
        ("trader-reference".to_owned(), said(&declaration["traderReference"])),
        ("transport-charges".to_owned(), said(&declaration["transportCharges"])),
        ("safety-and-security".to_owned(), declaration["transportCharges"].is_string().then(|| "yes".to_owned())),
        ("freight-code".to_owned(), freight.map(str::to_owned)),
        ("group-items".to_owned(), Some("no".to_owned())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))).collect()
}
