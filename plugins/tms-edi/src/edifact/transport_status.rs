//! The status codes of transport: UNECE Recommendation 24, revision 6, which data element 4405 refers to (and 9011 before it).

use portgate_sdk::canonical::{Classifier, EventType, MilestoneCode};

use crate::x12::status_codes;

/// The list of the status codes of transport, that of the same codes as X12 has them, and the data element of any other.
const REC_24: &str = "UNECE Rec 24";
const X12: &str = "X12 157";
const ELEMENT: &str = "UNTDID 4405";

/// What a status means.
type Meaning = (EventType, MilestoneCode, Classifier);

/// The list that a code is of, and what it means, where that is known. Some partners write codes of X12.
pub(super) fn status(code: &str) -> (&'static str, Option<Meaning>) {
    use EventType::Transport;
    if let Some(known) = recommended(code) {
        return (REC_24, Some(known));
    }
    if code == "P" {
        // Departed from a place on its way.
        return (X12, Some((Transport, MilestoneCode::Depa, Classifier::Act)));
    }
    let is_number = code.bytes().all(|byte| byte.is_ascii_digit());
    match status_codes::meaning(code).filter(|_| !is_number) {
        Some(known) => (status_codes::STATUS_LIST, Some((known.event_type, known.code, known.classifier))),
        None => (ELEMENT, None),
    }
}

