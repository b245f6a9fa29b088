//! An inventory item, where the shop keeps the customs data of a SKU, becomes one canonical item.
//!
//! Commodity codes become references: `hs` for the general one, `hs-CA` for that of a country. They are what the shop
//! says, not a classification: who decides on that is a steward, not a shop.

use portgate_sdk::canonical::{Country, HsCode, Item, Reference, Text, Timestamp, Unit};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;

use crate::fields::{Fields, counted, list, number, version};
use crate::scalar::Scalar;

/// The most references that a canonical document has room for.
const REFERENCES_MAX: usize = 64;

/// An inventory item of the shop, or the wrapper around it.
#[derive(Deserialize)]
struct InventoryItem {
    inventory_item: Option<Box<InventoryItem>>,
    id: Option<u64>,
    sku: Option<String>,
    updated_at: Option<String>,
    country_code_of_origin: Option<String>,
    province_code_of_origin: Option<String>,
    harmonized_system_code: Option<Scalar>,
    country_harmonized_system_codes: Option<Vec<CountryCode>>,
}

/// A commodity code of one country.
#[derive(Deserialize)]
struct CountryCode {
    country_code: Option<String>,
    harmonized_system_code: Option<Scalar>,
}

/// The one item of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut outer: InventoryItem = message.json()?;
    let (root, item) = match outer.inventory_item.take() {
        Some(item) => ("/inventory_item", *item),
        None => ("", outer),
    };
    let mut decoded = Decoded::new();
    let item = canonical(message, &mut Fields::new(root, &mut decoded), item);
    if let Some(item) = item {
        decoded.document(&item);
    }
    decoded.finish()
}

fn canonical(message: &Message, fields: &mut Fields<'_>, item: InventoryItem) -> Option<Item> {
    let id = fields.required("id", item.id);
    let sku = fields.sku(item.sku);
    if sku.is_none() {
        let detail =
            "An item is known by its SKU, and there is none that can be used; give the variant one in the shop.";
        fields.error("SKU-MISSING", "sku", detail);
    }
    let recorded_at = fields.shaped("updated_at", item.updated_at, Timestamp::new);
    let origin_country = fields.shaped("country_code_of_origin", item.country_code_of_origin, Country::new);
    let general = item.harmonized_system_code.and_then(|code| commodity_code(fields, "harmonized_system_code", &code));
    let mut codes: Vec<Reference> = general.and_then(|code| classified("hs", &code)).into_iter().collect();
    for (index, code) in list(item.country_harmonized_system_codes).into_iter().enumerate() {
        codes.extend(national_code(&mut fields.element("country_harmonized_system_codes", index), code));
    }

    let origin_region =
        fields.free_text("province_code_of_origin", "province", item.province_code_of_origin.as_deref());

    let (id, sku) = (id?, sku?);
    let mut references =
        vec![Reference { scheme: Text::new("sku").ok()?, value: sku.widened() }, counted("shopify-inventory-item", id)];
    references.append(&mut codes);
    if references.len() > REFERENCES_MAX {
        let detail = format!("The item has {} references, and {REFERENCES_MAX} are the most.", references.len());
        fields.error("TOO-MANY-CODES", "country_harmonized_system_codes", detail);
    }
    Some(Item {
        id: Text::new(format!("inventory-item-{id}")).ok()?,
        version: version(recorded_at.as_ref()),
        source: message.source(Some(number(id)), recorded_at),
        references,
        sku,
        description: None,
        description_for_customs: None,
        gtin: None,
        base_unit: Unit::new("C62").ok(),
        net_weight_kg: None,
        gross_weight_kg: None,
        origin_country,
        origin_region,
        dangerous_goods: None,
        material_composition: None,
    })
}

fn national_code(fields: &mut Fields<'_>, code: CountryCode) -> Option<Reference> {
    let country = fields.required("country_code", code.country_code);
    let country = fields.shaped("country_code", country, Country::new);
    let value = fields.required("harmonized_system_code", code.harmonized_system_code);
    let value = value.and_then(|value| commodity_code(fields, "harmonized_system_code", &value));
    classified(&format!("hs-{}", country?), &value?)
}

/// A commodity code as a reference; both are short.
fn classified(scheme: &str, code: &HsCode) -> Option<Reference> {
    Reference::new(scheme, code.as_str()).ok()
}

/// A commodity code, as people write it with points and spaces, in digits.
fn commodity_code(fields: &mut Fields<'_>, path: &str, code: &Scalar) -> Option<HsCode> {
    let written = code.as_str();
    if written.trim().is_empty() {
        return None;
    }
    let digits: String = written.chars().filter(|character| !matches!(character, '.' | ' ')).collect();
    let code = HsCode::new(digits).ok();
    if code.is_none() {
        let detail =
            format!("`{written}` is not a commodity code of 4 to 14 digits and is left out; correct it in the shop.");
        fields.warning("HS-INVALID", path, detail);
    }
    code
}
