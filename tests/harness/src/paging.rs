//! Looks at this process's memory from outside of all that it runs, and takes pages of it out of memory while they are in
//! use, as a kernel does that is short of it.

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

const PAGE_BYTES: usize = 4_096;

/// A swap file's size: more than a test ever takes out of memory.
const SWAP_BYTES: usize = 128 << 20;

/// Swap space goes with the test that has added it, and takes others' pages back into memory: one test at a time.
static ONE: Mutex<()> = Mutex::const_new(());

/// Somewhere to put pages: the machine's own swap space, or a file that is there as long as this value.
pub struct Swap {
    own: Option<TempDir>,
    _one: MutexGuard<'static, ()>,
}

impl Swap {
    /// The machine's, or a file of our own below `target`, which takes the rights of root.
    ///
    /// # Errors
    ///
    /// Why there is none, for the test to say.
    pub async fn find() -> Result<Swap, String> {
        let _one = ONE.lock().await;
        let swaps = std::fs::read_to_string("/proc/swaps").map_err(|error| format!("/proc/swaps: {error}"))?;
        if swaps.lines().count() > 1 {
            return Ok(Swap { own: None, _one });
        }
        let folder = tempfile::tempdir_in(crate::repository().join("target")).map_err(|error| error.to_string())?;
        let path = Self::file(&folder);
        write_swap_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = CString::new(path.as_os_str().as_bytes()).expect("a path without a zero byte");
        // SAFETY: the name ends with a zero byte, and is only read.
        match unsafe { libc::swapon(name.as_ptr(), 0) } {
            0 => Ok(Swap { own: Some(folder), _one }),
            _ => Err(format!("no swap space, and none can be added: {}", io::Error::last_os_error())),
        }
    }

    fn file(folder: &TempDir) -> PathBuf {
        folder.path().join("swap")
    }

    /// Takes the pages out of memory that `wanted` says yes to, and waits until so many are. It is shown each page as numbers
    /// of eight bytes. Other threads may have pages that look alike, and use them: those come back.
    ///
    /// # Panics
    ///
    /// If there are not as many after two minutes, or the kernel does not take as many.
    pub async fn take_out(&self, wanted: impl Fn(&[u64]) -> bool, at_least: usize) {
        let began = Instant::now();
        let waited = |what: &str| assert!(began.elapsed() < Duration::from_secs(120), "{what} after two minutes");
        let mut pages = pages_where(&wanted);
        while pages.len() < at_least {
            waited("the pages are not there");
            tokio::task::yield_now().await;
            pages = pages_where(&wanted);
        }
        let found = pages.len();
        while found - pages.len() < at_least {
            waited("too few pages are swapped out");
            for page in &pages {
                // SAFETY: this changes where the page is, not what is in it.
                unsafe { libc::madvise(*page as *mut libc::c_void, PAGE_BYTES, libc::MADV_PAGEOUT) };
            }
            // What was swapped out, or is nobody's any more, is done with.
            pages.retain(|page| state(*page).is_present());
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        if let Some(folder) = &self.own {
            let name = CString::new(Self::file(folder).as_os_str().as_bytes()).expect("as before");
            // SAFETY: the name ends with a zero byte, and is only read.
            if unsafe { libc::swapoff(name.as_ptr()) } != 0 {
                eprintln!("{} stays a swap file: {}", Self::file(folder).display(), io::Error::last_os_error());
            }
        }
    }
}

/// The file that `mkswap` would make of one without holes.
fn write_swap_file(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // SAFETY: the descriptor is open.
    let code = unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, SWAP_BYTES as libc::off_t) };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code));
    }
    let last_page = u32::try_from(SWAP_BYTES / PAGE_BYTES - 1).expect("a small file");
    file.write_all_at(&[1_u32.to_ne_bytes(), last_page.to_ne_bytes()].concat(), 1_024)?;
    file.write_all_at(b"SWAPSPACE2", PAGE_BYTES as u64 - 10)?;
    file.sync_all()
}

