//! `portgate tables` as a steward uses it: editions, corrections, the change log, and what is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use portgate_tests::{Workshop, process};
use serde_json::Value;

use crate::commands::said;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Desk(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    fn table(&self) -> PathBuf {
        self.0.path().join("places.jsonl")
    }

    fn tables(&self, verb: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(process::program("portgate"));
        command.args(["tables", verb]).args(arguments).env("USER", "ada").output().expect("portgate runs")
    }

    fn import(&self, date: &str, file: &str, more: &[&str]) -> Output {
        let table = self.table().display().to_string();
        let asked = ["--table", &table, "--date", date, "--why", "half-yearly edition"];
        self.tables("import", &[&asked[..], more, &[file]].concat())
    }

    fn on_table(&self, verb: &str, arguments: &[&str]) -> Output {
        let table = self.table().display().to_string();
        self.tables(verb, &[&[table.as_str()][..], arguments].concat())
    }
}

/// Files of UN/LOCODE with these places.
fn places(places: &[(&str, &str)]) -> String {
    let header =
        "Change,Country,Location,Name,NameWoDiacritics,Subdivision,Function,Status,Date,IATA,Coordinates,Remarks\n";
    let line = |(code, name): &(&str, &str)| format!(",FD,{code},{name},{name},,1-------,AF,2601,,5157N 00119E,\n");
    header.to_owned() + &places.iter().map(line).collect::<String>()
}

