//! Where a contract's version stands on a day: in service, on its way out, or gone.

use jiff::civil::Date;

use crate::manifest::Contract;

/// Where a contract's version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// In service, with no end in sight.
    Active,
    /// In service, but those who use it should move on (RFC 9745).
    Deprecated {
        /// The first day of it.
        since: Date,
        /// The day on which it ends, where that is known.
        sunset: Option<Date>,
    },
    /// In service until a known day, without being deprecated yet (RFC 8594).
    SunsetAhead {
        /// The first day without it.
        on: Date,
    },
    /// Out of service.
    Gone {
        /// The first day without it.
        since: Date,
    },
}

impl Lifecycle {
    /// Where `contract` stands on `today`. A day counts from its first instant, in UTC.
    pub fn of(contract: &Contract, today: Date) -> Lifecycle {
        match (contract.deprecated_on, contract.sunset_on) {
            (_, Some(since)) if since <= today => Lifecycle::Gone { since },
            (Some(since), sunset) if since <= today => Lifecycle::Deprecated { since, sunset },
            (_, Some(on)) => Lifecycle::SunsetAhead { on },
            _ => Lifecycle::Active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(today: &str, deprecated_on: Option<&str>, sunset_on: Option<&str>) -> Lifecycle {
        let contract: Contract = serde_json::from_value(serde_json::json!({
            "name": "order", "version": "1", "media_types": ["application/json"], "format": "json", "body_bytes_max": 1,
            "deprecated_on": deprecated_on, "sunset_on": sunset_on,
        }))
        .unwrap();
        Lifecycle::of(&contract, today.parse().unwrap())
    }

    #[test]
    fn each_state_begins_on_its_day() {
        let dates = (Some("2026-03-01"), Some("2026-06-01"));
        let sunset = "2026-06-01".parse().unwrap();
        let since = "2026-03-01".parse().unwrap();
        assert_eq!(on("2026-02-28", dates.0, dates.1), Lifecycle::SunsetAhead { on: sunset });
        assert_eq!(on("2026-03-01", dates.0, dates.1), Lifecycle::Deprecated { since, sunset: Some(sunset) });
        assert_eq!(on("2026-05-31", dates.0, dates.1), Lifecycle::Deprecated { since, sunset: Some(sunset) });
        assert_eq!(on("2026-06-01", dates.0, dates.1), Lifecycle::Gone { since: sunset });
        assert_eq!(on("2999-01-01", dates.0, None), Lifecycle::Deprecated { since, sunset: None });
        assert_eq!(on("2999-01-01", None, None), Lifecycle::Active);
    }
}
