//! The gateway as a whole: configuration loaded, listeners bound, watchers running, and its orderly end.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::admission::Admitted;
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::policy::{Gateway as Settings, Mistake, Policies};
use portgate_delivery::Deliverer;
use portgate_delivery::clock::SystemClock;
use portgate_delivery::resolve::SystemResolver;
use portgate_delivery::schedule::SystemRandom;
use portgate_http::auth::KeySets;
use portgate_http::connection::{self, ConnectionLimits, Shutdown};
use portgate_http::tls::TlsFiles;
use portgate_runtime::{Compiler, Engine, EngineConfig};
use portgate_store::{Deliveries, Intake, Journal};

use crate::approval::{self, Ruling, Waiting, unjudged};
use crate::audit::{self, Audit, sealer, signing_key};
use crate::clock::now;
use crate::configuration::{
    Configuration, Fingerprint, Folder, Loaded, RefusedPlugin, SharedResources, canonical_schemas, depended_on, guard,
    load, to_keep,
};
use crate::events::{EventIds, KEY_PURPOSE};
use crate::gateway::Gateway;
use crate::outbound::{DeliverySecrets, Outbound};
use crate::parked::TakingUp;
use crate::quarantine::{Announcements, announce};
use crate::refused::{self, Unwritten};
use crate::state::State;
use crate::throttle::Rates;
use crate::{journal, nats, observed, operator, reload};

/// How long a start that failed waits for its journal to close.
const GIVE_UP_WAIT: Duration = Duration::from_secs(5);

/// Where a gateway compiles its plugins.
#[derive(Clone, Debug)]
pub enum Compiling {
    /// In its own process and without caps: for tests, which wrote their plugins themselves.
    Here,
    /// By this program, in a process of its own within `[compilation]` of `gateway.toml`; see [`Compiler::Process`].
    By(PathBuf),
}

/// A gateway that is listening.
pub struct Server {
    state: Arc<State>,
    announcements: Announcements,
    unwritten: Unwritten,
    shared: Arc<SharedResources>,
    folder: Folder,
    fingerprint: Fingerprint,
    /// What the folder holds and was not taken up.
    waiting: Option<Waiting>,
    tls: Option<Arc<TlsFiles>>,
    partners: connection::Server,
    operators: connection::Server,
}

impl Server {
    /// Opens the journal, loads the folder, admits its plugins and binds both listeners.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the configuration, or the listener that could not be bound.
    pub async fn start(folder: Folder, compiling: Compiling) -> Result<Server, Vec<Mistake>> {
        Self::start_around(folder, compiling, |journal| journal).await
    }

    /// The same with something around the journal's intake, to measure or test what the journal does to the rest.
    ///
    /// # Errors
    ///
    /// As [`Server::start`].
    #[cfg(feature = "testing")]
    pub async fn start_with(
        folder: Folder,
        compiling: Compiling,
        around: impl FnOnce(Arc<dyn Intake>) -> Arc<dyn Intake>,
    ) -> Result<Server, Vec<Mistake>> {
        Self::start_around(folder, compiling, around).await
    }

    async fn start_around(
        folder: Folder,
        compiling: Compiling,
        around: impl FnOnce(Arc<dyn Intake>) -> Arc<dyn Intake>,
    ) -> Result<Server, Vec<Mistake>> {
        let folder = folder.as_it_is()?;
        let policies = folder.policies()?;
        let key = signing_key(&folder, &policies.gateway)?;
        let journal = journal::open(&folder, &policies.gateway).await?;
        let intake = around(Arc::clone(&journal) as Arc<dyn Intake>);
        let audit = Audit::new(Arc::clone(&journal), key);
        let started = Self::start_over(folder, compiling, &policies, audit.clone(), Arc::clone(&journal), intake).await;
        if let Err(mistakes) = &started {
            audit.not_taken_up(mistakes, &[]).await;
            // Whoever mends the mistake finds it free.
            journal.close(GIVE_UP_WAIT).await;
        }
        started
    }

