//! What keys are found by: hashes of one length, whatever they are made of.

use super::value::{hexadecimal, key_hash};
use crate::acceptance::RequestKey;

/// What the key that a partner's system has for a message is found by.
pub(crate) fn business_hash(partner: &str, contract: &str, key: &str) -> [u8; 16] {
    key_hash("business", partner, contract, key)
}

/// What a partner's key is found by.
pub(crate) fn request_hash(partner: &str, key: &RequestKey) -> [u8; 16] {
    match key {
        RequestKey::Idempotency { contract, key } => key_hash("idempotency", partner, contract, key),
        RequestKey::Webhook { id } => key_hash("webhook", partner, "", id),
        RequestKey::Content { sha256 } => key_hash("content", partner, "", &hexadecimal(sha256)),
        RequestKey::Interchange { sender, receiver, control_number } => {
            let parties = format!("{}:{sender}{receiver}", sender.len());
            key_hash("interchange", partner, &parties, control_number)
        }
        RequestKey::RefusedInterchange { fingerprint } => key_hash("refused", partner, "", &hexadecimal(fingerprint)),
        RequestKey::Message { contract, id } => key_hash("message", partner, contract, id),
        RequestKey::TakenUp { exchange } => key_hash("taken-up", partner, "", &exchange.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_one_text_are_different_where_their_partner_contract_or_kind_is() {
        let idempotency =
            |contract: &str| RequestKey::Idempotency { contract: contract.to_owned(), key: "one".to_owned() };
        let webhook = RequestKey::Webhook { id: "one".to_owned() };
        let message = |contract: &str| RequestKey::Message { contract: contract.to_owned(), id: "one".to_owned() };
        let content = |byte: u8| RequestKey::Content { sha256: [byte; 32] };
        let hashes = [
            request_hash("a", &idempotency("x")),
            request_hash("a", &idempotency("y")),
            request_hash("b", &idempotency("x")),
            request_hash("a", &idempotency("")),
            request_hash("a", &webhook),
            request_hash("b", &webhook),
            request_hash("a", &message("x")),
            request_hash("a", &message("y")),
            request_hash("b", &message("x")),
            request_hash("a", &message("")),
            request_hash("a", &content(1)),
            request_hash("a", &content(2)),
            request_hash("b", &content(1)),
        ];
        let different: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
    }
}
