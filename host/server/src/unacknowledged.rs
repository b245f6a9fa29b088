//! Notices acknowledgements that do not come in time.

use std::time::Duration;

use portgate_store::{JournalError, Overdue};

use crate::clock::now;
use crate::intake::Intake;
use crate::state::State;

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many deliveries become overdue in one transaction.
const STEP: u32 = 100;

/// Says of each delivery whose acknowledgement is late that it is, until the task is dropped.
pub(crate) async fn watch(state: &State) {
    loop {
        match step(state).await {
            Ok(found) if found == STEP as usize => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "it is not known which acknowledgements are overdue"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn step(state: &State) -> Result<usize, JournalError> {
    let now = now();
    let late = state.journal.unacknowledged(now, STEP).await?;
    if late.is_empty() {
        return Ok(0);
    }
    let configuration = state.configuration.load();
    let intake = Intake { state, configuration: &configuration, now };
    let overdue = late.iter().map(|sent| Overdue { delivery: sent.delivery, told: intake.overdue(sent) }).collect();
    state.journal.keep_overdue(overdue, now).await?;
    for sent in &late {
        tracing::warn!(delivery = %sent.delivery, destination = sent.destination, agreement = sent.agreement, interchange = sent.numbers.interchange, "an acknowledgement is overdue");
    }
    Ok(late.len())
}
