//! `portgate tables …`: reference tables made of published lists, corrected by stewards, and what was changed in them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use portgate_core::reference::{Changes, Row, Table, changes};
use portgate_core::sha256::sha256_hex;
use portgate_tables::log::{Did, Difference, Entry, Keys, Source};
use portgate_tables::{
    Asked, FileError, Finding, Given, Held, Meaning, ReadError, Scope, UpdateError, Updated, correct, log_at, open,
    read, update,
};

mod shown;
mod taken;

use crate::operator::{Connection, OperatorError};
use shown::{difference, editions, findings, history, log, row};

/// The verbs of `portgate tables`.
#[derive(Subcommand)]
pub(crate) enum TablesCommand {
    /// Put an edition of a published list into a table, from its day on
    Import(Import),
    /// Give a key a value, or end it, where the published list is wrong or silent
    Set(Set),
    /// Show which editions a table is made of
    Show {
        /// The table's file
        table: PathBuf,
    },
    /// Look a key up, as a connector does
    Lookup {
        /// The table's file
        table: PathBuf,
        /// The key
        key: String,
        /// The day (YYYY-MM-DD); today where it is left out
        #[arg(long)]
        on: Option<Date>,
        /// What it means on all days
        #[arg(long, conflicts_with = "on")]
        all: bool,
    },
    /// Show which versions of tables a running gateway has taken up, and how many shipments were judged again because of each
    Versions {
        #[command(flatten)]
        connection: Connection,
        /// Only of this table, as policy calls it
        table: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the shipments that were judged again because a version of a table says something else, and what
    Reviews {
        #[command(flatten)]
        connection: Connection,
        /// The table, as policy calls it
        table: String,
        /// The number of its version; the last one where it is left out
        #[arg(long)]
        version: Option<u64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show who changed a table, when, why and in what
    Log {
        /// The table's file
        table: PathBuf,
        /// The entries as they are written, with the keys that changed
        #[arg(long)]
        json: bool,
    },
}

/// Who does it, and why.
#[derive(Args)]
pub(crate) struct Steward {
    /// Why, for the change log
    #[arg(long)]
    why: String,
    /// Who does it, for the change log
    #[arg(long, env = "USER")]
    who: String,
}

/// Which edition, and where it goes.
#[derive(Args)]
pub(crate) struct Import {
    /// The table's file, such as policies/tables/unlocode.jsonl; it is made where it is not there
    #[arg(long)]
    table: PathBuf,
    #[command(flatten)]
    steward: Steward,
    /// The day from which the edition holds (YYYY-MM-DD), where the files do not say it
    #[arg(long)]
    date: Option<Date>,
    /// Which edition it is, in its publisher's words; its day where this is left out
    #[arg(long)]
    edition: Option<String>,
    /// Who publishes the list, where its form does not say it
    #[arg(long)]
    publisher: Option<String>,
    /// Which of several lists of codes it is, where a table has more than one
    #[arg(long)]
    list: Option<String>,
    /// The member of each value that is to be the value, as a text
    #[arg(long)]
    field: Option<String>,
    /// Take an edition that no longer names more than a fifth of the keys
    #[arg(long)]
    many_end: bool,
    /// The edition's files: UN/LOCODE, ISO 3166 and 4217, UN/ECE 20 and 21, HS, CN, the UK tariff, rates of ECB and HMRC, lists of codes
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// A steward's word.
#[derive(Args)]
pub(crate) struct Set {
    /// The table's file; it is made where it is not there
    table: PathBuf,
    /// The key
    key: String,
    /// The value: a text, or a JSON object
    #[arg(required_unless_present = "end", conflicts_with = "end")]
    value: Option<String>,
    /// The first day (YYYY-MM-DD)
    #[arg(long)]
    from: Date,
    /// The day after the last (YYYY-MM-DD); left out, there is none
    #[arg(long)]
    to: Option<Date>,
    /// The key has no value on these days
    #[arg(long)]
    end: bool,
    #[command(flatten)]
    steward: Steward,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}: {error}", path.display())]
    Source { path: PathBuf, error: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error(
        "the edition no longer names {ended} of {of} keys: is a file of it missing, or cut off? If that is right, say --many-end"
    )]
    ManyEnd { ended: usize, of: usize },
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("the value is no JSON object: {0}")]
    Value(serde_json::Error),
    #[error("the table says so already")]
    Same,
    #[error("there is nothing of `{key}`{}", on.map_or(String::new(), |on| format!(" on {on}")))]
    Nothing { key: String, on: Option<Date> },
}

/// Runs one of them.
pub(crate) fn run(command: &TablesCommand) -> ExitCode {
    let said = match command {
        TablesCommand::Import(import) => self::import(import),
        TablesCommand::Set(set) => self::set(set),
        TablesCommand::Show { table } => open(table).map(|(table, _)| editions(&table)).map_err(Failure::from),
        TablesCommand::Lookup { table, key, on, all } => lookup(table, key, *on, *all),
        TablesCommand::Log { table, json } => told(table, *json),
        TablesCommand::Versions { connection, table, json } => {
            taken::versions(connection, table.as_ref(), *json).map(|()| String::new()).map_err(Failure::from)
        }
        TablesCommand::Reviews { connection, table, version, json } => {
            taken::reviews(connection, table, *version, *json).map(|()| String::new()).map_err(Failure::from)
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
    let read_file = |path: &PathBuf| match fs::read(path) {
        Ok(bytes) => Ok((path.display().to_string(), bytes)),
        Err(error) => Err(Failure::Source { path: path.clone(), error }),
    };
    let files = import.files.iter().map(read_file).collect::<Result<Vec<_>, Failure>>()?;
    let asked = Asked {
        list: import.list.clone(),
        publisher: import.publisher.clone(),
        edition: import.edition.clone(),
        date: import.date,
        field: import.field.clone(),
    };
    let Given { edition, scope, said, findings: found, left_out } = read(&asked, &files)?;
    let held = Held::open(&import.table)?;
    let Updated { table, replaced, kept } = update(held.table(), edition.clone(), scope, &said)?;
    let differs = changes(held.table(), &table);
    if !import.many_end && scope == Scope::Whole {
        not_many(held.table(), &differs, edition.date)?;
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let otherwise = kept.iter().map(|said| Finding {
        place: said.place,
        problem: format!("`{}` of {} is another value than the table's, which stays", said.key, said.from),
        is_lost: true,
    });
    let found: Vec<Finding> = found.into_iter().chain(otherwise).collect();
    eprint!("{}", findings(&found, &names));
    // Where they lie on this machine is nothing to others.
    let file_name =
        |name: &String| Path::new(name).file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
    let source = |(name, bytes): &(String, Vec<u8>)| Source { name: file_name(name), sha256: sha256_hex(bytes) };
    let sources = files.iter().map(source).collect();
    let did = Did::Import {
        edition,
        files: sources,
        rows: said.len(),
        findings: found.len(),
        replaced: Keys::of(replaced.iter().map(String::as_str)),
    };
    let differs = Difference::of(&differs);
    let entry = held.put(&table, |before, after| import.steward.entry(did, differs, before, after))?;
    Ok(difference(&entry, &left_out))
}

/// A list seldom loses many of its keys; a download often does.
fn not_many(before: &Table, changes: &Changes<'_>, day: Date) -> Result<(), Failure> {
    let is_open = |row: &Row<'_>| row.from <= day && day < row.to;
    let of = before.rows().filter(is_open).count();
    let ended = changes.iter().filter(|change| change.after.is_none() && change.from <= day && day < change.to).count();
    match ended * 5 > of && ended > 5 {
        true => Err(Failure::ManyEnd { ended, of }),
        false => Ok(()),
    }
}

fn set(set: &Set) -> Result<String, Failure> {
    let value = match set.value.as_deref() {
        Some(json) if json.trim_start().starts_with('{') => {
            let object: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(json).map_err(Failure::Value)?;
            Some(Meaning::Json(serde_json::to_string(&object).map_err(Failure::Value)?))
        }
        text => text.map(|text| Meaning::Text(text.to_owned())),
    };
    let held = Held::open(&set.table)?;
    let table = correct(held.table(), &set.key, value.as_ref(), (set.from, set.to.unwrap_or(Date::MAX)))?;
    let differs = changes(held.table(), &table);
    if differs.is_empty() {
        return Err(Failure::Same);
    }
    let differs = Difference::of(&differs);
    let value = value.as_ref().map(|value| value.as_str().to_owned());
    let did = Did::Set { key: set.key.clone(), value, from: set.from, to: set.to };
    held.put(&table, |before, after| set.steward.entry(did, differs, before, after))?;
    Ok(history(table.rows_of(&set.key), &table))
}

fn lookup(path: &Path, key: &str, on: Option<Date>, all: bool) -> Result<String, Failure> {
    let (table, _) = open(path)?;
    if all {
        let rows = history(table.rows_of(key), &table);
        return if rows.is_empty() { Err(Failure::Nothing { key: key.to_owned(), on: None }) } else { Ok(rows) };
    }
    let on = on.unwrap_or_else(today);
    match table.on(key, on) {
        Some(found) => Ok(row(&found, &table)),
        None => Err(Failure::Nothing { key: key.to_owned(), on: Some(on) }),
    }
}

fn told(path: &Path, json: bool) -> Result<String, Failure> {
    let entries = log_at(path)?;
    if json {
        let lines = entries.iter().filter_map(|entry| serde_json::to_string(entry).ok());
        return Ok(lines.map(|line| line + "\n").collect());
    }
    let now = match fs::exists(path) {
        Ok(true) => Some(open(path)?.1),
        _ => None,
    };
    Ok(log(&entries, now.as_deref()))
}

impl Steward {
    fn entry(&self, did: Did, difference: Difference, before: Option<String>, after: String) -> Entry {
        let Steward { who, why } = self;
        Entry { when: Timestamp::now(), who: who.clone(), why: why.clone(), did, difference, before, after }
    }
}

/// The day by UTC.
fn today() -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date()
}
