//! The worker: finds out which destinations have something due, and has one task work for each.
//!
//! A destination that is disabled, or not in the policies any more, gets no task: what is due for it stays in the
//! journal, and goes out at its rate when it is back. Policies are looked at anew all the time; what is known of a
//! destination (breaker, connections, tokens) lives as long as its policy stays the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

use crate::destination::Destination;
use crate::destination_task::DestinationTask;
use crate::settings::Settings;

/// The longest time between two looks for due deliveries. Nothing is signalled when a delivery becomes due.
const LOOK: Duration = Duration::from_millis(500);
/// The shortest time between two looks, so that a stream of new deliveries does not mean one look each.
const PAUSE: Duration = Duration::from_millis(20);

/// Delivers what is due.
pub struct Deliverer {
    settings: Settings,
    known: HashMap<String, Arc<Destination>>,
    tasks: JoinSet<()>,
    running: HashMap<Id, String>,
    stop: watch::Sender<bool>,
}

impl Deliverer {
    /// A worker that has not begun.
    pub fn new(settings: Settings) -> Self {
        let (stop, _) = watch::channel(false);
        Deliverer { settings, known: HashMap::new(), tasks: JoinSet::new(), running: HashMap::new(), stop }
    }

    /// Delivers until `stop` ends, then finishes the attempts under way. Whoever cannot wait for those drops this: what
    /// was not settled is sent again under the same id when its lease has run out. After it was broken off it can be
    /// run again, and goes on with what it knows.
    pub async fn run(&mut self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut changes = self.settings.queue.changes();
        loop {
            changes.mark_unchanged();
            self.look().await;
            tokio::select! {
                () = &mut stop => break,
                // A journal that is gone signals nothing any more; then only the time leads to a look.
                Ok(()) = changes.changed() => {}
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended),
                () = tokio::time::sleep(LOOK) => {}
            }
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        // If nobody listens, no task is left.
        let _ = self.stop.send(true);
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.ended(ended);
        }
    }

    /// Sees to it that every destination with something due has a task.
    async fn look(&mut self) {
        let due = match self.settings.queue.destinations_due(self.settings.clock.now()).await {
            Ok(due) => due,
            Err(error) => return tracing::warn!(%error, "what is due cannot be read"),
        };
        let snapshot = self.settings.connectors.current();
        let running = &self.running;
        self.known.retain(|name, destination| {
            destination.is_current(&*snapshot) || running.values().any(|running| running == name)
        });
        for name in due {
            let policy = snapshot.destination(&name).filter(|policy| policy.delivery.enabled);
            let Some(policy) = policy else { continue };
            if self.running.values().any(|running| *running == name) {
                if let Some(destination) = self.known.get(&name) {
                    destination.due.notify_one();
                }
                continue;
            }
            let destination = match self.known.get(&name) {
                Some(destination) => Arc::clone(destination),
                None => match Destination::new(&name, policy, &self.settings) {
                    Ok(destination) => Arc::clone(self.known.entry(name.clone()).or_insert(Arc::new(destination))),
                    Err(error) => {
                        tracing::error!(destination = name, %error, "cannot be delivered to");
                        continue;
                    }
                },
            };
            let task = DestinationTask { destination, settings: self.settings.clone() };
            let task = self.tasks.spawn(task.work(self.stop.subscribe()));
            self.running.insert(task.id(), name);
        }
    }

    fn ended(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let name = self.running.remove(&id);
        if let Err(error) = ended {
            tracing::error!(destination = name, %error, "the task of a destination broke off");
        }
    }
}

#[cfg(test)]
mod tests;
