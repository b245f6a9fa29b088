//! Signatures in the forms of providers: published vectors, keys of our own, and everything that a form refuses.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fixture::*;
use crate::auth::testing::{WebhookSecret, base64url};
use crate::auth::{AuthError, Authenticator, Credential, Identity, SignedAs};

const BODY: &[u8] = br#"{"id":820982911946154508}"#;

/// A key of 32 random characters.
fn text_key() -> String {
    let mut bytes = [0; 24];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    base64url(&bytes)
}

fn sha256_hmac(key: &str, parts: &[&[u8]]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), &parts.concat()).as_ref().to_vec()
}

/// One partner `sender` that signs with this secret in a form.
fn sender(secret: &str, keys: Value) -> Authenticator {
    let mut fixture = Fixture::new();
    fixture.write("secret", secret);
    fixture.partner("sender", vec![hmac_entry(keys)]);
    fixture.authenticator()
}

fn hmac_entry(keys: Value) -> portgate_core::policy::Authenticate {
    super::fixture::hmac("file:secret", keys)
}

async fn judge_head(
    authenticator: &Authenticator,
    head: &Parts,
    body: &[u8],
    at: Timestamp,
) -> Result<Identity, AuthError> {
    match authenticator.authenticate(head, None, at).await? {
        Credential::Signed(signed) => signed.verify(body, at),
        Credential::Proven(identity) => panic!("{identity:?} proven without the body"),
    }
}

async fn judge(authenticator: &Authenticator, headers: &[(&str, String)], body: &[u8]) -> Result<Identity, AuthError> {
    judge_head(authenticator, &head(headers), body, now()).await
}

/// What the identity is known by, whether for ever, and where else an id is.
fn known_by(identity: Identity) -> (SignedAs, bool, Option<String>) {
    let signed = identity.signed.unwrap();
    (signed.by, signed.counts_for_ever, signed.id_header.map(|name| name.to_string()))
}

#[tokio::test]
async fn shopify_signs_the_body_in_base64() {
    let key = text_key();
    let authenticator = sender(&key, json!({ "scheme": "shopify" }));
    let signed = |body: &[u8]| ("x-shopify-hmac-sha256", STANDARD.encode(sha256_hmac(&key, &[body])));
    let known = known_by(judge(&authenticator, &[signed(BODY)], BODY).await.unwrap());
    assert_eq!(known, (SignedAs::Body, true, Some("x-shopify-webhook-id".to_owned())));
    assert!(judge(&authenticator, &[signed(b"{}")], BODY).await.is_err());
    for loose in [
        hex::encode(sha256_hmac(&key, &[BODY])),
        STANDARD.encode(sha256_hmac(&key, &[BODY])).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(sha256_hmac(&key, &[BODY])),
        String::new(),
    ] {
        assert!(judge(&authenticator, &[("x-shopify-hmac-sha256", loose)], BODY).await.is_err());
    }
}

/// The vector of GitHub's documentation ("Validating webhook deliveries").
#[tokio::test]
async fn github_signs_the_body_in_digits_behind_a_prefix() {
    let authenticator = sender("It's a Secret to Everybody", json!({ "scheme": "github" }));
    let digits = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let judged = async |value: String| judge(&authenticator, &[("x-hub-signature-256", value)], b"Hello, World!").await;
    let known = known_by(judged(format!("sha256={digits}")).await.unwrap());
    assert_eq!(known, (SignedAs::Body, true, Some("x-github-delivery".to_owned())));
    for wrong in [
        digits.to_owned(),
        format!("sha1={digits}"),
        format!("sha256={}", digits.replacen('7', "8", 1)),
        format!("sha256={}", &digits[2..]),
        format!("sha256=0x{digits}"),
        format!("sha256={digits}00"),
        format!("sha256={digits},sha256={digits}"),
        "sha256=".to_owned(),
    ] {
        assert!(judged(wrong.clone()).await.is_err(), "{wrong}");
    }
}

