//! `MATMAS03` to `MATMAS05`: a material becomes an `item`, and the commodity codes of its plants one `item-classification`
//! for each jurisdiction.

use portgate_sdk::canonical::{Decimal, Dimensions, Item, ItemClassification, ItemName, ItemUnit, Reference, Text};

use super::Control;
use crate::classified::Classified;
use crate::number::{self, MATERIAL};
use crate::reader::{Others, Reader, listed};
use crate::record::Record;
use crate::units;

/// The documents of a material.
pub(crate) fn read(material: &Record<'_>, control: &Control<'_>, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    let name = if material.text("MATNR_LONG").is_some() { "MATNR_LONG" } else { "MATNR" };
    let Some(sku) = reader.required::<64>(material, name) else { return reader.rest(material, &mut others) };
    let references = number::references(MATERIAL, &material.text(name).unwrap_or_default());
    material.skip(&["MATNR", "MATNR_LONG"]);
    // `MSGFN` says how the message was meant (set up, changed, sent again) of each segment, and the item is what it is now.
    material.skip(&["MSGFN"]);
    let mut item = Item::new(sku.widened(), control.version(), control.source(), sku.clone());
    item.base_unit = base_unit(reader, material);
    item.gross_weight_kg = reader.weight(material, "BRGEW", "GEWEI");
    item.net_weight_kg = reader.weight(material, "NTGEW", "GEWEI");
    item.volume_m3 = reader.volume(material, "VOLUM", "VOLEH");
    item.dimensions = dimensions(reader, material);
    item.gtin = reader.gtin(material, "EAN11", &mut others);
    item.manufacturer_item_ref = reader.identifier(material, "MFRPN");
    item.to_be_deleted = material.flag("LVORM").then_some(true);
    for text in material.records("E1MAKTM") {
        text.skip(&["MSGFN", "SPRAS"]);
        let language = text.first(&["SPRAS_ISO", "SPRAS"]).unwrap_or_default().to_lowercase();
        let words = reader.words::<512>(&text, "MAKTX");
        if language == "en" || item.description.is_none() {
            item.description.clone_from(&words);
        }
        let named = Text::new(language).ok().zip(words).map(|(language, words)| ItemName::new(language, words));
        item.names.extend(named);
        reader.rest(&text, &mut others);
    }
    for unit in material.records("E1MARMM") {
        item.units.extend(other_unit(reader, &unit, &mut others));
    }
    let plants = material.records("E1MARCM");
    let classifications = classified(reader, &plants, &mut item, control, &references);
    for plant in &plants {
        plant.skip(&["MSGFN"]);
        let of = plant.text("WERKS").unwrap_or_default();
        for place in plant.records("E1MARDM") {
            place.skip(&["MSGFN"]);
            rest_of(reader, &place, &of, &mut others);
        }
        rest_of(reader, plant, &of, &mut others);
    }
    for area in material.records("E1MVKEM") {
        area.skip(&["MSGFN"]);
        let of = area.text("VKORG").unwrap_or_default();
        rest_of(reader, &area, &of, &mut others);
    }
    for value in material.records("E1MBEWM") {
        value.skip(&["MSGFN"]);
        let of = value.text("BWKEY").unwrap_or_default();
        rest_of(reader, &value, &of, &mut others);
    }
    reader.rest(material, &mut others);
    item.classifications = others.codes;
    item.references = references;
    reader.decoded.document(&item);
    for classification in &classifications {
        reader.decoded.document(classification);
    }
}

/// What is said of a plant, a sales area or a valuation area, under its name.
fn rest_of(reader: &mut Reader<'_>, record: &Record<'_>, of: &str, others: &mut Others) {
    for rest in record.rest() {
        reader.other(record, others, &format!("SAP {of} {}", rest.name), &rest.value);
    }
}

fn base_unit(reader: &mut Reader<'_>, material: &Record<'_>) -> Option<portgate_sdk::canonical::Unit> {
    let written = material.text("MEINS")?;
    let (unit, is_known) = units::unit(&written);
    if !is_known {
        let detail = format!("The unit `{written}` is in no table, and is given as `{unit}`; add it.");
        reader.warning(material, "MEINS", "UNKNOWN-UNIT", detail);
    }
    Some(unit)
}

/// The measures, where all three are known.
fn dimensions(reader: &mut Reader<'_>, record: &Record<'_>) -> Option<Dimensions> {
    let mut side = |name| reader.length(record, name, "MEABM");
    let (length, width, height) = (side("LAENG"), side("BREIT"), side("HOEHE"));
    Some(Dimensions::new(length?, width?, height?))
}

/// A unit beside the base unit: `UMREZ` base units are `UMREN` of it.
fn other_unit(reader: &mut Reader<'_>, record: &Record<'_>, others: &mut Others) -> Option<ItemUnit> {
    record.skip(&["MSGFN"]);
    let written = record.text("MEINH")?;
    let (unit, _) = units::unit(&written);
    let code = portgate_sdk::canonical::Code {
        source_code: Text::new(&*written).ok().filter(|_| unit.as_str() != written),
        ..listed("UNECE Rec 20", unit.as_str())
    };
    let one = Decimal::from(1);
    let base_units = reader.some_decimal(record, "UMREZ").unwrap_or(one);
    let mut other = ItemUnit::new(code, base_units, reader.some_decimal(record, "UMREN").unwrap_or(one));
    let mut of_unit = Others::default();
    other.gtin = reader.gtin(record, "EAN11", &mut of_unit);
    other.gross_kg = reader.weight(record, "BRGEW", "GEWEI");
    other.volume_m3 = reader.volume(record, "VOLUM", "VOLEH");
    other.dimensions = dimensions(reader, record);
    for code in of_unit.codes {
        reader.other(record, others, &format!("{} {written}", code.code_list), &code.code);
    }
    rest_of(reader, record, &written, others);
    Some(other)
}

/// The commodity codes of the plants, and the country of origin, where the plants agree on it.
fn classified(
    reader: &mut Reader<'_>,
    plants: &[Record<'_>],
    item: &mut Item,
    control: &Control<'_>,
    references: &[Reference],
) -> Vec<ItemClassification> {
    let mut found = Classified::new(control.setting("plants"));
    for plant in plants {
        let origin = reader.country(plant, "HERKL");
        let of = plant.text("WERKS").unwrap_or_default().into_owned();
        match (&item.origin_country, origin) {
            (None, origin) => item.origin_country = origin,
            (Some(known), Some(other)) if *known != other => {
                let detail = format!("The plant `{of}` has the origin {other}, others {known}; the first is kept.");
                reader.warning(plant, "HERKL", "ORIGINS-DIFFER", detail);
            }
            _ => {}
        }
        let Some(code) = reader.commodity(plant, "STAWN") else { continue };
        found.add(reader, item, &of, (plant, "STAWN"), code);
    }
    found.with(references)
}
