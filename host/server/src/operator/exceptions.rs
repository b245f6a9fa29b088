//! What waits for a person: listed, shown, and what people do with it. Who acts must be of the team that has it.

use jiff::Timestamp;
use portgate_core::exception::{ExceptionState, Until, Wanted};
use portgate_core::policy::{ExceptionRoute, Exceptions, Permission};
use portgate_operator::{
    ActOnException, Acted, ConfirmAct, Exception, ExceptionDone, ExceptionFilter, ExceptionRecord, NoQuery, Override,
    Page, Paged,
};
use portgate_store::{
    self as store, Acceptance, Doing, ExceptionEnd, ExceptionId, KeptException, KeptExceptionAct, Operator,
};

use super::answer::Json;
use super::asked::invalid;
use super::filters;
use super::route::Call;
use crate::clock::now;
use crate::intake::{Correcting, Intake};
use crate::refusal::Refusal;

pub(super) async fn list(call: Call, query: Paged<ExceptionFilter>) -> Result<Json<Page<Exception>>, Refusal> {
    let (after, limit): (Option<ExceptionId>, u32) = (filters::after(&query)?, query.limit());
    let ExceptionFilter { team, mine, overdue, shipment, state } = query.filter;
    let (at, is_overdue) = (now(), overdue.unwrap_or_default());
    let shipment = shipment.map(|id| id.parse()).transpose();
    let filter = store::ExceptionFilter {
        team,
        assignee: mine.unwrap_or_default().then(|| call.operator.name.clone()),
        shipment: shipment.map_err(|error: store::BadId| invalid("/shipment", error.to_string()))?,
        state: Some(state.unwrap_or(ExceptionState::Open)),
        due_before: is_overdue.then_some(at),
    };
    let page = call.state.journal.exceptions(filter, after, limit).await?;
    let next = page.items.last().filter(|_| page.more).map(|last| last.id.to_string());
    Ok(Json(Page { items: page.items.iter().map(|kept| shown(kept, at)).collect(), next }))
}

pub(super) async fn show(call: Call, _: NoQuery) -> Result<Json<ExceptionRecord>, Refusal> {
    let record = find(&call).await?;
    let two_persons = route(policy(&call).as_ref(), &record.exception)
        .map(|route| route.two_persons.iter().copied().collect())
        .unwrap_or_default();
    let mut found = record.exception.findings().to_vec();
    if !call.operator.has(Permission::Payload) {
        found.iter_mut().flat_map(|finding| &mut finding.fields).for_each(|field| field.value = None);
    }
    let payload = call.operator.has(Permission::Payload);
    Ok(Json(ExceptionRecord {
        exception: shown(&record.exception, now()),
        found,
        acts: record.acts.into_iter().map(|act| done(act, payload)).collect(),
        overrides: record.overrides.into_iter().map(overriding).collect(),
        two_persons,
    }))
}

/// Does what an operator of the team wants, or keeps that it waits for a second one.
pub(super) async fn act(call: Call, asked: ActOnException) -> Result<Json<Acted>, Refusal> {
    let record = find(&call).await?;
    let policy = policy(&call);
    of_the_team(&call, policy.as_ref(), &record.exception)?;
    let (doing, reason) = match asked {
        ActOnException::Assign { team, to, reason } => {
            let own = team.as_ref().unwrap_or(&record.exception.team);
            let members = policy.as_ref().and_then(|policy| policy.teams.get(own)).map(|team| &team.operators);
            let Some(members) = members else { return Err(invalid("/team", format!("there is no team `{own}`"))) };
            if let Some(to) = to.as_ref().filter(|to| !members.contains(*to)) {
                return Err(invalid("/to", format!("`{to}` is no operator of the team `{own}`")));
            }
            (Doing::Assign { team, to }, reason)
        }
        ActOnException::Override { this_revision, reason } => {
            let until = match (this_revision, &record.exception.revision) {
                (true, Some(revision)) => Until::Revision(revision.clone()),
                _ => Until::FieldsChange,
            };
            (Doing::Override { until }, reason)
        }
        ActOnException::Correct { kind, id, fields, reason } => {
            let fields = fields.into_iter().map(|(pointer, value)| (pointer, value.to_string())).collect();
            (Doing::Correct { kind, id, fields }, reason)
        }
        ActOnException::Discard { reason } => (Doing::Discard, reason),
    };
    let operator = Operator { name: call.operator.name.clone(), reason: filters::reason(&reason)? };
    let needs_second =
        route(policy.as_ref(), &record.exception).is_some_and(|route| route.two_persons.contains(&doing.act()));
    perform(&call, &record.exception, doing, operator, needs_second, None).await
}

