//! Costs of bringing goods in, as the IDoc `ACC_DOCUMENT03`: for each a posting of two lines, the account of its type and that of the
//! accruals, and two more for each earlier reckoning that it takes the place of. SAP's own API for journal entries is SOAP and asynchronous; the IDoc is what both S/4HANA and ECC take.
//!
//! | setting of the agreement | what it says |
//! |---|---|
//! | `company_code` | whose books |
//! | `accounts` | the account of each type of cost, such as `duty=0005400000 vat=0001540000`; `other` is for those without one |
//! | `accrual_account` | the account that stands against it |
//! | `document_type` | `SA` where it is left out |
//! | `user` | who posts, `PORTGATE` where it is left out |
//! | `cost_center` | the cost centre of the cost, where accounts want one |

use portgate_sdk::canonical::{CostType, Decimal, Money, ReplacedCost, Text, Timestamp};
use portgate_sdk::edi::{Value, number as decimal};
use portgate_sdk::xml::{ElementWriter, Writer};
use portgate_sdk::{Document, Finding, Rejection, Request, Target};
use serde::{Deserialize, Serialize};

use super::idoc::{Idoc, request, segment};
use super::{agreement, error, made, other_kind, setting};
use crate::number;

const KIND: &str = "ACC_DOCUMENT03";
const MESSAGE: &str = "ACC_DOCUMENT";

/// As much of a cost as is posted. What policy withholds is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    cost_type: Option<CostType>,
    amount: Option<Money>,
    occurred_at: Option<Timestamp>,
    source_ref: Option<Text<128>>,
    shipment_id: Option<Text<64>>,
    declaration_mrn: Option<Text<35>>,
    sku: Option<Text<64>>,
    #[serde(default)]
    replaces: Vec<ReplacedCost>,
}

pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let agreement = agreement(target)?;
    let mut findings = Vec::new();
    let books = Books::read(target, &mut findings);
    let mut writer = Writer::new(KIND);
    for (index, document) in documents.iter().enumerate() {
        if document.kind != "landed-cost-event" {
            findings.push(other_kind(index, document, target));
            continue;
        }
        let cost: Cost = document.read()?;
        let key = cost.source_ref.as_deref().unwrap_or(&document.key).chars().take(70).collect();
        let idoc = Idoc { kind: KIND, message: MESSAGE, agreement, key };
        idoc.write(&mut writer, target, |idoc| findings.extend(posting(index, &cost, &books, idoc)));
    }
    made((), findings)?;
    request(writer, target)
}

/// What the agreement says of the books.
struct Books<'t> {
    company_code: &'t str,
    accounts: Vec<(&'t str, &'t str)>,
    accrual_account: &'t str,
    document_type: &'t str,
    user: &'t str,
    cost_center: Option<&'t str>,
}

impl<'t> Books<'t> {
    fn read(target: &'t Target, findings: &mut Vec<Finding>) -> Self {
        let mut required = |name: &str| {
            let value = setting(target, name);
            if value.is_none() {
                let detail = format!("The agreement has no setting `{name}`, without which nothing can be posted.");
                findings.push(Finding::error("NO-SETTING", "", detail));
            }
            value.unwrap_or_default()
        };
        let (company_code, accounts, accrual_account) =
            (required("company_code"), required("accounts"), required("accrual_account"));
        Books {
            company_code,
            accounts: accounts.split_whitespace().filter_map(|pair| pair.split_once('=')).collect(),
            accrual_account,
            document_type: setting(target, "document_type").unwrap_or("SA"),
            user: setting(target, "user").unwrap_or("PORTGATE"),
            cost_center: setting(target, "cost_center"),
        }
    }

    fn account(&self, cost_type: &str) -> Option<&'t str> {
        let of = |name: &str| self.accounts.iter().find(|(known, _)| *known == name).map(|(_, account)| *account);
        of(cost_type).or_else(|| of("other"))
    }
}

