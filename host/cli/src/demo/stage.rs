//! What the parts of the demo are played on: the gateway, everybody around it, and the account of what happens between them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use super::client::{Answer, Client};
use super::credentials::Credentials;
use super::gateway::{GatewayProcess, Settings};
use super::message::{Message, Run};
use super::receiver::{Receiver, Taken};
use super::timeline::Timeline;

/// How long anything that is waited for may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The gateway's name in the account.
pub(super) const GATEWAY: &str = "portgate";

pub(super) struct Stage<'a> {
    pub(super) policies: &'a Path,
    pub(super) settings: &'a Settings,
    pub(super) credentials: &'a Credentials,
    pub(super) receivers: &'a BTreeMap<String, Receiver>,
    pub(super) gateway: &'a mut GatewayProcess,
    pub(super) client: Client,
    pub(super) run: Run,
    pub(super) timeline: Timeline,
    /// When the gateway was killed. What was under way then comes again.
    pub(super) killed: Vec<Timestamp>,
}

/// A message that the gateway took, and what it said to it.
pub(super) struct Sent {
    pub(super) answer: Answer,
    /// The path of its exchange.
    pub(super) place: String,
}

/// A delivery, as an operator sees it.
pub(super) struct Delivery {
    pub(super) id: String,
    destination: String,
    pub(super) state: String,
    /// The delivery under whose id it went out, where several went together.
    batch: Option<String>,
    findings: String,
}

