//! What an amendment changes, as customs wants it pointed to: the sections of WCO's data model from the declaration inwards, which of
//! them, and the element's own number. Who amends says the fields, by JSON Pointer; each becomes an `Amendment` with its pointers, and a
//! statement in words that points to that amendment.

use portgate_sdk::canonical::{Amendment, CustomsDeclaration, DeclarationPointer, DeclarationStatement, Text};

use super::IN_WORDS;

/// The section that is the declaration, and the one that is an amendment.
const DECLARATION: &str = "42A";
const AMENDMENT: &str = "06A";

/// Why, as the authority's own examples have it: another value; another weight or number; another document or statement; another place;
/// goods that are not there any more.
const VALUE: &str = "21";
const QUANTITY: &str = "28";
const DOCUMENT: &str = "32";
const PLACE: &str = "16";
const REMOVED: &str = "30";
/// Where no example says why.
const UNSAID: &str = "";

/// Fields with where they stand and why they are amended, those that say more before those that say less. `*` is a place in a list: the
/// first of a field is the first of its pointers. What is below a field stands where that does.
const ELEMENTS: [(&str, &str, &str); 46] = [
    ("invoiceTotal", "42A:109", VALUE),
    ("totalPackages", "42A:146", QUANTITY),
    ("itemCount", "42A:228", QUANTITY),
    ("totalGrossKg", "42A:131", QUANTITY),
    ("borderMeans/*/id", "42A/15A:T006", UNSAID),
    ("borderNationality", "42A/15A:T014", UNSAID),
    ("borderMode", "42A/15A:T022", UNSAID),
    ("dispatchCountry", "42A/67A/95B:062", UNSAID),
    ("destinationCountry", "42A/67A/99B:465", UNSAID),
    ("destinationRegion", "42A/67A/99B:477", UNSAID),
    ("freight", "42A/67A/41A:117", VALUE),
    ("adjustments/*/amount", "42A/67A/41A/58B*:181", VALUE),
    ("adjustments/*", "42A/67A/41A/58B*", VALUE),
    ("incoterm", "42A/67A/22B", UNSAID),
    ("locationOfGoods/code", "42A/67A/28A/64A:L016", PLACE),
    ("locationOfGoods/id", "42A/67A/28A/64A:L017", PLACE),
    ("locationOfGoods", "42A/67A/28A/64A", PLACE),
    ("equipment/*", "42A/67A/28A/31B*:159", UNSAID),
    ("transportEquipment/*", "42A/67A/28A/31B*", UNSAID),
    ("previousDocuments/*", "42A/67A/99A*", DOCUMENT),
    ("items/*/price", "42A/67A/68A*/23A/79A:112", VALUE),
    ("items/*/customsValue", "42A/67A/68A*:108", VALUE),
    ("items/*/statisticalValue", "42A/67A/68A*:114", VALUE),
    ("items/*/grossKg", "42A/67A/68A*/23A/65A:126", QUANTITY),
    ("items/*/netKg", "42A/67A/68A*/23A/65A:128", QUANTITY),
    ("items/*/supplementaryUnits", "42A/67A/68A*/23A/65A:130", QUANTITY),
    ("items/*/description", "42A/67A/68A*/23A:137", UNSAID),
    ("items/*/classification/commodity", "42A/67A/68A*/23A/21A:145", UNSAID),
    ("items/*/classification", "42A/67A/68A*/23A", UNSAID),
    ("items/*/packages/*/count", "42A/67A/68A*/93A*:144", QUANTITY),
    ("items/*/packages/*/marks", "42A/67A/68A*/93A*:142", UNSAID),
    ("items/*/packages/*/type", "42A/67A/68A*/93A*:141", UNSAID),
    ("items/*/packages/*", "42A/67A/68A*/93A*", QUANTITY),
    ("items/*/adjustments/*/amount", "42A/67A/68A*/41A/58B*:181", VALUE),
    ("items/*/adjustments/*", "42A/67A/68A*/41A/58B*", VALUE),
    ("items/*/valuationMethod", "42A/67A/68A*/41A:122", VALUE),
    ("items/*/dispatchCountry", "42A/67A/68A*/95B:062", UNSAID),
    ("items/*/destinationCountry", "42A/67A/68A*/99B:465", UNSAID),
    ("items/*/equipment/*", "42A/67A/68A*/23A/31B*:159", UNSAID),
    ("items/*/documents/*/reference", "42A/67A/68A*/02A*:D005", DOCUMENT),
    ("items/*/documents/*", "42A/67A/68A*/02A*", DOCUMENT),
    ("items/*/additionalInformation/*/code", "42A/67A/68A*/03A*:226", DOCUMENT),
    ("items/*/additionalInformation/*/text", "42A/67A/68A*/03A*:225", DOCUMENT),
    ("items/*/additionalInformation/*", "42A/67A/68A*/03A*", DOCUMENT),
    ("items/*/previousDocuments/*", "42A/67A/68A*/99A*", DOCUMENT),
    ("items/*", "42A/67A/68A*", UNSAID),
];

