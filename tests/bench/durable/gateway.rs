//! The processes that are measured, with the policies they are given.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use aws_lc_rs::rand;
use portgate_bench::cores::Cores;
use portgate_bench::failure::Failure;
use portgate_bench::identity::{AUDIENCE, ISSUER, SUBJECT};
use portgate_bench::load::{Sample, Target};
use portgate_bench::process::Process;
use portgate_bench::{free_address, secret, template};
use portgate_core::audit::AuditKey;
use portgate_store::testing::PostgresServer;

use crate::{PATH, Setting};

/// The policy folder: every file is a template of the same name in `tests/bench/durable/policies`.
const POLICIES: [&str; 7] = [
    "gateway.toml",
    "ceiling.toml",
    "routes.toml",
    "plugins/carrier-ocean.toml",
    "plugins/customer-portal.toml",
    "partners/bench.toml",
    "partners/parked.toml",
];

/// What is settled with the partner that is delivered to, where something is.
const AGREEMENT: &str = r#"[[agreements]]
name = "documents-out"
contract = "portal-document"
version = "1"
direction = "out"
ours = [{ value = "US" }]
theirs = [{ value = "THEM" }]"#;

/// Where a journal is.
#[derive(Clone, Copy)]
pub(crate) enum Engine<'a> {
    /// In a file of its own.
    Sqlite,
    /// In a new database of this server.
    Postgres(&'a PostgresServer),
}

/// Where the threads of a gateway may run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Its worker on one core, those of its journal wherever there is time, beside the load generator too.
    Machine,
    /// All on one core.
    OneCore,
}

impl Room {
    fn cores(self, cores: &Cores) -> String {
        match self {
            Room::Machine => cores.both(),
            Room::OneCore => cores.measured.to_string(),
        }
    }
}

/// What the demo's policies grant: a plugin that wants more than its policy grants is refused.
fn grants(setting: &Setting, file: &str) -> Result<String, Failure> {
    let text = fs::read_to_string(setting.repository.join("policies").join(file))?;
    let (_, after) = text.split_once("\n[grants]\n").unwrap_or_default();
    let (grants, _) = after.split_once("\n[egress]\n").unwrap_or((after, ""));
    Ok(format!("[grants]\n{grants}"))
}

