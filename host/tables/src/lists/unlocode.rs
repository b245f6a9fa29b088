//! UN/LOCODE: places of trade and transport, in the columns of the UNECE's own files, with a header or without, whole or in its
//! three parts.

use std::collections::HashMap;

use csv::StringRecord;
use serde::Serialize;

use crate::content::{Content, List, Mistake, Scope};
use crate::sheet::{Sheet, field, some, squeezed};

const LIST: List = List { format: "unlocode", publisher: "UNECE", scope: Scope::Whole, knows_past: true };

/// A place, by its five letters.
#[derive(Serialize)]
struct Place {
    name: String,
    /// Other names that the list has for the same code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<String>,
    country: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subdivision: Option<String>,
    /// The classifiers of the list: 1 port, 2 rail, 3 road, 4 airport, 5 mail, 6 multimodal, 7 fixed transport, 8 inland water.
    functions: Vec<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iata: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coordinates: Option<Coordinates>,
    /// The next edition will not have it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    to_be_removed: bool,
}

/// In degrees, north and east being positive.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Coordinates {
    latitude: String,
    longitude: String,
}

/// The columns, in their order without a header. Status and function have changed places over the years.
struct Columns {
    change: Option<usize>,
    country: usize,
    location: usize,
    name: usize,
    subdivision: Option<usize>,
    status: Option<usize>,
    function: Option<usize>,
    iata: Option<usize>,
    coordinates: Option<usize>,
}

/// Whether a first line is one of the list.
pub(crate) fn is_one(first: &str) -> bool {
    is_header(first) || is_row(first)
}

fn is_header(first: &str) -> bool {
    let first = squeezed(first);
    first.contains("namewodiacritics") && first.contains("coordinates")
}

/// `,"AD",,".ANDORRA",,,,,,,,` is what each country begins with; behind it are its places.
fn is_row(first: &str) -> bool {
    let Ok(sheet) = Sheet::read(first, false) else { return false };
    let fields: Vec<&str> = sheet.rows.iter().flat_map(|(_, row)| row.iter()).collect();
    let [_, country, location, name, _, _, one, other, ..] = fields.as_slice() else { return false };
    let is_place = location.len() == 3 && (one.len() == 8 || other.len() == 8);
    country.len() == 2
        && (11..=13).contains(&fields.len())
        && (is_place || (location.is_empty() && name.starts_with('.')))
}

