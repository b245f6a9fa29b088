//! The canonical business documents of Portgate, version 1.
//!
//! What partners say in a hundred formats is said in a few kinds of documents here, one struct and one JSON Schema
//! (2020-12, `wit/canonical/v1`) each. Connectors build the structs; the host checks the JSON that comes out of the
//! sandbox against the schemas. Both say the same: what a struct accepts its schema accepts, and the other way round,
//! list lengths excepted, which only the schemas bound, and whole numbers written `1.0`, which only they take.
//!
//! Conventions: field names in camel case; money, weights and quantities are exact decimals written as strings, never
//! floats; countries are ISO 3166-1 alpha-2, currencies ISO 4217, units UNECE Recommendation 20, places UN/LOCODE, times
//! RFC 3339; a partner's own code stands beside the one it was mapped to. Unknown fields are refused: version 1 will
//! never grow one.

mod code;
mod container;
mod decimal;
#[macro_use]
mod document;
mod documents;
mod goods;
mod note;
mod party;
mod place;
mod text;
mod time;
mod value;

#[cfg(feature = "schema")]
mod schemas;

pub use code::{Code, Country, Currency, Hs6, HsCode, Unit};
pub use container::ContainerNumber;
pub use decimal::Decimal;
pub use document::{CanonicalDocument, Reference, Sha256, Source};
pub use documents::acknowledgement::{
    AcknowledgedGroup, AcknowledgedInterchange, AcknowledgedMessage, Acknowledgement, AcknowledgementFinding,
    AcknowledgementMessage, AcknowledgementVerdict, EnvelopeParty,
};
pub use documents::business_partner::{
    BusinessPartner, PartnerAddress, PartnerBlock, PartnerCategory, PartnerRole, TaxNumber,
};
pub use documents::classification::{ItemClassification, classified};
pub use documents::customs_declaration::{
    Amendment, Authorisation, CustomsDeclaration, CustomsDocument, CustomsWarehouse, DeclarationItem,
    DeclarationPointer, DeclarationStatement, DeclaredExchangeRate, DeclaredQuantity, Deferment, FiscalReference,
    GoodsLocation, PreviousDocument, Procedure, Regime, TariffClassification, TaxLine, TradeTerms, ValuationAdjustment,
};
pub use documents::customs_movement::{
    AccessCode, AdditionalInformation, CustomsControl, CustomsOffice, Guarantee, GuaranteeFault, GuaranteeReference,
    HouseConsignment, Incident, Invalidation, MeansOfTransport, OfficeRole, SupplyChainActor, TransportEquipment,
};
pub use documents::customs_status::{
    CustomsError, CustomsRequest, CustomsStatus, DeclarationStatus, DeclaredConsignment, StatusGoods,
};
pub use documents::document_ref::DocumentRef;
pub use documents::document_request::{
    DocumentFault, DocumentRequest, DocumentRequestType, DocumentResponse, DocumentVerdict, Endorsement,
    RequestedDocument, UploadField, UploadTarget,
};
pub use documents::document_upload::{DocumentUpload, UploadFile};
pub use documents::fulfilment::{Fulfilment, FulfilmentHold, FulfilmentLine, FulfilmentParcel, FulfilmentStatus};
pub use documents::invoice::{
    Charge, CommercialInvoice, ExchangeRate, InvoiceDocument, InvoiceLine, InvoiceNote, InvoicePeriod, InvoiceTax,
    InvoiceTotals, ItemComponent, ItemProperty, PaymentMeans, PaymentTerm, PrecedingInvoice, invoiced,
};
pub use documents::invoice_response::{InvoiceClarification, InvoiceCondition, InvoiceResponse, InvoiceStatus};
pub use documents::item::{DangerousGoods, Item, ItemName, ItemUnit};
pub use documents::landed_cost_event::{
    AllocationKey, CostBasis, CostKind, CostType, LandedCostEvent, RateType, ReplacedCost,
};
pub use documents::load_tender::{
    DangerousCargo, LoadTender, StopActivity, TenderCharge, TenderDocument, TenderEquipment, TenderGoods, TenderKind,
    TenderPurpose, TenderRemark, TenderStop, TenderTime,
};
pub use documents::load_tender_response::{LoadTenderResponse, TenderVerdict};
pub use documents::milestone::{Classifier, EventType, Milestone, MilestoneCode, Reason, Seal};
pub use documents::movement::{CustomsMovement, MovementType};
pub use documents::order::{Order, OrderLine, OrderTotals, SalesChannel};
pub use documents::packing::{PackedLine, PackedOrder, Packing};
pub use documents::screening_result::{ScreenedList, ScreeningMatch, ScreeningOutcome, ScreeningResult};
pub use documents::shipment::{
    ContentsRestriction, ContentsType, CustomsParticulars, Dimensions, Equipment, Leg, NonDelivery, Package, Shipment,
    ShipmentLine, ShipmentTime,
};
pub use documents::shipment_context::{
    Body, ContextDocument, EarlierValue, FieldConflict, FieldSource, Provenance, ShipmentContext, StatedValue,
};
pub use documents::transport_document::{
    AuthorityReference, CargoItem, ConsignmentItem, ContactPerson, DisplayedPlace, DocumentCharge, DocumentEquipment,
    DocumentLicence, DocumentParty, DocumentVoyage, IdentifyingCode, RelatedTransportDocument, TransportDocument,
    TransportDocumentStatus, TransportDocumentType,
};
pub use documents::warehouse_advice::{
    LineOutcome, StockException, WarehouseAdvice, WarehouseAdviceLine, WarehouseEvent,
};
pub use documents::warehouse_order::{OrderSplit, WarehouseOrder, WarehouseOrderLine, WarehouseTask};
pub use goods::{ItemId, Measure, Purpose, StatedTime};
pub use note::Note;
pub use party::{Address, Party, PartyId, PartyRole};
pub use place::{Incoterm, IncotermCode, Location, TransportMode, TransportRef, UnLocode};
#[cfg(feature = "schema")]
pub use schemas::schemas;
pub use text::{Cut, Invalid, Lost, Text};
pub use time::{Date, Instant, Timestamp};
pub use value::{Money, Quantity};

