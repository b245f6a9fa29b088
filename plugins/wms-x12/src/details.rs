//! What is said of a thing beside its own fields: references, times, measures, codes, words. What has no field anywhere is kept as
//! a note that names its segment and element, so that nothing is lost.

use portgate_sdk::canonical::{Code, Date, Note, Reference, StatedTime, Text, Timestamp};
use portgate_sdk::time::{Day, Time, timestamp, x12 as x12_time};
use portgate_sdk::x12::Segment;
use portgate_sdk::{Decoded, Finding};

use crate::amounts::{self, Weights, decimal, measure};
use crate::codes::{code, scheme};
use crate::sets::text;
use crate::units::{cubic_metres, kilograms};

/// The list of the notes' subjects that name a segment, or an element of one: `SAC`, `W66-09`.
const PLACES: &str = "X12 segment";

/// What is said of a thing.
#[derive(Default)]
pub(crate) struct Details {
    pub(crate) references: Vec<Reference>,
    pub(crate) times: Vec<StatedTime>,
    pub(crate) notes: Vec<Note>,
    pub(crate) classifications: Vec<Code>,
    pub(crate) weights: Weights,
}

impl Details {
    /// Takes a segment that means the same wherever it stands; false where it is another one.
    pub(crate) fn take(&mut self, segment: Segment<'_>, decoded: &mut Decoded) -> bool {
        match segment.tag() {
            "N9" | "REF" => self.reference(segment, decoded),
            "G62" | "DTM" => self.date(segment, decoded),
            "NTE" => self.note(segment, decoded),
            "MEA" => self.measurement(segment, decoded),
            "QTY" => self.counted(segment, decoded),
            _ => return false,
        }
        true
    }

    /// `N9` and `REF`: qualifier, name, words; an `N9` may have a time as well, and both more names in a composite.
    fn reference(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let qualifier = text(segment, 1).unwrap_or_default();
        if let Some(value) = text(segment, 2) {
            self.refer(&scheme(&qualifier), &value, segment.at(2).to_string(), decoded);
        }
        self.say(segment, 3, (&qualifier, "X12 128"), decoded);
        let composite = if segment.tag() == "N9" { 7 } else { 4 };
        match text(segment, 4).filter(|_| composite == 7) {
            Some(date) => {
                let meaning = code(&qualifier, "X12 128", None);
                self.time(meaning, &date, text(segment, 5), text(segment, 6), segment.at(4).to_string(), decoded);
            }
            None if composite == 7 => (5..=6).for_each(|element| self.keep_element(segment, element, decoded)),
            None => {}
        }
        let Some(more) = segment.composite(composite) else { return };
        let parts: Vec<String> = more.components().map(|part| part.trim().to_owned()).collect();
        for pair in parts.chunks(2).filter(|pair| !pair[0].is_empty()) {
            let value = pair.get(1).map_or("", String::as_str);
            self.refer(&scheme(&pair[0]), value, segment.at(composite).to_string(), decoded);
        }
    }

    /// A name of another thing, once.
    pub(crate) fn refer(&mut self, scheme: &str, value: &str, at: String, decoded: &mut Decoded) {
        let scheme = if scheme == "x12:" { "x12" } else { scheme };
        if let Some(reference) = decoded.reference(at, scheme, value)
            && !is_among(&self.references, &reference)
        {
            self.references.push(reference);
        }
    }

    /// The first reference of a scheme.
    pub(crate) fn referred(&self, scheme: &str) -> Option<&str> {
        self.references.iter().find(|reference| &*reference.scheme == scheme).map(|reference| &*reference.value)
    }

    /// `G62` and `DTM`: what for, day, time and zone; a `DTM` may have them in one text with its format instead, or, before
    /// release 004010, the century.
    fn date(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let qualifier = text(segment, 1);
        let at = segment.at(2).to_string();
        if segment.tag() == "G62" {
            let meaning = qualifier.and_then(|qualifier| code(&qualifier, "X12 432", None));
            if let Some(date) = text(segment, 2) {
                self.time(meaning, &date, text(segment, 4), text(segment, 5), at, decoded);
                self.classify(segment, 3, "X12 176");
            } else {
                self.keep(segment, decoded);
            }
            return;
        }
        let meaning = qualifier.and_then(|qualifier| code(&qualifier, "X12 374", None));
        match (text(segment, 2), text(segment, 5), text(segment, 6)) {
            (Some(date), century, None) => {
                let century = century.filter(|century| century.len() == 2 && date.len() == 6);
                let date = format!("{}{date}", century.unwrap_or_default());
                self.time(meaning, &date, text(segment, 3), text(segment, 4), at, decoded);
            }
            (None, Some(format), Some(period)) => match x12_time::by_qualifier(&period, &format) {
                Ok(Time::Point(moment)) => {
                    let date = moment.day.map(plain).unwrap_or_default();
                    let clock = moment
                        .clock
                        .map(|clock| format!("{:02}{:02}{:02}", clock.hour(), clock.minute(), clock.second()));
                    self.time(meaning, &date, clock, None, at, decoded);
                }
                _ => self.keep(segment, decoded),
            },
            _ => self.keep(segment, decoded),
        }
    }

