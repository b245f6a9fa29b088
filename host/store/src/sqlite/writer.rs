//! The one thread that writes, and the commands that it is given.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fail::fail_point;
use tokio::sync::{mpsc, oneshot, watch};

use super::checkpoint::Checkpoints;
use super::command::{Command, Task};
use super::connection::Local;
use super::open::Opened;
use super::ready;
use super::status::{Status, concerns_all, locked};
use crate::error::{Health, JournalError};
use crate::statements::{Sql, Step};

/// Commands that wait at most; whoever has one more waits until there is room.
const WAITING_MAX: usize = 1024;
/// Commands of one transaction at most.
const BATCH_MAX: usize = 256;

/// How long a transaction may take to begin before commands that wait for it are given up. Beginning takes a lock, which
/// somebody else can be in the way of; SQLite itself tries for ten seconds.
const BEGIN_WAIT: Duration = Duration::from_millis(1500);
/// How often whoever waits for an answer checks whether its command is held up.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Commands of one transaction from which on the next one waits for company.
const COMPANY_MIN: usize = 4;
/// The longest that it waits.
const COMPANY_WAIT_MAX: Duration = Duration::from_millis(2);

enum Message {
    Do(Box<dyn Command>),
    Close(oneshot::Sender<()>),
}

/// The commands of one transaction, and how it ended.
struct Ended {
    batch: Vec<Box<dyn Command>>,
    how: Result<(), JournalError>,
}

/// Gives the answers from within the runtime of those who asked. From the writer's thread each answer would wake
/// another thread; this way one wake-up serves a whole transaction.
async fn answer(mut transactions: mpsc::UnboundedReceiver<Ended>) {
    while let Some(Ended { batch, how }) = transactions.recv().await {
        for command in batch {
            command.answer(how.clone());
        }
    }
}

/// Hands commands to the thread.
pub(super) struct Writer {
    path: PathBuf,
    messages: mpsc::Sender<Message>,
    status: Arc<Status>,
    changes: watch::Receiver<u64>,
}

impl Writer {
    /// Must be called within a runtime, which then gives the answers.
    pub(super) fn start(opened: Opened) -> Self {
        let (messages, received) = mpsc::channel(WAITING_MAX);
        let (ended, transactions) = mpsc::unbounded_channel();
        tokio::spawn(answer(transactions));
        let (told, changes) = watch::channel(0);
        let (path, status) = (opened.path.clone(), Arc::new(Status::new()));
        let thread = Thread::new(opened, Arc::clone(&status), ended, told);
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || thread.work(received))
            .expect("the system has room for one more thread when the gateway starts");
        Writer { path, messages, status, changes }
    }

    /// Has a command done in a transaction.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: Fn(&mut Local) -> Step<T> + Send + 'static,
    {
        self.send(work, false).await
    }

    /// The same, for a command that changes something that others may want to look at.
    pub(super) async fn write_and_notify<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: Fn(&mut Local) -> Step<T> + Send + 'static,
    {
        self.send(work, true).await
    }

    async fn send<T, F>(&self, work: F, tells: bool) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: Fn(&mut Local) -> Step<T> + Send + 'static,
    {
        let (task, mut turn) = Task::new(work, tells);
        if self.messages.send(Message::Do(Box::new(task))).await.is_err() {
            return Err(self.gone());
        }
        loop {
            match tokio::time::timeout(LOOK_EVERY, turn.answer()).await {
                Ok(answer) => return answer.unwrap_or_else(|| Err(self.gone())),
                // Somebody else's lock is in the way, and this command has not been begun.
                Err(_) if self.status.begins_for() > BEGIN_WAIT && turn.give_up() => {
                    return Err(JournalError::Blocked(locked(&self.path)));
                }
                Err(_) => {}
            }
        }
    }

    fn gone(&self) -> JournalError {
        let closed = || JournalError::Unreachable("the journal is closed".to_owned());
        self.status.poisoned().unwrap_or_else(closed)
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    pub(super) fn health(&self) -> Health {
        match self.messages.is_closed() {
            true => match self.status.get() {
                Health::Poisoned(why) => Health::Poisoned(why),
                _ => Health::Unreachable("the journal is closed".to_owned()),
            },
            false if self.status.begins_for() > BEGIN_WAIT => Health::Blocked(locked(&self.path)),
            false => self.status.get(),
        }
    }

    /// Finds out whether there is space again.
    pub(super) async fn probe(&self) -> Health {
        let text = "INSERT INTO probe (one, bytes) VALUES (1, randomblob(65536)) \
                    ON CONFLICT (one) DO UPDATE SET bytes = excluded.bytes";
        let probe = self.write(move |sql| ready(sql.execute(text, &[])));
        // The answer is the state that the try leaves behind.
        let _ = tokio::time::timeout(Duration::from_secs(1), probe).await;
        self.health()
    }

    pub(super) async fn close(&self, wait: Duration) {
        let (closed, ended) = oneshot::channel();
        let close = async {
            if self.messages.send(Message::Close(closed)).await.is_ok() {
                // An error means that the thread has ended as well.
                let _ = ended.await;
            }
        };
        let _ = tokio::time::timeout(wait, close).await;
    }
}

