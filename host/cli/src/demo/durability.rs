//! The demo's second act: a partner that is down, a gateway that is killed, and nothing that is lost.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::Scene;
use super::client::Client;
use super::gateway::GatewayProcess;
use super::script::Auth;

/// How long the portal may take until it has everything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A delivery as the partner sees it whose message it came of.
pub(super) struct Delivery {
    pub(super) id: String,
    pub(super) destination: String,
    pub(super) state: String,
}

impl Scene<'_> {
    /// Plays it and prints an account; true if nothing was lost and nothing was taken twice.
    pub(super) async fn nothing_is_lost(
        &self,
        gateway: &mut GatewayProcess,
        exchanges: &[(Auth, String)],
    ) -> Result<bool, String> {
        println!(
            "\nThe customer portal, which milestones, customs statuses and duties go to, was down all the time.\n"
        );
        let mut waiting = BTreeSet::new();
        for (auth, place) in exchanges {
            waiting.extend(self.deliveries(*auth, place).await?.into_iter().map(|delivery| delivery.id));
        }
        let began = Instant::now();
        while self.portal.refused() == 0 && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        println!("    {} deliveries wait; the portal has refused {} attempts.", waiting.len(), self.portal.refused());
        gateway.kill().await?;
        println!("    The gateway is killed (SIGKILL), and started again.");
        *gateway = GatewayProcess::start(&self.options.policies, self.settings).await?;
        gateway.listening(self.settings).await?;
        self.portal.set_down(false);
        let back = Instant::now();
        println!("    The portal is back.");
        while !waiting.iter().all(|id| self.portal.taken().contains_key(id)) {
            if back.elapsed() > PATIENCE {
                println!("    ✗ after {} s it has {} of them.", PATIENCE.as_secs(), self.portal.taken().len());
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = back.elapsed();
        for (auth, place) in exchanges {
            self.settled(*auth, place).await?;
        }
        let taken = self.portal.taken();
        let twice = taken.values().filter(|times| **times > 1).count();
        let ok = twice == 0 && !waiting.is_empty();
        let mark = if ok { "✓" } else { "✗" };
        println!("    {mark} {} ms later it has all {}, {twice} of them twice.", took.as_millis(), waiting.len());
        if let Some((auth, place)) = exchanges.iter().rev().find(|(auth, _)| matches!(auth, Auth::ApiKey(_))) {
            let (_, headers) = self.credentials.shell(*auth, "");
            println!("    curl -sS http://{}{place}{headers}", self.settings.partner);
        }
        println!();
        Ok(ok)
    }

    /// The deliveries of an exchange.
    pub(super) async fn deliveries(&self, auth: Auth, place: &str) -> Result<Vec<Delivery>, String> {
        let client = Client::new(self.settings.partner);
        let exchange = client.exchange(place, auth, self.credentials).await?;
        let deliveries = exchange["deliveries"].as_array().ok_or_else(|| format!("{place}: {exchange}"))?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let delivery = |delivery: &serde_json::Value| Delivery {
            id: text(&delivery["id"]),
            destination: text(&delivery["destination"]),
            state: text(&delivery["state"]),
        };
        Ok(deliveries.iter().map(delivery).collect())
    }

    /// Waits until the journal knows as well that everything of an exchange is delivered.
    async fn settled(&self, auth: Auth, place: &str) -> Result<(), String> {
        let began = Instant::now();
        while self.deliveries(auth, place).await?.iter().any(|delivery| delivery.state != "delivered") {
            if began.elapsed() > PATIENCE {
                return Err(format!("{place} is still not delivered"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}
