//! `portgate status`: whether a running gateway is well, and what is not.

use std::process::ExitCode;

use clap::Args;
use portgate_operator::{NoQuery, Status, Trouble};

use crate::operator::{Connection, OperatorClient, OperatorError, print_json};
use crate::table::table;

/// What a monitor tells apart: all is well, something is not, and nobody could say.
const WELL: u8 = 0;
const NOT_WELL: u8 = 1;
const UNKNOWN: u8 = 2;

/// Which gateway, and how its answer is printed.
#[derive(Args)]
#[command(
    after_help = "Ends with 0 where all is well, with 1 where something is not, and with 2 where nobody could say: no \
                        answer, no key, or no permission `read`."
)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks, and prints what is not well.
pub(crate) fn run(options: &Options) -> ExitCode {
    match asked(&options.connection) {
        Ok(status) => {
            match options.json {
                true => print_json(&status),
                false => print!("{}", shown(&status)),
            }
            ExitCode::from(if status.well { WELL } else { NOT_WELL })
        }
        Err(error) => {
            eprintln!("portgate: {error}");
            ExitCode::from(UNKNOWN)
        }
    }
}

fn asked(connection: &Connection) -> Result<Status, OperatorError> {
    OperatorClient::new(connection)?.get("/v1/status", &NoQuery {})
}

/// For people.
fn shown(status: &Status) -> String {
    if status.well {
        return format!("All is well ({}).\n", status.at);
    }
    let row = |trouble: &Trouble| {
        let since = trouble.since.map(|since| since.to_string()).unwrap_or_default();
        let (kind, count) = (trouble.kind.as_str().to_owned(), trouble.count.to_string());
        vec![kind, trouble.subject.clone(), count, since, trouble.detail.clone()]
    };
    let rows = status.troubles.iter().map(row).collect();
    let headings = ["what", "of", "count", "since or until", "why"];
    format!("Not well ({}):\n{}", status.at, table(&headings, rows))
}

#[cfg(test)]
mod tests {
    use portgate_operator::TroubleKind;

    use super::*;

    #[test]
    fn people_are_told_what_and_why() {
        let at = "2026-03-01T08:00:00Z".parse().expect("a time");
        let well = Status { well: true, at, version: "0.1.0".to_owned(), troubles: Vec::new() };
        assert_eq!(shown(&well), "All is well (2026-03-01T08:00:00Z).\n");
        let detail = "Due, and nobody works on them.".to_owned();
        let trouble =
            Trouble { kind: TroubleKind::Stalled, subject: "erp".to_owned(), count: 3, since: Some(at), detail };
        let text = shown(&Status { well: false, troubles: vec![trouble], ..well });
        assert_eq!(
            text,
            "Not well (2026-03-01T08:00:00Z):\n\
             what     of   count  since or until        why\n\
             stalled  erp  3      2026-03-01T08:00:00Z  Due, and nobody works on them.\n"
        );
    }
}
