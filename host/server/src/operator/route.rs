//! One row of the table: which requests it is for, what it needs, and how its handler is called.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response};
use portgate_core::policy::Permission;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Answer, Given};
use super::asked::{Asked, invalid};
use crate::access::Operator;
use crate::problem::ProblemType;
use crate::refusal::Refusal;
use crate::state::State;

/// What a handler is given beside what was asked.
pub(super) struct Call {
    pub(super) state: Arc<State>,
    /// Who asks, and has the permission that the route needs.
    pub(super) operator: Arc<Operator>,
    /// The segment that the path leaves open; empty where it leaves none.
    pub(super) named: String,
}

/// What the handler of a route without a key is given.
pub(super) struct Visit {
    pub(super) state: Arc<State>,
    /// The segment that the path leaves open; empty where it leaves none.
    pub(super) named: String,
    /// The query, as it was written.
    pub(super) query: String,
    /// The description of the whole API.
    pub(super) description: Bytes,
}

/// A name that a query of an open route can have, whatever its value, and what it asks for.
pub(super) type Flag = (&'static str, &'static str);

/// One row of the table.
pub(super) struct Route {
    pub(super) method: Method,
    /// The path as OpenAPI writes it, such as `/v1/exchanges/{id}`.
    pub(super) path: &'static str,
    /// What it is for, in words.
    pub(super) summary: &'static str,
    /// What it answers where it does what it was asked.
    pub(super) given: Given,
    /// Problems that are its own, beside those of every route of its kind.
    pub(super) problems: &'static [&'static ProblemType],
    /// What its query can have, where it is open to everybody.
    pub(super) flags: Vec<Flag>,
    pub(super) serves: Serves,
}

/// For whom a route is.
pub(super) enum Serves {
    /// For whoever reaches the listener, a few at a time.
    Everybody(Box<dyn Fn(Visit) -> Answering + Send + Sync>),
    /// For operators with this permission.
    Operators {
        permission: Permission,
        asked: Box<Asked>,
        handler: Box<dyn Fn(Call, Value) -> Answering + Send + Sync>,
    },
}

/// A handler at work.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Refusal>> + Send>>;

/// A route for whoever reaches the listener.
pub(super) fn open<H, F, A>(path: &'static str, summary: &'static str, handler: H) -> Route
where
    H: Fn(Visit) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, Refusal>> + Send + 'static,
    A: Answer,
{
    let serves = Serves::Everybody(Box::new(move |visit: Visit| -> Answering {
        let answering = handler(visit);
        Box::pin(async move { Ok(answering.await?.respond()) })
    }));
    Route { method: Method::GET, path, summary, given: Given::by::<A>(), problems: &[], flags: Vec::new(), serves }
}

/// A route that is asked by a query.
pub(super) fn get<Q, H, F, A>(path: &'static str, needs: Permission, summary: &'static str, handler: H) -> Route
where
    Q: DeserializeOwned + JsonSchema,
    H: Fn(Call, Q) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, Refusal>> + Send + 'static,
    A: Answer,
{
    for_operators(Method::GET, path, needs, summary, Asked::by_query::<Q>(), handler)
}

/// A route that is asked by a JSON body.
pub(super) fn post<B, H, F, A>(path: &'static str, needs: Permission, summary: &'static str, handler: H) -> Route
where
    B: DeserializeOwned + JsonSchema,
    H: Fn(Call, B) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, Refusal>> + Send + 'static,
    A: Answer,
{
    for_operators(Method::POST, path, needs, summary, Asked::by_body::<B>(), handler)
}

