//! `A_Product` with its descriptions, plants and units: an `item`, and an `item-classification` for each commodity code that one
//! of its plants has.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    Code, Decimal, Dimensions, Item, ItemClassification, ItemName, ItemUnit, Reference, Text, Unit,
};

use super::{Changed, Entity};
use crate::number::{self, MATERIAL};
use crate::reader::{Others, Reader, hs6, listed};
use crate::record::Record;
use crate::units;

pub(crate) const PRODUCT: Entity = Entity {
    title: "product",
    key: &["Product", "Material"],
    parts: &["Plant", "ProductDescription", "AlternativeUnit", "ProductSalesOrg", "ValuationArea", "StorageLocation"],
    read,
};

/// Where a commodity code holds is not said by a plant: its country is in the settings of SAP.
const JURISDICTION_UNKNOWN: &str = "ZZ";

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

/// The commodity codes of the plants, each once.
fn classified(
    reader: &mut Reader<'_>,
    message: &Message,
    plants: &[Record<'_>],
    item: &mut Item,
    references: &[Reference],
) -> Vec<ItemClassification> {
    let mut found: Vec<ItemClassification> = Vec::new();
    let setting = message.agreement.as_ref().and_then(|agreement| agreement.setting("plants"));
    for plant in plants {
        let of = plant.text("Plant").unwrap_or_default().into_owned();
        let trade = plant.records_of(&[
            "to_PlantInternationalTrade",
            "to_ProdPlantInternationalTrade",
            "_ProductPlantInternationalTrade",
        ]);
        for record in std::iter::once(plant).chain(&trade) {
            let origin = reader.country(record, "CountryOfOrigin");
            item.origin_country = item.origin_country.take().or(origin);
            let code =
                ["CommodityCode", "ConsumptionTaxCtrlCode"].into_iter().find_map(|name| reader.commodity(record, name));
            let Some(code) = code else { continue };
            let country = reader.jurisdiction(setting, &of);
            if country.is_none() {
                let detail = format!(
                    "Where the commodity code of the plant `{of}` holds is not known; say it in the agreement's setting `plants`."
                );
                reader.warning(record, "CommodityCode", "NO-JURISDICTION", detail);
            }
            let jurisdiction = country.unwrap_or_else(|| Text::new(JURISDICTION_UNKNOWN).expect("two letters"));
            if found.iter().any(|known| known.code == code && known.jurisdiction == jurisdiction) {
                continue;
            }
            let id = format!("{}|{jurisdiction}|{}", item.sku, code.as_str());
            let Some(id) = reader.decoded.identifier(record.at(""), "key of the classification", &id) else { continue };
            let nomenclature = Text::new("SAP STAWN").expect("a name");
            let (version, source, sku) = (item.version.clone(), item.source.clone(), item.sku.clone());
            let hs6 = hs6(&code);
            let mut classification =
                ItemClassification::new(id, version, source, sku, jurisdiction, nomenclature, code);
            classification.hs6 = hs6;
            classification.references = references.to_vec();
            found.push(classification);
        }
        trade.iter().for_each(|record| record.skip(&["Product", "Plant"]));
    }
    found
}
