//! How a partner proves who it is, what it may send, and how it is reached.

use std::collections::BTreeMap;

use super::{Bound, Facts, Reach};
use crate::agreement::{Acknowledgement, Identifier, Level, Mode};
use crate::codes::UnknownCode;
use crate::policy::{
    AgreementDirection, AgreementPolicy, Authenticate, Batching, Breaker, CodesPolicy, DeliveryLimits, DeliveryPolicy,
    Duplicates, PartnerContract, PartnerLimits, PartnerPolicy, Policies, Retry, ShipmentReader, Unread, Webhook,
    WebhookLimits,
};
use crate::review::words;

pub(super) fn policy(facts: &mut Facts<'_>, policy: &PartnerPolicy, policies: &Policies) {
    let PartnerPolicy { title, role, authenticate, limits, contracts, agreements, delivery, webhook, shipments } =
        policy;
    facts.exists("take part");
    facts.note("title", title, "what people call it");
    if let Some(role) = role {
        facts.this("role", role, "whose word counts for fields of shipments, by its role");
    }
    for way in authenticate {
        let shown = words::authenticate(way);
        facts.may("authenticate", &shown, format!("prove who it is by {shown}"));
        match way {
            Authenticate::Jwt { claims, lifetime_seconds_max, certificate_bound, .. } => {
                token(facts, &shown, claims, *lifetime_seconds_max, *certificate_bound);
            }
            Authenticate::Hmac { signature: Some(form), .. } => {
                let words = format!("seconds that {shown} may be from now");
                let bound = Bound::Cap(u64::from(form.tolerance_seconds));
                let over = ("authenticate", shown.as_str());
                facts.bounding(over, "authenticate.signature.tolerance_seconds", &shown, bound, words);
            }
            Authenticate::Hmac { signature: None, .. } | Authenticate::ApiKey { .. } | Authenticate::Mtls { .. } => {}
        }
    }
    let PartnerLimits { requests_per_second, burst, requests_in_flight_max } = limits;
    facts.at_most("limits.requests_per_second", *requests_per_second, "requests that it may make in a second");
    facts.at_most("limits.burst", *burst, "requests that it may make at once");
    facts.at_most("limits.requests_in_flight_max", *requests_in_flight_max, "requests of it at the same time");
    for contract in contracts {
        self::contract(facts, contract, policies);
    }
    for agreement in agreements {
        self::agreement(facts, agreement, policies, delivery.as_ref());
    }
    facts.plugin = delivery.as_ref().map(|delivery| delivery.plugin.clone());
    if let Some(delivery) = delivery {
        self::delivery(facts, delivery);
    }
    facts.plugin = None;
    if let Some(webhook) = webhook {
        self::webhook(facts, webhook);
    }
    if let Some(shipments) = shipments {
        self::shipments(facts, shipments);
    }
}

/// What it may look up of shipments.
fn shipments(facts: &mut Facts<'_>, reader: &ShipmentReader) {
    let ShipmentReader { all, parties, read, fields, references } = reader;
    facts.may("shipments", "", "look up shipments in which it has a document");
    facts.may_if(*all, "shipments.all", "look up every shipment");
    facts.each("shipments.parties", parties, |party| {
        format!("look up shipments whose documents name the party `{party}`")
    });
    facts.each("shipments.read", read, |kind| format!("be shown documents of kind `{kind}` of shipments"));
    for kind in read {
        super::plugin::fields(facts, "shipments", "be shown", kind, fields.get(kind));
    }
    facts.each("shipments.references", references, |scheme| {
        format!("look shipments up by names of scheme `{scheme}`, and be shown these")
    });
}

/// What bounds a token beyond what it is called by.
fn token(
    facts: &mut Facts<'_>,
    shown: &str,
    claims: &BTreeMap<String, String>,
    lifetime: u32,
    certificate_bound: bool,
) {
    let over = ("authenticate", shown);
    for (claim, value) in claims {
        let words = format!("what the claim `{claim}` of {shown} must be");
        let item = format!("{claim} of {shown}");
        facts.bounding(over, "authenticate.claims", &item, Bound::Only(value.clone()), words);
    }
    let words = format!("seconds that {shown} may live");
    let bound = Bound::Cap(u64::from(lifetime));
    facts.bounding(over, "authenticate.lifetime_seconds_max", shown, bound, words);
    if certificate_bound {
        let words = format!("what {shown} must be bound to");
        let bound = Bound::Only("the client certificate that it comes with".to_owned());
        facts.bounding(over, "authenticate.certificate_bound", shown, bound, words);
    }
}

