use super::*;

const LENIENT: Options = Options { trailing_text: TrailingText::Warn, depth_max: 64, nodes_max: 100_000 };

fn read(text: &(impl AsRef<[u8]> + ?Sized)) -> Document<'_> {
    Document::parse(text.as_ref(), &Options::default()).expect("this document is meant to be read")
}

fn refuse(text: &(impl AsRef<[u8]> + ?Sized)) -> XmlError {
    Document::parse(text.as_ref(), &Options::default()).expect_err("this document is meant to be refused")
}

fn refused_at(text: &(impl AsRef<[u8]> + ?Sized)) -> (&'static str, String) {
    let error = refuse(text);
    (error.code, error.location())
}

#[test]
fn names_are_found_with_and_without_namespaces() {
    for text in [
        "<MetaData><Response><FunctionCode>\n 11 \n</FunctionCode></Response></MetaData>",
        "<MetaData xmlns='urn:a'><Response xmlns='urn:b'><FunctionCode>11</FunctionCode></Response></MetaData>",
        "<a:MetaData xmlns:a='urn:a' xmlns:b='urn:b'><b:Response><b:FunctionCode>11</b:FunctionCode></b:Response></a:MetaData>",
    ] {
        let document = read(text);
        assert_eq!(document.root().name(), "MetaData");
        assert_eq!(document.root().text_at("Response/FunctionCode").as_deref(), Some("11"), "{text}");
    }
}

#[test]
fn a_namespace_can_be_asked_for() {
    let text = "<r xmlns:a='urn:a' xmlns:b='urn:b'><b:x>1</b:x><a:x a:k='2' k='3'>4</a:x></r>";
    let document = read(text);
    let asked = document.root().child_in("urn:a", "x").unwrap();
    assert_eq!(asked.text().as_deref(), Some("4"));
    assert_eq!(asked.namespace(), Some("urn:a"));
    assert_eq!((asked.attribute("k"), asked.attribute_in("urn:a", "k")), (Some("3"), Some("2")));
    assert_eq!((asked.attribute("none"), asked.attribute_in("urn:b", "k")), (None, None));
    assert!(document.root().child_in("urn:c", "x").is_none());
    assert_eq!(document.root().children("x").count(), 2);
}

#[test]
fn paths_find_the_first_match_even_behind_a_dead_end() {
    let document = read("<r><a/><a><b> </b></a><a><b>found</b><b>more</b></a></r>");
    assert_eq!(document.root().text_at("a/b").as_deref(), Some("found"));
    assert_eq!(document.root().path("a/b").unwrap().location(), "1:11 /r/a[2]/b");
    assert_eq!(document.root().all("a/b").len(), 3);
    assert!(document.root().path("a/c").is_none());
    assert!(document.root().path("").is_none());
}

#[test]
fn locations_number_siblings_that_share_a_name() {
    let text = "<MetaData>\n  <Response>\n    <Error><X/></Error>\n    <é/><Error><ValidationCode/></Error>\n  </Response>\n</MetaData>";
    let document = read(text);
    let code = document.root().path("Response/Error/ValidationCode").unwrap();
    assert_eq!(code.location(), "4:16 /MetaData/Response/Error[2]/ValidationCode");
    assert_eq!(code.parent().unwrap().name(), "Error");
    assert_eq!(document.root().location(), "1:1 /MetaData");
}

#[test]
fn text_is_trimmed_whole_and_absent_when_empty() {
    let document =
        read("<r><a> x<!-- y -->z<![CDATA[ <&> ]]> </a><b>\n</b><c/><d>&lt;&#233;&amp;</d><e> <f>no</f> </e></r>");
    assert_eq!(document.root().text_at("a").as_deref(), Some("xz <&>"));
    assert_eq!(document.root().child("b").unwrap().text(), None);
    assert_eq!(document.root().child("c").unwrap().text(), None);
    assert_eq!(document.root().text_at("d").as_deref(), Some("<é&"));
    assert_eq!(document.root().child("e").unwrap().text(), None);
}

#[test]
fn a_byte_order_mark_is_no_text() {
    let document = read("\u{FEFF}<?xml version='1.0' encoding='utf-8'?><r/>");
    assert_eq!(document.root().location(), "1:39 /r");
    assert!(document.anomalies().is_empty());
}

