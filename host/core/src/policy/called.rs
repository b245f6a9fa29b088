//! Whether somebody is called where a filing does not go on by itself.

use super::files::Policies;
use crate::exception::{Cause, Wanted};
use crate::finding::Severity;

impl Policies {
    /// A sentence for each filing that calls nobody where it does not go on, though it is nobody's mistake to want it so.
    pub fn uncalled(&self) -> Vec<String> {
        let wanted = |cause: Cause, severity| Wanted {
            cause,
            team: None,
            severity,
            detail: String::new(),
            remedy: String::new(),
            findings: Vec::new(),
        };
        let is_routed = |wanted: Wanted| self.exceptions.as_ref().is_some_and(|known| known.route(&wanted).is_some());
        if is_routed(wanted(Cause::filing("*"), Severity::Blocking)) {
            return Vec::new();
        }
        let of = |filing: &super::FilingPolicy| {
            let rules =
                filing.blocks.rules.iter().filter(|rule| {
                    !self.packs().any(|pack| is_routed(wanted(Cause::rule(pack, rule), Severity::Info)))
                });
            let rules: Vec<String> = rules.map(|rule| format!("`{rule}`")).collect();
            let also = match rules.is_empty() {
                true => String::new(),
                false => format!(", nor for all that {} find, which block it", rules.join(", ")),
            };
            format!(
                "Nobody is called where the filing `{}` waits, is refused or does not arrive: `exceptions.toml` has no route with \
                 `causes = [\"filing\"]`{also}.",
                filing.name
            )
        };
        self.filings.filings.iter().map(of).collect()
    }

    fn packs(&self) -> impl Iterator<Item = &str> {
        self.shipments.iter().flat_map(|shipments| &shipments.packs).map(|pack| pack.plugin.as_str())
    }
}
