//! Who an operator is, and what it may do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use http::{HeaderMap, header};
use portgate_core::policy::{Mistake, OperatorPolicy, Permission};
use portgate_core::sha256::sha256;
use portgate_http::auth::sha256_in;
use portgate_http::secrets::Secrets;

use crate::refusal::Refusal;

/// The operators of a policy folder, by the SHA-256 of their keys.
#[derive(Default)]
pub(crate) struct Operators {
    by_key: HashMap<[u8; 32], Arc<Operator>>,
}

/// One operator.
pub(crate) struct Operator {
    pub(crate) name: String,
    may: BTreeSet<Permission>,
}

impl Operators {
    /// # Errors
    ///
    /// Each key that is no hash, or whose secret is not there.
    pub(crate) fn new(policies: &BTreeMap<String, OperatorPolicy>, secrets: &Secrets) -> Result<Self, Vec<Mistake>> {
        let (mut by_key, mut mistakes) = (HashMap::new(), Vec::new());
        for (name, policy) in policies {
            let mistake = |problem: String| {
                let hint = "`portgate operator key` makes a key and its hash".to_owned();
                Mistake::whole_file(format!("operators/{name}.toml"), format!("key_sha256: {problem}"), Some(hint))
            };
            match sha256_in(secrets, &policy.key_sha256) {
                Ok(key) => {
                    let operator = Arc::new(Operator { name: name.clone(), may: policy.may.clone() });
                    if let Some(other) = by_key.insert(key, operator) {
                        mistakes.push(mistake(format!("is the key of operator `{}` as well", other.name)));
                    }
                }
                Err(problem) => mistakes.push(mistake(problem)),
            }
        }
        match mistakes.is_empty() {
            true => Ok(Operators { by_key }),
            false => Err(mistakes),
        }
    }

    /// Whose key `Authorization: Bearer` carries. As with partners' keys the look-up need not take constant time: what it
    /// compares are hashes.
    pub(crate) fn identify(&self, headers: &HeaderMap) -> Result<Arc<Operator>, Refusal> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return Err(Refusal::OperatorUnknown) };
        let (scheme, key) =
            value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Refusal::OperatorUnknown)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Refusal::OperatorUnknown);
        }
        self.by_key.get(&sha256(key.trim().as_bytes())).cloned().ok_or(Refusal::OperatorUnknown)
    }
}

impl Operator {
    pub(crate) fn has(&self, permission: Permission) -> bool {
        self.may.contains(&permission)
    }

    /// # Errors
    ///
    /// The operator's policy does not give this permission.
    pub(crate) fn needs(&self, permission: Permission) -> Result<(), Refusal> {
        match self.has(permission) {
            true => Ok(()),
            false => Err(Refusal::OperatorNotPermitted { permission: permission.as_str() }),
        }
    }
}
