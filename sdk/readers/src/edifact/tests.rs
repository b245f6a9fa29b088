use super::*;

fn read(text: &[u8]) -> Interchange<'_> {
    Interchange::parse(text, &Limits::default()).expect("this input is meant to be read")
}

fn refuse(text: &[u8]) -> EdiError {
    Interchange::parse(text, &Limits::default()).expect_err("this input is meant to be refused")
}

fn codes(interchange: &Interchange<'_>) -> Vec<&'static str> {
    interchange.anomalies().iter().map(|anomaly| anomaly.code).collect()
}

const WHOLE: &str = "UNA:+.? '\r\nUNB+UNOC:3+SHIPLINE+HARBOUR+260102:0830+77'\r\nUNH+5+IFTSTA:D:00B:UN'\r\n\
    BGM+23+A-1+9'\r\nRFF+BM:X?'1?+2?:3??'\r\nDTM+137:20260102:102'\r\nUNT+5+5'\r\nUNZ+1+77'\r\n";

#[test]
fn segments_elements_and_components_are_counted_from_one() {
    let interchange = read(WHOLE.as_bytes());
    let message = interchange.messages().next().unwrap();
    let date = message.first("DTM").unwrap();
    assert_eq!(date.component(1, 2).as_deref(), Some("20260102"));
    assert_eq!(date.element(1).as_deref(), Some("137:20260102:102"));
    assert_eq!(date.component(1, 4), None);
    assert_eq!(date.component(0, 1), None);
    assert_eq!(date.component(1, 0), None);
    assert_eq!((date.element_count(), date.elements().count()), (1, 1));
    assert_eq!(date.location(), "segment 5 DTM (line 6)");
    assert_eq!((date.line(), date.column(), date.number()), (6, 1, 5));
    assert_eq!(codes(&interchange), Vec::<&str>::new());
}

#[test]
fn a_message_knows_its_kind_version_reference_and_envelopes() {
    let interchange = read(WHOLE.as_bytes());
    let message = interchange.messages().next().unwrap();
    assert_eq!(message.kind().as_deref(), Some("IFTSTA"));
    assert_eq!(message.version().as_deref(), Some("D00B"));
    assert_eq!(message.reference().as_deref(), Some("5"));
    assert_eq!(message.interchange().unwrap().component(2, 1).as_deref(), Some("SHIPLINE"));
    assert!(message.group().is_none());
    assert_eq!(message.segments().len(), 5);
    assert_eq!(message.segments().next_back().unwrap().tag(), "UNT");
}

#[test]
fn released_characters_are_text() {
    let interchange = read(WHOLE.as_bytes());
    let reference = interchange.segments().first("RFF").unwrap();
    assert_eq!(reference.component(1, 2).as_deref(), Some("X'1+2:3?"));
}

#[test]
fn una_changes_every_separator_and_the_decimal_mark() {
    let interchange = read(b"UNA=*,! ~UNH*1*INVOIC=D=97B=UN~MOA*203=12,50~FTX*AAA***a?b!~c!!~UNT*4*1~");
    let message = interchange.messages().next().unwrap();
    assert_eq!(message.kind().as_deref(), Some("INVOIC"));
    assert_eq!(message.first("MOA").unwrap().decimal(1, 2).as_deref(), Some("12.50"));
    assert_eq!(message.first("MOA").unwrap().component(1, 2).as_deref(), Some("12,50"));
    assert_eq!(message.first("FTX").unwrap().element(4).as_deref(), Some("a?b~c!"));
    assert_eq!(interchange.separators().release, Some(b'!'));
}

#[test]
fn a_space_in_una_means_that_there_is_no_release_character() {
    let interchange = read(b"UNA:+.  'FTX+AAA+++why?'");
    assert_eq!(interchange.segments().next().unwrap().element(4).as_deref(), Some("why?"));
}

#[test]
fn una_may_end_segments_with_line_ends() {
    let interchange = read(b"UNA:+.? \r\nUNH+1+ORDERS:D:96A:UN\r\nBGM+220+7\r\nUNT+3+1\r\n");
    let tags: Vec<&str> = interchange.segments().map(|segment| segment.tag()).collect();
    assert_eq!(tags, ["UNH", "BGM", "UNT"]);
    assert_eq!(interchange.segments().first("BGM").unwrap().element(2).as_deref(), Some("7"));
}

#[test]
fn una_that_could_not_cut_anything_is_refused() {
    assert_eq!(refuse(b"UNA:+.").code, "edi-una");
    assert_eq!(refuse(b"UNA++.? 'UNH+1'").code, "edi-separators");
    assert_eq!(refuse(b"UNA:+.?XABGM+1'").code, "edi-separators");
}

#[test]
fn only_a_decimal_mark_alone_becomes_a_point() {
    let interchange = read(b"MOA+1,5:1.5:1.000,5:1,0,0:x'");
    let amount = interchange.segments().next().unwrap();
    let read: Vec<_> = (1..=5).map(|number| amount.decimal(1, number).unwrap().into_owned()).collect();
    assert_eq!(read, ["1.5", "1.5", "1.000,5", "1,0,0", "x"]);
}

#[test]
fn text_wrapped_anywhere_reads_as_if_it_were_not() {
    let interchange = read(b"UN\nH+1+ORD\r\nERS:D:96A:UN'RFF\n+ON:A?\r\n'B'UNT+3\n+1'");
    let message = interchange.messages().next().unwrap();
    assert_eq!(message.kind().as_deref(), Some("ORDERS"));
    let order = message.first("RFF").unwrap();
    assert_eq!(order.component(1, 2).as_deref(), Some("A'B"));
    assert_eq!((order.line(), order.column()), (3, 14));
}

#[test]
fn blank_lines_empty_segments_and_the_end_of_file_mark_of_dos_are_passed_over() {
    let interchange = read(b"\r\n  BGM+1'\r\n\r\n'' \t DTM+2'\x1A");
    assert_eq!(interchange.segments().len(), 2);
}

#[test]
fn bare_segments_are_one_message_and_an_anomaly() {
    let interchange = read(b"BGM+82+5+9'DTM+137:20260102:102'");
    let message = interchange.messages().next().unwrap();
    assert_eq!((message.segments().len(), message.kind(), message.version()), (2, None, None));
    assert_eq!(codes(&interchange), ["edi-header-missing", "edi-header-missing"]);
    assert_eq!(interchange.anomalies()[0].location, "segment 1 BGM (line 1)");
}

#[test]
fn a_byte_order_mark_is_no_text() {
    let interchange = read(b"\xEF\xBB\xBFBGM+1'");
    assert_eq!(interchange.segments().next().unwrap().column(), 1);
    let error = refuse(b"\xEF\xBB\xBFBGM+1'??'");
    assert_eq!((error.offset, error.column), (9, 7));
}

#[test]
fn text_is_what_unb_announces_and_utf_8_where_nothing_does() {
    let bare = read("NAD+CN+++Müller Łódź'".as_bytes());
    assert_eq!(bare.segments().next().unwrap().element(4).as_deref(), Some("Müller Łódź"));
    let latin = read(b"UNB+UNOC:3+A'NAD+CN+++M\xFCller++M\xFC?+\nr+?\xFC'");
    let party = latin.segments().nth(1).unwrap();
    assert_eq!(party.element(4).as_deref(), Some("Müller"));
    assert_eq!(party.element(6).as_deref(), Some("Mü+r"));
    assert_eq!(party.element(7).as_deref(), Some("ü"));
    assert!(!codes(&latin).contains(&"edi-encoding"));
    let error = refuse(b"NAD+CN'NAD+CN+++M\xFCller'");
    assert_eq!((error.code, error.offset, error.segment_number, error.column), ("edi-encoding", 17, 2, 18));
}

#[test]
fn a_wrong_announcement_is_an_anomaly_in_its_segment() {
    let interchange = read("UNB+UNOC:3+A'\nNAD+CN'\nNAD+CN+++Müller'".as_bytes());
    let anomaly = interchange.anomalies().iter().find(|anomaly| anomaly.code == "edi-encoding").unwrap();
    assert_eq!(anomaly.location, "segment 3 (line 3, column 11)");
    assert_eq!(interchange.segments().nth(2).unwrap().element(4).as_deref(), Some("Müller"));
}

#[test]
fn an_error_behind_converted_text_has_its_place_in_the_input() {
    let error = refuse(b"UNB+UNOC:3+A'NAD+\xFC\xE4'BGM+1");
    assert_eq!((error.code, error.offset, error.column), ("edi-truncated", 20, 21));
    let wide: Vec<u8> = "UNB+UNOY:4+A'NAD+ü'BGM+1".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = refuse(&wide);
    assert_eq!((error.code, error.offset, error.column), ("edi-truncated", 2 * 19, 20));
}

#[test]
fn separators_are_ascii() {
    assert_eq!(refuse("UNA\u{A6}+.? 'UNB\u{A6}".as_bytes()).code, "edi-separators");
}

#[test]
fn repetitions_begin_with_syntax_version_4() {
    let four = read(b"UNB+UNOC:4+A+B+260102:0830+1'UNH+1+ORDERS:D:03B:UN'FTX+A*B:2*C'UNT+3+1'UNZ+1+1'");
    let text = four.segments().first("FTX").unwrap();
    assert_eq!(
        text.repetitions(1).map(|one| one.component(1).unwrap().into_owned()).collect::<Vec<_>>(),
        ["A", "B", "C"]
    );
    assert_eq!(text.repetitions(1).nth(1).unwrap().component(2).as_deref(), Some("2"));
    assert_eq!(text.component(1, 1).as_deref(), Some("A"));
    let three = read(b"UNB+UNOC:3+A+B+260102:0830+1'UNH+1+ORDERS:D:96A:UN'FTX+A*B'UNT+3+1'UNZ+1+1'");
    assert_eq!(three.segments().first("FTX").unwrap().component(1, 1).as_deref(), Some("A*B"));
    let announced = read(b"UNA:+.?^'\r\nUNB+UNOC:4+A+B+260102:0830+1'UNH+1+ORDERS:D:03B:UN'FTX+A^B*C'UNT+3+1'UNZ+1+1'");
    let text = announced.segments().first("FTX").unwrap();
    assert_eq!((text.repetitions(1).count(), text.repetitions(2).count()), (2, 0));
    assert_eq!(text.repetitions(1).nth(1).unwrap().text().as_deref(), Some("B*C"));
}

#[test]
fn before_syntax_version_4_an_asterisk_is_text_whatever_una_has_in_its_place() {
    for (una, unb) in [
        ("UNA:+.?*'", "UNB+UNOC:3+A+B+260102:0830+1'"),
        ("UNA:+.?*'\r\n", "UNB+UNOA:1+A+B+260102:0830+1'"),
        ("UNA:+.?*'", "UNB+UNOB:2:::+A+B+260102:0830+1'"),
        ("UNA:+.?*'", "UNB+UNOC+A+B+260102:0830+1'"),
        ("UNA:+.?*'", "UNB+UNOC:04+A+B+260102:0830+1'"),
        ("UNA:+.?*'", ""),
    ] {
        let text = format!("{una}{unb}UNH+1+IFTSTA:D:00B:UN'LOC+175+DEHAM:::HAMBURG *EUROGATE*'UNT+3+1'");
        let interchange = read(text.as_bytes());
        let place = interchange.segments().first("LOC").unwrap();
        assert_eq!(place.component(2, 4).as_deref(), Some("HAMBURG *EUROGATE*"), "{una}{unb}");
        assert_eq!(interchange.separators().repetition, None);
    }
    let una = read(b"UNA=*.?!~UNB*UNOC=4*A*B*260102=0830*1~UNH*1*IFTSTA=D=00B=UN~FTX*A!B~UNT*3*1~UNZ*1*1~");
    assert_eq!(una.segments().first("FTX").unwrap().repetitions(1).count(), 2, "separators of UNA's own");
}

#[test]
fn a_wrong_count_is_an_anomaly_that_says_both_numbers() {
    let interchange = read(b"UNB+UNOC:3+A+B+260102:0830+1'UNH+1+ORDERS:D:96A:UN'BGM+220'UNT+25+1'UNZ+x+1'");
    assert_eq!(codes(&interchange), ["edi-segment-count", "edi-message-count"]);
    assert_eq!(interchange.anomalies()[0].detail, "UNT says 25 where there are 3 segments");
    assert_eq!(interchange.anomalies()[0].location, "segment 4 UNT (line 1)");
    assert_eq!(interchange.anomalies()[1].detail, "UNZ says x where there are 1 messages");
}

#[test]
fn a_trailer_that_repeats_another_reference_is_an_anomaly() {
    let interchange = read(b"UNB+UNOC:3+A+B+260102:0830+8'UNH+1+ORDERS:D:96A:UN'BGM+220'UNT+3+2'UNZ+1+9'");
    assert_eq!(codes(&interchange), ["edi-reference-mismatch", "edi-reference-mismatch"]);
}

#[test]
fn missing_trailers_are_anomalies_at_their_headers() {
    let interchange =
        read(b"UNB+UNOC:3+A+B+260102:0830+8'UNG+ORDERS'UNH+1+ORDERS:D:96A:UN'BGM+220'UNH+2+ORDERS'BGM+1'");
    assert_eq!(codes(&interchange), ["edi-trailer-missing"; 4]);
    let places: Vec<&str> = interchange.anomalies().iter().map(|anomaly| anomaly.location.as_str()).collect();
    assert_eq!(
        places,
        ["segment 3 UNH (line 1)", "segment 5 UNH (line 1)", "segment 2 UNG (line 1)", "segment 1 UNB (line 1)"]
    );
    assert_eq!(interchange.messages().map(|message| message.segments().len()).collect::<Vec<_>>(), [2, 2]);
}

#[test]
fn trailers_without_headers_and_segments_between_messages_are_anomalies() {
    let interchange = read(b"UNH+1+ORDERS'UNT+2+1'DTM+1'DTM+2'UNH+2+ORDERS'UNT+2+2'UNE+1+1'UNZ+2+1'");
    assert_eq!(
        codes(&interchange),
        ["edi-header-missing", "edi-segment-outside-message", "edi-header-missing", "edi-header-missing"]
    );
    assert_eq!(interchange.messages().len(), 2);
    assert_eq!(interchange.anomalies()[1].detail, "2 segments outside of any UNH are not part of a message");
}

#[test]
fn groups_are_counted_by_the_interchange_and_count_their_messages() {
    let interchange = read(
        b"UNB+UNOA:3+A+B+260102:0830+8'UNG+ORDERS+A+B+260102:0830+G1+UN+D:96A'UNH+1+ORDERS:D:96A:UN'UNT+2+1'\
          UNH+2+ORDERS:D:96A:UN'UNT+2+2'UNE+2+G1'UNZ+1+8'",
    );
    assert_eq!(codes(&interchange), Vec::<&str>::new());
    assert!(interchange.messages().all(|message| message.group().unwrap().element(1).as_deref() == Some("ORDERS")));
}

#[test]
fn several_interchanges_follow_one_another_each_with_its_separators() {
    let interchange = read(
        b"UNA:*.? ~UNB*UNOA:3*A*B*260102:0830*1~UNH*1*ORDERS:D~UNT*2*1~UNZ*1*1~\r\n\
          UNB+UNOA:3+C+B+260102:0830+2'UNH+1+INVOIC:D'UNT+2+1'UNZ+1+2'",
    );
    assert_eq!(codes(&interchange), Vec::<&str>::new());
    let senders: Vec<String> =
        interchange.messages().map(|message| message.interchange().unwrap().element(2).unwrap().into_owned()).collect();
    assert_eq!(senders, ["A", "C"]);
    assert_eq!(interchange.messages().nth(1).unwrap().kind().as_deref(), Some("INVOIC"));
}

#[test]
fn what_is_no_segment_is_refused_with_its_place() {
    let error = refuse(b"BGM+220'\r\nDTM+137:2026'\r\nit is Bob's'\r\n");
    assert_eq!((error.code, error.line, error.column, error.segment_number), ("edi-segment-tag", 3, 1, 3));
    assert_eq!(error.location(), "segment 3 (line 3, column 1)");
    assert!(error.detail.contains("\"it is Bob\""), "{}", error.detail);
    for text in [&b"{\"a\": 1}"[..], b"<xml/>", b"BBBB+1'", b"BG+1'", b"B+1'", b"+1'", b"?'+1'"] {
        assert_eq!(refuse(text).code, "edi-segment-tag", "{}", text.escape_ascii());
    }
}

#[test]
fn input_that_breaks_off_is_refused_unless_it_breaks_off_behind_a_trailer() {
    assert_eq!(refuse(b"UNH+1+ORDERS'BGM+220+12").code, "edi-truncated");
    assert_eq!(refuse(b"UNH+1+ORDERS'BG").code, "edi-truncated");
    assert_eq!(refuse(b"BGM+220+12?").code, "edi-release-truncated");
    assert_eq!(refuse(b"BGM+220+12?\r\n").code, "edi-release-truncated");
    let complete = read(b"UNH+1+ORDERS'BGM+220'UNT+3+1");
    assert_eq!(codes(&complete), ["edi-segment-unterminated", "edi-header-missing"]);
}

#[test]
fn nothing_is_refused_as_empty() {
    for text in [&b""[..], b"\xEF\xBB\xBF", b" \r\n ", b"UNA:+.? '", b"UNA:+.? '''"] {
        assert_eq!(refuse(text).code, "edi-empty", "{}", text.escape_ascii());
    }
}

#[test]
fn limits_are_kept_and_named() {
    let limits = Limits { segments_max: 2, segment_bytes_max: 10 };
    assert!(Interchange::parse(b"BGM+1'BGM+2'", &limits).is_ok());
    assert_eq!(Interchange::parse(b"BGM+1'BGM+2'BGM+3'", &limits).unwrap_err().code, "edi-too-many-segments");
    assert_eq!(Interchange::parse(b"BGM+1'BGM+23456789'", &limits).unwrap_err().code, "edi-segment-too-long");
}

#[test]
fn nesting_indicators_behind_the_tag_do_not_belong_to_it() {
    let interchange = read(b"LIN:1:2+5'");
    assert_eq!(interchange.segments().next().unwrap().tag(), "LIN");
}

#[test]
fn a_byte_that_is_no_text_is_the_fault_of_its_message_alone() {
    let input = b"UNB+UNOB:1+A+B+260101:1200+1'UNH+1+IFTSTA:D:00B:UN'FTX+AAI+++ab\xFCc'UNT+3+1'\
                  UNH+2+IFTSTA:D:00B:UN'FTX+AAI+++fine'UNT+3+2'UNZ+2+1'";
    let interchange = read(input);
    let broken: Vec<_> = interchange.messages().map(|message| message.broken()).collect();
    let error = broken[0].as_ref().expect("the first is broken");
    let at = input.iter().position(|byte| *byte == 0xFC).unwrap();
    assert_eq!((error.code, error.offset, error.segment_number), ("edi-encoding", at, 3));
    assert_eq!((error.line, error.column as usize), (1, at + 1));
    assert!(error.detail.contains("0xFC"), "{}", error.detail);
    assert_eq!(broken[1], None);
    let last = interchange.messages().nth(1).unwrap().first("FTX").unwrap();
    assert_eq!(last.element(4).as_deref(), Some("fine"));
}

#[test]
fn a_byte_that_is_no_text_is_everybody_s_fault_where_it_is_in_no_message_or_one_of_many() {
    for wrong in [
        &b"UNB+UNOB:1+A\xFC+B+260101:1200+1'UNH+1+IFTSTA:D:00B:UN'UNT+2+1'UNZ+1+1'"[..],
        b"UNB+UNOB:1+A+B+260101:1200+1'UNH+1+IFTSTA:D:00B:UN'UNT+2+1'UNZ+1+1'\xFC",
    ] {
        assert_eq!(refuse(wrong).code, "edi-encoding", "{}", wrong.escape_ascii());
    }
    let many =
        [&b"UNB+UNOB:1+A+B+260101:1200+1'UNH+1+IFTSTA:D:00B:UN'FTX+AAI+++"[..], &[0xFC; 17], b"'UNT+3+1'UNZ+1+1'"];
    assert_eq!(refuse(&many.concat()).code, "edi-encoding");
}

#[test]
fn the_place_of_a_byte_that_is_no_text_is_known_behind_characters_of_several_bytes() {
    let input = "UNB+UNOW:4+A+B+20260101:1200+1'UNH+1+IFTSTA:D:00B:UN'FTX+AAI+++Łódź Müller".as_bytes();
    let input = [input, b" \xFF'UNT+3+1'UNH+2+IFTSTA:D:00B:UN'UNT+2+2'UNZ+2+1'"].concat();
    let interchange = read(&input);
    let error = interchange.messages().next().unwrap().broken().expect("it is broken");
    assert_eq!(error.offset, input.iter().position(|byte| *byte == 0xFF).unwrap());
    assert_eq!(interchange.messages().nth(1).unwrap().broken(), None);
}
