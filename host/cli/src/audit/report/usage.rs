//! What a plugin was observed to use, where the gateway has watched it and the operator may see it.

use http::StatusCode;
use jiff::Timestamp;
use portgate_core::review::ObservedUse;
use portgate_operator::{PluginUses, Since};

use super::Failure;
use crate::operator::{OperatorClient, OperatorError};

/// What was observed of one build of a plugin, or why nothing can be said of it.
pub(super) fn of(
    client: &OperatorClient,
    plugin: &str,
    sha256: &str,
    since: Option<Timestamp>,
) -> Result<Result<ObservedUse, &'static str>, Failure> {
    let PluginUses { items, .. } = match client.get(&format!("/v1/plugins/{plugin}/use"), &Since { since }) {
        Ok(uses) => uses,
        Err(OperatorError::Refused { status: StatusCode::NOT_FOUND, .. }) => {
            return Ok(Err("the gateway does not call this plugin now"));
        }
        Err(OperatorError::Refused { status: StatusCode::FORBIDDEN, .. }) => {
            return Ok(Err("not shown: it takes the permission `read`"));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(items.into_iter().find(|used| used.sha256 == sha256).ok_or("this build was not called in the time looked at"))
}
