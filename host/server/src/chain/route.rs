//! Which contract, in which version: decided on the head alone, before anything is spent on the caller.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portgate_core::lifecycle::Lifecycle;

use super::{Account, Surroundings};
use crate::configuration::Contract;
use crate::refusal::Refusal;

/// Proof that the request names a contract that is in service.
pub(crate) struct Routed {
    pub(super) contract: Arc<Contract>,
    _made_here: (),
}

/// Finds the contract of `POST /v1/messages/{contract}/{version}`.
pub(super) fn route(around: &Surroundings<'_>, head: &Parts, account: &mut Account) -> Result<Routed, Refusal> {
    let names = head.uri.path().strip_prefix("/v1/messages/").and_then(|rest| rest.split_once('/'));
    let Some((name, version)) = names.filter(|(name, version)| is_name(name) && is_name(version)) else {
        return Err(Refusal::NotFound);
    };
    if head.method != Method::POST {
        return Err(Refusal::MethodNotAllowed { allow: "POST".into() });
    }
    let Some(versions) = around.configuration.contracts.get(name) else {
        return Err(Refusal::ContractUnknown { contract: name.to_owned() });
    };
    let Some(contract) = versions.iter().find(|contract| contract.version == version) else {
        let served = versions.iter().map(|contract| contract.version.clone()).collect();
        return Err(Refusal::VersionUnknown { contract: name.to_owned(), version: version.to_owned(), served });
    };
    account.contract = Some(Arc::clone(contract));
    let lifecycle = Lifecycle::of(&contract.declared, TimeZone::UTC.to_datetime(around.now).date());
    account.lifecycle = LifecycleHeaders::of(&lifecycle, contract.declared.documentation.as_deref());
    match lifecycle {
        Lifecycle::Gone { since } => {
            Err(Refusal::VersionSunset { contract: name.to_owned(), version: version.to_owned(), since })
        }
        Lifecycle::Active | Lifecycle::Deprecated { .. } | Lifecycle::SunsetAhead { .. } => {
            Ok(Routed { contract: Arc::clone(contract), _made_here: () })
        }
    }
}

/// Whether a path segment can be a contract's name or version at all; what cannot is never echoed.
fn is_name(segment: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    (1..=64).contains(&segment.len()) && segment.bytes().all(allowed)
}

/// `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the `Link` to the contract's page.
#[derive(Default)]
pub(crate) struct LifecycleHeaders {
    deprecation: Option<HeaderValue>,
    sunset: Option<HeaderValue>,
    link: Option<HeaderValue>,
}

impl LifecycleHeaders {
    fn of(lifecycle: &Lifecycle, documentation: Option<&str>) -> Self {
        let (since, sunset) = match lifecycle {
            Lifecycle::Active => return Self::default(),
            Lifecycle::Deprecated { since, sunset } => (Some(*since), *sunset),
            Lifecycle::SunsetAhead { on } => (None, Some(*on)),
            Lifecycle::Gone { since } => (None, Some(*since)),
        };
        let value = |text: String| HeaderValue::from_str(&text).ok();
        LifecycleHeaders {
            deprecation: since.and_then(|day| value(format!("@{}", midnight(day).as_second()))),
            sunset: sunset.and_then(|day| value(midnight(day).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())),
            link: documentation.and_then(|page| value(format!("<{page}>; rel=\"deprecation\""))),
        }
    }

    /// Puts what there is on an answer.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let names = [
            (header::HeaderName::from_static("deprecation"), self.deprecation),
            (header::HeaderName::from_static("sunset"), self.sunset),
            (header::LINK, self.link),
        ];
        for (name, value) in names {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
    }
}

/// The first instant of a day, in UTC.
fn midnight(day: Date) -> jiff::Timestamp {
    // Only the last days of the calendar's range have no instant; no contract lives that long.
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deprecated_contract_says_since_when_and_until_when() {
        let lifecycle =
            Lifecycle::Deprecated { since: Date::constant(2026, 1, 1), sunset: Some(Date::constant(2026, 12, 31)) };
        let mut headers = HeaderMap::new();
        LifecycleHeaders::of(&lifecycle, Some("https://example.com/contracts")).write(&mut headers);
        assert_eq!(headers["deprecation"], "@1767225600");
        assert_eq!(headers["sunset"], "Thu, 31 Dec 2026 00:00:00 GMT");
        assert_eq!(headers["link"], "<https://example.com/contracts>; rel=\"deprecation\"");
    }

    #[test]
    fn a_segment_with_other_characters_is_no_name() {
        assert!(is_name("dms-notification") && is_name("3.6") && is_name("D00B"));
        assert!(!is_name("") && !is_name("a/b") && !is_name("%2e") && !is_name(&"x".repeat(65)));
    }
}
