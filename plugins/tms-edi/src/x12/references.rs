//! References: `L11` and `N9`, and the schemes of ours that their qualifiers (128) are.

use portgate_sdk::canonical::{Code, Reference, TenderRemark, Text};
use portgate_sdk::x12::Segment;

use crate::notes::Notes;

/// The list of qualifiers, as remarks on a reference name it.
pub(crate) const QUALIFIERS: &str = "X12 128";

/// Most references that a list has room for.
pub(crate) const MOST: usize = 64;

/// The scheme of a qualifier; one that has none of its own is kept as it is, such as `x12:4F`. It is what
/// [`qualifier`](super::status_codes::qualifier) undoes.
pub(crate) fn scheme(qualifier: &str) -> String {
    let known = match qualifier {
        "BM" => "transport-document",
        "BN" => "booking",
        "EQ" => "container",
        "SN" => "seal",
        "PO" => "order",
        "IK" => "invoice",
        "SI" => "shipment",
        _ => return format!("x12:{qualifier}"),
    };
    known.to_owned()
}

/// What a `L11` (value, qualifier, words) or `N9` (qualifier, value, words) says: a reference, and words about it.
pub(crate) fn read(notes: &mut Notes<'_>, segment: Segment<'_>) -> (Option<Reference>, Option<TenderRemark>) {
    let (value_at, qualifier_at) = if segment.tag() == "N9" { (2, 1) } else { (1, 2) };
    let (value, qualifier) = (segment.element(value_at), segment.element(qualifier_at));
    let qualifier = qualifier.as_deref().map(str::trim).filter(|qualifier| !qualifier.is_empty()).unwrap_or("ZZ");
    let reference = value.as_deref().and_then(|value| notes.reference(segment.at(value_at), &scheme(qualifier), value));
    let words = segment.element(3).filter(|words| !words.trim().is_empty()).map(|words| {
        let value = value.as_deref().unwrap_or_default().trim();
        if value.is_empty() { words.into_owned() } else { format!("{value}: {words}") }
    });
    let remark = notes.text(segment.at(3), "description of the reference", words).map(|text| TenderRemark {
        subject: notes.code(segment.at(qualifier_at), QUALIFIERS, Some(qualifier)),
        ..TenderRemark::new(text)
    });
    (reference, remark)
}

/// A remark on something that has no field of its own: the elements of its segment, one by one, and the segment's name.
pub(crate) fn verbatim(notes: &mut Notes<'_>, segment: Segment<'_>) -> Option<TenderRemark> {
    let elements: Vec<String> = segment.elements().map(|one| one.text().unwrap_or_default().into_owned()).collect();
    let words = elements.join("|");
    let text: Option<Text<512>> = notes.text(segment.location(), "segment", Some(words.trim_end_matches('|')));
    Some(TenderRemark {
        subject: notes.code(segment.location(), SEGMENTS, Some(segment.tag())),
        ..TenderRemark::new(text?)
    })
}

/// The list that a remark of a whole segment names as its subject's.
pub(crate) const SEGMENTS: &str = "X12 segment";

/// A remark on something that a code names.
pub(crate) fn remark(subject: Option<Code>, text: Option<Text<512>>) -> Option<TenderRemark> {
    Some(TenderRemark { subject, ..TenderRemark::new(text?) })
}

/// Adds a reference that is not there yet; nothing where there is no room, which the caller's list of its own has.
pub(crate) fn add(list: &mut Vec<Reference>, reference: &Reference) {
    if list.len() < MOST && !list.contains(reference) {
        list.push(reference.clone());
    }
}
