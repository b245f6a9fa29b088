//! From bytes to text; which character set they are in is decided where the gateway decides it too.

use std::borrow::Cow;

use portgate_charset::{Note, Text, Undecodable};

use super::XmlError;
use crate::Anomaly;

/// The code of what concerns character sets.
const ENCODING: &str = "xml-encoding";

/// The text behind the byte order mark, and what was noticed.
pub(super) fn noted<'i>(
    decoded: Result<Text<'i>, Undecodable>,
    anomalies: &mut Vec<Anomaly>,
) -> Result<Cow<'i, str>, XmlError> {
    let Text { text, notes, .. } = decoded.map_err(|wrong| {
        let Undecodable { line, column, detail, .. } = wrong;
        XmlError { code: ENCODING, detail, line, column }
    })?;
    anomalies.extend(notes.into_iter().map(|Note { line, column, detail, .. }| Anomaly {
        code: ENCODING,
        location: format!("{line}:{column}"),
        detail,
    }));
    Ok(text)
}