/// The word of a second operator for what waits.
pub(super) async fn confirm(call: Call, asked: ConfirmAct) -> Result<Json<Acted>, Refusal> {
    let record = find(&call).await?;
    of_the_team(&call, policy(&call).as_ref(), &record.exception)?;
    let ConfirmAct { number, reason } = asked;
    let operator = Operator { name: call.operator.name.clone(), reason: filters::reason(&reason)? };
    let waits = record.acts.iter().find(|act| act.number == number && act.state == "waits");
    let Some(waits) = waits else { return Err(impossible(&record.exception, &ExceptionEnd::NothingWaits)) };
    perform(&call, &record.exception, waits.doing.clone(), operator, true, Some(waits)).await
}

async fn perform(
    call: &Call,
    exception: &KeptException,
    doing: Doing,
    operator: Operator,
    needs_second: bool,
    confirms: Option<&KeptExceptionAct>,
) -> Result<Json<Acted>, Refusal> {
    let (act, name, at) = (doing.act(), operator.name.clone(), now());
    // Who did it says it, whoever confirms it.
    let said_by = confirms.map_or(name.as_str(), |act| act.operator.name.as_str());
    let confirms = confirms.map(|act| act.number);
    let correction = match &doing {
        Doing::Correct { kind, id, fields } => {
            Some(correction(call, exception, said_by, (kind.as_str(), id.as_str(), fields.as_slice())).await?)
        }
        _ => None,
    };
    // What waits is kept when the second operator says so, as the document is then.
    let correction = correction.filter(|_| !needs_second || confirms.is_some());
    let asked =
        store::ActOnException { id: exception.id, doing, operator, needs_second, confirms, correction, now: at };
    let end = call.state.journal.act_on_exception(asked).await?;
    tracing::info!(operator = name, exception = %exception.id, %act, ?end, "an operator acted on an exception");
    match end {
        ExceptionEnd::Done => Ok(Json(Acted {
            done: true,
            waits: None,
            message: "Done; the shipment is looked at again within seconds.".to_owned(),
        })),
        ExceptionEnd::Waits(number) => Ok(Json(Acted {
            done: false,
            waits: Some(number),
            message: format!("It waits for a second operator: `portgate exception confirm {} {number}`.", exception.id),
        })),
        ExceptionEnd::Unknown => Err(Refusal::ExceptionUnknown { id: exception.id.to_string() }),
        end => Err(impossible(exception, &end)),
    }
}

/// A correction as a document of the exception's shipment.
async fn correction(
    call: &Call,
    exception: &KeptException,
    operator: &str,
    (kind, id, fields): (&str, &str, &[(String, String)]),
) -> Result<Box<Acceptance>, Refusal> {
    let of_none =
        || Refusal::ActImpossible { why: "It is of no shipment, so that no document can be corrected.".to_owned() };
    let shipment = exception.shipment.ok_or_else(of_none)?;
    let shipment = call.state.journal.shipment(shipment.as_uuid()).await?.ok_or_else(of_none)?;
    let fields = fields.iter().map(|(pointer, value)| {
        (pointer.clone(), serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::String(value.clone())))
    });
    let configuration = call.state.configuration.load_full();
    let intake = Intake { state: &call.state, configuration: &configuration, now: now() };
    let correcting = Correcting { shipment: &shipment, kind, id, fields: fields.collect(), operator };
    let made = intake.correction(&correcting).map_err(|findings| Refusal::OperatorRequestInvalid { findings })?;
    Ok(Box::new(made))
}