    async fn start_over(
        folder: Folder,
        compiling: Compiling,
        policies: &Policies,
        audit: Audit,
        journal: Arc<dyn Journal>,
        intake: Arc<dyn Intake>,
    ) -> Result<Server, Vec<Mistake>> {
        let mut refused = Vec::new();
        let before = journal.admissions().await.map_err(journal::failed)?;
        let rates = Rates::with(journal.shared_rates());
        rates.meet().await;
        let fingerprint = look(&folder, policies).await?;
        let opened = open(&folder, compiling.clone(), policies, &rates, &before, &mut refused);
        audit.note(refused.iter().map(|plugin| audit::refused(plugin, now())).collect()).await;
        let opened = opened?;
        let ((shared, configuration), fingerprint, waiting) =
            match approval::judge(&*journal, &folder, &opened.1).await.map_err(unjudged)? {
                Ruling::Taken => (opened, fingerprint, None),
                Ruling::Waits(waiting) => {
                    // Two engines at once would reserve twice the addresses.
                    drop(opened);
                    let (accepted, fingerprint) =
                        open_accepted(&folder, compiling, &*journal, &rates, &before, &waiting).await?;
                    waiting.tell();
                    (accepted, fingerprint, Some(waiting))
                }
            };
        // What has changed since it was read is seen at the first look.
        let unchanged = folder.on_disk().as_it_is().is_ok_and(|now| now.given_texts() == folder.given_texts());
        let fingerprint = if unchanged { fingerprint } else { Fingerprint::new() };
        let settings = configuration.policies.gateway.clone();
        let tls = tls(&folder, &settings)?;
        if let Some(nats) = &settings.nats {
            let secrets = folder.secrets(&settings.paths);
            let checked = nats::check(nats, &secrets).await;
            checked.map_err(|error| vec![Mistake::whole_file("gateway.toml", format!("nats: {error}"), None)])?;
        }
        let limits = ConnectionLimits::new(&settings.deadlines, &settings.caps);
        let bind = |address, tls| {
            let bound = connection::Server::bind(address, limits.clone(), tls);
            async move {
                bound.await.map_err(|error| {
                    vec![Mistake::whole_file("gateway.toml", format!("listen: {address}: {error}"), None)]
                })
            }
        };
        let partners = bind(settings.listen.partner, tls.clone()).await?;
        let operators = bind(settings.listen.operator, None).await?;
        journal.admit(&to_keep(&configuration.plugins, Timestamp::now())).await.map_err(journal::failed)?;
        audit.started(&configuration).await.map_err(journal::failed)?;
        let event_ids = EventIds::new(&journal.shared_key(KEY_PURPOSE).await.map_err(journal::failed)?);
        let (state, announcements, unwritten) = State::new(configuration, journal, intake, audit, event_ids);
        Ok(Server {
            partners,
            operators,
            state: Arc::new(state),
            announcements,
            unwritten,
            shared: Arc::new(shared),
            folder: folder.on_disk(),
            fingerprint,
            waiting,
            tls,
        })
    }

    /// Where partners connect; the port is the real one where the policy says 0.
    pub fn partner_address(&self) -> SocketAddr {
        self.partners.local_addr()
    }

    /// Where operators connect.
    pub fn operator_address(&self) -> SocketAddr {
        self.operators.local_addr()
    }

