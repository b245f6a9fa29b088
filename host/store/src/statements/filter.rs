//! Filters of deliveries and exchanges as conditions.

use portgate_core::sender;
use serde_json::{Value, json};
use uuid::Uuid;

use super::LIMIT_MAX;
use super::value::Param;
use crate::act::Filter;
use crate::audit::AuditFilter;
use crate::delivery::State;
use crate::error::JournalError;
use crate::exchange::ExchangeFilter;
use crate::id::first_at;
use crate::parked::ExchangeState;

/// Conditions that all must hold, with their parameters.
pub(crate) struct Conditions<'a> {
    text: String,
    params: Vec<Param<'a>>,
}

/// What the index over open deliveries covers, word for word, so that a database sees that it can be used.
pub(crate) const OPEN: &str = "state IN ('pending', 'awaiting', 'dead')";

/// A delivery that its partner has and has not acknowledged yet, as was agreed.
pub(crate) const UNACKNOWLEDGED: &str = "coalesce(acknowledgement IN ('awaited', 'overdue'), false)";

const IDS_MAX: usize = 10_000;

impl<'a> Conditions<'a> {
    pub(crate) fn new() -> Self {
        Conditions { text: "1 = 1".to_owned(), params: Vec::new() }
    }

    /// Adds a parameter and gives its place.
    pub(crate) fn place(&mut self, param: Param<'a>) -> String {
        self.params.push(param);
        format!("${}", self.params.len())
    }

    /// Adds the limit of a page, and one more to see whether the list goes on. Gives the limit, and the parameter's place.
    pub(crate) fn page(&mut self, limit: u32) -> (u32, String) {
        let limit = limit.min(LIMIT_MAX);
        (limit, self.place(Param::count(limit + 1)))
    }

