//! Which plugin is in quarantine for which partner, and whose messages are parked behind others.
//!
//! This is what this process knows: it is forgotten when the process ends, and several gateways each find out for
//! themselves. What is parked is in the journal and outlives all of them. Every call of a plugin for a partner begins and
//! ends here; while no plugin has failed of late that costs one look at a number.

mod announcement;
mod backlog;
mod ending;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use portgate_core::policy;
use portgate_core::quarantine::{Call, Change, Quarantine, Standing};
use portgate_runtime::Plugin;
use tokio::sync::{Notify, mpsc};

use crate::configuration::Configuration;
use crate::metrics::FailedCalls;

use announcement::{Announced, Announcement, Left};
pub(crate) use announcement::{Announcements, announce};
pub(crate) use backlog::Pair;
pub(crate) use ending::{Ending, Size};

/// The standing of all plugins with all partners.
pub(crate) struct Quarantines {
    known: Mutex<HashMap<String, HashMap<String, Known>>>,
    /// How many pairs are known; nearly always none.
    count: AtomicUsize,
    announcements: mpsc::UnboundedSender<Announcement>,
    changed: Notify,
    failed: FailedCalls,
}

/// What is known of a plugin with a partner.
#[derive(Default)]
struct Known {
    /// Each build begins anew; while a reload goes on there can be two.
    builds: Vec<Build>,
    backlog: backlog::Backlog,
}

/// The plugin as it was admitted.
struct Build {
    identity: [u8; 32],
    digest: String,
    version: String,
    quarantine: Quarantine,
    /// What it failed with last, for operators.
    last_failure: String,
}

/// A plugin and the partner that it is called for.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) plugin: &'a Plugin,
    pub(crate) partner: &'a str,
    policy: policy::Quarantine,
    build: [u8; 32],
}

/// A call that was begun. One that is dropped without an end says nothing about the plugin.
#[must_use]
pub(crate) struct CallGuard<'a> {
    quarantines: &'a Quarantines,
    /// None if nothing was known of this plugin and partner when the call began.
    watched: Option<Watched>,
}

struct Watched {
    plugin: String,
    partner: String,
    build: [u8; 32],
    call: Call,
}

/// What a plugin's failure means for what it failed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// The plugin was called as usual, and what it failed on is to blame as much as the plugin.
    Tolerated,
    /// The plugin is out or on trial, and what it failed on may be fine.
    Quarantined,
}

/// One plugin that is out for one partner.
pub(crate) struct Listed {
    pub(crate) plugin: String,
    pub(crate) version: String,
    pub(crate) digest: String,
    pub(crate) partner: String,
    pub(crate) standing: Standing,
    pub(crate) relapses: u32,
    pub(crate) last_failure: String,
}

impl Configuration {
    /// A plugin and the partner that it is called for, under the policy of this configuration.
    pub(crate) fn subject<'a>(&self, plugin: &'a Plugin, partner: &'a str) -> Subject<'a> {
        let name = &plugin.manifest().name;
        let policy = self.policies.plugins.get(name).map(|policy| policy.quarantine).unwrap_or_default();
        Subject { plugin, partner, policy, build: self.builds.get(name).copied().unwrap_or_default() }
    }
}

impl Subject<'_> {
    pub(crate) fn policy(&self) -> &policy::Quarantine {
        &self.policy
    }

    /// Tells the plugin's builds apart.
    pub(crate) fn build(&self) -> [u8; 32] {
        self.build
    }

    fn name(&self) -> &str {
        &self.plugin.manifest().name
    }
}

impl Quarantines {
    pub(crate) fn new(failed: FailedCalls) -> (Self, Announcements) {
        let (announcements, announced) = mpsc::unbounded_channel();
        let quarantines = Quarantines {
            known: Mutex::default(),
            count: AtomicUsize::new(0),
            announcements,
            changed: Notify::new(),
            failed,
        };
        (quarantines, Announcements(announced))
    }

