//! Where a plugin's allocations come from. Every call runs in a memory of its own that is thrown away afterwards, so what
//! counts is how quickly the first of it is there: what most calls need is part of the memory that an instance begins
//! with, where growing would cost two system calls each time. Beyond it the memory grows.

use core::alloc::Layout;
use core::arch::wasm32::memory_grow;
use core::mem::MaybeUninit;

use talc::base::binning::Binning;
use talc::base::{CHUNK_UNIT, Talc};
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

/// What an instance begins with.
const FIRST_BYTES: usize = 256 << 10;

/// A page of WebAssembly memory.
const PAGE_BYTES: usize = 64 << 10;

static mut FIRST: [MaybeUninit<u8>; FIRST_BYTES] = [MaybeUninit::uninit(); FIRST_BYTES];

#[global_allocator]
static ALLOCATOR: TalcSyncCell<FirstThenGrow, WasmBinning> = TalcSyncCell::new_wasm(FirstThenGrow { begun: false });

/// Gives the allocator what the instance begins with, then pages as they are needed.
#[derive(Debug)]
struct FirstThenGrow {
    begun: bool,
}

// SAFETY: nothing here allocates, and the allocator is only reached through the reference that is given.
unsafe impl Source for FirstThenGrow {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        if !talc.source.begun {
            talc.source.begun = true;
            // SAFETY: `FIRST` is named nowhere else and lives as long as the instance.
            return unsafe { talc.claim((&raw mut FIRST).cast(), FIRST_BYTES) }.map(drop).ok_or(());
        }
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
