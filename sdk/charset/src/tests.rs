//! What is announced, what comes, and what is read; and what no announcement lets through.

use proptest::prelude::*;

use crate::{Repertoire, Text, Undecodable, charset_of, edi, without_mark, xml, xml_in_utf_8};

fn interchange(identifier: &str, name: &[u8]) -> Vec<u8> {
    [format!("UNB+{identifier}:3+A+B+260301:0815+1'\nNAD+CN+++").as_bytes(), name, b"'UNZ+0+1'"].concat()
}

/// The name that is read, and how often it was said that something else was announced.
fn name_of(text: &Text<'_>) -> (String, usize) {
    let name = text.text.split("NAD+CN+++").nth(1).and_then(|rest| rest.split('\'').next());
    (name.unwrap_or_default().to_owned(), text.notes.len())
}

#[track_caller]
fn read(identifier: &str, name: &[u8]) -> (String, usize) {
    let bytes = interchange(identifier, name);
    let text = edi(&bytes).unwrap_or_else(|wrong| panic!("{identifier}: {}", wrong.detail));
    name_of(&text)
}

#[track_caller]
fn refused(identifier: &str, name: &[u8]) -> Undecodable {
    let bytes = interchange(identifier, name);
    let wrong = edi(&bytes).expect_err("no text");
    assert_eq!(wrong.offset, wrong.before.chars().count(), "{}", wrong.detail);
    wrong
}

#[test]
fn each_syntax_identifier_has_its_set() {
    for (identifier, bytes, expected) in [
        ("UNOA", &b"MUELLER"[..], "MUELLER"),
        ("UNOB", b"Mueller", "Mueller"),
        ("UNOC", b"M\xFCller \xC5ngstr\xF6m", "Müller Ångström"),
        ("UNOD", b"Wr\xF3bel \xA3\xF3d\xBC", "Wróbel Łódź"),
        ("UNOE", b"\xB2\xDB\xD0\xD4\xD8\xD2\xDE\xE1\xE2\xDE\xDA", "Владивосток"),
        ("UNOF", b"\xD0\xE5\xE9\xF1\xE1\xE9\xDC\xF2", "Πειραιάς"),
        ("UNOG", b"\xA9zmir Malta \xA6ira \xE6", "İzmir Malta Ĥira ĉ"),
        ("UNOH", b"R\xEEga \xC7 \xA2", "Rîga Į ĸ"),
        ("UNOI", b"\xCF\xC8\xEA", "دبي"),
        ("UNOJ", b"\xE7\xE9\xF4\xE4", "חיפה"),
        ("UNOK", b"\xDDzmir \xD0\xFE", "İzmir Ğş"),
        ("UNOL", b"5 \xA4 \xBE", "5 € Ÿ"),
        ("UNOW", "Łódź Владивосток 上海".as_bytes(), "Łódź Владивосток 上海"),
        ("UNOX", b"\x1B$B%3%s%F%J\x1B(B 1", "コンテナ 1"),
        ("UNOY", "Müller 上海".as_bytes(), "Müller 上海"),
        ("KECA", b"\xBA\xCE\xBB\xEA", "부산"),
        ("unoc", b"M\xFCller", "Müller"),
    ] {
        assert_eq!(read(identifier, bytes), (expected.to_owned(), 0), "{identifier}");
    }
}

#[test]
fn windows_1252_is_recognised_where_control_characters_would_appear() {
    assert_eq!(read("UNOC", b"M\xFCller \x96 \x80 5 \x84x\x93"), ("Müller – € 5 „x“".to_owned(), 1));
    let wrong = refused("UNOC", b"M\xFCller \x81");
    assert!(wrong.detail.contains("0x81") && wrong.detail.contains("UNOC"), "{}", wrong.detail);
    assert_eq!((wrong.line, wrong.column), (2, 17));
    // In no other set does anybody know what such bytes mean.
    for (identifier, bytes) in [("UNOD", &b"\x9C"[..]), ("UNOE", b"\xB2\x80"), ("UNOF", b"\x93"), ("UNOL", b"\x80")] {
        assert!(refused(identifier, bytes).detail.contains("control character"), "{identifier}");
    }
}

