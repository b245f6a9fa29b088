//! One walk for both ways: the same lines read an element into a field and write it from there, so that what is read is what
//! is written, and neither knows an element that the other does not.
//!
//! A walk names the elements in the order of the schema. When it reads, the order does not matter, and what it has not named is
//! told with its place and its value: `NOT-KEPT`. Nothing of a declaration is lost without a word.

use portgate_sdk::Severity;
use portgate_sdk::canonical::{Country, Currency, Date, Decimal, DeclaredQuantity, Money, Text, Timestamp};
use portgate_sdk::xml::{Element, ElementWriter, Value as _, number};

use crate::notes::Notes;
use crate::time;

/// The namespace of the elements inside of times.
pub(super) const TYPES_PREFIX: &str = "p";

/// The element at which a walk is.
pub(super) enum Side<'s> {
    /// It is read into the fields.
    Reading(Reading<'s>),
    /// It is written from them.
    Writing(ElementWriter<'s>),
}

/// An element that is being read.
pub(super) struct Reading<'s> {
    element: Element<'s>,
    notes: &'s mut Notes,
    /// The elements inside of it that the walk has named, and whether all of that name are taken.
    named: Vec<(&'static str, bool)>,
}

impl<'s> Reading<'s> {
    fn new(element: Element<'s>, notes: &'s mut Notes) -> Self {
        Reading { element, notes, named: Vec::new() }
    }

    /// Tells what the walk has not named, or not as often.
    fn finish(self) {
        for inner in self.element.elements() {
            let first = || self.element.child(inner.name()) == Some(inner);
            let is_taken = self.named.iter().any(|(name, all)| *name == inner.name() && (*all || first()));
            if !is_taken {
                not_kept(inner, self.notes);
            }
        }
    }
}

impl<'s> Side<'s> {
    /// Begins to read an element.
    pub(super) fn reading(element: Element<'s>, notes: &'s mut Notes) -> Self {
        Side::Reading(Reading::new(element, notes))
    }

    /// Whether fields are filled.
    pub(super) fn is_reading(&self) -> bool {
        matches!(self, Side::Reading(_))
    }

    /// Ends a walk.
    pub(super) fn finish(self) {
        if let Side::Reading(reading) = self {
            reading.finish();
        }
    }

    /// An element that comes once, with what is in it. Whether it is there, when it is read.
    pub(super) fn group(&mut self, name: &'static str, inside: impl FnOnce(&mut Side<'_>)) -> bool {
        match self {
            Side::Reading(reading) => {
                reading.named.push((name, false));
                let Some(element) = reading.element.child(name) else { return false };
                let mut side = Side::reading(element, reading.notes);
                inside(&mut side);
                side.finish();
                true
            }
            Side::Writing(writer) => {
                inside(&mut Side::Writing(writer.group(name)));
                false
            }
        }
    }

    /// An element that comes as often as there is something to say. `each` walks it: it is given what is to be written, or
    /// gives what was read. Where that is not enough to be kept it gives nothing, and the element is told as it is.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        values: &mut Vec<T>,
        mut each: impl FnMut(&mut Side<'_>, Option<&T>) -> Option<T>,
    ) {
        match self {
            Side::Reading(reading) => {
                reading.named.push((name, true));
                for element in reading.element.children(name) {
                    let mut side = Side::reading(element, reading.notes);
                    let value = each(&mut side, None);
                    match value {
                        Some(value) => {
                            side.finish();
                            values.push(value);
                        }
                        None => side.not_kept(),
                    }
                }
            }
            Side::Writing(writer) => {
                for value in values.iter() {
                    each(&mut Side::Writing(writer.group(name)), Some(value));
                }
            }
        }
    }

    /// A text that identifies something or says it in words, and how many characters the schema has room for.
    pub(super) fn text<const MAX: usize>(&mut self, name: &'static str, most: usize, value: &mut Option<Text<MAX>>) {
        match self {
            Side::Reading(reading) => {
                if let Some(read) = reading.leaf(name) {
                    *value = reading.notes.bounded(read);
                }
            }
            Side::Writing(writer) => writer.leaf(name, value.as_deref().map(|text| text.within(1..=most))),
        }
    }

    /// What has a shape of its own.
    pub(super) fn leaf<T: Leaf>(&mut self, name: &'static str, value: &mut Option<T>) {
        match self {
            Side::Reading(reading) => {
                if let Some(read) = reading.leaf(name) {
                    *value = T::read(read, reading.notes);
                }
            }
            Side::Writing(writer) => {
                if let Some(value) = value {
                    value.write(writer.child(name));
                }
            }
        }
    }

    /// A day. An hour that is written with it says nothing more.
    pub(super) fn day(&mut self, name: &'static str, on: &mut Option<Date>) {
        let mut at = None;
        self.time(name, &mut at, on);
        if let Some(at) = at {
            *on = Date::new(at.as_str().chars().take(10).collect::<String>()).ok();
        }
    }

    /// Says of the element itself that nothing of it is kept.
    pub(super) fn not_kept(&mut self) {
        if let Side::Reading(reading) = self {
            not_kept(reading.element, reading.notes);
        }
    }

    /// Says something about the element, when it is read.
    pub(super) fn warn(&mut self, code: &str, detail: impl Into<String>) {
        if let Side::Reading(reading) = self {
            reading.notes.warning(code, reading.element, detail);
        }
    }

    /// A time with its hour, or a day alone.
    pub(super) fn time(&mut self, name: &'static str, at: &mut Option<Timestamp>, on: &mut Option<Date>) {
        match self {
            Side::Reading(reading) => {
                let Some(read) = reading.leaf_or_group(name) else { return };
                *on = time::day(read);
                if on.is_none() {
                    *at = reading.notes.time(read, Severity::Error);
                }
            }
            Side::Writing(writer) => {
                let written = at.as_ref().map(time::written).or_else(|| on.as_ref().map(time::written_day));
                let Some((code, text)) = written else { return };
                let mut outer = writer.child(name);
                outer.child(&format!("{TYPES_PREFIX}:DateTimeString")).with("formatCode", code).text(text);
            }
        }
    }
}

