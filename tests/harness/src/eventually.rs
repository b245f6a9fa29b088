//! Waiting for what comes in its own time.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long [`eventually`] waits: so long that on a busy machine only a fault takes longer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long it waits between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until `look` gives a value. Panics when it has given none for [`PATIENCE`], with `what` should have
/// come and what `look` saw instead at last.
pub async fn eventually<T, S: Display>(what: &str, mut look: impl AsyncFnMut() -> Result<T, S>) -> T {
    let began = Instant::now();
    loop {
        match look().await {
            Ok(value) => return value,
            Err(seen) if began.elapsed() > PATIENCE => {
                panic!("{what}: not within {} s; last seen: {seen}", PATIENCE.as_secs())
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
