//! Who takes part: by number or by name and address (C501), and on the whole or on its items (C511, C583, C584).

use portgate_sdk::canonical::{Party, PartyRole};
use portgate_sdk::territory::Territory;

use crate::conditions::{Conditions, is_to_order};

const EORI: &str = "EORI";
/// Countries beside the Union to which entry summaries of the same form are lodged (its agreements on customs security).
const ZONE: [&str; 2] = ["CH", "NO"];
/// Ships and aircraft, and what they carry: their carriers have a number.
const CARRIER_NUMBERED: [u8; 5] = [1, 4, 8, 10, 11];

/// Name, street, postcode, city and country: the order in which customs numbers what is wrong with each.
const PARTS: [&str; 5] = ["name", "street", "postcode", "city", "country"];
const FIELDS: [&str; 5] = ["/name", "/address/lines", "/address/postcode", "/address/city", "/address/country"];

/// Where customs' error numbers for a party begin; each of the five parts has one.
struct Numbers {
    role: PartyRole,
    called: &'static str,
    /// It has no number, and lacks a part. A hundred more where it has a number that customs does not know.
    lacks: u16,
    /// It has a number that customs knows, and a part as well.
    spare: u16,
}

const fn numbers(role: PartyRole, called: &'static str, lacks: u16, spare: u16) -> Numbers {
    Numbers { role, called, lacks, spare }
}

const OF_WHOLE: [Numbers; 4] = [
    numbers(PartyRole::Consignor, "consignor", 8120, 8626),
    numbers(PartyRole::Consignee, "consignee", 8125, 8631),
    numbers(PartyRole::Notify, "party to notify", 8130, 8636),
    numbers(PartyRole::Carrier, "carrier", 8159, 8666),
];
const OF_ITEM: [Numbers; 3] = [
    numbers(PartyRole::Consignor, "consignor", 8137, 8641),
    numbers(PartyRole::Consignee, "consignee", 8142, 8646),
    numbers(PartyRole::Notify, "party to notify", 8154, 8651),
];
/// Those who are given by number alone, whatever it is.
const BY_NUMBER: [(PartyRole, &str, u16); 2] =
    [(PartyRole::Representative, "representative", 8656), (PartyRole::Declarant, "person who lodges it", 8661)];

pub(crate) fn judge(conditions: &mut Conditions) {
    let document = conditions.document();
    for of in &OF_WHOLE {
        if let Some((index, party)) = party(&document.parties, of.role) {
            given(conditions, party, of, of.called, &format!("/parties/{index}"));
        }
    }
    for (role, called, first) in BY_NUMBER {
        if let Some((index, party)) = party(&document.parties, role) {
            by_number_alone(conditions, party, called, first, &format!("/parties/{index}"));
        }
    }
    for (index, item) in conditions.items() {
        for of in &OF_ITEM {
            if let Some((at, party)) = party(&item.parties, of.role) {
                let called = format!("{} of item {}", of.called, item.no);
                given(conditions, party, of, &called, &format!("/items/{index}/parties/{at}"));
            }
        }
    }
    carrier(conditions);
    consignors(conditions);
    receivers(conditions);
}

/// The party of a role, with its place in the list.
fn party(parties: &[Party], role: PartyRole) -> Option<(usize, &Party)> {
    parties.iter().enumerate().find(|(_, party)| party.role == role)
}

fn number(party: &Party) -> Option<&str> {
    party.ids.iter().find(|id| &*id.scheme == EORI).map(|id| &*id.value)
}

/// Which of name, street, postcode, city and country a party has.
fn has(party: &Party) -> [bool; 5] {
    let address = party.address.as_ref();
    [
        party.name.is_some(),
        address.is_some_and(|address| !address.lines.is_empty()),
        address.is_some_and(|address| address.postcode.is_some()),
        address.is_some_and(|address| address.city.is_some()),
        address.is_some_and(|address| address.country.is_some()),
    ]
}

/// Whether the customs of a country knows name and address of who has this number: one begins with the country that gave it, and those
/// of the Union know each other's. Where nobody lodges entry summaries, the office is one of HMRC's, whose conditions these are: its
/// published cases name offices of no country.
fn is_known(jurisdiction: &str, number: &str) -> bool {
    let territory = Territory::of(jurisdiction);
    match territory {
        Some(territory) if territory == Territory::Union || ZONE.contains(&jurisdiction) => territory.gave(number),
        _ => number.starts_with("GB"),
    }
}

