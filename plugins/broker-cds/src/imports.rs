//! Inventory linking of imports: what customs and the inventory of a port tell each other of a consignment that a declaration
//! names.
//!
//! | message | becomes |
//! |---|---|
//! | validate movement request, declaration status notification | a `customs-status` of the declaration |
//! | goods arrival, validate movement response | a `customs-movement`, as it goes out |
//!
//! None of them has a name of its own, so that each is named by its declaration and by the digest of the message, which is the
//! same whenever it comes again. The authority asks for an answer under the name of its request, which a header has.

use portgate_sdk::canonical::{
    Code, Country, CustomsError, CustomsMovement, CustomsStatus, DeclarationStatus, MeansOfTransport, MovementType,
    Reference, StatusGoods, Text,
};
use portgate_sdk::xml::Element;
use portgate_sdk::{Decoded, Message, Rejection, Severity};

use crate::entry;
use crate::notes::Notes;

/// The list that codes of messages are of; where a message has none, its own name is in its place.
const MESSAGES: &str = "HMRC inventory linking message";

/// What the return code of the inventory is where the consignment is the declaration's.
pub(crate) const MATCHED: &str = "000";

/// The header with the name of a request, and the scheme of the reference that keeps it.
const CORRELATION_HEADER: &str = "x-correlation-id";
pub(crate) const CORRELATION: &str = "correlation";

/// How many characters of a message's digest are part of a name.
const DIGEST_CHARACTERS: usize = 32;

/// The roots that are read.
const REQUEST: &str = "InventoryLinkingImportsValidateMovementRequest";
const NOTIFICATION: &str = "InventoryLinkingImportsDeclarationStatusNotification";
pub(crate) const RESPONSE: &str = "InventoryLinkingImportsValidateMovementResponse";
pub(crate) const ARRIVAL: &str = "inventoryLinkingImportsGoodsArrival";

/// Reads one message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let xml = message.xml(&crate::xml_options())?;
    let mut notes = Notes::default();
    for anomaly in xml.anomalies() {
        notes.anomaly(anomaly.clone());
    }
    let root = xml.root();
    match root.name() {
        REQUEST => status(message, root, "ValidateMovementRequest", &mut notes),
        NOTIFICATION => status(message, root, "DeclarationStatusNotification", &mut notes),
        RESPONSE => movement(message, root, MovementType::Validation, &mut notes),
        ARRIVAL => movement(message, root, MovementType::Arrival, &mut notes),
        other => {
            let name: String = other.chars().take(64).collect();
            let detail =
                format!("The root is `{name}`; send a message of inventory linking of imports, such as `{REQUEST}`.");
            notes.error("NOT-A-MESSAGE", root, detail);
        }
    }
    notes.finish()
}

/// The name of what a message tells of a declaration.
fn named(message: &Message, mrn: &str, what: &str) -> Option<Text<128>> {
    let digest = message.digest.get(..DIGEST_CHARACTERS)?;
    Text::new(format!("{mrn}|{what}|{digest}")).ok()
}

/// What customs asks or tells the inventory of a declaration.
fn status(message: &Message, root: Element<'_>, name: &str, notes: &mut Notes) {
    let mrn = notes.required_text::<35>(root, "entryNumber");
    let ucr = notes.required_text::<35>(root, "inventoryConsignmentReference");
    let (Some(mrn), Some(ucr)) = (mrn, ucr) else { return };
    let Some(code) = notes.text::<64>(root, "messageCode").or_else(|| Text::new(name).ok()) else { return };
    let (Some(id), Ok(version), Ok(list)) = (named(message, &mrn, &code), Text::new("1"), Text::new(MESSAGES)) else {
        return;
    };
    let source = message.source(None, None);
    let at = source.recorded_at.clone();
    let code = Code { code, code_list: list, source_code: None };
    let mut document = CustomsStatus::new(id, version, source, DeclarationStatus::Unmapped, code, at);
    let ics = root.child("ics");
    match entry::known(ics, entry::status, notes) {
        Some(known) => document.status = known,
        None => notes.warning("MISSING", root, "`ics` is missing; where the declaration stands is not known."),
    }
    entry::keep(&mut document, (None, root.child("roe"), ics), notes);
    document.declaration_version = notes.text(root, "entryVersionNumber");
    document.prelodged = prelodged(root, notes);
    let entered = root.child("dateOfEntry").and_then(|time| notes.time(time, Severity::Warning));
    match document.prelodged {
        Some(true) => document.submitted_at = entered,
        _ => document.accepted_at = entered,
    }
    returned(root, &mut document, notes);
    let packages = root.child("totalPackages").and_then(|count| whole(count, notes));
    document.goods.extend(packages.map(|packages| StatusGoods { packages: Some(packages), ..StatusGoods::default() }));
    let trader = root.text_at("traderReference");
    let named = [("mrn", Some(&*mrn)), ("mucr", Some(&*ucr)), ("trader-reference", trader.as_deref())];
    for (scheme, name) in named {
        document.references.extend(name.and_then(|name| notes.reference(root, scheme, name)));
    }
    document.references.extend(correlation(message, root, notes));
    for name in ["declarationMethod", "agentLocation", "agentRole"] {
        let Some(said) = root.child(name) else { continue };
        let Some(words) = said.text() else { continue };
        notes.info(
            "NOT-KEPT",
            said,
            format!("`{name}` is `{}`; a status has no field for it.", crate::words::short(&words)),
        );
    }
    (document.mrn, document.ucr) = (Some(mrn), Some(ucr));
    notes.document(&document);
}