/// A policy folder with a journal of its own.
pub(crate) struct Place {
    policies: PathBuf,
    /// What its files are made with.
    values: Vec<(&'static str, String)>,
    partner: SocketAddr,
}

impl Place {
    /// With an empty journal.
    pub(crate) fn new(setting: &Setting, engine: Engine, name: &str) -> Result<Place, Failure> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres(server) => Some(server.database(&name.replace('-', "_"))?),
        };
        Self::with_journal(setting, database.as_deref(), name)
    }

    /// One whose journal is the database of this URL; several may share it.
    pub(crate) fn with_journal(setting: &Setting, url: Option<&str>, name: &str) -> Result<Place, Failure> {
        let policies = setting.folder.join(name);
        for folder in ["plugins", "partners", "plugin-files"] {
            fs::create_dir_all(policies.join(folder))?;
        }
        secret(&policies, "bench.jwks.json", setting.identity.jwks.as_bytes())?;
        secret(&policies, "parked.key", b"never sent")?;
        let mut seed = [0; 32];
        rand::fill(&mut seed).map_err(|error| Failure::step("making a key", error.to_string()))?;
        secret(&policies, "audit.key", AuditKey::pem_of(&seed).as_bytes())?;
        let copy = |plugin: &str| {
            let file = format!("{plugin}.wasm");
            let built = setting.repository.join("target/plugins").join(&file);
            let copied = fs::read(&built).and_then(|component| {
                fs::write(policies.join("plugin-files").join(&file), &component)
                    .map(|()| portgate_runtime::digest(&component))
            });
            copied.map_err(|error| {
                Failure::step(format!("copying {} (make plugins)", built.display()), error.to_string())
            })
        };
        let (carrier, portal) = (copy("carrier-ocean")?, copy("customer-portal")?);
        let database = match url {
            None => "sqlite:data/journal.sqlite",
            Some(url) => {
                secret(&policies, "journal.url", url.as_bytes())?;
                "file:journal.url"
            }
        };
        let partner = free_address()?;
        let values = vec![
            ("PORT", partner.port().to_string()),
            ("OPERATOR_PORT", free_address()?.port().to_string()),
            ("DATABASE", database.to_owned()),
            ("ISSUER", ISSUER.to_owned()),
            ("AUDIENCE", AUDIENCE.to_owned()),
            ("SUBJECT", SUBJECT.to_owned()),
            ("CARRIER_DIGEST", carrier),
            ("PORTAL_DIGEST", portal),
            // Nobody listens there, and nothing is sent.
            ("RECEIVER", "127.0.0.1:9".to_owned()),
            ("ENABLED", "false".to_owned()),
            ("AGREEMENT", String::new()),
            ("CARRIER_GRANTS", grants(setting, "plugins/carrier-ocean.toml")?),
            ("PORTAL_GRANTS", grants(setting, "plugins/customer-portal.toml")?),
            ("GRANTS", grants(setting, "ceiling.toml")?),
        ];
        let place = Place { policies, values, partner };
        place.write(setting)?;
        Ok(place)
    }

    fn write(&self, setting: &Setting) -> Result<(), Failure> {
        let values: Vec<(&str, &str)> = self.values.iter().map(|(name, value)| (*name, &**value)).collect();
        for file in POLICIES {
            let from = setting.repository.join("tests/bench/durable/policies").join(file);
            template::render(&from, &self.policies.join(file), &values)?;
        }
        Ok(())
    }

    /// From now on a gateway there delivers to this address, under an agreement or without one.
    pub(crate) fn open(&mut self, setting: &Setting, receiver: SocketAddr, is_agreed: bool) -> Result<(), Failure> {
        for (name, value) in &mut self.values {
            match *name {
                "RECEIVER" => *value = receiver.to_string(),
                "ENABLED" => "true".clone_into(value),
                "AGREEMENT" if is_agreed => AGREEMENT.clone_into(value),
                _ => {}
            }
        }
        self.write(setting)
    }

    /// Starts a gateway there.
    pub(crate) fn serve(&self, setting: &Setting, room: Room, commits: bool) -> Result<Gateway, Failure> {
        let folder = self.policies.display().to_string();
        let mut arguments = vec!["serve", "--policies", &folder];
        if !commits {
            arguments.push("--without-commit");
        }
        let Setting { tools, cores, folder, .. } = setting;
        let program = std::env::current_exe()?;
        let on = room.cores(cores);
        let process = Process::start("gateway", &program, &arguments, tools, &on, folder, self.partner)?;
        // It has one worker, the thread that it began with.
        process.keep_first_thread_on(cores.measured, tools)?;
        Ok(Gateway { process, address: self.partner })
    }

    /// Has the journal alone take exchanges, for so long or so many.
    pub(crate) fn raw(&self, setting: &Setting, room: Room, connections: u32, until: Until) -> Result<Sample, Failure> {
        let (option, most) = match until {
            Until::Seconds(seconds) => ("--seconds", seconds),
            Until::Exchanges(exchanges) => ("--exchanges", exchanges),
        };
        let output = Command::new(&setting.tools.taskset)
            .args(["--cpu-list", &room.cores(setting.cores)])
            .arg(std::env::current_exe()?)
            .args(["raw", "--connections", &connections.to_string(), option, &most.to_string(), "--policies"])
            .arg(&self.policies)
            .arg("--token")
            .arg(setting.token)
            .arg("--payload")
            .arg(setting.payload)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let line = said.lines().find_map(|line| line.strip_prefix("RESULT ")).unwrap_or_default();
        let figures: Vec<f64> = line.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
        let &[exchanges, microseconds, p50_us, p99_us, processor] = figures.as_slice() else {
            return Err(Failure::step("the journal alone", String::from_utf8_lossy(&output.stderr)));
        };
        let requests_per_second = exchanges * 1e6 / microseconds;
        Ok(Sample { requests_per_second, p50_us, p99_us, processor_us: processor / exchanges })
    }
}

/// When the measurement of the journal alone ends.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    Seconds(u64),
    Exchanges(u64),
}

/// A gateway that is listening.
pub(crate) struct Gateway {
    process: Process,
    address: SocketAddr,
}

impl Gateway {
    /// Processor time of all its threads so far, in seconds.
    pub(crate) fn processor_seconds(&self) -> Result<f64, Failure> {
        self.process.processor_seconds()
    }

    /// The end of what it said.
    pub(crate) fn last_words(&self) -> String {
        self.process.last_words()
    }

    /// What is loaded.
    pub(crate) fn target(&self) -> Target<'_> {
        Target { name: "the gateway", address: self.address, path: PATH, process: &self.process }
    }
}
