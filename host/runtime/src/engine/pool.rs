//! The settings of an engine that runs plugins: those of [`crate::settings`], and a pool that its instances come from.
//! SECURITY: each line is deliberate; tests check what it refuses.

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::EngineConfig;
use crate::settings::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLES_MAX, compiling};

/// How much of a memory, a table and a stack is reset by writing over it after a call: so many bytes from its
/// beginning, or from where a stack begins to grow. Writing is cheaper than giving pages to the system and taking them
/// again one by one; what lies behind these bytes is given to the system. What the SDK's plugins touch in most calls
/// lies before (`sdk/rust/src/memory.rs`), and they begin with no more than that, so that nothing is left to give back.
const RESIDENT_MEMORY_BYTES: usize = 1 << 20;
const RESIDENT_TABLE_BYTES: usize = 64 << 10;
const RESIDENT_STACK_BYTES: usize = 32 << 10;

/// Settings of an engine that runs what [`compiling`] compiles, and allocates from a pool.
pub(super) fn settings(config: &EngineConfig) -> Config {
    let mut settings = compiling();
    // Guards and reservations stay at the engine's defaults, which are what makes memory accesses safe and cheap.
    settings.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
    // No plugin can read what another has left on the stack, unless the compiler had a fault; then there is nothing to read.
    settings.async_stack_zeroing(true);
    settings
}

/// A slot for every call that can be in flight. When a call is over, everything that it could write is set back before
/// anybody else can have the slot.
fn pool(config: &EngineConfig) -> PoolingAllocationConfig {
    let calls = config.calls_in_flight_max.max(1);
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(CORE_INSTANCES_MAX))
        .total_memories(calls.saturating_mul(MEMORIES_MAX))
        .total_tables(calls.saturating_mul(TABLES_MAX))
        .total_stacks(calls)
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .max_tables_per_module(TABLES_MAX)
        .max_memory_size(size(config.memory_bytes_max))
        .table_elements(size(config.table_elements_max))
        .linear_memory_keep_resident(RESIDENT_MEMORY_BYTES)
        .table_keep_resident(RESIDENT_TABLE_BYTES)
        .async_stack_keep_resident(RESIDENT_STACK_BYTES)
        // What a call held is given back at once, and does not wait for that of other calls.
        .decommit_batch_size(1)
        // Asking the kernel which pages were written would spare the others, but it does not name those that are swapped out
        // or on their way elsewhere: they would be neither set back nor given back, and the next call would read them.
        .pagemap_scan(Enabled::No);
    pool
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wasmtime::WasmFeatures;

    use super::*;
    use crate::compiler::Compiler;

    fn engine() -> wasmtime::Engine {
        let config = EngineConfig {
            cache: std::path::PathBuf::new(),
            calls_in_flight_max: 2,
            memory_bytes_max: 64 << 20,
            table_elements_max: 20_000,
            compiler: Compiler::InProcess,
        };
        wasmtime::Engine::new(&settings(&config)).expect("an engine with these settings")
    }

    #[test]
    fn the_engine_takes_what_the_inspection_takes() {
        let names = |names: &mut dyn Iterator<Item = &'static str>| names.map(str::to_owned).collect::<BTreeSet<_>>();
        let engine = names(&mut engine().get_wasm_features().iter_names().map(|(name, _)| name));
        let inspection = names(&mut crate::inspection::proposals().iter_names().map(|(name, _)| name));
        assert_eq!(engine, inspection);
    }

    #[test]
    fn what_compiles_alone_makes_code_for_the_engine_with_a_pool() {
        let hash = |engine: &wasmtime::Engine| {
            let mut hasher = std::hash::DefaultHasher::new();
            std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
            std::hash::Hasher::finish(&hasher)
        };
        let alone = wasmtime::Engine::new(&compiling()).expect("an engine with these settings");
        assert_eq!(hash(&alone), hash(&engine()));
    }

    #[test]
    fn what_no_plugin_needs_is_off() {
        let on = engine().get_wasm_features();
        let off = [
            WasmFeatures::GC,
            WasmFeatures::GC_TYPES,
            WasmFeatures::FUNCTION_REFERENCES,
            WasmFeatures::EXCEPTIONS,
            WasmFeatures::THREADS,
            WasmFeatures::MEMORY64,
            WasmFeatures::MULTI_MEMORY,
            WasmFeatures::TAIL_CALL,
            WasmFeatures::RELAXED_SIMD,
            WasmFeatures::STACK_SWITCHING,
            WasmFeatures::CUSTOM_PAGE_SIZES,
            WasmFeatures::WIDE_ARITHMETIC,
            WasmFeatures::CM_ASYNC,
            WasmFeatures::CM_GC,
            WasmFeatures::CM_THREADING,
        ];
        for feature in off {
            assert!(!on.intersects(feature), "{feature:?}");
        }
    }

    #[test]
    fn a_call_can_be_interrupted_and_repeated() {
        let engine = engine();
        assert!(engine.get_epoch_interruption());
        assert_eq!(engine.get_cranelift_nan_canonicalization(), Some(true));
        assert!(engine.get_signals_based_traps());
        assert!(!engine.get_concurrency_support());
        assert!(!engine.get_shared_memory());
    }

    #[test]
    fn the_pool_is_sized_by_the_policies() {
        let engine = engine();
        let pool = engine.get_pooling_config().expect("a pooling allocator");
        assert_eq!(pool.get_total_component_instances(), 2);
        assert_eq!(pool.get_total_memories(), 2);
        assert_eq!(pool.get_total_tables(), 8);
        assert_eq!(pool.get_total_core_instances(), 16);
        assert_eq!(pool.get_total_stacks(), 2);
        assert_eq!(pool.get_max_memory_size(), 64 << 20);
    }

    #[test]
    fn no_reset_asks_the_kernel_what_was_written() {
        let engine = engine();
        let pool = engine.get_pooling_config().expect("a pooling allocator");
        assert_eq!(pool.get_pagemap_scan(), Enabled::No);
        let open = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        let open: Vec<_> = open.filter_map(|file| std::fs::read_link(file.path()).ok()).collect();
        assert!(open.iter().all(|file| !file.ends_with("pagemap")), "{open:?}");
        assert_eq!(pool.get_decommit_batch_size(), 1, "what is given back is given back at once");
        assert!(engine.get_async_stack_zeroing());
        assert!(pool.get_async_stack_keep_resident() < engine.get_async_stack_size());
    }
}
