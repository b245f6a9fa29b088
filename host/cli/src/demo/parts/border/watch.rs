//! What an operator sees of the consignment while it goes its way.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::ERP;
use super::papers::{Consignment, FREIGHT_CENTS};
use crate::demo::receiver::Taken;
use crate::demo::stage::{GATEWAY, Stage};
use crate::demo::timeline::Timeline;

/// How long anything may take that the gateway works out in the background. What was under way when it was killed is its own
/// again half a minute later, where other gateways share the journal.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the shipment is so, and gives what was looked for; an error says how it was last.
pub(super) async fn shipment<T>(
    stage: &Stage<'_>,
    consignment: &Consignment,
    what: &str,
    is_so: impl Fn(&Value) -> Option<T>,
) -> Result<T, String> {
    once(stage, &format!("/v1/shipments/{}", consignment.delivery()), what, is_so).await
}

/// Waits until what stands there is so.
pub(super) async fn once<T>(
    stage: &Stage<'_>,
    path: &str,
    what: &str,
    is_so: impl Fn(&Value) -> Option<T>,
) -> Result<T, String> {
    let began = Instant::now();
    loop {
        let shown = stage.client.look(path, stage.credentials).await?;
        if let Some(found) = is_so(&shown) {
            return Ok(found);
        }
        if began.elapsed() > PATIENCE {
            Timeline::note(false, &format!("{what} was expected; {}", summary(&shown)));
            return Err(format!("{what} did not come"));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Waits until the load that was planned is part of the shipment, and that its carrier takes it.
pub(super) async fn planned(stage: &Stage<'_>, consignment: &Consignment) -> Result<(), String> {
    let of = |shown: &Value| {
        let documents = shown["context"]["documents"].as_array()?;
        let of_kind = |kind: &str| documents.iter().find(|one| one["kind"] == kind).map(|one| &one["document"]);
        let (tender, answer) = (of_kind("load-tender")?, of_kind("load-tender-response")?);
        let taken = answer["verdict"] == "accepted";
        taken.then(|| format!("{} packages, {} kg", tender["packages"], text(tender, "grossKg")))
    };
    let load = shipment(stage, consignment, "the load that was planned, and taken", of).await?;
    Timeline::note(true, &format!("the load of {load} is part of the shipment, and OLNE takes it"));
    Ok(())
}

/// Waits until a filing stands there.
pub(super) async fn filing(
    stage: &Stage<'_>,
    consignment: &Consignment,
    name: &str,
    state: &str,
) -> Result<Value, String> {
    let of = |shown: &Value| {
        let filings = shown["filings"].as_array()?;
        filings.iter().find(|filing| filing["name"] == name && filing["state"] == state).cloned()
    };
    shipment(stage, consignment, &format!("{name} {state}"), of).await
}

/// Waits until a filing stands there because of this rule, and tells it.
pub(super) async fn held(
    stage: &Stage<'_>,
    consignment: &Consignment,
    name: &str,
    state: &str,
    rule: &str,
) -> Result<(), String> {
    let of = |shown: &Value| {
        let filings = shown["filings"].as_array()?;
        let filing = filings.iter().find(|filing| filing["name"] == name && filing["state"] == state)?;
        let finding = filing["findings"].as_array()?.iter().find(|finding| finding["rule"] == rule)?;
        Some(text(finding, "detail"))
    };
    let detail = shipment(stage, consignment, &format!("{name} {state} because of {rule}"), of).await?;
    Timeline::note(true, &format!("{name} is written and does not go: {detail}"));
    Ok(())
}

/// Tells which fields of a declaration changed in its last amendment.
pub(super) async fn changed(stage: &Stage<'_>, consignment: &Consignment, name: &str) -> Result<(), String> {
    let filing = filing(stage, consignment, name, "accepted").await?;
    let last = filing["steps"].as_array().and_then(|steps| steps.last()).cloned().unwrap_or_default();
    let differences = last["differences"].as_array().map(Vec::as_slice).unwrap_or_default();
    let said = |difference: &Value| {
        let value = |side: &str| difference[side].as_str().map_or_else(|| difference[side].to_string(), str::to_owned);
        format!("{} {} → {}", text(difference, "field"), value("before"), value("after"))
    };
    let of_money = differences.iter().find(|one| text(one, "field").contains("invoiceTotal"));
    let of_packages = differences.iter().find(|one| text(one, "field").contains("totalPackages"));
    let told: Vec<String> = of_money.into_iter().chain(of_packages).map(said).collect();
    let ok = told.len() == 2;
    Timeline::note(ok, &format!("the amendment changes {} fields: {}", differences.len(), told.join(", ")));
    if ok { Ok(()) } else { Err(format!("value and packages should have changed: {differences:?}")) }
}

/// Waits until duty and freight of both articles are known, which must come to these duties, and until the books have each duty, and
/// of each article a part of the freight: the parts are the bill to the cent.
pub(super) async fn costs(stage: &mut Stage<'_>, consignment: &Consignment, duties: &[u64]) -> Result<(), String> {
    let of = |shown: &Value| {
        let articles = shown["articles"].as_array()?.iter();
        let sums = articles.map(|article| {
            let sum = |cost: &str, kind: &str| {
                let totals = article["totals"].as_array()?.iter();
                totals
                    .clone()
                    .find(|total| total["costType"] == cost)
                    .map(|total| text(total, kind))
                    .filter(|sum| !sum.is_empty())
            };
            Some((text(article, "name"), sum("duty", "assessed")?, sum("freight", "invoiced")?))
        });
        sums.collect::<Option<Vec<_>>>().filter(|sums| !sums.is_empty())
    };
    let path = format!("/v1/shipments/{}/costs", consignment.delivery());
    let costs = once(stage, &path, "duty and freight of each article", of).await?;
    let pence = |sum: &str| sum.replace('.', "").parse::<u64>().unwrap_or_default();
    let mut found: Vec<u64> = costs.iter().map(|(_, duty, _)| pence(duty)).collect();
    let mut wanted = duties.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    for (article, duty, freight) in &costs {
        Timeline::note(
            found == wanted,
            &format!("{article}: {duty} GBP of duty as assessed, {freight} GBP of freight as invoiced"),
        );
    }
    if found != wanted {
        return Err(format!("duties of {wanted:?} pence were assessed, and the articles have {found:?}"));
    }
    for (article, duty, _) in &costs {
        posted(stage, article, duty).await?;
    }
    Timeline::tell(true, GATEWAY, "erp", "the duty of each article, IDocs ACC_DOCUMENT03", "posted");
    let articles: Vec<&str> = costs.iter().map(|(article, ..)| article.as_str()).collect();
    let parts = freight_posted(stage, &articles).await?;
    Timeline::tell(true, GATEWAY, "erp", &format!("the freight of each article, {parts} USD"), "posted");
    Ok(())
}

/// Waits until the books of the ERP system have freight of each of these articles, which together is the bill.
async fn freight_posted(stage: &mut Stage<'_>, articles: &[&str]) -> Result<String, String> {
    let began = Instant::now();
    loop {
        let erp = stage.receiver("erp")?;
        let parts: Vec<i64> = articles.iter().map(|article| freight(&erp.that_say(article), article)).collect();
        let said: Vec<String> = parts.iter().map(|cents| format!("{}.{:02}", cents / 100, cents % 100)).collect();
        if parts.iter().all(|cents| *cents > 0) && parts.iter().sum::<i64>() == FREIGHT_CENTS {
            return Ok(said.join(" and "));
        }
        if began.elapsed() > PATIENCE {
            let outcome = format!("{FREIGHT_CENTS} cents were expected, and the books have {}", said.join(" and "));
            Timeline::tell(false, GATEWAY, "erp", "the freight of each article", &outcome);
            return Err("the books do not have the freight bill".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What these postings, which are IDocs, say of the freight of an article, in cents of a dollar, the currency of no other cost.
fn freight(postings: &[Taken], article: &str) -> i64 {
    let idocs = postings.iter().flat_map(|posting| posting.body.split("<IDOC BEGIN"));
    let cents = |idoc: &str| {
        // The first line is the cost, the second what it is accrued against.
        let (_, amount) = idoc.split_once("<CURRENCY>USD</CURRENCY><AMT_DOCCUR>")?;
        amount.split('<').next()?.replace('.', "").parse::<i64>().ok()
    };
    idocs.filter(|idoc| idoc.contains(article)).filter_map(cents).sum()
}

/// Waits until the books of the ERP system have this sum of an article.
async fn posted(stage: &mut Stage<'_>, article: &str, sum: &str) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let postings = stage.receiver("erp")?.that_say(article);
        if postings.iter().any(|posting| posting.body.contains(sum)) {
            stage.timeline.delivered += 1;
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            let outcome = format!("{sum} was expected, and {} postings do not say it", postings.len());
            Timeline::tell(false, GATEWAY, "erp", &format!("a cost of {article}"), &outcome);
            return Err(format!("the books have no {sum} of {article}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a rule has found this, and this team is wanted for it where one is; tells both.
pub(super) async fn found(
    stage: &Stage<'_>,
    consignment: &Consignment,
    rule: &str,
    says: &str,
    team: Option<&str>,
) -> Result<(), String> {
    let of = |shown: &Value| {
        let is_meant = |found: &&Value| found["rule"] == rule && text(found, "detail").contains(says);
        let found = shown["found"].as_array()?.iter().find(is_meant)?;
        let is_wanted = |team: &str| {
            let open = |one: &Value| one["state"] != "closed" && one["team"] == team && is_of(one, rule);
            shown["exceptions"].as_array().is_some_and(|exceptions| exceptions.iter().any(open))
        };
        team.is_none_or(is_wanted).then(|| (text(found, "detail"), text(found, "remedy")))
    };
    let (detail, remedy) = shipment(stage, consignment, &format!("{rule} with `{says}`"), of).await?;
    let told = team.map(|team| format!(" It waits for the {team} team.")).unwrap_or_default();
    Timeline::note(true, &format!("{rule}: {detail} {remedy}{told}"));
    Ok(())
}

/// Waits until a rule finds nothing, and nobody is wanted for it any more.
pub(super) async fn mended(stage: &Stage<'_>, consignment: &Consignment, rule: &str, how: &str) -> Result<(), String> {
    let of = |shown: &Value| {
        let found = shown["found"].as_array()?.iter().any(|found| found["rule"] == rule);
        let all_closed =
            shown["exceptions"].as_array()?.iter().filter(|one| is_of(one, rule)).all(|one| one["state"] == "closed");
        (!found && all_closed && shown["current"] == true).then_some(())
    };
    shipment(stage, consignment, &format!("nothing of {rule}"), of).await?;
    Timeline::note(true, &format!("{rule} is settled: {how}"));
    Ok(())
}

/// Waits until the ERP system, which asks for its delivery as a partner, is told that customs has cleared it under this number.
pub(super) async fn told_to_erp(stage: &Stage<'_>, consignment: &Consignment, mrn: &str) -> Result<(), String> {
    let path = format!("/v1/shipments/{}", consignment.delivery());
    let began = Instant::now();
    loop {
        let shown = stage.client.ask(&path, ERP, stage.credentials).await?;
        let said = shown.to_string();
        let is_told = said.contains("\"CLEARED\"") && said.contains(mrn);
        if is_told || began.elapsed() > PATIENCE {
            let outcome = if is_told { format!("cleared, {mrn}") } else { format!("CLEARED was expected: {said}") };
            Timeline::tell(is_told, GATEWAY, "erp", "where its delivery is, when asked", &outcome);
            return if is_told { Ok(()) } else { Err("the ERP system does not hear of the clearance".to_owned()) };
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Waits until the ERP system has been told each of these under this number, as a text of its own delivery, once and in this order.
pub(super) async fn delivered_to_erp(
    stage: &mut Stage<'_>,
    consignment: &Consignment,
    mrn: &str,
    statuses: &[&str],
) -> Result<(), String> {
    let (began, delivery) = (Instant::now(), consignment.delivery());
    loop {
        let texts = stage.receiver("erp")?.that_say(mrn).into_iter().filter(|taken| taken.path.ends_with("/$batch"));
        let texts: Vec<Taken> = texts.collect();
        let is_all = texts.len() >= statuses.len();
        if is_all || began.elapsed() > PATIENCE {
            let says = |(taken, status): (&Taken, &&str)| {
                taken.body.contains(&format!("{status} "))
                    && taken.body.contains(&format!("DeliveryDocument='{delivery}'"))
            };
            let ok = texts.len() == statuses.len() && texts.iter().zip(statuses).all(says);
            let outcome = match ok {
                true => format!("{}, MRN {mrn}", statuses.join(", ")),
                false => {
                    let bodies: Vec<&str> = texts.iter().map(|taken| taken.body.as_str()).collect();
                    format!("{} were expected: {bodies:?}", statuses.join(", "))
                }
            };
            Timeline::tell(ok, GATEWAY, "erp", &format!("the texts of delivery {delivery}, OData batches"), &outcome);
            stage.timeline.delivered += statuses.len();
            return if ok { Ok(()) } else { Err("the ERP system is not told where its delivery stands".to_owned()) };
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a partner has taken so many requests that say this, and gives the last; an error where it has more.
pub(super) async fn has(
    stage: &mut Stage<'_>,
    to: &str,
    what: &str,
    name: &str,
    count: usize,
) -> Result<Taken, String> {
    let began = Instant::now();
    loop {
        let taken = stage.receiver(to)?.that_say(name);
        if taken.len() > count || (taken.len() < count && began.elapsed() > PATIENCE) {
            let outcome = format!("{count} with {name} were expected, and there are {}", taken.len());
            Timeline::tell(false, GATEWAY, to, what, &outcome);
            return Err(format!("{what} to {to}: {outcome}"));
        }
        if let Some(last) = taken.last().filter(|_| taken.len() == count) {
            let place = last.path.split('?').next().unwrap_or_default();
            let outcome = format!("{} to {} {place} ({} bytes)", last.status, last.method, last.body.len());
            Timeline::tell(true, GATEWAY, to, what, &outcome);
            stage.timeline.delivered += 1;
            return Ok(last.clone());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn text(of: &Value, key: &str) -> String {
    of[key].as_str().unwrap_or_default().to_owned()
}

fn cause(exception: &Value) -> &str {
    exception["cause"].as_str().unwrap_or_default()
}

/// Whether an exception is of what this rule finds.
fn is_of(exception: &Value, rule: &str) -> bool {
    cause(exception).ends_with(&format!("/{rule}"))
}

/// Where everything of a shipment stands, in a line.
fn summary(shown: &Value) -> String {
    let listed = |key: &str, say: &dyn Fn(&Value) -> String| {
        let all = shown[key].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().map(say).collect::<Vec<_>>().join("; ")
    };
    let finding = |found: &Value| format!("{} {}", text(found, "rule"), text(found, "detail"));
    let filing = |filing: &Value| {
        let of = filing["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of: Vec<String> = of.iter().map(finding).collect();
        format!("{} {} ({})", text(filing, "name"), text(filing, "state"), of.join("; "))
    };
    let exception = |one: &Value| format!("{} {}", cause(one), text(one, "state"));
    if shown["documents"].is_null() {
        return shown.to_string();
    }
    format!(
        "filed: {}; found: {}; waiting: {}",
        listed("filings", &filing),
        listed("found", &finding),
        listed("exceptions", &exception)
    )
}
