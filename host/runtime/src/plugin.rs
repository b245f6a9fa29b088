//! A plugin that was admitted, and what it can be asked. Every answer is held against the grants and limits of its
//! policy before anybody sees it; whether a document keeps its schema is for the caller to check.

use std::fmt;
use std::sync::Arc;

use portgate_core::agreement::Agreement;
use portgate_core::codes::{AwaitedCodes, Codes};
use portgate_core::delivery::{FollowUp, Outcome, Request, Response, Target};
use portgate_core::document::{Decoded, Document, Part, Rejection, Reply};
use portgate_core::finding::{Finding, Severity};
use portgate_core::judgement::{Composition, Judgement};
use portgate_core::manifest::Manifest;
use portgate_core::message::Message;
use portgate_core::policy::Limits;
use portgate_core::projection::Withheld;
use portgate_core::reference::Lookups;
use portgate_core::unread::{PATH_BYTES_MAX, PATHS_MAX};

use crate::admission::Grounds;
use crate::bindings::{composer, rules, types};
use crate::call::{Call, CallError, Usage, shown};
use crate::connector::Connector;
use crate::host::CallState;
use crate::inspection::Inspection;
use crate::output::Measured;
use crate::sandbox::Sandbox;

/// A plugin that was admitted. Cheap to clone; every call runs in a sandbox of its own.
#[derive(Clone)]
pub struct Plugin {
    shared: Arc<Shared>,
}

struct Shared {
    inspection: Arc<Inspection>,
    grounds: Grounds,
    world: Instantiable,
    sandbox: Sandbox,
}

/// Linked and checked, so that a call only has to fill in a slot of the pool.
pub(crate) enum Instantiable {
    Connector(Arc<Connector>),
    Rules(rules::RulesPre<CallState>),
    Composer(composer::ComposerPre<CallState>),
}

/// A document as it is shown to one plugin.
#[derive(Clone)]
pub struct Shown(Arc<types::Document>);

impl Shown {
    /// Its text.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }
}

impl Plugin {
    pub(crate) fn new(inspection: Arc<Inspection>, grounds: Grounds, world: Instantiable, sandbox: Sandbox) -> Plugin {
        Plugin { shared: Arc::new(Shared { inspection, grounds, world, sandbox }) }
    }

    /// Whether both come from one admission.
    pub fn is_the_same_as(&self, other: &Plugin) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// What the plugin's author says of it.
    pub fn manifest(&self) -> &Manifest {
        &self.shared.inspection.manifest
    }

