//! Who may come in, and who may not.

use portgate_tests::{Answer, Workshop};

use crate::{EVENTS, NOTIFICATION, ORDER, bearer, broker, carrier, events, gate, order, shop, tax_assessed};

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (401, "unauthenticated"), "{}", answer.json());
    assert!(!answer.header("www-authenticate").is_empty());
}

#[tokio::test]
async fn a_request_without_a_credential_is_refused() {
    let (_workshop, _gateway, client) = gate().await;
    refused(&client.post(ORDER, &[("content-type", "application/json".to_owned())], order()).await);
}

#[tokio::test]
async fn a_wrong_api_key_is_refused() {
    let (_workshop, _gateway, client) = gate().await;
    let headers = [("x-api-key", "k".repeat(43)), ("content-type", "application/json".to_owned())];
    refused(&client.post(ORDER, &headers, order()).await);
}

#[tokio::test]
async fn two_credentials_at_once_are_refused() {
    let (workshop, _gateway, client) = gate().await;
    let mut headers = carrier(&workshop);
    headers.push(("x-api-key", workshop.credentials.api_key.clone()));
    refused(&client.post(EVENTS, &headers, events()).await);
}

#[tokio::test]
async fn tokens_that_do_not_hold_are_refused_and_the_next_good_one_is_taken() {
    let (workshop, _gateway, client) = gate().await;
    let credentials = &workshop.credentials;
    let stranger = &Workshop::new().credentials;
    let good = credentials.token();
    let (signed, _) = good.rsplit_once('.').expect("a token has three parts");
    let bad = [
        ("expired", credentials.token_with(|_, claims| claims["exp"] = (claims["iat"].as_u64().unwrap() - 120).into())),
        (
            "not yet valid",
            credentials.token_with(|_, claims| claims["nbf"] = (claims["iat"].as_u64().unwrap() + 600).into()),
        ),
        ("another audience", credentials.token_with(|_, claims| claims["aud"] = "urn:demo:other".into())),
        ("another issuer", credentials.token_with(|_, claims| claims["iss"] = "urn:demo:other".into())),
        ("another subject", credentials.token_with(|_, claims| claims["sub"] = "somebody".into())),
        ("another type", credentials.token_with(|header, _| header["typ"] = "dpop+jwt".into())),
        ("no algorithm", credentials.token_with(|header, _| header["alg"] = "none".into())),
        ("another algorithm", credentials.token_with(|header, _| header["alg"] = "HS256".into())),
        ("critical header", credentials.token_with(|header, _| header["crit"] = serde_json::json!(["exp"]))),
        ("own key", stranger.token_with(|header, _| header["jwk"] = stranger.key_set("test-1")["keys"][0].clone())),
        ("unknown key", credentials.token_with(|header, _| header["kid"] = "other".into())),
        ("no signature", format!("{signed}.")),
        ("no token", "abc".to_owned()),
    ];
    for (what, token) in bad {
        let answer = client.post(EVENTS, &bearer(&token), events()).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.json());
        refused(&answer);
    }
    assert_eq!(client.post(EVENTS, &bearer(&good), events()).await.status, 200);
}

#[tokio::test]
async fn a_signed_webhook_is_taken_once() {
    let (workshop, _gateway, client) = gate().await;
    let body = tax_assessed();
    let headers = broker(&workshop, &body);
    let first = client.post(NOTIFICATION, &headers, body.clone()).await;
    assert_eq!(first.status, 200);
    let again = client.post(NOTIFICATION, &headers, body.clone()).await;
    assert_eq!((again.status, again.body), (first.status, first.body.clone()), "the first answer, with its exchange");
    // Under another number of customs, which is its business key.
    let text = String::from_utf8(body).expect("text");
    let body = text.replace("4f0c2d7e9ab1463f8d5e60a1b2c3d4e5", "4f0c2d7e9ab1463f8d5e60a1b2c3d4e6").into_bytes();
    let other = client.post(NOTIFICATION, &broker(&workshop, &body), body).await;
    assert_eq!(other.status, 200);
    assert_ne!(other.json()["exchange"], first.json()["exchange"]);
}

#[tokio::test]
async fn a_webhook_whose_body_was_changed_is_refused() {
    let (workshop, _gateway, client) = gate().await;
    let body = tax_assessed();
    let headers = broker(&workshop, &body);
    let changed = [body.as_slice(), b" "].concat();
    refused(&client.post(NOTIFICATION, &headers, changed).await);
}

#[tokio::test]
async fn a_partner_may_not_send_what_its_policy_does_not_list() {
    let (workshop, _gateway, client) = gate().await;
    let answer = client.post(EVENTS, &shop(&workshop), events()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (403, "contract-not-permitted"));
}

#[tokio::test]
async fn no_answer_repeats_a_credential() {
    let (workshop, _gateway, client) = gate().await;
    let token = workshop.credentials.token_with(|_, claims| claims["aud"] = "urn:demo:other".into());
    let answer = client.post(EVENTS, &bearer(&token), events()).await;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let signature = token.rsplit('.').next().expect("a signature");
    assert!(!body.contains(signature) && !body.contains(&workshop.credentials.api_key));
}
