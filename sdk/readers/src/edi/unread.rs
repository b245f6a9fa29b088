//! The parts of an interchange that nobody has looked at, by tag, element and component.

use std::collections::BTreeSet;

use portgate_unread::{Marks, note};

use super::envelope::Envelope;
use super::segment::Segment;
use super::table::{Entry, Table};
use super::text::Pieces;

/// A tag, or one of its elements and components, counted from 1; a number is 0 where all of it is meant.
type Place = ([u8; 3], usize, usize);

/// Notes every component that says something and was not looked at. What envelopes are for the reader has read itself: the
/// trailers, which it holds against the headers, and the elements that say how to read.
pub(super) fn note_unread(table: &Table<'_>, envelope: &Envelope, marks: &Marks) {
    let mut noted = BTreeSet::new();
    for (index, entry) in table.entries.iter().enumerate() {
        if envelope.is_trailer(entry.tag()) {
            continue;
        }
        let segment = Segment::new(table, index);
        let is_whole = !marks.has_any(table.elements_of(entry));
        for (number, component) in unread(segment, entry, table, envelope, marks) {
            let place: Place = match (is_whole, component) {
                (true, _) => (entry.tag, 0, 0),
                (false, Some(component)) => (entry.tag, number, component),
                (false, None) => (entry.tag, number, 0),
            };
            if noted.insert(place) && !note(&path(entry.tag(), place)) {
                return;
            }
            if is_whole {
                break;
            }
        }
    }
}

/// The components of a segment that say something and were not looked at. `None` stands for the only component of an
/// element, where it need not be told from others.
fn unread<'t>(
    segment: Segment<'t>,
    entry: &'t Entry,
    table: &'t Table<'_>,
    envelope: &'t Envelope,
    marks: &'t Marks,
) -> impl Iterator<Item = (usize, Option<usize>)> {
    let (separators, tag) = (segment.separators(), segment.tag());
    let numbers = (1..=segment.element_count()).filter(move |number| !envelope.reads.contains(&(tag, *number)));
    let elements = numbers.filter_map(move |number| Some((number, table.element(entry, number)?)));
    elements.flat_map(move |(number, element)| {
        let repetitions = Pieces::new(element, separators.repetition, separators);
        let pieces = repetitions
            .flat_map(move |repetition| Pieces::new(repetition, separators.component, separators).enumerate());
        let only =
            !envelope.names_components && Pieces::new(element, separators.component, separators).nth(1).is_none();
        let unread = pieces.filter(move |(_, piece)| !piece.trim().is_empty() && !marks.has_any(table.range_of(piece)));
        unread.map(move |(index, _)| (number, (!only).then_some(index + 1)))
    })
}

fn path(tag: &str, (_, number, component): Place) -> String {
    match (number, component) {
        (0, _) => tag.to_owned(),
        (_, 0) => format!("{tag}/{number}"),
        _ => format!("{tag}/{number}/{component}"),
    }
}
