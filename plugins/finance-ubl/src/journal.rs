//! Costs of bringing goods in as journal entries of NetSuite: record `journalEntry` of SuiteTalk REST web services.
//!
//! Each cost is an entry of its own, put under its `sourceRef` as the external id: put again it is the same entry, so no cost is
//! posted twice. What a cost costs is debited to the account of its kind and credited to what is accrued, while it is reckoned,
//! or to what is payable once it is assessed or invoiced. The earlier reckonings that it takes the place of are taken back in the
//! same entry, each under its own `sourceRef`.

use portgate_sdk::agreement::Agreement;
use portgate_sdk::canonical::{CostKind, CostType, Decimal, LandedCostEvent};
use portgate_sdk::{Document, Finding, Header, Pointer, Rejection, Request, Target};
use serde::Serialize;

/// Where entries are put below the base URL, where the agreement says nothing.
const PATH: &str = "/services/rest/record/v1/journalEntry";

/// An entry, as far as it is written here.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    subsidiary: Option<Id>,
    currency: Id,
    tran_date: String,
    memo: String,
    line: Lines,
}

#[derive(Serialize)]
struct Id {
    id: String,
}

#[derive(Serialize)]
struct Lines {
    items: Vec<Line>,
}

/// One side of a posting.
#[derive(Serialize)]
struct Line {
    account: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    debit: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<serde_json::Number>,
    /// The cost that it is of.
    memo: String,
    #[serde(skip)]
    amount: Decimal,
}

/// Renders the entry of one cost.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let [document] = documents else {
        let detail = "An entry is of one cost, under whose name it is posted once; hand over one document at a time.";
        return Err(Finding::error("ONE-DOCUMENT", "", detail).into());
    };
    if document.kind != "landed-cost-event" {
        let detail = format!("A `{}` is no cost to be posted.", document.kind);
        return Err(Finding::error("NOT-A-COST", Pointer::root().index(0), detail).into());
    }
    let Some(agreement) = &target.agreement else {
        let detail = format!(
            "Which accounts costs are posted to, only an agreement on `{target}` says; add one to the partner's policy."
        );
        return Err(Finding::error("NO-AGREEMENT", "", detail).into());
    };
    let cost: LandedCostEvent = document.read()?;
    let entry = Posting { agreement, cost: &cost, lines: Vec::new(), findings: Vec::new() }.entry()?;
    let path = agreement.setting("path").unwrap_or(PATH);
    // Without `replace` an entry that is put again would have its lines twice.
    let path = format!("{path}/eid:{}?replace=line", percent_encoded(&cost.source_ref));
    let body = serde_json::to_vec(&entry).map_err(Finding::from)?;
    let headers = vec![Header::new("content-type", "application/json")];
    Ok(Request { method: "PUT".to_owned(), path, headers, body })
}

/// An entry while its lines are written.
struct Posting<'c> {
    agreement: &'c Agreement,
    cost: &'c LandedCostEvent,
    lines: Vec<Line>,
    findings: Vec<Finding>,
}

