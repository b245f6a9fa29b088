//! `DELVRY03` to `DELVRY07`: a delivery becomes a `shipment`, and a `packing` where it says what is packed in what.

use portgate_sdk::canonical::{
    Date, Package, PackedLine, Packing, Reference, Shipment, ShipmentLine, ShipmentTime, Text, Timestamp,
};

use super::{Control, text};
use crate::number::{self, DELIVERY, DOCUMENT, ORDER};
use crate::parties::Parties;
use crate::reader::{Others, Reader, listed, short};
use crate::record::Record;
use crate::time;

/// What the types of delivery begin with that bring goods back.
const RETURNS: [&str; 2] = ["LR", "RL"];

/// The documents of one delivery.
pub(crate) fn read(idoc: &Record<'_>, delivery: &Record<'_>, control: &Control<'_>, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    control.classify(idoc, &mut others, reader);
    let Some(shipment_id) = reader.required::<64>(delivery, "VBELN") else {
        return reader.rest(delivery, &mut others);
    };
    let written = delivery.text("VBELN").unwrap_or_default();
    let mut references = number::references(DELIVERY, &written);
    let mut shipment = Shipment::new(shipment_id.widened(), control.version(), control.source(), shipment_id.clone());

    shipment.gross_kg = reader.weight(delivery, "BTGEW", "GEWEI");
    shipment.net_kg = reader.weight(delivery, "NTGEW", "GEWEI");
    shipment.volume_m3 = reader.volume(delivery, "VOLUM", "VOLEH");
    let place = delivery.first(&["INCO2_L", "INCO2"]).map(String::from);
    let terms = reader.terms(delivery, "INCO1", place);
    (shipment.incoterm, shipment.delivery_terms) = (terms.incoterm, terms.words);
    shipment.house_transport_doc = reader.identifier(delivery, "BOLNR");

    for more in delivery.records("E1EDL21") {
        let kind = more.text("LFART").unwrap_or_default();
        if RETURNS.iter().any(|prefix| kind.starts_with(prefix)) {
            shipment.is_return = Some(true);
        }
        reader.other(&more, &mut others, "SAP LFART", &kind);
        shipment.delivery_block = reader.code(&more, "LIFSK");
        reader.rest(&more, &mut others);
    }
    for abroad in delivery.records("E1EDL33") {
        shipment.country_of_dispatch = reader.country(&abroad, "ALAND");
        reader.rest(&abroad, &mut others);
    }
    let mut parties = Parties::default();
    for party in delivery.records("E1ADRM1") {
        parties.add_segment(reader, &party, &mut others);
    }
    shipment.parties = parties.all;
    shipment.times = times(reader, delivery, &mut others);
    text::qualified(reader, delivery, ("E1EDL18", "", "QUALF"), &mut others);
    text::notes(reader, delivery, "E1TXTH8", &mut others);

    for item in delivery.records("E1EDL24") {
        shipment.lines.extend(line(reader, &item, &mut references));
    }
    let packed = packed(reader, &delivery.records("E1EDL37"), &mut shipment, &mut others);

    reader.rest(delivery, &mut others);
    (shipment.classifications, shipment.notes) = (others.codes, others.notes);
    shipment.references = references;
    if !packed.is_empty() {
        let mut packing = Packing::new(shipment.id.clone(), control.version(), control.source(), shipment_id);
        (packing.gross_kg, packing.net_kg) = (shipment.gross_kg, shipment.net_kg);
        packing.packages.clone_from(&shipment.packages);
        packing.references.clone_from(&shipment.references);
        packing.lines = packed;
        reader.decoded.document(&packing);
    }
    reader.decoded.document(&shipment);
}

