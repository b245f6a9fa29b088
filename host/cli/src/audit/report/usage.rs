//! What a plugin was observed to use, where the gateway counts it.

use http::StatusCode;
use serde_json::Value;

use super::Failure;
use crate::operator::{OperatorClient, OperatorError};

/// The gateway's account of a plugin's use; nothing where it keeps none.
pub(super) fn of(client: &OperatorClient, plugin: &str) -> Result<Option<Value>, Failure> {
    match client.get(&format!("/v1/plugins/{plugin}/use"), &[]) {
        Ok(used) => Ok(Some(used)),
        Err(OperatorError::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
