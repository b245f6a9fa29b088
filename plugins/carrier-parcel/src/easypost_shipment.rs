//! A shipment as EasyPost creates it: `POST /v2/shipments` where it is one parcel, and `POST /v2/orders` where it is several,
//! with a shipment of EasyPost's for each of them.
//!
//! EasyPost reckons in ounces and inches with one digit after the point. The parcel's are rounded up, for a carrier charges what
//! was said to be less than it is; those of goods have two digits and are rounded down, so that goods never weigh more than their
//! parcel. What an ounce's hundredth does not reach is one.

use portgate_sdk::canonical::{ContentsRestriction, ContentsType, Decimal, NonDelivery};
use portgate_sdk::{Document, Rejection, Request};
use serde::Serialize;
use serde_json::Number;

use crate::consignment::{self, Consignment, Customs, Goods, Side};
use crate::export::Export;
use crate::lacks::Lacks;
use crate::packing::Parcel;
use crate::units::{inches, ounces};

/// Where shipments of one parcel are created.
pub(crate) const PATH: &str = "/v2/shipments";

/// Where shipments of several parcels are created.
pub(crate) const ORDERS_PATH: &str = "/v2/orders";

/// Parcels that an order has room for.
const PARCELS_MAX: usize = 100;

/// Numbers by which authorities know a party; other names of it, such as a GLN, are no business of theirs.
const TAX_SCHEMES: [&str; 6] = ["EORI", "VAT", "IOSS", "VOEC", "TIN", "EIN"];

/// Such numbers of one shipment.
const TAX_IDENTIFIERS_MAX: usize = 8;

/// Lines of a street that EasyPost has room for.
const STREET_LINES: usize = 2;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Body {
    Shipment(Box<Shipment>),
    Order(Box<Order>),
}

#[derive(Serialize)]
struct Shipment {
    to_address: Address,
    from_address: Address,
    #[serde(flatten)]
    piece: Piece,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// Parcels that go together. EasyPost gives each of them the order's addresses.
#[derive(Serialize)]
struct Order {
    to_address: Address,
    from_address: Address,
    shipments: Vec<Piece>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// One parcel, and what is told of it.
#[derive(Serialize)]
struct Piece {
    parcel: Measures,
    #[serde(skip_serializing_if = "Option::is_none")]
    customs_info: Option<CustomsInfo>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tax_identifiers: Vec<TaxIdentifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Options>,
}

#[derive(Serialize)]
struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<String>,
    country: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

#[derive(Serialize)]
struct Measures {
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<Number>,
    weight: Option<Number>,
}

#[derive(Serialize)]
struct CustomsInfo {
    contents_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    contents_explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restriction_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restriction_comments: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    non_delivery_option: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eel_pfc: Option<String>,
    customs_certify: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    customs_signer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declaration: Option<String>,
    customs_items: Vec<CustomsItem>,
}

#[derive(Serialize)]
struct CustomsItem {
    description: String,
    quantity: Option<Number>,
    weight: Option<Number>,
    value: Option<Number>,
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hs_tariff_number: Option<String>,
    origin_country: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standardized_product_id: Option<String>,
}

/// A number that an authority knows the sender or the receiver by.
#[derive(Clone, Serialize)]
struct TaxIdentifier {
    entity: &'static str,
    tax_id: String,
    tax_id_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuing_country: Option<String>,
}

#[derive(Clone, Serialize)]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    incoterm: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_number: Option<String>,
}

/// The request that creates the shipment of a document.
pub(crate) fn encode(documents: &[Document]) -> Result<Request, Rejection> {
    consignment::request(documents, |consignment, lacks| {
        let body = Body::of(consignment, lacks)?;
        let path = if matches!(body, Body::Order(_)) { ORDERS_PATH } else { PATH };
        Some((path, body))
    })
}

impl Body {
    fn of(consignment: Consignment, lacks: &mut Lacks) -> Option<Body> {
        let Consignment { reference, from, to, parcels, incoterm, invoice, customs, .. } = consignment;
        if parcels.len() > PARCELS_MAX {
            let detail = format!("EasyPost takes at most {PARCELS_MAX} parcels together, not {}.", parcels.len());
            lacks.wrong("TOO-MANY-PARCELS", parcels.last()?.at.clone(), detail);
            return None;
        }
        let incoterm = incoterm.and_then(|(code, _)| serde_json::to_value(code).ok());
        let options = Options { incoterm, invoice_number: invoice };
        let sides = [("SENDER", &from), ("RECEIVER", &to)];
        let tax_identifiers = sides.into_iter().flat_map(|(entity, side)| TaxIdentifier::of(entity, side));
        let tax_identifiers: Vec<_> = tax_identifiers.take(TAX_IDENTIFIERS_MAX).collect();
        let goods = match &customs {
            Some(customs) => by_parcel(customs, &parcels, lacks)?,
            None => Vec::new(),
        };
        let mut goods = goods.into_iter();
        let mut pieces = parcels.iter().map(|parcel| Piece {
            parcel: Measures::of(parcel),
            customs_info: customs.as_ref().map(|customs| CustomsInfo::of(customs, goods.next().unwrap_or_default())),
            tax_identifiers: tax_identifiers.clone(),
            options: (options.incoterm.is_some() || options.invoice_number.is_some()).then(|| options.clone()),
        });
        let (to_address, from_address) = (Address::of(to), Address::of(from));
        Some(match parcels.len() {
            1 => Body::Shipment(Box::new(Shipment { to_address, from_address, piece: pieces.next()?, reference })),
            _ => Body::Order(Box::new(Order { to_address, from_address, shipments: pieces.collect(), reference })),
        })
    }
}

/// The goods of each parcel: customs is told them parcel by parcel. Of one alone all goods are.
fn by_parcel<'a>(customs: &'a Customs, parcels: &[Parcel], lacks: &mut Lacks) -> Option<Vec<Vec<&'a Goods>>> {
    if parcels.len() == 1 {
        return Some(vec![customs.goods.iter().collect()]);
    }
    let mut all = vec![Vec::new(); parcels.len()];
    let mut is_told = true;
    for goods in &customs.goods {
        match goods.parcel {
            Some(index) => all[index].push(goods),
            None => {
                let detail = "EasyPost tells customs what is in each parcel: say which one package the goods are in.";
                lacks.wrong("WHICH-PARCEL", goods.at.key("packageRefs"), detail);
                is_told = false;
            }
        }
    }
    for (parcel, _) in parcels.iter().zip(&all).filter(|(_, goods)| is_told && goods.is_empty()) {
        lacks.wrong(
            "EMPTY-PARCEL",
            parcel.at.clone(),
            "No line is in the parcel, and customs is told what is in each.",
        );
    }
    is_told.then_some(all)
}