#[test]
fn utf_8_under_another_name_is_read_as_utf_8_and_said() {
    for (identifier, name) in [
        ("UNOA", "Müller"),
        ("UNOB", "Łódź"),
        ("UNOC", "Müller"),
        ("UNOC", "für Ö ß é"),
        ("UNOC", "à"),
        ("UNOC", "Koź"),
        ("UNOC", "5 € – „x“"),
        ("UNOC", "Владивосток"),
        ("UNOC", "上海"),
        ("UNOD", "Łódź Wrócław ą"),
        ("UNOD", "ó"),
        ("UNOE", "Владивосток"),
        ("UNOE", "дом"),
        ("UNOF", "Πειραιάς"),
        ("UNOF", "α"),
        ("UNOJ", "חיפה"),
        ("UNOK", "İzmir ş"),
        ("UNOL", "Zoë €"),
        ("ZZZZ", "Müller"),
    ] {
        assert_eq!(read(identifier, name.as_bytes()), (name.to_owned(), 1), "{identifier} {name}");
    }
}

#[test]
fn what_happens_to_be_valid_utf_8_is_still_what_is_announced() {
    for (identifier, bytes, expected) in [
        ("UNOE", &b"\xC2\xB0"[..], "ТА"),
        ("UNOE", b"\xC3\xBA", "УК"),
        ("UNOD", b"P\xD3\xA3 KA", "PÓŁ KA"),
        ("UNOC", b"QUALIT\xC9\xA0: 1", "QUALITÉ\u{A0}: 1"),
        ("UNOC", b"\"CAF\xC9\xBB", "\"CAFÉ»"),
    ] {
        assert!(std::str::from_utf8(bytes).is_ok(), "{identifier}");
        assert_eq!(read(identifier, bytes), (expected.to_owned(), 0), "{identifier}");
    }
}

#[test]
fn what_cannot_be_known_is_refused_where_it_begins() {
    let wrong = refused("UNOA", b"M\xFCLLER");
    assert_eq!((wrong.offset, wrong.line, wrong.column), (40, 2, 11), "{}", wrong.detail);
    assert!(wrong.detail.contains("0xFC is not US-ASCII; UNB announces UNOA"), "{}", wrong.detail);
    assert!(refused("UNOW", b"M\xFCller").detail.contains("UTF-8"));
    assert!(refused("UNOY", b"M\xFCller").detail.contains("UTF-8"));
    assert!(refused("UNOF", b"\xAE").detail.contains("ISO-8859-7"));
    assert!(refused("UNOX", b"M\xFCller").detail.contains("ISO-2022-JP"));
    assert!(refused("UNOX", b"\x1B$)C\x0E").detail.contains("UNOX"));
    assert!(refused("ZZZZ", b"M\xFCller").detail.contains("not known"));
    assert!(refused("UNOC", b"\x1B$B%3").detail.contains("escape sequence"));
    assert!(refused("UNOW", b"\x1B$B%3").detail.contains("escape sequence"));
    assert!(edi(b"NAD+CN+++M\xFCller'").is_err_and(|wrong| wrong.detail.contains("nothing announces")));
    assert!(edi(b"\xE4\xD5\xC2\x4E").is_err_and(|wrong| wrong.detail.contains("EBCDIC")));
}

