//! `portgate operator …`, and what every command needs to ask a running gateway: its address and an operator's key.

mod client;

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::str::FromStr;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use portgate_core::sha256::sha256_hex;
use portgate_core::state::UnknownWord;
use serde::Serialize;

pub(crate) use client::{Connection, List, OperatorClient, OperatorError};

/// The verbs of `portgate operator`.
#[derive(Subcommand)]
pub(crate) enum OperatorCommand {
    /// Make an operator's key: print it once, and the policy that goes with it
    Key {
        /// The operator's name: that of the policy file, and the one that every act is kept under
        name: String,
    },
}

/// Asks a person; where nobody is there to ask, the answer is no.
pub(crate) fn confirmed(question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    print!("{question}");
    let mut answer = String::new();
    let read = std::io::stdout().flush().and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Takes one of these words. The error for any other word names them all.
pub(crate) fn words<T>(all: &'static [T], as_str: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = UnknownWord> + Copy + Send + Sync + 'static,
{
    let words = all.iter().map(|word| PossibleValue::new(as_str(*word)));
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

/// Prints what the gateway answered. Whoever closed the pipe has seen enough.
pub(crate) fn print_json(answer: &impl Serialize) {
    let text = serde_json::to_string_pretty(answer).unwrap_or_default();
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// Runs the command.
pub(crate) fn run(command: &OperatorCommand) -> ExitCode {
    match command {
        OperatorCommand::Key { name } => key(name),
    }
}

fn key(name: &str) -> ExitCode {
    let mut random = [0; 32];
    if rand::fill(&mut random).is_err() {
        eprintln!("portgate: the system gives no random bytes");
        return ExitCode::FAILURE;
    }
    let key = URL_SAFE_NO_PAD.encode(random);
    let hash = sha256_hex(key.as_bytes());
    println!("{key}");
    eprintln!(
        "\nThis is the only time the key is shown: give it to {name}, who sets PORTGATE_OPERATOR_KEY to it.\n\
         The gateway needs only its hash. policies/operators/{name}.toml:\n\n\
         #:schema ../schemas/operator.schema.json\ntitle = \"…\"\nkey_sha256 = \"{hash}\"\n\
         may = [\"read\"] # and \"payload\" to see payloads and replay, \"deliver\" to send again, discard and lift quarantines,\n\
         # \"audit\" to see the audit log, \"approve\" to approve what widens anything"
    );
    ExitCode::SUCCESS
}
