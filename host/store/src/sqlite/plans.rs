//! How SQLite finds the rows of the statements on the way from a document to its kept context.

use tempfile::TempDir;

use super::connection::Local;
use super::open;
use crate::plans::{Steps, on_the_way, read_alike};
use crate::statements::Step;

impl Steps for Local {
    type Sql = Local;

    async fn run<T>(&mut self, step: impl AsyncFnOnce(&mut Local) -> Step<T>) -> T {
        self.begin_writing().expect("it begins");
        let value = step(self).await.expect("it works");
        self.commit().expect("it is kept");
        value
    }
}

/// What is no table: parameters, what a statement has gathered itself, and an index that holds nothing but what is looked for.
const NO_TABLES: [&str; 5] = ["CONSTANT ROW", "given", "rarray", "wanted", "exceptions USING INDEX exceptions_waiting"];

/// The steps of a statement's plan, as `EXPLAIN QUERY PLAN` has them. Its parameters need no values.
fn plan(local: &Local, text: &str) -> Vec<String> {
    let mut statement = local.connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).expect("a statement");
    let (mut rows, mut steps) = (statement.raw_query(), Vec::new());
    while let Some(row) = rows.next().expect("its plan") {
        steps.push(row.get(3).expect("a step"));
    }
    steps
}

fn new(folder: &TempDir, name: &str) -> Local {
    open::open(&folder.path().join(name).join("journal.sqlite")).expect("a journal").connection
}

#[tokio::test]
async fn nothing_on_the_way_looks_through_a_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut local = new(&folder, "one");
    let texts = on_the_way(&mut local).await;
    let is_table = |what: &str| !NO_TABLES.iter().any(|no_table| what.starts_with(no_table));
    let is_scan = |step: &String| step.strip_prefix("SCAN ").is_some_and(is_table);
    let scans = |text: &String| (text.clone(), plan(&local, text).into_iter().filter(is_scan).collect::<Vec<_>>());
    let scans: Vec<_> = texts.iter().map(scans).filter(|(_, scans)| !scans.is_empty()).collect();
    assert!(scans.is_empty(), "{scans:#?}");
}

#[tokio::test]
async fn as_many_statements_read_many_shipments_as_few() {
    let folder = tempfile::tempdir().expect("a folder");
    read_alike(&mut new(&folder, "few"), &mut new(&folder, "many")).await;
}
