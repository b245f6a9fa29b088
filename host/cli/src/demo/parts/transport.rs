//! The way: a carrier is asked, a haulier instructed, and both say what comes of it.

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{EDIFACT, JSON, Message, X12, message};
use crate::demo::stage::Stage;

const OWN: Auth = Auth::ApiKey("own-systems");

const TENDER: Message = message!(OWN, "a load for the carrier", "load-tender/1", JSON, "load-tender.json");
const TAKEN: Message =
    message!(Auth::ApiKey("tms"), "that the carrier takes it, X12 990", "x12-990/4010", X12, "tms-990.edi");
const INSTRUCTION: Message = message!(OWN, "what the haulier is to do", "load-tender/1", JSON, "instruction.json");
const COLLECTED: Message = message!(
    Auth::ApiKey("haulier"),
    "that the goods are collected, IFTSTA",
    "iftsta-inland/D00B",
    EDIFACT,
    "haulier-iftsta.edi"
);

pub(super) const PART: Part = Part {
    name: "transport",
    title: "A carrier takes the load",
    messages: &[&TENDER, &TAKEN, &INSTRUCTION, &COLLECTED],
    play,
};

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        let tender = stage.sends(&TENDER, &["load-tender"]).await?;
        stage.delivers(&tender, "tms", "a load tender, X12 204", &["ST*204*", "B2**RDWX**LD{NUM}*"]).await?;
        stage.answers_with_997(&TAKEN).await?;
        let instruction = stage.sends(&INSTRUCTION, &["load-tender"]).await?;
        let says = ["IFTMIN:D:00B:UN", "BGM+340+TI{NUM}+9"];
        stage.delivers(&instruction, "haulier", "its instruction, IFTMIN", &says).await?;
        let collected = stage.answers_with(&COLLECTED, "CONTRL", "UCI+{NUM}+").await?;
        stage.delivers(&collected, "customer-portal", "that the goods are on their way", &["TI{NUM}"]).await?;
        Ok(())
    })
}
