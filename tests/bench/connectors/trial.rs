//! One case, to be run on both sides.

use std::hint::black_box;
use std::time::{Duration, Instant};

use portgate_cases::{Case, Given};
use portgate_core::delivery::Target;
use portgate_core::document::Document;
use portgate_core::message::Message;
use portgate_runtime::Plugin;
use portgate_sdk::testkit::{Call, stand_in};
use tokio::runtime::Runtime;

use crate::given;
use crate::sandbox::Sandboxes;

/// How long a turn in the sandbox takes, about.
const TURN: Duration = Duration::from_micros(1_500);

/// The calls in a turn, at the most.
const CALLS_MAX: u32 = 200;

/// A connector's functions, compiled into this program.
#[derive(Clone, Copy)]
pub(crate) struct Native {
    pub(crate) decode: fn(&portgate_sdk::Message) -> Result<portgate_sdk::Decoded, portgate_sdk::Rejection>,
    pub(crate) encode: Encode,
}

type Encode =
    fn(&[portgate_sdk::Document], &portgate_sdk::Target) -> Result<portgate_sdk::Request, portgate_sdk::Rejection>;

/// Which function of a connector a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Decode,
    Encode,
}

/// A case, and how long it took.
pub(crate) struct Trial {
    pub(crate) connector: &'static str,
    pub(crate) way: Way,
    /// Of the message that is decoded, or of the request that is encoded.
    pub(crate) bytes: usize,
    pub(crate) case: Case,
    native: Native,
    natively: Call,
    plugin: Plugin,
    sandboxed: Input,
    /// Calls in a turn.
    calls: u32,
    rounds: Vec<Round>,
}

/// The microseconds of a call on each side.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    pub(crate) native: f64,
    pub(crate) sandbox: f64,
}

/// What a plugin is called with.
#[derive(Clone)]
enum Input {
    Message(Message),
    Documents(Vec<Document>, Target),
}

/// The bodies of documents or of the request, or the codes of what it is refused for.
type Made = Result<Vec<String>, Vec<String>>;

impl Trial {
    /// The case in front of both sides, which must make the same of it. None where it is about an answer, or where nothing
    /// is encoded whose bytes could be counted.
    pub(crate) fn of(connector: &'static str, native: Native, mut case: Case, sandboxes: &Sandboxes) -> Option<Self> {
        sandboxes.withhold(connector, &mut case);
        let (way, sandboxed) = match &case.given {
            Given::Message { body, digest } => {
                (Way::Decode, Input::Message(given::message(&case, body, digest).expect("a message")))
            }
            Given::Documents(documents) => {
                let documents = documents.iter().map(given::document).collect();
                (Way::Encode, Input::Documents(documents, given::target(&case).expect("a target")))
            }
            Given::Response(_) | Given::Context { .. } => return None,
        };
        let plugin = sandboxes.admit(connector, given::tables(&case).expect("tables"));
        let natively = Call::of(&case).expect("a call");
        stand_in(&case).expect("tables");
        let mut trial =
            Trial { connector, way, bytes: 0, native, natively, plugin, sandboxed, calls: 1, rounds: Vec::new(), case };
        let made = trial.made_natively();
        let began = Instant::now();
        let in_the_sandbox = trial.made_in_the_sandbox(&sandboxes.threads);
        let took = began.elapsed();
        assert_eq!(made, in_the_sandbox, "{connector}, case {}: both sides make the same of it", trial.case.name);
        trial.bytes = match &trial.case.given {
            Given::Message { body, .. } => body.len(),
            _ => made.ok()?.first()?.len(),
        };
        trial.calls = u32::try_from(TURN.as_nanos() / took.as_nanos().max(1))
            .map_or(CALLS_MAX, |calls| calls.clamp(1, CALLS_MAX));
        Some(trial)
    }

    /// One turn of each side.
    pub(crate) fn take_turns(&mut self, threads: &Runtime, counts: bool) {
        stand_in(&self.case).expect("tables");
        let native = self.turn((), |inputs| {
            for () in inputs {
                match &self.natively {
                    Call::Decode(message) => drop(black_box((self.native.decode)(black_box(message)))),
                    Call::Encode(documents, target) => {
                        drop(black_box((self.native.encode)(black_box(documents), target)));
                    }
                    Call::Interpret(..) => {}
                }
            }
        });
        // The gateway calls plugins from tasks that run already.
        let in_a_task = async |inputs| {
            for input in inputs {
                match input {
                    Input::Message(message) => drop(black_box(self.plugin.decode(message).await)),
                    Input::Documents(documents, target) => {
                        drop(black_box(self.plugin.encode(documents, target).await));
                    }
                }
            }
        };
        let sandbox = self.turn(self.sandboxed.clone(), |inputs| threads.block_on(in_a_task(inputs)));
        if counts {
            self.rounds.push(Round { native, sandbox });
        }
    }

    /// The microseconds of a call that is given this, on average over a turn. That it can be given away is not measured.
    fn turn<T: Clone>(&self, input: T, calls: impl Fn(Vec<T>)) -> f64 {
        let inputs = vec![input; self.calls as usize];
        let began = Instant::now();
        calls(inputs);
        began.elapsed().as_secs_f64() * 1e6 / f64::from(self.calls)
    }

    /// The microseconds of a call natively and in the sandbox: medians of the rounds.
    pub(crate) fn micros(&self) -> Round {
        let median = |side: fn(&Round) -> f64| median(self.rounds.iter().map(side).collect());
        Round { native: median(|round| round.native), sandbox: median(|round| round.sandbox) }
    }

    /// What it is made into.
    fn made_natively(&self) -> Made {
        let refused = |rejection: portgate_sdk::Rejection| -> Vec<String> {
            rejection.all_findings().map(|finding| finding.code.clone()).collect()
        };
        match &self.natively {
            Call::Decode(message) => {
                let decoded = (self.native.decode)(message).map_err(refused)?;
                Ok(decoded.documents.into_iter().map(|document| text(document.body)).collect())
            }
            Call::Encode(documents, target) => {
                Ok(vec![text((self.native.encode)(documents, target).map_err(refused)?.body)])
            }
            Call::Interpret(..) => Ok(Vec::new()),
        }
    }

    /// The same, of the other side.
    fn made_in_the_sandbox(&self, threads: &Runtime) -> Made {
        let refused = |rejection: portgate_core::document::Rejection| -> Vec<String> {
            rejection.findings.into_iter().map(|finding| finding.code).collect()
        };
        match self.sandboxed.clone() {
            Input::Message(message) => {
                let call = threads.block_on(self.plugin.decode(message));
                let decoded = call.outcome.expect("a call").map_err(refused)?;
                Ok(decoded.documents.into_iter().map(|document| text(document.body)).collect())
            }
            Input::Documents(documents, target) => {
                let call = threads.block_on(self.plugin.encode(documents, target));
                Ok(vec![text(call.outcome.expect("a call").map_err(refused)?.body)])
            }
        }
    }
}

/// A body as a failure shows it best.
fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|other| format!("{other:?}"))
}

/// The middle one of these.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
