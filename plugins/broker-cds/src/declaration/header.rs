//! The declaration itself, in the order of the schema (WCO DEC-DMS:2).

use portgate_sdk::canonical::{
    AccessCode, Amendment, Authorisation, Code, Country, CustomsDeclaration, CustomsOffice, DeclarationItem,
    DeclaredExchangeRate, Deferment, Guarantee, GuaranteeReference, MeansOfTransport, OfficeRole, Party, PartyRole,
    Text,
};

use super::side::{Kilograms, Side};
use super::{parts, party, shipment};

/// The list that function codes are of.
const FUNCTIONS: &str = "WCO function";

/// Everything in `Declaration`.
pub(super) fn walk(side: &mut Side<'_>, declaration: &mut CustomsDeclaration) {
    let d = declaration;
    side.time("AcceptanceDateTime", &mut d.accepted_at, &mut d.accepted_on);
    function(side, d);
    // Without a local reference there is no document, so that reading has found it before.
    let mut lrn = Some(d.lrn.clone());
    side.text("FunctionalReferenceID", 35, &mut lrn);
    side.text("ID", 70, &mut d.mrn);
    side.time("IssueDateTime", &mut d.declared_at, &mut None);
    side.text("IssueLocationID", 5, &mut d.declared_place);
    kind(side, d);
    side.leaf("GoodsItemQuantity", &mut d.item_count);
    lodgement(side, d);
    side.leaf("InvoiceAmount", &mut d.invoice_total);
    side.leaf("LoadingListQuantity", &mut d.loading_lists);
    let mut gross = d.total_gross_kg.map(Kilograms);
    side.leaf("TotalGrossMassMeasure", &mut gross);
    d.total_gross_kg = gross.map(|gross| gross.0);
    side.leaf("TotalPackageQuantity", &mut d.total_packages);
    side.text("SpecificCircumstancesCodeCode", 3, &mut d.specific_circumstance);
    side.group("Authentication", |side| {
        side.text("Authentication", 256, &mut d.authentication);
        side.group("Authenticator", |side| side.text("Name", 70, &mut d.authenticator));
    });
    party::party(side, "Submitter", PartyRole::Submitter, &mut d.parties);
    deferment(side, &mut d.deferment);
    parts::statements(side, &mut d.additional_information, &mut d.statements);
    party::party(side, "Agent", PartyRole::Representative, &mut d.parties);
    amendments(side, &mut d.amendments);
    authorisations(side, &mut d.authorisations);
    border_means(side, d);
    let carried = carriage(side, d);
    exchange_rates(side, &mut d.exchange_rates);
    party::party(side, "Declarant", PartyRole::Declarant, &mut d.parties);
    office(side, "ExitOffice", OfficeRole::Exit, &mut d.offices);
    party::party(side, "Exporter", PartyRole::Exporter, &mut d.parties);
    side.group("GoodsShipment", |side| shipment::walk(side, d));
    carried_by_item(side, carried, d);
    guarantees(side, &mut d.guarantees);
    office(side, "PresentationOffice", OfficeRole::Presentation, &mut d.offices);
    office(side, "SupervisingOffice", OfficeRole::Supervising, &mut d.offices);
}

fn function(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    let mut code = d.function_code.as_ref().map(|function| function.code.clone());
    side.text("FunctionCode", 2, &mut code);
    if side.is_reading() {
        let list = Text::new(FUNCTIONS).ok();
        d.function_code = code.zip(list).map(|(code, code_list)| Code { code, code_list, source_code: None });
    }
}

/// Type and additional type are one code here.
fn kind(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    let mut code: Option<Text<8>> = match (&d.type_code, &d.additional_type_code) {
        (Some(code), Some(additional)) if !side.is_reading() => Text::new(format!("{code}{additional}")).ok(),
        (code, _) => code.clone(),
    };
    side.text("TypeCode", 3, &mut code);
    if side.is_reading() {
        d.type_code = code;
    }
}