fn contract(facts: &mut Facts<'_>, contract: &PartnerContract, policies: &Policies) {
    let PartnerContract { name, versions, requests_per_second, burst, unread, all_or_nothing, id_header } = contract;
    for version in versions {
        let contract = format!("{name}/{version}");
        facts.plugin = policies.granted_to(&contract).cloned();
        facts.may("contracts", &contract, format!("send messages of the contract `{contract}`"));
    }
    if *unread == Unread::Finding {
        let words = format!("what is said of fields of `{name}` that nobody reads");
        facts.add("contracts.unread", name, Bound::Note("a finding".to_owned()), words);
    }
    if *all_or_nothing {
        let words = format!("what becomes of a message of `{name}` of which one part is refused");
        facts.add("contracts.all_or_nothing", name, Bound::Note("all of it is refused".to_owned()), words);
    }
    if let Some(header) = id_header {
        let words = format!("where the partner's own id of a message of the contract `{name}` is");
        let over = ("contracts", &*format!("{name}/"));
        facts.bounding(over, "contracts.id_header", name, Bound::Only(header.clone()), words);
    }
    let rates = [("requests_per_second", requests_per_second, "in a second"), ("burst", burst, "at once")];
    for (key, rate, when) in rates {
        if let Some(rate) = rate {
            let words = format!("messages of the contract `{name}` that it may send {when}");
            let over = ("contracts", &*format!("{name}/"));
            facts.bounding(over, &format!("contracts.{key}"), name, Bound::Cap(u64::from(*rate)), words);
        }
    }
}

