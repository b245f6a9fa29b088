//! `portgate replay`: recorded exchanges once more through today's plugin, or another build of it, and what differs.
//!
//! The payload, the headers and the time are those of the record, the sandbox is the gateway's own, the tables are those
//! of the policy folder. Nothing has an effect: nothing is kept, nothing is sent. The gateway is told before, for its audit
//! log: who replays which exchanges through which build.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use portgate_cases::{Answer, Difference, Document, Finding, Reference, differences};
use portgate_core::message::Message;
use portgate_core::policy::{Mistake, Policies};
use portgate_core::state::ExchangeState;
use portgate_core::unread;
use portgate_files::Kind;
use portgate_operator::{Exchange, ExchangeRecord, ListedExchange, NoQuery, Replay, ReplayKept};
use portgate_runtime::{Plugin, TableError, Tables};
use portgate_server::Folder;
use serde_json::{Value, json};

use crate::exchange::Filter;
use crate::operator::{Connection, OperatorClient, OperatorError};
use crate::plugin::{Sandbox, SandboxError, answer, part};

/// Which exchanges, through which plugin.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// These exchanges; else those that the filter means
    ids: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Another build of the plugin; else the one that the policies name
    #[arg(long)]
    plugin: Option<PathBuf>,
    /// The policy folder, for plugins and tables
    #[arg(long, default_value = "policies", env = "PORTGATE_POLICIES")]
    policies: PathBuf,
    /// Where compiled code is kept
    #[arg(long, default_value = "target/plugin-cache")]
    cache: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Why nothing was replayed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Policies(Vec<Mistake>),
    #[error("table `{0}`: {1}")]
    TableFile(String, portgate_files::Unreadable),
    #[error("table `{0}`: {1}")]
    Table(String, TableError),
}

/// How one exchange came out.
enum Outcome {
    Same,
    Different(Vec<Difference>),
    /// The call ended otherwise than by returning.
    Failed(String),
    /// There is nothing to replay, and why.
    LeftOut(&'static str),
}

/// Replays, prints, and succeeds only where everything replayed is the same as it was.
pub(crate) fn run(options: &Options) -> ExitCode {
    match replay(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("portgate: {failure}");
            ExitCode::from(2)
        }
    }
}

fn replay(options: &Options) -> Result<bool, Failure> {
    let client = OperatorClient::new(&options.connection)?;
    let ids = match options.ids.is_empty() {
        false => options.ids.clone(),
        true => {
            let found: Vec<ListedExchange> =
                client.list("/v1/exchanges", &options.filter.asked(), None, options.limit.max(1))?.items;
            found.into_iter().map(|listed| listed.exchange.id).collect()
        }
    };
    let mut plugins = Plugins::new(options)?;
    let record = |id: String| client.get(&format!("/v1/exchanges/{id}"), &NoQuery {});
    let records: Vec<ExchangeRecord> = ids.into_iter().map(record).collect::<Result<_, OperatorError>>()?;
    announce(&client, &records, &mut plugins)?;
    let mut outcomes = Vec::new();
    for record in records {
        let outcome = one(&client, &record, &mut plugins)?;
        if !options.json {
            print!("{}", shown(&record.exchange, &outcome));
        }
        outcomes.push((record.exchange.id, outcome));
    }
    let count = |fits: fn(&Outcome) -> bool| outcomes.iter().filter(|(_, outcome)| fits(outcome)).count();
    let same = count(|outcome| matches!(outcome, Outcome::Same));
    let different = count(|outcome| matches!(outcome, Outcome::Different(_)));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let left_out = count(|outcome| matches!(outcome, Outcome::LeftOut(_)));
    if options.json {
        println!("{:#}", as_json(&outcomes));
    } else {
        println!("{same} the same, {different} different, {failed} failed, {left_out} left out");
    }
    Ok(different == 0 && failed == 0)
}

