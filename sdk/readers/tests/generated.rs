//! Reading is the inverse of writing, for whatever the generators think of, and no bytes at all make a reader panic.

use std::fmt::Write;

use portgate_readers::xml::{self, Document, TrailingText};
use portgate_readers::{edifact, x12};
use proptest::prelude::*;

/// Segments as a tag and elements made of components.
type Model = Vec<(String, Vec<Vec<String>>)>;

fn segments(tag: &'static str, text: &'static str) -> impl Strategy<Value = Model> {
    let element = prop::collection::vec(text, 1..4);
    prop::collection::vec((tag, prop::collection::vec(element, 0..5)), 1..12)
}

/// What a writer needs to know: element, component, release, terminator.
#[derive(Clone, Debug)]
struct Written {
    element: char,
    component: char,
    release: char,
    terminator: char,
    between: &'static str,
    wrap_at: usize,
}

fn write_edifact(model: &Model, by: &Written) -> String {
    let mut text = format!("UNA{}{},{} {}", by.component, by.element, by.release, by.terminator);
    for (tag, elements) in model {
        text.push_str(tag);
        for components in elements {
            text.push(by.element);
            for (index, component) in components.iter().enumerate() {
                if index > 0 {
                    text.push(by.component);
                }
                for character in component.chars() {
                    if [by.element, by.component, by.release, by.terminator].contains(&character) {
                        text.push(by.release);
                    }
                    text.push(character);
                }
            }
        }
        text.push(by.terminator);
        text.push_str(by.between);
    }
    let (head, body) = text.split_at(9);
    let body: Vec<char> = body.chars().collect();
    let lines: Vec<String> = body.chunks(by.wrap_at).map(|line| line.iter().collect()).collect();
    format!("{head}{}", lines.join("\r\n"))
}

fn read_back(elements: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    elements.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edifact_reads_what_was_written(
        // `UNA` and `UNB` say how what follows is read.
        model in segments("[A-TV-Z][A-Z0-9]{2}", "[ -~é\u{20AC}]{0,9}"),
        separators in Just(vec!['+', ':', '?', '\'', '*', '=', '~', '!', '#', '|']).prop_shuffle(),
        between in prop::sample::select(vec!["", "\n", "\r\n", " \r\n"]),
        wrap_at in prop::sample::select(vec![7_usize, 35, 80, usize::MAX]),
    ) {
        let [element, component, release, terminator, ..] = separators[..] else { unreachable!() };
        let by = Written { element, component, release, terminator, between, wrap_at };
        let text = write_edifact(&model, &by);
        let interchange = edifact::Interchange::parse(text.as_bytes(), &edifact::Limits::default());
        let interchange = interchange.map_err(|error| TestCaseError::fail(format!("{error}: {text:?}")))?;
        let read: Model = interchange
            .segments()
            .map(|segment| {
                let elements = segment.elements().map(|element| element.components().map(String::from).collect());
                (segment.tag().to_owned(), read_back(elements))
            })
            .collect();
        prop_assert_eq!(&read, &model, "{:?}", text);
        for (segment, (_, elements)) in interchange.segments().zip(&model) {
            for (index, components) in elements.iter().enumerate() {
                let first = segment.component(index + 1, 1);
                prop_assert_eq!(first.as_deref().unwrap_or_default(), &components[0]);
            }
        }
    }

    #[test]
    fn x12_reads_what_was_written(
        model in segments("[A-Z][A-Z0-9]{1,2}", "[ A-Za-z0-9é.,-]{0,9}"),
        separators in Just(vec!['*', ':', '>', '~', '^', '|', '\n', '\u{1D}', '\u{1F}', '\'']).prop_shuffle(),
    ) {
        let [element, component, repetition, terminator, ..] = separators[..] else { unreachable!() };
        prop_assume!(![element, component, repetition].contains(&'\n'));
        // With line ends as terminators, a tilde behind GS could be either; the reader believes it is the terminator.
        prop_assume!(component != '~' || terminator != '\n' || model[0].0 != "GS");
        prop_assume!(model.iter().all(|(tag, _)| tag != "ISA"));
        let isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260102*0830*^*00501*000000007*0*P*>";
        let mut text = isa.replace('^', "\0R").replace('>', "\0C").replace('*', &element.to_string());
        text = text.replace("\0R", &repetition.to_string()).replace("\0C", &component.to_string());
        text.push(terminator);
        for (tag, elements) in &model {
            text.push_str(tag);
            for components in elements {
                let _ = write!(text, "{element}{}", components.join(&component.to_string()));
            }
            text.push(terminator);
        }
        let interchange = x12::Interchange::parse(text.as_bytes(), &x12::Limits::default());
        let interchange = interchange.map_err(|error| TestCaseError::fail(format!("{error}: {text:?}")))?;
        let read: Model = interchange
            .segments()
            .skip(1)
            .map(|segment| {
                let elements = segment.elements().map(|element| element.components().map(String::from).collect());
                (segment.tag().to_owned(), read_back(elements))
            })
            .collect();
        prop_assert_eq!(read, model, "{:?}", text);
    }
}

/// An element with attributes and what is in it.
#[derive(Clone, Debug)]
struct Tree {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Tree>,
}

fn tree() -> impl Strategy<Value = Tree> {
    let attributes = prop::collection::btree_map("[a-z]{1,4}", "[ -~é€]{0,8}", 0..3);
    let leaf = ("[A-Z][a-z]{0,5}", attributes.clone(), "[ -~é€]{0,12}").prop_map(|(name, attributes, text)| Tree {
        name,
        attributes: attributes.into_iter().collect(),
        text,
        children: Vec::new(),
    });
    leaf.prop_recursive(5, 40, 5, move |inner| {
        ("[A-Z][a-z]{0,5}", attributes.clone(), "[ -~é€]{0,12}", prop::collection::vec(inner, 0..5)).prop_map(
            |(name, attributes, text, children)| Tree {
                name,
                attributes: attributes.into_iter().collect(),
                text,
                children,
            },
        )
    })
}

