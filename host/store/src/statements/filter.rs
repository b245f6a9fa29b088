//! Filters of deliveries and exchanges as conditions.

use serde_json::json;

use super::value::Param;
use crate::act::Filter;
use crate::audit::AuditFilter;
use crate::delivery::State;
use crate::error::JournalError;
use crate::exchange::ExchangeFilter;
use crate::id::first_at;

/// Conditions that all must hold, with their parameters.
pub(crate) struct Conditions<'a> {
    text: String,
    params: Vec<Param<'a>>,
}

/// What the index over open deliveries covers, word for word, so that a database sees that it can be used.
pub(crate) const OPEN: &str = "state IN ('pending', 'awaiting', 'dead')";

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
        conditions.compare("state =", filter.state.map(|state| Param::text(state.as_str())));
        if matches!(filter.state, Some(State::Pending | State::Awaiting | State::Dead)) {
            conditions.and(OPEN);
        }
        conditions.compare("class =", filter.class.map(|class| Param::text(class.as_str())));
        conditions.compare("contract =", filter.contract.as_deref().map(Param::text));
        conditions.compare("exchange =", filter.exchange.map(|exchange| Param::Id(exchange.0)));
        conditions.compare("id >=", filter.since.map(|since| Param::Id(first_at(since))));
        conditions.compare("id <", filter.until.map(|until| Param::Id(first_at(until))));
        if let Some(ids) = &filter.ids {
            if ids.len() > IDS_MAX {
                return Err(JournalError::Refused(format!(
                    "a filter can name {IDS_MAX} deliveries, not {}",
                    ids.len()
                )));
            }
            let places: Vec<String> = ids.iter().map(|id| conditions.place(Param::Id(id.0))).collect();
            match places.is_empty() {
                true => conditions.and("1 = 0"),
                false => conditions.and(&format!("id IN ({})", places.join(", "))),
            }
        }
        Ok(conditions)
    }

    /// What a filter of exchanges means.
    pub(crate) fn exchanges(filter: &'a ExchangeFilter) -> Self {
        let mut conditions = Conditions::new();
        conditions.compare("partner =", filter.partner.as_deref().map(Param::text));
        conditions.compare("contract =", filter.contract.as_deref().map(Param::text));
        conditions.compare("version =", filter.version.as_deref().map(Param::text));
        conditions.compare("plugin_name =", filter.plugin.as_deref().map(Param::text));
        conditions.compare("id >=", filter.since.map(|since| Param::Id(first_at(since))));
        conditions.compare("id <", filter.until.map(|until| Param::Id(first_at(until))));
        conditions
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

/// A filter as it is kept with an act.
pub(crate) fn described(filter: &Filter) -> String {
    let Filter { ids, destination, state, class, contract, exchange, since, until } = filter;
    let mut described = serde_json::Map::new();
    let mut put = |name: &str, value: Option<serde_json::Value>| {
        described.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("ids", ids.as_ref().map(|ids| ids.iter().map(ToString::to_string).collect()));
    put("destination", destination.as_ref().map(|destination| json!(destination)));
    put("state", state.map(|state| json!(state.as_str())));
    put("class", class.map(|class| json!(class.as_str())));
    put("contract", contract.as_ref().map(|contract| json!(contract)));
    put("exchange", exchange.map(|exchange| json!(exchange.to_string())));
    put("since", since.map(|since| json!(since.to_string())));
    put("until", until.map(|until| json!(until.to_string())));
    serde_json::Value::Object(described).to_string()
}
