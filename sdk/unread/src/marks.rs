//! Which of many numbered places were looked at: a bit for each.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

const BITS: usize = u64::BITS as usize;

/// A bit for each of so many places. Handles that borrow a reader set them, so they change behind a shared reference.
#[derive(Debug)]
pub struct Marks {
    words: Box<[AtomicU64]>,
}

impl Marks {
    /// None of `places` was looked at yet.
    pub fn new(places: usize) -> Self {
        Marks { words: (0..places.div_ceil(BITS)).map(|_| AtomicU64::new(0)).collect() }
    }

    /// A place was looked at. One beyond the last is none.
    pub fn mark(&self, place: usize) {
        if let Some(word) = self.words.get(place / BITS) {
            word.fetch_or(1 << (place % BITS), Ordering::Relaxed);
        }
    }

    /// All of these places were looked at.
    pub fn mark_all(&self, places: Range<usize>) {
        for (word, bits) in words(places) {
            if let Some(word) = self.words.get(word) {
                word.fetch_or(bits, Ordering::Relaxed);
            }
        }
    }

    /// Whether a place was looked at.
    pub fn has(&self, place: usize) -> bool {
        self.words.get(place / BITS).is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (place % BITS)) != 0)
    }

    /// Whether one of these places was looked at.
    pub fn has_any(&self, places: Range<usize>) -> bool {
        words(places)
            .any(|(word, bits)| self.words.get(word).is_some_and(|word| word.load(Ordering::Relaxed) & bits != 0))
    }
}

/// The words that a range of places lies in, each with the bits of those.
fn words(places: Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    let Range { start, end } = places;
    let words = if start < end { start / BITS..end.div_ceil(BITS) } else { 0..0 };
    words.map(move |word| {
        let from = start.saturating_sub(word * BITS);
        let behind = ((word + 1) * BITS).saturating_sub(end);
        (word, (u64::MAX << from) & (u64::MAX >> behind))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_marked_one_by_one_and_in_ranges() {
        for range in [0..0, 0..1, 5..64, 63..65, 64..128, 1..200, 130..131, 0..200] {
            let marks = Marks::new(200);
            marks.mark_all(range.clone());
            for place in 0..220 {
                assert_eq!(marks.has(place), range.contains(&place), "{range:?} at {place}");
                assert_eq!(marks.has_any(place..place + 1), range.contains(&place), "{range:?} at {place}");
            }
            assert_eq!(marks.has_any(0..200), !range.is_empty(), "{range:?}");
            assert!(!marks.has_any(7..7) && !marks.has_any(500..600));
        }
        let marks = Marks::new(70);
        marks.mark(69);
        marks.mark(7_000);
        assert!(marks.has(69) && !marks.has(68) && !marks.has(7_000));
    }
}