/// Calls a macro with all kinds, in alphabetical order: of each the name that its documents and its schema have, and
/// its struct. Code that has something for each kind takes the kinds from here.
#[macro_export]
macro_rules! kinds {
    ($with:ident) => {
        $with! {
            "acknowledgement" => Acknowledgement,
            "business-partner" => BusinessPartner,
            "commercial-invoice" => CommercialInvoice,
            "customs-declaration" => CustomsDeclaration,
            "customs-movement" => CustomsMovement,
            "customs-status" => CustomsStatus,
            "document-ref" => DocumentRef,
            "document-request" => DocumentRequest,
            "document-response" => DocumentResponse,
            "document-upload" => DocumentUpload,
            "fulfilment" => Fulfilment,
            "invoice-response" => InvoiceResponse,
            "item" => Item,
            "item-classification" => ItemClassification,
            "landed-cost-event" => LandedCostEvent,
            "load-tender" => LoadTender,
            "load-tender-response" => LoadTenderResponse,
            "milestone" => Milestone,
            "order" => Order,
            "packing" => Packing,
            "screening-result" => ScreeningResult,
            "shipment" => Shipment,
            "shipment-context" => ShipmentContext,
            "transport-document" => TransportDocument,
            "warehouse-advice" => WarehouseAdvice,
            "warehouse-order" => WarehouseOrder,
        }
    };
}

macro_rules! schema_texts {
    ($($kind:literal => $document:ident,)*) => {
        /// The kinds, in alphabetical order, each with the text of its schema.
        pub const SCHEMA_TEXTS: [(&str, &str); [$($kind),*].len()] =
            [$(($kind, include_str!(concat!("../../../wit/canonical/v1/", $kind, ".schema.json")))),*];
    };
}
kinds!(schema_texts);
