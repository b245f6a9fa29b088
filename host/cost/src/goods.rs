//! Which articles a shipment has, as its invoices say, and in which goods item customs sees each of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use portgate_canonical::{
    CanonicalDocument, CommercialInvoice, CustomsDeclaration, Decimal, DeclarationItem, IncotermCode, Money, Order,
    PartyRole, Regime, Shipment, ShipmentContext, invoiced,
};
use portgate_core::policy::{Costs, Jurisdiction};

use crate::catalogue::Catalogue;
use crate::read::documents;
use crate::standing::NotStanding;

/// One article of a shipment: what all lines say that have the same name, origin, preference and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its SKU; where its line names none, the number of the line, or of the declared item.
    pub name: String,
    /// Whether that is a SKU.
    pub is_sku: bool,
    /// What is invoiced for it, without tax.
    pub value: Money,
    /// How much of it, in whatever unit.
    pub quantity: Decimal,
    /// Net weight in kilograms, where it is known.
    pub net_kg: Option<Decimal>,
    /// Its commodity code in the country that it comes into, digits alone.
    pub commodity: Option<String>,
    /// What systems say of that where they contradict each other, and nothing has settled it: two codes, each with its system.
    pub contradicted: Option<String>,
    /// Its origin.
    pub origin: Option<String>,
    /// The preference that is claimed for it (DE 4/17); `300` where the invoice says no more than that one is.
    pub preference: Option<String>,
}

/// An import declaration.
pub(crate) struct Declared {
    pub(crate) lrn: String,
    pub(crate) mrn: Option<String>,
    pub(crate) items: Vec<DeclarationItem>,
}

/// What a cost is spread over, and what is reckoned from.
pub(crate) struct Goods<'r> {
    pub(crate) articles: Vec<Article>,
    pub(crate) declared: Vec<Declared>,
    pub(crate) not_standing: NotStanding,
    pub(crate) jurisdiction: Option<&'r Jurisdiction>,
    pub(crate) destination: Option<String>,
    pub(crate) incoterm: Option<IncotermCode>,
    /// The day of the tariff and of the rates: of acceptance, and before that of the invoice.
    pub(crate) day: Option<Date>,
    pub(crate) invoices: Vec<CommercialInvoice>,
}

pub(crate) fn day(text: &str) -> Option<Date> {
    portgate_core::reference::day(text.get(..10)?)
}

impl<'r> Goods<'r> {
    pub(crate) fn of(context: &ShipmentContext, withdrawn: &BTreeSet<String>, rules: &'r Costs) -> Self {
        let invoices = invoices(context);
        let not_standing = NotStanding::of(context, withdrawn);
        let declarations: Vec<CustomsDeclaration> = documents(&context.documents, "customs-declaration");
        let declarations: Vec<CustomsDeclaration> =
            declarations.into_iter().filter(|one| one.regime == Regime::Import && !not_standing.has(one)).collect();
        let destination = destination(context, &declarations, &invoices);
        let jurisdiction = destination.as_deref().and_then(|country| rules.jurisdiction(country));
        let accepted = declarations.iter().filter_map(|one| match (&one.accepted_on, &one.accepted_at) {
            (Some(on), _) => day(on.as_str()),
            (None, at) => day(at.as_ref()?.as_str()),
        });
        let issued = invoices.iter().filter_map(|invoice| day(invoice.issue_date.as_str()));
        let on = accepted.max().or_else(|| issued.max());
        let incoterm = declarations.iter().find_map(|one| one.incoterm.as_ref());
        let incoterm = incoterm.or_else(|| invoices.iter().find_map(|invoice| invoice.incoterm.as_ref()));
        let incoterm = incoterm.map(|incoterm| incoterm.code.current());
        let declared: Vec<Declared> = declarations.into_iter().map(declared).collect();
        let mut articles = Articles { catalogue: Catalogue::of(context, jurisdiction, on), by_key: BTreeMap::new() };
        for invoice in &invoices {
            articles.take(invoice);
        }
        if articles.by_key.is_empty() {
            articles.take_declared(&declared);
        }
        let mut articles: Vec<Article> = articles.by_key.into_values().collect();
        for article in &mut articles {
            as_declared(article, &declared);
        }
        Goods { articles, declared, not_standing, jurisdiction, destination, incoterm, day: on, invoices }
    }

