//! The XML reader: nothing expands, everything it returns has its place in the input.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portgate_readers::xml::{Document, Element, Options, TrailingText};

fuzz_target!(|bytes: &[u8]| {
    for trailing_text in [TrailingText::Refuse, TrailingText::Warn] {
        match Document::parse(bytes, &Options { trailing_text, depth_max: 32, nodes_max: 1000 }) {
            Ok(document) => {
                assert!(text_bytes(document.root()) <= bytes.len() * 3, "text grew beyond what decoding explains");
                assert!(document.anomalies().len() <= if trailing_text == TrailingText::Warn { 4 } else { 3 });
            }
            Err(error) => assert!(error.line > 0 && error.column > 0 && !error.detail.contains('\n')),
        }
    }
});

fn text_bytes(element: Element<'_>) -> usize {
    assert!(element.location().contains(element.name()));
    let _ = (element.attribute("c"), element.text_at("a/b"), element.path("a/b"), element.namespace());
    element.text().map_or(0, |text| text.len()) + element.elements().map(text_bytes).sum::<usize>()
}
