//! IDocs in XML: the control record, and which documents the segments become.
//!
//! What an IDoc is of is seen by its segments, so that extensions and other editions of a type are read as well.

use portgate_sdk::canonical::{Source, Text, Timestamp};
use portgate_sdk::xml::{Element, Options};
use portgate_sdk::{Decoded, Finding, Message, Rejection};

use crate::reader::{Others, Reader, short};
use crate::record::Record;
use crate::time;

pub(crate) mod delvry;
mod invoic;
mod matmas;
mod orders;
mod text;

/// How far below the root the IDocs may stand: a SOAP envelope and its body lie around them.
const WRAPPERS_MAX: usize = 3;

/// The documents of a message: one IDoc, or several, each of which is taken or refused by itself.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let document = message.xml(&Options::default())?;
    let mut decoded = Decoded::new();
    for anomaly in document.anomalies() {
        decoded.finding(anomaly.clone());
    }
    let idocs = idocs(document.root(), WRAPPERS_MAX);
    if idocs.is_empty() {
        let name = short(document.root().name());
        let detail = format!("There is no `IDOC` in `{name}`; send IDocs in XML, with a control record `EDI_DC40`.");
        decoded.finding(Finding::error("NO-IDOC", document.root().location(), detail));
    }
    let are_many = idocs.len() > 1;
    for (index, idoc) in idocs.into_iter().enumerate() {
        if decoded.is_overfull() {
            break;
        }
        let control = Control::read(idoc, message);
        if are_many {
            decoded.part(format!("IDOC[{}]", index + 1), control.number.as_deref().unwrap_or_default());
        }
        read(&Record::segment(idoc), &control, &mut Reader { decoded: &mut decoded });
    }
    decoded.finish()
}

fn idocs(element: Element<'_>, wrappers: usize) -> Vec<Element<'_>> {
    if element.name() == "IDOC" {
        return vec![element];
    }
    let found: Vec<_> = element.children("IDOC").collect();
    match wrappers.checked_sub(1) {
        Some(fewer) if found.is_empty() => element.elements().flat_map(|inner| idocs(inner, fewer)).collect(),
        _ => found,
    }
}

fn read(idoc: &Record<'_>, control: &Control<'_>, reader: &mut Reader<'_>) {
    idoc.records("EDI_DC40");
    let deliveries = idoc.records("E1EDL20");
    for delivery in &deliveries {
        delvry::read(idoc, delivery, control, reader);
    }
    let materials = idoc.records("E1MARAM");
    for material in &materials {
        matmas::read(material, control, reader);
    }
    let orders = idoc.records("E1EDK01");
    if let Some(head) = orders.first() {
        match control.is_of("INVOIC") {
            true => invoic::read(idoc, head, control, reader),
            false => orders::read(idoc, head, control, reader),
        }
    }
    if deliveries.is_empty() && materials.is_empty() && orders.is_empty() {
        let detail = format!(
            "The IDoc `{}` has none of the segments that are read here: `E1EDK01`, `E1EDL20`, `E1MARAM`.",
            short(control.kind.as_deref().unwrap_or("without a type")),
        );
        reader.error(idoc, "", "OTHER-IDOC", detail);
    }
}

/// The control record.
pub(crate) struct Control<'c> {
    message: &'c Message,
    /// The number of the IDoc.
    pub(crate) number: Option<Text<128>>,
    /// The basic type, such as `DELVRY07`.
    kind: Option<String>,
    /// What message it is, such as `DESADV` or `ORDRSP`.
    message_type: Option<String>,
    /// Its variant, such as `RET`.
    variant: Option<String>,
    /// When it was made.
    created: Option<Timestamp>,
}

impl<'c> Control<'c> {
    fn read(idoc: Element<'_>, message: &'c Message) -> Self {
        let record = idoc.child("EDI_DC40").map(Record::segment);
        let text = |name: &str| record.as_ref().and_then(|record| record.text(name)).map(String::from);
        let day = text("CREDAT").and_then(|day| time::day(&day));
        let clock = text("CRETIM");
        let created = day.and_then(|day| time::at(&day, clock.as_deref(), None).or_else(|| time::at(&day, None, None)));
        let outer = idoc.parent().map(|outer| outer.name().to_owned());
        Control {
            message,
            number: text("DOCNUM").and_then(|number| Text::new(number).ok()),
            kind: text("IDOCTYP").or(outer),
            message_type: text("MESTYP"),
            variant: text("MESCOD"),
            created,
        }
    }

    /// A setting of the agreement with the partner.
    fn setting(&self, name: &str) -> Option<&'c str> {
        self.message.agreement.as_ref().and_then(|agreement| agreement.setting(name))
    }

    /// Whether type or message say so.
    fn is_of(&self, name: &str) -> bool {
        [&self.message_type, &self.kind].into_iter().flatten().any(|said| said.contains(name))
    }

    /// When it was made, which is as near to a count of changes as an IDoc comes.
    fn version(&self) -> Text<32> {
        let version = self.created.as_ref().map(Timestamp::to_version);
        version.unwrap_or_else(|| Text::new("1").expect("a version"))
    }

    fn source(&self) -> Source {
        self.message.source(self.number.clone(), self.created.clone())
    }

    /// What kind of message it was, among the codes of the document.
    fn classify(&self, idoc: &Record<'_>, others: &mut Others, reader: &mut Reader<'_>) {
        for (list, code) in [("SAP MESTYP", &self.message_type), ("SAP MESCOD", &self.variant)] {
            if let Some(code) = code {
                reader.other(idoc, others, list, code);
            }
        }
    }
}