impl Posting<'_> {
    fn entry(mut self) -> Result<Entry, Rejection> {
        let root = Pointer::root().index(0);
        let cost = self.cost;
        let currency = self.listed("currencies", cost.amount.currency.as_str(), root.key("amount").key("currency"));
        for (index, earlier) in cost.replaces.iter().enumerate() {
            let at = root.key("replaces").index(index).key("amount");
            if earlier.amount.currency != cost.amount.currency {
                let detail = "The earlier reckoning is in another currency; an entry has one.";
                self.findings.push(Finding::error("CURRENCY", at.key("currency"), detail));
                continue;
            }
            self.post(Decimal::ZERO - earlier.amount.amount, earlier.kind, &earlier.source_ref, at);
        }
        self.post(cost.amount.amount, cost.kind, &cost.source_ref, root.key("amount"));
        let sum: Decimal = self.lines.iter().map(|line| line.amount).sum();
        if !sum.is_zero() {
            self.findings.push(Finding::error("UNBALANCED", root, format!("Debits and credits differ by {sum}.")));
        }
        let Some(currency) = currency.filter(|_| self.findings.is_empty()) else {
            return Err(Rejection::new(self.findings));
        };
        let subsidiary = self.agreement.setting("subsidiary").map(|id| Id { id: id.to_owned() });
        Ok(Entry {
            subsidiary,
            currency: Id { id: currency },
            tran_date: cost.occurred_at.as_str().chars().take(10).collect(),
            memo: memo(cost),
            line: Lines { items: self.lines },
        })
    }

    /// Debits the account of the cost's kind and credits what is owed for it; below zero it is the other way round.
    fn post(&mut self, amount: Decimal, kind: CostKind, source_ref: &str, at: Pointer) {
        let digits = minor_digits(self.cost.amount.currency.as_str());
        if amount.round(digits) != amount {
            let detail =
                format!("{amount} has parts of the smallest coin; what is posted is exact to {digits} digits.");
            self.findings.push(Finding::error("NOT-A-CENT", at.key("amount"), detail));
            return;
        }
        let account = self.listed("accounts", cost_type(self.cost.cost_type), at.clone());
        let owed = match kind {
            CostKind::Estimate | CostKind::Provisional => "accrued",
            CostKind::Assessed | CostKind::Invoiced | CostKind::Adjustment => "payable",
        };
        let Some(owed) = self.agreement.setting(owed) else {
            let detail = format!("The agreement `{}` has no setting `{owed}` with an account.", self.agreement.name);
            self.findings.push(Finding::error("SETTING", "", detail));
            return;
        };
        let Some(account) = account else { return };
        let (owed, amount) = (owed.to_owned(), amount.round(digits));
        for (account, amount) in [(account, amount), (owed, Decimal::ZERO - amount)] {
            let line = line(account, amount, source_ref);
            self.lines.extend(line);
        }
    }

    /// What a setting lists for a key, in pairs such as `duty=58 vat=61`; `other` is for what is not listed.
    fn listed(&mut self, setting: &str, key: &str, at: Pointer) -> Option<String> {
        let pairs = self.agreement.setting(setting).unwrap_or_default();
        let of = |key: &str| pairs.split_whitespace().find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        let found = of(key).or_else(|| of("other").filter(|_| setting == "accounts"));
        if found.is_none() {
            let name = &self.agreement.name;
            let detail =
                format!("The setting `{setting}` of the agreement `{name}` has nothing for `{key}`; add `{key}=…`.");
            self.findings.push(Finding::error("SETTING", at, detail));
        }
        found.map(str::to_owned)
    }
}

fn line(account: String, amount: Decimal, source_ref: &str) -> Option<Line> {
    let is_credit = amount.is_negative();
    let written = if is_credit { Decimal::ZERO - amount } else { amount };
    let written: serde_json::Number = serde_json::from_str(&written.to_string()).ok()?;
    let (debit, credit) = if is_credit { (None, Some(written)) } else { (Some(written), None) };
    Some(Line { account: Id { id: account }, debit, credit, memo: source_ref.to_owned(), amount })
}

/// What an entry is of, for people.
fn memo(cost: &LandedCostEvent) -> String {
    let kind = match cost.kind {
        CostKind::Estimate => "estimated",
        CostKind::Provisional => "provisional",
        CostKind::Assessed => "assessed",
        CostKind::Invoiced => "invoiced",
        CostKind::Adjustment => "adjusted",
    };
    let parts = [
        Some(format!("{} {}, {kind}", cost_type(cost.cost_type), cost.code.code)),
        cost.declaration_mrn.as_deref().map(|mrn| format!("declaration {mrn}")),
        cost.item_no.map(|item| format!("item {item}")),
        cost.shipment_id.as_deref().map(|shipment| format!("shipment {shipment}")),
        cost.sku.as_deref().map(|sku| format!("item {sku}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The word that a kind of cost has in documents and settings.
fn cost_type(cost_type: CostType) -> &'static str {
    match cost_type {
        CostType::Duty => "duty",
        CostType::Vat => "vat",
        CostType::Antidumping => "antidumping",
        CostType::Excise => "excise",
        CostType::Freight => "freight",
        CostType::Insurance => "insurance",
        CostType::Brokerage => "brokerage",
        CostType::Storage => "storage",
        CostType::Other => "other",
    }
}

/// How many digits a currency has after its point (ISO 4217).
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// A name as a segment of a path (RFC 3986 §2.1).
fn percent_encoded(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}
