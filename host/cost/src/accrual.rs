//! What finance is to be told: each cost of each article once, and again where it is another one now.
//!
//! What was posted is known by what the gateway made before, so that the same context asks for nothing more. A posting names the one
//! it takes the place of, so that what finance has in the end is what counts now, whatever came in between.

use std::collections::{BTreeMap, BTreeSet};

use portgate_canonical::{
    Code, CostKind, CostType, Currency, Decimal, LandedCostEvent, Money, Reference, ReplacedCost, ShipmentContext,
    Source, Text, Timestamp,
};
use portgate_core::policy::{Accruals, Firmness};
use portgate_core::sender::GATEWAY;
use portgate_core::sha256::sha256_hex;

use crate::cost::{Cost, allocation_key, firmness};
use crate::landed::Landed;

/// Most characters of a name for good.
const NAME_MAX: usize = 128;
/// The schemes of names that a posting is found by.
const NAMED_BY: [&str; 5] = ["shipment", "ucr", "lrn", "mrn", "transport-document"];

/// A cost that was posted.
pub type Posted = LandedCostEvent;

/// Why a cost is not posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPosted {
    /// The cost, in words.
    pub of: String,
    /// Why, in words.
    pub why: String,
}

/// One account of one article: what is posted of it takes the place of what was posted before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Account {
    class: u8,
    code: String,
    currency: String,
    sku: Option<String>,
}

/// What counts of an account now.
struct Due<'c> {
    amount: Decimal,
    kind: CostKind,
    /// One of its costs, for what all have alike.
    cost: &'c Cost,
    occurred_at: Option<String>,
}

/// What an account was posted so far.
#[derive(Default)]
struct AccountBook<'p> {
    /// How many postings it has.
    number: u64,
    /// Those whose place no other has taken; several where two shipments became one.
    open: Vec<&'p Posted>,
}

/// What is to be posted for a shipment that is called `shipment`, given what was posted for it before, in whatever order.
pub fn accruals(
    shipment: &str,
    context: &ShipmentContext,
    landed: &Landed,
    rules: &Accruals,
    posted: &[Posted],
) -> (Vec<LandedCostEvent>, Vec<NotPosted>) {
    let due = due(landed, rules);
    let books = books(posted);
    let is_unknown = |account: &Account| {
        let mut unknown = landed.unknown.iter().map(|unknown| &unknown.articles);
        unknown.any(|articles| articles.is_empty() || account.sku.as_ref().is_none_or(|sku| articles.contains(sku)))
    };
    let accounts: BTreeSet<&Account> = due.keys().chain(books.keys()).collect();
    let (mut events, mut not_posted) = (Vec::new(), Vec::new());
    let nothing = AccountBook::default();
    for account in accounts {
        let (due, book) = (due.get(account), books.get(account).unwrap_or(&nothing));
        // What cannot be reckoned any more is not nothing: what was estimated stands until somebody says something else.
        if due.is_none() && is_unknown(account) && book.open.iter().all(|one| one.kind == CostKind::Estimate) {
            continue;
        }
        let (stands, others) =
            book.open.split_first().map_or((None, &[][..]), |(first, others)| (Some(*first), others));
        let is_posted = match (due, stands) {
            (None, None) => true,
            (Some(due), None) => due.amount.is_zero(),
            (Some(due), Some(stands)) => stands.amount.amount == due.amount && stands.kind == due.kind,
            (None, Some(_)) => false,
        };
        let taken_back = others.iter().map(|other| (None, Some(*other)));
        let changed = (!is_posted).then_some((due, stands));
        for (number, (due, replaced)) in (book.number + 1..).zip(taken_back.chain(changed)) {
            match event(shipment, context, account, due, number, replaced) {
                Ok(event) => events.push(event),
                Err(why) => {
                    let of = format!("{} {}", account.code, account.sku.as_deref().unwrap_or_default());
                    not_posted.push(NotPosted { of, why });
                }
            }
        }
    }
    (events, not_posted)
}

/// What counts, by account. Costs that the seller has on the invoice for the goods are posted with that.
fn due<'c>(landed: &'c Landed, rules: &Accruals) -> BTreeMap<Account, Due<'c>> {
    let mut due: BTreeMap<Account, Due<'c>> = BTreeMap::new();
    for cost in landed.costs.iter().filter(|cost| !cost.is_sellers && is_posted(cost.kind, rules)) {
        let whole = [(None, cost.amount.amount)];
        let shares = cost.shares.iter().filter(|share| share.counts);
        let shares = shares.map(|share| {
            let article = &landed.articles[share.article];
            (article.is_sku.then(|| article.name.clone()), share.amount)
        });
        let parts: Vec<(Option<String>, Decimal)> =
            if cost.shares.is_empty() { whole.into() } else { shares.collect() };
        for (sku, amount) in parts {
            let currency = cost.amount.currency.as_str().to_owned();
            let account = Account { class: cost.class as u8, code: cost.code.clone(), currency, sku };
            let known =
                due.entry(account).or_insert(Due { amount: Decimal::ZERO, kind: cost.kind, cost, occurred_at: None });
            known.amount = known.amount + amount;
            if firmness(cost.kind) < firmness(known.kind) {
                known.kind = cost.kind;
            }
            known.occurred_at = known.occurred_at.take().max(cost.occurred_at.clone());
        }
    }
    due
}

fn is_posted(kind: CostKind, rules: &Accruals) -> bool {
    let firmness = match kind {
        CostKind::Estimate => Firmness::Estimate,
        CostKind::Provisional => Firmness::Provisional,
        CostKind::Assessed => Firmness::Assessed,
        CostKind::Invoiced | CostKind::Adjustment => Firmness::Invoiced,
    };
    rules.kinds.contains(&firmness)
}

