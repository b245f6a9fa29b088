//! The EDI writers and the acknowledgements: what was read is written again and read as the same, by the reader that the
//! interchange was for; what an acknowledgement says is the same after it was written; nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portgate_acknowledgements::{Acknowledgement, Kind, edifact as reports, x12 as verdicts};
use portgate_readers::edi::{Limits, Message, Segment};
use portgate_readers::{edifact, x12};
use portgate_writers::{Missing, Mode, Stamp, edifact as to_edifact, x12 as to_x12};

const LIMITS: Limits = Limits { segments_max: 500, segment_bytes_max: 2000 };
const BYTES_MAX: usize = 1 << 16;

/// A segment as its tag and what its elements say, without what is empty at the end of any part.
fn said(segment: &Segment<'_>) -> (String, Vec<Vec<Vec<String>>>) {
    fn trim<T>(mut list: Vec<T>, is_empty: impl Fn(&T) -> bool) -> Vec<T> {
        while list.last().is_some_and(&is_empty) {
            list.pop();
        }
        list
    }
    let element = |number| {
        let repetitions =
            segment.repetitions(number).map(|one| trim(one.components().map(String::from).collect(), String::is_empty));
        trim(repetitions.collect(), Vec::is_empty)
    };
    (segment.tag().to_owned(), trim((1..=segment.element_count()).map(element).collect(), Vec::is_empty))
}

/// What stands between the header and the trailer.
fn inside<'d>(message: &Message<'d>) -> Vec<Segment<'d>> {
    message.segments().skip(1).filter(|segment| !["UNT", "SE", "UNA", "UNB"].contains(&segment.tag())).collect()
}

fn x12_again(interchange: &x12::Interchange<'_>, made: Stamp) {
    let header = interchange.segments().next().and_then(|isa| to_x12::InterchangeHeader::of(&isa));
    let Some(header) = header else { return };
    let mut writer = to_x12::Writer::with(&header, to_x12::CharacterSet::Utf8, Missing::Refuse, BYTES_MAX);
    let mut group = writer.group(&to_x12::GroupHeader::new("QO", "AA", "BB", 1, "004010"));
    for (index, message) in interchange.messages().enumerate() {
        let mut set = group.set("315", index as u64 + 1);
        inside(&message).iter().for_each(|segment| set.copy(segment));
    }
    if let Ok(written) = writer.finish() {
        let read = x12::Interchange::parse(&written.bytes, &Limits::default()).expect("what is written is read");
        for (before, after) in interchange.messages().zip(read.messages()) {
            let (before, after) = (inside(&before), inside(&after));
            assert_eq!(before.iter().map(said).collect::<Vec<_>>(), after.iter().map(said).collect::<Vec<_>>());
        }
    }
    let header = to_x12::InterchangeHeader::new(("ZZ", "A"), ("ZZ", "B"), made, 1, Mode::Test).version("00501");
    let group = to_x12::GroupHeader::new("FA", "AA", "BB", 1, "005010X231A1");
    for guide in [verdicts::Guide::X997, verdicts::Guide::X999] {
        let _ = verdicts::Answer::of(guide, interchange).write(&header, 1, 1);
    }
    let write = |said: &[Acknowledgement]| Some(verdicts::write(said, &header, &group, 1).ok()?.bytes);
    let read = |bytes: &[u8]| verdicts::read(&x12::Interchange::parse(bytes, &Limits::default()).expect("it is read"));
    // The first writing leaves out what has no place in the standard; from then on it is the same.
    let Some(once) = write(&verdicts::read(interchange).acknowledgements) else { return };
    let Some(twice) = write(&read(&once).acknowledgements) else { return };
    assert_eq!(read(&once).acknowledgements, read(&twice).acknowledgements);
}

fn edifact_again(interchange: &edifact::Interchange<'_>, made: Stamp) {
    let header = interchange.segments().next().and_then(|unb| to_edifact::InterchangeHeader::of(&unb));
    let Some(header) = header else { return };
    let kind = to_edifact::MessageType::un("IFTSTA", "D", "00B");
    let mut writer = to_edifact::Writer::with(&header, Missing::Refuse, BYTES_MAX);
    for (index, message) in interchange.messages().enumerate() {
        let mut copy = writer.message(index as u64 + 1, &kind);
        inside(&message).iter().for_each(|segment| copy.copy(segment));
    }
    if let Ok(written) = writer.finish() {
        let read = edifact::Interchange::parse(&written.bytes, &Limits::default()).expect("what is written is read");
        // Short texts in sets of one byte can be UTF-8 by chance; the reader says where it took them for that.
        if read.anomalies().iter().all(|anomaly| anomaly.code != "edi-encoding") {
            for (before, after) in interchange.messages().zip(read.messages()) {
                let (before, after) = (inside(&before), inside(&after));
                assert_eq!(before.iter().map(said).collect::<Vec<_>>(), after.iter().map(said).collect::<Vec<_>>());
            }
        }
    }
    let header = to_edifact::InterchangeHeader {
        encoding: "7".to_owned(),
        ..to_edifact::InterchangeHeader::new("UNOW", 4, "A", "B", made, 1, Mode::Test)
    };
    let _ = reports::Answer::of(interchange).write(&header, 1);
    let write = |said: &[Acknowledgement]| Some(reports::write(said, &header, 1).ok()?.bytes);
    let read =
        |bytes: &[u8]| reports::read(&edifact::Interchange::parse(bytes, &Limits::default()).expect("it is read"));
    let mut said = reports::read(interchange).acknowledgements;
    said.retain(|one| one.kind == Kind::Contrl);
    let Some(once) = write(&said) else { return };
    let Some(twice) = write(&read(&once).acknowledgements) else { return };
    assert_eq!(read(&once).acknowledgements, read(&twice).acknowledgements);
}

fuzz_target!(|bytes: &[u8]| {
    let made = Stamp::rfc3339("2026-03-01T08:15:00Z").expect("a time");
    if let Ok(interchange) = x12::Interchange::parse(bytes, &LIMITS) {
        x12_again(&interchange, made);
    }
    if let Ok(interchange) = edifact::Interchange::parse(bytes, &LIMITS) {
        edifact_again(&interchange, made);
    }
});