fn write_xml(tree: &Tree, into: &mut String) {
    let escaped =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let _ = write!(into, "<{}", tree.name);
    for (name, value) in &tree.attributes {
        let _ = write!(into, " {name}=\"{}\"", escaped(value));
    }
    let _ = write!(into, ">{}", escaped(&tree.text));
    for child in &tree.children {
        write_xml(child, into);
    }
    let _ = write!(into, "</{}>", tree.name);
}

fn assert_same(tree: &Tree, element: xml::Element<'_>) -> Result<(), TestCaseError> {
    prop_assert_eq!(element.name(), &tree.name);
    let text = element.text().unwrap_or_default();
    prop_assert_eq!(&text, tree.text.trim());
    for (name, value) in &tree.attributes {
        prop_assert_eq!(element.attribute(name), Some(value.as_str()));
    }
    prop_assert_eq!(element.elements().count(), tree.children.len());
    for (child, element) in tree.children.iter().zip(element.elements()) {
        assert_same(child, element)?;
    }
    Ok(())
}

/// Bytes that get further than random ones: pieces of the format, in any order, with anything between.
fn pieces(of: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(of).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const EDI_PIECES: &[&str] = &[
    "UNA:+.? '",
    "UNA=*,! ~",
    "UNB+UNOC:4+A+B+1:2+7'",
    "UNG+A'",
    "UNH+1+IFTSTA:D:00B:UN'",
    "UNT+2+1'",
    "UNE+1+1'",
    "UNZ+1+7'",
    "DTM+137:20260102:102'",
    "ISA*00*",
    "          *00*          *ZZ*A              *ZZ*B              *260102*0830*^*00501*",
    "000000007*0*P*>~",
    "GS*QO*A*B*20260102*0830*7*X*005010~",
    "ST*315*1~",
    "SE*2*1~",
    "GE*1*7~",
    "IEA*1*7~",
    "TA1*1~",
    "'",
    "~",
    "?",
    "+",
    ":",
    "*",
    "\r\n",
    "\n",
    "\u{FEFF}",
    "é",
    "\u{1A}",
    "123",
];

const XML_PIECES: &[&str] = &[
    "<?xml version='1.0' encoding='iso-8859-1'?>",
    "<?xml version='1.0'?>",
    "<r>",
    "</r>",
    "<a b='1'>",
    "</a>",
    "<c/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE r [<!ENTITY a 'b'>]>",
    "&a;",
    "&lt;",
    "&#233;",
    "&#0;",
    "<?p",
    "?>",
    "xmlns:p='u'",
    "<p:e ",
    "/>",
    ">",
    "<",
    "\"",
    "'",
    "=",
    " ",
    "\u{FEFF}",
    "é",
    "]]",
    "\r\n",
    "text",
];

fn look_at_all(segments: portgate_readers::edi::Segments<'_>) {
    for segment in segments {
        let _ = (segment.location(), segment.element(1), segment.component(1, 2), segment.decimal(2, 1));
        for number in 0..=segment.element_count() + 1 {
            for repetition in segment.repetitions(number) {
                let _ = (repetition.text(), repetition.components().count());
            }
        }
    }
}

fn look_at_messages<'d>(messages: impl Iterator<Item = portgate_readers::edi::Message<'d>>) {
    for message in messages {
        assert!(message.segments().len() > 0 && !message.location().is_empty());
        let _ = (message.kind(), message.version(), message.reference(), message.group(), message.interchange());
    }
}

fn look_at_tree(element: xml::Element<'_>) {
    let _ = (element.location(), element.text(), element.attribute("b"), element.text_at("a/c"));
    element.elements().for_each(look_at_tree);
}

fn parse_all(bytes: &[u8]) {
    if let Ok(interchange) = edifact::Interchange::parse(bytes, &edifact::Limits::default()) {
        look_at_all(interchange.segments());
        look_at_messages(interchange.messages());
    }
    if let Ok(interchange) = x12::Interchange::parse(bytes, &x12::Limits::default()) {
        look_at_all(interchange.segments());
        look_at_messages(interchange.messages());
    }
    for trailing_text in [TrailingText::Refuse, TrailingText::Warn] {
        let options = xml::Options { trailing_text, ..xml::Options::default() };
        match Document::parse(bytes, &options) {
            Ok(document) => look_at_tree(document.root()),
            Err(error) => assert!(error.line > 0 && error.column > 0),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn xml_reads_what_was_written(tree in tree()) {
        let mut text = String::new();
        write_xml(&tree, &mut text);
        let document = Document::parse(text.as_bytes(), &xml::Options::default());
        let document = document.map_err(|error| TestCaseError::fail(format!("{error}: {text:?}")))?;
        assert_same(&tree, document.root())?;
        let latin = text.replace('€', "e");
        let bytes: Vec<u8> = "<?xml version='1.0' encoding='ISO-8859-1'?>".chars().chain(latin.chars()).map(|c| c as u8).collect();
        let document = Document::parse(&bytes, &xml::Options::default());
        prop_assert!(document.is_ok(), "{:?}", document);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        parse_all(&bytes);
    }

    #[test]
    fn nearly_edi_never_panics(bytes in pieces(EDI_PIECES)) {
        parse_all(&bytes);
    }

    #[test]
    fn nearly_xml_never_panics(bytes in pieces(XML_PIECES)) {
        parse_all(&bytes);
    }
}