/// What the inventory tells customs: that goods are there, or whether a consignment is the declaration's.
fn movement(message: &Message, root: Element<'_>, what: MovementType, notes: &mut Notes) {
    let mrn = notes.required_text::<35>(root, "entryNumber");
    let ucr = notes.required_text::<35>(root, "inventoryConsignmentReference");
    let (Some(mrn), Some(ucr)) = (mrn, ucr) else { return };
    let word = if what == MovementType::Validation { "validation" } else { "arrival" };
    let (Some(id), Ok(version)) = (named(message, &mrn, word), Text::new("1")) else { return };
    let mut document = CustomsMovement::new(id, version, message.source(None, None), what);
    document.declaration_version = notes.text(root, "entryVersionNumber");
    document.return_code = notes.text(root, "irc");
    let nationality = root.text_at("transportNationality");
    if let (Some(at), Some(country)) = (root.child("transportNationality"), nationality) {
        let means = MeansOfTransport {
            nationality: Country::new(country.trim().to_ascii_uppercase()).ok(),
            ..MeansOfTransport::default()
        };
        match means.nationality {
            Some(_) => document.means = Some(means),
            None => notes.warning("INVALID", at, "It is no country, and is not kept."),
        }
    }
    if what == MovementType::Validation {
        document.occurred_at = root.child("dateOfEntry").and_then(|time| notes.time(time, Severity::Warning));
        document.references.extend(correlation(message, root, notes));
    }
    for (scheme, name) in [("mrn", &mrn), ("mucr", &ucr)] {
        document.references.extend(notes.reference(root, scheme, name));
    }
    (document.mrn, document.ucr, document.is_master) = (Some(mrn), Some(ucr), Some(true));
    notes.document(&document);
}

/// The name of the request, under which customs awaits its answer.
fn correlation(message: &Message, root: Element<'_>, notes: &mut Notes) -> Option<Reference> {
    let name = message.header(CORRELATION_HEADER)?.trim();
    (!name.is_empty()).then(|| notes.reference(root, CORRELATION, name)).flatten()
}

/// Whether the goods were there when it was declared: `Y` or `N`.
fn prelodged(root: Element<'_>, notes: &mut Notes) -> Option<bool> {
    let element = root.child("goodsArrivalDeclaration")?;
    match element.text()?.trim() {
        "Y" => Some(false),
        "N" => Some(true),
        _ => {
            notes.warning("INVALID", element, "It is neither `Y` nor `N`, and is not kept.");
            None
        }
    }
}

/// Whether the inventory is content, where customs repeats it.
fn returned(root: Element<'_>, document: &mut CustomsStatus, notes: &mut Notes) {
    let Some(code) = notes.text::<32>(root, "irc") else { return };
    document.granted = Some(&*code == MATCHED);
    if &*code != MATCHED {
        let detail = format!("The inventory returns {code}: the consignment is not the declaration's.");
        notes.warning("RETURN-CODE", root.child("irc").unwrap_or(root), detail);
        document.errors.push(CustomsError::new(code));
    }
}

fn whole(element: Element<'_>, notes: &mut Notes) -> Option<u32> {
    let text = element.text()?;
    let count = text.trim().parse();
    count.map_err(|_| notes.warning("INVALID", element, "It is no whole number, and is not kept.")).ok()
}
