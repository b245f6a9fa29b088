//! The review for people, in Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use portgate_core::review::{BudgetUse, ObservedUse, Unit};
use portgate_operator::Head;

use super::{Bill, Plugin, Review};

pub(super) fn written(review: &Review) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail; where it could, a shorter page would be all that is lost.
    let _ = write_page(&mut page, review);
    page
}

fn write_page(page: &mut String, review: &Review) -> std::fmt::Result {
    let gateway = &review.gateway;
    let of_head = |show: fn(&Head) -> String| gateway.head.as_ref().map_or("none yet".to_owned(), show);
    writeln!(page, "# Review of plugins\n")?;
    let since = review.since.as_deref().unwrap_or("the beginning of the log");
    let until = review.until.as_deref().unwrap_or("now");
    writeln!(page, "Written {} from the audit log; counts are from {since} until {until}.\n", review.written_at)?;
    rows(
        page,
        ["gateway", ""],
        &[
            ("version", gateway.version.clone()),
            ("engine", gateway.engine.clone()),
            ("head of the log", of_head(|head| format!("entry {} of {}", head.number, head.at))),
            ("hash", of_head(|head| head.hash.clone())),
            ("signed by key", of_head(|head| head.key.clone())),
            ("bill of materials", bill(&gateway.bill_of_materials)),
        ],
    )?;
    for plugin in &review.plugins {
        write_plugin(page, plugin)?;
    }
    if review.plugins.is_empty() {
        writeln!(page, "\nThe log has admitted no such plugin.")?;
    }
    writeln!(page, "\n## Policy files\n\n| file | SHA-256 | taken up | entry |\n|---|---|---|---|")?;
    for file in &review.policies {
        let sha256 = file.sha256.as_deref().unwrap_or("removed");
        writeln!(page, "| {} | {sha256} | {} | {} |", cell(&file.path), file.changed_at, file.entry)?;
    }
    writeln!(page, "\n## What happened\n\n| kind | by | concerning | times | last |\n|---|---|---|---|---|")?;
    for one in &review.activity {
        let (actor, subject) = (cell(&one.actor), cell(&one.subject));
        writeln!(page, "| {} | {actor} | {subject} | {} | {} |", one.kind, one.count, one.last_at)?;
    }
    Ok(())
}

fn bill(bill: &Bill) -> String {
    let saved = bill.file.as_ref().map_or(String::new(), |file| format!(", saved as {file}"));
    format!("{} components, SHA-256 {}{saved}", bill.components, bill.sha256)
}

fn approval(plugin: &Plugin) -> String {
    match &plugin.approved_at {
        Some(at) => format!("{}, accepted {at}", listed(&plugin.approvers, "nobody")),
        None => "none recorded".to_owned(),
    }
}

fn write_plugin(page: &mut String, plugin: &Plugin) -> std::fmt::Result {
    writeln!(page, "\n## {} {}\n", plugin.name, plugin.version)?;
    rows(
        page,
        ["identity", ""],
        &[
            ("SHA-256", format!("{}{}", plugin.sha256, if plugin.pinned { ", pinned by its policy" } else { "" })),
            ("signed by", listed(&plugin.signers, "none recorded")),
            ("version went back by", plugin.rollback.clone().unwrap_or_else(|| "it did not".to_owned())),
            ("approved by", approval(plugin)),
            ("admitted", format!("{}, entry {} of the log", plugin.admitted_at, plugin.entry)),
            ("engine", plugin.engine.clone()),
            ("bill of materials", plugin.bill_of_materials.as_ref().map_or("it carries none".to_owned(), bill)),
            ("imports", listed(&plugin.imported, "nothing")),
        ],
    )?;
    write_capabilities(page, plugin)?;
    write_budgets(page, plugin)?;
    writeln!(page, "\n**Refused** {} times, **quarantined** {} times.\n", plugin.refusals, plugin.quarantines)?;
    match plugin.denials.is_empty() {
        true => writeln!(page, "**Denied:** nothing.\n")?,
        false => writeln!(page, "| denied | what | times | last |\n|---|---|---|---|")?,
    }
    for denial in &plugin.denials {
        let what = cell(&denial.what);
        writeln!(page, "| {} | {what} | {} | {} |", denial.capability, denial.count, denial.last_at)?;
    }
    match plugin.credentials_used.is_empty() {
        true => writeln!(page, "\n**Credentials used for it:** none.")?,
        false => writeln!(page, "\n| credentials used for it at | attempts | last |\n|---|---|---|")?,
    }
    for one in &plugin.credentials_used {
        let partner = one.subject.trim_start_matches("partner:");
        writeln!(page, "| {} | {} | {} |", cell(partner), one.count, one.last_at)?;
    }
    Ok(())
}

