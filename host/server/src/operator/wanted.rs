//! What an operator asks for: filters from a query or a body, in the same words, and every mistake in them named.

use std::num::NonZeroU32;
use std::str::FromStr;

use jiff::Timestamp;
use portgate_core::audit::Kind;
use portgate_core::finding::Finding;
use portgate_store::{AuditFilter, AuditOrder, ExchangeFilter, ExchangeId, Filter};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::refusal::Refusal;

/// Items of one page where nothing is said, and at most.
const PAGE: u32 = 100;
const PAGE_MAX: u32 = 1_000;

/// Named texts that are taken out one by one; what is left over was not known.
pub(super) struct Fields {
    fields: Vec<(String, String)>,
    findings: Vec<Finding>,
}

impl Fields {
    /// Of a URL's query (`application/x-www-form-urlencoded`).
    pub(super) fn of_query(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Fields { fields: pairs.into_owned().collect(), findings: Vec::new() }
    }

    /// Of a JSON object of strings.
    fn of_object(object: serde_json::Map<String, Value>) -> Self {
        let mut findings = Vec::new();
        let text = |(name, value): (String, Value)| match value {
            Value::String(text) => Some((name, text)),
            _ => {
                findings.push(Finding::error("no-string", format!("/filter/{name}"), "must be a string"));
                None
            }
        };
        Fields { fields: object.into_iter().filter_map(text).collect(), findings }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.fields.iter().position(|(known, _)| known == name)?;
        Some(self.fields.swap_remove(at).1)
    }

    fn take_as<T: FromStr<Err: std::fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.take(name)?;
        text.parse().map_err(|error: T::Err| self.wrong(name, error)).ok()
    }

    fn wrong(&mut self, name: &str, problem: impl std::fmt::Display) {
        self.findings.push(Finding::error("wrong-value", format!("/{name}"), problem.to_string()));
    }

    /// Where to go on, and how many.
    pub(super) fn page<I: FromStr<Err: std::fmt::Display>>(&mut self) -> (Option<I>, u32) {
        let limit = self.take_as::<u32>("limit").unwrap_or(PAGE);
        if !(1..=PAGE_MAX).contains(&limit) {
            self.wrong("limit", format!("must be 1 to {PAGE_MAX}"));
        }
        (self.take_as("after"), limit)
    }

    /// From when on.
    pub(super) fn since(&mut self) -> Option<Timestamp> {
        self.take_as("since")
    }

    /// Several, separated by commas.
    fn ids<I: FromStr<Err: std::fmt::Display>>(&mut self) -> Option<Vec<I>> {
        let ids = self.take("id")?;
        let parsed: Result<Vec<_>, _> = ids.split(',').map(|id| id.trim().parse()).collect();
        Some(parsed.map_err(|error| self.wrong("id", error)).unwrap_or_default())
    }

    pub(super) fn deliveries(&mut self) -> Filter {
        Filter {
            ids: self.ids(),
            destination: self.take("destination"),
            state: self.take_as("state"),
            class: self.take_as("class"),
            contract: self.take("contract"),
            exchange: self.take_as("exchange"),
            since: self.take_as("since"),
            until: self.take_as("until"),
        }
    }

    pub(super) fn exchanges(&mut self) -> ExchangeFilter {
        ExchangeFilter {
            ids: self.ids(),
            state: self.take_as("state"),
            partner: self.take("partner"),
            contract: self.take("contract"),
            version: self.take("version"),
            plugin: self.take("plugin"),
            since: self.take_as("since"),
            until: self.take_as("until"),
        }
    }

    /// Which audit entries, and in which order.
    pub(super) fn audit(&mut self) -> (AuditFilter, AuditOrder) {
        let filter = AuditFilter {
            kind: self.take_as("kind"),
            actor: self.take("actor"),
            subject: self.take("subject"),
            since: self.take_as("since"),
            until: self.take_as("until"),
        };
        let order = match self.take("order").as_deref() {
            None | Some("newest") => AuditOrder::Newest,
            Some("oldest") => AuditOrder::Oldest,
            Some(_) => {
                self.wrong("order", "must be `newest` or `oldest`");
                AuditOrder::Newest
            }
        };
        (filter, order)
    }

    /// The one kind of audit entries that is meant.
    pub(super) fn audit_kind(&mut self) -> Kind {
        let given = self.fields.iter().any(|(name, _)| name == "kind");
        if !given {
            self.wrong("kind", "must be given");
        }
        // Where it is wrong, `done` says so.
        self.take_as("kind").unwrap_or(Kind::PluginAdmitted)
    }

    /// # Errors
    ///
    /// Everything that was wrong or is left over: a filter that is not understood must not mean more than was meant.
    pub(super) fn done(mut self) -> Result<(), Refusal> {
        for (name, _) in &self.fields {
            self.findings.push(Finding::error("unknown-field", format!("/{name}"), "is not known here"));
        }
        match self.findings.is_empty() {
            true => Ok(()),
            false => Err(Refusal::OperatorRequestInvalid { findings: self.findings }),
        }
    }
}

