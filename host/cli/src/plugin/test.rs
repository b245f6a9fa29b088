//! `portgate plugin test`: a plugin's cases in the real sandbox. The same folders that the SDK's test kit runs
//! natively, with the same comparison; and besides, what a gateway does around the plugin: a message is held against
//! its contract before the call, each document against its canonical schema and each rendered request against its
//! contract after it.
//!
//! What is tested is what the source says: a plugin file that was made of another source is built anew, and that is said.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use portgate_canonical::SCHEMA_TEXTS;
use portgate_cases::{Answer, Case, CaseError, Given, Ran, Report};
use portgate_core::contract::Violations;
use portgate_core::delivery::{FollowUp, Outcome, Request, Response, Verdict};
use portgate_core::document::{Decoded, Document, Part, Rejection, Reply};
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::finding::Finding;
use portgate_core::judgement::{Composition, Judgement};
use portgate_core::manifest::{Contract, Manifest};
use portgate_runtime::{CallError, LogLevel, LogLine, Plugin, inspect_component};

use super::build::{BuildError, build, read_manifest};
use super::cargo::Profile;
use super::given;
use super::inlet;
use super::sandbox::{Sandbox, SandboxError};

/// What to test.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugins' folders, each with plugin.toml and cases/
    #[arg(default_value = ".")]
    folders: Vec<PathBuf>,
    /// Test the plugin files in this folder, whatever source they were made of
    #[arg(long, value_name = "FOLDER")]
    built: Option<PathBuf>,
    /// Test what `portgate plugin build --quick` makes of the source
    #[arg(long, conflicts_with = "built")]
    quick: bool,
    /// Where compiled code is kept; where it is not given, in the folder `plugin-cache` beside that of the plugin files
    #[arg(long)]
    cache: Option<PathBuf>,
}

/// Why the test did not pass.
#[derive(Debug, thiserror::Error)]
pub(super) enum TestError {
    /// The plugin's folder cannot be used.
    #[error(transparent)]
    Manifest(#[from] BuildError),
    /// The plugin cannot be called.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A case cannot be used.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The plugin file is older than the manifest beside the cases.
    #[error("the plugin file was built with another plugin.toml; build it again with `portgate plugin build`")]
    OtherManifest,
    /// Cases fail.
    #[error("{0} of the plugins do not pass their cases")]
    Failed(usize),
}

/// Runs the cases of every plugin named. One that cannot be tested fails, and the others are tested all the same.
pub(super) fn run(options: &Options) -> Result<(), TestError> {
    let schemas = canonical_schemas();
    let mut failed = 0;
    for folder in super::folders(&options.folders) {
        match test(options, folder, &schemas) {
            Ok(report) => {
                print!("{report}");
                failed += usize::from(!report.passed());
            }
            Err(error) if options.folders.len() == 1 => return Err(error),
            Err(error) => {
                println!("  FAILED   {error}");
                failed += 1;
            }
        }
    }
    if failed > 0 { Err(TestError::Failed(failed)) } else { Ok(()) }
}

fn canonical_schemas() -> DocumentSchemas {
    let parse =
        |text| serde_json::from_str::<serde_json::Value>(text).expect("the schemas in wit/canonical/v1 are JSON");
    DocumentSchemas::new(SCHEMA_TEXTS.map(|(kind, text)| (kind, parse(text)))).expect("the schemas compile")
}

fn test(options: &Options, folder: &Path, schemas: &DocumentSchemas) -> Result<Report, TestError> {
    let Manifest { name, contracts, ignored, .. } = read_manifest(folder)?;
    let file = match &options.built {
        Some(built) => built.join(format!("{name}.wasm")),
        None => up_to_date(folder, Profile::of(options.quick))?,
    };
    let beside = || file.parent().unwrap_or(Path::new(".")).join("../plugin-cache");
    let sandbox = Sandbox::open(&file, &options.cache.clone().unwrap_or_else(beside))?;
    let built = sandbox.manifest();
    println!("{name} {} in the sandbox", built.version);
    if (&built.contracts, &built.ignored) != (&contracts, &ignored) {
        return Err(TestError::OtherManifest);
    }
    Ok(portgate_cases::run(folder, |case| Trial { sandbox: &sandbox, schemas, case }.run())?)
}

/// The plugin's file, made of its source as it is now. A file with the same content is left as it is, with its
/// signatures.
fn up_to_date(folder: &Path, profile: Profile) -> Result<PathBuf, BuildError> {
    let built = build(folder, profile)?;
    let path = built.path(None);
    let before = fs::read(&path).ok().and_then(|component| inspect_component(&component).ok());
    let state = match before {
        Some(before) if before.content_sha256 == built.inspection.content_sha256 => return Ok(path),
        Some(_) => "is not what the source makes and is built anew, without a signature",
        None => "is not there yet and is built",
    };
    eprintln!("portgate: {} {state}", path.display());
    built.write(None)
}

/// One case on its way through the sandbox.
struct Trial<'a> {
    sandbox: &'a Sandbox,
    schemas: &'a DocumentSchemas,
    case: &'a Case,
}