/// What can be undone when a command fails.
#[derive(Clone, Copy)]
enum Undo {
    /// The whole transaction.
    All,
    /// The command alone.
    One,
}

/// How a transaction went.
enum Ran {
    Committed,
    /// A command failed after it had written something.
    MustBeUndone,
}

/// How long a transaction waits for more commands before it begins: as long as the last one took, where that one had
/// several. Under load this halves the number of transactions and what they cost together; alone, nobody waits.
#[derive(Default)]
struct Company(Duration);

impl Company {
    fn wait(&self) {
        if !self.0.is_zero() {
            std::thread::sleep(self.0);
        }
    }

    fn committed(&mut self, commands: usize, took: Duration) {
        self.0 = if commands >= COMPANY_MIN { took.min(COMPANY_WAIT_MAX) } else { Duration::ZERO };
    }
}

struct Thread {
    connection: Local,
    /// Held as long as the connection.
    lock: File,
    status: Arc<Status>,
    /// What has been done; whoever asked for it waits for it, so that there is never much of it.
    ended: mpsc::UnboundedSender<Ended>,
    told: watch::Sender<u64>,
    checkpoints: Checkpoints,
}

/// Marks the journal as poisoned if the thread panics, because what was under way is then in doubt.
struct Watchman(Arc<Status>);

impl Drop for Watchman {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set(Health::Poisoned("the journal's writer has failed".to_owned()));
        }
    }
}

impl Thread {
    fn new(opened: Opened, status: Arc<Status>, ended: mpsc::UnboundedSender<Ended>, told: watch::Sender<u64>) -> Self {
        let Opened { mut connection, checkpointing, lock, .. } = opened;
        let checkpoints = Checkpoints::start(&mut connection.connection, checkpointing, Arc::clone(&status));
        Thread { connection, lock, status, ended, told, checkpoints }
    }

