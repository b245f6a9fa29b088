//! Shipping instructions (DCSA Bill of Lading 3.0) of a `load-tender`: `POST /v3/shipping-instructions`; those that change others are a
//! `PUT` to them.

use portgate_sdk::canonical::{Reference, StopActivity, TenderEquipment, TenderGoods, TenderKind, TenderPurpose};
use portgate_sdk::{Document, Pointer, Rejection, Request};
use serde_json::Value;

use super::instructions::{COMMODITY, HOUSE};
use super::kept::kept;
use super::measure::measured;
use super::names::{self, some, values};
use super::tender::{Lacks, Tender, segment};
use super::wire::{
    CargoItem, ConsignmentItem, Contact, Equipment, Exact, Open, Rest, Seal, ShippingInstructions, UtilizedEquipment,
};
use super::{BOOKING, INSTRUCTIONS, TRANSPORT_DOCUMENT, goods, parties_out, places};

/// Where instructions are given.
pub(crate) const PATH: &str = "/v3/shipping-instructions";

/// Characters of a line.
const LINE_MAX: usize = 35;

/// Countries outside of the European Union for which goods are told of in ICS2 as well.
const ZONE: [&str; 30] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// The request that a tender becomes.
pub(crate) fn encode(documents: &[Document]) -> Result<Request, Rejection> {
    let tender = Tender::of(documents, &[TenderKind::Instruction], "shipping instructions")?;
    let at = Pointer::root().index(0);
    let mut lacks = Lacks::default();
    match tender.purpose.unwrap_or(TenderPurpose::Original) {
        TenderPurpose::Original => {
            let body = crate::json(&written(&tender, &mut lacks))?;
            Ok(Request::post(PATH, "application/json", lacks.unless_any(body)?))
        }
        TenderPurpose::Change => {
            let mut instructions = written(&tender, &mut lacks);
            let name = values(&tender.references, INSTRUCTIONS).into_iter().next();
            let detail = "Say by the carrier's number (`shipping-instruction`) which instructions are changed.";
            let name = lacks.needed(name, at.key("references"), detail);
            instructions.shipping_instructions_reference = name.clone();
            let path = format!("{PATH}/{}", segment(&name.unwrap_or_default()));
            let body = lacks.unless_any(crate::json(&instructions)?)?;
            Ok(Request { method: "PUT".into(), ..Request::post(path, "application/json", body) })
        }
        _ => {
            let detail = "Only instructions and changes to them are told to a carrier.";
            lacks.wrong("PURPOSE", at.key("purpose"), detail);
            lacks.unless_any(Request::post(PATH, "application/json", Vec::new()))
        }
    }
}

