//! Identifiers: UUIDs of version 7 (RFC 9562 §5.7), made from the time they are given.
//!
//! The bits after the milliseconds hold the fraction of the millisecond (RFC 9562 §6.2, method 3), so that identifiers
//! of one clock grow and every index over them is appended to, never spread over.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::{NoContext, Uuid};

/// A new UUID of version 7 for this time. Times before 1970 count as 1970.
fn version_7(now: Timestamp) -> Uuid {
    let nanoseconds = u128::try_from(now.as_nanosecond()).unwrap_or(0);
    let seconds = u64::try_from(nanoseconds / 1_000_000_000).unwrap_or(u64::MAX);
    let subsecond = u32::try_from(nanoseconds % 1_000_000_000).unwrap_or(0);
    let mut bytes = Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, subsecond)).into_bytes();
    // 12 bits for a millisecond of 1,000,000 ns.
    let fraction = (u64::from(subsecond % 1_000_000) * 4096 / 1_000_000) as u16;
    bytes[6..8].copy_from_slice(&(0x7000 | fraction).to_be_bytes());
    Uuid::from_bytes(bytes)
}

/// The smallest identifier that can belong to this time.
pub(crate) fn first_at(time: Timestamp) -> Uuid {
    let mut bytes = version_7(time).into_bytes();
    bytes[8..].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0]);
    Uuid::from_bytes(bytes)
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) Uuid);

        impl $name {
            /// A new one, which sorts by this time.
            pub fn new(now: Timestamp) -> Self {
                $name(version_7(now))
            }

            /// As a UUID.
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// The time that it was made for, to the millisecond; nothing where it was made for none.
            pub fn time(&self) -> Option<Timestamp> {
                let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();
                Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            /// Takes the one form that [`Display`](fmt::Display) gives: lower case, with hyphens.
            fn from_str(text: &str) -> Result<Self, BadId> {
                let id = Uuid::try_parse(text).map_err(|_| BadId)?;
                if id.hyphenated().to_string() == text { Ok($name(id)) } else { Err(BadId) }
            }
        }
    };
}

identifier! {
    /// Names an exchange.
    ExchangeId
}
identifier! {
    /// Names a delivery, in every attempt and on every retry; the receiver sees it as the `Idempotency-Key`.
    DeliveryId
}
identifier! {
    /// Names an event; CloudEvents' `id`.
    EventId
}
identifier! {
    /// Names one claim on a delivery. Whoever claims the delivery afterwards has another, so a late settlement shows.
    ClaimId
}

identifier! {
    /// Names a shipment, after the first of its documents.
    ShipmentId
}

identifier! {
    /// Names an exception.
    ExceptionId
}

/// A text that is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: expected a UUID in lower case with hyphens")]
pub struct BadId;

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    #[test]
    fn identifiers_grow_with_time_by_the_microsecond() {
        let start: Timestamp = "2026-03-01T12:00:00.000001Z".parse().expect("a time");
        let ids: Vec<_> = (0..2_000).map(|n| ExchangeId::new(start + n.microseconds())).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.0.get_version_num() == 7));
    }

    #[test]
    fn the_first_identifier_of_a_time_is_before_all_of_that_time() {
        let now: Timestamp = "2026-03-01T12:00:00.123456Z".parse().expect("a time");
        assert!((0..100).all(|_| first_at(now) <= ExchangeId::new(now).0));
        assert!(first_at(now) > ExchangeId::new(now - 1.microsecond()).0);
    }

    #[test]
    fn only_the_form_that_is_printed_is_read() {
        let id = DeliveryId::new(Timestamp::UNIX_EPOCH);
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in [id.to_string().to_uppercase(), id.0.simple().to_string(), format!("{{{id}}}"), String::new()] {
            assert_eq!(bad.parse::<DeliveryId>(), Err(BadId), "{bad}");
        }
    }
}