/// Tells the gateway what is about to be replayed, by plugin.
fn announce(client: &OperatorClient, records: &[ExchangeRecord], plugins: &mut Plugins) -> Result<(), Failure> {
    let mut by_plugin: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ExchangeRecord { exchange, .. } in records.iter().filter(|record| left_out(&record.exchange).is_none()) {
        by_plugin.entry(&exchange.plugin.name).or_default().push(exchange.id.clone());
    }
    for (name, exchanges) in by_plugin {
        if let Some((_, plugin)) = plugins.get(name)? {
            let manifest = plugin.manifest();
            let body = Replay {
                plugin: manifest.name.clone(),
                version: manifest.version.clone(),
                sha256: plugin.digest().to_owned(),
                exchanges,
            };
            let _: ReplayKept = client.post("/v1/replays", &body)?;
        }
    }
    Ok(())
}

/// Why there is nothing to replay, if there is not.
fn left_out(exchange: &Exchange) -> Option<&'static str> {
    if exchange.origin.is_some() {
        return Some("it is the answer to a delivery, which no partner sent by itself");
    }
    match exchange.state {
        ExchangeState::Rejected => return Some("it was rejected when it was taken up"),
        ExchangeState::Discarded => return Some("it was never decoded, and an operator has given it up"),
        // One that is parked, has failed or was refused has no documents: what differs is what this build makes of it.
        ExchangeState::Accepted | ExchangeState::Parked | ExchangeState::Failed | ExchangeState::Refused => {}
    }
    exchange.redacted_at.map(|_| "the journal's retention has removed its payload")
}

fn one(client: &OperatorClient, record: &ExchangeRecord, plugins: &mut Plugins) -> Result<Outcome, Failure> {
    let exchange = &record.exchange;
    if let Some(why) = left_out(exchange) {
        return Ok(Outcome::LeftOut(why));
    }
    let body = client.bytes(&format!("/v1/exchanges/{}/payload", exchange.id))?.to_vec();
    let message = Message {
        partner: exchange.partner.clone(),
        contract: exchange.contract.clone(),
        version: exchange.version.clone(),
        content_type: exchange.content_type.clone(),
        headers: exchange.headers.clone(),
        received_at: exchange.received_at.to_string(),
        digest: exchange.sha256.clone(),
        body,
        agreement: None,
        control_numbers: None,
    };
    let before = recorded(record).to_value();
    // If the record says what was left unread, the plugin is asked for that now as well.
    let noted = exchange.findings.iter().any(|finding| finding.code == unread::CODE);
    let most = plugins.policies.gateway.caps.findings_max as usize;
    let Some((sandbox, plugin)) = plugins.get(&exchange.plugin.name)? else {
        return Ok(Outcome::LeftOut("no policy names its plugin any more; say --plugin FILE"));
    };
    let (contract, version) = (message.contract.clone(), message.version.clone());
    let call = match noted {
        true => sandbox.decode_noting_unread(plugin, message),
        false => sandbox.decode(plugin, message),
    };
    Ok(match call.outcome {
        Err(error) => Outcome::Failed(error.to_string()),
        Ok(mut result) => {
            if let Ok(decoded) = &mut result {
                let paths = std::mem::take(&mut decoded.unread);
                decoded.findings.extend(unread::findings(plugin.manifest(), &contract, &version, paths, most));
            }
            let found = differences(&before, &answer(result).to_value());
            if found.is_empty() { Outcome::Same } else { Outcome::Different(found) }
        }
    })
}

