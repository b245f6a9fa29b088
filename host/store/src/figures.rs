//! How well things go: what is asked of the journal, and what it gives.

use jiff::Timestamp;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// From the lodging of a declaration to the release of its goods.
    Clearance,
    /// From when an event was planned to when it came.
    Milestone,
    /// What was estimated of what customs has assessed since.
    LandedCost,
    /// What customs reckoned provisionally of what it has assessed since.
    ProvisionalCost,
    /// What partners send.
    Messages,
    /// From the beginning of an attempt at a delivery to its end.
    Delivery,
    /// From the first message of a partner in test mode to its first that counts.
    Onboarding,
    /// Shipments, and of how many something has waited for a person.
    Exceptions,
    /// What operators do.
    Touches,
}

impl Figure {
    /// All of them.
    pub const ALL: [Figure; 9] = [
        Figure::Clearance,
        Figure::Milestone,
        Figure::LandedCost,
        Figure::ProvisionalCost,
        Figure::Messages,
        Figure::Delivery,
        Figure::Onboarding,
        Figure::Exceptions,
        Figure::Touches,
    ];

    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Figure::Clearance => "clearance",
            Figure::Milestone => "milestone",
            Figure::LandedCost => "landed-cost",
            Figure::ProvisionalCost => "provisional-cost",
            Figure::Messages => "messages",
            Figure::Delivery => "delivery",
            Figure::Onboarding => "onboarding",
            Figure::Exceptions => "exceptions",
            Figure::Touches => "touches",
        }
    }

    /// Whether it is of something that takes time.
    pub fn takes_time(self) -> bool {
        matches!(self, Figure::Clearance | Figure::Milestone | Figure::Delivery | Figure::Onboarding)
    }
}

/// Something that was observed of a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What is counted.
    pub figure: Figure,
    /// What tells it from others of the shipment.
    pub key: String,
    /// The partner that said how it ended.
    pub partner: String,
    /// When it ended.
    pub at: Timestamp,
    /// How long it took; less than nothing where it came early.
    pub seconds: i64,
    /// Whether that is good enough, where that can be said.
    pub is_good: Option<bool>,
    /// What was reckoned and what it was in the end, where that is observed.
    pub amounts: Option<Amounts>,
}

/// An amount that was reckoned, and what it was in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// The currency of both.
    pub currency: String,
    /// What was reckoned, in thousandths of the currency: no currency has more than three digits behind its point (ISO 4217).
    pub reckoned: i64,
    /// What customs assessed, in thousandths of the currency.
    pub assessed: i64,
}

/// What is observed of one shipment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShipmentFigures {
    /// From which country to which it goes, such as `VN-DE`.
    pub lane: String,
    /// All that is observed.
    pub observations: Vec<Observation>,
}

/// By what is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupedBy {
    /// Not at all.
    Nothing,
    /// By partner.
    Partner,
    /// By lane. What is of no shipment has none, and is left out.
    Lane,
    /// By day, in UTC.
    Day,
    /// By week: Monday to Sunday, in UTC.
    Week,
    /// By month, in UTC.
    Month,
}

/// What is counted, of which time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiguresQuery {
    /// What ended at this time or later,
    pub from: Timestamp,
    /// and before this.
    pub until: Timestamp,
    /// Only of this partner.
    pub partner: Option<String>,
    /// Only on this lane.
    pub lane: Option<String>,
    /// By what it is grouped.
    pub by: GroupedBy,
}

/// One figure of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureCount {
    /// What.
    pub figure: Figure,
    /// The partner, the lane, the day (`2026-03-01`), the Monday of the week or the month (`2026-03`); empty where nothing is grouped.
    pub group: String,
    /// How many.
    pub count: u64,
    /// How long all of them took together, in milliseconds.
    pub total_ms: i64,
    /// How long the longest took, in milliseconds.
    pub longest_ms: i64,
    /// Of how many it can be said whether they are good enough, and how many are.
    pub judged: u64,
    /// See there.
    pub good: u64,
    /// The sums of what was reckoned, where that is counted; each currency is counted for itself.
    pub sums: Option<Sums>,
}

/// Sums of what was reckoned and of what it was in the end, in thousandths of the currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// The currency.
    pub currency: String,
    /// What was reckoned.
    pub reckoned: i128,
    /// What customs assessed.
    pub assessed: i128,
    /// By how much each was off, too much or too little, together.
    pub deviation: i128,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The counts, by figure and group.
    pub counts: Vec<FigureCount>,
    /// Whether there were more deliveries or messages than are looked at.
    pub is_cut: bool,
}
