//! Gives the workflow what it stands on: how shipments are made by the policies of the moment, and the rule packs.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use portgate_core::document::Document;
use portgate_core::judgement::Composition;
use portgate_store::Acceptance;
use portgate_workflow::{Calendar, Composed, Composers, Inspected, Made, Makes, Packs, Plan, Plans};

use crate::clock::now;
use crate::intake::Intake;
use crate::observed::{Ended, Function};
use crate::state::State;

/// The plan and the packs of the running configuration.
pub(crate) struct Running(pub(crate) Arc<State>);

impl Plans for Running {
    fn plan(&self) -> Option<Plan> {
        self.0.configuration.load().shipments.clone()
    }

    fn now(&self) -> Timestamp {
        now()
    }
}

impl Calendar for Running {
    fn look_up(&self, table: &str, key: &str, on: Date) -> Option<String> {
        self.0.configuration.load().tables.lookup(table, key, on).map(str::to_owned)
    }
}

impl Makes for Running {
    fn make(&self, made: Made, now: Timestamp) -> Result<Acceptance, String> {
        let configuration = self.0.configuration.load_full();
        Intake { state: &self.0, configuration: &configuration, now }.own(&made)
    }
}

#[async_trait]
impl Packs for Running {
    async fn inspect(&self, plugin: &str, context: Document) -> Result<Inspected, String> {
        let configuration = self.0.configuration.load_full();
        let Some(pack) = configuration.plugins.get(plugin) else { return Err("it is not loaded".to_owned()) };
        let read = [context.kind.clone()];
        let shown = pack.shown(context).map_err(|error| error.to_string())?;
        let call = pack.inspect_shown(&shown, now().to_string()).await;
        let ended = Ended {
            function: Function::Inspect,
            contract: None,
            usage: &call.usage,
            error: call.outcome.as_ref().err(),
            emitted: &[],
            read: &read,
        };
        self.0.observed.call(pack, &ended);
        match call.outcome {
            Ok(judgements) => Ok(Inspected { judgements, seen: shown.body().to_vec(), looked_up: call.looked_up }),
            Err(error) => {
                tracing::warn!(plugin, %error, "a rule pack could not judge a shipment");
                Err(error.to_string())
            }
        }
    }
}

#[async_trait]
impl Composers for Running {
    async fn compose(
        &self,
        plugin: &str,
        context: Document,
        composition: Composition,
        at: Timestamp,
    ) -> Result<Composed, String> {
        let configuration = self.0.configuration.load_full();
        let Some(composer) = configuration.plugins.get(plugin) else { return Err("it is not loaded".to_owned()) };
        let seen = composer.shown(context.clone()).map_err(|error| error.to_string())?.body().to_vec();
        let read = [context.kind.clone()];
        let call = composer.compose(context, composition, at.to_string()).await;
        let emitted = match &call.outcome {
            Ok(Ok(document)) => std::slice::from_ref(document),
            _ => &[],
        };
        let ended = Ended {
            function: Function::Compose,
            contract: None,
            usage: &call.usage,
            error: call.outcome.as_ref().err(),
            emitted,
            read: &read,
        };
        self.0.observed.call(composer, &ended);
        match call.outcome {
            Ok(Ok(document)) => match configuration.documents.check(&document.kind, &document.body) {
                Ok(()) => Ok(Composed::Declaration(document, call.looked_up)),
                Err(violations) => {
                    let first = violations.findings.first();
                    let first = first.map(|finding| format!("{}: {}", finding.location, finding.detail));
                    Err(format!("what it wrote breaks the schema of declarations ({})", first.unwrap_or_default()))
                }
            },
            Ok(Err(judgements)) => Ok(Composed::Missing(Inspected { judgements, seen, looked_up: call.looked_up })),
            Err(error) => {
                tracing::warn!(plugin, %error, "a composer could not write a declaration");
                Err(error.to_string())
            }
        }
    }
}