fn for_operators<I, H, F, A>(
    method: Method,
    path: &'static str,
    permission: Permission,
    summary: &'static str,
    asked: Asked,
    handler: H,
) -> Route
where
    I: DeserializeOwned,
    H: Fn(Call, I) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, Refusal>> + Send + 'static,
    A: Answer,
{
    let handler = Box::new(move |call: Call, input: Value| -> Answering {
        match serde_json::from_value::<I>(input) {
            Ok(input) => {
                let answering = handler(call, input);
                Box::pin(async move { Ok(answering.await?.respond()) })
            }
            // The schema let it pass, and the type is narrower.
            Err(error) => Box::pin(async move { Err(invalid("", error.to_string())) }),
        }
    });
    let serves = Serves::Operators { permission, asked: Box::new(asked), handler };
    Route { method, path, summary, given: Given::by::<A>(), problems: &[], flags: Vec::new(), serves }
}

impl Route {
    /// The same with problems of its own.
    pub(super) fn or(self, problems: &'static [&'static ProblemType]) -> Route {
        Route { problems, ..self }
    }

    /// The same with a flag that its query can have.
    pub(super) fn with(mut self, flag: Flag) -> Route {
        self.flags.push(flag);
        self
    }

    /// Whether it needs no key.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.serves, Serves::Everybody(_))
    }

    /// The segment that the path leaves open, where this route is for the path.
    fn fits(&self, path: &str) -> Option<String> {
        let mut named = String::new();
        let (mut given, mut own) = (path.split('/'), self.path.split('/'));
        loop {
            match (given.next(), own.next()) {
                (None, None) => return Some(named),
                // One path means one thing, so no segment is empty.
                (Some(segment), Some(open)) if open.starts_with('{') && !segment.is_empty() => {
                    segment.clone_into(&mut named);
                }
                (Some(segment), Some(fixed)) if segment == fixed => {}
                _ => return None,
            }
        }
    }
}

/// What a path and a method lead to.
pub(super) enum Found<'t> {
    /// This route, with the segment that its path leaves open.
    Route(&'t Route, String),
    /// The path is served with these methods.
    OtherMethods(String),
    /// Nothing is at this path.
    Nothing,
}

/// Finds the route for a request. A path without an open segment goes before one that has it (OpenAPI, Path Templating).
pub(super) fn find<'t>(routes: &'t [Route], method: &Method, path: &str) -> Found<'t> {
    let mut fitting: Vec<_> = routes.iter().filter_map(|route| Some((route, route.fits(path)?))).collect();
    let Some(best) = fitting.iter().map(|(_, named)| !named.is_empty()).min() else { return Found::Nothing };
    fitting.retain(|(_, named)| named.is_empty() != best);
    match fitting.iter().position(|(route, _)| route.method == *method) {
        Some(at) => {
            let (route, named) = fitting.swap_remove(at);
            Found::Route(route, named)
        }
        None => {
            Found::OtherMethods(fitting.iter().map(|(route, _)| route.method.as_str()).collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::routes::routes;
    use super::*;

    #[test]
    fn a_path_has_one_spelling_and_its_methods_are_named() {
        let routes = routes();
        let found = |method: Method, path: &str| match find(&routes, &method, path) {
            Found::Route(route, named) => format!("{} {named}", route.path),
            Found::OtherMethods(allow) => format!("only {allow}"),
            Found::Nothing => "nothing".to_owned(),
        };
        assert_eq!(found(Method::GET, "/v1/deliveries"), "/v1/deliveries ");
        assert_eq!(found(Method::GET, "/v1/exchanges/7/payload"), "/v1/exchanges/{id}/payload 7");
        assert_eq!(found(Method::DELETE, "/v1/exchanges/7"), "only GET");
        // Fixed segments go first: this is no exchange of the name `retry`.
        assert_eq!(found(Method::GET, "/v1/exchanges/retry"), "only POST");
        assert_eq!(found(Method::POST, "/v1/exchanges/retry"), "/v1/exchanges/retry ");
        for path in ["/v1/deliveries/", "/v1//deliveries", "/v1/exchanges//payload", "/v1", "/v1/", "/v1/exchanges/7/x"]
        {
            assert_eq!(found(Method::GET, path), "nothing", "{path}");
        }
    }
}
