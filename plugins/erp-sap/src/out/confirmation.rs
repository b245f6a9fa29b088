//! What was done with a delivery, as the IDoc `DELVRY07`: goods that went out (`SHPCON`: packed and issued, with what of each item),
//! and what happened on their way (`STPPOD` for what was delivered, `SHPCON` for anything else).

use portgate_sdk::canonical::{Classifier, MilestoneCode, Quantity, Text, Timestamp};
use portgate_sdk::edi::{Value, number as decimal};
use portgate_sdk::xml::{ElementWriter, Writer};
use portgate_sdk::{Document, Finding, Rejection, Request, Target};
use serde::Deserialize;

use super::idoc::{Idoc, request, segment};
use super::{About, Line, agreement, error, made, no_delivery, other_kind};
use crate::number;

const KIND: &str = "DELVRY07";
const SHIPPED: &str = "SHPCON";
const DELIVERED: &str = "STPPOD";

/// SAP's deadlines: goods issue and unloading.
const GOODS_ISSUE: &str = "006";
const ARRIVAL: &str = "007";

/// As much of a milestone as is said.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Happened {
    code: Option<MilestoneCode>,
    classifier: Option<Classifier>,
    occurred_at: Option<Timestamp>,
    #[serde(default)]
    remarks: Vec<Text<512>>,
}

pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let agreement = agreement(target)?;
    let mut writer = Writer::new(KIND);
    let mut findings = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let about = About::read(document)?;
        let is_goods = matches!(document.kind.as_str(), "shipment" | "packing" | "warehouse-advice");
        if !is_goods && document.kind != "milestone" {
            findings.push(other_kind(index, document, target));
            continue;
        }
        let Some(delivery) = about.delivery() else {
            findings.push(no_delivery(index));
            continue;
        };
        let happened: Option<Happened> = if is_goods { None } else { Some(document.read()?) };
        let is_delivered = happened.as_ref().is_some_and(|happened| happened.is_delivered());
        let message = if is_delivered { DELIVERED } else { SHIPPED };
        let key = document.key.chars().take(70).collect();
        let idoc = Idoc { kind: KIND, message, agreement, key };
        idoc.write(&mut writer, target, |idoc| {
            let mut head = segment(idoc, "E1EDL20");
            head.leaf("VBELN", number::filled(&delivery, 10));
            match &happened {
                Some(happened) => findings.extend(happened.write(index, &mut head)),
                None => findings.extend(goods(index, &about.lines, &mut head)),
            }
        });
    }
    made((), findings)?;
    request(writer, target)
}

/// What went out: picked and issued, and how much of which item where the document says of which.
fn goods(index: usize, lines: &[Line], head: &mut ElementWriter<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for what in ["PIC", "PGI"] {
        segment(head, "E1EDL18").leaf("QUALF", what);
    }
    for line in lines {
        let (Some(line_no), Some(quantity)) = (&line.line_no, &line.quantity) else { continue };
        let position = number::filled(line_no, 6);
        if position.len() != 6 || !position.bytes().all(|byte| byte.is_ascii_digit()) {
            let detail = format!("The line `{line_no}` is no item of a delivery: six digits at most.");
            findings.push(error(index, "lines", "NO-ITEM", detail));
            continue;
        }
        let mut item = segment(head, "E1EDL24");
        item.leaf("POSNR", position);
        item.leaf("MATNR", line.sku.as_deref().map(|sku| number::filled(sku, 18)));
        item.leaf("CHARG", line.lot.as_deref().map(|lot| lot.within(1..=10)));
        item.leaf("LFIMG", decimal(quantity.value));
        item.leaf("VRKME", iso_unit(quantity));
    }
    findings
}

/// SAP's ISO code of a unit: pieces are `PCE`, and packages are without the `X` of Recommendation 20.
fn iso_unit(quantity: &Quantity) -> String {
    match quantity.unit.as_str() {
        "C62" | "H87" | "EA" => "PCE".to_owned(),
        unit if unit.len() == 3 && unit.starts_with('X') => unit[1..].to_owned(),
        unit => unit.to_owned(),
    }
}

impl Happened {
    fn is_delivered(&self) -> bool {
        self.code == Some(MilestoneCode::Delivered) && self.classifier == Some(Classifier::Act)
    }

    /// The deadline that it is about, with its day as planned or as done; what was delivered has its proof as well.
    fn write(&self, index: usize, head: &mut ElementWriter<'_>) -> Vec<Finding> {
        let Some(at) = &self.occurred_at else {
            return vec![error(index, "occurredAt", "MISSING", "The milestone does not say when it happened.")];
        };
        let digits: String = at.as_str().chars().take(19).filter(char::is_ascii_digit).collect();
        let (day, clock) = (digits.get(..8).unwrap_or_default(), digits.get(8..).unwrap_or_default());
        if self.is_delivered() {
            head.leaf("PODAT", day);
            head.leaf("POTIM", clock);
        }
        let mut time = segment(head, "E1EDT13");
        time.leaf("QUALF", self.deadline());
        let names = match self.classifier {
            Some(Classifier::Act) | None => ["ISDD", "ISDZ"],
            Some(_) => ["NTANF", "NTANZ"],
        };
        time.leaf(names[0], day);
        time.leaf(names[1], clock);
        drop(time);
        if !self.remarks.is_empty() {
            let mut text = segment(head, "E1TXTH8");
            text.leaf("TDID", "0001");
            for line in self.remarks.iter().flat_map(|remark| lines(remark)) {
                let mut part = segment(&mut text, "E1TXTP8");
                part.leaf("TDFORMAT", "*");
                part.leaf("TDLINE", line);
            }
        }
        Vec::new()
    }

    fn deadline(&self) -> &'static str {
        use MilestoneCode::*;
        match self.code {
            Some(Arri | Disc | Arrived | Delivered | Attempted | ReadyForPickup | OutForDelivery) => ARRIVAL,
            _ => GOODS_ISSUE,
        }
    }
}

/// A text in lines of 70 characters, as SAP's are shown.
fn lines(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().filter(|character| !character.is_control()).collect();
    characters.chunks(70).map(|line| line.iter().collect()).collect()
}
