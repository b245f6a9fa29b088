//! X12 204, release 004010, of `load-tender` documents: a transaction set for each. What stands in which segment is said by
//! [`super::tender`], which reads them; what is read of a set that was written so is the same document.
//!
//! What identifies something is never changed: where it is too long or holds a separator, the tender is refused, with its place in
//! the documents. Terms of delivery, distances, legs and amounts that no segment has a field for are said in words (`NTE`).

use portgate_sdk::canonical::{
    Code, Decimal, Incoterm, Location, Money, Party, Quantity, Reference, TenderCharge, TenderEquipment, TenderGoods,
    TenderPurpose, TenderRemark, TenderStop, TenderTime, Text, Timestamp, TransportMode,
};
use portgate_sdk::x12::{self, Form, Pen};
use portgate_sdk::{Document, Pointer, Rejection, Request, Target, edi::number};
use serde::Deserialize;

use super::goods::WEIGHTS;
use super::pen::{self, n2};
use super::tender::{CHARGES, DOCUMENTS, IN_BOTH, MODES, PAYMENTS, PURPOSES, RATES, UN_PAYMENTS};
use super::{parties_out, references, stops_out};

const FORM: Form = pen::form("load-tender", "204", "SM");

/// The elements of `B2` that are codes of what is asked for besides.
const OF_B2: [&str; 12] = ["X12 375", "", "", "", "", "", "X12 147", "", "", "X12 104", "X12 335", "X12 107"];

/// As much of a tender as is written. What policy withholds is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tender {
    tender_number: Option<Text<64>>,
    purpose: Option<TenderPurpose>,
    purpose_code: Option<Code>,
    document_type: Option<Code>,
    carrier: Option<Text<16>>,
    respond_by: Option<Timestamp>,
    mode: Option<TransportMode>,
    payment: Option<Code>,
    incoterm: Option<Incoterm>,
    gross_kg: Option<Decimal>,
    net_kg: Option<Decimal>,
    volume_m3: Option<Decimal>,
    packages: Option<u32>,
    quantity: Option<Quantity>,
    distance_km: Option<Decimal>,
    value: Option<Money>,
    cash_on_delivery: Option<Money>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    parties: Vec<Party>,
    #[serde(default)]
    times: Vec<TenderTime>,
    #[serde(default)]
    stops: Vec<TenderStop>,
    #[serde(default)]
    equipment: Vec<TenderEquipment>,
    #[serde(default)]
    goods: Vec<TenderGoods>,
    #[serde(default)]
    charges: Vec<TenderCharge>,
    #[serde(default)]
    services: Vec<Code>,
    #[serde(default)]
    remarks: Vec<TenderRemark>,
}

/// One interchange with a set for each tender.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    x12::interchange(&FORM, documents, target, write)
}

fn write(pen: &mut Pen<'_>, tender: &Tender) {
    let at = pen.at.clone();
    beginning(pen, &at, tender);
    let references = &tender.references[..in_header(tender)];
    parties_out::references(pen, &at, references, &tender.remarks);
    if let Some(respond_by) = &tender.respond_by {
        pen::time(pen, "64", "1", respond_by);
    }
    stops_out::other_times(pen, &tender.times);
    mode(pen, &at, tender);
    stops_out::services(pen, &tender.services);
    let said_below =
        |remark: &&TenderRemark| remark.subject.as_ref().is_none_or(|subject| &*subject.code_list != WEIGHTS);
    let remarks: Vec<TenderRemark> =
        tender.remarks.iter().filter(said_below).cloned().chain(in_words(tender)).collect();
    parties_out::remarks(pen, &remarks, references);
    for (index, party) in tender.parties.iter().enumerate() {
        parties_out::party(pen, &at.key("parties").index(index), party, None);
    }
    for (index, equipment) in tender.equipment.iter().enumerate() {
        parties_out::equipment(pen, &at.key("equipment").index(index), equipment);
    }
    let stops = with_goods(pen, &at, tender);
    for (index, stop) in stops.iter().enumerate() {
        stops_out::stop(pen, &at.key("stops").index(index), stop);
    }
    totals(pen, tender);
}

