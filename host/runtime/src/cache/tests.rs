use std::cell::Cell;
use std::os::unix::fs::MetadataExt;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use tempfile::TempDir;

use super::*;

/// A cache of its own, with an engine, and a count of how often it had to compile.
struct Bench {
    folder: TempDir,
    engine: Engine,
    compiled: Cell<u32>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Bench { folder, engine: Engine::default(), compiled: Cell::new(0) }
    }

    /// Asks a cache that has just been opened for the smallest component there is, under this digest.
    fn ask(&self, digest: &str) -> Result<Component, Refusal> {
        let cache = Cache::open(self.folder.path()).expect("a cache");
        cache.artefact(&self.engine, digest, |_| {
            self.compiled.set(self.compiled.get() + 1);
            let component = wat::parse_str("(component)").expect("component text");
            Ok(self.engine.precompile_component(&component).expect("it compiles"))
        })
    }

    /// The one file of the cache that belongs to this digest and ends so.
    fn file(&self, digest: &str, extension: &str) -> PathBuf {
        let mut files =
            fs::read_dir(self.folder.path()).expect("the folder").map(|entry| entry.expect("an entry").path());
        let wanted = |path: &PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            name.starts_with(digest) && name.ends_with(extension)
        };
        files.find(wanted).unwrap_or_else(|| panic!("no {extension} of {digest}"))
    }
}

#[test]
fn a_component_is_compiled_once() {
    let bench = Bench::new();
    for _ in 0..3 {
        bench.ask("aa").expect("an artefact");
    }
    assert_eq!(bench.compiled.get(), 1);
    bench.ask("bb").expect("an artefact");
    assert_eq!(bench.compiled.get(), 2);
}

#[test]
fn what_several_ask_for_at_once_is_compiled_once() {
    let (folder, engine) = (tempfile::tempdir().expect("a temporary folder"), Engine::default());
    let (compiled, together) = (AtomicU32::new(0), Barrier::new(4));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let cache = Cache::open(folder.path()).expect("a cache");
                together.wait();
                let artefact = cache.artefact(&engine, "aa", |_| {
                    compiled.fetch_add(1, Ordering::Relaxed);
                    let component = wat::parse_str("(component)").expect("component text");
                    Ok(engine.precompile_component(&component).expect("it compiles"))
                });
                artefact.expect("an artefact");
            });
        }
    });
    assert_eq!(compiled.into_inner(), 1);
}

#[test]
fn an_artefact_that_was_changed_is_never_loaded() {
    let bench = Bench::new();
    bench.ask("aa").expect("an artefact");
    let path = bench.file("aa", ".cwasm");
    let mut content = fs::read(&path).expect("the artefact");
    let last = content.len() - 1;
    content[last] ^= 1;
    fs::write(&path, &content).expect("a changed artefact");
    bench.ask("aa").expect("an artefact made anew");
    assert_eq!(bench.compiled.get(), 2);
    assert_ne!(fs::read(bench.file("aa", ".cwasm")).expect("the new artefact"), content);
    bench.ask("aa").expect("the new artefact");
    assert_eq!(bench.compiled.get(), 2);
}

#[test]
fn an_artefact_that_was_cut_off_is_made_anew() {
    let bench = Bench::new();
    bench.ask("aa").expect("an artefact");
    for extension in [".cwasm", ".tag"] {
        fs::write(bench.file("aa", extension), b"").expect("an empty file");
        bench.ask("aa").expect("an artefact made anew");
    }
    assert_eq!(bench.compiled.get(), 3);
}

#[test]
fn one_components_artefact_does_not_pass_as_anothers() {
    let bench = Bench::new();
    bench.ask("aa").expect("an artefact");
    bench.ask("bb").expect("an artefact");
    for extension in [".cwasm", ".tag"] {
        fs::copy(bench.file("aa", extension), bench.file("bb", extension)).expect("a swapped file");
    }
    bench.ask("bb").expect("an artefact made anew");
    assert_eq!(bench.compiled.get(), 3);
}

#[test]
fn an_artefact_of_another_cache_is_never_loaded() {
    let (own, foreign) = (Bench::new(), Bench::new());
    own.ask("aa").expect("an artefact");
    foreign.ask("aa").expect("an artefact");
    for extension in [".cwasm", ".tag"] {
        fs::copy(foreign.file("aa", extension), own.file("aa", extension)).expect("a file of another cache");
    }
    own.ask("aa").expect("an artefact made anew");
    assert_eq!(own.compiled.get(), 2);
}

#[test]
fn everything_in_the_folder_is_for_its_owner_alone() {
    let bench = Bench::new();
    fs::set_permissions(bench.folder.path(), Permissions::from_mode(0o755)).expect("a folder that is too open");
    bench.ask("aa").expect("an artefact");
    let mode = |path: &Path| fs::metadata(path).expect("a file").mode() & 0o777;
    assert_eq!(mode(bench.folder.path()), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(bench.folder.path()).expect("the folder") {
        assert_eq!(mode(&entry.expect("an entry").path()), 0o600);
        files += 1;
    }
    assert_eq!(files, 3, "a key, an artefact and its tag, and nothing that was only passing");
}

#[test]
fn a_damaged_key_is_an_error_that_says_what_to_do() {
    let bench = Bench::new();
    bench.ask("aa").expect("an artefact");
    fs::write(bench.folder.path().join(KEY), b"short").expect("a damaged key");
    let error = Cache::open(bench.folder.path()).err().expect("an error");
    assert!(error.to_string().contains("remove the folder"), "{error}");
}
