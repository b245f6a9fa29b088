//! What both families of messages need on the way out: the one declaration, who tells whom, and what is missing.

use portgate_sdk::agreement::Level;
use portgate_sdk::canonical::{
    CanonicalDocument, CustomsDeclaration, CustomsOffice, OfficeRole, Party, PartyRole, Timestamp,
};
use portgate_sdk::edi::Value;
use portgate_sdk::xml::ElementWriter;
use portgate_sdk::{Document, Finding, Pointer, Rejection, Target};

/// Who tells whom, under which number and when.
pub(crate) struct Envelope {
    /// What we are called.
    pub(crate) sender: String,
    /// What customs is called, where that is settled.
    pub(crate) recipient: Option<String>,
    /// The number of the message, which is given out once.
    pub(crate) number: u64,
    /// Now, without its zone: `2026-03-01T08:15:00`, in UTC.
    pub(crate) now: String,
}

impl Envelope {
    /// The envelope that the agreement settles.
    pub(crate) fn of(target: &Target) -> Result<Self, Rejection> {
        let agreed = target.agreement.as_ref().zip(target.control_numbers);
        let sender = agreed.and_then(|(agreement, _)| agreement.our(Level::Interchange));
        let (Some((agreement, numbers)), Some(sender)) = (agreed, sender) else {
            let detail = format!(
                "Customs is told who declares, which only an agreement on `{target}` does; add one with `ours` to the partner's \
                 policy."
            );
            return Err(Finding::error("NO-AGREEMENT", "", detail).into());
        };
        let recipient = agreement.their(Level::Interchange).map(|identifier| identifier.value.clone());
        let now = target.now.chars().take(19).collect();
        Ok(Envelope { sender: sender.value.clone(), recipient, number: numbers.interchange, now })
    }
}

/// The declaration that is to be written: one message holds one.
pub(crate) fn declaration(documents: &[Document]) -> Result<CustomsDeclaration, Rejection> {
    let [document] = documents else {
        let detail = format!("A message holds one declaration; {} documents were given.", documents.len());
        return Err(Finding::error("ONE-DECLARATION", "", detail).into());
    };
    if document.kind != CustomsDeclaration::KIND {
        let detail = format!("It is made of a customs declaration, not of a `{}`.", document.kind);
        return Err(Finding::error("NOT-A-DECLARATION", "", detail).into());
    }
    document.read()
}

/// What is missing in the declaration, each with its place in it.
pub(crate) struct Missing {
    document: Pointer,
    findings: Vec<Finding>,
}

impl Missing {
    pub(crate) fn new() -> Self {
        Missing { document: Pointer::root().index(0), findings: Vec::new() }
    }

    /// Where something of the declaration is: `items/0/packages`.
    pub(crate) fn note(&mut self, path: &str, detail: impl Into<String>) {
        let at = path.split('/').fold(self.document.clone(), |at, key| at.key(key));
        self.findings.push(Finding::error("MISSING", at, detail));
    }

    /// A leaf that must be there.
    pub(crate) fn leaf(&mut self, parent: &mut ElementWriter<'_>, name: &str, value: impl Value, path: &str) {
        if value.text().is_empty() {
            self.note(path, format!("`{name}` is made of it, and has to be there."));
        }
        parent.leaf(name, value);
    }

    /// All that is missing, if anything is.
    pub(crate) fn finish(self) -> Result<(), Rejection> {
        match self.findings.is_empty() {
            true => Ok(()),
            false => Err(Rejection::new(self.findings)),
        }
    }
}

/// The party that plays a part, with its place in the list.
pub(crate) fn party(parties: &[Party], role: PartyRole) -> Option<(usize, &Party)> {
    parties.iter().enumerate().find(|(_, party)| party.role == role)
}

/// The identifier of a party in one scheme.
pub(crate) fn id<'p>(party: &'p Party, scheme: &str) -> Option<&'p str> {
    party.ids.iter().find(|id| &*id.scheme == scheme).map(|id| &*id.value)
}

/// The offices of one role, in their order.
pub(crate) fn offices(declaration: &CustomsDeclaration, role: OfficeRole) -> impl Iterator<Item = &CustomsOffice> {
    declaration.offices.iter().filter(move |office| office.role == role)
}

/// A time without fractions and zone, as both families have it: `2026-03-01T08:15:00`.
pub(crate) fn clock(time: &Timestamp) -> &str {
    time.as_str().get(..19).unwrap_or_default()
}

/// `0` or `1`.
pub(crate) fn flag(value: Option<bool>) -> Option<&'static str> {
    value.map(|value| if value { "1" } else { "0" })
}
