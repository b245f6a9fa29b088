//! R11 to R13: terms of delivery, and what they mean for the customs value.

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{CustomsDeclaration, Incoterm, IncotermCode, Regime, TransportMode};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

/// The valuation method that needs the terms of delivery (transaction value).
const TRANSACTION_VALUE: &str = "1";
/// What is added to a price for transport up to the border (DE 4/9).
const FREIGHT: &str = "AK";

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    for declaration in &facts.declarations {
        named_place(declaration, judge);
        transport_costs(declaration, judge);
        let mode = declaration.document.border_mode;
        if let Some(incoterm) = &declaration.document.incoterm {
            known_terms(incoterm, mode, declaration.at("/incoterm/code"), judge);
        }
    }
    for invoice in &facts.invoices {
        if let Some(incoterm) = &invoice.document.incoterm {
            known_terms(incoterm, None, invoice.at("/incoterm/code"), judge);
        }
    }
    for shipment in &facts.shipments {
        let Some(incoterm) = &shipment.document.incoterm else { continue };
        known_terms(incoterm, shipment.document.mode, shipment.at("/incoterm/code"), judge);
        for invoice in facts.charged() {
            if let Some(other) =
                invoice.document.incoterm.as_ref().filter(|other| other.code.current() != incoterm.code.current())
            {
                let detail = format!(
                    "The shipment goes {}, and invoice {} says {}.",
                    code(incoterm.code),
                    &*invoice.document.number,
                    code(other.code)
                );
                let fields = [shipment.at("/incoterm/code"), invoice.at("/incoterm/code")];
                judge.found(
                    "R12",
                    Warning,
                    fields,
                    detail,
                    "Have the terms agreed again: the customs value depends on them.",
                );
            }
        }
    }
}

/// A transaction value needs terms with a named place.
fn named_place(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    if declaration.document.regime != Regime::Import {
        return;
    }
    let valued =
        declaration.document.items.iter().position(|item| item.valuation_method.as_deref() == Some(TRANSACTION_VALUE));
    let Some(index) = valued else { return };
    let has_terms = declaration.document.trade_terms.is_some();
    let named = declaration.document.incoterm.as_ref().is_some_and(|incoterm| incoterm.place.is_some());
    if !has_terms && !named {
        let detail =
            "The goods are valued by their price, and the declaration names no terms of delivery with a place.";
        let fields = [declaration.at("/incoterm"), declaration.at(&format!("/items/{index}/valuationMethod"))];
        judge.found("R11", Error, fields, detail, "Declare the terms of the invoice and their place.");
    }
}

/// What the price holds of transport up to the border decides what is added to it.
fn transport_costs(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let (Some(incoterm), Regime::Import) = (&declaration.document.incoterm, declaration.document.regime) else {
        return;
    };
    let of_items = declaration.document.items.iter().flat_map(|item| &item.adjustments);
    let mut adjustments = declaration.document.adjustments.iter().chain(of_items);
    let adds_freight = adjustments.any(|adjustment| &*adjustment.code == FREIGHT);
    use IncotermCode::{Cif, Cip, Exw, Fas, Fca, Fob};
    let by_price =
        declaration.document.items.iter().any(|item| item.valuation_method.as_deref() == Some(TRANSACTION_VALUE));
    match incoterm.code {
        Exw | Fca | Fas | Fob if by_price && !adds_freight => {
            let detail = format!(
                "Under {} the price has no transport up to the border in it, and none is added.",
                code(incoterm.code)
            );
            let fields = [declaration.at("/adjustments"), declaration.at("/incoterm/code")];
            judge.found("R12", Warning, fields, detail, "Add freight and insurance up to the border (AK).");
        }
        // Under CFR and CPT the buyer insures, which is added with the same code.
        Cif | Cip if adds_freight => {
            let detail =
                format!("Under {} the price has the transport in it, and it is added once more.", code(incoterm.code));
            let fields = [declaration.at("/adjustments"), declaration.at("/incoterm/code")];
            judge.found("R12", Warning, fields, detail, "Add only what the price does not hold.");
        }
        _ => {}
    }
}

fn code(code: IncotermCode) -> String {
    format!("{code:?}").to_uppercase()
}

fn known_terms(incoterm: &Incoterm, mode: Option<TransportMode>, place: String, judge: &mut Judge) {
    use IncotermCode::{Cfr, Cif, Fas, Fob};
    if incoterm.code.is_legacy() {
        let (old, new) = (code(incoterm.code), code(incoterm.code.current()));
        let detail = format!("{old} is of an older edition of Incoterms; since 2020 it is {new}.");
        judge.found("R13", Warning, [place], detail, "Agree on terms of Incoterms 2020.");
    } else if matches!(incoterm.code, Fas | Fob | Cfr | Cif)
        && mode.is_some_and(|mode| !matches!(mode, TransportMode::Sea | TransportMode::Inland))
    {
        let detail = format!("{} is for goods on ships alone.", code(incoterm.code));
        judge.found("R13", Warning, [place], detail, "Use FCA, CPT or CIP, which are for any way of transport.");
    }
}
