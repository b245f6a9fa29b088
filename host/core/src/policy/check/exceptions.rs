//! What a schema cannot say of `exceptions.toml`: teams, operators, tables, partners and contracts that it names are there.

use std::collections::BTreeSet;

use super::super::files::Files;
use crate::document_fields::DocumentFields;
use crate::exception::CauseKind;
use crate::expectation::After;
use crate::mistake::{Mistake, nearest};
use crate::policy::{ExceptionRoute, Exceptions};

pub(super) fn check(files: &Files, documents: &DocumentFields, mistakes: &mut Vec<Mistake>) {
    let Some(file) = &files.exceptions else { return };
    let exceptions = &file.content;
    let mut found: Vec<(String, String, String)> = Vec::new();
    calendar(files, exceptions, &mut found);
    teams(files, exceptions, &mut found);
    for (index, route) in exceptions.routes.iter().enumerate() {
        of_a_route(exceptions, index, route, &mut found);
    }
    kinds(exceptions, documents, &mut found);
    partners(files, exceptions, &mut found);
    names(exceptions, &mut found);
    for (pointer, problem, hint) in found {
        mistakes.push(file.mistake(&pointer, problem, Some(hint)));
    }
}

type Found = Vec<(String, String, String)>;

/// What to do about a name that is not there.
fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    nearest(name, known).map_or_else(|| otherwise.to_owned(), |meant| format!("did you mean `{meant}`?"))
}

fn calendar(files: &Files, exceptions: &Exceptions, found: &mut Found) {
    if let (Some(table), Some(gateway)) = (&exceptions.calendar, &files.gateway) {
        let tables = &gateway.content.tables;
        if !tables.contains_key(table) {
            let hint =
                meant(table, tables.keys().map(String::as_str), &format!("add [tables.{table}] to `gateway.toml`"));
            found.push(("/calendar".to_owned(), format!("there is no reference table `{table}`"), hint));
        }
    }
    let plain = exceptions.unattached.filter(|within| within.business);
    if plain.is_some() {
        let hint = "no team has it yet, so no country's working time counts; write it without `business`".to_owned();
        found.push(("/unattached".to_owned(), "is working time".to_owned(), hint));
    }
    for (index, expect) in exceptions.expects.iter().enumerate().filter(|(_, expect)| expect.within.business) {
        let country = expect.country.is_some();
        if !country || exceptions.calendar.is_none() {
            let hint = "give `country`, and the file `calendar`".to_owned();
            found.push((format!("/expect/{index}/within"), "is working time of no country".to_owned(), hint));
        }
    }
}

fn teams(files: &Files, exceptions: &Exceptions, found: &mut Found) {
    for (name, team) in exceptions.teams.iter().filter(|_| files.all_operators_read) {
        for (index, operator) in team.operators.iter().enumerate() {
            if !files.operators.contains_key(operator) {
                let hint = meant(operator, files.operators.keys().map(String::as_str), "add its policy to `operators`");
                let pointer = format!("/teams/{name}/operators/{index}");
                found.push((pointer, format!("there is no operator `{operator}`"), hint));
            }
        }
    }
}

fn of_a_route(exceptions: &Exceptions, index: usize, route: &ExceptionRoute, found: &mut Found) {
    let at = |key: &str| format!("/route/{index}/{key}");
    let no_team = |team: &String| {
        let hint = meant(team, exceptions.teams.keys().map(String::as_str), &format!("add [teams.{team}]"));
        (format!("there is no team `{team}`"), hint)
    };
    for (key, team) in [("team", Some(&route.team)), ("escalate_to", route.escalate_to.as_ref())] {
        if let Some(team) = team.filter(|team| !exceptions.teams.contains_key(*team)) {
            let (problem, hint) = no_team(team);
            found.push((at(key), problem, hint));
        }
    }
    if route.escalate_to.is_some() && route.within.is_none() {
        let hint = "give `within`, or leave it out".to_owned();
        found.push((at("escalate_to"), "follows a deadline, and there is none".to_owned(), hint));
    }
    let of_no_country = exceptions.teams.get(&route.team).is_some_and(|team| team.country.is_none());
    if route.within.is_some_and(|within| within.business) && (of_no_country || exceptions.calendar.is_none()) {
        let hint = format!("give the team `{}` a `country`, and the file `calendar`", route.team);
        found.push((at("within"), "is working time of no country".to_owned(), hint));
    }
    let persons: BTreeSet<&String> =
        exceptions.teams.get(&route.team).into_iter().flat_map(|team| &team.operators).collect();
    if !route.two_persons.is_empty() && persons.len() == 1 {
        let hint = format!("give the team `{}` another operator: nobody confirms what he did himself", route.team);
        found.push((at("two_persons"), "asks for two persons, and the team has one".to_owned(), hint));
    }
    if route.causes.contains(&CauseKind::Unattached) && exceptions.unattached.is_none() {
        let hint = "say after what time: `unattached = \"2 days\"`".to_owned();
        found.push((at("causes"), "documents without a shipment never want a person".to_owned(), hint));
    }
}

fn kinds(exceptions: &Exceptions, documents: &DocumentFields, found: &mut Found) {
    let mut kinds: Vec<(String, &String)> = Vec::new();
    for (index, expect) in exceptions.expects.iter().enumerate() {
        if let After::Document { document, .. } = &expect.after {
            kinds.push((format!("/expect/{index}/after/document"), document));
        }
        kinds.push((format!("/expect/{index}/what/document"), &expect.what.document));
    }
    for (index, route) in exceptions.corrections.iter().enumerate() {
        kinds.push((format!("/correction/{index}/document"), &route.document));
    }
    for (pointer, kind) in kinds {
        if let Some(near) = documents.no_kind(kind) {
            let hint = near.map_or_else(
                || "the kinds are those of wit/canonical/v1".to_owned(),
                |meant| format!("did you mean `{meant}`?"),
            );
            found.push((pointer, format!("there is no kind of document called `{kind}`"), hint));
        }
    }
}

fn partners(files: &Files, exceptions: &Exceptions, found: &mut Found) {
    if !files.all_partners_read {
        return;
    }
    let mut named: Vec<(String, &String)> = Vec::new();
    for (index, expect) in exceptions.expects.iter().enumerate() {
        if let After::Delivered { delivered, .. } = &expect.after {
            named.push((format!("/expect/{index}/after/delivered"), delivered));
        }
    }
    for (index, route) in exceptions.corrections.iter().enumerate() {
        named.push((format!("/correction/{index}/to"), &route.to));
        if let Some((name, version)) = route.contract.split_once('/')
            && let Some((problem, hint)) = files.not_granted(name, version)
        {
            found.push((format!("/correction/{index}/contract"), problem, hint));
        }
    }
    for (pointer, partner) in named {
        if !files.partners.contains_key(partner) {
            let hint = meant(partner, files.partners.keys().map(String::as_str), "add its policy to `partners`");
            found.push((pointer, format!("there is no partner `{partner}`"), hint));
        }
    }
}

fn names(exceptions: &Exceptions, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, expect) in exceptions.expects.iter().enumerate() {
        if !seen.insert(&expect.name) {
            let hint = "each expectation has a name of its own".to_owned();
            found.push((format!("/expect/{index}/name"), format!("`{}` is there already", expect.name), hint));
        }
    }
}
