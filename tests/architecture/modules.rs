//! Which modules of a crate import which, by its source.
//!
//! Every path is an import, wherever it stands: in a `use`, a type, an expression or a macro's arguments. A name that is
//! re-exported where the path leads is followed to where it comes from.
//! What is compiled for tests alone does not count, since tests may reach for whatever they test with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// The segments of a path inside the crate; empty for its root.
type Names = Vec<String>;

/// The modules of a crate and what each imports.
#[derive(Default)]
pub(crate) struct Modules {
    /// By the module's path.
    modules: BTreeMap<Names, Module>,
}

#[derive(Default)]
struct Module {
    file: String,
    /// What its paths say, from the root of the crate.
    imports: BTreeSet<Names>,
    /// Names that `use` brings in, with what they stand for.
    names: BTreeMap<String, Named>,
    /// Modules whose names are all brought in.
    globs: Vec<Names>,
}

/// What a name stands for.
struct Named {
    target: Names,
    is_reexport: bool,
}

/// A node of a level's graph: a module by its name, or the module that holds them all.
type Edges = BTreeMap<String, BTreeMap<String, String>>;

/// What stands for the crate's root among its modules.
const ROOT: &str = "the crate's root";

impl Modules {
    /// Reads a crate from its `src` folder.
    pub(crate) fn read(source: &Path) -> Modules {
        let files = portgate_tests::samples::files(source).into_iter().filter_map(|file| {
            let name = file.strip_prefix(source).ok()?.to_str()?.to_owned();
            name.ends_with(".rs").then(|| (name, std::fs::read_to_string(&file).expect("a source file")))
        });
        Self::of(&files.collect())
    }

    /// Reads a crate from its files, by their paths below `src`.
    pub(crate) fn of(files: &BTreeMap<String, String>) -> Modules {
        let root =
            ["lib.rs", "main.rs"].into_iter().find(|root| files.contains_key(*root)).expect("a crate has a root");
        let mut modules = Modules::default();
        modules.file(files, root, Names::new());
        modules
    }

    fn file(&mut self, files: &BTreeMap<String, String>, file: &str, module: Names) {
        let text = &files[file];
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file} is no Rust: {error}"));
        let reading = Reading { files, file };
        reading.module(self, tokens, module);
    }

    /// How many modules stand directly below this one.
    pub(crate) fn below(&self, parent: &[String]) -> BTreeSet<&str> {
        let below = self.modules.keys().filter(|module| module.len() == parent.len() + 1 && module.starts_with(parent));
        below.filter_map(|module| module.last().map(String::as_str)).collect()
    }

    /// Every module that has modules below it.
    pub(crate) fn parents(&self) -> BTreeSet<&[String]> {
        self.modules.keys().filter(|module| !module.is_empty()).map(|module| &module[..module.len() - 1]).collect()
    }

    /// A cycle among the modules directly below this one, told step by step with the file and the import of each.
    pub(crate) fn cycle(&self, parent: &[String]) -> Option<String> {
        let edges = self.edges(parent);
        let mut done = BTreeSet::new();
        edges.keys().find_map(|start| {
            let mut way = Vec::new();
            cycle_from(start, &edges, &mut way, &mut done)
        })
    }

    fn edges(&self, parent: &[String]) -> Edges {
        let mut edges = Edges::new();
        for (path, module) in self.modules.iter().filter(|(path, _)| path.starts_with(parent)) {
            let from = path.get(parent.len()).map_or(ROOT, String::as_str);
            // Among modules inside of others their parent has no part: it holds what they share.
            if from == ROOT && !parent.is_empty() {
                continue;
            }
            let own = module.imports.iter().filter(|import| from != ROOT || !module.reexports(import));
            let through_globs = module.globs.iter().filter_map(|glob| self.modules.get(glob));
            let through_globs = through_globs.flat_map(|from| from.names.values().map(|named| &named.target));
            for import in own.chain(through_globs) {
                let Some(target) = self.resolved(import, 0) else { continue };
                let to = match target.strip_prefix(parent) {
                    Some([to, ..]) => to.as_str(),
                    Some([]) if parent.is_empty() => ROOT,
                    Some([]) | None => continue,
                };
                if to != from {
                    let import = format!("{} imports crate::{}", module.file, import.join("::"));
                    edges.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert(import);
                }
            }
        }
        edges
    }

    /// The module that defines what a path names; nothing where it is another crate's.
    fn resolved(&self, path: &[String], depth: usize) -> Option<Names> {
        assert!(depth < 32, "crate::{} leads nowhere", path.join("::"));
        let known = (0..=path.len()).rev().map(|end| &path[..end]).find(|path| self.modules.contains_key(*path))?;
        let Some(name) = path.get(known.len()) else { return Some(known.to_vec()) };
        let module = &self.modules[known];
        if let Some(named) = module.names.get(name) {
            let leads_on = match named.target.strip_prefix(known) {
                Some([first, ..]) => {
                    self.modules.contains_key(&below(known, first))
                        || (first != name && module.names.contains_key(first))
                }
                _ => true,
            };
            if !leads_on {
                // What the module has brought in from another crate, or from one of its own types.
                return Some(known.to_vec());
            }
            return self.resolved(&[named.target.as_slice(), &path[known.len() + 1..]].concat(), depth + 1);
        }
        let mut globs = module.globs.iter().filter(|glob| self.modules.contains_key(*glob));
        let found = globs.find(|glob| self.modules[*glob].names.get(name).is_some_and(|named| named.is_reexport));
        found.map_or(Some(known.to_vec()), |glob| {
            self.resolved(&[glob.as_slice(), &path[known.len()..]].concat(), depth + 1)
        })
    }
}

