//! The EDIFACT reader: every segment has a tag and a place, every message lies within the segments, values never
//! outgrow the input.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portgate_readers::edifact::{Interchange, Limits};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { segments_max: 500, segment_bytes_max: 2000 };
    let interchange = match Interchange::parse(bytes, &limits) {
        Ok(interchange) => interchange,
        Err(error) => {
            assert!(error.line > 0 && error.column > 0 && error.offset <= bytes.len() && !error.detail.contains('\n'));
            return;
        }
    };
    let (mut place, mut broken) = ((0, 0), 0);
    let mut text_bytes = 0;
    for segment in interchange.segments() {
        let is_broken = segment.tag().is_empty();
        assert!((2..=3).contains(&segment.tag().len()) || is_broken);
        broken += usize::from(is_broken);
        assert!((segment.line(), segment.column()) > place, "segments lie one behind another");
        place = (segment.line(), segment.column());
        text_bytes += segment.elements().filter_map(|element| element.text()).map(|text| text.len()).sum::<usize>();
        for number in 0..=segment.element_count() + 1 {
            let _ = (segment.component(number, 1), segment.decimal(number, 2), segment.element(number));
            for repetition in segment.repetitions(number) {
                assert_eq!(
                    repetition.component(1).unwrap_or_default(),
                    repetition.components().next().unwrap_or_default()
                );
            }
        }
    }
    assert!(text_bytes <= bytes.len() * 3, "no set that is read grows beyond three bytes for one");
    let in_messages: usize = interchange.messages().map(|message| message.segments().len()).sum();
    assert!(in_messages <= interchange.segments().len());
    for message in interchange.messages() {
        let broken_inside = message.segments().filter(|segment| segment.tag().is_empty()).count();
        assert!(message.broken().is_some() || broken_inside == 0);
        broken -= broken_inside;
        assert!(message.header().is_none_or(|header| message.segments().next().unwrap().number() == header.number()));
        let _ = (message.kind(), message.version(), message.reference(), message.group(), message.interchange());
    }
    assert_eq!(broken, 0, "what has no tag is part of a message, which says so");
    assert!(interchange.anomalies().iter().all(|anomaly| !anomaly.detail.contains('\n')));
});
