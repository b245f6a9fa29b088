//! Movements of exports, as inventory linking of customs is told of them: arrivals, departures, and what consolidations consist
//! of.
//!
//! | movement | message | what it cannot be without |
//! |---|---|---|
//! | `arrival`, `anticipated-arrival`, `retrospective-arrival` | `EAL`, `EAA`, `RET` | `ucr`, `location` |
//! | `departure` | `EDL` | `ucr`, `location` |
//! | `association` | `EAC` with both references | `ucr`, `masterUcr` |
//! | `disassociation` | `EAC` without the consolidation | `ucr` |
//! | `shut` | `CST` | `masterUcr` |

use portgate_sdk::canonical::{CanonicalDocument, CustomsMovement, MovementType};
use portgate_sdk::xml::{ElementWriter, Value as _, Writer};
use portgate_sdk::{Document, Finding, Header, Pointer, Rejection, Request, Target};

use crate::declaration::digit;

/// The namespace of all messages of inventory linking.
const NAMESPACE: &str = "http://gov.uk/customs/inventoryLinking/v1";

/// The edition of the authority's API, and where it is below the base URL.
const ACCEPTED: &str = "application/vnd.hmrc.2.0+xml";
const PATH: &str = "/customs/inventory-linking/exports";

/// Writes one movement.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let [document] = documents else {
        let detail = format!("A message tells of one movement, not of {}.", documents.len());
        return Err(Finding::error("ONE-AT-A-TIME", "", detail).into());
    };
    if document.kind != CustomsMovement::KIND {
        let detail = format!("A message is made of a movement, not of a `{}`.", document.kind);
        return Err(Finding::error("NOT-A-MOVEMENT", Pointer::root().index(0), detail).into());
    }
    let movement: CustomsMovement = document.read()?;
    let Some((code, is_consolidation)) = code(movement.movement) else {
        let detail = "Of an export nothing is validated by an inventory; that is of imports.";
        return Err(Finding::error("NO-WORD", Pointer::root().index(0).key("movement"), detail).into());
    };
    check(&movement, is_consolidation)?;
    let mut writer = Writer::new(match is_consolidation {
        true => "inventoryLinkingConsolidationRequest",
        false => "inventoryLinkingMovementRequest",
    });
    let mut root = writer.root();
    root.attribute("xmlns", NAMESPACE);
    root.leaf("messageCode", code);
    match is_consolidation {
        true => consolidation(&mut root, &movement),
        false => walk(&mut root, &movement),
    }
    drop(root);
    let body = writer.finish()?.bytes;
    let setting = |name| target.agreement.as_ref().and_then(|agreement| agreement.setting(name));
    let path = setting("path").unwrap_or(PATH);
    let mut request = Request::post(path, "application/xml; charset=UTF-8", body);
    request.headers.push(Header::new("accept", ACCEPTED));
    for (name, header) in [("badge", "x-badge-identifier"), ("submitter", "x-submitter-identifier")] {
        request.headers.extend(setting(name).map(|value| Header::new(header, value)));
    }
    Ok(request)
}

/// The code of a movement's message, and whether it is about a consolidation; none for what exports have no message of.
fn code(movement: MovementType) -> Option<(&'static str, bool)> {
    Some(match movement {
        MovementType::AnticipatedArrival => ("EAA", false),
        MovementType::Arrival => ("EAL", false),
        MovementType::RetrospectiveArrival => ("RET", false),
        MovementType::Departure => ("EDL", false),
        MovementType::Association | MovementType::Disassociation => ("EAC", true),
        MovementType::Shut => ("CST", true),
        MovementType::Validation => return None,
    })
}

/// What a message of the kind cannot be without.
fn check(movement: &CustomsMovement, is_consolidation: bool) -> Result<(), Rejection> {
    use MovementType::{Association, Shut};
    let wanted = [
        ("ucr", movement.movement != Shut, movement.ucr.is_some()),
        ("masterUcr", matches!(movement.movement, Association | Shut), movement.master_ucr.is_some()),
        ("location", !is_consolidation, movement.location.is_some()),
    ];
    let missing = wanted.into_iter().filter(|(_, is_wanted, is_there)| *is_wanted && !is_there).map(|(name, ..)| {
        let detail = format!("`{name}` is missing; customs is told of no such movement without it.");
        Finding::error("MISSING", Pointer::root().index(0).key(name), detail)
    });
    let missing: Vec<_> = missing.collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Rejection::new(missing)),
    }
}

fn walk(root: &mut ElementWriter<'_>, movement: &CustomsMovement) {
    let mut agent = root.group("agentDetails");
    let party = movement.agent.as_ref();
    let eori = party.and_then(|party| party.ids.iter().find(|id| &*id.scheme == "EORI"));
    agent.leaf("EORI", eori.map(|id| (*id.value).to_owned().within(1..=17)));
    agent.leaf("agentLocation", movement.agent_location.as_deref());
    agent.leaf("agentRole", movement.agent_role.as_deref().map(|role| role.within(1..=3)));
    drop(agent);
    consignment(root, movement);
    root.leaf("goodsLocation", movement.location.as_deref());
    let at = movement.occurred_at.as_ref().map(|at| at.as_str());
    let (arrived, left) = match movement.movement {
        MovementType::Departure => (None, at),
        _ => (at, None),
    };
    root.leaf("goodsArrivalDateTime", arrived);
    root.leaf("goodsDepartureDateTime", left);
    root.leaf("shedOPID", movement.shed_operator.as_deref().map(|shed| shed.within(1..=3)));
    root.leaf("masterUCR", movement.master_ucr.as_deref());
    root.leaf("masterOpt", movement.master_option.as_deref());
    root.leaf("movementReference", movement.movement_reference.as_deref());
    let mut transport = root.group("transportDetails");
    let means = movement.means.as_ref();
    transport.leaf("transportID", means.and_then(|means| means.id.as_deref()));
    transport.leaf("transportMode", movement.mode.map(digit));
    transport.leaf(
        "transportNationality",
        means.and_then(|means| means.nationality.as_ref()).map(|country| country.as_str()),
    );
}

fn consolidation(root: &mut ElementWriter<'_>, movement: &CustomsMovement) {
    if movement.movement != MovementType::Disassociation {
        root.leaf("masterUCR", movement.master_ucr.as_deref());
    }
    if movement.movement != MovementType::Shut {
        consignment(root, movement);
    }
}

fn consignment(root: &mut ElementWriter<'_>, movement: &CustomsMovement) {
    let mut block = root.group("ucrBlock");
    block.leaf("ucr", movement.ucr.as_deref());
    block.leaf("ucrPartNo", movement.ucr_part.as_deref());
    block.leaf("ucrType", if movement.is_master == Some(true) { "M" } else { "D" });
}