    /// A day, with its time where one is said. What is no day is kept in words.
    pub(crate) fn time(
        &mut self,
        meaning: Option<Code>,
        date: &str,
        clock: Option<String>,
        zone: Option<String>,
        at: String,
        decoded: &mut Decoded,
    ) {
        let Some(meaning) = meaning else { return self.words(date, None, at, decoded) };
        match stated(date, clock.as_deref(), zone.as_deref(), &at, decoded) {
            Ok((day, time)) => self.times.push(StatedTime { at: time, ..StatedTime::new(meaning, day) }),
            Err(error) => {
                let detail = format!("The time cannot be read, and is kept in words: {error}.");
                decoded.finding(Finding::warning("UNREADABLE-TIME", &at, detail));
                let words = [Some(date.to_owned()), clock, zone].into_iter().flatten().collect::<Vec<_>>().join(" ");
                self.words(&words, Some(meaning), at, decoded);
            }
        }
    }

    /// The day that is said for this.
    pub(crate) fn day(&self, meanings: &[&str]) -> Option<&Date> {
        let find = |meaning: &&str| self.times.iter().find(|time| &*time.meaning.code == *meaning);
        meanings.iter().find_map(find).map(|time| &time.day)
    }

    /// `NTE`: what the note is about, and its words.
    fn note(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let subject = text(segment, 1).and_then(|subject| code(&subject, "X12 363", None));
        if let Some(words) = text(segment, 2) {
            self.words(&words, subject, segment.at(2).to_string(), decoded);
        }
    }

    /// `MEA`: what is measured, which measure it is, and how much; or from how much to how much.
    fn measurement(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let (reference, which) = (text(segment, 1), text(segment, 2));
        if let Some(number) = decimal(segment, 3, decoded) {
            let unit_code = segment.component(4, 1).map(|unit| unit.trim().to_ascii_uppercase()).unwrap_or_default();
            let unit = crate::units::from_x12(&unit_code).unwrap_or_default();
            match which.as_deref() {
                Some(weight @ ("G" | "N" | "WT" | "T")) if kilograms(unit).is_some() => {
                    self.weights.weigh(segment, number, Some(weight), "X12 738", 4, decoded);
                }
                Some("VOL" | "VL" | "GV") if cubic_metres(unit).is_some() => {
                    self.weights.volume(segment, 3, 4, decoded);
                }
                which => {
                    let kind = match which {
                        Some("LN") => "length".to_owned(),
                        Some("WD") => "width".to_owned(),
                        Some("HT") => "height".to_owned(),
                        Some(other) => format!("x12:{other}"),
                        None => "measure".to_owned(),
                    };
                    let unit = amounts::unit(segment, 4, decoded).map(|(_, code)| code);
                    let qualifier = reference.and_then(|reference| code(&reference, "X12 737", None));
                    self.weights.measures.extend(measure(&kind, number, unit, qualifier));
                }
            }
        }
        for element in 5..=segment.element_count() {
            self.keep_element(segment, element, decoded);
        }
    }

    /// `QTY`: what is counted, how much, and in which unit.
    fn counted(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let qualifier = text(segment, 1).and_then(|qualifier| code(&qualifier, "X12 673", None));
        if let Some(number) = decimal(segment, 2, decoded) {
            let unit = amounts::unit(segment, 3, decoded).map(|(_, code)| code);
            self.weights.measures.extend(measure("quantity", number, unit, qualifier));
        }
        self.keep_element(segment, 4, decoded);
    }

    /// A code of the thing that has no field of its own.
    pub(crate) fn classify(&mut self, segment: Segment<'_>, element: usize, list: &str) {
        let found = text(segment, element).and_then(|found| code(&found, list, None));
        let known = |found: &Code| self.classifications.contains(found);
        self.classifications.extend(found.filter(|found| !known(found)).into_iter().collect::<Vec<_>>());
    }