/// The vector of EasyPost's client libraries, whose secret is shorter than a policy may name; so it is held against the same
/// decomposition and form by hand.
#[tokio::test]
async fn easypost_signs_with_the_secret_in_compatibility_decomposition() {
    let body = concat!(
        r#"{"result":{"id":"batch_123...","object":"Batch","mode":"test","state":"created","num_shipments":0,"#,
        r#""reference":null,"created_at":"2022-07-26T17:22:32Z","updated_at":"2022-07-26T17:22:32Z","scan_form":null,"#,
        r#""shipments":[],"status":{"created":0,"queued_for_purchase":0,"creation_failed":0,"postage_purchased":0,"#,
        r#""postage_purchase_failed":0},"pickup":null,"label_url":null},"description":"batch.created","mode":"test","#,
        r#""previous_attributes":null,"completed_urls":null,"user_id":"user_123...","status":"pending","object":"Event","#,
        r#""id":"evt_123..."}"#
    );
    let key = crate::auth::signature::decomposed("s\u{e9}cret");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), body.as_bytes());
    assert_eq!(hex::encode(tag), "e93977c8ccb20363d51a62b3fe1fc402b7829be1152da9e88cf9e8d07115a46b");

    let (composed, decomposed) = ("s\u{e9}cret of a \u{fb01}ne shipper", "se\u{301}cret of a fine shipper");
    let authenticator = sender(composed, json!({ "scheme": "easypost" }));
    let header =
        |key: &str, prefix: &str| [("x-hmac-signature", format!("{prefix}{}", hex::encode(sha256_hmac(key, &[BODY]))))];
    let known = known_by(judge(&authenticator, &header(decomposed, "hmac-sha256-hex="), BODY).await.unwrap());
    assert_eq!(known, (SignedAs::Body, true, None));
    assert!(judge(&authenticator, &header(composed, "hmac-sha256-hex="), BODY).await.is_err());
    assert!(judge(&authenticator, &header(decomposed, ""), BODY).await.is_err());
}

#[tokio::test]
async fn stripe_signs_time_and_body_and_any_of_several_signatures_is_enough() {
    let (key, other) = (format!("whsec_{}", text_key()), format!("whsec_{}", text_key()));
    let authenticator = sender(&key, json!({ "scheme": "stripe" }));
    let digits = |key: &str, at: i64| hex::encode(sha256_hmac(key, &[format!("{at}.").as_bytes(), BODY]));
    let judged = async |value: String| judge(&authenticator, &[("stripe-signature", value)], BODY).await;
    let at = now().as_second();
    let (right, wrong) = (digits(&key, at), digits(&other, at));
    for taken in [
        format!("t={at},v1={right}"),
        format!("t={at},v1={wrong},v1={right},v0={wrong}"),
        format!("v1={right},t={at}"),
        format!("t={at}, v1={right}"),
        format!("t={},v1={}", at - 300, digits(&key, at - 300)),
        format!("t={},v1={}", at + 300, digits(&key, at + 300)),
    ] {
        let known = known_by(judged(taken.clone()).await.unwrap());
        assert_eq!(known, (SignedAs::Body, false, None), "{taken}");
    }
    for refused in [
        format!("t={},v1={right}", at + 1),
        format!("v1={right}"),
        format!("t={at},t={at},v1={right}"),
        format!("t={at},t={},v1={right}", at - 1),
        format!("t={at},v0={right}"),
        format!("t={at},v1={wrong}"),
        format!("t={at}"),
        format!("t=+{at},v1={right}"),
        format!("t={},v1={}", at - 301, digits(&key, at - 301)),
        format!("t={},v1={}", at + 301, digits(&key, at + 301)),
        format!("t={at},{}", [format!("v1={right}").as_str(); 9].join(",")),
    ] {
        assert!(judged(refused.clone()).await.is_err(), "{refused}");
    }
}

/// The vector of Slack's documentation ("Verifying requests from Slack"), in the general form.
#[tokio::test]
async fn a_form_can_be_written_down() {
    let form = json!({ "signature": {
        "header": "x-slack-signature", "encoding": "hex", "prefix": "v0=", "signed": "v0:{timestamp}:{body}",
        "timestamp_header": "x-slack-request-timestamp",
    }});
    let authenticator = sender("8f742231b10e8888abcd99yyyzzz85a5", form);
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
                channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
                response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
                trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let headers = head(&[
        ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ("x-slack-request-timestamp", "1531420618"),
    ]);
    let at = |seconds: i64| Timestamp::from_second(1_531_420_618 + seconds).unwrap();
    let judged = judge_head(&authenticator, &headers, body.as_bytes(), at(299)).await;
    assert_eq!(known_by(judged.unwrap()), (SignedAs::Body, false, None));
    let late = judge_head(&authenticator, &headers, body.as_bytes(), at(301)).await;
    assert_eq!(late, Err(AuthError::TimestampOutside { offset_seconds: -301, tolerance_seconds: 300 }));
    let message = late.unwrap_err().public_detail();
    assert!(message.contains("300 seconds"), "{message}");
}

