//! From bytes to text; which character set they are in is decided where the gateway decides it too.

use portgate_charset::{Note, Text, Undecodable};

use super::XmlError;
use crate::Anomaly;

/// The code of what concerns character sets.
const ENCODING: &str = "xml-encoding";

/// The text behind the byte order mark. `charset` is that of the `Content-Type`, where there is one.
pub(super) fn decode<'i>(
    bytes: &'i [u8],
    charset: Option<&str>,
    anomalies: &mut Vec<Anomaly>,
) -> Result<std::borrow::Cow<'i, str>, XmlError> {
    let Text { text, notes, .. } = portgate_charset::xml(bytes, charset).map_err(|wrong| {
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
