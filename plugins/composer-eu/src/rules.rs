//! The rules under which it is said that something is missing, or does not fit. `README.md` has a table of them.

pub(crate) const CONTEXT: &str = "C-EU-CONTEXT";
pub(crate) const SETTING: &str = "C-EU-SETTING";
pub(crate) const LRN: &str = "C-EU-LRN";
pub(crate) const PARTY: &str = "C-EU-PARTY";
pub(crate) const CARRIER: &str = "C-EU-CARRIER";
pub(crate) const MODE: &str = "C-EU-MODE";
pub(crate) const MEANS: &str = "C-EU-MEANS";
pub(crate) const CONVEYANCE: &str = "C-EU-CONVEYANCE";
pub(crate) const PLACE: &str = "C-EU-PLACE";
pub(crate) const COUNTRY: &str = "C-EU-COUNTRY";
pub(crate) const ROUTE: &str = "C-EU-ROUTE";
pub(crate) const ARRIVAL: &str = "C-EU-ARRIVAL";
pub(crate) const OFFICE: &str = "C-EU-OFFICE";
pub(crate) const GOODS: &str = "C-EU-GOODS";
pub(crate) const DESCRIPTION: &str = "C-EU-DESCRIPTION";
pub(crate) const CODE: &str = "C-EU-CODE";
pub(crate) const WEIGHT: &str = "C-EU-WEIGHT";
pub(crate) const PACKAGES: &str = "C-EU-PACKAGES";
pub(crate) const MARKS: &str = "C-EU-MARKS";
pub(crate) const CONTAINER: &str = "C-EU-CONTAINER";
pub(crate) const DOCUMENT: &str = "C-EU-DOCUMENT";
pub(crate) const GUARANTEE: &str = "C-EU-GUARANTEE";
pub(crate) const LIMIT: &str = "C-EU-LIMIT";