/// What a code of the Recommendation means, or one of those that GS1 has beside them until they are in it. What says nothing of
/// where the goods are is noted; what a person has to look at is an exception, and the code says which.
fn recommended(code: &str) -> Option<Meaning> {
    use Classifier::{Act, Est, Pln};
    use EventType::{Customs, Equipment, Parcel, Shipment, Transport};
    use MilestoneCode::{
        Accepted, Arri, Arrived, Attempted, Cancelled, Conf, Damaged, Delayed, Delivered, Depa, Departed, Disc,
        Disposed, Drop, Exception, Held, Hold, Issu, Load, Lost, Noted, OutForDelivery, Pick, ReadyForPickup, Rece,
        Released, Rels, Returned, Returning, Rsea, Strp, Stuf, Transit,
    };
    let number = match code {
        "1E" => 1,
        "6E" => 6,
        "76E" => 53,
        "72B" => 72,
        _ => code.parse().ok()?,
    };
    let (event_type, code) = match number {
        1 | 40 | 364 => (Transport, Arri),                   // arrived; at a port, at a yard
        24 | 127 | 365 => (Transport, Depa),                 // departed
        13 => (Equipment, Pick),                             // collected
        48 | 70 | 79 | 92 | 118 | 121 => (Equipment, Load),  // loaded, ramped, stowed
        26 | 29 | 346 => (Equipment, Disc),                  // deramped, unloaded
        93 | 94 | 372 => (Equipment, Stuf),                  // stuffed, equipment loaded
        28 | 371 => (Equipment, Strp),                       // stripped, equipment emptied
        67 => (Equipment, Drop),                             // positioned
        208 => (Equipment, Rsea),                            // seals replaced
        6 => (Shipment, Conf),                               // booked
        321 => (Shipment, Rece),                             // the instruction was received
        359 | 378 => (Shipment, Issu),                       // bill of lading, delivery order
        10 | 11 | 78 | 360 | 379 => (Shipment, Rels),        // cleared by others than customs, released
        8 | 9 | 12 | 39 => (Customs, Released),              // cleared for import, for export, by customs; from bond
        17 | 116 | 128 | 228 | 229 | 232 => (Customs, Hold), // refused, awaited, inspection, inhibited, suspended
        74 | 130 | 366 => (Parcel, Accepted),                // received, of the shipper, at an interchange
        47 | 98 => (Parcel, Arrived),                        // in a packing depot, transferred in
        27 | 35 | 99 => (Parcel, Departed),                  // despatched, forwarded, transferred out
        16 | 31 | 41 | 44 | 100 | 124 | 129 | 131 | 312 | 328 | 349 | 355..=357 | 368 => (Parcel, Transit),
        113 => (Parcel, OutForDelivery),              // delivery in progress
        21 | 22 | 72 | 114 => (Parcel, Delivered),    // delivered, as instructed; received, subject to inspection
        209 => return Some((Parcel, Delivered, Pln)), // delivery is scheduled
        361 => return Some((Parcel, Delivered, Est)), // delivery is expected
        45 | 112 => (Parcel, ReadyForPickup),         // the consignee was told, may have it
        23 | 109 | 110 | 210 | 211 | 213 | 224 | 227 | 254 | 269 | 317 | 318 | 352..=354 => (Parcel, Attempted),
        20 | 25 | 101 | 105 | 206 | 212 | 266 | 270..=273 | 314 => (Parcel, Delayed),
        90 | 178..=202 | 204 | 215 | 216 | 219 | 236 | 250 | 258 | 267 | 315 | 326 | 373..=377 => (Parcel, Held),
        3 | 18 | 120 | 218 | 307 | 308 | 309 | 331 => (Parcel, Damaged), // defective, damaged, spoilt, opened, destroyed
        36 | 49 | 117 | 119 => (Parcel, Lost),                           // not found, lost, missing
        276 | 279 | 323 => (Parcel, Returning),                          // refused and on the way back
        80..=82 | 313 => (Parcel, Returned),                             // returned
        7 | 111 | 324 | 358 => (Parcel, Cancelled),                      // booking, transport or instruction ended
        69 => (Parcel, Disposed),                                        // disposed of
        // Refused, delivery claimed, parts missing, papers or seals wrong, accidents, and what could not be collected or loaded.
        30
        | 53
        | 54
        | 57
        | 59
        | 62
        | 63
        | 66
        | 73
        | 77
        | 85..=87
        | 97
        | 102
        | 104
        | 106..=108
        | 115
        | 205
        | 207
        | 220
        | 222
        | 225
        | 231
        | 233..=235
        | 238..=241
        | 243
        | 247
        | 248
        | 251
        | 253
        | 274
        | 275
        | 277
        | 278
        | 280..=288
        | 291
        | 292
        | 295
        | 297..=302
        | 319
        | 320
        | 325
        | 327
        | 329
        | 330
        | 334..=345
        | 348
        | 351 => (Parcel, Exception),
        // Work on means of transport and equipment, papers and payments that went well, and what is said of no goods.
        2
        | 4
        | 5
        | 14
        | 15
        | 19
        | 32..=34
        | 37
        | 38
        | 46
        | 50
        | 51
        | 58
        | 60
        | 61
        | 64
        | 65
        | 68
        | 71
        | 75
        | 76
        | 83
        | 84
        | 88
        | 89
        | 91
        | 95
        | 96
        | 103
        | 123
        | 125
        | 126
        | 132..=159
        | 161..=172
        | 174..=177
        | 203
        | 214
        | 242
        | 255
        | 256
        | 260
        | 265
        | 306
        | 310
        | 311
        | 316
        | 322
        | 332
        | 333
        | 347
        | 350
        | 362
        | 363
        | 367
        | 369
        | 370 => (Parcel, Noted),
        _ => return None,
    };
    Some((event_type, code, Act))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers up to the last that stand for nothing in the Recommendation.
    const NOT_GIVEN: [u16; 34] = [
        42, 43, 52, 55, 56, 122, 160, 173, 217, 221, 223, 226, 230, 237, 244, 245, 246, 249, 252, 257, 259, 261, 262,
        263, 264, 268, 289, 290, 293, 294, 296, 303, 304, 305,
    ];

    #[test]
    fn every_code_of_the_recommendation_has_a_meaning_and_no_other_number_has() {
        let known = |number: u16| recommended(&number.to_string()).is_some();
        let wrong: Vec<u16> = (0..=999)
            .filter(|number| known(*number) == (*number == 0 || *number > 379 || NOT_GIVEN.contains(number)))
            .collect();
        assert_eq!(wrong, Vec::<u16>::new());
    }

    #[test]
    fn a_code_is_of_the_list_that_has_it() {
        let act = |event_type, code| Some((event_type, code, Classifier::Act));
        assert_eq!(status("53"), (REC_24, act(EventType::Parcel, MilestoneCode::Exception)), "not collected");
        assert_eq!(status("1E"), (REC_24, act(EventType::Transport, MilestoneCode::Arri)));
        assert_eq!(status("X3"), ("X12 1650", act(EventType::Transport, MilestoneCode::Arri)));
        assert_eq!((status("Z1"), status("42")), ((ELEMENT, None), (ELEMENT, None)));
    }
}
