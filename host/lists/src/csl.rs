//! The Consolidated Screening List: some dozen lists of the US Departments of Commerce, State and the Treasury in one.

use serde::Deserialize;

use crate::content::{Content, Mistake};
use crate::delimited::{Columns, rows, several};
use crate::party::{About, Party, kind};

#[derive(Deserialize)]
struct Whole {
    results: Vec<Listed>,
}

/// One party, as the JSON of the list has it; what is not needed for screening is left where it is.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, rename = "_id")]
    own_id: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    programs: Option<Vec<String>>,
    name: String,
    #[serde(default)]
    alt_names: Option<Vec<String>>,
    #[serde(default)]
    addresses: Option<Vec<Address>>,
    #[serde(default)]
    citizenships: Option<Vec<String>>,
    #[serde(default)]
    nationalities: Option<Vec<String>>,
    #[serde(default)]
    dates_of_birth: Option<Vec<String>>,
    #[serde(default)]
    start_date: Option<String>,
    #[serde(default)]
    end_date: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    country: Option<String>,
}

pub(crate) fn json(bytes: &[u8]) -> Result<Content, Mistake> {
    let broken = |error: serde_json::Error| Mistake {
        place: format!("{}:{}", error.line(), error.column()),
        problem: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    };
    let results = match bytes.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice::<Vec<Listed>>(bytes).map_err(broken)?,
        _ => serde_json::from_slice::<Whole>(bytes).map_err(broken)?.results,
    };
    let party = |listed: Listed| {
        let countries = listed.addresses.into_iter().flatten().filter_map(|address| address.country);
        Party {
            id: listed.id.or(listed.own_id).unwrap_or_default(),
            names: std::iter::once(listed.name).chain(listed.alt_names.into_iter().flatten()).collect(),
            from: listed.start_date.filter(|day| is_day(day)),
            to: listed.end_date.filter(|day| is_day(day)),
            about: About {
                kind: listed.kind.as_deref().and_then(kind),
                list: listed.source,
                programs: listed.programs.unwrap_or_default(),
                countries: countries
                    .chain(listed.citizenships.into_iter().chain(listed.nationalities).flatten())
                    .collect(),
                born: listed.dates_of_birth.unwrap_or_default(),
            },
        }
    };
    Ok(Content { parties: results.into_iter().map(party).collect(), ..Content::default() })
}

/// Whether a first line is the header of the list as CSV.
pub(crate) fn is_csv(header: &str) -> bool {
    header.contains("source_list_url") && header.contains("alt_names")
}

pub(crate) fn csv(text: &str) -> Result<Content, Mistake> {
    let (header, rows) = rows(text, b',', true)?;
    let columns = Columns(&header);
    let mut content = Content::default();
    for row in &rows {
        let of = |name: &str| columns.of(row, name).to_owned();
        // The last part of an address is its country.
        let countries = several(columns.of(row, "addresses"))
            .filter_map(|address| address.rsplit(", ").next().map(str::to_owned).filter(|country| country.len() == 2));
        let more = several(columns.of(row, "citizenships")).chain(several(columns.of(row, "nationalities")));
        content.parties.push(Party {
            id: [of("_id"), of("entity_number")].into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
            names: std::iter::once(of("name")).chain(several(columns.of(row, "alt_names"))).collect(),
            from: Some(of("start_date")).filter(|day| is_day(day)),
            to: Some(of("end_date")).filter(|day| is_day(day)),
            about: About {
                kind: kind(columns.of(row, "type")),
                list: Some(of("source")).filter(|source| !source.is_empty()),
                programs: several(columns.of(row, "programs")).collect(),
                countries: countries.chain(more).collect(),
                born: several(columns.of(row, "dates_of_birth")).collect(),
            },
        });
    }
    Ok(content)
}

/// Whether it is a day, `YYYY-MM-DD`; the list has other notes in these fields too.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}
