//! What a bearer token must be, line by line.

use serde_json::{Value, json};

use super::fixture::*;
use crate::auth::testing::{SigningKey, base64url, key_set};
use crate::auth::{AuthError, AuthFailure, Method, PeerCertificate};

async fn judged(key: &SigningKey, token: &str) -> Result<crate::auth::Identity, AuthError> {
    judge(&Fixture::with_keys(&[key]).authenticator(), token).await
}

async fn refusal(key: &SigningKey, token: &str) -> AuthError {
    judged(key, token).await.unwrap_err()
}

fn is_malformed(error: &AuthError) -> bool {
    matches!(error, AuthError::Malformed { credential: Method::Jwt, .. })
}

#[tokio::test]
async fn a_right_token_of_each_algorithm_proves_its_partner() {
    for key in [SigningKey::es256("k"), SigningKey::rs256("k"), SigningKey::ed25519("k")] {
        let identity = judged(&key, &key.token(&right_claims())).await.unwrap();
        assert_eq!(&*identity.sender, "carrier", "{}", key.algorithm());
        assert_eq!(identity.method, Method::Jwt);
        assert_eq!(identity.expires, Some(later(300)));
    }
}

#[tokio::test]
async fn a_token_signed_by_another_key_is_refused() {
    let (key, other) = (SigningKey::es256("k"), SigningKey::es256("k"));
    let error = refusal(&key, &other.token(&right_claims())).await;
    assert_eq!(error, AuthError::BadSignature { credential: Method::Jwt });
}

#[tokio::test]
async fn a_changed_part_breaks_the_signature() {
    let key = SigningKey::ed25519("k");
    let token = key.token(&right_claims());
    let parts: Vec<&str> = token.split('.').collect();
    let other = base64url(claims_but("exp", json!(later(600).as_second())).to_string().as_bytes());
    let error = refusal(&key, &format!("{}.{other}.{}", parts[0], parts[2])).await;
    assert_eq!(error, AuthError::BadSignature { credential: Method::Jwt });
}