impl Module {
    /// Whether the module only hands this on.
    fn reexports(&self, import: &Names) -> bool {
        self.names.values().any(|named| named.is_reexport && named.target == *import)
    }
}

/// Follows imports from a node until one leads back to where the way has been.
fn cycle_from(node: &str, edges: &Edges, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<String> {
    if let Some(begins) = way.iter().position(|before| before == node) {
        let around = way[begins..].iter().zip(way[begins..].iter().skip(1).chain([&way[begins]]));
        let steps = around.map(|(from, to)| format!("{from} → {to} ({})", edges[from][to]));
        return Some(steps.collect::<Vec<_>>().join("; "));
    }
    if done.contains(node) {
        return None;
    }
    way.push(node.to_owned());
    let found = edges.get(node).and_then(|to| to.keys().find_map(|to| cycle_from(to, edges, way, done)));
    way.pop();
    done.insert(node.to_owned());
    found
}

/// Reads the modules of one file.
struct Reading<'a> {
    files: &'a BTreeMap<String, String>,
    file: &'a str,
}

impl Reading<'_> {
    fn module(&self, modules: &mut Modules, tokens: TokenStream, path: Names) {
        modules.modules.entry(path.clone()).or_default().file = self.file.to_owned();
        self.tokens(modules, tokens, &path);
    }

    fn tokens(&self, modules: &mut Modules, tokens: TokenStream, path: &Names) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += match rest {
                [hash, TokenTree::Group(attribute), ..] if is(hash, '#') && is_for_tests(attribute) => {
                    2 + attributed(&rest[2..])
                }
                [word, TokenTree::Ident(name), TokenTree::Group(body), ..] if is_word(word, "mod") => {
                    self.module(modules, body.stream(), below(path, &name.to_string()));
                    3
                }
                [word, TokenTree::Ident(name), end, ..] if is_word(word, "mod") && is(end, ';') => {
                    self.declared(modules, below(path, &name.to_string()));
                    3
                }
                [word, next, ..] if is_word(word, "use") && !is(next, '<') => {
                    let length = rest.iter().position(|token| is(token, ';')).unwrap_or(rest.len());
                    let is_reexport = at > 0 && is_visibility(&tokens[..at]);
                    let module = modules.modules.entry(path.clone()).or_default();
                    Import { module, within: path, is_reexport }.tree(&Names::new(), &rest[1..length], true);
                    length
                }
                [TokenTree::Ident(_), after @ ..] if is_separator(after) && !is_inside_path(&tokens[..at]) => {
                    let length = path_length(rest);
                    let module = modules.modules.entry(path.clone()).or_default();
                    Import { module, within: path, is_reexport: false }.path(&rest[..length]);
                    length
                }
                [TokenTree::Group(group), ..] => {
                    self.tokens(modules, group.stream(), path);
                    1
                }
                _ => 1,
            };
        }
    }

    /// A module that has a file of its own.
    fn declared(&self, modules: &mut Modules, path: Names) {
        let stem = path.join("/");
        let file =
            [format!("{stem}.rs"), format!("{stem}/mod.rs")].into_iter().find(|file| self.files.contains_key(file));
        let file =
            file.unwrap_or_else(|| panic!("{} declares crate::{}, which has no file", self.file, path.join("::")));
        modules.file(self.files, &file, path);
    }
}

/// Where an import is kept, and how it is made.
struct Import<'a> {
    module: &'a mut Module,
    within: &'a Names,
    is_reexport: bool,
}

