//! Nomenclatures of goods: the Harmonised System, as the `harmonized-system` data set and as UN Comtrade's JSON, and the Combined
//! Nomenclature of the European Union as CSV.

use serde::{Deserialize, Serialize};

use crate::content::{Content, List, Mistake, Scope};
use crate::json;
use crate::sheet::{Sheet, field, some};

const HS: List = List { format: "hs", publisher: "WCO", scope: Scope::Whole, knows_past: true };
const CN: List = List { format: "cn", publisher: "European Commission", scope: Scope::Whole, knows_past: true };

/// A chapter, heading, subheading or code of the nomenclature, by its digits; a section, by its Roman number.
#[derive(Default, Serialize)]
struct Goods<'r> {
    description: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplementary_unit: Option<&'r str>,
}

pub(crate) fn is_hs(first: &str) -> bool {
    first.contains("hscode") || first.trim() == "section,name"
}

/// A part of the nomenclature, or its sections.
pub(crate) fn hs(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let mut content = Content::of(HS);
    let section = sheet.column(&["section"]);
    let Some(code) = sheet.column(&["hscode"]) else {
        let name = sheet.needed("name")?;
        for (line, row) in &sheet.rows {
            let goods = Goods { description: field(row, Some(name)), ..Goods::default() };
            content.say(*line, field(row, section), &goods);
        }
        return Ok(content);
    };
    let [description, parent] = [sheet.column(&["description"]), sheet.column(&["parent"])];
    for (line, row) in &sheet.rows {
        let written = field(row, Some(code));
        if written == "TOTAL" {
            content.leave_out("the total of all goods");
            continue;
        }
        let Some(key) = digits(written, 6) else {
            content.find(*line, format!("`{written}` is no code of the Harmonised System: it is left out"));
            continue;
        };
        let parent = some(row, parent).and_then(|parent| digits(parent, 6));
        let goods =
            Goods { description: field(row, description), section: some(row, section), parent, ..Goods::default() };
        content.say(*line, key, &goods);
    }
    Ok(content)
}

/// `classificationHS.json` and its like.
#[derive(Deserialize)]
struct Comtrade<'j> {
    #[serde(borrow)]
    results: Vec<&'j serde_json::value::RawValue>,
}

#[derive(Deserialize)]
struct Classified {
    id: String,
    text: String,
    #[serde(default)]
    parent: Option<String>,
}

pub(crate) fn hs_of_json(text: &str) -> Result<Content, Mistake> {
    let whole: Comtrade<'_> = serde_json::from_str(text).map_err(json::broken)?;
    let mut content = Content::of(HS);
    for (line, item) in json::lines(text, &whole.results) {
        let Ok(Classified { id, text, parent }) = serde_json::from_str(item.get()) else {
            content.find(line, "this is no entry of a classification: it is left out");
            continue;
        };
        let Some(key) = digits(&id, 6) else {
            match id.as_str() {
                "TOTAL" | "ALL" | "AG2" | "AG4" | "AG6" => content.leave_out("groups of all goods"),
                _ => content.find(line, format!("`{id}` is no code of the Harmonised System: it is left out")),
            }
            continue;
        };
        // The text repeats the code: `010121 - Horses; …`.
        let description = text.strip_prefix(&format!("{id} - ")).unwrap_or(&text);
        let parent = parent.and_then(|parent| digits(&parent, 6));
        content.say(line, key, &Goods { description, parent, ..Goods::default() });
    }
    Ok(content)
}

/// What columns of the Combined Nomenclature are called, over the years and by whom.
const CODE: [&str; 5] = ["CN_CODE", "CN code", "CNCODE", "Code", "CN"];
const DESCRIPTION: [&str; 6] =
    ["NAME_EN", "Self-explanatory texts in English", "Description_EN", "Description EN", "Description", "EN"];
const UNIT: [&str; 6] = ["SUPPL_UNIT", "Supplementary unit", "Suppl. unit", "Supplementary units", "SU", "Unit"];