#[test]
fn latin_1_windows_1252_and_ascii_are_read_when_declared() {
    for (name, byte, expected) in
        [("ISO-8859-1", 0xE9, "é"), ("iso-8859-15", 0xA4, "€"), ("windows-1252", 0x80, "€"), ("CP1252", 0xE9, "é")]
    {
        let mut text = format!("<?xml version=\"1.0\" encoding=\"{name}\" standalone='yes'?>\n<r><a>").into_bytes();
        text.push(byte);
        text.extend(b"</a></r>");
        let document = read(&text);
        assert_eq!(document.root().child("a").unwrap().text().as_deref(), Some(expected), "{name}");
    }
    let document = read("<?xml version='1.0' encoding = 'US-ASCII'?><r>x</r>");
    assert_eq!(document.root().text().as_deref(), Some("x"));
}

#[test]
fn bytes_that_are_not_what_was_declared_are_refused_at_their_place() {
    assert_eq!(refused_at(b"<r>\n  <a>caf\xE9</a></r>"), ("xml-encoding", "2:9".into()));
    let error = refuse(b"<r>\xE9</r>");
    assert_eq!(
        error.detail,
        "the byte 0xE9 is not UTF-8; declare ISO-8859-1 in the XML declaration if that is what you send"
    );
    assert_eq!(refused_at(b"<?xml version='1.0' encoding='us-ascii'?>\n<r>\xE9</r>"), ("xml-encoding", "2:4".into()));
    assert_eq!(
        refused_at(b"<?xml version='1.0' encoding='windows-1252'?>\n<r>\x81</r>"),
        ("xml-encoding", "2:4".into())
    );
}

#[test]
fn other_encodings_are_refused_by_their_name() {
    for (text, name) in [
        (&b"<?xml version='1.0' encoding='EBCDIC-CP-FR'?><r/>"[..], "EBCDIC-CP-FR"),
        (b"<?xml version='1.0' encoding='x\xFF'?><r/>", "not ASCII"),
        (b"\xFF\xFE<\0r\0/\0>\0\0\xD8", "UTF-16"),
        (b"\xFE\xFF\0<\0r\0/\0", "UTF-16"),
        (b"\xFF\xFE\0\0<\0\0\0", "UTF-32"),
        (b"\x4C\x6F\xA7\x94", "EBCDIC"),
    ] {
        let error = refuse(text);
        assert_eq!(error.code, "xml-encoding");
        assert!(error.detail.contains(name), "{error}");
    }
}

#[test]
fn utf_16_is_read_with_a_mark_or_without() {
    let text = "<?xml version='1.0' encoding='UTF-16'?>\n<r><a>Łódź €</a></r>";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in
        [little.clone(), big.clone(), [&[0xFF, 0xFE], &little[..]].concat(), [&[0xFE, 0xFF], &big[..]].concat()]
    {
        let document = read(&bytes);
        assert_eq!(document.root().text_at("a").as_deref(), Some("Łódź €"));
        assert_eq!(document.root().child("a").unwrap().location(), "2:4 /r/a");
        assert!(document.anomalies().is_empty());
    }
}

