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

/// A complete interchange; `*`, `^`, `>` and `~` in it stand for the separators asked for.
fn whole(element: &str, repetition: &str, component: &str, terminator: &str) -> String {
    let text = "ISA*00*          *00*          *ZZ*SHIPLINE       *ZZ*HARBOUR        *260102*0830*^*00501*000000007*0*P*>~\
        GS*QO*SHIPLINE*HARBOUR*20260102*0830*7*X*005010~ST*315*0001~B4***VD*20260102*0830*USNYC*ABCU*1234560*L*4510~\
        N9*BM*A1^A2>X~SE*4*0001~GE*1*7~IEA*1*000000007~";
    let separator = |c: char| match c {
        '*' => element.to_owned(),
        '^' => repetition.to_owned(),
        '>' => component.to_owned(),
        '~' => terminator.to_owned(),
        text => text.to_string(),
    };
    text.chars().map(separator).collect()
}

#[test]
fn a_whole_interchange_reads_without_anomaly() {
    let text = whole("*", "^", ">", "~");
    let interchange = read(text.as_bytes());
    assert_eq!(codes(&interchange), Vec::<&str>::new());
    let set = interchange.messages().next().unwrap();
    assert_eq!(set.kind().as_deref(), Some("315"));
    assert_eq!(set.version().as_deref(), Some("005010"));
    assert_eq!(set.reference().as_deref(), Some("0001"));
    assert_eq!(set.group().unwrap().element(1).as_deref(), Some("QO"));
    let status = set.first("B4").unwrap();
    assert_eq!(status.at(3).to_string(), "segment 4 B4 (line 1), element 3");
    assert_eq!(status.at(3).component(2).to_string(), "segment 4 B4 (line 1), element 3, component 2");
    assert_eq!((status.element(3).as_deref(), status.element(1), status.element(99)), (Some("VD"), None, None));
    assert_eq!(status.location(), "segment 4 B4 (line 1)");
    let references = set.first("N9").unwrap();
    assert_eq!(references.repetitions(2).count(), 2);
    assert_eq!(references.repetitions(2).nth(1).unwrap().component(2).as_deref(), Some("X"));
    assert_eq!(interchange.segments().next().unwrap().element(16).as_deref(), Some(">"));
}

#[test]
fn separators_are_what_isa_says() {
    for (element, repetition, component, terminator) in [
        ("*", "^", ":", "~\r\n"),
        ("*", "^", ">", "\n"),
        ("*", "^", ">", "\r\n"),
        ("*", "^", ">", "\r"),
        ("|", "!", "\\", "~\n"),
        ("\x1D", "\x1E", "\x1F", "\x1C"),
        ("+", "*", ":", "'"),
    ] {
        let text = whole(element, repetition, component, terminator);
        let interchange = read(text.as_bytes());
        assert_eq!(codes(&interchange), Vec::<&str>::new(), "{}", text.escape_debug());
        let references = interchange.segments().first("N9").unwrap();
        assert_eq!(references.repetitions(2).nth(1).unwrap().component(1).as_deref(), Some("A2"));
        assert_eq!(interchange.segments().len(), 8);
    }
}

#[test]
fn before_00402_there_are_no_repetitions() {
    let text = whole("*", "^", ">", "~").replace("00501", "00401");
    let interchange = read(text.as_bytes());
    assert_eq!(interchange.separators().repetition, None);
    assert_eq!(interchange.segments().first("N9").unwrap().repetitions(2).count(), 1);
}

#[test]
fn isa_without_its_padding_is_read_and_the_elements_named() {
    let text = whole("*", "U", ":", "~").replace("          ", " ").replace("SHIPLINE       ", "SHIPLINE");
    let interchange = read(text.as_bytes());
    assert_eq!(codes(&interchange), ["edi-isa-width"]);
    let detail = &interchange.anomalies()[0].detail;
    assert!(detail.contains("ISA02, ISA04, ISA06 is narrower"), "{detail}");
    assert_eq!(interchange.messages().len(), 1);
}

