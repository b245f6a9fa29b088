//! The European Union's consolidated list of persons, groups and entities under financial sanctions, XML 1.1.

use portgate_readers::xml::Element;

use crate::content::Content;
use crate::party::{About, Party, kind};

pub(crate) fn read(root: &Element<'_>) -> Content {
    let attribute = |element: &Element<'_>, name: &str| element.attribute(name).unwrap_or_default().to_owned();
    let party = |entity: Element<'_>| {
        let all = |element: &str, name: &str| -> Vec<String> {
            entity.children(element).map(|found| attribute(&found, name)).collect()
        };
        let id = ["euReferenceNumber", "logicalId"].into_iter().map(|name| attribute(&entity, name));
        Party {
            id: id.into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
            names: entity.children("nameAlias").map(|alias| whole_name(&alias)).collect(),
            about: About {
                kind: entity.child("subjectType").and_then(|subject| kind(&attribute(&subject, "code"))),
                programs: all("regulation", "programme"),
                countries: [all("citizenship", "countryIso2Code"), all("address", "countryIso2Code")].concat(),
                born: entity
                    .children("birthdate")
                    .map(|born| [attribute(&born, "birthdate"), attribute(&born, "year")])
                    .filter_map(|ways| ways.into_iter().find(|way| !way.is_empty()))
                    .collect(),
                ..About::default()
            },
            ..Party::default()
        }
    };
    let date = root.attribute("generationDate").and_then(|time| time.get(..10)).map(str::to_owned);
    Content { parties: root.children("sanctionEntity").map(party).collect(), date, more: Vec::new() }
}

/// The whole name, or what it is made of.
fn whole_name(alias: &Element<'_>) -> String {
    let whole = alias.attribute("wholeName").unwrap_or_default().trim();
    if !whole.is_empty() {
        return whole.to_owned();
    }
    let parts = ["firstName", "middleName", "lastName"].into_iter().filter_map(|name| alias.attribute(name));
    parts.collect::<Vec<_>>().join(" ")
}
