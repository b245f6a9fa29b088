//! Messages after reports of people who do this job, each with the right value: what was lost or shifted once is
//! checked here.
//!
//! They stand beside the checkout, like the samples; without them the test says so and proves nothing. The plugins' cases
//! hold the same kinds with messages of their own.

use portgate_core::finding::Finding;
use portgate_tests::samples;
use serde_json::{Value, json};

use super::bench::{Answer, Bench};

/// A file, the plugin and contract that take it, and what must come of it.
struct Report {
    file: &'static str,
    plugin: &'static str,
    contract: (&'static str, &'static str),
    holds: fn(&[Value], &[Finding]),
}

const X12: (&str, &str) = ("x12-315", "4010");
const IFTSTA: (&str, &str) = ("iftsta", "D00B");
const DCSA: (&str, &str) = ("dcsa-track-trace", "2.2");
const CDS: (&str, &str) = ("dms-notification", "3.6");

/// What happened, whether it has, when and where, of every milestone.
fn told(documents: &[Value]) -> Vec<[String; 4]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |body: &Value| {
        let place = &body["location"];
        let place = if place["unLocode"].is_null() { &place["name"] } else { &place["unLocode"] };
        [text(&body["code"]), text(&body["classifier"]), text(&body["occurredAt"]["value"]), text(place)]
    };
    documents.iter().map(of).collect()
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn container() -> Value {
    json!({ "scheme": "container", "value": "CSQU3054383" })
}

