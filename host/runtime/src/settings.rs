//! The engine's settings for code that nobody trusts. SECURITY: each line is deliberate; tests check what it refuses.

use std::time::Duration;

use wasmtime::{Config, Inlining, OptLevel, Strategy, WasmFeatures};

/// The clock of processor time: one tick of the engine's epoch, at which a plugin makes way for other work on its thread.
/// Short, because everything else that the thread serves waits for it; yielding costs about a thousandth of this.
pub(crate) const TICK: Duration = Duration::from_millis(2);
/// Core instances that one component may consist of.
pub(crate) const CORE_INSTANCES_MAX: u32 = 8;
/// Tables of one component.
pub(crate) const TABLES_MAX: u32 = 4;
/// Linear memories of one component.
pub(crate) const MEMORIES_MAX: u32 = 1;

/// The stack of a plugin. The stack it runs on is the engine's default of 2 MiB, which leaves room for host calls.
const STACK_BYTES: usize = 512 << 10;

/// Settings of an engine that only compiles, with Cranelift and what [`proposals`] lists. They make the same code as with
/// a pool, for which such an engine needs no room.
pub(crate) fn compiling() -> Config {
    let mut settings = Config::new();
    // Inlining takes more time once, at admission, and gives a tenth of it back at each call: the checks of the epoch
    // stand at the head of every function.
    settings.strategy(Strategy::Cranelift).cranelift_opt_level(OptLevel::Speed).compiler_inlining(Inlining::Yes);
    // A call is a pure function of its inputs: the bits of a NaN would be the one thing that is not.
    settings.cranelift_nan_canonicalization(true);
    settings.epoch_interruption(true);
    settings.max_wasm_stack(STACK_BYTES);
    // An error would otherwise carry the plugin's stack with it, at a cost for each trap.
    settings.wasm_backtrace_max_frames(None);
    settings.concurrency_support(false);
    settings.shared_memory(false);
    settings.wasm_features(WasmFeatures::all(), false).wasm_features(proposals(), true).gc_support(false);
    settings
}

/// The proposals that a plugin may use: what compilers emit by default, and nothing that is only attack surface. No
/// garbage collection, exceptions, threads, 64-bit or second memories, tail calls, relaxed SIMD, nothing asynchronous.
/// `inspection` reads files with the same list.
fn proposals() -> WasmFeatures {
    let without_gc = WasmFeatures::WASM2.difference(WasmFeatures::GC_TYPES);
    without_gc | WasmFeatures::EXTENDED_CONST | WasmFeatures::COMPONENT_MODEL
}