/// C501: a number that customs knows stands alone; without one, name and address are whole.
fn given(conditions: &mut Conditions, party: &Party, of: &Numbers, called: &str, at: &str) {
    let number = number(party);
    match number {
        Some(number) if is_known(&conditions.document().jurisdiction, number) => {
            let wrong = format!("The {called} has the number {number}, by which customs knows it, and beside it");
            parts(conditions, party, true, of.spare, &wrong, "Leave out what is not the number.", at);
        }
        Some(number) => {
            let wrong = format!(
                "The {called} has the number {number}, which customs of {} does not know, and lacks",
                &*conditions.document().jurisdiction
            );
            parts(conditions, party, false, of.lacks + 100, &wrong, "Ask the party for its name and address.", at);
        }
        None => {
            let wrong = format!("The {called} has no number, and lacks");
            let remedy = "Ask the party for its EORI number, or for its name and address.";
            parts(conditions, party, false, of.lacks, &wrong, remedy, at);
        }
    }
    if of.role == PartyRole::Consignee && number.is_none() && conditions.is_of_authorised() {
        let wrong = format!("The {called} has no number, as it must have where the specific circumstance is E.");
        let error = if at.starts_with("/items") { 8208 } else { 8105 };
        let fields = [format!("{at}/ids"), "/specificCircumstance".to_owned()];
        conditions.broken("C562", &[error], fields, &wrong, "Ask the party for its EORI number.");
    }
}

fn by_number_alone(conditions: &mut Conditions, party: &Party, called: &str, first: u16, at: &str) {
    let wrong = format!("The {called} is given by number alone, and has");
    parts(conditions, party, true, first, &wrong, "Leave out what is not the number.", at);
}

/// Names the parts that a party has, or has not, in one finding.
fn parts(conditions: &mut Conditions, party: &Party, there: bool, first: u16, wrong: &str, remedy: &str, at: &str) {
    let parts = PARTS.iter().zip(FIELDS).zip(has(party)).zip(first..);
    let named: Vec<_> = parts.filter(|((_, has), _)| *has == there).collect();
    if named.is_empty() {
        return;
    }
    let errors: Vec<u16> = named.iter().map(|(_, error)| *error).collect();
    let words: Vec<&str> = named.iter().map(|(((word, _), _), _)| **word).collect();
    let fields = named.iter().map(|(((_, field), _), _)| format!("{at}{field}"));
    conditions.broken("C501", &errors, fields, &format!("{wrong} {}.", words.join(", ")), remedy);
}

/// C502, R806: the carrier's number, and that it is somebody else's than who lodges the declaration.
fn carrier(conditions: &mut Conditions) {
    let document = conditions.document();
    let Some((index, carrier)) = party(&document.parties, PartyRole::Carrier) else { return };
    let at = format!("/parties/{index}/ids");
    let declarant = party(&document.parties, PartyRole::Declarant).and_then(|(_, party)| number(party));
    match number(carrier) {
        None if conditions.mode().is_some_and(|mode| CARRIER_NUMBERED.contains(&mode)) => {
            let wrong = "The carrier by sea, air or inland water has no number.";
            conditions.broken(
                "C502",
                &[8164],
                [at.as_str(), "/borderMode"],
                wrong,
                "Ask the carrier for its EORI number.",
            );
        }
        Some(number) if declarant == Some(number) => {
            let wrong = format!("The carrier {number} is who lodges the declaration.");
            conditions.broken(
                "R806",
                &[8195],
                [at.as_str(), "/parties"],
                &wrong,
                "Leave the carrier out: it is named once.",
            );
        }
        _ => {}
    }
}

/// C511: one consignor for the whole, or different ones on the items.
fn consignors(conditions: &mut Conditions) {
    let document = conditions.document();
    let of_whole = party(&document.parties, PartyRole::Consignor);
    let of_items: Vec<(String, &Party)> = conditions
        .items()
        .filter_map(|(item, of)| {
            let (index, party) = party(&of.parties, PartyRole::Consignor)?;
            Some((format!("/items/{item}/parties/{index}"), party))
        })
        .collect();
    let Some((_, first)) = of_items.first() else { return };
    if let Some((index, _)) = of_whole {
        let fields = of_items.iter().map(|(at, _)| at.clone()).take(16).chain([format!("/parties/{index}")]);
        let wrong = "There is a consignor of the whole, and one of an item.";
        let remedy = "Name the consignor of all items once, or one on each item where they differ.";
        conditions.broken("C511", &[8119], fields, wrong, remedy);
    }
    if of_items.iter().all(|(_, other)| is_same(first, other)) {
        let wrong = match of_items.len() {
            1 => "A consignor is named on one item alone.",
            _ => "The consignors named on the items are all the same.",
        };
        let fields = of_items.iter().map(|(at, _)| at.clone()).take(16);
        conditions.broken("8193", &[8193], fields, wrong, "Name it once, on the whole.");
    }
}