/// `B2` and `B2A`.
fn beginning(pen: &mut Pen<'_>, at: &Pointer, tender: &Tender) {
    let Some(number) = tender.tender_number.as_deref() else {
        return pen.wrong(
            "MISSING",
            at.key("tenderNumber"),
            "A 204 says which load it is of; the tender has no number.",
        );
    };
    let own =
        tender.purpose_code.as_ref().filter(|code| &*code.code_list == PURPOSES).map(|code| code.code.to_string());
    let purpose = own.or_else(|| tender.purpose.and_then(purpose).map(str::to_owned));
    let Some(purpose) = purpose else {
        return pen.wrong(
            "NO-PURPOSE",
            at.key("purpose"),
            "A 204 says what it is for; the tender's purpose has no code of X12 353.",
        );
    };
    let number = pen.id(at.key("tenderNumber"), "number of the load", number, parties_out::REFERENCE_MAX);
    let scac = pen::scac(pen, tender.carrier.as_deref(), at.key("carrier"));
    let service = |element: usize| {
        let list = OF_B2[element - 1];
        tender.services.iter().find(|code| &*code.code_list == list).map(|code| code.code.to_string())
    };
    let payment = tender.payment.as_ref().and_then(payment).unwrap_or("DE");
    pen.out.segment("B2").elements((service(1), scac, (), number, (), payment, service(7))).at(10).elements((
        service(10),
        service(11),
        service(12),
    ));
    let document = tender.document_type.as_ref().filter(|code| &*code.code_list == DOCUMENTS);
    pen.out.segment("B2A").elements((purpose, document.map(|code| code.code.to_string())));
}

/// The code (353) of a purpose.
fn purpose(purpose: TenderPurpose) -> Option<&'static str> {
    match purpose {
        TenderPurpose::Original => Some("00"),
        TenderPurpose::Change => Some("04"),
        TenderPurpose::Cancellation => Some("01"),
        TenderPurpose::Confirmation => Some("06"),
        TenderPurpose::Duplicate => Some("07"),
        TenderPurpose::Copy => Some("22"),
        TenderPurpose::Unmapped => None,
    }
}

/// How many of the references stand before the first stop. Those that stops have are told there, and the load's own number is in
/// `B2`: as few as leave all of them, in their order, to who reads the set.
fn in_header(tender: &Tender) -> usize {
    let named = tender.tender_number.as_deref().and_then(|number| Reference::new("shipment", number).ok());
    let of_stops: Vec<&Reference> = tender.stops.iter().flat_map(|stop| &stop.references).chain(&named).collect();
    let is_all = |count: &usize| {
        let mut read = tender.references[..*count].to_vec();
        of_stops.iter().for_each(|reference| references::add(&mut read, reference));
        read == tender.references
    };
    (0..=tender.references.len()).find(is_all).unwrap_or(tender.references.len())
}

/// Who pays (146), where X12 has a code for it.
fn payment(code: &Code) -> Option<&str> {
    let is_of_x12 = match &*code.code_list {
        PAYMENTS => true,
        UN_PAYMENTS => IN_BOTH.contains(&&*code.code),
        _ => false,
    };
    is_of_x12.then_some(&*code.code)
}

/// `MS3`.
fn mode(pen: &mut Pen<'_>, at: &Pointer, tender: &Tender) {
    let own = tender.services.iter().find(|code| &*code.code_list == MODES).map(|code| code.code.to_string());
    let Some(mode) = own.or(tender.mode.map(|mode| x12::transport_method(mode).to_owned())) else { return };
    let Some(scac) = pen::scac(pen, tender.carrier.as_deref(), at.key("carrier")) else { return };
    pen.out.segment("MS3").elements((scac, "B", (), mode));
}

