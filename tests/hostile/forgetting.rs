//! What a call leaves where the next one begins: nothing, whatever the kernel has done with its pages in the meantime.
//!
//! A tenant here is a crafted plugin that looks through all that it can reach before it writes over all of it: its
//! memory, what it grows by, its table and its globals. What is not as it was when the module was loaded traps.

use std::hint::black_box;
use std::time::{Duration, Instant};

use portgate_core::policy::PluginPolicy;
use portgate_runtime::Plugin;
use portgate_tests::paging::{self, Swap};

use crate::craft::{Craft, manifest};
use crate::rig::{Decode, Rig, message, policy};

/// A page of WebAssembly memory.
const PAGE_BYTES: usize = 64 << 10;
/// What the engine sets back by writing over it, in pages of WebAssembly memory.
const RESIDENT_PAGES: usize = 16;
/// The largest memory of these tests: over 64 MiB.
const MOST_PAGES: usize = 1_040;

/// How a tenant is made.
#[derive(Clone, Copy)]
struct Tenant {
    /// Pages that its memory begins with, and those that it grows to.
    pages: (usize, usize),
    /// Where its data lies, none of it zero.
    data: usize,
    /// Elements that its table begins with, and those that it grows to.
    elements: (usize, usize),
    /// What it writes everywhere.
    mark: u64,
    /// Whether it stays, once it has written.
    stays: bool,
}

/// The length of the data. It is a multiple of 8, and ends within a page of the system.
const DATA_BYTES: usize = 5_000;

impl Tenant {
    fn of(first: usize, last: usize) -> Self {
        Tenant { pages: (first, last), data: 16_384, elements: (100, 100), mark: mark(), stays: false }
    }