#[tokio::test]
async fn alg_none_and_every_other_algorithm_is_refused() {
    let key = SigningKey::rs256("k");
    for algorithm in
        ["none", "None", "NONE", "", "HS256", "HS512", "RS512", "PS256", "ES384", "rs256", "EdDSA ", "Ed25519"]
    {
        let error = refusal(&key, &key.token_with(&with(key.header(), "alg", json!(algorithm)), &right_claims())).await;
        assert!(matches!(error, AuthError::AlgorithmRefused { .. }), "{algorithm}: {error:?}");
    }
    let unsigned = format!("{}.{}.", base64url(br#"{"alg":"none","typ":"JWT"}"#), base64url(b"{}"));
    assert!(is_malformed(&refusal(&key, &unsigned).await));
}

#[tokio::test]
async fn the_public_key_of_a_set_is_no_hmac_secret() {
    let key = SigningKey::rs256("k");
    let public = base64url(key.public_key().to_string().as_bytes());
    let signed = format!(
        "{}.{}",
        base64url(br#"{"alg":"HS256","typ":"JWT","kid":"k"}"#),
        base64url(right_claims().to_string().as_bytes())
    );
    let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_bytes());
    let mac = aws_lc_rs::hmac::sign(&secret, signed.as_bytes());
    let error = refusal(&key, &format!("{signed}.{}", base64url(mac.as_ref()))).await;
    assert!(matches!(error, AuthError::AlgorithmRefused { .. }), "{error:?}");
}

#[tokio::test]
async fn the_algorithm_is_the_one_of_the_key_even_among_those_that_are_taken() {
    let (elliptic, edwards) = (SigningKey::es256("a"), SigningKey::ed25519("b"));
    let fixture = Fixture::with_keys(&[&elliptic, &edwards]);
    let authenticator = fixture.authenticator();
    let token = edwards.token_with(&with(edwards.header(), "kid", json!("a")), &right_claims());
    assert!(matches!(judge(&authenticator, &token).await, Err(AuthError::AlgorithmRefused { .. })));
}

#[tokio::test]
async fn a_key_without_alg_is_pinned_by_its_kind() {
    for key in [SigningKey::es256("k"), SigningKey::rs256("k"), SigningKey::ed25519("k")] {
        let mut fixture = Fixture::new();
        fixture.write("k.jwks", &json!({ "keys": [with(key.public_key(), "alg", Value::Null)] }).to_string());
        fixture.partner("carrier", vec![jwt("file:k.jwks")]);
        let authenticator = fixture.authenticator();
        assert!(judge(&authenticator, &key.token(&right_claims())).await.is_ok(), "{}", key.algorithm());
        let other = with(key.header(), "alg", json!("PS256"));
        let error = judge(&authenticator, &key.token_with(&other, &right_claims())).await.unwrap_err();
        assert!(matches!(error, AuthError::AlgorithmRefused { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn header_parameters_that_change_the_meaning_are_refused() {
    let key = SigningKey::es256("k");
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
    ] {
        let token = key.token_with(&with(key.header(), name, value), &right_claims());
        assert_eq!(refusal(&key, &token).await, AuthError::HeaderRefused { name });
    }
    // Null counts as being there, too.
    let null = r#"{"alg":"ES256","kid":"k","typ":"JWT","crit":null}"#;
    assert_eq!(
        refusal(&key, &key.sign(null, &right_claims().to_string())).await,
        AuthError::HeaderRefused { name: "crit" }
    );
}

/// Whether anybody has connected to this listener.
async fn is_connected_to(listener: &tokio::net::TcpListener) -> bool {
    tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await.is_ok()
}

#[tokio::test]
async fn header_parameters_that_name_a_key_are_never_followed() {
    let (key, attacker) = (SigningKey::es256("k"), SigningKey::es256("k"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}/keys", listener.local_addr().unwrap());
    let fixture = Fixture::with_keys(&[&key]);
    let authenticator = fixture.authenticator();
    for (name, value) in [
        ("jku", json!(place)),
        ("jku", json!(1)),
        ("jwk", attacker.public_key()),
        ("jwk", json!("no key")),
        ("x5u", json!(place)),
        ("x5c", json!(["no certificate"])),
        ("x5c", json!([])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
        ("cty", json!("JWT")),
        ("jid", json!("anything")),
    ] {
        let sign = |key: &SigningKey| key.token_with(&with(key.header(), name, value.clone()), &right_claims());
        // It is there and changes nothing: the policy's key counts, and no other.
        assert!(judge(&authenticator, &sign(&key)).await.is_ok(), "{name}");
        let forged = judge(&authenticator, &sign(&attacker)).await;
        assert_eq!(forged, Err(AuthError::BadSignature { credential: Method::Jwt }), "{name}");
    }
    // Where the named key is not in the set there is even a reason to look elsewhere.
    let elsewhere = with(with(attacker.header(), "kid", json!("other")), "jku", json!(place));
    assert_eq!(
        judge(&authenticator, &attacker.token_with(&elsewhere, &right_claims())).await,
        Err(AuthError::UnknownKey)
    );
    assert!(!is_connected_to(&listener).await, "nobody follows what a token names");
}

#[tokio::test]
async fn a_member_that_comes_twice_is_refused_in_header_and_claims() {
    let key = SigningKey::es256("k");
    let claims = right_claims().to_string();
    for header in [
        r#"{"alg":"none","alg":"ES256","kid":"k","typ":"JWT"}"#,
        r#"{"alg":"ES256","\u0061lg":"ES256","kid":"k","typ":"JWT"}"#,
    ] {
        assert!(is_malformed(&refusal(&key, &key.sign(header, &claims)).await), "{header}");
    }
    let twice = claims.replacen('{', r#"{"sub":"client-1","#, 1);
    assert!(is_malformed(&refusal(&key, &key.sign(&key.header().to_string(), &twice)).await));
}

#[tokio::test]
async fn base64url_is_strict_in_all_three_parts() {
    let key = SigningKey::es256("k");
    let header = base64url(with(key.header(), "pad", json!("")).to_string().as_bytes());
    let claims = right_claims().to_string();
    // Blanks until the length leaves bits over, so that those bits can be set.
    let claims = (0..3).map(|blanks| claims.clone() + &" ".repeat(blanks)).find(|text| text.len() % 3 == 1).unwrap();
    let payload = base64url(claims.as_bytes());
    assert!(judged(&key, &key.sign_parts(&header, &payload)).await.is_ok());
    let loose_end = format!("{}{}", &payload[..payload.len() - 1], next_character(&payload));
    for (header, payload) in [
        (format!("{header}="), payload.clone()),
        (header.clone(), format!("{payload}==")),
        (header.clone(), format!("{payload}\n")),
        (format!(" {header}"), payload.clone()),
        (header.clone(), format!("{}?", payload)),
        (header.clone(), payload.replacen('e', "+", 1)),
        (header.clone(), loose_end),
    ] {
        // Not through a header field, which could not carry some of them.
        let fixture = Fixture::with_keys(&[&key]);
        let tokens = fixture.authenticator().tokens;
        let error = tokens.identify(&key.sign_parts(&header, &payload), None, now()).await.unwrap_err();
        assert!(is_malformed(&error), "{header}.{payload}: {error:?}");
    }
    let token = key.sign_parts(&header, &payload);
    for token in [format!("{token}="), format!("{}{}", &token[..token.len() - 1], next_character(&token))] {
        assert!(is_malformed(&refusal(&key, &token).await), "{token}");
    }
}

/// The last character with its lowest bit set: the same bytes to a loose decoder.
fn next_character(text: &str) -> char {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = ALPHABET.find(text.chars().last().unwrap()).unwrap();
    ALPHABET.chars().nth(last | 1).unwrap()
}

#[tokio::test]
async fn only_three_parts_within_the_cap_are_a_token() {
    let key = SigningKey::es256("k");
    let token = key.token(&right_claims());
    let two = token.rsplit_once('.').unwrap().0;
    for token in ["", ".", "..", "...", two, &format!("{token}."), &format!("{token}.x"), &format!("{two}.")] {
        assert!(is_malformed(&refusal(&key, token).await), "{token}");
    }
    let long = key.token(&claims_but("pad", json!("x".repeat(9000))));
    assert!(matches!(refusal(&key, &long).await, AuthError::TokenTooLong { max: 8192, .. }));
    assert!(judged(&key, &key.token(&claims_but("pad", json!("x".repeat(5000))))).await.is_ok());
}

#[tokio::test]
async fn the_type_must_be_the_policys() {
    let key = SigningKey::es256("k");
    for right in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
        let token = key.token_with(&with(key.header(), "typ", json!(right)), &right_claims());
        assert!(judged(&key, &token).await.is_ok(), "{right}");
    }
    // RFC 7519 §5.1 lets it out, and `JWT` says no more than that a token is one.
    let untyped = key.token_with(&with(key.header(), "typ", Value::Null), &right_claims());
    assert!(judged(&key, &untyped).await.is_ok());
    for wrong in [json!("at+jwt"), json!(""), json!("application/"), json!("JWTx"), json!("logout+jwt")] {
        let token = key.token_with(&with(key.header(), "typ", wrong.clone()), &right_claims());
        assert_eq!(refusal(&key, &token).await, AuthError::WrongType { wanted: "JWT".to_owned() }, "{wrong}");
    }
    for wrong in ["1", "null", "[]"] {
        let header = format!(r#"{{"alg":"ES256","kid":"k","typ":{wrong}}}"#);
        assert!(is_malformed(&refusal(&key, &key.sign(&header, &right_claims().to_string())).await), "{wrong}");
    }
    let mut fixture = Fixture::with_keys(&[&key]);
    fixture.partner("carrier", vec![jwt_with("file:carrier.jwks", json!({ "token_type": "at+jwt" }))]);
    let authenticator = fixture.authenticator();
    for (typ, taken) in [(json!("AT+JWT"), true), (json!("application/at+jwt"), true), (json!("JWT"), false)] {
        let token = key.token_with(&with(key.header(), "typ", typ.clone()), &right_claims());
        assert_eq!(judge(&authenticator, &token).await.is_ok(), taken, "{typ}");
    }
    // Where the policy wants a kind of token, one that does not say its kind is none.
    assert!(matches!(judge(&authenticator, &untyped).await, Err(AuthError::WrongType { .. })));
}

#[tokio::test]
async fn issuer_subject_audience_an_end_and_a_beginning_are_required() {
    let key = SigningKey::es256("k");
    for name in ["iss", "sub", "aud", "exp"] {
        assert!(is_malformed(&refusal(&key, &key.token(&claims_but(name, Value::Null))).await), "{name} missing");
        assert!(is_malformed(&refusal(&key, &key.token(&claims_but(name, json!({})))).await), "{name} an object");
    }
    for name in ["iat", "nbf"] {
        assert!(judged(&key, &key.token(&claims_but(name, Value::Null))).await.is_ok(), "{name} alone may be missing");
        assert!(is_malformed(&refusal(&key, &key.token(&claims_but(name, json!("now")))).await), "{name} a text");
    }
    let undated = with(claims_but("iat", Value::Null), "nbf", Value::Null);
    assert!(is_malformed(&refusal(&key, &key.token(&undated)).await), "without a beginning there is no length of life");
}

#[tokio::test]
async fn dates_may_be_any_number_of_json() {
    let key = SigningKey::es256("k");
    for (iat, exp) in [("1800000000.25", "1800000300"), ("1.8e9", "1.8000003E+9"), ("18000000000e-1", "1800000300.99")]
    {
        let claims = right_claims().to_string();
        let claims = claims.replace("\"iat\":1800000000", &format!("\"iat\":{iat}"));
        let claims = claims.replace("\"exp\":1800000300", &format!("\"exp\":{exp}"));
        let identity = judged(&key, &key.sign(&key.header().to_string(), &claims)).await.unwrap();
        assert_eq!(identity.expires, Some(later(300)), "{iat} {exp}");
    }
}

#[tokio::test]
async fn another_issuer_subject_or_audience_is_refused_in_one_voice() {
    let key = SigningKey::es256("k");
    let mut heard = Vec::new();
    for (name, error) in
        [("iss", AuthError::WrongIssuer), ("sub", AuthError::UnknownSubject), ("aud", AuthError::WrongAudience)]
    {
        for wrong in ["other", "", "https://issuer.test/"] {
            let refused = refusal(&key, &key.token(&claims_but(name, json!(wrong)))).await;
            assert_eq!(refused, error, "{name}");
            heard.push(refused.public_detail());
        }
    }
    heard.dedup();
    assert_eq!(heard.len(), 1, "the caller must not learn which of them exists: {heard:?}");
}

#[tokio::test]
async fn one_of_several_audiences_is_enough() {
    let key = SigningKey::es256("k");
    assert!(judged(&key, &key.token(&claims_but("aud", json!(["urn:other", AUDIENCE])))).await.is_ok());
    assert_eq!(refusal(&key, &key.token(&claims_but("aud", json!([])))).await, AuthError::WrongAudience);
}

#[tokio::test]
async fn issuer_subject_and_audience_together_choose_the_partner() {
    let key = SigningKey::es256("k");
    let mut fixture = Fixture::with_keys(&[&key]);
    fixture.partner("shipper", vec![jwt_with("file:carrier.jwks", json!({ "audience": "urn:second" }))]);
    let authenticator = fixture.authenticator();
    let partner = |audience: Value| {
        let token = key.token(&claims_but("aud", audience));
        let authenticator = &authenticator;
        async move { judge(authenticator, &token).await.map(|identity| identity.sender.to_string()) }
    };
    assert_eq!(partner(json!(AUDIENCE)).await.as_deref(), Ok("carrier"));
    assert_eq!(partner(json!("urn:second")).await.as_deref(), Ok("shipper"));
    assert!(matches!(partner(json!([AUDIENCE, "urn:second"])).await, Err(AuthError::Ambiguous { .. })));
}

#[tokio::test]
async fn a_partners_key_cannot_speak_for_another_partner() {
    let (own, others) = (SigningKey::es256("k"), SigningKey::es256("k"));
    let mut fixture = Fixture::with_keys(&[&own]);
    fixture.write("shipper.jwks", &key_set(&[&others]).to_string());
    fixture.partner("shipper", vec![jwt_with("file:shipper.jwks", json!({ "issuer": "https://second.test" }))]);
    let token = others.token(&right_claims());
    let refused = judge(&fixture.authenticator(), &token).await;
    assert_eq!(refused, Err(AuthError::BadSignature { credential: Method::Jwt }));
}

#[tokio::test]
async fn time_is_judged_with_thirty_seconds_of_leeway() {
    let key = SigningKey::es256("k");
    let fixture = Fixture::with_keys(&[&key]);
    let authenticator = fixture.authenticator();
    let token = key.token(&right_claims());
    let at = |seconds| {
        let (authenticator, token) = (&authenticator, &token);
        async move { prove(authenticator, &bearer(token), None, later(seconds)).await }
    };
    assert!(at(-30).await.is_ok());
    assert!(at(329).await.is_ok());
    assert_eq!(at(-31).await, Err(AuthError::NotYetValid { seconds: 31 }));
    assert_eq!(at(330).await, Err(AuthError::Expired { credential: Method::Jwt, seconds_ago: 30 }));
}

#[tokio::test]
async fn a_token_issued_in_the_future_is_refused() {
    let key = SigningKey::es256("k");
    let token = key.token(&claims_but("iat", json!(later(31).as_second())));
    assert_eq!(refusal(&key, &token).await, AuthError::NotYetValid { seconds: 31 });
}

#[tokio::test]
async fn a_token_lives_for_a_day_at_most() {
    let key = SigningKey::es256("k");
    let day = 24 * 60 * 60;
    assert!(judged(&key, &key.token(&claims_but("exp", json!(later(day).as_second())))).await.is_ok());
    let refused = refusal(&key, &key.token(&claims_but("exp", json!(later(day + 1).as_second())))).await;
    assert_eq!(refused, AuthError::LifetimeTooLong { seconds: day + 1, max: day });
    // Neither a late `nbf` nor a late `iat` makes a long life shorter.
    for name in ["iat", "nbf"] {
        let claims = with(claims_but("exp", json!(later(day).as_second())), name, json!(later(-10).as_second()));
        assert!(matches!(refusal(&key, &key.token(&claims)).await, AuthError::LifetimeTooLong { .. }), "{name}");
    }
    let backwards = key.token(&claims_but("exp", json!(now().as_second())));
    assert!(is_malformed(&refusal(&key, &backwards).await));
}

#[tokio::test]
async fn a_key_must_be_named_where_there_are_several() {
    let (first, second) = (SigningKey::es256("a"), SigningKey::es256("b"));
    let unnamed = with(second.header(), "kid", Value::Null);
    let only_second = Fixture::with_keys(&[&second]);
    let one = only_second.authenticator();
    assert!(judge(&one, &second.token_with(&unnamed, &right_claims())).await.is_ok());
    let both = Fixture::with_keys(&[&first, &second]);
    let two = both.authenticator();
    assert!(judge(&two, &second.token(&right_claims())).await.is_ok());
    let refused = judge(&two, &second.token_with(&unnamed, &right_claims())).await;
    assert_eq!(refused, Err(AuthError::KeyIdMissing));
    let unknown = second.token_with(&with(second.header(), "kid", json!("c")), &right_claims());
    assert_eq!(judge(&two, &unknown).await, Err(AuthError::UnknownKey));
}

fn certificate(byte: u8) -> PeerCertificate {
    PeerCertificate { sha256: [byte; 32], san_dns: Vec::new(), not_after: later(1000) }
}

#[tokio::test]
async fn a_bound_token_counts_with_its_certificate_alone_also_when_it_is_remembered() {
    let key = SigningKey::es256("k");
    let fixture = Fixture::with_keys(&[&key]);
    let authenticator = fixture.authenticator();
    let token = key.token(&claims_but("cnf", json!({ "x5t#S256": base64url(&[7; 32]) })));
    for _ in 0..2 {
        let judged = |certificate: Option<PeerCertificate>| {
            let (authenticator, token) = (&authenticator, &token);
            async move { prove(authenticator, &bearer(token), certificate.as_ref(), now()).await }
        };
        assert!(matches!(judged(None).await, Err(AuthError::BindingMismatch { .. })));
        assert!(matches!(judged(Some(certificate(8))).await, Err(AuthError::BindingMismatch { .. })));
        assert!(judged(Some(certificate(7))).await.is_ok());
    }
}

#[tokio::test]
async fn where_the_policy_wants_tokens_bound_an_unbound_one_counts_on_no_connection() {
    let key = SigningKey::es256("k");
    let mut fixture = Fixture::with_keys(&[&key]);
    fixture.partner("carrier", vec![jwt_with("file:carrier.jwks", json!({ "certificate_bound": true }))]);
    let authenticator = fixture.authenticator();
    let stolen = key.token(&right_claims());
    for holder in [None, Some(certificate(7))] {
        let judged = prove(&authenticator, &bearer(&stolen), holder.as_ref(), now()).await;
        assert!(matches!(judged, Err(AuthError::BindingMismatch { .. })), "{judged:?}");
    }
    let token = key.token(&claims_but("cnf", json!({ "x5t#S256": base64url(&[7; 32]) })));
    assert!(prove(&authenticator, &bearer(&token), Some(&certificate(7)), now()).await.is_ok());
}

#[tokio::test]
async fn a_binding_that_cannot_be_checked_is_refused() {
    let key = SigningKey::es256("k");
    let error = refusal(&key, &key.token(&claims_but("cnf", json!({ "jkt": base64url(&[7; 32]) })))).await;
    assert!(matches!(error, AuthError::BindingMismatch { .. }), "{error:?}");
    for cnf in
        [json!("x"), json!({ "x5t#S256": 1 }), json!({ "x5t#S256": "" }), json!({ "x5t#S256": base64url(&[7; 31]) })]
    {
        assert!(is_malformed(&refusal(&key, &key.token(&claims_but("cnf", cnf.clone()))).await), "{cnf}");
    }
}

#[tokio::test]
async fn a_key_that_left_its_set_ends_the_tokens_that_are_remembered() {
    let (old, new) = (SigningKey::es256("old"), SigningKey::es256("new"));
    let fixture = Fixture::with_keys(&[&old]);
    let authenticator = fixture.authenticator();
    let token = old.token(&right_claims());
    assert!(judge(&authenticator, &token).await.is_ok());
    fixture.write("carrier.jwks", &key_set(&[&new]).to_string());
    let refused = prove(&authenticator, &bearer(&token), None, later(3)).await;
    assert_eq!(refused, Err(AuthError::UnknownKey));
    assert!(prove(&authenticator, &bearer(&new.token(&right_claims())), None, later(3)).await.is_ok());
}

#[tokio::test]
async fn what_a_caller_is_told_repeats_nothing_and_challenges_in_the_registered_scheme() {
    let key = SigningKey::es256("k");
    let error = refusal(&key, &key.token(&claims_but("iss", json!("https://secret-issuer.test")))).await;
    assert!(!format!("{error} {}", error.public_detail()).contains("secret-issuer"));
    assert_eq!(error.kind(), AuthFailure::Unauthenticated);
    assert_eq!(error.www_authenticate(), r#"Bearer realm="portgate", error="invalid_token""#);
    assert_eq!(AuthError::Missing.www_authenticate(), r#"Bearer realm="portgate""#);
}
