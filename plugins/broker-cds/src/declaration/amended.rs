//! What an amendment changes, as customs wants it pointed to: the sections of WCO's data model from the declaration inwards, which of
//! them, and the element's own number. Who amends says the fields, by JSON Pointer; each becomes an `Amendment` with its pointers, and a
//! statement in words that points to that amendment.

use portgate_sdk::canonical::{Amendment, CustomsDeclaration, DeclarationPointer, DeclarationStatement, Text};

use super::IN_WORDS;
use super::elements::{AMENDMENT, DECLARATION, ELEMENTS, REMOVED, UNSAID};

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