/// When what is planned and when it was done: `E1EDT13`, and the proof of delivery.
fn times(reader: &mut Reader<'_>, delivery: &Record<'_>, others: &mut Others) -> Vec<ShipmentTime> {
    let mut times = Vec::new();
    for segment in delivery.records("E1EDT13") {
        let Some(qualifier) = segment.text("QUALF") else { continue };
        let mut time = ShipmentTime::new(listed("SAP E1EDT13 QUALF", &qualifier));
        time.planned = moment(reader, &segment, ("NTANF", "NTANZ", "TZONE_BEG"));
        time.planned_end = moment(reader, &segment, ("NTEND", "NTENZ", "TZONE_END"));
        time.actual = moment(reader, &segment, ("ISDD", "ISDZ", "TZONE_BEG"));
        time.actual_end = moment(reader, &segment, ("IEDD", "IEDZ", "TZONE_END"));
        reader.rest(&segment, others);
        times.push(time);
    }
    if let Some(moment) = moment(reader, delivery, ("PODAT", "POTIM", "")) {
        times.push(ShipmentTime { actual: Some(moment), ..ShipmentTime::new(listed("SAP", "PODAT")) });
    }
    times
}

/// A day with its time and zone. A time that is none leaves the day.
fn moment(reader: &mut Reader<'_>, segment: &Record<'_>, names: (&str, &str, &str)) -> Option<Timestamp> {
    let (day_name, clock_name, zone_name) = names;
    let clock = segment.text(clock_name);
    let zone = if zone_name.is_empty() { None } else { segment.text(zone_name) };
    let day: Date = reader.day(segment, day_name)?;
    let moment = time::at(&day, clock.as_deref(), zone.as_deref());
    if moment.is_none() {
        let detail = format!("`{}` is no time; the day is kept.", short(&clock.unwrap_or_default()));
        reader.warning(segment, clock_name, "NO-TIME", detail);
    }
    moment.or_else(|| time::at(&day, None, zone.as_deref()))
}

/// An item of the delivery. One without a quantity is refused with what it belongs to.
fn line(reader: &mut Reader<'_>, item: &Record<'_>, references: &mut Vec<Reference>) -> Option<ShipmentLine> {
    let mut others = Others::default();
    let line_no = reader.required(item, "POSNR");
    let delivered = reader.quantity(item, "LFIMG", &["VRKME", "MEINS"]);
    let in_base_unit = reader.quantity(item, "LGMNG", &["MEINS", "VRKME"]);
    let Some(quantity) = delivered.or_else(|| in_base_unit.clone()) else {
        reader.error(item, "", "MISSING", "Give `LFIMG` or `LGMNG`: how much is delivered.");
        reader.rest(item, &mut others);
        return None;
    };
    let mut line = ShipmentLine::new(line_no?, quantity);
    line.base_quantity = in_base_unit.filter(|base| *base != line.quantity);
    line.buyer_item_ref = reader.identifier(item, "KDMAT");
    line.description = reader.words(item, "ARKTX");
    line.gtin = reader.gtin(item, "EAN11", &mut others);
    line.lot = reader.identifier(item, "CHARG");
    line.expires_on = reader.day(item, "VFDAT");
    line.gross_kg = reader.weight(item, "BRGEW", "GEWEI");
    line.net_kg = reader.weight(item, "NTGEW", "GEWEI");
    line.volume_m3 = reader.volume(item, "VOLUM", "VOLEH");
    let ordered = reader.quantity(item, "ORMNG", &["VRKME", "MEINS"]);
    line.ordered_quantity = ordered.filter(|ordered| *ordered != line.quantity);
    line.order_ref = reader.number(item, "VGBEL");
    line.order_line = reader.number(item, "VGPOS");
    if let Some(order) = item.text("VGBEL") {
        reader.refer(item, references, number::references(ORDER, &order));
    }
    let more = item.records("E1EDL26");
    let materials = ["MATNR_LONG", "MATNR", "MATWA_LONG", "MATWA"];
    line.sku = materials.iter().find_map(|name| reader.number(item, name));
    line.sku = line.sku.or_else(|| more.iter().find_map(|more| reader.number(more, "MATNR_LONG")));
    for record in more.iter().chain([item]) {
        for name in materials {
            // The material that was entered may be another one than that which is delivered.
            let other = record.text(name).filter(|other| line.sku.as_deref() != Some(number::shown(other)));
            if let Some(other) = other {
                reader.other(record, &mut others, &format!("SAP {name}"), number::shown(&other));
            }
        }
    }
    more.iter().for_each(|more| reader.rest(more, &mut others));
    for abroad in item.records("E1EDL35") {
        line.hs_code = reader.commodity(&abroad, "STAWN");
        line.origin_country = reader.country(&abroad, "HERKL");
        reader.rest(&abroad, &mut others);
    }
    flow(reader, item, references, &mut others);
    for serial in item.records("E1EDL11") {
        for name in ["SERNR", "SERIALNO"] {
            line.serial_numbers.extend(reader.identifier::<64>(&serial, name));
        }
        reader.rest(&serial, &mut others);
    }
    text::qualified(reader, item, ("E1EDL19", "", "QUALF"), &mut others);
    text::notes(reader, item, "E1TXTH9", &mut others);
    reader.rest(item, &mut others);
    (line.classifications, line.notes) = (others.codes, others.notes);
    Some(line)
}