/// What was posted, by account.
fn books(posted: &[Posted]) -> BTreeMap<Account, AccountBook<'_>> {
    let replaced: BTreeSet<&str> =
        posted.iter().flat_map(|event| &event.replaces).map(|earlier| &*earlier.source_ref).collect();
    let mut books: BTreeMap<Account, AccountBook<'_>> = BTreeMap::new();
    for event in posted {
        let account = Account {
            class: crate::stated::class(event.cost_type) as u8,
            code: event.code.code.to_string(),
            currency: event.amount.currency.as_str().to_owned(),
            sku: event.sku.as_ref().map(ToString::to_string),
        };
        let book = books.entry(account).or_default();
        let number = event.source_ref.rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        book.number = book.number.max(number);
        if !replaced.contains(&*event.source_ref) && !event.amount.amount.is_zero() {
            book.open.push(event);
        }
    }
    for book in books.values_mut() {
        book.open.sort_by(|one, other| one.source_ref.cmp(&other.source_ref));
    }
    books
}

/// The posting of an account that has this number, in the place of another.
fn event(
    shipment: &str,
    context: &ShipmentContext,
    account: &Account,
    due: Option<&Due<'_>>,
    number: u64,
    replaced: Option<&Posted>,
) -> Result<LandedCostEvent, String> {
    let invalid = |error: portgate_canonical::Invalid| format!("it cannot be said in a document: {error}");
    let series = replaced.map_or(shipment, series);
    let source_ref: Text<128> = Text::new(name(series, account, number)).map_err(invalid)?;
    let cost = due.map(|due| due.cost);
    let cost_type = cost.map(|cost| cost.cost_type).or(replaced.map(|one| one.cost_type)).unwrap_or(CostType::Other);
    let code = match replaced {
        Some(replaced) => replaced.code.clone(),
        None => Code {
            code: Text::new(account.code.as_str()).map_err(invalid)?,
            code_list: code_list(cost).map_err(invalid)?,
            source_code: None,
        },
    };
    let currency = Currency::new(account.currency.as_str()).map_err(invalid)?;
    let amount = Money { amount: due.map_or(Decimal::ZERO, |due| due.amount), currency };
    let occurred_at = due.and_then(|due| due.occurred_at.as_deref()).map(at).transpose().map_err(invalid)?;
    let recorded_at: Timestamp = context.source.recorded_at.clone();
    let source = Source {
        system: Text::new(GATEWAY).map_err(invalid)?,
        message_id: None,
        recorded_at: recorded_at.clone(),
        raw_ref: context.source.raw_ref.clone(),
    };
    let version = Text::new(number.to_string()).map_err(invalid)?;
    let kind = due.map_or(CostKind::Adjustment, |due| due.kind);
    let occurred_at = occurred_at.unwrap_or(recorded_at);
    let mut event = LandedCostEvent::new(
        source_ref.clone(),
        version,
        source,
        cost_type,
        code,
        kind,
        amount,
        occurred_at,
        source_ref,
    );
    event.shipment_id = Text::new(shipment).ok();
    event.declaration_mrn = cost.and_then(|cost| Text::new(cost.declaration_mrn.clone()?).ok());
    event.sku = account.sku.as_ref().and_then(|sku| Text::new(sku.as_str()).ok());
    event.allocation_key = cost.map(|cost| allocation_key(cost.spread_by));
    event.references = references(context);
    let in_place_of = |earlier: &Posted| ReplacedCost {
        source_ref: earlier.source_ref.clone(),
        kind: earlier.kind,
        amount: earlier.amount.clone(),
    };
    event.replaces = replaced.map(in_place_of).into_iter().collect();
    Ok(event)
}

/// Which postings a posting is one of, where each takes the place of the one before, so that they must reach finance in their order:
/// what its name begins with. That is the shipment of the first of them, which may be called otherwise by now: what an older system
/// recorded may come late, and two shipments may become one.
pub fn series(posting: &Posted) -> &str {
    posting.source_ref.split_once(':').map_or(&*posting.source_ref, |(series, _)| series)
}

/// The name for good of an account's posting, which its number makes another than that of all others.
fn name(shipment: &str, account: &Account, number: u64) -> String {
    let Account { code, currency, sku, .. } = account;
    let whole = format!("{shipment}:{code}:{currency}:{}:{number}", sku.as_deref().unwrap_or_default());
    if whole.chars().count() <= NAME_MAX {
        return whole;
    }
    let digest = sha256_hex(whole.as_bytes());
    format!("{shipment}:{}:{number}", digest.get(..32).unwrap_or_default())
}

/// A day is its midnight.
fn at(text: &str) -> Result<Timestamp, portgate_canonical::Invalid> {
    Timestamp::new(text).or_else(|_| Timestamp::new(format!("{text}T00:00:00Z")))
}

fn code_list(cost: Option<&Cost>) -> Result<Text<64>, portgate_canonical::Invalid> {
    let is_customs = cost.is_none_or(|cost| cost.kind != CostKind::Invoiced);
    Text::new(if is_customs { "tax type (DE 4/3)" } else { "UNTDID 7161" })
}

/// The names that make a posting one of the shipment's documents: of each scheme one, since several of one scheme tie nothing
/// together.
fn references(context: &ShipmentContext) -> Vec<Reference> {
    let of = |scheme: &&str| context.references.iter().find(|name| &*name.scheme == *scheme).cloned();
    NAMED_BY.iter().filter_map(of).collect()
}
