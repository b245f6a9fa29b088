//! Who takes part: known by number or by name and address (C0250), of the whole or of the house consignments (C0001, C0349).

use portgate_sdk::canonical::{AdditionalInformation, Party, PartyRole};

use crate::conditions::Conditions;
use crate::conditions::Error::{Missing, Rule, Spare};
use crate::lists::is_of_common_transit;

const EORI: &str = "EORI";
/// The number of a holder of TIR carnets.
const TIR_HOLDER: &str = "TIR";
/// A consignee who is not known: the goods are consigned to order.
const TO_ORDER: &str = "30600";

pub(crate) fn judge(conditions: &mut Conditions) {
    holder(conditions);
    let document = conditions.document();
    let of_whole = document.parties.iter().enumerate().map(|(at, party)| (party, format!("/parties/{at}")));
    let of_houses = conditions.houses().flat_map(|(place, house)| {
        house.parties.iter().enumerate().map(move |(at, party)| (party, format!("{place}/parties/{at}")))
    });
    let parties: Vec<(&Party, String)> = of_whole.chain(of_houses).collect();
    for (party, at) in &parties {
        known(conditions, party, at);
        numbered(conditions, party, at);
    }
    consignors(conditions);
    consignees(conditions);
    to_order(conditions);
}

fn number<'p>(party: &'p Party, scheme: &str) -> Option<&'p str> {
    party.ids.iter().find(|id| &*id.scheme == scheme).map(|id| &*id.value)
}

/// The place of the party of a role.
fn place_of(parties: &[Party], role: PartyRole, below: &str) -> Option<String> {
    parties.iter().position(|party| party.role == role).map(|at| format!("{below}/parties/{at}"))
}

/// C0904: a holder of TIR carnets has a number of its own.
fn holder(conditions: &mut Conditions) {
    let parties = conditions.document().parties.iter().enumerate();
    for (at, party) in parties.filter(|(_, party)| party.role == PartyRole::HolderOfTransitProcedure) {
        let fields = [format!("/parties/{at}/ids"), "/typeCode".to_owned()];
        match (conditions.is_tir(), number(party, TIR_HOLDER)) {
            (true, None) => {
                let wrong = "The holder of a TIR operation has no number as a holder of carnets.";
                conditions.broken("C0904", Missing, fields, wrong, "Take the number from the carnet.");
            }
            (false, Some(_)) => {
                let wrong = "The holder has a number as a holder of TIR carnets, and this is no TIR operation.";
                conditions.broken("C0904", Spare, fields, wrong, "Leave the number out, or declare TIR.");
            }
            _ => {}
        }
    }
}

/// C0250: whoever has no number has a name and an address. Whether a number is registered only customs knows.
fn known(conditions: &mut Conditions, party: &Party, at: &str) {
    let called = match party.role {
        PartyRole::HolderOfTransitProcedure => "holder of the procedure",
        PartyRole::Consignor => "consignor",
        PartyRole::Consignee => "consignee",
        _ => return,
    };
    if number(party, EORI).is_some() {
        return;
    }
    let address = party.address.as_ref();
    let parts = [
        ("/name", "name", party.name.is_some()),
        ("/address/lines", "street", address.is_some_and(|address| !address.lines.is_empty())),
        ("/address/city", "city", address.is_some_and(|address| address.city.is_some())),
        ("/address/country", "country", address.is_some_and(|address| address.country.is_some())),
    ];
    let missing: Vec<_> = parts.into_iter().filter(|(_, _, there)| !there).collect();
    if !missing.is_empty() {
        let words: Vec<&str> = missing.iter().map(|(_, word, _)| *word).collect();
        let wrong = format!("The {called} has no number, and lacks {}.", words.join(", "));
        let fields = missing.iter().map(|(field, ..)| format!("{at}{field}"));
        let remedy = "Ask the party for its EORI number, or for its name and address.";
        conditions.broken("C0250", Missing, fields, wrong, remedy);
    }
}

/// R0850: the shape of a number, a country and up to fifteen signs.
fn numbered(conditions: &mut Conditions, party: &Party, at: &str) {
    let ids = party.ids.iter().enumerate().filter(|(_, id)| &*id.scheme == EORI);
    for (index, id) in ids {
        let (country, rest) = id.value.split_at_checked(2).unwrap_or(("", ""));
        let is_shaped = country.bytes().all(|sign| sign.is_ascii_uppercase())
            && (1..=15).contains(&rest.len())
            && rest.bytes().all(|sign| sign.is_ascii_graphic());
        if !is_shaped {
            let wrong = format!("`{}` is no EORI number: a country in capitals and up to 15 signs.", &*id.value);
            conditions.broken(
                "R0850",
                Rule,
                [format!("{at}/ids/{index}/value")],
                wrong,
                "Ask the party for its EORI number.",
            );
        }
    }
}

