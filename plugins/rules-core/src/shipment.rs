//! The documents of a shipment, by kind.

use portgate_sdk::canonical::{
    CommercialInvoice, CustomsDeclaration, FieldConflict, Item, ItemClassification, LandedCostEvent, Milestone, Order,
    Packing, ScreeningResult, Shipment, invoiced,
};
use portgate_sdk::{Context, Placed};

use crate::subjects::{Subject, subjects};

/// Everything that rules speak of.
pub(crate) struct Facts {
    pub(crate) orders: Vec<Placed<Order>>,
    pub(crate) shipments: Vec<Placed<Shipment>>,
    pub(crate) packings: Vec<Placed<Packing>>,
    pub(crate) invoices: Vec<Placed<CommercialInvoice>>,
    pub(crate) declarations: Vec<Placed<CustomsDeclaration>>,
    pub(crate) costs: Vec<Placed<LandedCostEvent>>,
    pub(crate) screenings: Vec<Placed<ScreeningResult>>,
    pub(crate) milestones: Vec<Placed<Milestone>>,
    pub(crate) items: Vec<Placed<Item>>,
    pub(crate) classifications: Vec<Placed<ItemClassification>>,
    /// Who takes part.
    pub(crate) subjects: Vec<Subject>,
    /// What systems say differently of one document.
    pub(crate) conflicts: Vec<FieldConflict>,
}

impl Facts {
    pub(crate) fn of(context: &Context) -> Facts {
        let screenings = context.documents();
        Facts {
            subjects: subjects(context, &screenings),
            orders: context.documents(),
            shipments: context.documents(),
            packings: context.documents(),
            invoices: context.documents(),
            declarations: context.documents(),
            costs: context.documents(),
            screenings,
            milestones: context.documents(),
            items: context.catalogue(),
            classifications: context.catalogue(),
            conflicts: context.whole().conflicts.clone(),
        }
    }

    /// The invoices that ask for money for goods, each of these once ([`invoiced`]), without credit notes.
    pub(crate) fn charged(&self) -> impl Iterator<Item = &Placed<CommercialInvoice>> {
        invoiced(&self.invoices, |one| &one.document).into_iter().filter(|one| !one.document.is_credit())
    }
}