fn write_capabilities(page: &mut String, plugin: &Plugin) -> std::fmt::Result {
    writeln!(page, "\n| capability | declared | granted | used |\n|---|---|---|---|")?;
    let (declared, granted, used) = (&plugin.declared, &plugin.granted, plugin.used.as_ref());
    for (name, declared, granted, used) in [
        ("contracts", &declared.contracts, &granted.contracts, used.map(|used| &used.contracts)),
        ("reference tables", &declared.tables, &granted.tables, used.map(|used| &used.tables)),
        ("documents it emits", &declared.emit, &granted.emit, used.map(|used| &used.emitted)),
        ("documents it reads", &declared.read, &granted.read, used.map(|used| &used.read)),
    ] {
        let used = used.map_or(String::new(), counted);
        writeln!(page, "| {name} | {} | {} | {used} |", listed(declared, "none"), listed(granted, "none"))?;
    }
    if !plugin.fields.is_empty() {
        writeln!(page, "| fields of those | | {} | |", listed(&plugin.fields, "none"))?;
        writeln!(page, "| references of those | | {} | |", listed(&plugin.references, "none"))?;
    }
    for (part, texts) in &plugin.egress {
        let used = match part.as_str() {
            "paths" => used.map_or(String::new(), requests),
            "query" => used.map_or(String::new(), |used| counted(&used.query)),
            _ => String::new(),
        };
        writeln!(page, "| egress: {} | | {} | {used} |", part.replace('_', " "), listed(texts, "none"))?;
    }
    match (&plugin.used, plugin.not_observed) {
        (Some(used), _) => {
            let ended = match used.ended.is_empty() {
                true => "each returned".to_owned(),
                false => format!("those that did not return: {}", counted(&used.ended)),
            };
            writeln!(page, "\nSeen in use from {} until {}: {} calls, {ended}.", used.since, used.until, used.calls)
        }
        (None, why) => writeln!(page, "\nSeen in use: {}.", why.unwrap_or("nothing")),
    }
}

/// Each limit beside what single calls used of it.
fn write_budgets(page: &mut String, plugin: &Plugin) -> std::fmt::Result {
    writeln!(page, "\n| budget | limit | 99.9 % of calls used at most | the most |\n|---|---|---|---|")?;
    for budget in &plugin.budgets {
        let (key, limit) = budget.split_once('=').unwrap_or((budget, ""));
        let used = plugin.used.as_ref().and_then(|used| used.budgets.get(key));
        let number = |number: u64, unit: Unit| match unit {
            // As the limit counts: in milliseconds.
            Unit::Microseconds => format!("{}.{:03}", number / 1_000, number % 1_000),
            Unit::Bytes | Unit::Count => number.to_string(),
        };
        let shown = |pick: fn(&BudgetUse) -> u64| used.map_or(String::new(), |used| number(pick(used), used.unit));
        writeln!(page, "| {} | {limit} | {} | {} |", cell(key), shown(|used| used.p999), shown(|used| used.max))?;
    }
    Ok(())
}

fn counted(counts: &BTreeMap<String, u64>) -> String {
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} ×{count}")).collect();
    listed(&counts, "nothing")
}

fn requests(used: &ObservedUse) -> String {
    let requests =
        used.requests.iter().map(|request| format!("{} {} ×{}", request.method, request.path, request.count));
    listed(&requests.collect::<Vec<_>>(), "nothing")
}

fn rows(page: &mut String, headings: [&str; 2], rows: &[(&str, String)]) -> std::fmt::Result {
    writeln!(page, "| {} | {} |\n|---|---|", headings[0], headings[1])?;
    for (name, value) in rows {
        writeln!(page, "| {name} | {} |", cell(value))?;
    }
    Ok(())
}

fn listed(texts: &[String], none: &str) -> String {
    match texts {
        [] => none.to_owned(),
        texts => cell(&texts.join(", ")),
    }
}

/// A text in a cell of a table: nothing in it ends the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
