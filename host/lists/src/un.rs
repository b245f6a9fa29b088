//! The United Nations Security Council's consolidated list.

use portgate_readers::xml::Element;

use crate::content::Content;
use crate::party::{About, Party};

/// What a name is made of, in its order.
const NAME: [&str; 4] = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];

pub(crate) fn read(root: &Element<'_>) -> Content {
    let individuals = root.all("INDIVIDUALS/INDIVIDUAL").into_iter().map(|party| (party, "individual", "INDIVIDUAL"));
    let entities = root.all("ENTITIES/ENTITY").into_iter().map(|party| (party, "entity", "ENTITY"));
    let parties = individuals.chain(entities).map(|(party, kind, prefix)| listed(&party, kind, prefix)).collect();
    let date = root.attribute("dateGenerated").and_then(|time| time.get(..10)).map(str::to_owned);
    Content { parties, date, more: Vec::new() }
}

fn listed(party: &Element<'_>, kind: &'static str, prefix: &str) -> Party {
    let text = |path: &str| party.text_at(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let all = |path: &str| -> Vec<String> {
        party.all(path).iter().filter_map(|found| found.text()).map(|found| found.into_owned()).collect()
    };
    let name = NAME.map(text).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let original = text("NAME_ORIGINAL_SCRIPT");
    let aliases = all(&format!("{prefix}_ALIAS/ALIAS_NAME"));
    let births = format!("{prefix}_DATE_OF_BIRTH");
    Party {
        id: [text("REFERENCE_NUMBER"), text("DATAID")].into_iter().find(|id| !id.is_empty()).unwrap_or_default(),
        names: std::iter::once(name).chain(aliases).chain([original]).collect(),
        from: Some(text("LISTED_ON")).and_then(|day| day.get(..10).map(str::to_owned)),
        to: None,
        about: About {
            kind: Some(kind),
            programs: vec![text("UN_LIST_TYPE")],
            countries: [all("NATIONALITY/VALUE"), all(&format!("{prefix}_ADDRESS/COUNTRY"))].concat(),
            born: [all(&format!("{births}/DATE")), all(&format!("{births}/YEAR"))].concat(),
            ..About::default()
        },
    }
}
