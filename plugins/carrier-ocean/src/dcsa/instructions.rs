//! Shipping instructions (DCSA Bill of Lading 3.0), as a forwarder or shipper sends them: a `load-tender` of the kind `instruction`.
//!
//! What of a consignment item is in one container is goods of the tender: those of one item have its line's number. The containers
//! are the tender's equipment.

use portgate_sdk::canonical::{
    ContainerNumber, LoadTender, Reference, TenderDocument, TenderEquipment, TenderGoods, TenderKind, TenderPurpose,
    Text, TransportMode,
};
use portgate_sdk::{Decoded, Message, Pointer, Rejection};

use super::booking::{EQUIPMENT_REMARKS_MAX, REMARKS_MAX};
use super::kept::Remarks;
use super::measure::kilograms;
use super::parties::Parties;
use super::wire::{CargoItem, ConsignmentItem, ShippingInstructions, UtilizedEquipment};
use super::{goods, names, places};
use crate::notes::Notes;

const EQUIPMENT_MAX: usize = 500;
const REFERENCES_MAX: usize = 64;
const SEALS_MAX: usize = 16;

/// Characters of the description and of marks that a document has room for.
const DESCRIPTION_MAX: usize = 512;

/// The schemes of what goods are called in a booking, and of a house bill of lading.
pub(crate) const COMMODITY: &str = "dcsa-commodity";
pub(crate) const HOUSE: &str = "house-transport-document";

/// The tender of instructions.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let instructions: ShippingInstructions = message.json()?;
    let mut notes = Notes::default();
    if let Some(tender) = read(instructions, message, &mut notes) {
        notes.document(&tender);
    }
    notes.finish()
}

fn read(written: ShippingInstructions, message: &Message, notes: &mut Notes) -> Option<LoadTender> {
    let root = Pointer::root();
    let items = written.consignment_items.unwrap_or_default();
    let mut references = names::named(written.references, &root.key("references"), notes);
    references.extend(names::of_customs(written.customs_references, &root.key("customsReferences"), notes));
    let is_change = written.shipping_instructions_reference.is_some();
    let one = [
        (super::INSTRUCTIONS, "shippingInstructionsReference", written.shipping_instructions_reference),
        (super::TRANSPORT_DOCUMENT, "transportDocumentReference", written.transport_document_reference),
    ];
    for (scheme, name, value) in one {
        references.extend(value.and_then(|value| notes.reference(root.key(name), scheme, &value)));
    }
    for (index, item) in items.iter().enumerate() {
        let at = root.key("consignmentItems").index(index).key("carrierBookingReference");
        let booking = item.carrier_booking_reference.as_deref();
        let booking = booking.and_then(|booking| notes.reference(at, super::BOOKING, booking));
        references.extend(booking.filter(|booking| !references.contains(booking)));
    }
    let number = number(&references, message, notes)?;
    let id = Text::new(format!("instruction|{number}")).ok()?;
    let version = written.shipping_instructions_revision_number.and_then(|number| Text::new(number.0.to_string()).ok());
    let version = version.or_else(|| Text::new("1").ok())?;
    let purpose = if is_change { TenderPurpose::Change } else { TenderPurpose::Original };
    let mut tender = LoadTender::new(id, version, message.source(None, None), number, TenderKind::Instruction, purpose);
    tender.mode = Some(TransportMode::Sea);
    let mut rest = written.rest;
    tender.carrier = super::carrier(written.carrier_code, written.carrier_code_list_provider, &mut rest, notes);
    tender.payment = super::payment(written.freight_payment_term_code, &mut rest);
    let mut place = |place: Option<_>, name: &str| place.map(|place| places::read(place, &root.key(name), notes).0);
    let document = TenderDocument {
        r#type: written.transport_document_type_code.as_deref().and_then(super::kept::code),
        to_order: written.is_to_order,
        electronic: written.is_electronic,
        shipped_on_board: written.is_shipped_on_board_type,
        place_of_issue: place(written.place_of_issue, "placeOfIssue"),
        payable_at: place(written.invoice_payable_at, "invoicePayableAt"),
    };
    tender.transport_document = (document != TenderDocument::default()).then_some(document);
    let mut parties = Parties {
        parties: &mut tender.parties,
        references: &mut references,
        remarks: &mut tender.remarks,
        remarks_max: REMARKS_MAX,
    };
    let requestors = written.party_contact_details.unwrap_or_default();
    parties.read(*written.document_parties.unwrap_or_default(), requestors, notes);
    for (index, used) in written.utilized_transport_equipments.into_iter().flatten().take(EQUIPMENT_MAX).enumerate() {
        let at = root.key("utilizedTransportEquipments").index(index);
        tender.equipment.push(equipment(used, &at, notes));
    }
    for (index, item) in items.into_iter().enumerate() {
        consignment(index, item, &mut tender, notes);
    }
    Remarks { list: &mut tender.remarks, most: REMARKS_MAX }.keep(rest, "", &root, notes);
    if references.len() > REFERENCES_MAX {
        notes.error("TOO-MANY-REFERENCES", &root, "The instructions have more than 64 references.");
    }
    tender.references = references;
    Some(tender)
}

