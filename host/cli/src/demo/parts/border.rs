//! One consignment from Ho Chi Minh City to Leeds, by way of Rotterdam: ordered, planned, packed, screened, declared on both sides of the
//! North Sea, and changed while it is under way. Its manufacturer sends a parcel to Portland, Oregon, as well.

mod america;
mod customs;
mod papers;
mod watch;

use std::time::{Duration, Instant};

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, Run, X12, XML, message};
use crate::demo::stage::Stage;
use crate::demo::timeline::Timeline;
use customs::Customs;
use papers::{CURRENT_CODE, Consignment, Load, STALE_CODE};

const ERP: Auth = Auth::ApiKey("erp");
const OWN: Auth = Auth::ApiKey("own-systems");
const BROKER: &str = "hmrc-cds";
const SAAS: &str = "customs-saas";

const ORDER: Message =
    message!(Auth::ApiKey("web-shop"), "an order of eighty lights", "shopify-order/2024-10", JSON, "border-order.json");
const SALES_ORDER: Message =
    message!(ERP, "the sales order, by OData", "s4-sales-order/2", JSON, "border-sales-order.json");
const MATERIALS: Message = message!(ERP, "both articles, IDocs MATMAS05", "idoc/4.0", XML, "border-materials.xml");

const RECLASSIFIED: Message = written(ERP, "another code of the ceiling light, an IDoc MATMAS05", "idoc/4.0", XML);
const DELIVERY: Message = written(ERP, "the delivery, an IDoc DELVRY07", "idoc/4.0", XML);
const INVOICE: Message = written(ERP, "the invoice, an IDoc INVOIC02", "idoc/4.0", XML);
const PACKED: Message = written(Auth::ApiKey("warehouse"), "what was packed, X12 856", "x12-856/4010", X12);
const BOOKING: Message = written(OWN, "how it goes, by sea", "shipment/1", JSON);
const PARTIES: Message = written(Auth::ApiKey("compliance"), "who takes part", "screening-request/1", JSON);
const DMS: &str = "dms-notification/3.6";
const ICS: &str = "ens-notification/11";
const ACCEPTED: Message = written(Auth::Webhook, "that the import is accepted, DMSACC", DMS, XML);
const REGISTERED: Message = written(Auth::CustomsSaas, "that the entry is registered, CC328A", ICS, XML);
const ENTRY_AMENDED: Message = written(Auth::CustomsSaas, "that the entry is amended, CC304A", ICS, XML);
const AMENDED: Message = written(Auth::Webhook, "that the import is amended", DMS, XML);
const ASSESSED: Message = written(Auth::Webhook, "duty and VAT of each item, DMSTAX", DMS, XML);
const CLEARED: Message = written(Auth::Webhook, "that it is cleared, DMSCLE", DMS, XML);
const PLAN: Message = written(Auth::ApiKey("tms"), "the load as it is planned, X12 204", "x12-204/4010", X12);
const PLAN_TAKEN: Message = written(Auth::ApiKey("tms"), "that the line takes it, X12 990", "x12-990/4010", X12);
const FREIGHT: Message = written(Auth::ApiKey("tms"), "the line's freight bill, X12 210", "x12-210/4010", X12);

/// The first plan, in which everything that was ordered goes along.
const PLANNED: Load =
    Load { ceiling_cartons: 4, ceiling_code: STALE_CODE, forwarder: "Gray Heron Freight", minute: 10 };

pub(super) const PART: Part = Part {
    name: "border",
    title: "A consignment crosses two borders and changes on the way, and a parcel crosses a third",
    messages: &[
        &ORDER,
        &SALES_ORDER,
        &MATERIALS,
        &america::ORDER,
        &america::SALES_ORDER,
        &america::PARTIES,
        &america::PACKED,
        &america::PARCEL,
        &america::FULFILMENT,
    ],
    play,
};

/// A message that is written while the story goes on.
const fn written(from: Auth, what: &'static str, contract: &'static str, media_type: &'static str) -> Message {
    Message { from, what, contract, media_type, file: "", payload: "" }
}

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        // Numbers of its own: other parts of the day are about other goods.
        stage.run = Run::fresh();
        let consignment = Consignment::new(stage.run);
        let mut customs = Customs::new(stage.run.fill("{NUM}"));
        is_ordered(stage, &consignment).await?;
        let load = is_checked(stage, &consignment).await?;
        let lrn = is_filed(stage, &consignment, &mut customs, &load).await?;
        let declared = is_amended(stage, &consignment, &mut customs, &lrn, &load).await?;
        is_cleared(stage, &consignment, &mut customs, &declared).await?;
        america::crosses(stage).await
    })
}

