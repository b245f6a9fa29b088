//! The tasks of a gateway: what works beside the requests, under which name, and when it stops.

use std::sync::Arc;

use portgate_core::policy::Nats;
use portgate_delivery::Deliverer;
use portgate_delivery::clock::SystemClock;
use portgate_delivery::resolve::SystemResolver;
use portgate_delivery::schedule::SystemRandom;
use portgate_http::connection::Shutdown;
use portgate_http::secrets::Secrets;
use portgate_store::{Deliveries, Exceptions, Filings, ReferenceTables, Shipments};

use portgate_workflow::{Composers, Packs, Plans, Worker};

use crate::audit::{Audit, sealer};
use crate::nats::Publisher;
use crate::outbound::{DeliverySecrets, Outbound};
use crate::parked::TakingUp;
use crate::quarantine::{Announcements, announce};
use crate::refused::{self, Unwritten};
use crate::reload::{Watched, watch};
use crate::shipments::Running;
use crate::state::State;
use crate::supervisor::{Stops, Supervisor, Task};
use crate::throttle::Rates;
use crate::{coded, journal, observed, unacknowledged};

/// Begins all of them. `worker` is what this gateway calls itself in the journal, for people to read.
pub(crate) async fn begin(
    state: &Arc<State>,
    watched: Watched,
    announcements: Announcements,
    unwritten: Unwritten,
    worker: String,
) -> Supervisor {
    let settings = state.configuration.load().policies.gateway.clone();
    let secrets = watched.folder.secrets(&settings.paths);
    let rates = watched.shared.rates.clone();
    // What was parked before is known before anything can overtake it.
    let taking_up = TakingUp::begin(Arc::clone(state), worker.clone()).await;
    let mut tasks = Supervisor::new(Arc::clone(&state.tasks));
    tasks.run("taking-up", Stops::WithRequests, taking_up);
    tasks.run("deliverer", Stops::WithRequests, deliverer(state, secrets.clone(), worker.clone()));
    tasks.run("reload", Stops::WithOperators, Reload(Arc::clone(state), watched));
    tasks.run("cleaner", Stops::WithOperators, Cleaner(Arc::clone(state)));
    tasks.run("counter", Stops::WithOperators, Counter(Arc::clone(state)));
    tasks.run("unacknowledged", Stops::WithOperators, Unacknowledged(Arc::clone(state)));
    tasks.run("coded", Stops::WithOperators, Coded(Arc::clone(state), worker.clone()));
    tasks.run("shipments", Stops::WithOperators, shipments(state, worker.clone()));
    tasks.run("packer", Stops::WithOperators, Packer(Arc::clone(state)));
    tasks.run("refused-keeper", Stops::WithOperators, RefusedKeeper(Arc::clone(state), unwritten));
    tasks.run("use-keeper", Stops::WithOperators, UseKeeper(Arc::clone(state)));
    if rates.are_shared() {
        tasks.run("rates", Stops::WithOperators, Leasing(rates));
    }
    tasks.run("announcer", Stops::Last, Announcer(Arc::clone(state), announcements));
    if let Some(settings) = settings.nats {
        tasks.run("nats", Stops::Last, publisher(state, settings, secrets));
    }
    tasks.run("sealer", Stops::Last, Sealer(state.audit.clone()));
    tasks
}

fn deliverer(state: &Arc<State>, secrets: Secrets, worker: String) -> Deliverer {
    Deliverer::new(portgate_delivery::Settings {
        queue: Arc::clone(&state.journal) as Arc<dyn Deliveries>,
        worker,
        connectors: Arc::new(Outbound { state: Arc::clone(state) }),
        secrets: Arc::new(DeliverySecrets(secrets)),
        resolver: Arc::new(SystemResolver),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    })
}

