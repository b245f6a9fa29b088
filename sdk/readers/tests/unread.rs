//! What the readers note when nobody looks: every place that says something, by a general path, and never more than a
//! few.

use portgate_readers::xml::{Document, Options};
use portgate_readers::{edifact, x12};
use portgate_unread::{PATH_BYTES_MAX, PATHS_MAX, noted};

fn xml(text: &str, look: impl FnOnce(&Document<'_>)) -> Vec<String> {
    noted(|| look(&Document::parse(text.as_bytes(), &Options::default()).expect("XML"))).1
}

fn edifact(text: &str, look: impl FnOnce(&edifact::Interchange<'_>)) -> Vec<String> {
    noted(|| look(&edifact::Interchange::parse(text.as_bytes(), &edifact::Limits::default()).expect("EDIFACT"))).1
}

fn x12(text: &str, look: impl FnOnce(&x12::Interchange<'_>)) -> Vec<String> {
    noted(|| look(&x12::Interchange::parse(text.as_bytes(), &x12::Limits::default()).expect("X12"))).1
}

const ORDER: &str = "<o:Order xmlns:o='urn:o' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
    xsi:schemaLocation='urn:o o.xsd' id='7' kind=''><Buyer><Name>A</Name><Note> </Note></Buyer>\
    <Line no='1'><Sku>x</Sku><Text/></Line><Line no='2'><Sku>y</Sku></Line><Extra><A>1</A><B b='2'/></Extra></o:Order>";

#[test]
fn of_xml_texts_and_attributes_are_noted_and_what_was_wholly_passed_by_only_once() {
    assert_eq!(xml(ORDER, |_| {}), ["/Order"]);
    let unread = xml(ORDER, |order| {
        let root = order.root();
        assert_eq!(root.text_at("Buyer/Name").as_deref(), Some("A"));
        assert_eq!(root.child("Line").and_then(|line| line.child("Sku")?.text()).as_deref(), Some("x"));
    });
    assert_eq!(unread, ["/Order/@id", "/Order/Extra", "/Order/Line", "/Order/Line/@no"], "the second line as well");
    let unread = xml(ORDER, |order| {
        let root = order.root();
        root.attribute("id");
        root.text_at("Buyer/Name");
        for line in root.children("Line") {
            line.attribute_in("urn:none", "no");
            line.attribute("no");
            line.text_at("Sku");
        }
        root.path("Extra/B").and_then(|element| element.attribute("b"));
    });
    assert_eq!(unread, ["/Order/Extra/A"]);
}

#[test]
fn of_xml_text_between_elements_counts_and_comments_do_not() {
    let text = "<a>before<!-- comment --><b>in</b>behind</a>";
    assert_eq!(xml(text, |document| drop(document.root().text_at("b"))), ["/a"]);
    assert_eq!(xml(text, |document| drop(document.root().text())), ["/a/b"]);
}

const REPORT: &str = "UNB+UNOC:3+A+B+260301:0745+1'UNH+1+IFTSTA:D:00B:UN'BGM+23+E1+9'RFF+CU:SH-77'RFF+BM:BL-1'\
    DTM+334:202603010740:203'NAD+CA+ABCD::20+++ '\
    LOC+175+GBFXT:139:6'UNT+7+1'UNZ+1+1'";

#[test]
fn of_edifact_components_are_noted_by_tag_element_and_component() {
    assert_eq!(edifact(REPORT, |_| {}), ["BGM", "DTM", "LOC", "NAD", "RFF", "UNB", "UNH"]);
    let unread = edifact(REPORT, |report| {
        let message = report.messages().next().expect("a message");
        assert_eq!(message.kind().as_deref(), Some("IFTSTA"));
        assert_eq!(message.reference().as_deref(), Some("1"));
        message.first("RFF").and_then(|segment| segment.component(1, 2));
        message.first("DTM").map(|segment| segment.elements().filter(|element| element.text().is_some()).count());
        message.first("LOC").and_then(|segment| segment.component(2, 1));
        message.first("NAD").and_then(|segment| segment.component(1, 1));
        message.interchange().and_then(|segment| segment.component(3, 1));
        message.first("BGM").and_then(|segment| segment.element(2));
    });
    let expected = [
        "BGM/1/1", "BGM/3/1", "LOC/1/1", "LOC/2/2", "LOC/2/3", "NAD/2/1", "NAD/2/3", "RFF", "RFF/1/1", "UNB/2/1",
        "UNB/4/1", "UNB/4/2", "UNB/5/1", "UNH/2/2", "UNH/2/3", "UNH/2/4",
    ];
    assert_eq!(unread, expected, "the second reference is wholly unread");
}

#[test]
fn of_edifact_released_characters_and_repetitions_are_told_apart() {
    let text = "UNA:+.?*'UNB+UNOC:4+A+B+20260301:0745+1'UNH+1+X:D:00B:UN'ABC+a?+b:c*d:e+f'UNT+3+1'UNZ+1+1'";
    let look = |all: bool| {
        edifact(text, move |interchange| {
            let message = interchange.messages().next().expect("a message");
            let segment = message.first("ABC").expect("the segment");
            match all {
                true => segment.repetitions(1).for_each(|one| drop(one.component(1))),
                false => drop(segment.component(1, 1)),
            }
        })
    };
    let of_it = |unread: Vec<String>| unread.into_iter().filter(|path| path.starts_with("ABC")).collect::<Vec<_>>();
    assert_eq!(of_it(look(false)), ["ABC/1/1", "ABC/1/2", "ABC/2/1"]);
    assert_eq!(of_it(look(true)), ["ABC/1/2", "ABC/2/1"]);
}

#[test]
fn of_x12_an_element_without_components_is_named_by_itself() {
    let text = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260301*0745*U*00401*000000001*0*P*>~\
        GS*QO*A*B*20260301*0745*1*X*004010~ST*315*0001~B4***VD*20260102*0830*USNYC*ABCU*1234560~N9*BM*X>Y~SE*4*0001~\
        GE*1*1~IEA*1*000000001~";
    let unread = x12(text, |interchange| {
        let set = interchange.messages().next().expect("a set");
        assert_eq!((set.kind().as_deref(), set.reference().as_deref()), (Some("315"), Some("0001")));
        let status = set.first("B4").expect("B4");
        for number in [3, 4, 5, 6] {
            status.element(number);
        }
        set.first("N9").and_then(|segment| segment.component(2, 1));
    });
    assert_eq!(unread, ["B4/7", "B4/8", "GS", "ISA", "N9/1", "N9/2/2"]);
}

#[test]
fn where_nobody_wants_to_know_nothing_is_noted() {
    let document = Document::parse(ORDER.as_bytes(), &Options::default()).expect("XML");
    drop(document);
    assert_eq!(noted(portgate_unread::begin).1, Vec::<String>::new());
}

#[test]
fn a_clone_is_not_noted_twice_and_what_one_of_them_has_looked_at_counts() {
    let unread = edifact("UNH+1+X:D:00B:UN'ABC+a'UNT+3+1'", |interchange| {
        let clone = interchange.clone();
        clone.messages().next().and_then(|message| message.first("ABC")?.element(1));
    });
    assert!(!unread.iter().any(|path| path.starts_with("ABC")), "{unread:?}");
}

#[test]
fn whatever_is_sent_notes_are_few_and_short_and_soon_there() {
    let elements: String = (0..30_000).map(|number| format!("<e{number} a='1'>x</e{number}>")).collect();
    let long = "é".repeat(100_000);
    let unread = xml(&format!("<{long}>{elements}<{long}>x</{long}></{long}>"), |document| {
        document.root().child("e0").and_then(|element| element.text());
    });
    assert!(unread.len() <= PATHS_MAX && unread.iter().all(|path| path.len() <= PATH_BYTES_MAX), "{}", unread.len());
    let deep = format!("{}x{}", "<a>".repeat(64), "</a>".repeat(64));
    assert_eq!(xml(&deep, |_| {}), ["/a"]);

    let segments: String = (0..20_000).map(|number| format!("S{:02}+a:b:c+d*e'", number % 100)).collect();
    let colons = ":x".repeat(30_000);
    let report = format!("UNH+1+X:D:00B:UN'{segments}BIG+a{colons}'UNT+1+1'");
    let unread = edifact(&report, |interchange| {
        for segment in interchange.segments() {
            segment.component(1, 1);
        }
    });
    assert!(unread.len() <= PATHS_MAX && unread.iter().all(|path| path.len() <= PATH_BYTES_MAX), "{}", unread.len());
}
