//! Signed webhooks, from head and body to a partner.

use std::sync::Arc;

use jiff::Timestamp;
use portgate_core::policy::Authenticate;
use serde_json::json;

use super::fixture::*;
use crate::auth::testing::WebhookSecret;
use crate::auth::{AuthError, Authenticator, Credential, Identity, Method, SignedAs};

const BODY: &[u8] = br#"{"mrn":"25GB0000000000000A"}"#;

fn brokers(secrets: &[(&str, &WebhookSecret)]) -> Fixture {
    let mut fixture = Fixture::new();
    for (name, secret) in secrets {
        fixture.write(name, &format!("{}\n", secret.text()));
        fixture.partner(name, vec![hmac(&format!("file:{name}"), json!({}))]);
    }
    fixture
}

async fn judge(
    authenticator: &Authenticator,
    headers: &[(&'static str, String)],
    body: &[u8],
    at: Timestamp,
) -> Result<Identity, AuthError> {
    match authenticator.authenticate(&head(headers), None, at).await? {
        Credential::Signed(signed) => signed.verify(body, at),
        Credential::Proven(identity) => panic!("{identity:?} proven without the body"),
    }
}

#[tokio::test]
async fn a_signed_webhook_proves_whose_secret_it_is() {
    let (first, second) = (WebhookSecret::generate(), WebhookSecret::generate());
    let fixture = brokers(&[("first", &first), ("second", &second)]);
    let authenticator = fixture.authenticator();
    for (partner, secret) in [("first", &first), ("second", &second)] {
        let identity = judge(&authenticator, &secret.headers("msg_1", now(), BODY), BODY, now()).await.unwrap();
        assert_eq!((&*identity.sender, identity.method, identity.expires), (partner, Method::Hmac, None));
    }
}

#[tokio::test]
async fn every_signed_part_counts() {
    let secret = WebhookSecret::generate();
    let authenticator = brokers(&[("broker", &secret)]).authenticator();
    let right = secret.headers("msg_1", now(), BODY);
    let with = |name: &str, value: &str| {
        right.clone().map(|(field, old)| if field == name { (field, value.to_owned()) } else { (field, old) })
    };
    let other = now().as_second() + 1;
    for headers in [with("webhook-id", "msg_2"), with("webhook-timestamp", &other.to_string())] {
        let refused = judge(&authenticator, &headers, BODY, now()).await;
        assert_eq!(refused, Err(AuthError::BadSignature { credential: Method::Hmac }), "{headers:?}");
    }
    let refused = judge(&authenticator, &right, b"{}", now()).await;
    assert_eq!(refused, Err(AuthError::BadSignature { credential: Method::Hmac }));
    let stranger = WebhookSecret::generate().headers("msg_1", now(), BODY);
    assert!(judge(&authenticator, &stranger, BODY, now()).await.is_err());
    assert!(judge(&authenticator, &right, BODY, now()).await.is_ok());
}

#[tokio::test]
async fn any_right_signature_of_several_is_enough_and_other_versions_are_passed_over() {
    let secret = WebhookSecret::generate();
    let right = secret.signature("msg_1", &now().as_second().to_string(), BODY);
    let wrong = WebhookSecret::generate().signature("msg_1", &now().as_second().to_string(), BODY);
    let body_of_right = right.strip_prefix("v1,").unwrap().to_owned();
    let judged = async |signatures: String| {
        let mut headers = secret.headers("msg_1", now(), BODY);
        headers[2].1 = signatures;
        judge(&brokers(&[("broker", &secret)]).authenticator(), &headers, BODY, now()).await
    };
    assert!(judged(format!("{wrong} v1a,AAAA {right}")).await.is_ok());
    assert!(judged(format!("v2,junk {right}")).await.is_ok());
    for refused in [
        wrong.clone(),
        String::new(),
        "v1,".to_owned(),
        format!("v2,{body_of_right}"),
        format!("v1a,{body_of_right}"),
        body_of_right.clone(),
        right[..right.len() - 4].to_owned(),
        right.trim_end_matches('=').to_owned(),
        [right.as_str(); 9].join(" "),
    ] {
        assert!(judged(refused.clone()).await.is_err(), "{refused}");
    }
}

#[tokio::test]
async fn a_timestamp_counts_for_five_minutes_either_way() {
    let secret = WebhookSecret::generate();
    for (offset, taken) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
        let authenticator = brokers(&[("broker", &secret)]).authenticator();
        let judged = judge(&authenticator, &secret.headers("msg_1", later(offset), BODY), BODY, now()).await;
        match taken {
            true => assert!(judged.is_ok(), "{offset}: {judged:?}"),
            false => {
                assert_eq!(judged, Err(AuthError::TimestampOutside { offset_seconds: offset, tolerance_seconds: 300 }))
            }
        }
    }
}

#[tokio::test]
async fn an_old_timestamp_is_refused_before_the_body_is_read() {
    let secret = WebhookSecret::generate();
    let authenticator = brokers(&[("broker", &secret)]).authenticator();
    let refused = authenticator.authenticate(&head(&secret.headers("msg_1", later(-301), BODY)), None, now()).await;
    assert!(matches!(refused, Err(AuthError::TimestampOutside { .. })));
}

#[tokio::test]
async fn a_body_that_took_until_after_the_window_is_refused() {
    let secret = WebhookSecret::generate();
    let authenticator = brokers(&[("broker", &secret)]).authenticator();
    let credential = authenticator.authenticate(&head(&secret.headers("msg_1", now(), BODY)), None, later(299)).await;
    let Ok(Credential::Signed(signed)) = credential else { panic!("{credential:?}") };
    assert!(matches!(signed.verify(BODY, later(301)), Err(AuthError::TimestampOutside { .. })));
}

#[tokio::test]
async fn missing_or_loose_header_fields_are_refused() {
    let secret = WebhookSecret::generate();
    let authenticator = brokers(&[("broker", &secret)]).authenticator();
    let timestamp = now().as_second().to_string();
    let long = "x".repeat(257);
    for (id, time) in [
        (None, Some(timestamp.as_str())),
        (Some("msg_1"), None),
        (Some(""), Some(timestamp.as_str())),
        (Some("msg.1"), Some(&timestamp)),
        (Some("msg 1"), Some(&timestamp)),
        (Some(long.as_str()), Some(&timestamp)),
        (Some("msg_1"), Some("")),
        (Some("msg_1"), Some("now")),
        (Some("msg_1"), Some("+1800000000")),
        (Some("msg_1"), Some("-1")),
        (Some("msg_1"), Some("1800000000.0")),
        (Some("msg_1"), Some("9999999999999")),
    ] {
        // Rightly signed each time, so that it is the form alone that is refused.
        let signature = secret.signature(id.unwrap_or_default(), time.unwrap_or_default(), BODY);
        let mut headers = vec![("webhook-signature", signature)];
        headers.extend(id.map(|id| ("webhook-id", id.to_owned())));
        headers.extend(time.map(|time| ("webhook-timestamp", time.to_owned())));
        let refused = judge(&authenticator, &headers, BODY, now()).await;
        assert!(
            matches!(refused, Err(AuthError::Malformed { credential: Method::Hmac, .. })),
            "{id:?} {time:?}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_full_stop_cannot_be_moved_between_what_is_signed() {
    let secret = WebhookSecret::generate();
    let authenticator = brokers(&[("broker", &secret)]).authenticator();
    let timestamp = now().as_second().to_string();
    // What is signed is `msg.{timestamp}.1.body` either way.
    let signature = secret.signature("msg", &timestamp, b"1.body");
    let moved = [
        ("webhook-id", format!("msg.{timestamp}")),
        ("webhook-timestamp", "1".to_owned()),
        ("webhook-signature", signature),
    ];
    let refused = judge(&authenticator, &moved, b"body", Timestamp::from_second(1).unwrap()).await;
    assert!(matches!(refused, Err(AuthError::Malformed { .. })), "{refused:?}");
}

#[tokio::test]
async fn the_id_is_the_one_that_was_signed_whatever_else_the_headers_carry() {
    let secret = WebhookSecret::generate();
    let authenticator = brokers(&[("broker", &secret)]).authenticator();
    let mut headers = secret.headers("msg_1", now(), BODY);
    headers[2].1 = format!("v1,{} {}", "A".repeat(43) + "=", headers[2].1);
    for headers in [headers, secret.headers("msg_1", later(5), BODY)] {
        let identity = judge(&authenticator, &headers, BODY, now()).await.unwrap();
        let signed = identity.signed.unwrap();
        assert_eq!((signed.by, signed.counts_for_ever), (SignedAs::Id("msg_1".to_owned()), false));
    }
}

#[tokio::test]
async fn a_wrong_signature_leaves_no_trace_that_could_refuse_the_right_one() {
    let secret = WebhookSecret::generate();
    let authenticator = brokers(&[("broker", &secret)]).authenticator();
    let headers = secret.headers("msg_1", now(), BODY);
    assert!(judge(&authenticator, &headers, b"forged", now()).await.is_err());
    assert!(judge(&authenticator, &headers, BODY, now()).await.is_ok());
}

#[tokio::test]
async fn a_certificate_of_another_partner_contradicts_a_webhook() {
    let secret = WebhookSecret::generate();
    let mut fixture = brokers(&[("broker", &secret)]);
    let named = Authenticate::Mtls { certificate_sha256: Some(hex::encode([7; 32])), san_dns: None, test: false };
    fixture.partner("carrier", vec![named]);
    let certificate = crate::auth::PeerCertificate { sha256: [7; 32], san_dns: Vec::new(), not_after: later(1000) };
    let authenticator = fixture.authenticator();
    let head = head(&secret.headers("msg_1", now(), BODY));
    let Ok(Credential::Signed(signed)) = authenticator.authenticate(&head, Some(&certificate), now()).await else {
        panic!("the head is right");
    };
    assert!(matches!(signed.verify(BODY, now()), Err(AuthError::Ambiguous { .. })));
}

#[test]
fn debug_shows_no_key() {
    let secret = WebhookSecret::generate();
    let keys = Arc::new(crate::auth::signature::WebhookKeys::default());
    let head = head(&secret.headers("msg_1", now(), BODY));
    let signed = crate::auth::SignedRequest::read(&head, &keys, Vec::new(), now()).unwrap();
    assert_eq!(format!("{signed:?}"), r#"SignedRequest { claims: [(Some("msg_1"), Some(2027-01-15T08:00:00Z))], .. }"#);
}