impl Stage<'_> {
    /// The gateway is killed, and started again.
    pub(super) async fn loses_its_gateway(&mut self) -> Result<(), String> {
        self.gateway.kill().await?;
        Timeline::note(true, "the gateway is killed (SIGKILL), and started again");
        self.killed.push(Timestamp::now());
        *self.gateway = GatewayProcess::start(self.policies, self.settings).await?;
        self.gateway.listening(self.settings).await?;
        self.client = Client::new(self.settings.partner, self.settings.operator);
        Ok(())
    }

    /// A partner sends a message, which must be taken and become documents of these kinds.
    pub(super) async fn sends(&mut self, message: &Message, kinds: &[&str]) -> Result<Sent, String> {
        self.says(message, self.run.fill(message.payload), kinds).await
    }

    /// A partner says this by a message, which must be taken and become documents of these kinds.
    pub(super) async fn says(&mut self, message: &Message, payload: String, kinds: &[&str]) -> Result<Sent, String> {
        let answer = self.post(message, payload.into_bytes()).await?;
        let status = answer.status.as_u16();
        let (found, mut wanted) = (kinds_of(&answer.json), kinds.to_vec());
        wanted.sort_unstable();
        let ok = status == 200 && found == wanted;
        let outcome = match ok {
            true => format!("200 in {}{}", shown(answer.took), documents(&answer.json)),
            false => format!(
                "200 with {} was expected, and it is {status} with {}",
                wanted.join(", "),
                if found.is_empty() { reason(&answer.json) } else { found.join(", ") }
            ),
        };
        self.told(ok, message, &outcome)?;
        self.takes(message);
        Ok(Sent { place: answer.place.clone().unwrap_or_default(), answer })
    }

    /// A partner sends an interchange that must be taken, and is answered with its 997.
    pub(super) async fn answers_with_997(&mut self, message: &Message) -> Result<Sent, String> {
        self.answers_with(message, "997", "~AK9*A*1*1*1~").await
    }

    /// A partner sends an interchange, and is answered with an acknowledgement that says this.
    pub(super) async fn answers_with(&mut self, message: &Message, name: &str, says: &str) -> Result<Sent, String> {
        let answer = self.post(message, self.run.fill(message.payload).into_bytes()).await?;
        let status = answer.status.as_u16();
        let ok = status == 200 && answer.text.contains(&self.run.fill(says));
        let outcome = match ok {
            true => format!("200 in {}, acknowledged by a {name}", shown(answer.took)),
            false => format!("a {name} that takes it was expected, and it is {status}: {}", answer.text.trim()),
        };
        self.told(ok, message, &outcome)?;
        self.takes(message);
        Ok(Sent { place: answer.place.clone().unwrap_or_default(), answer })
    }

    /// A partner sends a message that must be refused as this problem.
    pub(super) async fn is_refused(
        &mut self,
        message: &Message,
        payload: Vec<u8>,
        status: u16,
        problem: &str,
    ) -> Result<(), String> {
        let answer = self.post(message, payload).await?;
        let found = answer.json["type"].as_str().unwrap_or_default();
        let ok = answer.status.as_u16() == status && found == format!("/problems/{problem}");
        let outcome = match ok {
            true => format!("{status} {problem}: {}", reason(&answer.json)),
            false => {
                format!("{status} {problem} was expected, and it is {} {found}", answer.status.as_u16())
            }
        };
        self.told(ok, message, &outcome)?;
        self.timeline.refused += 1;
        Ok(())
    }

    /// Everything of a message that goes to a partner must be taken there, and say all of this. What came of the first.
    pub(super) async fn delivers(&mut self, sent: &Sent, to: &str, what: &str, says: &[&str]) -> Result<Taken, String> {
        let deliveries = self.comes_to(sent, to, what, "delivered").await?;
        let mut all = Vec::new();
        for delivery in &deliveries {
            all.push(self.received(to, delivery).ok_or_else(|| format!("{to} never got {what}"))?);
        }
        let first = all.first().cloned().ok_or_else(|| format!("{what}: nothing goes to {to}"))?;
        for said in says {
            let said = self.run.fill(said);
            if !all.iter().any(|taken| taken.body.contains(&said) || taken.path.contains(&said)) {
                Timeline::tell(false, GATEWAY, to, what, &format!("`{said}` is not in it: {}", first.body));
                return Err(format!("what {to} got does not say `{said}`"));
            }
        }
        let Taken { method, path, body, status, .. } = &first;
        let place = path.split('?').next().unwrap_or_default();
        let outcome = match deliveries.len() {
            1 => format!("{status} to {method} {place} ({} bytes)", body.len()),
            several => format!("{status} to each of {several}"),
        };
        Timeline::tell(true, GATEWAY, to, what, &outcome);
        self.timeline.delivered += deliveries.len();
        if let Some(destination) = self.settings.destinations.get(to) {
            self.timeline.plugins.insert(destination.plugin.clone());
        }
        Ok(first)
    }

    /// Waits until everything of a message that goes to a partner is in this state, and gives it.
    pub(super) async fn comes_to(
        &self,
        sent: &Sent,
        to: &str,
        what: &str,
        state: &str,
    ) -> Result<Vec<Delivery>, String> {
        let began = Instant::now();
        loop {
            let deliveries = self.deliveries(&sent.place, Some(to)).await?;
            if !deliveries.is_empty() && deliveries.iter().all(|delivery| delivery.state == state) {
                return Ok(deliveries);
            }
            let over = deliveries.iter().find(|delivery| matches!(&*delivery.state, "dead" | "discarded"));
            if over.is_some() || began.elapsed() > PATIENCE || deliveries.is_empty() {
                let states: Vec<String> =
                    deliveries.iter().map(|one| format!("{} {}", one.state, one.findings)).collect();
                let outcome = match states.is_empty() {
                    true => "no route leads there".to_owned(),
                    false => format!("{state} was expected, and it is {}", states.join(", ")),
                };
                Timeline::tell(false, GATEWAY, to, what, &outcome);
                return Err(format!("{what} to {to}: {outcome}"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The deliveries of an exchange, or those of them that go to one partner.
    pub(super) async fn deliveries(&self, place: &str, to: Option<&str>) -> Result<Vec<Delivery>, String> {
        let exchange = self.client.look(place, self.credentials).await?;
        let deliveries = exchange["deliveries"].as_array().ok_or_else(|| format!("{place}: {exchange}"))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let delivery = |delivery: &Value| Delivery {
            id: text(&delivery["id"]),
            destination: text(&delivery["destination"]),
            state: text(&delivery["state"]),
            batch: delivery["batch"].as_str().map(str::to_owned),
            findings: delivery["findings"].as_array().filter(|all| !all.is_empty()).map_or_else(String::new, |all| {
                all.iter().map(|finding| text(&finding["detail"])).collect::<Vec<_>>().join(" ")
            }),
        };
        let deliveries = deliveries.iter().map(delivery);
        Ok(deliveries.filter(|delivery| to.is_none_or(|to| delivery.destination == to)).collect())
    }

    /// What a partner got of a delivery.
    pub(super) fn received(&self, partner: &str, delivery: &Delivery) -> Option<Taken> {
        let receiver = self.receivers.get(partner)?;
        receiver.taken(&delivery.id).or_else(|| receiver.taken(delivery.batch.as_deref()?))
    }

    /// The partner itself.
    pub(super) fn receiver(&self, partner: &str) -> Result<&Receiver, String> {
        self.receivers.get(partner).ok_or_else(|| format!("partners/{partner}.toml has no [delivery] to show"))
    }

    /// Sends a payload as this message.
    pub(super) async fn post(&self, message: &Message, payload: Vec<u8>) -> Result<Answer, String> {
        let sent = self.client.post(message, payload, self.credentials).await;
        sent.inspect_err(|problem| Timeline::tell(false, message.from.who(), GATEWAY, message.what, problem))
    }

    /// Tells what came of a message; an error where it is not what should have.
    pub(super) fn told(&self, ok: bool, message: &Message, outcome: &str) -> Result<(), String> {
        Timeline::tell(ok, message.from.who(), GATEWAY, message.what, outcome);
        if ok { Ok(()) } else { Err(format!("{} of {}: {outcome}", message.what, message.from.who())) }
    }

    /// Counts a message that was taken.
    pub(super) fn takes(&mut self, message: &Message) {
        self.timeline.taken += 1;
        self.timeline.plugins.extend(self.settings.plugins.get(message.contract).cloned());
    }
}

/// The kinds of the documents that came back, in alphabetical order.
fn kinds_of(answer: &Value) -> Vec<&str> {
    let documents = answer["documents"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut kinds: Vec<&str> = documents.iter().filter_map(|document| document["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

/// The documents that came back, the first with its key.
fn documents(answer: &Value) -> String {
    let documents = answer["documents"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(first) = documents.first() else { return String::new() };
    let text = |key: &str| first[key].as_str().unwrap_or_default();
    let more = match documents.len() {
        1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    format!(", {} {}{more}", text("kind"), text("key"))
}

/// Why something was refused: the first finding with its place, or what the problem says itself.
fn reason(problem: &Value) -> String {
    let text = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
    match problem["findings"].as_array().and_then(|findings| findings.first()) {
        Some(finding) => format!("{} {}", text(finding, "location"), text(finding, "detail")).trim().to_owned(),
        None => text(problem, "detail"),
    }
}

/// A time in a unit that fits.
pub(super) fn shown(took: Duration) -> String {
    match took.as_micros() {
        micros @ 0..10_000 => format!("{micros} µs"),
        micros => format!("{} ms", micros / 1000),
    }
}