impl Trial<'_> {
    fn run(&self) -> Result<Ran, String> {
        let case = self.case;
        let plugin = self.sandbox.admit(given::tables(case)?).map_err(|error| error.to_string())?;
        match &case.given {
            Given::Message { body, digest } => self.decode(&plugin, body, digest),
            Given::Documents(documents) => self.encode(&plugin, documents),
            Given::Response(response) => self.interpret(&plugin, response),
            Given::Context { body, composition: Some(composition) } => self.compose(&plugin, body, composition),
            Given::Context { body, composition: None } => self.inspect(&plugin, body),
        }
    }

    fn contract(&self) -> Result<&Contract, String> {
        let Case { contract, version, .. } = self.case;
        let mut contracts = self.sandbox.manifest().contracts.iter();
        let found = contracts.find(|declared| declared.name == *contract && declared.version == *version);
        found.ok_or_else(|| format!("the plugin has no contract `{contract}/{version}`"))
    }

    fn decode(&self, plugin: &Plugin, body: &[u8], digest: &str) -> Result<Ran, String> {
        let case = self.case;
        let content_type = case.headers.iter().find(|(name, _)| name == "content-type");
        let content_type = content_type.map_or(&case.content_type, |(_, value)| value);
        let refused = inlet::refusal(self.contract()?, content_type, body)?;
        match (refused.is_empty(), case.breaks_contract) {
            (true, true) => return Err("keeps its contract, while case.toml says `breaks_contract = true`".to_owned()),
            (false, false) => {
                let lines = inlet::lines(&refused);
                return Err(format!(
                    "a gateway refuses the message before the plugin sees it; mend it, or say `breaks_contract = true` \
                     in case.toml:{lines}"
                ));
            }
            _ => {}
        }
        let message = given::message(case, body, digest)?;
        let call = self.sandbox.decode_noting_unread(plugin, message);
        let mut result = call.outcome.map_err(|error| ended(&error, &call.log))?;
        let decoded = result.as_mut().ok();
        let unread = decoded.map(|decoded| std::mem::take(&mut decoded.unread)).unwrap_or_default();
        self.check(result.iter().flat_map(|decoded| &decoded.documents))?;
        Ok(Ran { answer: answer(result), unread, log: lines(&call.log) })
    }

    fn encode(&self, plugin: &Plugin, documents: &[portgate_cases::GivenDocument]) -> Result<Ran, String> {
        let contract = self.contract()?;
        let documents: Vec<Document> = documents.iter().map(given::document).collect();
        self.check(documents.iter())?;
        let call = self.sandbox.encode(plugin, documents, given::target(self.case)?);
        let result = call.outcome.map_err(|error| ended(&error, &call.log))?;
        if let Ok(request) = &result {
            let content_type = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            let content_type = content_type.map_or("", |(_, value)| value);
            let broken = inlet::violations(contract, content_type, &request.body)?;
            if !broken.is_empty() {
                return Err(format!("the rendered message breaks its contract:{}", inlet::lines(&broken)));
            }
        }
        let answer = result.map_or_else(rejected, |rendered| Answer::Rendered(request(rendered)));
        Ok(Ran { answer, unread: Vec::new(), log: lines(&call.log) })
    }

    fn interpret(&self, plugin: &Plugin, response: &portgate_cases::Response) -> Result<Ran, String> {
        let portgate_cases::Request { method, path, headers, body } =
            self.case.sent().map_err(|error| error.to_string())?;
        let sent = Request { method, path, headers, body };
        let got = Response {
            status: response.status,
            headers: response.headers.clone().into_iter().collect(),
            received_at: self.case.received_at.clone(),
            body: response.body(),
        };
        let call = self.sandbox.interpret(plugin, sent, got);
        let mut result = call.outcome.map_err(|error| ended(&error, &call.log))?;
        let unread = result.as_mut().ok().map(|outcome| std::mem::take(&mut outcome.unread)).unwrap_or_default();
        self.check(result.iter().flat_map(|outcome| &outcome.documents))?;
        let answer = result.map_or_else(rejected, |outcome| Answer::Interpreted(interpreted(outcome)));
        Ok(Ran { answer, unread, log: lines(&call.log) })
    }

    /// A context, which must be one by its schema.
    fn context(&self, body: &serde_json::Value) -> Result<Document, String> {
        let key = body["id"].as_str().unwrap_or_default().to_owned();
        let (kind, body) = ("shipment-context".to_owned(), body.to_string().into_bytes());
        let context = Document { kind, key, refs: Vec::new(), body };
        self.check([&context].into_iter())?;
        Ok(context)
    }

    fn compose(
        &self,
        plugin: &Plugin,
        body: &serde_json::Value,
        composition: &portgate_cases::Composition,
    ) -> Result<Ran, String> {
        let portgate_cases::Composition { regime, lrn, amends, settings } = composition.clone();
        let composition = Composition { regime, lrn, amends, settings: settings.into_iter().collect() };
        let call = self.sandbox.compose(plugin, self.context(body)?, composition, self.case.received_at.clone());
        let result = call.outcome.map_err(|error| ended(&error, &call.log))?;
        self.check(result.iter())?;
        let answer = match result {
            Ok(made) => Answer::Composed { document: document(made) },
            Err(judgements) => judged(judgements),
        };
        Ok(Ran { answer, unread: Vec::new(), log: lines(&call.log) })
    }

    fn inspect(&self, plugin: &Plugin, body: &serde_json::Value) -> Result<Ran, String> {
        let call = self.sandbox.inspect(plugin, self.context(body)?, self.case.received_at.clone());
        let judgements = call.outcome.map_err(|error| ended(&error, &call.log))?;
        Ok(Ran { answer: judged(judgements), unread: Vec::new(), log: lines(&call.log) })
    }

    /// Holds documents against their canonical schemas.
    fn check<'d>(&self, documents: impl Iterator<Item = &'d Document>) -> Result<(), String> {
        for document in documents {
            self.schemas.check(&document.kind, &document.body).map_err(|violations| broken(document, &violations))?;
        }
        Ok(())
    }
}

