//! `portgate lists …`: lists of denied parties in their publishers' formats, made the table that connectors search by name.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::{Args, Subcommand};
use jiff::civil::Date;
use portgate_lists::{Changes, Edition, Older, ReadError, read, update};
use portgate_names::{Lists, Name, likeness};

use crate::printable::printable;
use crate::table::table;

/// The verbs of `portgate lists`.
#[derive(Subcommand)]
pub(crate) enum ListsCommand {
    /// Put an edition of a list into a table, in the place of the edition before it from its day on
    Import(Import),
    /// Show which lists a table is made of
    Show {
        /// The table's file
        table: PathBuf,
    },
    /// Search a table by a name, as a connector does
    Search {
        /// The table's file
        table: PathBuf,
        /// The name
        name: String,
        /// The day (YYYY-MM-DD); today where it is left out
        #[arg(long)]
        on: Option<Date>,
        /// How many at most
        #[arg(long, default_value_t = 10)]
        most: usize,
    },
}

/// Which list, and where it goes.
#[derive(Args)]
pub(crate) struct Import {
    /// The table's file, such as policies/tables/denied-parties.jsonl; it is made where it is not there
    #[arg(long)]
    table: PathBuf,
    /// What the table calls the list, such as `ofac-sdn`
    #[arg(long)]
    id: String,
    /// What its publisher calls it
    #[arg(long)]
    name: String,
    /// Which edition it is, in its publisher's words; its day where this is left out
    #[arg(long)]
    version: Option<String>,
    /// The day of its publication (YYYY-MM-DD), where the files do not say it
    #[arg(long)]
    date: Option<Date>,
    /// The list's files: CSL (JSON, CSV), OFAC (CSV, XML), EU (XML), UN (XML), BIS denied persons
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{}: line {line}: {problem}", path.display())]
    Table { path: PathBuf, line: u64, problem: String },
    #[error(transparent)]
    List(#[from] ReadError),
    #[error(transparent)]
    Older(#[from] Older),
}

/// Runs one of them.
pub(crate) fn run(command: &ListsCommand) -> ExitCode {
    let said = match command {
        ListsCommand::Import(import) => self::import(import),
        ListsCommand::Show { table } => open(table).map(|lists| shown(&lists)),
        ListsCommand::Search { table, name, on, most } => {
            let on = on.unwrap_or_else(today);
            open(table).map(|lists| found(&lists, name, &on.to_string(), *most))
        }
    };
    match said {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("portgate: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn import(import: &Import) -> Result<String, Failure> {
    let Import { table, id, name, version, date, files } = import;
    let files =
        files.iter().map(|path| Ok((path.display().to_string(), bytes(path)?))).collect::<Result<Vec<_>, Failure>>()?;
    let date = date.map(|date| date.to_string());
    let edition = Edition { id: id.clone(), name: name.clone(), version: version.clone(), date };
    let (source, entries) = read(&edition, &files)?;
    let before = if table.exists() { Some(open(table)?) } else { None };
    let day = source.date.clone();
    let (lists, Changes { added, changed, removed, same }) = update(before.as_ref(), source, entries)?;
    replace(table, lists.write().as_bytes()).map_err(|error| Failure::File { path: table.clone(), error })?;
    Ok(format!(
        "{id} of {day}: {added} added, {changed} changed, {removed} removed, {same} as before\n{}",
        shown(&lists)
    ))
}

fn open(path: &Path) -> Result<Lists, Failure> {
    let wrong = |error: portgate_names::ListError| Failure::Table {
        path: path.to_owned(),
        line: error.line,
        problem: error.problem,
    };
    Lists::read(&bytes(path)?).map_err(wrong)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::File { path: path.to_owned(), error })
}

/// Puts a file in the place of another in one step, so that a gateway that reads it meanwhile sees one of the two.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, content)?;
    fs::rename(&beside, path)
}

fn shown(lists: &Lists) -> String {
    let mut rows = Vec::new();
    for source in lists.sources() {
        let entries = || lists.entries().iter().filter(|entry| entry.list == source.id);
        let names: usize = entries().map(|entry| entry.names.len()).sum();
        rows.push(vec![
            printable(&source.id),
            printable(&source.name),
            printable(&source.version),
            printable(&source.date),
            entries().count().to_string(),
            names.to_string(),
        ]);
    }
    table(&["list", "name", "version", "date", "entries", "names"], rows)
}

fn found(lists: &Lists, name: &str, on: &str, most: usize) -> String {
    let asked = Name::read(name);
    let mut candidates = lists.candidates(name, on, most);
    candidates.sort_by_key(|found| std::cmp::Reverse(likeness(&asked, &Name::read(found.name))));
    let mut text = String::new();
    for found in candidates {
        let alike = likeness(&asked, &Name::read(found.name));
        let about = found.entry.about.as_ref().map_or("", |about| about.get());
        let (list, id, name) = (printable(&found.entry.list), printable(&found.entry.id), printable(found.name));
        let (whole, thousandths) = (alike / 1_000, alike % 1_000);
        let _ = writeln!(text, "{whole}.{thousandths:03}  {list} {id}  {name}  {}", printable(about));
    }
    if text.is_empty() { format!("nobody of a name like this one is listed on {on}\n") } else { text }
}

/// The day by UTC.
fn today() -> Date {
    let now = jiff::Timestamp::now().to_string();
    now.get(..10).and_then(|day| day.parse().ok()).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_found_is_shown_with_how_alike_the_names_are() {
        let table = concat!(
            "{\"lists\": [{\"id\": \"w\", \"name\": \"W\", \"version\": \"1\", \"date\": \"2026-03-01\"}]}\n",
            "{\"list\": \"w\", \"id\": \"7\", \"names\": [\"HARRIER 0.1000 LTD\"], \"about\": {\"type\": \"entity\"}}\n",
        );
        let lists = Lists::read(table.as_bytes()).unwrap();
        let whole = found(&lists, "Harrier 0.1000 Limited", "2026-03-01", 10);
        assert_eq!(whole, "1.000  w 7  HARRIER 0.1000 LTD  {\"type\": \"entity\"}\n");
        assert!(found(&lists, "Harier 0.1000", "2026-03-01", 10).starts_with("0.9"));
        assert_eq!(
            found(&lists, "Zzyzx", "2026-03-01", 10),
            "nobody of a name like this one is listed on 2026-03-01\n"
        );
        assert!(shown(&lists).contains("2026-03-01  1        1"), "{}", shown(&lists));
    }
}
