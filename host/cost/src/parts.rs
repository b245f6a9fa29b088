//! Invoices that several shipments have, in parts: what each of them ships.

use std::collections::BTreeMap;
use std::fmt;

use portgate_canonical::{CommercialInvoice, Decimal, InvoiceLine, InvoiceTotals, Money, Quantity};

use crate::spread::{minor_digits, spread};

/// After the point of a weight in kilograms.
const GRAMS: u32 = 3;

/// An article, counted in one unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Article {
    sku: String,
    unit: String,
}

/// How much of articles.
pub(crate) type Articles = BTreeMap<Article, Decimal>;

impl Article {
    pub(crate) fn new(sku: &str, quantity: &Quantity) -> Article {
        Article { sku: sku.to_owned(), unit: quantity.unit.as_str().to_owned() }
    }
}

impl fmt::Display for Article {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sku, self.unit)
    }
}

/// Why nobody can say which part of something is whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untold {
    /// It is not known what so many shipments weigh.
    Weight {
        /// How many.
        unweighed: usize,
    },
    /// It is not known which articles so many shipments have.
    Goods {
        /// How many.
        unsaid: usize,
    },
    /// The invoice has a line that names no article, or gives back.
    Line {
        /// Its number.
        line_no: String,
    },
    /// It gives back what was charged, and nobody says for which of the goods.
    Credit,
    /// More of an article is shipped than is invoiced.
    Short {
        /// The article.
        article: Article,
    },
    /// Several invoices have an article, and each could be of several shipments.
    Several {
        /// The article.
        article: Article,
    },
    /// One of the shipments shares an invoice for the same article with others than these.
    Elsewhere {
        /// The article.
        article: Article,
    },
}

impl fmt::Display for Untold {
    /// A clause: `the gross weight of 1 of them is not known`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Untold::Weight { unweighed } => write!(f, "the gross weight of {unweighed} of them is not known"),
            Untold::Goods { unsaid } => write!(f, "which articles {unsaid} of them ship is not known"),
            Untold::Line { line_no } => write!(f, "its line {line_no} names no article, or gives something back"),
            Untold::Credit => write!(f, "it gives back what was charged, and does not say for which of the goods"),
            Untold::Short { article } => write!(f, "they ship more of {article} than it has"),
            Untold::Several { article } => write!(f, "another invoice of the same shipments has {article} as well"),
            Untold::Elsewhere { article } => {
                write!(f, "one of them has {article} on another invoice as well, together with other shipments")
            }
        }
    }
}

/// The articles of an invoice.
pub(crate) fn articles(invoice: &CommercialInvoice) -> Result<Articles, Untold> {
    if invoice.is_credit() {
        return Err(Untold::Credit);
    }
    let mut all = Articles::new();
    for line in &invoice.lines {
        if let Some(article) = article(line)? {
            let known = all.entry(article).or_insert(Decimal::ZERO);
            *known = *known + line.quantity.value;
        }
    }
    Ok(all)
}

/// The article of a line; nothing of one that is a remark.
fn article(line: &InvoiceLine) -> Result<Option<Article>, Untold> {
    let quantity = line.quantity.value;
    if quantity.is_zero() && line.line_net.amount.is_zero() {
        return Ok(None);
    }
    match line.sku.as_deref().filter(|_| !quantity.is_zero() && !quantity.is_negative()) {
        Some(sku) => Ok(Some(Article::new(sku, &line.quantity))),
        None => Err(Untold::Line { line_no: line.line_no.to_string() }),
    }
}

/// How much each shipment has of each line of each invoice: `parts[invoice][line][shipment]`. `wants` is what they ship.
///
/// An invoice that is of exactly what one of them ships, and no other, is of that one. Of all others each shipment has what it ships, as
/// long as there is enough of it, and no two invoices that it could be of.
pub(crate) fn parts(invoices: &[&CommercialInvoice], wants: &[Articles]) -> Result<Vec<Vec<Vec<Decimal>>>, Untold> {
    let all: Vec<Articles> = invoices.iter().map(|invoice| articles(invoice)).collect::<Result<_, _>>()?;
    let mut wants = wants.to_vec();
    let whose = exactly(&all, &wants);
    for (invoice, shipment) in all.iter().zip(&whose) {
        if let Some(shipment) = shipment {
            wants[*shipment].retain(|article, _| !invoice.contains_key(article));
        }
    }
    let open: Vec<usize> = (0..invoices.len()).filter(|at| whose[*at].is_none()).collect();
    let mut supply: BTreeMap<&Article, Decimal> = BTreeMap::new();
    for (article, quantity) in open.iter().flat_map(|at| &all[*at]) {
        if supply.insert(article, *quantity).is_some() {
            return Err(Untold::Several { article: article.clone() });
        }
    }
    for (article, quantity) in supply {
        let wanted: Decimal = wants.iter().filter_map(|wants| wants.get(article)).copied().sum();
        if wanted > quantity {
            return Err(Untold::Short { article: article.clone() });
        }
    }
    let of_invoice = |(invoice, whose): (&&CommercialInvoice, &Option<usize>)| -> Result<Vec<Vec<Decimal>>, Untold> {
        let mut parts = Vec::with_capacity(invoice.lines.len());
        for line in &invoice.lines {
            let mut left = line.quantity.value;
            let mut of_line = vec![Decimal::ZERO; wants.len()];
            match (whose, article(line)?) {
                (Some(whose), _) => of_line[*whose] = left,
                (None, None) => {}
                (None, Some(article)) => {
                    for (part, wants) in of_line.iter_mut().zip(wants.iter_mut()) {
                        let Some(wanted) = wants.get_mut(&article) else { continue };
                        *part = if *wanted < left { *wanted } else { left };
                        *wanted = *wanted - *part;
                        left = left - *part;
                    }
                }
            }
            parts.push(of_line);
        }
        Ok(parts)
    };
    invoices.iter().zip(&whose).map(of_invoice).collect()
}