/// What the record says that the plugin made of the message then.
fn recorded(record: &ExchangeRecord) -> Answer {
    let counting = record.documents.iter().filter(|document| document.superseded_by.is_none());
    let documents = counting.map(|document| {
        let reference = |one: &portgate_core::document::Reference| Reference {
            scheme: one.scheme.clone(),
            value: one.value.clone(),
        };
        let references = document.references.iter().map(reference).collect();
        let body = document.document.to_string();
        Document::new(document.kind.clone(), document.key.clone(), references, body.as_bytes())
    });
    let findings = record.exchange.findings.iter().map(|finding| Finding {
        code: finding.code.clone(),
        severity: finding.severity.to_string(),
        location: finding.location.clone(),
        detail: finding.detail.clone(),
    });
    let parts = record.parts.iter().cloned().map(part).collect();
    Answer::Decoded { documents: documents.collect(), findings: findings.collect(), parts, reply: None }
}

/// The plugins that exchanges are replayed through, opened when the first needs them.
struct Plugins<'a> {
    options: &'a Options,
    policies: Policies,
    folder: Folder,
    open: BTreeMap<String, Option<(Sandbox, Plugin)>>,
}

impl<'a> Plugins<'a> {
    fn new(options: &'a Options) -> Result<Self, Failure> {
        let folder = Folder::new(&options.policies);
        let policies = folder.policies().map_err(Failure::Policies)?;
        Ok(Plugins { options, policies, folder, open: BTreeMap::new() })
    }

    fn get(&mut self, name: &str) -> Result<Option<&(Sandbox, Plugin)>, Failure> {
        if !self.open.contains_key(name) {
            let opened = self.open(name)?;
            self.open.insert(name.to_owned(), opened);
        }
        Ok(self.open.get(name).and_then(Option::as_ref))
    }

    fn open(&self, name: &str) -> Result<Option<(Sandbox, Plugin)>, Failure> {
        let file = match (&self.options.plugin, self.policies.plugins.get(name)) {
            (Some(file), _) => file.clone(),
            (None, Some(policy)) => self.folder.component(&self.policies, name, policy),
            (None, None) => return Ok(None),
        };
        let mut tables = Tables::default();
        for (name, table) in &self.policies.gateway.tables {
            let csv = portgate_files::read(&self.folder.resolve(&table.file), Kind::Table);
            let csv = csv.map_err(|error| Failure::TableFile(name.clone(), error))?;
            tables.add(name, &csv).map_err(|error| Failure::Table(name.clone(), error))?;
        }
        let sandbox = Sandbox::open(&file, &self.options.cache)?;
        let plugin = sandbox.admit(tables)?;
        Ok(Some((sandbox, plugin)))
    }
}

fn shown(exchange: &Exchange, outcome: &Outcome) -> String {
    let Exchange { id, partner, contract, version, .. } = exchange;
    let head = format!("{id}  {partner}  {contract}/{version}");
    match outcome {
        Outcome::Same => format!("{head}: the same\n"),
        Outcome::LeftOut(why) => format!("{head}: left out, {why}\n"),
        Outcome::Failed(error) => format!("{head}: the call ended with {error}\n"),
        Outcome::Different(differences) => {
            let value = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), Value::to_string);
            let lines = differences.iter().map(|difference| {
                let Difference { pointer, expected, actual } = difference;
                format!("    {pointer}: {} → {}\n", value(expected), value(actual))
            });
            format!("{head}: {} differences\n{}", differences.len(), lines.collect::<String>())
        }
    }
}

fn as_json(outcomes: &[(String, Outcome)]) -> Value {
    let shown = outcomes.iter().map(|(id, outcome)| match outcome {
        Outcome::Same => json!({ "exchange": id, "outcome": "same" }),
        Outcome::LeftOut(why) => json!({ "exchange": id, "outcome": "left-out", "reason": why }),
        Outcome::Failed(error) => json!({ "exchange": id, "outcome": "failed", "error": error }),
        Outcome::Different(differences) => {
            let differences = differences.iter().map(|difference| {
                json!({ "pointer": difference.pointer, "before": difference.expected, "after": difference.actual })
            });
            json!({ "exchange": id, "outcome": "different", "differences": differences.collect::<Vec<_>>() })
        }
    });
    shown.collect()
}