    /// The words of an element, with the code of what they are about.
    pub(crate) fn say(&mut self, segment: Segment<'_>, element: usize, subject: (&str, &str), decoded: &mut Decoded) {
        let Some(words) = text(segment, element) else { return };
        self.words(&words, code(subject.0, subject.1, None), segment.at(element).to_string(), decoded);
    }

    /// Words, with what they are about.
    pub(crate) fn words(&mut self, words: &str, subject: Option<Code>, at: String, decoded: &mut Decoded) {
        let Some(text) = decoded.free_text(at, "note", words) else { return };
        let note = Note { subject, ..Note::new(text) };
        if !is_among(&self.notes, &note) {
            self.notes.push(note);
        }
    }

    /// An element that has no field: it is kept as a note.
    pub(crate) fn keep_element(&mut self, segment: Segment<'_>, element: usize, decoded: &mut Decoded) {
        self.say(segment, element, (&format!("{}-{element:02}", segment.tag()), PLACES), decoded);
    }

    /// The elements from this one on that have no field.
    pub(crate) fn keep_from(&mut self, segment: Segment<'_>, element: usize, decoded: &mut Decoded) {
        (element..=segment.element_count()).for_each(|element| self.keep_element(segment, element, decoded));
    }

    /// A whole segment that has no field; once for each tag a finding says so.
    pub(crate) fn keep(&mut self, segment: Segment<'_>, decoded: &mut Decoded) {
        let elements: Vec<_> =
            (1..=segment.element_count()).map(|number| text(segment, number).unwrap_or_default()).collect();
        let words = elements.join("*");
        let words = words.trim_end_matches('*');
        if words.is_empty() {
            return;
        }
        let tag = segment.tag();
        let detail = format!("`{tag}` has no field of its own in the document; it is kept as a note.");
        if !decoded.noticed().iter().any(|known| known.detail == detail) {
            decoded.finding(Finding::info("KEPT-AS-NOTE", segment.location(), detail));
        }
        self.words(words, code(tag, PLACES, None), segment.location(), decoded);
    }
}

/// Whether a list has something already. Of long lists, which no document has room for, that is not looked for.
fn is_among<T: PartialEq>(list: &[T], one: &T) -> bool {
    const LOOKED_AT_MAX: usize = 500;
    list.len() < LOOKED_AT_MAX && list.contains(one)
}

/// A day as documents have it.
pub(crate) fn date(written: &str) -> Option<Date> {
    let moment = x12_time::read(Some(written), None, None).ok()?;
    moment.day.and_then(canonical_day)
}

fn canonical_day(day: Day) -> Option<Date> {
    Date::new(format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())).ok()
}

fn plain(day: Day) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// A day and, where one is said, its time; or why there is none.
fn stated(
    date: &str,
    clock: Option<&str>,
    zone: Option<&str>,
    at: &str,
    decoded: &mut Decoded,
) -> Result<(Date, Option<Timestamp>), String> {
    let moment = x12_time::read(Some(date), clock, zone).map_err(|error| error.detail)?;
    let instant = moment.instant().map_err(|error| error.detail)?;
    let day = moment.day.and_then(canonical_day).ok_or("there is no such day")?;
    if moment.clock.is_none() {
        return Ok((day, None));
    }
    for remark in &instant.remarks {
        decoded.finding(Finding::remark(at, remark));
    }
    Ok((day, Some(timestamp(&instant))))
}

/// The first entries of a list that a document has room for; where there are more, a warning says how many are left out.
pub(crate) fn bounded<T>(mut list: Vec<T>, most: usize, what: &str, at: &str, decoded: &mut Decoded) -> Vec<T> {
    if list.len() > most {
        let detail =
            format!("There are {} {what}, and a document has room for {most}; the rest is left out.", list.len());
        decoded.finding(Finding::warning("TOO-MANY", at, detail));
        list.truncate(most);
    }
    list
}

/// The same for what must not be left out: where there are more, the set is refused.
pub(crate) fn at_most<T>(list: &[T], most: usize, what: &str, at: &str, decoded: &mut Decoded) {
    if list.len() > most {
        let detail = format!("There are {} {what}, and {most} are the most; send it in several sets.", list.len());
        decoded.finding(Finding::error("TOO-MANY", at, detail));
    }
}

/// A text that identifies something, as large as its field.
pub(crate) fn identifier<const MAX: usize>(
    segment: Segment<'_>,
    element: usize,
    what: &str,
    decoded: &mut Decoded,
) -> Option<Text<MAX>> {
    decoded.identifier(segment.at(element), what, &text(segment, element)?)
}