fn entries(table: &Path) -> Vec<Value> {
    let log = std::fs::read_to_string(table.with_extension("log.jsonl")).expect("a log");
    log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn an_edition_holds_from_its_day_and_the_log_says_who_changed_what_and_why() {
    let desk = Desk::new();
    let first = desk.file("first.csv", &places(&[("AAA", "Alpha"), ("BBB", "Beta"), ("CCC", "Gamma")]));
    let taken = desk.import("2026-01-01", &first, &[]);
    assert!(
        said(&taken).contains("UNECE unlocode 2026-01-01 from 2026-01-01: 3 rows, 3 keys added, 0 changed, 0 ended")
    );
    let second = desk.file("second.csv", &places(&[("AAA", "Alpha"), ("BBB", "Bay"), ("DDD", "Delta")]));
    let taken = desk.import("2026-07-01", &second, &["--edition", "2026-1"]);
    assert!(said(&taken).contains("3 rows, 1 keys added, 1 changed, 1 ended"), "{}", said(&taken));

    let on = |key: &str, day: &str| said(&desk.on_table("lookup", &[key, "--on", day]));
    assert!(
        on("FDBBB", "2026-06-30").contains("\"name\":\"Beta\"")
            && on("FDBBB", "2026-07-01").contains("\"name\":\"Bay\"")
    );
    assert!(on("FDCCC", "2026-06-30").contains("Gamma"));
    assert_eq!(on("FDCCC", "2026-07-01"), "portgate: there is nothing of `FDCCC` on 2026-07-01\n");
    assert_eq!(said(&desk.on_table("lookup", &["FDBBB", "--all"])).lines().count(), 2);

    let word = ["FDXXX", r#"{"name": "Elsewhere"}"#, "--from", "2026-03-01", "--why", "not listed yet"];
    assert!(desk.on_table("set", &word).status.success());
    assert!(said(&desk.on_table("set", &word)).contains("the table says so already"));
    assert!(desk.on_table("set", &["FDAAA", "--end", "--from", "2026-09-01", "--why", "closed"]).status.success());
    assert!(on("FDAAA", "2026-09-01").contains("nothing of"));

    let log = entries(&desk.table());
    let differences: Vec<[u64; 3]> = log
        .iter()
        .map(|entry| {
            ["added", "changed", "ended"].map(|kind| entry["difference"][kind]["count"].as_u64().expect("a number"))
        })
        .collect();
    assert_eq!(differences, [[3, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 1]]);
    assert_eq!(log[1]["difference"]["changed"]["keys"][0], "FDBBB");
    assert_eq!((&log[1]["who"], &log[1]["why"]), (&"ada".into(), &"half-yearly edition".into()));
    assert_eq!(log[1]["did"]["import"]["edition"]["edition"], "2026-1");
    let digest = portgate_core::sha256::sha256_hex(&std::fs::read(&second).expect("the file"));
    assert_eq!(log[1]["did"]["import"]["files"][0]["sha256"], digest);
    let told = said(&desk.on_table("log", &[]));
    assert_eq!(told.lines().count(), 5, "{told}");
    assert!(told.contains("FDAAA ends on 2026-09-01") && !told.contains("another hand"), "{told}");

    let table = std::fs::read_to_string(desk.table()).expect("a table");
    std::fs::write(desk.table(), table.replace("Alpha", "Omega")).expect("a table");
    assert!(said(&desk.on_table("log", &[])).contains("the table was changed since by another hand"));
    assert!(said(&desk.on_table("show", &[])).contains("stewards"));
}

#[test]
fn what_is_not_as_it_should_be_is_named_or_refused_and_then_nothing_is_written() {
    let desk = Desk::new();
    let names: Vec<(String, String)> =
        (b'A'..=b'Z').map(|letter| (format!("AA{}", char::from(letter)), "Place".to_owned())).collect();
    let names: Vec<(&str, &str)> = names.iter().map(|(code, name)| (code.as_str(), name.as_str())).collect();
    let whole = places(&names);
    let good = desk.file(
        "good.csv",
        &whole.replace(",FD,AAC,Place,Place,,1-------,AF,2601,,5157N", ",FD,A-C,Place,Place,,1-------,AF,2601,,5157N"),
    );
    let taken = said(&desk.import("2026-01-01", &good, &[]));
    assert!(
        taken.contains("good.csv:4: `FD` and `A-C` are no code of a place") && taken.contains("25 rows"),
        "{taken}"
    );
    let before = (std::fs::read(desk.table()).expect("a table"), entries(&desk.table()).len());

    let part = desk.file("part.csv", &places(&names[..10]));
    let many = desk.file("many.csv", &whole.replace("Place,Place", ","));
    let none = desk.file("none.csv", "a,b\n1,2\n");
    let cut = desk.file("cut.json", "[{\"code\": \"A\"");
    for (date, file, words) in [
        ("2026-07-01", &part, "no longer names 16 of 25 keys"),
        ("2026-07-01", &many, "rows are not as they should be"),
        ("2026-07-01", &none, "none of the lists that are known"),
        ("2026-07-01", &cut, "cut.json: 1:"),
        ("2025-07-01", &good, "the table has one of the same list that holds from 2026-01-01"),
    ] {
        let refused = desk.import(date, file, &[]);
        assert!(!refused.status.success() && said(&refused).contains(words), "{words}: {}", said(&refused));
    }
    assert_eq!((std::fs::read(desk.table()).expect("a table"), entries(&desk.table()).len()), before);
    assert!(desk.import("2026-07-01", &part, &["--many-end"]).status.success());
    let by_hand = desk.file("places.jsonl", "key,value\nA,1\n");
    let refused = desk.tables("set", &[&by_hand, "A", "2", "--from", "2026-01-01", "--why", "x"]);
    assert!(said(&refused).contains("this table is written by hand"), "{}", said(&refused));
}

#[test]
fn stewards_at_the_same_time_wait_for_each_other() {
    let desk = Desk::new();
    let all: Vec<String> = (1..=8).map(|number| format!("KEY{number}")).collect();
    std::thread::scope(|scope| {
        for key in &all {
            let desk = &desk;
            scope.spawn(move || {
                let set = desk.on_table("set", &[key, "value", "--from", "2026-01-01", "--why", "at once"]);
                assert!(set.status.success(), "{}", said(&set));
            });
        }
    });
    let log = said(&desk.on_table("log", &[]));
    assert!(log.lines().count() == 9 && !log.contains("never came") && !log.contains("another hand"), "{log}");
    assert!(said(&desk.on_table("show", &[])).contains("8 keys, 8 rows"));
}

#[test]
fn check_names_the_line_and_the_key_of_a_table_with_a_mistake() {
    let workshop = Workshop::new();
    let table = "{\"table\":{\"editions\":[]}}\n{\"key\":\"CDS10001\",\"value\":\"a\"}\n{\"key\":\"CDS10001\",\"value\":\"b\"}\n";
    std::fs::write(workshop.policies().join("tables/dms-error-codes.csv"), table).expect("a table");
    let mut command = Command::new(process::program("portgate"));
    command.arg("check").arg("--policies").arg(workshop.policies()).current_dir(workshop.path());
    let checked = command.output().expect("portgate runs");
    let words = "the key `CDS10001` has another value on some of these days";
    let text = said(&checked);
    assert!(!checked.status.success() && text.contains("tables/dms-error-codes.csv") && text.contains(words), "{text}");
    assert!(text.contains("line 3"), "{text}");
}
