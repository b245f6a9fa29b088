//! Every problem type there is: slug, status, title, and the two paragraphs of its page.

use http::StatusCode;

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// Its stable name, and the last part of its page's path.
    pub slug: &'static str,
    /// The status of answers that carry it.
    pub status: StatusCode,
    /// Its name for people.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What the caller can do.
    pub remedy: &'static str,
}

impl ProblemType {
    /// The path of its page, which is also the `type` of its problems.
    pub fn path(&self) -> String {
        format!("/problems/{}", self.slug)
    }
}

macro_rules! catalogue {
    ($($name:ident = $status:ident, $slug:literal, $title:literal, $meaning:literal, $remedy:literal;)*) => {
        /// One constant for each problem type.
        pub mod kinds {
            use super::{ProblemType, StatusCode};
            $(
                #[doc = $meaning]
                pub const $name: ProblemType = ProblemType {
                    slug: $slug,
                    status: StatusCode::$status,
                    title: $title,
                    meaning: $meaning,
                    remedy: $remedy,
                };
            )*
        }

        /// Every problem type, in the order in which a request can meet them.
        pub const ALL: &[ProblemType] = &[$(kinds::$name),*];
    };
}

catalogue! {
    MALFORMED_REQUEST = BAD_REQUEST, "malformed-request", "The request is not well-formed HTTP",
        "The request breaks a rule of HTTP that the gateway insists on, such as one Host header, one way of framing the body and a plain path.",
        "Send the request with a standard HTTP client. The detail names the rule. The connection was closed, because where the next request starts is no longer certain.";
    HEAD_TOO_LARGE = REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", "The request's head is too large",
        "The request line and header fields together, or their number, exceed what the gateway reads.",
        "Send fewer or smaller header fields.";
    TARGET_TOO_LONG = URI_TOO_LONG, "target-too-long", "The request's target is too long",
        "The path and query are longer than any resource of this gateway.",
        "Messages are sent by POST to /v1/messages/{contract}/{version}, with the payload in the body.";
    HEAD_TOO_SLOW = REQUEST_TIMEOUT, "head-too-slow", "The request's head did not arrive in time",
        "The request line and header fields did not end before their deadline.",
        "Send the request again over a faster connection.";
    METHOD_NOT_SERVED = NOT_IMPLEMENTED, "method-not-served", "This method is not served anywhere here",
        "CONNECT and TRACE have no meaning at a gateway that forwards no raw bytes.",
        "Send messages by POST to /v1/messages/{contract}/{version}.";
    GATEWAY_BUSY = SERVICE_UNAVAILABLE, "gateway-busy", "The gateway is at its limit",
        "As many requests as the gateway takes at a time are being worked on, or as many callers as it waits for have yet to prove who they are. Nothing of this request was kept.",
        "Send it again after the seconds of Retry-After, and spread repeated attempts over time.";
    NOT_FOUND = NOT_FOUND, "not-found", "There is nothing at this path",
        "The path names no resource of the partner API.",
        "Messages are sent by POST to /v1/messages/{contract}/{version}.";
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED, "method-not-allowed", "This method does not apply here",
        "The resource exists, but not for this method.",
        "Use a method that the Allow header lists.";
    CONTRACT_UNKNOWN = NOT_FOUND, "contract-unknown", "There is no such contract",
        "No contract of this name is served, whatever its version.",
        "Check the name in the path against the onboarding documents of this gateway.";
    VERSION_UNKNOWN = NOT_FOUND, "version-unknown", "The contract has no such version",
        "The contract is known, but not in this version.",
        "Use one of the versions that the detail lists.";
    VERSION_SUNSET = GONE, "version-sunset", "This version of the contract has ended",
        "The version was taken out of service on the date that it announced in its Sunset header.",
        "Move to a later version of the contract. Nothing of this request was taken.";
    UNAUTHENTICATED = UNAUTHORIZED, "unauthenticated", "The caller did not prove who it is",
        "The request carries no credential, more than one, or one that does not hold: expired, wrongly signed, for another audience, or unknown.",
        "Send one credential of the kind that was agreed for this partner. The detail says what was wrong in words that are safe to show.";
    AUTHENTICATION_UNAVAILABLE = SERVICE_UNAVAILABLE, "authentication-unavailable", "Credentials cannot be checked right now",
        "The gateway cannot reach what it needs to check this credential, such as the issuer's key set.",
        "Send the request again after the seconds of Retry-After. The credential was neither accepted nor refused.";
    CONTRACT_NOT_PERMITTED = FORBIDDEN, "contract-not-permitted", "The partner may not use this contract",
        "The credential holds, but the partner's policy does not list this contract or this version of it.",
        "Ask the gateway's operator to add it, or use a version that was agreed.";
    RATE_LIMITED = TOO_MANY_REQUESTS, "rate-limited", "Too many requests",
        "The partner, or this contract of it, sends faster than its policy allows. RateLimit and RateLimit-Policy say how much is left.",
        "Wait the seconds of Retry-After, then go on at the rate of RateLimit-Policy.";
    PARTNER_BUSY = TOO_MANY_REQUESTS, "partner-busy", "Too many requests at the same time",
        "As many requests of this partner as its policy allows are being worked on.",
        "Wait for answers before sending more, or use fewer connections.";
    MEDIA_TYPE_UNSUPPORTED = UNSUPPORTED_MEDIA_TYPE, "media-type-unsupported", "The contract does not take this media type",
        "Content-Type is missing or is none of the contract's media types, or Content-Encoding names a coding.",
        "Send the payload in a media type that the Accept header lists, without a content coding.";
    EXPECTATION_FAILED = EXPECTATION_FAILED, "expectation-failed", "The expectation cannot be met",
        "The Expect header asks for something other than 100-continue.",
        "Leave the Expect header out.";
    BODY_TOO_LARGE = PAYLOAD_TOO_LARGE, "body-too-large", "The payload is too large",
        "The payload is larger than its contract allows, or larger than a signed payload may be whose URL does not name the partner.",
        "Send a smaller payload; the detail names the limit in bytes.";
    BODY_TOO_SLOW = REQUEST_TIMEOUT, "body-too-slow", "The payload did not arrive in time",
        "The body was slower than the minimum rate, or did not end before its deadline.",
        "Send the request again over a faster connection. Nothing of it was taken.";
    BODY_INCOMPLETE = BAD_REQUEST, "body-incomplete", "The payload ended early",
        "The body broke off, or its framing was invalid, before it was complete.",
        "Send the request again. Nothing of it was taken.";
    MALFORMED_PAYLOAD = BAD_REQUEST, "malformed-payload", "The payload is not what its media type says",
        "The payload cannot be read at all: broken JSON, a document type declaration in XML, bytes that are no text.",
        "Each finding names the place. Mend the payload, then send it again.";
    CONTRACT_VIOLATION = UNPROCESSABLE_ENTITY, "contract-violation", "The payload breaks its contract",
        "The payload is well-formed, but does not satisfy the contract's schema.",
        "Each finding carries a JSON Pointer to its place and says what the contract wants there. All of them are listed, not only the first.";
    NOT_AGREED = UNPROCESSABLE_ENTITY, "not-agreed", "The interchange is not as agreed",
        "The envelope names another sender or receiver than the agreement with this partner does, or a test came where production was agreed, or the other way round.",
        "Each finding says what differs. Mend the envelope, send under the credential that is meant, or have the agreement changed.";
    PAYLOAD_REJECTED = UNPROCESSABLE_ENTITY, "payload-rejected", "The payload cannot be taken",
        "The connector for this contract read the payload and refuses it for the reasons listed.",
        "Each finding names a line, segment or pointer. Mend the payload, then send it again.";
    PAYLOAD_TOO_MUCH = PAYLOAD_TOO_LARGE, "payload-too-much", "The payload is too much for one call",
        "The payload keeps its contract, but the connector has used up a budget of its policy on it, such as memory or processor time.",
        "Send it in several smaller messages, each with a part of what it says. The detail names the budget and how much it is. Nothing of it was taken.";
    PLUGIN_BUSY = SERVICE_UNAVAILABLE, "plugin-busy", "The connector is at its limit",
        "As many calls as the connector's policy allows are going on, and none ended in time.",
        "Send the request again after the seconds of Retry-After. Nothing of it was taken.";
    PLUGIN_QUARANTINED = SERVICE_UNAVAILABLE, "plugin-quarantined", "The connector is out of service for this partner",
        "The connector has failed too often on what this partner sent, so that it is not called for a while. Messages of other contracts would be kept until it works again; this contract is forwarded to an internal system, and nothing of it can be kept.",
        "Send the request again after the seconds of Retry-After. The operator knows of it.";
    PLUGIN_TOO_SLOW = GATEWAY_TIMEOUT, "plugin-too-slow", "The connector did not finish in time",
        "The connector used up the processor time or the clock time that its policy allows for one call.",
        "Send the request again; if it fails the same way, the operator can find it by the instance of this problem.";
    PLUGIN_MEMORY = INTERNAL_SERVER_ERROR, "plugin-memory", "The connector ran out of memory",
        "The connector needed more memory or table space than its policy allows for one call.",
        "Nothing is wrong with the request as such. The operator can find it by the instance of this problem.";
    PLUGIN_OUTPUT_TOO_LARGE = INTERNAL_SERVER_ERROR, "plugin-output-too-large", "The connector's answer was too large",
        "The connector returned more bytes or documents than its policy allows for one call.",
        "Nothing is wrong with the request as such. The operator can find it by the instance of this problem.";
    PLUGIN_LOG_FLOOD = INTERNAL_SERVER_ERROR, "plugin-log-flood", "The connector wrote too much to its log",
        "The connector exceeded the log lines or bytes that its policy allows for one call.",
        "Nothing is wrong with the request as such. The operator can find it by the instance of this problem.";
    PLUGIN_LOOKUP_REFUSED = INTERNAL_SERVER_ERROR, "plugin-lookup-refused", "The connector was refused a look-up",
        "The connector asked for a reference table that is not granted to it, or for more look-ups than its policy allows.",
        "Nothing is wrong with the request as such. The operator can find it by the instance of this problem.";
    PLUGIN_FAILED = INTERNAL_SERVER_ERROR, "plugin-failed", "The connector failed",
        "The connector stopped with a trap, a panic or an exhausted stack.",
        "Nothing is known to be wrong with the request. The operator can find it by the instance of this problem.";
    PLUGIN_OUTPUT_INVALID = INTERNAL_SERVER_ERROR, "plugin-output-invalid", "The connector's answer was not valid",
        "The connector returned something that is no valid document: broken text, broken JSON, a breach of the canonical schema, or a kind it may not emit.",
        "Nothing is wrong with the request as such. The operator can find it by the instance of this problem.";
    FORWARD_NOT_POSSIBLE = UNPROCESSABLE_ENTITY, "forward-not-possible", "The message cannot be forwarded",
        "The contract is forwarded to an internal system, which takes one document a message, and this message yields none or several.",
        "Send one business object in each message.";
    UPSTREAM_UNREACHABLE = BAD_GATEWAY, "upstream-unreachable", "The internal system could not be reached",
        "The internal system that this contract is forwarded to did not answer, or its answer was broken or too large.",
        "Send the request again later. Whether the internal system has seen it is not known.";
    UPSTREAM_TOO_SLOW = GATEWAY_TIMEOUT, "upstream-too-slow", "The internal system did not answer in time",
        "The internal system that this contract is forwarded to took longer than the gateway waits.",
        "Send the request again later. Whether the internal system has seen it is not known.";
    IDEMPOTENCY_KEY_MISSING = BAD_REQUEST, "idempotency-key-missing", "The message needs an Idempotency-Key",
        "The contract is one whose messages must not take effect twice, so each must carry a key of its own.",
        "Make a key for each message, such as a UUID, and send the same key when you repeat the same message.";
    IDEMPOTENCY_KEY_MALFORMED = BAD_REQUEST, "idempotency-key-malformed", "The Idempotency-Key cannot be read",
        "The field is neither one Structured Field String (RFC 9651) nor a plain text without quotation marks, or it is empty, too long or sent twice.",
        "Send it once, with at most 255 characters, such as a UUID. In quotation marks it may have blanks, commas and semicolons in it as well.";
    IDEMPOTENCY_KEY_IN_PROGRESS = CONFLICT, "idempotency-key-in-progress", "The first request with this key is still being worked on",
        "Two requests with one Idempotency-Key came at the same time. The first goes on; nothing of this one was taken.",
        "Wait a moment and send it again: then it gets the answer of the first.";
    IDEMPOTENCY_KEY_REUSED = UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The Idempotency-Key belongs to another request",
        "A request with this key, but another payload, media type or version, was answered before.",
        "Use a new key for a new message. Keys are remembered for some days, by default seven.";
    CONTROL_NUMBER_REUSED = UNPROCESSABLE_ENTITY, "control-number-reused", "The control number belongs to another interchange",
        "An interchange from the same sender for the same receiver had this control number, and its bytes were other ones.",
        "Give each interchange the next control number. To send one again, send the very same bytes: it gets the answer of the first.";
    INTERCHANGE_IN_PROGRESS = CONFLICT, "interchange-in-progress", "The first interchange with this control number is still being worked on",
        "Two interchanges with one control number came at the same time. The first goes on; nothing of this one was taken.",
        "Wait a moment and send it again: then it gets the answer of the first.";
    MESSAGE_ID_MALFORMED = BAD_REQUEST, "message-id-malformed", "The message's id cannot be read",
        "The header field in which the sender puts its own id of a message is empty, too long, sent twice or not of visible ASCII.",
        "Send the field once, with 1 to 255 visible ASCII characters, or leave it out.";
    WEBHOOK_ID_IN_PROGRESS = CONFLICT, "webhook-id-in-progress", "The first message with this id is still being worked on",
        "Two messages with one id came at the same time: the webhook-id that is signed, the sender's own id, or where the signature covers no id, the same body. The first goes on; nothing of this one was taken.",
        "Wait a moment and send it again, with the same id: then it gets the answer of the first.";
    WEBHOOK_ID_REUSED = UNPROCESSABLE_ENTITY, "webhook-id-reused", "The message's id belongs to another request",
        "A request had this id before (the webhook-id that is signed, the sender's own id, or where the signature covers no id, the same body), and it had another payload, media type, contract or version, or it was a read.",
        "Give each message and each read an id of its own, and repeat a message with its own id. Ids are remembered for some days, by default seven; what is known by its body alone, as long as messages are kept.";
    WEBHOOK_ID_TAKEN = CONFLICT, "webhook-id-taken", "The message's id was taken before",
        "The same request was taken under this id, and there is no answer that could be given again: it was a read, or it was passed on to an internal system that has not answered yet or whose answer was lost.",
        "Sign each read with an id of its own. Where a message was passed on, send it again a little later; if this stays, ask the receiver whether it has it, and send what is missing under a new id.";
    DRY_RUN_MALFORMED = BAD_REQUEST, "dry-run-malformed", "Portgate-Dry-Run cannot be read",
        "The field is not one boolean of structured fields (RFC 9651). The message was not taken, because it may be meant as a dry run.",
        "Send `Portgate-Dry-Run: ?1` for a dry run, and nothing or `?0` otherwise.";
    DRY_RUN_NOT_POSSIBLE = UNPROCESSABLE_ENTITY, "dry-run-not-possible", "A message that is signed so cannot be tried",
        "The field that asks for a dry run is not signed, and neither is an id. Whoever caught such a message could take the field away and have the real thing.",
        "Use a test credential, or sign in a form that has an id, such as that of Standard Webhooks.";
    TEST_NOT_POSSIBLE = UNPROCESSABLE_ENTITY, "test-not-possible", "There is no test destination for this contract",
        "The credential is one for tests, and messages of this contract go straight to an internal system of which there is none for tests.",
        "Ask the gateway's operator for a test upstream, or send a dry run.";
    DUPLICATE_SUBMISSION = CONFLICT, "duplicate-submission", "The same business object was submitted before",
        "A message with the same business key, such as a declaration's reference and revision, was taken before with another payload.",
        "Look at the exchange that Location names. To change what was submitted, send it with a new revision.";
    EXCHANGE_UNKNOWN = NOT_FOUND, "exchange-unknown", "There is no such exchange",
        "No exchange has an id that the request names. Exchanges are removed when the time for which they are kept is over, and a partner is never shown those of others.",
        "Use the address in the Location of the answer to the message, or the id in an event.";
    SHIPMENT_UNKNOWN = NOT_FOUND, "shipment-unknown", "There is no such shipment",
        "No shipment that the caller may see has this id, and no document of one carries this name. A document that nothing ties to a shipment yet is under no shipment.",
        "A partner asks again when more of the shipment's messages have come; which shipments it sees, and by names of which schemes, is settled with the gateway's operator. An operator looks for the message that brought the name with `portgate find`, and at `GET /v1/unattached` for documents that wait.";
    SHIPMENT_AMBIGUOUS = CONFLICT, "shipment-ambiguous", "Several shipments carry this name",
        "The name is of several shipments, as the number of an order is that was split.",
        "Ask for the list, which is at `/v1/shipments/{name}` for partners and at `/v1/shipments?reference=` for operators, and then for one of them by its id.";
    EXCEPTION_UNKNOWN = NOT_FOUND, "exception-unknown", "There is no such exception",
        "Nothing that waits for a person has this id, or ever had it.",
        "`portgate exception list` lists what waits, and `--state closed` what did.";
    ACT_NOT_POSSIBLE = CONFLICT, "act-not-possible", "The exception is not one that this can be done with",
        "Who acts must be of the team that has the exception, which must be open; and what waits for a second operator is confirmed by another one, while nothing else is found. The detail says what is in the way. Nothing was changed.",
        "Do what the detail says. `GET /v1/exceptions/{id}` shows the exception as it is now.";
    FILING_UNKNOWN = NOT_FOUND, "filing-unknown", "There is no such filing",
        "No filing has this local reference number now. One that was filed anew has another.",
        "`GET /v1/filings` lists those that there are, and the shipment shows its own.";
    FILING_OUTDATED = CONFLICT, "filing-outdated", "The filing is not what was looked at",
        "Since then its shipment has changed, or findings have come or gone, or it was sent. Nothing was done.",
        "Look at it again, and confirm its digest as it is now.";
    COSTS_UNKNOWN = NOT_FOUND, "costs-unknown", "Nothing is reckoned of what this shipment costs",
        "The policies say nothing of costs, or the shipment has not been put together yet.",
        "Write `costs.toml`, or ask again in a moment.";
    DELIVERY_UNKNOWN = NOT_FOUND, "delivery-unknown", "There is no such delivery",
        "No delivery has an id that the request names. Deliveries are removed with their exchange, when the time for which that is kept is over. Nothing was done.",
        "Look for it with `portgate delivery list` or `portgate find`.";
    PLUGIN_UNKNOWN = NOT_FOUND, "plugin-unknown", "There is no such plugin",
        "The gateway has loaded no plugin of this name, and none of this name was ever seen to be called.",
        "`GET /v1/plugins` lists those that there are.";
    BOM_UNKNOWN = NOT_FOUND, "bom-unknown", "The plugin does not say what it is made of",
        "The plugin's component carries no bill of materials.",
        "Build it with `portgate plugin build`, which puts one in.";
    PARTNER_UNKNOWN = NOT_FOUND, "partner-unknown", "There is no such partner",
        "The policies have no partner of this name.",
        "Partners are called as the files in partners/ are, without `.toml`.";
    EVENT_UNKNOWN = BAD_REQUEST, "event-unknown", "Last-Event-ID names no event",
        "The field is not the id of an event that this gateway has sent.",
        "Send the id of the last event that was handled, as it was received, or leave the field out.";
    OPERATOR_UNKNOWN = UNAUTHORIZED, "operator-unknown", "No operator has this key",
        "Everything under /v1/ of the operator API wants the key of an operator, and this request carries none, or one that no operator's policy knows.",
        "Send `Authorization: Bearer` with the key that `portgate operator key` made, and check that its hash stands in operators/NAME.toml.";
    OPERATOR_NOT_PERMITTED = FORBIDDEN, "operator-not-permitted", "The operator may not do this",
        "The key is an operator's, but that operator's policy does not give the permission that this request needs.",
        "Have whoever owns the policies add the permission to `may` of operators/NAME.toml, or ask an operator who has it.";
    OPERATOR_REQUEST_INVALID = UNPROCESSABLE_ENTITY, "operator-request-invalid", "The operator's request is not understood",
        "A filter or a body has a field that is not known or a value that is not one of its kind. Nothing was done, because a filter that is half understood would mean more than was meant.",
        "Correct what the findings name and send the request again.";
    CHANGE_UNKNOWN = NOT_FOUND, "change-unknown", "No such change waits",
        "No change with this digest waits for people: it was taken up, its files are gone, or something else was accepted in the meantime, and it is measured anew.",
        "Look at what waits now with `portgate approve --list`. What was approved as a change to another state has to be approved again.";
    RERUN_NOT_POSSIBLE = CONFLICT, "rerun-not-possible", "The exchange cannot be mapped again",
        "Mapping again is for accepted exchanges whose payload is kept and which today's plugin takes. The detail says what is in the way of this one. Nothing was changed.",
        "Do what the detail says. What today's plugin makes of the payload is shown by `GET /v1/exchanges/{id}/rerun`.";
    RERUN_OUTDATED = CONFLICT, "rerun-outdated", "Something else would happen than was shown",
        "Since the difference was shown another build of the plugin has come, a delivery has gone on, routes have changed, or somebody has mapped the exchange again. Nothing was changed.",
        "Look at `GET /v1/exchanges/{id}/rerun` again, and confirm what it shows now.";
    RESEND_UNCONFIRMED = CONFLICT, "resend-unconfirmed", "Other delivered ones are meant than were confirmed",
        "What is delivered is sent again only where the request says exactly which delivered ones it means: how many, and when the last of them was delivered (`confirmDelivered`). The filter means others by now: somebody has sent them again, or more was delivered. Nothing was sent.",
        "Count what the filter means with `GET /v1/deliveries/count`, look at it, and confirm what that says. A filter that means something else all the time needs an `until`.";
    PAYLOAD_REDACTED = GONE, "payload-redacted", "The payload was removed",
        "The journal keeps payloads and documents only as long as its policy says (journal.raw_days); of this exchange only its record and digests are left.",
        "Nothing brings it back here. The partner that sent it may still have it; its digest is in the exchange's record.";
    JOURNAL_UNAVAILABLE = SERVICE_UNAVAILABLE, "journal-unavailable", "Nothing can be kept right now",
        "What the gateway acknowledges it must have kept, and at the moment it can keep nothing: its disk is full or its database cannot be reached.",
        "Send the request again after the seconds of Retry-After, with the same Idempotency-Key.";
    REQUEST_TOO_SLOW = GATEWAY_TIMEOUT, "request-too-slow", "The request took too long",
        "The request did not end within the time that the gateway gives to any request.",
        "Send the request again after the seconds of Retry-After.";
    INTERNAL_ERROR = INTERNAL_SERVER_ERROR, "internal-error", "The gateway made a mistake",
        "Something in the gateway failed that should not. Other requests are not affected.",
        "Report the instance of this problem to the operator.";
}
