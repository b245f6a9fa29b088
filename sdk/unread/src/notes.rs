//! What is noted during one call: on this thread, since a call in the sandbox has one, and within bounds, whatever is
//! sent.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::UNTOLD;

/// The most paths that are noted; they are the first ones.
pub const PATHS_MAX: usize = 200;

/// Bytes of one path; what is longer is cut.
pub const PATH_BYTES_MAX: usize = 200;

/// What was noted so far.
#[derive(Default)]
struct Notes {
    paths: BTreeSet<String>,
    /// Whether a reader of the SDK has read anything.
    read: bool,
}

thread_local! {
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
}

/// Makes a call and says what was not looked at of all that the SDK's readers read during it: at most [`PATHS_MAX`] paths of
/// at most [`PATH_BYTES_MAX`] bytes, sorted. Where they read nothing, all of it went past them, which `**` says.
pub fn noted<T>(call: impl FnOnce() -> T) -> (T, Vec<String>) {
    /// Ends the noting, also where the call panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            NOTES.take();
        }
    }
    NOTES.set(Some(Notes::default()));
    let end = End;
    let value = call();
    let Notes { paths, read } = NOTES.take().unwrap_or_default();
    drop(end);
    match read {
        true => (value, paths.into_iter().collect()),
        false => (value, vec![UNTOLD.to_owned()]),
    }
}

/// A reader begins to read. Whether it is to note what is not looked at.
pub fn begin() -> bool {
    NOTES.with_borrow_mut(|notes| notes.as_mut().map(|notes| notes.read = true).is_some())
}

/// Notes a path. False once there are enough, so that whoever has many more can stop.
pub fn note(path: &str) -> bool {
    NOTES.with_borrow_mut(|notes| {
        let Some(Notes { paths, .. }) = notes else { return false };
        if paths.len() >= PATHS_MAX {
            return false;
        }
        if !paths.contains(path) {
            paths.insert(path.to_owned());
        }
        true
    })
}

/// A path as it grows by its steps, cut where it would be too long.
#[derive(Clone, Debug, Default)]
pub struct Path {
    text: String,
    cut: bool,
}

impl Path {
    /// Adds text, character by character as far as there is room.
    pub fn push(&mut self, text: &str) {
        const MARK: char = '…';
        for character in text.chars() {
            if self.cut {
                return;
            }
            if self.text.len() + character.len_utf8() > PATH_BYTES_MAX - MARK.len_utf8() {
                self.text.push(MARK);
                self.cut = true;
                return;
            }
            self.text.push(character);
        }
    }

    /// Whether it is cut: nothing is added any more.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_notes_is_its_own_and_sorted() {
        let (value, paths) = noted(|| {
            assert!(begin());
            note("/b");
            note("/a");
            note("/b");
            7
        });
        assert_eq!((value, paths), (7, vec!["/a".to_owned(), "/b".to_owned()]));
        assert!(!begin() && !note("/c"), "nobody wants to know any more");
        assert_eq!(noted(begin).1, Vec::<String>::new());
    }

    #[test]
    fn what_went_past_the_readers_is_everything() {
        assert_eq!(noted(|| ()).1, [UNTOLD]);
    }

    #[test]
    fn a_call_that_panics_leaves_nothing_behind() {
        let panicked = std::panic::catch_unwind(|| noted(|| panic!("as it is meant to")));
        assert!(panicked.is_err() && !begin());
    }

    #[test]
    fn notes_are_bounded_in_number_and_bytes() {
        let (enough, paths) = noted(|| {
            begin();
            (0..10_000).map(|number| note(&format!("/{number:05}"))).filter(|noted| *noted).count()
        });
        assert_eq!((enough, paths.len()), (PATHS_MAX, PATHS_MAX));
        let mut path = Path::default();
        for _ in 0..1_000 {
            path.push("/ü");
        }
        assert!(path.is_cut() && path.as_str().len() <= PATH_BYTES_MAX && path.as_str().ends_with('…'));
    }
}