/// Identifiers bound what is taken, so that a review sees it when they are more; of what is sent they are what it says.
fn agreement(
    facts: &mut Facts<'_>,
    agreement: &AgreementPolicy,
    policies: &Policies,
    delivery: Option<&DeliveryPolicy>,
) {
    let AgreementPolicy {
        name,
        contract,
        version,
        direction,
        mode,
        ours,
        theirs,
        edition,
        acknowledgement,
        acknowledge_within_seconds,
        acknowledgement_path,
        duplicates,
        all_or_nothing,
        batching,
        settings,
        codes,
    } = agreement;
    let contract = format!("{contract}/{version}");
    let is_in = *direction == AgreementDirection::In;
    facts.plugin = match direction {
        AgreementDirection::In => policies.granted_to(&contract).cloned(),
        AgreementDirection::Out => delivery.map(|delivery| delivery.plugin.clone()),
    };
    let (sent, meant) = (
        if is_in { "that it sends" } else { "that it is sent" },
        if *mode == Mode::Test { "tests" } else { "production" },
    );
    let words = format!("which messages the agreement `{name}` is about");
    facts.add("agreements", name, Bound::Content(format!("{meant} of `{contract}` {sent}")), words);
    for (key, side, whose) in [("ours", ours, "what we are"), ("theirs", theirs, "what it is")] {
        let called = called(side);
        let words = format!("{whose} called in envelopes by the agreement `{name}`");
        // Without the agreement the contract's messages would pass whatever their envelopes say.
        let (over, bound) = match is_in {
            true => (("contracts", contract.as_str()), Bound::Only(called)),
            false => (("agreements", name.as_str()), Bound::Content(called)),
        };
        facts.bounding(over, &format!("agreements.{key}"), name, bound, words);
    }
    if !edition.is_empty() {
        let words = format!("the edition of the standard by the agreement `{name}`");
        facts.add("agreements.edition", name, Bound::Note(edition.clone()), words);
    }
    let note = |facts: &mut Facts<'_>, key: &str, words: &str, value: String| {
        facts.add(&format!("agreements.{key}"), name, Bound::Note(value), format!("{words} by the agreement `{name}`"));
    };
    let how = match acknowledgement {
        Acknowledgement::None => None,
        Acknowledgement::InAnswer => Some("in the answer"),
        Acknowledgement::Apart => Some("as a message of its own"),
    };
    if let Some(how) = how {
        let words = if is_in { "how messages are acknowledged" } else { "how it acknowledges messages" };
        note(facts, "acknowledgement", words, how.to_owned());
        if !is_in {
            let value = format!("{acknowledge_within_seconds} s");
            note(facts, "acknowledge_within_seconds", "within what time it acknowledges messages", value);
        }
    }
    if let Some(path) = acknowledgement_path {
        let words = format!("where acknowledgements go by the agreement `{name}`");
        facts.add("agreements.acknowledgement_path", name, Bound::Content(path.clone()), words);
    }
    if is_in && *duplicates == Duplicates::New {
        let words = format!("what becomes of an interchange that comes twice by the agreement `{name}`");
        facts.add("agreements.duplicates", name, Bound::Content("it is a new one".to_owned()), words);
    }
    if *all_or_nothing {
        let words = format!("what becomes of a message under the agreement `{name}` of which one part is refused");
        facts.add("agreements.all_or_nothing", name, Bound::Note("all of it is refused".to_owned()), words);
    }
    if let Some(Batching { seconds, documents, bytes }) = batching {
        let value = format!("{documents} documents, {bytes} bytes, {seconds} seconds");
        note(facts, "batching", "what goes out together", value);
    }
    for (setting, value) in settings {
        let words = format!("what the agreement `{name}` sets `{setting}` to");
        let item = format!("{name} {setting}");
        facts.add("agreements.settings", &item, Bound::Content(value.clone()), words);
    }
    for CodesPolicy { table, unknown, rows_max } in codes {
        let item = format!("{name} {table}");
        let becomes = match unknown {
            UnknownCode::Pass => "it goes on as it is",
            UnknownCode::Finding => "it goes on as it is, with a finding",
            UnknownCode::Refuse => "its part is refused",
            UnknownCode::Park => "its part waits until it is known",
        };
        let words = format!("what becomes of a code that the table `{table}` of the agreement `{name}` does not know");
        facts.add("agreements.codes", &item, Bound::Content(becomes.to_owned()), words);
        let words = format!("rows that the table `{table}` of the agreement `{name}` may have");
        facts.bounding(
            ("agreements.codes", &item),
            "agreements.codes.rows_max",
            &item,
            Bound::Cap((*rows_max).into()),
            words,
        );
    }
}