/// Points to what each amendment of a declaration changes, unless whoever made it has done so. What two fields say in one element is one
/// amendment. `otherwise` is why, where no example says so.
pub(super) fn point(declaration: &mut CustomsDeclaration, otherwise: Option<&str>) {
    if !declaration.amendments.iter().any(|amendment| amendment.field.is_some() && amendment.pointers.is_empty()) {
        return;
    }
    let mut pointed: Vec<Amendment> = Vec::new();
    for mut amendment in std::mem::take(&mut declaration.amendments) {
        let field = amendment.field.as_deref().filter(|_| amendment.pointers.is_empty()).map(str::to_owned);
        if let Some(field) = &field {
            let (pointers, reason) = pointers(field, declaration);
            if pointed.iter().any(|known| known.pointers == pointers) {
                continue;
            }
            let reason = Some(reason).filter(|reason| *reason != UNSAID).or(otherwise);
            amendment.reason = amendment.reason.or_else(|| Text::new(reason?).ok());
            amendment.pointers = pointers;
        }
        pointed.push(amendment);
        if let Some(field) = field {
            let statement = statement(&field, pointed.len());
            declaration.statements.push(statement);
        }
    }
    declaration.amendments = pointed;
}

/// Where a field stands, and why such a field is amended.
fn pointers(field: &str, declaration: &CustomsDeclaration) -> (Vec<DeclarationPointer>, &'static str) {
    let steps: Vec<&str> = field.split('/').skip(1).collect();
    let matching = |pattern: &str| {
        let mut numbers = Vec::new();
        let mut steps = steps.iter();
        for part in pattern.split('/') {
            let step = steps.next()?;
            match part {
                "*" => numbers.push(step.parse::<u32>().ok()?),
                part if part != *step => return None,
                _ => {}
            }
        }
        Some(numbers)
    };
    let found = ELEMENTS.iter().find_map(|(pattern, path, reason)| Some((*path, matching(pattern)?, *reason)));
    let (path, numbers, mut reason) = found.unwrap_or((DECLARATION, Vec::new(), UNSAID));
    if let ["items", item] = steps[..]
        && item.parse().is_ok_and(|item: usize| item >= declaration.items.len())
    {
        reason = REMOVED;
    }
    let (path, tag) = path.split_once(':').map_or((path, None), |(path, tag)| (path, Some(tag)));
    let mut numbers = numbers.into_iter();
    let mut pointers: Vec<DeclarationPointer> = path
        .split('/')
        .map(|section| {
            let (section, number) = match section.strip_suffix('*') {
                Some("68A") => ("68A", numbers.next().map(|place| item_no(declaration, place))),
                Some(section) => (section, numbers.next().map(|place| place + 1)),
                None => (section, Some(1)),
            };
            DeclarationPointer { section: Text::new(section).ok(), sequence: number, tag: None }
        })
        .collect();
    if let Some(last) = pointers.last_mut() {
        last.tag = tag.and_then(|tag| Text::new(tag).ok());
    }
    (pointers, reason)
}

/// The number of the item at a place of the list; of one that is not there any more its place from 1, which is how items are numbered.
fn item_no(declaration: &CustomsDeclaration, place: u32) -> u32 {
    let item = usize::try_from(place).ok().and_then(|place| declaration.items.get(place));
    item.map_or(place.saturating_add(1), |item| item.no)
}

/// What the amendment of this number is, in words that point to it.
fn statement(field: &str, number: usize) -> DeclarationStatement {
    let words: Vec<String> = field.split('/').skip(1).map(counted).collect();
    let step = |section, number| DeclarationPointer { sequence: number, section: Text::new(section).ok(), tag: None };
    DeclarationStatement {
        text: Text::new(format!("Amendment {number}: {}", words.join(" "))).ok(),
        r#type: Text::new(IN_WORDS).ok(),
        pointers: vec![step(DECLARATION, Some(1)), step(AMENDMENT, u32::try_from(number).ok())],
        ..DeclarationStatement::default()
    }
}

/// A step of a field for people, who count from 1.
fn counted(step: &str) -> String {
    step.parse::<u64>().map_or_else(|_| step.to_owned(), |place| place.saturating_add(1).to_string())
}
