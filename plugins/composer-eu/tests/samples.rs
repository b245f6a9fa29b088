//! Real declarations: from each the shipment that would have led to it is put together, and what is composed of that is held against
//! it, field by field. What differs has a reason, or fails the test.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem, PartyRole};
use serde_json::{Value, json};
use support::{Documents, compose, decoded, document, samples, schema, written};

/// Why a field of an entry differs.
const OF_ENTRY: &[(&str, &str)] = &[
    ("/offices/first-entry", "samples have a dummy, of which the numbers of their parties are not"),
    ("/jurisdiction", "likewise"),
    ("/items/*/grossKg", "goods that are all there is weigh what the whole weighs"),
    ("/items/*/packages", "packages of one kind with the same marks are one, and what is counted follows the kind"),
    ("/declaredAt", "it is made when it is sent"),
    (
        "/itinerary",
        "a country that is passed twice in a row is said once, and that of the office of first entry is passed",
    ),
    ("/items/*/documents/*/type", "the type follows the mode and whose document it is; samples have dummies"),
    ("/items/*/documents", "the carrier's document is one, of each item; samples have none beside a UCR, or several"),
    ("/totalPackages", "it is counted; samples have another number"),
    ("/totalGrossKg", "it is the sum of the items where all are weighed"),
    (
        "/parties",
        "a party by its number alone, or by name and whole address; a consignor always, which samples leave out; the carrier not where it declares itself",
    ),
    ("/items/*/parties", "a party that all items have is of the whole, and one that they do not have is not"),
    ("/borderMeans", "an aircraft is known by its flight, and a means of an item by that of the whole"),
    ("/items/*/borderMeans", "the means of transport is of the whole"),
    ("/transportEquipment", "which container a seal is of is known here"),
    ("/equipment", "the containers of the items, of the whole as well"),
    ("/items/*/packages/*/pieces", "what is not packed has its pieces, and what is packed has none (C062)"),
    ("/items/*/packages/*/uncounted", "goods in bulk and what is not packed have no count of packages (C062)"),
    ("/items/*/packages/*/count", "likewise"),
    ("/items/*/additionalInformation", "but for goods to order no special mention is made of a shipment"),
    ("/placeOfUnloading", "the whole has one where its items have one each"),
    ("/placeOfLoading", "likewise"),
    ("/items/*/placeOfLoading", "likewise"),
    ("/items/*/placeOfUnloading", "likewise"),
    ("/items/*/ucr", "a reference is of the whole"),
    ("/items/*/transportCharges", "likewise"),
];

/// Why a field of a transit differs.
const OF_TRANSIT: &[(&str, &str)] = &[
    ("/totalGrossKg", "it is the sum of the items; the sample's is more"),
    ("/houses/*/grossKg", "likewise"),
    ("/houses/*/transportDocuments", "goods of a transport document name it; the sample has a UCR instead"),
    ("/parties", "a party by its number alone where customs gave it (C0250)"),
    (
        "/borderMeans",
        "which means crosses the border is said with its kind, number and nationality, and the sample's has a dummy",
    ),
    ("/dispatchCountry", "the country that the goods are loaded in, where nobody names another"),
    ("/itinerary", "it is told with security data or where it is binding"),
    ("/limitDate", "it is reckoned from the day of departure"),
    ("/items/*/actors", "nobody in a shipment's documents is said to be such"),
    ("/items/*/cusCode", "no document of a shipment has it"),
    ("/items/*/equipment", "which items are in a container, of the item as well"),
    ("/inlandMode", "the mode of the first passage"),
    ("/language", "as policy has it"),
];

/// Fields that are of the document and not of the declaration.
const OF_DOCUMENT: [&str; 4] = ["/id", "/version", "/source", "/references"];

/// Every leaf of a declaration by its path; of parties by their role, since their order says nothing.
fn leaves(value: &Value, path: String, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(value, format!("{path}/{name}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| {
            let named = value.get("role").and_then(Value::as_str).map_or_else(|| index.to_string(), str::to_owned);
            leaves(value, format!("{path}/{named}"), found);
        }),
        Value::String(text) => drop(found.insert(path, normal(text))),
        other => drop(found.insert(path, other.to_string())),
    }
}

/// Numbers in one form.
fn normal(text: &str) -> String {
    let number = portgate_sdk::canonical::Decimal::parse(text).ok().filter(|_| text.contains('.'));
    number.map_or_else(|| text.to_owned(), |number| number.normalised().to_string())
}