/// The places in this process's memory, at multiples of eight bytes, of the numbers that `wanted` says yes to.
pub fn places(wanted: impl Fn(u64) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    each_page(|page, numbers| {
        let numbers = numbers.iter().enumerate().filter(|(_, number)| wanted(**number));
        found.extend(numbers.map(|(at, _)| page + 8 * at));
    });
    found
}

/// The number at this place of this process's memory; none if nothing is there.
pub fn at(place: usize) -> Option<u64> {
    let mut content = [0; 8];
    let memory = File::open("/proc/self/mem").expect("the memory of this process");
    memory.read_exact_at(&mut content, place as u64).ok().map(|()| u64::from_ne_bytes(content))
}

fn pages_where(wanted: impl Fn(&[u64]) -> bool) -> Vec<usize> {
    let mut found = Vec::new();
    each_page(|page, numbers| found.extend(wanted(numbers).then_some(page)));
    found
}

/// Shows each page in memory of what may be written and is no file. The copy that is shown is not; what is swapped out
/// is not either, for looking at it would bring it back.
fn each_page(mut show: impl FnMut(usize, &[u64])) {
    let memory = File::open("/proc/self/mem").expect("the memory of this process");
    let mut content = vec![0; PAGE_BYTES];
    let mut numbers = vec![0; PAGE_BYTES / 8];
    let copies = [content.as_ptr_range(), numbers.as_ptr_range().start.cast()..numbers.as_ptr_range().end.cast()];
    let copies = copies.map(|copy| copy.start.addr() / PAGE_BYTES..=copy.end.addr() / PAGE_BYTES);
    for page in present_pages() {
        // What was unmapped meanwhile is nobody's any more.
        let is_copy = copies.iter().any(|copy| copy.contains(&(page / PAGE_BYTES)));
        if is_copy || memory.read_exact_at(&mut content, page as u64).is_err() {
            continue;
        }
        for (number, bytes) in numbers.iter_mut().zip(content.chunks_exact(8)) {
            *number = u64::from_ne_bytes(bytes.try_into().expect("eight bytes"));
        }
        show(page, &numbers);
    }
}

/// What the kernel says of a page: one number of `/proc/self/pagemap`.
struct State(u64);

impl State {
    fn is_present(&self) -> bool {
        self.0 >> 63 & 1 == 1
    }
}

fn state(page: usize) -> State {
    states(page..page + PAGE_BYTES).next().map_or(State(0), |(_, state)| state)
}

/// Page by page, what the kernel says.
fn states(range: Range<usize>) -> impl Iterator<Item = (usize, State)> {
    let pagemap = File::open("/proc/self/pagemap").expect("what the kernel says of pages");
    let mut numbers = vec![0; range.len() / PAGE_BYTES * 8];
    if pagemap.read_exact_at(&mut numbers, (range.start / PAGE_BYTES * 8) as u64).is_err() {
        numbers.clear();
    }
    let numbers: Vec<u64> =
        numbers.chunks_exact(8).map(|bytes| u64::from_ne_bytes(bytes.try_into().expect("eight bytes"))).collect();
    numbers.into_iter().enumerate().map(move |(at, number)| (range.start + at * PAGE_BYTES, State(number)))
}

/// The pages in memory of private mappings that may be written.
fn present_pages() -> Vec<usize> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("the mappings of this process");
    let mappings = maps.lines().filter_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        rest.starts_with("rw-p").then_some(number(start)?..number(end)?)
    });
    let present = |(page, state): (usize, State)| state.is_present().then_some(page);
    // The pools of tables and stacks are far larger than what is in them: a piece at a time.
    let pieces = mappings.flat_map(|mapping| {
        let end = mapping.end;
        mapping.step_by(256 << 20).map(move |start| start..end.min(start + (256 << 20)))
    });
    pieces.flat_map(|piece| states(piece).filter_map(present).collect::<Vec<_>>()).collect()
}
