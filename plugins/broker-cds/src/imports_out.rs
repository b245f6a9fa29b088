//! What goes out by inventory linking of imports: that goods are there, and whether a consignment is the one that a declaration
//! names.

use portgate_sdk::canonical::{CanonicalDocument, CustomsMovement, MovementType};
use portgate_sdk::xml::{Value as _, Writer};
use portgate_sdk::{Document, Finding, Header, Pointer, Rejection, Request, Target};

use crate::imports::{ARRIVAL, CORRELATION, RESPONSE};

/// The namespace of all messages of inventory linking of imports.
const NAMESPACE: &str = "http://gov.uk/customs/inventoryLinkingImport/v1";

/// The edition of the authority's API, and where it is below the base URL.
const ACCEPTED: &str = "application/vnd.hmrc.2.0+xml";
const PATH: &str = "/customs/inventory-linking-imports";

/// Writes one message.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let [document] = documents else {
        let detail = format!("A message tells of one movement, not of {}.", documents.len());
        return Err(Finding::error("ONE-AT-A-TIME", "", detail).into());
    };
    let at = Pointer::root().index(0);
    if document.kind != CustomsMovement::KIND {
        let detail = format!("A message is made of a movement, not of a `{}`.", document.kind);
        return Err(Finding::error("NOT-A-MOVEMENT", at, detail).into());
    }
    let movement: CustomsMovement = document.read()?;
    let (name, endpoint) = match movement.movement {
        MovementType::Arrival => (ARRIVAL, "arrival-notifications"),
        MovementType::Validation => (RESPONSE, "movement-validation"),
        _ => {
            let detail = "Of an import the inventory tells an arrival or a validation, and no other movement.";
            return Err(Finding::error("NO-WORD", at.key("movement"), detail).into());
        }
    };
    let correlation = document.refs.iter().find(|name| &*name.scheme == CORRELATION).map(|name| &*name.value);
    check(&movement, correlation)?;
    let body = written(name, &movement)?;
    let setting = |name| target.agreement.as_ref().and_then(|agreement| agreement.setting(name));
    let path = format!("{}/{endpoint}", setting("path").unwrap_or(PATH).trim_end_matches('/'));
    let mut request = Request::post(path, "application/xml; charset=UTF-8", body);
    request.headers.push(Header::new("accept", ACCEPTED));
    for (name, header) in [("badge", "x-badge-identifier"), ("submitter", "x-submitter-identifier")] {
        request.headers.extend(setting(name).map(|value| Header::new(header, value)));
    }
    let correlation = correlation.filter(|_| movement.movement == MovementType::Validation);
    request.headers.extend(correlation.map(|name| Header::new("x-correlation-id", name)));
    Ok(request)
}

/// What a message cannot be without.
fn check(movement: &CustomsMovement, correlation: Option<&str>) -> Result<(), Rejection> {
    let is_validation = movement.movement == MovementType::Validation;
    let wanted = [
        ("mrn", movement.mrn.is_some(), "the declaration's number"),
        ("ucr", movement.ucr.is_some(), "the reference of the consignment in the inventory"),
        ("returnCode", !is_validation || movement.return_code.is_some(), "what the inventory returns"),
        (
            "references",
            !is_validation || correlation.is_some(),
            "the name of the request, as a reference `correlation`",
        ),
    ];
    let missing = wanted.into_iter().filter(|(_, is_there, _)| !is_there).map(|(name, _, what)| {
        let detail = format!("`{name}` is missing; customs needs {what}.");
        Finding::error("MISSING", Pointer::root().index(0).key(name), detail)
    });
    let missing: Vec<_> = missing.collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Rejection::new(missing)),
    }
}

fn written(name: &str, movement: &CustomsMovement) -> Result<Vec<u8>, Rejection> {
    let mut writer = Writer::new(name);
    let mut root = writer.root();
    root.attribute("xmlns", NAMESPACE);
    root.leaf("entryNumber", movement.mrn.as_deref());
    root.leaf("entryVersionNumber", movement.declaration_version.as_deref().map(|version| version.within(1..=10)));
    root.leaf("inventoryConsignmentReference", movement.ucr.as_deref());
    match movement.movement {
        MovementType::Validation => root.leaf("irc", movement.return_code.as_deref()),
        _ => {
            let nationality = movement.means.as_ref().and_then(|means| means.nationality.as_ref());
            root.leaf("transportNationality", nationality.map(|country| country.as_str()));
        }
    }
    drop(root);
    Ok(writer.finish()?.bytes)
}
