//! The misdeeds themselves.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::bindings::Document;
use crate::bindings::portgate::connector::codes::{self, Translation};
use crate::bindings::portgate::connector::log::{self, Field, Level};
use crate::bindings::portgate::connector::{names, reference_data};

pub(crate) fn endless_loop() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Takes memory and never gives it back.
pub(crate) fn memory_bomb() -> ! {
    let mut held = Vec::new();
    loop {
        held.push(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Recurses without an end, and so that no compiler can make a loop of it. Next to nothing of a frame is in the
/// plugin's own memory, so that it is the engine's stack that runs out.
pub(crate) fn deep_recursion(seed: u64) -> String {
    fn deeper(level: u64) -> u64 {
        if black_box(level) == u64::MAX { 0 } else { black_box(deeper(level + 1)) ^ level }
    }
    deeper(seed).to_string()
}

/// Reads far outside of the memory.
pub(crate) fn wild_pointer() -> String {
    let nowhere = black_box(0xffff_0000_usize) as *const u8;
    // SAFETY: none; it is what this function is for. The sandbox must end the call.
    unsafe { nowhere.read_volatile() }.to_string()
}

/// What it was given, to be told wherever a text of its own may stand.
pub(crate) fn text(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).into_owned()
}

/// Panics with the payload for its message, and for its place.
pub(crate) fn panics_at(payload: &[u8]) -> ! {
    let text = text(payload);
    log::write(Level::Error, &format!("panicked at src/{text}.rs:1:1: {text}"), &[]);
    std::process::abort()
}

pub(crate) fn log_flood() -> ! {
    loop {
        log::write(Level::Info, "still here", &[]);
    }
}

pub(crate) fn log_line(bytes: usize) -> String {
    log::write(Level::Info, &"x".repeat(bytes), &[]);
    "logged".to_owned()
}

pub(crate) fn log_fields(count: usize) -> String {
    let fields: Vec<Field> = (0..count).map(|_| Field { name: String::new(), value: String::new() }).collect();
    log::write(Level::Info, "", &fields);
    "logged".to_owned()
}

/// Tries to look like a second line, and to take over the terminal.
pub(crate) fn forged_log_line() -> String {
    let field = Field { name: "name\n".to_owned(), value: "\u{202e}value".to_owned() };
    log::write(Level::Warn, "quiet\nERROR all is lost \u{1b}[2J", &[field]);
    "logged".to_owned()
}

pub(crate) fn lookup_flood() -> ! {
    loop {
        black_box(lookup("codes", "2026-03-01"));
    }
}

pub(crate) fn lookup(table: &str, on: &str) -> String {
    reference_data::lookup(table, "A", on).unwrap_or_default()
}

pub(crate) fn search_flood() -> ! {
    loop {
        black_box(search("codes", "2026-03-01"));
    }
}

/// How many entries of a table resemble a name, of all that there may be.
pub(crate) fn search(table: &str, on: &str) -> String {
    names::candidates(table, "Northern Harrier", on, u32::MAX).len().to_string()
}

pub(crate) fn codes_without_end() -> ! {
    loop {
        black_box(code("carrier", "A"));
    }
}

/// What the partner's code is here, or what is to become of it.
pub(crate) fn code(table: &str, theirs: &str) -> String {
    match codes::ours(table, theirs, "2026-03-01") {
        Translation::Known(ours) => ours,
        Translation::Unknown(unknown) => format!("{unknown:?}"),
    }
}

/// Looks for anything that an earlier call has left behind, and leaves something behind.
pub(crate) fn residue() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let earlier = CALLS.fetch_add(1, Relaxed);
    // Beyond what this instance has touched, every byte must be zero.
    let mut memory: Vec<u8> = Vec::with_capacity(3 << 20);
    // SAFETY: none; reading memory that was never written is what this is for. Every byte is a valid `u8`.
    let dirty = (0..memory.capacity()).filter(|at| unsafe { memory.as_ptr().add(*at).read_volatile() } != 0).count();
    memory.resize(memory.capacity(), 0xaa);
    black_box(&memory);
    format!("earlier calls: {earlier}, dirty bytes: {dirty}")
}

/// Leaves this mark all over as much memory as [`residue`] looks at, and stays there.
pub(crate) fn linger(mark: &[u8]) -> ! {
    let left = mark.repeat((3 << 20) / mark.len());
    black_box(&left);
    endless_loop()
}

/// Recurses without an end, with much of each frame in the plugin's own memory.
pub(crate) fn deep_frames(seed: u8) -> String {
    fn deeper(level: u64, seed: u8) -> u64 {
        let frame = black_box([seed; 1_000]);
        if black_box(level) == u64::MAX { 0 } else { deeper(level + 1, seed) + u64::from(black_box(frame)[7]) }
    }
    deeper(0, seed).to_string()
}

/// Logs whatever it is given, and returns all that is in its memory.
pub(crate) fn everything(documents: &[Document]) -> Vec<u8> {
    for Document { kind, key, refs, body } in documents {
        let body = String::from_utf8_lossy(body);
        let fields = refs.iter().map(|name| Field { name: name.scheme.clone(), value: name.value.clone() });
        log::write(Level::Info, &format!("{kind} {key} {body}"), &fields.collect::<Vec<_>>());
    }
    let bytes = memory_bytes();
    let mut memory = Vec::with_capacity(bytes);
    // SAFETY: none; reading memory that is nobody's is what this is for. Every byte is a valid `u8`.
    memory.extend((1..bytes).map(|at| unsafe { black_box(at as *const u8).read_volatile() }));
    memory
}

#[cfg(target_arch = "wasm32")]
fn memory_bytes() -> usize {
    core::arch::wasm32::memory_size(0) << 16
}

/// It only ever runs in a sandbox.
#[cfg(not(target_arch = "wasm32"))]
fn memory_bytes() -> usize {
    0
}

/// Traps where the payload says so, and with every payload while the table does.
pub(crate) fn moody(payload: &[u8]) {
    if payload.starts_with(b"trap") || lookup("codes", "2026-03-01") == "trap" {
        std::process::abort();
    }
}