/// It is ordered and invoiced; then the ERP system gives an article another code, and it is planned. The invoice still has the old one.
async fn is_ordered(stage: &mut Stage<'_>, consignment: &Consignment) -> Result<(), String> {
    stage.sends(&ORDER, &["order"]).await?;
    stage.sends(&SALES_ORDER, &["order"]).await?;
    let material = ["item", "item-classification", "item-classification"];
    stage.sends(&MATERIALS, &[material, material].concat()).await?;
    stage.says(&INVOICE, consignment.erp_invoice(&PLANNED), &["commercial-invoice"]).await?;
    stage.says(&RECLASSIFIED, consignment.reclassified(), &material).await?;
    stage.says(&DELIVERY, consignment.erp_delivery(&PLANNED), &["shipment"]).await?;
    acknowledged(stage, &PLAN, consignment.load_tender(&PLANNED), "").await?;
    acknowledged(stage, &PLAN_TAKEN, consignment.load_taken(), "").await?;
    watch::planned(stage, consignment).await?;
    watch::found(stage, consignment, "R23", "LUM-CEIL-18 under 940510", Some("operations")).await?;
    let corrected = Load { ceiling_code: CURRENT_CODE, minute: 15, ..PLANNED };
    stage.says(&INVOICE, consignment.erp_invoice(&corrected), &["commercial-invoice"]).await?;
    watch::mended(stage, consignment, "R23", "the invoice has the code of today").await
}

/// It is screened, packed and split; nothing is declared before all of it fits. What goes along then.
async fn is_checked(stage: &mut Stage<'_>, consignment: &Consignment) -> Result<Load, String> {
    stage.says(&PARTIES, consignment.parties(&PLANNED).to_string(), &["screening-result"; 3]).await?;
    watch::found(stage, consignment, "R22", "Gray Heron", Some("trade")).await?;
    let split = Load { ceiling_cartons: 3, ceiling_code: CURRENT_CODE, forwarder: "Plover Forwarding Ltd", minute: 20 };
    packs(stage, consignment, &split, 0).await?;
    stage.says(&BOOKING, consignment.booking().to_string(), &["shipment"]).await?;
    // The import cannot even be written while more is invoiced than was packed; the entry waits for trade compliance.
    watch::held(stage, consignment, "uk-import", "draft", "C-UK-10").await?;
    watch::held(stage, consignment, "eu-entry", "blocked", "R22").await?;
    stage.says(&DELIVERY, consignment.erp_delivery(&split), &["shipment"]).await?;
    stage.says(&PARTIES, consignment.parties(&split).to_string(), &["screening-result"; 3]).await?;
    watch::mended(stage, consignment, "R22", "Plover Forwarding Ltd is on no list").await?;
    watch::found(stage, consignment, "R23", "30.000 C62 of LUM-CEIL-18 are shipped, and 40.000 are invoiced", None)
        .await?;
    Ok(Load { minute: 25, ..split })
}

/// It is declared as it is now, once, though the broker is down and the gateway is killed. The import's local reference number.
async fn is_filed(
    stage: &mut Stage<'_>,
    consignment: &Consignment,
    customs: &mut Customs,
    load: &Load,
) -> Result<String, String> {
    stage.receiver(BROKER)?.set_down(true);
    let refused = stage.receiver(BROKER)?.refused();
    stage.says(&INVOICE, consignment.erp_invoice(load), &["commercial-invoice"]).await?;
    watch::mended(stage, consignment, "R23", "what is invoiced is what is shipped").await?;
    let import = watch::filing(stage, consignment, "uk-import", "submitted").await?;
    let entry = watch::filing(stage, consignment, "eu-entry", "submitted").await?;
    let number = |filing: &serde_json::Value| filing["lrn"].as_str().unwrap_or_default().to_owned();
    let (import, entry) = (number(&import), number(&entry));
    let declared = watch::has(stage, SAAS, "the entry summary, CC315A", &entry, 1).await?;
    let registered = customs.registers(&declared.body);
    let began = Instant::now();
    while stage.receiver(BROKER)?.refused() == refused && began.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = stage.receiver(BROKER)?.refused() - refused;
    Timeline::note(refused > 0, &format!("the broker is down, and has refused {refused} attempts"));
    stage.loses_its_gateway().await?;
    stage.receiver(BROKER)?.set_down(false);
    Timeline::note(true, "the broker is back");
    let declared = watch::has(stage, BROKER, "the import declaration", &import, 1).await?;
    let says = [format!(">{}<", load.value()), format!("<TotalPackageQuantity>{}<", load.cartons())];
    tells(BROKER, &declared.body, &says)?;
    stage.says(&REGISTERED, registered, &["customs-status"]).await?;
    stage.says(&ACCEPTED, customs.accepts(&declared.body), &["customs-status"]).await?;
    accepted(stage, consignment, customs).await?;
    Ok(import)
}

/// What is declared says all of this.
fn tells(to: &str, declared: &str, says: &[String]) -> Result<(), String> {
    match says.iter().find(|said| !declared.contains(said.as_str())) {
        None => Ok(()),
        Some(missing) => Err(format!("what {to} got does not say `{missing}`: {declared}")),
    }
}