/// The body of a request.
fn written(tender: &Tender, lacks: &mut Lacks) -> ShippingInstructions {
    let at = Pointer::root().index(0);
    let mut others = kept(&tender.remarks, "");
    let is_prepaid = tender.is_prepaid();
    let (parties, mut requestors) = parties_out::written(
        &tender.parties,
        &tender.references,
        &tender.remarks,
        is_prepaid.unwrap_or(true),
        false,
        lacks,
    );
    if requestors.is_empty() {
        // Nobody is named to be asked: whoever gives the instructions is.
        requestors.extend(tender.parties.iter().find_map(parties_out::contact));
    }
    if requestors.is_empty() {
        let detail = "Say whom the carrier is to ask: a party with a telephone number or an address for mail.";
        lacks.missing(at.key("parties"), detail);
    }
    let list = at.key("parties");
    if parties.shipper.is_none() {
        lacks.missing(list.clone(), "Name the shipper: a party that is `consignor`.");
    }
    let asked = tender.transport_document.clone().unwrap_or_default();
    if asked.to_order == Some(false) && parties.consignee.is_none() {
        lacks.missing(list, "Name the consignee: the transport document is not to order.");
    }
    let document = at.key("transportDocument");
    let kind = tender.transport_document_type();
    let kind = lacks.needed(kind, document.key("type"), "Say whether a bill of lading or a waybill is to be issued.");
    let (carrier, carrier_list) = tender.carrier(&others);
    let revision = tender.version.as_ref().and_then(|version| version.parse::<u32>().ok());
    let payment = is_prepaid.map(|prepaid| if prepaid { "PRE" } else { "COL" }.to_owned());
    let payment = match others.contains_key("freightPaymentTermCode") {
        true => None,
        false => lacks.needed(payment, at.key("payment"), "Say whether the freight is prepaid or collect."),
    };
    if !others.contains_key("isCargoDeliveredInICS2Zone") {
        let zone = lacks.needed(in_zone(tender), at.key("stops"), "Say to which country the goods are delivered.");
        others.insert("isCargoDeliveredInICS2Zone".to_owned(), zone.map_or(Value::Null, Value::Bool));
    }
    let items = items(tender, lacks);
    let equipment: Vec<UtilizedEquipment> = tender
        .equipment
        .iter()
        .enumerate()
        .map(|(index, used)| used_equipment(used, &at.key("equipment").index(index), lacks))
        .collect();
    if items.is_empty() {
        lacks.missing(at.key("goods"), "Say what the goods are, and in which containers.");
    }
    if equipment.is_empty() {
        lacks.missing(at.key("equipment"), "Say which containers the goods are in.");
    }
    let instructions = ShippingInstructions {
        shipping_instructions_reference: None,
        shipping_instructions_revision_number: revision.map(|number| Exact(i64::from(number).into())),
        transport_document_reference: values(&tender.references, TRANSPORT_DOCUMENT).into_iter().next(),
        transport_document_type_code: kind,
        is_shipped_on_board_type: lacks.needed(
            asked.shipped_on_board,
            document.key("shippedOnBoard"),
            "Say whether the document is to say that the goods are on board.",
        ),
        is_electronic: lacks.needed(
            asked.electronic,
            document.key("electronic"),
            "Say whether the document is an electronic one.",
        ),
        is_to_order: lacks.needed(asked.to_order, document.key("toOrder"), "Say whether the document is to order."),
        freight_payment_term_code: payment,
        carrier_code: carrier,
        carrier_code_list_provider: carrier_list,
        place_of_issue: asked.place_of_issue.as_ref().and_then(places::coded),
        invoice_payable_at: asked.payable_at.as_ref().and_then(places::coded),
        party_contact_details: some(requestors.into_iter().take(50).collect::<Vec<Contact>>()),
        document_parties: Some(Box::new(parties)),
        consignment_items: some(items),
        utilized_transport_equipments: some(equipment),
        references: some(tender.customers()),
        customs_references: some(names::to_customs(&tender.references)),
        rest: Rest::new(),
    };
    instructions.with(others)
}

/// Whether the goods are delivered where entry has to be told of in ICS2: by the country of the last stop, else of the consignee. Of
/// the United Kingdom the code does not say it: Northern Ireland is within.
fn in_zone(tender: &Tender) -> Option<bool> {
    use portgate_sdk::canonical::PartyRole::Consignee;
    let ends = |activity| tender.stops.iter().rev().find(move |stop| stop.activity == activity);
    let place = ends(StopActivity::DropOff).or(ends(StopActivity::Unload)).and_then(|stop| stop.location.as_ref());
    let by_code = place.and_then(|place| place.un_locode.as_ref()).map(|code| code.as_str()[..2].to_owned());
    let by_name = place.and_then(|place| place.country.as_ref()).map(ToString::to_string);
    let consignee = tender.parties.iter().find(|party| party.role == Consignee);
    let address = consignee.and_then(|party| party.address.as_ref());
    let by_party = address.and_then(|address| address.country.as_ref()).map(ToString::to_string);
    let country = by_code.or(by_name).or(by_party)?;
    (country != "GB").then(|| ZONE.contains(&&*country))
}

