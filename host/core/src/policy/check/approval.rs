//! What a schema cannot say of the two-person rule: there are two persons who can approve.
//!
//! What two persons approve must say everything itself: a key that lies in a file beside the policies is exchanged by one.

use crate::mistake::Mistake;
use crate::policy::files::Files;
use crate::policy::secret_name::names_secret;
use crate::policy::{PERSONS, Permission};

/// Checks that there are two who can approve, and that nobody can exchange their keys, or those of signers, unseen.
pub(super) fn check(files: &Files, mistakes: &mut Vec<Mistake>) {
    let Some(ceiling) = files.ceiling.as_ref().filter(|ceiling| ceiling.content.approval.required) else { return };
    let approvers = files.operators.values().filter(|operator| operator.content.may.contains(&Permission::Approve));
    if approvers.clone().count() < PERSONS && files.all_operators_read {
        let problem =
            format!("needs {PERSONS} operators with the permission `approve`, or nothing could ever be approved");
        let hint = "add `approve` to `may` of operators/NAME.toml; `portgate operator key` makes keys".to_owned();
        mistakes.push(ceiling.mistake("/approval/required", problem, Some(hint)));
    }
    for operator in approvers.filter(|operator| names_secret(&operator.content.key_sha256)) {
        let problem = "names a secret, which one person could exchange unseen, while ceiling.toml asks for two";
        let hint = "write the hash itself, which is no secret".to_owned();
        mistakes.push(operator.mistake("/key_sha256", problem, Some(hint)));
    }
    for signer in files.signers.values().filter(|signer| signer.content.public_key_file.is_some()) {
        let problem = "names a file, which one person could exchange unseen, while ceiling.toml asks for two";
        let hint = "write the key itself as `public_key`: the line that `portgate plugin keygen` prints".to_owned();
        mistakes.push(signer.mistake("/public_key_file", problem, Some(hint)));
    }
}