/// The body of a retry or discard.
pub(super) struct Act {
    pub(super) filter: Filter,
    pub(super) reason: String,
    /// Only of a retry: how many become due in a second, for each destination.
    pub(super) per_second: Option<NonZeroU32>,
}

impl Act {
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(super) fn read(body: &[u8]) -> Result<Act, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Body {
            filter: serde_json::Map<String, Value>,
            reason: String,
            #[serde(default)]
            per_second: Option<NonZeroU32>,
        }
        let Body { filter, reason, per_second } = parsed(body)?;
        let reason = good_reason(&reason)?;
        let mut fields = Fields::of_object(filter);
        let filter = fields.deliveries();
        fields.done()?;
        Ok(Act { filter, reason, per_second })
    }
}

/// The body that tells of a replay.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Replay {
    /// The plugin that it goes through.
    pub(super) plugin: String,
    /// Which version of it.
    pub(super) version: String,
    /// The digest of its component.
    pub(super) sha256: String,
    #[serde(deserialize_with = "ids")]
    pub(super) exchanges: Vec<ExchangeId>,
}

impl Replay {
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub(super) fn read(body: &[u8]) -> Result<Replay, Refusal> {
        let invalid = |location: &str, detail: String| {
            let findings = vec![Finding::error("wrong-body", location, detail)];
            Refusal::OperatorRequestInvalid { findings }
        };
        let replay: Replay = serde_json::from_slice(body).map_err(|error| invalid("", error.to_string()))?;
        let plain = |text: &str| text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_graphic());
        match plain(&replay.plugin) && plain(&replay.version) && plain(&replay.sha256) {
            true => Ok(replay),
            false => {
                Err(invalid("", "names, versions and digests have at most 100 visible ASCII characters".to_owned()))
            }
        }
    }
}

fn ids<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<ExchangeId>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

/// The body of an act on exchanges.
pub(super) struct OnExchanges {
    pub(super) filter: ExchangeFilter,
    pub(super) reason: String,
}

impl OnExchanges {
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(super) fn read(body: &[u8]) -> Result<OnExchanges, Refusal> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body {
            filter: serde_json::Map<String, Value>,
            reason: String,
        }
        let Body { filter, reason } = parsed(body)?;
        let reason = good_reason(&reason)?;
        let mut fields = Fields::of_object(filter);
        let filter = fields.exchanges();
        fields.done()?;
        Ok(OnExchanges { filter, reason })
    }
}

/// The body that lifts a quarantine.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lift {
    pub(super) plugin: String,
    pub(super) partner: String,
    pub(super) reason: String,
}

impl Lift {
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(body: &[u8]) -> Result<Lift, Refusal> {
        let lift: Lift = parsed(body)?;
        Ok(Lift { reason: good_reason(&lift.reason)?, ..lift })
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| wrong_body("", error.to_string()))
}

/// What is kept of an act must tell somebody something.
fn good_reason(reason: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    match (3..=500).contains(&reason.chars().count()) {
        true => Ok(reason.to_owned()),
        false => Err(wrong_body("/reason", "must say why, in 3 to 500 characters".to_owned())),
    }
}