impl Address {
    fn of(side: Side) -> Self {
        Address {
            street1: side.street(0, STREET_LINES),
            street2: side.street(1, STREET_LINES),
            name: side.name,
            company: side.company,
            city: side.city,
            state: side.state,
            zip: side.zip,
            country: side.country,
            phone: side.phone,
            email: side.email,
        }
    }
}

impl TaxIdentifier {
    /// Numbers of a side.
    fn of(entity: &'static str, side: &Side) -> Vec<Self> {
        let ids = side.ids.iter().filter(|id| TAX_SCHEMES.contains(&&*id.scheme));
        let identifier = |scheme: &str, value: &str| TaxIdentifier {
            entity,
            tax_id: value.to_owned(),
            tax_id_type: scheme.to_owned(),
            issuing_country: issuer(scheme, value, side),
        };
        ids.map(|id| identifier(&id.scheme, &id.value)).collect()
    }
}

/// Who has given a number out: an EORI and a number of value added tax begin with the country, national numbers are the party's
/// own country's; which state a number of the import one-stop shop is of cannot be told from it.
fn issuer(scheme: &str, value: &str, side: &Side) -> Option<String> {
    let letters = value.get(..2).filter(|letters| letters.bytes().all(|byte| byte.is_ascii_uppercase()));
    match scheme {
        "EORI" | "VAT" => Some(letters.map_or_else(|| side.country.clone(), str::to_owned)),
        "VOEC" => Some("NO".to_owned()),
        "TIN" | "EIN" => Some(side.country.clone()),
        _ => None,
    }
}

impl Measures {
    fn of(parcel: &Parcel) -> Self {
        let tenth = Decimal::from(1).shifted(1);
        let side =
            |side: usize| parcel.centimetres.and_then(|sides| number(inches(sides[side]).round_up(1).max(tenth)));
        Measures {
            length: side(0),
            width: side(1),
            height: side(2),
            weight: number(ounces(parcel.kilograms).round_up(1).max(tenth)),
        }
    }
}

impl CustomsInfo {
    fn of(customs: &Customs, goods: Vec<&Goods>) -> Self {
        let Customs { particulars, contents_type, certified, .. } = customs;
        let export = Export::of(particulars);
        CustomsInfo {
            contents_type: contents(*contents_type),
            contents_explanation: particulars.contents_explanation.as_ref().map(ToString::to_string),
            restriction_type: particulars.restriction.map(restricted),
            restriction_comments: particulars.restriction_explanation.as_ref().map(ToString::to_string),
            non_delivery_option: particulars.non_delivery.map(|option| match option {
                NonDelivery::Return => "return",
                NonDelivery::Abandon => "abandon",
            }),
            eel_pfc: export.itn.map(|itn| format!("AES {itn}")).or(export.exemption),
            customs_certify: *certified,
            customs_signer: particulars.signer.as_ref().map(ToString::to_string),
            declaration: export.declaration.map(|number| format!("Export declaration {number}")),
            customs_items: goods.into_iter().map(CustomsItem::of).collect(),
        }
    }
}

impl CustomsItem {
    fn of(goods: &Goods) -> Self {
        let least = Decimal::from(1).shifted(2);
        CustomsItem {
            description: goods.description.clone(),
            quantity: number(goods.pieces),
            weight: number(ounces(goods.kilograms).round_down(2).max(least)),
            value: number(goods.value.amount),
            currency: goods.value.currency.as_str().to_owned(),
            hs_tariff_number: goods.hs_code.as_ref().map(|code| code.as_str().to_owned()),
            origin_country: goods.origin.as_str().to_owned(),
            code: goods.sku.clone(),
            standardized_product_id: goods.gtin.clone(),
        }
    }
}

/// A decimal as the number of JSON with the same digits.
fn number(decimal: Decimal) -> Option<Number> {
    decimal.normalised().to_string().parse().ok()
}

fn contents(contents: ContentsType) -> &'static str {
    match contents {
        ContentsType::Merchandise => "merchandise",
        ContentsType::Gift => "gift",
        ContentsType::Documents => "documents",
        ContentsType::Sample => "sample",
        ContentsType::ReturnedGoods => "returned_goods",
        ContentsType::HumanitarianDonation => "humanitarian_donation",
        ContentsType::DangerousGoods => "dangerous_goods",
        ContentsType::Other => "other",
    }
}

fn restricted(restriction: ContentsRestriction) -> &'static str {
    match restriction {
        ContentsRestriction::None => "none",
        ContentsRestriction::Quarantine => "quarantine",
        ContentsRestriction::SanitaryPhytosanitaryInspection => "sanitary_phytosanitary_inspection",
        ContentsRestriction::Other => "other",
    }
}
