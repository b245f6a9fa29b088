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
use portgate_http::auth::KeySets;
use portgate_http::connection::{self, ConnectionLimits, Report, Shutdown};
use portgate_http::tls::TlsFiles;
use portgate_runtime::{Compiler, Engine, EngineConfig};
use portgate_store::{Intake, Journal};

use crate::approval::{self, Ruling, Waiting, unjudged};
use crate::audit::{self, Audit, signing_key};
use crate::certificates::Certificates;
use crate::clock::now;
use crate::configuration::{
    Configuration, Fingerprint, Folder, Loaded, RefusedPlugin, SharedResources, canonical_schemas, depended_on, guard,
    load, to_keep,
};
use crate::events::{EventIds, KEY_PURPOSE};
use crate::gateway::Gateway;
use crate::quarantine::Announcements;
use crate::refused::Unwritten;
use crate::reload::Watched;
use crate::state::State;
use crate::supervisor::Stops;
use crate::throttle::Rates;
use crate::{journal, nats, observed, operator, tasks};

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
        let certificates = Certificates::new(tls.clone(), folder.secrets(&settings.paths));
        let (state, announcements, unwritten) =
            State::new(configuration, journal, intake, audit, event_ids, certificates);
        state.codes.refresh(&*state.journal).await.map_err(journal::failed)?;
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
        let Server { state, announcements, unwritten, shared, folder, fingerprint, waiting, tls, partners, operators } =
            self;
        state.metrics.changes_waiting.set(i64::from(waiting.is_some()));
        let settings = state.configuration.load().policies.gateway.clone();
        let patience = Duration::from_millis(settings.deadlines.shutdown_ms);
        let worker = format!("{}-{}", partners.local_addr(), std::process::id());
        let watched = Watched { folder, shared, tls, taken: fingerprint, waiting };
        let mut tasks = tasks::begin(&state, watched, announcements, unwritten, worker).await;
        let (shutdown, operators_shutdown) = (state.stopping.clone(), Shutdown::new());
        let gateway = Arc::new(Gateway::new(Arc::clone(&state)));
        let mut partner_api = tokio::spawn(partners.serve(gateway, shutdown.clone()));
        let operator_api = Arc::new(operator::OperatorApi::new(Arc::clone(&state)));
        let mut operator_api = tokio::spawn(operators.serve(operator_api, operators_shutdown.clone()));
        // A listener ends when it is told to. One that has panicked takes the gateway with it, which is started anew then:
        // better than one that nobody can reach.
        let mut panicked = None;
        let mut served = None;
        tokio::select! {
            () = stop => {}
            ended = &mut partner_api => served = Some(ended),
            ended = &mut operator_api => panicked = ended.err(),
        }
        shutdown.begin();
        let served = match served {
            Some(ended) => ended,
            None => partner_api.await,
        };
        let report = served.unwrap_or_else(|error| {
            panicked = Some(error);
            Report::default()
        });
        // Operators see the gateway drain until the last partner is served.
        tasks.stop(Stops::WithRequests, patience).await;
        operators_shutdown.begin();
        if !operator_api.is_finished() {
            let _ = operator_api.await;
        }
        tasks.stop(Stops::WithOperators, Duration::ZERO).await;
        let configuration = state.configuration.load_full();
        let keep_once = observed::keep_once(&state.observed, &configuration, &*state.journal);
        match tokio::time::timeout(patience, keep_once).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what plugins used since it was last kept is lost"),
            Err(_) => tracing::warn!("what plugins used since it was last kept is lost: the journal does not answer"),
        }
        tasks.stop(Stops::Last, Duration::ZERO).await;
        state.audit.stopped().await;
        state.journal.close(patience).await;
        if let Some(panic) = panicked.and_then(|error| error.try_into_panic().ok()) {
            tracing::error!("a listener has panicked; the gateway has ended in good order otherwise");
            std::panic::resume_unwind(panic);
        }
        report.aborted
    }
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
    let shared = shared_resources(folder, compiling, policies, rates)?;
    let Loaded { configuration, .. } = load(folder, &shared, None, before, refused)?;
    Ok((shared, configuration))
}

/// What outlives every configuration.
pub(crate) fn shared_resources(
    folder: &Folder,
    compiling: Compiling,
    policies: &Policies,
    rates: &Rates,
) -> Result<SharedResources, Vec<Mistake>> {
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
    Ok(SharedResources { engine, key_sets, documents: Arc::new(documents), rates: rates.clone() })
}

pub(crate) fn tls(folder: &Folder, settings: &Settings) -> Result<Option<Arc<TlsFiles>>, Vec<Mistake>> {
    let Some(tls) = &settings.tls else {
        return Ok(None);
    };
    let client_ca = tls.client_ca.as_ref().map(|path| folder.resolve(path));
    let (certificate, key) = (folder.resolve(&tls.certificate), folder.resolve(&tls.key));
    let files = TlsFiles::load(&certificate, &key, client_ca.as_deref(), guard(&settings.paths));
    files.map(Some).map_err(|error| vec![Mistake::whole_file("gateway.toml", format!("tls: {error}"), None)])
}