    /// The articles that customs sees in an item of a declaration, and all where it does not say in which.
    pub(crate) fn of_item(&self, mrn: Option<&str>, names: &BTreeSet<&str>, item_no: Option<u32>) -> Vec<usize> {
        let is_it = |declared: &&Declared| {
            mrn.is_some() && declared.mrn.as_deref() == mrn || names.contains(declared.lrn.as_str())
        };
        let declared = self.declared.iter().find(is_it);
        let item = declared.zip(item_no).and_then(|(declared, no)| declared.items.iter().find(|item| item.no == no));
        let of_item: Vec<usize> = match item {
            Some(item) => (0..self.articles.len()).filter(|at| is_in(&self.articles[*at], item)).collect(),
            None => Vec::new(),
        };
        if of_item.is_empty() { (0..self.articles.len()).collect() } else { of_item }
    }

    /// The articles as customs reckons them: together where commodity, origin, preference and currency are the same.
    pub(crate) fn items(&self) -> Vec<Vec<usize>> {
        let mut items: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, article) in self.articles.iter().enumerate() {
            let Article { commodity, origin, preference, value, .. } = article;
            // Of those without a commodity each is for itself, so that its own name is in what is said of it.
            let alone = commodity.is_none().then_some(at);
            items.entry((commodity, origin, preference, value.currency.as_str(), alone)).or_default().push(at);
        }
        items.into_values().collect()
    }
}

/// What sellers charge for goods, and what they give back of it.
fn invoices(context: &ShipmentContext) -> Vec<CommercialInvoice> {
    let all: Vec<CommercialInvoice> = documents(&context.documents, CommercialInvoice::KIND);
    invoiced(&all, |one| one).into_iter().cloned().collect()
}

/// Where the goods go: what the import says first, then the shipment, the invoice and the order.
fn destination(
    context: &ShipmentContext,
    declarations: &[CustomsDeclaration],
    invoices: &[CommercialInvoice],
) -> Option<String> {
    let declared = declarations.iter().find_map(|one| match &one.destination_country {
        Some(country) => Some(country.as_str().to_owned()),
        None => Some(one.jurisdiction.to_string()).filter(|name| name.len() == 2),
    });
    let shipments: Vec<Shipment> = documents(&context.documents, "shipment");
    let shipped = || shipments.iter().find_map(|one| Some(one.country_of_destination.as_ref()?.as_str().to_owned()));
    let orders: Vec<Order> = documents(&context.documents, "order");
    let of = |party: &portgate_canonical::Party| Some(party.address.as_ref()?.country.as_ref()?.as_str().to_owned());
    let invoiced = || {
        let brought_to = |invoice: &CommercialInvoice| {
            invoice.parties.iter().filter(|party| party.role == PartyRole::ShipTo).find_map(of)
        };
        let bought = |invoice: &CommercialInvoice| invoice.buyer.as_ref().and_then(of);
        invoices.iter().find_map(brought_to).or_else(|| invoices.iter().find_map(bought))
    };
    let ordered = || orders.iter().find_map(|order| order.ship_to.as_ref().and_then(of));
    declared.or_else(shipped).or_else(invoiced).or_else(ordered)
}

fn declared(declaration: CustomsDeclaration) -> Declared {
    let CustomsDeclaration { lrn, mrn, items, .. } = declaration;
    Declared { lrn: lrn.to_string(), mrn: mrn.map(|mrn| mrn.to_string()), items }
}

/// All digits of a declared commodity code.
fn code_of(item: &DeclarationItem) -> Option<String> {
    let classification = item.classification.as_ref()?;
    let taric = classification.taric.as_deref().unwrap_or_default();
    Some(format!("{}{taric}", classification.commodity.as_str()))
}

/// Whether customs sees an article in an item: the codes are the same as far as both go, six digits at least, and so are the origins
/// where both say one.
fn is_in(article: &Article, item: &DeclarationItem) -> bool {
    let is_named = article.name == item_name(item.no) && !article.is_sku;
    let (Some(own), Some(code)) = (&article.commodity, code_of(item)) else { return is_named };
    let both = own.len().min(code.len()).min(8);
    let is_same_code = both >= 6 && own.as_bytes().get(..both) == code.as_bytes().get(..both);
    let origins = article.origin.as_deref().zip(item.origin.as_ref().map(|origin| origin.as_str()));
    is_named || is_same_code && origins.is_none_or(|(one, other)| one == other)
}