fn wrong_body(location: &str, detail: String) -> Refusal {
    Refusal::OperatorRequestInvalid { findings: vec![Finding::error("wrong-body", location, detail)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_not_understood_is_refused_with_every_mistake() {
        let mut fields = Fields::of_query(Some("state=lost&since=yesterday&destinaton=erp"));
        let _ = fields.deliveries();
        let Err(Refusal::OperatorRequestInvalid { findings }) = fields.done() else { panic!("it is wrong") };
        let places: Vec<&str> = findings.iter().map(|finding| finding.location.as_str()).collect();
        assert_eq!(places, ["/state", "/since", "/destinaton"]);
    }

    #[test]
    fn the_audit_log_is_asked_in_words_that_are_known() {
        let mut fields =
            Fields::of_query(Some("kind=plugin-admitted&actor=operator:ada&order=oldest&since=2026-03-01T00:00:00Z"));
        let (filter, order) = fields.audit();
        assert!(fields.done().is_ok());
        assert_eq!((filter.kind, order), (Some(Kind::PluginAdmitted), AuditOrder::Oldest));
        let mut fields = Fields::of_query(Some("kind=anything&order=upwards"));
        let _ = fields.audit();
        assert!(matches!(fields.done(), Err(Refusal::OperatorRequestInvalid { findings }) if findings.len() == 2));
        let mut fields = Fields::of_query(None);
        let _ = fields.audit_kind();
        assert!(fields.done().is_err(), "a kind must be given");
    }

    #[test]
    fn a_replay_names_exchanges_by_their_identifiers() {
        let body = |exchange: &str, plugin: &str| {
            format!(r#"{{"plugin":"{plugin}","version":"1.0.0","sha256":"00","exchanges":["{exchange}"]}}"#)
        };
        let id = ExchangeId::new(jiff::Timestamp::UNIX_EPOCH).to_string();
        assert!(Replay::read(body(&id, "carrier-ocean").as_bytes()).is_ok());
        assert!(Replay::read(body("a payload", "carrier-ocean").as_bytes()).is_err());
        assert!(Replay::read(body(&id, "a payload").as_bytes()).is_err());
    }

    #[test]
    fn an_act_on_exchanges_and_a_lift_name_what_is_meant_and_why() {
        for body in [
            r#"{"filter":{"destination":"erp"},"reason":"mended"}"#,
            r#"{"filter":{"state":"lost"},"reason":"mended"}"#,
        ] {
            assert!(OnExchanges::read(body.as_bytes()).is_err(), "{body}");
        }
        let act = OnExchanges::read(br#"{"filter":{"state":"failed","partner":"acme"},"reason":" mended "}"#);
        let OnExchanges { filter, reason } = act.expect("a good act");
        assert_eq!(
            (filter.state, filter.partner.as_deref()),
            (Some(portgate_store::ExchangeState::Failed), Some("acme"))
        );
        assert_eq!(reason, "mended");
        assert!(Lift::read(br#"{"plugin":"p","partner":"acme","reason":""}"#).is_err());
        assert!(Lift::read(br#"{"plugin":"p","reason":"mended"}"#).is_err());
        assert!(Lift::read(br#"{"plugin":"p","partner":"acme","reason":"mended"}"#).is_ok());
    }

    #[test]
    fn an_act_needs_a_reason_and_a_filter_of_strings() {
        for body in [
            r#"{"filter":{}}"#,
            r#"{"filter":{},"reason":" "}"#,
            r#"{"filter":{"state":5},"reason":"because"}"#,
            r#"{"filter":{},"reason":"because","perSecond":0}"#,
            r#"{"reason":"because"}"#,
        ] {
            assert!(Act::read(body.as_bytes()).is_err(), "{body}");
        }
        let act = Act::read(br#"{"filter":{"state":"dead"},"reason":"fixed","perSecond":5}"#).expect("a good act");
        assert_eq!(
            (act.filter.state, act.per_second.map(NonZeroU32::get)),
            (Some(portgate_store::State::Dead), Some(5))
        );
    }
}