#[test]
fn two_sets_in_one_interchange_are_refused_where_the_second_begins() {
    for (identifier, bytes, place) in [
        ("UNOC", &b"M\xC3\xBCller Stra\xDFe"[..], 1),
        ("UNOC", b"Stra\xDFe M\xC3\xBCller", 8),
        ("UNOC", b"K\xF6ln, K\xC3\x96LN", 7),
        ("UNOL", b"\xA4 5 \xC2\xB0", 4),
        ("UNOK", b"\xDDzmir \xC3\xBC", 6),
    ] {
        let wrong = refused(identifier, bytes);
        assert_eq!(wrong.column as usize, 10 + place, "{identifier}: {}", wrong.detail);
        assert!(wrong.detail.contains("begins a character in UTF-8"), "{}", wrong.detail);
    }
    for (bytes, expected) in [(&b"MANH\xC3\xA0 \xE9"[..], "MANHÃ\u{A0} é"), (b"\x93MANH\xC3\x94 \xE9", "“MANHÃ” é")]
    {
        assert_eq!(read("UNOC", bytes).0, expected);
    }
}

#[test]
fn a_flood_of_interchanges_costs_no_more_than_its_bytes() {
    let flood = |count: usize| "UNB+UNOC:3+\u{FC}'".repeat(count).into_bytes();
    let many = flood(50_000);
    let text = edi(&many).unwrap();
    assert_eq!((text.notes.len(), text.parts.len()), (16, 1));
    assert!(edi(&flood(65_537)).is_err());
    let spaced =
        [b"UNB+UNOC:3+\xFC'".as_slice(), &b" ".repeat(500_000), &b"?".repeat(500_000), b"'UNB+UNOE:3+\xB0'"].concat();
    assert!(edi(&spaced).is_ok());
}

#[test]
fn from_syntax_4_on_the_encoding_goes_before_the_identifier() {
    assert_eq!(read("UNOC:4:1:7", "Müller".as_bytes()).0, "Müller");
    let bytes = |code: &str| format!("UNB+UNOC:4::{code}+A'NAD+CN+++").into_bytes();
    let with = |code: &str, name: &[u8]| [&bytes(code), name, b"'"].concat();
    assert_eq!(name_of(&edi(&with("7", "Müller".as_bytes())).unwrap()), ("Müller".to_owned(), 0));
    assert!(edi(&with("7", b"M\xFCller")).is_err());
    assert_eq!(name_of(&edi(&with("2", b"M\xFCller")).unwrap()), ("Müller".to_owned(), 0));
    assert!(edi(&with("3", b"M\x81ller")).is_err(), "code page 850");
}

#[test]
fn each_interchange_of_an_input_has_its_own_set() {
    let one = interchange("UNOC", b"M\xFCller");
    let two = interchange("UNOE", b"\xB2\xDB\xD0\xD4");
    let three = [b"UNA:+.? '".as_slice(), &interchange("UNOW", "上海".as_bytes())].concat();
    let all = [one.as_slice(), b"\r\n", &two, b"\r\n", &three].concat();
    let text = edi(&all).unwrap();
    let names: Vec<&str> = text.text.split("NAD+CN+++").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert_eq!((names, text.notes.len()), (vec!["Müller", "Влад", "上海"], 0));
    // A place behind all of them leads back into the input.
    assert_eq!(text.offset_in_input(text.text.len()), all.len());
    let second = text.text.find("Влад").unwrap();
    assert_eq!(&all[text.offset_in_input(second)..][..4], b"\xB2\xDB\xD0\xD4");
    // What only looks like another interchange is none.
    let released = interchange("UNOC", b"?'UNB+UNOE:3+\xFC");
    assert_eq!(name_of(&edi(&released).unwrap()).0, "?");
    assert!(edi(&released).unwrap().text.ends_with("+ü'UNZ+0+1'"));
}

#[test]
fn separators_are_those_of_una() {
    let bytes = b"UNA.*,! ~UNB*UNOD.3*A~NAD*CN***\xA3\xF3d\xBC~".as_slice();
    assert!(edi(bytes).unwrap().text.contains("Łódź"));
    let again = [bytes, b"UNA:+.? 'UNB+UNOC:3+A'NAD+\xA3'"].concat();
    assert!(edi(&again).unwrap().text.ends_with("NAD+£'"));
}

