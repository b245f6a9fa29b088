//! What a schema cannot say of the message broker: secrets that are named, addresses that can be asked.

use crate::mistake::Mistake;
use crate::policy::files::Files;
use crate::policy::secret_name::names_secret;

/// Checks what the schema cannot say.
pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(gateway) = &files.gateway else { return };
    let Some(nats) = &gateway.content.nats else { return };
    let secrets = [("url", Some(&nats.url)), ("credentials", nats.credentials.as_ref())];
    for (key, reference) in secrets.into_iter().filter_map(|(key, secret)| Some((key, secret?))) {
        if !names_secret(reference) {
            let hint = Some("write `file:NAME` or `env:NAME`; the content belongs into the secret".to_owned());
            mistakes.push(gateway.mistake(&format!("/nats/{key}"), "names no secret", hint));
        }
    }
    for (number, url) in nats.monitoring.iter().enumerate() {
        let plain = url.parse::<http::Uri>().is_ok_and(|uri| {
            uri.scheme_str() == Some("http") && uri.path() == "/" && uri.query().is_none() && uri.host().is_some()
        });
        if !plain {
            let hint = Some("write `http://HOST:PORT`, as the server's `http` setting has it".to_owned());
            mistakes.push(gateway.mistake(&format!("/nats/monitoring/{number}"), "is no address of a server", hint));
        }
    }
}