/// Why an act was not done, and what to do.
fn impossible(exception: &KeptException, end: &ExceptionEnd) -> Refusal {
    let why = match end {
        ExceptionEnd::Closed => {
            let how = exception.closing().map(|closing| format!(" ({closing})")).unwrap_or_default();
            format!("The exception is closed{how}.")
        }
        ExceptionEnd::NothingWaits => "No act of this number waits for a second operator.".to_owned(),
        ExceptionEnd::SamePerson => "Who did it cannot confirm it: another operator of the team must.".to_owned(),
        ExceptionEnd::Outdated => {
            "Something else is found than when it was done, so that it is void: look at it and do it anew.".to_owned()
        }
        ExceptionEnd::NotOverridable => "Only what a rule finds can be overridden; discard it instead.".to_owned(),
        _ => "The correction was not kept: look at the exception again.".to_owned(),
    };
    Refusal::ActImpossible { why }
}

async fn find(call: &Call) -> Result<store::ExceptionRecord, Refusal> {
    let unknown = || Refusal::ExceptionUnknown { id: call.named.clone() };
    let id: ExceptionId = call.named.parse().map_err(|_| unknown())?;
    call.state.journal.exception(id).await?.ok_or_else(unknown)
}

fn policy(call: &Call) -> Option<Exceptions> {
    call.state.configuration.load().policies.exceptions.clone()
}

/// The route that an exception has come by, as policies are now.
fn route<'p>(policy: Option<&'p Exceptions>, kept: &KeptException) -> Option<&'p ExceptionRoute> {
    let wanted = Wanted {
        cause: kept.known.cause.clone(),
        team: None,
        severity: kept.severity,
        detail: String::new(),
        remedy: String::new(),
        findings: Vec::new(),
    };
    policy?.route(&wanted)
}

fn of_the_team(call: &Call, policy: Option<&Exceptions>, kept: &KeptException) -> Result<(), Refusal> {
    let team = policy.and_then(|policy| policy.teams.get(&kept.team));
    match team.is_some_and(|team| team.operators.contains(&call.operator.name)) {
        true => Ok(()),
        false => Err(Refusal::ActImpossible {
            why: format!("It is with the team `{}`, and `{}` is none of its operators.", kept.team, call.operator.name),
        }),
    }
}

/// An exception as operators see it.
pub(super) fn shown(kept: &KeptException, at: Timestamp) -> Exception {
    Exception {
        id: kept.id.to_string(),
        shipment: kept.shipment.map(|shipment| shipment.to_string()),
        cause: kept.known.cause.to_string(),
        severity: kept.severity,
        detail: kept.known.detail.clone(),
        remedy: kept.remedy.clone(),
        findings: kept.findings().len() as u64,
        state: kept.known.state,
        closing: kept.closing(),
        team: kept.team.clone(),
        assignee: kept.assignee.clone(),
        deadline: kept.deadline,
        overdue: kept.is_open() && kept.deadline.is_some_and(|deadline| deadline < at),
        escalated_at: kept.escalated_at,
        revision: kept.revision.clone(),
        first_at: kept.first_at,
        opened_at: kept.opened_at,
        times: kept.times,
        changed_at: kept.changed_at,
        closed_at: kept.closed_at,
        closed_by: kept.closed_by.as_ref().map(|by| by.name.clone()),
        close_reason: kept.closed_by.as_ref().map(|by| by.reason.clone()),
    }
}

fn done(act: KeptExceptionAct, payload: bool) -> ExceptionDone {
    let KeptExceptionAct { number, mut doing, state, operator, at, confirmed } = act;
    if let Doing::Correct { fields, .. } = &mut doing
        && !payload
    {
        fields.iter_mut().for_each(|(_, value)| *value = "null".to_owned());
    }
    let (second, confirmed_at) = confirmed.map_or((None, None), |(by, at)| (Some(by), Some(at)));
    ExceptionDone {
        number,
        what: serde_json::to_value(&doing).unwrap_or_default(),
        state,
        operator: operator.name,
        reason: operator.reason,
        at,
        confirmed_by: second.as_ref().map(|second| second.name.clone()),
        confirm_reason: second.map(|second| second.reason),
        confirmed_at,
    }
}

fn overriding(kept: store::KeptOverride) -> Override {
    let store::KeptOverride { said, cause, until, at, ended_at } = kept;
    Override {
        number: said.by,
        cause: cause.to_string(),
        until,
        operator: said.operator,
        confirmed_by: said.confirmed_by,
        reason: said.reason,
        at,
        ended_at,
    }
}
