//! The parts of the demo: each is a chapter of the day, and can be played alone.

mod acknowledgement;
mod border;
mod customs;
mod documents;
mod durability;
mod erp;
mod finance;
mod label;
mod ocean;
mod refusals;
mod screening;
mod shop;
mod transport;
mod warehouse;

use std::pin::Pin;

use super::message::Message;
use super::stage::Stage;

/// A part that is being played: an error says what should have come and did not.
pub(super) type Playing<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

pub(super) struct Part {
    /// What `--only` calls it.
    pub(super) name: &'static str,
    /// What it tells, as the heading of its chapter.
    pub(super) title: &'static str,
    /// What partners send in it, for those who want to send it themselves.
    pub(super) messages: &'static [&'static Message],
    pub(super) play: for<'a> fn(&'a mut Stage<'_>) -> Playing<'a>,
}

/// All of them, in the order in which the day tells them. First one shipment from the order to the books, then what happens when
/// things go wrong.
pub(super) const PARTS: [&Part; 14] = [
    &shop::PART,
    &erp::PART,
    &warehouse::PART,
    &transport::PART,
    &label::PART,
    &screening::PART,
    &customs::PART,
    &ocean::PART,
    &documents::PART,
    &finance::PART,
    &border::PART,
    &refusals::PART,
    &acknowledgement::PART,
    &durability::PART,
];
