//! Asks the gateway's audit log for what the review says.

use http::StatusCode;
use serde_json::Value;

use super::denials;
use super::usage;
use super::{Activity, Bill, Capabilities, Failure, Gateway, Options, Plugin, PolicyFile, Review};
use crate::operator::{OperatorClient, OperatorError};

pub(super) fn review(client: &OperatorClient, options: &Options, bill: Bill) -> Result<Review, Failure> {
    let latest = |kind: &str| client.get("/v1/audit/latest", &[("kind", kind.to_owned())]).map(items);
    let newest = client.get("/v1/audit/head", &[])?;
    let started = latest("gateway-started")?;
    let started = started.last().map(|entry| entry["detail"].clone()).unwrap_or_default();
    let activity: Vec<Activity> = {
        let counts = client.get("/v1/audit/counts", &period(options))?;
        items(counts).iter().map(activity).collect()
    };
    let (removed, accepted) = (latest("plugin-removed")?, latest("change-accepted")?);
    let mut plugins = Vec::new();
    for entry in latest("plugin-admitted")? {
        let name = text(&entry, "subject").trim_start_matches("plugin:").to_owned();
        let gone = removed.iter().any(|gone| gone["subject"] == entry["subject"] && number(gone) > number(&entry));
        if gone || options.plugin.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let denials = denials::of(client, &name, &period(options))?;
        let mut review = plugin(name, &entry, &activity, &accepted, denials);
        match usage::of(client, &review.name, &review.sha256, options.since.as_deref())? {
            Ok(used) => review.used = Some(used),
            Err(why) => review.not_observed = Some(why),
        }
        review.bill_of_materials = bill_of(client, &review.name, options)?;
        plugins.push(review);
    }
    let files = latest("policy-changed")?;
    Ok(Review {
        written_at: jiff::Timestamp::now().to_string(),
        since: options.since.clone(),
        until: options.until.clone(),
        gateway: Gateway {
            version: text(&started, "version"),
            engine: text(&started, "engine"),
            head: newest["head"].clone(),
            public_key: text(&newest, "publicKey"),
            bill_of_materials: bill,
        },
        plugins,
        policies: files.iter().map(policy_file).collect(),
        activity,
    })
}

/// The bill that a plugin carries, saved beside the gateway's as `NAME.PLUGIN.json` where that is `NAME.json`.
fn bill_of(client: &OperatorClient, plugin: &str, options: &Options) -> Result<Option<Bill>, Failure> {
    let file = options.bom.as_ref().map(|file| file.with_extension(format!("{plugin}.json")));
    match client.bytes(&format!("/v1/plugins/{plugin}/bom")) {
        Ok(bill) => Ok(Some(Bill::saved(&bill, file.as_deref())?)),
        Err(OperatorError::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn plugin(
    name: String,
    entry: &Value,
    activity: &[Activity],
    accepted: &[Value],
    denials: Vec<denials::Denial>,
) -> Plugin {
    let detail = &entry["detail"];
    let (actor, subject) = (format!("plugin:{name}"), text(entry, "subject"));
    let count = |kind: &str| {
        activity.iter().filter(|one| one.kind == kind && one.subject == subject).map(|one| one.count).sum::<u64>()
    };
    let capabilities = |whose: &str| Capabilities {
        contracts: texts(detail, &format!("{whose}_contracts")),
        tables: texts(detail, &format!("{whose}_tables")),
        emit: texts(detail, &format!("{whose}_emit")),
        read: texts(detail, &format!("{whose}_read")),
    };
    let egress = ["base_urls", "methods", "paths", "query"];
    let egress = egress.map(|part| (part.to_owned(), texts(detail, &format!("egress_{part}"))));
    // What two persons have approved last of what concerns it.
    let approved = accepted.iter().filter(|one| {
        let detail = &one["detail"];
        texts(detail, "plugins").contains(&name) && !texts(detail, "approved_by").is_empty()
    });
    let approved = approved.max_by_key(|one| number(one));
    Plugin {
        version: text(detail, "version"),
        sha256: text(detail, "sha256"),
        pinned: detail["pinned"] == "yes",
        signers: texts(detail, "signed_by"),
        approvers: approved.map(|one| texts(&one["detail"], "approved_by")).unwrap_or_default(),
        approved_at: approved.map(|one| text(one, "at")),
        engine: text(detail, "engine"),
        admitted_at: text(entry, "at"),
        entry: number(entry),
        bill_of_materials: None,
        imported: texts(detail, "imports"),
        declared: capabilities("declared"),
        granted: capabilities("granted"),
        fields: texts(detail, "granted_fields"),
        references: texts(detail, "granted_references"),
        rollback: detail["rollback_by"].as_str().map(|by| format!("{by}: {}", text(detail, "rollback_reason"))),
        egress: egress.into_iter().filter(|(_, texts)| !texts.is_empty()).collect(),
        budgets: texts(detail, "budgets"),
        used: None,
        not_observed: None,
        denials,
        refusals: count("plugin-refused"),
        quarantines: count("plugin-quarantined"),
        credentials_used: activity
            .iter()
            .filter(|one| one.kind == "credential-used" && one.actor == actor)
            .cloned()
            .collect(),
        name,
    }
}

fn policy_file(entry: &Value) -> PolicyFile {
    PolicyFile {
        path: text(entry, "subject").trim_start_matches("policy:").to_owned(),
        sha256: entry["detail"]["after"].as_str().map(str::to_owned),
        changed_at: text(entry, "at"),
        entry: number(entry),
    }
}

fn activity(count: &Value) -> Activity {
    Activity {
        kind: text(count, "kind"),
        actor: text(count, "actor"),
        subject: text(count, "subject"),
        count: count["count"].as_u64().unwrap_or_default(),
        last_at: text(count, "lastAt"),
    }
}

fn period(options: &Options) -> Vec<(&'static str, String)> {
    let bounds = [("since", &options.since), ("until", &options.until)];
    bounds.into_iter().filter_map(|(name, bound)| Some((name, bound.clone()?))).collect()
}

fn items(mut answer: Value) -> Vec<Value> {
    answer["items"].as_array_mut().map(std::mem::take).unwrap_or_default()
}

fn number(entry: &Value) -> u64 {
    entry["number"].as_u64().unwrap_or_default()
}

pub(super) fn text(of: &Value, field: &str) -> String {
    of[field].as_str().unwrap_or_default().to_owned()
}

fn texts(of: &Value, field: &str) -> Vec<String> {
    of[field].as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
}
