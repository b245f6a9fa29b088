//! `portgate plugin verify`: who signed a plugin file, and whether a policy folder takes it. It asks what a gateway asks
//! before it reads anything else of the file; only the versions that a gateway admitted before are not known here.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portgate_core::policy::{Mistake, Policies};
use portgate_runtime::{Distrust, Signatures, Signers, Vouched, inspect_component, vouch};
use portgate_server::Folder;

use super::file::{FileError, read};
use super::key::{KeyError, verifying_key};

/// What to verify, and against what.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugin file
    file: PathBuf,
    /// The policy folder whose signers and plugin policy decide
    #[arg(long, default_value = "policies", env = "PORTGATE_POLICIES")]
    policies: PathBuf,
    /// Ask for a signature by the public key in this file instead, without any policy
    #[arg(long, value_name = "FILE.pub")]
    key: Option<PathBuf>,
}

/// Why the file is not trusted.
#[derive(Debug, thiserror::Error)]
pub(super) enum VerifyError {
    /// It is no plugin.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It is not what was signed.
    #[error("{}: {}", .0.display(), .1)]
    Changed(PathBuf, Distrust),
    /// The key did not sign it.
    #[error("{}: carries no signature by that key over its whole content", .0.display())]
    NotByKey(PathBuf),
    /// The policies are wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nportgate: "))]
    Policies(Vec<Mistake>),
    /// The policies do not know the plugin.
    #[error("{} has no plugins/{}.toml, so no gateway with these policies takes it", .0.display(), .1)]
    NoPolicy(PathBuf, String),
    /// The plugin's policy does not trust it.
    #[error("not trusted by {}/plugins/{}.toml: {}", .0.display(), .1, .2)]
    Distrusted(PathBuf, String, Distrust),
}

/// Prints who signed the file; succeeds only if it is trusted.
pub(super) fn run(options: &Options) -> Result<(), VerifyError> {
    let component = read(&options.file)?;
    let unreadable = |error| FileError::Unreadable(options.file.clone(), error);
    let signatures = Signatures::of(&component).map_err(|error| unreadable(error.into()))?;
    if !signatures.is_empty() && !signatures.fit_the_content() {
        return Err(VerifyError::Changed(options.file.clone(), Distrust::OtherContent));
    }
    let inspection = inspect_component(&component).map_err(unreadable)?;
    let name = &inspection.manifest.name;
    println!("{name} {}", inspection.manifest.version);
    println!("  sha256   {}", inspection.digest);
    if let Some(key) = &options.key {
        let key = verifying_key(key)?;
        return match signatures.by(&key) {
            true => {
                println!("  signed   with the key {}", key.id());
                Ok(())
            }
            false => Err(VerifyError::NotByKey(options.file.clone())),
        };
    }
    let folder = Folder::new(&options.policies);
    let policies = folder.policies().map_err(VerifyError::Policies)?;
    let signers = portgate_server::signers(&folder, &policies).map_err(VerifyError::Policies)?;
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    for line in signed(&signatures, &signers, &policies, today) {
        println!("  signed   {line}");
    }
    let policy = policies.plugins.get(name);
    let policy = policy.ok_or_else(|| VerifyError::NoPolicy(options.policies.clone(), name.clone()))?;
    let vouched = vouch(&component, policy, &signers, today);
    let vouched =
        vouched.map_err(|distrust| VerifyError::Distrusted(options.policies.clone(), name.clone(), distrust))?;
    println!("  trusted  by {}/plugins/{name}.toml: {}", options.policies.display(), why(&vouched));
    Ok(())
}

/// One line for each signature, proven or only claimed.
fn signed(signatures: &Signatures<'_>, signers: &Signers, policies: &Policies, today: Date) -> Vec<String> {
    if signatures.is_empty() {
        return vec!["by nobody".to_owned()];
    }
    let known = signers.iter().filter(|(_, signer)| signatures.by(&signer.key));
    let lines = known.clone().map(|(name, signer)| {
        let title = policies.signers.get(name).map_or("", |policy| policy.title.as_str());
        let expired = signer.expires_on.filter(|on| *on <= today);
        let expired = expired.map_or(String::new(), |on| format!(", which has expired on {on}"));
        format!("by `{name}` ({title}) with the key {}{expired}", signer.key.id())
    });
    let ids: Vec<String> = known.clone().map(|(_, signer)| signer.key.id()).collect();
    let unknown = signatures.key_ids().into_iter().filter(|id| !ids.contains(id));
    let unknown = unknown.map(|id| format!("with a key that these policies do not know, which calls itself {id}"));
    lines.chain(unknown).collect()
}

fn why(vouched: &Vouched) -> String {
    let signed = vouched.signed_by.iter().map(|signer| format!("signed by `{signer}`"));
    let pinned = vouched.pinned.then(|| "its digest is pinned".to_owned());
    signed.chain(pinned).collect::<Vec<_>>().join(", ")
}
