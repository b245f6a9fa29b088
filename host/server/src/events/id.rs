//! The ids of events as their partner sees them: places that say nothing.
//!
//! The journal counts all events in one order, so that a place tells how much happened for everybody. A partner is given
//! its places encrypted, always as long and always the same for the same place, under a key that all gateways of the
//! journal share. It can be understood here alone, and only where this partner sends it.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portgate_store::Cursor;

/// What the journal's shared key for these ids is called.
pub(crate) const KEY_PURPOSE: &str = "event-ids";

/// An encrypted place: its 16 bytes and the tag's 16, in base64url.
const ID_CHARACTERS: usize = 43;

/// Turns places into ids and back.
#[derive(Clone, Debug)]
pub(crate) struct EventIds(Arc<LessSafeKey>);

impl EventIds {
    /// Those of this key.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM_SIV, key).expect("the algorithm's keys have 32 bytes");
        EventIds(Arc::new(LessSafeKey::new(key)))
    }

    /// The id that this partner is given for a place.
    pub(crate) fn id(&self, partner: &str, place: Cursor) -> String {
        let mut bytes = place.to_bytes().to_vec();
        let sealed = self.0.seal_in_place_append_tag(nonce(), Aad::from(partner.as_bytes()), &mut bytes);
        sealed.expect("sixteen bytes are never too many");
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place of an id that this partner was given; nothing where it is none.
    pub(crate) fn place(&self, partner: &str, id: &str) -> Option<Cursor> {
        let decoded = (id.len() == ID_CHARACTERS).then(|| URL_SAFE_NO_PAD.decode(id))?;
        let mut sealed = decoded.ok()?;
        let place = self.0.open_in_place(nonce(), Aad::from(partner.as_bytes()), &mut sealed).ok()?;
        Some(Cursor::from_bytes(<[u8; 16]>::try_from(&*place).ok()?))
    }
}

/// Always the same, so that one place has one id. AES-GCM-SIV (RFC 8452) is made for that: all that it gives away is
/// whether two texts are the same.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u8) -> Cursor {
        let mut bytes = [0; 16];
        bytes[15] = number;
        Cursor::from_bytes(bytes)
    }

    #[test]
    fn an_id_is_read_where_it_was_given_and_nowhere_else() {
        let ids = EventIds::new(&[7; 32]);
        let id = ids.id("carrier", place(42));
        assert_eq!(ids.place("carrier", &id), Some(place(42)));
        assert_eq!(ids.id("carrier", place(42)), id, "another gateway gives the same");
        assert_eq!(ids.place("broker", &id), None, "another partner's");
        assert_eq!(EventIds::new(&[8; 32]).place("carrier", &id), None, "another journal's");
    }

    #[test]
    fn ids_of_places_side_by_side_have_nothing_in_common() {
        let ids = EventIds::new(&[7; 32]);
        let decoded = |number| URL_SAFE_NO_PAD.decode(ids.id("carrier", place(number))).unwrap();
        for number in 0..100 {
            let (one, next) = (decoded(number), decoded(number + 1));
            let differing: u32 = one.iter().zip(&next).map(|(one, next)| (one ^ next).count_ones()).sum();
            assert!((64..192).contains(&differing), "{differing} of 256 bits");
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let ids = EventIds::new(&[7; 32]);
        let id = ids.id("carrier", place(1));
        let changed = format!("{}{}", if id.starts_with('A') { "B" } else { "A" }, &id[1..]);
        for bad in ["", "0-1", "x", &id[1..], &format!("{id}A"), &format!("{id}="), &changed, &"A".repeat(43)] {
            assert_eq!(ids.place("carrier", bad), None, "{bad}");
        }
    }
}
