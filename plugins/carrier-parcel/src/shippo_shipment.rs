//! A shipment as Shippo creates it: `POST /shipments`.
//!
//! Shippo takes measures in the units of the document, kilograms and centimetres, as text with four digits after the point. A
//! parcel's are rounded up to them and those of goods down, so that goods never weigh more than their parcel.

use portgate_sdk::canonical::{
    ContentsRestriction, ContentsType, CustomsParticulars, Decimal, IncotermCode, NonDelivery,
};
use portgate_sdk::{Document, Header, Pointer, Rejection, Request};
use serde::Serialize;

use crate::consignment::{self, Consignment, Customs, Goods, Side};
use crate::export::Export;
use crate::lacks::Lacks;
use crate::packing::Parcel;

/// Where shipments are created.
pub(crate) const PATH: &str = "/shipments";

/// The version of Shippo's API that is spoken.
const API_VERSION: &str = "2018-02-08";

/// Lines of a street that Shippo has room for.
const STREET_LINES: usize = 3;

/// Digits after the point that a measure has.
const DIGITS: u32 = 4;

/// Numbers that taxes are reckoned by. Shippo has room for one: the first of these that the sender has.
const TAX_SCHEMES: [&str; 4] = ["IOSS", "VAT", "EIN", "ARN"];

/// Longest number of a tariff; a longer one is a code of the Harmonised System to Shippo.
const TARIFF_CHARACTERS_MAX: usize = 12;

#[derive(Serialize)]
struct Shipment {
    address_from: Address,
    address_to: Address,
    parcels: Vec<Measures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customs_declaration: Option<CustomsDeclaration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
    r#async: bool,
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
    street3: Option<String>,
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
    length: String,
    width: String,
    height: String,
    distance_unit: &'static str,
    weight: String,
    mass_unit: &'static str,
}

#[derive(Serialize)]
struct CustomsDeclaration {
    contents_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    contents_explanation: Option<String>,
    non_delivery_option: &'static str,
    certify: bool,
    certify_signer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    eel_pfc: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aes_itn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incoterm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exporter_identification: Option<ExporterIdentification>,
    items: Vec<CustomsItem>,
}

/// What authorities know the sender by.
#[derive(Serialize)]
struct ExporterIdentification {
    #[serde(skip_serializing_if = "Option::is_none")]
    eori_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_id: Option<TaxId>,
}

#[derive(Serialize)]
struct TaxId {
    number: String,
    r#type: &'static str,
}

#[derive(Serialize)]
struct CustomsItem {
    description: String,
    quantity: u64,
    net_weight: String,
    mass_unit: &'static str,
    value_amount: String,
    value_currency: String,
    origin_country: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tariff_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hs_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku_code: Option<String>,
}

/// The request that creates the shipment of a document.
pub(crate) fn encode(documents: &[Document]) -> Result<Request, Rejection> {
    let write = |consignment, lacks: &mut Lacks| Some((PATH, Shipment::of(consignment, lacks)?));
    let mut request = consignment::request(documents, write)?;
    request.headers.push(Header::new("shippo-api-version", API_VERSION));
    Ok(request)
}

impl Shipment {
    fn of(consignment: Consignment, lacks: &mut Lacks) -> Option<Shipment> {
        let Consignment { reference, from, to, parcels, incoterm, invoice, customs, is_international } = consignment;
        if is_international {
            for side in [&from, &to].into_iter().filter(|side| side.phone.is_none()) {
                let detail = "Shippo asks both sides of an international shipment for a telephone number.";
                lacks.missing(side.at.key("phone"), detail);
            }
        }
        let parcels: Vec<Measures> = parcels.iter().filter_map(|parcel| Measures::of(parcel, lacks)).collect();
        let customs = match customs {
            Some(customs) => {
                let incoterm = incoterm.and_then(|(code, at)| term(code, at, lacks));
                Some(CustomsDeclaration::of(customs, ExporterIdentification::of(&from), incoterm, invoice, lacks)?)
            }
            // Who pays the duties is nothing to say of a parcel that crosses no border of customs.
            None => None,
        };
        Some(Shipment {
            address_from: Address::of(from),
            address_to: Address::of(to),
            parcels,
            customs_declaration: customs,
            metadata: reference,
            r#async: false,
        })
    }
}