#[test]
fn a_wrong_declaration_is_an_anomaly_where_it_is_plain_what_is_meant() {
    for (text, expected) in [
        ("<?xml version='1.0' encoding='iso-8859-1'?><r>für</r>".as_bytes(), "für"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><r>\x80 5</r>", "€ 5"),
        ("<?xml version='1.0' encoding='utf-16'?><r>für</r>".as_bytes(), "für"),
    ] {
        let document = read(text);
        assert_eq!(document.root().text().as_deref(), Some(expected));
        assert_eq!(document.anomalies()[0].code, "xml-encoding");
    }
}

#[test]
fn a_mark_that_contradicts_the_declaration_is_believed_and_reported() {
    let document = read("\u{FEFF}<?xml version='1.0' encoding='iso-8859-1'?><r>é</r>");
    assert_eq!(document.root().text().as_deref(), Some("é"));
    assert_eq!(document.anomalies()[0].code, "xml-encoding");
    assert_eq!(document.anomalies()[0].location, "1:31");
}

#[test]
fn trailing_text_is_refused_or_cut_off_as_asked() {
    let text = "<?xml version='1.0'?>\n<r><a/></r>\n<!-- end --> \nHeaders: (User-Agent,x) <a & b>";
    assert_eq!(refused_at(text), ("xml-trailing-text", "4:1".into()));
    let document = Document::parse(text.as_bytes(), &LENIENT).unwrap();
    assert!(document.root().child("a").is_some());
    assert_eq!(document.anomalies().len(), 1);
    assert_eq!(document.anomalies()[0].code, "xml-trailing-text");
    assert_eq!(document.anomalies()[0].location, "4:1");
    let latin = b"<?xml version='1.0' encoding='latin1'?><r>\xE9</r>\xE9";
    let document = Document::parse(latin, &LENIENT).unwrap();
    assert_eq!(document.anomalies()[0].detail, "2 bytes of text behind the root element were cut off");
}

#[test]
fn comments_and_instructions_may_follow_the_root_and_a_second_root_may_not() {
    assert!(read("<r/> <!-- a --> <?b c?>\n").anomalies().is_empty());
    for options in [Options::default(), LENIENT] {
        let error = Document::parse(b"<r/>\n<r/>", &options).unwrap_err();
        assert_eq!((error.code, error.location()), ("xml-second-root", "2:1".into()));
    }
}

#[test]
fn document_types_are_refused_where_they_stand() {
    assert_eq!(
        refused_at("<?xml version='1.0'?>\n <!DOCTYPE r [<!ENTITY a 'b'>]>\n<r>&a;</r>"),
        ("xml-doctype", "2:2".into())
    );
    assert_eq!(refused_at("<!DOCTYPE r><r/>"), ("xml-doctype", "1:1".into()));
    assert_eq!(refused_at("<r>\n<!doctype r></r>"), ("xml-doctype", "2:1".into()));
}

#[test]
fn only_the_five_entities_exist() {
    let document = read("<r>&lt;&gt;&amp;&apos;&quot;</r>");
    assert_eq!(document.root().text().as_deref(), Some("<>&'\""));
    let error = refuse("<r>\n&nbsp;</r>");
    assert_eq!((error.code, error.line), ("xml-not-well-formed", 2));
    assert!(error.detail.contains("&nbsp;"), "{error}");
}

#[test]
fn what_is_not_well_formed_is_refused_at_its_place() {
    for (text, place) in [
        ("", "1:1"),
        ("  \n ", "2:2"),
        ("plain text", "1:11"),
        ("<r>\n<a></r>", "2:8"),
        ("<r>\n<a></b></r>", "2:4"),
        ("<r>\n<a", "2:1"),
        ("<r>\n<a b='", "2:1"),
        ("<r>\n<!-- ", "2:1"),
        ("<r>\n<![CDATA[ ]]", "2:1"),
        ("<r>\n<!ELEMENT r></r>", "2:1"),
        ("<r>\n<a b='1' b='2'/></r>", "2:10"),
        ("<r>\n<p:a/></r>", "2:2"),
        ("<r>\na & b</r>", "2:3"),
        ("<r>\n\u{1}</r>", "2:1"),
    ] {
        assert_eq!(refused_at(text), ("xml-not-well-formed", place.into()), "{text:?}: {}", refuse(text));
    }
}

#[test]
fn details_do_not_carry_positions_twice_or_break_lines() {
    let error = refuse("<r>\n<a></\u{1b}b\n></r>");
    assert!(!error.detail.contains(" at "), "{error}");
    let long = format!("<r></{}></r>", "x".repeat(5000));
    assert!(refuse(&long).detail.len() < 400);
}

#[test]
fn limits_are_kept_and_named() {
    let options = Options { depth_max: 3, nodes_max: 10, ..Options::default() };
    let parse = |text: &str| Document::parse(text.as_bytes(), &options).map(drop).map_err(|error| error.code);
    assert_eq!(parse("<a><b><c/></b></a>"), Ok(()));
    assert_eq!(parse("<a><b><c><d/></c></b></a>"), Err("xml-too-deep"));
    assert_eq!(parse(&format!("<a>{}</a>", "<b/>".repeat(8))), Ok(()));
    assert_eq!(parse(&format!("<a>{}</a>", "<b/>".repeat(11))), Err("xml-too-many-nodes"));
    assert_eq!(parse(&format!("<a>{}</a>", "<b/>".repeat(100))), Err("xml-too-many-nodes"));
    assert_eq!(parse(&format!("<a>{}</a>", "=".repeat(100))), Err("xml-too-many-attributes"));
    let attributes: String = (0..300).map(|number| format!(" a{number}='1'")).collect();
    assert_eq!(refuse(&format!("<a{attributes}/>")).code, "xml-too-many-attributes");
    let namespaces: String = (0..40).map(|number| format!(" xmlns:a{number}='u{number}'")).collect();
    assert_eq!(refuse(&format!("<a{namespaces}><b{namespaces}/></a>")).code, "xml-too-many-namespaces");
    assert!(Document::parse(format!("<a{namespaces}/>").as_bytes(), &Options::default()).is_ok());
}

#[test]
fn a_document_goes_where_it_is_needed() {
    fn moved(document: Document<'_>) -> usize {
        document.root().elements().count()
    }
    fn shared<T: Send + Sync>(_: &T) {}
    let document = read("<r><a/></r>");
    shared(&document);
    assert_eq!(moved(document), 1);
}

#[test]
fn a_reference_names_a_character_of_xml_or_is_refused_where_it_stands() {
    let refused = [
        "&#0;",
        "&#1;",
        "&#8;",
        "&#11;",
        "&#12;",
        "&#14;",
        "&#31;",
        "&#x0;",
        "&#x1F;",
        "&#xD800;",
        "&#xDBFF;",
        "&#xDC00;",
        "&#xDFFF;",
        "&#55296;",
        "&#57343;",
        "&#xFFFE;",
        "&#xFFFF;",
        "&#65535;",
        "&#x110000;",
        "&#1114112;",
        "&#xFFFFFFFF;",
        "&#4294967361;",
        "&#x100000041;",
        "&#x10000000000000041;",
        "&#;",
        "&#x;",
        "&#X41;",
        "&#x41",
        "&#65",
        "&#6 5;",
        "&# 65;",
        "&#-1;",
        "&#+65;",
        "&#x4G;",
        "&#65,;",
        "&#\u{666}5;",
    ];
    for reference in refused {
        for text in [
            format!("<r>\n a{reference}b</r>"),
            format!("<r>\n <a b='{reference}'/></r>"),
            format!("<r>\n <a b=\"x\" c=\"{reference}\"/></r>"),
            format!("<r>\n <a>x</a>{reference}</r>"),
        ] {
            let error = refuse(&text);
            assert_eq!((error.code, error.line), ("xml-not-well-formed", 2), "{text:?}: {error}");
            let at = text.lines().nth(1).and_then(|line| line.find('&')).expect("a reference") + 1;
            assert_eq!(error.column as usize, at, "{text:?}: {error}");
            assert!(error.detail.len() < 120, "{error}");
        }
    }
    for options in [Options::default(), LENIENT] {
        assert!(Document::parse(b"<r>&#xD800;</r>", &options).is_err());
    }
}

#[test]
fn every_reference_to_a_character_of_xml_is_that_character() {
    let zeros = "0".repeat(100_000);
    for (reference, character) in [
        ("&#9;", '\t'),
        ("&#x20;", ' '),
        ("&#65;", 'A'),
        ("&#x7F;", '\u{7F}'),
        ("&#x85;", '\u{85}'),
        ("&#xd7ff;", '\u{D7FF}'),
        ("&#xE000;", '\u{E000}'),
        ("&#xFFFD;", '\u{FFFD}'),
        ("&#x10000;", '\u{10000}'),
        ("&#x10fFfF;", '\u{10FFFF}'),
        ("&#1114111;", '\u{10FFFF}'),
        (&format!("&#{zeros}65;"), 'A'),
        (&format!("&#x{zeros}41;"), 'A'),
    ] {
        let text = format!("<r a='|{reference}|'><b>|{reference}|</b></r>");
        let document = read(&text);
        let expected = format!("|{character}|");
        assert_eq!(document.root().text_at("b").as_deref(), Some(&*expected), "{character:?}");
        assert_eq!(document.root().attribute("a"), Some(&*expected), "{character:?}");
    }
    // What looks like a reference is none in comments, instructions and CDATA sections.
    let document = read("<r><!-- &#1; --><?a &#1;?><![CDATA[&#1;&#xD800;]]></r>");
    assert_eq!(document.root().text().as_deref(), Some("&#1;&#xD800;"));
}

#[test]
fn characters_that_xml_does_not_have_are_refused_wherever_they_stand() {
    let none = ('\u{1}'..='\u{1F}').filter(|character| !matches!(character, '\t' | '\n' | '\r'));
    for character in none.chain(['\u{0}', '\u{FFFE}', '\u{FFFF}']) {
        for text in [
            format!("<r>\nä{character}</r>"),
            format!("<r>\n<!-- {character} --></r>"),
            format!("<r>\n<?a {character}?></r>"),
            format!("<r>\n<![CDATA[{character}]]></r>"),
            format!("<r>\n<a b='{character}'/></r>"),
            format!("<r>\n<a{character}/></r>"),
            format!("<r>\n</r{character}>"),
            format!("<r/>\n<!-- {character} -->"),
        ] {
            let error = refuse(&text);
            assert_eq!((error.code, error.line), ("xml-not-well-formed", 2), "{text:?}: {error}");
        }
    }
    let document = read("<r>\u{7F}\u{80}\u{9F}\u{FFFD}\u{1FFFE}\u{10FFFF}</r>");
    assert_eq!(document.root().text().map(|text| text.chars().count()), Some(6));
    // Text that is cut off is no part of the document.
    assert!(Document::parse(b"<r/>\nlog \x01", &LENIENT).is_ok());
}
