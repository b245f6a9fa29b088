//! What requests are known by when they come again.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::acceptance::{Answer, BusinessKey, KeptAnswer, RequestKey, TakenKey};
use crate::engine::Engine;
use crate::error::JournalError;
use crate::id::ExchangeId;
use crate::statements::{accept, request_key};

/// Remembers requests by their keys. Those of messages are kept by [`Intake`](super::Intake) together with them.
#[async_trait]
pub trait RequestKeys: Send + Sync {
    /// What is remembered for the keys of a partner's request, before any work is done. If another request has one of
    /// them, that decides; otherwise the first key that is known.
    async fn kept_answer(
        &self,
        partner: &str,
        keys: &[RequestKey],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, JournalError>;

    /// Which exchange of a sender and contract has this business key, and whether its fingerprint is the same.
    async fn known_business_key(
        &self,
        partner: &str,
        contract: &str,
        key: &BusinessKey,
    ) -> Result<Option<(ExchangeId, bool)>, JournalError>;

    /// Takes a key for a request whose effect is not kept in this journal, before the request has that effect. Of
    /// several that ask at the same time one takes it. If the key is known already nothing is done, and what is
    /// remembered for it is given back.
    async fn take_key(&self, taken: TakenKey) -> Result<Option<KeptAnswer>, JournalError>;

    /// Keeps the answer of the request that has taken a key; each repetition will get it.
    async fn keep_answer(&self, partner: &str, key: &RequestKey, answer: Answer) -> Result<(), JournalError>;

    /// Gives back a key whose request has had no effect. A key that has an answer stays.
    async fn give_key_back(&self, partner: &str, key: &RequestKey) -> Result<(), JournalError>;
}

#[async_trait]
impl<E: Engine> RequestKeys for E {
    async fn kept_answer(
        &self,
        partner: &str,
        keys: &[RequestKey],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, JournalError> {
        let asked = (partner.to_owned(), keys.to_vec(), fingerprint, now);
        self.read(asked, |sql, (partner, keys, fingerprint, now)| {
            Box::pin(request_key::kept_answer(sql, partner, keys, fingerprint, None, *now))
        })
        .await
    }

    async fn known_business_key(
        &self,
        partner: &str,
        contract: &str,
        key: &BusinessKey,
    ) -> Result<Option<(ExchangeId, bool)>, JournalError> {
        let asked = (partner.to_owned(), contract.to_owned(), key.clone());
        self.read(asked, |sql, (partner, contract, key)| {
            Box::pin(accept::known_business_key(sql, partner, contract, key))
        })
        .await
    }

    async fn take_key(&self, taken: TakenKey) -> Result<Option<KeptAnswer>, JournalError> {
        self.write(taken, |sql, taken| Box::pin(request_key::take(sql, taken))).await
    }

    async fn keep_answer(&self, partner: &str, key: &RequestKey, answer: Answer) -> Result<(), JournalError> {
        self.write((partner.to_owned(), key.clone(), answer), |sql, (partner, key, answer)| {
            Box::pin(request_key::keep_answer(sql, partner, key, answer))
        })
        .await
    }

    async fn give_key_back(&self, partner: &str, key: &RequestKey) -> Result<(), JournalError> {
        self.write((partner.to_owned(), key.clone()), |sql, (partner, key)| {
            Box::pin(request_key::give_back(sql, partner, key))
        })
        .await
    }
}
