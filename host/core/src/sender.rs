//! Who a message is from: a partner, or a partner that tests.
//!
//! What a partner sends under a test credential is another sender's, `web-shop/test`, in everything that is kept of it: its
//! exchanges, keys, business keys, events, quarantines. So nothing of a test can be taken for the real thing or get in its
//! way, and whoever lists one lists the other only if asked. No partner's name can hold a slash.

/// Operators, as the sender of what they correct. No partner can be called so.
pub const OPERATORS: &str = "operators";
/// The gateway itself, as the sender of documents that it has made. No partner can be called so.
pub const GATEWAY: &str = "portgate";

/// What stands behind the partner's name.
const TEST: &str = "/test";

/// The partner as it tests.
pub fn testing(partner: &str) -> String {
    format!("{partner}{TEST}")
}

/// Whether this is a partner that tests.
pub fn is_test(sender: &str) -> bool {
    sender.ends_with(TEST)
}

/// Whether this is the gateway itself, for tests or not.
pub fn is_gateway(sender: &str) -> bool {
    partner(sender) == GATEWAY
}

/// The partner, whether it tests or not.
pub fn partner(sender: &str) -> &str {
    sender.strip_suffix(TEST).unwrap_or(sender)
}

/// A partner in the mode of another sender: what comes back because of a test is a test.
pub fn as_of(partner: &str, sender: &str) -> String {
    if is_test(sender) { testing(partner) } else { partner.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_that_tests_is_another_sender() {
        let test = testing("web-shop");
        assert!(is_test(&test) && !is_test("web-shop") && !is_test("test"));
        assert_eq!((partner(&test), partner("web-shop")), ("web-shop", "web-shop"));
        assert_eq!(as_of("portal", &test), testing("portal"));
        assert_eq!(as_of("portal", "web-shop"), "portal");
        assert!(is_gateway(GATEWAY) && is_gateway(&testing(GATEWAY)) && !is_gateway("portgate-2"));
    }
}
