//! `A_OutbDeliveryHeader` with its items, partners, addresses and texts: a `shipment`.

use portgate_sdk::Message;
use portgate_sdk::canonical::{PartyRole, Reference, Shipment, ShipmentLine, ShipmentTime, Text};

use super::sales_order::{named, texts};
use super::{Changed, Entity, moment};
use crate::number::{self, DELIVERY, DOCUMENT, ORDER};
use crate::parties::Parties;
use crate::reader::{Others, Reader, listed};
use crate::record::Record;

pub(crate) const DELIVERY_HEADER: Entity = Entity {
    title: "delivery",
    key: &["DeliveryDocument"],
    parts: &["DeliveryDocumentItem", "PartnerFunction", "PrecedingDocument", "AddressID", "TextElement"],
    read,
};

/// SAP's category of deliveries that bring goods back.
const RETURN: &str = "T";

/// The names of a day and of the time of it.
type DayAndTime = (&'static str, &'static str);

/// What is done with a delivery: its name, when it is planned, when it was done, and whether that is where the goods arrive.
struct Activity(&'static str, Option<DayAndTime>, Option<DayAndTime>, bool);

const ACTIVITIES: [Activity; 6] = [
    Activity(
        "GoodsIssue",
        Some(("PlannedGoodsIssueDate", "GoodsIssueTime")),
        Some(("ActualGoodsMovementDate", "ActualGoodsMovementTime")),
        false,
    ),
    Activity("Picking", Some(("PickingDate", "PickingTime")), None, false),
    Activity("Loading", Some(("LoadingDate", "LoadingTime")), None, false),
    Activity("TransportationPlanning", Some(("TransportationPlanningDate", "TransportationPlanningTime")), None, false),
    Activity("Delivery", Some(("DeliveryDate", "DeliveryTime")), None, true),
    Activity("ProofOfDelivery", None, Some(("ProofOfDeliveryDate", "ConfirmationTime")), true),
];

fn read(entity: &Record<'_>, message: &Message, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    let changed = Changed::read(entity);
    let Some(shipment_id) = reader.required::<64>(entity, "DeliveryDocument") else { return };
    let mut references = number::references(DELIVERY, &entity.text("DeliveryDocument").unwrap_or_default());
    let source = message.source(Text::new(&*shipment_id).ok(), changed.at);
    let mut shipment = Shipment::new(shipment_id.widened(), changed.version, source, shipment_id);
    shipment.gross_kg = reader.weight(entity, "HeaderGrossWeight", "HeaderWeightUnit");
    shipment.net_kg = reader.weight(entity, "HeaderNetWeight", "HeaderWeightUnit");
    shipment.volume_m3 = reader.volume(entity, "HeaderVolume", "HeaderVolumeUnit");
    let place = entity.first(&["IncotermsTransferLocation", "IncotermsLocation1"]).map(String::from);
    let terms = reader.terms(entity, "IncotermsClassification", place);
    (shipment.incoterm, shipment.delivery_terms) = (terms.incoterm, terms.words);
    shipment.house_transport_doc = reader.identifier(entity, "BillOfLading");
    shipment.delivery_block = reader.code(entity, "DeliveryBlockReason");
    let category = entity.text("SDDocumentCategory").unwrap_or_default();
    let kind = entity.text("DeliveryDocumentType").unwrap_or_default();
    reader.other(entity, &mut others, "SAP SDDocumentCategory", &category);
    reader.other(entity, &mut others, "SAP DeliveryDocumentType", &kind);
    shipment.is_return = (category == RETURN || kind.starts_with("LR")).then_some(true);
    shipment.times = times(reader, entity);
    let mut parties = Parties::default();
    for partner in entity.records_of(&["to_DeliveryDocumentPartner", "_Partner"]) {
        parties.add_entity(reader, &partner, &mut others);
    }
    for (name, role) in
        [("SoldToParty", PartyRole::Buyer), ("ShipToParty", PartyRole::ShipTo), ("Supplier", PartyRole::Seller)]
    {
        let known = parties.all.iter().any(|party| party.role == role);
        let party = named(reader, entity, name, role);
        parties.all.extend(party.filter(|_| !known));
    }
    parties.all.truncate(16);
    shipment.parties = parties.all;
    for item in entity.records_of(&["to_DeliveryDocumentItem", "_Item"]) {
        shipment.lines.extend(line(reader, &item, &mut references));
    }
    texts(reader, &entity.records_of(&["to_DeliveryDocumentText", "_Text"]), &mut others);
    reader.rest(entity, &mut others);
    (shipment.classifications, shipment.notes) = (others.codes, others.notes);
    shipment.references = references;
    reader.decoded.document(&shipment);
}

/// What is to be done with it when. What has no day is not said; the time beside it is SAP's own default then.
fn times(reader: &mut Reader<'_>, entity: &Record<'_>) -> Vec<ShipmentTime> {
    let zones = ["Shippinglocationtimezone", "Receivinglocationtimezone"].map(|name| entity.text(name));
    let mut times = Vec::new();
    for Activity(activity, planned, actual, is_arrival) in ACTIVITIES {
        let zone = zones[usize::from(is_arrival)].as_deref();
        let planned = planned.and_then(|names| moment(reader, entity, names, zone));
        let actual = actual.and_then(|names| moment(reader, entity, names, zone));
        if planned.is_some() || actual.is_some() {
            times.push(ShipmentTime { planned, actual, ..ShipmentTime::new(listed("SAP delivery", activity)) });
        }
    }
    times
}

fn line(reader: &mut Reader<'_>, item: &Record<'_>, references: &mut Vec<Reference>) -> Option<ShipmentLine> {
    let mut others = Others::default();
    item.skip(&["DeliveryDocument"]);
    let units = ["DeliveryQuantityUnit", "BaseUnit"];
    let Some(quantity) = reader.quantity(item, "ActualDeliveryQuantity", &units) else {
        reader.error(item, "", "MISSING", "Give `ActualDeliveryQuantity`: how much is delivered.");
        return None;
    };
    let mut line = ShipmentLine::new(reader.required(item, "DeliveryDocumentItem")?, quantity);
    let base = reader.quantity(item, "ActualDeliveredQtyInBaseUnit", &["BaseUnit"]);
    line.base_quantity = base.filter(|base| *base != line.quantity);
    let ordered = reader.quantity(item, "OriginalDeliveryQuantity", &units);
    line.ordered_quantity = ordered.filter(|ordered| *ordered != line.quantity);
    line.sku = reader.number(item, "Material").or_else(|| reader.number(item, "Product"));
    line.buyer_item_ref = reader.identifier(item, "MaterialByCustomer");
    line.description = reader.words(item, "DeliveryDocumentItemText");
    line.gtin = reader.gtin(item, "InternationalArticleNumber", &mut others);
    line.lot = reader.identifier(item, "Batch");
    line.expires_on = reader.day(item, "ShelfLifeExpirationDate");
    line.gross_kg = reader.weight(item, "ItemGrossWeight", "ItemWeightUnit");
    line.net_kg = reader.weight(item, "ItemNetWeight", "ItemWeightUnit");
    line.volume_m3 = reader.volume(item, "ItemVolume", "ItemVolumeUnit");
    line.order_ref = reader.number(item, "ReferenceSDDocument");
    line.order_line = reader.number(item, "ReferenceSDDocumentItem");
    if let Some(order) = item.text("ReferenceSDDocument") {
        reader.refer(item, references, number::references(ORDER, &order));
    }
    for flow in item.records_of(&["to_DocumentFlow", "_DocumentFlow"]) {
        for name in ["Subsequentdocument", "SubsequentDocument", "PrecedingDocument"] {
            if let Some(document) = flow.text(name) {
                reader.refer(item, references, number::references(DOCUMENT, &document));
            }
        }
        reader.rest(&flow, &mut others);
    }
    for serial in item.records_of(&["to_SerialDeliveryItem", "_SerialNumber"]) {
        line.serial_numbers.extend(reader.identifier::<64>(&serial, "SerialNumber"));
        reader.rest(&serial, &mut others);
    }
    texts(reader, &item.records_of(&["to_DeliveryDocumentItemText", "_ItemText"]), &mut others);
    reader.rest(item, &mut others);
    (line.classifications, line.notes) = (others.codes, others.notes);
    Some(line)
}
