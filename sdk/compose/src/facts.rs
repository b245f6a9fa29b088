//! The documents of a shipment that a declaration is made of.

use portgate_sdk::canonical::{
    CommercialInvoice, CustomsDeclaration, DocumentRef, Item, ItemClassification, LandedCostEvent, Order, Packing,
    Party, PartyRole, Purpose, Shipment, TransportDocument, invoiced,
};
use portgate_sdk::{Context, Placed};

use crate::gaps::Gaps;

/// The documents, by kind, without those that were taken back.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What was ordered.
    pub orders: Vec<Placed<Order>>,
    /// How it goes.
    pub shipments: Vec<Placed<Shipment>>,
    /// How it was packed.
    pub packings: Vec<Placed<Packing>>,
    /// What was invoiced for goods, by number, each of them once: without credit notes and carriers' invoices, and without what was
    /// corrected or was pro forma alone.
    pub invoices: Vec<Placed<CommercialInvoice>>,
    /// Bills of lading and waybills.
    pub transport_documents: Vec<Placed<TransportDocument>>,
    /// Declarations that were made before.
    pub declarations: Vec<Placed<CustomsDeclaration>>,
    /// Documents on file: certificates, licences, proofs of origin.
    pub documents: Vec<Placed<DocumentRef>>,
    /// What it costs to bring the goods in, as far as that is known.
    pub costs: Vec<Placed<LandedCostEvent>>,
    /// The articles.
    pub articles: Vec<Placed<Item>>,
    /// Their classifications.
    pub classifications: Vec<Placed<ItemClassification>>,
}

impl Facts {
    /// What a context has of them.
    pub fn of(context: &Context) -> Facts {
        let all: Vec<Placed<CommercialInvoice>> = context.documents();
        let charges = |one: &&Placed<CommercialInvoice>| !one.document.is_credit();
        let mut invoices: Vec<Placed<CommercialInvoice>> =
            invoiced(&all, |one| &one.document).into_iter().filter(charges).cloned().collect();
        invoices.sort_by(|one, other| one.document.number.cmp(&other.document.number));
        let mut shipments: Vec<Placed<Shipment>> = context.documents();
        shipments.retain(|shipment| shipment.document.purpose != Some(Purpose::Cancellation));
        let mut packings: Vec<Placed<Packing>> = context.documents();
        packings.retain(|packing| packing.document.purpose != Some(Purpose::Cancellation));
        Facts {
            orders: context.documents(),
            shipments,
            packings,
            invoices,
            transport_documents: context.documents(),
            declarations: context.documents(),
            documents: context.documents(),
            costs: context.documents(),
            articles: context.catalogue(),
            classifications: context.catalogue(),
        }
    }

    /// The article of a stock keeping unit.
    pub fn article(&self, sku: &str) -> Option<&Placed<Item>> {
        self.articles.iter().find(|article| &*article.document.sku == sku)
    }

    /// The first party that plays one of these parts, with its place. Parts are asked for in their order, and of each the
    /// invoices before the shipments, the orders and the transport documents.
    pub fn party(&self, roles: &[PartyRole]) -> Option<(String, &Party)> {
        roles.iter().find_map(|role| self.parties().find(|(_, party)| party.role == *role))
    }

    /// All parties, each with its place.
    pub fn parties(&self) -> impl Iterator<Item = (String, &Party)> {
        let invoices = self.invoices.iter().flat_map(|invoice| {
            let named = [("/seller", &invoice.document.seller), ("/buyer", &invoice.document.buyer)];
            let named = named.into_iter().filter_map(move |(name, party)| Some((invoice.at(name), party.as_ref()?)));
            named.chain(listed(invoice, &invoice.document.parties))
        });
        let shipments = self.shipments.iter().flat_map(|shipment| listed(shipment, &shipment.document.parties));
        let orders = self.orders.iter().flat_map(|order| {
            let Order { seller, buyer, ship_to, .. } = &order.document;
            let named = [("/seller", seller), ("/buyer", buyer), ("/shipTo", ship_to)];
            let named = named.into_iter().filter_map(move |(name, party)| Some((order.at(name), party.as_ref()?)));
            named.chain(listed(order, &order.document.parties))
        });
        let bills = self.transport_documents.iter().flat_map(|bill| {
            let parties = bill.document.parties.iter().enumerate();
            parties.map(move |(index, party)| (bill.at(&format!("/parties/{index}/party")), &party.party))
        });
        invoices.chain(shipments).chain(orders).chain(bills)
    }
}

fn listed<'d, D>(document: &'d Placed<D>, parties: &'d [Party]) -> impl Iterator<Item = (String, &'d Party)> {
    parties.iter().enumerate().map(move |(index, party)| (document.at(&format!("/parties/{index}")), party))
}

/// What documents say of one thing, each with its place.
#[derive(Clone, Debug)]
pub struct Said<T> {
    values: Vec<(String, T)>,
}

impl<T: PartialEq> Said<T> {
    /// What documents of one kind say in a field.
    pub fn by<D>(documents: &[Placed<D>], field: &str, value: impl Fn(&D) -> Option<T>) -> Self {
        let said = documents.iter().filter_map(|document| Some((document.at(field), value(&document.document)?)));
        Said { values: said.collect() }
    }

    /// That, or where nobody says anything what others say.
    #[must_use]
    pub fn or(self, others: impl FnOnce() -> Said<T>) -> Self {
        if self.values.is_empty() { others() } else { self }
    }

    /// That and what others say.
    #[must_use]
    pub fn and(mut self, others: Said<T>) -> Self {
        self.values.extend(others.values);
        self
    }

    /// The one thing that all of them say; nothing where nobody says anything. Where they differ, that is said under a rule:
    /// `what` it is, such as `the country of dispatch`.
    pub fn one(self, rule: &str, what: &str, gaps: &mut Gaps) -> Option<T> {
        let mut values = self.values;
        if values.iter().any(|(_, value)| *value != values[0].1) {
            let places = values.iter().take(16).map(|(place, _)| place.clone());
            let detail = format!("The documents of the shipment do not agree on {what}.");
            gaps.add(rule, places, detail, "Whoever is wrong corrects it; the field's owner can say which counts.");
            return None;
        }
        (!values.is_empty()).then(|| values.swap_remove(0).1)
    }
}
