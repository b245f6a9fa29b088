//! Asks the gateway's audit log for what the review says.

use http::StatusCode;
use portgate_core::audit::Kind;
use portgate_operator::{AuditCount, AuditEntry, AuditFilter, AuditHead, AuditLine, Items, LatestQuery, NoQuery};

use super::denials;
use super::detail::{known, text, texts};
use super::usage;
use super::{Activity, Bill, Capabilities, Failure, Gateway, Options, Plugin, PolicyFile, Review};
use crate::operator::{OperatorClient, OperatorError};

pub(super) fn review(client: &OperatorClient, options: &Options, bill: Bill) -> Result<Review, Failure> {
    let latest = |kind: Kind| -> Result<Vec<AuditEntry>, OperatorError> {
        let lines: Items<AuditLine> = client.get("/v1/audit/latest", &LatestQuery { kind })?;
        // A line that is no entry any more says nothing here; `audit verify` finds it.
        Ok(lines.items.iter().filter_map(AuditLine::entry).collect())
    };
    let newest: AuditHead = client.get("/v1/audit/head", &NoQuery {})?;
    let started = latest(Kind::GatewayStarted)?.pop().map(|entry| entry.detail).unwrap_or_default();
    let counts: Items<AuditCount> = client.get("/v1/audit/counts", &period(options))?;
    let activity: Vec<Activity> = counts.items.into_iter().map(activity).collect();
    let (removed, accepted) = (latest(Kind::PluginRemoved)?, latest(Kind::ChangeAccepted)?);
    let mut plugins = Vec::new();
    for entry in latest(Kind::PluginAdmitted)? {
        let name = entry.subject.trim_start_matches("plugin:").to_owned();
        let gone = removed.iter().any(|gone| gone.subject == entry.subject && gone.number > entry.number);
        if gone || options.plugin.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let denials = denials::of(client, &name, period(options))?;
        let mut review = plugin(name, &entry, &activity, &accepted, denials);
        match usage::of(client, &review.name, &review.sha256, options.since)? {
            Ok(used) => review.used = Some(used),
            Err(why) => review.not_observed = Some(why),
        }
        review.bill_of_materials = bill_of(client, &review.name, options)?;
        plugins.push(review);
    }
    let files = latest(Kind::PolicyChanged)?;
    Ok(Review {
        written_at: jiff::Timestamp::now().to_string(),
        since: options.since.map(|since| since.to_string()),
        until: options.until.map(|until| until.to_string()),
        gateway: Gateway {
            version: text(&started, "version"),
            engine: text(&started, "engine"),
            head: newest.head,
            public_key: newest.public_key,
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
    entry: &AuditEntry,
    activity: &[Activity],
    accepted: &[AuditEntry],
    denials: Vec<denials::Denial>,
) -> Plugin {
    let detail = &entry.detail;
    let (actor, subject) = (format!("plugin:{name}"), &entry.subject);
    let count = |kind: &str| {
        activity.iter().filter(|one| one.kind == kind && one.subject == *subject).map(|one| one.count).sum::<u64>()
    };
    let capabilities = |whose: &str| Capabilities {
        contracts: texts(detail, &format!("{whose}_contracts")),
        tables: texts(detail, &format!("{whose}_tables")),
        emit: texts(detail, &format!("{whose}_emit")),
        read: texts(detail, &format!("{whose}_read")),
    };
    let egress = ["base_urls", "methods", "paths", "query"];
    let egress = egress.map(|part| (part.to_owned(), texts(detail, &format!("egress_{part}"))));
    // The last change that was approved by persons and concerns this plugin.
    let approved = accepted
        .iter()
        .filter(|one| texts(&one.detail, "plugins").contains(&name) && !texts(&one.detail, "approved_by").is_empty());
    let approved = approved.max_by_key(|one| one.number);
    Plugin {
        version: text(detail, "version"),
        sha256: text(detail, "sha256"),
        pinned: text(detail, "pinned") == "yes",
        signers: texts(detail, "signed_by"),
        approvers: approved.map(|one| texts(&one.detail, "approved_by")).unwrap_or_default(),
        approved_at: approved.map(|one| one.at.to_string()),
        engine: text(detail, "engine"),
        admitted_at: entry.at.to_string(),
        entry: entry.number,
        bill_of_materials: None,
        imported: texts(detail, "imports"),
        declared: capabilities("declared"),
        granted: capabilities("granted"),
        fields: texts(detail, "granted_fields"),
        references: texts(detail, "granted_references"),
        rollback: known(detail, "rollback_by").map(|by| format!("{by}: {}", text(detail, "rollback_reason"))),
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

fn policy_file(entry: &AuditEntry) -> PolicyFile {
    PolicyFile {
        path: entry.subject.trim_start_matches("policy:").to_owned(),
        sha256: known(&entry.detail, "after").map(str::to_owned),
        changed_at: entry.at.to_string(),
        entry: entry.number,
    }
}

fn activity(counted: AuditCount) -> Activity {
    let AuditCount { kind, actor, subject, count, first_at: _, last_at } = counted;
    Activity { kind, actor, subject, count, last_at: last_at.to_string() }
}

fn period(options: &Options) -> AuditFilter {
    AuditFilter { since: options.since, until: options.until, ..AuditFilter::default() }
}
