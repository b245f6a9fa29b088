//! How the fields of one object of the shop are read: each with its place, every mistake noted, none stopping the rest.

use portgate_sdk::canonical::{Decimal, Invalid, Reference, Text, Timestamp};
use portgate_sdk::{Decoded, Finding};

use crate::scalar::{Scalar, gid};

/// One more than the largest whole part that a canonical decimal has room for (18 digits).
const TOO_LARGE: i64 = 1_000_000_000_000_000_000;

/// An object of the message: what it is called in findings, and where findings go.
///
/// A place is put into words only when there is something to say about it.
pub(crate) struct Fields<'a> {
    /// The pointer of the order, product or inventory item: empty, or the name of its wrapper.
    root: &'static str,
    /// Where in it the object is, if it is not the whole: the list's name and the index.
    element: Option<(&'static str, usize)>,
    decoded: &'a mut Decoded,
}

impl<'a> Fields<'a> {
    /// The fields of the outermost object.
    pub(crate) fn new(root: &'static str, decoded: &'a mut Decoded) -> Self {
        Fields { root, element: None, decoded }
    }

    /// The fields of an object in a list of this one.
    pub(crate) fn element(&mut self, list: &'static str, index: usize) -> Fields<'_> {
        Fields { root: self.root, element: Some((list, index)), decoded: &mut *self.decoded }
    }

    /// The JSON Pointer of a field; of the object itself if `path` is empty. All names are ours and need no escaping.
    fn location(&self, path: &str) -> String {
        let slash = if path.is_empty() { "" } else { "/" };
        match self.element {
            None => format!("{}{slash}{path}", self.root),
            Some((list, index)) => format!("{}/{list}/{index}{slash}{path}", self.root),
        }
    }

    /// Notes what is worth knowing.
    pub(crate) fn info(&mut self, code: &str, path: &str, detail: impl Into<String>) {
        self.decoded.finding(Finding::info(code, self.location(path), detail));
    }

    /// Notes what is probably wrong.
    pub(crate) fn warning(&mut self, code: &str, path: &str, detail: impl Into<String>) {
        self.decoded.finding(Finding::warning(code, self.location(path), detail));
    }

    /// Notes what keeps the message from being taken.
    pub(crate) fn error(&mut self, code: &str, path: &str, detail: impl Into<String>) {
        self.decoded.finding(Finding::error(code, self.location(path), detail));
    }

    /// A field that must be there. Its absence is located at the object, as the contract's schema locates it.
    pub(crate) fn required<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.error("MISSING", "", format!("Give `{name}`."));
        }
        value
    }

    /// A field that has a shape, such as a currency or a time.
    pub(crate) fn shaped<T>(
        &mut self,
        path: &str,
        value: Option<String>,
        make: impl FnOnce(String) -> Result<T, Invalid>,
    ) -> Option<T> {
        let made = make(value?);
        self.valid(path, made)
    }

    /// An amount or a weight that is not below zero.
    pub(crate) fn decimal(&mut self, path: &str, value: Option<&Scalar>) -> Option<Decimal> {
        let decimal = value?.decimal();
        let decimal = self.valid(path, decimal)?;
        if decimal.is_negative() {
            self.error("INVALID", path, "Expected a number that is not below zero.");
            return None;
        }
        Some(decimal)
    }

    /// An amount that may be below zero.
    pub(crate) fn signed(&mut self, path: &str, value: Option<&Scalar>) -> Option<Decimal> {
        let decimal = value?.decimal();
        self.valid(path, decimal)
    }

    /// The number of a thing of this kind, alone or at the end of a global id.
    pub(crate) fn id(&mut self, name: &str, kind: &str, id: Option<&Scalar>) -> Option<u64> {
        let id = self.required(name, id)?;
        let number = gid(id, kind);
        if number.is_none() {
            self.error(
                "INVALID",
                name,
                format!("Expected the number of a {kind}, alone or at the end of its global id."),
            );
        }
        number
    }

    /// A time that says nothing that must not be lost: a warning, and none, where it is none.
    pub(crate) fn time(&mut self, name: &str, time: Option<String>) -> Option<Timestamp> {
        let time = Timestamp::new(time?);
        if time.is_err() {
            self.warning("TIME-INVALID", name, "This is not a time of RFC 3339; it is left out.");
        }
        time.ok()
    }

    /// A result of a calculation, if a canonical document has room for it.
    pub(crate) fn fitting(&mut self, path: &str, result: Decimal) -> Option<Decimal> {
        if result < Decimal::from(TOO_LARGE) && result > Decimal::from(-TOO_LARGE) {
            return Some(result);
        }
        self.error("TOO-LARGE", path, "The amount has more than 18 digits before the point; correct it.");
        None
    }

    /// Free text, which may be cut; a warning says so. `what` is what it is called.
    pub(crate) fn free_text<const MAX: usize>(
        &mut self,
        path: &str,
        what: &str,
        text: Option<&str>,
    ) -> Option<Text<MAX>> {
        let cut = Text::cut(text?)?;
        if let Some(lost) = cut.lost {
            self.decoded.finding(Finding::cut(self.location(path), what, lost));
        }
        Some(cut.text)
    }

    /// What identifies something, which must not be cut: where it is too long, the message is refused.
    pub(crate) fn identifier<const MAX: usize>(&mut self, path: &str, what: &str, text: &str) -> Option<Text<MAX>> {
        let at = self.location(path);
        self.decoded.identifier(at, what, text)
    }

    /// A SKU, if there is one; an empty one is none. One that is too long refuses the message: cut, it would name another
    /// item, and without it nobody would know which item is meant.
    pub(crate) fn sku(&mut self, sku: Option<String>) -> Option<Text<64>> {
        self.identifier("sku", "SKU", &sku?)
    }

    /// What the thing is called elsewhere, which must not be cut.
    pub(crate) fn reference(&mut self, path: &str, scheme: &str, value: &str) -> Option<Reference> {
        let at = self.location(path);
        self.decoded.reference(at, scheme, value)
    }

    fn valid<T>(&mut self, path: &str, value: Result<T, Invalid>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                self.decoded.finding(Finding::invalid(self.location(path), error));
                None
            }
        }
    }
}

