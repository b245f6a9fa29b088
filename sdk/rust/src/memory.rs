//! Where a plugin's allocations come from. Every call runs in a memory of its own that is thrown away afterwards, so most
//! of it need not be given back: the first allocations are cut one after the other from the heap that an instance begins
//! with. Where that is used up, an allocator that reuses what is given back takes over, and the memory grows.
//!
//! ```text
//! 0          the stack, which grows down: beyond its end is no memory, so that an overflow ends the call
//! │ stack │ data │ the first heap │ what the memory grows by
//! ```
//!
//! The host sets the memory back after each call, from its beginning on. Hence everything lies close together, and the first
//! heap is whatever the linker leaves of the memory's pages behind the data (`portgate plugin build` asks it for some).

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::memory_grow;
use core::cell::Cell;
use core::ptr;

use talc::base::binning::Binning;
use talc::base::{CHUNK_UNIT, Talc};
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

/// A page of WebAssembly memory.
const PAGE_BYTES: usize = 64 << 10;

unsafe extern "C" {
    /// The linker's: behind all that it has placed.
    static __heap_base: u8;
    /// The linker's: the end of the memory that an instance begins with.
    static __heap_end: u8;
}

#[global_allocator]
static ALLOCATOR: FirstThenLater = FirstThenLater { used: Cell::new(0), later: TalcSyncCell::new_wasm(GrowingMemory) };

/// Cuts from the first heap as long as there is some of it.
struct FirstThenLater {
    /// Bytes of the first heap that were cut off.
    used: Cell<usize>,
    later: TalcSyncCell<GrowingMemory, WasmBinning>,
}

// SAFETY: a plugin has one thread.
unsafe impl Sync for FirstThenLater {}

impl FirstThenLater {
    /// Where the first heap begins.
    fn first() -> usize {
        (&raw const __heap_base).addr()
    }

    /// How long it is.
    fn first_bytes() -> usize {
        (&raw const __heap_end).addr() - Self::first()
    }

    /// This place of the first heap. The linker's symbols have no extent, so a place is made of its address alone.
    fn at(place: usize) -> *mut u8 {
        ptr::with_exposed_provenance_mut(Self::first() + place)
    }

    /// Where in the first heap this is, if it is there.
    fn place(at: *mut u8) -> Option<usize> {
        let place = at.addr().wrapping_sub(Self::first());
        (place < Self::first_bytes()).then_some(place)
    }
}

// SAFETY: what is cut off is inside the first heap, which nobody else names, aligned, and beyond all that was cut off
// before; only the last piece is ever taken back or made longer. All else is `later`'s.
unsafe impl GlobalAlloc for FirstThenLater {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let free = Self::first() + self.used.get();
        let start = free.next_multiple_of(layout.align()) - Self::first();
        match start.checked_add(layout.size()) {
            Some(end) if end <= Self::first_bytes() => {
                self.used.set(end);
                Self::at(start)
            }
            // SAFETY: the caller's promises.
            _ => unsafe { self.later.alloc(layout) },
        }
    }

    #[inline]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        match Self::place(at) {
            Some(place) if place + layout.size() == self.used.get() => self.used.set(place),
            Some(_) => {}
            // SAFETY: it is not of the first heap, so `later` has given it; the rest are the caller's promises.
            None => unsafe { self.later.dealloc(at, layout) },
        }
    }

    #[inline]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(place) = Self::place(at) else {
            // SAFETY: as in `dealloc`.
            return unsafe { self.later.realloc(at, layout, size) };
        };
        if place + layout.size() == self.used.get()
            && let Some(end) = place.checked_add(size).filter(|end| *end <= Self::first_bytes())
        {
            self.used.set(end);
            return at;
        }
        if size <= layout.size() {
            return at;
        }
        // SAFETY: the caller promises that `size` with this alignment is a layout.
        let wider = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: both pieces are at least as long as the old one, and they do not overlap.
        unsafe {
            let new = self.alloc(wider);
            if !new.is_null() {
                ptr::copy_nonoverlapping(at, new, layout.size());
            }
            new
        }
    }
}

/// Gives the allocator pages as they are needed.
#[derive(Debug)]
struct GrowingMemory;

// SAFETY: nothing here allocates, and the allocator is only reached through the reference that is given.
unsafe impl Source for GrowingMemory {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        // Room for the allocation, its alignment and what the allocator notes beside both.
        let wanted = layout.size().saturating_add(layout.align()).saturating_add(4 * CHUNK_UNIT);
        let pages = wanted.div_ceil(PAGE_BYTES);
        let before = memory_grow::<0>(pages);
        if before == usize::MAX {
            return Err(());
        }
        // SAFETY: these pages are new, and nobody else grows the memory.
        unsafe { talc.claim((before * PAGE_BYTES) as *mut u8, pages * PAGE_BYTES) }.map(drop).ok_or(())
    }
}