impl Import<'_> {
    /// One branch of a `use`: what follows `prefix`.
    fn tree(&mut self, prefix: &Names, tokens: &[TokenTree], is_first: bool) {
        let (mut path, mut first, mut renamed) = (prefix.clone(), is_first, None);
        let mut last = None;
        let mut tokens = tokens.iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) if word == "as" => renamed = tokens.next().map(ToString::to_string),
                TokenTree::Ident(word) => {
                    last = Some(word.to_string());
                    self.step(&mut path, &word.to_string(), first);
                    first = false;
                }
                TokenTree::Group(group) => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    for branch in inside.split(|token| is(token, ',')).filter(|branch| !branch.is_empty()) {
                        self.tree(&path, branch, first);
                    }
                    return;
                }
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    self.module.imports.insert(path.clone());
                    self.module.globs.push(path);
                    return;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        let Some(last) = last.filter(|last| last != "self").or_else(|| path.last().cloned()) else { return };
        self.module.imports.insert(path.clone());
        let named = Named { target: path, is_reexport: self.is_reexport };
        self.module.names.insert(renamed.unwrap_or(last), named);
    }

    /// A path outside of a `use`.
    fn path(&mut self, tokens: &[TokenTree]) {
        let mut path = Names::new();
        let words = tokens.iter().filter_map(|token| match token {
            TokenTree::Ident(word) => Some(word.to_string()),
            _ => None,
        });
        for (index, word) in words.enumerate() {
            self.step(&mut path, &word, index == 0);
        }
        self.module.imports.insert(path);
    }

    /// Goes on by one word. The first says where a path begins: at the root, here, or one module up; any other first word
    /// of a `use` is a module below this one, or another crate, which then is no module of this one.
    fn step(&self, path: &mut Names, word: &str, is_first: bool) {
        match word {
            "crate" => path.clear(),
            "self" if is_first => path.clone_from(self.within),
            "self" => {}
            "super" => {
                if is_first {
                    path.clone_from(self.within);
                }
                path.pop();
            }
            word if is_first => *path = below(self.within, word),
            word => path.push(word.to_owned()),
        }
    }
}

fn below(path: &[String], name: &str) -> Names {
    [path, &[name.to_owned()]].concat()
}

fn is(token: &TokenTree, punctuation: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punctuation)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(found) if found == word)
}

/// Whether `::` stands here.
fn is_separator(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(first), second, ..]
        if first.as_char() == ':' && first.spacing() == Spacing::Joint && is(second, ':'))
}

/// Whether what comes after these goes on with a path.
fn is_inside_path(before: &[TokenTree]) -> bool {
    before.len() >= 2 && is_separator(&before[before.len() - 2..])
}

/// How many tokens a path has that begins here.
fn path_length(tokens: &[TokenTree]) -> usize {
    let mut length = 1;
    while is_separator(&tokens[length..]) && matches!(tokens.get(length + 2), Some(TokenTree::Ident(_))) {
        length += 3;
    }
    length
}

/// Whether what ends here is `pub` or `pub(…)`.
fn is_visibility(before: &[TokenTree]) -> bool {
    match before {
        [.., word] if is_word(word, "pub") => true,
        [.., word, TokenTree::Group(group)] if is_word(word, "pub") => group.delimiter() == Delimiter::Parenthesis,
        _ => false,
    }
}

/// Whether an attribute has its item compiled for tests alone.
fn is_for_tests(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "test" || (text.starts_with("cfg(") && text.contains("test") && !text.contains("not("))
}

