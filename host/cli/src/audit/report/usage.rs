//! What a plugin was observed to use, where the gateway has watched it and the operator may see it.

use http::StatusCode;
use portgate_core::review::ObservedUse;
use serde::Deserialize;

use super::Failure;
use crate::operator::{OperatorClient, OperatorError};

/// What was observed of one build of a plugin, or why nothing can be said of it.
pub(super) fn of(
    client: &OperatorClient,
    plugin: &str,
    sha256: &str,
    since: Option<&str>,
) -> Result<Result<ObservedUse, &'static str>, Failure> {
    #[derive(Deserialize)]
    struct Uses {
        items: Vec<ObservedUse>,
    }
    let query: Vec<(&str, String)> = since.into_iter().map(|since| ("since", since.to_owned())).collect();
    let uses = match client.get(&format!("/v1/plugins/{plugin}/use"), &query) {
        Ok(uses) => uses,
        Err(OperatorError::Refused { status: StatusCode::NOT_FOUND, .. }) => {
            return Ok(Err("the gateway does not call this plugin now"));
        }
        Err(OperatorError::Refused { status: StatusCode::FORBIDDEN, .. }) => {
            return Ok(Err("not shown: it takes the permission `read`"));
        }
        Err(error) => return Err(error.into()),
    };
    let Uses { items } = serde_json::from_value(uses).map_err(|_| Failure::Answer)?;
    Ok(items.into_iter().find(|used| used.sha256 == sha256).ok_or("this build was not called in the time looked at"))
}
