//! What a partner sent, as a connector is given it.

use portgate_canonical::{Sha256, Source, Text, Timestamp};
use portgate_readers::xml;
use serde::de::DeserializeOwned;

use crate::agreement::{Acknowledgement, Agreement, ControlNumbers};
use crate::finding::{Finding, Rejection};
use crate::json;

/// One HTTP header field. The name is in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, in lower case.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Header {
    /// A header; the name should be in lower case.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Header { name: name.into(), value: value.into() }
    }
}

/// One message of a partner, as it arrived. The host has authenticated the partner and checked size and media type, and
/// for JSON the contract's schema, before a plugin sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The partner that the credential named.
    pub partner: String,
    /// The contract's name, as the manifest declares it.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The media type, without parameters, in lower case.
    pub content_type: String,
    /// The headers that the contract lists, names in lower case.
    pub headers: Vec<Header>,
    /// When the host had read the message, RFC 3339 in UTC.
    pub received_at: String,
    /// SHA-256 of `body`, 64 lower-case hexadecimal digits.
    pub digest: String,
    /// The payload, byte for byte.
    pub body: Vec<u8>,
    /// What was settled with the partner, where policy has an agreement for the message.
    pub agreement: Option<Agreement>,
    /// Numbers for the reply, where the agreement wants one.
    pub control_numbers: Option<ControlNumbers>,
}

impl Message {
    /// The first header of that (lower-case) name. Only headers that the contract lists are ever here.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str())
    }

    /// The payload as text, without the byte order mark that some put in front of it.
    ///
    /// # Errors
    ///
    /// A finding `UTF-8` that names the first byte that is not UTF-8.
    pub fn text(&self) -> Result<&str, Rejection> {
        let text = portgate_charset::without_mark(&self.body);
        std::str::from_utf8(text).map_err(|error| {
            let byte = self.body.len() - text.len() + error.valid_up_to();
            Finding::error("UTF-8", format!("byte {byte}"), "The message is not UTF-8 here; send it as UTF-8.").into()
        })
    }

    /// The payload read as JSON. Borrow nothing from it: the struct owns what it holds.
    ///
    /// What the struct has no field for is unread, which `portgate plugin test` tells. Of what is read into a
    /// [`serde_json::Value`], or through `flatten` or an untagged enum, nobody can tell; that is said as well.
    ///
    /// # Errors
    ///
    /// A finding `JSON`, located `line:column`, or what [`Self::text`] says.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Rejection> {
        // As text, because what was checked as a whole need not be checked string by string.
        Ok(json::read(self.text()?)?)
    }

    /// The `charset` that the `Content-Type` names. It is known only where the contract lists the header `content-type`,
    /// as each contract of the format `xml` should: there it goes before what the document says (RFC 7303 §3).
    pub fn charset(&self) -> Option<&str> {
        self.header("content-type").and_then(portgate_charset::charset_of)
    }

    /// The payload read as XML, by the charset of the `Content-Type` where there is one.
    ///
    /// # Errors
    ///
    /// A finding with the reader's code, located `line:column`.
    pub fn xml(&self, options: &xml::Options) -> Result<xml::Document<'_>, Rejection> {
        Ok(xml::Document::parse_as(&self.body, self.charset(), options)?)
    }

    /// The same of a contract that is UTF-8 and nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`Self::xml`].
    pub fn xml_in_utf_8(&self, options: &xml::Options) -> Result<xml::Document<'_>, Rejection> {
        Ok(xml::Document::parse_in_utf_8(&self.body, self.charset(), options)?)
    }

    /// The agreement and the numbers for the acknowledgement that it wants; nothing where it wants none.
    pub(crate) fn acknowledged_under(&self) -> Option<(&Agreement, ControlNumbers)> {
        let agreement =
            self.agreement.as_ref().filter(|agreement| agreement.acknowledgement != Acknowledgement::None)?;
        Some((agreement, self.control_numbers?))
    }

    /// Where the documents of this message have come from: the partner, and the digest of the raw message.
    /// `message_id` is the partner's own name for the message, where it has one; `recorded_at` is when the partner
    /// recorded it, or none where it does not say: then it is when the gateway had read the message.
    ///
    /// # Panics
    ///
    /// The message is not one that the host would give: no partner, or `received_at` or `digest` of another shape.
    pub fn source(&self, message_id: Option<Text<128>>, recorded_at: Option<Timestamp>) -> Source {
        let received_at = || Timestamp::new(&self.received_at).expect("the host gives received-at as RFC 3339");
        Source {
            system: Text::new(&*self.partner).expect("the host names the partner in up to 64 characters"),
            message_id,
            recorded_at: recorded_at.unwrap_or_else(received_at),
            raw_ref: Sha256::new(&self.digest).expect("the host gives the digest as 64 hexadecimal digits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &[u8]) -> Message {
        Message {
            partner: "acme".into(),
            contract: "order".into(),
            version: "1".into(),
            content_type: "application/json".into(),
            headers: vec![Header::new("x-topic", "orders/create")],
            received_at: "2026-03-01T08:15:00Z".into(),
            digest: "0".repeat(64),
            body: body.to_vec(),
            agreement: None,
            control_numbers: None,
        }
    }

    #[test]
    fn broken_json_is_rejected_with_its_place() {
        let rejection = message(b"{\n \"a\": }").json::<serde_json::Value>().unwrap_err();
        assert_eq!(rejection.findings[0].location, "2:7");
    }

    #[test]
    fn text_that_is_not_utf_8_is_rejected_with_its_byte() {
        let rejection = message(b"ab\xff").text().unwrap_err();
        assert_eq!(rejection.findings[0].location, "byte 2");
        let rejection = message(b"\xef\xbb\xbfab\xff").text().unwrap_err();
        assert_eq!(rejection.findings[0].location, "byte 5");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_json() {
        assert_eq!(message(b"\xef\xbb\xbf{\"a\":1}").json::<serde_json::Value>().unwrap()["a"], 1);
        assert!(message(b"\xef\xbb\xbf\xef\xbb\xbf{}").json::<serde_json::Value>().is_err());
    }

    #[test]
    fn xml_is_read_by_the_charset_of_the_content_type() {
        let mut message = message(b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xA4</a>");
        assert_eq!(message.xml(&xml::Options::default()).unwrap().root().text().as_deref(), Some("\u{A4}"));
        message.headers.push(Header::new("content-type", "application/xml; charset=\"ISO-8859-15\""));
        assert_eq!(message.xml(&xml::Options::default()).unwrap().root().text().as_deref(), Some("€"));
    }

    #[test]
    fn a_source_names_partner_and_digest_and_when_the_gateway_had_it_unless_the_partner_says() {
        let source = message(b"").source(None, None);
        assert_eq!((&*source.system, source.recorded_at.as_str()), ("acme", "2026-03-01T08:15:00Z"));
        assert_eq!((source.message_id, source.raw_ref.as_str()), (None, "0".repeat(64).as_str()));
        let recorded = Timestamp::new("2026-02-28T23:00:00Z").expect("a time");
        assert_eq!(message(b"").source(Text::new("M1").ok(), Some(recorded.clone())).recorded_at, recorded);
    }

    #[test]
    fn a_header_is_found_by_its_name() {
        assert_eq!(message(b"").header("x-topic"), Some("orders/create"));
        assert_eq!(message(b"").header("cookie"), None);
    }
}