/// How long the item is that an attribute stands before, further attributes included.
fn attributed(tokens: &[TokenTree]) -> usize {
    let mut at = 0;
    while let [hash, TokenTree::Group(_), ..] = &tokens[at..]
        && is(hash, '#')
    {
        at += 2;
    }
    let words = tokens[at..].iter().map_while(|token| match token {
        TokenTree::Ident(word) => Some(Some(word.to_string())),
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(None),
        _ => None,
    });
    let words: Vec<String> = words.flatten().collect();
    let has = |word: &str| words.iter().any(|found| found == word);
    let ends_at_brace = has("fn") || ["mod", "impl", "trait", "struct", "enum", "union"].into_iter().any(has);
    let ends_at_semicolon = !ends_at_brace && ["use", "const", "static", "type", "let"].into_iter().any(has);
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => ends_at_brace && group.delimiter() == Delimiter::Brace,
        // A field, a variant or an arm ends at a comma.
        _ => is(token, ';') || (!ends_at_brace && !ends_at_semicolon && is(token, ',')),
    };
    tokens[at..].iter().position(is_end).map_or(tokens.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle(files: &[(&str, &str)]) -> Option<String> {
        let files = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        Modules::of(&files).cycle(&[])
    }

    /// Two modules, of which `b` imports `a`, and `a` has this text.
    fn beside_b(a: &str) -> Option<String> {
        cycle(&[
            ("lib.rs", "mod a;\nmod b;\npub use b::Item as Shown;"),
            ("a.rs", a),
            ("b.rs", "use crate::a::X; pub struct Item;"),
        ])
    }

    #[test]
    fn a_cycle_is_told_with_the_import_of_each_step() {
        let told = beside_b("use crate::b::Item;\npub struct X;").expect("a cycle");
        assert_eq!(told, "a → b (a.rs imports crate::b::Item); b → a (b.rs imports crate::a::X)");
    }

    #[test]
    fn one_way_is_no_cycle() {
        assert_eq!(beside_b("use std::fmt;\nuse b::outside;\npub struct X;"), None);
        assert_eq!(
            cycle(&[
                ("main.rs", "mod a; mod b; mod c;"),
                ("a.rs", "use crate::{b, c};"),
                ("b.rs", "use crate::c;"),
                ("c.rs", "")
            ]),
            None
        );
    }

    #[test]
    fn every_form_of_an_import_is_one() {
        for a in [
            "use crate::b;",
            "use crate::b as other;",
            "use crate::b::*;",
            "use crate::{b::{self, Item}};",
            "use super::b::Item;",
            "use super::{b};",
            "pub(crate) use crate::b::Item;",
            "fn f() -> crate::b::Item { todo!() }",
            "fn f() { let _ = crate::b::Item; }",
            "fn f() { println!(\"{}\", crate::b::Item); }",
            "impl From<crate::b::Item> for u8 {}",
            "mod inner { use super::super::b::Item; }",
            "mod inner { fn f() { crate::b::f() } }",
            "use crate::Shown;",
            "use super::Shown as Seen;",
            "#[cfg(not(test))]\nuse crate::b::Item;",
            "#[cfg(test)]\nuse std::fmt;\nuse crate::b::Item;",
            "struct S { #[cfg(test)] x: u8, y: crate::b::Item }",
        ] {
            assert!(beside_b(a).is_some(), "{a}");
        }
    }

    #[test]
    fn what_is_written_about_is_not_imported_and_tests_import_what_they_like() {
        for a in [
            "//! See [`crate::b`].\n/* crate::b::Item */",
            "/// Like [`Item`](crate::b::Item).\npub struct X;",
            "const TEXT: &str = \"crate::b::Item\";",
            "#[cfg(test)]\nmod tests { use crate::b::Item; }",
            "#[cfg(test)]\nuse crate::b::Item;",
            "#[cfg(any(test, feature = \"testing\"))]\npub mod testing { use crate::b::Item; }",
            "#[test]\nfn f() { crate::b::f() }",
        ] {
            assert_eq!(beside_b(a), None, "{a}");
        }
    }

    #[test]
    fn a_long_way_round_is_a_cycle_and_files_below_count_for_their_module() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "mod deep;"),
            ("a/deep.rs", "mod deeper;"),
            ("a/deep/deeper.rs", "use crate::b::X;"),
            ("b.rs", "pub mod inner; pub struct X;"),
            ("b/inner.rs", "use crate::c;"),
            ("c.rs", "use crate::a;"),
        ];
        let told = cycle(&files).expect("a cycle");
        assert!(told.contains("a/deep/deeper.rs") && told.contains("b/inner.rs") && told.contains("c.rs"), "{told}");
    }

    #[test]
    fn what_the_root_defines_is_no_way_around_the_rule() {
        let root = "mod a; mod b;\nuse a::X;\npub struct Own(X);";
        let told = cycle(&[
            ("lib.rs", root),
            ("a.rs", "use crate::b::Y; pub struct X;"),
            ("b.rs", "use crate::Own; pub struct Y;"),
        ]);
        assert!(told.is_some_and(|told| told.contains(ROOT)));
        let root = "mod a; mod b;\npub use a::X;\npub struct Own;";
        assert_eq!(
            cycle(&[
                ("lib.rs", root),
                ("a.rs", "use crate::b::Y; pub struct X;"),
                ("b.rs", "use crate::Own; pub struct Y;")
            ]),
            None
        );
    }

    #[test]
    fn modules_inside_of_others_can_be_held_to_it_as_well() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a.rs", "mod one; mod two; pub use two::Y; pub struct Shared;"),
            ("a/one.rs", "use super::{Shared, Y}; pub struct X;"),
            ("a/two.rs", "use super::one::X; pub struct Y;"),
        ];
        let files = files.into_iter().map(|(file, text)| (file.to_owned(), text.to_owned())).collect();
        let modules = Modules::of(&files);
        assert_eq!(modules.cycle(&[]), None);
        let told = modules.cycle(&["a".to_owned()]).expect("a cycle");
        assert_eq!(told, "one → two (a/one.rs imports crate::a::Y); two → one (a/two.rs imports crate::a::one::X)");
    }
}