    /// SHA-256 of its component, 64 lower-case hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.shared.inspection.digest
    }

    /// The budgets of its calls.
    pub fn limits(&self) -> &Limits {
        &self.shared.sandbox.bounds.limits
    }

    /// Why it was admitted.
    pub fn grounds(&self) -> &Grounds {
        &self.shared.grounds
    }

    /// What its component is like.
    pub fn inspection(&self) -> &Inspection {
        &self.shared.inspection
    }

    /// The interfaces that its component imports, with their versions.
    pub fn imports(&self) -> &[String] {
        &self.shared.inspection.imports
    }

    /// Partner to canonical.
    pub async fn decode(&self, message: Message) -> Call<Result<Decoded, Rejection>> {
        let codes = agreed(message.agreement.as_ref());
        self.decoded(types::Message::from(message), codes).await
    }

    /// The same, and [`Decoded::unread`] says what of the message the plugin did not look at. Finding that out costs the
    /// plugin time and memory.
    pub async fn decode_noting_unread(&self, message: Message) -> Call<Result<Decoded, Rejection>> {
        let codes = agreed(message.agreement.as_ref());
        self.decoded(types::Message { note_unread: true, ..types::Message::from(message) }, codes).await
    }

    async fn decoded(&self, message: types::Message, codes: Codes) -> Call<Result<Decoded, Rejection>> {
        let Instantiable::Connector(world) = &self.shared.world else { return other_world("connector") };
        let (world, noted) = (Arc::clone(world), message.note_unread);
        let call =
            self.shared.sandbox.call(codes, move |store| Box::pin(async move { world.decode(store, &message).await }));
        self.checked(call.await, |result| match result {
            Ok(types::Decoded { documents, findings, parts, reply, unread }) => {
                let documents = self.emitted(documents)?;
                let (parts, findings) = self.parts(parts, documents.len() as u64, found(findings))?;
                let unread = paths(noted, unread);
                let reply = reply.map(Reply::from);
                Ok(Ok(Decoded { documents, findings, parts, reply, unread, awaits: AwaitedCodes::default() }))
            }
            Err(rejection) => Ok(Err(self.rejected(rejection)?)),
        })
    }

    /// Canonical to partner: renders documents as one message of the target's contract. Of each document the plugin sees
    /// what its grants let it read.
    ///
    /// The request is what the plugin wants, not what it may: whoever sends it holds it against the policy first.
    pub async fn encode(&self, documents: Vec<Document>, target: Target) -> Call<Result<Request, Rejection>> {
        let Instantiable::Connector(world) = &self.shared.world else { return other_world("connector") };
        let codes = agreed(target.agreement.as_ref());
        let (world, target) = (Arc::clone(world), types::Target::from(target));
        let given: Result<Vec<_>, _> = documents.into_iter().map(|document| self.given(document)).collect();
        let documents = match given {
            Ok(documents) => documents,
            Err(error) => return not_called(error),
        };
        let call = self
            .shared
            .sandbox
            .call(codes, move |store| Box::pin(async move { world.encode(store, &documents, &target).await }));
        self.checked(call.await, |result| match result {
            Ok(request) => Ok(Ok(Request::from(request))),
            Err(rejection) => Ok(Err(self.rejected(rejection)?)),
        })
    }

    /// Reads the partner's answer to what `encode` made.
    pub async fn interpret(&self, sent: Request, got: Response) -> Call<Result<Outcome, Rejection>> {
        self.interpreted(sent, types::Response::from(got)).await
    }

    /// The same, and [`Outcome::unread`] says what of the answer the plugin did not look at.
    pub async fn interpret_noting_unread(&self, sent: Request, got: Response) -> Call<Result<Outcome, Rejection>> {
        self.interpreted(sent, types::Response { note_unread: true, ..types::Response::from(got) }).await
    }

    async fn interpreted(&self, sent: Request, got: types::Response) -> Call<Result<Outcome, Rejection>> {
        let Instantiable::Connector(world) = &self.shared.world else { return other_world("connector") };
        let (world, sent, noted) = (Arc::clone(world), types::Request::from(sent), got.note_unread);
        let call = self
            .shared
            .sandbox
            .call(Codes::default(), move |store| Box::pin(async move { world.interpret(store, &sent, &got).await }));
        self.checked(call.await, |result| match result {
            Ok(types::Outcome { verdict, documents, findings, next, unread }) => Ok(Ok(Outcome {
                verdict: verdict.into(),
                documents: self.emitted(documents)?,
                findings: found(findings),
                next: next.map(FollowUp::from),
                unread: paths(noted, unread),
            })),
            Err(rejection) => Ok(Err(self.rejected(rejection)?)),
        })
    }

    /// Everything that is wrong with the shipment whose context this is, as far as the plugin's grants let it see it. `now`
    /// is RFC 3339.
    pub async fn inspect(&self, context: Document, now: String) -> Call<Vec<Judgement>> {
        match self.shown(context) {
            Ok(context) => self.inspect_shown(&context, now).await,
            Err(error) => not_called(error),
        }
    }

    /// The same of a context as it is shown to the plugin, which whoever asks has use for besides.
    pub async fn inspect_shown(&self, context: &Shown, now: String) -> Call<Vec<Judgement>> {
        let Instantiable::Rules(world) = &self.shared.world else { return other_world("rules") };
        let (world, Shown(context)) = (world.clone(), context.clone());
        let call = self.shared.sandbox.call(Codes::default(), move |store| {
            Box::pin(
                async move { world.instantiate_async(&mut *store).await?.call_inspect(store, &context, &now).await },
            )
        });
        self.checked(call.await, |judgements| Ok(judgements.into_iter().map(Judgement::from).collect()))
    }

    /// What a plugin is given of a document, by its grants: what a rule pack's pointers point into.
    ///
    /// # Errors
    ///
    /// It may not read the document.
    pub fn shown(&self, document: Document) -> Result<Shown, CallError> {
        Ok(Shown(Arc::new(self.given(document)?)))
    }

    /// The declaration that a composition asks for, made of the context as far as the plugin's grants let it see it, or what is
    /// missing for it. `now` is RFC 3339.
    pub async fn compose(
        &self,
        context: Document,
        composition: Composition,
        now: String,
    ) -> Call<Result<Document, Vec<Judgement>>> {
        let Instantiable::Composer(world) = &self.shared.world else { return other_world("composer") };
        let (world, context, composition) = match self.given(context) {
            Ok(context) => (world.clone(), context, types::Composition::from(composition)),
            Err(error) => return not_called(error),
        };
        let call = self.shared.sandbox.call(Codes::default(), move |store| {
            Box::pin(async move {
                world.instantiate_async(&mut *store).await?.call_compose(store, &context, &composition, &now).await
            })
        });
        self.checked(call.await, |made| match made {
            Ok(document) => {
                let made = self.emitted(vec![document])?.pop();
                Ok(Ok(made.ok_or_else(|| invalid("no document was made"))?))
            }
            Err(judgements) => Ok(Err(judgements.into_iter().map(Judgement::from).collect())),
        })
    }

    /// Holds what a plugin returned against `check` and against its budget of bytes.
    fn checked<T, U: Measured>(&self, call: Call<T>, check: impl FnOnce(T) -> Result<U, CallError>) -> Call<U> {
        let Call { outcome, mut usage, awaited, looked_up, log } = call;
        let outcome = outcome.and_then(check).and_then(|value| {
            (usage.output_bytes, usage.documents) = (value.bytes(), value.documents());
            match usage.output_bytes > self.shared.sandbox.bounds.limits.output_bytes_max {
                true => Err(CallError::OutputExceeded),
                false => Ok(value),
            }
        });
        Call { outcome, usage, awaited, looked_up, log }
    }

    /// What the plugin may see of a document, if it may read it.
    fn given(&self, document: Document) -> Result<types::Document, CallError> {
        let kind = document.kind.clone();
        let shown = || shown(&kind, 64);
        match self.shared.sandbox.bounds.projection.of(document) {
            Ok(projected) => Ok(projected.into()),
            Err(Withheld::KindNotGranted) => Err(CallError::ReadDenied { kind: shown() }),
            Err(Withheld::NoObject) => Err(CallError::ReadImpossible { kind: shown() }),
        }
    }

    /// The documents that a plugin returned, if there are not too many and it may emit each.
    fn emitted(&self, documents: Vec<types::Document>) -> Result<Vec<Document>, CallError> {
        let bounds = &self.shared.sandbox.bounds;
        if documents.len() as u64 > bounds.limits.documents_max {
            return Err(CallError::DocumentsExceeded);
        }
        match documents.iter().find(|document| !bounds.grants.emit.contains(&document.kind)) {
            Some(document) => Err(CallError::EmitDenied { kind: shown(&document.kind, 64) }),
            None => Ok(documents.into_iter().map(Document::from).collect()),
        }
    }

    /// The parts of a message that yields so many documents, and all that was found: of the whole, then of each part. There
    /// are no more parts than there may be documents, and each says what the contract asks of it.
    fn parts(
        &self,
        parts: Vec<types::Part>,
        documents: u64,
        mut findings: Vec<Finding>,
    ) -> Result<(Vec<Part>, Vec<Finding>), CallError> {
        if parts.len() as u64 > self.shared.sandbox.bounds.limits.documents_max {
            return Err(CallError::DocumentsExceeded);
        }
        let parts: Vec<Part> = parts.into_iter().map(Part::from).collect();
        if parts.iter().map(|part| u64::from(part.documents)).sum::<u64>() > documents {
            return Err(invalid("parts of more documents than there are"));
        }
        for part in &parts {
            match (part.is_refused(), rejects(&part.findings)) {
                (true, false) => return Err(invalid("a refused part without a finding of severity error")),
                (true, true) if part.documents > 0 => return Err(invalid("documents of a refused part")),
                (false, true) => return Err(invalid("an accepted part with a finding of severity error")),
                _ => findings.extend(part.findings.iter().cloned()),
            }
        }
        Ok((parts, findings))
    }

    /// A rejection that gives a reason, as the contract asks of it: without one, nobody could act on it.
    fn rejected(&self, rejection: types::Rejection) -> Result<Rejection, CallError> {
        let types::Rejection { findings, parts, reply } = rejection;
        // The documents that a part would have yielded are left out.
        let parts = parts.into_iter().map(|part| types::Part { documents: 0, ..part }).collect();
        let (parts, findings) = self.parts(parts, 0, found(findings))?;
        match rejects(&findings) {
            true => Ok(Rejection { findings, parts, reply: reply.map(Reply::from) }),
            false => Err(invalid("a rejection without a finding of severity error")),
        }
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.manifest().name).field("digest", &self.digest()).finish()
    }
}