    /// Serves until `stop` completes, then lets requests in flight finish. Returns how many did not in time.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> usize {
        let shutdown = self.state.stopping.clone();
        self.state.metrics.changes_waiting.set(i64::from(self.waiting.is_some()));
        let watcher = tokio::spawn(reload::watch(
            Arc::clone(&self.state),
            self.folder.clone(),
            Arc::clone(&self.shared),
            self.tls.clone(),
            self.fingerprint,
            self.waiting,
        ));
        let leasing = tokio::spawn(self.shared.rates.clone().lease());
        let cleaner = tokio::spawn(journal::clean(Arc::clone(&self.state)));
        let packer = tokio::spawn(journal::pack(Arc::clone(&self.state)));
        let state = Arc::clone(&self.state);
        let unwritten = self.unwritten;
        let refused = tokio::spawn(async move {
            refused::keep(unwritten, &*state.journal, &state.configuration).await;
        });
        let state = Arc::clone(&self.state);
        let keeper = tokio::spawn(async move {
            observed::keep(&state.observed, &state.configuration, &*state.journal).await;
        });
        let settings = self.state.configuration.load().policies.gateway.clone();
        let secrets = self.folder.secrets(&settings.paths);
        let publisher = settings.nats.map(|settings| {
            let publisher = nats::Publisher { settings, secrets: secrets.clone(), state: Arc::clone(&self.state) };
            tokio::spawn(publisher.run())
        });
        let sealer = tokio::spawn(sealer(self.state.audit.clone()));
        let (state, announcements) = (Arc::clone(&self.state), self.announcements);
        let announcer = tokio::spawn(async move {
            announce(&state.metrics, &state.audit, &*state.journal, announcements).await;
        });
        let worker = format!("{}-{}", self.partners.local_addr(), std::process::id());
        // What was parked before is known before anything can overtake it.
        let taking_up = TakingUp::begin(Arc::clone(&self.state), worker.clone()).await;
        let mut taking_up = tokio::spawn(taking_up.run());
        let deliverer = Deliverer::new(portgate_delivery::Settings {
            queue: Arc::clone(&self.state.journal) as Arc<dyn Deliveries>,
            worker,
            connectors: Arc::new(Outbound { state: Arc::clone(&self.state) }),
            secrets: Arc::new(DeliverySecrets(secrets)),
            resolver: Arc::new(SystemResolver),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        });
        let (stop_delivering, stopped) = tokio::sync::oneshot::channel::<()>();
        let mut deliverer = tokio::spawn(deliverer.run(async {
            // Whoever drops the other end wants it to stop as well.
            let _ = stopped.await;
        }));
        let patience = Duration::from_millis(settings.deadlines.shutdown_ms);
        let gateway = Arc::new(Gateway::new(Arc::clone(&self.state)));
        let partner_api = tokio::spawn(self.partners.serve(gateway, shutdown.clone()));
        let operator_api = Arc::new(operator::OperatorApi::new(Arc::clone(&self.state)));
        let operators_shutdown = Shutdown::new();
        let operator_api = tokio::spawn(self.operators.serve(operator_api, operators_shutdown.clone()));
        stop.await;
        shutdown.begin();
        let report = partner_api.await.unwrap_or_default();
        // Operators see the gateway drain until the last partner is served.
        drop(stop_delivering);
        if tokio::time::timeout(patience, &mut taking_up).await.is_err() {
            // What is under way stays parked until its lease has run out.
            taking_up.abort();
        }
        if tokio::time::timeout(patience, &mut deliverer).await.is_err() {
            // What is under way is sent again, under the same id, when its lease has run out.
            deliverer.abort();
        }
        operators_shutdown.begin();
        let _ = operator_api.await;
        watcher.abort();
        cleaner.abort();
        packer.abort();
        refused.abort();
        leasing.abort();
        keeper.abort();
        let configuration = self.state.configuration.load_full();
        let keep_once = observed::keep_once(&self.state.observed, &configuration, &*self.state.journal);
        match tokio::time::timeout(patience, keep_once).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what plugins used since it was last kept is lost"),
            Err(_) => tracing::warn!("what plugins used since it was last kept is lost: the journal does not answer"),
        }
        announcer.abort();
        if let Some(publisher) = publisher {
            // What it has published and not noted yet is published again, and known by its id.
            publisher.abort();
        }
        sealer.abort();
        self.state.audit.stopped().await;
        self.state.journal.close(patience).await;
        report.aborted
    }
}

/// Checks everything that [`Server::start`] would refuse, without listening. The journal is left alone, so that a gateway
/// can be at work beside it; so whether a plugin's version goes back is not asked. Says in one sentence what there is.
///
/// # Errors
///
/// Every mistake, of all files.
pub fn check(folder: &Folder, compiling: Compiling) -> Result<String, Vec<Mistake>> {
    let (_, configuration) =
        open(folder, compiling, &folder.policies()?, &Rates::alone(), &BTreeMap::new(), &mut Vec::new())?;
    tls(folder, &configuration.policies.gateway)?;
    let contracts: usize = configuration.contracts.values().map(Vec::len).sum();
    let rebuilds = match configuration.policies.ceiling.rebuilds {
        true => {
            " Signed plugins may come again under the same version (ceiling.toml, rebuilds): for development alone."
        }
        false => "",
    };
    let crowded: String = configuration.crowded_contracts().iter().map(|sentence| format!(" {sentence}")).collect();
    Ok(format!(
        "No mistakes: {} partners, {} plugins, {contracts} contracts, {} forward routes.{rebuilds}{crowded}",
        configuration.partners.len(),
        configuration.plugins.len(),
        configuration.policies.routes.forward.len(),
    ))
}

