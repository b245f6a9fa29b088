//! Handles to what has been cut: a segment, an element with its components. Both are small and can be copied about.
//!
//! Elements and components are counted from 1, as the standards and every implementation guide do: `B4-07` is
//! `element(7)` and the second component of `DTM`'s only element is `component(1, 2)`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::table::{Entry, Separators, Table};
use super::text::{Pieces, plain};

/// One segment.
#[derive(Clone, Copy)]
pub struct Segment<'d> {
    table: &'d Table<'d>,
    index: usize,
    entry: &'d Entry,
}

impl<'d> Segment<'d> {
    pub(crate) fn new(table: &'d Table<'_>, index: usize) -> Self {
        Segment { table, index, entry: &table.entries[index] }
    }

    /// The tag: `RFF`, `B4`.
    pub fn tag(&self) -> &'d str {
        self.entry.tag()
    }

    /// Which segment of the input it is, from 1; `UNA` does not count.
    pub fn number(&self) -> usize {
        self.index + 1
    }

    /// The line it begins on, from 1.
    pub fn line(&self) -> u32 {
        self.entry.line
    }

    /// The column in characters it begins at, from 1.
    pub fn column(&self) -> u32 {
        self.entry.column
    }

    /// The place as findings write it: `segment 14 RFF (line 3)`.
    pub fn location(&self) -> String {
        location(self.number(), self.entry)
    }

    /// The place of an element as findings write it, put into words when it is shown.
    pub fn at(&self, element: usize) -> At<'d> {
        At { segment: *self, element, component: None }
    }

    /// Nobody need look at the rest of it; see [`Message::pass_over`](super::Message::pass_over).
    pub fn pass_over(&self) {
        self.table.pass_over(self.entry);
    }

    /// The separators in force here.
    pub fn separators(&self) -> &'d Separators {
        &self.table.separators[usize::from(self.entry.separators)]
    }

    /// How many elements it has behind the tag, the empty ones included.
    pub fn element_count(&self) -> usize {
        self.entry.element_count as usize
    }

    /// All elements, the empty ones included.
    pub fn elements(&self) -> impl Iterator<Item = Composite<'d>> + use<'d> {
        let segment = *self;
        (1..=self.element_count()).filter_map(move |number| segment.whole(number))
    }

    /// An element as one text, its component separators kept; nothing when it is missing or empty.
    pub fn element(&self, number: usize) -> Option<Cow<'d, str>> {
        self.whole(number).and_then(|element| element.text())
    }

    /// A component of an element (of its first repetition); nothing when it is missing or empty.
    pub fn component(&self, element: usize, component: usize) -> Option<Cow<'d, str>> {
        self.composite(element)?.component(component)
    }

    /// A component that is a number, with a point as its decimal mark whatever mark the partner uses.
    pub fn decimal(&self, element: usize, component: usize) -> Option<Cow<'d, str>> {
        self.composite(element)?.decimal(component)
    }

    /// An element (its first repetition) with its components; nothing when it is missing.
    pub fn composite(&self, number: usize) -> Option<Composite<'d>> {
        self.repetitions(number).next()
    }

    /// Every repetition of an element; nothing when the element is missing.
    pub fn repetitions(&self, number: usize) -> impl Iterator<Item = Composite<'d>> + use<'d> {
        let separators = self.separators();
        let whole = self.whole(number);
        whole.into_iter().flat_map(move |whole| {
            Pieces::new(whole.text, separators.repetition, separators).map(move |text| Composite { text, ..whole })
        })
    }

    fn whole(&self, number: usize) -> Option<Composite<'d>> {
        let text = self.table.element(self.entry, number)?;
        Some(Composite { table: self.table, text, separators: self.separators() })
    }
}

/// The place of an element, or of one of its components: `segment 14 DTM (line 3), element 1, component 2`.
#[derive(Clone, Copy, Debug)]
pub struct At<'d> {
    segment: Segment<'d>,
    element: usize,
    component: Option<usize>,
}

impl At<'_> {
    /// The place of this component of the element.
    #[must_use]
    pub fn component(self, component: usize) -> Self {
        At { component: Some(component), ..self }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, element {}", self.segment.location(), self.element)?;
        self.component.map_or(Ok(()), |component| write!(f, ", component {component}"))
    }
}

/// The segment as its location and tag, for logs; not its values, which may be personal data.
impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.location())
    }
}

/// The place of a segment as findings write it.
pub(crate) fn location(number: usize, entry: &Entry) -> String {
    format!("segment {number} {} (line {})", entry.tag(), entry.line)
}

/// One element: a value, or several components.
#[derive(Clone, Copy)]
pub struct Composite<'d> {
    table: &'d Table<'d>,
    text: &'d str,
    separators: &'d Separators,
}

impl<'d> Composite<'d> {
    /// All of it as one text, its component separators kept; nothing when it is empty.
    pub fn text(&self) -> Option<Cow<'d, str>> {
        self.plain(self.text)
    }

    /// One component, from 1; nothing when it is missing or empty.
    pub fn component(&self, number: usize) -> Option<Cow<'d, str>> {
        self.plain(self.pieces().nth(number.checked_sub(1)?)?)
    }

    /// All components, the empty ones as empty text.
    pub fn components(&self) -> impl Iterator<Item = Cow<'d, str>> + use<'d> {
        let element = *self;
        self.pieces().map(move |text| element.plain(text).unwrap_or_default())
    }

    /// A component that is a number, with a point as its decimal mark. A text with both marks, or with one of them
    /// twice, is returned as it is: it is no number, and whoever parses it will say so.
    pub fn decimal(&self, number: usize) -> Option<Cow<'d, str>> {
        let text = self.component(number)?;
        let mark = char::from(self.separators.decimal);
        let is_mark = |c: char| c == mark || c == ',' || c == '.';
        match text.matches(is_mark).count() {
            1 if !text.contains('.') => Some(Cow::Owned(text.replace(is_mark, "."))),
            _ => Some(text),
        }
    }

    fn pieces(&self) -> Pieces<'d> {
        Pieces::new(self.text, self.separators.component, self.separators)
    }

    fn plain(&self, text: &'d str) -> Option<Cow<'d, str>> {
        if text.is_empty() {
            return None;
        }
        self.table.looked_at(text);
        Some(plain(text, self.separators)).filter(|text| !text.is_empty())
    }
}

/// The text of the element, for logs in tests.
impl fmt::Debug for Composite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.components()).finish()
    }
}

/// Segments in the order of the input.
#[derive(Clone)]
pub struct Segments<'d> {
    table: &'d Table<'d>,
    range: Range<usize>,
}

impl<'d> Segments<'d> {
    pub(crate) fn new(table: &'d Table<'_>, range: Range<usize>) -> Self {
        Segments { table, range }
    }

    /// The first segment with this tag among those that are left.
    pub fn first(&self, tag: &str) -> Option<Segment<'d>> {
        self.clone().find(|segment| segment.tag() == tag)
    }
}

impl<'d> Iterator for Segments<'d> {
    type Item = Segment<'d>;

    fn next(&mut self) -> Option<Segment<'d>> {
        self.range.next().map(|index| Segment::new(self.table, index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl DoubleEndedIterator for Segments<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.range.next_back().map(|index| Segment::new(self.table, index))
    }
}

impl ExactSizeIterator for Segments<'_> {}
