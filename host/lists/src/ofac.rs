//! The lists of the US Treasury's Office of Foreign Assets Control: specially designated nationals (SDN) and the consolidated
//! list, as CSV in three files that belong together and as XML.

use portgate_readers::xml::Element;

use crate::content::{Content, Mistake, More};
use crate::delimited::rows;
use crate::party::{About, Party, kind};

/// What stands where nothing is known.
const NOTHING: &str = "-0-";

/// Whether a text looks like one of the three files: a number, and as many columns as one of them has.
pub(crate) fn is_csv(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let numbered = first.split(',').next().is_some_and(|number| number.trim().parse::<u64>().is_ok());
    let columns = rows(first, b',', false).ok().and_then(|(_, rows)| rows.first().map(csv::StringRecord::len));
    numbered && matches!(columns, Some(5 | 6 | 12))
}

pub(crate) fn csv(text: &str) -> Result<Content, Mistake> {
    let (_, rows) = rows(text, b',', false)?;
    let mut content = Content::default();
    for row in &rows {
        let at = |column: usize| row.get(column).map(str::trim).filter(|text| *text != NOTHING).unwrap_or_default();
        let id = at(0).to_owned();
        // The files end with a line of one control character.
        if id.parse::<u64>().is_err() {
            continue;
        }
        match row.len() {
            // Number of the party, of the name, kind of name, name, remarks.
            5 => content.more.push((id, More::Name(at(3).to_owned()))),
            // Number of the party, of the address, street, city, country, remarks.
            6 => content.more.push((id, More::Country(at(4).to_owned()))),
            _ => content.parties.push(primary(id, at)),
        }
    }
    Ok(content)
}

/// Number, name, kind, programmes, title, call sign, type of vessel, tonnage, gross tonnage, flag, owner, remarks.
fn primary<'r>(id: String, at: impl Fn(usize) -> &'r str) -> Party {
    let remarks = at(11);
    Party {
        id,
        names: std::iter::once(at(1).to_owned()).chain(also_known(remarks)).collect(),
        about: About {
            kind: kind(at(2)).or(Some("entity")),
            // Several are written `A] [B] [C`.
            programs: at(3).split(']').map(|program| program.trim_matches([' ', '[']).to_owned()).collect(),
            countries: vec![at(9).to_owned()],
            born: remarks
                .split("; ")
                .filter_map(|part| part.split("DOB ").nth(1))
                .map(|born| born.trim_end_matches('.').to_owned())
                .collect(),
            ..About::default()
        },
        ..Party::default()
    }
}

/// The weak aliases that stand among the remarks: `a.k.a. 'HESA'`.
fn also_known(remarks: &str) -> impl Iterator<Item = String> + '_ {
    remarks.split("; ").filter_map(|part| {
        let (_, name) = part.split_once("a.k.a. '").or_else(|| part.split_once("f.k.a. '"))?;
        Some(name.trim_end_matches(['.', ';']).trim_end_matches('\'').to_owned())
    })
}

pub(crate) fn xml(root: &Element<'_>) -> Content {
    let text =
        |element: &Element<'_>, path: &str| element.text_at(path).map(|text| text.into_owned()).unwrap_or_default();
    let name = |element: &Element<'_>| {
        let (last, first) = (text(element, "lastName"), text(element, "firstName"));
        if first.is_empty() { last } else { format!("{last}, {first}") }
    };
    let all = |element: &Element<'_>, path: &str| -> Vec<String> {
        element.all(path).iter().filter_map(|found| found.text()).map(|found| found.into_owned()).collect()
    };
    let party = |entry: Element<'_>| {
        let countries = [
            "addressList/address/country",
            "nationalityList/nationality/country",
            "citizenshipList/citizenship/country",
        ];
        Party {
            id: text(&entry, "uid"),
            names: std::iter::once(name(&entry)).chain(entry.all("akaList/aka").iter().map(name)).collect(),
            about: About {
                kind: kind(&text(&entry, "sdnType")),
                programs: all(&entry, "programList/program"),
                countries: countries.iter().flat_map(|path| all(&entry, path)).collect(),
                born: all(&entry, "dateOfBirthList/dateOfBirthItem/dateOfBirth"),
                ..About::default()
            },
            ..Party::default()
        }
    };
    let published = text(root, "publshInformation/Publish_Date");
    let date = jiff::civil::Date::strptime("%m/%d/%Y", &published).ok().map(|date| date.to_string());
    Content { parties: root.children("sdnEntry").map(party).collect(), date, more: Vec::new() }
}
