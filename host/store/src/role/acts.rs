//! What operators do.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::act::{Act, ActKind, Acted, Count, Filter, Operator};
use crate::engine::Engine;
use crate::error::JournalError;
use crate::exchange::ExchangeFilter;
use crate::parked::ExchangeAct;
use crate::rerun::{Rerun, RerunEnd};
use crate::resend::{Resend, ResendEnd};
use crate::statements::{act, filings, list, parked, record, rerun, resend};

/// Does what operators ask for, and keeps who did it and why.
#[async_trait]
pub trait Acts: Send + Sync {
    /// How many deliveries a filter means, by destination and state.
    async fn preview(&self, filter: &Filter) -> Result<Vec<Count>, JournalError>;

    /// Does something with all deliveries that a filter means and the act can touch, and keeps who did it and why.
    /// Large acts go in steps, so that nobody waits for them. Gives back how many were changed, and which are not tried again. The audit log gets an
    /// entry for the act's beginning, for its end and for each delivery that was discarded, each in the same
    /// transaction as what it tells of.
    async fn act(
        &self,
        kind: ActKind,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<Acted, JournalError>;

    /// Does something with the exchanges that a filter means and the act can touch, at most 1,000 of them and the oldest
    /// first, and keeps who did it and why. Gives back how many were changed.
    async fn act_on_exchanges(
        &self,
        act: ExchangeAct,
        filter: &ExchangeFilter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError>;

    /// Sends deliveries again as they were rendered, in one transaction, so that exactly what was confirmed is sent; and keeps
    /// who had it done and why, with an entry of the audit log for each.
    async fn resend(
        &self,
        resend: Resend,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<ResendEnd, JournalError>;

    /// Keeps what an accepted exchange becomes when it is mapped again, in one transaction and only if everything is as it was
    /// planned with; and who had it done and why, with an entry of the audit log for each delivery that is given up or made.
    async fn rerun(&self, rerun: Rerun, operator: &Operator) -> Result<RerunEnd, JournalError>;

    /// Keeps an act that changes nothing in the journal, with its entry in the audit log.
    async fn keep_act(&self, act: Act) -> Result<(), JournalError>;

    /// The latest acts, the newest first.
    async fn acts(&self, limit: u32) -> Result<Vec<Act>, JournalError>;
}

#[async_trait]
impl<E: Engine> Acts for E {
    async fn preview(&self, filter: &Filter) -> Result<Vec<Count>, JournalError> {
        self.read(filter.clone(), |sql, filter| Box::pin(list::preview(sql, filter))).await
    }

    async fn act(
        &self,
        kind: ActKind,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<Acted, JournalError> {
        let begun = (kind, filter.clone(), operator.clone(), now);
        let mut progress = self
            .write(begun, |sql, (kind, filter, operator, now)| Box::pin(act::begin(sql, *kind, filter, operator, *now)))
            .await?;
        while !progress.done {
            progress = self
                .write_and_notify((kind, filter.clone(), now, progress), |sql, (kind, filter, now, progress)| {
                    Box::pin(async move {
                        let progress = act::step(sql, *kind, filter, *now, progress.clone()).await?;
                        // What was declared by them is looked at anew: without them nothing may go on, or everything may.
                        for delivery in &progress.touched {
                            filings::delivery_changed(sql, *delivery, *now).await?;
                        }
                        Ok(progress)
                    })
                })
                .await?;
        }
        Ok(Acted { changed: progress.changed, left_out: progress.left_out })
    }

    async fn act_on_exchanges(
        &self,
        act: ExchangeAct,
        filter: &ExchangeFilter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<u64, JournalError> {
        let asked = (act, filter.clone(), operator.clone(), now);
        self.write_and_notify(asked, |sql, (act, filter, operator, now)| {
            Box::pin(parked::act(sql, *act, filter, operator, *now))
        })
        .await
    }

    async fn resend(
        &self,
        resend: Resend,
        filter: &Filter,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<ResendEnd, JournalError> {
        let asked = (resend, filter.clone(), operator.clone(), now);
        self.write_and_notify(asked, |sql, (resend, filter, operator, now)| {
            Box::pin(resend::resend(sql, *resend, filter, operator, *now))
        })
        .await
    }

    async fn rerun(&self, rerun: Rerun, operator: &Operator) -> Result<RerunEnd, JournalError> {
        self.write_and_notify((rerun, operator.clone()), |sql, (rerun, operator)| {
            Box::pin(rerun::rerun(sql, rerun, operator))
        })
        .await
    }

    async fn keep_act(&self, act: Act) -> Result<(), JournalError> {
        self.write(act, |sql, act| Box::pin(record::keep_alone(sql, act))).await
    }

    async fn acts(&self, limit: u32) -> Result<Vec<Act>, JournalError> {
        self.read(limit, |sql, limit| Box::pin(record::acts(sql, *limit))).await
    }
}