/// What the instructions are called: the carrier's number of them, their bill of lading, their one booking, their one customer's
/// reference. Where there is none of these, they are told apart by what they say.
fn number(references: &[Reference], message: &Message, notes: &mut Notes) -> Option<Text<64>> {
    for scheme in [super::INSTRUCTIONS, super::TRANSPORT_DOCUMENT, super::BOOKING, "dcsa:CR"] {
        let found: Vec<&Reference> = references.iter().filter(|known| &*known.scheme == scheme).collect();
        if let [name] = &*found {
            return notes.identifier(Pointer::root(), "number of the instructions", Some(&name.value));
        }
    }
    let detail = "The instructions name no bill of lading, and not one booking or customer's reference (`CR`); the \
                  beginning of their digest is taken for their number.";
    notes.info("NO-NUMBER", Pointer::root(), detail);
    Text::new(message.digest.get(..32)?).ok()
}

/// A container, with its seals.
fn equipment(used: UtilizedEquipment, at: &Pointer, notes: &mut Notes) -> TenderEquipment {
    let own = used.equipment.unwrap_or_default();
    let id = used.equipment_reference.or(own.equipment_reference).map(|id| ContainerNumber::one_form(&id));
    let mut equipment = TenderEquipment {
        id: notes.identifier(at.key("equipmentReference"), "container number", id.as_deref()),
        iso_type: notes.identifier(
            at.key("equipment").key("ISOEquipmentCode"),
            "size and type",
            own.iso_equipment_code.as_deref(),
        ),
        tare_kg: kilograms(own.tare_weight, &at.key("equipment").key("tareWeight"), notes),
        shipper_owned: used.is_shipper_owned,
        empty: used.empty_indicator_code.as_deref().map(|code| code == "EMPTY"),
        ..TenderEquipment::default()
    };
    equipment.references.extend(names::named(used.references, &at.key("references"), notes));
    equipment.references.extend(names::of_customs(used.customs_references, &at.key("customsReferences"), notes));
    let mut remarks = Remarks { list: &mut equipment.remarks, most: EQUIPMENT_REMARKS_MAX };
    for (index, seal) in used.seals.into_iter().flatten().enumerate() {
        let at = at.key("seals").index(index);
        if index >= SEALS_MAX {
            notes.error("TOO-MANY-SEALS", &at, "The container has more than 16 seals.");
            break;
        }
        equipment.seals.extend(notes.identifier(at.key("number"), "number of the seal", seal.number.as_deref()));
        remarks.keep(seal.rest, &format!("seals.{index}."), &at, notes);
    }
    let mut rest = used.rest;
    if let Some(marks) = used.shipping_marks {
        rest.insert("shippingMarks".to_owned(), marks.into());
    }
    remarks.keep(rest, "", at, notes);
    remarks.keep(own.rest, "equipment.", &at.key("equipment"), notes);
    equipment
}

