//! What several shipments have: of a cost each bears its part by gross weight, and of an invoice each has what it ships.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portgate_canonical::{
    Body, CanonicalDocument, CommercialInvoice, ContextDocument, CustomsDeclaration, Decimal, FieldSource,
    LandedCostEvent, Money, Packing, Provenance, Purpose, Shipment, ShipmentContext, Text, invoiced,
};
use portgate_core::sender;
use serde_json::Value;

use crate::parts::{Article, Articles, Untold, articles, of_sharer, parts};
use crate::read::documents;
use crate::spread::{minor_digits, spread};

/// The fields of an invoice that are reckoned for a part of it.
const RECKONED: [&str; 4] = ["/lines", "/charges", "/taxes", "/totals"];
/// So many fields of a document in a context can have a source of their own.
const FIELDS_MAX: usize = 200;

/// A document by kind and id.
pub type Named = (String, String);

/// What a shipment has together with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// What this one is called.
    pub own: String,
    /// Its documents that others have as well, and all whose they are, itself included.
    pub documents: BTreeMap<Named, BTreeSet<String>>,
    /// What is known of those shipments; nothing of one that nobody looked at.
    pub sharers: BTreeMap<String, Arc<Sharer>>,
}

/// A shipment as those know it who share something with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sharer {
    /// What it weighs, gross, in kilograms.
    gross_kg: Option<Decimal>,
    /// What it ships; nothing where nobody says of all of it which articles that are.
    ships: Option<Articles>,
    /// What invoices have that it has alone.
    invoiced: Articles,
    /// With whom it shares invoices, and the articles of these.
    shares: Vec<(BTreeSet<String>, BTreeSet<Article>)>,
}

/// A shipment with its part of what it shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apportioned {
    /// Its context. What nobody can tell apart is whole in it.
    pub context: ShipmentContext,
    /// What that is, and why.
    pub untold: BTreeMap<Named, Untold>,
}

impl Shared {
    /// Whether it has nothing together with others.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The shipment with its part of everything.
    pub fn apportion(&self, context: &ShipmentContext) -> Apportioned {
        let mut apportioned = Apportioned { context: context.clone(), untold: BTreeMap::new() };
        self.invoices(&mut apportioned);
        self.costs(&mut apportioned);
        apportioned
    }

    /// Of each cost the part of this shipment, by gross weight. The parts of all are the amount to the coin.
    fn costs(&self, apportioned: &mut Apportioned) {
        for one in apportioned.context.documents.iter_mut().filter(|one| &*one.kind == LandedCostEvent::KIND) {
            let named = named(one);
            let Some(of) = self.documents.get(&named) else { continue };
            let weights = of.iter().map(|id| self.sharers.get(id).and_then(|sharer| sharer.weighs()));
            let weights: Vec<Option<Decimal>> = weights.collect();
            let amount = one.document.0.get("amount").cloned().and_then(|amount| serde_json::from_value(amount).ok());
            let known: Option<Vec<Decimal>> = weights.iter().copied().collect();
            let part = known.zip(amount).and_then(|(weights, amount): (_, Money)| {
                let own = of.iter().position(|id| *id == self.own)?;
                spread(amount.amount, &weights, minor_digits(amount.currency.as_str())).get(own).copied()
            });
            match (part, one.document.0.get_mut("amount").and_then(|amount| amount.get_mut("amount"))) {
                (Some(part), Some(amount)) => *amount = Value::String(part.to_string()),
                _ => {
                    let unweighed = weights.iter().filter(|weight| weight.is_none()).count();
                    apportioned.untold.insert(named, Untold::Weight { unweighed });
                }
            }
        }
    }

    /// Of each invoice for goods the part of this shipment, which is what it ships of it.
    fn invoices(&self, apportioned: &mut Apportioned) {
        let read = invoices(&apportioned.context);
        let counting = invoiced(&read, |(_, invoice)| invoice);
        let mut together: BTreeMap<&BTreeSet<String>, Vec<&CommercialInvoice>> = BTreeMap::new();
        for (named, invoice) in counting {
            if let Some(of) = self.documents.get(named) {
                together.entry(of).or_default().push(invoice);
            }
        }
        // Of what does not count, such as what was corrected, nobody has a part.
        let is_shared = |(named, invoice): &&(Named, CommercialInvoice)| {
            !invoice.is_of_carriage() && self.documents.contains_key(named)
        };
        let shared = read.iter().filter(is_shared).map(|(named, _)| named.clone());
        let mut part_of: BTreeMap<Named, Option<CommercialInvoice>> = shared.map(|named| (named, None)).collect();
        for (of, invoices) in together {
            let named = |invoice: &CommercialInvoice| (CommercialInvoice::KIND.to_owned(), invoice.id.to_string());
            match self.of_invoices(of, &invoices) {
                Ok(own) => part_of.extend(invoices.iter().map(|invoice| named(invoice)).zip(own)),
                Err(why) => {
                    let whole = invoices.iter().map(|invoice| (named(invoice), Some((*invoice).clone())));
                    part_of.extend(whole);
                    apportioned.untold.extend(invoices.iter().map(|invoice| (named(invoice), why.clone())));
                }
            }
        }
        apportioned.context.documents.retain_mut(|one| match part_of.remove(&named(one)) {
            None => true,
            Some(None) => false,
            Some(Some(part)) => {
                take_part(one, &part);
                true
            }
        });
    }

