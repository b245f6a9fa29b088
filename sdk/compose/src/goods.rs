//! The goods of a shipment, line by line: what was invoiced, with what packing lists and the catalogue know of it.

use portgate_sdk::Placed;
use portgate_sdk::canonical::{
    CommercialInvoice, Country, Decimal, Hs6, HsCode, InvoiceLine, Item, Money, Package, PackedLine, Quantity,
    Shipment, ShipmentLine, Text,
};

use crate::facts::Facts;
use crate::packing::{self, Packed};
use crate::weights::{self, Weight};

/// Goods of one line, as they are declared.
#[derive(Clone, Debug)]
pub struct Goods {
    /// Where the line stands, as a JSON Pointer into the context.
    pub place: String,
    /// The document that it is a line of: the invoice's number, or the shipment.
    pub document: String,
    /// Its number there.
    pub line_no: String,
    /// The article.
    pub sku: Option<String>,
    /// GTINs of it.
    pub gtins: Vec<String>,
    /// The order that it fulfils.
    pub order: Option<String>,
    /// The line of that order.
    pub order_line: Option<String>,
    /// What the goods are, as a customs officer would call them where the catalogue says so.
    pub description: Option<Text<512>>,
    /// How much of them.
    pub quantity: Quantity,
    /// The price of the line, without tax.
    pub price: Option<Money>,
    /// Whether a part of what is said of the whole invoice is in it.
    pub price_reckoned: bool,
    /// Where they were made, with the place of who says so.
    pub origin: Option<(String, Country)>,
    /// The region where they were made.
    pub origin_region: Option<String>,
    /// Whether a preference is claimed for them.
    pub preference_claimed: bool,
    /// A commodity code, or a part of one, that the line's own document or a shipment has, with its place.
    pub stated_code: Option<(String, HsCode)>,
    /// UN number of dangerous goods.
    pub dangerous: Option<String>,
    /// Net weight.
    pub net: Option<Weight>,
    /// Gross weight.
    pub gross: Option<Weight>,
    /// The packages. Those that an earlier line counts as well have the count 0 and the same marks.
    pub packages: Vec<Package>,
    /// Whether nobody says which packages the goods are in, so that all of them are those of the first line.
    pub packages_reckoned: bool,
}

/// How weights are apportioned where only a total is known, and nothing weighs the goods themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApportionBy {
    /// By the price of the lines.
    Value,
    /// By their quantities, which are all in one unit.
    Quantity,
    /// Not at all: such a weight is missing.
    Nothing,
}

impl Facts {
    /// The goods: the lines of the invoices; where there are none those of the shipments, of the packing lists at last. Lines
    /// of nothing are left out.
    pub fn goods(&self, by: ApportionBy) -> Vec<Goods> {
        let mut goods = self.lines();
        goods.retain(|line| !line.quantity.value.is_zero());
        let packed = Packed::of(self);
        let shares = packing::share_out(&goods, &packed);
        packing::pack(self, &mut goods, &packed, &shares);
        weights::weigh(self, &mut goods, &packed, &shares, by);
        goods
    }

    fn lines(&self) -> Vec<Goods> {
        let invoiced = self.invoices.iter().flat_map(|invoice| {
            let lines = invoice.document.lines.iter().enumerate();
            lines.map(move |(index, line)| self.of_invoice(invoice, index, line))
        });
        let goods: Vec<Goods> = invoiced.collect();
        if !goods.is_empty() {
            return goods;
        }
        let shipped = self.shipments.iter().flat_map(|shipment| {
            let lines = shipment.document.lines.iter().enumerate();
            lines.map(move |(index, line)| self.of_shipment(shipment, index, line))
        });
        let goods: Vec<Goods> = shipped.collect();
        if !goods.is_empty() {
            return goods;
        }
        let packed = self.packings.iter().flat_map(|packing| {
            let lines = packing.document.lines.iter().enumerate();
            lines.map(move |(index, line)| {
                let place = packing.at(&format!("/lines/{index}"));
                self.of_packing(place, &packing.document.shipment_id, index, line)
            })
        });
        packed.collect()
    }

    fn of_invoice(&self, invoice: &Placed<CommercialInvoice>, index: usize, line: &InvoiceLine) -> Goods {
        let place = invoice.at(&format!("/lines/{index}"));
        let mut orders = invoice.document.references.iter().filter(|name| &*name.scheme == "order");
        // An invoice of one order need not name it again in each line.
        let only_order = match (orders.next(), orders.next()) {
            (Some(order), None) => Some(order.value.to_string()),
            _ => None,
        };
        let gtin = |id: &&portgate_sdk::canonical::PartyId| matches!(&*id.scheme, "GTIN" | "UPC");
        let mut goods = self.begun(place, line.sku.as_deref(), line.quantity.clone());
        goods.document = invoice.document.number.to_string();
        goods.line_no = line.line_no.to_string();
        goods.gtins.extend(line.item_ids.iter().filter(gtin).map(|id| id.value.to_string()));
        goods.order = line.order_number.as_ref().map(ToString::to_string).or(only_order);
        goods.order_line = line.order_line.as_ref().map(ToString::to_string);
        goods.description = goods.description.take().or_else(|| line.description.clone());
        goods.price = Some(line.line_net.clone());
        goods.origin =
            line.origin_country.clone().map(|country| (at(&goods, "originCountry"), country)).or(goods.origin.take());
        goods.preference_claimed = line.preference_claimed == Some(true);
        goods.stated_code = hs6(line.hs6.as_ref()).map(|code| (at(&goods, "hs6"), code));
        goods.net = line.net_kg.map(Weight::stated);
        goods
    }

