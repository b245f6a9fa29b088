//! What every IDoc that is sent has: its envelope and its control record.

use portgate_sdk::agreement::{Agreement, Mode};
use portgate_sdk::edi::Value;
use portgate_sdk::xml::{ElementWriter, Writer};
use portgate_sdk::{Rejection, Request, Target};

use super::{setting, sides};

/// Where IDocs are posted to, unless the agreement says something else.
const PATH: &str = "/sap/bc/idoc_xml";

/// An IDoc that is being written.
pub(super) struct Idoc<'t> {
    pub(super) kind: &'static str,
    pub(super) message: &'t str,
    pub(super) agreement: &'t Agreement,
    /// Names the IDoc for good, so that SAP's archive tells one that comes twice.
    pub(super) key: String,
}

impl Idoc<'_> {
    /// Writes one IDoc into the document.
    pub(super) fn write(&self, writer: &mut Writer, target: &Target, segments: impl FnOnce(&mut ElementWriter<'_>)) {
        let mut root = writer.root();
        let mut idoc = root.child("IDOC").with("BEGIN", "1");
        let [ours, theirs] = sides(self.agreement);
        let now: String = target.now.chars().filter(char::is_ascii_digit).take(14).collect();
        let mut control = idoc.child("EDI_DC40").with("SEGMENT", "1");
        control.leaf("TABNAM", "EDI_DC40");
        control.leaf("DIRECT", "2");
        control.leaf("TEST", (self.agreement.mode == Mode::Test).then_some("X"));
        control.leaf("IDOCTYP", self.kind);
        control.leaf("MESTYP", self.message);
        control.leaf("SNDPOR", setting(target, "port").unwrap_or("PORTGATE").within(1..=10));
        control.leaf("SNDPRT", ours.0.within(1..=2));
        control.leaf("SNDPRN", ours.1.within(1..=10));
        control.leaf("RCVPRT", theirs.0.within(1..=2));
        control.leaf("RCVPRN", theirs.1.within(1..=10));
        control.leaf("CREDAT", now.get(..8).unwrap_or_default());
        control.leaf("CRETIM", now.get(8..).unwrap_or_default());
        control.leaf("ARCKEY", self.key.as_str().within(1..=70));
        drop(control);
        segments(&mut idoc);
    }
}

/// The request that brings the IDocs.
pub(super) fn request(writer: Writer, target: &Target) -> Result<Request, Rejection> {
    let path = setting(target, "path").unwrap_or(PATH);
    Ok(Request::post(path, "application/xml", writer.finish()?.bytes))
}

/// A segment.
pub(super) fn segment<'e>(outer: &'e mut ElementWriter<'_>, name: &str) -> ElementWriter<'e> {
    outer.child(name).with("SEGMENT", "1")
}
