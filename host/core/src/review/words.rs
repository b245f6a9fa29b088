//! Words that explanations and comparisons share, for readers who know nothing of the code.

use std::collections::BTreeSet;

use crate::policy::{Authenticate, Credential, Deliver, Limits, SignatureForm};

/// Every budget of a plugin: its key, how much, and what it bounds.
pub(super) fn limits(limits: &Limits) -> [(&'static str, u64, &'static str); 10] {
    let Limits {
        memory_bytes_max,
        table_elements_max,
        cpu_ms_max,
        wall_ms_max,
        output_bytes_max,
        documents_max,
        log_lines_max,
        log_bytes_max,
        lookups_max,
        calls_in_flight_max,
    } = limits;
    [
        ("memory_bytes_max", *memory_bytes_max, "bytes of memory for one call"),
        ("table_elements_max", *table_elements_max, "elements in the function tables of one call"),
        ("cpu_ms_max", *cpu_ms_max, "milliseconds on a processor for one call"),
        ("wall_ms_max", *wall_ms_max, "milliseconds on the clock for one call"),
        ("output_bytes_max", *output_bytes_max, "bytes that one call returns"),
        ("documents_max", *documents_max, "documents that one call returns"),
        ("log_lines_max", *log_lines_max, "lines that one call logs"),
        ("log_bytes_max", *log_bytes_max, "bytes that one call logs"),
        ("lookups_max", *lookups_max, "look-ups of one call in reference tables"),
        ("calls_in_flight_max", u64::from(*calls_in_flight_max), "calls at the same time"),
    ]
}

/// A credential in words: what it adds to a request, and the names of the secrets that it is made of.
pub fn credential(credential: &Credential) -> String {
    match credential {
        Credential::Header { name, value } => format!("the header `{name}` with the secret `{value}`"),
        Credential::ApiKey { header, value } => format!("an API key in the header `{header}`: the secret `{value}`"),
        Credential::Basic { user, password } => {
            format!("the user `{user}` with a password: the secret `{password}`")
        }
        Credential::Oauth2 { token_url, client_id, client_secret, scope, audience } => {
            let asked = |what: &str, text: &Option<String>| match text {
                Some(text) => format!(", {what} `{text}`"),
                None => String::new(),
            };
            format!(
                "a token from `{token_url}` for the client `{client_id}` with the secret `{client_secret}`{}{}",
                asked("scope", scope),
                asked("audience", audience),
            )
        }
        Credential::Hmac { secret, previous_secret } => {
            let previous = previous_secret.as_ref().map(|secret| format!(", and the one before: `{secret}`"));
            format!("a signature of every message with the secret `{secret}`{}", previous.unwrap_or_default())
        }
        Credential::ClientCertificate { certificate, key } => {
            format!("the client certificate `{certificate}` with the key `{key}`")
        }
    }
}

/// A way to authenticate in words.
pub(super) fn authenticate(way: &Authenticate) -> String {
    let credential = credential_shown(way);
    if way.is_test() { format!("{credential} (for tests)") } else { credential }
}

fn credential_shown(way: &Authenticate) -> String {
    match way {
        // What else its claims must be, how long it may live and whether it must be bound are restrictions of their own.
        Authenticate::Jwt {
            issuer,
            audience,
            audience_claim,
            subject,
            subject_claim,
            claims: _,
            token_type,
            lifetime_seconds_max: _,
            jwks,
            certificate_bound: _,
            test: _,
        } => {
            let elsewhere = |usual: &str, claim: &str| match claim == usual {
                true => String::new(),
                false => format!(" in its claim `{claim}`"),
            };
            format!(
                "a token (type `{token_type}`) of issuer `{issuer}` for audience `{audience}`{} with subject \
                 `{subject}`{}, signed by a key of `{jwks}`",
                elsewhere("aud", audience_claim),
                elsewhere("sub", subject_claim),
            )
        }
        Authenticate::ApiKey { sha256, test: _ } => format!("an API key whose SHA-256 is `{sha256}`"),
        Authenticate::Hmac { secret, scheme, signature: written, test: _ } => {
            let form = match (written, scheme) {
                (Some(form), _) => signature(form),
                (None, None) => String::new(),
                (None, Some(scheme)) => format!(" in the form of `{}`", scheme.name()),
            };
            format!("a signature of the message with the secret `{secret}`{form}")
        }
        Authenticate::Mtls { certificate_sha256, san_dns, test: _ } => {
            let part = |what: &str, text: &Option<String>| text.as_ref().map(|text| format!("{what} `{text}`"));
            let parts = [part("whose SHA-256 is", certificate_sha256), part("for the name", san_dns)];
            format!("a client certificate {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
        }
    }
}

/// A signature's form in words. How long it counts is a restriction of its own.
fn signature(form: &SignatureForm) -> String {
    let SignatureForm {
        header,
        algorithm,
        encoding,
        signed,
        prefix,
        separator,
        timestamp_header,
        timestamp_prefix,
        timestamp_form,
        tolerance_seconds: _,
        id_header,
        once_by,
        secret_form,
    } = form;
    let mut text = format!(
        " ({}) in the header `{header}`: HMAC-{} of `{signed}`, in {} after `{prefix}`",
        secret_form.name(),
        algorithm.name(),
        encoding.name(),
    );
    if let Some(separator) = separator {
        text.push_str(&format!(", one of several between `{separator}`"));
    }
    for place in [timestamp_header, timestamp_prefix].into_iter().flatten() {
        text.push_str(&format!(", with the time ({}) from `{place}`", timestamp_form.name()));
    }
    if let Some(header) = id_header {
        text.push_str(&format!(", with the id from `{header}`"));
    }
    format!("{text}; once by `{}`", once_by.name())
}

/// A route in words that follow "may".
pub(super) fn deliver(route: &Deliver) -> String {
    let Deliver { document, from, to, contract, version, ordered_by, when } = route;
    let mut text = format!("send documents of kind `{document}`");
    if let Some(from) = from {
        text.push_str(&format!(" that come from partner `{from}`"));
    }
    for (field, texts) in when {
        text.push_str(&format!(" whose field `{field}` is {}", listed(texts, "or")));
    }
    text.push_str(&format!(" to partner `{to}` as contract `{contract}/{version}`"));
    if let Some(scheme) = ordered_by {
        text.push_str(&format!(", in order for each `{scheme}`"));
    }
    text
}

/// Names between backquotes, with a word before the last.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n String>, word: &str) -> String {
    let names: BTreeSet<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let mut names: Vec<String> = names.into_iter().collect();
    match names.pop() {
        None => String::new(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} {word} {last}", names.join(", ")),
    }
}

/// The words for an interface that a component imports.
pub(super) fn import(name: &str) -> String {
    let (known, _) = name.split_once('@').unwrap_or((name, ""));
    let meaning = match known {
        "portgate:connector/types" => " (words of the contract, without a function)",
        "portgate:connector/log" => " (to write log lines)",
        "portgate:connector/reference-data" => " (to look up in reference tables)",
        "portgate:connector/names" => " (to search tables of lists by a name)",
        "portgate:connector/codes" => " (to translate a partner's codes)",
        _ => "",
    };
    format!("`{name}`{meaning}")
}
