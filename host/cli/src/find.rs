//! `portgate find …`: which exchanges name something, wherever the name comes from: a container, an order, a message's
//! key, a request's id, a control number, a word of a finding.

use std::process::ExitCode;

use clap::Args;
use portgate_operator::{FindQuery, FoundExchange};

use crate::operator::{Connection, List, OperatorClient, OperatorError, print_json};
use crate::table::table;

/// What is looked for.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// A reference, a document's key, an id, an idempotency key, a control number, or words of a finding. Blanks, hyphens
    /// and the like do not matter, nor does upper or lower case
    #[arg(required = true)]
    name: Vec<String>,
    /// How many at most
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Go on after this exchange, with those that came before it
    #[arg(long)]
    after: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks it up and prints what was found, the newest first. Fails where nothing was.
pub(crate) fn run(options: &Options) -> ExitCode {
    match find(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("portgate: nothing is called `{}`", options.name.join(" "));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("portgate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn find(options: &Options) -> Result<bool, OperatorError> {
    let query = FindQuery { name: options.name.join(" ") };
    let client = OperatorClient::new(&options.connection)?;
    let found: List<FoundExchange> = client.list("/v1/find", &query, options.after.clone(), options.limit.max(1))?;
    if options.json {
        print_json(&found.items);
    } else if !found.items.is_empty() {
        let headings = ["id", "accepted", "partner", "contract", "state", "named by", "deliveries"];
        print!("{}", table(&headings, found.items.iter().map(row).collect()));
    }
    found.say_if_cut();
    Ok(!found.items.is_empty())
}

fn row(found: &FoundExchange) -> Vec<String> {
    let item = &found.exchange;
    let contract = format!("{}/{}", item.contract, item.version);
    let deliveries = found.deliveries.iter().map(|delivery| format!("{} {}", delivery.destination, delivery.state));
    let deliveries = deliveries.collect::<Vec<_>>().join(", ");
    let (accepted, state) = (item.accepted_at.to_string(), item.state.to_string());
    let (id, partner) = (item.id.clone(), item.partner.clone());
    vec![id, accepted, partner, contract, state, found.named_by.join(", "), deliveries]
}