/// Whether two parties are given by the same words, whatever their case.
fn is_same(one: &Party, other: &Party) -> bool {
    let words = |party: &Party| -> Vec<String> {
        let address = party.address.as_ref();
        let lines = address.map(|address| address.lines.iter().map(|line| &**line).collect::<Vec<_>>().join(", "));
        let postcode = address.and_then(|address| address.postcode.as_deref()).map(str::to_owned);
        let city = address.and_then(|address| address.city.as_deref()).map(str::to_owned);
        let country = address.and_then(|address| address.country.as_ref()).map(|country| country.as_str().to_owned());
        let parts = [party.name.as_deref().map(str::to_owned), lines, postcode, city, country];
        parts.map(|part| part.unwrap_or_default().trim().to_lowercase()).to_vec()
    };
    words(one) == words(other) && number(one) == number(other)
}

/// C583, C584: goods have a consignee, or are consigned to order (10600) and somebody is notified; of the whole, or of the items.
fn receivers(conditions: &mut Conditions) {
    let document = conditions.document();
    let consignee = party(&document.parties, PartyRole::Consignee).map(|(index, _)| format!("/parties/{index}"));
    let notified = party(&document.parties, PartyRole::Notify).map(|(index, _)| format!("/parties/{index}"));
    let mentions = |index: usize| format!("/items/{index}/additionalInformation");
    if let Some(at) = &consignee
        && let Some((index, item)) = conditions.items().find(|(_, item)| is_to_order(item))
    {
        let wrong = format!("Item {} is consigned to order (10600), and there is a consignee of the whole.", item.no);
        let remedy = "Leave the consignee out and name whom to notify, or take 10600 from the item.";
        conditions.broken("C583", &[8204], [at.clone(), mentions(index)], &wrong, remedy);
    }
    if let Some(at) = &notified
        && let Some((index, item)) = conditions.items().find(|(_, item)| !is_to_order(item))
    {
        let wrong =
            format!("A party is to be notified of the whole, and item {} is not consigned to order (10600).", item.no);
        let remedy = "Say 10600 on every item, or name whom to notify on those that are to order.";
        conditions.broken("C583", &[8619], [at.clone(), mentions(index)], &wrong, remedy);
    }
    for (index, item) in conditions.items() {
        let to_order = is_to_order(item);
        let at = |role| party(&item.parties, role).map(|(of, _)| format!("/items/{index}/parties/{of}"));
        let (own_consignee, own_notified) = (at(PartyRole::Consignee), at(PartyRole::Notify));
        let no = item.no;
        let parties = format!("/items/{index}/parties");
        match (&own_consignee, to_order) {
            (Some(own), true) => {
                let wrong = format!("Item {no} is consigned to order (10600), and has a consignee.");
                let remedy = "Leave the consignee out and name whom to notify, or take 10600 from the item.";
                conditions.broken("C584", &[8624], [own.clone(), mentions(index)], &wrong, remedy);
            }
            (None, false) if consignee.is_none() => {
                let wrong = format!("Item {no} has no consignee, and there is none of the whole.");
                let remedy = "Name the consignee, or say 10600 where the goods are consigned to order.";
                conditions.broken("C584", &[8623], [parties.clone(), "/parties".to_owned()], &wrong, remedy);
            }
            _ => {}
        }
        if let (Some(own), Some(whole)) = (&own_consignee, &consignee) {
            let wrong = format!("There is a consignee of the whole, and one of item {no}.");
            conditions.broken(
                "C584",
                &[8625],
                [own.clone(), whole.clone()],
                &wrong,
                "Name it on the whole, or on each item.",
            );
        }
        match (&own_notified, to_order) {
            (Some(own), false) => {
                let wrong = format!("A party is to be notified of item {no}, which is not consigned to order (10600).");
                let remedy = "Leave that party out, or say 10600.";
                conditions.broken("C584", &[8620], [own.clone(), mentions(index)], &wrong, remedy);
            }
            (None, true) if notified.is_none() => {
                let wrong = format!("Item {no} is consigned to order (10600), and nobody is to be notified.");
                conditions.broken("C584", &[8622], [parties, mentions(index)], &wrong, "Name whom to notify.");
            }
            _ => {}
        }
        if let (Some(own), Some(whole)) = (&own_notified, &notified) {
            let wrong = format!("A party is to be notified of the whole, and one of item {no}.");
            conditions.broken(
                "C584",
                &[8621],
                [own.clone(), whole.clone()],
                &wrong,
                "Name it on the whole, or on each item.",
            );
        }
    }
}
