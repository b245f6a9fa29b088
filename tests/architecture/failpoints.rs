//! Every point at which tests can have the gateway fail is one at which some test does.

use std::collections::BTreeSet;
use std::path::Path;

use portgate_tests::{repository, samples};

/// The names behind these words in the sources of a folder, wherever a line breaks.
fn named(folder: &Path, words: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in samples::files(folder).into_iter().filter(|file| file.extension().is_some_and(|name| name == "rs")) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        for word in words {
            let behind = text.split(word).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            names.extend(behind.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
    names
}

/// Whatever tests have in quotes.
fn quoted(folders: &[&str]) -> BTreeSet<String> {
    let files = folders.iter().flat_map(|folder| samples::files(&repository().join(folder)));
    let text: Vec<String> = files
        .filter(|file| file.extension().is_some_and(|name| name == "rs"))
        .map(|file| std::fs::read_to_string(file).expect("a source file"))
        .collect();
    text.iter().flat_map(|text| text.split('"')).map(str::to_owned).collect()
}

#[test]
fn every_step_at_which_the_gateway_can_be_failed_is_failed_by_a_test() {
    let mut points = BTreeSet::new();
    for source in ["host/store/src", "host/workflow/src", "host/server/src", "host/delivery/src"] {
        points.extend(named(&repository().join(source), &["failpoint!(", "fail_point!("]));
    }
    assert!(points.len() > 30, "they are found: {points:?}");
    // The lists of the tests that kill processes, and of the one whose process is its own.
    let lists = quoted(&["tests/durability", "host/workflow/tests/filing_failures"]);
    let nowhere: Vec<&str> = points.iter().filter(|point| !lists.contains(*point)).map(String::as_str).collect();
    assert!(nowhere.is_empty(), "no test fails {nowhere:?}");
    // And none is listed that there is not.
    let is_point = |name: &&String| name.starts_with("journal::") || name.starts_with("workflow::");
    let gone: Vec<&String> = lists.iter().filter(is_point).filter(|name| !points.contains(*name)).collect();
    assert!(gone.is_empty(), "there is no {gone:?}");
}
