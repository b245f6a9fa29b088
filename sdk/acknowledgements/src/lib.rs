//! Functional acknowledgements: what one side took of an interchange of the other, what not, and why.
//!
//! | message | of | here |
//! |---|---|---|
//! | `TA1` | an interchange of X12 | read and written |
//! | 997, 999 | a group of X12 and the sets in it | read and written |
//! | CONTRL (syntax 3 and 4) | an interchange of EDIFACT, its groups and messages | read and written |
//! | APERAK | a message, by whatever it was called | read |
//!
//! [`x12::read`] and [`edifact::read`] give an [`Acknowledgement`] for each such message of an interchange. The other way,
//! [`x12::Answer`] and [`edifact::Answer`] begin with everything of an interchange accepted; a connector adds what it found,
//! and the verdicts of sets, groups and interchange follow from that.
//!
//! ```
//! use portgate_acknowledgements::{ElementMistake, Finding, Verdict, x12};
//! use portgate_readers::x12::{Interchange, Limits};
//! use portgate_writers::{Stamp, x12::InterchangeHeader};
//!
//! let isa = "ISA*00*          *00*          *ZZ*SHIPPER        *02*ACME           *260301*0815*U*00401*000000042*0*P*>~";
//! let text = format!("{isa}GS*SM*SHIPPER*ACME*20260301*0815*42*X*004010~ST*204*0001~B2**ACME**4417**XX~SE*3*0001~GE*1*42~IEA*1*000000042~");
//! let tenders = Interchange::parse(text.as_bytes(), &Limits::default())?;
//!
//! let mut answer = x12::Answer::of(x12::Guide::X997, &tenders);
//! for (index, tender) in tenders.messages().enumerate() {
//! let b2 = tender.first("B2").unwrap();
//! if b2.element(6).as_deref() != Some("CC") {
//! let finding = Finding::in_segment(&tender, &b2).element(6).mistake(x12::Guide::X997, ElementMistake::InvalidCode);
//! answer.set(index).unwrap().reject(finding.value("XX"));
//! }
//! }
//! assert_eq!(answer.verdict(), Verdict::Rejected);
//!
//! let header = InterchangeHeader::of(&tenders.segments().next().unwrap()).unwrap();
//! let written = answer.write(&header.answered(Stamp::rfc3339("2026-03-01T08:16:00Z")?, 7), 7, 1)?;
//! let text = String::from_utf8_lossy(&written.bytes);
//! assert!(text.contains("~AK1*SM*42~AK2*204*0001~AK3*B2*2**8~AK4*6**7*XX~AK5*R*5~AK9*R*1*1*0~"), "{text}");
//!
//! let read = x12::read(&Interchange::parse(&written.bytes, &Limits::default())?);
//! assert_eq!(read.acknowledgements, answer.acknowledgements);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing is guessed: a verdict with an unknown code of acceptance is left out, and an anomaly says so.
//!
//! | anomaly | when |
//! |---|---|
//! | `acknowledgement-verdict` | whether it was accepted is said by a code that is not known, or not at all |
//! | `acknowledgement-incomplete` | what is acknowledged is not named, or a segment stands where it says nothing |

pub mod edifact;
mod finding;
mod mistake;
mod model;
mod verdict;
pub mod x12;

pub use finding::{Context, ElementPlace, Finding};
pub use mistake::{Codes, ElementMistake, SegmentMistake};
pub use model::{Acknowledgement, GroupVerdict, InterchangeVerdict, Kind, Party, Read, Reference, SetVerdict};
pub use verdict::Verdict;
