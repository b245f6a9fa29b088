//! The review for people, in Markdown.

use std::fmt::Write;

use serde_json::Value;

use super::{Bill, Plugin, Review};

pub(super) fn written(review: &Review) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail; where it could, a shorter page would be all that is lost.
    let _ = write_page(&mut page, review);
    page
}

fn write_page(page: &mut String, review: &Review) -> std::fmt::Result {
    let gateway = &review.gateway;
    let head = &gateway.head;
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
            ("head of the log", format!("entry {} of {}", head["number"], text(&head["at"]))),
            ("hash", text(&head["hash"])),
            ("signed by key", text(&head["key"])),
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

fn write_plugin(page: &mut String, plugin: &Plugin) -> std::fmt::Result {
    writeln!(page, "\n## {} {}\n", plugin.name, plugin.version)?;
    rows(
        page,
        ["identity", ""],
        &[
            ("SHA-256", format!("{}{}", plugin.sha256, if plugin.pinned { ", pinned by its policy" } else { "" })),
            ("signed by", listed(&plugin.signers, "none recorded")),
            ("version went back by", plugin.rollback.clone().unwrap_or_else(|| "it did not".to_owned())),
            ("approved by", listed(&plugin.approvers, "none recorded")),
            ("admitted", format!("{}, entry {} of the log", plugin.admitted_at, plugin.entry)),
            ("engine", plugin.engine.clone()),
            ("bill of materials", plugin.bill_of_materials.as_ref().map_or("it carries none".to_owned(), bill)),
            ("imports", listed(&plugin.imported, "nothing")),
        ],
    )?;
    writeln!(page, "\n| capability | declared | granted |\n|---|---|---|")?;
    let (declared, granted) = (&plugin.declared, &plugin.granted);
    for (name, declared, granted) in [
        ("contracts", &declared.contracts, &granted.contracts),
        ("reference tables", &declared.tables, &granted.tables),
        ("documents it emits", &declared.emit, &granted.emit),
        ("documents it reads", &declared.read, &granted.read),
    ] {
        writeln!(page, "| {name} | {} | {} |", listed(declared, "none"), listed(granted, "none"))?;
    }
    if !plugin.fields.is_empty() {
        writeln!(page, "| fields of those | | {} |", listed(&plugin.fields, "none"))?;
        writeln!(page, "| references of those | | {} |", listed(&plugin.references, "none"))?;
    }
    for (part, texts) in &plugin.egress {
        writeln!(page, "| egress: {} | | {} |", part.replace('_', " "), listed(texts, "none"))?;
    }
    writeln!(page, "\n**Used:** {}\n", used(plugin.used.as_ref()))?;
    writeln!(page, "**Budgets:** {}\n", listed(&plugin.budgets, "none recorded"))?;
    writeln!(page, "**Refused** {} times, **quarantined** {} times.\n", plugin.refusals, plugin.quarantines)?;
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

fn rows(page: &mut String, headings: [&str; 2], rows: &[(&str, String)]) -> std::fmt::Result {
    writeln!(page, "| {} | {} |\n|---|---|", headings[0], headings[1])?;
    for (name, value) in rows {
        writeln!(page, "| {name} | {} |", cell(value))?;
    }
    Ok(())
}

fn used(used: Option<&Value>) -> String {
    match used {
        None => "this gateway keeps no account of it.".to_owned(),
        Some(used) => cell(&super::super::search::detail(used)),
    }
}

fn listed(texts: &[String], none: &str) -> String {
    match texts {
        [] => none.to_owned(),
        texts => cell(&texts.join(", ")),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A text in a cell of a table: nothing in it ends the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
