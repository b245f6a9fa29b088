//! Who decides what waits for a person. All of it is compared word for word: another team, another deadline or one person
//! fewer lets something go on that did not.

use std::collections::BTreeSet;

use super::Facts;
use crate::calendar::Within;
use crate::expectation::{After, Arrival, Expect};
use crate::policy::{CorrectionRoute, ExceptionRoute, Exceptions, Team};

pub(super) fn exceptions(facts: &mut Facts<'_>, exceptions: &Exceptions) {
    let Exceptions { calendar, teams, routes, unattached, expects, corrections } = exceptions;
    if let Some(calendar) = calendar {
        facts.this("calendar", calendar, "the table of working hours and holidays");
    }
    for (name, Team { title, operators, country }) in teams {
        facts.note(&format!("teams.{name}.title"), title, "what a team is called");
        facts.this(&format!("teams.{name}"), list(operators), "the operators of a team");
        let country = country.as_deref().unwrap_or_default();
        facts.this(&format!("teams.{name}.country"), country, "whose working time a team has");
    }
    // The first that fits counts, so the order of routes says something.
    for (index, ExceptionRoute { team, causes, names, severity, within, escalate_to, two_persons }) in (1..).zip(routes)
    {
        let causes: Vec<&str> = causes.iter().map(|cause| cause.as_str()).collect();
        let two_persons: Vec<&str> = two_persons.iter().map(|act| act.as_str()).collect();
        let severity = severity.map(|severity| severity.to_string()).unwrap_or_default();
        let route = format!(
            "causes [{}] names [{}] severity [{severity}] to [{team}] within [{}] then [{}] two persons [{}]",
            causes.join(", "),
            list(names),
            length(within),
            escalate_to.as_deref().unwrap_or_default(),
            two_persons.join(", ")
        );
        facts.this(&format!("route {index}"), route, "what goes to which team, and what needs two persons");
    }
    facts.this("unattached", length(unattached), "how long a document waits for a shipment");
    for Expect { name, after, what, within, country, same, each, alert } in expects {
        let after = match after {
            After::Document { document, fields } => format!("{document} {fields:?}"),
            After::Delivered { delivered, contract } => {
                format!("{} to {delivered}", contract.as_deref().unwrap_or("anything"))
            }
        };
        let Arrival { document, fields } = what;
        let (country, same) = (country.as_deref().unwrap_or_default(), same.as_deref().unwrap_or_default());
        let told = if *alert { "an event" } else { "a person" };
        let of = if *each { "each" } else { "all" };
        let words =
            format!("{document} {fields:?} after {of} {after} within {within} {country} same [{same}] else {told}");
        facts.this(&format!("expect {name}"), words, "what must arrive by when");
    }
    for CorrectionRoute { document, to, contract } in corrections {
        facts.this(&format!("correction {document}"), format!("{contract} to {to}"), "where corrections go");
    }
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn length(within: &Option<Within>) -> String {
    within.map(|within| within.to_string()).unwrap_or_default()
}