/// One posting: what it costs, and the accrual against it.
fn posting(index: usize, cost: &Cost, books: &Books<'_>, idoc: &mut ElementWriter<'_>) -> Vec<Finding> {
    let missing = |name: &str| vec![error(index, name, "MISSING", format!("The cost has no `{name}`."))];
    let Some(cost_type) = &cost.cost_type else { return missing("costType") };
    let Some(amount) = &cost.amount else { return missing("amount") };
    let Some(at) = &cost.occurred_at else { return missing("occurredAt") };
    let cost_type = word(cost_type);
    let Some(account) = books.account(&cost_type) else {
        let detail = format!("No account is named for `{cost_type}`; add it to the agreement's setting `accounts`.");
        return vec![error(index, "costType", "NO-ACCOUNT", detail)];
    };
    let digits = decimals(amount.currency.as_str());
    if amount.amount.round(digits) != amount.amount {
        let detail = format!("{} has {digits} digits after the point in {}.", amount.amount, amount.currency);
        return vec![error(index, "amount", "CURRENCY-DECIMALS", detail)];
    }
    let day: String = at.as_str().chars().take(10).filter(char::is_ascii_digit).collect();
    let reference = cost.declaration_mrn.as_deref().or(cost.shipment_id.as_deref()).unwrap_or_default();
    let source = cost.source_ref.as_deref().unwrap_or_default();
    let mut head = segment(idoc, "E1BPACHE09");
    head.leaf("BUS_ACT", "RFBU");
    head.leaf("USERNAME", books.user.within(1..=12));
    head.leaf("HEADER_TXT", some(reference, 25));
    head.leaf("COMP_CODE", books.company_code.within(1..=4));
    head.leaf("DOC_DATE", day.as_str());
    head.leaf("PSTNG_DATE", day.as_str());
    head.leaf("DOC_TYPE", books.document_type.within(1..=2));
    head.leaf("REF_DOC_NO", some(cost.shipment_id.as_deref().unwrap_or_default(), 16));
    drop(head);
    // The cost, and the earlier reckonings that it takes the place of, which are taken back.
    let mut sides = vec![(source, amount.amount)];
    for (number, earlier) in cost.replaces.iter().enumerate() {
        if earlier.amount.currency != amount.currency {
            let detail = format!("`replaces[{number}]` is in {}; a posting has one currency.", earlier.amount.currency);
            return vec![error(index, "replaces", "CURRENCY", detail)];
        }
        sides.push((&*earlier.source_ref, Decimal::ZERO - earlier.amount.amount));
    }
    // What a cost is nought is no line of a posting, unless there is nothing else.
    let is_alone = sides.len() == 1;
    let mut lines = Vec::new();
    for (source, amount) in sides.into_iter().filter(|(_, amount)| is_alone || !amount.is_zero()) {
        lines.push((lines.len() + 1, account, books.cost_center, amount, source));
        lines.push((lines.len() + 1, books.accrual_account, None, Decimal::ZERO - amount, source));
    }
    for (item, account, cost_center, _, source) in &lines {
        let mut line = segment(idoc, "E1BPACGL09");
        line.leaf("ITEMNO_ACC", format!("{item:010}"));
        line.leaf("GL_ACCOUNT", number::filled(account, 10));
        line.leaf("ITEM_TEXT", some(source, 50));
        line.leaf("ALLOC_NMBR", some(reference, 18));
        line.leaf("COSTCENTER", cost_center.map(|center| center.within(1..=10)));
        line.leaf("MATERIAL", cost.sku.as_deref().filter(|_| item % 2 == 1).map(|sku| number::filled(sku, 18)));
    }
    for (item, _, _, value, _) in lines {
        let mut line = segment(idoc, "E1BPACCR09");
        line.leaf("ITEMNO_ACC", format!("{item:010}"));
        line.leaf("CURRENCY", amount.currency.as_str());
        line.leaf("AMT_DOCCUR", decimal(value));
    }
    Vec::new()
}

/// Words in a field that has room for so many characters; nothing where there are none. They repeat what `ARCKEY` names whole.
fn some(text: &str, most: usize) -> Option<String> {
    Some(text.chars().take(most).collect()).filter(|text: &String| !text.is_empty())
}

fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Digits after the point of a currency (ISO 4217).
fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}