/// What a rule pack found, or what a composer misses, as a case has it.
fn judged(judgements: Vec<Judgement>) -> Answer {
    let judgement = |judgement: Judgement| {
        let Judgement { rule, severity, fields, detail, remedy } = judgement;
        portgate_cases::Judgement { rule, severity: severity.to_string(), fields, detail, remedy }
    };
    Answer::Judged { judgements: judgements.into_iter().map(judgement).collect() }
}

/// How a call ended, with what was logged until then.
fn ended(error: &CallError, log: &[LogLine]) -> String {
    let log: String = lines(log).iter().map(|line| format!("\n             log: {line}")).collect();
    format!("the call ended with {error}{log}")
}

fn broken(document: &Document, violations: &Violations) -> String {
    let lines = inlet::lines(&violations.findings);
    format!("the {} `{}` breaks its canonical schema:{lines}", document.kind, document.key)
}

/// Log lines as a report shows them.
pub(super) fn lines(log: &[LogLine]) -> Vec<String> {
    let line = |LogLine { level, text, fields }: &LogLine| {
        let fields = fields.iter().map(|(name, value)| format!(" {name}={value}"));
        format!("{}: {text}{}", self::level(*level), fields.collect::<String>())
    };
    log.iter().map(line).collect()
}

/// The word for a level.
pub(super) fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

/// A rendered request, as a case has it.
pub(super) fn request(request: Request) -> portgate_cases::Request {
    let Request { method, path, headers, body } = request;
    portgate_cases::Request { method, path, headers, body }
}

/// What an answer means, as a case has it.
pub(super) fn interpreted(outcome: Outcome) -> portgate_cases::Outcome {
    let verdict = match outcome.verdict {
        Verdict::Accepted => "accepted",
        Verdict::Rejected => "rejected",
        Verdict::Retry => "retry",
        Verdict::Pending => "pending",
    };
    let next = outcome.next.map(|FollowUp { request: asked, after_seconds }| portgate_cases::FollowUp {
        request: request(asked),
        after_seconds,
    });
    portgate_cases::Outcome {
        verdict: verdict.to_owned(),
        documents: outcome.documents.into_iter().map(document).collect(),
        findings: outcome.findings.into_iter().map(finding).collect(),
        next,
    }
}

/// What the plugin said, in the form of `expected.json`.
pub(crate) fn answer(result: Result<Decoded, Rejection>) -> Answer {
    match result {
        Ok(decoded) => Answer::Decoded {
            documents: decoded.documents.into_iter().map(document).collect(),
            findings: decoded.findings.into_iter().map(finding).collect(),
            parts: decoded.parts.into_iter().map(part).collect(),
            reply: decoded.reply.map(reply),
        },
        Err(rejection) => rejected(rejection),
    }
}

/// A rejection, as a case has it.
pub(super) fn rejected(rejection: Rejection) -> Answer {
    let findings = rejection.findings.into_iter().map(finding).collect();
    Answer::rejected(findings, rejection.parts.into_iter().map(part).collect(), rejection.reply.map(reply))
}

pub(crate) fn part(part: Part) -> portgate_cases::Part {
    let verdict = if part.is_refused() { "refused" } else { "accepted" };
    let Part { location, reference, documents, .. } = part;
    portgate_cases::Part { location, reference, verdict, documents }
}

fn reply(reply: Reply) -> portgate_cases::Reply {
    portgate_cases::Reply::new(reply.content_type, &reply.body)
}

fn document(document: Document) -> portgate_cases::Document {
    let refs = document.refs.into_iter();
    let refs = refs.map(|name| portgate_cases::Reference { scheme: name.scheme, value: name.value });
    portgate_cases::Document::new(document.kind, document.key, refs.collect(), &document.body)
}

fn finding(finding: Finding) -> portgate_cases::Finding {
    portgate_cases::Finding {
        code: finding.code,
        severity: finding.severity.to_string(),
        location: finding.location,
        detail: finding.detail,
    }
}
