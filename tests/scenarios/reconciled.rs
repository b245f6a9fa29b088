//! Customs' own list is held against what was declared here, whoever brought customs' answers.

use portgate_store::testing::PostgresServer;
use portgate_tests::process::program;
use portgate_tests::{Client, Gateway, Workshop, case, eventually};
use serde_json::Value;

use crate::filings::{Day, notification};

const MRN: &str = "26GB0000000000AAA1";

/// What `portgate reconcile` says of a list of customs: how it ends, and each difference in short.
async fn reconciled(day: &Day, gateway: &Gateway, list: String) -> (Option<i32>, Vec<String>) {
    let file = day.workshop.path().join("customs.csv");
    std::fs::write(&file, list).expect("a list");
    let mut command = std::process::Command::new(program("portgate"));
    command.args(["reconcile", "hmrc-cds", "--json"]).arg(&file);
    command.env("PORTGATE_OPERATOR", format!("http://{}", gateway.operator));
    command.env("PORTGATE_OPERATOR_KEY", &day.workshop.credentials.operator_key);
    let output = tokio::task::spawn_blocking(move || command.output().expect("portgate runs")).await.expect("no panic");
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let told = said["differences"].as_array().into_iter().flatten().map(|one| {
        let words = [&one["differs"], &one["reference"], &one["ourState"]].map(|word| word.as_str().unwrap_or("-"));
        words.join(" ")
    });
    (output.status.code(), told.collect())
}

async fn customs_list(workshop: Workshop) {
    let day = Day::new(workshop).await;
    let mut gateway = day.workshop.start().await;
    let client = Client::new(gateway.partner);
    let answer = client.post("/v1/messages/idoc/4.0", &day.erp, case("erp-sap", "idoc-material", "xml")).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    day.tells(&gateway, 1, 2).await;
    let filing = day.filing(&gateway, |filing| filing["state"] == "submitted").await;
    let lrn = filing["lrn"].as_str().expect("a reference number").to_owned();
    eventually("customs has it", async || match day.declared().is_empty() {
        false => Ok(()),
        true => Err("nothing is there"),
    })
    .await;
    // Customs has accepted it, and that has not come here.
    let of =
        |reference: &str, scheme: &str, state: &str| format!("reference,scheme,state\n{reference},{scheme},{state}\n");
    let lost =
        eventually("it is delivered", async || match reconciled(&day, &gateway, of(&lrn, "lrn", "ACCEPTED")).await {
            (Some(1), told) if !told[0].starts_with("missing-here") => Ok(told),
            other => Err(format!("{other:?}")),
        })
        .await;
    assert_eq!(lost, [format!("differing {lrn} the filing is submitted")]);
    day.customs_says(&gateway, notification("01", &lrn, "ACC-1", 10)).await;
    day.filing(&gateway, |filing| filing["state"] == "accepted").await;
    gateway.stopped().await;
    let gateway = day.workshop.start().await;
    for (reference, scheme) in [(lrn.as_str(), "lrn"), (MRN, "mrn")] {
        for state in ["ACCEPTED", "accepted"] {
            let same = reconciled(&day, &gateway, of(reference, scheme, state)).await;
            assert_eq!(same, (Some(0), Vec::new()), "{scheme} {state}");
        }
        let other = reconciled(&day, &gateway, of(reference, scheme, "CLEARED")).await;
        assert_eq!(other, (Some(1), vec![format!("differing {reference} ACCEPTED; the filing is accepted")]));
    }
    let version = |version: u32| format!("reference,scheme,version\n{MRN},mrn,{version}\n");
    assert_eq!(reconciled(&day, &gateway, version(1)).await, (Some(0), Vec::new()));
    let ahead = reconciled(&day, &gateway, version(2)).await;
    assert_eq!(ahead, (Some(1), vec![format!("differing {MRN} ACCEPTED")]));
    // No list is too long, and what is at its end is not missing there.
    let strange = 30_000;
    let rows: String = (0..strange).map(|number| format!("26GB{number:014},mrn,ACCEPTED\n")).collect();
    let (code, told) = reconciled(&day, &gateway, format!("reference,scheme,state\n{rows}{MRN},mrn,ACCEPTED\n")).await;
    assert_eq!((code, told.len()), (Some(1), strange));
    assert!(told.iter().all(|one| one.starts_with("missing-here 26GB")), "{:?}", &told[..3]);
    let (_, told) =
        reconciled(&day, &gateway, format!("reference,scheme,state\n{}", rows.lines().next().unwrap_or_default()))
            .await;
    assert_eq!(told[0], format!("missing-there {MRN} ACCEPTED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn customs_own_list_is_held_against_what_was_declared_in_a_file() {
    customs_list(Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customs_own_list_is_held_against_what_was_declared_on_a_server() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    customs_list(workshop).await;
}
