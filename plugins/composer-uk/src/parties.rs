//! Who takes part (DE group 3).

use portgate_sdk::canonical::{CustomsDeclaration, Party, PartyId, PartyRole, Text};

use crate::data_set::DataSet;
use crate::work::Work;

const RULE: &str = "C-UK-03";
const EORI: &str = "EORI";

/// How somebody speaks for another (DE 3/21).
const DIRECT: &str = "2";
const INDIRECT: &str = "3";

pub(crate) fn write(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    use PartyRole::{BillTo, Buyer, Consignee, Consignor, Exporter, Importer, Seller, ShipFrom, ShipTo};
    if work.set.is_import() {
        let exporter = other(work, Exporter, &[Exporter, Seller, Consignor, ShipFrom]);
        let importer = trader(work, Importer, &[Importer, Buyer, Consignee, BillTo], "importer");
        declaration.parties.extend([exporter, importer].into_iter().flatten());
    } else {
        let exporter = trader(work, Exporter, &[Exporter, Seller, Consignor, ShipFrom], "exporter");
        let consignee = other(work, Consignee, &[Consignee, ShipTo, Importer, Buyer]);
        declaration.parties.extend([exporter, consignee].into_iter().flatten());
    }
    if work.set == DataSet::H1 {
        declaration
            .parties
            .extend([(Seller, Exporter), (Buyer, Importer)].into_iter().filter_map(|of| beside(work, of)));
    }
    declarant(work, declaration);
}

/// A trader of this country, who has a number (DE 3/2, 3/16): the documents' word before the setting's.
fn trader(work: &mut Work<'_>, role: PartyRole, roles: &[PartyRole], setting: &str) -> Option<Party> {
    let found = work.facts.party(roles);
    let in_documents = found.as_ref().and_then(|(_, party)| number(party));
    let Some(id) = in_documents.or_else(|| set(work, setting)) else {
        let what = if role == PartyRole::Importer { "importer" } else { "exporter" };
        let places = found.map(|(place, _)| format!("{place}/ids"));
        let detail = format!("The {what} has no EORI number of the UK.");
        let remedy = format!("Who keeps the master data adds the number, or policy says it as `{setting}`.");
        work.gaps.add(RULE, places, detail, remedy);
        return None;
    };
    Some(known_by(role, id))
}

/// A party abroad (DE 3/1, 3/9): by its number where customs knows it, else by name and whole address.
fn other(work: &mut Work<'_>, role: PartyRole, roles: &[PartyRole]) -> Option<Party> {
    let what = if role == PartyRole::Exporter { "exporter" } else { "consignee" };
    let Some((place, party)) = work.facts.party(roles) else {
        let detail = format!("No document names the {what}.");
        let remedy = "The invoice or the shipment names it, with its address.";
        let places = work.facts.invoices.first().map(|invoice| invoice.at("/parties"));
        work.gaps.add(RULE, places, detail, remedy);
        return None;
    };
    if let Some(id) = number(party) {
        return Some(known_by(role, id));
    }
    let address = party.address.as_ref();
    let missing: Vec<(&str, &str)> = [
        ("name", "name", party.name.is_some()),
        ("address/lines", "street", address.is_some_and(|address| !address.lines.is_empty())),
        ("address/city", "city", address.is_some_and(|address| address.city.is_some())),
        ("address/postcode", "postcode", address.is_some_and(|address| address.postcode.is_some())),
        ("address/country", "country", address.is_some_and(|address| address.country.is_some())),
    ]
    .into_iter()
    .filter(|(_, _, there)| !there)
    .map(|(field, what, _)| (field, what))
    .collect();
    if !missing.is_empty() {
        let parts: Vec<&str> = missing.iter().map(|(_, what)| *what).collect();
        let detail = format!("The {what} has no number that customs knows, and no {}.", parts.join(", "));
        let places = missing.iter().map(|(field, _)| format!("{place}/{field}"));
        work.gaps.add(RULE, places.collect::<Vec<_>>(), detail, "Who keeps the party's master data completes them.");
        return None;
    }
    let mut declared = Party::new(role);
    declared.name = party.name.clone();
    declared.address = party.address.clone();
    Some(declared)
}

