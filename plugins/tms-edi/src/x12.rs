//! X12: what sets have in common, and each of them.

pub(crate) mod equipment;
pub(crate) mod goods;
pub(crate) mod invoice;
pub(crate) mod measures;
pub(crate) mod parties;
pub(crate) mod parties_out;
pub(crate) mod pen;
pub(crate) mod references;
pub(crate) mod response;
pub(crate) mod response_out;
pub(crate) mod status_codes;
pub(crate) mod status_in;
pub(crate) mod status_out;
pub(crate) mod stops;
pub(crate) mod stops_out;
pub(crate) mod tender;
pub(crate) mod tender_out;
pub(crate) mod time;
