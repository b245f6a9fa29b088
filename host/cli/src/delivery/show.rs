//! `portgate delivery show`: one delivery as a person reads it: what is sent, and each attempt with its answer.

use std::fmt::Write;

use portgate_operator::{Attempt, Body, ControlNumbers, DeliveryRecord, DeliveryRequest, HeaderField, Transcript};

use crate::printable::printable;

/// The whole delivery.
pub(super) fn shown(record: &DeliveryRecord) -> String {
    let delivery = &record.delivery;
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:<12}{}", printable(value));
        }
    };
    line("delivery", &delivery.id);
    line("exchange", &delivery.exchange);
    line("part", &delivery.parts.join(", "));
    line("to", &format!("{}, as {}/{}", delivery.destination, delivery.contract, delivery.version));
    let class = delivery.class.map(|class| format!(" ({class})")).unwrap_or_default();
    line("state", &format!("{}{class}", delivery.state));
    line("accepted", &delivery.created_at.to_string());
    match delivery.settled_at {
        Some(settled) => line("settled", &settled.to_string()),
        None => line("due", &delivery.due_at.to_string()),
    }
    if let Some(ControlNumbers { interchange, group, first_message, messages }) = delivery.control_numbers {
        let last = (first_message + u64::from(messages)).saturating_sub(1);
        let sets = if messages > 1 { format!("{first_message} to {last}") } else { first_message.to_string() };
        line("numbers", &format!("interchange {interchange}, group {group}, message {sets}"));
    }
    let acknowledged_in = delivery.acknowledged_in.as_deref().map(|exchange| format!(", by {exchange}"));
    match (delivery.acknowledged, delivery.acknowledge_by) {
        (Some(said), _) => line("verdict", &format!("{said}{}", acknowledged_in.unwrap_or_default())),
        (None, Some(by)) => line("expected by", &by.to_string()),
        (None, None) => {}
    }
    line("after", delivery.succeeds.as_deref().unwrap_or_default());
    line("followed by", delivery.succeeded_by.as_deref().unwrap_or_default());
    line("went out as", delivery.batch.as_deref().unwrap_or_default());
    line("lane", delivery.lane.as_deref().unwrap_or_default());
    for finding in &delivery.findings {
        line("finding", &format!("{} {}: {}", finding.severity, finding.code, finding.detail));
    }
    match (&record.request, record.redacted_at) {
        (Some(request), _) => text.push_str(&self::request("request", request)),
        (None, Some(at)) => drop(writeln!(text, "\nWhat was sent was removed by the journal's retention at {at}.")),
        (None, None) => text.push_str("\nIt is not rendered yet.\n"),
    }
    if let Some(question) = &record.question {
        text.push_str(&request("question", question));
    }
    for one in &delivery.attempts {
        text.push_str(&attempt(one));
    }
    text
}

fn request(what: &str, request: &DeliveryRequest) -> String {
    let DeliveryRequest { method, url, headers, body } = request;
    format!("\n{what}\n    {} {}\n{}{}", printable(method), printable(url), fields(headers), self::body(body))
}

fn attempt(attempt: &Attempt) -> String {
    let status = attempt.status.map_or("no answer".to_owned(), |status| status.to_string());
    let verdict = attempt.verdict.as_ref().map(|verdict| format!(", {verdict}")).unwrap_or_default();
    let Attempt { number, started_at, milliseconds, detail, .. } = attempt;
    let mut text = format!("\nattempt {number}: {started_at}, {milliseconds} ms, {status}{verdict}\n");
    let _ = writeln!(text, "    {}", printable(detail));
    let Some(Transcript { method, url, headers, answer }) = &attempt.transcript else { return text };
    let _ = write!(text, "  sent\n    {} {}\n{}", printable(method), printable(url), fields(headers));
    if let Some(answer) = answer {
        let _ = write!(text, "  answer\n    {}\n{}", answer.status, fields(&answer.headers));
        text.push_str(&answer.body.as_ref().map(body).unwrap_or_default());
    }
    text
}

fn fields(headers: &[HeaderField]) -> String {
    let field = |HeaderField { name, value }: &HeaderField| {
        format!("    {}: {}\n", printable(name), printable(value.as_deref().unwrap_or("(withheld)")))
    };
    headers.iter().map(field).collect()
}

fn body(body: &Body) -> String {
    let Body { bytes, cut, text, base64 } = body;
    let cut = if *cut { ", of which these are kept" } else { "" };
    match (text, base64) {
        (Some(said), _) if said.is_empty() => String::new(),
        (Some(said), _) => {
            let lines = said.lines().map(|line| format!("    {}\n", printable(line)));
            format!("    ({bytes} bytes{cut})\n{}", lines.collect::<String>())
        }
        (None, Some(base64)) => format!("    ({bytes} bytes{cut}, base64)\n    {base64}\n"),
        (None, None) => format!("    ({bytes} bytes, which only operators with the permission `payload` see)\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_partner_says_to_the_terminal_is_not_passed_on() {
        let said = Body { bytes: 9, cut: false, text: Some("a\u{1b}[2Jb\r\nc\u{9b}d".to_owned()), base64: None };
        assert_eq!(body(&said), "    (9 bytes)\n    a\u{fffd}[2Jb\n    c\u{fffd}d\n");
    }

    #[test]
    fn a_body_that_may_not_be_seen_is_counted() {
        let hidden = Body { bytes: 9, cut: true, text: None, base64: None };
        assert!(body(&hidden).contains("9 bytes, which only operators with the permission `payload` see"));
    }
}
