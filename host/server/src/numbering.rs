//! Whose turn it is to use the next control numbers of an agreement, within this process. The journal decides between
//! several gateways; the turns keep the work of one from being done in vain.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// The turns of all agreements.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<Agreement, Arc<tokio::sync::Mutex<()>>>>);

/// A partner, and the name of an agreement with it.
type Agreement = (String, String);

/// The turn, until it is dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Turns {
    /// Waits until nobody else here works with the next numbers of an agreement.
    pub(crate) async fn next(&self, partner: &str, agreement: &str) -> Turn {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // As many as there are agreements; those that went with a policy are few.
            Arc::clone(turns.entry((partner.to_owned(), agreement.to_owned())).or_default())
        };
        turn.lock_owned().await
    }
}
