//! Whether a plugin may come after what was admitted before it: its version never goes back, and a version of a signed
//! plugin is one build. What goes back nevertheless is named in the plugin's policy, with who decided it and why.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
pub use semver::Version;

use crate::policy::{Ceiling, PluginPolicy, Rollback};

/// The highest version of a plugin that was ever admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The version.
    pub version: Version,
    /// SHA-256 of the component's content, its signatures left out: what signatures cover, so that a component which is
    /// signed once more is still the same build.
    pub content_sha256: [u8; 32],
    /// When that build was admitted first.
    pub at: Timestamp,
}

impl Admitted {
    /// Whether both are one build of one version.
    pub fn is_build_of(&self, other: &Admitted) -> bool {
        self.version == other.version && self.content_sha256 == other.content_sha256
    }
}

/// Why a component may not come after what was admitted before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Setback {
    /// Its version is lower.
    #[error(
        "version {found} is lower than {highest}, which was admitted on {}; to go back, name it in the plugin's policy: \
         [rollback] with to = \"{found}\", by and reason", day(.at)
    )]
    Lower {
        /// The component's version.
        found: Version,
        /// The highest that was ever admitted.
        highest: Version,
        /// When that was admitted.
        at: Timestamp,
    },
    /// Another build had the version.
    #[error(
        "version {found} was admitted on {} with other content; count the version up, or name it in the plugin's policy: \
         [rollback] with to = \"{found}\", by and reason", day(.at)
    )]
    Rebuilt {
        /// The component's version.
        found: Version,
        /// When the other build was admitted.
        at: Timestamp,
    },
}

fn day(at: &Timestamp) -> Date {
    TimeZone::UTC.to_datetime(*at).date()
}

/// Holds a component's version against the highest that was ever admitted. Gives the override that it needed, if it did.
///
/// # Errors
///
/// [`Setback`], where it goes back and the policy does not name exactly this version.
pub fn check<'a>(
    version: &Version,
    content_sha256: &[u8; 32],
    policy: &'a PluginPolicy,
    ceiling: &Ceiling,
    before: Option<&Admitted>,
) -> Result<Option<&'a Rollback>, Setback> {
    let Some(before) = before else { return Ok(None) };
    // A pinned digest says which build is meant better than any version.
    let any_build = policy.sha256.is_some() || ceiling.rebuilds;
    let setback = match version.cmp_precedence(&before.version) {
        std::cmp::Ordering::Greater => return Ok(None),
        std::cmp::Ordering::Equal if any_build || *content_sha256 == before.content_sha256 => return Ok(None),
        std::cmp::Ordering::Equal => Setback::Rebuilt { found: version.clone(), at: before.at },
        std::cmp::Ordering::Less => {
            Setback::Lower { found: version.clone(), highest: before.version.clone(), at: before.at }
        }
    };
    let named = |rollback: &&Rollback| Version::parse(&rollback.to).is_ok_and(|to| to == *version);
    policy.rollback.as_ref().filter(named).map(Some).ok_or(setback)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: [u8; 32] = [1; 32];
    const OTHER_BUILD: [u8; 32] = [2; 32];

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn admitted(text: &str) -> Admitted {
        Admitted { version: version(text), content_sha256: BUILD, at: "2026-03-01T12:00:00Z".parse().unwrap() }
    }

    fn limits() -> serde_json::Value {
        serde_json::json!({
            "memory_bytes_max": 1, "table_elements_max": 1, "cpu_ms_max": 1, "wall_ms_max": 1, "output_bytes_max": 1,
            "documents_max": 1, "log_lines_max": 1, "log_bytes_max": 1, "lookups_max": 1, "calls_in_flight_max": 1,
        })
    }

    fn signed() -> PluginPolicy {
        serde_json::from_value(serde_json::json!({ "limits": limits(), "signed_by": ["release"] })).unwrap()
    }

    fn overridden(to: &str) -> PluginPolicy {
        let rollback = Rollback { to: to.to_owned(), by: "Ada".to_owned(), reason: "1.3.0 loses seals".to_owned() };
        PluginPolicy { rollback: Some(rollback), ..signed() }
    }

    fn ceiling(rebuilds: bool) -> Ceiling {
        serde_json::from_value(serde_json::json!({ "limits": limits(), "grants": {}, "rebuilds": rebuilds })).unwrap()
    }

    fn says(found: &str, build: [u8; 32], policy: &PluginPolicy) -> Result<bool, Setback> {
        let overridden = check(&version(found), &build, policy, &ceiling(false), Some(&admitted("1.3.0")))?;
        Ok(overridden.is_some())
    }

    #[test]
    fn the_first_a_higher_and_the_same_build_are_taken() {
        assert_eq!(check(&version("0.1.0"), &BUILD, &signed(), &ceiling(false), None), Ok(None));
        for higher in ["1.3.1", "1.10.0", "2.0.0-rc.1"] {
            assert_eq!(says(higher, OTHER_BUILD, &signed()), Ok(false), "{higher}");
        }
        assert_eq!(says("1.3.0", BUILD, &signed()), Ok(false));
    }

    #[test]
    fn a_lower_version_is_refused_and_both_are_named() {
        for lower in ["1.2.9", "1.3.0-rc.9", "0.9.0"] {
            let setback = says(lower, BUILD, &signed()).unwrap_err().to_string();
            assert!(
                setback.contains(lower) && setback.contains("1.3.0, which was admitted on 2026-03-01"),
                "{setback}"
            );
        }
    }

    #[test]
    fn a_lower_version_is_refused_even_where_it_is_pinned() {
        let pinned = PluginPolicy { sha256: Some("0".repeat(64)), ..signed() };
        assert!(matches!(says("1.2.0", BUILD, &pinned), Err(Setback::Lower { .. })));
    }

    #[test]
    fn a_signed_version_is_one_build_unless_it_is_pinned_or_the_ceiling_allows_rebuilds() {
        assert!(matches!(says("1.3.0", OTHER_BUILD, &signed()), Err(Setback::Rebuilt { .. })));
        assert!(matches!(says("1.3.0+again", OTHER_BUILD, &signed()), Err(Setback::Rebuilt { .. })));
        let pinned = PluginPolicy { sha256: Some("0".repeat(64)), ..signed() };
        assert_eq!(says("1.3.0", OTHER_BUILD, &pinned), Ok(false));
        let (found, before) = (version("1.3.0"), admitted("1.3.0"));
        assert_eq!(check(&found, &OTHER_BUILD, &signed(), &ceiling(true), Some(&before)), Ok(None));
        let policy = signed();
        let lower = check(&version("1.2.0"), &BUILD, &policy, &ceiling(true), Some(&before));
        assert!(lower.is_err(), "rebuilding is not going back");
    }

    #[test]
    fn an_override_holds_for_exactly_the_version_that_it_names() {
        assert_eq!(says("1.2.0", OTHER_BUILD, &overridden("1.2.0")), Ok(true));
        assert_eq!(says("1.3.0", OTHER_BUILD, &overridden("1.3.0")), Ok(true));
        for found in ["1.1.0", "1.2.1", "1.2.0-rc.1", "1.2.0+other"] {
            assert!(says(found, BUILD, &overridden("1.2.0")).is_err(), "{found}");
        }
        assert_eq!(says("1.4.0", BUILD, &overridden("1.2.0")), Ok(false), "it is not needed");
    }
}
