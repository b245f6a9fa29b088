//! The code lists of the UNECE's recommendations as CSV: units of measure (20) and packages (21).

use std::collections::BTreeMap;

use csv::StringRecord;
use serde::Serialize;

use crate::content::{Content, List, Mistake, Scope};
use crate::sheet::{Sheet, field, some, squeezed};

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

pub(crate) fn units(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let [symbol, conversion, level] = [&["Symbol"][..], &["ConversionFactor"], &["LevelAndCategory", "Level/Category"]]
        .map(|names| sheet.column(names));
    entries(&sheet, UNITS, sheet.column(&["CommonCode"]), 3, |row, name, deprecated| Unit {
        name,
        symbol: some(row, symbol),
        conversion: some(row, conversion),
        level: some(row, level),
        deprecated,
    })
}

pub(crate) fn packages(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let [description, numeric] = [&["Description"][..], &["NumericCode", "Numeric"]].map(|names| sheet.column(names));
    entries(&sheet, PACKAGES, sheet.column(&["Code"]), 2, |row, name, deprecated| Package {
        name,
        description: some(row, description),
        numeric: some(row, numeric),
        deprecated,
    })
}

/// What is marked as deleted (`X`) is no entry any more; what is deprecated (`D`) says so. A code that is there for several
/// quantities is the same unit each time.
fn entries<'s, V: Serialize>(
    sheet: &'s Sheet,
    list: List,
    key: Option<usize>,
    length_max: usize,
    value: impl Fn(&'s StringRecord, &'s str, bool) -> V,
) -> Result<Content, Mistake> {
    let (status, name) = (sheet.column(&["Status"]), sheet.needed("Name")?);
    let mut content = Content::of(list);
    let mut codes: BTreeMap<&str, (u64, bool, V)> = BTreeMap::new();
    for (line, row) in &sheet.rows {
        let (key, name) = (field(row, key), field(row, Some(name)));
        let is_marked = |mark: &str| field(row, status).eq_ignore_ascii_case(mark);
        let is_code = (1..=length_max).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code || name.is_empty() {
            content.find(*line, format!("`{key}` is no code with a name: it is left out"));
        } else if is_marked("X") {
            content.leave_out("codes that are deleted");
        } else if codes.get(key).is_none_or(|(_, deprecated, _)| *deprecated && !is_marked("D")) {
            codes.insert(key, (*line, is_marked("D"), value(row, name, is_marked("D"))));
        } else {
            content.leave_out("codes that are there already");
        }
    }
    for (key, (line, _, value)) in &codes {
        content.say(*line, *key, value);
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
        assert_eq!(said, [("DRL", r#"{"name":"roll","level":"3.9","deprecated":true}"#), ("KGM", kilogram)]);
        assert_eq!((content.findings[0].place.line, content.left_out.len()), (5, 1));
    }

    #[test]
    fn a_unit_of_several_quantities_is_one_and_what_is_not_deprecated_counts() {
        let text = "Group Number,Quantity,Level/ Category,Status,Common Code,Name,Conversion Factor,Symbol,Description\n\
            01,angle,2,D,A91,grade,= gon,,\n01,angle,2,,A91,gon,\"1,570 rad\",gon,\n02,other,2,,A91,gon,\"1,57 rad\",gon,\n";
        assert!(are_units(text.lines().next().unwrap()));
        let content = units(text).unwrap();
        let gon = r#"{"name":"gon","symbol":"gon","conversion":"1,570 rad","level":"2"}"#;
        assert_eq!(content.said.iter().map(|said| said.value.as_str()).collect::<Vec<_>>(), [gon]);
        assert_eq!(content.left_out.values().sum::<usize>(), 1);
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
