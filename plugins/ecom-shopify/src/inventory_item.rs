//! An inventory item, where the shop keeps the customs data of a SKU, becomes one canonical item.
//!
//! Commodity codes become references: `hs` for the general one, `hs-CA` for that of a country. They are what the shop
//! says, not a classification: who decides on that is a steward, not a shop.

use portgate_sdk::canonical::{Country, HsCode, Item, Reference, Text, Timestamp, Unit};
use portgate_sdk::{Decoded, Message, Rejection};
use serde::Deserialize;

use crate::fields::{Fields, counted, list, number, version};
use crate::scalar::Scalar;
use crate::weight;

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
    weight_value: Option<Scalar>,
    weight_unit: Option<String>,
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
    let mut codes: Vec<Reference> = general.and_then(|code| code.reference("hs")).into_iter().collect();
    for (index, code) in list(item.country_harmonized_system_codes).into_iter().enumerate() {
        codes.extend(national_code(&mut fields.element("country_harmonized_system_codes", index), code));
    }

    let origin_region =
        fields.free_text("province_code_of_origin", "province", item.province_code_of_origin.as_deref());

    let gross_weight_kg = match (&item.weight_value, item.weight_unit.as_deref()) {
        (Some(value), Some(unit)) => weight::read(fields, "weight_value", value, unit),
        _ => None,
    };

    let (id, sku) = (id?, sku?);
    let mut references = vec![
        Reference { scheme: Text::new("sku").ok()?, value: sku.widened(), written: None },
        counted("shopify-inventory-item", id),
    ];
    references.append(&mut codes);
    if references.len() > REFERENCES_MAX {
        let detail = format!("The item has {} references, and {REFERENCES_MAX} are the most.", references.len());
        fields.error("TOO-MANY-CODES", "country_harmonized_system_codes", detail);
    }
    let version = version(recorded_at.as_ref());
    let source = message.source(Some(number(id)), recorded_at);
    let id = Text::new(format!("inventory-item-{id}")).ok()?;
    Some(Item {
        references,
        base_unit: Unit::new("C62").ok(),
        origin_country,
        origin_region,
        gross_weight_kg,
        ..Item::new(id, version, source, sku)
    })
}

fn national_code(fields: &mut Fields<'_>, code: CountryCode) -> Option<Reference> {
    let country = fields.required("country_code", code.country_code);
    let country = fields.shaped("country_code", country, Country::new);
    let value = fields.required("harmonized_system_code", code.harmonized_system_code);
    let value = value.and_then(|value| commodity_code(fields, "harmonized_system_code", &value));
    value?.reference(&format!("hs-{}", country?))
}

/// A commodity code, as people write it with points and spaces, in digits, and as it was written where that is another
/// form.
///
/// Customs codes have an even number of digits, six for the Harmonised System and two or more for each step below it. A code
/// that came as a number has lost the zero before it if it was of chapters 01 to 09: an odd number of digits shows that, and
/// the zero is put back. Of an even number of digits nobody can tell, so that it is said as well.
fn commodity_code(fields: &mut Fields<'_>, path: &str, code: &Scalar) -> Option<Written<HsCode>> {
    let written = code.as_str();
    if written.trim().is_empty() {
        return None;
    }
    let mut digits: String = written.chars().filter(|character| !matches!(character, '.' | ' ')).collect();
    let odd = digits.len() % 2 == 1;
    match code {
        Scalar::Number(_) if !written.bytes().all(|byte| byte.is_ascii_digit()) => {
            let detail = format!(
                "The commodity code came as the number {written}, which may have lost zeros, and is left out; send it \
                 between quotation marks."
            );
            fields.warning("HS-NUMBER", path, detail);
            return None;
        }
        Scalar::Number(_) if odd && digits.len() > 4 => {
            digits.insert(0, '0');
            let detail = format!(
                "The commodity code came as the number {written} and has lost the zero before it; it is taken as \
                 {digits}. Send it between quotation marks."
            );
            fields.warning("HS-LEADING-ZERO", path, detail);
        }
        Scalar::Number(_) => {
            let detail = format!(
                "The commodity code came as the number {written}; a number loses the zero before it, so send it between \
                 quotation marks."
            );
            fields.info("HS-NUMBER", path, detail);
        }
        Scalar::Text(_) if matches!(digits.len(), 5 | 7) && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            let detail = format!(
                "`{written}` has {} digits, and commodity codes have six, eight or ten; has it lost a zero? It is kept as \
                 it is.",
                digits.len()
            );
            fields.warning("HS-DIGITS", path, detail);
        }
        Scalar::Text(_) => {}
    }
    let Ok(code) = HsCode::new(digits) else {
        let detail =
            format!("`{written}` is not a commodity code of 4 to 14 digits and is left out; correct it in the shop.");
        fields.warning("HS-INVALID", path, detail);
        return None;
    };
    let written = Some(written.trim()).filter(|written| *written != code.as_str());
    let written = written.and_then(|written| Text::new(written).ok());
    Some(Written { code, written })
}

/// A code in its form, with what was written where that is another.
struct Written<T> {
    code: T,
    written: Option<Text<128>>,
}

impl Written<HsCode> {
    fn reference(self, scheme: &str) -> Option<Reference> {
        Some(Reference { written: self.written, ..Reference::new(scheme, self.code.as_str()).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Option<(String, Option<String>)>, Vec<String>) {
        let mut decoded = Decoded::new();
        let scalar: Scalar = serde_json::from_str(json).expect("a string or a number");
        let code = commodity_code(&mut Fields::new("", &mut decoded), "harmonized_system_code", &scalar);
        let code = code.map(|code| (code.code.to_string(), code.written.map(|written| written.to_string())));
        (code, decoded.findings.into_iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn a_number_that_lost_its_zero_is_said_and_gets_it_back() {
        for (json, code, finding) in [
            ("90121", "090121", "HS-LEADING-ZERO"),
            ("9012100", "09012100", "HS-LEADING-ZERO"),
            ("901210010", "0901210010", "HS-LEADING-ZERO"),
            ("851712", "851712", "HS-NUMBER"),
            ("10121", "010121", "HS-LEADING-ZERO"),
        ] {
            let written = (code != json).then(|| json.to_owned());
            assert_eq!(read(json), (Some((code.to_owned(), written)), vec![finding.to_owned()]));
        }
        for json in ["9012.1", "9.0121e4", "-90121"] {
            assert_eq!(read(json), (None, vec!["HS-NUMBER".to_owned()]), "{json}");
        }
    }

    #[test]
    fn a_text_is_kept_in_digits_with_what_was_written() {
        let form = |code: &str, written: Option<&str>| Some((code.to_owned(), written.map(str::to_owned)));
        assert_eq!(read("\"0901.21.00\""), (form("09012100", Some("0901.21.00")), vec![]));
        assert_eq!(read("\"090121\""), (form("090121", None), vec![]));
        assert_eq!(read("\"90121\""), (form("90121", None), vec!["HS-DIGITS".to_owned()]));
        assert_eq!(read("\"8471.30\""), (form("847130", Some("8471.30")), vec![]));
        assert_eq!(read("\"coffee\""), (None, vec!["HS-INVALID".to_owned()]));
        assert_eq!(read("\" \""), (None, vec![]));
    }
}
