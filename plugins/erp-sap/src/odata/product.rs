//! `A_Product` with its descriptions, plants and units: an `item`, and the commodity codes of its plants one
//! `item-classification` for each jurisdiction.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, Decimal, Dimensions, Item, ItemClassification, ItemName, ItemUnit, Reference, Text, Unit,
};

use super::{Changed, Entity};
use crate::classified::Classified;
use crate::number::{self, MATERIAL};
use crate::reader::{Others, Reader, listed};
use crate::record::Record;
use crate::units;

pub(crate) const PRODUCT: Entity = Entity {
    title: "product",
    key: &["Product", "Material"],
    parts: &["Plant", "ProductDescription", "AlternativeUnit", "ProductSalesOrg", "ValuationArea", "StorageLocation"],
    read,
};

/// What a plant calls its commodity code: by itself, or as what decides on taxes where it has no other.
const CODES: [&str; 2] = ["CommodityCode", "ConsumptionTaxCtrlCode"];

fn read(entity: &Record<'_>, message: &Message, reader: &mut Reader<'_>) {
    let mut others = Others::default();
    let changed = Changed::read(entity);
    let key = if entity.text("Product").is_some() { "Product" } else { "Material" };
    let Some(sku) = reader.required::<64>(entity, key) else { return };
    let references = number::references(MATERIAL, &entity.text(key).unwrap_or_default());
    let source = message.source(Text::new(&*sku).ok(), changed.at);
    let mut item = Item::new(sku.widened(), changed.version, source, sku);
    item.base_unit = entity.text("BaseUnit").map(|written| unit(reader, entity, "BaseUnit", &written));
    item.gross_weight_kg = reader.weight(entity, "GrossWeight", "WeightUnit");
    item.net_weight_kg = reader.weight(entity, "NetWeight", "WeightUnit");
    item.volume_m3 =
        ["MaterialVolume", "ProductVolume"].into_iter().find_map(|name| reader.volume(entity, name, "VolumeUnit"));
    item.gtin = reader.gtin(entity, "ProductStandardID", &mut others);
    item.manufacturer_item_ref = reader.identifier(entity, "ManufacturerPartNmbr");
    item.origin_country = reader.country(entity, "CountryOfOrigin");
    item.to_be_deleted = entity.flag("IsMarkedForDeletion").then_some(true);
    for text in entity.records_of(&["to_Description", "_ProductDescription"]) {
        text.skip(&["Product"]);
        let language = text.text("Language").unwrap_or_default().to_lowercase();
        let words = reader.words::<512>(&text, "ProductDescription");
        if language == "en" || item.description.is_none() {
            item.description.clone_from(&words);
        }
        let named = Text::new(language).ok().zip(words).map(|(language, words)| ItemName::new(language, words));
        item.names.extend(named);
        reader.rest(&text, &mut others);
    }
    for other in entity.records_of(&["to_ProductUnitsOfMeasure", "_ProductUnitOfMeasure"]) {
        item.units.extend(other_unit(reader, &other, &mut others));
    }
    let plants = entity.records_of(&["to_Plant", "_ProductPlant"]);
    let classifications = classified(reader, message, &plants, &mut item, &references);
    for plant in &plants {
        let of = plant.text("Plant").unwrap_or_default();
        plant.skip(&["Product"]);
        for rest in plant.rest() {
            reader.other(plant, &mut others, &format!("SAP {of} {}", rest.name), &rest.value);
        }
    }
    reader.rest(entity, &mut others);
    item.classifications = others.codes;
    item.references = references;
    reader.decoded.document(&item);
    for classification in &classifications {
        reader.decoded.document(classification);
    }
}

fn unit(reader: &mut Reader<'_>, record: &Record<'_>, name: &str, written: &str) -> Unit {
    let (unit, is_known) = units::unit(written);
    if !is_known {
        let detail = format!("The unit `{written}` is in no table, and is given as `{unit}`; add it.");
        reader.warning(record, name, "UNKNOWN-UNIT", detail);
    }
    unit
}

fn other_unit(reader: &mut Reader<'_>, record: &Record<'_>, others: &mut Others) -> Option<ItemUnit> {
    record.skip(&["Product", "BaseUnit"]);
    let written = record.text("AlternativeUnit")?;
    let found = unit(reader, record, "AlternativeUnit", &written);
    let source_code = Text::new(&*written).ok().filter(|_| found.as_str() != written);
    let code = Code { source_code, ..listed("UNECE Rec 20", found.as_str()) };
    let one = Decimal::from(1);
    let base_units = reader.some_decimal(record, "QuantityNumerator").unwrap_or(one);
    let mut other = ItemUnit::new(code, base_units, reader.some_decimal(record, "QuantityDenominator").unwrap_or(one));
    other.gtin = reader.gtin(record, "GlobalTradeItemNumber", others);
    other.gross_kg = reader.weight(record, "GrossWeight", "WeightUnit");
    other.volume_m3 = reader.volume(record, "MaterialVolume", "VolumeUnit");
    let mut side = |name| {
        reader
            .length(record, name, "UnitSpecificProductMeasurementUnit")
            .or_else(|| reader.length(record, name, "ProductMeasurementUnit"))
    };
    let (length, width, height) =
        (side("UnitSpecificProductLength"), side("UnitSpecificProductWidth"), side("UnitSpecificProductHeight"));
    other.dimensions =
        length.zip(width).zip(height).map(|((length, width), height)| Dimensions::new(length, width, height));
    for rest in record.rest() {
        reader.other(record, others, &format!("SAP {written} {}", rest.name), &rest.value);
    }
    Some(other)
}

/// The commodity codes of the plants.
fn classified(
    reader: &mut Reader<'_>,
    message: &Message,
    plants: &[Record<'_>],
    item: &mut Item,
    references: &[Reference],
) -> Vec<ItemClassification> {
    let setting = message.agreement.as_ref().and_then(|agreement| agreement.setting("plants"));
    let mut found = Classified::new(setting);
    for plant in plants {
        let of = plant.text("Plant").unwrap_or_default().into_owned();
        let trade = plant.records_of(&[
            "to_PlantInternationalTrade",
            "to_ProdPlantInternationalTrade",
            "_ProductPlantInternationalTrade",
        ]);
        let records: Vec<&Record<'_>> = std::iter::once(plant).chain(&trade).collect();
        for record in &records {
            let origin = reader.country(record, "CountryOfOrigin");
            item.origin_country = item.origin_country.take().or(origin);
        }
        let code = CODES
            .into_iter()
            .find_map(|name| records.iter().find_map(|record| Some((*record, name, reader.commodity(record, name)?))));
        if let Some((record, name, code)) = code {
            found.add(reader, item, &of, (record, name), code);
        }
        trade.iter().for_each(|record| record.skip(&["Product", "Plant"]));
    }
    found.with(references)
}
