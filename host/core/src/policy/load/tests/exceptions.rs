use super::*;
use crate::exception::{Cause, CauseKind, Wanted};
use crate::finding::Severity;

const EXCEPTIONS: &str = r#"calendar = "rates"
unattached = "2 days"

[teams.trade]
title = "Trade"
operators = ["ann", "bob"]
country = "GB"

[teams.desk]
title = "Desk"
operators = ["ann"]

[[route]]
names = ["R11", "rules-core/R12"]
team = "trade"
within = "4 business hours"
escalate_to = "desk"
two_persons = ["override"]

[[route]]
severity = "error"
team = "desk"
within = "2 hours"

[[route]]
causes = ["expectation"]
names = ["answer"]
team = "desk"

[[expect]]
name = "answer"
after = { document = "shipment", where = { "/status" = "sent" } }
what = { document = "customs-status" }
within = "4 hours"

[[expect]]
name = "proof"
after = { delivered = "acme" }
what = { document = "customs-status" }
within = "1 business day"
country = "GB"
alert = true
"#;

fn waiting() -> BTreeMap<&'static str, String> {
    let mut folder = folder();
    for (name, digit) in [("operators/ann.toml", "a"), ("operators/bob.toml", "b")] {
        let key = digit.repeat(64);
        folder.insert(name, format!("title = \"A person\"\nkey_sha256 = \"{key}\"\nmay = [\"decide\"]\n"));
    }
    folder.insert("exceptions.toml", EXCEPTIONS.to_owned());
    folder
}

fn wrong(from: &str, to: &str) -> Vec<String> {
    let mut folder = waiting();
    let text = folder.entry("exceptions.toml").or_default();
    assert!(text.contains(from), "it does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    load_folder(&folder).err().unwrap_or_default()
}

fn wanted(kind: CauseKind, name: &str, severity: Severity) -> Wanted {
    Wanted {
        cause: Cause { kind, name: name.to_owned() },
        team: None,
        severity,
        detail: String::new(),
        remedy: String::new(),
        findings: Vec::new(),
    }
}

#[test]
fn what_waits_goes_by_the_first_route_that_fits() {
    let exceptions = load_folder(&waiting()).expect("no mistake").exceptions.expect("somebody is wanted");
    let team =
        |kind, name: &str, severity| exceptions.route(&wanted(kind, name, severity)).map(|route| route.team.clone());
    assert_eq!(team(CauseKind::Rule, "rules-core/R11", Severity::Info).as_deref(), Some("trade"), "by its name alone");
    assert_eq!(team(CauseKind::Rule, "rules-core/R12", Severity::Info).as_deref(), Some("trade"), "and with its pack");
    assert_eq!(team(CauseKind::Rule, "other/R12", Severity::Info), None, "of another pack");
    assert_eq!(team(CauseKind::Rule, "rules-core/R1", Severity::Blocking).as_deref(), Some("desk"));
    assert_eq!(team(CauseKind::Rule, "rules-core/R1", Severity::Warning), None, "it matters too little");
    assert_eq!(team(CauseKind::Expectation, "answer/D1", Severity::Info).as_deref(), Some("desk"));
    assert_eq!(team(CauseKind::Filing, "L1", Severity::Blocking), None, "no route is for filings");
    let mut hinted = wanted(CauseKind::Rule, "rules-core/R11", Severity::Error);
    hinted.team = Some("desk".to_owned());
    assert_eq!(exceptions.route(&hinted).map(|route| route.team.as_str()), Some("desk"));
    assert_eq!(load_folder(&folder()).expect("no mistake").exceptions, None, "without the file nobody is wanted");
}

#[test]
fn every_mistake_in_it_is_named_where_it_is() {
    for (from, to, mistake) in [
        (
            "calendar = \"rates\"",
            "calendar = \"rate\"",
            "calendar: there is no reference table `rate`; did you mean `rates`?",
        ),
        ("[\"ann\", \"bob\"]", "[\"ann\", \"bbo\"]", "operators[1]: there is no operator `bbo`; did you mean `bob`?"),
        ("team = \"trade\"", "team = \"trad\"", "route[0].team: there is no team `trad`; did you mean `trade`?"),
        (
            "escalate_to = \"desk\"",
            "escalate_to = \"dusk\"",
            "route[0].escalate_to: there is no team `dusk`; did you mean `desk`?",
        ),
        (
            "within = \"4 business hours\"\nescalate",
            "escalate",
            "route[0].escalate_to: follows a deadline, and there is none",
        ),
        ("within = \"2 hours\"", "within = \"2 business hours\"", "route[1].within: is working time of no country"),
        ("[\"ann\", \"bob\"]", "[\"ann\"]", "route[0].two_persons: asks for two persons, and the team has one"),
        ("causes = [\"expectation\"]\nnames = [\"answer\"]\n", "causes = [\"expectations\"]\n", "route[2].causes[0]"),
        ("unattached = \"2 days\"", "unattached = \"2 business days\"", "unattached: is working time"),
        (
            "document = \"customs-status\"",
            "document = \"custom-status\"",
            "there is no kind of document called `custom-status`",
        ),
        ("delivered = \"acme\"", "delivered = \"acmy\"", "there is no partner `acmy`; did you mean `acme`?"),
        ("country = \"GB\"\nalert", "alert", "expect[1].within: is working time of no country"),
        ("name = \"proof\"", "name = \"answer\"", "expect[1].name: `answer` is there already"),
        ("within = \"2 hours\"", "within = \"two hours\"", "route[1].within"),
    ] {
        let found = wrong(from, to);
        assert_eq!(found.len(), 1, "{to}: {found:#?}");
        assert!(found[0].starts_with("exceptions.toml:") && found[0].contains(mistake), "{to}: {}", found[0]);
    }
}
