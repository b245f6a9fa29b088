//! What is written is read as what it was: for every separator set, syntax version and character set, whatever the
//! generators think of.

use portgate_readers::edi::{Limits, Segment, Separators};
use portgate_readers::{edifact as read_edifact, x12 as read_x12};
use portgate_writers::{ControlNumber, Missing, Mode, Stamp, Value, edifact, number, x12};
use proptest::prelude::*;
use proptest::sample::select;

/// Elements of repetitions of components.
type Elements = Vec<Vec<Vec<String>>>;
/// A segment: its tag and its elements.
type Model = (String, Elements);

fn made() -> Stamp {
    Stamp::rfc3339("2026-03-01T08:15:30Z").unwrap()
}

/// Segments whose values are made of these characters.
fn segments(tags: &'static str, characters: Vec<char>, repeats: bool) -> impl Strategy<Value = Vec<Model>> {
    let value = prop::collection::vec(select(characters), 0..9).prop_map(|some| some.into_iter().collect::<String>());
    let composite = prop::collection::vec(value, 1..4);
    let element = prop::collection::vec(composite, 1..if repeats { 4 } else { 2 });
    let own = ["ISA", "GS", "ST", "SE", "GE", "IEA", "TA1", "UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"];
    let tag = tags.prop_filter("an envelope's", move |tag| !own.contains(&tag.as_str()));
    prop::collection::vec((tag, prop::collection::vec(element, 1..6)), 1..8)
}

/// The segment without what is empty at its ends.
fn trimmed(elements: &Elements) -> Elements {
    fn trim<T: Clone>(list: &[T], is_empty: impl Fn(&T) -> bool) -> Vec<T> {
        let end = list.iter().rposition(|one| !is_empty(one)).map_or(0, |last| last + 1);
        list[..end].to_vec()
    }
    let composites = |composite: &Vec<String>| trim(composite, String::is_empty);
    let element = |element: &Vec<Vec<String>>| {
        trim(&element.iter().map(composites).collect::<Vec<_>>(), |composite| composite.is_empty())
    };
    trim(&elements.iter().map(element).collect::<Vec<_>>(), |element| element.is_empty())
}

fn read_back(segment: &Segment<'_>) -> Model {
    let element =
        |number| segment.repetitions(number).map(|one| one.components().map(String::from).collect()).collect();
    let elements: Elements = (1..=segment.element_count()).map(element).collect();
    (segment.tag().to_owned(), trimmed(&elements))
}

fn write(mut segment: portgate_writers::SegmentWriter<'_>, elements: &Elements) {
    for element in elements {
        for (index, components) in element.iter().enumerate() {
            segment = if index == 0 { segment.composite(components) } else { segment.again(components) };
        }
    }
}

/// Separators in any order, and whether there is a release character.
fn separators(releases: bool) -> impl Strategy<Value = Separators> {
    let all: Vec<u8> = b"+:?'*=~!#|^<>;\x1C\x1D\x1E\x1F\x07".to_vec();
    let terminators = prop::option::weighted(0.1, select(b"\n\r".to_vec()));
    (Just(all).prop_shuffle(), terminators, select(b".,".to_vec())).prop_map(move |(some, line_end, decimal)| {
        Separators {
            element: some[0],
            component: Some(some[1]),
            repetition: Some(some[2]),
            release: releases.then_some(some[3]),
            terminator: line_end.unwrap_or(some[4]),
            decimal: if releases { decimal } else { b'.' },
        }
    })
}

/// Character sets with some of their characters.
const SETS: [(&str, u8, &str, &str); 15] = [
    ("UNOA", 1, "", "AZ09 .,-()/=!\"%&*;<>'+:?"),
    ("UNOA", 4, "", "AZ09_ '+:?*"),
    ("UNOB", 2, "", "azAZ09 '+:?*"),
    ("UNOB", 3, "", "azAZ09 '+:?*=;<"),
    ("UNOC", 3, "", "azAZ09 '+:?*=~!#|éüß¿"),
    ("UNOC", 4, "", "azAZ09 '+:?*=~!#|éüß¿"),
    ("UNOD", 3, "", "azAZ09 '+:?*ŁąčžŘ"),
    ("UNOE", 3, "", "azAZ09 '+:?*ЖщЯ№"),
    ("UNOF", 4, "", "azAZ09 '+:?*ΩλΆ"),
    ("UNOK", 4, "", "azAZ09 '+:?*ğİş"),
    ("UNOL", 4, "", "azAZ09 '+:?*€œ"),
    ("UNOW", 4, "7", "azAZ09 '+:?*é€Ж港😀"),
    ("UNOX", 4, "", "azAZ09 '+:?*港東カ"),
    ("UNOY", 4, "", "azAZ09 '+:?*é€Ж港😀"),
    ("UNOY", 4, "7", "azAZ09 '+:?*é€Ж港😀"),
];

