//! An operator of the gateways: looks, and does what changes nothing in the end.

use bytes::Bytes;
use http::Method;
use portgate_tests::Client;
use serde_json::{Value, json};

use super::Border;

impl Border {
    /// What the operator API says, or nothing where it does not answer.
    pub(super) async fn get(&self, operator: &Client, path: &str) -> Value {
        self.ask(operator, Method::GET, path, Bytes::new()).await
    }

    async fn ask(&self, operator: &Client, method: Method, path: &str, body: Bytes) -> Value {
        let key = &self.workshop.credentials.operator_key;
        let headers = [("authorization", format!("Bearer {key}")), ("content-type", "application/json".to_owned())];
        let answer = operator.try_send(method, path, &headers, body).await;
        answer.map(|answer| answer.json()).unwrap_or_default()
    }

    /// Releases a filing that customs has accepted as it is, so that nothing comes of it, and takes on the first thing that waits
    /// for a person.
    pub(crate) async fn operates(&self, operator: &Client) {
        let reason = "looked at it";
        let filings = self.get(operator, "/v1/filings?state=accepted").await;
        let is_done = |filing: &&Value| filing["pending"].as_array().is_some_and(Vec::is_empty);
        if let Some(filing) = filings["items"].as_array().and_then(|items| items.iter().find(is_done)) {
            let release = json!({ "lrn": filing["lrn"], "digest": filing["digest"], "reason": reason });
            self.ask(operator, Method::POST, "/v1/filings/release", release.to_string().into()).await;
        }
        let exceptions = self.get(operator, "/v1/exceptions?state=open").await;
        if let Some(id) = exceptions["items"][0]["id"].as_str() {
            let assign = json!({ "act": "assign", "to": "on-call", "reason": reason });
            let path = format!("/v1/exceptions/{id}/acts");
            self.ask(operator, Method::POST, &path, assign.to_string().into()).await;
        }
    }
}