    pub(crate) fn and(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    pub(crate) fn compare(&mut self, comparison: &str, param: Option<Param<'a>>) {
        if let Some(param) = param {
            let place = self.place(param);
            self.and(&format!("{comparison} {place}"));
        }
    }

    /// What a filter of deliveries means. The columns are those of `deliveries`.
    pub(crate) fn deliveries(filter: &'a Filter) -> Result<Self, JournalError> {
        let mut conditions = Conditions::new();
        conditions.compare("destination =", filter.destination.as_deref().map(Param::text));
        match filter.state {
            None => {}
            Some(State::Sent) => conditions.and("acknowledgement = 'awaited'"),
            Some(State::Overdue) => conditions.and("acknowledgement = 'overdue'"),
            Some(State::AwaitsCode) => conditions.and("awaits_code_since IS NOT NULL AND state = 'pending'"),
            Some(state) => {
                conditions.compare("state =", Some(Param::text(state.as_str())));
                if state == State::Pending {
                    conditions.and("awaits_code_since IS NULL");
                }
                conditions.and(&format!("NOT {UNACKNOWLEDGED}"));
            }
        }
        if matches!(filter.state, Some(State::Pending | State::Awaiting | State::Dead)) {
            conditions.and(OPEN);
        }
        // A delivery that is tried again has a class too. A filter without a state means dead deliveries, so an act
        // with such a filter must not touch it.
        let class = match filter.state {
            None | Some(State::Dead) => "class =",
            Some(_) => "retry_class =",
        };
        conditions.compare(class, filter.class.map(|class| Param::text(class.as_str())));
        conditions.compare("contract =", filter.contract.as_deref().map(Param::text));
        conditions.compare("exchange =", filter.exchange.map(|exchange| Param::Id(exchange.0)));
        conditions.compare("batch =", filter.batch.map(|batch| Param::Id(batch.0)));
        conditions.compare("id >=", filter.since.map(|since| Param::Id(first_at(since))));
        conditions.compare("id <", filter.until.map(|until| Param::Id(first_at(until))));
        conditions.one_of(filter.ids.as_ref().map(|ids| ids.iter().map(|id| id.0).collect()))?;
        Ok(conditions)
    }

    /// What a filter of exchanges means. The columns are those of `exchanges`.
    pub(crate) fn exchanges(&mut self, filter: &'a ExchangeFilter) -> Result<(), JournalError> {
        match filter.state {
            None => {}
            Some(ExchangeState::Accepted) => {
                self.and("NOT EXISTS (SELECT 1 FROM parked WHERE parked.exchange = exchanges.id)");
            }
            Some(state) => {
                let state = self.place(Param::text(state.as_str()));
                self.and(&format!("id IN (SELECT exchange FROM parked WHERE state = {state})"));
            }
        }
        if let Some(awaits_code) = filter.awaits_code {
            let not = if awaits_code { "" } else { "NOT " };
            self.and(&format!("id {not}IN (SELECT exchange FROM exchanges_awaiting_codes)"));
        }
        self.sender(filter.partner.as_deref(), filter.test);
        self.compare("contract =", filter.contract.as_deref().map(Param::text));
        self.compare("version =", filter.version.as_deref().map(Param::text));
        self.compare("plugin_name =", filter.plugin.as_deref().map(Param::text));
        self.compare("id >=", filter.since.map(|since| Param::Id(first_at(since))));
        self.compare("id <", filter.until.map(|until| Param::Id(first_at(until))));
        self.one_of(filter.ids.as_ref().map(|ids| ids.iter().map(|id| id.0).collect()))
    }

    /// Limits to a partner, where one is given, and to tests or to all but tests, where that is given.
    fn sender(&mut self, partner: Option<&'a str>, test: Option<bool>) {
        let tests = sender::testing("%");
        match (partner, test) {
            (None, None) => {}
            (None, Some(test)) => {
                let place = self.place(Param::Text(tests.into()));
                self.and(&format!("partner {} {place}", if test { "LIKE" } else { "NOT LIKE" }));
            }
            (Some(partner), Some(false)) => self.compare("partner =", Some(Param::text(partner))),
            (Some(partner), Some(true)) => {
                self.compare("partner =", Some(Param::Text(sender::testing(partner).into())));
            }
            (Some(partner), None) => {
                let places =
                    (self.place(Param::text(partner)), self.place(Param::Text(sender::testing(partner).into())));
                self.and(&format!("partner IN ({}, {})", places.0, places.1));
            }
        }
    }

    /// Limits to these identifiers, where some are given.
    pub(crate) fn one_of(&mut self, ids: Option<Vec<Uuid>>) -> Result<(), JournalError> {
        let Some(ids) = ids else { return Ok(()) };
        if ids.len() > IDS_MAX {
            return Err(JournalError::Refused(format!("a filter can name {IDS_MAX} identifiers, not {}", ids.len())));
        }
        let places: Vec<String> = ids.into_iter().map(|id| self.place(Param::Id(id))).collect();
        match places.is_empty() {
            true => self.and("1 = 0"),
            false => self.and(&format!("id IN ({})", places.join(", "))),
        }
        Ok(())
    }

    /// What a filter of audit entries means.
    pub(crate) fn audit(filter: &'a AuditFilter) -> Self {
        let mut conditions = Conditions::new();
        conditions.compare("kind =", filter.kind.map(|kind| Param::text(kind.as_str())));
        conditions.compare("actor =", filter.actor.as_deref().map(Param::text));
        conditions.compare("subject =", filter.subject.as_deref().map(Param::text));
        conditions.compare("at >=", filter.since.map(Param::time));
        conditions.compare("at <", filter.until.map(Param::time));
        conditions
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn params(&self) -> &[Param<'a>] {
        &self.params
    }
}

/// A filter of deliveries as it is kept with an act.
pub(crate) fn described(filter: &Filter) -> String {
    let Filter { ids, destination, state, class, contract, exchange, batch, since, until } = filter;
    written([
        ("ids", ids.as_ref().map(|ids| ids.iter().map(ToString::to_string).collect())),
        ("destination", destination.as_ref().map(|destination| json!(destination))),
        ("state", state.map(|state| json!(state.as_str()))),
        ("class", class.map(|class| json!(class.as_str()))),
        ("contract", contract.as_ref().map(|contract| json!(contract))),
        ("exchange", exchange.map(|exchange| json!(exchange.to_string()))),
        ("batch", batch.map(|batch| json!(batch.to_string()))),
        ("since", since.map(|since| json!(since.to_string()))),
        ("until", until.map(|until| json!(until.to_string()))),
    ])
}

/// A filter of exchanges as it is kept with an act.
pub(crate) fn exchanges_described(filter: &ExchangeFilter) -> String {
    let ExchangeFilter { ids, state, awaits_code, partner, test, contract, version, plugin, since, until } = filter;
    written([
        ("ids", ids.as_ref().map(|ids| ids.iter().map(ToString::to_string).collect())),
        ("state", state.map(|state| json!(state.as_str()))),
        ("awaits_code", awaits_code.map(|awaits_code| json!(awaits_code))),
        ("partner", partner.as_ref().map(|partner| json!(partner))),
        ("test", test.map(|test| json!(test))),
        ("contract", contract.as_ref().map(|contract| json!(contract))),
        ("version", version.as_ref().map(|version| json!(version))),
        ("plugin", plugin.as_ref().map(|plugin| json!(plugin))),
        ("since", since.map(|since| json!(since.to_string()))),
        ("until", until.map(|until| json!(until.to_string()))),
    ])
}

fn written<const N: usize>(fields: [(&str, Option<Value>); N]) -> String {
    let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect()).to_string()
}