    /// Its component. Its arguments are placed from 4096 on; its result is at 1024.
    fn component(&self, name: &str) -> Vec<u8> {
        let Tenant { pages: (first, last), data, elements: (few, many), mark, stays } = *self;
        let data_end = data + DATA_BYTES;
        let more = format!(
            r#"
            (table $table {few} {many} funcref)
            (elem declare func $is)
            (global $number (mut i64) (i64.const 0))
            (global $vector (mut v128) (v128.const i64x2 0 0))
            (data (i32.const {data}) "{data_text}")
            ;; Traps unless this is what is between two places.
            (func $is (param $at i32) (param $end i32) (param $what i64)
                (loop $on
                    (if (i32.lt_u (local.get $at) (local.get $end)) (then
                        (if (i64.ne (i64.load (local.get $at)) (local.get $what)) (then unreachable))
                        (local.set $at (i32.add (local.get $at) (i32.const 8)))
                        (br $on)))))
            (func $fill (param $at i32) (param $end i32)
                (loop $on
                    (if (i32.lt_u (local.get $at) (local.get $end)) (then
                        (i64.store (local.get $at) (i64.const {mark}))
                        (local.set $at (i32.add (local.get $at) (i32.const 8)))
                        (br $on)))))
            (func $table_is_empty (param $at i32)
                (loop $on
                    (if (i32.lt_u (local.get $at) (table.size $table)) (then
                        (if (i32.eqz (ref.is_null (table.get $table (local.get $at))))
                            (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
                        (local.set $at (i32.add (local.get $at) (i32.const 1)))
                        (br $on)))))
            (func $bytes (result i32) (i32.shl (memory.size) (i32.const 16)))
            "#,
            data_text = "Z".repeat(DATA_BYTES),
        );
        let stay = if stays { "(loop $on (br $on))" } else { "" };
        let decode = format!(
            r#"
            (local $end i32)
            ;; Nothing before the arguments, between them and the data, and behind the data.
            (call $is (i32.const 0) (i32.const 4096) (i64.const 0))
            (local.set $end (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
            (call $is (local.get $end) (i32.const {data}) (i64.const 0))
            (call $is (i32.const {data}) (i32.const {data_end}) (i64.const 0x5a5a5a5a5a5a5a5a))
            (call $is (i32.const {data_end}) (call $bytes) (i64.const 0))
            (local.set $end (call $bytes))
            (if (i32.lt_s (memory.grow (i32.const {more_pages})) (i32.const 0)) (then unreachable))
            (call $is (local.get $end) (call $bytes) (i64.const 0))
            (call $table_is_empty (i32.const 0))
            (drop (table.grow $table (ref.null func) (i32.const {more_elements})))
            (call $table_is_empty (i32.const {few}))
            (if (i32.or (i64.ne (global.get $number) (i64.const 0)) (v128.any_true (global.get $vector)))
                (then (drop (i32.trunc_f32_s (f32.const nan)))))
            ;; Now the same the other way round; the result stays.
            (call $fill (i32.const 0) (i32.const 1024))
            (call $fill (i32.const 2048) (call $bytes))
            (table.fill $table (i32.const 0) (ref.func $is) (table.size $table))
            (global.set $number (i64.const {mark}))
            (global.set $vector (i64x2.splat (i64.const {mark})))
            {stay}
            (i32.const 1024)
            "#,
            more_pages = last - first,
            more_elements = many - few,
        );
        let mut manifest = manifest("connector");
        manifest["name"] = name.into();
        let realloc = "(global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
            (global.get $next)
            (global.set $next (i32.add (global.get $next) (local.get 3)))";
        let realloc = format!(
            "(if (i32.eq (global.get $next) (i32.const 65536)) (then (global.set $next (i32.const 4096)))) {realloc}"
        );
        Craft {
            decode: &decode,
            realloc: &realloc,
            memory: &first.to_string(),
            more: &more,
            manifest: Some(manifest),
            ..Craft::default()
        }
        .component()
    }

    /// The tenant in the one slot that this rig has.
    fn admitted(&self, rig: &Rig, name: &str) -> Plugin {
        rig.admit(name, &self.component(name), &roomy()).expect("a crafted plugin is admitted")
    }
}

fn roomy() -> PluginPolicy {
    let mut policy = policy();
    policy.limits.memory_bytes_max = (MOST_PAGES * PAGE_BYTES) as u64;
    policy.limits.cpu_ms_max = 60_000;
    policy.limits.wall_ms_max = 120_000;
    policy
}

/// A rig with one slot, so that whoever comes next is where the last one was.
fn rig() -> Rig {
    Rig::with_one_slot((MOST_PAGES * PAGE_BYTES) as u64)
}

/// Eight bytes that are nowhere else.
fn mark() -> u64 {
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    u64::from_ne_bytes(random) | 1
}

#[track_caller]
fn finds_nothing(call: &Decode) {
    if let Err(error) = &call.outcome {
        panic!("it found what another had left, or was not let look: {error}");
    }
}

/// Memories of one page, of all that is set back by writing, of more than that, and of over 64 MiB, all of it at once or grown.
const MEMORIES: &[(usize, usize)] = &[
    (1, 1),
    (1, 2),
    (4, RESIDENT_PAGES),
    (RESIDENT_PAGES, RESIDENT_PAGES),
    (RESIDENT_PAGES - 1, RESIDENT_PAGES + 1),
    (RESIDENT_PAGES + 1, 40),
    (64, 64),
    (4, MOST_PAGES),
    (MOST_PAGES, MOST_PAGES),
];

#[tokio::test]
async fn a_tenant_of_any_size_finds_nothing_of_the_last() {
    let rig = rig();
    for &(first, last) in MEMORIES {
        let one = Tenant::of(first, last).admitted(&rig, "one");
        let other = Tenant { elements: (10, 4_000), ..Tenant::of(first, last) }.admitted(&rig, "other");
        for tenant in [&one, &one, &other, &one, &other] {
            finds_nothing(&tenant.decode(message("look")).await);
        }
    }
}

#[tokio::test]
async fn a_tenant_finds_nothing_of_a_larger_or_smaller_one() {
    let rig = rig();
    let named = |at: usize, &(first, last): &(usize, usize)| {
        Tenant { elements: (at * 100, 5_000), ..Tenant::of(first, last) }.admitted(&rig, &format!("tenant-{at}"))
    };
    let tenants: Vec<Plugin> = MEMORIES.iter().enumerate().map(|(at, pages)| named(at, pages)).collect();
    for tenant in tenants.iter().chain(tenants.iter().rev()) {
        finds_nothing(&tenant.decode(message("look")).await);
    }
}

#[tokio::test]
async fn a_plugin_whose_data_lies_behind_a_megabyte_of_stack_is_served_and_forgotten() {
    let rig = rig();
    let wide = Tenant { data: 1 << 20, ..Tenant::of(18, 20) }.admitted(&rig, "wide");
    let near = Tenant::of(3, 3).admitted(&rig, "near");
    for tenant in [&wide, &wide, &near, &wide, &near] {
        finds_nothing(&tenant.decode(message("look")).await);
    }
}

/// Has the kernel take everything of a tenant out of memory while its call goes on; then the call ends, and the next tenant
/// looks: once the same component as another plugin, which gets the very slot, once another component.
async fn is_forgotten_although_swapped_out(pages: (usize, usize), elements: (usize, usize)) {
    let rig = rig();
    let staying = Tenant { elements, stays: true, ..Tenant::of(pages.0, pages.1) };
    let (other, mark) = (Tenant { elements, ..Tenant::of(pages.0, pages.1) }, staying.mark);
    let (stays, other) = (staying.admitted(&rig, "stays"), other.admitted(&rig, "other"));
    let looking = Tenant { stays: false, ..staying }.admitted(&rig, "looking");
    let swap = match Swap::find().await {
        Ok(swap) => swap,
        Err(reason) => {
            eprintln!("left out: nothing can be swapped out here ({reason}). The next tenants look all the same.");
            for tenant in [&looking, &other, &looking] {
                finds_nothing(&tenant.decode(message("look")).await);
            }
            return;
        }
    };
    for next in [&other, &looking] {
        let call = stays.clone();
        let running = tokio::spawn(async move { call.decode(message("stay")).await });
        let of_memory = |page: &[u64]| page[0] == mark && page[511] == mark;
        swap.take_out(of_memory, pages.1 * PAGE_BYTES / 4_096).await;
        // Every element of its table is the same function.
        let of_a_table = |page: &[u64]| page[0] != 0 && page.iter().all(|element| *element == page[0]);
        swap.take_out(of_a_table, elements.1 * 8 / 4_096).await;
        running.abort();
        assert!(running.await.expect_err("it would never end").is_cancelled());
        finds_nothing(&next.decode(message("look")).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_memory_is_forgotten_although_it_is_swapped_out() {
    is_forgotten_although_swapped_out((1, 2), (10, 600)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_resident_is_forgotten_although_it_is_swapped_out() {
    is_forgotten_although_swapped_out((4, RESIDENT_PAGES), (600, 5_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_given_back_is_forgotten_although_it_is_swapped_out() {
    is_forgotten_although_swapped_out((RESIDENT_PAGES, 3 * RESIDENT_PAGES), (10, 600)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_memory_is_forgotten_although_it_is_swapped_out() {
    is_forgotten_although_swapped_out((4, MOST_PAGES), (5_000, 5_000)).await;
}

/// Plugins cannot read the stack that they run on; whoever looks at the process can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_on_the_stack_that_a_plugin_ran_on_is_gone_with_its_call() {
    const DEPTH: usize = 500;
    // The mark is nowhere but on that stack: everybody else has only halves of it.
    let (one, half) = (mark(), mark());
    let more = format!(
        "(global $one (mut i64) (i64.const {one})) (global $half (mut i64) (i64.const {half}))
        (func $deep (param $left i32) (param $mark i64) (result i64)
            (if (i32.eqz (local.get $left)) (then (loop $on (br $on))))
            (i64.add (local.get $mark) (call $deep (i32.sub (local.get $left) (i32.const 1)) (local.get $mark))))"
    );
    let decode = format!(
        "(drop (call $deep (i32.const {DEPTH}) (i64.xor (global.get $one) (global.get $half)))) (i32.const 1024)"
    );
    let component = Craft { decode: &decode, more: &more, ..Craft::default() }.component();
    let plugin = rig().admit("crafted", &component, &roomy()).expect("a crafted plugin is admitted");
    let call = plugin.clone();
    let running = tokio::spawn(async move { call.decode(message("stay")).await });
    let began = Instant::now();
    let mut places = Vec::new();
    while places.len() < DEPTH {
        assert!(began.elapsed() < Duration::from_secs(30), "the mark is at {} places only", places.len());
        tokio::task::yield_now().await;
        places = paging::places(|number| number ^ black_box(one) == half);
    }
    running.abort();
    assert!(running.await.expect_err("it would never end").is_cancelled());
    let left = places.iter().filter(|place| paging::at(**place).is_some_and(|number| number ^ one == half)).count();
    assert_eq!(left, 0, "of {} places", places.len());
}