/// The paths that a plugin says it did not look at, if it was asked: as many as the contract allows, and safe to show.
fn paths(noted: bool, unread: Vec<String>) -> Vec<String> {
    match noted {
        true => unread.iter().take(PATHS_MAX).map(|path| shown(path, PATH_BYTES_MAX)).collect(),
        false => Vec::new(),
    }
}

/// The codes of an agreement, if there is one.
fn agreed(agreement: Option<&Agreement>) -> Codes {
    agreement.map(|agreement| agreement.codes.clone()).unwrap_or_default()
}

fn found(findings: Vec<types::Finding>) -> Vec<Finding> {
    findings.into_iter().map(Finding::from).collect()
}

fn rejects(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity >= Severity::Error)
}

fn invalid(detail: &str) -> CallError {
    CallError::InvalidOutput { detail: detail.to_owned() }
}

/// A call of a function that the plugin's world does not have; admission makes sure that nobody routes one there.
fn other_world<T>(world: &str) -> Call<T> {
    not_called(CallError::InvalidOutput { detail: format!("the plugin is not of the world `{world}`") })
}

/// A call that ended before it began.
fn not_called<T>(error: CallError) -> Call<T> {
    let (usage, looked_up) = (Usage::default(), Lookups::default());
    Call { outcome: Err(error), usage, awaited: Vec::new(), looked_up, log: Vec::new() }
}
