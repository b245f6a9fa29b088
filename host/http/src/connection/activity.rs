//! What a connection is waiting for, since when, and until when it may.
//!
//! Everything that happens on a connection is noted here; [`Activity::deadline`] is a pure reading of the notes. The
//! connection's one timer follows it, so there is a single place that decides when a client was too slow, and none of
//! it needs a socket to be tested.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::ConnectionLimits;

/// Which protocol the connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// Why a connection has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overdue {
    /// No request began.
    Silent,
    /// A head began and did not end.
    SlowHead,
    /// The client does not take its answer.
    SlowReader,
    /// The client keeps taking requests back.
    Abandoning,
}

/// The notes of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    protocol: Protocol,
    limits: Arc<ConnectionLimits>,
    notes: Mutex<Notes>,
}

#[derive(Debug)]
struct Notes {
    /// Requests whose answer was not handed over in full.
    in_flight: u32,
    /// Whether the first bytes of a next request are here, and since when that is so.
    head_began: bool,
    since: Instant,
    /// Bytes that the client does not take.
    backlog: Option<Backlog>,
    /// An answer was handed over, but not all of it is known to be on the wire.
    unflushed: bool,
    /// No more requests are taken.
    winding_up: bool,
    /// HTTP/2 requests that were taken back, less those that were answered.
    abandoned: u32,
}

#[derive(Debug)]
struct Backlog {
    since: Instant,
    bytes_taken: u64,
}

impl Activity {
    pub(super) fn begin(protocol: Protocol, limits: Arc<ConnectionLimits>) -> Arc<Activity> {
        let notes = Notes {
            in_flight: 0,
            head_began: false,
            since: Instant::now(),
            backlog: None,
            unflushed: false,
            winding_up: false,
            abandoned: 0,
        };
        Arc::new(Activity { protocol, limits, notes: Mutex::new(notes) })
    }

    /// Nothing here can leave the notes half written, so a panic elsewhere does not make them wrong.
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes came. While a request is in flight they are its body, or HTTP/2 frames: both have deadlines of their own.
    pub(super) fn bytes_came(&self) {
        let mut notes = self.notes();
        if self.protocol == Protocol::Http1 && notes.in_flight == 0 && !notes.head_began {
            notes.head_began = true;
            notes.since = Instant::now();
        }
    }

    /// A request's head is complete.
    pub(super) fn request_began(self: &Arc<Self>) -> InFlight {
        let mut notes = self.notes();
        notes.in_flight += 1;
        notes.head_began = false;
        InFlight { activity: Arc::clone(self), answered: false }
    }

    /// The client took `bytes` of what it was sent.
    pub(super) fn bytes_went(&self, bytes: usize) {
        if let Some(backlog) = &mut self.notes().backlog {
            backlog.bytes_taken = backlog.bytes_taken.saturating_add(bytes as u64);
        }
    }

    /// The client takes no more bytes for now.
    pub(super) fn writing_stalled(&self) {
        self.notes().backlog.get_or_insert_with(|| Backlog { since: Instant::now(), bytes_taken: 0 });
    }

    /// All bytes are on the wire. A client is not silent while it takes its answer, so silence begins here.
    pub(super) fn flushed(&self) {
        let mut notes = self.notes();
        notes.unflushed = false;
        if notes.backlog.take().is_some() && !notes.head_began {
            notes.since = Instant::now();
        }
    }

    /// No more requests will be taken; what is silent from now on is waited for no longer than for a head.
    pub(super) fn winds_up(&self) {
        let mut notes = self.notes();
        notes.winding_up = true;
        notes.since = Instant::now();
    }

    /// Whether what is written next cannot be part of any request's answer.
    pub(super) fn nothing_to_answer(&self) -> bool {
        let notes = self.notes();
        notes.in_flight == 0 && !notes.unflushed
    }

    /// Until when the connection may stay as it is, and why it must end then.
    pub(super) fn deadline(&self) -> Option<(Instant, Overdue)> {
        let limits = &self.limits;
        let notes = self.notes();
        if notes.abandoned > limits.abandoned_max {
            return Some((notes.since, Overdue::Abandoning));
        }
        if let Some(backlog) = &notes.backlog {
            let earned_ms = backlog.bytes_taken.saturating_mul(1000) / limits.write_rate_bytes_per_second_min.max(1);
            let patience = limits.write_stall.saturating_add(Duration::from_millis(earned_ms));
            return Some((after(backlog.since, patience), Overdue::SlowReader));
        }
        match (notes.in_flight, notes.head_began) {
            (0, false) if notes.winding_up => Some((after(notes.since, limits.head), Overdue::Silent)),
            (0, false) => Some((after(notes.since, limits.first_byte), Overdue::Silent)),
            (0, true) => Some((after(notes.since, limits.head), Overdue::SlowHead)),
            _ => None,
        }
    }
}

