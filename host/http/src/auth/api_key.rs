//! API keys: `X-Api-Key`, of which only the SHA-256 is kept.
//!
//! The key is hashed and the hash looked up in a map. That look-up need not take constant time: what it compares is the
//! hash of a guess, which nobody can steer towards a kept hash bit by bit, so its timing teaches nothing about a key. A
//! plain hash is enough because a key is long and random, unlike a password; that is why short ones are refused.

use std::collections::HashMap;
use std::sync::Arc;

use portgate_core::sha256::sha256;

use super::{AuthError, Identity, Method};

/// The shortest and longest key, in bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 32..=512;

/// All partners' API keys.
#[derive(Default)]
pub(super) struct ApiKeys {
    senders: HashMap<[u8; 32], Arc<str>>,
}

impl ApiKeys {
    /// Adds a key by its hash. If it is another's key already, that sender's name comes back instead.
    pub(super) fn add(&mut self, sha256: [u8; 32], sender: Arc<str>) -> Result<(), Arc<str>> {
        match self.senders.get(&sha256) {
            Some(other) => Err(Arc::clone(other)),
            None => {
                self.senders.insert(sha256, sender);
                Ok(())
            }
        }
    }

    /// Says whose key this is.
    pub(super) fn identify(&self, key: &str) -> Result<Identity, AuthError> {
        if !KEY_BYTES.contains(&key.len()) {
            let what = "it must have between 32 and 512 characters";
            return Err(AuthError::Malformed { credential: Method::ApiKey, what });
        }
        let sender = self.senders.get(&sha256(key.as_bytes())).ok_or(AuthError::UnknownApiKey)?;
        Ok(Identity { sender: Arc::clone(sender), method: Method::ApiKey, expires: None, signed: None })
    }
}
