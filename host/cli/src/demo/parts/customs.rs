//! Customs: the import is declared, so are transit and entry, and customs says what it makes of them.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{Message, XML, message};
use crate::demo::stage::Stage;

const OWN: Auth = Auth::ApiKey("own-systems");
const BROKER: Auth = Auth::Webhook;

const ENTRY: Message = message!(OWN, "the entry summary, CC315A", "ens-declaration/11", XML, "entry.xml");
const ENTERED: Message =
    message!(Auth::CustomsSaas, "that it is registered, CC328A", "ens-notification/11", XML, "entry-accepted.xml");
const TRANSIT: Message = message!(OWN, "the transit, CC015C", "ncts-declaration/5", XML, "transit.xml");
const TRANSITED: Message =
    message!(Auth::CustomsSaas, "that it has its MRN, CC028C", "ncts-notification/5", XML, "transit-accepted.xml");
const IMPORT: Message = message!(OWN, "the import, a CDS declaration", "cds-declaration/3.6", XML, "declaration.xml");
const ACCEPTED: Message =
    message!(BROKER, "that it is accepted, DMSACC", "dms-notification/3.6", XML, "dms-accepted.xml");
pub(super) const ASSESSED: Message =
    message!(BROKER, "duty and VAT, DMSTAX", "dms-notification/3.6", XML, "dms-tax.xml");
const CLEARED: Message = message!(BROKER, "that it is cleared, DMSCLE", "dms-notification/3.6", XML, "dms-cleared.xml");

pub(super) const PART: Part = Part {
    name: "customs",
    title: "Customs is told, and clears",
    messages: &[&ENTRY, &ENTERED, &TRANSIT, &TRANSITED, &IMPORT, &ACCEPTED, &ASSESSED, &CLEARED],
    play,
};

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        let entry = stage.sends(&ENTRY, &["customs-declaration"]).await?;
        stage.delivers(&entry, "customs-saas", "the entry summary, CC315A", &["CC315A", "PGE{NUM}"]).await?;
        let entered = stage.sends(&ENTERED, &["customs-status"]).await?;
        stage.delivers(&entered, "customer-portal", "the entry's state", &["\"ACCEPTED\"", "26GB08I{NUM}91"]).await?;

        let transit = stage.sends(&TRANSIT, &["customs-declaration"]).await?;
        stage.delivers(&transit, "customs-saas", "the transit, CC015C", &["CC015C", "PGT{NUM}"]).await?;
        let transited = stage.sends(&TRANSITED, &["customs-status"]).await?;
        stage
            .delivers(&transited, "customer-portal", "the transit's state", &["\"ACCEPTED\"", "26GB{NUM}EJ7K1"])
            .await?;

        let import = stage.sends(&IMPORT, &["customs-declaration"]).await?;
        let says = ["<FunctionalReferenceID>PG{NUM}<", "<ID>94052100<", "/customs/declarations/"];
        stage.delivers(&import, "hmrc-cds", "the import declaration", &says).await?;
        let accepted = stage.sends(&ACCEPTED, &["customs-status"]).await?;
        stage.delivers(&accepted, "customer-portal", "the declaration's state", &["\"ACCEPTED\""]).await?;
        let assessed = stage.sends(&ASSESSED, &["customs-status", "landed-cost-event", "landed-cost-event"]).await?;
        stage.delivers(&assessed, "ledger", "duty and VAT, journal entries", &["249.75", "1399.95"]).await?;
        stage.delivers(&assessed, "customer-portal", "what customs wants", &["249.75", "1399.95"]).await?;
        let cleared = stage.sends(&CLEARED, &["customs-status"]).await?;
        stage.delivers(&cleared, "customer-portal", "the declaration's state", &["\"CLEARED\""]).await?;
        Ok(())
    })
}
