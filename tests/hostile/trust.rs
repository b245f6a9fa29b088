//! Supply chain: components that are not signed, signed wrongly, by somebody else, too late, or changed since. All are
//! refused before anything of them but their signatures is read.

use jiff::civil::{Date, date};
use portgate_core::policy::PluginPolicy;
use portgate_runtime::{Admission, Distrust, Refusal, Signer, Signers, SigningKey, digest};

use crate::craft::Craft;
use crate::rig::{Rig, ceiling, policy};

const TODAY: Date = date(2026, 3, 1);

fn signed_by(names: &[&str]) -> PluginPolicy {
    PluginPolicy { signed_by: names.iter().map(|name| (*name).to_owned()).collect(), ..policy() }
}

fn signer(key: &SigningKey, expires_on: Option<Date>) -> Signer {
    Signer { key: key.verifying_key(), expires_on }
}

/// What becomes of a component under a policy that asks for a signature by `release`, beside whom `review` is known.
struct Scene {
    release: SigningKey,
    review: SigningKey,
    expires_on: Option<Date>,
    policy: PluginPolicy,
}

impl Scene {
    fn new() -> Self {
        let (release, review) = (SigningKey::generate(), SigningKey::generate());
        Scene { release, review, expires_on: None, policy: signed_by(&["release"]) }
    }

    fn admit(&self, component: &[u8]) -> Result<Vec<String>, Refusal> {
        let rig = Rig::new();
        let ceiling = ceiling();
        let signers = Signers::from([
            ("release".to_owned(), signer(&self.release, self.expires_on)),
            ("review".to_owned(), signer(&self.review, None)),
        ]);
        let admission = Admission { signers: &signers, today: TODAY, ..rig.admission(&self.policy, &ceiling) };
        let admitted = rig.decide(component, &admission);
        match admitted {
            Ok(plugin) => Ok(plugin.grounds().vouched.signed_by.clone()),
            Err(refusal) => {
                assert!(rig.kept().is_empty(), "it was compiled");
                Err(refusal)
            }
        }
    }

    #[track_caller]
    fn distrust(&self, component: &[u8]) -> Distrust {
        match self.admit(component) {
            Err(Refusal::Distrusted(distrust)) => distrust,
            other => panic!("it was to be distrusted, but {other:?}"),
        }
    }
}

fn component() -> Vec<u8> {
    Craft::default().component()
}

/// Where the content of a signed component begins.
fn content(signed: &[u8]) -> usize {
    signed.len() - component().len() + 8
}

#[test]
fn a_component_that_a_trusted_key_signed_is_admitted_and_says_who_did() {
    let scene = Scene::new();
    let signed = scene.release.sign(&component()).expect("it is signed");
    assert_eq!(scene.admit(&signed).expect("it is admitted"), ["release"]);
    // A second signature changes nothing about the first.
    let both = scene.review.sign(&signed).expect("it is signed");
    assert_eq!(scene.admit(&both).expect("it is admitted"), ["release"]);
}

#[test]
fn an_unsigned_component_is_refused() {
    let distrust = Scene::new().distrust(&component());
    assert_eq!(distrust, Distrust::Unsigned(vec!["release".to_owned()]));
    assert!(distrust.to_string().contains("`release`") && distrust.to_string().contains("portgate plugin sign"));
}

#[test]
fn a_policy_that_names_nothing_admits_nothing() {
    let scene = Scene { policy: policy(), ..Scene::new() };
    let signed = scene.release.sign(&component()).expect("it is signed");
    assert_eq!(scene.distrust(&signed), Distrust::NothingNamed);
}

#[test]
fn a_component_signed_by_a_key_that_is_not_trusted_is_refused() {
    let scene = Scene::new();
    let reviewed = scene.review.sign(&component()).expect("it is signed");
    let (by, trusted) = (vec!["review".to_owned()], vec!["release".to_owned()]);
    assert_eq!(scene.distrust(&reviewed), Distrust::OtherSigner { by, trusted: trusted.clone() });
    let stranger = SigningKey::generate();
    let strange = stranger.sign(&component()).expect("it is signed");
    let key_ids = vec![stranger.verifying_key().id()];
    assert_eq!(scene.distrust(&strange), Distrust::UnknownKey { trusted, key_ids });
}

#[test]
fn a_signature_that_is_wrong_is_refused_whatever_key_it_names() {
    let scene = Scene::new();
    let signed = scene.release.sign(&component()).expect("it is signed");
    // The last 64 bytes before the content are the signature itself.
    let at = content(&signed) - 1;
    for at in [at, at - 32, at - 63] {
        let mut wrong = signed.clone();
        wrong[at] ^= 1;
        assert!(matches!(scene.distrust(&wrong), Distrust::UnknownKey { .. }));
    }
}

#[test]
fn a_component_that_was_swapped_after_signing_is_refused() {
    let scene = Scene::new();
    let signed = scene.release.sign(&component()).expect("it is signed");
    for at in [content(&signed), signed.len() / 2, signed.len() - 1] {
        let mut swapped = signed.clone();
        swapped[at] ^= 1;
        assert_eq!(scene.distrust(&swapped), Distrust::OtherContent, "byte {at}");
    }
    let other = Craft { memory: "3", ..Craft::default() }.component();
    let transplanted = [&signed[..content(&signed)], &other[8..]].concat();
    assert_eq!(scene.distrust(&transplanted), Distrust::OtherContent);
}

#[test]
fn a_key_that_has_expired_vouches_for_nothing() {
    let scene = Scene::new();
    let signed = scene.release.sign(&component()).expect("it is signed");
    for expired in [date(2025, 1, 1), TODAY] {
        let scene = Scene { expires_on: Some(expired), release: reread(&scene.release), ..Scene::new() };
        assert_eq!(scene.distrust(&signed), Distrust::Expired { signer: "release".to_owned(), on: expired });
    }
    let scene = Scene { expires_on: Some(date(2026, 3, 2)), release: reread(&scene.release), ..Scene::new() };
    assert_eq!(scene.admit(&signed).expect("it is the key's last day"), ["release"]);
}

fn reread(key: &SigningKey) -> SigningKey {
    SigningKey::parse(&key.to_pem()).expect("a key")
}

#[test]
fn a_policy_that_names_digest_and_signer_asks_for_both() {
    let scene = Scene::new();
    let signed = scene.release.sign(&component()).expect("it is signed");
    let pinning = |pinned: &[u8], scene: &Scene| PluginPolicy { sha256: Some(digest(pinned)), ..scene.policy.clone() };
    let both = Scene { policy: pinning(&signed, &scene), release: reread(&scene.release), ..Scene::new() };
    assert_eq!(both.admit(&signed).expect("both hold"), ["release"]);
    let unsigned = Scene { policy: pinning(&component(), &scene), ..Scene::new() };
    assert!(matches!(unsigned.distrust(&component()), Distrust::Unsigned(_)));
    let other = Scene { policy: pinning(&component(), &scene), release: reread(&scene.release), ..Scene::new() };
    assert!(matches!(other.distrust(&signed), Distrust::OtherDigest { .. }));
}

#[test]
fn nothing_of_a_component_that_nobody_vouches_for_is_read() {
    let broken = [&component()[..8], b"\x01\xff\xff\xff\xff\x0fno section at all"].concat();
    let scene = Scene::new();
    assert!(matches!(scene.distrust(&broken), Distrust::Unsigned(_)));
    assert!(matches!(scene.distrust(b""), Distrust::Unsigned(_)));
}