/// A number of the shop as text: its ids are numbers of 64 bits, which have 20 digits at most.
pub(crate) fn number<const MAX: usize>(number: u64) -> Text<MAX> {
    const { assert!(MAX >= 20, "a number of 64 bits has up to 20 digits") };
    Text::new(number.to_string()).expect("a number is neither empty nor longer than this")
}

/// A reference to something that the shop counts.
pub(crate) fn counted(scheme: &str, id: u64) -> Reference {
    Reference { scheme: Text::new(scheme).expect("a scheme of this crate"), value: number(id), written: None }
}

/// The version of a thing: when the shop last changed it, or 1 where it does not say.
pub(crate) fn version(updated_at: Option<&Timestamp>) -> Text<32> {
    updated_at.map_or_else(|| Text::new("1").expect("a version"), Timestamp::to_version)
}

/// A list that may be null, which is the same as empty to the shop.
pub(crate) fn list<T>(list: Option<Vec<T>>) -> Vec<T> {
    list.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_name_the_field_by_its_pointer() {
        let mut decoded = Decoded::new();
        let mut fields = Fields::new("/order", &mut decoded);
        fields.required::<u64>("id", None);
        fields.element("line_items", 3).warning("W", "sku", "Odd.");
        fields.decimal("total_price", Some(&Scalar::Text("-1".to_owned())));
        let locations: Vec<&str> = decoded.findings.iter().map(|finding| finding.location.as_str()).collect();
        assert_eq!(locations, ["/order", "/order/line_items/3/sku", "/order/total_price"]);
    }

    #[test]
    fn a_sku_that_is_too_long_refuses_the_message_and_is_never_cut() {
        let mut decoded = Decoded::new();
        let mut fields = Fields::new("", &mut decoded);
        assert!(fields.sku(Some("  ".to_owned())).is_none() && fields.sku(None).is_none());
        assert_eq!(fields.sku(Some("S".repeat(64))).map(|sku| sku.len()), Some(64));
        assert!(fields.sku(Some("S".repeat(65))).is_none());
        assert_eq!((decoded.findings.len(), decoded.findings[0].code.as_str()), (1, "TOO-LONG"));
        assert!(decoded.is_rejected());
    }

    #[test]
    fn text_that_is_cut_is_said_where_it_stood() {
        let mut decoded = Decoded::new();
        let mut fields = Fields::new("", &mut decoded);
        let text: Option<Text<4>> = fields.element("line_items", 2).free_text("title", "title", Some("abcdef"));
        assert_eq!(text.as_deref(), Some("abcd"));
        let said = "warning TEXT-CUT at /line_items/2/title: The title has 6 characters and is cut to 4.";
        assert_eq!(decoded.findings[0].to_string(), said);
    }
}
