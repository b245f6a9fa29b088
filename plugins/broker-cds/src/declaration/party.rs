//! Parties, who are known by an identifier or by name and address.

use portgate_sdk::canonical::{Address, FiscalReference, Party, PartyId, PartyRole, SupplyChainActor, Text};

use super::side::Side;

/// What an identifier of a party is called: the number of an economic operator, or what stands for it in a third country.
const EORI: &str = "EORI";
const TIN: &str = "TIN";

/// What a number for communication is (UN/EDIFACT 3155).
const TELEPHONE: &str = "TE";
const MAIL: &str = "EM";

/// A party that comes once, among others of the list.
pub(super) fn party(side: &mut Side<'_>, name: &'static str, role: PartyRole, parties: &mut Vec<Party>) {
    let mut party = match parties.iter().find(|party| party.role == role) {
        Some(party) if !side.is_reading() => party.clone(),
        None if !side.is_reading() => return,
        _ => Party::new(role),
    };
    if side.group(name, |side| walk(side, &mut party)) {
        parties.push(party);
    }
}

fn walk(side: &mut Side<'_>, party: &mut Party) {
    use PartyRole::{Buyer, Carrier, Declarant, Exporter, Importer, Representative, Seller};
    let role = party.role;
    let reading = side.is_reading();
    side.text("Name", 70, &mut party.name);
    let mut id = identifier(party);
    side.text("ID", 17, &mut id);
    if let Some(value) = id.filter(|_| reading) {
        party.ids.extend(Text::new(EORI).map(|scheme| PartyId { scheme, value }));
    }
    if reading || role == Representative {
        side.text("FunctionCode", 3, &mut party.representation_status);
    }
    let mut address = party.address.take().unwrap_or_default();
    if side.group("Address", |side| self::address(side, &mut address)) {
        party.address = Some(address);
    }
    let is_reached = matches!(role, Declarant | Exporter | Buyer | Importer | Seller);
    if reading || is_reached {
        side.group("Contact", |side| side.text("Name", 70, &mut party.contact));
    }
    if reading || is_reached || role == Carrier {
        side.group("Communication", |side| communication(side, party));
    }
}

fn identifier(party: &Party) -> Option<Text<64>> {
    let of = |scheme: &str| party.ids.iter().find(|id| &*id.scheme == scheme);
    of(EORI).or_else(|| of(TIN)).map(|id| id.value.clone())
}

/// An address in one line; several become one.
pub(super) fn address(side: &mut Side<'_>, address: &mut Address) {
    side.text("CityName", 35, &mut address.city);
    side.leaf("CountryCode", &mut address.country);
    side.text("CountrySubDivisionName", 35, &mut address.region);
    line(side, address);
    side.text("PostcodeID", 9, &mut address.postcode);
}

/// Street and house.
pub(super) fn line(side: &mut Side<'_>, address: &mut Address) {
    let lines: Vec<&str> = address.lines.iter().map(|line| &**line).collect();
    let mut line: Option<Text<256>> = Text::new(lines.join(", ")).ok();
    side.text("Line", 70, &mut line);
    if side.is_reading() {
        address.lines = line.into_iter().collect();
    }
}

/// A telephone number or an address for mail: there is room for one of them.
fn communication(side: &mut Side<'_>, party: &mut Party) {
    let (mut id, mut kind): (Option<Text<64>>, Option<Text<4>>) = match (&party.phone, &party.email) {
        (Some(phone), _) => (Some(phone.clone()), Text::new(TELEPHONE).ok()),
        (None, Some(email)) => (Text::new(&**email).ok(), Text::new(MAIL).ok()),
        (None, None) => (None, None),
    };
    side.text("ID", 50, &mut id);
    side.text("TypeCode", 3, &mut kind);
    if !side.is_reading() {
        return;
    }
    match kind.as_deref() {
        Some(MAIL) => party.email = id.map(|id| id.widened()),
        None if id.as_ref().is_some_and(|id| id.contains('@')) => party.email = id.map(|id| id.widened()),
        Some(TELEPHONE) | None => party.phone = id,
        Some(_) => side.not_kept(),
    }
}

/// Others in the supply chain whom another country knows as authorised (DE 3/37).
pub(super) fn actors(side: &mut Side<'_>, actors: &mut Vec<SupplyChainActor>) {
    side.list("AEOMutualRecognitionParty", actors, |side, actor| {
        let (mut id, mut role) = (actor.map(|actor| actor.id.clone()), actor.map(|actor| actor.role.clone()));
        side.text("ID", 17, &mut id);
        side.text("RoleCode", 3, &mut role);
        Some(SupplyChainActor::new(role?, id?))
    });
}

/// Who answers for a tax (DE 3/40).
pub(super) fn fiscal_references(side: &mut Side<'_>, references: &mut Vec<FiscalReference>) {
    side.list("DomesticDutyTaxParty", references, |side, reference| {
        let mut id = reference.map(|reference| reference.id.clone());
        let mut role = reference.map(|reference| reference.role.clone());
        side.text("ID", 17, &mut id);
        side.text("RoleCode", 3, &mut role);
        Some(FiscalReference::new(role?, id?))
    });
}
