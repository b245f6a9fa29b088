//! Credentials of deliveries: every secret named, every header one that a credential may stand in.

use super::{Credential, Mistake, Reached, SECRET_FORM, covered, names_secret};
use crate::header;
use crate::policy::BaseUrl;

/// Headers that the gateway itself sets, or that would change what the message is.
const OWN_HEADERS: [&str; 12] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "idempotency-key",
    "proxy-authorization",
    "te",
    "traceparent",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn check(reached: &Reached<'_>, credential: &Credential, mistakes: &mut Vec<Mistake>) {
    // A webhook's only credential stands in its own table.
    let under = if reached.table == "webhook" { "" } else { "credential/" };
    let mut wrong = |key: &str, problem: &str, hint: &str| {
        mistakes.push(reached.wrong(&format!("{under}{key}"), problem, hint));
    };
    let header: Option<(&str, &String)> = match credential {
        Credential::Header { name, .. } => Some(("name", name)),
        Credential::ApiKey { header, .. } => Some(("header", header)),
        _ => None,
    };
    for (key, _) in credential.secrets().into_iter().filter(|(_, secret)| !names_secret(secret)) {
        wrong(key, "is not the name of a secret", SECRET_FORM);
    }
    if let Some((key, name)) = header
        && (!header::is_name(name) || OWN_HEADERS.contains(&name.as_str()) || name.starts_with("webhook-"))
    {
        wrong(key, "is no header that a credential can stand in", "lower case, such as `authorization` or `x-api-key`");
    }
    match credential {
        Credential::Basic { user, .. }
            if user.is_empty() || user.contains(':') || user.chars().any(char::is_control) =>
        {
            wrong("user", "is no user's name", "not empty, no colon, no control characters (RFC 7617 §2)");
        }
        Credential::Oauth2 { client_id, .. } if client_id.is_empty() => {
            wrong("client_id", "is empty", "the issuer of the tokens has given one to the gateway");
        }
        Credential::ClientCertificate { .. } if reached.delivery.base_url.starts_with("http://") => {
            wrong("kind", "there is no certificate without TLS", "write `https://` in `base_url`");
        }
        _ => {}
    }
    if let Credential::Oauth2 { token_url, .. } = credential {
        mistakes.extend(reached.url("credential/token_url", token_url));
        if BaseUrl::parse(token_url).is_ok_and(|url| !covered(reached.files, &url)) {
            let hint = "have it added to egress.base_urls of `ceiling.toml`";
            mistakes.push(reached.wrong("credential/token_url", "is outside the ceiling", hint));
        }
    }
}