const REPORTS: &[Report] = &[
    Report {
        file: "01-x12-numeric-zone.edi",
        plugin: "carrier-ocean",
        contract: X12,
        holds: |documents, findings| {
            let expected = [
                ["ARRI", "ACT", "2026-02-28T04:30:00+08:00", "SGSIN"],
                ["DEPA", "ACT", "2026-01-24T22:10:00+08:00", "CNSHA"],
                ["ARRI", "ACT", "2026-02-28T04:30:00+08:00", "SGSIN"],
            ];
            assert_eq!(told(documents), expected);
            assert_eq!(codes(findings), Vec::<&str>::new());
        },
    },
    Report {
        file: "02-x12-us-zones.edi",
        plugin: "carrier-ocean",
        contract: X12,
        holds: |documents, findings| {
            let expected = [
                ["ARRI", "ACT", "2026-02-28T04:30:00-05:00", "SGSIN"],
                ["DEPA", "ACT", "2026-01-24T22:10:00-08:00", "CNSHA"],
                ["ARRI", "ACT", "2026-02-28T04:30:00-05:00", "SGSIN"],
                ["ARRI", "EST", "2026-03-03T12:00:00-07:00", "GBDVY"],
            ];
            assert_eq!(told(documents), expected);
            assert_eq!(documents[1]["occurredAt"]["zone"], "PT");
            assert_eq!(codes(findings), ["time-zone-season"], "daylight time is not kept on the third of March");
        },
    },
    Report {
        file: "03-x12-hundredths.edi",
        plugin: "carrier-ocean",
        contract: X12,
        holds: |documents, findings| {
            let expected = [
                ["ARRI", "ACT", "2026-02-28T04:30:00.5", "SGSIN"],
                ["DEPA", "ACT", "2026-01-24T22:10:30.99", "CNSHA"],
                ["ARRI", "ACT", "2026-02-28T04:30:00.5", "SGSIN"],
            ];
            assert_eq!(told(documents), expected);
            for document in documents {
                let local = json!({ "value": document["occurredAt"]["value"], "localOnly": true, "zone": "LT" });
                assert_eq!(document["occurredAt"], local);
            }
            assert_eq!(codes(findings), ["time-local", "time-local"]);
        },
    },
    Report {
        file: "04-x12-container-formatted.edi",
        plugin: "carrier-ocean",
        contract: X12,
        holds: |documents, _| {
            assert_eq!(documents.len(), 1);
            assert_eq!(documents[0]["equipmentId"], "CSQU3054383");
            let references = documents[0]["references"].as_array().expect("references");
            let containers: Vec<_> = references.iter().filter(|name| name["scheme"] == "container").collect();
            let one = json!({ "scheme": "container", "value": "CSQU3054383", "written": "CSQU 305438-3" });
            assert_eq!(containers, [&one]);
        },
    },
    Report {
        file: "05-x12-blank-before-tilde.edi",
        plugin: "carrier-ocean",
        contract: X12,
        holds: |documents, findings| {
            let expected = [
                ["ARRI", "ACT", "2026-02-28T04:30:00+08:00", "SGSIN"],
                ["DEPA", "ACT", "2026-01-24T22:10:00", "CNSHA"],
                ["ARRI", "ACT", "2026-02-28T04:30:00", "SGSIN"],
            ];
            assert_eq!(told(documents), expected);
            assert_eq!(codes(findings), ["edi-isa-terminator", "time-local", "time-local"]);
        },
    },
    Report {
        file: "08-iftsta-format-202.edi",
        plugin: "carrier-ocean",
        contract: IFTSTA,
        holds: |documents, _| assert_eq!(told(documents), [["LOAD", "ACT", "2026-03-01T08:15:00", "CNSHA"]]),
    },
    Report {
        file: "08b-iftsta-format-201.edi",
        plugin: "carrier-ocean",
        contract: IFTSTA,
        holds: |documents, _| assert_eq!(told(documents), [["LOAD", "ACT", "2026-03-01T08:15:00", "CNSHA"]]),
    },
    Report {
        file: "09-iftsta-date-and-time-apart.edi",
        plugin: "carrier-ocean",
        contract: IFTSTA,
        holds: |documents, findings| {
            let expected = [
                ["UNMAPPED", "ACT", "2026-03-01T21:45:00", "BEANR"],
                ["DEPA", "ACT", "2026-03-01T21:45:00", "BEANR"],
                ["ARRI", "EST", "2026-04-01T00:00:00", "CNSHA"],
            ];
            assert_eq!(told(documents), expected);
            assert_eq!(documents[0]["references"][1], container());
            assert!(!codes(findings).contains(&"TIME"), "{findings:?}");
        },
    },
    Report {
        file: "10-iftsta-time-qualifier-78.edi",
        plugin: "carrier-ocean",
        contract: IFTSTA,
        holds: |documents, _| {
            assert_eq!(told(documents), [["GTOT", "ACT", "2026-02-28T17:37:46", "WENDLINGEN"]]);
            assert_eq!(documents[0]["location"], json!({ "name": "WENDLINGEN", "country": "DE" }));
        },
    },
    Report {
        file: "12-iftsta-asterisk-una.edi",
        plugin: "carrier-ocean",
        contract: IFTSTA,
        holds: |documents, _| {
            assert_eq!(documents[0]["location"]["name"], "HAMBURG *EUROGATE*");
            let named = |scheme: &str, value: &str| json!({ "scheme": scheme, "value": value });
            let expected =
                json!([named("transport-document", "OLNE*260045871"), named("booking", "NN*1A/E*"), container()]);
            assert_eq!(documents[0]["references"], expected);
        },
    },
    Report {
        file: "24i-dcsa-event-location-address-only.json",
        plugin: "carrier-ocean",
        contract: DCSA,
        holds: |documents, findings| {
            assert_eq!(documents[0]["location"], json!({ "unLocode": "GBFXT", "name": "Depot 4, Felixstowe" }));
            assert_eq!(codes(findings), ["PLACE-OF-CALL"]);
        },
    },
    Report {
        file: "24j-dcsa-seals.json",
        plugin: "carrier-ocean",
        contract: DCSA,
        holds: |documents, findings| {
            let seals = json!([{ "number": "4471902", "source": "CAR" }, { "number": "SH-99120", "source": "SHI" }]);
            assert_eq!(documents[0]["seals"], seals);
            let references = documents[0]["references"].as_array().expect("references");
            for number in ["4471902", "SH-99120"] {
                assert!(references.contains(&json!({ "scheme": "seal", "value": number })), "{number}");
            }
            assert_eq!(codes(findings), Vec::<&str>::new());
        },
    },
    Report {
        file: "27-cds-cdata-with-html.xml",
        plugin: "broker-cds",
        contract: CDS,
        holds: |documents, findings| {
            let words = "<!DOCTYPE html><html><body>Please send invoice 4711</body></html>";
            assert_eq!(documents[0]["requests"][0]["text"], words);
            assert_eq!(codes(findings), Vec::<&str>::new());
        },
    },
];

#[tokio::test]
async fn every_report_gives_the_right_value() {
    let Some(folder) = samples::shared().map(|shared| shared.join("reports")).filter(|folder| folder.is_dir()) else {
        return;
    };
    let bench = Bench::new();
    for report in REPORTS {
        let body = std::fs::read(folder.join(report.file)).unwrap_or_else(|error| panic!("{}: {error}", report.file));
        let (name, version) = report.contract;
        match bench.answer(report.plugin, name, version, body).await {
            Ok(Answer::Taken(documents, findings)) => {
                println!("{}: {} documents", report.file, documents.len());
                let bodies = documents.iter().map(|document| serde_json::from_slice(&document.body).expect("JSON"));
                (report.holds)(&bodies.collect::<Vec<Value>>(), &findings);
            }
            Ok(Answer::Refused(findings)) => panic!("{} was refused: {findings:?}", report.file),
            Err(problem) => panic!("{}: {problem}", report.file),
        }
    }
}