fn shipments(state: &Arc<State>, name: String) -> Worker {
    let running = Arc::new(Running(Arc::clone(state)));
    Worker {
        journal: Arc::clone(&state.journal) as Arc<dyn Shipments>,
        people: Arc::clone(&state.journal) as Arc<dyn Exceptions>,
        filings: Arc::clone(&state.journal) as Arc<dyn Filings>,
        reference: Arc::clone(&state.journal) as Arc<dyn ReferenceTables>,
        plans: Arc::clone(&running) as Arc<dyn Plans>,
        packs: Arc::clone(&running) as Arc<dyn Packs>,
        composers: Arc::clone(&running) as Arc<dyn Composers>,
        makes: running,
        name,
    }
}

fn publisher(state: &Arc<State>, settings: Nats, secrets: Secrets) -> Publisher {
    Publisher { settings, secrets, state: Arc::clone(state) }
}

/// Takes up what was parked. What is left under way stays parked until its lease has run out.
impl Task for TakingUp {
    async fn run(&mut self, stop: Shutdown) {
        TakingUp::run(self, stop).await;
    }
}

/// Delivers. What is left under way is sent again, under the same id, when its lease has run out.
impl Task for Deliverer {
    async fn run(&mut self, stop: Shutdown) {
        Deliverer::run(self, async move { stop.begun().await }).await;
    }
}

/// Takes up changed files.
struct Reload(Arc<State>, Watched);

impl Task for Reload {
    async fn run(&mut self, _: Shutdown) {
        watch(&self.0, &mut self.1).await;
    }
}

/// Removes what is past its time from the journal.
struct Cleaner(Arc<State>);

impl Task for Cleaner {
    async fn run(&mut self, _: Shutdown) {
        journal::clean(&self.0).await;
    }
}

/// Counts how well things go.
struct Counter(Arc<State>);

impl Task for Counter {
    async fn run(&mut self, _: Shutdown) {
        journal::count(&self.0).await;
    }
}

/// Notices acknowledgements that do not come in time.
struct Unacknowledged(Arc<State>);

impl Task for Unacknowledged {
    async fn run(&mut self, _: Shutdown) {
        unacknowledged::watch(&self.0).await;
    }
}

/// Goes on with what waited for codes. What is left under way is taken up when its lease has run out.
struct Coded(Arc<State>, String);

impl Task for Coded {
    async fn run(&mut self, _: Shutdown) {
        coded::go_on(&self.0, &self.1).await;
    }
}

/// Joins documents to shipments and puts these together. What is left under way is taken up when its lease has run out.
impl Task for Worker {
    async fn run(&mut self, _: Shutdown) {
        Worker::run(self).await;
    }
}

/// Packs what exchanges are found by.
struct Packer(Arc<State>);

impl Task for Packer {
    async fn run(&mut self, _: Shutdown) {
        journal::pack(&self.0).await;
    }
}

/// Keeps messages that were refused.
struct RefusedKeeper(Arc<State>, Unwritten);

impl Task for RefusedKeeper {
    async fn run(&mut self, _: Shutdown) {
        refused::keep(&mut self.1, &*self.0.journal, &self.0.configuration).await;
    }
}

/// Keeps what plugins were seen to use.
struct UseKeeper(Arc<State>);

impl Task for UseKeeper {
    async fn run(&mut self, _: Shutdown) {
        observed::keep(&self.0.observed, &self.0.configuration, &*self.0.journal).await;
    }
}

/// Leases rates that other gateways count as well.
struct Leasing(Rates);

impl Task for Leasing {
    async fn run(&mut self, _: Shutdown) {
        self.0.lease().await;
    }
}

/// Announces that plugins enter and leave quarantine.
struct Announcer(Arc<State>, Announcements);

impl Task for Announcer {
    async fn run(&mut self, _: Shutdown) {
        announce(&self.0.metrics, &self.0.audit, &*self.0.journal, &mut self.1).await;
    }
}

/// Publishes events to the message broker.
impl Task for Publisher {
    async fn run(&mut self, _: Shutdown) {
        Publisher::run(self).await;
    }
}

/// Seals the audit log.
struct Sealer(Audit);

impl Task for Sealer {
    async fn run(&mut self, _: Shutdown) {
        sealer(&self.0).await;
    }
}