    /// Begins a call, unless the plugin may not be called for the partner now.
    ///
    /// # Errors
    ///
    /// When it is worth asking again.
    pub(crate) fn begin(&self, of: &Subject<'_>, now: Timestamp) -> Result<CallGuard<'_>, Timestamp> {
        self.watched(of, |quarantine| quarantine.begin(now))
    }

    /// Begins a call that is made in any case, because what the plugin is to read will not be there later.
    pub(crate) fn begin_regardless(&self, of: &Subject<'_>, now: Timestamp) -> CallGuard<'_> {
        let begun = self.watched(of, |quarantine| Ok(quarantine.begin_regardless(now)));
        begun.unwrap_or(CallGuard { quarantines: self, watched: None })
    }

    fn watched(
        &self,
        of: &Subject<'_>,
        begin: impl FnOnce(&mut Quarantine) -> Result<Call, Timestamp>,
    ) -> Result<CallGuard<'_>, Timestamp> {
        let nothing = CallGuard { quarantines: self, watched: None };
        if self.knows_nothing() {
            return Ok(nothing);
        }
        let mut known = self.lock();
        let Some(build) = known.build(of.name(), of.partner, of.build) else { return Ok(nothing) };
        let call = begin(&mut build.quarantine)?;
        let (plugin, partner) = (of.name().to_owned(), of.partner.to_owned());
        Ok(CallGuard { quarantines: self, watched: Some(Watched { plugin, partner, build: of.build, call }) })
    }

    /// How a plugin stands with a partner now.
    pub(crate) fn standing(&self, of: &Subject<'_>, now: Timestamp) -> Standing {
        if self.knows_nothing() {
            return Standing::Closed;
        }
        let mut known = self.lock();
        let build = known.build(of.name(), of.partner, of.build);
        build.map_or(Standing::Closed, |build| build.quarantine.standing(now))
    }

    /// Every plugin that is out for a partner.
    pub(crate) fn list(&self, now: Timestamp) -> Vec<Listed> {
        let mut listed = Vec::new();
        for (plugin, partners) in self.lock().0.iter_mut() {
            for (partner, known) in partners {
                listed.extend(known.builds.iter_mut().filter_map(|build| {
                    let standing = build.quarantine.standing(now);
                    (standing != Standing::Closed).then(|| Listed {
                        plugin: plugin.clone(),
                        version: build.version.clone(),
                        digest: build.digest.clone(),
                        partner: partner.clone(),
                        standing,
                        relapses: build.quarantine.relapses(),
                        last_failure: build.last_failure.clone(),
                    })
                }));
            }
        }
        listed.sort_by(|one, other| (&one.plugin, &one.partner).cmp(&(&other.plugin, &other.partner)));
        listed
    }

    /// Forgets that a plugin has ever failed for a partner. Gives back whether it was out.
    pub(crate) fn lift(
        &self,
        plugin: &str,
        partner: &str,
        operator: &portgate_store::Operator,
        now: Timestamp,
    ) -> bool {
        let mut known = self.lock();
        let builds = known.0.get_mut(plugin).and_then(|partners| partners.get_mut(partner));
        let builds = builds.map(|known| std::mem::take(&mut known.builds)).unwrap_or_default();
        drop(known);
        let mut lifted = false;
        for mut build in builds {
            if build.quarantine.standing(now) != Standing::Closed {
                lifted = true;
                self.announce(plugin, partner, &build, Announced::Left(Left::Lifted(operator.clone())), now);
            }
        }
        self.changed.notify_one();
        lifted
    }

    /// Forgets builds that are gone, and what has been good for long enough.
    pub(crate) fn tidy(&self, configuration: &Configuration, now: Timestamp) {
        if self.knows_nothing() {
            return;
        }
        let mut replaced = Vec::new();
        let mut known = self.lock();
        for (name, partners) in known.0.iter_mut() {
            let now_is = configuration.builds.get(name);
            let policy = configuration.policies.plugins.get(name).map(|policy| policy.quarantine).unwrap_or_default();
            for (partner, known) in partners.iter_mut() {
                let gone = |build: &mut Build| now_is != Some(&build.identity);
                for mut build in known.builds.extract_if(.., gone) {
                    if build.quarantine.standing(now) != Standing::Closed {
                        replaced.push((name.clone(), partner.clone(), build));
                    }
                }
                known.builds.retain_mut(|build| !build.quarantine.is_forgettable(&policy, now));
            }
            partners.retain(|_, known| !known.builds.is_empty() || known.backlog.is_known());
        }
        known.0.retain(|_, partners| !partners.is_empty());
        self.count.store(known.0.values().map(HashMap::len).sum(), Ordering::Release);
        drop(known);
        for (plugin, partner, build) in replaced {
            self.announce(&plugin, &partner, &build, Announced::Left(Left::Replaced), now);
        }
    }

    /// Completes when something may be taken up that could not be before.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Has what is parked looked at.
    pub(crate) fn look_again(&self) {
        self.changed.notify_one();
    }

    fn failed(&self, of: &Subject<'_>, watched: Option<Watched>, detail: &str, now: Timestamp) -> Consequence {
        self.failed.count(of.name(), of.partner);
        let mut known = self.lock();
        let (name, partner, policy) = (of.name(), of.partner, of.policy);
        let build = known.build_or_new(of);
        self.count.fetch_max(1, Ordering::Release);
        build.last_failure.replace_range(.., detail);
        // A call that began while nothing was known counts too, unless the plugin has been quarantined in the meantime.
        let call = watched.map_or_else(|| Quarantine::default().begin_regardless(now), |watched| watched.call);
        let change = build.quarantine.ended(call, true, &policy, now);
        let consequence = match (change, build.quarantine.standing(now)) {
            (Change::Opened(_), _) | (_, Standing::Closed) => Consequence::Tolerated,
            (_, Standing::Open { .. } | Standing::HalfOpen { .. }) => Consequence::Quarantined,
        };
        let relapses = build.quarantine.relapses();
        let announced = match change {
            Change::Opened(until) => Announced::Entered { until, relapses },
            Change::Reopened(until) => Announced::Stayed { until, relapses },
            Change::Closed | Change::None => return consequence,
        };
        self.announce(name, partner, build, announced, now);
        consequence
    }

    fn succeeded(&self, watched: Watched, now: Timestamp) {
        let mut known = self.lock();
        let Watched { plugin, partner, build, call } = watched;
        let Some(build) = known.build(&plugin, &partner, build) else { return };
        // Every policy judges a success in the same way, so the default one will do.
        if build.quarantine.ended(call, false, &policy::Quarantine::default(), now) == Change::Closed {
            self.announce(&plugin, &partner, build, Announced::Left(Left::Recovered), now);
            self.changed.notify_one();
        }
    }

    fn withdrawn(&self, watched: Watched) {
        let mut known = self.lock();
        if let Some(build) = known.build(&watched.plugin, &watched.partner, watched.build) {
            build.quarantine.withdrawn(watched.call);
        }
    }

    fn announce(&self, plugin: &str, partner: &str, build: &Build, announced: Announced, at: Timestamp) {
        let announcement = Announcement {
            plugin: plugin.to_owned(),
            version: build.version.clone(),
            digest: build.digest.clone(),
            partner: partner.to_owned(),
            failure: build.last_failure.clone(),
            announced,
            at,
        };
        // Nobody listens any more when the gateway has ended.
        let _ = self.announcements.send(announcement);
    }

    fn knows_nothing(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    fn lock(&self) -> Locked<'_> {
        // Nothing in here panics half-way through a change.
        Locked(self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is known, while nobody else changes it.
struct Locked<'a>(MutexGuard<'a, HashMap<String, HashMap<String, Known>>>);

impl Locked<'_> {
    fn build(&mut self, plugin: &str, partner: &str, identity: [u8; 32]) -> Option<&mut Build> {
        let known = self.0.get_mut(plugin)?.get_mut(partner)?;
        known.builds.iter_mut().find(|build| build.identity == identity)
    }

    fn build_or_new(&mut self, of: &Subject<'_>) -> &mut Build {
        let builds = &mut self.known_or_new(of.name(), of.partner).builds;
        let found = builds.iter().position(|build| build.identity == of.build);
        let index = found.unwrap_or_else(|| {
            builds.push(Build {
                identity: of.build,
                digest: of.plugin.digest().to_owned(),
                version: of.plugin.manifest().version.clone(),
                quarantine: Quarantine::default(),
                last_failure: String::new(),
            });
            builds.len() - 1
        });
        &mut builds[index]
    }

    fn known_or_new(&mut self, plugin: &str, partner: &str) -> &mut Known {
        self.0.entry(plugin.to_owned()).or_default().entry(partner.to_owned()).or_default()
    }
}

impl CallGuard<'_> {
    /// The plugin has returned something that is right in itself.
    pub(crate) fn succeeded(mut self) {
        if let Some(watched) = self.watched.take() {
            self.quarantines.succeeded(watched, Timestamp::now());
        }
    }

    /// The call has ended like this.
    pub(crate) fn ended(self, of: &Subject<'_>, ending: &Ending) -> Consequence {
        match ending {
            Ending::Good => self.succeeded(),
            Ending::Failed(detail) => return self.failed(of, detail),
            Ending::Silent => {}
        }
        Consequence::Tolerated
    }

    /// The plugin has misbehaved.
    pub(crate) fn failed(mut self, of: &Subject<'_>, detail: &str) -> Consequence {
        let watched = self.watched.take();
        self.quarantines.failed(of, watched, detail, Timestamp::now())
    }
}

impl Drop for CallGuard<'_> {
    fn drop(&mut self) {
        if let Some(watched) = self.watched.take() {
            self.quarantines.withdrawn(watched);
        }
    }
}
