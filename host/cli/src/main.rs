//! `portgate`: the gateway and the tools around it, in one binary.

mod approve;
mod audit;
mod check;
mod closed_pipe;
mod codes;
mod compile;
mod delivery;
mod demo;
mod descriptors;
mod ended;
mod exception;
mod exchange;
mod filing;
mod find;
mod format;
mod kpi;
mod lists;
mod logging;
mod operator;
mod plugin;
mod policy;
mod printable;
mod privileges;
mod quarantine;
mod reconcile;
mod replay;
mod sarif;
mod serve;
mod shipment;
mod status;
mod table;
mod tables;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A request makes a few hundred small allocations; the system's allocator would be a quarter of its processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The governed gate between partner systems: authenticated, contract-checked, sandboxed.
#[derive(Parser)]
#[command(name = "portgate", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway until it is told to stop
    Serve(serve::Options),
    /// Check every policy, plugin, table and secret without starting anything
    Check {
        /// The policy folder
        #[arg(long, default_value = "policies", env = "PORTGATE_POLICIES")]
        policies: PathBuf,
        /// The user that the gateway runs as, where this is started as root: files must be for that user alone
        #[arg(long, env = "PORTGATE_USER")]
        user: Option<String>,
    },
    /// Show the gateway at work: start it, send it real-format messages, print what came back
    Demo(demo::Options),
    /// Build, test and look into plugins
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Check, explain and compare what policies allow
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Say whether a running gateway is well, and if not, what somebody should look at
    Status(status::Options),
    /// List, retry and discard deliveries of a running gateway
    #[command(subcommand)]
    Delivery(delivery::DeliveryCommand),
    /// Look into what partners sent to a running gateway, and have what failed or was refused tried again
    #[command(subcommand)]
    Exchange(exchange::ExchangeCommand),
    /// Find exchanges of a running gateway by whatever names them: a reference, a key, an id, a word of a finding
    Find(find::Options),
    /// See what is known of a shipment, whatever it is called, and what is not part of any yet
    #[command(subcommand)]
    Shipment(shipment::ShipmentCommand),
    /// See what waits for a person, and decide it: assign, override, correct, discard, confirm
    #[command(subcommand)]
    Exception(exception::ExceptionCommand),
    /// Hold a partner's list of states against what is known here: missing there, missing here, differing
    Reconcile(reconcile::Options),
    /// Show how well things go: clearance, milestones, deliveries, onboarding, manual touches
    Kpi(kpi::Options),
    /// See what is declared of shipments and where it stands, and release or cancel it
    #[command(subcommand)]
    Filing(filing::FilingCommand),
    /// See and change which codes of partners are which of ours, and what waits for a code
    #[command(subcommand)]
    Codes(codes::CodesCommand),
    /// Make the table of denied parties out of published lists, and search it
    #[command(subcommand)]
    Lists(lists::ListsCommand),
    /// Make reference tables out of published lists, correct them, and see who changed them
    #[command(subcommand)]
    Tables(tables::TablesCommand),
    /// See which plugins are out for which partners of a running gateway, and end it
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Run recorded exchanges through a plugin once more, without effects, and print what differs
    Replay(replay::Options),
    /// Show what waits for people under the two-person rule, and approve it
    Approve(approve::Options),
    /// Search, save, verify and report on the audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Make operators' keys
    #[command(subcommand)]
    Operator(operator::OperatorCommand),
    /// Compile one component for the gateway that has started this
    #[command(name = portgate_runtime::Compiler::COMMAND, hide = true)]
    CompileComponent(compile::Options),
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    if !matches!(command, Command::Serve(_) | Command::CompileComponent(_)) {
        closed_pipe::ends_quietly();
    }
    match command {
        Command::Serve(options) => serve::run(&options),
        Command::Check { policies, user } => match privileges::give_up(user.as_deref()) {
            Ok(_) => check::run(&policies, format::Format::Text),
            Err(kept) => {
                eprintln!("portgate: {kept}");
                ExitCode::FAILURE
            }
        },
        Command::Demo(options) => demo::run(&options),
        Command::Plugin(command) => plugin::run(command),
        Command::Policy(command) => policy::run(&command),
        Command::Status(options) => status::run(&options),
        Command::Delivery(command) => delivery::run(&command),
        Command::Exchange(command) => exchange::run(&command),
        Command::Find(options) => find::run(&options),
        Command::Shipment(command) => shipment::run(&command),
        Command::Exception(command) => exception::run(&command),
        Command::Reconcile(options) => reconcile::run(&options),
        Command::Kpi(options) => kpi::run(&options),
        Command::Filing(command) => filing::run(&command),
        Command::Codes(command) => codes::run(&command),
        Command::Lists(command) => lists::run(&command),
        Command::Tables(command) => tables::run(&command),
        Command::Quarantine(command) => quarantine::run(&command),
        Command::Replay(options) => replay::run(&options),
        Command::Approve(options) => approve::run(&options),
        Command::Audit(command) => audit::run(&command),
        Command::Operator(command) => operator::run(&command),
        Command::CompileComponent(options) => compile::run(&options),
    }
}
