//! A bill of materials in CycloneDX 1.6 (ECMA-424), from what `Cargo.lock` says.
//!
//! A lock file does not tell apart what a program needs to run, to be built and to be tested, nor on which platform; the
//! list therefore holds a little more than what is in the program, and says so. Nothing that is in it is left out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// The custom section of a component that carries its own bill, as its author's tools wrote it.
pub const SECTION: &str = "portgate:bom@1";

/// The largest bill that is taken from a component, in bytes.
pub const BYTES_MAX: usize = 1 << 20;

/// The packages of a lock file.
pub struct Lock(Vec<Package>);

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    package: Vec<Package>,
}

impl Package {
    /// Where anybody finds it, for packages of the registry (Package URL).
    fn purl(&self) -> Option<String> {
        self.source.as_ref().map(|_| format!("pkg:cargo/{}@{}", self.name, self.version))
    }

    fn reference(&self) -> String {
        self.purl().unwrap_or_else(|| format!("{}@{}", self.name, self.version))
    }

    fn component(&self, kind: &str) -> Value {
        let mut component = json!({
            "type": kind, "bom-ref": self.reference(), "name": self.name, "version": self.version,
        });
        if let Some(purl) = self.purl() {
            component["purl"] = purl.into();
        }
        if let Some(checksum) = &self.checksum {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        component
    }
}

impl Lock {
    /// Reads the text of a `Cargo.lock`.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Lock, String> {
        toml::from_str::<File>(text).map(|file| Lock(file.package)).map_err(|error| error.to_string())
    }

    /// The version of a package; of several, that of the first.
    pub fn version_of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|package| package.name == name).map(|package| package.version.as_str())
    }

    /// The bill of materials of one package: itself, and all that it depends on. Without a time it is the same for the
    /// same lock file.
    ///
    /// # Errors
    /// The package, or something that it depends on, is not in the lock file.
    pub fn bill_of(&self, program: &str, at: Option<Timestamp>) -> Result<Value, String> {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, package) in self.0.iter().enumerate() {
            by_name.entry(&package.name).or_default().push(index);
        }
        let root = *by_name.get(program).and_then(|found| found.first()).ok_or(format!("there is no `{program}`"))?;
        let (mut needed, mut to_visit) = (BTreeMap::new(), vec![root]);
        while let Some(index) = to_visit.pop() {
            if needed.contains_key(&index) {
                continue;
            }
            let links = self.0[index].dependencies.iter().map(|dependency| self.find(&by_name, dependency));
            let links: BTreeSet<usize> = links.collect::<Result<_, _>>()?;
            to_visit.extend(&links);
            needed.insert(index, links);
        }
        let dependencies = needed.iter().map(|(index, links)| {
            let links: Vec<String> = links.iter().map(|link| self.0[*link].reference()).collect();
            json!({ "ref": self.0[*index].reference(), "dependsOn": links })
        });
        let components = needed.keys().filter(|index| **index != root).map(|index| self.0[*index].component("library"));
        let mut bill = json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "component": self.0[root].component("application"),
                "properties": [{
                    "name": "portgate:scope",
                    "value": "from Cargo.lock: what other platforms, the build and tests need is listed as well",
                }],
            },
            "components": components.collect::<Vec<_>>(),
            "dependencies": dependencies.collect::<Vec<_>>(),
        });
        if let Some(at) = at {
            bill["metadata"]["timestamp"] = at.to_string().into();
        }
        Ok(bill)
    }

    /// The package that a dependency (`name`, `name version` or `name version (source)`) means.
    fn find(&self, by_name: &BTreeMap<&str, Vec<usize>>, dependency: &str) -> Result<usize, String> {
        let mut words = dependency.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next());
        let source = words.next().map(|source| source.trim_matches(['(', ')']));
        let fits = |index: &&usize| {
            let package = &self.0[**index];
            version.is_none_or(|version| package.version == version)
                && source.is_none_or(|source| package.source.as_deref().is_some_and(|own| own.starts_with(source)))
        };
        let found = by_name.get(name).and_then(|found| found.iter().find(fits));
        found.copied().ok_or_else(|| format!("`{dependency}` is not in the lock file"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["engine", "hash 0.2.0", "own"]
[[package]]
name = "engine"
version = "48.0.8"
source = "registry+https://registry.example"
checksum = "aa"
dependencies = ["hash 0.1.0"]
[[package]]
name = "hash"
version = "0.1.0"
source = "registry+https://registry.example"
checksum = "bb"
[[package]]
name = "hash"
version = "0.2.0"
source = "registry+https://registry.example"
checksum = "cc"
[[package]]
name = "own"
version = "0.1.0"
dependencies = ["app"]
[[package]]
name = "unrelated"
version = "9.9.9"
source = "registry+https://registry.example"
"#;

    #[test]
    fn a_bill_names_everything_that_is_depended_on_with_its_digest() {
        let lock = Lock::parse(LOCK).expect("a lock file");
        let bill = lock.bill_of("app", Some(Timestamp::UNIX_EPOCH)).expect("a bill");
        assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
        assert_eq!(bill["metadata"]["component"]["name"], "app");
        let names: Vec<String> = bill["components"]
            .as_array()
            .expect("components")
            .iter()
            .map(|one| format!("{} {} {}", one["bom-ref"], one["purl"], one["hashes"][0]["content"]))
            .collect();
        assert_eq!(
            names,
            [
                r#""pkg:cargo/engine@48.0.8" "pkg:cargo/engine@48.0.8" "aa""#,
                r#""pkg:cargo/hash@0.1.0" "pkg:cargo/hash@0.1.0" "bb""#,
                r#""pkg:cargo/hash@0.2.0" "pkg:cargo/hash@0.2.0" "cc""#,
                r#""own@0.1.0" null null"#,
            ]
        );
        let of_engine = bill["dependencies"]
            .as_array()
            .expect("links")
            .iter()
            .find(|link| link["ref"] == "pkg:cargo/engine@48.0.8");
        assert_eq!(of_engine.map(|link| &link["dependsOn"]), Some(&json!(["pkg:cargo/hash@0.1.0"])));
        assert_eq!(lock.version_of("engine"), Some("48.0.8"));
    }

    #[test]
    fn what_is_not_in_the_lock_file_is_said() {
        let lock = Lock::parse(LOCK).expect("a lock file");
        assert_eq!(lock.bill_of("apple", None), Err("there is no `apple`".to_owned()));
        let broken = Lock::parse(&LOCK.replace("name = \"engine\"", "name = \"engines\"")).expect("a lock file");
        assert_eq!(broken.bill_of("app", None), Err("`engine` is not in the lock file".to_owned()));
        assert!(Lock::parse("not a lock file").is_err());
    }
}