#[test]
fn utf_16_shows_itself() {
    let text = "UNA:+.? 'UNB+UNOY:4+A'NAD+CN+++上海 🚢'";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in
        [little.clone(), big.clone(), [&[0xFF, 0xFE], &little[..]].concat(), [&[0xFE, 0xFF], &big[..]].concat()]
    {
        let read = edi(&bytes).unwrap();
        assert_eq!((&*read.text, read.notes.len()), (text, 0));
        assert_eq!(read.offset_in_input(read.text.len()), bytes.len());
    }
    let other: Vec<u8> = text.replace("UNOY", "UNOC").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(edi(&other).unwrap().notes.len(), 1);
    assert!(edi(&little[..little.len() - 1]).is_err(), "half a character");
    let lone = [&little[..], &[0x00, 0xD8], &little[..4]].concat();
    assert_eq!(edi(&lone).unwrap_err().offset, little.len());
}

#[test]
fn a_byte_order_mark_goes_before_unb() {
    let marked =
        |identifier: &str, name: &str| [b"\xEF\xBB\xBF", &interchange(identifier, name.as_bytes())[..]].concat();
    assert_eq!(name_of(&edi(&marked("UNOW", "Łódź")).unwrap()), ("Łódź".to_owned(), 0));
    assert_eq!(name_of(&edi(&marked("UNOC", "Łódź")).unwrap()), ("Łódź".to_owned(), 1));
    assert_eq!(name_of(&edi(&marked("UNOA", "LODZ")).unwrap()), ("LODZ".to_owned(), 0));
    assert_eq!(edi(&marked("UNOW", "Łódź")).unwrap().offset_in_input(0), 3);
}

#[test]
fn x12_is_utf_8_or_the_letters_of_its_extended_set() {
    let set = |name: &[u8]| [b"ISA*00*~N1*CN*", name, b"~"].concat();
    for (bytes, expected) in [("Łódź".as_bytes(), "Łódź"), (b"Caf\xE9", "Café"), (b"\x80 5", "€ 5")] {
        assert!(edi(&set(bytes)).unwrap().text.contains(expected), "{expected}");
    }
    assert!(edi(&set(b"\x81")).is_err());
}