/// The parts that outlive every configuration, and the first configuration.
type Opened = (SharedResources, Configuration);

/// Opens the policies as they were accepted, because what the folder holds has to wait.
async fn open_accepted(
    folder: &Folder,
    compiling: Compiling,
    journal: &dyn Journal,
    rates: &Rates,
    before: &BTreeMap<String, Admitted>,
    waiting: &Waiting,
) -> Result<(Opened, Fingerprint), Vec<Mistake>> {
    let refused = |mistakes: Vec<Mistake>| waiting.refusal(&approval::joined(&mistakes));
    let accepted = folder.with(approval::accepted_policies(journal).await.map_err(unjudged)?);
    let policies = accepted.policies().map_err(refused)?;
    let fingerprint = look(&accepted, &policies).await?;
    let opened = open(&accepted, compiling, &policies, rates, before, &mut Vec::new()).map_err(refused)?;
    let excess = approval::excess(journal, &accepted, &opened.1).await.map_err(unjudged)?;
    match excess.is_empty() {
        true => Ok((opened, fingerprint)),
        false => Err(waiting.refusal(&format!("components are others by now: {}", approval::sentences(&excess)))),
    }
}

/// The state of all files that a configuration under these policies depends on. Taken before they are read, so that a
/// change in between is seen later.
async fn look(folder: &Folder, policies: &Policies) -> Result<Fingerprint, Vec<Mistake>> {
    let fingerprint = folder.fingerprint(depended_on(folder, policies)).await;
    fingerprint.map_err(|unanswered| vec![Mistake::whole_file(".", unanswered.to_string(), None)])
}

/// Opens the policies of this folder.
fn open(
    folder: &Folder,
    compiling: Compiling,
    policies: &Policies,
    rates: &Rates,
    before: &BTreeMap<String, Admitted>,
    refused: &mut Vec<RefusedPlugin>,
) -> Result<Opened, Vec<Mistake>> {
    if policies.ceiling.rebuilds {
        tracing::warn!(
            "signed plugins may come again under the same version: ceiling.toml, rebuilds; for development alone"
        );
    }
    let settings = &policies.gateway;
    let engine = Engine::new(EngineConfig {
        cache: folder.resolve(&settings.paths.cache),
        calls_in_flight_max: settings.caps.requests_in_flight_max,
        memory_bytes_max: policies.ceiling.limits.memory_bytes_max,
        table_elements_max: policies.ceiling.limits.table_elements_max,
        compiler: match compiling {
            Compiling::Here => Compiler::InProcess,
            Compiling::By(program) => Compiler::Process { program, caps: settings.compilation.clone() },
        },
    });
    let engine =
        engine.map_err(|error| vec![Mistake::whole_file("gateway.toml", format!("paths.cache: {error}"), None)])?;
    let documents = DocumentSchemas::new(canonical_schemas()).map_err(|problem| {
        vec![Mistake::whole_file("", format!("the canonical schemas are unusable: {problem}"), None)]
    })?;
    let key_sets = Arc::new(KeySets::new(folder.secrets(&settings.paths)));
    let shared = SharedResources { engine, key_sets, documents: Arc::new(documents), rates: rates.clone() };
    let Loaded { configuration, .. } = load(folder, &shared, None, before, refused)?;
    Ok((shared, configuration))
}

fn tls(folder: &Folder, settings: &Settings) -> Result<Option<Arc<TlsFiles>>, Vec<Mistake>> {
    let Some(tls) = &settings.tls else {
        return Ok(None);
    };
    let client_ca = tls.client_ca.as_ref().map(|path| folder.resolve(path));
    let (certificate, key) = (folder.resolve(&tls.certificate), folder.resolve(&tls.key));
    let files = TlsFiles::load(&certificate, &key, client_ca.as_deref(), guard(&settings.paths));
    files.map(Some).map_err(|error| vec![Mistake::whole_file("gateway.toml", format!("tls: {error}"), None)])
}