    fn work(mut self, mut received: mpsc::Receiver<Message>) {
        let _watchman = Watchman(Arc::clone(&self.status));
        let mut closing = None;
        let mut company = Company::default();
        while let Some(first) = received.blocking_recv() {
            company.wait();
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Do(command) => batch.push(command),
                    Message::Close(closed) => {
                        received.close();
                        closing = Some(closed);
                    }
                }
                next = if batch.len() < BATCH_MAX { received.try_recv().ok() } else { None };
            }
            let (commands, began) = (batch.len(), Instant::now());
            self.commit(batch);
            company.committed(commands, began.elapsed());
            self.checkpoints.look(&self.connection.connection);
        }
        self.end(closing);
    }

    /// One transaction for all of them; they are answered when it has ended.
    fn commit(&mut self, mut batch: Vec<Box<dyn Command>>) {
        let how = match self.status.poisoned() {
            Some(poisoned) => Err(poisoned),
            None => self.transact(&mut batch),
        };
        match &how {
            Ok(()) => {
                if self.status.set(Health::Ready) != Health::Ready {
                    tracing::info!("the journal takes commits again");
                }
            }
            Err(JournalError::Full) => drop(self.status.set(Health::Full)),
            Err(JournalError::Blocked(why)) => {
                if !matches!(self.status.set(Health::Blocked(why.clone())), Health::Blocked(_)) {
                    tracing::error!(why, "the journal takes nothing now; it is tried again with each request");
                }
            }
            Err(JournalError::Poisoned(why)) => {
                self.status.set(Health::Poisoned(why.clone()));
                tracing::error!(why, "the journal's commit failed; it takes nothing more until a restart");
            }
            Err(_) => {}
        }
        let tells = how.is_ok() && batch.iter().any(|command| command.tells());
        // Where the runtime has ended nobody waits for an answer.
        let _ = self.ended.send(Ended { batch, how });
        if tells {
            self.told.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    fn transact(&mut self, batch: &mut [Box<dyn Command>]) -> Result<(), JournalError> {
        let mut ended = self.run_all(batch, Undo::All);
        if let Ok(Ran::MustBeUndone) = ended {
            self.connection.control("ROLLBACK")?;
            ended = self.run_all(batch, Undo::One);
        }
        if ended.is_err() && !self.connection.connection.is_autocommit() {
            // After a failure of the disk the rollback may fail as well; then nothing is kept either.
            let _ = self.connection.connection.execute_batch("ROLLBACK");
        }
        ended.map(|_| ())
    }

    /// Runs all commands and commits. A command that fails for itself alone must leave nothing behind: savepoints do
    /// that, but each copies the pages that every command touches. Commands hardly ever fail once they have written
    /// something, so they are first run without savepoints. If one fails after it has written something, all are run
    /// again with savepoints.
    fn run_all(&mut self, batch: &mut [Box<dyn Command>], undo: Undo) -> Result<Ran, JournalError> {
        fail_point!("journal::begin", |_| Err(JournalError::Refused("failpoint journal::begin".to_owned())));
        self.status.begins();
        let begun = self.connection.begin_writing();
        self.status.has_begun();
        begun?;
        for command in batch.iter_mut() {
            let (before, gathered) = (self.connection.connection.total_changes(), self.connection.gathered());
            if let Undo::One = undo {
                self.connection.control("SAVEPOINT command")?;
            }
            let ran = command.run(&mut self.connection);
            if ran.is_err() {
                self.connection.forget_gathered(gathered);
            }
            match (ran, undo) {
                (Ok(()), _) => {}
                (Err(error), _) if concerns_all(&error) => return Err(error),
                (Err(_), Undo::One) => self.connection.control("ROLLBACK TO command")?,
                (Err(_), Undo::All) if self.connection.connection.total_changes() == before => {}
                (Err(_), Undo::All) => return Ok(Ran::MustBeUndone),
            }
            if let Undo::One = undo {
                self.connection.control("RELEASE command")?;
            }
        }
        fail_point!("journal::commit", |_| Err(JournalError::Refused("failpoint journal::commit".to_owned())));
        self.connection.commit()?;
        fail_point!("journal::committed", |_| {
            Err(JournalError::Unreachable("failpoint journal::committed".to_owned()))
        });
        Ok(Ran::Committed)
    }

    fn end(self, closing: Option<oneshot::Sender<()>>) {
        let Thread { connection, lock, status, checkpoints, .. } = self;
        checkpoints.end();
        if status.poisoned().is_some() {
            // Closing would write once more.
            std::mem::forget(connection);
        } else {
            drop(connection);
        }
        drop(lock);
        if let Some(closing) = closing {
            let _ = closing.send(());
        }
    }
}