/// `instant + duration`, where a duration beyond all clocks means the far future.
fn after(instant: Instant, duration: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);
    instant + duration.min(FAR)
}

/// A request in flight; dropped when its answer was handed over, or when nobody waits for it any more.
#[derive(Debug)]
pub(super) struct InFlight {
    activity: Arc<Activity>,
    answered: bool,
}

impl InFlight {
    /// Its answer is being handed over. Whether the client takes all of it is the answer's own matter.
    pub(super) fn answered(&mut self) {
        self.answered = true;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut notes = self.activity.notes();
        notes.in_flight -= 1;
        notes.since = Instant::now();
        notes.unflushed = true;
        match self.answered {
            true => notes.abandoned = notes.abandoned.saturating_sub(1),
            false => notes.abandoned += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn limits() -> Arc<ConnectionLimits> {
        Arc::new(ConnectionLimits {
            connections_max: 1,
            streams_max: 1,
            abandoned_max: 2,
            head_bytes_max: 8192,
            headers_max: 10,
            first_byte: Duration::from_secs(60),
            head: Duration::from_secs(5),
            write_stall: Duration::from_secs(10),
            write_rate_bytes_per_second_min: 100,
            stream: Duration::from_secs(60),
            shutdown: Duration::from_secs(1),
        })
    }

    fn seconds_left(activity: &Activity) -> Option<(u64, Overdue)> {
        activity.deadline().map(|(at, overdue)| ((at - Instant::now()).as_secs(), overdue))
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_byte_starts_the_clock_of_the_head_once() {
        let activity = Activity::begin(Protocol::Http1, limits());
        assert_eq!(seconds_left(&activity), Some((60, Overdue::Silent)));
        activity.bytes_came();
        advance(Duration::from_secs(3)).await;
        activity.bytes_came();
        assert_eq!(seconds_left(&activity), Some((2, Overdue::SlowHead)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_has_no_deadline_here_and_silence_counts_from_its_end() {
        let activity = Activity::begin(Protocol::Http1, limits());
        activity.bytes_came();
        let mut request = activity.request_began();
        activity.bytes_came();
        assert_eq!(seconds_left(&activity), None);
        advance(Duration::from_secs(100)).await;
        request.answered();
        drop(request);
        assert_eq!(seconds_left(&activity), Some((60, Overdue::Silent)));
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_that_are_not_a_request_do_not_keep_http2_alive() {
        let activity = Activity::begin(Protocol::Http2, limits());
        advance(Duration::from_secs(59)).await;
        activity.bytes_came();
        assert_eq!(seconds_left(&activity), Some((1, Overdue::Silent)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_bytes_at_the_minimum_rate_is_waited_for() {
        let activity = Activity::begin(Protocol::Http1, limits());
        activity.writing_stalled();
        assert_eq!(seconds_left(&activity), Some((10, Overdue::SlowReader)));
        advance(Duration::from_secs(5)).await;
        activity.bytes_went(500);
        activity.writing_stalled();
        assert_eq!(seconds_left(&activity), Some((10, Overdue::SlowReader)));
        advance(Duration::from_secs(9)).await;
        activity.bytes_went(1);
        activity.writing_stalled();
        assert_eq!(seconds_left(&activity), Some((1, Overdue::SlowReader)), "a byte now and then is not progress");
        activity.flushed();
        assert_eq!(seconds_left(&activity), Some((60, Overdue::Silent)));
    }

    #[tokio::test(start_paused = true)]
    async fn requests_taken_back_are_held_against_a_client_unless_it_takes_answers_too() {
        let activity = Activity::begin(Protocol::Http2, limits());
        let end = |answered| {
            let mut request = activity.request_began();
            if answered {
                request.answered();
            }
        };
        [false, true, false, true, false, false].into_iter().for_each(end);
        assert_eq!(activity.deadline().unwrap().1, Overdue::Silent);
        end(false);
        assert_eq!(activity.deadline().unwrap().1, Overdue::Abandoning);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_belongs_to_an_answer_until_it_is_flushed() {
        let activity = Activity::begin(Protocol::Http1, limits());
        assert!(activity.nothing_to_answer());
        let request = activity.request_began();
        assert!(!activity.nothing_to_answer());
        drop(request);
        assert!(!activity.nothing_to_answer());
        activity.flushed();
        assert!(activity.nothing_to_answer());
    }
}