#[tokio::test]
async fn every_part_that_a_form_names_is_signed() {
    let key = text_key();
    let form = json!({ "signature": {
        "header": "x-signature", "encoding": "base64url", "algorithm": "sha512",
        "signed": "{timestamp}|{id}|{method}|{path}|{body}", "timestamp_header": "x-time",
        "timestamp_form": "milliseconds", "tolerance_seconds": 10, "id_header": "x-id",
    }});
    let authenticator = sender(&key, form);
    let at = now().as_millisecond().to_string();
    let signed = format!("{at}|m-1|POST|/v1/messages/any/1?from=sender|").into_bytes();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, key.as_bytes()), &[&signed, BODY].concat());
    let signature = URL_SAFE_NO_PAD.encode(tag);
    let request = |method: Method, path: &str, at: &str, id: &str, signature: &str| {
        let request = http::Request::builder().method(method).uri(path);
        let request = request.header("x-time", at).header("x-id", id).header("x-signature", signature);
        request.body(()).unwrap().into_parts().0
    };
    let path = "/v1/messages/any/1?from=sender";
    let right = request(Method::POST, path, &at, "m-1", &signature);
    let judged = judge_head(&authenticator, &right, BODY, now()).await.unwrap();
    assert_eq!(known_by(judged), (SignedAs::Id("m-1".to_owned()), false, None));
    let other_time = (now().as_millisecond() + 1).to_string();
    for wrong in [
        request(Method::PUT, path, &at, "m-1", &signature),
        request(Method::POST, "/v1/messages/any/2?from=sender", &at, "m-1", &signature),
        request(Method::POST, "/v1/messages/any/1", &at, "m-1", &signature),
        request(Method::POST, path, &other_time, "m-1", &signature),
        request(Method::POST, path, &at, "m-2", &signature),
        request(Method::POST, path, &at, "m|1", &signature),
        request(Method::POST, path, &at, "", &signature),
        request(Method::POST, path, &at[..10], "m-1", &signature),
    ] {
        assert!(judge_head(&authenticator, &wrong, BODY, now()).await.is_err(), "{wrong:?}");
    }
    assert!(judge_head(&authenticator, &right, BODY, later(11)).await.is_err(), "10 seconds are the policy's");
    assert!(judge_head(&authenticator, &right, b"{}", now()).await.is_err());
}

#[tokio::test]
async fn what_says_the_same_twice_and_means_it_is_known_by_its_time_as_well() {
    let key = text_key();
    let form = json!({ "signature": {
        "header": "x-signature", "encoding": "hex", "signed": "{timestamp}.{body}", "timestamp_header": "x-time",
        "timestamp_form": "rfc3339", "once_by": "body-and-time",
    }});
    let authenticator = sender(&key, form);
    let at = now().to_string();
    let signature = hex::encode(sha256_hmac(&key, &[format!("{at}.").as_bytes(), BODY]));
    let headers = [("x-signature", signature), ("x-time", at.clone())];
    let known = known_by(judge(&authenticator, &headers, BODY).await.unwrap());
    assert_eq!(known, (SignedAs::BodyAt(at), false, None));
    for time in ["yesterday", "2027-01-15", "", &"0".repeat(41)] {
        let headers = [headers[0].clone(), ("x-time", time.to_owned())];
        assert!(matches!(judge(&authenticator, &headers, BODY).await, Err(AuthError::Malformed { .. })), "{time}");
    }
}

#[tokio::test]
async fn a_read_is_signed_with_an_id_and_a_time_or_not_at_all() {
    let key = text_key();
    let authenticator = sender(&key, json!({ "scheme": "github" }));
    let header = [("x-hub-signature-256", format!("sha256={}", hex::encode(sha256_hmac(&key, &[b""]))))];
    let Ok(Credential::Signed(signed)) = authenticator.authenticate(&head(&header), None, now()).await else {
        panic!("the head is right");
    };
    assert_eq!(signed.for_reading().err(), Some(AuthError::NoSigner));
}