fn used_equipment(used: &TenderEquipment, at: &Pointer, lacks: &mut Lacks) -> UtilizedEquipment {
    let others = kept(&used.remarks, "");
    let number = used.id.as_ref().map(ToString::to_string);
    let number = lacks.needed(number, at.key("id"), "Give the number of the container.");
    if used.seals.is_empty() {
        lacks.missing(at.key("seals"), "Give the numbers of the container's seals.");
    }
    let is_own = used.shipper_owned.unwrap_or(false);
    let iso_type = used.iso_type.as_ref().map(ToString::to_string);
    let tare = measured(used.tare_kg, "KGM");
    if is_own && iso_type.is_none() {
        lacks.missing(at.key("isoType"), "Give size and type of the shipper's own container, such as 22G1.");
    }
    if is_own && tare.is_none() {
        lacks.missing(at.key("tareKg"), "Say what the shipper's own container weighs.");
    }
    let seals = used.seals.iter().enumerate().map(|(index, number)| {
        let seal = Seal { number: Some(number.to_string()), rest: Rest::new() };
        seal.with(kept(&used.remarks, &format!("seals.{index}.")))
    });
    let own = Equipment {
        equipment_reference: number.clone(),
        iso_equipment_code: iso_type,
        tare_weight: tare,
        rest: kept(&used.remarks, "equipment."),
    };
    let written = UtilizedEquipment {
        is_shipper_owned: Some(is_own),
        equipment_reference: number.filter(|_| !is_own),
        equipment: is_own.then_some(own),
        empty_indicator_code: used.empty.map(|empty| if empty { "EMPTY" } else { "LADEN" }.to_owned()),
        shipping_marks: None,
        seals: some(seals.collect()),
        references: some(names::to_named(&used.references)),
        customs_references: some(names::to_customs(&used.references)),
        rest: Rest::new(),
    };
    written.with(others)
}

/// The consignment items: goods that follow one another under one line's number, and are the same, are one in several containers.
fn items(tender: &Tender, lacks: &mut Lacks) -> Vec<ConsignmentItem> {
    let mut items: Vec<ConsignmentItem> = Vec::new();
    let mut last: Option<&TenderGoods> = None;
    for (index, found) in tender.goods.iter().enumerate() {
        let at = Pointer::root().index(0).key("goods").index(index);
        let goes_on = last.is_some_and(|last| {
            let is_same = found.line_no == last.line_no && found.description == last.description;
            found.line_no.is_some() && is_same && names_of(found) == names_of(last)
        });
        let cargo = in_container(found, tender, &at, lacks);
        match items.last_mut().filter(|_| goes_on) {
            Some(item) => item.cargo_items.get_or_insert_default().push(cargo),
            None => {
                let mut item = item(found, tender, &at, lacks);
                item.cargo_items = Some(vec![cargo]);
                items.push(item);
            }
        }
        last = Some(found);
    }
    items
}

/// What goods are called as a whole, and not in one container.
fn names_of(goods: &TenderGoods) -> Vec<&Reference> {
    goods.references.iter().filter(|known| &*known.scheme != HOUSE && &*known.scheme != Reference::CONTAINER).collect()
}

fn item(found: &TenderGoods, tender: &Tender, at: &Pointer, lacks: &mut Lacks) -> ConsignmentItem {
    let mut others = kept(&found.remarks, "");
    let first = |references: &[Reference], scheme: &str| values(references, scheme).into_iter().next();
    let booking = first(&found.references, BOOKING).or_else(|| first(&tender.references, BOOKING));
    let description = found.description.as_deref().map(wrapped).unwrap_or_default();
    let description: Vec<String> = description.into_iter().chain(more(&mut others, "descriptionOfGoods")).collect();
    let description =
        lacks.needed(some(description), at.key("description"), "Say what the goods are, so that customs knows.");
    let marks = found.marks.as_deref().map(wrapped).unwrap_or_default();
    let marks: Vec<String> = marks.into_iter().chain(more(&mut others, "shippingMarks")).collect();
    let (hs_codes, extended_hs_codes) = goods::written_codes(found, &others, at, lacks);
    if hs_codes.is_none() && !others.contains_key("HSCodes") && found.hs_code.is_none() {
        lacks.missing(at.key("hsCode"), "Give the code of the goods in the Harmonised System.");
    }
    let named: Vec<Reference> = found.references.iter().filter(|known| &*known.scheme != BOOKING).cloned().collect();
    let item = ConsignmentItem {
        carrier_booking_reference: lacks.needed(
            booking,
            at.key("references"),
            "Say by the carrier's number (`booking`) which booking the goods are of.",
        ),
        commodity_sub_reference: first(&found.references, COMMODITY),
        description_of_goods: description,
        hs_codes,
        extended_hs_codes,
        national_commodity_codes: None,
        extended_national_commodity_codes: goods::written_national(found),
        shipping_marks: some(marks),
        cargo_items: None,
        references: some(names::to_grouped(&named)),
        customs_references: some(names::to_customs(&named)),
        rest: Rest::new(),
    };
    item.with(others)
}

