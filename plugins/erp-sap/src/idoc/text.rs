//! Texts, terms and qualified values of the segments that several types of IDocs have.

use portgate_sdk::canonical::{Note, Text};

use crate::reader::{NOTES_MAX, Others, Reader, listed};
use crate::record::Record;

/// How SAP parts a text: a segment of its head (`E1EDKT1`, `E1EDPT1`, `E1TXTH8`, …) with one for each line in it.
const LINES: [&str; 5] = ["E1EDKT2", "E1EDPT2", "E1TXTP8", "E1TXTP9", "E1TXTP1"];

/// The texts below a record under the name of their head.
pub(crate) fn notes(reader: &mut Reader<'_>, record: &Record<'_>, head: &str, others: &mut Others) {
    for text in record.records(head) {
        // A text names what it belongs to, which is the document that it comes with.
        text.skip(&["TDOBJECT", "TDOBNAME"]);
        let subject = text.text("TDID");
        let language = text.first(&["TSSPRAS_ISO", "LANGUA_ISO", "TSSPRAS", "TDSPRAS"]);
        let mut words = String::new();
        for (index, line) in LINES.iter().flat_map(|name| text.records(name)).enumerate() {
            // `*` and `/` begin a line, `=` goes on with the one before.
            let goes_on = line.text("TDFORMAT").is_some_and(|format| format == "=");
            if index > 0 && !goes_on {
                words.push('\n');
            }
            words.push_str(&line.text("TDLINE").unwrap_or_default());
            reader.rest(&line, others);
        }
        reader.rest(&text, others);
        let words = reader.decoded.free_text(text.at("TDID"), "text", &words);
        if let Some(words) = words.filter(|_| others.notes.len() < NOTES_MAX) {
            let subject = subject.map(|subject| listed("SAP TDID", &subject));
            let language = language.and_then(|language| Text::new(language.to_lowercase()).ok());
            others.notes.push(Note { subject, language, ..Note::new(words) });
        }
    }
}

/// Values that a qualifier names: `E1EDK14` with `QUALF` and `ORGID` becomes the code of the list `SAP E1EDK14 008`.
pub(crate) fn qualified(
    reader: &mut Reader<'_>,
    record: &Record<'_>,
    (segment, qualifier, value): (&str, &str, &str),
    others: &mut Others,
) {
    for inner in record.records(segment) {
        let list = format!("SAP {segment} {}", inner.text(qualifier).unwrap_or_default());
        if let Some(value) = inner.set(value) {
            reader.other(&inner, others, list.trim_end(), &value);
        }
        reader.rest(&inner, others);
    }
}