    /// What this shipment has of each of some invoices, which the same shipments have; nothing of those of which it has nothing.
    fn of_invoices(
        &self,
        of: &BTreeSet<String>,
        invoices: &[&CommercialInvoice],
    ) -> Result<Vec<Option<CommercialInvoice>>, Untold> {
        let known: Vec<(&String, &Sharer)> = of.iter().filter_map(|id| Some((id, &**self.sharers.get(id)?))).collect();
        let unsaid = of.len() - known.iter().filter(|(_, sharer)| sharer.ships.is_some()).count();
        if unsaid > 0 {
            return Err(Untold::Goods { unsaid });
        }
        // Who ships nothing, such as what was only tendered so far, has no part of anything.
        let ships = |(_, sharer): &(&String, &Sharer)| sharer.ships.as_ref().is_some_and(|ships| !ships.is_empty());
        let shipping: Vec<(&String, &Sharer)> = known.into_iter().filter(ships).collect();
        let own = shipping.iter().position(|(id, _)| **id == self.own);
        match (shipping.as_slice(), own) {
            ([], _) => return Err(Untold::Goods { unsaid: of.len() }),
            ([_], Some(_)) => return Ok(invoices.iter().map(|invoice| Some((*invoice).clone())).collect()),
            _ => {}
        }
        let mut theirs = BTreeSet::new();
        for invoice in invoices {
            theirs.extend(articles(invoice)?.into_keys());
        }
        for (_, sharer) in &shipping {
            let others = sharer.shares.iter().filter(|(with, _)| with != of);
            if let Some(article) = others.flat_map(|(_, articles)| articles.intersection(&theirs)).next() {
                return Err(Untold::Elsewhere { article: article.clone() });
            }
        }
        let wants: Vec<Articles> = shipping.iter().map(|(_, sharer)| sharer.wants()).collect();
        let parts = parts(invoices, &wants)?;
        let Some(own) = own else { return Ok(vec![None; invoices.len()]) };
        Ok(invoices.iter().zip(&parts).map(|(invoice, lines)| of_sharer(invoice, lines, own)).collect())
    }
}

impl Apportioned {
    /// The context as the shipment bears costs: without those that nobody can tell apart.
    pub fn borne(&self) -> ShipmentContext {
        let mut context = self.context.clone();
        let is_cost = |one: &ContextDocument| &*one.kind == LandedCostEvent::KIND;
        context.documents.retain(|one| !is_cost(one) || !self.untold.contains_key(&named(one)));
        context
    }

    /// The invoices that nobody can tell apart, by id.
    pub fn untold_invoices(&self) -> Vec<String> {
        let of_kind = self.untold.keys().filter(|(kind, _)| kind == CommercialInvoice::KIND);
        of_kind.map(|(_, id)| id.clone()).collect()
    }
}

impl Sharer {
    /// What a shipment is to those who share something with it. `shared` are its documents that others have as well, and whose they are.
    pub fn of(context: &ShipmentContext, shared: &BTreeMap<Named, BTreeSet<String>>) -> Sharer {
        let mut sharer = Sharer { gross_kg: gross_kg(context), ships: ships(context), ..Sharer::default() };
        let read = invoices(context);
        for (named, invoice) in invoiced(&read, |(_, invoice)| invoice) {
            // An invoice whose lines name no article says so where it is shared itself.
            let Ok(articles) = articles(invoice) else { continue };
            match shared.get(named) {
                Some(with) => sharer.shares.push((with.clone(), articles.into_keys().collect())),
                None => {
                    for (article, quantity) in articles {
                        let known = sharer.invoiced.entry(article).or_insert(Decimal::ZERO);
                        *known = *known + quantity;
                    }
                }
            }
        }
        sharer
    }