fn in_container(found: &TenderGoods, tender: &Tender, at: &Pointer, lacks: &mut Lacks) -> CargoItem {
    let numbers = found.references.iter().filter(|known| &*known.scheme == Reference::CONTAINER);
    let mut containers: Vec<String> = found.equipment_refs.iter().map(|name| by_place(name, tender)).collect();
    containers.extend(numbers.map(|known| known.value.to_string()));
    containers.dedup();
    if let ([], [only]) = (&*containers, &*tender.equipment) {
        containers.extend(only.id.iter().map(ToString::to_string));
    }
    if containers.len() > 1 {
        let detail = "The goods are in several containers; say of each what is in it, as goods of one line's number.";
        lacks.wrong("SEVERAL-CONTAINERS", at.key("equipmentRefs"), detail);
    }
    let [gross, net, volume] = goods::written_weights(found);
    let container = containers.into_iter().next();
    let house = values(&found.references, HOUSE).into_iter().next();
    let cargo = CargoItem {
        equipment_reference: lacks.needed(container, at.key("equipmentRefs"), "Say which container the goods are in."),
        cargo_gross_weight: lacks.needed(gross, at.key("grossKg"), "Say what the goods weigh."),
        cargo_gross_volume: volume,
        cargo_net_weight: net,
        // What is dangerous about goods was said in the booking, and cannot be said again.
        outer_packaging: goods::written_packaging(found, Vec::new()),
        house_bill_of_lading_reference: house,
        rest: Rest::new(),
    };
    cargo.with(kept(&found.remarks, "cargoItem."))
}

/// A container's number, also where its place among the equipment is said instead.
fn by_place(name: &str, tender: &Tender) -> String {
    let is_number = tender.equipment.iter().any(|known| known.id.as_deref() == Some(name));
    let at = name.parse::<usize>().ok().filter(|_| !is_number).and_then(|place| place.checked_sub(1));
    let known = at.and_then(|at| tender.equipment.get(at)).and_then(|known| known.id.as_ref());
    known.map_or_else(|| name.to_owned(), ToString::to_string)
}

/// Lines that were kept.
fn more(others: &mut Rest, name: &str) -> Vec<String> {
    match others.remove(name) {
        Some(Value::Array(lines)) => lines.into_iter().filter_map(|line| line.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

/// A text in lines of 35 characters, broken where its words end.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for written in text.split('\n').map(str::trim) {
        let mut line = String::new();
        for word in written.split_whitespace() {
            let mut word: Vec<char> = word.chars().collect();
            let has_room = line.chars().count() + usize::from(!line.is_empty()) + word.len() <= LINE_MAX;
            if !has_room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            while word.len() > LINE_MAX {
                lines.push(word.drain(..LINE_MAX).collect());
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(word);
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_words_do_and_no_word_is_lost() {
        assert_eq!(wrapped("Short"), ["Short"]);
        assert_eq!(
            wrapped("Pumps of stainless steel for water, with their motors\nand spare parts"),
            ["Pumps of stainless steel for water,", "with their motors", "and spare parts"]
        );
        assert_eq!(wrapped(&"x".repeat(80)), ["x".repeat(35), "x".repeat(35), "x".repeat(10)]);
        assert_eq!(wrapped(" \n "), Vec::<String>::new());
    }
}
