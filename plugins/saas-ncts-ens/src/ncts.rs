//! NCTS phase 5 and 6: transit declarations with their amendments and invalidations, and what customs says of them. The messages are
//! those of the common domain (`CC015C`), as every customs administration of the convention has them.

pub(crate) mod arrival;
pub(crate) mod declaration;
pub(crate) mod goods;
pub(crate) mod header;
pub(crate) mod parts;
mod places;
pub(crate) mod status;
pub(crate) mod wrapped;
pub(crate) mod write;
pub(crate) mod write_goods;
pub(crate) mod write_parts;