#[tokio::test]
async fn a_providers_field_means_nothing_beside_another_credential_or_where_nobody_signs_so() {
    let key = text_key();
    let mut fixture = Fixture::new();
    let (api_key, hash) = crate::auth::testing::api_key();
    let standard = WebhookSecret::generate();
    fixture.write("secret", &key);
    fixture.write("standard", &standard.text());
    fixture.partner("github", vec![hmac_entry(json!({ "scheme": "github" }))]);
    fixture.partner("relay", vec![serde_json::from_value(json!({ "kind": "api-key", "sha256": hash })).unwrap()]);
    fixture.partner("standard", vec![super::fixture::hmac("file:standard", json!({}))]);
    let authenticator = fixture.authenticator();
    let header = ("x-hub-signature-256", format!("sha256={}", hex::encode(sha256_hmac(&key, &[BODY]))));
    assert_eq!(&*judge(&authenticator, std::slice::from_ref(&header), BODY).await.unwrap().sender, "github");
    let relayed = prove(&authenticator, &head(&[header.clone(), ("x-api-key", api_key)]), None, now()).await;
    assert_eq!(&*relayed.unwrap().sender, "relay");
    let mut both = standard.headers("msg_1", now(), BODY).to_vec();
    both.push(header);
    assert_eq!(&*judge(&authenticator, &both, BODY).await.unwrap().sender, "standard");
    let unknown = [("x-shopify-hmac-sha256", STANDARD.encode([7; 32]))];
    assert_eq!(judge(&authenticator, &unknown, BODY).await.unwrap_err(), AuthError::Missing);
}

#[tokio::test]
async fn only_secrets_whose_form_the_head_presents_are_tried() {
    let mut fixture = Fixture::new();
    let keys = [text_key(), text_key(), text_key()];
    for (name, key, scheme) in
        [("a", &keys[0], "github"), ("b", &keys[1], "github"), ("c", &keys[2], "shopify"), ("d", &text_key(), "stripe")]
    {
        fixture.write(name, key);
        fixture.partner(name, vec![super::fixture::hmac(&format!("file:{name}"), json!({ "scheme": scheme }))]);
    }
    let authenticator = fixture.authenticator();
    let digits = format!("sha256={}", hex::encode(sha256_hmac(&keys[1], &[BODY])));
    let signed = async |headers: &[(&str, String)]| match authenticator.authenticate(&head(headers), None, now()).await
    {
        Ok(Credential::Signed(signed)) => signed,
        other => panic!("{other:?}"),
    };
    let one = signed(&[("x-hub-signature-256", digits.clone())]).await;
    assert_eq!((one.candidates(), one.hashed_bytes(100)), (2, 2 * (100 + 512)));
    assert_eq!(&*one.verify(BODY, now()).unwrap().sender, "b");
    let other = ("x-shopify-hmac-sha256", STANDARD.encode(sha256_hmac(&keys[2], &[BODY])));
    let both = signed(&[("x-hub-signature-256", digits), other]).await;
    assert_eq!(both.candidates(), 3);
    assert_eq!(&*both.among(|partner| partner == "c").unwrap().verify(BODY, now()).unwrap().sender, "c");
}

#[test]
fn a_secret_has_the_form_and_size_of_its_scheme_and_is_never_shown() {
    let said = |secret: &str, keys: Value| {
        let mut fixture = Fixture::new();
        fixture.write("secret", secret);
        fixture.partner("sender", vec![hmac_entry(keys)]);
        fixture.try_authenticator().err().map(|errors| errors[0].to_string())
    };
    let form = |form: &str| json!({ "signature": { "header": "x-s", "encoding": "hex", "secret_form": form } });
    let bytes = [7; 16];
    for (secret, keys) in [
        ("sixteen-letters!".to_owned(), json!({ "scheme": "shopify" })),
        (STANDARD.encode(bytes), form("base64")),
        (hex::encode(bytes), form("hex")),
        (WebhookSecret::generate().text(), form("whsec")),
    ] {
        assert_eq!(said(&secret, keys), None, "{secret}");
    }
    for (secret, keys, wanted) in [
        ("fifteen-letters", json!({ "scheme": "shopify" }), "a text of 16 to 512 bytes"),
        ("fifteen-letters", json!({ "scheme": "easypost" }), "a text of 16 to 512 bytes"),
        ("sixteen-letters!", form("base64"), "base64 of 16 to 512 bytes"),
        ("sixteen-letters!", form("hex"), "hexadecimal digits"),
        ("sixteen-letters!", json!({}), "`whsec_` and base64"),
    ] {
        let said = said(secret, keys).unwrap();
        assert!(said.contains(wanted) && !said.contains(secret), "{said}");
    }
}