/// Goods of one item: of each container that it is in.
fn consignment(index: usize, item: ConsignmentItem, tender: &mut LoadTender, notes: &mut Notes) {
    let at = Pointer::root().key("consignmentItems").index(index);
    let mut line = TenderGoods { line_no: Text::new((index + 1).to_string()).ok(), ..TenderGoods::default() };
    let mut rest = item.rest;
    let (description, more) = lines(item.description_of_goods.unwrap_or_default());
    line.description = Text::new(description).ok();
    if !more.is_empty() {
        rest.insert("descriptionOfGoods".to_owned(), more.into());
    }
    let (marks, more) = lines(item.shipping_marks.unwrap_or_default());
    line.marks = Text::new(marks).ok();
    if !more.is_empty() {
        rest.insert("shippingMarks".to_owned(), more.into());
    }
    goods::codes(&mut line, (item.hs_codes, item.extended_hs_codes), &mut rest, &at, notes);
    let lists = (item.national_commodity_codes, item.extended_national_commodity_codes);
    goods::national(&mut line, lists, &mut rest);
    let one = [
        (super::BOOKING, "carrierBookingReference", item.carrier_booking_reference),
        (COMMODITY, "commoditySubReference", item.commodity_sub_reference),
    ];
    for (scheme, name, value) in one {
        line.references.extend(value.and_then(|value| notes.reference(at.key(name), scheme, &value)));
    }
    line.references.extend(names::named(item.references, &at.key("references"), notes));
    line.references.extend(names::of_customs(item.customs_references, &at.key("customsReferences"), notes));
    Remarks { list: &mut line.remarks, most: goods::REMARKS_MAX }.keep(rest, "", &at, notes);
    for (number, cargo) in item.cargo_items.into_iter().flatten().enumerate() {
        let at = at.key("cargoItems").index(number);
        // What holds of the item as a whole is said with its first goods alone.
        let line = match number {
            0 => line.clone(),
            _ => TenderGoods { remarks: Vec::new(), ..line.clone() },
        };
        let found = in_container(line, cargo, &at, notes);
        super::push_goods(tender, found, &at, notes);
    }
}

fn in_container(mut found: TenderGoods, cargo: CargoItem, at: &Pointer, notes: &mut Notes) -> TenderGoods {
    let container = cargo.equipment_reference.map(|id| ContainerNumber::one_form(&id));
    let container: Option<Text<32>> =
        notes.identifier(at.key("equipmentReference"), "container number", container.as_deref());
    found.equipment_refs.extend(container);
    let weights = (cargo.cargo_gross_weight, cargo.cargo_net_weight, cargo.cargo_gross_volume);
    goods::weights(&mut found, weights, at, notes);
    goods::packaging(&mut found, cargo.outer_packaging, at, notes);
    let house = cargo.house_bill_of_lading_reference;
    let at_house = at.key("houseBillOfLadingReference");
    found.references.extend(house.and_then(|house| notes.reference(at_house, HOUSE, &house)));
    Remarks { list: &mut found.remarks, most: goods::REMARKS_MAX }.keep(cargo.rest, "cargoItem.", at, notes);
    found
}

/// As many lines as there is room for in one text, and the others.
fn lines(all: Vec<String>) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut all = all.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).peekable();
    while let Some(line) = all.next_if(|line| {
        text.is_empty() && line.chars().count() <= DESCRIPTION_MAX
            || text.chars().count() + 1 + line.chars().count() <= DESCRIPTION_MAX
    }) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    (text, all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_there_is_no_room_for_are_not_lost() {
        let all: Vec<String> = (0..20).map(|number| format!("{number:02} {}", "x".repeat(32))).collect();
        let (text, more) = lines(all.clone());
        assert!(text.chars().count() <= DESCRIPTION_MAX);
        let again: Vec<String> = text.split('\n').map(str::to_owned).chain(more).collect();
        assert_eq!(again, all);
    }
}
