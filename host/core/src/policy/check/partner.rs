//! What a schema cannot say of partners: credentials that name exactly one partner, secrets that are not written down,
//! rates that make sense, contracts that exist.

use std::collections::{BTreeMap, BTreeSet};

use super::{agreement, signature};
use crate::checked_toml::File;
use crate::header;
use crate::mistake::Mistake;
use crate::policy::files::Files;
use crate::policy::secret_name::{SECRET_FORM, names_secret};
use crate::policy::{Authenticate, Gateway, PartnerPolicy};
use crate::sender;

/// Claims that people choose or change at their identity provider: whoever can write them could be anybody.
const CHANGEABLE_CLAIMS: [&str; 7] =
    ["email", "name", "nickname", "preferred_username", "unique_name", "upn", "username"];

/// Checks what concerns partners.
pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let mut identities = BTreeMap::new();
    for (name, partner) in &files.partners {
        let own = match name.as_str() {
            sender::OPERATORS => {
                Some(("is the name of operators", "corrections by operators are kept as from this name"))
            }
            sender::GATEWAY => {
                Some(("is the gateway's own name", "the gateway's own documents are kept as from this name"))
            }
            _ => None,
        };
        if let Some((problem, why)) = own {
            let hint = Some(format!("{why}; call the partner otherwise"));
            mistakes.push(Mistake::whole_file(format!("partners/{name}.toml"), problem, hint));
        }
        for (index, way) in partner.content.authenticate.iter().enumerate() {
            let at = format!("/authenticate/{index}");
            credential(files, partner, way, &at, mistakes);
            for (key, identity) in identities_of(way) {
                match identities.get(&identity) {
                    None => drop(identities.insert(identity, name)),
                    Some(first) => {
                        let problem = format!("the same credential names partner `{first}`");
                        let hint = Some("a credential names one partner; give each its own".to_owned());
                        mistakes.push(partner.mistake(&format!("{at}/{key}"), problem, hint));
                    }
                }
            }
        }
        if partner.content.authenticate.is_empty() && !partner.content.contracts.is_empty() {
            let hint = Some("add [[authenticate]], or remove its contracts".to_owned());
            mistakes.push(partner.mistake(
                "/contracts",
                "nobody could send these: there is no way to authenticate",
                hint,
            ));
        }
        if let Some(shipments) = &partner.content.shipments {
            if partner.content.authenticate.is_empty() {
                let hint = Some("add [[authenticate]], or remove [shipments]".to_owned());
                mistakes.push(partner.mistake("/shipments", "nobody could ask: there is no way to authenticate", hint));
            }
            if shipments.all && !shipments.parties.is_empty() {
                let hint =
                    Some("leave `parties` or `all` out: who sees every shipment needs no other reason".to_owned());
                mistakes.push(partner.mistake("/shipments/parties", "is said beside `all`", hint));
            }
        }
        contracts(files, partner, mistakes);
        agreement::check(files, partner, mistakes);
    }
}

fn credential(files: &Files, partner: &File<PartnerPolicy>, way: &Authenticate, at: &str, mistakes: &mut Vec<Mistake>) {
    let mut wrong = |key: &str, problem: &str, hint: &str| {
        mistakes.push(partner.mistake(&format!("{at}/{key}"), problem, Some(hint.to_owned())));
    };
    let asks = |gateway: &File<Gateway>| gateway.content.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
    let never_asked = files.gateway.as_ref().is_some_and(|gateway| !asks(gateway));
    let never_asked = |key: &str, mistakes: &mut Vec<Mistake>| {
        if never_asked {
            let hint = Some("set `client_ca` under [tls] in `gateway.toml`".to_owned());
            let problem = "the gateway never asks for a client certificate";
            mistakes.push(partner.mistake(&format!("{at}/{key}"), problem, hint));
        }
    };
    match way {
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
            certificate_bound,
            test: _,
        } => {
            let texts = [
                ("issuer", issuer),
                ("audience", audience),
                ("audience_claim", audience_claim),
                ("subject", subject),
                ("subject_claim", subject_claim),
                ("token_type", token_type),
            ];
            for (key, text) in texts {
                if text.trim().is_empty() {
                    wrong(key, "is empty", "a token that says nothing here must not pass");
                }
            }
            if CHANGEABLE_CLAIMS.contains(&subject_claim.as_str()) {
                let hint = "name a claim that the issuer assigns, such as `sub`, `azp`, `client_id` or `appid`";
                wrong("subject_claim", "is a claim that its holder can change, and then be somebody else", hint);
            }
            if !is_key_set_place(jwks) {
                let hint = "write an `https://` URL, an `http://` URL on loopback, or `file:NAME`; no user or password";
                wrong("jwks", "is no place that keys can safely come from", hint);
            }
            if *certificate_bound {
                never_asked("certificate_bound", mistakes);
            }
        }
        Authenticate::ApiKey { sha256, test: _ } => {
            if !is_sha256(sha256) && !names_secret(sha256) {
                let hint =
                    "write the key's SHA-256 in 64 lower-case hexadecimal digits, or `file:NAME` or `env:NAME` with it";
                wrong("sha256", "is neither a SHA-256 nor the name of one", hint);
            }
        }
        Authenticate::Hmac { secret, scheme, signature, test: _ } => {
            if !names_secret(secret) {
                wrong("secret", "is not the name of a secret", SECRET_FORM);
            }
            signature::check(partner, *scheme, signature.as_deref(), at, mistakes);
        }
        Authenticate::Mtls { certificate_sha256, san_dns, test: _ } => {
            if certificate_sha256.is_none() && san_dns.is_none() {
                let hint = "give `certificate_sha256` or `san_dns`, or any certificate of the authorities would pass";
                wrong("kind", "names no certificate", hint);
            }
            if certificate_sha256.as_ref().is_some_and(|sha256| !is_sha256(sha256) && !names_secret(sha256)) {
                let hint = "64 lower-case hexadecimal digits, or `file:NAME` or `env:NAME` with them";
                wrong("certificate_sha256", "is neither a SHA-256 nor the name of one", hint);
            }
            if san_dns.as_ref().is_some_and(|name| !is_dns_name(name)) {
                wrong("san_dns", "is no DNS name", "such as `client.example.com`; wildcards are not matched");
            }
            never_asked("kind", mistakes);
        }
    }
}

fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Whom a credential names, with the key to point at. Two partners with one of these in common cannot be told apart.
fn identities_of(way: &Authenticate) -> Vec<(&'static str, String)> {
    match way {
        Authenticate::Jwt { issuer, audience, audience_claim, subject, subject_claim, .. } => {
            vec![("subject", format!("jwt {issuer:?} {audience_claim:?} {audience:?} {subject_claim:?} {subject:?}"))]
        }
        Authenticate::ApiKey { sha256, .. } => vec![("sha256", format!("api-key {sha256}"))],
        Authenticate::Hmac { secret, .. } => vec![("secret", format!("hmac {secret}"))],
        Authenticate::Mtls { certificate_sha256: Some(sha256), .. } => {
            vec![("certificate_sha256", format!("certificate {sha256}"))]
        }
        Authenticate::Mtls { san_dns, .. } => {
            san_dns.iter().map(|name| ("san_dns", format!("dns {}", name.to_ascii_lowercase()))).collect()
        }
    }
}

fn contracts(files: &Files, partner: &File<PartnerPolicy>, mistakes: &mut Vec<Mistake>) {
    let limits = &partner.content.limits;
    let mut seen = BTreeSet::new();
    for (index, contract) in partner.content.contracts.iter().enumerate() {
        let at = |key: &str| format!("/contracts/{index}/{key}");
        if !seen.insert(&contract.name) {
            let hint = Some("list all its versions in one place".to_owned());
            mistakes.push(partner.mistake(&at("name"), format!("`{}` is listed already", contract.name), hint));
        }
        for (position, version) in contract.versions.iter().enumerate() {
            if let Some((problem, hint)) = files.not_granted(&contract.name, version) {
                mistakes.push(partner.mistake(&at(&format!("versions/{position}")), problem, Some(hint)));
            }
        }
        if contract.id_header.as_ref().is_some_and(|name| !header::is_free(name)) {
            let hint = Some(signature::HEADER_HINT.to_owned());
            mistakes.push(partner.mistake(&at("id_header"), "is no header field for this", hint));
        }
        match (contract.requests_per_second, contract.burst) {
            (Some(_), None) => {
                let hint = Some("a rate needs a `burst`: how many may come at once".to_owned());
                mistakes.push(partner.mistake(&at("requests_per_second"), "comes without `burst`", hint));
            }
            (None, Some(_)) => {
                let hint = Some("give `requests_per_second` too".to_owned());
                mistakes.push(partner.mistake(&at("burst"), "comes without `requests_per_second`", hint));
            }
            (Some(rate), Some(_)) if rate > limits.requests_per_second => {
                let problem = format!("{rate} is above the partner's own {}", limits.requests_per_second);
                let hint =
                    Some("the partner's limit counts over all contracts; lower one or raise the other".to_owned());
                mistakes.push(partner.mistake(&at("requests_per_second"), problem, hint));
            }
            _ => {}
        }
    }
}

/// Whether a text is a SHA-256 in 64 lower-case hexadecimal digits.
fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether the key set's place is one that nobody on the way can change.
fn is_key_set_place(jwks: &str) -> bool {
    if jwks.starts_with("file:") {
        return names_secret(jwks);
    }
    let Ok(uri) = jwks.parse::<http::Uri>() else { return false };
    let Some(authority) = uri.authority().filter(|authority| !authority.as_str().contains('@')) else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => loopback,
        _ => false,
    }
}