impl<'s> Reading<'s> {
    /// An element that comes once and holds a text, if there is one.
    fn leaf(&mut self, name: &'static str) -> Option<Element<'s>> {
        let element = self.leaf_or_group(name)?;
        element.text().is_some().then_some(element)
    }

    fn leaf_or_group(&mut self, name: &'static str) -> Option<Element<'s>> {
        self.named.push((name, false));
        self.element.child(name)
    }
}

/// Says that an element is not kept, with everything in it. What is empty says nothing.
pub(super) fn not_kept(element: Element<'_>, notes: &mut Notes) {
    let said = crate::words::leaves(element);
    if !said.is_empty() {
        let detail = format!("The declaration has no field for it: {said}");
        notes.warning("NOT-KEPT", element, crate::words::short(&detail));
    }
}

/// A value with a shape of its own.
pub(super) trait Leaf: Sized {
    /// Reads it; where it is none, a finding says so.
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self>;

    /// Writes it.
    fn write(&self, to: ElementWriter<'_>);
}

/// What a text must be and is not.
fn invalid(element: Element<'_>, expected: &str, notes: &mut Notes) {
    notes.error("INVALID", element, format!("`{}`: expected {expected}.", element.name()));
}

impl Leaf for Decimal {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        notes.decimal(element)
    }

    fn write(&self, mut to: ElementWriter<'_>) {
        to.text(number(self));
    }
}

impl Leaf for u32 {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        let read = notes.decimal(element)?;
        let whole = read.to_string();
        let whole = whole.split_once('.').map_or(&*whole, |(whole, rest)| match rest.trim_matches('0') {
            "" => whole,
            _ => "",
        });
        whole.parse().map_err(|_| invalid(element, "a whole number", notes)).ok()
    }

    fn write(&self, mut to: ElementWriter<'_>) {
        to.text(number(self));
    }
}

impl Leaf for Country {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        let read = Country::new(element.text()?.to_ascii_uppercase());
        read.map_err(|error| invalid(element, &error.expected, notes)).ok()
    }

    fn write(&self, mut to: ElementWriter<'_>) {
        to.text(self.as_str());
    }
}

impl Leaf for Currency {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        let read = Currency::new(element.text()?.to_ascii_uppercase());
        read.map_err(|error| invalid(element, &error.expected, notes)).ok()
    }

    fn write(&self, mut to: ElementWriter<'_>) {
        to.text(self.as_str());
    }
}

impl Leaf for Money {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        crate::tax::money(element, notes)
    }

    fn write(&self, to: ElementWriter<'_>) {
        to.with("currencyID", self.currency.as_str()).text(number(self.amount));
    }
}

impl Leaf for DeclaredQuantity {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        let value = notes.decimal(element)?;
        let unit = element.attribute("unitCode").filter(|unit| !unit.trim().is_empty());
        let unit = unit.and_then(|unit| notes.identifier(element, "`unitCode`", unit));
        Some(DeclaredQuantity { value, unit })
    }

    fn write(&self, to: ElementWriter<'_>) {
        to.with("unitCode", self.unit.as_deref()).text(number(self.value));
    }
}

/// A mass, which customs has in kilograms and in nothing else.
pub(super) struct Kilograms(pub(super) Decimal);

impl Leaf for Kilograms {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        match element.attribute("unitCode").map(str::trim) {
            None | Some("" | "KGM") => notes.decimal(element).map(Kilograms),
            Some(_) => {
                invalid(element, "kilograms: leave `unitCode` out, or make it `KGM`", notes);
                None
            }
        }
    }

    fn write(&self, to: ElementWriter<'_>) {
        self.0.write(to);
    }
}

/// Whether something is so, as 1 or 0.
impl Leaf for bool {
    fn read(element: Element<'_>, notes: &mut Notes) -> Option<Self> {
        match element.text()?.trim() {
            "1" => Some(true),
            "0" => Some(false),
            _ => {
                invalid(element, "1 or 0", notes);
                None
            }
        }
    }

    fn write(&self, mut to: ElementWriter<'_>) {
        to.text(if *self { "1" } else { "0" });
    }
}