fn element(bytes: &[u8], charset: Option<&str>) -> Result<(String, usize), String> {
    let text = xml(bytes, charset).map_err(|wrong| wrong.detail)?;
    let content = text.text.split("<a>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    Ok((content.to_owned(), text.notes.len()))
}

fn document(declared: Option<&str>, content: &[u8]) -> Vec<u8> {
    let declaration = declared.map(|name| format!("<?xml version=\"1.0\" encoding='{name}'?>\n")).unwrap_or_default();
    [declaration.as_bytes(), b"<r><a>", content, b"</a></r>"].concat()
}

#[test]
fn the_content_type_goes_before_the_declaration_and_a_mark_before_both() {
    let euro = |declared| document(declared, b"\xA4");
    for (declared, charset, expected) in [
        (Some("iso-8859-1"), None, "¤"),
        (Some("iso-8859-15"), None, "€"),
        (Some("iso-8859-1"), Some("ISO-8859-15"), "€"),
        (Some("iso-8859-15"), Some("iso-8859-1"), "¤"),
        (Some("utf-8"), Some("iso-8859-15"), "€"),
        (None, Some("iso-8859-15"), "€"),
        (None, Some("windows-1251"), "¤"),
    ] {
        let read = element(&euro(declared), charset);
        assert_eq!(read, Ok((expected.to_owned(), 0)), "{declared:?} {charset:?}");
    }
    for (declared, charset) in [(None, None), (Some("utf-8"), None), (Some("iso-8859-15"), Some("utf-8"))] {
        assert!(element(&euro(declared), charset).is_err(), "{declared:?} {charset:?}");
    }
    let marked = [b"\xEF\xBB\xBF", &document(Some("iso-8859-1"), "€".as_bytes())[..]].concat();
    assert_eq!(element(&marked, Some("iso-8859-15")), Ok(("€".to_owned(), 2)));
    assert_eq!(element(&marked, Some("utf-8")), Ok(("€".to_owned(), 1)));
}

#[test]
fn utf_16_may_come_with_a_mark_or_a_charset_or_neither() {
    let text = String::from_utf8(document(Some("UTF-16"), "Łódź".as_bytes())).unwrap();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in
        [little.clone(), big.clone(), [&[0xFF, 0xFE], &little[..]].concat(), [&[0xFE, 0xFF], &big[..]].concat()]
    {
        for charset in [None, Some("utf-16")] {
            assert_eq!(element(&bytes, charset), Ok(("Łódź".to_owned(), 0)));
        }
        assert_eq!(element(&bytes, Some("utf-8")), Ok(("Łódź".to_owned(), 1)), "the bytes cannot be UTF-8");
    }
    assert!(element(&document(None, b"x"), Some("utf-16")).is_err(), "nor can these be UTF-16");
    // This is written by a program that keeps its text in UTF-16 and sends it in UTF-8.
    assert_eq!(element(&document(Some("utf-16"), "Łódź".as_bytes()), None), Ok(("Łódź".to_owned(), 1)));
    assert!(element(&document(Some("utf-16"), b"\xF3"), None).is_err());
}

#[test]
fn every_set_of_the_encoding_standard_is_known_by_its_names() {
    for (name, bytes, expected) in [
        ("windows-1250", &b"\x8Clunsk \x9C"[..], "Ślunsk ś"),
        ("windows-1251", b"\xCC\xEE\xF1\xEA\xE2\xE0", "Москва"),
        ("KOI8-R", b"\xED\xCF\xD3\xCB\xD7\xC1", "Москва"),
        ("Shift_JIS", b"\x93\x8C\x8B\x9E", "東京"),
        ("EUC-JP", b"\xC5\xEC\xB5\xFE", "東京"),
        ("GB2312", b"\xC9\xCF\xBA\xA3", "上海"),
        ("gb18030", b"\xC9\xCF\xBA\xA3", "上海"),
        ("Big5", b"\xA4\x57\xAE\xFC", "上海"),
        ("EUC-KR", b"\xBA\xCE\xBB\xEA", "부산"),
        ("latin2", b"\xA3", "Ł"),
        ("cp1252", b"\x80", "€"),
    ] {
        assert_eq!(element(&document(Some(name), bytes), None), Ok((expected.to_owned(), 0)), "{name}");
    }
    for name in ["utf-7", "x-user-defined", "iso-2022-kr", "hz-gb-2312", "ebcdic-cp-us", "", "utf-32"] {
        assert!(element(&document(Some(name), b"x"), None).is_err(), "{name}");
        assert!(element(&document(None, b"x"), Some(name)).is_err(), "{name}");
    }
    assert!(element(&document(Some("shift_jis"), b"\x93"), None).is_err(), "half a character");
}

#[test]
fn the_charset_of_a_content_type_is_found_however_it_is_written() {
    for (value, charset) in [
        ("application/xml", None),
        ("application/xml; charset=utf-8", Some("utf-8")),
        ("application/xml;Charset=\"ISO-8859-15\"", Some("ISO-8859-15")),
        ("text/xml; profile=a; CHARSET = utf-16 ; x=y", Some("utf-16")),
        ("text/xml; charset=", None),
        ("text/xml; charset=\"\"", None),
        ("text/xml; xcharset=utf-8", None),
        ("charset=utf-8", None),
    ] {
        assert_eq!(charset_of(value), charset, "{value}");
    }
}

#[test]
fn one_mark_is_passed_over() {
    assert_eq!(without_mark(b"\xEF\xBB\xBF\xEF\xBB\xBF{}"), b"\xEF\xBB\xBF{}");
    assert_eq!(without_mark(b"{}"), b"{}");
}

proptest! {
    #[test]
    fn nothing_panics_and_no_text_has_what_no_text_has(
        start in prop::sample::select(vec!["", "UNB+UNOC:3+", "UNB+UNOE:3+", "UNB+UNOX:4+", "UNA:+.? 'UNB+UNOD:3+", "ISA*", "<?xml encoding='gb18030'?>"]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
        charset in prop::option::of(prop::sample::select(vec!["utf-8", "utf-16", "iso-8859-2", "big5"])),
    ) {
        let bytes = [start.as_bytes(), &rest].concat();
        for read in [edi(&bytes), xml(&bytes, charset)] {
            match read {
                Ok(text) => {
                    let allowed = std::str::from_utf8(&bytes).is_ok() || !text.text.contains('\u{FFFD}');
                    prop_assert!(allowed || bytes.windows(2).any(|pair| pair == [0xFD, 0xFF] || pair == [0xFF, 0xFD]) || charset.is_some() || start.contains("gb18030"));
                    for note in &text.notes {
                        prop_assert!(note.offset <= text.text.len() && note.line > 0 && note.column > 0);
                        prop_assert!(!note.detail.contains('\n'));
                    }
                    for (offset, _) in text.text.char_indices() {
                        prop_assert!(text.offset_in_input(offset) <= bytes.len());
                    }
                }
                Err(wrong) => {
                    prop_assert!(wrong.offset <= bytes.len() && wrong.line > 0 && wrong.column > 0);
                    prop_assert!(!wrong.detail.contains('\n'));
                }
            }
        }
    }

    #[test]
    fn text_in_the_set_that_is_announced_comes_out_as_it_was_written(name in "[а-яА-ЯA-Za-z ]{3,40}") {
        let (bytes, _, unmappable) = encoding_rs::ISO_8859_5.encode(&name);
        prop_assert!(!unmappable);
        // A short word can also be UTF-8; more of them cannot.
        prop_assume!(std::str::from_utf8(&bytes).is_err() || bytes.is_ascii());
        prop_assert_eq!(read("UNOE", &bytes), (name, 0));
    }
}

/// The sets of `UNB`, with the versions that announce them and what says their encoding.
const SETS: [(&str, u8, Option<&str>); 18] = [
    ("UNOA", 1, None),
    ("UNOB", 2, None),
    ("UNOA", 4, None),
    ("UNOC", 3, None),
    ("UNOD", 3, None),
    ("UNOE", 3, None),
    ("UNOF", 3, None),
    ("UNOG", 4, None),
    ("UNOH", 4, None),
    ("UNOI", 4, None),
    ("UNOJ", 4, None),
    ("UNOK", 4, None),
    ("UNOL", 4, None),
    ("UNOW", 4, Some("7")),
    ("UNOX", 4, None),
    ("UNOY", 4, None),
    ("UNOY", 4, Some("7")),
    ("KECA", 4, None),
];

#[test]
fn every_character_of_a_set_is_read_as_what_was_written() {
    for (identifier, version, encoding) in SETS {
        let set = Repertoire::edifact(identifier, version, encoding).expect(identifier);
        let encoding = encoding.map(|code| format!("::{code}")).unwrap_or_default();
        let has: Vec<char> = ('\u{0}'..='\u{1FFFF}').filter(|c| set.has(*c)).collect();
        assert!(has.len() > 50, "{identifier}: {}", has.len());
        for some in has.chunks(60) {
            // A letter before and behind, so that what is read is bytes of this set and no UTF-8 by chance.
            let written: String = some.iter().flat_map(|c| ['Z', *c]).collect();
            let text = format!("UNB+{identifier}:{version}{encoding}+{written}Z");
            let bytes = set.encode(&text).expect(identifier);
            let read = edi(&bytes).unwrap_or_else(|error| panic!("{identifier}: {error:?} {written}"));
            assert_eq!(read.text, text, "{identifier}");
        }
    }
}

#[test]
fn what_a_set_lacks_is_not_written() {
    let edifact = |identifier, version| Repertoire::edifact(identifier, version, None).expect(identifier);
    assert!(!edifact("UNOA", 3).has('a') && edifact("UNOB", 3).has('a') && !edifact("UNOB", 3).has('@'));
    assert!(!edifact("UNOA", 3).has('_') && edifact("UNOA", 4).has('_'));
    assert!(edifact("UNOC", 3).has('é') && !edifact("UNOC", 3).has('€') && edifact("UNOL", 4).has('€'));
    assert!(!edifact("UNOK", 4).has('€'), "Windows-1254 has it, ISO-8859-9 has not");
    assert!(edifact("UNOX", 4).has('カ') && !edifact("UNOX", 4).has('ｶ'), "half a kana would become a whole one");
    assert!(!Repertoire::X12_BASIC.has('a') && !Repertoire::X12_BASIC.has('#') && Repertoire::X12_EXTENDED.has('#'));
    assert!(
        !Repertoire::X12_EXTENDED.has('é') && Repertoire::X12_LANGUAGES.has('é') && !Repertoire::X12_LANGUAGES.has('å')
    );
    for (identifier, version, encoding) in SETS {
        let set = Repertoire::edifact(identifier, version, encoding).expect(identifier);
        assert!(['\n', '\r', '\u{0}', '\u{1B}', '\u{7F}', '\u{85}'].into_iter().all(|c| !set.has(c)), "{identifier}");
    }
    assert_eq!(Repertoire::edifact("UNOZ", 4, None), None);
    assert_eq!(Repertoire::X12_EXTENDED.encode("é"), None);
    assert_eq!(edifact("UNOD", 3).encode("é€"), None);
}

#[test]
fn what_is_utf_8_by_agreement_is_read_as_nothing_else() {
    let plain = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>Łódź</a>";
    for (bytes, charset) in [
        (plain.as_bytes().to_vec(), None),
        ([b"\xEF\xBB\xBF", plain.as_bytes()].concat(), Some("UTF8")),
        (plain.as_bytes().to_vec(), Some(" us-ascii ")),
    ] {
        let text = xml_in_utf_8(&bytes, charset).unwrap();
        assert_eq!((text.text.as_ref(), text.notes.len()), (plain, 0));
        assert_eq!(text.offset_in_input(text.text.len()), bytes.len());
    }
    let declared = "<?xml version='1.0' encoding='windows-1250'?><a>Łódź</a>";
    let text = xml_in_utf_8(declared.as_bytes(), Some("UTF-16")).unwrap();
    let said: Vec<_> = text.notes.iter().map(|note| (note.column, note.detail.as_str())).collect();
    assert_eq!(
        said,
        [
            (1, "the Content-Type says UTF-16, and the bytes are UTF-8; they were read as UTF-8"),
            (31, "the XML declaration says windows-1250, and the bytes are UTF-8; they were read as UTF-8"),
        ]
    );
    let ascii = xml_in_utf_8(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", None).unwrap();
    assert_eq!(ascii.notes, [], "it is the same in both");
    for wrong in [&b"<a>\n\xA3\xF3d</a>"[..], b"\xFE\xFF\0<\0a\0/\0>"] {
        let refused = xml_in_utf_8(wrong, None).unwrap_err();
        assert!(refused.detail.contains("is not UTF-8, and no other encoding is read here"), "{}", refused.detail);
    }
    assert_eq!(xml_in_utf_8(b"<a>\n\xA3\xF3d</a>", None).unwrap_err().line, 2);
}

proptest! {
    #[test]
    fn what_is_read_as_utf_8_alone_is_what_is_read_of_every_set(text in "<a>[a-zß-žΑ-Ωぁ-ん一-龠]{0,40}</a>") {
        let (alone, any) = (xml_in_utf_8(text.as_bytes(), None).unwrap(), xml(text.as_bytes(), None).unwrap());
        prop_assert_eq!(alone, any);
    }
}