/// The first column of the nomenclature is the order of its lines, whatever it is called.
pub(crate) fn is_cn(first: &str) -> bool {
    let plain = first.replace('"', "").to_ascii_lowercase();
    let columns: Vec<&str> = plain.split([',', ';', '\t']).map(str::trim).collect();
    let has = |names: &[&str]| names.iter().any(|name| columns.contains(&name.to_ascii_lowercase().as_str()));
    let is_numbered = columns.iter().any(|column| ["cnkey", "order", "cn_code", "cn code"].contains(column));
    is_numbered && has(&CODE) && has(&DESCRIPTION)
}

pub(crate) fn cn(text: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, true)?;
    let [code, description, unit] = [&CODE[..], &DESCRIPTION, &UNIT].map(|names| sheet.column(names));
    let mut content = Content::of(CN);
    for (line, row) in &sheet.rows {
        let written = field(row, code);
        let Some(key) = digits(written, 8) else {
            match written.bytes().any(|byte| byte.is_ascii_digit()) {
                true => {
                    content.find(*line, format!("`{written}` is no code of the Combined Nomenclature: it is left out"))
                }
                false => content.leave_out("sections, and lines between codes"),
            }
            continue;
        };
        let description = field(row, description).trim_start_matches(['-', '–', ' ']);
        let supplementary_unit = some(row, unit).filter(|unit| *unit != "-");
        content.say(*line, key, &Goods { description, supplementary_unit, ..Goods::default() });
    }
    Ok(content)
}

/// The digits of a code that is written with blanks or dots: two, four and so on up to so many.
fn digits(written: &str, most: usize) -> Option<String> {
    let digits: String = written.chars().filter(|sign| !matches!(sign, ' ' | '.' | '\u{a0}')).collect();
    let is_code = digits.len().is_multiple_of(2) && (2..=most).contains(&digits.len());
    (is_code && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(content: &Content) -> Vec<(&str, &str)> {
        content.said.iter().map(|said| (said.key.as_str(), said.value.as_str())).collect()
    }

    #[test]
    fn codes_are_their_digits() {
        let text = "section,hscode,description,parent,level\nI,0101,\"Horses, live\",01,4\nI,0101.21,Pure-bred,0101,6\nTOTAL,TOTAL,All,TOTAL,5\nI,01012,x,,5\n";
        let content = hs(text).unwrap();
        let horses = r#"{"description":"Horses, live","section":"I","parent":"01"}"#;
        let bred = r#"{"description":"Pure-bred","section":"I","parent":"0101"}"#;
        assert_eq!(said(&content), [("0101", horses), ("010121", bred)]);
        assert_eq!(content.findings[0].place.line, 5);
        assert_eq!(said(&hs("section,name\nIV,Food\n").unwrap()), [("IV", r#"{"description":"Food"}"#)]);
    }

    #[test]
    fn the_classification_of_comtrade_repeats_its_codes() {
        let text = "{\"results\": [\n{\"id\": \"TOTAL\", \"text\": \"All\"},\n{\"id\": \"0901\", \"text\": \"0901 - Coffee\", \"parent\": \"09\"},\n{\"id\": 7}\n]}";
        let content = hs_of_json(text).unwrap();
        assert_eq!(said(&content), [("0901", r#"{"description":"Coffee","parent":"09"}"#)]);
        assert_eq!(content.findings[0].place.line, 4);
    }

    #[test]
    fn the_combined_nomenclature_has_a_key_beside_its_codes() {
        let text = "\"Order\";\"Level\";\"Code\";\"Code\";\"Description\";\"Supplementary unit\"\n\
            1;1;010011000090;;SECTION I;\n2;4;010121000080;0101 21 00;- - Pure-bred;p/st\n3;3;010130000080;0101 30 00;- Asses;-\n";
        assert!(is_cn(text.lines().next().unwrap()) && !is_cn("code,name"));
        let content = cn(text).unwrap();
        let bred = r#"{"description":"Pure-bred","supplementary_unit":"p/st"}"#;
        assert_eq!(said(&content), [("01012100", bred), ("01013000", r#"{"description":"Asses"}"#)]);
        let named = "CNKEY,LEVEL,CN_CODE,NAME_EN,NAME_DE\n010121000080,4,0101 21 00,Pure-bred,Reinrassig\n";
        assert_eq!(said(&cn(named).unwrap()), [("01012100", r#"{"description":"Pure-bred"}"#)]);
    }
}