/// A path without the places in lists.
fn general(path: &str) -> String {
    let step = |step: &str| {
        if step.bytes().all(|byte| byte.is_ascii_digit()) && !step.is_empty() {
            "*".to_owned()
        } else {
            step.to_owned()
        }
    };
    path.split('/').map(step).collect::<Vec<_>>().join("/")
}

#[derive(Default)]
struct Table {
    /// By general path: the same, otherwise, left out, added.
    rows: BTreeMap<String, [usize; 4]>,
}

impl Table {
    fn compare(&mut self, theirs: &Value, ours: &Value) {
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        leaves(theirs, String::new(), &mut before);
        leaves(ours, String::new(), &mut after);
        let is_said = |path: &&String| !OF_DOCUMENT.iter().any(|field| path.starts_with(field));
        for path in before.keys().chain(after.keys().filter(|path| !before.contains_key(*path))).filter(is_said) {
            let place = match (before.get(path), after.get(path)) {
                (Some(theirs), Some(ours)) if theirs == ours => 0,
                (Some(_), Some(_)) => 1,
                (Some(_), None) => 2,
                _ => 3,
            };
            self.rows.entry(general(path)).or_default()[place] += 1;
        }
    }

    /// What differs without a reason.
    fn unexplained(&self, reasons: &[(&str, &str)]) -> Vec<String> {
        println!("{:52} {:>6} {:>6} {:>6} {:>6}  reason", "field", "same", "other", "out", "added");
        let mut wrong = Vec::new();
        for (path, counts) in &self.rows {
            let reason = reasons.iter().find(|(field, _)| path.starts_with(field)).map(|(_, why)| *why);
            let differs = counts[1..].iter().any(|count| *count > 0);
            let [same, other, out, added] = counts;
            println!(
                "{path:52} {same:>6} {other:>6} {out:>6} {added:>6}  {}",
                if differs { reason.unwrap_or("?") } else { "" }
            );
            if differs && reason.is_none() {
                wrong.push(format!("{path}: {counts:?}"));
            }
        }
        wrong
    }

    fn same(&self) -> (usize, usize) {
        let sum = |place: usize| self.rows.values().map(|counts| counts[place]).sum::<usize>();
        (sum(0), sum(0) + sum(1) + sum(2))
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = read.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "xml"));
    found.sort();
    found
}

/// Whether customs' own validator finds nothing in a case: its control file has no error.
fn is_accepted(path: &Path) -> bool {
    std::fs::read_to_string(path.with_extension("ctl"))
        .is_ok_and(|control| !control.contains("Error>") || !control.contains("Number>"))
}

fn json_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

/// A party as documents have it, in its role.
fn parties(declaration: &CustomsDeclaration, item: Option<&DeclarationItem>) -> Vec<Value> {
    let own = item.into_iter().flat_map(|item| &item.parties);
    let known = own.chain(&declaration.parties);
    let of_carriage = known.filter(|party| {
        matches!(party.role, PartyRole::Consignor | PartyRole::Consignee | PartyRole::Notify | PartyRole::Carrier)
    });
    let mut known: Vec<Value> = of_carriage.map(|party| json!({ "party": json_of(party) })).collect();
    // The regulation wants one, and the validator that the samples are of does not ask for it.
    if !known.iter().any(|party| party["party"]["role"] == "consignor") {
        known.push(json!({ "party": { "role": "consignor", "name": "Sender", "address": support::address("1 Road", "City", "1", "CN") } }));
    }
    known
}

fn eori(declaration: &CustomsDeclaration, role: PartyRole) -> Option<String> {
    let party = declaration.parties.iter().find(|party| party.role == role)?;
    party.ids.iter().find(|id| &*id.scheme == "EORI").map(|id| id.value.to_string())
}