/// C0349, C0542: one consignor of the whole, or one of each house consignment; none with the reduced data set.
fn consignors(conditions: &mut Conditions) {
    let whole = place_of(&conditions.document().parties, PartyRole::Consignor, "");
    let of_houses: Vec<String> = conditions
        .houses()
        .filter_map(|(place, house)| place_of(&house.parties, PartyRole::Consignor, &place))
        .collect();
    if conditions.is_reduced() && conditions.security() == "0" {
        let named: Vec<String> = whole.into_iter().chain(of_houses).collect();
        if !named.is_empty() {
            let wrong = "A consignor is named, and the reduced data set without security data has none.";
            conditions.broken("C0542", Spare, named.iter().take(16), wrong, "Leave the consignor out.");
        }
        return;
    }
    if let (Some(whole), Some(first)) = (&whole, of_houses.first()) {
        let wrong = "There is a consignor of the whole, and one of a house consignment.";
        conditions.broken(
            "C0349",
            Spare,
            [first, whole],
            wrong,
            "Name the consignor of the whole, or those of the houses.",
        );
    }
}

/// C0001: one consignee of the whole, or one of each house consignment that stays in the common transit countries.
fn consignees(conditions: &mut Conditions) {
    let document = conditions.document();
    let whole = place_of(&document.parties, PartyRole::Consignee, "");
    let stays = |country: Option<&portgate_sdk::canonical::Country>| {
        country.is_some_and(|code| is_of_common_transit(code.as_str()))
    };
    let wholly = stays(document.destination_country.as_ref());
    for (place, house) in conditions.houses() {
        let own = place_of(&house.parties, PartyRole::Consignee, &place);
        let no = house.no;
        if let (Some(own), Some(whole)) = (&own, &whole) {
            let wrong = format!("There is a consignee of the whole, and one of house consignment {no}.");
            conditions.broken(
                "C0001",
                Spare,
                [own, whole],
                wrong,
                "Name the consignee of the whole, or those of the houses.",
            );
            continue;
        }
        let of_items = || conditions.items().filter(|(_, item)| item.house == Some(no));
        let is_asked = wholly
            || stays(house.destination_country.as_ref())
            || of_items().any(|(_, item)| stays(item.destination_country.as_ref()));
        if is_asked && own.is_none() && whole.is_none() {
            let wrong = format!("House consignment {no} has no consignee, and there is none of the whole.");
            let fields = [format!("{place}/parties"), "/parties".to_owned()];
            conditions.broken("C0001", Missing, fields, wrong, "Name who receives the goods.");
        }
    }
    if document.houses.is_empty() && wholly && whole.is_none() {
        let fields = ["/parties", "/destinationCountry"];
        conditions.broken("C0001", Missing, fields, "There is no consignee.", "Name who receives the goods.");
    }
}

/// R3060 to R3062: goods are consigned to order (30600) outside the common transit countries alone, and never item by item.
fn to_order(conditions: &mut Conditions) {
    let document = conditions.document();
    let place = |list: &[AdditionalInformation], below: &str| {
        list.iter().position(|one| &*one.code == TO_ORDER).map(|at| format!("{below}/additionalInformation/{at}/code"))
    };
    let stays = document
        .destination_country
        .iter()
        .chain(document.houses.iter().filter_map(|house| house.destination_country.as_ref()));
    let stays = stays.chain(document.items.iter().filter_map(|item| item.destination_country.as_ref()));
    let stays = stays.into_iter().any(|country| is_of_common_transit(country.as_str()));
    let remedy = "Name the consignee, and leave 30600 out.";
    let wrong = "The goods are consigned to order (30600), and stay in the common transit countries.";
    if stays {
        if let Some(at) = place(&document.additional_information, "") {
            conditions.broken("R3060", Rule, [at.as_str(), "/destinationCountry"], wrong, remedy);
        }
        for (below, house) in conditions.houses() {
            if let Some(at) = place(&house.additional_information, &below) {
                conditions.broken("R3062", Rule, [at.as_str(), "/destinationCountry"], wrong, remedy);
            }
        }
    }
    for (below, item) in conditions.items() {
        if let Some(at) = place(&item.additional_information, &below) {
            let wrong =
                format!("Item {} is consigned to order (30600), which is said of a whole consignment.", item.no);
            conditions.broken("R3061", Rule, [at], wrong, "Say it of the house consignment.");
        }
    }
}