/// What only words can say.
fn in_words(tender: &Tender) -> Vec<TenderRemark> {
    let mut words = Vec::new();
    if let Some(code) = tender.payment.as_ref().filter(|code| payment(code).is_none()) {
        words.push(format!("Payment {} {}", code.code_list, code.code));
    }
    if let Some(Incoterm { code, place }) = &tender.incoterm {
        let place = place.as_ref().and_then(|Location { name, un_locode, .. }| {
            name.as_deref().map(str::to_owned).or(un_locode.as_ref().map(ToString::to_string))
        });
        words.push(format!("Incoterm {} {}", format!("{code:?}").to_ascii_uppercase(), place.unwrap_or_default()));
    }
    words.extend(tender.distance_km.map(|distance| format!("Distance {distance} km")));
    words.extend(
        tender
            .cash_on_delivery
            .as_ref()
            .map(|Money { amount, currency }| format!("Collect on delivery {amount} {currency}")),
    );
    words.extend(tender.quantity.as_ref().map(|Quantity { value, unit }| format!("Quantity {value} {unit}")));
    for TenderCharge { code, amount: Money { amount, currency }, .. } in
        tender.charges.iter().filter(|charge| !is_of_l3(charge)).skip(1)
    {
        words.push(format!("Charge {} {amount} {currency}", code.code));
    }
    for TenderRemark { text, subject } in &tender.remarks {
        let kind = subject.as_ref().filter(|subject| &*subject.code_list == WEIGHTS);
        words.extend(kind.map(|kind| format!("Weight {} {text}", kind.code)));
    }
    words.iter().filter_map(|words| Text::cut(words)).map(|cut| TenderRemark::new(cut.text)).collect()
}

/// The stops with the goods that are said of none: they are loaded at the first stop where something is loaded.
fn with_goods(pen: &mut Pen<'_>, at: &Pointer, tender: &Tender) -> Vec<TenderStop> {
    let mut stops = tender.stops.clone();
    if tender.goods.is_empty() {
        return stops;
    }
    let first = stops.iter().position(|stop| stop.activity == portgate_sdk::canonical::StopActivity::Load).unwrap_or(0);
    match stops.get_mut(first) {
        Some(stop) => stop.goods.extend(tender.goods.iter().cloned()),
        None => pen.wrong(
            "NO-STOP",
            at.key("stops"),
            "In a 204 goods are loaded at a stop; the tender has goods and no stop.",
        ),
    }
    stops
}

/// Advances and what is prepaid have elements of their own in `L3`.
fn is_of_l3(charge: &TenderCharge) -> bool {
    &*charge.code.code_list == "X12 L3"
}

/// `L3`: weight, freight, volume, packages and value in all.
fn totals(pen: &mut Pen<'_>, tender: &Tender) {
    let freight = tender.charges.iter().find(|charge| !is_of_l3(charge));
    let of_l3 = |what: &str| {
        let charge = tender.charges.iter().find(|charge| is_of_l3(charge) && &*charge.code.code == what);
        charge.map(|charge| n2(charge.amount.amount))
    };
    let currency = tender
        .charges
        .iter()
        .map(|charge| &charge.amount.currency)
        .chain(tender.value.as_ref().map(|value| &value.currency))
        .next();
    let usual = pen.agreement.setting("currency").unwrap_or("USD");
    if let Some(currency) = currency.filter(|currency| currency.as_str() != usual) {
        pen.out.segment("C3").element(currency.as_str());
    }
    let weight = tender.gross_kg.or(tender.net_kg);
    let kind = weight.map(|_| if tender.gross_kg.is_some() { "G" } else { "N" });
    let special =
        freight.filter(|charge| &*charge.code.code_list == CHARGES).map(|charge| charge.code.code.to_string());
    let basis = freight.and_then(|charge| charge.rate_basis.as_ref()).filter(|code| &*code.code_list == RATES);
    let rate = freight.and_then(|charge| charge.rate).map(number);
    let volume = tender.volume_m3;
    let (advances, prepaid) = (of_l3("advances"), of_l3("prepaid"));
    let is_empty = weight.is_none()
        && tender.charges.is_empty()
        && volume.is_none()
        && tender.packages.is_none()
        && tender.value.is_none();
    if is_empty {
        return;
    }
    pen.out
        .segment("L3")
        .elements((weight.map(number), kind, rate, basis.map(|code| code.code.to_string())))
        .elements((freight.map(|charge| n2(charge.amount.amount)), advances, prepaid, special))
        .elements((volume.map(number), volume.map(|_| "X"), tender.packages, weight.map(|_| "K"), ()))
        .element(tender.value.as_ref().map(|value| number(value.amount)));
}