fn edifact_case() -> impl Strategy<Value = (edifact::InterchangeHeader, Vec<Vec<Model>>)> {
    let set = select(SETS.to_vec());
    (set, separators(true), any::<[bool; 3]>(), 1..4_usize).prop_flat_map(
        |((syntax, version, encoding, characters), separators, [is_test, usual, asks], count)| {
            let mode = if is_test { Mode::Test } else { Mode::Production };
            let separators = if usual { edifact::SEPARATORS } else { separators };
            let number = ControlNumber::from("REF7");
            let header = edifact::InterchangeHeader {
                encoding: encoding.to_owned(),
                una_only_if_needed: usual && asks,
                acknowledge: asks,
                ..edifact::InterchangeHeader::new(syntax, version, ("SENDER", "14"), "RECEIVER", made(), number, mode)
                    .separators(separators)
            };
            let messages = segments("[A-Z][A-Z0-9]{2}", characters.chars().collect(), version == 4);
            (Just(header), prop::collection::vec(messages, count))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edifact_is_read_as_what_was_written((header, messages) in edifact_case()) {
        let kind = edifact::MessageType::un("IFTSTA", "D", "00B");
        let mut writer = edifact::Writer::new(&header);
        for (index, model) in messages.iter().enumerate() {
            let mut message = writer.message(index as u64 + 1, &kind);
            model.iter().for_each(|(tag, elements)| write(message.segment(tag), elements));
        }
        let written = writer.finish().map_err(|error| TestCaseError::fail(format!("{error}: {header:?}")))?;
        let bytes = &written.bytes;
        let read = read_edifact::Interchange::parse(bytes, &Limits::default());
        let read = read.map_err(|error| TestCaseError::fail(format!("{error}: {bytes:02X?}")))?;
        // Short texts in sets of one byte can be UTF-8 by chance; the reader says where it took them for that.
        prop_assume!(read.anomalies().iter().all(|anomaly| anomaly.code != "edi-encoding"));
        prop_assert!(read.anomalies().is_empty(), "{:?} {:?}", read.anomalies(), String::from_utf8_lossy(bytes));
        prop_assert_eq!(read.messages().len(), messages.len());
        for (message, model) in read.messages().zip(&messages) {
            prop_assert_eq!(edifact::MessageType::of(&message), Some(kind.clone()));
            let inside: Vec<Segment> = message.segments().collect();
            let body: Vec<Model> = inside[1..inside.len() - 1].iter().map(read_back).collect();
            let expected: Vec<Model> = model.iter().map(|(tag, elements)| (tag.clone(), trimmed(elements))).collect();
            prop_assert_eq!(body, expected, "{:?}", String::from_utf8_lossy(bytes));
        }
        let unb = read.messages().next().and_then(|message| message.interchange()).expect("there is UNB");
        let again = edifact::InterchangeHeader::of(&unb).expect("UNB is read");
        // What is read shows whether there is repetition, but not whether there was a UNA.
        let repetition = header.separators.repetition.filter(|_| header.version == 4);
        let decimal = unb.separators().decimal;
        let separators = Separators { repetition, decimal, ..header.separators };
        let header = edifact::InterchangeHeader {
            made: again.made,
            separators,
            una_only_if_needed: false,
            ..header
        };
        prop_assert_eq!(&again, &header);

        // What a reader gives can be written again, to the same bytes but for UNA.
        let mut copy = edifact::Writer::new(&again);
        for message in read.messages() {
            let segments: Vec<Segment> = message.segments().collect();
            let mut copied = copy.message(&*message.reference().unwrap(), &edifact::MessageType::of(&message).unwrap());
            segments[1..segments.len() - 1].iter().for_each(|segment| copied.copy(segment));
        }
        let copied = copy.finish().map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(copied.bytes.ends_with(bytes), "{:?}", String::from_utf8_lossy(&copied.bytes));
    }

    #[test]
    fn x12_is_read_as_what_was_written(
        separators in separators(false),
        version in select(vec!["00200", "00401", "00402", "00501", "00803"]),
        characters in select(vec![x12::CharacterSet::Basic, x12::CharacterSet::Extended, x12::CharacterSet::Languages, x12::CharacterSet::Utf8]),
        (is_test, asks) in any::<(bool, bool)>(),
        groups in prop::collection::vec(prop::collection::vec(segments("[A-Z][A-Z0-9]{1,2}", "AZ09 .,-()/".chars().collect(), true), 1..3), 1..3),
    ) {
        let repeats = version >= "00402";
        let mode = if is_test { Mode::Test } else { Mode::Production };
        let header = x12::InterchangeHeader {
            acknowledge: asks,
            ..x12::InterchangeHeader::new(("ZZ", "A"), ("02", "B 7"), made(), 7, mode).version(version).separators(separators)
        };
        let mut writer = x12::Writer::with(&header, characters, Missing::Refuse, 1 << 20);
        let mut expected = Vec::new();
        for (index, sets) in groups.iter().enumerate() {
            let mut group = writer.group(&x12::GroupHeader::new("QO", "AA", "BB", index as u64 + 1, "004010"));
            for (index, model) in sets.iter().enumerate() {
                let mut set = group.set("315", index as u64 + 1);
                let mut body = Vec::new();
                for (tag, elements) in model {
                    let mut elements = elements.clone();
                    if !repeats {
                        elements.iter_mut().for_each(|element| element.truncate(1));
                    }
                    // A segment must say something.
                    elements.push(vec![vec!["Z".to_owned()]]);
                    write(set.segment(tag), &elements);
                    body.push((tag.clone(), trimmed(&elements)));
                }
                expected.push(body);
            }
        }
        let written = writer.finish().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let text = String::from_utf8_lossy(&written.bytes).into_owned();
        let read = read_x12::Interchange::parse(&written.bytes, &Limits::default());
        let read = read.map_err(|error| TestCaseError::fail(format!("{error}: {text:?}")))?;
        prop_assert!(read.anomalies().is_empty(), "{:?} {:?}", read.anomalies(), text);
        let bodies: Vec<Vec<Model>> = read
            .messages()
            .map(|set| {
                let segments: Vec<Segment> = set.segments().collect();
                segments[1..segments.len() - 1].iter().map(read_back).collect()
            })
            .collect();
        prop_assert_eq!(bodies, expected, "{:?}", text);
        let isa = read.segments().next().unwrap();
        let again = x12::InterchangeHeader::of(&isa).expect("ISA is read");
        prop_assert_eq!(again.separators.repetition, separators.repetition.filter(|_| repeats));
        prop_assert_eq!((again.control_number.as_str(), again.mode, again.acknowledge), ("000000007", mode, asks));
        prop_assert_eq!((&again.sender, &again.receiver), (&header.sender, &header.receiver));
    }

    #[test]
    fn nothing_that_is_written_panics(
        values in prop::collection::vec(".{0,12}", 0..8),
        tags in prop::collection::vec(".{0,4}", 1..4),
        numbers in prop::collection::vec(any::<u64>(), 3),
        bytes in any::<[u8; 6]>(),
        version in any::<u8>(),
        replace in prop::option::of(any::<char>()),
        bytes_max in 0..600_usize,
        at in any::<usize>(),
    ) {
        let [element, component, repetition, release, terminator, decimal] = bytes;
        let separators = Separators { element, component: Some(component), repetition: Some(repetition), release: Some(release), terminator, decimal };
        let missing = replace.map_or(Missing::Refuse, Missing::Replace);
        let text = values.first().map_or("", String::as_str);
        let header = x12::InterchangeHeader::new((text, text), ("ZZ", text), made(), numbers[0], Mode::Test).separators(separators).version(text);
        let mut writer = x12::Writer::with(&header, x12::CharacterSet::Basic, missing, bytes_max);
        for number in &numbers {
            let mut group = writer.group(&x12::GroupHeader::new(text, text, text, *number, text));
            for tag in &tags {
                let mut set = group.set(tag, *number);
                set.segment(tag).elements(&values).composite(&values).again(&values).at(at).element(&*values.concat()).skip(at).element(1);
            }
        }
        if let Ok(written) = writer.finish() {
            prop_assert!(written.bytes.len() <= bytes_max);
        }
        let header = edifact::InterchangeHeader::new(text, version, text, (text, text), made(), text, Mode::Test).separators(separators);
        let mut writer = edifact::Writer::with(&header, missing, bytes_max);
        for tag in &tags {
            let mut message = writer.message(numbers[0], &edifact::MessageType::un(text, text, text));
            message.segment(tag).elements(&values).composite(&values).again(&values).at(at).element(number(text)).skip(at).element(text.within(0..=2));
        }
        if let Ok(written) = writer.finish() {
            prop_assert!(written.bytes.len() <= bytes_max);
        }
    }
}

#[test]
fn the_letters_of_x12_are_written_as_its_partners_agreed() {
    let header = x12::InterchangeHeader::new(("ZZ", "A"), ("ZZ", "B"), made(), 7, Mode::Production);
    for (characters, name) in [
        (x12::CharacterSet::Basic, "JOSE & CO."),
        (x12::CharacterSet::Extended, "Jose #1 {a}"),
        (x12::CharacterSet::Languages, "José Niñoà"),
        (x12::CharacterSet::Utf8, "José 港 Ж"),
    ] {
        let mut writer = x12::Writer::with(&header, characters, Missing::Refuse, 1 << 20);
        let mut group = writer.group(&x12::GroupHeader::new("QO", "AA", "BB", 7, "004010"));
        group.set("315", 1).segment("N1").elements(("SH", name));
        let written = writer.finish().unwrap();
        let read = read_x12::Interchange::parse(&written.bytes, &Limits::default()).unwrap();
        let set = read.messages().next().unwrap();
        assert_eq!(set.first("N1").unwrap().element(2).as_deref(), Some(name), "{characters:?}");
    }
}
