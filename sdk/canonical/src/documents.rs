//! The kinds, a file each.

pub(crate) mod acknowledgement;
pub(crate) mod business_partner;
pub(crate) mod classification;
pub(crate) mod customs_declaration;
pub(crate) mod customs_movement;
pub(crate) mod customs_status;
pub(crate) mod document_ref;
pub(crate) mod document_request;
pub(crate) mod document_upload;
pub(crate) mod fulfilment;
pub(crate) mod invoice;
pub(crate) mod invoice_response;
pub(crate) mod item;
pub(crate) mod landed_cost_event;
pub(crate) mod load_tender;
pub(crate) mod load_tender_response;
pub(crate) mod milestone;
pub(crate) mod movement;
pub(crate) mod order;
pub(crate) mod packing;
pub(crate) mod screening_result;
pub(crate) mod shipment;
pub(crate) mod shipment_context;
pub(crate) mod transport_document;
pub(crate) mod warehouse_advice;
pub(crate) mod warehouse_order;
