//! A product becomes one canonical item for each of its variants that has a SKU.
//!
//! A variant's item and the item of its customs data ([`crate::inventory_item`]) are two documents with ids of their own,
//! so that neither replaces the other; the SKU and the inventory item's id tie them together.

use std::collections::BTreeSet;

use portgate_sdk::canonical::{Decimal, Item, Reference, Text, Timestamp, Unit};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;

use crate::fields::{Fields, counted, list, number, version};
use crate::scalar::Scalar;
use crate::weight::read;

/// How many variants the shop writes out in one message.
const WRITTEN_OUT_MAX: usize = 100;

/// What the shop calls the only variant of a product that has none.
pub(crate) const NO_VARIANT: &str = "Default Title";

/// A product of the shop, or the wrapper around it.
#[derive(Deserialize)]
struct Product {
    product: Option<Box<Product>>,
    id: Option<u64>,
    title: Option<String>,
    updated_at: Option<String>,
    variants: Option<Vec<Variant>>,
    /// All variants by name alone: the shop writes no more than a hundred of them out.
    variant_gids: Option<Vec<VariantName>>,
}

#[derive(Deserialize)]
struct VariantName {
    admin_graphql_api_id: Option<String>,
}

#[derive(Deserialize)]
struct Variant {
    id: Option<u64>,
    inventory_item_id: Option<u64>,
    sku: Option<String>,
    title: Option<String>,
    barcode: Option<String>,
    grams: Option<Scalar>,
    weight: Option<Scalar>,
    weight_unit: Option<String>,
    updated_at: Option<String>,
}

/// The items of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let mut outer: Product = message.json()?;
    let (root, mut product) = match outer.product.take() {
        Some(product) => ("/product", *product),
        None => ("", outer),
    };
    let mut decoded = Decoded::new();
    let mut fields = Fields::new(root, &mut decoded);
    fields.required("id", product.id);
    if product.title.is_none() {
        fields.required::<String>("title", None);
    }
    let variants = list(fields.required("variants", product.variants.take()));
    complete(&mut fields, &variants, product.variant_gids.take());
    let mut items = Vec::with_capacity(variants.len());
    for (index, variant) in variants.into_iter().enumerate() {
        items.extend(item(message, &mut fields.element("variants", index), &product, variant));
    }
    for item in &items {
        decoded.document(item);
    }
    decoded.finish()
}

/// Says which variants the message does not hold, or that it cannot be told.
fn complete(fields: &mut Fields<'_>, variants: &[Variant], names: Option<Vec<VariantName>>) {
    let held: BTreeSet<u64> = variants.iter().filter_map(|variant| variant.id).collect();
    let Some(names) = names else {
        if variants.len() == WRITTEN_OUT_MAX {
            let detail =
                format!("The shop writes out {WRITTEN_OUT_MAX} variants at most; there may be more. Ask it for them.");
            fields.info("VARIANTS-MAYBE-INCOMPLETE", "variants", detail);
        }
        return;
    };
    let id = |name: &VariantName| name.admin_graphql_api_id.as_deref()?.rsplit('/').next()?.parse().ok();
    let missing: Vec<u64> = names.iter().filter_map(id).filter(|id| !held.contains(id)).collect();
    if let Some(first) = missing.first() {
        let detail = format!(
            "The message holds {} of the product's {} variants; {} are missing, from {first} on. Ask the shop for them.",
            held.len(),
            held.len() + missing.len(),
            missing.len(),
        );
        fields.warning("VARIANTS-INCOMPLETE", "variants", detail);
    }
}

/// The item of a variant; none without a SKU, or if something is wrong, which findings then say.
fn item(message: &Message, fields: &mut Fields<'_>, product: &Product, variant: Variant) -> Option<Item> {
    let id = fields.required("id", variant.id);
    let gross_weight_kg = weight(fields, &variant);
    let gtin = variant.barcode.as_deref().and_then(|barcode| gtin(fields, barcode));
    let updated_at = variant.updated_at.or_else(|| product.updated_at.clone());
    let recorded_at = fields.shaped("updated_at", updated_at, Timestamp::new);
    let Some(sku) = fields.sku(variant.sku) else {
        let detail = "The variant has no SKU that can be used, so it becomes no item; give it one in the shop.";
        fields.warning("SKU-MISSING", "sku", detail);
        return None;
    };
    let (id, product_id) = (id?, product.id?);
    let title = product.title.as_deref().unwrap_or_default();
    let description = match variant.title.as_deref() {
        Some(variant) if variant != NO_VARIANT => format!("{title}, {variant}"),
        _ => title.to_owned(),
    };
    let description = fields.free_text("title", "title with that of the product", Some(&description));
    let references = [
        Some(Reference { scheme: Text::new("sku").ok()?, value: sku.widened(), written: None }),
        Some(counted("shopify-product", product_id)),
        Some(counted("shopify-variant", id)),
        variant.inventory_item_id.map(|id| counted("shopify-inventory-item", id)),
    ];
    let version = version(recorded_at.as_ref());
    let source = message.source(Some(number(product_id)), recorded_at);
    let id = Text::new(format!("variant-{id}")).ok()?;
    Some(Item {
        references: references.into_iter().flatten().collect(),
        description,
        gtin,
        base_unit: Unit::new("C62").ok(),
        gross_weight_kg,
        ..Item::new(id, version, source, sku)
    })
}

/// What one piece weighs as it is shipped. Nought is what the shop says when nobody has weighed it.
fn weight(fields: &mut Fields<'_>, variant: &Variant) -> Option<Decimal> {
    let (path, value, unit) = match (&variant.weight, variant.weight_unit.as_deref()) {
        (Some(weight), Some(unit)) => ("weight", weight, unit),
        _ => ("grams", variant.grams.as_ref()?, "g"),
    };
    read(fields, path, value, unit)
}

/// The barcode, if it is a GTIN: 8, 12, 13 or 14 digits of which the last checks the others (GS1 General
/// Specifications, 7.9).
fn gtin(fields: &mut Fields<'_>, barcode: &str) -> Option<Text<14>> {
    let barcode = barcode.trim();
    if barcode.is_empty() {
        return None;
    }
    let digits = barcode.bytes().all(|byte| byte.is_ascii_digit()) && matches!(barcode.len(), 8 | 12 | 13 | 14);
    let weighted = barcode.bytes().rev().zip([1u32, 3].into_iter().cycle());
    let checks = || weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum::<u32>() % 10 == 0;
    if digits && checks() {
        return Text::new(barcode).ok();
    }
    fields.warning("NO-GTIN", "barcode", format!("The barcode `{barcode}` is not a GTIN and is left out."));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_barcode_is_a_gtin_only_if_its_check_digit_is_right() {
        let mut decoded = Decoded::new();
        let mut fields = Fields::new("", &mut decoded);
        for good in ["4006381333931", "036000291452", "96385074", "14006381333938"] {
            assert_eq!(gtin(&mut fields, good).as_deref(), Some(good));
        }
        for bad in ["4006381333932", "ABC-12345678", "123", "400638133393１"] {
            assert!(gtin(&mut fields, bad).is_none(), "{bad}");
        }
        assert!(gtin(&mut fields, " ").is_none(), "an empty barcode is none and nothing to say");
        assert_eq!(decoded.findings.len(), 4);
    }
}