/// The documents that an item came of: those of SAP's own flow (`E1EDL43`) and the customer's order (`E1EDL41`).
fn flow(reader: &mut Reader<'_>, item: &Record<'_>, references: &mut Vec<Reference>, others: &mut Others) {
    for before in item.records("E1EDL43") {
        let category = before.text("QUALF").unwrap_or_default();
        let kind = if category == "C" { ORDER } else { DOCUMENT };
        if let Some(document) = before.text("BELNR") {
            reader.refer(item, references, number::references(kind, &document));
        }
        reader.other(&before, others, "SAP E1EDL43 QUALF", &category);
        reader.rest(&before, others);
    }
    for order in item.records("E1EDL41") {
        if let Some(number) = order.text("BSTNR") {
            let reference = reader.decoded.reference(order.at("BSTNR"), "order", &number);
            reader.refer(item, references, reference.into_iter().collect());
        }
        reader.rest(&order, others);
    }
}

/// The handling units, and what is in each.
fn packed(
    reader: &mut Reader<'_>,
    units: &[Record<'_>],
    shipment: &mut Shipment,
    others: &mut Others,
) -> Vec<PackedLine> {
    let mut packed = Vec::new();
    for unit in units {
        let mut package = Package::new(Text::new("PK").expect("a code of Recommendation 21"), 1);
        let number = unit.set("EXIDV").unwrap_or_default();
        package.sscc = sscc(&number);
        if package.sscc.is_none() && !number.is_empty() {
            package.marks = reader.words(unit, "EXIDV");
        }
        package.gross_kg = reader.weight(unit, "BRGEW", "GWEIT");
        package.net_kg = reader.weight(unit, "NTGEW", "GWEIT");
        package.volume_m3 = reader.volume(unit, "BTVOL", "VOLET");
        let place = (shipment.packages.len() + 1).to_string();
        let key: Option<Text<32>> = Text::new(package.sscc.as_deref().unwrap_or(&place)).ok();
        shipment.packages.push(package);
        for content in unit.records("E1EDL44") {
            content.skip(&["VBELN"]);
            if let Some(quantity) = reader.quantity(&content, "VEMNG", &["VEMEH"]) {
                let position: Option<Text<64>> = reader.number(&content, "POSNR");
                let mut line = PackedLine::new(quantity);
                line.sku = reader.number(&content, "MATNR");
                line.lot = reader.identifier(&content, "CHARG");
                line.package_ref.clone_from(&key);
                let of = shipment.lines.iter_mut().find(|of| Some(&of.line_no) == position.as_ref());
                if let Some(of) = of {
                    of.package_refs.extend(key.clone());
                    line.order_ref.clone_from(&of.order_ref);
                }
                packed.push(line);
            }
            reader.rest(&content, others);
        }
        reader.rest(unit, others);
    }
    packed
}

/// The SSCC of a handling unit, which SAP fills up to twenty digits with noughts.
fn sscc(number: &str) -> Option<Text<18>> {
    let digits = number.strip_prefix("00").filter(|_| number.len() == 20).unwrap_or(number);
    let is_sscc = digits.len() == 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    Text::new(digits).ok().filter(|_| is_sscc)
}