    /// What it weighs, where a part can be reckoned by that.
    fn weighs(&self) -> Option<Decimal> {
        self.gross_kg.filter(|weight| !weight.is_zero() && !weight.is_negative())
    }

    /// What it ships that no invoice of its own has.
    fn wants(&self) -> Articles {
        let left = |(article, quantity): (&Article, &Decimal)| {
            let left = *quantity - self.invoiced.get(article).copied().unwrap_or(Decimal::ZERO);
            (!left.is_negative() && !left.is_zero()).then(|| (article.clone(), left))
        };
        self.ships.iter().flatten().filter_map(left).collect()
    }
}

fn named(one: &ContextDocument) -> Named {
    (one.kind.to_string(), one.id.to_string())
}

/// The invoices of a context.
fn invoices(context: &ShipmentContext) -> Vec<(Named, CommercialInvoice)> {
    let of_kind = context.documents.iter().filter(|one| &*one.kind == CommercialInvoice::KIND);
    let read = of_kind.filter_map(|one| {
        let invoice = serde_json::from_value(Value::Object(one.document.0.clone())).ok()?;
        Some((named(one), invoice))
    });
    read.collect()
}

/// Puts a part in the place of an invoice, and says of its lines and sums that the gateway has reckoned them.
fn take_part(one: &mut ContextDocument, part: &CommercialInvoice) {
    let Ok(Value::Object(body)) = serde_json::to_value(part) else { return };
    if body == one.document.0 {
        return;
    }
    one.document = Body(body);
    let by = |system: Text<64>| Provenance { system, role: None, ..one.provenance.clone() };
    let Ok(provenance) = Text::new(sender::GATEWAY).map(by) else { return };
    one.fields.retain(|source| !RECKONED.iter().any(|own| source.field.starts_with(own)));
    one.fields.truncate(FIELDS_MAX - RECKONED.len());
    for field in RECKONED {
        one.fields.extend(Text::new(field).map(|field| FieldSource::new(field, provenance.clone())));
    }
}

/// What a shipment ships, by what was packed, or by itself where no packing list says what is in it: the same as its declaration says.
/// Nothing where some of it names no article, and where several documents of it say different things.
fn ships(context: &ShipmentContext) -> Option<Articles> {
    let mut packings: Vec<Packing> = documents(&context.documents, Packing::KIND);
    packings.retain(|packing| packing.purpose != Some(Purpose::Cancellation));
    let mut shipments: Vec<Shipment> = documents(&context.documents, Shipment::KIND);
    shipments.retain(|shipment| shipment.purpose != Some(Purpose::Cancellation));
    let lines = packings.iter().flat_map(|packing| &packing.lines);
    let packed: Vec<_> = lines.map(|line| (line.sku.as_deref(), &line.quantity)).collect();
    if !packed.is_empty() {
        return sum(packed);
    }
    let of = |shipment: &Shipment| sum(shipment.lines.iter().map(|line| (line.sku.as_deref(), &line.quantity)));
    let mut said = shipments.iter().filter(|shipment| !shipment.lines.is_empty()).map(of);
    match said.next() {
        Some(first) => said.all(|other| other == first).then_some(first).flatten(),
        None => {
            let declared: Vec<CustomsDeclaration> = documents(&context.documents, CustomsDeclaration::KIND);
            let is_nothing = packings.is_empty() && shipments.is_empty() && declared.is_empty();
            is_nothing.then(Articles::new)
        }
    }
}

/// Quantities by article and unit; nothing where one names no article.
fn sum<'l>(lines: impl IntoIterator<Item = (Option<&'l str>, &'l portgate_canonical::Quantity)>) -> Option<Articles> {
    let mut all = Articles::new();
    for (sku, quantity) in lines.into_iter().filter(|(_, quantity)| !quantity.value.is_zero()) {
        let known = all.entry(Article::new(sku?, quantity)).or_insert(Decimal::ZERO);
        *known = *known + quantity.value;
    }
    Some(all)
}

/// What a shipment weighs, gross, in kilograms: the most that a document of it says, since one is about all of it and others may be
/// about parts; where none says it, what was packed.
fn gross_kg(context: &ShipmentContext) -> Option<Decimal> {
    let shipments: Vec<Shipment> = documents(&context.documents, Shipment::KIND);
    let packed = || {
        let packings: Vec<Packing> = documents(&context.documents, Packing::KIND);
        packings.iter().filter_map(|packing| packing.gross_kg).max()
    };
    shipments.iter().filter_map(|shipment| shipment.gross_kg).max().or_else(packed)
}

#[cfg(test)]
mod tests;
