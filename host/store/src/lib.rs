//! The journal: what the gateway acknowledged is in here, and stays until it is delivered or a person gave it up.
//!
//! A [`Journal`] plays the roles of [`role`], one narrow trait each. Two engines behind it pass the same suite: SQLite,
//! embedded, for one gateway, and PostgreSQL for several. SQL stops at this crate. There is no clock in it: the time is always an argument, kept to the
//! microsecond. It knows nothing of HTTP calls, plugins or schedules: whoever works on deliveries says how they ended.
//!
//! Deliveries of one lane to one destination are worked on one after the other: the next has its turn when the one before
//! it is delivered, dead or discarded.

mod acceptance;
mod act;
mod agreement;
mod approval;
mod audit;
mod batch;
mod codes;
mod delivery;
mod engine;
mod error;
mod event;
mod exception;
mod exchange;
mod figures;
mod filing;
mod id;
mod journal;
mod migrations;
mod name;
mod parked;
#[cfg(test)]
mod plans;
mod plugin_use;
mod postgres;
mod rates;
mod reference;
mod refused;
mod rerun;
mod resend;
pub mod role;
mod settings;
mod shipment;
mod sqlite;
mod statements;
#[cfg(feature = "testing")]
pub mod testing;

use std::sync::Arc;

pub use acceptance::{
    Acceptance, Accepted, Acknowledgement, Answer, BusinessKey, Idempotency, KeptAnswer, NewDelivery, NewExchange,
    PluginBuild, RequestKey, TakenKey, Told,
};
pub use act::{Act, ActKind, Acted, Count, Filter, Operator};
pub use agreement::{ACKNOWLEDGEMENTS, NamedBy, Numbering, Received, SentAbout, SentUnder};
pub use approval::{AcceptedState, Approval, Approved, PendingChange};
pub use audit::{AuditCount, AuditFilter, AuditOrder, Unsealed};
pub use batch::{Batched, Batching};
pub use codes::{
    AddCodes, Awaited, AwaitedCodes, CodeEnded, CodeFilter, CodeTableName, CodedDelivery, CodedExchange, CodesAdded,
    EndCode, KeptCode, RefusedAfterAll,
};
pub use delivery::{
    Claim, ClaimRequest, ClaimedDelivery, Companion, DeadClass, Overdue, Reach, Rendered, Settled, Settlement, State,
    UnknownWord, Work,
};
pub use error::{Health, JournalError, OpenError};
pub use event::{BadCursor, Cursor, Event, EventData, FOR_OPERATORS, NewEvent};
pub use exception::{
    ActOnException, AskedStates, Doing, DueExpectation, ExceptionChange, ExceptionCount, ExceptionEnd, ExceptionFilter,
    ExceptionRecord, KeptException, KeptExceptionAct, KeptExpectation, KeptOverride, LeftOutCount, People,
    PeopleChanges, Routed, StatesPlace, WaitingThing,
};
pub use exchange::{
    Attempt, Delivery, DeliveryRecord, DeliveryTrouble, Exchange, ExchangeFilter, ExchangeRecord, KeptDocument,
    ListedExchange, Page, Raw, Trouble, Waiting,
};
pub use figures::{Amounts, Counted, Figure, FigureCount, FiguresQuery, GroupedBy, Observation, ShipmentFigures, Sums};
pub use filing::{ChangedFiling, FilingDeed, FilingOrder, FilingOrdered, FilingQuery, FilingWord, KeptFiling};
pub use id::{BadId, ClaimId, DeliveryId, EventId, ExceptionId, ExchangeId, ShipmentId};
pub use journal::Journal;
pub use name::{Name, Wanted};
pub use parked::{
    ExchangeAct, ExchangeState, Failure, Parked, ParkedClaim, ParkedContract, ParkedCount, ParkedExchange,
    ParkedRequest, ParkedSettlement, Rejected, TakenUp,
};
pub use plugin_use::KeptUse;
pub use rates::{Bucket, Lease, LeaseRequest, SharedRates};
pub use reference::{Checked, KeptLookup, NewTableVersion, Outdated, ReliedOn, Review, TableReview, TableVersion};
pub use refused::{AnsweredRefusal, KeptRefusal, NewRefusal, RefusalEnd, Refused};
pub use rerun::{Rerun, RerunEnd, RerunRecord};
pub use resend::{Confirmed, LeftOut, Resend, ResendEnd, Resent};
pub use role::{
    Acts, Agreements, Approvals, AuditLog, Changes, Codes, Deliveries, Events, Exceptions, Figures, Filings, Intake,
    Lifecycle, Names, Parking, Plugins, Records, ReferenceTables, Refusals, RequestKeys, Retention, Shared, Shipments,
};
pub use settings::JournalSettings;
pub use shipment::{
    ClaimedShipment, DocumentName, FoldEnd, FoldedShipment, JoinStep, Joined, KeptShipment, LeftOutDocument,
    LookedAgain, ShipmentAct, ShipmentActed, ShipmentChange, ShipmentDocuments, ShipmentEvent, ShipmentNews,
    ShipmentViewer, StatedDocument, Unattached,
};

/// Opens the journal and brings its schema up to date.
///
/// # Errors
///
/// When it cannot be opened, belongs to another process or a newer program, or has settings that break its promise.
pub async fn open(settings: &JournalSettings) -> Result<Arc<dyn Journal>, OpenError> {
    match settings {
        JournalSettings::Sqlite { path } => Ok(Arc::new(sqlite::SqliteJournal::open(path).await?)),
        JournalSettings::Postgres { url, connections_max } => {
            Ok(Arc::new(postgres::PostgresJournal::open(url, *connections_max).await?))
        }
    }
}
