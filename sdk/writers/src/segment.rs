//! One segment, element by element.

use portgate_readers::edi::Segment;

use crate::output::Output;
use crate::{Value, Values};

/// A segment that is being written. Elements come in their order, are counted from 1, and are empty where nothing is put;
/// what is wrong with one of them is told when the writer is finished. The segment ends when the next one begins.
///
/// | in the guide | here |
/// |---|---|
/// | `BGM+335+B-77+9'` | `segment("BGM").elements((335, "B-77", 9))` |
/// | `DTM+137:20260301:102'` | `segment("DTM").composite((137, "20260301", 102))` |
/// | `NAD+CZ+5412345000013::9++ACME'` | `segment("NAD").element("CZ").composite((id, (), 9)).skip(1).element("ACME")` |
/// | `B4***VD*20260301` | `segment("B4").at(3).elements(("VD", "20260301"))` |
/// | `IMD+F++A:B*C:D'` | `segment("IMD").element("F").skip(1).composite(("A", "B")).again(("C", "D"))` |
#[derive(Debug)]
pub struct SegmentWriter<'w> {
    output: &'w mut Output,
}

impl<'w> SegmentWriter<'w> {
    pub(crate) fn begin(output: &'w mut Output, tag: &str) -> Self {
        output.begin(tag);
        SegmentWriter { output }
    }

    pub(crate) fn begin_own(output: &'w mut Output, tag: &str) -> Self {
        output.begin_own(tag);
        SegmentWriter { output }
    }

    /// A segment that was read, with all its elements, repetitions and components.
    pub(crate) fn copy(output: &'w mut Output, segment: &Segment<'_>) -> Self {
        let mut copy = SegmentWriter::begin(output, segment.tag());
        for number in 1..=segment.element_count() {
            for (index, repetition) in segment.repetitions(number).enumerate() {
                copy = if index == 0 { copy.composite(repetition) } else { copy.again(repetition) };
            }
        }
        copy
    }

    /// The next element, a simple one.
    pub fn element(self, value: impl Value) -> Self {
        self.output.element(|take| take(&value));
        self
    }

    /// The next elements, simple ones.
    pub fn elements(self, values: impl Values) -> Self {
        values.each(&mut |value| self.output.element(|take| take(value)));
        self
    }

    /// The next element, a composite one of these components.
    pub fn composite(self, components: impl Values) -> Self {
        self.output.element(|take| components.each(take));
        self
    }

    /// One more repetition of the element before, with these components; of a simple element with the one: `again([code])`.
    /// X12 has repetitions from version 00402 on, EDIFACT from syntax version 4 on; before, this is `edi-repetition`.
    pub fn again(self, components: impl Values) -> Self {
        self.output.repetition(|take| components.each(take));
        self
    }

    /// So many elements are empty.
    pub fn skip(self, elements: usize) -> Self {
        self.output.skip(elements);
        self
    }

    /// The next element is the one of this number, from 1; those before it are empty. A number that lies behind is
    /// `edi-element-order`.
    pub fn at(self, element: usize) -> Self {
        self.output.go_to(element);
        self
    }
}
