//! Screening: whether anybody in the shipment is on a list of denied parties.

use std::path::PathBuf;

use tokio::process::Command;

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::message::{JSON, Message, message};
use crate::demo::stage::Stage;
use crate::demo::timeline::Timeline;

const PARTIES: Message =
    message!(Auth::ApiKey("compliance"), "everybody in the shipment", "screening-request/1", JSON, "screening.json");

/// A list that was made up, in the form in which the consolidated screening list is published.
const LIST: &str = include_str!("../data/denied-parties.csv");

pub(super) const PART: Part =
    Part { name: "screening", title: "Nobody is sent to who may not be sent to", messages: &[&PARTIES], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        the_list_is_the_newest(stage).await?;
        let screened = stage.sends(&PARTIES, &["screening-result"; 4]).await?;
        let results = screened.answer.json["documents"].as_array().cloned().unwrap_or_default();
        let outcome = |ending: &str| {
            let of_it = |result: &&serde_json::Value| result["key"].as_str().unwrap_or_default().contains(ending);
            results.iter().find(of_it).map(|result| &result["document"]).cloned().unwrap_or_default()
        };
        let (clear, hit) = (outcome("#/parties/1"), outcome("#/parties/2"));
        let name = hit["matches"][0]["name"].as_str().unwrap_or_default();
        let ok = clear["outcome"] == "clear" && hit["outcome"] == "hit" && name == "Grey Heron Logistics Ltd";
        let subject = |of: &serde_json::Value| of["subjectName"].as_str().unwrap_or_default().to_owned();
        let (clear, hit) = (subject(&clear), subject(&hit));
        Timeline::note(ok, &format!("{clear} is clear; {hit} is a hit: {name} is on a list"));
        if ok { Ok(()) } else { Err(format!("{clear} should be clear and {hit} a hit")) }
    })
}

/// `portgate lists import` puts an edition into a table. The table that the gateway searches has this one, so that nothing of it
/// is new to a copy of that.
async fn the_list_is_the_newest(stage: &Stage<'_>) -> Result<(), String> {
    let broken = |error: std::io::Error| format!("the lists cannot be looked at: {error}");
    let table = std::fs::read_to_string(stage.policies.join("tables/denied-parties.jsonl")).map_err(broken)?;
    let table: PathBuf = stage.credentials.keep("denied-parties.jsonl", &table)?;
    let list = stage.credentials.keep("denied-parties.csv", LIST)?;
    let mut import = Command::new(std::env::current_exe().map_err(broken)?);
    import.args(["lists", "import", "--id", "made-up-csl", "--name", "Made-up consolidated list"]);
    import.args(["--version", "2026/9", "--date", "2026-03-01", "--table"]).arg(table).arg(list);
    let output = import.output().await.map_err(broken)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = said.lines().next().unwrap_or_default().to_owned();
    let ok = output.status.success() && said.ends_with(": 0 added, 0 changed, 0 removed, 3 as before");
    Timeline::note(ok, &format!("`portgate lists import`: {said}"));
    if ok {
        Ok(())
    } else {
        Err(format!("the list was not imported: {said} {}", String::from_utf8_lossy(&output.stderr)))
    }
}
