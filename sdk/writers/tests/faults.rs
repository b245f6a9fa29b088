//! What cannot be written is told with its place, all of it at once, and nothing is changed in silence.

use portgate_readers::edi::Separators;
use portgate_writers::{Missing, Mode, SegmentWriter, Stamp, Value, WriteError, Written, edifact, number, x12};

fn made() -> Stamp {
    Stamp::rfc3339("2026-03-01T08:15:00Z").unwrap()
}

fn x12_of(write: impl FnOnce(&mut x12::SetWriter<'_>)) -> Result<Written, WriteError> {
    x12_with(x12::CharacterSet::Extended, Missing::Refuse, write)
}

fn x12_with(
    characters: x12::CharacterSet,
    missing: Missing,
    write: impl FnOnce(&mut x12::SetWriter<'_>),
) -> Result<Written, WriteError> {
    let header = x12::InterchangeHeader::new(("ZZ", "A"), ("ZZ", "B"), made(), 7, Mode::Production);
    let mut writer = x12::Writer::with(&header, characters, missing, 1 << 20);
    write(&mut writer.group(&x12::GroupHeader::new("QO", "AA", "BB", 7, "004010")).set("315", 1));
    writer.finish()
}

fn edifact_of(
    syntax: &str,
    version: u8,
    write: impl FnOnce(&mut edifact::MessageWriter<'_>),
) -> Result<Written, WriteError> {
    let header = edifact::InterchangeHeader::new(syntax, version, "A", "B", made(), 7, Mode::Production);
    let mut writer = edifact::Writer::new(&header);
    write(&mut writer.message(1, &edifact::MessageType::un("IFTSTA", "D", "00B")));
    writer.finish()
}

/// The segment ends with the next one; nothing more is put into it.
fn done(_: SegmentWriter<'_>) {}

/// Its faults as code and place.
#[track_caller]
fn faults(result: Result<Written, WriteError>) -> Vec<(&'static str, String)> {
    let error = result.expect_err("there is something wrong");
    assert!(error.faults.iter().all(|fault| !fault.detail.is_empty() && !fault.detail.contains('\n')), "{error}");
    error.faults.into_iter().map(|fault| (fault.code, fault.location)).collect()
}

#[test]
fn a_separator_in_a_value_of_x12_is_an_error_that_names_it() {
    let result = x12_of(|set| {
        set.segment("N9").elements(("CN", "A*B")).composite(("x", "y:z"));
        set.segment("V1").element("tilde~");
    });
    let text = result.as_ref().unwrap_err().to_string();
    assert!(text.contains("edi-separator-in-value at segment 4 N9, element 2: * is a separator here"), "{text}");
    let place = |text: &str| ("edi-separator-in-value", text.to_owned());
    assert_eq!(
        faults(result),
        [
            place("segment 4 N9, element 2"),
            place("segment 4 N9, element 3, component 2"),
            place("segment 5 V1, element 1")
        ]
    );
}

#[test]
fn a_caret_is_a_character_until_it_repeats() {
    assert!(x12_of(|set| done(set.segment("N9").element("A^B"))).is_ok());
    let header = x12::InterchangeHeader::new(("ZZ", "A"), ("ZZ", "B"), made(), 7, Mode::Production).version("00402");
    let mut writer = x12::Writer::new(&header);
    writer.group(&x12::GroupHeader::new("QO", "AA", "BB", 7, "004020")).set("315", 1).segment("N9").element("A^B");
    assert_eq!(faults(writer.finish())[0].0, "edi-separator-in-value");
}

#[test]
fn a_character_that_the_set_lacks_is_an_error_or_is_replaced_and_told() {
    assert_eq!(
        faults(edifact_of("UNOA", 3, |message| done(
            message.segment("FTX").element("AAI").at(4).composite(("GATE", "ü"))
        ))),
        [("edi-character", "segment 3 FTX, element 4, component 2".to_owned())]
    );
    let written = x12_with(x12::CharacterSet::Basic, Missing::Replace('.'), |set| {
        set.segment("N1").elements(("SH", "Käse & Co\n#1"));
    });
    let written = written.unwrap();
    assert!(String::from_utf8_lossy(&written.bytes).contains("~N1*SH*K.SE & CO..1~"), "{written:?}");
    let told: Vec<&str> = written.anomalies.iter().map(|anomaly| anomaly.detail.as_str()).collect();
    assert_eq!(told.len(), 6, "ä s e o, the line end and #: {told:?}");
    assert!(written.anomalies.iter().all(|anomaly| anomaly.location == "segment 4 N1, element 2"));
    assert!(told[0].starts_with("ä is no character of X12's basic character set; . was written instead"), "{told:?}");
    // The character that replaces others must be one that can be written as it is.
    for wrong in ['*', 'é', '\n'] {
        let result =
            x12_with(x12::CharacterSet::Basic, Missing::Replace(wrong), |set| done(set.segment("N1").element("A")));
        assert_eq!(faults(result), [("edi-character", String::new())], "{wrong:?}");
    }
}

#[test]
fn lengths_are_checked_where_the_author_says_so() {
    let result = x12_of(|set| {
        set.segment("B4").element("COSCO".within(2..=4)).element("".within(1..=3)).element("".within(0..=3));
        set.segment("L3")
            .element(number("-12345.6").within(1..=5))
            .element(None::<&str>.map(|text| text.within(9..=9)));
    });
    assert_eq!(
        faults(result),
        ["segment 4 B4, element 1", "segment 4 B4, element 2", "segment 5 L3, element 1"]
            .map(|place| ("edi-length", place.to_owned()))
    );
    assert!(x12_of(|set| done(set.segment("L3").element(number("-123.45").within(1..=5)))).is_ok());
}

#[test]
fn numbers_get_the_mark_of_the_interchange_and_nothing_else_is_a_number() {
    let header = edifact::InterchangeHeader::new("UNOC", 3, "A", "B", made(), 7, Mode::Production);
    let header = header.separators(Separators { decimal: b',', ..edifact::SEPARATORS });
    let mut writer = edifact::Writer::new(&header);
    let mut message = writer.message(1, &edifact::MessageType::un("IFTSTA", "D", "00B"));
    message.segment("MEA").elements(("WT", "G")).composite(("KGM", number("-12.50")));
    let written = writer.finish().unwrap();
    assert!(String::from_utf8_lossy(&written.bytes).starts_with("UNA:+,? 'UNB"));
    assert!(String::from_utf8_lossy(&written.bytes).contains("'MEA+WT+G+KGM:-12,50'"));
    for wrong in ["1e5", "1.2.3", ".5", "5.", "+5", "--5", "1,5", "NaN"] {
        assert_eq!(faults(x12_of(|set| done(set.segment("L3").element(number(wrong)))))[0].0, "edi-number", "{wrong}");
    }
}

#[test]
fn what_is_empty_at_an_end_leaves_no_trace() {
    let written = edifact_of("UNOC", 4, |message| {
        message.segment("NAD").element("CZ").composite(("A", (), "")).again([""]).skip(3).element(());
        message.segment("PCI").at(2).composite((1, (), 3)).again(["x"]).again([""]).again(["y", ""]);
        message.segment("UNS");
    });
    let text = String::from_utf8(written.unwrap().bytes).unwrap();
    assert!(text.contains("'NAD+CZ+A'PCI++1::3*x**y'UNS'UNT+5+1'"), "{text}");
    assert_eq!(faults(x12_of(|set| done(set.segment("N9").element(()))))[0].0, "edi-segment-empty");
}

#[test]
fn repetition_begins_with_its_version() {
    let repeat = |message: &mut edifact::MessageWriter<'_>| done(message.segment("PCI").element("A*").again(["B"]));
    let text = String::from_utf8(edifact_of("UNOC", 4, repeat).unwrap().bytes).unwrap();
    assert!(text.starts_with("UNA:+.?*'UNB+UNOC:4+A+B+20260301:0815+7'") && text.contains("PCI+A?**B'"), "{text}");
    assert_eq!(
        faults(edifact_of("UNOC", 3, repeat)),
        [("edi-repetition", "segment 3 PCI, element 1, component 1".into())]
    );
    let text = edifact_of("UNOC", 3, |message| done(message.segment("PCI").element("A*"))).unwrap().bytes;
    assert!(String::from_utf8(text).unwrap().contains("UNB+UNOC:3+A+B+260301:0815+7'UNH+1+IFTSTA:D:00B:UN'PCI+A*'"));
}

#[test]
fn envelopes_are_the_writers_and_their_elements_are_held_to_the_standard() {
    assert_eq!(faults(x12_of(|set| done(set.segment("SE").element(1)))), [("edi-segment-tag", "segment 4 SE".into())]);
    assert_eq!(faults(edifact_of("UNOC", 3, |message| done(message.segment("AB").element(1))))[0].0, "edi-segment-tag");
    let header = x12::InterchangeHeader::new(("ZZ", "SIXTEEN-LETTERS-"), ("ZZ", ""), made(), 1_234_567_890, Mode::Test);
    let mut writer = x12::Writer::new(&header);
    let mut group = writer.group(&x12::GroupHeader::new("Q", "AA", "BB", 7, "004010"));
    group.set("315", 1).segment("B4").element(1);
    group.set("315", 1).segment("B4").element(1);
    let codes: Vec<&str> = faults(writer.finish()).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        ["edi-envelope", "edi-envelope", "edi-envelope", "edi-control-number", "edi-envelope", "edi-control-number"]
    );
    assert_eq!(faults(edifact_of("UNOZ", 3, |message| done(message.segment("BGM").element(1))))[0].0, "edi-syntax");
    assert_eq!(faults(edifact_of("UNOC", 5, |message| done(message.segment("BGM").element(1))))[0].0, "edi-syntax");
}

#[test]
fn an_interchange_has_something_in_it_and_no_more_than_was_allowed() {
    let header = x12::InterchangeHeader::new(("ZZ", "A"), ("ZZ", "B"), made(), 7, Mode::Test);
    assert_eq!(faults(x12::Writer::new(&header).finish()), [("edi-empty", String::new())]);
    let mut writer = x12::Writer::new(&header);
    writer.group(&x12::GroupHeader::new("QO", "AA", "BB", 7, "004010"));
    assert_eq!(faults(writer.finish())[0].0, "edi-empty");
    let mut writer = x12::Writer::with(&header, x12::CharacterSet::Extended, Missing::Refuse, 1000);
    let mut group = writer.group(&x12::GroupHeader::new("QO", "AA", "BB", 7, "004010"));
    let mut set = group.set("315", 1);
    (0..100_000).for_each(|_| done(set.segment("N9").element("ABCDEFGHIJ")));
    let faults: Vec<&str> = faults(writer.finish()).into_iter().map(|(code, _)| code).collect();
    assert_eq!(faults[0], "edi-too-long");
    let long = "A".repeat(70_000);
    assert_eq!(self::faults(x12_of(|set| done(set.segment("N9").element(&*long))))[0].0, "edi-segment-too-long");
    assert_eq!(self::faults(x12_of(|set| done(set.segment("N9").at(20_000).element(1))))[0].0, "edi-element-order");
}

#[test]
fn una_is_left_out_only_where_its_separators_hold() {
    let header = edifact::InterchangeHeader::new("UNOC", 3, "A", "B", made(), 7, Mode::Test);
    let write = |header: &edifact::InterchangeHeader| {
        let mut writer = edifact::Writer::new(header).lines();
        writer.message("M1", &edifact::MessageType::un("CONTRL", "2", "2")).segment("UCI").element(1);
        String::from_utf8(writer.finish().unwrap().bytes).unwrap()
    };
    let bare = edifact::InterchangeHeader { una_only_if_needed: true, ..header.clone() };
    assert_eq!(
        write(&bare),
        "UNB+UNOC:3+A+B+260301:0815+7++++++1'\nUNH+M1+CONTRL:2:2:UN'\nUCI+1'\nUNT+3+M1'\nUNZ+1+7'\n"
    );
    let other = edifact::InterchangeHeader { syntax: "UNOB".into(), ..bare };
    assert!(write(&other).starts_with("UNA:+.? 'UNB+UNOB:3"), "level B has separators of its own");
    assert!(write(&header).starts_with("UNA:+.? 'UNB+UNOC:3"));
}

#[test]
fn groups_of_edifact_are_counted_in_both_trailers() {
    let header = edifact::InterchangeHeader::new("UNOA", 2, "A", "B", made(), "R1", Mode::Production);
    let mut writer = edifact::Writer::new(&header);
    let kind = edifact::MessageType::un("ORDERS", "D", "96A");
    for name in ["G1", "G2"] {
        let mut group = writer.group(&edifact::GroupHeader {
            kind: "ORDERS".into(),
            sender: "A".into(),
            receiver: "B".into(),
            made: None,
            control_number: name.into(),
            message: kind.clone(),
        });
        group.message("1", &kind).segment("BGM").element(220);
        group.message("2", &kind).segment("BGM").element(220);
    }
    let written = writer.finish().unwrap();
    let text = String::from_utf8_lossy(&written.bytes);
    assert!(text.ends_with("UNT+3+2'UNE+2+G2'UNZ+2+R1'"), "{text}");
    assert!(text.contains("'UNG+ORDERS+A+B+260301:0815+G1+UN+D:96A'UNH+1+ORDERS:D:96A:UN'"), "{text}");
    let read = portgate_readers::edifact::Interchange::parse(&written.bytes, &Default::default()).unwrap();
    assert_eq!(read.anomalies(), []);
    let mut mixed = edifact::Writer::new(&header);
    mixed.message("1", &kind).segment("BGM").element(220);
    mixed.group(&edifact::GroupHeader {
        kind: "ORDERS".into(),
        sender: "A".into(),
        receiver: "B".into(),
        made: None,
        control_number: "G".into(),
        message: kind.clone(),
    });
    let codes: Vec<&str> = faults(mixed.finish()).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["edi-mixed", "edi-empty"]);
}