impl Address {
    fn of(side: Side) -> Self {
        Address {
            street1: side.street(0, STREET_LINES),
            street2: side.street(1, STREET_LINES),
            street3: side.street(2, STREET_LINES),
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

impl Measures {
    fn of(parcel: &Parcel, lacks: &mut Lacks) -> Option<Self> {
        let Some([length, width, height]) = parcel.centimetres else {
            lacks.missing(parcel.at.key("dimensions"), "Say how long, wide and high the parcel is; Shippo needs it.");
            return None;
        };
        let text = |measure: Decimal| measure.round_up(DIGITS).normalised().to_string();
        Some(Measures {
            length: text(length),
            width: text(width),
            height: text(height),
            distance_unit: "cm",
            weight: text(parcel.kilograms),
            mass_unit: "kg",
        })
    }
}

impl CustomsDeclaration {
    fn of(
        customs: Customs,
        exporter_identification: Option<ExporterIdentification>,
        incoterm: Option<&'static str>,
        invoice: Option<String>,
        lacks: &mut Lacks,
    ) -> Option<CustomsDeclaration> {
        let Customs { at, particulars, contents_type, certified, goods } = customs;
        let signer = particulars.signer.as_ref().map(ToString::to_string);
        if signer.is_none() && !certified {
            lacks.missing(at.key("signer"), "Name the person who answers for what customs is told.");
        }
        if particulars.non_delivery.is_none() {
            lacks.missing(at.key("nonDelivery"), "Say what is done with the parcel where it cannot be delivered.");
        }
        let contents_type = contents(contents_type, &at, lacks);
        let export = Export::of(&particulars);
        let eel_pfc = match (&export.itn, &export.exemption) {
            (Some(_), _) => Some("AES_ITN"),
            (None, Some(citation)) => exemption(citation, &at, lacks),
            (None, None) => None,
        };
        Some(CustomsDeclaration {
            contents_type: contents_type?,
            contents_explanation: particulars.contents_explanation.as_ref().map(ToString::to_string),
            non_delivery_option: match particulars.non_delivery? {
                NonDelivery::Return => "RETURN",
                NonDelivery::Abandon => "ABANDON",
            },
            certify: certified,
            certify_signer: signer?,
            eel_pfc,
            notes: notes(&particulars, export.declaration.as_deref()),
            aes_itn: export.itn,
            exporter_identification,
            incoterm,
            invoice,
            items: goods.into_iter().filter_map(|goods| CustomsItem::of(goods, &at, lacks)).collect(),
        })
    }
}

impl ExporterIdentification {
    fn of(sender: &Side) -> Option<Self> {
        let number = |scheme: &str| sender.ids.iter().find(|id| &*id.scheme == scheme).map(|id| id.value.to_string());
        let tax_id = TAX_SCHEMES.into_iter().find_map(|r#type| Some(TaxId { number: number(r#type)?, r#type }));
        let eori_number = number("EORI");
        (eori_number.is_some() || tax_id.is_some()).then_some(ExporterIdentification { eori_number, tax_id })
    }
}

impl CustomsItem {
    fn of(goods: Goods, at: &Pointer, lacks: &mut Lacks) -> Option<Self> {
        let Ok(quantity) = goods.pieces.normalised().to_string().parse() else {
            lacks.wrong("TOO-MANY-PIECES", at.clone(), "A line has more pieces than Shippo can count.");
            return None;
        };
        let least = Decimal::from(1).shifted(DIGITS);
        let code = goods.hs_code.map(|code| code.as_str().to_owned());
        let (tariff_number, hs_code) = match code {
            Some(code) if code.len() > TARIFF_CHARACTERS_MAX => (None, Some(code)),
            code => (code, None),
        };
        Some(CustomsItem {
            description: goods.description,
            quantity,
            net_weight: goods.kilograms.round_down(DIGITS).max(least).normalised().to_string(),
            mass_unit: "kg",
            value_amount: goods.value.amount.to_string(),
            value_currency: goods.value.currency.as_str().to_owned(),
            origin_country: goods.origin.as_str().to_owned(),
            tariff_number,
            hs_code,
            sku_code: goods.sku,
        })
    }
}

/// What Shippo has no field for: a restriction, and the number of an export declaration that is no ITN.
fn notes(particulars: &CustomsParticulars, declaration: Option<&str>) -> Option<String> {
    let restriction = match particulars.restriction {
        None | Some(ContentsRestriction::None) => None,
        Some(ContentsRestriction::Quarantine) => Some("Quarantine"),
        Some(ContentsRestriction::SanitaryPhytosanitaryInspection) => Some("Sanitary or phytosanitary inspection"),
        Some(ContentsRestriction::Other) => Some("Restricted"),
    };
    let restriction = match (restriction, &particulars.restriction_explanation) {
        (Some(restriction), Some(explanation)) => Some(format!("{restriction}: {explanation}")),
        (restriction, explanation) => restriction.map(str::to_owned).or(explanation.as_ref().map(ToString::to_string)),
    };
    let declaration = declaration.map(|number| format!("Export declaration {number}"));
    let notes: Vec<String> = [restriction, declaration].into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join(". "))
}

fn contents(contents: ContentsType, at: &Pointer, lacks: &mut Lacks) -> Option<&'static str> {
    Some(match contents {
        ContentsType::Merchandise => "MERCHANDISE",
        ContentsType::Gift => "GIFT",
        ContentsType::Documents => "DOCUMENTS",
        ContentsType::Sample => "SAMPLE",
        ContentsType::ReturnedGoods => "RETURN_MERCHANDISE",
        ContentsType::HumanitarianDonation => "HUMANITARIAN_DONATION",
        ContentsType::Other => "OTHER",
        ContentsType::DangerousGoods => {
            let detail = "Shippo has no word for dangerous goods; send them another way.";
            lacks.wrong("NO-WORD", at.key("contentsType"), detail);
            return None;
        }
    })
}

/// The exemptions that Shippo knows, whatever blanks, points and brackets they are written with.
fn exemption(citation: &str, at: &Pointer, lacks: &mut Lacks) -> Option<&'static str> {
    let plain: String =
        citation.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    match plain.strip_prefix("noeei").unwrap_or(&plain) {
        "3036" => Some("NOEEI_30_36"),
        "3037a" => Some("NOEEI_30_37_a"),
        "3037f" => Some("NOEEI_30_37_f"),
        "3037h" => Some("NOEEI_30_37_h"),
        _ => {
            let detail =
                format!("Shippo has no word for the exemption `{citation}`; it knows 30.36 and 30.37(a), (f), (h).");
            lacks.wrong("NO-WORD", at.key("exportExemption"), detail);
            None
        }
    }
}

/// The terms of delivery that Shippo knows.
fn term(code: IncotermCode, at: Pointer, lacks: &mut Lacks) -> Option<&'static str> {
    match code {
        IncotermCode::Ddp => Some("DDP"),
        IncotermCode::Ddu => Some("DDU"),
        IncotermCode::Fca => Some("FCA"),
        IncotermCode::Dap => Some("DAP"),
        _ => {
            lacks.wrong("NO-WORD", at, "Shippo knows the terms of delivery DDP, DAP, FCA and DDU alone.");
            None
        }
    }
}