/// Both are accepted, under the numbers that customs gave them.
async fn accepted(stage: &Stage<'_>, consignment: &Consignment, customs: &Customs) -> Result<(), String> {
    for (name, mrn) in [("uk-import", customs.mrn()), ("eu-entry", customs.entry_mrn())] {
        let filing = watch::filing(stage, consignment, name, "accepted").await?;
        let ok = filing["mrn"] == mrn.as_str();
        Timeline::note(ok, &format!("{name} is accepted as {}", filing["mrn"].as_str().unwrap_or("nothing")));
        if !ok {
            return Err(format!("{name} should be accepted as {mrn}"));
        }
    }
    Ok(())
}

/// The order is split once more, and customs, which has the declarations by now, is told what changed: once, when all of it fits.
async fn is_amended(
    stage: &mut Stage<'_>,
    consignment: &Consignment,
    customs: &mut Customs,
    lrn: &str,
    before: &Load,
) -> Result<String, String> {
    let load = Load { ceiling_cartons: 2, minute: 30, ..*before };
    stage.says(&DELIVERY, consignment.erp_delivery(&load), &["shipment"]).await?;
    watch::found(stage, consignment, "R23", "20.000 C62 of LUM-CEIL-18 are shipped, and 30.000 are invoiced", None)
        .await?;
    packs(stage, consignment, &load, 1).await?;
    let load = Load { minute: 35, ..load };
    stage.says(&INVOICE, consignment.erp_invoice(&load), &["commercial-invoice"]).await?;
    watch::mended(stage, consignment, "R23", "the invoice follows what is shipped").await?;
    let entry = watch::has(stage, SAAS, "the amended entry summary, CC313A", &customs.entry_mrn(), 1).await?;
    tells(SAAS, &entry.body, &[format!("<TotNumOfPacHEA306>{}<", load.cartons())])?;
    let import = watch::has(stage, BROKER, "the amended import", lrn, 2).await?;
    let says = [customs.mrn(), format!(">{}<", load.value()), format!("<TotalPackageQuantity>{}<", load.cartons())];
    tells(BROKER, &import.body, &says)?;
    stage.says(&ENTRY_AMENDED, customs.amends_entry(&entry.body), &["customs-status"]).await?;
    stage.says(&AMENDED, customs.amends(&import.body), &["customs-status"]).await?;
    accepted(stage, consignment, customs).await?;
    watch::changed(stage, consignment, "uk-import").await?;
    Ok(import.body)
}

/// The warehouse says what it packed.
async fn packs(stage: &mut Stage<'_>, consignment: &Consignment, load: &Load, number: u32) -> Result<(), String> {
    let cartons = format!(", {} cartons", load.cartons());
    acknowledged(stage, &PACKED, consignment.ship_notice(load, number), &cartons).await
}

/// A partner says this by an interchange, which must be taken and is answered with its 997; `more` is told of it.
async fn acknowledged(stage: &mut Stage<'_>, message: &Message, says: String, more: &str) -> Result<(), String> {
    let answer = stage.post(message, says.into_bytes()).await?;
    let ok = answer.text.contains("~AK9*A*1*1*1~");
    let outcome = match ok {
        true => format!("{}{more}, acknowledged by a 997", answer.status.as_u16()),
        false => {
            format!("a 997 that takes it was expected, and it is {}: {}", answer.status.as_u16(), answer.text.trim())
        }
    };
    stage.told(ok, message, &outcome)?;
    stage.takes(message);
    Ok(())
}

/// Customs wants its duty and lets the goods go; portal and ERP system hear of it, and finance has duty and freight of each article.
async fn is_cleared(
    stage: &mut Stage<'_>,
    consignment: &Consignment,
    customs: &mut Customs,
    declared: &str,
) -> Result<(), String> {
    let (tax, duties) = customs.assesses(declared);
    let kinds = ["customs-status", "landed-cost-event", "landed-cost-event", "landed-cost-event", "landed-cost-event"];
    let assessed = stage.says(&ASSESSED, tax, &kinds).await?;
    stage.delivers(&assessed, "ledger", "duty and VAT, journal entries", &[]).await?;
    let cleared = stage.says(&CLEARED, customs.clears(declared), &["customs-status"]).await?;
    stage.delivers(&cleared, "customer-portal", "that it is cleared", &["\"CLEARED\"", &customs.mrn()]).await?;
    watch::filing(stage, consignment, "uk-import", "cleared").await?;
    watch::told_to_erp(stage, consignment, &customs.mrn()).await?;
    watch::delivered_to_erp(stage, consignment, &customs.mrn(), &["ACCEPTED", "AMENDED", "CLEARED"]).await?;
    acknowledged(stage, &FREIGHT, consignment.freight_bill(), "").await?;
    watch::costs(stage, consignment, &duties).await
}
