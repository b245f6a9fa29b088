//! One command on its way through the writer, and the wait for its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::oneshot;

use super::connection::Local;
use crate::error::JournalError;
use crate::statements::Step;

/// A command on its way through the writer.
pub(super) trait Command: Send {
    /// Does it, for the first time or again after what it did was undone.
    fn run(&mut self, sql: &mut Local) -> Result<(), JournalError>;
    /// Whether others may want to look when it is done.
    fn tells(&self) -> bool;
    /// Answers after the end of the transaction. An error concerns all commands of it.
    fn answer(self: Box<Self>, ended: Result<(), JournalError>);
}

const WAITS: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;

/// A command with the work to do and the channel for its answer.
pub(super) struct Task<T, F> {
    work: F,
    result: Option<Result<T, JournalError>>,
    answer: oneshot::Sender<Result<T, JournalError>>,
    tells: bool,
    state: Arc<AtomicU8>,
}

/// Whoever waits for a command.
pub(super) struct Turn<T> {
    answered: oneshot::Receiver<Result<T, JournalError>>,
    state: Arc<AtomicU8>,
}

impl<T, F> Task<T, F> {
    pub(super) fn new(work: F, tells: bool) -> (Self, Turn<T>) {
        let (answer, answered) = oneshot::channel();
        let state = Arc::new(AtomicU8::new(WAITS));
        (Task { work, result: None, answer, tells, state: Arc::clone(&state) }, Turn { answered, state })
    }
}

impl<T> Turn<T> {
    /// The answer; nothing where the writer is gone.
    pub(super) async fn answer(&mut self) -> Option<Result<T, JournalError>> {
        (&mut self.answered).await.ok()
    }

    /// Withdraws the command, so that it is not run any more. False if it has been begun: then its answer will come.
    pub(super) fn give_up(&self) -> bool {
        self.state.compare_exchange(WAITS, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

impl<T, F> Command for Task<T, F>
where
    T: Send,
    F: Fn(&mut Local) -> Step<T> + Send,
{
    fn run(&mut self, sql: &mut Local) -> Result<(), JournalError> {
        let before = self.state.compare_exchange(WAITS, BEGUN, Ordering::AcqRel, Ordering::Acquire);
        if before == Err(GIVEN_UP) {
            return Ok(());
        }
        let result = (self.work)(sql).map_err(JournalError::from);
        let ended = result.as_ref().map(|_| ()).map_err(Clone::clone);
        self.result = Some(result);
        ended
    }

    fn tells(&self) -> bool {
        self.tells && matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, ended: Result<(), JournalError>) {
        let Task { result, answer, .. } = *self;
        let not_run = || Err(JournalError::Refused("the command was not run".to_owned()));
        // Whoever asked may have stopped waiting; what was done stays.
        let _ = answer.send(ended.and_then(|()| result.unwrap_or_else(not_run)));
    }
}