fn cargo(item: &DeclarationItem) -> Vec<Value> {
    let containers: Vec<Option<String>> = match item.equipment.is_empty() {
        true => vec![None],
        false => item.equipment.iter().map(|container| Some(container.to_string())).collect(),
    };
    let mut cargo = Vec::new();
    for (index, package) in item.packages.iter().enumerate() {
        let mut part = json!({ "packageType": { "code": json_of(&package.r#type), "codeList": "UNECE Rec 21" } });
        if package.uncounted != Some(true) || package.pieces.is_some() {
            part["packages"] = json!(package.pieces.unwrap_or(package.count));
        }
        cargo.push(part);
        if index > 0 {
            continue;
        }
    }
    if cargo.is_empty() {
        cargo.push(json!({}));
    }
    // The weight is said once; other containers have a part of the goods that is not counted again.
    for (index, container) in containers.iter().enumerate() {
        if index >= cargo.len() {
            cargo.push(json!({ "grossKg": "0" }));
        }
        if let Some(container) = container {
            cargo[index]["equipmentId"] = json!(container);
        }
    }
    for (index, part) in cargo.iter_mut().enumerate() {
        if let Some(gross) = item.gross_kg {
            part["grossKg"] = if index == 0 { json!(gross.to_string()) } else { json!("0") };
        } else if let Some(part) = part.as_object_mut() {
            part.remove("grossKg");
        }
        if let Some(net) = item.net_kg {
            part["netKg"] = if index == 0 { json!(net.to_string()) } else { json!("0") };
        }
        if index == 0 && !item.dangerous_goods.is_empty() {
            part["dangerous"] =
                item.dangerous_goods.iter().map(|number| json!({ "unNumber": number.to_string() })).collect();
        }
    }
    cargo
}

/// The goods of an item as a transport document has them.
fn goods(item: &DeclarationItem) -> Value {
    let mut goods = json!({ "cargo": cargo(item) });
    if let Some(description) = &item.description {
        goods["description"] = json!([description.to_string()]);
    }
    if let Some(classification) = &item.classification {
        goods["hsCodes"] = json!([classification.commodity.as_str()]);
    }
    if let Some(marks) = item.packages.iter().find_map(|package| package.marks.as_ref()) {
        goods["marks"] = json!([marks.to_string()]);
    }
    goods
}

/// The shipment that an entry summary was made of: a transport document for each item, as carriers have them.
fn shipment_of_entry(declaration: &CustomsDeclaration) -> (Documents, Vec<(&'static str, String)>) {
    let first = declaration.offices.iter().find(|office| json_of(&office.role) == "first-entry");
    let mut leg = json!({ "seq": 9 });
    if let Some(office) = first {
        leg["to"] = json!({ "country": "GB" });
        if let Some(time) = &office.expected_at {
            leg["eta"] = json_of(time);
        }
    }
    let means = declaration.border_means.first();
    let mut transport = json!({});
    if let Some(id) = means.and_then(|means| means.id.as_ref()) {
        transport["vesselImo"] = json!(id.chars().take(16).collect::<String>());
    }
    if let Some(voyage) = means.and_then(|means| means.conveyance_ref.as_ref()) {
        transport["voyage"] = json!(voyage.to_string());
    }
    leg["transport"] = transport;
    let mut shipment = json!({ "legs": [leg] });
    for (field, country) in
        [("countryOfDispatch", declaration.itinerary.first()), ("countryOfDestination", declaration.itinerary.last())]
    {
        if let Some(country) = country {
            shipment[field] = json!(country.as_str());
        }
    }
    if let Some(mode) = declaration.border_mode {
        shipment["mode"] = json_of(&mode);
    }
    if let Some(ucr) = &declaration.ucr {
        shipment["ucr"] = json!(ucr.chars().take(64).collect::<String>());
    }
    if let Some(total) = declaration.total_gross_kg {
        shipment["grossKg"] = json!(total.to_string());
    }
    let mut documents = vec![document("shipment", "SHP", shipment)];
    for item in &declaration.items {
        let number = item.documents.first().and_then(|document| document.id.clone());
        let id = format!("BILL-{}", item.no);
        let mut bill = json!({
            "parties": parties(declaration, Some(item)),
            "goods": [goods(item)],
            "toOrder": item.additional_information.iter().any(|mention| &*mention.code == "10600"),
        });
        if let Some(number) = number {
            bill["number"] = json!(format!("{}", &*number));
        }
        for (field, own, whole) in [
            ("portOfLoading", &item.place_of_loading, &declaration.place_of_loading),
            ("portOfDischarge", &item.place_of_unloading, &declaration.place_of_unloading),
        ] {
            if let Some(place) = whole.as_ref().or(own.as_ref()) {
                bill[field] = json_of(place);
            }
        }
        let mut body = document("transport-document", &id, bill);
        body.1["id"] = json!(id);
        documents.push(body);
    }
    let mut settings: Vec<(&str, String)> = vec![(
        "declarant-is-carrier",
        if eori(declaration, PartyRole::Carrier).is_some() { "no" } else { "yes" }.into(),
    )];
    let known = [
        ("offices-of-first-entry", first.map(|_| "GB000060".to_owned())),
        ("declarant", eori(declaration, PartyRole::Declarant)),
        ("representative", eori(declaration, PartyRole::Representative)),
        ("declared-place", declaration.declared_place.as_ref().map(ToString::to_string)),
        ("specific-circumstance", declaration.specific_circumstance.as_ref().map(ToString::to_string)),
        ("transport-charges", declaration.transport_charges.as_ref().map(ToString::to_string)),
    ];
    settings.extend(known.into_iter().filter_map(|(name, value)| Some((name, value?))));
    for (name, role) in [("offices-of-lodgement", "lodgement"), ("offices-of-subsequent-entry", "subsequent-entry")] {
        let offices = declaration.offices.iter().filter(|office| json_of(&office.role) == role);
        let listed: Vec<String> = offices.map(|office| office.reference.to_string()).collect();
        settings.extend((!listed.is_empty()).then(|| (name, listed.join(","))));
    }
    (documents, settings)
}

#[test]
fn accepted_entry_summaries_come_out_the_same_but_for_what_has_a_reason() {
    let (Some(folder), Some(schema)) = (samples(), schema("CC315A")) else { return };
    let mut accepted: Vec<PathBuf> = files(&folder.join("ens-cc315-rules"));
    accepted.retain(|path| is_accepted(path));
    accepted.push(folder.join("customs-eu/ics-ens-submission/hmrc_validSubmission.xml"));
    let (mut table, mut made, mut refused, mut wrong) =
        (Table::default(), 0, BTreeMap::<String, usize>::new(), Vec::new());
    for path in &accepted {
        let body = std::fs::read(path).expect("a sample");
        let Some(theirs) = decoded("ens-declaration", "11", body) else { continue };
        let (documents, settings) = shipment_of_entry(&theirs);
        match compose(&documents, "eu-entry-summary", &settings) {
            Ok(ours) => {
                made += 1;
                let value: Value = serde_json::from_slice(&ours.body).expect("JSON");
                let mut theirs = json_of(&theirs);
                theirs["lrn"] = value["lrn"].clone();
                table.compare(&theirs, &value);
                let xml = written(&ours, "ens-declaration", "11")
                    .unwrap_or_else(|refused| panic!("{}: {refused}", path.display()));
                wrong.extend(schema.errors(&xml).into_iter().map(|line| format!("{}: {line}", path.display())));
            }
            Err(gaps) => {
                let mut rules: Vec<String> = gaps.iter().map(|gap| gap.rule.clone()).collect();
                rules.sort();
                rules.dedup();
                rules.into_iter().for_each(|rule| *refused.entry(rule).or_default() += 1);
            }
        }
    }
    let (same, said) = table.same();
    println!("{} accepted, {made} composed, {same} of {said} values the same; asked for: {refused:?}", accepted.len());
    wrong.extend(table.unexplained(OF_ENTRY));
    assert_eq!(wrong, Vec::<String>::new());
    assert!(made * 2 > accepted.len(), "{made} of {} are composed", accepted.len());
    assert!(same * 4 > said * 3, "{same} of {said} values are the same");
}

/// The shipment that a transit was made of.
fn shipment_of_transit(declaration: &CustomsDeclaration) -> (Documents, Vec<(&'static str, String)>) {
    let mut shipment = json!({});
    for (field, country) in [
        ("countryOfDispatch", &declaration.dispatch_country),
        ("countryOfDestination", &declaration.destination_country),
    ] {
        if let Some(country) = country {
            shipment[field] = json!(country.as_str());
        }
    }
    if let Some(ucr) = &declaration.ucr {
        shipment["ucr"] = json!(ucr.to_string());
    }
    let mut leg = json!({ "seq": 1, "etd": { "value": "2023-07-22T08:00:00Z" } });
    if let Some(mode) = declaration.inland_mode {
        leg["mode"] = json_of(&mode);
    }
    if let Some(place) = &declaration.place_of_loading {
        leg["from"] = json_of(place);
        shipment["placeOfLoading"] = json_of(place);
    }
    let territory = declaration.offices.iter().find(|office| json_of(&office.role) == "destination");
    let to = territory.map(|office| office.reference.chars().take(2).collect::<String>());
    let mut crossing = json!({ "seq": 2, "to": { "country": to } });
    if let Some(mode) = declaration.border_mode {
        crossing["mode"] = json_of(&mode);
        shipment["mode"] = json_of(&mode);
    }
    if let Some(means) = declaration.border_means.first() {
        crossing["transport"] = json!({ "vesselImo": means.id.as_ref().map(|id| id.chars().take(16).collect::<String>()), "voyage": means.conveyance_ref });
    }
    shipment["legs"] = json!([leg, crossing]);
    let equipment: Vec<Value> = declaration
        .transport_equipment
        .iter()
        .map(|equipment| json!({ "id": equipment.container, "seals": equipment.seals.iter().map(|seal| json!({ "number": seal.to_string() })).collect::<Vec<_>>() }))
        .collect();
    let mut goods: Vec<Value> = declaration.items.iter().map(goods).collect();
    for equipment in &declaration.transport_equipment {
        for (item, goods) in declaration.items.iter().zip(&mut goods) {
            if equipment.items.contains(&item.no) {
                goods["cargo"][0]["equipmentId"] = json_of(&equipment.container);
            }
        }
    }
    let mut bill = json!({ "parties": parties(declaration, None), "goods": goods, "equipment": equipment });
    if let Some(number) = declaration.houses.iter().find_map(|house| house.transport_documents.first()?.id.clone()) {
        bill["number"] = json!(number.to_string());
    }
    let documents = vec![document("shipment", "SHP", shipment), document("transport-document", "BILL", bill)];
    let office = |role: &str| {
        let of_role = declaration.offices.iter().filter(|office| json_of(&office.role) == role);
        let listed: Vec<String> = of_role.map(|office| office.reference.to_string()).collect();
        (!listed.is_empty()).then(|| listed.join(","))
    };
    let guarantee = declaration.guarantees.first();
    let reference = guarantee.and_then(|guarantee| guarantee.references.first());
    let location = declaration.location_of_goods.as_ref();
    let holder = declaration.parties.iter().find(|party| party.role == PartyRole::HolderOfTransitProcedure);
    let authorisations: Vec<String> = declaration
        .authorisations
        .iter()
        .map(|one| format!("{}:{}", &*one.r#type, one.reference.as_deref().unwrap_or_default()))
        .collect();
    let text = |value: &Option<portgate_sdk::canonical::Text<4>>| value.as_ref().map(ToString::to_string);
    let known = [
        ("office-of-departure", office("departure")),
        ("office-of-destination", office("destination")),
        ("offices-of-transit", office("transit")),
        ("declaration-type", declaration.type_code.as_ref().map(ToString::to_string)),
        ("additional-declaration-type", text(&declaration.additional_type_code)),
        ("security", text(&declaration.security)),
        ("language", declaration.language.as_ref().map(ToString::to_string)),
        ("limit-days", Some("8".to_owned())),
        ("authorisations", Some(authorisations.join(","))),
        ("holder", eori(declaration, PartyRole::HolderOfTransitProcedure)),
        ("holder-contact", holder.and_then(|holder| holder.contact.as_ref()).map(ToString::to_string)),
        ("holder-phone", holder.and_then(|holder| holder.phone.as_ref()).map(ToString::to_string)),
        ("holder-email", holder.and_then(|holder| holder.email.as_ref()).map(ToString::to_string)),
        ("guarantee-type", guarantee.map(|guarantee| guarantee.r#type.to_string())),
        (
            "guarantee-other",
            guarantee.and_then(|guarantee| guarantee.other_reference.as_ref()).map(ToString::to_string),
        ),
        ("guarantee-grn", reference.and_then(|reference| reference.grn.as_ref()).map(ToString::to_string)),
        (
            "guarantee-access-code",
            reference.and_then(|reference| reference.access_code.as_ref()).map(|code| code.0.to_string()),
        ),
        (
            "guarantee-amount",
            reference
                .and_then(|reference| reference.amount.as_ref())
                .map(|money| format!("{} {}", money.amount, money.currency)),
        ),
        ("location-type", location.and_then(|location| text(&location.r#type))),
        ("location-qualifier", location.and_then(|location| text(&location.qualifier))),
        ("location-code", location.map(|location| location.code.to_string())),
    ];
    (documents, known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

#[test]
fn the_transit_declaration_of_the_samples_comes_out_the_same_but_for_what_has_a_reason() {
    let (Some(folder), Some(schema)) = (samples(), schema("CC015C")) else { return };
    let body = std::fs::read(folder.join("eu-ncts5/cc015c-valid-2.xml")).expect("a sample");
    let theirs = decoded("ncts-declaration", "5", body).expect("a declaration");
    let (documents, settings) = shipment_of_transit(&theirs);
    let ours = compose(&documents, "eu-transit", &settings).unwrap_or_else(|gaps| panic!("{gaps:#?}"));
    let value: Value = serde_json::from_slice(&ours.body).expect("JSON");
    let mut theirs = json_of(&theirs);
    theirs["lrn"] = value["lrn"].clone();
    let mut table = Table::default();
    table.compare(&theirs, &value);
    let mut wrong = table.unexplained(OF_TRANSIT);
    let (same, said) = table.same();
    println!("{same} of {said} values the same");
    wrong.extend(schema.errors(&written(&ours, "ncts-declaration", "5").expect("XML")));
    assert_eq!(wrong, Vec::<String>::new());
    assert!(same * 2 > said, "{same} of {said} values are the same");
}