fn called(side: &[Identifier]) -> String {
    let one = |Identifier { level, qualifier, value }: &Identifier| {
        let level = match level {
            Level::Interchange => "",
            Level::Group => " in groups",
            Level::Message => " in messages",
        };
        let colon = if qualifier.is_empty() { "" } else { ":" };
        format!("{qualifier}{colon}{value}{level}")
    };
    side.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn delivery(facts: &mut Facts<'_>, delivery: &DeliveryPolicy) {
    let DeliveryPolicy {
        plugin,
        base_url,
        enabled,
        test,
        credential,
        private_addresses,
        ca,
        response_headers,
        limits,
        retry,
        breaker,
    } = delivery;
    facts.this("delivery.plugin", plugin, "the plugin that renders what goes to it and reads its answers");
    facts.this("delivery.base_url", base_url, "where deliveries to it are sent");
    // Either way documents go to it that did not before.
    let sent = if *test { "those of tests alone" } else { "those that are no tests" };
    facts.this("delivery.test", sent, "which documents deliveries to it carry");
    if let Some(credential) = credential {
        let words = "the credential that deliveries to it carry";
        facts.this("delivery.credential", words::credential(credential), words);
    }
    facts.each("delivery.response_headers", response_headers, |name| {
        format!("have the header `{name}` of its answers shown to the plugin `{plugin}`")
    });
    connection(facts, "delivery", *enabled, *private_addresses, ca.as_deref());
    let DeliveryLimits {
        connect_timeout_ms,
        timeout_ms,
        response_bytes_max,
        in_flight_max,
        requests_per_second,
        burst,
        follow_ups_max,
    } = limits;
    sending(facts, "delivery", [*connect_timeout_ms, *timeout_ms], [*in_flight_max, *requests_per_second, *burst]);
    facts.at_most("delivery.limits.response_bytes_max", *response_bytes_max, "bytes of an answer that are read");
    facts.at_most("delivery.limits.follow_ups_max", *follow_ups_max, "questions after one pending delivery");
    schedule(facts, "delivery", retry, breaker);
}

fn webhook(facts: &mut Facts<'_>, webhook: &Webhook) {
    let Webhook { url, events, secret, previous_secret, enabled, private_addresses, ca, limits, retry, breaker } =
        webhook;
    facts.this("webhook.url", url, "where its events are sent");
    for kind in events {
        let words = format!("be told of events of the type `{kind}`");
        facts.reach("webhook.events", kind, Reach::Events(kind.clone()), words);
    }
    facts.this("webhook.secret", secret, "the secret that its events are signed with");
    if let Some(secret) = previous_secret {
        facts.this("webhook.previous_secret", secret, "the secret before, with which its events are signed as well");
    }
    connection(facts, "webhook", *enabled, *private_addresses, ca.as_deref());
    let WebhookLimits { connect_timeout_ms, timeout_ms, in_flight_max, requests_per_second, burst } = limits;
    sending(facts, "webhook", [*connect_timeout_ms, *timeout_ms], [*in_flight_max, *requests_per_second, *burst]);
    schedule(facts, "webhook", retry, breaker);
}

fn connection(facts: &mut Facts<'_>, table: &str, enabled: bool, private_addresses: bool, ca: Option<&str>) {
    let key = |key: &str| format!("{table}.{key}");
    let what = if table == "webhook" { "events" } else { "deliveries" };
    facts.may_if(enabled, &key("enabled"), &format!("be sent {what}"));
    let words = format!("be sent {what} at an address in a private network");
    facts.may_if(private_addresses, &key("private_addresses"), &words);
    let words = format!("the authorities that are trusted when {what} are sent to it");
    facts.this(&key("ca"), ca.unwrap_or("those of the system"), &words);
}

fn sending(facts: &mut Facts<'_>, table: &str, [connect, whole]: [u64; 2], [in_flight, rate, burst]: [u32; 3]) {
    let key = |key: &str| format!("{table}.limits.{key}");
    let what = if table == "webhook" { "events" } else { "deliveries" };
    facts.at_most(&key("connect_timeout_ms"), connect, &format!("milliseconds to connect when {what} are sent"));
    facts.at_most(&key("timeout_ms"), whole, &format!("milliseconds for one request when {what} are sent"));
    facts.at_most(&key("in_flight_max"), in_flight, &format!("{what} on their way to it at the same time"));
    facts.at_most(&key("requests_per_second"), rate, &format!("{what} that may be sent to it in a second"));
    facts.at_most(&key("burst"), burst, &format!("{what} that may be sent to it at once"));
}

/// How often a delivery is tried again is a bound; when it is tried is none.
fn schedule(facts: &mut Facts<'_>, table: &str, retry: &Retry, breaker: &Breaker) {
    let key = |key: &str| format!("{table}.{key}");
    let what = if table == "webhook" { "an event" } else { "a delivery" };
    let Retry { delays_seconds, retry_after_seconds_max } = retry;
    let attempts = delays_seconds.len() as u64 + 1;
    facts.at_most(&key("retry.delays_seconds"), attempts, &format!("attempts at {what}"));
    let delays: Vec<String> = delays_seconds.iter().map(u32::to_string).collect();
    let words = format!("the longest seconds between attempts at {what}");
    facts.add(&key("retry.delays_seconds"), "waits", Bound::Note(delays.join(", ")), words);
    let words = format!("the longest wait that the receiver can ask for, in seconds, for {what}");
    facts.note(&key("retry.retry_after_seconds_max"), retry_after_seconds_max.to_string(), &words);
    let Breaker { failures, open_seconds, half_open_probes } = breaker;
    let breaker = format!("{failures} failures, {open_seconds} seconds, {half_open_probes} probes");
    facts.note(&key("breaker"), breaker, &format!("when a receiver that fails is left alone with {what}"));
}
