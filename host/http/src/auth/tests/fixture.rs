//! A secrets folder, partners whose secrets are made for each test, and requests.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use portgate_core::policy::{Authenticate, PartnerLimits, PartnerPolicy};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::auth::testing::{SigningKey, claims, key_set};
use crate::auth::{AuthError, AuthSetupError, Authenticator, Credential, Identity, KeySets, PeerCertificate};
use crate::secrets::Secrets;

pub(super) const ISSUER: &str = "https://issuer.test";
pub(super) const AUDIENCE: &str = "urn:portgate:test";
pub(super) const SUBJECT: &str = "client-1";

/// The moment at which every test happens.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

pub(super) fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

/// What a test needs around an authenticator.
pub(super) struct Fixture {
    pub(super) folder: TempDir,
    pub(super) key_sets: Arc<KeySets>,
    partners: BTreeMap<String, PartnerPolicy>,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let folder = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o700)).tempdir().unwrap();
        let key_sets = Arc::new(KeySets::new(Secrets::open(folder.path())));
        Fixture { folder, key_sets, partners: BTreeMap::new() }
    }

    /// One partner `carrier` with one token entry and these keys in a file.
    pub(super) fn with_keys(keys: &[&SigningKey]) -> Self {
        let mut fixture = Fixture::new();
        fixture.write("carrier.jwks", &key_set(keys).to_string());
        fixture.partner("carrier", vec![jwt("file:carrier.jwks")]);
        fixture
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        // Renamed into place, as a careful operator does: another inode, so that the change is seen at any clock.
        portgate_files::own::replace(&self.folder.path().join(name), content.as_bytes()).unwrap();
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn partner(&mut self, name: &str, authenticate: Vec<Authenticate>) {
        let limits = PartnerLimits { requests_per_second: 1, burst: 1, requests_in_flight_max: 1 };
        let policy = PartnerPolicy {
            title: name.to_owned(),
            role: None,
            authenticate,
            limits,
            contracts: Vec::new(),
            agreements: Vec::new(),
            delivery: None,
            webhook: None,
            shipments: None,
        };
        self.partners.insert(name.to_owned(), policy);
    }

    pub(super) fn try_authenticator(&self) -> Result<Authenticator, Vec<AuthSetupError>> {
        Authenticator::new(&self.partners, &Secrets::open(self.path()), &self.key_sets)
    }

    pub(super) fn authenticator(&self) -> Authenticator {
        self.try_authenticator().unwrap()
    }
}

pub(super) fn jwt(jwks: &str) -> Authenticate {
    jwt_with(jwks, json!({}))
}

/// The same with these keys of the policy besides, or instead.
pub(super) fn jwt_with(jwks: &str, keys: Value) -> Authenticate {
    let usual = json!({ "kind": "jwt", "issuer": ISSUER, "audience": AUDIENCE, "subject": SUBJECT, "jwks": jwks });
    let keys = keys.as_object().unwrap().clone();
    serde_json::from_value(keys.into_iter().fold(usual, |entry, (name, value)| with(entry, &name, value))).unwrap()
}

/// Signed webhooks with this secret, with these keys of the policy besides.
pub(super) fn hmac(secret: &str, keys: Value) -> Authenticate {
    let usual = json!({ "kind": "hmac", "secret": secret });
    let keys = keys.as_object().unwrap().clone();
    serde_json::from_value(keys.into_iter().fold(usual, |entry, (name, value)| with(entry, &name, value))).unwrap()
}

/// Claims that are right for the partner of [`Fixture::with_keys`].
pub(super) fn right_claims() -> Value {
    claims(ISSUER, AUDIENCE, SUBJECT, now())
}

/// The same with one member changed, or taken out by `null`.
pub(super) fn claims_but(name: &str, value: Value) -> Value {
    with(right_claims(), name, value)
}

/// An object with one member changed, or taken out by `null`.
pub(super) fn with(mut object: Value, name: &str, value: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    match value {
        Value::Null => drop(members.remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    object
}

pub(super) fn head<N: AsRef<str>, V: AsRef<str>>(headers: &[(N, V)]) -> http::request::Parts {
    let mut request = http::Request::post("/v1/messages/any/1");
    for (name, value) in headers {
        request = request.header(name.as_ref(), value.as_ref());
    }
    request.body(()).unwrap().into_parts().0
}

pub(super) fn bearer(token: &str) -> http::request::Parts {
    head(&[("authorization", format!("Bearer {token}"))])
}

/// Authenticates a head that should be proof by itself.
pub(super) async fn prove(
    authenticator: &Authenticator,
    head: &http::request::Parts,
    certificate: Option<&PeerCertificate>,
    now: Timestamp,
) -> Result<Identity, AuthError> {
    match authenticator.authenticate(head, certificate, now).await? {
        Credential::Proven(identity) => Ok(identity),
        Credential::Signed(signed) => panic!("{signed:?} is no proof by itself"),
    }
}

/// Judges one token by one authenticator, now.
pub(super) async fn judge(authenticator: &Authenticator, token: &str) -> Result<Identity, AuthError> {
    prove(authenticator, &bearer(token), None, now()).await
}
