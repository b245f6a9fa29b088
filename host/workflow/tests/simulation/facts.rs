//! What is true of the shipment, and how its systems tell it: version by version, in any order, and some twice.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::SignedDuration;
use portgate_core::document::{Document, Reference};
use portgate_core::sha256::sha256;
use serde_json::{Value, json};

use super::bed::start;

/// What was told so far, as it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// What each system says of the shipment: version, digest and packages.
    packages: BTreeMap<&'static str, (u32, [u8; 32], u32)>,
    /// Version and total of the invoice, and whether it says that it is wrong.
    invoice: Option<(u32, String, bool)>,
}

impl Known {
    /// What the invoice comes to.
    pub(super) fn total(&self) -> Option<&str> {
        self.invoice.as_ref().map(|(_, total, _)| total.as_str())
    }

    /// Whether systems contradict each other.
    pub(super) fn is_contradicted(&self) -> bool {
        self.packages.values().map(|(.., packages)| packages).collect::<BTreeSet<_>>().len() > 1
    }

    /// Whether a declaration says this, and may. Nobody owns the shipment: of two systems the one counts that recorded it last, and of
    /// two that did so at once the one with the greater digest.
    pub(super) fn is_declared(&self, declared: &Value) -> bool {
        let Some((_, _, packages)) = self.packages.values().max() else { return false };
        let Some((_, total, is_wrong)) = &self.invoice else { return false };
        !is_wrong && declared["totalPackages"] == json!(packages) && declared["invoiceTotal"]["amount"] == json!(total)
    }
}

/// One thing to be told.
#[derive(Clone, Debug)]
enum Statement {
    Shipment {
        sender: &'static str,
        version: u32,
        packages: u32,
    },
    Invoice {
        version: u32,
        total: String,
        is_wrong: bool,
    },
    /// Of another system, which changes the context and not what is declared.
    Packing {
        version: u32,
    },
}

/// All statements of a day.
#[derive(Debug)]
pub(super) struct Facts {
    left: Vec<Statement>,
    known: Known,
    told: BTreeSet<(String, [u8; 32])>,
}

impl Facts {
    /// A shipment with an invoice, both changed some times; the last invoice is right. On every other day a second system says how
    /// many packages the shipment has, which are mostly others.
    pub(super) fn drawn(draw: &mut Rng) -> Facts {
        let mut left = Vec::new();
        let senders: &[&str] = if draw.bool() { &["erp", "wms"] } else { &["erp"] };
        for sender in senders {
            for version in 1..=draw.u32(1..4) {
                left.push(Statement::Shipment { sender, version, packages: draw.u32(1..5) });
            }
        }
        let invoices = draw.u32(1..5);
        for version in 1..=invoices {
            let total = format!("{}.00", draw.u32(1..4) * 50);
            left.push(Statement::Invoice { version, total, is_wrong: version < invoices && draw.u32(0..3) == 0 });
        }
        for version in 1..=draw.u32(1..3) {
            left.push(Statement::Packing { version });
        }
        for _ in 0..draw.usize(0..4) {
            left.push(left[draw.usize(0..left.len())].clone());
        }
        // Mostly in their order, as systems tell things; never quite.
        for _ in 0..draw.usize(0..left.len()) {
            let (one, other) = (draw.usize(0..left.len()), draw.usize(0..left.len()));
            left.swap(one, other);
        }
        Facts { left, known: Known::default(), told: BTreeSet::new() }
    }

    /// The next that is told.
    pub(super) fn next(&mut self, draw: &mut Rng) -> Option<(&'static str, Document)> {
        if self.left.is_empty() {
            return None;
        }
        let statement = self.left.remove(draw.usize(0..self.left.len().min(3)));
        let (sender, document) = match &statement {
            Statement::Shipment { sender, version, packages } => {
                let names = [("ucr", "UCR-1"), ("order", "ORDER-1")];
                let said = json!({ "packageCount": packages, "shipmentId": "S-1", "countryOfDestination": "GB" });
                let document = document("shipment", "S-1", *version, &names, said);
                if self.known.packages.get(sender).is_none_or(|(known, ..)| known < version) {
                    self.known.packages.insert(sender, (*version, sha256(&document.body), *packages));
                }
                (*sender, document)
            }
            Statement::Invoice { version, total, is_wrong } => {
                if self.known.invoice.as_ref().is_none_or(|(known, ..)| known < version) {
                    self.known.invoice = Some((*version, total.clone(), *is_wrong));
                }
                let mut invoice = goods(total);
                if *is_wrong {
                    invoice["notes"] = json!([{ "text": "The total is not the sum." }]);
                }
                ("erp", document("commercial-invoice", "INV-1", *version, &[("ucr", "UCR-1")], invoice))
            }
            Statement::Packing { version } => {
                ("wms", document("packing", "P-1", *version, &[("ucr", "UCR-1")], json!({})))
            }
        };
        self.told.insert((format!("{sender} {statement:?}"), sha256(&document.body)));
        Some((sender, document))
    }

    /// What is known of the invoice is wrong after all.
    pub(super) fn spoil(&mut self) {
        self.known.invoice.as_mut().expect("there is an invoice").2 = true;
    }

    /// How much is left to be told.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    /// What counts of what was told.
    pub(super) fn known(&self) -> Known {
        self.known.clone()
    }

    /// All that was told, in words and by its digest.
    pub(super) fn told(&self) -> &BTreeSet<(String, [u8; 32])> {
        &self.told
    }
}

/// An invoice of one line.
fn goods(total: &str) -> Value {
    let money = json!({ "amount": total, "currency": "GBP" });
    json!({
        "number": "INV-1", "issueDate": "2026-03-01", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
        "currency": "GBP", "totals": { "payable": money }, "incoterm": { "code": "CIF" },
        "lines": [{
            "lineNo": "1", "sku": "BEAN", "quantity": { "value": "10", "unit": "C62" }, "lineNet": money,
            "originCountry": "CO", "hs6": "090121",
        }],
    })
}

/// A version of a document: the same whenever it is told.
fn document(kind: &str, key: &str, version: u32, names: &[(&str, &str)], more: Value) -> Document {
    let reference = |(scheme, value): &(&str, &str)| Reference { scheme: (*scheme).into(), value: (*value).into() };
    let refs: Vec<Reference> = names.iter().map(reference).collect();
    let recorded_at = start() + SignedDuration::from_secs(i64::from(version));
    let mut body = json!({
        "id": key,
        "version": version.to_string(),
        "source": { "system": "test", "recordedAt": { "value": recorded_at.to_string() }, "rawRef": "0".repeat(64) },
        "references": refs,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    Document { kind: kind.to_owned(), key: key.to_owned(), refs, body: body.to_string().into_bytes() }
}
