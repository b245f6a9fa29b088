//! One thing that is wrong with a set, and where.

use portgate_readers::edi::{Message, Segment};

use crate::{Codes, ElementMistake, SegmentMistake};

/// One thing that is wrong, in the words of the standard of the acknowledgement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The tag of the segment; CONTRL does not say it.
    pub segment: String,
    /// Which segment of the set it is, from 1, which is `ST` or `UNH`.
    pub position: u32,
    /// The loop it stands in (997 and 999); mostly empty.
    pub loop_id: String,
    /// Which element it is; nothing where the whole segment is meant.
    pub element: Option<ElementPlace>,
    /// What is wrong: a code of 720 or 723 (997), 620 or 621 (999), 0085 (CONTRL), 9321 (APERAK).
    pub code: String,
    /// The value that is wrong, where it is repeated (997 and 999, at most 99 characters), or what is said of it (APERAK).
    pub value: String,
    /// What it is connected with (999).
    pub contexts: Vec<Context>,
}

/// An element of a segment: each number from 1, and 0 where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElementPlace {
    /// Which element, as [`Segment::element`] counts them, whichever standard it is.
    pub element: u32,
    /// Which component of it.
    pub component: u32,
    /// Which repetition of it. CONTRL has either a component or a repetition.
    pub repetition: u32,
    /// Its number in the data element dictionary of X12; mostly empty.
    pub reference: String,
}

/// A `CTX` of 999: the value that the sender knows the place by (`CLM01` is `4417`), or another place because of which
/// a rule holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// What it is: `SITUATIONAL TRIGGER`, or the place of an identifying value, such as `CLM01` (9999).
    pub name: String,
    /// The value that identifies (9998); empty for a trigger.
    pub value: String,
    /// The tag of a segment.
    pub segment: String,
    /// Which segment of the set, from 1.
    pub position: u32,
    /// The loop it stands in.
    pub loop_id: String,
    /// Its element, with a number of the dictionary.
    pub element: Option<ElementPlace>,
}

impl Finding {
    /// A finding in this segment of this message; [`Finding::mistake`] or [`Finding::missing`] says which.
    pub fn in_segment(message: &Message<'_>, segment: &Segment<'_>) -> Self {
        let first = message.segments().next().map_or(1, |first| first.number());
        let position = u32::try_from(segment.number().saturating_sub(first) + 1).unwrap_or(u32::MAX);
        Finding { segment: segment.tag().to_owned(), position, ..Finding::default() }
    }

    /// A segment is wrong as a whole.
    pub fn segment_mistake(self, codes: impl Into<Codes>, mistake: SegmentMistake) -> Self {
        Finding { code: mistake.code(codes.into()).to_owned(), element: None, ..self }
    }

    /// A segment of this tag is missing behind the one of the finding.
    pub fn missing(self, codes: impl Into<Codes>, tag: &str) -> Self {
        let position = self.position.saturating_add(1);
        Finding { segment: tag.to_owned(), position, ..self }.segment_mistake(codes, SegmentMistake::Missing)
    }

    /// An element of the segment is wrong.
    pub fn mistake(self, codes: impl Into<Codes>, mistake: ElementMistake) -> Self {
        Finding { code: mistake.code(codes.into()).to_owned(), ..self }
    }

    /// Where: this element, as [`Segment::element`] counts them.
    pub fn element(self, element: u32) -> Self {
        Finding { element: Some(ElementPlace { element, ..ElementPlace::default() }), ..self }
    }

    /// Where: this component of the element.
    pub fn component(self, component: u32) -> Self {
        let element = Some(ElementPlace { component, ..self.element.unwrap_or_default() });
        Finding { element, ..self }
    }

    /// Where: this repetition of the element.
    pub fn repetition(self, repetition: u32) -> Self {
        let element = Some(ElementPlace { repetition, ..self.element.unwrap_or_default() });
        Finding { element, ..self }
    }

    /// Where: in this loop.
    pub fn in_loop(self, loop_id: impl Into<String>) -> Self {
        Finding { loop_id: loop_id.into(), ..self }
    }

    /// A code that has no name here.
    pub fn code(self, code: impl Into<String>) -> Self {
        Finding { code: code.into(), ..self }
    }

    /// The value that is wrong. It is left out where it cannot be written.
    pub fn value(self, value: impl Into<String>) -> Self {
        Finding { value: value.into(), ..self }
    }

    /// What it is connected with (999). The guide 005010X231A1 wants the value that the sender knows a segment by in a
    /// finding on the whole segment. That finding stands before those on elements, and has the code `8` if the elements
    /// are wrong.
    pub fn context(mut self, context: Context) -> Self {
        self.contexts.push(context);
        self
    }

    /// Whether another one is about the same segment.
    pub(crate) fn shares_segment(&self, other: &Finding) -> bool {
        (&self.segment, self.position, &self.loop_id) == (&other.segment, other.position, &other.loop_id)
    }
}