#[test]
fn isa_that_is_cut_short_names_the_element() {
    for (text, column, expected) in [
        ("ISA", 1, "tag ISA"),
        ("ISA*00*  ", 8, "ISA02"),
        ("ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*08", 78, "ISA10"),
        ("ISA*00*          *00*          *ZZ*A~GS*QO*A*B~ST*315*0001~", 36, "ISA06"),
        (
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*0830*U*00401*000000007*0*P*",
            105,
            "ISA16",
        ),
        (
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*0830*U*00401*000000007*0*P*>",
            106,
            "ISA16",
        ),
        (
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*0830*U*00401*000000007*0*P*~GS*QO~",
            105,
            "ISA16",
        ),
        (
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*0830*U*00401*000000007*0*P*~\r\nGS*QO~\r\n",
            105,
            "ISA16",
        ),
        (
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*0830*U*00401*000000007*0*P*\nGS*QO\n",
            105,
            "ISA16",
        ),
    ] {
        let error = refuse(text.as_bytes());
        assert_eq!((error.code, error.line, error.column), ("edi-isa", 1, column), "{text}: {error}");
        assert!(error.detail.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_tilde_is_the_component_separator_where_line_ends_terminate() {
    let text = whole("*", "U", "~", "\n");
    let interchange = read(text.as_bytes());
    assert_eq!((interchange.separators().component, interchange.separators().terminator), (Some(b'~'), b'\n'));
}

#[test]
fn a_blank_between_isa_and_its_terminator_is_named_and_passed_over() {
    for blanks in [" ", "  ", "\t"] {
        let text = whole("*", "U", ">", "~").replace(">~GS", &format!(">{blanks}~GS"));
        let interchange = read(text.as_bytes());
        assert_eq!(codes(&interchange), ["edi-isa-terminator"], "{text}");
        assert_eq!(interchange.separators().terminator, b'~');
        assert_eq!((interchange.segments().len(), interchange.messages().len()), (8, 1));
        assert!(interchange.anomalies()[0].location.starts_with("segment 1 "));
    }
    let text = whole("*", "U", ">", "\n").replace(">\n", "> \n");
    let interchange = read(text.as_bytes());
    assert_eq!((codes(&interchange), interchange.segments().len()), (vec!["edi-isa-terminator"], 8));
}

#[test]
fn a_terminator_that_only_isa_has_is_named_and_the_one_of_the_segments_taken() {
    let by_line = whole("*", "U", ">", "~\n").replace(">~\n", ">\n");
    let by_tilde = whole("*", "U", ">", "\n").replace(">\nGS", ">~\nGS");
    for (text, terminator) in [(by_line.clone(), b'~'), (by_line.replace('\n', "\r\n"), b'~'), (by_tilde, b'\n')] {
        let interchange = read(text.as_bytes());
        assert_eq!(codes(&interchange), ["edi-isa-terminator"], "{}", text.escape_debug());
        assert_eq!(interchange.separators().terminator, terminator);
        assert_eq!((interchange.segments().len(), interchange.messages().len()), (8, 1));
        let status = interchange.segments().first("B4").unwrap();
        assert_eq!(status.element(status.element_count()).as_deref(), Some("4510"));
    }
}

#[test]
fn padding_and_terminator_can_both_be_wrong() {
    let text = whole("*", "U", ">", "~").replace("SHIPLINE       ", "SHIPLINE").replace(">~GS", "> ~GS");
    assert_eq!(codes(&read(text.as_bytes())), ["edi-isa-width", "edi-isa-terminator"]);
}

#[test]
fn isa_with_useless_separators_is_refused() {
    assert_eq!(refuse(whole("*", "^", "*", "~").as_bytes()).code, "edi-separators");
    assert_eq!(refuse(whole("*", "^", ">", "X").as_bytes()).code, "edi-separators");
    assert_eq!(refuse(whole("*", ">", ">", "~").as_bytes()).code, "edi-separators");
}

#[test]
fn bare_sets_are_read_with_the_separators_they_show() {
    for text in [&b"ST|315|1\nB4|||VD\nSE|3|1\n"[..], b"GS*QO*A*B*20260102*0830*7*X*004010~ST*315*1~SE*2*1~GE*1*7~"] {
        let interchange = read(text);
        assert_eq!(codes(&interchange)[..2], ["edi-separators-guessed", "edi-header-missing"]);
        assert_eq!(interchange.messages().next().unwrap().kind().as_deref(), Some("315"));
    }
    assert_eq!(refuse(b"B4***VD~").code, "edi-unknown-start");
    assert_eq!(refuse(b"STATUS: fine").code, "edi-unknown-start");
    assert_eq!(refuse(b"ST*315*0001").code, "edi-truncated");
}

#[test]
fn missing_halves_of_envelopes_and_wrong_counts_are_anomalies() {
    let text = whole("*", "^", ">", "~");
    for (from, to, expected) in [
        ("SE*4*", "SE*9*", &["edi-segment-count"][..]),
        ("SE*4*0001~", "", &["edi-trailer-missing"]),
        ("SE*4*0001", "SE*4*0002", &["edi-reference-mismatch"]),
        ("GE*1*7~", "", &["edi-trailer-missing"]),
        ("GE*1*7~", "GE*2*8~", &["edi-message-count", "edi-reference-mismatch"]),
        ("IEA*1*000000007~", "", &["edi-trailer-missing"]),
        ("IEA*1*", "IEA*3*", &["edi-group-count"]),
        ("IEA*1*000000007~", "IEA*1*000000007", &["edi-segment-unterminated"]),
        (
            "GS*QO*SHIPLINE*HARBOUR*20260102*0830*7*X*005010~",
            "",
            &["edi-header-missing", "edi-header-missing", "edi-group-count"],
        ),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text);
        let interchange = read(changed.as_bytes());
        assert_eq!(codes(&interchange), expected, "{from} -> {to}");
        assert_eq!(interchange.messages().len(), 1);
    }
}

#[test]
fn an_acknowledgement_between_the_envelopes_is_no_anomaly() {
    let text = whole("*", "^", ">", "~").replace("GS*QO", "TA1*000000007*260102*0830*A*000~GS*QO");
    assert_eq!(codes(&read(text.as_bytes())), Vec::<&str>::new());
}

#[test]
fn a_second_isa_brings_its_own_separators() {
    let text = whole("*", "^", ">", "~") + "\r\n" + &whole("|", "!", ":", "\n");
    let interchange = read(text.as_bytes());
    assert_eq!(codes(&interchange), Vec::<&str>::new());
    let kinds: Vec<_> = interchange.messages().map(|set| set.kind().unwrap().into_owned()).collect();
    assert_eq!(kinds, ["315", "315"]);
}

#[test]
fn what_is_no_segment_is_its_sets_fault_with_its_place_and_no_others() {
    let text = whole("*", "^", ">", "~\n").replacen("B4*", "STATUS*", 1);
    let interchange = read(text.as_bytes());
    let broken: Vec<_> = interchange.messages().map(|set| set.broken()).collect();
    let [Some(error)] = &broken[..] else { panic!("{broken:?}") };
    assert_eq!((error.code, error.line, error.column, error.segment_number), ("edi-segment-tag", 4, 1, 4));
    let set = "ST*315*0002~\nB4***VD~\nSE*3*0002~\n";
    let two = text.replace("GE*1", &format!("{set}GE*2"));
    let broken: Vec<bool> = read(two.as_bytes()).messages().map(|set| set.broken().is_some()).collect();
    assert_eq!(broken, [true, false]);
    let outside = text.replace("STATUS*", "B4*").replace("GE*1", "REST*1~\nGE*1");
    assert_eq!(refuse(outside.as_bytes()).code, "edi-segment-tag");
    let many = two.replace("B4***VD~\n", &"WORDS*1~\n".repeat(200));
    assert_eq!(refuse(many.as_bytes()).code, "edi-segment-tag");
}

#[test]
fn wrapped_text_reads_as_if_it_were_not() {
    let text: String = whole("*", "^", ">", "~")
        .as_bytes()
        .chunks(40)
        .flat_map(|line| [line, b"\r\n"].concat())
        .map(char::from)
        .collect();
    let interchange = read(text.as_bytes());
    assert_eq!(codes(&interchange), Vec::<&str>::new());
    assert_eq!(interchange.segments().first("B4").unwrap().element(8).as_deref(), Some("1234560"));
}

#[test]
fn the_widths_of_isa_are_characters_in_any_character_set() {
    let text = "ISA*00*          *00*          *ZZ*MÜLLER         *ZZ*ŁÓDŹ           *260102*0830*^*00501*000000007*0*P*>~\
                GS*QO*A*B*20260102*0830*7*X*004010~ST*315*0001~SE*2*0001~GE*1*7~IEA*1*000000007~";
    assert_eq!(codes(&read(text.as_bytes())), [""; 0]);
    let latin: Vec<u8> = text.replace("ŁÓDŹ", "OSLO").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(codes(&read(&latin)), [""; 0]);
}
