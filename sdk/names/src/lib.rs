//! Names of companies, persons and ships, compared as people write them: misspelt, with words turned round, without their
//! accents, in another script or another spelling of the same sounds.
//!
//! It is used on both sides of the sandbox. The host finds in a large table what may be meant ([`Index`]); a connector judges
//! how alike two names are ([`likeness`]). Both read a name the same way ([`Name`]), so that nothing that the one would call
//! alike is overlooked by the other for its spelling.
//!
//! ```
//! use portgate_names::{Name, likeness};
//!
//! let listed = Name::read("AL-QADHAFI, Muammar");
//! assert!(likeness(&listed, &Name::read("Moammar Gaddafi")) >= 850);
//! assert!(likeness(&listed, &Name::read("Муаммар Каддафи")) >= 850);
//! assert!(likeness(&listed, &Name::read("Maria Garcia")) < 500);
//! ```
//!
//! Everything is reckoned from the two names alone: the same names give the same figure everywhere and for good.

mod features;
mod index;
mod likeness;
mod lists;
mod name;
mod words;

pub use index::{Found, Index};
pub use likeness::likeness;
pub use lists::{CANDIDATES_MAX, Candidate, Entry, ListError, Lists, Source};
pub use name::{Kind, Name, Word};
