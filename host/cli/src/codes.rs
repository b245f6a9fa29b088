//! `portgate codes …`: partners' codes beside ours, by agreement, and those that something waits for.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use portgate_core::codes::CodeWay;
use portgate_operator::{AddCodes, AwaitedCode, Code, CodeFilter, CodePair, EndCode, Items, NoQuery};

use crate::ended::ended;
use crate::operator::{Connection, List, OperatorClient, OperatorError, print_json, words};
use crate::printable::printable;
use crate::table::table;

/// The verbs of `portgate codes`.
#[derive(Subcommand)]
pub(crate) enum CodesCommand {
    /// List codes by filter, in the order in which they were added
    List {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        filter: Filter,
        /// How many at most
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
        /// Go on after the row of this number
        #[arg(long)]
        after: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a code of theirs beside one of ours; what waited for it goes on
    Add {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        place: Place,
        /// The partner's code
        theirs: String,
        /// Our code
        ours: String,
        /// Which way it counts: `in` from theirs to ours alone, `out` from ours to theirs alone
        #[arg(long, value_parser = words(CodeWay::ALL, CodeWay::as_str), default_value = "both")]
        way: CodeWay,
        /// The first day on which it counts (YYYY-MM-DD); ever before where it is left out
        #[arg(long)]
        from: Option<Date>,
        /// The first day on which it counts no more; for good where it is left out
        #[arg(long)]
        to: Option<Date>,
        /// Why; kept with the code
        #[arg(long)]
        reason: String,
    },
    /// Give a code its last day; what it meant before stays known
    End {
        #[command(flatten)]
        connection: Connection,
        /// The row's number, as `list` shows it
        number: u64,
        /// The first day on which it counts no more (YYYY-MM-DD); its own first day where it should never have counted
        #[arg(long)]
        to: Date,
        /// Why; kept with the code
        #[arg(long)]
        reason: String,
    },
    /// Add the codes of a CSV file with the header `theirs,ours`, and `way`, `from` and `to` where wanted: all or none
    Import {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        place: Place,
        /// The file
        file: PathBuf,
        /// Why; kept with the codes
        #[arg(long)]
        reason: String,
    },
    /// List the codes that nobody has written down and something waits for
    Awaited {
        #[command(flatten)]
        connection: Connection,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which table.
#[derive(Args)]
pub(crate) struct Place {
    /// The partner
    partner: String,
    /// The agreement
    agreement: String,
    /// The table
    table: String,
}

/// Which codes: those that fit all that is given.
#[derive(Args)]
pub(crate) struct Filter {
    /// The partner
    #[arg(long)]
    partner: Option<String>,
    /// The agreement
    #[arg(long)]
    agreement: Option<String>,
    /// The table
    #[arg(long)]
    table: Option<String>,
    /// A code of either side
    #[arg(long)]
    code: Option<String>,
    /// A day on which they count (YYYY-MM-DD)
    #[arg(long)]
    on: Option<Date>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("{}: {problem}", file.display())]
    File { file: PathBuf, problem: String },
}

/// Runs the command.
pub(crate) fn run(command: &CodesCommand) -> ExitCode {
    let done = match command {
        CodesCommand::List { connection, filter, limit, after, json } => {
            list(connection, filter, after.clone(), *limit, *json)
        }
        CodesCommand::Add { connection, place, theirs, ours, way, from, to, reason } => {
            let pair = CodePair { theirs: theirs.clone(), ours: ours.clone(), way: Some(*way), from: *from, to: *to };
            add(connection, place, vec![pair], reason)
        }
        CodesCommand::End { connection, number, to, reason } => end(connection, *number, *to, reason),
        CodesCommand::Import { connection, place, file, reason } => {
            read(file).and_then(|codes| add(connection, place, codes, reason))
        }
        CodesCommand::Awaited { connection, json } => awaited(connection, *json),
    };
    ended(done)
}

fn list(
    connection: &Connection,
    filter: &Filter,
    after: Option<String>,
    limit: usize,
    as_json: bool,
) -> Result<(), Failure> {
    let Filter { partner, agreement, table: name, code, on } = filter;
    let filter = CodeFilter {
        partner: partner.clone(),
        agreement: agreement.clone(),
        table: name.clone(),
        code: code.clone(),
        on: *on,
    };
    let found: List<Code> = OperatorClient::new(connection)?.list("/v1/codes", &filter, after, limit.max(1))?;
    match as_json {
        true => print_json(&found.items),
        false => {
            let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            let row = |one: &Code| {
                let (number, way) = (one.number.to_string(), one.way.to_string());
                let place = [one.partner.clone(), one.agreement.clone(), one.table.clone()];
                let what = [one.theirs.clone(), one.ours.clone(), way, day(one.from), day(one.to)];
                let why = [one.added_by.clone(), printable(&one.reason)];
                [number].into_iter().chain(place).chain(what).chain(why).collect()
            };
            let headings = [
                "number",
                "partner",
                "agreement",
                "table",
                "theirs",
                "ours",
                "way",
                "from",
                "to",
                "added by",
                "reason",
            ];
            print!("{}", table(&headings, found.items.iter().map(row).collect()));
        }
    }
    found.say_if_cut();
    Ok(())
}

fn add(connection: &Connection, place: &Place, codes: Vec<CodePair>, reason: &str) -> Result<(), Failure> {
    let Place { partner, agreement, table } = place;
    let body = AddCodes {
        partner: partner.clone(),
        agreement: agreement.clone(),
        table: table.clone(),
        codes,
        reason: reason.to_owned(),
    };
    let added: Items<Code> = OperatorClient::new(connection)?.post("/v1/codes", &body)?;
    match added.items.as_slice() {
        [one] => println!("added as {}; what waited for it goes on", one.number),
        many => println!("{} codes were added; what waited for them goes on", many.len()),
    }
    Ok(())
}

fn end(connection: &Connection, number: u64, to: Date, reason: &str) -> Result<(), Failure> {
    let body = EndCode { number, to, reason: reason.to_owned() };
    let ended: Code = OperatorClient::new(connection)?.post("/v1/codes/end", &body)?;
    println!("{number} counts until {to}: `{}` is `{}` before", printable(&ended.theirs), printable(&ended.ours));
    Ok(())
}

fn awaited(connection: &Connection, as_json: bool) -> Result<(), Failure> {
    let found: Items<AwaitedCode> = OperatorClient::new(connection)?.get("/v1/codes/awaited", &NoQuery {})?;
    if as_json {
        print_json(&found.items);
        return Ok(());
    }
    if found.items.is_empty() {
        println!("Nothing waits for a code.");
        return Ok(());
    }
    let row = |one: AwaitedCode| {
        let (days, since) = (format!("{} to {}", one.first_day, one.last_day), one.since.to_string());
        let counts = [one.exchanges.to_string(), one.deliveries.to_string()];
        // A code that nobody has written down is what a partner has sent.
        let code = [one.side.to_string(), printable(&one.code), days];
        [one.partner, one.agreement, one.table].into_iter().chain(code).chain(counts).chain([since]).collect()
    };
    let headings = ["partner", "agreement", "table", "side", "code", "days", "exchanges", "deliveries", "since"];
    print!("{}", table(&headings, found.items.into_iter().map(row).collect()));
    Ok(())
}

/// One row of a file; what is empty is left out.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    theirs: String,
    ours: String,
    #[serde(default)]
    way: Option<CodeWay>,
    #[serde(default)]
    from: Option<Date>,
    #[serde(default)]
    to: Option<Date>,
}

fn read(file: &Path) -> Result<Vec<CodePair>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::File { file: file.to_owned(), problem: error.to_string() };
    let text = std::fs::read(file).map_err(|error| wrong(&error))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_slice());
    let pair = |Row { theirs, ours, way, from, to }| CodePair { theirs, ours, way, from, to };
    reader.deserialize().map(|row| row.map(pair).map_err(|error| wrong(&error))).collect()
}