/// The office of lodgement is a field, while the others are groups.
fn lodgement(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    let mut id = reference(OfficeRole::Lodgement, &d.offices);
    side.text("DeclarationOfficeID", 17, &mut id);
    if let Some(id) = id.filter(|_| side.is_reading()) {
        d.offices.push(CustomsOffice::new(OfficeRole::Lodgement, id));
    }
}

fn office(side: &mut Side<'_>, name: &'static str, role: OfficeRole, offices: &mut Vec<CustomsOffice>) {
    let mut id = reference(role, offices);
    side.group(name, |side| side.text("ID", 17, &mut id));
    if let Some(id) = id.filter(|_| side.is_reading()) {
        offices.push(CustomsOffice::new(role, id));
    }
}

fn reference(role: OfficeRole, offices: &[CustomsOffice]) -> Option<Text<17>> {
    offices.iter().find(|office| office.role == role).map(|office| office.reference.clone())
}

fn deferment(side: &mut Side<'_>, accounts: &mut Vec<Deferment>) {
    side.list("AdditionalDocument", accounts, |side, account| {
        let mut account = account.cloned().unwrap_or_default();
        side.text("CategoryCode", 3, &mut account.category);
        side.text("ID", 70, &mut account.account);
        side.text("TypeCode", 3, &mut account.r#type);
        Some(account)
    });
}

fn amendments(side: &mut Side<'_>, amendments: &mut Vec<Amendment>) {
    side.list("Amendment", amendments, |side, amendment| {
        let mut amendment = amendment.cloned().unwrap_or_default();
        side.text("ChangeReasonCode", 3, &mut amendment.reason);
        parts::pointers(side, &mut amendment.pointers);
        Some(amendment)
    });
}

fn authorisations(side: &mut Side<'_>, authorisations: &mut Vec<Authorisation>) {
    side.list("AuthorisationHolder", authorisations, |side, authorisation| {
        let mut holder = authorisation.and_then(|authorisation| authorisation.holder_eori.clone());
        let mut kind = authorisation.map(|authorisation| authorisation.r#type.clone());
        side.text("ID", 17, &mut holder);
        side.text("CategoryCode", 4, &mut kind);
        Some(Authorisation { holder_eori: holder, ..Authorisation::new(kind?) })
    });
}

/// What carries the goods over the border (DE 7/4, 7/14, 7/15).
fn border_means(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    let mut means = d.border_means.first().cloned().unwrap_or_default();
    side.group("BorderTransportMeans", |side| {
        side.text("ID", 35, &mut means.id);
        side.text("IdentificationTypeCode", 17, &mut means.id_type);
        side.leaf("RegistrationNationalityCode", &mut d.border_nationality);
        parts::mode(side, "ModeCode", &mut d.border_mode, &mut d.border_mode_code);
    });
    if side.is_reading() && means != MeansOfTransport::default() {
        d.border_means.push(means);
    }
}

/// What the contract of carriage says of one item.
struct Carried {
    no: u32,
    parties: Vec<Party>,
    transport_charges: Option<Text<4>>,
}

/// The contract of carriage, as the safety data of an export say it, and what it says of items: those come later.
fn carriage(side: &mut Side<'_>, d: &mut CustomsDeclaration) -> Vec<Carried> {
    let of_item = |item: &DeclarationItem| Carried {
        no: item.no,
        parties: item.carriage_parties.clone(),
        transport_charges: item.transport_charges.clone(),
    };
    let mut items: Vec<Carried> = d.items.iter().map(of_item).collect();
    items.retain(|item| item.transport_charges.is_some() || !item.parties.is_empty());
    side.group("Consignment", |side| {
        party::party(side, "Carrier", PartyRole::Carrier, &mut d.carriage_parties);
        side.list("ConsignmentItem", &mut items, |side, item| {
            let mut no = item.map(|item| item.no);
            let mut parties = item.map(|item| item.parties.clone()).unwrap_or_default();
            let mut transport_charges = item.and_then(|item| item.transport_charges.clone());
            side.leaf("SequenceNumeric", &mut no);
            party::party(side, "Consignor", PartyRole::Consignor, &mut parties);
            side.group("Freight", |side| side.text("PaymentMethodCode", 3, &mut transport_charges));
            Some(Carried { no: no?, parties, transport_charges })
        });
        party::party(side, "Consignor", PartyRole::Consignor, &mut d.carriage_parties);
        side.group("Freight", |side| side.text("PaymentMethodCode", 3, &mut d.transport_charges));
        let mut number = 0;
        side.list("Itinerary", &mut d.itinerary, |side, country: Option<&Country>| {
            number += 1;
            let mut country = country.cloned();
            side.leaf("SequenceNumeric", &mut Some(number));
            side.leaf("RoutingCountryCode", &mut country);
            country
        });
    });
    items
}

/// Gives the items what the contract of carriage says of them.
fn carried_by_item(side: &mut Side<'_>, carried: Vec<Carried>, d: &mut CustomsDeclaration) {
    if !side.is_reading() {
        return;
    }
    for carried in carried {
        match d.items.iter_mut().find(|item| item.no == carried.no) {
            Some(item) => {
                item.carriage_parties = carried.parties;
                item.transport_charges = carried.transport_charges;
            }
            None => {
                let detail = format!(
                    "`Consignment` says something of the item {}, which the shipment does not have.",
                    carried.no
                );
                side.warn("NO-SUCH-ITEM", detail);
            }
        }
    }
}

fn exchange_rates(side: &mut Side<'_>, rates: &mut Vec<DeclaredExchangeRate>) {
    side.list("CurrencyExchange", rates, |side, rate| {
        let mut rate = rate.cloned().unwrap_or_default();
        side.leaf("CurrencyTypeCode", &mut rate.currency);
        side.leaf("RateNumeric", &mut rate.rate);
        Some(rate)
    });
}

/// Guarantees, of which each has one reference here.
fn guarantees(side: &mut Side<'_>, guarantees: &mut Vec<Guarantee>) {
    let mut single: Vec<Guarantee> = guarantees.iter().flat_map(one_by_one).collect();
    side.list("ObligationGuarantee", &mut single, |side, guarantee| {
        let mut kind = guarantee.map(|guarantee| guarantee.r#type.clone());
        let mut other = guarantee.and_then(|guarantee| guarantee.other_reference.clone());
        let mut known = guarantee.and_then(|guarantee| guarantee.references.first().cloned()).unwrap_or_default();
        let mut code = known.access_code.take().map(|code| code.0);
        side.leaf("AmountAmount", &mut known.amount);
        side.text("ID", 70, &mut known.grn);
        side.text("ReferenceID", 35, &mut other);
        side.text("SecurityDetailsCode", 3, &mut kind);
        side.text("AccessCode", 4, &mut code);
        side.group("GuaranteeOffice", |side| side.text("ID", 17, &mut known.office));
        known.access_code = code.map(AccessCode);
        let references = Some(known).filter(|known| *known != GuaranteeReference::default()).into_iter().collect();
        Some(Guarantee { other_reference: other, references, ..Guarantee::new(kind?) })
    });
    if side.is_reading() {
        *guarantees = single;
    }
}

fn one_by_one(guarantee: &Guarantee) -> Vec<Guarantee> {
    match guarantee.references.is_empty() {
        true => vec![guarantee.clone()],
        false => {
            let with =
                |reference: &GuaranteeReference| Guarantee { references: vec![reference.clone()], ..guarantee.clone() };
            guarantee.references.iter().map(with).collect()
        }
    }
}

/// What a request to cancel says of a declaration, and nothing else.
pub(super) fn cancellation(side: &mut Side<'_>, d: &mut CustomsDeclaration) {
    function(side, d);
    side.text("FunctionalReferenceID", 35, &mut Some(d.lrn.clone()));
    side.text("ID", 70, &mut d.mrn);
    kind(side, d);
    party::party(side, "Submitter", PartyRole::Submitter, &mut d.parties);
    parts::statements(side, &mut d.additional_information, &mut d.statements);
    amendments(side, &mut d.amendments);
}