/// The shipments of which invoices have exactly what they ship of their articles, while no other shipment ships just that and no other
/// invoice has it; nothing for all other invoices.
fn exactly(all: &[Articles], wants: &[Articles]) -> Vec<Option<usize>> {
    let is_of = |invoice: &Articles, wants: &Articles| {
        !invoice.is_empty() && invoice.iter().all(|(article, quantity)| wants.get(article) == Some(quantity))
    };
    let mut candidates: BTreeMap<(usize, &Article), usize> = BTreeMap::new();
    let mut only = vec![None; all.len()];
    for (invoice, only) in all.iter().zip(&mut only) {
        let shipments: Vec<usize> = (0..wants.len()).filter(|at| is_of(invoice, &wants[*at])).collect();
        for (shipment, article) in shipments.iter().flat_map(|at| invoice.keys().map(|article| (*at, article))) {
            *candidates.entry((shipment, article)).or_insert(0) += 1;
        }
        *only = if let [shipment] = shipments[..] { Some(shipment) } else { None };
    }
    let has_no_rival = |(invoice, only): (&Articles, Option<usize>)| {
        only.filter(|shipment| invoice.keys().all(|article| candidates.get(&(*shipment, article)) == Some(&1)))
    };
    all.iter().zip(only).map(has_no_rival).collect()
}

/// The part of an invoice that one shipment has, by how much each has of each line; nothing where it has nothing of it. What is nobody's is
/// not shipped yet. Amounts are spread by quantity, and those of the whole by the value of the lines: the parts are the whole to the coin.
pub(crate) fn of_sharer(invoice: &CommercialInvoice, parts: &[Vec<Decimal>], own: usize) -> Option<CommercialInvoice> {
    let digits = minor_digits(invoice.currency.as_str());
    let mut part = CommercialInvoice { lines: Vec::new(), ..invoice.clone() };
    let mut values = Vec::new();
    for (line, of_line) in invoice.lines.iter().zip(parts) {
        let left = line.quantity.value - of_line.iter().copied().sum();
        let bases: Vec<Decimal> = of_line.iter().copied().chain([left]).collect();
        let nets = spread(line.line_net.amount, &bases, digits);
        if values.is_empty() {
            values = vec![Decimal::ZERO; nets.len()];
        }
        values = values.iter().zip(&nets).map(|(value, net)| *value + *net).collect();
        if bases[own] == line.quantity.value {
            part.lines.push(line.clone());
        } else if !bases[own].is_zero() {
            part.lines.push(InvoiceLine {
                quantity: Quantity { value: bases[own], ..line.quantity.clone() },
                line_net: Money { amount: nets[own], ..line.line_net.clone() },
                net_kg: line.net_kg.map(|kilograms| spread(kilograms, &bases, GRAMS)[own]),
                // Of the rest nobody says what a part of the line has.
                packages: None,
                charges: Vec::new(),
                taxes: Vec::new(),
                ..line.clone()
            });
        }
    }
    if part.lines.iter().all(|line| line.quantity.value.is_zero()) {
        return None;
    }
    if part.lines == invoice.lines {
        return Some(invoice.clone());
    }
    let of = |amount: Decimal| spread(amount, &values, digits)[own];
    let of_money = |money: &Money| Money { amount: of(money.amount), ..money.clone() };
    for charge in &mut part.charges {
        charge.amount = of_money(&charge.amount);
        charge.basis = charge.basis.as_ref().map(of_money);
        charge.taxes.clear();
    }
    for tax in &mut part.taxes {
        tax.basis = tax.basis.as_ref().map(of_money);
        tax.amount = tax.amount.as_ref().map(of_money);
    }
    part.totals = totals(invoice, &part, values[own], of);
    Some(part)
}

/// The sums of a part: its lines, and on from them what the invoice has between one sum and the next.
fn totals(
    invoice: &CommercialInvoice,
    part: &CommercialInvoice,
    lines_net: Decimal,
    of: impl Fn(Decimal) -> Decimal,
) -> InvoiceTotals {
    let whole = &invoice.totals;
    let beside = |invoice: &CommercialInvoice| -> Decimal {
        let beside = invoice.charges.iter().filter(|charge| charge.included_in_price != Some(true));
        beside.map(|charge| charge.amount.amount).sum()
    };
    let of_money =
        |money: &Option<Money>| money.as_ref().map(|money| Money { amount: of(money.amount), ..money.clone() });
    let lines = invoice.lines.iter().map(|line| line.line_net.amount).sum::<Decimal>();
    // Where its charges are what is between the lines and their sum, so are theirs.
    let mut known = (lines, lines_net);
    let mut on = |sum: &Option<Money>| {
        let sum = sum.as_ref()?;
        let between = sum.amount - known.0;
        let own = if between == beside(invoice) { beside(part) } else { of(between) };
        known = (sum.amount, known.1 + own);
        Some(Money { amount: known.1, ..sum.clone() })
    };
    let (lines_net, without_tax, with_tax) = (on(&whole.lines_net), on(&whole.without_tax), on(&whole.with_tax));
    let payable = on(&Some(whole.payable.clone()));
    InvoiceTotals {
        payable: payable.unwrap_or_else(|| whole.payable.clone()),
        lines_net,
        without_tax,
        with_tax,
        allowances: of_money(&whole.allowances),
        charges: of_money(&whole.charges),
        tax: of_money(&whole.tax),
        tax_accounted: of_money(&whole.tax_accounted),
        prepaid: of_money(&whole.prepaid),
        rounding: of_money(&whole.rounding),
    }
}