/// The seller or the buyer (DE 3/24 to 3/27), where it is somebody else than the exporter or the importer.
fn beside(work: &Work<'_>, (role, of): (PartyRole, PartyRole)) -> Option<Party> {
    let (_, party) = work.facts.party(&[role])?;
    let (_, main) = work.facts.party(&[of])?;
    let same = match (number(party), number(main)) {
        (Some(one), Some(other)) => one == other,
        _ => party.name == main.name,
    };
    if same {
        return None;
    }
    if let Some(id) = number(party) {
        return Some(known_by(role, id));
    }
    let address = party.address.as_ref()?;
    let is_whole =
        !address.lines.is_empty() && address.city.is_some() && address.postcode.is_some() && address.country.is_some();
    let named = Party { name: Some(party.name.clone()?), address: Some(address.clone()), ..Party::new(role) };
    is_whole.then_some(named)
}

/// Who declares, and for whom (DE 3/17 to 3/21).
fn declarant(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    if work.settings.get("declarant").is_none() {
        work.settings.missing("declarant", "who declares (DE 3/18)", &mut work.gaps);
    }
    let declarant = set(work, "declarant");
    let status = match work.settings.get("representation") {
        Some("self") => None,
        Some("direct") => Some(DIRECT),
        Some("indirect") => Some(INDIRECT),
        Some(value) => {
            let expected = "`self`, `direct` or `indirect`";
            return work.settings.unusable("representation", value, expected, &mut work.gaps);
        }
        None => {
            let what = "whether the declarant speaks for itself or for another (DE 3/21)";
            return work.settings.missing("representation", what, &mut work.gaps);
        }
    };
    let trader = if work.set.is_import() { PartyRole::Importer } else { PartyRole::Exporter };
    let own = declaration.parties.iter().find(|party| party.role == trader).and_then(number);
    if let (None, Some(declarant), Some(own)) = (status, &declarant, own)
        && *declarant != own
    {
        let (place, what) = match work.facts.party(&[trader]) {
            Some((place, _)) => (Some(format!("{place}/ids")), &**declarant),
            None => (None, &**declarant),
        };
        let detail = format!("{what} is to declare for itself, and the goods are {}'s.", &*own);
        let remedy = "Policy says who represents whom (`representation`), or names the right declarant.";
        work.gaps.add(RULE, place, detail, remedy);
    }
    let representative = set(work, "representative");
    declaration.parties.extend(declarant.clone().map(|id| known_by(PartyRole::Declarant, id)));
    if let Some(status) = status {
        let mut party = Party::new(PartyRole::Representative);
        party.representation_status = Text::new(status).ok();
        // Who declares for another is named once.
        let other = representative.filter(|id| Some(id) != declarant.as_ref());
        party.ids.extend(other.and_then(|value| Some(PartyId { scheme: Text::new(EORI).ok()?, value })));
        declaration.parties.push(party);
    }
}

/// A party that is known by its number alone.
fn known_by(role: PartyRole, value: Text<64>) -> Party {
    let mut party = Party::new(role);
    party.ids.extend(Text::new(EORI).ok().map(|scheme| PartyId { scheme, value }));
    party
}

/// The number by which HMRC knows a party: of the UK or of Northern Ireland.
pub(crate) fn number(party: &Party) -> Option<Text<64>> {
    let known = |id: &&PartyId| &*id.scheme == EORI && eori(&id.value).is_some();
    party.ids.iter().find(known).map(|id| id.value.clone())
}

/// A number of the UK: `GB` or `XI` and 12 or 15 digits.
fn eori(text: &str) -> Option<Text<64>> {
    let digits = text.strip_prefix("GB").or_else(|| text.strip_prefix("XI"))?;
    let is_number = matches!(digits.len(), 12 | 15) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Text::new(text).ok())?
}

/// A setting that has such a number.
fn set(work: &mut Work<'_>, name: &str) -> Option<Text<64>> {
    work.settings.shaped(name, "an EORI number: `GB` or `XI` and 12 or 15 digits", eori, &mut work.gaps)
}