    fn of_shipment(&self, shipment: &Placed<Shipment>, index: usize, line: &ShipmentLine) -> Goods {
        let place = shipment.at(&format!("/lines/{index}"));
        let mut goods = self.begun(place, line.sku.as_deref(), line.quantity.clone());
        goods.document = shipment.document.shipment_id.to_string();
        goods.line_no = line.line_no.to_string();
        goods.gtins.extend(line.gtin.iter().map(ToString::to_string));
        goods.order = line.order_ref.as_ref().map(ToString::to_string);
        goods.order_line = line.order_line.as_ref().map(ToString::to_string);
        goods.description = goods.description.take().or_else(|| line.description.clone());
        goods.price = line.value.clone();
        goods
    }

    fn of_packing(&self, place: String, shipment: &str, index: usize, line: &PackedLine) -> Goods {
        let mut goods = self.begun(place, line.sku.as_deref(), line.quantity.clone());
        goods.document = shipment.to_owned();
        goods.line_no = line.line_no.as_ref().map_or_else(|| (index + 1).to_string(), ToString::to_string);
        goods.gtins.extend(line.gtin.iter().map(ToString::to_string));
        goods.order = line.order_ref.as_ref().map(ToString::to_string);
        goods.order_line = line.order_line.as_ref().map(ToString::to_string);
        goods.description = goods.description.take().or_else(|| line.description.clone());
        goods
    }

    /// A line with what the catalogue knows of its article.
    fn begun(&self, place: String, sku: Option<&str>, quantity: Quantity) -> Goods {
        let article = sku.and_then(|sku| self.article(sku));
        let known = article.map(|article| &article.document);
        let origin = article.and_then(|article| {
            let country = article.document.origin_country.clone()?;
            Some((article.at("/originCountry"), country))
        });
        Goods {
            place,
            document: String::new(),
            line_no: String::new(),
            sku: sku.map(str::to_owned),
            gtins: known.and_then(|item| item.gtin.as_ref()).map(ToString::to_string).into_iter().collect(),
            order: None,
            order_line: None,
            // The catalogue's plain name is what a line says anyhow, or less.
            description: known.and_then(|item| item.description_for_customs.clone()),
            quantity,
            price: None,
            price_reckoned: false,
            origin,
            origin_region: known.and_then(|item| item.origin_region.as_ref()).map(ToString::to_string),
            preference_claimed: false,
            stated_code: None,
            dangerous: known.and_then(|item| item.dangerous_goods.as_ref()).map(|goods| goods.un_number.to_string()),
            net: None,
            gross: None,
            packages: Vec::new(),
            packages_reckoned: false,
        }
    }
}

impl Goods {
    /// The place of one of the line's fields, such as `originCountry`.
    pub fn at(&self, field: &str) -> String {
        at(self, field)
    }

    /// How a person finds the line: `line 10 of 4711`.
    pub fn name(&self) -> String {
        format!("line {} of {}", self.line_no, self.document)
    }

    /// What one piece weighs by the catalogue, by one of its fields, for all of them. None where the catalogue does not know, or
    /// counts in another unit.
    pub(crate) fn by_catalogue(&self, facts: &Facts, weight: impl Fn(&Item) -> Option<Decimal>) -> Option<Decimal> {
        let article = &facts.article(self.sku.as_deref()?)?.document;
        let one = weight(article)?;
        let unit = self.quantity.unit.as_str();
        let base = article.base_unit.as_ref().map(|unit| unit.as_str());
        // Pieces by either of their names, in an article that does not say what it is counted in.
        let pieces = |unit: &str| matches!(unit, "C62" | "H87" | "EA" | "PCE");
        if base == Some(unit) || (pieces(unit) && base.is_none_or(pieces)) {
            return Some(one * self.quantity.value);
        }
        let other = article.units.iter().find(|other| &*other.unit.code == unit)?;
        (self.quantity.value * other.base_units).divided_by(other.units).map(|pieces| (one * pieces).round(6))
    }
}

fn at(goods: &Goods, field: &str) -> String {
    format!("{}/{field}", goods.place)
}

fn hs6(code: Option<&Hs6>) -> Option<HsCode> {
    HsCode::new(code?.as_str()).ok()
}
