//! The code lists of the UNECE's recommendations as CSV: units of measure (20) and packages (21).

use csv::StringRecord;
use serde::Serialize;

use crate::content::{Content, List, Mistake, Scope};
use crate::sheet::{Sheet, field, some};

const UNITS: List = List { format: "unece-rec-20", publisher: "UNECE", scope: Scope::Whole, knows_past: true };
const PACKAGES: List = List { format: "unece-rec-21", publisher: "UNECE", scope: Scope::Whole, knows_past: true };

/// A unit of measure, by its common code.
#[derive(Serialize)]
struct Unit<'r> {
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<&'r str>,
    /// What one of it is in the units of the SI, as the list writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    conversion: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'r str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deprecated: bool,
}

/// A kind of package, by its code.
#[derive(Serialize)]
struct Package<'r> {
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'r str>,
    /// The numeric codes of the kinds of cargo, as the list writes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    numeric: Option<&'r str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deprecated: bool,
}

pub(crate) fn are_units(first: &str) -> bool {
    let first = squeezed(first);
    first.contains("commoncode") && first.contains("name")
}

pub(crate) fn are_packages(first: &str) -> bool {
    let first = squeezed(first);
    first.starts_with("status,code,name") && first.contains("numeric")
}

/// The names of columns are written with blanks and line breaks between their words in some editions.
fn squeezed(first: &str) -> String {
    first.chars().filter(|sign| !sign.is_whitespace() && *sign != '"').collect::<String>().to_ascii_lowercase()
}

pub(crate) fn units(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let key = sheet.column(&["CommonCode", "Common Code"]);
    let [symbol, conversion, level] = [
        &["Symbol"][..],
        &["ConversionFactor", "Conversion Factor"],
        &["LevelAndCategory", "Level/Category", "Level / Category"],
    ]
    .map(|names| sheet.column(names));
    entries(&sheet, UNITS, key, 3, |row, name, deprecated| Unit {
        name,
        symbol: some(row, symbol),
        conversion: some(row, conversion),
        level: some(row, level),
        deprecated,
    })
}

pub(crate) fn packages(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let [description, numeric] =
        [&["Description"][..], &["NumericCode", "Numeric code", "Numeric"]].map(|names| sheet.column(names));
    entries(&sheet, PACKAGES, sheet.column(&["Code"]), 2, |row, name, deprecated| Package {
        name,
        description: some(row, description),
        numeric: some(row, numeric),
        deprecated,
    })
}

/// What is marked as deleted (`X`) is no entry any more; what is deprecated (`D`) says so.
fn entries<'s, V: Serialize>(
    sheet: &'s Sheet,
    list: List,
    key: Option<usize>,
    length_max: usize,
    value: impl Fn(&'s StringRecord, &'s str, bool) -> V,
) -> Result<Content, Mistake> {
    let (status, name) = (sheet.column(&["Status"]), sheet.needed("Name")?);
    let mut content = Content::of(list);
    for (line, row) in &sheet.rows {
        let (key, name) = (field(row, key), field(row, Some(name)));
        let is_code = (1..=length_max).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code || name.is_empty() {
            content.find(*line, format!("`{key}` is no code with a name: it is left out"));
        } else if field(row, status).eq_ignore_ascii_case("X") {
            content.leave_out("codes that are deleted");
        } else {
            let value = value(row, name, field(row, status).eq_ignore_ascii_case("D"));
            content.say(*line, key, &value);
        }
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deleted_is_no_code_and_what_is_deprecated_says_so() {
        let text = "Status,CommonCode,Name,Description,LevelAndCategory,Symbol,ConversionFactor\n\
            ,KGM,kilogram,\"A unit\",1,kg,kg\nX,05,lift,,3.9,,\nD,DRL,roll,,3.9,,\n,,nothing,,,,\n";
        assert!(are_units(text.lines().next().unwrap()));
        let content = units(text).unwrap();
        let said: Vec<(&str, &str)> =
            content.said.iter().map(|said| (said.key.as_str(), said.value.as_str())).collect();
        let kilogram = r#"{"name":"kilogram","symbol":"kg","conversion":"kg","level":"1"}"#;
        assert_eq!(said, [("KGM", kilogram), ("DRL", r#"{"name":"roll","level":"3.9","deprecated":true}"#)]);
        assert_eq!((content.findings[0].place.line, content.left_out.len()), (5, 1));
    }

    #[test]
    fn packages_have_their_kinds_of_cargo() {
        let text =
            "Status,Code,Name,Description,NumericCode\n,BX,Box,,21 to 25\n¦,OD,\"Pallet, wide\",Of some size.,92\n";
        assert!(are_packages(text.lines().next().unwrap()) && !are_units(text.lines().next().unwrap()));
        let content = packages(text).unwrap();
        assert_eq!(content.said[0].value.as_str(), r#"{"name":"Box","numeric":"21 to 25"}"#);
        assert_eq!(
            content.said[1].value.as_str(),
            r#"{"name":"Pallet, wide","description":"Of some size.","numeric":"92"}"#
        );
    }
}
