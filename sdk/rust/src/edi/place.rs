//! The place of a finding in EDI, read back from its location.

/// `segment N TAG (line L), element E, component C`: what stands behind the segment's number may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which segment of the payload, from 1.
    pub(super) segment: usize,
    /// Which element of it; nothing where the whole segment is meant.
    pub(super) element: Option<u32>,
    /// Which component of the element.
    pub(super) component: Option<u32>,
}

impl Place {
    /// The place that a location names; nothing where it is that of another format.
    pub(super) fn of(location: &str) -> Option<Self> {
        let behind = location.strip_prefix("segment ")?;
        let number =
            |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
        let named = |name: &str| behind.split_once(name).and_then(|(_, rest)| number(rest));
        let segment = behind.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        Some(Place { segment, element: named(", element "), component: named(", component ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place = |location| Place::of(location).map(|place| (place.segment, place.element, place.component));
        assert_eq!(place("segment 14 DTM (line 3), element 1, component 2"), Some((14, Some(1), Some(2))));
        assert_eq!(place("segment 14 DTM (line 3), element 1"), Some((14, Some(1), None)));
        assert_eq!(place("segment 14 (line 3, column 7)"), Some((14, None, None)));
        assert_eq!(place("segment 1"), Some((1, None, None)));
        for other in ["", "/lines/2", "3:18 /a", "segment", "segment x", "byte 7"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