fn item_name(no: u32) -> String {
    format!("item {no}")
}

/// What the declaration says of an article that nobody else does: the preference that is claimed, and, where it has one item alone, the
/// commodity code and the origin.
fn as_declared(article: &mut Article, declared: &[Declared]) {
    let items: Vec<&DeclarationItem> = declared.iter().flat_map(|declared| &declared.items).collect();
    let item = match items.as_slice() {
        [only] if article.commodity.is_none() => Some(*only),
        _ => items.iter().copied().find(|item| is_in(article, item)),
    };
    let Some(item) = item else { return };
    let code = code_of(item);
    // A declaration has all digits, a catalogue often the first six.
    if code.as_ref().map_or(0, String::len) > article.commodity.as_ref().map_or(0, String::len) {
        article.commodity = code;
        article.contradicted = None;
    }
    article.origin = article.origin.take().or_else(|| item.origin.as_ref().map(|origin| origin.as_str().to_owned()));
    if let Some(preference) = &item.preference {
        article.preference = (!preference.starts_with('1')).then(|| preference.to_string());
    }
}

/// Articles while lines are put together.
struct Articles {
    catalogue: Catalogue,
    by_key: BTreeMap<(String, Option<String>, Option<String>, String), Article>,
}

impl Articles {
    fn take(&mut self, invoice: &CommercialInvoice) {
        // What a credit note has is given back, with the sign that its issuer gave it.
        let signed = |amount: Decimal| if invoice.is_credit() { Decimal::ZERO - amount } else { amount };
        for line in &invoice.lines {
            let sku = line.sku.as_deref();
            let item = sku.and_then(|sku| self.catalogue.items.get(sku));
            let (code, contradicted) = match sku.and_then(|sku| self.catalogue.codes.get(sku)) {
                Some(Ok(code)) => (Some(code.clone()), None),
                Some(Err(codes)) => (None, Some(codes.clone())),
                None => (line.hs6.as_ref().map(|code| code.as_str().to_owned()), None),
            };
            let origin = line.origin_country.as_ref().or_else(|| item.and_then(|item| item.origin_country.as_ref()));
            let each = item.and_then(|item| item.net_weight_kg);
            self.add(Article {
                name: sku.map_or_else(|| format!("{} line {}", invoice.number, line.line_no), str::to_owned),
                is_sku: sku.is_some(),
                value: Money { amount: signed(line.line_net.amount), currency: line.line_net.currency.clone() },
                quantity: signed(line.quantity.value),
                net_kg: line.net_kg.or_else(|| each.map(|each| each * line.quantity.value)).map(signed),
                commodity: code,
                contradicted,
                origin: origin.map(|origin| origin.as_str().to_owned()),
                preference: line.preference_claimed.unwrap_or_default().then(|| "300".to_owned()),
            });
        }
    }

    /// Where there is no invoice, what is declared says what there is.
    fn take_declared(&mut self, declared: &[Declared]) {
        for item in declared.iter().flat_map(|declared| &declared.items) {
            let Some(value) = item.price.clone().or_else(|| item.customs_value.clone()) else { continue };
            let quantity = item.supplementary_units.as_ref().map(|units| units.value);
            self.add(Article {
                name: item_name(item.no),
                is_sku: false,
                value,
                quantity: quantity.unwrap_or(Decimal::ZERO),
                net_kg: item.net_kg,
                commodity: code_of(item),
                contradicted: None,
                origin: item.origin.as_ref().map(|origin| origin.as_str().to_owned()),
                preference: None,
            });
        }
    }

    fn add(&mut self, new: Article) {
        let Article { name, origin, preference, value, .. } = &new;
        let key = (name.clone(), origin.clone(), preference.clone(), value.currency.as_str().to_owned());
        match self.by_key.get_mut(&key) {
            Some(article) => {
                article.value.amount = article.value.amount + new.value.amount;
                article.quantity = article.quantity + new.quantity;
                article.net_kg = article.net_kg.zip(new.net_kg).map(|(one, other)| one + other);
            }
            None => drop(self.by_key.insert(key, new)),
        }
    }
}
