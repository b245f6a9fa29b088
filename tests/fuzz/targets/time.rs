//! Times of EDI: a code, a blank and a text. What is read has the shape of RFC 3339, what is refused says why in one line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portgate_readers::time::{Moment, Time, TimeError, edifact, x12};

fn look(moment: Result<Moment, TimeError>) {
    let instant = match moment.and_then(|moment| {
        let _ = moment.to_string();
        moment.instant()
    }) {
        Ok(instant) => instant,
        Err(error) => return assert!(!error.detail.is_empty() && !error.detail.contains('\n'), "{error}"),
    };
    let bytes = instant.value.as_bytes();
    assert!((19..=35).contains(&bytes.len()) && bytes.is_ascii(), "{}", instant.value);
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    assert!(marks.iter().all(|(at, mark)| bytes[*at] == *mark), "{}", instant.value);
    assert!(instant.zone.is_none_or(|zone| (1..=16).contains(&zone.len())));
    assert!(instant.remarks.iter().all(|remark| !remark.detail.contains('\n')));
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = std::str::from_utf8(bytes) else { return };
    let (code, text) = input.split_once(' ').unwrap_or((input, input));
    for read in [edifact::read(text, code), x12::by_qualifier(text, code)] {
        match read {
            Ok(Time::Point(moment)) => look(Ok(moment)),
            Ok(Time::Period(from, to)) => [from, to].map(|moment| look(Ok(moment))).into_iter().collect(),
            Err(error) => look(Err(error)),
        }
    }
    let (date, clock) = text.split_at_checked(8).unwrap_or((text, text));
    look(x12::read(Some(date), Some(clock), Some(code)));
    look(x12::read(Some(text), None, Some(code)));
});