pub(crate) fn read(text: &str, first: &str) -> Result<Content, Mistake> {
    let sheet = Sheet::read(text, is_header(first))?;
    let columns = Columns::of(&sheet)?;
    let mut content = Content::of(LIST);
    let mut places: Vec<(u64, String, Place)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (line, row) in &sheet.rows {
        let at = |column: usize| field(row, Some(column));
        let (country, location, name) = (at(columns.country), at(columns.location), at(columns.name));
        if location.is_empty() {
            match name.starts_with('.') {
                true => content.leave_out("names of countries"),
                false => content.leave_out("references from one name to another"),
            }
            continue;
        }
        let is_code = |text: &str, letters: usize| {
            text.len() == letters && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        if !is_code(country, 2) || !is_code(location, 3) || name.is_empty() {
            content.find(
                *line,
                format!("`{country}` and `{location}` are no code of a place with a name: it is left out"),
            );
            continue;
        }
        let key = format!("{country}{location}");
        if let Some((_, _, place)) = known.get(&key).and_then(|at| places.get_mut(*at)) {
            if name != place.name && !place.also.iter().any(|also| also == name) {
                place.also.push(name.to_owned());
            }
            continue;
        }
        let place = columns.place(row, *line, &mut content);
        known.insert(key.clone(), places.len());
        places.push((*line, key, place));
    }
    for (line, key, place) in places {
        content.say(line, key, &place);
    }
    Ok(content)
}

impl Columns {
    fn of(sheet: &Sheet) -> Result<Self, Mistake> {
        if sheet.header.is_empty() {
            // Where the function of places stands is where its eight signs are.
            let are_signs = |at: usize| {
                let rows = sheet.rows.iter().map(|(_, row)| field(row, Some(at))).filter(|text| !text.is_empty());
                rows.take(50).all(|text| text.len() == 8)
            };
            let (function, status) = if are_signs(6) { (6, 7) } else { (7, 6) };
            let (change, subdivision, iata, coordinates) = (Some(0), Some(5), Some(9), Some(10));
            let (function, status) = (Some(function), Some(status));
            return Ok(Columns {
                change,
                country: 1,
                location: 2,
                name: 3,
                subdivision,
                status,
                function,
                iata,
                coordinates,
            });
        }
        Ok(Columns {
            change: sheet.column(&["Change", "Ch"]),
            country: sheet.needed("Country")?,
            location: sheet.needed("Location")?,
            name: sheet.needed("Name")?,
            subdivision: sheet.column(&["Subdivision", "SubDiv"]),
            status: sheet.column(&["Status"]),
            function: sheet.column(&["Function"]),
            iata: sheet.column(&["IATA"]),
            coordinates: sheet.column(&["Coordinates"]),
        })
    }

    fn place(&self, row: &StringRecord, line: u64, content: &mut Content) -> Place {
        let text = |column| some(row, column).map(str::to_owned);
        let written = field(row, self.coordinates);
        let coordinates = coordinates(written);
        if coordinates.is_none() && !written.is_empty() {
            content.note(
                line,
                format!("`{written}` are no coordinates in degrees and minutes: the place is taken without"),
            );
        }
        Place {
            name: field(row, Some(self.name)).to_owned(),
            also: Vec::new(),
            country: field(row, Some(self.country)).to_owned(),
            subdivision: text(self.subdivision),
            functions: field(row, self.function).chars().filter(|sign| sign.is_ascii_alphanumeric()).collect(),
            status: text(self.status),
            iata: text(self.iata),
            coordinates,
            to_be_removed: field(row, self.change) == "X",
        }
    }
}

/// `5157N 00119E` in degrees.
fn coordinates(text: &str) -> Option<Coordinates> {
    let (latitude, longitude) = text.split_once(' ')?;
    let latitude = degrees(latitude, 2, 90, ('N', 'S'))?;
    Some(Coordinates { latitude, longitude: degrees(longitude.trim(), 3, 180, ('E', 'W'))? })
}

/// Degrees of so many digits, two digits of minutes and a letter, with four decimal places.
fn degrees(text: &str, digits: usize, most: u32, (plus, minus): (char, char)) -> Option<String> {
    let side = text.chars().next_back().filter(|side| *side == plus || *side == minus)?;
    let number = text.strip_suffix(side)?;
    if number.len() != digits + 2 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (whole, minutes) = number.split_at_checked(digits)?;
    let (whole, minutes): (u32, u32) = (whole.parse().ok()?, minutes.parse().ok()?);
    if minutes > 59 || whole * 60 + minutes > most * 60 {
        return None;
    }
    let sign = if side == minus && whole + minutes > 0 { "-" } else { "" };
    Some(format!("{sign}{whole}.{:04}", (minutes * 10_000 + 30) / 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_degrees_with_a_sign() {
        let of = |text| coordinates(text).map(|at| format!("{} {}", at.latitude, at.longitude));
        assert_eq!(of("5157N 00119E").as_deref(), Some("51.9500 1.3167"));
        assert_eq!(of("3455S 13835E").as_deref(), Some("-34.9167 138.5833"));
        assert_eq!(of("0000N 00000W").as_deref(), Some("0.0000 0.0000"));
        for none in ["", "3378N 15087E", "9001N 00000E", "5157 00119", "5157N00119E", "51½7N 00119E"] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn the_official_files_have_no_header_and_name_countries_and_references_between() {
        let text = ",\"FD\",,\".FREEDONIA\",,,,,,,,\n\
            \"+\",\"FD\",\"HIL\",\"Hillport\",\"Hillport\",\"07\",\"12345---\",\"AF\",\"0601\",,\"4230N 00131E\",\"\"\n\
            \"=\",\"FD\",\"\",\"Hill Port = Hillport\",\"Hill Port = Hillport\",,,,,,,\n\
            \"X\",\"FD\",\"LOW\",\"Lowport\",\"Lowport\",,\"-----6--\",\"RL\",\"0601\",,\"4278N 00131E\",\n\
            ,\"FD\",\"HIL\",\"Colline\",\"Colline\",\"07\",\"12345---\",\"AF\",\"0601\",,,\"\"\n\
            ,\"FD\",\"A-B\",\"Nowhere\",\"Nowhere\",,\"--------\",\"RL\",,,,\n";
        let [country, place] = [text.lines().next().unwrap(), text.lines().nth(1).unwrap()];
        assert!(is_one(country) && is_one(place) && !is_one("a,FD,,name,,,,,,,") && !is_one("hello"));
        let content = read(text, country).unwrap();
        let values: Vec<(&str, &str)> =
            content.said.iter().map(|said| (said.key.as_str(), said.value.as_str())).collect();
        let hillport = r#"{"name":"Hillport","also":["Colline"],"country":"FD","subdivision":"07","functions":["1","2","3","4","5"],"status":"AF","coordinates":{"latitude":"42.5000","longitude":"1.5167"}}"#;
        let lowport = r#"{"name":"Lowport","country":"FD","functions":["6"],"status":"RL","to_be_removed":true}"#;
        assert_eq!(values, [("FDHIL", hillport), ("FDLOW", lowport)]);
        assert_eq!(content.findings.iter().map(|found| found.place.line).collect::<Vec<_>>(), [4, 6]);
        assert_eq!(content.left_out.values().sum::<usize>(), 2);
    }
}
